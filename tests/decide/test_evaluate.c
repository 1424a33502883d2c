/* Trying out plans: against closed forms, and against runs of scenarios in which they are written.
 */
#include "../world.h"

#include "decide/evaluate.h"
#include "tally/tally.h"
#include <gsl/gsl_cdf.h>

enum { N_DRAWS = 16 };

static const char model[] =
    "recoup: model/1\n"
    "stages: [first]\n"
    "cohorts: [all]\n"
    "exits:\n"
    "  first:\n"
    "    advance: {logit: -0.2, dwell: {family: exponential, mean: 10}}\n"
    "    lost: {dwell: {family: exponential, mean: 10}}\n"
    "amount: {size_ref: 1000, new: {family: lognormal, median: 1000, sigma: 0.5}}\n"
    "arrivals: {all: 0}\n";
static const char reps[] = "rep_id,cohort\nr,all\n";
static const char deals[] = "deal_id,rep_id,amount,created,stage,outcome\n"
                            "a,r,600,2025-12-31,first,open\nb,r,600,2025-12-31,first,open\n";

/* One of two deals of 600 is not enough for the quota of 1,000: P(hit) = p², and p is the chance to
 * advance times that to do so within 30 days. */
static double hit(double logit) {
    double p = (1 - exp(-30 / 10.)) / (1 + exp(-(-.2 + logit)));
    return p * p;
}

static const char plans[] =
    "simulation: {parameter_draws: 16, seed: 3}\n"
    "plans:\n"
    "  - name: baseline\n"
    "  - {name: sure, levers: [adjust: {exit: advance, logit: 0.5, cost: 7}]}\n"
    "  - {name: perhaps, levers: [adjust: {exit: advance, logit: {normal: [0.5, 0.3]}}]}\n";

static recoup_evaluation *evaluate(const world *w, const recoup_variant *variant, int n,
                                   int n_draws, const double *market) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_evaluation *evaluation = NULL;
    recoup_engine_options options = {.threads = 2};
    recoup_situation situation = {w->scenario, w->model, w->view, &options};
    require_ok(recoup_evaluate(&situation, variant, n, n_draws, market, &evaluation, &error),
               &error);
    return evaluation;
}

/* P(hit) by inversion is good to 1e-6 (engine/characteristic.h), probabilities of deals to 1e-4
 * (program/tables.h), of which P(hit) = p² may take twice as much. */
static void assert_hit(double value, double exact) {
    if (!(fabs(value - exact) <= 2e-4))
        fail_msg("%.6f, expected %.6f", value, exact);
}

static void test_closed_form(void **state) {
    (void)state;
    world w = make_world(model, deals, reps, plans);
    recoup_lever half = w.scenario->plan[1].lever[0], centred = half;
    half.strength = .5;
    centred.is_centered = true;
    recoup_change extra = {.quantity = RECOUP_CHANGE_LOGIT, .exit = "advance", .value = .25};
    recoup_variant variant[] = {{.name = "none"},
                                {"sure", 1, w.scenario->plan[1].lever, 0, NULL},
                                {"half", 1, &half, 0, NULL},
                                {"centred", 1, &centred, 0, NULL},
                                {"half and extra", 1, &half, 1, &extra},
                                {"perhaps", 1, w.scenario->plan[2].lever, 0, NULL}};
    recoup_evaluation *e = evaluate(&w, variant, 6, N_DRAWS, NULL);
    assert_int_equal(e->n_variants, 6);
    assert_int_equal(e->n_draws, N_DRAWS);
    const double logit[5] = {0, .5, .25, 0, .5};
    for (int i = 0; i < 5; i++) {
        assert_hit(e->hit[i], hit(logit[i]));
        double p = sqrt(hit(logit[i])), none = (1 - p) * (1 - p), one = 2 * p * (1 - p);
        assert_true(fabs(e->mean[i] - 1200 * p) <= 1200 * 1e-4);
        assert_true(fabs(e->shortfall[i] - (1000 * none + 400 * one)) <= 2 * 1000 * 1e-4);
    }
    /* Given the effect of each draw, and over them: within the 16 strata of the normal. */
    double mean = 0;
    for (int d = 0; d < N_DRAWS; d++) {
        recoup_scenario drawn;
        recoup_error error = RECOUP_ERROR_INIT;
        require_ok(recoup_scenario_redraw(w.scenario, w.model, d, &drawn, &error), &error);
        double exact = hit(drawn.plan[2].effects.change[0].value);
        recoup_scenario_drawn_clear(&drawn);
        assert_hit(e->hit_draw[5 * N_DRAWS + d], exact);
        mean += exact / N_DRAWS;
    }
    assert_hit(e->hit[5], mean);
    /* The paired difference has no error where there is no market factor. */
    double se;
    assert_hit(recoup_evaluation_gain(e, 1, 0, &se), hit(.5) - hit(0));
    assert_true(se < 1e-12);
    recoup_evaluation_free(e);
    free_world(&w);
}

