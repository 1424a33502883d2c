/* Numbers in groups of eight, where lists are made from comparisons: one spelling for all
 * instruction sets (GCC's vector types), but for the step from a comparison to bits. */
#ifndef RECOUP_ENGINE_KERNELS_WALK_GROUPS_H
#define RECOUP_ENGINE_KERNELS_WALK_GROUPS_H

#include "engine/kernels/compress.h"

enum { GROUP = 8 }; /* LIST_STEP is a multiple */

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
#elif defined __SSE2__
    uint32_t mask = 0;
    for (int i = 0; i < GROUP; i += 2) {
        __m128d pair;
        memcpy(&pair, (const char *)truth + (size_t)i * sizeof(double), sizeof pair);
        mask |= (uint32_t)_mm_movemask_pd(pair) << i;
    }
    return mask;
#else
    uint32_t mask = 0;
    for (int i = 0; i < GROUP; i++)
        mask |= (uint32_t)((*truth)[i] & 1) << i;
    return mask;
#endif
}

/* The bits of the elements i, i + 1, ... that are below n. */
static inline uint32_t group_inside(int i, int n) {
    return n - i < GROUP ? (1u << (n - i)) - 1 : 0xff;
}

/* Puts the elements whose bit is set at `into`, and something into the rest of a group there. */
static inline void group_pack(double *into, const double *from, uint32_t mask) {
#ifdef __AVX512F__
    _mm512_storeu_pd(into, _mm512_maskz_compress_pd((__mmask8)mask, _mm512_loadu_pd(from)));
#else
    for (; mask; mask &= mask - 1)
        *into++ = from[__builtin_ctz(mask)];
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
    for (; mask; mask &= mask - 1) {
        int place = __builtin_ctz(mask);
        *into++ = from ? from[place] : start + place;
    }
#endif
}

#endif
