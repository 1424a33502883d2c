/* Families against SciPy (tests/oracle/dist_scipy.csv), against each other and against
 * differences. */
#include "dist/dist.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* |a - b| relative to b, or absolute where b is below `floor`. */
static double error_of(double a, double b, double floor) {
    if (a == b)
        return 0;
    double scale = fabs(b) > floor ? fabs(b) : floor;
    double error = fabs(a - b) / scale;
    return isnan(error) ? INFINITY : error;
}

static recoup_dist law(recoup_family family, double mu, double shape1, double shape2) {
    return (recoup_dist){.family = family, .mu = mu, .shape = {shape1, shape2}};
}

static bool near(const char *what, const recoup_dist *dist, double t, double got, double expected,
                 double tolerance, double floor) {
    double error = error_of(got, expected, floor);
    if (error <= tolerance)
        return true;
    print_message("%s of %s mu %g shape %g %g at %g: %.17g, expected %.17g (error %.2g)\n", what,
                  recoup_family_name(dist->family), dist->mu, dist->shape[0], dist->shape[1], t,
                  got, expected, error);
    return false;
}

/* Tolerance 1e-10: SciPy's own gamma functions lose up to 1e-11 at shape 4000. */
static void scipy_agrees(void **state) {
    (void)state;
    FILE *file = fopen(SOURCE_DIR "/tests/oracle/dist_scipy.csv", "r");
    assert_non_null(file);
    char line[512], name[32];
    assert_non_null(fgets(line, sizeof line, file));
    int n = 0;
    bool good = true;
    while (fgets(line, sizeof line, file)) {
        double mu, s1, s2, t, log_density, log_survival, cdf, mean;
        assert_int_equal(sscanf(line, "%31[^,],%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf", name, &mu, &s1,
                                &s2, &t, &log_density, &log_survival, &cdf, &mean),
                         9);
        int family = recoup_family_find(name);
        assert_true(family >= 0);
        recoup_dist dist = law((recoup_family)family, mu, s1, s2);
        assert_true(recoup_dist_valid(&dist));
        const double tolerance = 1e-10;
        good &= near("log density", &dist, t, recoup_dist_log_density(&dist, t), log_density,
                     tolerance, 1);
        good &= near("log survival", &dist, t, recoup_dist_log_survival(&dist, t), log_survival,
                     tolerance, 0);
        good &= near("cdf", &dist, t, recoup_dist_cdf(&dist, t), cdf, tolerance, 0);
        good &= near("mean", &dist, t, recoup_dist_mean(&dist), mean, tolerance, 0);
        n++;
    }
    fclose(file);
    assert_true(n > 400);
    assert_true(good);
}

static const recoup_dist laws[] = {
    {RECOUP_EXPONENTIAL, 2, {0}},
    {RECOUP_WEIBULL, 3, {.4}},
    {RECOUP_WEIBULL, 3, {4}},
    {RECOUP_GAMMA, 1, {.3}},
    {RECOUP_GAMMA, 1, {1}},
    {RECOUP_GAMMA, 1, {12}},
    {RECOUP_GAMMA, 1, {3e5}},
    {RECOUP_LOGNORMAL, 3.7, {.2}},
    {RECOUP_LOGNORMAL, 3.7, {1.5}},
    {RECOUP_LOGLOGISTIC, 3, {.6}},
    {RECOUP_LOGLOGISTIC, 3, {5}},
    {RECOUP_GENGAMMA, 3, {.8, .5}},
    {RECOUP_GENGAMMA, 3, {.8, -1.5}},
    {RECOUP_GENGAMMA, 3, {.8, 1e-3}},
    {RECOUP_GENGAMMA, 3, {.8, -2e-4}},
    {RECOUP_GENGAMMA, 3, {.8, 0}},
};
enum { N_LAWS = sizeof laws / sizeof *laws };
static const double levels[] = {1e-9, 1e-3, .02, .2, .5, .6, .9, .999, 1 - 1e-9};
enum { N_LEVELS = sizeof levels / sizeof *levels };

/* S + F = 1, and the quantile is the inverse of F: two functions written apart. Tolerance: t
 * carries 1e-15 relative, which the steepest law (shape 3e5) stretches by 1e3. */
