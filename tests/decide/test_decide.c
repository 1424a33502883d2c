/* What `decisions` ask for, against closed forms.
 *
 * One open deal in one stage with the logit b of `advance`, both exits exponential with the same
 * mean m, so that its age does not matter: won within T days with p (1 - e^(-T/m)), p = 1 / (1 +
 * e^-b). Its amount is the quota, so that P(hit) is P(won). A logit x from day k on leaves p(b) (1
 * - e^(-k/m)) + p(b + x) (e^(-k/m) - e^(-T/m)). Probabilities are those of win tables, which are
 * right to 1e-4 (docs/simulation.md). */
#include "../world.h"

#include "config/effect.h"
#include "model/draws.h"
#include "results/results.h"
#include "tally/tally.h"
#include <gsl/gsl_cdf.h>
#include <recoup/compare.h>
#include <recoup/decide.h>

static const double TABLES = 1e-4, B = -.4, MEAN = 12, T = 30, LOADING = .5;

static const char deals[] = "deal_id,rep_id,amount,created,stage,outcome\n"
                            "d1,,1000,2025-12-31,demo,open\n";

static double logistic(double x) {
    return 1 / (1 + exp(-x));
}

static double chance(double logit) {
    return logistic(logit) * -expm1(-T / MEAN);
}

/* The logit x from day k on. */
static double chance_from(double x, double k) {
    return logistic(B) * -expm1(-k / MEAN) + logistic(B + x) * (exp(-k / MEAN) - exp(-T / MEAN));
}

static world make(const char *market, const char *arrivals, const char *scenario) {
    char model[1024];
    snprintf(model, sizeof model,
             "recoup: model/1\nstages: [demo]\ncohorts: [all]\n%sexits:\n  demo:\n"
             "    advance: {logit: %g, dwell: {family: exponential, mean: %g}}\n"
             "    lost: {dwell: {family: exponential, mean: %g}}\n"
             "amount: {new: {family: lognormal, median: 1, sigma: 0.1}}\narrivals: {all: %s}\n",
             market, B, MEAN, MEAN, arrivals);
    return make_world(model, deals, NULL, scenario);
}

static recoup_results *decide(const world *w, int threads) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_engine_options options = {.threads = threads};
    recoup_provenance provenance = {
        .title = "", .estimator = "conditional", .isa = "any", .scenario = "", .model = ""};
    recoup_tally *tally = NULL;
    recoup_results *results = NULL;
    require_ok(recoup_simulate(w->scenario, w->model, w->view, &options, &tally, &error), &error);
    require_ok(recoup_results_create(tally, &provenance, &results, &error), &error);
    require_ok(recoup_decide(w->scenario, w->model, w->view, &options, results, &error), &error);
    recoup_tally_free(tally);
    return results;
}

static void assert_close(double x, double expected, double tolerance) {
    if (!(fabs(x - expected) <= tolerance))
        fail_msg("%.8g is not within %.2g of %.8g", x, tolerance, expected);
}

/* --- break-even ------------------------------------------------------------------------------- */

/* p(b + s x) (1 - e^(-T/m)) = target for s, and as a logit s x. */
static void test_break_even(void **state) {
    (void)state;
    const double x = .3, target = .5, needed = log(target / (-expm1(-T / MEAN) - target)) - B;
    world w = make("", "0",
                   "simulation: {estimator: conditional}\n"
                   "decisions: {target: 50%}\n"
                   "plans:\n"
                   "  - name: as is\n"
                   "  - name: push\n"
                   "    levers: [adjust: {exit: advance, logit: 0.3}]\n"
                   "  - name: too little\n"
                   "    levers: [adjust: {exit: advance, logit: 0.05}]\n"
                   "  - name: enough\n"
                   "    levers: [adjust: {exit: advance, logit: 2}]\n"
                   "  - name: two effects\n"
                   "    levers: [adjust: {exit: advance, logit: 0.3, dwell: 0.9}]\n");
    recoup_results *r = decide(&w, 2);
    /* an error of P(hit) of 1e-4 moves the strength by that over its slope */
    double slope = x * target * (1 - target / -expm1(-T / MEAN));
    double tolerance = .005 + TABLES / slope;
    assert_close(r->break_even[1], needed / x, tolerance);
    assert_close(r->break_even_effect[1], needed, x * tolerance);
    assert_string_equal(r->break_even_unit[1], "logit");
    assert_true(isnan(r->break_even[0]) && isnan(r->break_even[2]));
    assert_string_equal(r->break_even_unit[0], "");
    assert_close(r->break_even[3], needed / 2, tolerance);
    assert_true(r->break_even[4] > 0 && isnan(r->break_even_effect[4]));
    assert_int_equal(r->n_strengths, 9);
    for (int i = 0; i < 9; i++) {
        assert_close(r->strength_hit_probability[i], chance(B), TABLES);
        assert_close(r->strength_hit_probability[9 + i], chance(B + r->strength[i] * x), TABLES);
    }
    assert_true(r->target == .5 && r->margin == 1 && r->decision_draws == 1);
    recoup_results_free(r);
    free_world(&w);
}

