/* What the first plan is expected to bring, by cohort and rep, against simulations of the same
 * worlds: open and new deals, levers, hand-overs, moved leads, discount limits, a market. */
#include "diagnose/expected.h"

#include "../engine/random_world.h"
#include "decide/activity.h"
#include "engine/each_draw.h"
#include "tally/tally.h"
#include <gsl/gsl_randist.h>

/* Sanitizers make all of this some five to ten times slower. */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
enum { LESS = 8 };
#else
enum { LESS = 1 };
#endif
enum { WORLDS = LESS > 1 ? 2 : 8, PATHS = LESS > 1 ? 3000 : 20000 };

static recoup_tally *simulate(const world *w, recoup_estimator estimator, int64_t paths) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_engine_options options = {.threads = 1};
    recoup_tally *tally = NULL;
    recoup_scenario alone = *w->scenario;
    alone.n_plans = 1;
    alone.simulation.estimator = estimator;
    alone.simulation.paths = paths;
    require_ok(recoup_simulate(&alone, w->model, w->view, &options, &tally, &error), &error);
    return tally;
}

static recoup_expected *expect(const world *w) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_engine_options engine = {.threads = 1};
    recoup_expected_options options = {.n_limits = 1, .limit = {INFINITY}};
    recoup_expected *expected = NULL;
    require_ok(recoup_expected_create(w->scenario, w->model, w->view, &engine, &options, &expected,
                                      &error),
               &error);
    assert_int_equal(expected->n_draws, 1);
    return expected;
}

static double sum(const double *value, int n) {
    double total = 0;
    for (int i = 0; i < n; i++)
        total += value[i];
    return total;
}

static void assert_close(double value, double expected, double tolerance) {
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.9g is not within %.2g of %.9g", value, tolerance, expected);
}

/* The worlds' own plans, one after the other as the first. */
static world make(int number) {
    const random_book book = {
        .n_deals = 30, .n_plans = 4, .least = 20, .most = 200, .revision_sigma = .2};
    world w = make_random_world(number, &book);
    w.scenario->plan += number % 4; /* in the arena */
    w.scenario->n_plans = 1;
    return w;
}

/* The estimator `conditional` adds up the same tables in another way; what differs is how Z is
 * integrated over, to 1e-8, and where the tables' polynomials are below 0 by rounding. */
static void team_is_that_of_conditional(void **state) {
    (void)state;
    for (int i = 0; i < WORLDS; i++) {
        world w = make(i);
        recoup_expected *e = expect(&w);
        recoup_tally *tally = simulate(&w, RECOUP_ESTIMATOR_CONDITIONAL, 1);
        int n = e->n_cohorts;
        double bookings = sum(e->open_bookings, n) + sum(e->new_bookings, n);
        double wins = sum(e->open_wins, n) + sum(e->new_wins, n);
        assert_close(bookings, tally->exact->mean[0] - tally->shape.booked, 2e-6 * bookings);
        assert_close(wins, tally->exact->wins[0], 2e-6 * wins);
        for (int c = 0; c < n; c++) {
            assert_true(e->open_eventual[c] >= e->open_wins[c]);
            assert_true(e->new_eventual[c] >= e->new_wins[c]);
        }
        assert_close(sum(e->unit_bookings, e->n_units), bookings, 1e-9 * bookings);
        recoup_tally_free(tally);
        recoup_expected_free(e);
        free_world(&w);
    }
}

/* Mean of a sketch's values to the power of 1 or 2, by the middles of its bins. */
static double sketch_moment(const recoup_sketch *sketch, int power) {
    double total = 0;
    int n_bins = 1 << sketch->bits;
    for (int i = 0; i < sketch->n_octaves * n_bins; i++) {
        double middle = ldexp(1 + (i % n_bins + .5) / n_bins, sketch->first_octave + i / n_bins);
        total += (double)sketch->count[i] * pow(middle, power);
    }
    return total / (double)sketch->n;
}

/* Deals walked one by one, new ones with the reps that their leads go to. Tolerances: four standard
 * errors of so many paths, 1e-4 in each probability of the tables, and for reps the bins of their
 * sketches, 2^-7 wide. Cohorts' sums by who wins are compared through units. */
static void cohorts_and_reps_are_those_of_walks(void **state) {
    (void)state;
    for (int i = 0; i < WORLDS; i++) {
        world w = make(i);
        recoup_expected *e = expect(&w);
        recoup_tally *tally = simulate(&w, RECOUP_ESTIMATOR_WALK, PATHS);
        const recoup_plan_tally *plan = &tally->plan[0];
        double table_error = 1e-4 * 50 * 200; /* of 50 deals of 200 */
        for (int c = 0; c < e->n_cohorts; c++) {
            const recoup_moments *of = &plan->sums.cohort[c];
            double own = e->unit_bookings[w.view->n_reps + c];
            for (int r = 0; r < w.view->n_reps; r++)
                if (strcmp(w.view->cohorts.name[w.view->rep_cohort[r]], w.model->cohorts.name[c]) ==
                    0)
                    own += e->unit_bookings[r];
            assert_close(own, of->mean, 4 * sqrt(of->m2) / of->n + table_error);
        }
        for (int r = 0; r < w.view->n_reps; r++) {
            const recoup_sketch *sketch = &plan->rep_sketch[r];
            double mean = sketch_moment(sketch, 1);
            double se = sqrt(fmax(0, sketch_moment(sketch, 2) - mean * mean) / PATHS);
            assert_close(e->unit_bookings[r], mean, 4 * se + mean / 128 + table_error);
        }
        recoup_tally_free(tally);
        recoup_expected_free(e);
        free_world(&w);
    }
}

