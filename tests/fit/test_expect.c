/* The mean of a posterior to second order, against laws whose mean is known. */
#include "fit/expect.h"

#include <gsl/gsl_sf_psi.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The log of the mean of n exponentials that add up to n: -n·x - n·e^-x, whose mean is log n -
 * psi(n), 1/(2n) + 1/(12 n²) + ... */
static double log_gamma_law(const double *x, double *gradient, const void *user) {
    double n = *(const double *)user;
    gradient[0] = -n + n * exp(-x[0]);
    return -n * x[0] - n * exp(-x[0]);
}

static void a_scale_has_the_mean_of_its_law(void **state) {
    (void)state;
    const double counts[] = {5, 20, 200};
    for (int i = 0; i < 3; i++) {
        double n = counts[i], mode = 0, covariance = 1 / n, mean;
        recoup_posterior_mean(log_gamma_law, &n, 1, &mode, &covariance, &mean);
        /* what is left out is of the order of 1/n² */
        assert_true(fabs(mean - (log(n) - gsl_sf_psi(n))) < .3 / (n * n));
        assert_true(mean > .45 / n);
    }
}

/* Two such laws of a and b events in u = x + y and v = x - y: the means add. */
typedef struct pair {
    double a, b;
} pair;

static double two_laws(const double *x, double *gradient, const void *user) {
    const pair *n = user;
    double u = x[0] + x[1], v = x[0] - x[1];
    double by_u = -n->a + n->a * exp(-u), by_v = -n->b + n->b * exp(-v);
    gradient[0] = by_u + by_v;
    gradient[1] = by_u - by_v;
    return -n->a * (u + exp(-u)) - n->b * (v + exp(-v));
}

static void correlated_parameters(void **state) {
    (void)state;
    const pair n = {40, 10};
    const double mode[2] = {0, 0};
    double sum = (1 / n.a + 1 / n.b) / 4, difference = (1 / n.a - 1 / n.b) / 4, mean[2];
    const double covariance[4] = {sum, difference, difference, sum};
    recoup_posterior_mean(two_laws, &n, 2, mode, covariance, mean);
    double u = log(n.a) - gsl_sf_psi(n.a), v = log(n.b) - gsl_sf_psi(n.b);
    assert_true(fabs(mean[0] - (u + v) / 2) < .3 / (n.b * n.b));
    assert_true(fabs(mean[1] - (u - v) / 2) < .3 / (n.b * n.b));
}

/* -x⁴ - x²/2 + 3x³ at its mode 0 goes up again half a standard error away: no expansion. */
static double no_law(const double *x, double *gradient, const void *user) {
    (void)user;
    gradient[0] = -4 * pow(x[0], 3) - x[0] + 9 * x[0] * x[0];
    return -pow(x[0], 4) - x[0] * x[0] / 2 + 3 * pow(x[0], 3);
}

static void far_means_are_not_believed(void **state) {
    (void)state;
    const double mode = 0, covariance = 1;
    double mean = 7;
    recoup_posterior_mean(no_law, NULL, 1, &mode, &covariance, &mean);
    assert_true(mean == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_scale_has_the_mean_of_its_law),
        cmocka_unit_test(correlated_parameters),
        cmocka_unit_test(far_means_are_not_believed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