/* The target is reached without any effect. */
static void test_nothing_needed(void **state) {
    (void)state;
    world w = make("", "0",
                   "simulation: {estimator: conditional}\ndecisions: {target: 10%, margin: 25%}\n"
                   "plans:\n  - name: as is\n  - name: push\n"
                   "    levers: [adjust: {exit: advance, logit: 0.3, cost: 10}]\n");
    recoup_results *r = decide(&w, 1);
    recoup_comparison *c = NULL;
    assert_true(r->break_even[0] == 0 && r->break_even[1] == 0);
    assert_int_equal(recoup_compare(r, &c, NULL), RECOUP_OK);
    assert_close(c->row[1].net_gain, .25 * 1000 * (chance(B + .3) - chance(B)) - 10, .25);
    recoup_comparison_free(c);
    recoup_results_free(r);
    free_world(&w);
}

/* A factor of speed v: both exits are v times as fast, 1 - e^(-v T/m) = target / p; and v = f^s. */
static void test_break_even_of_a_factor(void **state) {
    (void)state;
    const double target = .39, needed = -MEAN / T * log1p(-target / logistic(B));
    world w = make("", "0",
                   "simulation: {estimator: conditional}\ndecisions: {target: 39%}\n"
                   "plans:\n  - name: as is\n  - name: unblock\n"
                   "    levers: [adjust: {dwell: 0.8}]\n");
    recoup_results *r = decide(&w, 2);
    assert_close(r->break_even[1], log(1 / needed) / log(.8), .02);
    assert_close(r->break_even_effect[1], 1 / needed, .005);
    assert_string_equal(r->break_even_unit[1], "factor of dwell times");
    recoup_results_free(r);
    free_world(&w);
}

/* --- delay ------------------------------------------------------------------------------------ */

static void test_delay(void **state) {
    (void)state;
    const double x = .8;
    world w = make("market: {conversion: 0.5}\n", "0",
                   "simulation: {estimator: conditional}\ndecisions: {delay: [21, 7, 14]}\n"
                   "plans:\n  - name: as is\n  - name: push\n"
                   "    levers: [adjust: {exit: advance, logit: 0.8, start: +3d}]\n"
                   "  - name: later\n"
                   "    levers: [adjust: {exit: advance, logit: 0.8, start: +10d}]\n");
    recoup_results *r = decide(&w, 2);
    assert_int_equal(r->n_delays, 4);
    for (int k = 0; k < 4; k++) {
        assert_int_equal(r->delay[k], 7 * k);
        /* the same start, whichever way: both are right to 1e-4 */
        if (k < 3)
            assert_close(r->delay_hit_probability[4 + k + 1], r->delay_hit_probability[8 + k],
                         2 * TABLES);
        assert_true(r->delay_hit_gain[k] == 0);
        assert_close(r->delay_hit_gain[4 + k],
                     r->delay_hit_probability[4 + k] - r->delay_hit_probability[0], 1e-12);
        assert_close(r->delay_bookings_mean[4 + k], 1000 * r->delay_hit_probability[4 + k],
                     1000 * (4 * r->delay_hit_probability_se[4 + k] + 1e-6));
    }
    assert_close(r->delay_hit_probability[4], r->hit_probability[1], 2 * TABLES);
    recoup_results_free(r);
    free_world(&w);
    /* without a market there is a closed form */
    w = make("", "0",
             "simulation: {estimator: conditional}\ndecisions: {delay: [5, 12]}\n"
             "plans:\n  - name: as is\n  - name: push\n"
             "    levers: [adjust: {exit: advance, logit: 0.8, start: +3d}]\n");
    r = decide(&w, 1);
    assert_close(r->delay_hit_probability[3], chance_from(x, 3), TABLES);
    assert_close(r->delay_hit_probability[4], chance_from(x, 8), TABLES);
    assert_close(r->delay_hit_probability[5], chance_from(x, 15), TABLES);
    recoup_results_free(r);
    free_world(&w);
}

