/* Variance shares of linear toys whose shares are known. */
#include "decide/sensitivity_shares.h"

#include "random/random.h"
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { N = 64 };

/* Rows of a Hadamard matrix: columns of +1 and -1 with mean 0 that are uncorrelated, exactly. */
static double walsh(int column, int i) {
    return __builtin_parity((unsigned)(column & i)) ? -1 : 1;
}

static void require(recoup_status status) {
    assert_int_equal(status, RECOUP_OK);
}

/* y = 3 a + 2 b + c + 1 d of uncorrelated features: shares 9, 4 and 1 + 1 of 15, all explained. The
 * scale of a feature does not matter, nor does one that never varies. */
static void test_uncorrelated(void **state) {
    (void)state;
    static double value[5 * N], y[N];
    static const int group[] = {0, 1, 2, 2, 1};
    static const double scale[] = {1, 1000, 1e-6, 5};
    double share[3];
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < 4; k++)
            value[k * N + i] = 7 + scale[k] * walsh(k + 1, i);
        value[4 * N + i] = 42;
        y[i] = 3 * walsh(1, i) + 2 * walsh(2, i) + walsh(3, i) + walsh(4, i);
    }
    recoup_features features = {N, 5, 3, value, group};
    require(recoup_variance_shares(&features, y, share, NULL));
    assert_true(fabs(share[0] - 9. / 15) < 1e-12);
    assert_true(fabs(share[1] - 4. / 15) < 1e-12);
    assert_true(fabs(share[2] - 2. / 15) < 1e-12);
}

/* Part of the outcome belongs to nothing: R² = 13/14 with one more column that is not among the
 * features. Each feature loses (1 - R²)/(n - k - 1) = (1/14)/61. */
static void test_unexplained(void **state) {
    (void)state;
    static double value[2 * N], y[N];
    static const int group[] = {0, 1};
    double share[2], noise = 1. / 14 / 61;
    for (int i = 0; i < N; i++) {
        value[i] = walsh(1, i);
        value[N + i] = walsh(2, i);
        y[i] = 3 * walsh(1, i) + 2 * walsh(2, i) + walsh(5, i);
    }
    recoup_features features = {N, 2, 2, value, group};
    require(recoup_variance_shares(&features, y, share, NULL));
    assert_true(fabs(share[0] - (9. / 14 - noise)) < 1e-12);
    assert_true(fabs(share[1] - (4. / 14 - noise)) < 1e-12);
}

/* Two features with the correlation r and equal slopes have equal shares whatever r is; with the
 * slopes 1 and 0 the second one, which only follows the first, has what Johnson's formula says:
 * with S = [[c, s], [s, c]], c² + s² = 1, 2 c s = r: b = (c, s), shares c⁴ + s⁴ and 2 c² s² = r²/2.
 */
static void test_correlated(void **state) {
    (void)state;
    static double value[2 * N], y[N];
    static const int group[] = {0, 1};
    double share[2];
    const double r = .6;
    for (int equal = 0; equal < 2; equal++) {
        for (int i = 0; i < N; i++) {
            value[i] = walsh(1, i);
            value[N + i] = r * walsh(1, i) + sqrt(1 - r * r) * walsh(2, i);
            y[i] = value[i] + (equal ? value[N + i] : 0);
        }
        recoup_features features = {N, 2, 2, value, group};
        require(recoup_variance_shares(&features, y, share, NULL));
        assert_true(fabs(share[0] - (equal ? .5 : 1 - r * r / 2)) < 1e-9);
        assert_true(fabs(share[1] - (equal ? .5 : r * r / 2)) < 1e-9);
    }
}

/* The same feature twice is no trouble, and counts once in sum. */
static void test_collinear(void **state) {
    (void)state;
    static double value[3 * N], y[N];
    static const int group[] = {0, 0, 1};
    double share[2];
    for (int i = 0; i < N; i++) {
        value[i] = walsh(1, i);
        value[N + i] = -2 * walsh(1, i);
        value[2 * N + i] = walsh(2, i);
        y[i] = walsh(1, i) + walsh(2, i);
    }
    recoup_features features = {N, 3, 2, value, group};
    require(recoup_variance_shares(&features, y, share, NULL));
    assert_true(fabs(share[0] - .5) < 1e-9 && fabs(share[1] - .5) < 1e-9);
}

/* Features that have nothing to do with the outcome: over 400 repetitions the share of each group,
 * less what chance gives it, has mean 0 before it is cut at 0. Its cut mean is below E max(0, x),
 * x with the standard deviation s of r² - 1/(n - 1) of one feature, which is sqrt(2)/(n - 1) within
 * a few per cent: at most s / 2 (the mean of the positive part is at most half the mean absolute
 * deviation). Without what is taken off it would be 1/(n - 1) = 1.41 times as much. */
static void test_noise(void **state) {
    (void)state;
    enum { REPEATS = 400, FEATURES = 10 };
    static double value[FEATURES * N], y[N];
    static const int group[FEATURES] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    double share[FEATURES], sum = 0;
    for (int repeat = 0; repeat < REPEATS; repeat++) {
        for (int i = 0; i < FEATURES * N + N; i++) {
            double u =
                recoup_random_pair((uint64_t)repeat, 0, 1, (uint32_t)i, RECOUP_DRAW_PARAMETER)
                    .first;
            *(i < N ? &y[i] : &value[i - N]) = gsl_cdf_ugaussian_Pinv(u);
        }
        recoup_features features = {N, FEATURES, FEATURES, value, group};
        require(recoup_variance_shares(&features, y, share, NULL));
        for (int g = 0; g < FEATURES; g++)
            sum += share[g] / REPEATS / FEATURES;
    }
    double s = sqrt(2) / (N - 1);
    assert_true(sum < s / 2 + 4 * s / sqrt(REPEATS * FEATURES));
}

static void test_nothing_to_share(void **state) {
    (void)state;
    static double value[3 * N], y[N];
    static const int group[] = {0, 1, 2};
    double share[3];
    for (int i = 0; i < 3 * N; i++)
        value[i] = i % 7;
    recoup_features features = {N, 3, 3, value, group};
    require(recoup_variance_shares(&features, y, share, NULL)); /* y is 0 throughout */
    assert_true(isnan(share[0]) && isnan(share[2]));
    features.n = 4; /* fewer than two more than features */
    for (int i = 0; i < 4; i++)
        y[i] = i;
    require(recoup_variance_shares(&features, y, share, NULL));
    assert_true(isnan(share[0]) && isnan(share[2]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_uncorrelated), cmocka_unit_test(test_unexplained),
        cmocka_unit_test(test_correlated),   cmocka_unit_test(test_collinear),
        cmocka_unit_test(test_noise),        cmocka_unit_test(test_nothing_to_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
