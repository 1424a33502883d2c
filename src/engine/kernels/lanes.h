/* Vectors of 64-bit lanes: the few operations that the compiler does not find by itself, with one
 * spelling for all instruction sets. */
#ifndef RECOUP_ENGINE_KERNELS_LANES_H
#define RECOUP_ENGINE_KERNELS_LANES_H

#include <stdint.h>
#include <string.h>

#if defined __AVX512F__
#include <immintrin.h>

enum { LANES = 8 };
typedef __m512i lanes;

static inline lanes lanes_fill(uint64_t value) {
    return _mm512_set1_epi64((long long)value);
}
/* LANES numbers of 32 bits, widened. */
static inline lanes lanes_widen(const uint32_t *from) {
    return _mm512_cvtepu32_epi64(_mm256_loadu_si256((const __m256i *)from));
}
/* The lower halves of all lanes. */
static inline void lanes_narrow(uint32_t *to, lanes a) {
    _mm256_storeu_si256((__m256i *)to, _mm512_cvtepi64_epi32(a));
}
/* 2·LANES numbers of 64 bits: a[0], b[0], a[1], b[1], ... */
static inline void lanes_zip(void *to, lanes a, lanes b) {
    const lanes lower = _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11);
    const lanes upper = _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15);
    _mm512_storeu_si512(to, _mm512_permutex2var_epi64(a, lower, b));
    _mm512_storeu_si512((uint64_t *)to + LANES, _mm512_permutex2var_epi64(a, upper, b));
}
/* 0, 1, ..., LANES - 1 */
static inline lanes lanes_number(void) {
    return _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7);
}
/* Product of the lower halves. */
static inline lanes lanes_multiply(lanes a, lanes b) {
    return _mm512_mul_epu32(a, b);
}
static inline lanes lanes_high(lanes a) { /* the upper half, moved down */
    return _mm512_srli_epi64(a, 32);
}
static inline lanes lanes_join(lanes high, lanes low) { /* of the lower halves */
    return _mm512_mask_shuffle_epi32(low, 0xaaaa, high, (_MM_PERM_ENUM)0xa0);
}

#elif defined __AVX2__
#include <immintrin.h>

enum { LANES = 4 };
typedef __m256i lanes;

static inline lanes lanes_fill(uint64_t value) {
    return _mm256_set1_epi64x((long long)value);
}
static inline lanes lanes_widen(const uint32_t *from) {
    return _mm256_cvtepu32_epi64(_mm_loadu_si128((const __m128i *)from));
}
static inline void lanes_narrow(uint32_t *to, lanes a) {
    __m256i even = _mm256_permutevar8x32_epi32(a, _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6));
    _mm_storeu_si128((__m128i *)to, _mm256_castsi256_si128(even));
}
static inline void lanes_zip(void *to, lanes a, lanes b) {
    lanes even = _mm256_unpacklo_epi64(a, b), odd = _mm256_unpackhi_epi64(a, b);
    _mm256_storeu_si256((__m256i *)to, _mm256_permute2x128_si256(even, odd, 0x20));
    _mm256_storeu_si256((__m256i *)to + 1, _mm256_permute2x128_si256(even, odd, 0x31));
}
static inline lanes lanes_number(void) {
    return _mm256_setr_epi64x(0, 1, 2, 3);
}
static inline lanes lanes_multiply(lanes a, lanes b) {
    return _mm256_mul_epu32(a, b);
}
static inline lanes lanes_high(lanes a) {
    return _mm256_srli_epi64(a, 32);
}
static inline lanes lanes_join(lanes high, lanes low) {
    return _mm256_blend_epi32(low, _mm256_shuffle_epi32(high, 0xa0), 0xaa);
}

#elif defined __SSE2__
#include <emmintrin.h>

enum { LANES = 2 };
typedef __m128i lanes;

static inline lanes lanes_fill(uint64_t value) {
    return _mm_set1_epi64x((long long)value);
}
static inline lanes lanes_widen(const uint32_t *from) {
    return _mm_unpacklo_epi32(_mm_loadl_epi64((const __m128i *)from), _mm_setzero_si128());
}
static inline void lanes_narrow(uint32_t *to, lanes a) {
    _mm_storel_epi64((__m128i *)to, _mm_shuffle_epi32(a, 0x08));
}
static inline void lanes_zip(void *to, lanes a, lanes b) {
    _mm_storeu_si128((__m128i *)to, _mm_unpacklo_epi64(a, b));
    _mm_storeu_si128((__m128i *)to + 1, _mm_unpackhi_epi64(a, b));
}
static inline lanes lanes_number(void) {
    return _mm_set_epi64x(1, 0);
}
static inline lanes lanes_multiply(lanes a, lanes b) {
    return _mm_mul_epu32(a, b);
}
static inline lanes lanes_high(lanes a) {
    return _mm_srli_epi64(a, 32);
}
static inline lanes lanes_join(lanes high, lanes low) {
    return _mm_or_si128(_mm_slli_epi64(high, 32), _mm_srli_epi64(_mm_slli_epi64(low, 32), 32));
}

#else

enum { LANES = 1 };
typedef uint64_t lanes;

static inline lanes lanes_fill(uint64_t value) {
    return value;
}
static inline lanes lanes_widen(const uint32_t *from) {
    return *from;
}
static inline void lanes_narrow(uint32_t *to, lanes a) {
    *to = (uint32_t)a;
}
static inline void lanes_zip(void *to, lanes a, lanes b) {
    uint32_t word[4] = {(uint32_t)a, (uint32_t)(a >> 32), (uint32_t)b, (uint32_t)(b >> 32)};
    memcpy(to, word, sizeof word);
}
static inline lanes lanes_number(void) {
    return 0;
}
static inline lanes lanes_multiply(lanes a, lanes b) {
    return (uint64_t)(uint32_t)a * (uint32_t)b;
}
static inline lanes lanes_high(lanes a) {
    return a >> 32;
}
static inline lanes lanes_join(lanes high, lanes low) {
    return high << 32 | (uint32_t)low;
}

#endif

#endif
