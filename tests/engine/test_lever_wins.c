/* coach, unblock, activity, incentive and hire: the mean number of wins under each, with starts,
 * ramps and ends, by all three estimators against closed forms (lever_world.h). */
#include "lever_world.h"

/* Of a deal's probability to be won in the win tables (program/tables.h). */
static const double TABLES_ERROR = 1e-4;
enum { PATHS = 20000 };

static void check(const char *what, const char *levers, const days_of_levers *days) {
    static const recoup_estimator estimators[] = {RECOUP_ESTIMATOR_CONDITIONAL,
                                                  RECOUP_ESTIMATOR_SAMPLE, RECOUP_ESTIMATOR_WALK};
    char plans[1000];
    snprintf(plans, sizeof plans, "plans:\n  - name: as is\n  - name: p\n    levers: [%s]\n",
             levers);
    world w = make_lever_world(plans);
    days_of_levers nothing = no_levers();
    const double exact[2] = {expected_wins(&nothing), expected_wins(days)};
    for (int e = 0; e < 3; e++) {
        recoup_simulation simulation = recoup_scenario_simulation(w.scenario);
        simulation.estimator = estimators[e];
        recoup_scenario_set_simulation(w.scenario, &simulation);
        recoup_tally *tally = simulate(&w, PATHS, 1);
        for (int p = 0; p < 2; p++) {
            recoup_moments wins = tally->plan[p].sums.wins;
            bool by_paths = estimators[e] != RECOUP_ESTIMATOR_CONDITIONAL;
            double mean = by_paths ? wins.mean : tally->exact->wins[p];
            double error = by_paths ? 4 * sqrt(wins.m2 / (wins.n - 1) / wins.n) : 0;
            /* about 90 deals: 27 open, 60 new, more under a lever */
            if (estimators[e] != RECOUP_ESTIMATOR_WALK)
                error += TABLES_ERROR * 2 * exact[p];
            if (!(fabs(mean - exact[p]) <= error))
                fail_msg("%s, estimator %d, plan %d: %.6f wins instead of %.6f +- %.2g", what, e, p,
                         mean, exact[p], error);
        }
        recoup_tally_free(tally);
    }
    free_world(&w);
}

/* A logit of x in a cohort, speed and the like, between two days. */
static void test_coach(void **state) {
    (void)state;
    days_of_levers days = no_levers();
    for (int s = 0; s < SEGMENTS; s++)
        for (int day = 0; day < DAYS; day++)
            days.logit[1][s][day] = 0.9 * share_on(day, 3, 14, DAYS);
    check("coach", "coach: {cohort: y, stage: only, logit: 0.9, start: +3d, ramp_days: 14}", &days);
}

static void test_unblock(void **state) {
    (void)state;
    days_of_levers days = no_levers();
    for (int c = 0; c < COHORTS; c++)
        for (int s = 0; s < SEGMENTS; s++)
            for (int day = 0; day < DAYS; day++)
                days.log_speed[c][s][day] = log(2.5) * share_on(day, 5, 8, DAYS);
    check("unblock", "unblock: {stage: only, speed: 2.5, start: +5d, ramp_days: 8}", &days);
}

static void test_activity(void **state) {
    (void)state;
    days_of_levers days = no_levers();
    for (int c = 0; c < COHORTS; c++)
        for (int day = 0; day < DAYS; day++)
            days.factor[c][1][day] = pow(2.2, 0.6 * share_on(day, 2, 10, DAYS));
    check("activity",
          "activity: {channel: out, increase: 1.2, returns: 0.6, start: +2d, ramp_days: 10}",
          &days);
}

static void test_less_activity(void **state) {
    (void)state;
    days_of_levers days = no_levers();
    for (int h = 0; h < CHANNELS; h++)
        for (int day = 0; day < DAYS; day++)
            days.factor[0][h][day] = pow(0.3, share_on(day, 0, 5, DAYS));
    check("less activity", "activity: {cohort: x, increase: -0.7, returns: 1, ramp_days: 5}",
          &days);
}

/* It ends before its ramp does. */
static void test_incentive(void **state) {
    (void)state;
    days_of_levers days = no_levers();
    for (int day = 0; day < DAYS; day++) {
        double share = share_on(day, 4, 12, 11);
        days.logit[0][1][day] = 1.5 * share;
        days.log_speed[0][1][day] = log(3) * share;
    }
    check("incentive",
          "incentive: {cohort: x, segment: large, logit: 1.5, speed: 3, start: +4d, ramp_days: 12, "
          "until: +11d}",
          &days);
}