/* The same as a run in which the plans are written. */
static void test_run(void **state) {
    (void)state;
    recoup_error error = RECOUP_ERROR_INIT;
    world w = make_world(model, deals, reps, plans);
    recoup_variant variant[3];
    for (int i = 0; i < 3; i++)
        variant[i] = (recoup_variant){.name = w.scenario->plan[i].name,
                                      .n_levers = w.scenario->plan[i].n_levers,
                                      .lever = w.scenario->plan[i].lever};
    recoup_evaluation *e = evaluate(&w, variant, 3, N_DRAWS, NULL);
    recoup_tally *tally = NULL;
    recoup_engine_options options = {.threads = 1};
    w.scenario->simulation.estimator = RECOUP_ESTIMATOR_CONDITIONAL;
    require_ok(recoup_simulate(w.scenario, w.model, w.view, &options, &tally, &error), &error);
    for (int p = 0; p < 3; p++) {
        assert_true(e->hit[p] == tally->exact->hit[p] && e->mean[p] == tally->exact->mean[p]);
        for (int d = 0; d < N_DRAWS; d++)
            assert_true(e->hit_draw[p * N_DRAWS + d] == tally->exact->hit_draw[p * N_DRAWS + d]);
    }
    recoup_tally_free(tally);
    recoup_evaluation *fewer = evaluate(&w, variant, 3, 4, NULL);
    assert_int_equal(fewer->n_draws, 4);
    for (int d = 0; d < 4; d++) /* the first of the same draws, by other points of Z */
        assert_hit(fewer->hit_draw[2 * 4 + d], e->hit_draw[2 * N_DRAWS + d]);
    recoup_evaluation_free(fewer);
    recoup_evaluation_free(e);
    free_world(&w);
}

/* P(hit | Z), its mean over Z, and the Monte Carlo error of differences. */
static void test_market(void **state) {
    (void)state;
    char loaded[2048];
    snprintf(loaded, sizeof loaded, "%smarket: {conversion: 0.8}\n", model);
    world w = make_world(loaded, deals, reps, plans);
    recoup_variant variant[] = {{.name = "none"}, {"sure", 1, w.scenario->plan[1].lever, 0, NULL}};
    for (double z = -1; z <= 1; z += .5) {
        recoup_evaluation *e = evaluate(&w, variant, 2, 1, &z);
        assert_hit(e->hit[0], hit(.8 * z));
        assert_hit(e->hit[1], hit(.5 + .8 * z));
        recoup_evaluation_free(e);
    }
    double exact[2] = {0}; /* midpoint rule over 10,000 quantiles: exact to 1e-6 */
    for (int i = 0; i < 10000; i++) {
        double z = gsl_cdf_ugaussian_Pinv((i + .5) / 10000);
        exact[0] += hit(.8 * z) / 10000;
        exact[1] += hit(.5 + .8 * z) / 10000;
    }
    recoup_evaluation *e = evaluate(&w, variant, 2, 1, NULL);
    double se;
    for (int i = 0; i < 2; i++)
        assert_hit(e->hit[i], exact[i]);
    assert_hit(recoup_evaluation_gain(e, 1, 0, &se), exact[1] - exact[0]);
    assert_true(se > 0 && se < 1e-4);
    recoup_evaluation_free(e);
    free_world(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_closed_form),
        cmocka_unit_test(test_run),
        cmocka_unit_test(test_market),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
