/* Levers on common random numbers: on every path more of a lever is no worse, and nothing of it is
 * the same to the last bit. */
#include "simulate.h"

enum { LEVELS = 5, PATHS = 3000 };

/* Two stages, a market, sizes that matter, arrivals that vary. Each stage's exits are equally fast,
 * so that a deal which advances instead of being lost does so no later than it would have. */
static const char model_text[] =
    "recoup: model/1\nstages: [s0, s1]\ncohorts: [x, y]\nchannels: [in, out]\n"
    "segments: [small, large]\nmarket: {conversion: 0.3, arrivals: 0.2}\n"
    "defaults: {advance: {cohort_logit: {x: 0.3, y: -0.3}, channel_logit: {in: 0.2, out: 0}, "
    "segment_logit: {small: 0, large: -0.2}, size_logit: 0.1, discount_logit: 0}}\n"
    "exits:\n"
    "  s0: {advance: {logit: 0.2, dwell: {family: lognormal, median: 9, sigma: 0.8}}, lost: "
    "{dwell: {family: lognormal, median: 9, sigma: 0.8}}}\n"
    "  s1: {advance: {logit: 0.4, dwell: {family: weibull, shape: 1.4, scale: 11}}, lost: {dwell: "
    "{family: weibull, shape: 1.4, scale: 11}}}\n"
    "amount: {size_ref: 100, new: {family: lognormal, median: 80, sigma: 0.6}, revision: {sigma: "
    "0.2}}\n"
    "mix: {segment: {small: 0.6, large: 0.4}}\n"
    "arrivals: {x: {in: {rate: 0.8, dispersion: 0.2}, out: 0.3}, y: {in: 0.5, out: 0.4}}\n";
static const char reps_text[] = "rep_id,cohort,team,status,quota\nx1,x,north,active,300\n"
                                "x2,x,north,active,200\ny1,y,south,active,400\n"
                                "y2,y,south,vacant,\n";

static world make(const char *plans) {
    static const char *const reps[] = {"x1", "x2", "y1", "y2"};
    char deals[3000];
    int length =
        snprintf(deals, sizeof deals,
                 "deal_id,rep_id,amount,created,stage,outcome,stage_entered,channel,segment\n");
    for (int i = 0; i < 30; i++)
        length +=
            snprintf(deals + length, sizeof deals - (size_t)length,
                     "d%02d,%s,%d,2025-12-01,s%d,open,2025-12-%02d,%s,%s\n", i, reps[i % 4],
                     20 + 7 * i, i / 2 % 2, 1 + i, i % 3 ? "in" : "out", i % 5 ? "small" : "large");
    return make_world(model_text, deals, reps_text, plans);
}

static recoup_tally *run(world *w, recoup_estimator estimator) {
    recoup_simulation simulation = recoup_scenario_simulation(w->scenario);
    simulation.estimator = estimator;
    simulation.keep_paths = estimator != RECOUP_ESTIMATOR_CONDITIONAL;
    recoup_scenario_set_simulation(w->scenario, &simulation);
    return simulate(w, PATHS, 1);
}

/* --- more is no worse ------------------------------------------------------------------------- */

typedef struct dose {
    const char *format; /* of the lever, with a place for the effect */
    double effect[LEVELS];
    bool ends; /* some deals come after it, and are as without it */
} dose;

