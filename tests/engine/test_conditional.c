/* The estimator `conditional` against the exact answers of bench/w1, and its own statement of its
 * error. */
#include "book.h"

#include "engine/conditional.h"
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

/* bench/w1/README.md: P(hit), mean, sd and quantiles by another method (FFT on a money grid). On
 * top of 4 standard errors come 1e-6 of the inversion and half a digit of the recorded figures (of
 * a gain two halves: a difference of two). */
static void test_reference(void **state) {
    (void)state;
    static const double exact[3][8] = {
        {0.575586, 6392197, 1515757, 4095164, 5314635, 6284194, 7353506, 9058552},
        {0.694532, 6892691, 1598539, 4459312, 5757069, 6784233, 7911754, 9697035},
        {0.482448, 6057445, 1550148, 3738130, 4951014, 5931973, 7028698, 8805762}};
    static const double wins[3] = {108.2915, 117.0128, 102.9139};
    static const double gain[3] = {0, 0.118946, -0.093138};
    static const double level[5] = {0.05, 0.25, 0.5, 0.75, 0.95};
    compiled w = compile(load_w1());
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_conditional *c = NULL;
    recoup_conditional_options options = recoup_conditional_defaults(1, 3, 1);
    require_ok(recoup_conditional_create(&options, &c, &error), &error);
    require_ok(recoup_conditional_draw(c, w.tables, 0, &error), &error);
    for (int plan = 0; plan < 3; plan++) {
        double se, gain_se, p = recoup_conditional_hit(c, plan, &se), e = exact[plan][0];
        double plain = e * (1 - e) / (options.n_replicates * options.n_points);
        print_message("plan %d: P %.6f, standard error %.1e, variance %.0f times below that of "
                      "plain paths\n",
                      plan, p, se, plain / (se * se));
        assert_true(fabs(p - e) <= 4 * se + 1.5e-6);
        assert_true(se <= 1e-4);
        assert_true(fabs(recoup_conditional_gain(c, plan, &gain_se) - gain[plan]) <=
                    4 * gain_se + 2.5e-6);
        assert_true(fabs(recoup_conditional_mean(c, plan) / exact[plan][1] - 1) <= 1.5e-6);
        assert_true(fabs(recoup_conditional_wins(c, plan) / wins[plan] - 1) <= 1.5e-6);
        assert_true(fabs(recoup_conditional_sd(c, plan) / exact[plan][2] - 1) <= 1.5e-6);
        for (int i = 0; i < 5; i++)
            assert_true(fabs(recoup_conditional_quantile(c, plan, level[i]) / exact[plan][3 + i] -
                             1) <= 1.5e-6);
    }
    recoup_conditional_free(c);
    free_compiled(&w);
}

static void test_order_of_draws(void **state) {
    (void)state;
    enum { DRAWS = 5 };
    compiled w = compile(load_w1());
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_conditional *c[2] = {NULL, NULL};
    recoup_conditional_options options = recoup_conditional_defaults(7, 3, DRAWS);
    for (int i = 0; i < 2; i++) {
        require_ok(recoup_conditional_create(&options, &c[i], &error), &error);
        for (int d = 0; d < DRAWS; d++)
            require_ok(recoup_conditional_draw(c[i], w.tables, i ? DRAWS - 1 - d : d, &error),
                       &error);
    }
    for (int plan = 0; plan < 3; plan++) {
        double se[2], gain_se[2];
        assert_true(recoup_conditional_hit(c[0], plan, &se[0]) ==
                    recoup_conditional_hit(c[1], plan, &se[1]));
        assert_true(recoup_conditional_gain(c[0], plan, &gain_se[0]) ==
                    recoup_conditional_gain(c[1], plan, &gain_se[1]));
        assert_true(se[0] == se[1] && gain_se[0] == gain_se[1]);
        assert_true(recoup_conditional_quantile(c[0], plan, 0.3) ==
                    recoup_conditional_quantile(c[1], plan, 0.3));
        assert_true(recoup_conditional_sd(c[0], plan) == recoup_conditional_sd(c[1], plan));
        assert_true(recoup_conditional_draw_hit(c[0], plan, 0, NULL) !=
                    recoup_conditional_draw_hit(c[0], plan, 1, NULL));
    }
    recoup_conditional_free(c[0]);
    recoup_conditional_free(c[1]);
    free_compiled(&w);
}

/* --- what it says of its error ---------------------------------------------------------------- */

/* 95 % intervals cover P(hit) by deterministic integration in 95 % of the seeds, within 4 binomial
 * standard errors (1.5 % each for 200). */
static void test_coverage(void **state) {
    (void)state;
    enum { SEEDS = 200 / LESS };
    static book b;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    recoup_error error = RECOUP_ERROR_INIT;
    int covered = 0;
    start_book(&b, 0.15, 0.22 * 80 * 57000);
    for (int i = 0; i < 80; i++)
        add_deal(&b, exp(10.6 + gsl_ran_gaussian(rng, 0.8)), 0.25, 0.2);
    double t = gsl_cdf_tdist_Pinv(0.975, RECOUP_CONDITIONAL_REPLICATES - 1);
    for (int seed = 0; seed < SEEDS; seed++) {
        recoup_conditional *c = NULL;
        recoup_conditional_options options = recoup_conditional_defaults((uint64_t)seed, 1, 1);
        options.n_points = 16;
        require_ok(recoup_conditional_create(&options, &c, &error), &error);
        require_ok(recoup_conditional_draw(c, &b.tables, 0, &error), &error);
        double se, p = recoup_conditional_hit(c, 0, &se);
        covered += fabs(p - recoup_conditional_exact(c, 0)) <= t * se;
        recoup_conditional_free(c);
    }
    gsl_rng_free(rng);
    print_message("covered: %d of %d\n", covered, SEEDS);
    assert_true(fabs(covered - 0.95 * SEEDS) <= 4 * sqrt(SEEDS * 0.95 * 0.05));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reference),
        cmocka_unit_test(test_order_of_draws),
        cmocka_unit_test(test_coverage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
