/* The loops over frequencies, compiled once per instruction set (cmake/RecoupKernels.cmake). Each
 * element is computed by the same additions and multiplications in the same order: all variants
 * give the same bits. */
#ifndef RECOUP_ENGINE_CHARACTERISTIC_KERNELS_H
#define RECOUP_ENGINE_CHARACTERISTIC_KERNELS_H

#include "base/isa.h"
#include "base/kernel_name.h"
#include "engine/characteristic_revision.h"
#include <stddef.h>

/* re + i·im [n]: phi(factor·frequency[k]) - 1 of the revision, all numbers not negative. */
typedef void recoup_fill_function(const recoup_revision *revision, double factor,
                                  const double *frequency, int n, double *re, double *im);
/* Factors of deals: 1 + sum over their bookings o of p[o]·(re + i·im)[o * stride + k]. */
typedef struct recoup_factors {
    size_t n_deals;
    const size_t *first; /* [deal], one more at the end: bookings */
    const double *p, *re, *im;
    size_t stride; /* a multiple of RECOUP_FACTORS_BLOCK: what is read goes to the next one of n */
} recoup_factors;
enum { RECOUP_FACTORS_BLOCK = 16 };

/* Multiplies re + i·im [n] by all of them, deal after deal. */
typedef void recoup_multiply_function(const recoup_factors *factors, size_t n, double *re,
                                      double *im);
/* value[i], i < n: sum over k < n_terms of coefficient[k * n + i]·x^k, at least 0. */
typedef void recoup_polynomials_function(size_t n, int n_terms, const double *coefficient, double x,
                                         double *value);
/* re + i·im [n] becomes its exponential. */
typedef void recoup_exponential_function(size_t n, double *re, double *im);
/* sum[k] += weight[0]·row[k] + weight[1]·row[stride + k] + ... (count of them), k < n. */
typedef void recoup_add_rows_function(size_t n, size_t count, size_t stride, const double *weight,
                                      const double *row, double *sum);
typedef void recoup_add_floats_function(size_t n, size_t count, size_t stride, const double *weight,
                                        const float *row, double *sum);

typedef struct recoup_characteristic_kernels {
    recoup_fill_function *fill;
    recoup_multiply_function *multiply;
    recoup_polynomials_function *polynomials;
    recoup_exponential_function *exponential;
    recoup_add_rows_function *add_rows;
    recoup_add_floats_function *add_floats;
} recoup_characteristic_kernels;

/* For those that recoup_isa_supported says yes to. */
extern const recoup_characteristic_kernels recoup_characteristic_kernels_for[RECOUP_N_ISAS];

#define RECOUP_CHARACTERISTIC_DECLARE(isa, name)                                                   \
    recoup_fill_function recoup_fill_##name;                                                       \
    recoup_multiply_function recoup_multiply_##name;                                               \
    recoup_polynomials_function recoup_polynomials_##name;                                         \
    recoup_exponential_function recoup_exponential_##name;                                         \
    recoup_add_rows_function recoup_add_rows_##name;                                               \
    recoup_add_floats_function recoup_add_floats_##name;

RECOUP_ISA_LIST(RECOUP_CHARACTERISTIC_DECLARE)

#endif
