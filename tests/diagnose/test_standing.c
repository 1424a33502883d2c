/* Where team, cohorts and reps stand. */
#include "diagnose/diagnose.h"

#include "../world.h"
#include "tally/tally.h"

static const char model[] =
    "recoup: model/1\nstages: [talk]\ncohorts: [x, y]\nexits:\n"
    "  talk: {advance: {logit: 0, dwell: {family: exponential, mean: 10}},"
    " lost: {dwell: {family: exponential, mean: 10}}}\n"
    "amount: {new: {family: lognormal, median: 100, sigma: .5}}\narrivals: {x: 0.2, y: 0}\n";

/* Open deals of both cohorts and of nobody, deals won before and within the period. */
static const char deals[] =
    "deal_id,rep_id,amount,created,stage,outcome,closed\n"
    "d1,r1,100,2025-11-01,talk,open,\nd2,r2,200,2025-12-01,talk,open,\n"
    "d3,r1,300,2025-11-01,talk,won,2025-12-31\nd4,r1,400,2025-11-01,talk,won,2026-01-03\n"
    "d5,r2,50,2025-11-01,talk,lost,2026-01-03\nd6,r3,70,2025-12-20,talk,open,\n";

static const char reps[] = "rep_id,cohort,quota,status\nr1,x,600,active\nr2,y,300,ramping\n"
                           "r3,x,,vacant\n";

static recoup_results *simulate(world *w, recoup_estimator estimator) {
    recoup_error error = RECOUP_ERROR_INIT;
    const recoup_engine_options options = {.threads = 1};
    const recoup_provenance provenance = {
        .title = "", .estimator = "", .isa = "any", .scenario = "", .model = ""};
    recoup_tally *tally = NULL;
    recoup_results *results = NULL;
    w->scenario->simulation.estimator = estimator;
    w->scenario->simulation.paths = 20000;
    require_ok(recoup_simulate(w->scenario, w->model, w->view, &options, &tally, &error), &error);
    require_ok(recoup_results_create(tally, &provenance, &results, &error), &error);
    recoup_tally_free(tally);
    require_ok(recoup_diagnose(w->scenario, w->model, w->view, &options, results, &error), &error);
    return results;
}

static world make(void) {
    world w = make_world(model, deals, reps, "");
    /* Five days into the period: what was won there is booked. */
    w.scenario->as_of += 5;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_view_options options;
    recoup_scenario_view_options(w.scenario, &options);
    recoup_view_free(w.view);
    require_ok(recoup_view_create(w.dataset, &options, &w.view, &error), &error);
    return w;
}

static void assert_close(double value, double expected, double tolerance) {
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.9g is not within %.2g of %.9g", value, tolerance, expected);
}

/* Expected by hand: exponential dwell is memoryless, and half of the exits win; over the 25 days
 * left an open deal is won with p = (1 - exp(-2.5)) / 2, and of the new ones, 0.2 a day and all
 * r1's, the mean share over the days is (1 - (1 - exp(-2.5)) / 2.5) / 2. */
static void by_hand(void **state) {
    (void)state;
    double p = -expm1(-2.5) / 2, late = (1 + expm1(-2.5) / 2.5) / 2;
    double new_bookings = .2 * 25 * late * 100 * exp(.5 * .5 * .5);
    const double rep_expected[] = {400 + p * 100 + new_bookings, p * 200, p * 70};
    const char *const names[] = {"team", "x", "y", "r1", "r2", "r3"};
    const double quota[] = {1000, 600, 300, 600, 300, NAN};
    const double booked[] = {400, 400, 0, 400, 0, 0};
    const double open_amount[] = {370, 170, 200, 100, 200, 70};
    const double expected[] = {rep_expected[0] + rep_expected[1] + rep_expected[2],
                               rep_expected[0] + rep_expected[2],
                               rep_expected[1],
                               rep_expected[0],
                               rep_expected[1],
                               rep_expected[2]};
    for (int k = 0; k < 2; k++) {
        bool has_paths = k == 0;
        world w = make();
        recoup_results *results =
            simulate(&w, has_paths ? RECOUP_ESTIMATOR_SAMPLE : RECOUP_ESTIMATOR_CONDITIONAL);
        int n;
        const recoup_standing_row *row =
            recoup_results_records(results, RECOUP_RECORD_STANDING, &n);
        assert_int_equal(n, 6);
        for (int i = 0; i < n; i++) {
            /* The team's and cohorts' are of the paths: four standard errors, an sd of 250 at most.
             * The others are of the tables, 1e-4 in each probability. */
            double tolerance = has_paths && i < 3 ? 4 * 250 / sqrt(20000) : .15;
            assert_string_equal(row[i].level, i == 0 ? "team" : i < 3 ? "cohort" : "rep");
            assert_string_equal(row[i].name, names[i]);
            assert_true(row[i].quota == quota[i] || (isnan(quota[i]) && isnan(row[i].quota)));
            assert_true(row[i].booked == booked[i]);
            assert_int_equal(row[i].n_open, i == 0 ? 3 : i == 1 ? 2 : 1);
            assert_true(row[i].open_amount == open_amount[i]);
            assert_close(row[i].expected, expected[i], tolerance);
            assert_true(isnan(quota[i]) || row[i].gap == row[i].quota - row[i].expected);
            assert_true(isnan(row[i].low) == (!has_paths && i > 0));
            assert_true(isnan(row[i].low) ||
                        (row[i].low <= row[i].high && row[i].low >= booked[i]));
        }
        assert_string_equal(row[4].status, "ramping");
        assert_string_equal(row[4].cohort, "y");
        assert_true(row[0].hit_probability == results->hit_probability[0]);
        assert_true(isnan(row[5].hit_probability));
        recoup_results_free(results);
        free_world(&w);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(by_hand)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
