/* scrub, segment_focus, rates by segment and the capacity of reassign: the mean number of wins
 * under each, with starts and ramps, by all three estimators against closed forms; and what `walk`
 * counts as lost. One stage, whose exits are equally fast and forget the past: a deal that is
 * worked for t days is won with p (1 - e^(-t/10)). */
#include "simulate.h"

enum { COHORTS = 2, SEGMENTS = 2, DAYS = 30, PATHS = 40000 };
static const double STAY_DAYS = 10;
/* Of a deal's probability to be won in the win tables (program/tables.h). */
static const double TABLES_ERROR = 1e-4;

static const double cohort_logit[COHORTS] = {0.3, -0.2}, segment_logit[SEGMENTS] = {0, 0.6};
static const double arrivals[COHORTS] = {1.1, 0.9}, mix[SEGMENTS] = {0.6, 0.4};
static const char model_text[] =
    "recoup: model/1\nstages: [only]\ncohorts: [x, y]\nsegments: [small, large]\n"
    "exits:\n"
    "  only: {advance: {logit: 0, cohort_logit: {x: 0.3, y: -0.2}, segment_logit: {small: 0, "
    "large: "
    "0.6}, dwell: {family: exponential, mean: 10}}, lost: {dwell: {family: exponential, mean: "
    "10}}}\n"
    "amount: {size_ref: 100, new: {family: lognormal, median: 80, sigma: 0.6}, revision: {sigma: "
    "0.2}}\n"
    "mix: {segment: {small: 0.6, large: 0.4}}\n"
    "arrivals: {x: 1.1, y: 0.9}\n";
static const char reps_text[] = "rep_id,cohort,status\nx1,x,active\nx2,x,active\ny1,y,active\n"
                                "y2,y,active\n";
enum { X1, X2, Y1, Y2, N_REPS, N_DEALS = 36 };

/* Open deals in turn by rep, and by segment; every third has no next step. */
static int rep_of(int deal) {
    return deal % N_REPS;
}
static int cohort_of(int deal) {
    return rep_of(deal) / 2;
}
static int segment_of(int deal) {
    return deal / N_REPS % 2;
}
static bool has_next_step(int deal) {
    return deal % 3 > 0;
}

static world make(const char *levers) {
    static const char *const reps[N_REPS] = {"x1", "x2", "y1", "y2"};
    char deals[4000], plans[800];
    int length = snprintf(deals, sizeof deals,
                          "deal_id,rep_id,amount,created,stage,outcome,stage_entered,segment,"
                          "next_step\n");
    for (int i = 0; i < N_DEALS; i++)
        length += snprintf(deals + length, sizeof deals - (size_t)length,
                           "d%02d,%s,%d,2025-12-01,only,open,2025-12-%02d,%s,%s\n", i,
                           reps[rep_of(i)], 60 + 3 * i, 1 + i % 28,
                           segment_of(i) ? "large" : "small", has_next_step(i) ? "call" : "");
    snprintf(plans, sizeof plans, "plans:\n  - name: as is\n  - name: p\n    levers: [%s]\n",
             levers);
    return make_world(model_text, deals, reps_text, plans);
}

/* --- closed forms ----------------------------------------------------------------------------- */

static double p_of(int cohort, int segment) {
    return 1 / (1 + exp(-cohort_logit[cohort] - segment_logit[segment]));
}

/* The chance to be still there after working for so many days. */
static double stays(double days) {
    return exp(-days / STAY_DAYS);
}

/* Mean wins of one arrival a day between two days, worked until day 30 at `speed`, which is not
 * changed meanwhile. */
static double arrival_wins(double p, double from, double to, double speed) {
    double mean = STAY_DAYS / speed;
    return p * (to - from - mean * (stays(speed * (DAYS - to)) - stays(speed * (DAYS - from))));
}

/* What a plan does, by day: the factors of arrivals; by deal: how long it is worked at all. */
typedef struct flow {
    double factor[COHORTS][SEGMENTS][DAYS];
    double days[N_DEALS];
} flow;

static flow as_is(void) {
    flow f;
    for (int c = 0; c < COHORTS; c++)
        for (int s = 0; s < SEGMENTS; s++)
            for (int day = 0; day < DAYS; day++)
                f.factor[c][s][day] = 1;
    for (int i = 0; i < N_DEALS; i++)
        f.days[i] = DAYS;
    return f;
}