/* --- centered --------------------------------------------------------------------------------- */

/* Mean of the chance over an effect N(mean, sd): 10,000 midpoints. */
static double mean_chance(double mean, double sd) {
    enum { POINTS = 10000 };
    double sum = 0;
    for (int i = 0; i < POINTS; i++)
        sum += chance(B + mean + gsl_cdf_gaussian_Pinv((i + .5) / POINTS, sd)) / POINTS;
    return sum;
}

/* 64 draws of an effect have one point in each interval of 1/64 of its distribution: the mean of a
 * monotone function is off by its range over 64 at most. */
static void test_centered(void **state) {
    (void)state;
    world w =
        make("", "0",
             "simulation: {estimator: conditional, parameter_draws: 64}\n"
             "decisions: {draws: 64, target: 90%}\n"
             "plans:\n  - name: as is\n  - name: sure\n"
             "    levers: [adjust: {exit: advance, logit: 0.5}]\n  - name: guess\n"
             "    levers: [adjust: {exit: advance, logit: {normal: [0.5, 0.4]}}]\n"
             "  - name: later\n    levers: [adjust: {exit: advance, logit: 0.1, start: +5d}]\n");
    recoup_results *r = decide(&w, 2);
    double error = chance(100) / 64 + TABLES;
    assert_true(isnan(r->hit_probability_centered[0]) && isnan(r->best_probability_centered[0]));
    assert_close(r->strength_hit_probability[2 * 9 + 4], mean_chance(.5, .4), error);
    assert_close(r->hit_probability_centered[1], chance(B), TABLES);
    assert_close(r->hit_probability_centered[2], mean_chance(0, .4), error);
    /* best of the others as stated is `sure` or the guess, which is better in half of the draws */
    assert_close(r->best_probability[1], .5, 1. / 64);
    assert_close(r->best_probability[2], .5, 1. / 64);
    /* less its mean, `sure` does nothing: never best; the guess must be beyond + .5 */
    assert_true(r->best_probability_centered[1] == 0);
    assert_close(r->best_probability_centered[2], gsl_cdf_gaussian_Q(.5, .4), 1. / 64);
    recoup_results_free(r);
    free_world(&w);
}

/* Alone against doing nothing, a sure effect less its mean ties with it in every draw. */
static void test_centered_tie(void **state) {
    (void)state;
    world w = make("", "0",
                   "simulation: {estimator: conditional}\ndecisions: {target: 90%}\n"
                   "plans:\n  - name: as is\n  - name: sure\n"
                   "    levers: [adjust: {exit: advance, logit: 0.5}]\n");
    recoup_results *r = decide(&w, 1);
    assert_true(r->best_probability[1] == 1 && r->best_probability_centered[1] == .5);
    recoup_results_free(r);
    free_world(&w);
}

/* --- sensitivity ------------------------------------------------------------------------------ */

static const recoup_sensitivity_row *find_row(const recoup_sensitivity *s, const char *plan,
                                              const char *factor) {
    for (int i = 0; i < s->n_rows; i++)
        if (strcmp(s->row[i].plan, plan) == 0 && strcmp(s->row[i].factor, factor) == 0)
            return &s->row[i];
    return NULL;
}

