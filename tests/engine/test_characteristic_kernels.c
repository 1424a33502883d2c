/* The kernels of characteristic functions, against plain arithmetic and one another. */
#include "../world.h"

#include "engine/characteristic.h"
#include "engine/characteristic_kernels.h"
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

/* phi of the revision against its integral with very small steps. */
static void test_revision(void **state) {
    (void)state;
    const recoup_characteristic_kernels *best =
        &recoup_characteristic_kernels_for[recoup_isa_find(NULL)];
    const double sigmas[] = {0.02, 0.15, 0.6};
    for (int i = 0; i < 3; i++) {
        recoup_revision revision;
        double sigma = sigmas[i];
        recoup_revision_init(&revision, sigma);
        for (double s = 1e-4; s < 12 / sigma; s *= 1.3) {
            double re = -1, im = 0, a, b, one = 1;
            for (int j = -20000; j <= 20000; j++) {
                double z = j * 9. / 20000, weight = gsl_ran_ugaussian_pdf(z) * 9 / 20000;
                double angle = s * exp(sigma * z - sigma * sigma / 2);
                re += weight * cos(angle);
                im += weight * sin(angle);
            }
            best->fill(&revision, s, &one, 1, &a, &b);
            assert_true(hypot(a - re, b - im) < 1e-9);
        }
    }
}

/* --- kernels ---------------------------------------------------------------------------------- */

enum { FREQUENCIES = 77, FACTORS = 5, STRIDE = 80, TABLES = 6 };

/* Whatever the kernels compute from the same random numbers. */
static void run_kernels(const recoup_characteristic_kernels *kernels, double sigma,
                        double result[TABLES][FREQUENCIES]) {
    static double re[FACTORS * STRIDE], im[FACTORS * STRIDE], p[FACTORS], frequency[FREQUENCIES];
    static float row[FACTORS * STRIDE];
    const size_t first[] = {0, 1, 4, 5};
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    recoup_revision revision;
    recoup_revision_init(&revision, sigma);
    memset(result, 0, sizeof(double[TABLES][FREQUENCIES]));
    for (int i = 0; i < FACTORS * STRIDE; i++)
        row[i] = (float)gsl_rng_uniform(rng);
    for (int k = 0; k < FREQUENCIES; k++)
        frequency[k] = 1e-6 * (k + 0.5);
    for (int o = 0; o < FACTORS; o++) {
        p[o] = 0.2 * gsl_rng_uniform(rng);
        kernels->fill(&revision, exp(10 + 1.5 * o), frequency, FREQUENCIES, re + o * STRIDE,
                      im + o * STRIDE);
        for (int k = FREQUENCIES; k < STRIDE; k++)
            re[o * STRIDE + k] = im[o * STRIDE + k] = 0;
    }
    recoup_factors factors = {
        .n_deals = 3, .first = first, .p = p, .re = re, .im = im, .stride = STRIDE};
    for (int k = 0; k < FREQUENCIES; k++) {
        result[0][k] = -gsl_rng_uniform(rng);
        result[1][k] = 100 * gsl_rng_uniform(rng);
    }
    kernels->exponential(FREQUENCIES, result[0], result[1]);
    kernels->multiply(&factors, FREQUENCIES, result[0], result[1]);
    kernels->add_rows(FREQUENCIES, FACTORS, STRIDE, p, re, result[2]);
    kernels->add_floats(FREQUENCIES, FACTORS, STRIDE, p, row, result[3]);
    kernels->polynomials(FREQUENCIES, FACTORS, im, 0.7, result[4]);
    memcpy(result[5], im + (FACTORS - 1) * STRIDE, sizeof result[5]);
    gsl_rng_free(rng);
}

/* All instruction sets give the same bits; the plainest against complex arithmetic. */
static void test_kernels(void **state) {
    (void)state;
    static double plain[TABLES][FREQUENCIES], other[TABLES][FREQUENCIES];
    const recoup_characteristic_kernels *kernels =
        &recoup_characteristic_kernels_for[RECOUP_ISA_PORTABLE];
    for (int s = 0; s < 3; s++) {
        run_kernels(kernels, 0.3 * s, plain);
        for (recoup_isa isa = 0; isa < RECOUP_N_ISAS; isa = recoup_isa_next(isa)) {
            run_kernels(&recoup_characteristic_kernels_for[isa], 0.3 * s, other);
            assert_memory_equal(plain, other, sizeof plain);
        }
    }
    const double a[5 * 16] = {[0] = -0.5, [16] = 0.25, [32] = -1, [48] = 0.125, [64] = 2};
    const double b[5 * 16] = {[0] = 1, [16] = -0.5, [32] = 0.75, [48] = 0, [64] = -3};
    const double p[] = {0.5, 0.25, 0.5, 0.125, 0.25}, x = 0.5;
    const size_t first[] = {0, 1, 5};
    const recoup_factors factors = {
        .n_deals = 2, .first = first, .p = p, .re = a, .im = b, .stride = 16};
    double re = 1, im = -2, value = 0, rows = 1;
    kernels->multiply(&factors, 1, &re, &im);
    /* (1 - 2i)·(0.75 + 0.5i)·(1.078125 - 0.5i), from p·(a + ib): -1/4 + i/2; 0.0625 - 0.125i,
     * -0.5 + 0.375i, 0.015625, 0.5 - 0.75i */
    assert_true(fabs(re - (1.75 * 1.078125 - 1.0 * 0.5)) < 1e-14);
    assert_true(fabs(im - (-1.0 * 1.078125 - 1.75 * 0.5)) < 1e-14);
    kernels->polynomials(1, 5, p, x, &value);
    assert_true(value == 0.5 + x * (0.25 + x * (0.5 + x * (0.125 + x * 0.25))));
    kernels->add_rows(1, 5, 16, p, a, &rows);
    assert_true(rows == 1 - 0.25 + 0.0625 - 0.5 + 0.015625 + 0.5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_revision),
        cmocka_unit_test(test_kernels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
