/* The kernels' elementary functions against the mathematical library in long double and GSL. */
#include "engine/kernels/vector_double.h"

#include "dist/family.h"
#include <gsl/gsl_cdf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

enum { POINTS = 400000 };

/* |value - exact| in units of the last place of exact. */
static double ulps(double value, long double exact) {
    double rounded = (double)exact;
    double unit = nextafter(fabs(rounded), INFINITY) - fabs(rounded);
    return (double)(fabsl(value - exact) / unit);
}

static double larger(double a, double b) {
    return a > b ? a : b;
}

/* The bounds are those that the header states. */
static void test_exp(void **state) {
    (void)state;
    double worst = 0;
    for (int i = 0; i <= POINTS; i++) {
        double x = -708 + 1417. * i / POINTS, near = (x + .5) / 1000;
        worst = larger(worst, ulps(vector_exp(x), expl(x)));
        worst = larger(worst, ulps(vector_exp(near), expl(near)));
    }
    print_message("exp: %.3f ulp\n", worst);
    assert_true(worst < 1.1);
    assert_true(vector_exp(0) == 1 && vector_exp(-INFINITY) < 1e-307);
    assert_true(vector_exp(-1e10) == vector_exp(-708) && vector_exp(1e10) == vector_exp(709));
}

static void test_log(void **state) {
    (void)state;
    double worst = 0, worst1p = 0;
    for (int i = 1; i <= POINTS; i++) {
        double u = (i - .5) / POINTS, wide = exp(-700 + 1400 * u), near = .9 + .2 * u;
        worst = larger(worst, ulps(vector_log(wide), logl(wide)));
        worst = larger(worst, ulps(vector_log(u), logl(u)));
        worst = larger(worst, ulps(vector_log(near), logl(near)));
        double small = exp(-40 * u);
        worst1p = larger(worst1p, ulps(vector_log1p(small), log1pl(small)));
        worst1p = larger(worst1p, ulps(vector_log1p(-small), log1pl(-small)));
        worst1p = larger(
            worst1p, ulps(vector_log1p(wide < 1e300 ? wide : 1), log1pl(wide < 1e300 ? wide : 1)));
    }
    print_message("log: %.3f ulp, log1p: %.3f ulp\n", worst, worst1p);
    assert_true(worst < 1);
    assert_true(worst1p < 2);
    assert_true(vector_log(1) == 0 && vector_log(0) < -708);
}

static void test_normal_tail(void **state) {
    (void)state;
    double worst = 0;
    for (int i = 0; i <= POINTS; i++) {
        double z = -37 + 137. * i / POINTS;
        const long double root = 0.707106781186547524400844362104849039L; /* of 1/2 */
        long double exact = z < -2   ? log1pl(-.5L * erfcl(-z * root))
                            : z < 25 ? logl(.5L * erfcl(z * root))
                                     : recoup_normal_log_tail(z);
        worst = larger(worst, (double)fabsl(vector_normal_log_tail(z) / exact - 1) /
                                  (1 + (z < 0 ? .5 * z * z : 0)));
    }
    print_message("log of the normal tail: %.2g\n", worst);
    assert_true(worst < 1e-15);
}

/* GSL has the same algorithm with another evaluation; beyond it the tail's own inverse. */
static void test_normal_quantile(void **state) {
    (void)state;
    double worst = 0, worst_far = 0;
    for (int i = 0; i < POINTS; i++) {
        double u = (i + .5) / POINTS, small = exp(-36 * u);
        worst = larger(worst, fabs(vector_normal_quantile(u) - gsl_cdf_ugaussian_Pinv(u)) /
                                  larger(.01, fabs(vector_normal_quantile(u))));
        double exact = gsl_cdf_ugaussian_Pinv(small);
        worst =
            larger(worst, fabs(vector_normal_quantile(small) - exact) / larger(.01, fabs(exact)));
        double root = 5 + 60 * u, z = vector_normal_far_tail(root);
        worst_far = larger(worst_far, fabs(recoup_normal_log_tail(z) / (-root * root) - 1));
    }
    print_message("normal quantile: %.2g, far tail: %.2g\n", worst, worst_far);
    assert_true(worst < 2e-14);     /* of log, divided by the slope of the quantile at .5 and .01 */
    assert_true(worst_far < 1e-13); /* in the logarithm of the probability */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exp),
        cmocka_unit_test(test_log),
        cmocka_unit_test(test_normal_tail),
        cmocka_unit_test(test_normal_quantile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