static void assert_ends(const recoup_sensitivity_row *row, double low, double high,
                        double tolerance) {
    assert_non_null(row);
    assert_close(row->hit_probability_low, low, tolerance);
    assert_close(row->hit_probability_high, high, tolerance);
}

static void test_tornado(void **state) {
    (void)state;
    world w = make("market: {conversion: 0.5}\n", "0",
                   "simulation: {estimator: conditional}\ndecisions: {sensitivity: true}\n"
                   "plans:\n  - name: as is\n  - name: push\n    levers:\n"
                   "      - adjust: {exit: advance, logit: 0.3}\n"
                   "      - adjust: {exit: advance, logit: {normal: [0.2, 0.1]}}\n"
                   "  - name: worse\n    levers: [adjust: {exit: advance, logit: -0.3}]\n");
    recoup_results *r = decide(&w, 2);
    recoup_sensitivity *s = NULL;
    assert_int_equal(recoup_compare_sensitivity(r, &s, NULL), RECOUP_OK);
    assert_ends(find_row(s, "as is", "market"), chance(B - 1.645 * LOADING),
                chance(B + 1.645 * LOADING), 2 * TABLES);
    assert_ends(find_row(s, "push", "market"), chance(B + .5 - 1.645 * LOADING),
                chance(B + .5 + 1.645 * LOADING), 2 * TABLES);
    /* no draws: +- .2 of the logit; amounts: the deal alone decides, at 90 % it falls short */
    const recoup_sensitivity_row *row = find_row(s, "as is", "conversion: demo");
    assert_non_null(row);
    assert_true(row->low == -.2 && row->high == .2);
    assert_string_equal(row->unit, "logit");
    row = find_row(s, "as is", "amounts");
    assert_true(row->hit_probability_low < TABLES);
    assert_close(row->bookings_mean_high / row->bookings_mean_low, 1.1 / .9, 2 * TABLES);
    /* the best plan's levers, and no other's */
    assert_null(find_row(s, "as is", "adjust 1"));
    assert_null(find_row(s, "push", "adjust 3"));
    assert_null(find_row(s, "worse", "market"));
    row = find_row(s, "push", "adjust 1");
    assert_string_equal(row->unit, "strength");
    assert_true(row->low == 0 && row->high == 2);
    assert_string_equal(find_row(s, "push", "adjust 2")->unit, "quantile");
    /* largest first */
    for (int i = 1; i < s->n_rows; i++)
        if (s->row[i].plan == s->row[i - 1].plan)
            assert_true(
                fabs(s->row[i].hit_probability_high - s->row[i].hit_probability_low) <=
                fabs(s->row[i - 1].hit_probability_high - s->row[i - 1].hit_probability_low));
    assert_int_equal(s->n_shares, 0); /* one draw */
    recoup_sensitivity_free(s);
    recoup_results_free(r);
    free_world(&w);
}

/* Mean bookings are the deal's, which do not change, and those of new deals, which are proportional
 * to their number. */
static void test_tornado_of_arrivals(void **state) {
    (void)state;
    world w =
        make("", "0.5", "simulation: {estimator: conditional}\ndecisions: {sensitivity: true}\n");
    recoup_results *r = decide(&w, 2);
    recoup_sensitivity *s = NULL;
    assert_int_equal(recoup_compare_sensitivity(r, &s, NULL), RECOUP_OK);
    const recoup_sensitivity_row *row = find_row(s, "baseline", "arrivals");
    assert_non_null(row);
    double of_new = (row->bookings_mean_high - row->bookings_mean_low) / .2;
    assert_true(of_new > 1);
    assert_close(row->bookings_mean_high - 1.1 * of_new, 1000 * chance(B), 1000 * TABLES);
    recoup_sensitivity_free(s);
    recoup_results_free(r);
    free_world(&w);
}

/* The deal beside new ones of a thousandth of it: `conditional` is not made for such a book
 * (engine/characteristic.h), the paths say so, and nothing is decided by it. */