static const dose doses[] = {
    {"coach: {cohort: y, stage: s1, logit: %g, start: +3d, ramp_days: 10}",
     {-0.5, 0, 0.3, 1, 3},
     false},
    {"coach: {logit: %g}", {-1, -0.1, 0, 0.1, 1}, false},
    {"unblock: {stage: s0, speed: %g, start: +2d, ramp_days: 6}", {0.5, 1, 1.2, 2, 8}, false},
    {"unblock: {cohort: x, speed: %g}", {0.2, 0.9, 1, 1.1, 3}, false},
    {"activity: {channel: in, increase: %g, returns: 0.7, start: +2d, ramp_days: 9}",
     {-0.6, 0, 0.2, 1, 4},
     false},
    {"incentive: {cohort: x, segment: large, logit: %g, start: +1d, until: +12d, ramp_days: 20}",
     {-1, 0, 0.4, 1, 4},
     true},
    {"incentive: {speed: %g, start: +5d, until: +15d}", {0.3, 1, 1.5, 2.5, 6}, true},
    {"hire: {cohort: x, count: %g, start: +1d, ramp_days: 12}", {0, 0.5, 1, 3, 9}, false},
    {"adjust: {segment: large, rate: %g, start: +3d, ramp_days: 5}", {0.2, 1, 1.5, 3, 6}, false},
    {"scrub: {rules: stale, stale_quantile: 0.3, start: +4d, adoption: %g}",
     {1, 0.7, 0.4, 0.2, 0},
     false},
    {"scrub: {rules: stale, stale_quantile: 0.5, ramp_days: 9, returns: %g}",
     {0, 0.2, 0.5, 0.8, 1},
     false},
    {"reassign: {from: {rep: y1}, to: {rep: x2}, leads: true, start: +2d, ramp_days: 5, "
     "handover_days: 2, capacity: %g}",
     {1, 3, 6, 10, 40},
     false},
};

/* Bookings of the p-th plan on each path are at least those of the plan before. A path's bookings
 * are added up week by week: those that come in another week make a difference by rounding. */
static int count_worse(const recoup_tally *tally, bool *any_better) {
    int n_worse = 0;
    for (int p = 1; p < LEVELS; p++)
        for (int i = 0; i < PATHS; i++) {
            double less = tally->kept[(p - 1) * PATHS + i], more = tally->kept[p * PATHS + i];
            n_worse += more < less * (1 - 1e-12);
            *any_better |= more > less * (1 + 1e-12);
        }
    return n_worse;
}

static void check_doses(recoup_estimator estimator) {
    for (size_t k = 0; k < sizeof doses / sizeof *doses; k++) {
        char plans[1500] = "plans:\n", lever[300];
        for (int i = 0; i < LEVELS; i++) {
            size_t length = strlen(plans);
            snprintf(lever, sizeof lever, doses[k].format, doses[k].effect[i]);
            snprintf(plans + length, sizeof plans - length, "  - name: p%d\n    levers: [%s]\n", i,
                     lever);
        }
        world w = make(plans);
        recoup_tally *tally = run(&w, estimator);
        bool any_better = false;
        int n_worse = count_worse(tally, &any_better);
        /* Of deals that come later `sample` knows the chance to 1e-4 (program/tables.h), on other
         * grids under each plan; there are some 90 deals on a path. */
        bool is_rounded = doses[k].ends && estimator == RECOUP_ESTIMATOR_SAMPLE;
        if (n_worse > (is_rounded ? PATHS * 90 * 1e-4 : 0) || !any_better)
            fail_msg("%s: worse on %d paths, better on %s", doses[k].format, n_worse,
                     any_better ? "some" : "none");
        recoup_tally_free(tally);
        free_world(&w);
    }
}

static void test_more_is_no_worse_by_walk(void **state) {
    (void)state;
    check_doses(RECOUP_ESTIMATOR_WALK);
}

static void test_more_is_no_worse_by_sample(void **state) {
    (void)state;
    check_doses(RECOUP_ESTIMATOR_SAMPLE);
}

/* --- nothing is nothing ----------------------------------------------------------------------- */

/* Without an effect, or with nobody who follows it. */
static const char *const nothings[] = {
    "coach: {cohort: y, stage: s1, logit: 0, start: +3d, ramp_days: 10}",
    "coach: {logit: 0.5, adoption: 0}",
    "unblock: {stage: s0, speed: 1, start: +2d, ramp_days: 6}",
    "unblock: {speed: 2, adoption: 0}",
    "activity: {channel: in, increase: 0, returns: 0.7, start: +2d, ramp_days: 9}",
    "activity: {increase: 1, returns: 1, adoption: 0}",
    "incentive: {segment: large, logit: 0, speed: 1, start: +1d, until: +12d}",
    "incentive: {cohort: x, logit: 1, speed: 2, adoption: 0, until: +5d}",
    "incentive: {logit: 1, speed: 2, start: +9d, until: +9d}",
    "hire: {cohort: x, count: 0, start: +1d, ramp_days: 12}",
    "hire: {cohort: y, count: 2, adoption: 0}",
    "quota_relief: {share: 0}",
    "quota_relief: {amount: 0}",
    "quota_relief: {share: 0.5, adoption: 0}",
    "adjust: {segment: large, rate: 1}",
    "scrub: {rules: no_amount, returns: 1}", /* they all have one */
    "scrub: {rules: stale, stale_quantile: 0.1, returns: 1, adoption: 0}",
    "segment_focus: {from: small, to: large, share: 0.5, returns: 1, adoption: 0}",
    "reassign: {from: {rep: x1}, to: {rep: y1}, leads: true, capacity: 1, adoption: 0}",
};

