/* quota_relief: P(hit), shortfall and the chances of teams and reps against exact binomial figures,
 * by all three estimators; and a relief that is uncertain, draw by draw. */
#include "../engine/simulate.h"
#include "results/results.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

/* Twelve deals of 105 each, and no new ones: won with p = (1 - e^-3) / (1 + e^-2), as the stay is
 * 10 days on average and the period has 30. Six of them are a's. Amounts are hardly revised, and
 * the quotas lie well between multiples of 105: 3.6 standard deviations of the revisions and more,
 * so that only the number of wins counts. */
enum { DEALS = 12, OF_A = 6, AMOUNT = 105, PLANS = 5, PATHS = 40000 };
static const char reps_text[] = "rep_id,team,quota\na,north,600\nb,south,500\n";
static const char plans_text[] =
    "plans:\n  - name: none\n  - name: share\n    levers: [quota_relief: {share: 21%}]\n"
    "  - name: amount\n    levers: [quota_relief: {amount: 420}]\n"
    "  - name: both\n    levers: [quota_relief: {share: 0.2}, quota_relief: {amount: 30}, "
    "quota_relief: {share: 0.5}]\n"
    "  - name: all of it\n    levers: [quota_relief: {amount: 1e6}]\n";
/* 1000, 1000 · .79, 1000 - 420, 1000 · .8 · .5 - 30, 0 */
static const double quotas[PLANS] = {1000, 790, 580, 370, 0};

static world make(double revision_sigma, const char *plans) {
    char model[600], deals[1500];
    snprintf(model, sizeof model,
             "recoup: model/1\nstages: [only]\ncohorts: [all]\nexits:\n"
             "  only: {advance: {logit: 2, dwell: {family: exponential, mean: 10}}, lost: {dwell: "
             "{family: exponential, mean: 10}}}\n"
             "amount: {new: {family: lognormal, median: 100, sigma: 1}, revision: {sigma: %g}}\n",
             revision_sigma);
    int length = snprintf(deals, sizeof deals,
                          "deal_id,rep_id,amount,created,stage,outcome,stage_entered\n");
    for (int i = 0; i < DEALS; i++)
        length += snprintf(deals + length, sizeof deals - (size_t)length,
                           "d%02d,%s,%d,2025-12-01,only,open,2025-12-%02d\n", i,
                           i < OF_A ? "a" : "b", AMOUNT, 1 + i);
    return make_world(model, deals, reps_text, plans);
}

static double chance(void) {
    return (1 - exp(-3)) / (1 + exp(-2));
}

/* P(at least so much is won of n deals). */
static double reaches(double quota, int n) {
    double least = ceil(quota / AMOUNT); /* wins that it takes */
    return least <= 0 ? 1 : gsl_cdf_binomial_Q((unsigned)least - 1, chance(), (unsigned)n);
}

static double shortfall_of(double quota) {
    double sum = 0;
    for (unsigned k = 0; k <= DEALS; k++)
        sum += gsl_ran_binomial_pdf(k, chance(), DEALS) * fmax(0, quota - (double)AMOUNT * k);
    return sum;
}

static recoup_results *results_of(const recoup_tally *tally) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_results *results = NULL;
    recoup_provenance provenance = {.title = "relief", .estimator = "any"};
    require_ok(recoup_results_create(tally, &provenance, &results, &error), &error);
    return results;
}

static recoup_tally *run(world *w, recoup_estimator estimator, int64_t paths) {
    recoup_simulation simulation = recoup_scenario_simulation(w->scenario);
    simulation.estimator = estimator;
    recoup_scenario_set_simulation(w->scenario, &simulation);
    return simulate(w, paths, 1);
}

/* The win tables' 1e-4 in each deal's chance moves P(hit) by at most 12e-4 (there is a coupling in
 * which that is the chance that any deal differs); the inversion's error is far below. */
static const double TABLES_ERROR = DEALS * 1e-4;

static void test_conditional(void **state) {
    (void)state;
    world w = make(0.02, plans_text);
    recoup_tally *tally = run(&w, RECOUP_ESTIMATOR_CONDITIONAL, 1);
    recoup_results *results = results_of(tally);
    for (int p = 0; p < PLANS; p++) {
        assert_true(fabs(results->plan_quota[p] - quotas[p]) < 1e-9);
        assert_within(results->hit_probability[p], reaches(quotas[p], DEALS), TABLES_ERROR / 4);
        assert_within(results->expected_shortfall[p], shortfall_of(quotas[p]),
                      AMOUNT * TABLES_ERROR / 4);
        double median = results->bookings_quantile[p * results->n_quantiles + 4];
        double attainment = results->attainment_quantile[p * results->n_quantiles + 4];
        double quota = results->plan_quota[p];
        assert_true(quota > 0 ? attainment == median / quota : isnan(attainment));
    }
    assert_true(results->quota == 1000);
    recoup_results_free(results);
    recoup_tally_free(tally);
    free_world(&w);
}