/* docs/levers.md: on day k after the start min(1, (k + 1/2) / ramp_days). */
static double share_on(int day, int start, int ramp_days) {
    return day < start                                  ? 0
           : ramp_days == 0 || day - start >= ramp_days ? 1
                                                        : (day - start + .5) / ramp_days;
}

static double arrivals_of(const flow *f) {
    double n = 0;
    for (int c = 0; c < COHORTS; c++)
        for (int s = 0; s < SEGMENTS; s++)
            for (int day = 0; day < DAYS; day++)
                n += arrivals[c] * mix[s] * f->factor[c][s][day];
    return n;
}

static double wins_of(const flow *f) {
    double wins = 0;
    for (int i = 0; i < N_DEALS; i++)
        wins += p_of(cohort_of(i), segment_of(i)) * (1 - stays(f->days[i]));
    for (int c = 0; c < COHORTS; c++)
        for (int s = 0; s < SEGMENTS; s++)
            for (int day = 0; day < DAYS; day++)
                wins += arrivals[c] * mix[s] * f->factor[c][s][day] *
                        arrival_wins(p_of(c, s), day, day + 1, 1);
    return wins;
}

/* --- against the estimators ------------------------------------------------------------------- */

static recoup_tally *run(world *w, recoup_estimator estimator) {
    recoup_simulation simulation = recoup_scenario_simulation(w->scenario);
    simulation.estimator = estimator;
    recoup_scenario_set_simulation(w->scenario, &simulation);
    return simulate(w, PATHS, 1);
}

static void check_wins(const char *levers, double expected) {
    static const recoup_estimator estimators[] = {RECOUP_ESTIMATOR_CONDITIONAL,
                                                  RECOUP_ESTIMATOR_SAMPLE, RECOUP_ESTIMATOR_WALK};
    world w = make(levers);
    flow nothing = as_is();
    const double exact[2] = {wins_of(&nothing), expected};
    for (int e = 0; e < 3; e++) {
        recoup_tally *tally = run(&w, estimators[e]);
        for (int p = 0; p < 2; p++) {
            recoup_moments wins = tally->plan[p].sums.wins;
            bool by_paths = estimators[e] != RECOUP_ESTIMATOR_CONDITIONAL;
            double mean = by_paths ? wins.mean : tally->exact->wins[p];
            double error = by_paths ? 4 * sqrt(wins.m2 / (wins.n - 1) / wins.n) : 0;
            if (estimators[e] != RECOUP_ESTIMATOR_WALK) /* 36 open deals, some 60 to 90 new ones */
                error += TABLES_ERROR * 126;
            if (!(fabs(mean - exact[p]) <= error))
                fail_msg("%s, estimator %d, plan %d: %.6f wins instead of %.6f +- %.2g", levers, e,
                         p, mean, exact[p], error);
        }
        recoup_tally_free(tally);
    }
    free_world(&w);
}

/* Deals that arrive, that are lost and that are open at the end, by `walk`. */
static void check_flows(const char *levers, double arrived, double lost, double open) {
    world w = make(levers);
    recoup_tally *tally = run(&w, RECOUP_ESTIMATOR_WALK);
    const recoup_flow *sum = &tally->plan[1].sums.flow[0];
    /* Sums of independent deals of which each counts at most once: the variance of a Poisson law is
     * the largest that they can have. */
    assert_within(sum->entered / PATHS, arrived, sqrt(arrived / PATHS));
    assert_within(sum->lost / PATHS, lost, sqrt(lost / PATHS));
    assert_within(sum->open / PATHS, open, sqrt(open / PATHS));
    assert_true(sum->entered + (double)N_DEALS * PATHS == sum->advanced + sum->lost + sum->open);
    recoup_tally_free(tally);
    free_world(&w);
}

/* --- scrub ------------------------------------------------------------------------------------ */