/* Walked for four years more, all that are won are won: of the deals there are, and of those that
 * come within the period, after which the arrivals of the plan end. A lever from the first day on
 * is in force all the time. Left out is the calendar, which is not in W by definition.
 */
static const char *const until_the_end[2] = {"plans:\n"
                                             "  - name: until the end\n"
                                             "    levers:\n"
                                             "      - adjust: {rate: 1e-12, start: +30d}\n",
                                             "plans:\n"
                                             "  - name: until the end\n"
                                             "    levers:\n"
                                             "      - adjust: {rate: 1e-12, start: +30d}\n"
                                             "      - coach: {cohort: x, logit: 0.7}\n"
                                             "      - unblock: {stage: s1, speed: 3}\n"};

static world make_ending(int number, bool has_arrivals, bool has_levers) {
    maker model = {.seed = (uint64_t)number}, deals = {.seed = 1000 + (uint64_t)number};
    const random_book book = {.n_deals = 40, .n_plans = 1, .least = 20, .most = 200};
    int n_stages = 2 + number % 5;
    make_model(&model, n_stages, 0);
    make_deals(&deals, n_stages, &book);
    world w = make_world(model.text, deals.text, rep_text, until_the_end[has_levers]);
    w.model->quarter_end_days = w.model->quarter_end_logit = 0;
    for (int i = 0; i < w.model->cohorts.n * recoup_model_n_channels(w.model) && !has_arrivals; i++)
        w.model->arrivals[i] = 0;
    return w;
}

static void wins_in_the_end(void **state) {
    (void)state;
    for (int i = 0; i < WORLDS; i++) {
        bool has_arrivals = i % 2;
        world w = make_ending(100 + i, has_arrivals, i % 4 >= 2);
        recoup_expected *e = expect(&w);
        w.scenario->period_end += 1500;
        recoup_tally *tally = simulate(&w, RECOUP_ESTIMATOR_WALK, PATHS / 4);
        const recoup_moments *wins = &tally->plan[0].sums.wins;
        double found = sum(e->open_eventual, e->n_cohorts) + sum(e->new_eventual, e->n_cohorts);
        assert_true(has_arrivals == (sum(e->new_deals, e->n_cohorts) > 0));
        /* .003: what is still to be won after four years, and the nodes of Z, sizes and discounts
         */
        assert_close(found, wins->mean, 4 * sqrt(wins->m2) / wins->n + .003 * found);
        recoup_tally_free(tally);
        recoup_expected_free(e);
        free_world(&w);
    }
}

/* The same chains by elimination instead of stage by stage: recoup activity's funnel, at many
 * points of Z. Without size and discount, for which the funnel has eight classes of its own. 2e-3:
 * five nodes of Z where it moves the log odds of six stages by up to .8 each. */
static void new_deals_in_the_end(void **state) {
    (void)state;
    enum { MARKETS = 61 }; /* from -6 to 6 */
    const double step = .2;
    for (int number = 0; number < WORLDS; number++) {
        world w = make_ending(200 + number, true, false);
        w.scenario->n_plans = 1;
        w.scenario->plan[0].effects = (recoup_effects){0};
        for (int s = 0; s < w.model->n_stages; s++)
            for (int x = 0; x < w.model->stage[s].n_exits; x++)
                w.model->stage[s].exit[x].size_logit = w.model->stage[s].exit[x].discount_logit = 0;
        recoup_expected *e = expect(&w);
        double entries[8], days = w.scenario->period_end - w.scenario->as_of;
        int n_channels = recoup_model_n_channels(w.model);
        for (int c = 0; c < e->n_cohorts; c++) {
            double deals = 0, wins = 0;
            for (int k = 0; k < n_channels * MARKETS; k++) {
                int h = k / MARKETS;
                double z = k % MARKETS * step - 6;
                double rate = w.model->arrivals[c * n_channels + h] * days *
                              exp(w.model->market_arrivals * z) * step * gsl_ran_ugaussian_pdf(z);
                recoup_funnel funnel = {.entries = entries};
                assert_true(recoup_funnel_make(w.model, c, h, z, &funnel));
                deals += rate;
                wins += rate * funnel.win;
            }
            assert_close(e->new_deals[c], deals, 1e-4 * deals);
            assert_close(e->new_eventual[c], wins, 2e-3 * wins);
        }
        recoup_expected_free(e);
        free_world(&w);
    }
}

static void same_for_any_number_of_threads(void **state) {
    (void)state;
    world w = make(5);
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_expected *expected[2] = {NULL, NULL};
    for (int i = 0; i < 2; i++) {
        recoup_engine_options engine = {.threads = 1 + 3 * i, .isa = i ? "portable" : NULL};
        recoup_expected_options options = {.n_limits = 1, .limit = {INFINITY}};
        require_ok(recoup_expected_create(w.scenario, w.model, w.view, &engine, &options,
                                          &expected[i], &error),
                   &error);
    }
    size_t n = (size_t)expected[0]->n_units * sizeof(double);
    assert_memory_equal(expected[0]->unit_bookings, expected[1]->unit_bookings, n);
    n = (size_t)expected[0]->n_cohorts * sizeof(double);
    assert_memory_equal(expected[0]->new_eventual, expected[1]->new_eventual, n);
    recoup_expected_free(expected[0]);
    recoup_expected_free(expected[1]);
    free_world(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(team_is_that_of_conditional),
        cmocka_unit_test(cohorts_and_reps_are_those_of_walks),
        cmocka_unit_test(wins_in_the_end),
        cmocka_unit_test(new_deals_in_the_end),
        cmocka_unit_test(same_for_any_number_of_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