static void test_contradicted(void **state) {
    (void)state;
    world w = make("", "0.5", "simulation: {estimator: sample}\ndecisions: {delay: [7]}\n");
    recoup_results *r = decide(&w, 2);
    assert_string_equal(r->hit_estimator, "paths");
    assert_int_equal(r->n_strengths, 0);
    assert_int_equal(r->n_delays, 0);
    recoup_results_free(r);
    free_world(&w);
    w = make("", "0", "simulation: {estimator: walk}\ndecisions: {delay: [7]}\n");
    r = decide(&w, 2); /* paths, that do not contradict */
    assert_int_equal(r->n_strengths, 9);
    assert_int_equal(r->n_delays, 2);
    recoup_results_free(r);
    free_world(&w);
}

/* Ends of levers and of a stage in closed form, without a market. A quantile of the effect is one
 * of 1,024 draws, one in each interval of 1/1024 of the distribution. */
static void test_tornado_of_levers(void **state) {
    (void)state;
    world w = make("", "0",
                   "simulation: {estimator: conditional}\ndecisions: {sensitivity: true}\n"
                   "plans:\n  - name: as is\n  - name: push\n    levers:\n"
                   "      - adjust: {exit: advance, logit: 0.3}\n"
                   "      - adjust: {exit: advance, logit: {normal: [0.2, 0.1]}}\n");
    recoup_results *r = decide(&w, 2);
    recoup_sensitivity *s = NULL;
    assert_int_equal(recoup_compare_sensitivity(r, &s, NULL), RECOUP_OK);
    assert_null(find_row(s, "push", "market")); /* there is none */
    assert_ends(find_row(s, "as is", "conversion: demo"), chance(B - .2), chance(B + .2), TABLES);
    assert_ends(find_row(s, "push", "adjust 1"), chance(B + .2), chance(B + .8), TABLES);
    const recoup_sensitivity_row *row = find_row(s, "push", "adjust 2");
    for (int end = 0; end < 2; end++) {
        double p = end ? .95 : .05,
               hit = end ? row->hit_probability_high : row->hit_probability_low;
        double low = B + .3 + .2 + gsl_cdf_gaussian_Pinv(p - 1. / 1024, .1);
        double high = B + .3 + .2 + gsl_cdf_gaussian_Pinv(p + 1. / 1024, .1);
        assert_true(hit >= chance(low) - TABLES && hit <= chance(high) + TABLES);
    }
    recoup_sensitivity_free(s);
    recoup_results_free(r);
    free_world(&w);
}

/* --- variance shares -------------------------------------------------------------------------- */

/* Draws of the stage's logit, N(0, .1²) about its value, in an order of their own. */
static void add_draws(world *w, int n) {
    recoup_arena *arena = &w->model->arena;
    recoup_draws *draws = w->model->draws = recoup_draws_new(w->model, n, 1);
    draws->name[0] = recoup_arena_text(arena, "exits.demo.advance.logit", 24);
    for (int d = 0; d < n; d++)
        draws->value[d] = gsl_cdf_gaussian_Pinv((d * 29 % n + .5) / n, .1);
    recoup_simulation simulation = recoup_scenario_simulation(w->scenario);
    simulation.parameter_draws = n;
    recoup_scenario_set_simulation(w->scenario, &simulation);
}

/* The sum of two independent normal logits, sd .1 and .2, on a nearly straight piece of the
 * logistic function: shares .2 and .8. They are off by the correlation c of the 128 draws of both:
 * 2 c/sqrt(5) of the variance, c below 4/sqrt(128) in all but one of 15,000 cases; half of it for
 * each. */
static void test_shares(void **state) {
    (void)state;
    world w = make("", "0",
                   "simulation: {estimator: conditional}\n"
                   "decisions: {sensitivity: true, draws: 2}\n"
                   "plans:\n  - name: as is\n  - name: push\n"
                   "    levers: [adjust: {exit: advance, logit: {normal: [0.4, 0.2]}}]\n");
    add_draws(&w, 128);
    recoup_results *r = decide(&w, 2);
    recoup_sensitivity *s = NULL;
    assert_int_equal(recoup_compare_sensitivity(r, &s, NULL), RECOUP_OK);
    assert_int_equal(s->n_shares, 5);
    assert_string_equal(s->share[0].source, "conversion: demo");
    assert_string_equal(s->share[1].source, "not explained");
    assert_close(s->share[0].share, 1, .01); /* curvature is left */
    assert_close(s->share[0].share + s->share[1].share, 1, 1e-12);
    assert_string_equal(s->share[2].source, "adjust");
    double tolerance = .4 * 4 / sqrt(128) + .01;
    assert_close(s->share[2].share, .8, tolerance);
    assert_close(s->share[3].share, .2, tolerance);
    assert_close(s->share[4].share, 0, .01);
    /* the posterior of the stage is what its factor ranges over */
    const recoup_sensitivity_row *row = find_row(s, "as is", "conversion: demo");
    assert_close(row->high, 1.645 * .1, .002);
    recoup_sensitivity_free(s);
    recoup_results_free(r);
    free_world(&w);
}