static void quantile_inverts(void **state) {
    (void)state;
    bool good = true;
    for (int i = 0; i < N_LAWS; i++) {
        for (int j = 0; j < N_LEVELS; j++) {
            double p = levels[j], t = recoup_dist_quantile(&laws[i], p);
            double f = recoup_dist_cdf(&laws[i], t), s = recoup_dist_survival(&laws[i], t);
            good &= near("F + S", &laws[i], t, f + s, 1, 1e-12, 0);
            good &= near("F(quantile)", &laws[i], p, f, p, 1e-11, 0);
        }
        assert_true(recoup_dist_quantile(&laws[i], 0) == 0);
        assert_true(isinf(recoup_dist_quantile(&laws[i], 1)));
        good &= near("median", &laws[i], .5, recoup_dist_median(&laws[i]),
                     recoup_dist_quantile(&laws[i], .5), 0, 0);
    }
    assert_true(good);
}

/* S(t) = S(a)·(1 - p) for a down to S(a) = e^-650 and beyond: the log survival of the answer. */
static void quantile_above_inverts(void **state) {
    (void)state;
    bool good = true;
    for (int i = 0; i < N_LAWS; i++) {
        double median = recoup_dist_median(&laws[i]);
        for (double a = median / 64; a < 1e8 * median; a *= 1.9) {
            double level = recoup_dist_log_survival(&laws[i], a);
            if (level < -5000)
                break;
            for (int j = 0; j < N_LEVELS; j++) {
                double p = levels[j], t = recoup_dist_quantile_above(&laws[i], a, p);
                assert_true(t >= a && isfinite(t));
                double got = recoup_dist_log_survival(&laws[i], t);
                good &=
                    near("log S(quantile above)", &laws[i], a, got, level + log1p(-p), 1e-10, 1e-3);
            }
            assert_true(recoup_dist_quantile_above(&laws[i], a, 0) == a);
            assert_true(isinf(recoup_dist_quantile_above(&laws[i], a, 1)));
        }
    }
    assert_true(good);
}

