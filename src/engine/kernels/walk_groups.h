/* Numbers in groups as wide as the processor's vectors, where lists are made from comparisons: one
 * spelling for all instruction sets (GCC's vector types), but for what the compiler does not find.
 */
#ifndef RECOUP_ENGINE_KERNELS_WALK_GROUPS_H
#define RECOUP_ENGINE_KERNELS_WALK_GROUPS_H

#include "engine/kernels/compress.h"
#if defined __AVX2__
#include <immintrin.h>
#endif

#if defined __AVX512F__
enum { GROUP = 8 };
#elif defined __AVX2__
enum { GROUP = 4 };
#else
enum { GROUP = 2 };
#endif
_Static_assert(LIST_STEP % GROUP == 0, "lists are padded to whole groups");

typedef double group __attribute__((vector_size(GROUP * sizeof(double))));
typedef int64_t group_truth __attribute__((vector_size(GROUP * sizeof(double)))); /* 0 or -1 */

static inline void group_load(group *to, const double *from) {
    memcpy(to, from, sizeof *to);
}

/* Bit i: truth of element i. */
static inline uint32_t group_mask(const group_truth *truth) {
#if defined __AVX512F__
    __m512i all;
    memcpy(&all, truth, sizeof all);
    return _mm512_movepi64_mask(all);
#elif defined __AVX2__
    __m256d all;
    memcpy(&all, truth, sizeof all);
    return (uint32_t)_mm256_movemask_pd(all);
#elif defined __SSE2__
    __m128d all;
    memcpy(&all, truth, sizeof all);
    return (uint32_t)_mm_movemask_pd(all);
#else
    uint32_t mask = 0;
    for (int i = 0; i < GROUP; i++)
        mask |= (uint32_t)((*truth)[i] & 1) << i;
    return mask;
#endif
}

/* The bits of the elements i, i + 1, ... that are below n. */
static inline uint32_t group_inside(int i, int n) {
    return n - i < GROUP ? (1u << (n - i)) - 1 : (1u << GROUP) - 1;
}

/* Puts the elements whose bit is set at `into`, and something into the rest of a group there. */
static inline void group_pack(double *into, const double *from, uint32_t mask) {
#ifdef __AVX512F__
    _mm512_storeu_pd(into, _mm512_maskz_compress_pd((__mmask8)mask, _mm512_loadu_pd(from)));
#else
    for (int i = 0; i < GROUP; i++) { /* without branches: bits cannot be foretold */
        *into = from[i];
        into += mask >> i & 1;
    }
#endif
}

/* The same; from NULL: the numbers start, start + 1, ... */
static inline void group_pack_lanes(int32_t *into, const int32_t *from, int start, uint32_t mask) {
#ifdef __AVX512F__
    const __m256i numbers = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    __m256i value = from ? _mm256_loadu_si256((const __m256i *)from)
                         : _mm256_add_epi32(numbers, _mm256_set1_epi32(start));
    _mm256_storeu_si256((__m256i *)into, _mm256_maskz_compress_epi32((__mmask8)mask, value));
#else
    for (int i = 0; i < GROUP; i++) {
        *into = from ? from[i] : start + i;
        into += mask >> i & 1;
    }
#endif
}

#endif