static void check_share(double share, double exact, double n) {
    if (exact == 0 || exact == 1)
        assert_true(share == exact);
    else
        assert_within(share, exact, sqrt(exact * (1 - exact) / n) + TABLES_ERROR / 4);
}

/* Bookings are the same in all plans; what they are held against is not. */
static void check_paths(recoup_estimator estimator) {
    world w = make(0.02, plans_text);
    recoup_tally *tally = run(&w, estimator, PATHS);
    recoup_results *results = results_of(tally);
    double n = (double)results->paths;
    for (int p = 0; p < PLANS; p++) {
        double relief = quotas[p] / 1000;
        assert_true(fabs(results->plan_quota[p] - quotas[p]) < 1e-9);
        assert_true(results->bookings_mean[p] == results->bookings_mean[0]);
        check_share(results->hit_probability_paths[p], reaches(quotas[p], DEALS), n);
        assert_within(results->expected_shortfall[p], shortfall_of(quotas[p]),
                      quotas[p] / sqrt(n) + AMOUNT * TABLES_ERROR / 4);
        /* a: 600, b: 500, as are their teams */
        check_share(results->rep_hit_probability[2 * p], reaches(600 * relief, OF_A), n);
        check_share(results->rep_hit_probability[2 * p + 1], reaches(500 * relief, OF_A), n);
        check_share(results->team_hit_probability[2 * p], reaches(600 * relief, OF_A), n);
        check_share(results->team_hit_probability[2 * p + 1], reaches(500 * relief, OF_A), n);
        /* path by path: whoever hits the higher quota hits the lower one */
        int64_t gained = tally->plan[p].gained[0], lost = tally->plan[p].lost[0];
        assert_int_equal(lost, 0);
        assert_int_equal(gained, tally->plan[p].hits[0] - tally->plan[0].hits[0]);
    }
    recoup_results_free(results);
    recoup_tally_free(tally);
    free_world(&w);
}

static void test_walk(void **state) {
    (void)state;
    check_paths(RECOUP_ESTIMATOR_WALK);
}

static void test_sample(void **state) {
    (void)state;
    check_paths(RECOUP_ESTIMATOR_SAMPLE);
}

/* In sixteen draws of a relief that is uniform between 0 and .8, one lies in each sixteenth of it,
 * and P(hit) of the draw is that against the draw's own quota. */
static void test_uncertain(void **state) {
    (void)state;
    enum { DRAWS = 16 };
    static const recoup_estimator estimators[] = {RECOUP_ESTIMATOR_CONDITIONAL,
                                                  RECOUP_ESTIMATOR_SAMPLE, RECOUP_ESTIMATOR_WALK};
    world w =
        make(0, "plans:\n  - name: none\n  - name: relief\n    levers: [quota_relief: {share: "
                "{uniform: [0, 0.8]}}]\nsimulation: {parameter_draws: 16, seed: 3}\n");
    for (int e = 0; e < 3; e++) {
        recoup_tally *tally = run(&w, estimators[e], DRAWS * 4000);
        recoup_results *results = results_of(tally);
        bool seen[DRAWS] = {false};
        double sum = 0;
        for (int d = 0; d < DRAWS; d++) {
            double quota = tally->plan[1].quota[d];
            int bin = (int)((1 - quota / 1000) / .8 * DRAWS);
            assert_true(tally->plan[0].quota[d] == 1000);
            assert_true(bin >= 0 && bin < DRAWS && !seen[bin]);
            seen[bin] = true;
            sum += quota;
            if (estimators[e] != RECOUP_ESTIMATOR_WALK)
                assert_within(results->hit_probability_draw[DRAWS + d], reaches(quota, DEALS),
                              TABLES_ERROR / 4);
            if (estimators[e] != RECOUP_ESTIMATOR_CONDITIONAL)
                check_share((double)tally->plan[1].hits[d] / 4000, reaches(quota, DEALS), 4000);
        }
        assert_true(fabs(results->plan_quota[1] - sum / DRAWS) < 1e-9);
        recoup_results_free(results);
        recoup_tally_free(tally);
    }
    free_world(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conditional),
        cmocka_unit_test(test_walk),
        cmocka_unit_test(test_sample),
        cmocka_unit_test(test_uncertain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