/* 12 of the 36 deals, 6 in each cohort of 18: arrivals × (4/3)^.7. */
static void test_scrub(void **state) {
    (void)state;
    static const char lever[] = "scrub: {rules: no_next_step, start: +6d, returns: 0.7}";
    flow f = as_is();
    double lost = 0, open = 0;
    for (int i = 0; i < N_DEALS; i++) {
        double p = p_of(cohort_of(i), segment_of(i));
        f.days[i] = has_next_step(i) ? DAYS : 6;
        lost += (1 - p) * (1 - stays(f.days[i])) + (has_next_step(i) ? 0 : stays(6));
        open += has_next_step(i) ? stays(DAYS) : 0;
    }
    for (int c = 0; c < COHORTS; c++)
        for (int s = 0; s < SEGMENTS; s++)
            for (int day = 0; day < DAYS; day++) {
                f.factor[c][s][day] = pow(4. / 3, 0.7 * share_on(day, 6, 0));
                double n = arrivals[c] * mix[s] * f.factor[c][s][day];
                double ended = arrival_wins(1, day, day + 1, 1);
                lost += n * (1 - p_of(c, s)) * ended;
                open += n * (1 - ended);
            }
    check_wins(lever, wins_of(&f));
    check_flows(lever, arrivals_of(&f), lost, open);
}

/* At once all of them are lost; the deals of a ramp one after the other, in the order of their ids.
 */
static void test_scrub_at_once(void **state) {
    (void)state;
    flow f = as_is();
    double lost = 0, open = 0;
    for (int i = 0; i < N_DEALS; i++)
        f.days[i] = has_next_step(i) ? DAYS : 0;
    check_wins("scrub: {rules: no_next_step}", wins_of(&f));
    for (int i = 0; i < N_DEALS; i++)
        f.days[i] = 0;
    for (int c = 0; c < COHORTS; c++)
        for (int s = 0; s < SEGMENTS; s++) {
            double ended = arrival_wins(1, 0, DAYS, 1);
            lost += arrivals[c] * mix[s] * (1 - p_of(c, s)) * ended;
            open += arrivals[c] * mix[s] * (DAYS - ended);
        }
    check_wins("scrub: {rules: stale, stale_quantile: 1e-9}", wins_of(&f));
    check_flows("scrub: {rules: stale, stale_quantile: 1e-9}", arrivals_of(&f), lost + N_DEALS,
                open);
}

static void test_scrub_with_ramp(void **state) {
    (void)state;
    flow f = as_is();
    for (int i = 0, k = 0; i < N_DEALS; i++)
        if (!has_next_step(i))
            f.days[i] = 3 + floor(14 * (k++ + 0.5) / 12);
    for (int c = 0; c < COHORTS; c++)
        for (int s = 0; s < SEGMENTS; s++)
            for (int day = 0; day < DAYS; day++)
                f.factor[c][s][day] = pow(4. / 3, 0.5 * share_on(day, 3, 14));
    check_wins("scrub: {rules: no_next_step, start: +3d, ramp_days: 14, returns: 0.5}",
               wins_of(&f));
}

/* --- segments --------------------------------------------------------------------------------- */

/* From small × .6^(.8 share), to large × (1 + .4 · .6 / .4)^(.8 share). */
static void test_segment_focus(void **state) {
    (void)state;
    static const char lever[] = "segment_focus: {from: small, to: large, share: 0.4, returns: 0.8, "
                                "start: +4d, ramp_days: 10, cohort: y}";
    flow f = as_is();
    for (int day = 0; day < DAYS; day++) {
        f.factor[1][0][day] = pow(0.6, 0.8 * share_on(day, 4, 10));
        f.factor[1][1][day] = pow(1.6, 0.8 * share_on(day, 4, 10));
    }
    check_wins(lever, wins_of(&f));
    double won = wins_of(&f), ended = 0, n = arrivals_of(&f);
    for (int i = 0; i < N_DEALS; i++)
        ended += 1 - stays(DAYS);
    for (int c = 0; c < COHORTS; c++)
        for (int s = 0; s < SEGMENTS; s++)
            for (int day = 0; day < DAYS; day++)
                ended +=
                    arrivals[c] * mix[s] * f.factor[c][s][day] * arrival_wins(1, day, day + 1, 1);
    check_flows(lever, n, ended - won, n + N_DEALS - ended);
}

/* All effort leaves at once. */
static void test_segment_focus_of_all_effort(void **state) {
    (void)state;
    flow f = as_is();
    for (int c = 0; c < COHORTS; c++)
        for (int day = 9; day < DAYS; day++) {
            f.factor[c][1][day] = 0;
            f.factor[c][0][day] = pow(1 + 0.4 / 0.6, 0.5);
        }
    check_wins("segment_focus: {from: large, to: small, share: 1, returns: 0.5, start: +9d}",
               wins_of(&f));
}

