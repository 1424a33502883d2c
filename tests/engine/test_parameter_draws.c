/* Parameter draws: each has its own model, program and paths. */
#include "model/draws.h"
#include "simulate.h"

/* One open deal that is decided within a day or two: P(win) = 1 / (1 + e^-logit). */
static const char model_text[] =
    "recoup: model/1\n"
    "stages: [demo]\n"
    "cohorts: [all]\n"
    "channels: [x, y]\n"
    "exits:\n"
    "  demo:\n"
    "    advance: {logit: 0, dwell: {family: exponential, mean: 0.1}}\n"
    "    lost: {dwell: {family: exponential, mean: 0.1}}\n"
    "amount: {new: {family: lognormal, median: 1, sigma: 0.1}}\n"
    "arrivals: {all: {x: 0.5, y: 0.5}}\n";
static const char deals[] = "deal_id,rep_id,amount,created,stage,outcome,closed\n"
                            "d1,,1000,2025-12-31,demo,open,\n";
static const char plans[] = "plans:\n"
                            "  - name: as is\n"
                            "  - name: focus\n"
                            "    levers:\n"
                            "      - channel_focus: {from: x, to: y, share: 100%, returns: 1}\n";

static const double logits[4] = {-1, 0, 1, 2};

/* Draw d has the logit logits[d], and the rates of x and y in a proportion of its own. */
static world make_drawn(int64_t n_draws) {
    world w = make_world(model_text, deals, NULL, plans);
    recoup_arena *arena = &w.model->arena;
    recoup_draws *draws = w.model->draws = recoup_draws_new(w.model, 4, 2);
    draws->name[0] = recoup_arena_text(arena, "exits.demo.advance.logit", 24);
    draws->name[1] = recoup_arena_text(arena, "arrivals.all.x.log_rate", 23);
    for (int d = 0; d < 4; d++) {
        draws->value[2 * d] = logits[d];
        draws->value[2 * d + 1] = d; /* mode 0: x arrives e^d times as often */
    }
    recoup_simulation simulation = recoup_scenario_simulation(w.scenario);
    simulation.parameter_draws = n_draws;
    recoup_scenario_set_simulation(w.scenario, &simulation);
    return w;
}

static void test_each_draw_has_its_parameters(void **state) {
    (void)state;
    world w = make_drawn(4);
    recoup_tally *tally = simulate(&w, 19998, 2);
    assert_int_equal(tally->n_paths, 20000); /* rounded up to a multiple of the draws */
    double rate_mean = 0;
    for (int d = 0; d < 4; d++) {
        double n = (double)tally->draw_paths[d], p = 1 / (1 + exp(-logits[d]));
        assert_int_equal(tally->draw_paths[d], 5000);
        /* quota = amount: a hit is a win; new deals are worth nothing beside it */
        assert_within((double)tally->plan[0].hits[d] / n, p, sqrt(p * (1 - p) / n));
        rate_mean += .5 * (exp(d) + 1) * 30 * p / 4;
    }
    /* Wins: the deal and the new deals, but for those that arrive in the last moments of the 30
     * days (0.1 of 30: within 1 %). */
    double wins = tally->plan[0].sums.wins.mean -
                  (1 / (1 + exp(1)) + .5 + 1 / (1 + exp(-1)) + 1 / (1 + exp(-2))) / 4;
    assert_true(fabs(wins / rate_mean - 1) < .03);
    recoup_tally_free(tally);
    free_world(&w);
}

/* All effort goes from x to y: arrivals of y rise by the rate of x in the draw, so that the number
 * of new deals is the same under both plans in every draw. With the factor of the mode it would not
 * be: in draw 3 x has 20 times the arrivals of y. */
static void test_levers_follow_the_draw(void **state) {
    (void)state;
    world w = make_drawn(4);
    recoup_tally *tally = simulate(&w, 20000, 2);
    assert_true(fabs(tally->plan[1].sums.wins.mean / tally->plan[0].sums.wins.mean - 1) < .02);
    recoup_tally_free(tally);
    free_world(&w);
}

static void test_threads(void **state) {
    (void)state;
    static const int threads[] = {1, 2, 3, 7};
    world w = make_drawn(4);
    recoup_tally *first = simulate(&w, 3000, threads[0]);
    for (size_t i = 1; i < sizeof threads / sizeof *threads; i++) {
        recoup_tally *tally = simulate(&w, 3000, threads[i]);
        for (int p = 0; p < 2; p++) {
            const recoup_plan_tally *a = &first->plan[p], *b = &tally->plan[p];
            assert_memory_equal(&a->sums.bookings, &b->sums.bookings, sizeof a->sums.bookings);
            assert_memory_equal(&a->sums.gain, &b->sums.gain, sizeof a->sums.gain);
            assert_memory_equal(a->hits, b->hits, 4 * sizeof *a->hits);
        }
        recoup_tally_free(tally);
    }
    recoup_tally_free(first);
    free_world(&w);
}

/* Each draw has as many paths as the others wherever the run stops. */
static void test_precision(void **state) {
    (void)state;
    world w = make_drawn(4);
    recoup_simulation simulation = recoup_scenario_simulation(w.scenario);
    simulation.precision = 0.01;
    recoup_scenario_set_simulation(w.scenario, &simulation);
    recoup_tally *tally = simulate(&w, 4000000, 2);
    double se;
    recoup_tally_hit(tally, 0, &se);
    assert_true(1.96 * se <= 0.01 && tally->n_paths < 4000000);
    for (int d = 0; d < 4; d++)
        assert_int_equal(tally->draw_paths[d], tally->n_paths / 4);
    recoup_tally_free(tally);
    free_world(&w);
}

static void test_too_many_draws(void **state) {
    (void)state;
    world w = make_drawn(5);
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_engine_options options = {.threads = 1};
    recoup_tally *tally = NULL;
    assert_int_equal(recoup_simulate(w.scenario, w.model, w.view, &options, &tally, &error),
                     RECOUP_EINVALID);
    recoup_error_clear(&error);
    assert_int_equal(recoup_simulate_check(w.scenario, w.model, w.view, &error), RECOUP_EINVALID);
    recoup_error_clear(&error);
    assert_int_equal(recoup_scenario_resolve(w.scenario, w.model, &error), RECOUP_EINVALID);
    assert_non_null(strstr(error.problems[0].message, "the model stores 4 draws"));
    recoup_error_clear(&error);
    w.model->draws = NULL;
    assert_int_equal(recoup_scenario_resolve(w.scenario, w.model, &error), RECOUP_EINVALID);
    assert_non_null(strstr(error.problems[0].message, "has no stored uncertainty"));
    recoup_error_clear(&error);
    free_world(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_draw_has_its_parameters),
        cmocka_unit_test(test_levers_follow_the_draw),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_precision),
        cmocka_unit_test(test_too_many_draws),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