static void test_incentive_to_the_end(void **state) {
    (void)state;
    days_of_levers days = no_levers();
    for (int c = 0; c < COHORTS; c++)
        for (int s = 0; s < SEGMENTS; s++)
            for (int day = 0; day < DAYS; day++)
                days.log_speed[c][s][day] = log(1.5) * share_on(day, 20, 0, DAYS);
    check("incentive to the end", "incentive: {speed: 1.5, start: 2026-01-21}", &days);
}

/* Three hires beside the two reps of x who get new deals, and one more from day 8 on. */
static void test_hire(void **state) {
    (void)state;
    days_of_levers days = no_levers();
    for (int h = 0; h < CHANNELS; h++)
        for (int day = 0; day < DAYS; day++)
            days.factor[0][h][day] =
                1 + (3 * share_on(day, 4, 16, DAYS) + share_on(day, 8, 0, DAYS)) / 2;
    check("hire",
          "hire: {cohort: x, count: 3, start: +4d, ramp_days: 16}, hire: {cohort: x, count: 1, "
          "start: +8d}",
          &days);
}

/* All of them at once: logits add, factors multiply. */
static void test_together(void **state) {
    (void)state;
    days_of_levers days = no_levers();
    for (int day = 0; day < DAYS; day++) {
        for (int s = 0; s < SEGMENTS; s++) {
            days.logit[1][s][day] = 0.5 * share_on(day, 3, 14, DAYS);
            for (int c = 0; c < COHORTS; c++)
                days.log_speed[c][s][day] = log(1.6) * share_on(day, 5, 0, DAYS);
            double share = share_on(day, 10, 4, 20);
            days.logit[1][s][day] += 0.4 * share;
            days.log_speed[1][s][day] += log(0.8) * share;
        }
        for (int h = 0; h < CHANNELS; h++)
            days.factor[1][h][day] = pow(1.5, 0.5 * share_on(day, 0, 6, DAYS)) *
                                     (1 + share_on(day, 7, 10, DAYS) * 1 / 2);
    }
    check("together",
          "coach: {cohort: y, logit: 0.5, start: +3d, ramp_days: 14}, "
          "unblock: {speed: 1.6, start: +5d}, "
          "incentive: {cohort: y, logit: 0.4, speed: 0.8, start: +10d, ramp_days: 4, until: +20d}, "
          "activity: {cohort: y, increase: 50%, returns: 0.5, ramp_days: 6}, "
          "hire: {cohort: y, count: 1, start: +7d, ramp_days: 10}",
          &days);
}

/* The worked example of lever_incentive.c: by day 12 a deal has gone through 4 + 2 · 6 + 2 days'
 * worth of the stage. All deals advance (logit 40), in a period of 12 days. */
static void test_the_example_of_incentive(void **state) {
    (void)state;
    recoup_error error = RECOUP_ERROR_INIT;
    world w = make_world("recoup: model/1\nstages: [only]\ncohorts: [all]\nexits:\n"
                         "  only: {advance: {logit: 40, dwell: {family: exponential, mean: 10}}, "
                         "lost: {dwell: {family: exponential, mean: 10}}}\n"
                         "amount: {new: {family: lognormal, median: 100, sigma: 1}}\n",
                         "deal_id,rep_id,amount,created,stage,outcome,stage_entered\n"
                         "d,r,100,2025-12-01,only,open,2025-12-20\n",
                         NULL,
                         "plans: [{name: p, levers: [incentive: {speed: 2, start: +4d, until: "
                         "+10d}]}]\nsimulation: {estimator: conditional}\n");
    w.scenario->period_end = w.scenario->as_of + 12;
    recoup_tally *tally = simulate(&w, 1, 1);
    if (!(fabs(tally->exact->wins[0] - 0.8347011117784134) <= TABLES_ERROR))
        fail_msg("%.6f", tally->exact->wins[0]);
    recoup_tally_free(tally);
    recoup_error_clear(&error);
    free_world(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_coach),
        cmocka_unit_test(test_unblock),
        cmocka_unit_test(test_activity),
        cmocka_unit_test(test_less_activity),
        cmocka_unit_test(test_incentive),
        cmocka_unit_test(test_incentive_to_the_end),
        cmocka_unit_test(test_hire),
        cmocka_unit_test(test_together),
        cmocka_unit_test(test_the_example_of_incentive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