/* Rates of cohorts, of segments and of both multiply. */
static void test_rates_by_segment(void **state) {
    (void)state;
    flow f = as_is();
    for (int c = 0; c < COHORTS; c++)
        for (int s = 0; s < SEGMENTS; s++)
            for (int day = 0; day < DAYS; day++)
                f.factor[c][s][day] = pow(s == 1 ? 1.9 : 1, share_on(day, 2, 6)) *
                                      (c == 0 ? 0.8 : 1) *
                                      pow(c == 1 && s == 0 ? 1.4 : 1, share_on(day, 10, 0));
    check_wins("adjust: {segment: large, rate: 1.9, start: +2d, ramp_days: 6}, "
               "adjust: {cohort: x, rate: 0.8}, "
               "adjust: {cohort: y, segment: small, rate: 1.4, start: +10d}",
               wins_of(&f));
}

/* --- capacity --------------------------------------------------------------------------------- */

/* The nine deals of y1 go to x2, who has nine, on day 5; they stand still for 2 days. With a
 * capacity of 12, x2 then works all 18 at 2/3 of the speed, and all new ones: half of those of x,
 * and from day 5 on the half of y's that y1 would get. */
static void test_capacity(void **state) {
    (void)state;
    const double v = 12. / 18;
    double wins = 0;
    for (int i = 0; i < N_DEALS; i++) {
        double p = p_of(cohort_of(i), segment_of(i)), under_x = p_of(0, segment_of(i));
        wins += rep_of(i) == X2   ? p * (1 - stays(5 + v * 25))
                : rep_of(i) == Y1 ? p * (1 - stays(5)) + stays(5) * under_x * (1 - stays(v * 23))
                                  : p * (1 - stays(DAYS));
    }
    for (int s = 0; s < SEGMENTS; s++) {
        double of_x = arrivals[0] * mix[s] / 2, of_y = arrivals[1] * mix[s] / 2;
        double p = p_of(0, s), q = p_of(1, s);
        /* arrived on day a < 5 and worked for 5 - a + 25 v days: the integral over a of
         * e^(-(5 - a + 25 v)/10) is e^(-25 v/10) 10 (1 - e^(-5/10)) */
        double before = p * (5 - stays(25 * v) * STAY_DAYS * (1 - stays(5)));
        wins += of_x * (arrival_wins(p, 0, DAYS, 1) + before + arrival_wins(p, 5, DAYS, v));
        wins += of_y * (arrival_wins(q, 0, DAYS, 1) + arrival_wins(q, 0, 5, 1) +
                        arrival_wins(p, 5, DAYS, v));
    }
    check_wins("reassign: {from: {rep: y1}, to: {rep: x2}, leads: true, start: +5d, "
               "handover_days: 2, capacity: 12}",
               wins);
}

/* A hand-over that outlasts the period: nobody works the deals of y1, and they are open at the end.
 */
static void test_endless_handover(void **state) {
    (void)state;
    static const char lever[] = "reassign: {from: {rep: y1}, to: {rep: x2}, handover_days: 100}";
    flow f = as_is();
    double lost = 0, open = 0;
    for (int i = 0; i < N_DEALS; i++) {
        f.days[i] = rep_of(i) == Y1 ? 0 : DAYS;
        lost += (1 - p_of(cohort_of(i), segment_of(i))) * (1 - stays(f.days[i]));
        open += stays(f.days[i]);
    }
    for (int c = 0; c < COHORTS; c++)
        for (int s = 0; s < SEGMENTS; s++) {
            double ended = arrival_wins(1, 0, DAYS, 1);
            lost += arrivals[c] * mix[s] * (1 - p_of(c, s)) * ended;
            open += arrivals[c] * mix[s] * (DAYS - ended);
        }
    check_wins(lever, wins_of(&f));
    check_flows(lever, arrivals_of(&f), lost, open);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scrub),
        cmocka_unit_test(test_scrub_at_once),
        cmocka_unit_test(test_scrub_with_ramp),
        cmocka_unit_test(test_segment_focus),
        cmocka_unit_test(test_segment_focus_of_all_effort),
        cmocka_unit_test(test_rates_by_segment),
        cmocka_unit_test(test_capacity),
        cmocka_unit_test(test_endless_handover),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