/* --- in general ------------------------------------------------------------------------------- */

static void test_not_asked_for(void **state) {
    (void)state;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_delays *delays = NULL;
    recoup_sensitivity *sensitivity = NULL;
    world w = make("", "0", "simulation: {estimator: conditional}\n");
    recoup_results *r = decide(&w, 1);
    assert_int_equal(r->n_strengths, 0);
    assert_int_equal(recoup_compare_delays(r, &delays, &error), RECOUP_EINVALID);
    assert_non_null(strstr(error.problems[0].message, "decisions: {delay: [7, 14, 21]}"));
    recoup_error_clear(&error);
    assert_int_equal(recoup_compare_sensitivity(r, &sensitivity, &error), RECOUP_EINVALID);
    assert_non_null(strstr(error.problems[0].message, "decisions: {sensitivity: true}"));
    recoup_error_clear(&error);
    recoup_results_free(r);
    free_world(&w);
}

static void test_threads(void **state) {
    (void)state;
    world w = make("market: {conversion: 0.5}\n", "0.5",
                   "simulation: {estimator: conditional, parameter_draws: 8}\n"
                   "decisions: {target: 45%, delay: [7], sensitivity: true, draws: 5}\n"
                   "plans:\n  - name: as is\n  - name: push\n"
                   "    levers: [adjust: {exit: advance, logit: {normal: [0.4, 0.2]}}]\n");
    recoup_results *first = decide(&w, 1);
    for (int threads = 2; threads <= 5; threads++) {
        recoup_results *r = decide(&w, threads);
        size_t n = (size_t)(2 * first->n_factors * 2) * sizeof(double);
        assert_memory_equal(r->sensitivity_hit_probability, first->sensitivity_hit_probability, n);
        assert_memory_equal(r->variance_share, first->variance_share,
                            (size_t)(2 * first->n_sources) * sizeof(double));
        assert_memory_equal(r->break_even, first->break_even, 2 * sizeof(double));
        assert_memory_equal(r->delay_hit_gain_se, first->delay_hit_gain_se, 4 * sizeof(double));
        recoup_results_free(r);
    }
    recoup_results_free(first);
    free_world(&w);
}

static void test_interrupted(void **state) {
    (void)state;
    recoup_error error = RECOUP_ERROR_INIT;
    world w = make("", "0",
                   "simulation: {estimator: conditional}\ndecisions: {target: 45%}\n"
                   "plans:\n  - name: as is\n");
    recoup_results *r = decide(&w, 1);
    const volatile int stop = 1;
    recoup_engine_options options = {.threads = 1, .interrupted = &stop};
    assert_int_equal(recoup_decide(w.scenario, w.model, w.view, &options, r, &error),
                     RECOUP_EINTERRUPTED);
    recoup_error_clear(&error);
    recoup_results_free(r);
    free_world(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_break_even),
        cmocka_unit_test(test_nothing_needed),
        cmocka_unit_test(test_break_even_of_a_factor),
        cmocka_unit_test(test_delay),
        cmocka_unit_test(test_centered),
        cmocka_unit_test(test_centered_tie),
        cmocka_unit_test(test_tornado),
        cmocka_unit_test(test_tornado_of_levers),
        cmocka_unit_test(test_tornado_of_arrivals),
        cmocka_unit_test(test_contradicted),
        cmocka_unit_test(test_shares),
        cmocka_unit_test(test_not_asked_for),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_interrupted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