/* Closed forms: memorylessness, gamma 1 = Weibull 1 = exponential, the special gengammas. */
static void families_meet(void **state) {
    (void)state;
    bool good = true;
    recoup_dist e = law(RECOUP_EXPONENTIAL, 3, 0, 0);
    for (double a = .1; a < 1e4; a *= 7) {
        double t = recoup_dist_quantile_above(&e, a, .7);
        good &= near("memoryless", &e, a, t - a, exp(3) * -log(.3), 1e-11, 0);
    }
    const recoup_dist pairs[][2] = {
        {{RECOUP_GAMMA, 3, {1}}, {RECOUP_EXPONENTIAL, 3, {0}}},
        {{RECOUP_WEIBULL, 3, {1}}, {RECOUP_EXPONENTIAL, 3, {0}}},
        {{RECOUP_GENGAMMA, 3, {.5, 1}}, {RECOUP_WEIBULL, 3, {2}}},
        {{RECOUP_GENGAMMA, 3, {.5, .5}}, {RECOUP_GAMMA, 3 - log(4), {4}}},
        {{RECOUP_GENGAMMA, 3, {.5, 1e-12}}, {RECOUP_LOGNORMAL, 3, {.5}}},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        for (double t = 1; t < 300; t *= 1.7) {
            const recoup_dist *a = &pairs[i][0], *b = &pairs[i][1];
            good &= near("log f", a, t, recoup_dist_log_density(a, t),
                         recoup_dist_log_density(b, t), 1e-11, 1);
            good &= near("log S", a, t, recoup_dist_log_survival(a, t),
                         recoup_dist_log_survival(b, t), 1e-11, 1e-3);
            good &= near("F", a, t, recoup_dist_cdf(a, t), recoup_dist_cdf(b, t), 1e-11, 0);
        }
    assert_true(good);
}

static void never_ends(void **state) {
    (void)state;
    recoup_dist never = law(RECOUP_NEVER, 0, 0, 0);
    assert_true(recoup_dist_valid(&never));
    assert_true(recoup_dist_log_survival(&never, 1e9) == 0 && recoup_dist_cdf(&never, 1e9) == 0);
    assert_true(isinf(recoup_dist_quantile_above(&never, 5, 0)));
    assert_true(recoup_dist_log_density(&never, 5) == -INFINITY);
    assert_true(isinf(recoup_dist_mean(&never)));
    double gradient = 1;
    recoup_dist_log_survival_gradient(&never, 5, &gradient);
    assert_true(gradient == 0);
}

/* One parameter of theta = (mu, log shape1, shape2) moved by h. */
static recoup_dist moved(const recoup_dist *dist, int parameter, double h) {
    recoup_dist other = *dist;
    if (parameter == 0)
        other.mu += h;
    else if (parameter == 1)
        other.shape[0] *= exp(h);
    else
        other.shape[1] += h;
    return other;
}

/* Central differences with h = 1e-5: their own error is about 1e-10 of the third derivative plus
 * 1e-11 of the value, hence 1e-6. */
static void gradients_are_derivatives(void **state) {
    (void)state;
    bool good = true;
    const double h = 1e-5;
    for (int i = 0; i < N_LAWS; i++) {
        int n = 1 + recoup_family_n_shapes(laws[i].family);
        if (laws[i].family == RECOUP_GAMMA && laws[i].shape[0] > 1e5)
            continue; /* differences of 1e-5 are too coarse for a law so narrow */
        for (int j = 1; j < N_LEVELS - 1; j++) {
            double t = recoup_dist_quantile(&laws[i], levels[j]), density[3], survival[3];
            recoup_dist_log_density_gradient(&laws[i], t, density);
            recoup_dist_log_survival_gradient(&laws[i], t, survival);
            for (int k = 0; k < n; k++) {
                recoup_dist up = moved(&laws[i], k, h), down = moved(&laws[i], k, -h);
                double f = recoup_dist_log_density(&up, t) - recoup_dist_log_density(&down, t);
                double s = recoup_dist_log_survival(&up, t) - recoup_dist_log_survival(&down, t);
                good &= near("density gradient", &laws[i], t, density[k], f / (2 * h), 1e-6, 1);
                good &= near("survival gradient", &laws[i], t, survival[k], s / (2 * h), 1e-6, .1);
            }
        }
    }
    assert_true(good);
}

static void names_and_validity(void **state) {
    (void)state;
    assert_int_equal(recoup_family_find("lognormal"), RECOUP_LOGNORMAL);
    assert_int_equal(recoup_family_find("normal"), -1);
    for (int i = 0; i < RECOUP_N_FAMILIES; i++)
        assert_int_equal(recoup_family_find(recoup_family_name((recoup_family)i)), i);
    recoup_dist bad[] = {law(RECOUP_EXPONENTIAL, NAN, 0, 0), law(RECOUP_WEIBULL, 1, 0, 0),
                         law(RECOUP_WEIBULL, 1, -1, 0), law(RECOUP_LOGNORMAL, INFINITY, 1, 0),
                         law(RECOUP_GENGAMMA, 1, 1, NAN)};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(recoup_dist_valid(&bad[i]));
    recoup_dist negative_q = law(RECOUP_GENGAMMA, 1, 1, -2);
    assert_true(recoup_dist_valid(&negative_q));
}

/* Far beyond the data nothing becomes NaN. */
static void extremes_stay_numbers(void **state) {
    (void)state;
    for (int i = 0; i < N_LAWS; i++)
        for (double t = 1e-300; t < 1e300; t *= 1e20) {
            assert_true(!isnan(recoup_dist_log_survival(&laws[i], t)));
            assert_true(!isnan(recoup_dist_cdf(&laws[i], t)));
            assert_true(!isnan(recoup_dist_log_density(&laws[i], t)));
            assert_true(!isnan(recoup_dist_quantile_above(&laws[i], t, .5)));
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scipy_agrees),
        cmocka_unit_test(quantile_inverts),
        cmocka_unit_test(quantile_above_inverts),
        cmocka_unit_test(families_meet),
        cmocka_unit_test(never_ends),
        cmocka_unit_test(gradients_are_derivatives),
        cmocka_unit_test(names_and_validity),
        cmocka_unit_test(extremes_stay_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
