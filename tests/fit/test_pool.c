/* Paule and Mandel's estimator against its definition and its closed form. */
#include "fit/pool.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Equal variances: tau² = s² - v, m = mean. */
static void equal_variances_have_a_closed_form(void **state) {
    (void)state;
    const double y[] = {1, 2, 4, 9}, v[] = {.5, .5, .5, .5};
    double difference[4];
    double tau2 = recoup_pool(4, y, v, difference);
    assert_true(fabs(tau2 - (38. / 3 - .5)) < 1e-10);
    for (int i = 0; i < 4; i++)
        assert_true(fabs(difference[i] - tau2 / (tau2 + .5) * (y[i] - 4)) < 1e-10);
}

/* Unequal ones: the weighted squares around the weighted mean add up to k - 1. */
static void defining_equation_holds(void **state) {
    (void)state;
    const double y[] = {.1, -.4, 1.3, .7, -2}, v[] = {.01, .2, .05, 1, .3};
    double difference[5], weights = 0, mean = 0, squares = 0;
    double tau2 = recoup_pool(5, y, v, difference);
    assert_true(tau2 > 0);
    for (int i = 0; i < 5; i++) {
        weights += 1 / (v[i] + tau2);
        mean += y[i] / (v[i] + tau2);
    }
    mean /= weights;
    for (int i = 0; i < 5; i++)
        squares += (y[i] - mean) * (y[i] - mean) / (v[i] + tau2);
    assert_true(fabs(squares - 4) < 1e-9);
    /* Much data stays itself, little goes to the centre. */
    assert_true(fabs(difference[0] - (y[0] - mean)) < .05 * fabs(y[0] - mean));
    assert_true(fabs(difference[3]) < .7 * fabs(y[3] - mean));
}

static void noise_is_pooled_away(void **state) {
    (void)state;
    const double y[] = {.1, -.1, .05}, v[] = {1, 1, 1};
    double difference[3];
    assert_true(recoup_pool(3, y, v, difference) == 0);
    for (int i = 0; i < 3; i++)
        assert_true(difference[i] == 0);
}

static void unknown_groups_are_left_out(void **state) {
    (void)state;
    const double y[] = {0, 3, 77}, v[] = {.1, .1, INFINITY};
    double with[3], without[2];
    double tau2 = recoup_pool(3, y, v, with);
    assert_true(fabs(tau2 - recoup_pool(2, y, v, without)) < 1e-12);
    assert_true(with[2] == 0 && fabs(with[0] - without[0]) < 1e-12);
    assert_true(recoup_pool(1, y, v, with) == 0 && with[0] == 0);
}

/* Ten groups: given Paule and Mandel's tau², theta is normal (Gelman et al. 2013, section 5.4). */
static void posterior_of_many_groups(void **state) {
    (void)state;
    const double y[] = {.1, -.4, 1.3, .7, -2, .3, .6, -.8, .2, 77};
    const double v[] = {.01, .2, .05, 1, .3, .1, .1, .4, .2, .1};
    double difference[10], variance[10], plain[10], weights = 0, mean = 0;
    double tau2 = recoup_pool_posterior(10, y, v, difference, variance);
    assert_true(tau2 == recoup_pool(10, y, v, plain) && tau2 > 0);
    for (int i = 0; i < 10; i++) {
        weights += 1 / (v[i] + tau2);
        mean += y[i] / (v[i] + tau2);
    }
    for (int i = 0; i < 10; i++) {
        double off = v[i] / (v[i] + tau2);
        assert_true(fabs(difference[i] - plain[i]) < 1e-9);
        assert_true(fabs(variance[i] - (tau2 * off + off * off / weights)) < 1e-9);
    }
}

/* Few groups: tau and m integrated over a fine grid, theta by its normal law given both. */
static void posterior_of_few_groups_is_the_integral(void **state) {
    (void)state;
    const double y[] = {.5, -.1, .2}, v[] = {.02, .05, .5};
    double difference[3], variance[3], total = 0, centre = 0, mean[3] = {0}, square[3] = {0};
    for (double tau = .001; tau < 6; tau += .002)
        for (double m = -12; m < 12; m += .02) {
            double weight = tau * exp(-.5 * tau * tau); /* tau² exponential with mean 2 */
            for (int i = 0; i < 3; i++) {
                double spread = v[i] + tau * tau;
                weight *= exp(-.5 * (y[i] - m) * (y[i] - m) / spread) / sqrt(spread);
            }
            total += weight;
            centre += weight * m;
            for (int i = 0; i < 3; i++) {
                double own = 1 / (1 / v[i] + 1 / (tau * tau));
                double theta = own * (y[i] / v[i] + m / (tau * tau));
                mean[i] += weight * theta;
                square[i] += weight * (theta * theta + own);
            }
        }
    recoup_pool_posterior(3, y, v, difference, variance);
    for (int i = 0; i < 3; i++) {
        double theta = mean[i] / total;
        /* 1e-3: the steps of the two grids */
        assert_true(fabs(difference[i] - (theta - centre / total)) < 1e-3);
        assert_true(fabs(variance[i] - (square[i] / total - theta * theta)) < 1e-3);
    }
}

/* A group of which nothing is known is where the others are, with their spread. */
static void posterior_of_an_unknown_group(void **state) {
    (void)state;
    const double y[] = {0, 1, 0}, v[] = {.01, .01, INFINITY};
    double difference[3], variance[3];
    double tau2 = recoup_pool_posterior(3, y, v, difference, variance);
    assert_true(fabs(difference[2]) < 1e-12 && variance[2] > tau2);
    assert_true(recoup_pool_posterior(1, y, v, difference, variance) == 0);
    assert_true(difference[0] == 0 && variance[0] == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_variances_have_a_closed_form),
        cmocka_unit_test(defining_equation_holds),
        cmocka_unit_test(noise_is_pooled_away),
        cmocka_unit_test(unknown_groups_are_left_out),
        cmocka_unit_test(posterior_of_many_groups),
        cmocka_unit_test(posterior_of_few_groups_is_the_integral),
        cmocka_unit_test(posterior_of_an_unknown_group),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
