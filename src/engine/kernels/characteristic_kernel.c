/* Loops over frequencies (engine/characteristic_kernels.h). */
#include "engine/characteristic_kernels.h"

#include "engine/kernels/vector_double.h"
#include <stdbool.h>
#include <string.h>

enum { BLOCK = RECOUP_FACTORS_BLOCK, TERMS = RECOUP_REVISION_TERMS };

/* --- the revision ----------------------------------------------------------------------------- */

/* Where s is in the tables: octave, and twice the place in [-1, 1]. */
static inline void locate(const recoup_revision *revision, const double *s, int64_t *octave,
                          double *x) {
    double low = revision->lowest, high = 0.75 * revision->highest; /* within the last octave */
    int64_t first = 1023 + revision->first_octave;
    for (int j = 0; j < BLOCK; j++) {
        double within = s[j] >= low ? s[j] : low;
        within = s[j] < revision->highest ? within : high;
        uint64_t bits = vector_bits(within);
        octave[j] = (int64_t)(bits >> 52) - first;
        double mantissa = vector_from_bits((bits & 0xfffffffffffffULL) | 0x3ff0000000000000ULL);
        x[j] = 4 * mantissa - 6;
    }
}

/* Clenshaw's sums of one octave. */
static inline void sum_series(const double *re, const double *im, const double *x, double *a,
                              double *b) {
    for (int j = 0; j < BLOCK; j++) {
        double a1 = 0, a2 = 0, b1 = 0, b2 = 0;
#pragma GCC unroll 16
        for (int k = TERMS - 1; k > 0; k--) {
            double a0 = re[k] + x[j] * a1 - a2, b0 = im[k] + x[j] * b1 - b2;
            a2 = a1;
            a1 = a0;
            b2 = b1;
            b1 = b0;
        }
        a[j] = re[0] + 0.5 * x[j] * a1 - a2;
        b[j] = im[0] + 0.5 * x[j] * b1 - b2;
    }
}

/* Log of phi: the series of each octave that occurs, or the cumulants' for small s. */
static inline void find_logs(const recoup_revision *revision, const double *s, double *re,
                             double *im) {
    double x[BLOCK], a[BLOCK], b[BLOCK];
    int64_t octave[BLOCK];
    locate(revision, s, octave, x);
    int64_t low = octave[0], high = octave[BLOCK - 1]; /* frequencies increase */
    for (int64_t o = low; o <= high; o++) {
        sum_series(revision->re[o], revision->im[o], x, a, b);
        for (int j = 0; j < BLOCK; j++) {
            re[j] = octave[j] == o ? a[j] : re[j];
            im[j] = octave[j] == o ? b[j] : im[j];
        }
    }
    for (int j = 0; j < BLOCK; j++) {
        double q = s[j] * s[j];
        double small = q * (q * revision->kurtosis / 24 - 0.5 * revision->variance);
        double turn = s[j] - revision->skew * s[j] * q / 6;
        bool below = s[j] < revision->lowest, beyond = s[j] >= revision->highest;
        re[j] = below ? small : re[j];
        im[j] = below ? turn : im[j];
        re[j] = beyond ? -1000 : re[j];
        im[j] = beyond ? 0 : im[j];
    }
}

static inline void fill_block(const recoup_revision *revision, double factor,
                              const double *frequency, double *re, double *im) {
    double s[BLOCK], a[BLOCK], b[BLOCK];
    for (int j = 0; j < BLOCK; j++) {
        s[j] = b[j] = factor * frequency[j];
        a[j] = 1;
    }
    if (revision->sigma > 0) {
        find_logs(revision, s, a, b);
        for (int j = 0; j < BLOCK; j++)
            a[j] = vector_exp(a[j]);
    }
    for (int j = 0; j < BLOCK; j++) {
        double sine, cosine;
        recoup_turn(b[j], &cosine, &sine);
        re[j] = a[j] * cosine - 1;
        im[j] = a[j] * sine;
    }
}

void RECOUP_KERNEL(recoup_fill)(const recoup_revision *revision, double factor,
                                const double *frequency, int n, double *re, double *im) {
    int first = 0;
    for (; first + BLOCK <= n; first += BLOCK)
        fill_block(revision, factor, frequency + first, re + first, im + first);
    if (first == n)
        return;
    double last[BLOCK], a[BLOCK], b[BLOCK];
    for (int j = 0; j < BLOCK; j++)
        last[j] = frequency[first + j < n ? first + j : n - 1];
    fill_block(revision, factor, last, a, b);
    memcpy(re + first, a, (size_t)(n - first) * sizeof *re);
    memcpy(im + first, b, (size_t)(n - first) * sizeof *im);
}

