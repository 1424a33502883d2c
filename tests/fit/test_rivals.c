/* The families that were not chosen: quartiles in closed form, and the formula by hand. */
#include "fit/rivals.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const double upper = .67448975019608171; /* quartile of the normal law */

/* Of a lognormal with sigma s: ln(q3/q1) = 2·upper·s, which is ln(ln 4 / ln(4/3)) / k for a
 * Weibull, 2 ln 3 / k for a loglogistic. */
static void alike_laws_have_closed_forms(void **state) {
    (void)state;
    const recoup_dist law = {RECOUP_LOGNORMAL, 3, {.8, 0}};
    const double spread = 2 * upper * .8;
    recoup_dist alike;
    assert_true(recoup_dist_alike(&law, RECOUP_WEIBULL, &alike));
    double k = log(log(4) / log(4. / 3)) / spread;
    assert_true(fabs(alike.shape[0] - k) < 1e-9);
    assert_true(fabs(alike.mu - (3 - log(log(2)) / k)) < 1e-9);
    assert_true(recoup_dist_alike(&law, RECOUP_LOGLOGISTIC, &alike));
    assert_true(fabs(alike.shape[0] - 2 * log(3) / spread) < 1e-9 && fabs(alike.mu - 3) < 1e-9);
    recoup_dist back;
    assert_true(recoup_dist_alike(&alike, RECOUP_LOGNORMAL, &back));
    assert_true(fabs(back.shape[0] - .8) < 1e-9 && fabs(back.mu - 3) < 1e-9);
    assert_true(recoup_dist_alike(&law, RECOUP_EXPONENTIAL, &alike)); /* its median alone */
    assert_true(fabs(alike.mu - (3 - log(log(2)))) < 1e-9);
    assert_false(recoup_dist_alike(&law, RECOUP_GENGAMMA, &alike));
    assert_false(recoup_dist_alike(&law, RECOUP_NEVER, &alike));
}

/* One rival of the first exit, 2 worse: weight e^-1 of 1 + e^-1. One that is as good, but has
 * another family in the second exit too, is none. */
static void one_rival_moves_the_average(void **state) {
    (void)state;
    static recoup_rivals rivals;
    const recoup_mixture chosen = {
        2, {.3, 0}, {{RECOUP_LOGNORMAL, 3, {.8, 0}}, {RECOUP_EXPONENTIAL, 4, {0, 0}}}};
    recoup_mixture rival = chosen, other = chosen;
    recoup_layout layout = recoup_layout_of(&chosen, NULL, false);
    double shift[4], covariance[16], apart[4];
    recoup_rivals_init(&rivals);
    recoup_rivals_average(&rivals, &chosen, 100, &layout, shift, covariance);
    for (int i = 0; i < 16; i++)
        assert_true(covariance[i] == 0 && shift[i % 4] == 0);
    rival.logit[0] = .5;
    rival.dwell[0] = (recoup_dist){RECOUP_LOGLOGISTIC, 3.25, {1.5, 0}};
    rival.dwell[1].mu = 3.9;
    other.dwell[0].family = RECOUP_WEIBULL;
    other.dwell[0].mu = 9;
    other.dwell[1] = (recoup_dist){RECOUP_GAMMA, 4, {2, 0}};
    recoup_rivals_keep(&rivals, 0, &rival, 102);
    recoup_rivals_keep(&rivals, 0, &other, 100);
    recoup_rivals_average(&rivals, &chosen, 100, &layout, shift, covariance);
    assert_int_equal(layout.n, 4);
    apart[layout.logit[0]] = .2;
    apart[layout.mu[0]] = .25;
    apart[layout.shape[0][0]] = log(2 * log(3) / 1.5 / (2 * upper) / .8);
    apart[layout.mu[1]] = -.1;
    double weight = exp(-1) / (1 + exp(-1));
    for (int i = 0; i < 4; i++) {
        assert_true(fabs(shift[i] - weight * apart[i]) < 1e-9);
        for (int k = 0; k < 4; k++) {
            double expected = weight * (1 - weight) * apart[i] * apart[k];
            assert_true(fabs(covariance[i * 4 + k] - expected) < 1e-9);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alike_laws_have_closed_forms),
        cmocka_unit_test(one_rival_moves_the_average),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
