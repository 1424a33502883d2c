/* Quantiles of the time in a stage, whichever exit is taken. */
#include "model/dwell.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static recoup_dist exponential(double mean) {
    return (recoup_dist){.family = RECOUP_EXPONENTIAL, .mu = log(mean)};
}

static recoup_dist weibull(double shape, double scale) {
    return (recoup_dist){.family = RECOUP_WEIBULL, .mu = log(scale), .shape = {shape}};
}

/* Exits that are equally fast: the quantile of the one law, -mean·log(1 - q). */
static void test_one_law(void **state) {
    (void)state;
    recoup_exit exits[] = {{.target = RECOUP_EXIT_WON, .logit = 0.7, .dwell = exponential(20)},
                           {.target = RECOUP_EXIT_LOST, .dwell = exponential(20)}};
    recoup_stage stage = {.n_exits = 2, .exit = exits};
    for (int i = 1; i < 20; i++) { /* to the rounding of the logarithm */
        double q = i / 20., days = -20 * log(1 - q);
        assert_true(fabs(recoup_stage_dwell_quantile(&stage, 0, q) / days - 1) < 1e-14);
    }
    assert_true(recoup_stage_dwell_quantile(&stage, 0, 0) == 0);
    assert_true(recoup_stage_dwell_quantile(&stage, 0, 1) == INFINITY);
}

/* Two Weibull exits with terms of cohorts, and one that nobody leaves by: at the quantile,
 * sum p_e F_e = q·sum p_e, with F = 1 - exp(-(t / scale)^shape) written out here. */
static void test_mixture(void **state) {
    (void)state;
    double logit[] = {0, 0.8}, log_dwell[] = {0, -0.5};
    recoup_exit exits[] = {
        {.target = RECOUP_EXIT_WON,
         .logit = 0.4,
         .cohort_logit = logit,
         .dwell = weibull(1.5, 12),
         .cohort_log_dwell = log_dwell},
        {.target = RECOUP_EXIT_LOST, .dwell = weibull(0.8, 40)},
        {.target = RECOUP_EXIT_NEVER, .logit = 1, .dwell = {.family = RECOUP_NEVER}}};
    recoup_stage stage = {.n_exits = 3, .exit = exits};
    for (int cohort = 0; cohort < 2; cohort++)
        for (int i = 1; i < 100; i += 7) {
            double q = i / 100., t = recoup_stage_dwell_quantile(&stage, cohort, q);
            double won = exp(0.4 + logit[cohort]), scale = 12 * exp(log_dwell[cohort]);
            double left = won * (1 - exp(-pow(t / scale, 1.5))) + 1 - exp(-pow(t / 40, 0.8));
            assert_true(fabs(left / (won + 1) - q) < 1e-13);
        }
}

static void test_nobody_leaves(void **state) {
    (void)state;
    recoup_exit never = {.target = RECOUP_EXIT_NEVER, .dwell = {.family = RECOUP_NEVER}};
    recoup_stage stage = {.n_exits = 1, .exit = &never};
    assert_true(recoup_stage_dwell_quantile(&stage, 0, 0.5) == INFINITY);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_law),
        cmocka_unit_test(test_mixture),
        cmocka_unit_test(test_nobody_leaves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
