/* Vectors of floats as wide as the instruction set has them, and lists of the columns where one is
 * below another. Vectors have the operators of numbers; a number with a vector stands for all its
 * elements. */
#ifndef RECOUP_ENGINE_KERNELS_FLOATS_H
#define RECOUP_ENGINE_KERNELS_FLOATS_H

#include "engine/kernels/compress.h"
#include "engine/kernels/lanes.h"

enum { FLOATS = 2 * LANES }; /* divides LIST_STEP */
typedef float floats __attribute__((vector_size(4 * FLOATS)));
typedef int32_t floats_ints __attribute__((vector_size(4 * FLOATS))); /* -1: true, 0: false */

static inline floats floats_load(const float *from) {
    floats value;
    memcpy(&value, from, sizeof value);
    return value;
}

/* Bit i: a[i] < b[i]. */
static inline uint32_t floats_below(floats a, floats b) {
#if defined __AVX512F__
    return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ);
#elif defined __AVX2__
    return (uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_LT_OQ));
#elif defined __SSE2__
    return (uint32_t)_mm_movemask_ps(_mm_cmplt_ps(a, b));
#else
    uint32_t mask = 0;
    for (int i = 0; i < FLOATS; i++)
        mask |= (uint32_t)(a[i] < b[i]) << i;
    return mask;
#endif
}

/* sum_k coefficient[k]·x^k by Horner's rule. */
static inline floats floats_polynomial(const float *coefficient, int n_terms, floats x) {
    floats sum = coefficient[n_terms - 1] - (floats){0};
    for (int k = n_terms - 2; k >= 0; k--)
        sum = sum * x + coefficient[k];
    return sum;
}

/* Four polynomials whose coefficients follow each other: their steps fill the gaps in each other's
 * chains. */
static inline void floats_polynomials(const float *coefficient, int n_terms, floats x,
                                      floats sum[4]) {
    const float *row[4] = {coefficient, coefficient + n_terms, coefficient + 2 * n_terms,
                           coefficient + 3 * n_terms};
    for (int j = 0; j < 4; j++)
        sum[j] = row[j][n_terms - 1] - (floats){0};
    for (int k = n_terms - 2; k >= 0; k--)
        for (int j = 0; j < 4; j++)
            sum[j] = sum[j] * x + row[j][k];
}

#endif