static bool is_same_sum(recoup_moments a, recoup_moments b) {
    return a.n == b.n && a.mean == b.mean && a.m2 == b.m2;
}

/* All numbers of plan 0 of one tally and plan p of another, in every bit. */
static bool is_same(const recoup_tally *a, const recoup_tally *b, int p) {
    const recoup_plan_tally *x = &a->plan[0], *y = &b->plan[p];
    bool same = x->quota[0] == y->quota[0] && x->hits[0] == y->hits[0] &&
                is_same_sum(x->sums.bookings, y->sums.bookings) &&
                is_same_sum(x->sums.wins, y->sums.wins) &&
                is_same_sum(x->sums.shortfall, y->sums.shortfall);
    for (int c = 0; c < a->shape.n_cohorts; c++)
        same = same && is_same_sum(x->sums.cohort[c], y->sums.cohort[c]);
    for (int r = 0; r < a->shape.n_reps; r++)
        same = same && x->rep_hits[r] == y->rep_hits[r];
    for (int t = 0; t < a->shape.n_teams; t++)
        same = same && x->team_hits[t] == y->team_hits[t];
    for (int s = 0; s < a->shape.n_stages; s++)
        same = same && memcmp(&x->sums.flow[s], &y->sums.flow[s], sizeof x->sums.flow[s]) == 0;
    if (a->exact)
        same = same && a->exact->hit[0] == b->exact->hit[p] &&
               a->exact->mean[0] == b->exact->mean[p] && a->exact->sd[0] == b->exact->sd[p] &&
               a->exact->shortfall[0] == b->exact->shortfall[p];
    if (a->kept)
        same = same && memcmp(a->kept, b->kept + p * PATHS, PATHS * sizeof *a->kept) == 0;
    return same;
}

/* Beside the baseline, and in its place. */
static void check_nothing(recoup_estimator estimator) {
    world bare = make("plans: [{name: p}]\n");
    recoup_tally *without = run(&bare, estimator);
    for (size_t k = 0; k < sizeof nothings / sizeof *nothings; k++) {
        char plans[500];
        snprintf(plans, sizeof plans, "plans: [{name: p, levers: [%s]}]\n", nothings[k]);
        world alone = make(plans);
        snprintf(plans, sizeof plans, "plans: [{name: q}, {name: p, levers: [%s]}]\n", nothings[k]);
        world beside = make(plans);
        recoup_tally *of_alone = run(&alone, estimator), *of_beside = run(&beside, estimator);
        if (!is_same(without, of_alone, 0) || !is_same(of_beside, of_beside, 1) ||
            !is_same(without, of_beside, 0))
            fail_msg("%s makes a difference", nothings[k]);
        recoup_tally_free(of_alone);
        recoup_tally_free(of_beside);
        free_world(&alone);
        free_world(&beside);
    }
    recoup_tally_free(without);
    free_world(&bare);
}

static void test_nothing_is_nothing_by_walk(void **state) {
    (void)state;
    check_nothing(RECOUP_ESTIMATOR_WALK);
}

static void test_nothing_is_nothing_by_sample(void **state) {
    (void)state;
    check_nothing(RECOUP_ESTIMATOR_SAMPLE);
}

static void test_nothing_is_nothing_by_conditional(void **state) {
    (void)state;
    check_nothing(RECOUP_ESTIMATOR_CONDITIONAL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_more_is_no_worse_by_walk),
        cmocka_unit_test(test_more_is_no_worse_by_sample),
        cmocka_unit_test(test_nothing_is_nothing_by_walk),
        cmocka_unit_test(test_nothing_is_nothing_by_sample),
        cmocka_unit_test(test_nothing_is_nothing_by_conditional),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
