#include "random/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

/* Known answers of Philox4x32-10 from Random123's kat_vectors: all zero, all ones, and
 * the digits of pi. */
static void test_known_answers(void **state) {
    (void)state;
    /* counter 0, key 0: 6627e8d5 e169c58d bc57ac4c 9b00dbd8; purpose 0 is not a purpose of ours. */
    recoup_pair pair = recoup_random_pair(0, 0, 0, 0, (recoup_purpose)0);
    assert_true(pair.first == ((double)(0x6627e8d5e169c58dULL >> 12) + .5) * 0x1p-52);
    assert_true(pair.second == ((double)(0xbc57ac4c9b00dbd8ULL >> 12) + .5) * 0x1p-52);
    /* all ones: 408f276d 41c83b0e a20bc7c6 6d5451fd */
    pair = recoup_random_pair(UINT64_MAX, UINT32_MAX, UINT64_MAX, 0xffffff, (recoup_purpose)0xff);
    assert_true(pair.first == ((double)(0x408f276d41c83b0eULL >> 12) + .5) * 0x1p-52);
    assert_true(pair.second == ((double)(0xa20bc7c66d5451fdULL >> 12) + .5) * 0x1p-52);
    /* counter 243f6a88 85a308d3 13198a2e 03707344, key a4093822 299f31d0:
     * d16cfe09 94fdcceb 5001e420 24126ea1 */
    pair = recoup_random_pair(0x299f31d0a4093822ULL, 0x243f6a88, 0x13198a2e85a308d3ULL, 0x037073,
                              (recoup_purpose)0x44);
    assert_true(pair.first == ((double)(0xd16cfe0994fdccebULL >> 12) + .5) * 0x1p-52);
    assert_true(pair.second == ((double)(0x5001e42024126ea1ULL >> 12) + .5) * 0x1p-52);
}

/* Every part of the counter changes the value. */
static void test_keying(void **state) {
    (void)state;
    double base = recoup_random_pair(1, 2, 3, 4, RECOUP_DRAW_VISIT).first;
    assert_true(base != recoup_random_pair(2, 2, 3, 4, RECOUP_DRAW_VISIT).first);
    assert_true(base != recoup_random_pair(1, 3, 3, 4, RECOUP_DRAW_VISIT).first);
    assert_true(base != recoup_random_pair(1, 2, 4, 4, RECOUP_DRAW_VISIT).first);
    assert_true(base != recoup_random_pair(1, 2, 3 | 1ULL << 40, 4, RECOUP_DRAW_VISIT).first);
    assert_true(base != recoup_random_pair(1, 2, 3, 5, RECOUP_DRAW_VISIT).first);
    assert_true(base != recoup_random_pair(1, 2, 3, 4, RECOUP_DRAW_BOOKING).first);
}

/* Mean, variance and lag correlation of 2^16 uniforms, each within 4 of its standard errors. */
static void test_uniformity(void **state) {
    (void)state;
    enum { N = 1 << 16 };
    double sum = 0, square = 0, product = 0;
    for (uint32_t i = 0; i < N; i++) {
        recoup_pair pair = recoup_random_pair(7, i, 11, 0, RECOUP_DRAW_VISIT);
        sum += pair.first - .5;
        square += (pair.first - .5) * (pair.first - .5);
        product += (pair.first - .5) * (pair.second - .5);
    }
    assert_true(fabs(sum / N) < 4 * sqrt(1. / 12 / N));
    assert_true(fabs(square / N - 1. / 12) < 4 * sqrt(1. / 180 / N));
    assert_true(fabs(product / N) < 4 * sqrt(1. / 144 / N));
}

/* The quantile inverts the distribution function, which is summed here from the probabilities in
 * long double: P(N < k) < u <= P(N <= k), up to the rounding of the double sums. */
static void test_poisson(void **state) {
    (void)state;
    const double means[] = {1e-6, .3, 1, 7.2, 63.9, 64.1, 300, 5000, 200000};
    for (size_t i = 0; i < sizeof means / sizeof *means; i++) {
        double mean = means[i];
        for (int j = 1; j < 400; j++) {
            double u = j / 400. + 1e-5;
            unsigned k = recoup_poisson_quantile(mean, u);
            long double below = 0;
            long double log_mean = logl((long double)mean);
            unsigned lowest = mean > 1000 ? (unsigned)(mean - 12 * sqrt(mean)) : 0;
            for (unsigned m = lowest; m < k; m++)
                below += expl(m * log_mean - (long double)mean - lgammal(m + 1.0L));
            long double at = expl(k * log_mean - (long double)mean - lgammal(k + 1.0L));
            assert_true(below < (long double)u + 1e-10L);
            assert_true(below + at >= (long double)u - 1e-10L);
        }
        assert_int_equal(recoup_poisson_quantile(0, .999), 0);
    }
    /* the far ends end */
    assert_true(recoup_poisson_quantile(10, 1 - 0x1p-53) < 80);
    assert_true(recoup_poisson_quantile(1e6, 1 - 0x1p-53) < 1010000);
    assert_true(recoup_poisson_quantile(1e6, 0x1p-53) > 990000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_answers),
        cmocka_unit_test(test_keying),
        cmocka_unit_test(test_uniformity),
        cmocka_unit_test(test_poisson),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
