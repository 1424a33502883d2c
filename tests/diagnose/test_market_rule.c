/* Means over the market factor against moments of the normal law cut at 5. */
#include "diagnose/market_rule.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* E of (Z/5)^k, with Z taken as -5 or 5 beyond: twice the incomplete gamma integral of z^k, and the
 * corners. */
static double cut_moment(int k) {
    double half = (k + 1) / 2.;
    double inner = exp2(k / 2.) / sqrt(acos(-1)) *
                   (gsl_sf_gamma(half) - gsl_sf_gamma_inc(half, 12.5)) / pow(5, k);
    return k % 2 ? 0 : inner + 2 * gsl_cdf_ugaussian_Q(5);
}

/* At the corner the slope of z^k / 5^k falls from k/5 to 0: by the formula of Euler and Maclaurin
 * the rule with steps h is off by h²/12 of that times the density there, on both sides. */
static void powers(void **state) {
    (void)state;
    const recoup_market_rule rule = recoup_market_rule_make();
    double sum = 0, density = exp(-12.5) / sqrt(2 * acos(-1));
    for (int i = 0; i < RECOUP_MARKET_POINTS; i++)
        sum += rule.weight[i];
    assert_true(fabs(sum - 1) < 1e-14);
    for (int k = 0; k < RECOUP_TABLES_MAX_TERMS; k++) {
        double corner = k % 2 ? 0 : 2 * (.25 / 12) * (k / 5.) * density;
        double tolerance = 1e-9 + 2 * corner; /* corner: the first term of a series */
        if (!(fabs(rule.power[k] - cut_moment(k)) < tolerance))
            fail_msg("x^%d: %.12g instead of %.12g", k, rule.power[k], cut_moment(k));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(powers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