/* --- products and sums ------------------------------------------------------------------------ */

/* BLOCK frequencies, all deals. */
static inline void multiply_block(const recoup_factors *of, size_t start, double *re, double *im) {
    double r[BLOCK], q[BLOCK];
    memcpy(r, re, sizeof r);
    memcpy(q, im, sizeof q);
    for (size_t deal = 0; deal < of->n_deals; deal++) {
        double u[BLOCK] = {0}, v[BLOCK] = {0};
        for (size_t o = of->first[deal]; o < of->first[deal + 1]; o++) {
            const double *a = of->re + o * of->stride + start, *b = of->im + o * of->stride + start;
            double p = of->p[o];
            for (int j = 0; j < BLOCK; j++) {
                u[j] += p * a[j];
                v[j] += p * b[j];
            }
        }
        for (int j = 0; j < BLOCK; j++) {
            double old = r[j];
            u[j] += 1;
            r[j] = old * u[j] - q[j] * v[j];
            q[j] = old * v[j] + q[j] * u[j];
        }
    }
    memcpy(re, r, sizeof r);
    memcpy(im, q, sizeof q);
}

void RECOUP_KERNEL(recoup_multiply)(const recoup_factors *of, size_t n, double *re, double *im) {
    size_t start = 0;
    for (; start + BLOCK <= n; start += BLOCK)
        multiply_block(of, start, re + start, im + start);
    if (start == n)
        return;
    double r[BLOCK] = {0}, q[BLOCK] = {0};
    memcpy(r, re + start, (n - start) * sizeof *re);
    memcpy(q, im + start, (n - start) * sizeof *im);
    multiply_block(of, start, r, q);
    memcpy(re + start, r, (n - start) * sizeof *re);
    memcpy(im + start, q, (n - start) * sizeof *im);
}

void RECOUP_KERNEL(recoup_exponential)(size_t n, double *restrict re, double *restrict im) {
    for (size_t k = 0; k < n; k++) {
        double sine, cosine, size = vector_exp(re[k]);
        recoup_turn(im[k], &cosine, &sine);
        re[k] = size * cosine;
        im[k] = size * sine;
    }
}

void RECOUP_KERNEL(recoup_polynomials)(size_t n, int n_terms, const double *restrict coefficient,
                                       double x, double *restrict value) {
    memset(value, 0, n * sizeof *value);
    for (int k = n_terms - 1; k >= 0; k--) {
        const double *restrict at = coefficient + (size_t)k * n;
        for (size_t i = 0; i < n; i++)
            value[i] = value[i] * x + at[i];
    }
    for (size_t i = 0; i < n; i++)
        value[i] = value[i] < 0 ? 0 : value[i];
}

/* A constant number of columns, which stay in registers. */
#define ADD_COLUMNS(name, type, columns)                                                           \
    static inline void name(size_t count, size_t stride, const double *restrict weight,            \
                            const type *restrict row, double *restrict sum) {                      \
        double total[columns];                                                                     \
        memcpy(total, sum, sizeof total);                                                          \
        for (size_t i = 0; i < count; i++)                                                         \
            for (int k = 0; k < (columns); k++)                                                    \
                total[k] += weight[i] * (double)row[i * stride + (size_t)k];                       \
        memcpy(sum, total, sizeof total);                                                          \
    }

#define ADD_ROWS(name, type)                                                                       \
    ADD_COLUMNS(name##_32, type, 32)                                                               \
    ADD_COLUMNS(name##_8, type, 8)                                                                 \
    ADD_COLUMNS(name##_1, type, 1)                                                                 \
    void RECOUP_KERNEL(recoup_##name)(size_t n, size_t count, size_t stride, const double *weight, \
                                      const type *row, double *sum) {                              \
        size_t k = 0;                                                                              \
        for (; k + 32 <= n; k += 32)                                                               \
            name##_32(count, stride, weight, row + k, sum + k);                                    \
        for (; k + 8 <= n; k += 8)                                                                 \
            name##_8(count, stride, weight, row + k, sum + k);                                     \
        for (; k < n; k++)                                                                         \
            name##_1(count, stride, weight, row + k, sum + k);                                     \
    }

ADD_ROWS(add_rows, double)
ADD_ROWS(add_floats, float)
