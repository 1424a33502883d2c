/* The engine against closed forms and against direct integration of the hazards. */
#include "simulate.h"

enum { PATHS = 1 << 17 };

#define HEAD                                                                                       \
    "recoup: model/1\nstages: [talk]\ncohorts: [all]\namount: {new: {family: lognormal, median: "  \
    "1000, sigma: 0.5}}\n"
#define DEALS "deal_id,rep_id,amount,created,stage,outcome,stage_entered\n"
#define BASELINE "plans:\n  - name: baseline\n"

/* Share of paths that win the only deal (amount 1000 = quota), and its binomial standard error. */
static void check_hit(const recoup_tally *tally, int plan, double exact) {
    double p = (double)tally->plan[plan].hits[0] / (double)tally->n_paths;
    assert_within(p, exact, sqrt(exact * (1 - exact) / (double)tally->n_paths));
}

static recoup_dist exponential(double mean) {
    return (recoup_dist){.family = RECOUP_EXPONENTIAL, .mu = log(mean)};
}

static double logistic(double x) {
    return 1 / (1 + exp(-x));
}

/* --- one stage -------------------------------------------------------------------------------- */

/* Age 12: P(win by 30 | age) = p_w (S_w(12) - S_w(42)) / (p_w S_w(12) + p_l S_l(12)). */
static void test_aged_deal(void **state) {
    (void)state;
    world w =
        make_world(HEAD "exits: {talk: {advance: {logit: 0.4, dwell: {family: weibull, shape: "
                        "1.4, scale: 30}}, lost: {dwell: {family: lognormal, median: 15, "
                        "sigma: 0.8}}}}\n",
                   DEALS "a,r,1000,2025-12-20,talk,open,2025-12-20\n", NULL, BASELINE);
    recoup_tally *tally = simulate(&w, PATHS, 2);
    recoup_dist win = {RECOUP_WEIBULL, log(30), {1.4, 0}};
    recoup_dist lose = {RECOUP_LOGNORMAL, log(15), {0.8, 0}};
    double p = logistic(0.4), a = 12;
    double exact = p * (recoup_dist_survival(&win, a) - recoup_dist_survival(&win, a + 30)) /
                   (p * recoup_dist_survival(&win, a) + (1 - p) * recoup_dist_survival(&lose, a));
    check_hit(tally, 0, exact);
    recoup_tally_free(tally);
    free_world(&w);
}

/* The share of deals won by `horizon`, by integrating the hazards of docs/model.md with small steps
 * (midpoint rule): an independent reading of time-varying laws. logit(t), v(t) by the caller. */
static double integrate(const recoup_dist *win, const recoup_dist *lose, double age, double horizon,
                        double (*logit)(double), double (*speed)(double)) {
    const int steps = 60000;
    double dt = horizon / steps, alive = 1, won = 0;
    for (int i = 0; i < steps; i++) {
        double t = (i + .5) * dt, v = speed(t), p = logistic(logit(t));
        double middle = age + .5 * v * dt;
        double rest =
            p * recoup_dist_survival(win, middle) + (1 - p) * recoup_dist_survival(lose, middle);
        double h_win = v * p * exp(recoup_dist_log_density(win, middle)) / rest;
        double h_lose = v * (1 - p) * exp(recoup_dist_log_density(lose, middle)) / rest;
        double leave = -expm1(-(h_win + h_lose) * dt);
        won += alive * leave * h_win / (h_win + h_lose);
        alive *= 1 - leave;
        age += v * dt;
    }
    return won;
}

static double ramped_logit(double t) { /* +0.8 from day 5, over 10 days, in daily steps */
    return t < 5 ? 0.4 : 0.4 + 0.8 * fmin(1, (floor(t - 5) + .5) / 10);
}
static double one(double t) {
    (void)t;
    return 1;
}
static double faster(double t) {
    return t < 8 ? 1 : 2.5;
}

static void test_time_varying(void **state) {
    (void)state;
    world w = make_world(
        HEAD
        "exits: {talk: {advance: {logit: 0.4, dwell: {family: weibull, shape: 1.4, scale: 30}}, "
        "lost: {dwell: {family: lognormal, median: 15, sigma: 0.8}}}}\n",
        DEALS "a,r,1000,2025-12-20,talk,open,2025-12-20\n", NULL,
        BASELINE "  - name: ramp\n    levers:\n      - adjust: {exit: advance, logit: 0.8, start: "
                 "+5d, ramp_days: 10}\n"
                 "  - name: both\n    levers:\n      - adjust: {exit: advance, logit: 0.8, start: "
                 "+5d, ramp_days: 10}\n"
                 "      - adjust: {dwell: 0.4, start: +8d}\n");
    /* A dwell factor on all exits keeps the operational age; a speed stretches time instead: the
     * third plan's lever becomes a speed of 2.5 from day 8. */
    recoup_effects *effects = &w.scenario->plan[2].effects;
    for (int i = 0; i < effects->n_changes; i++)
        if (effects->change[i].quantity == RECOUP_CHANGE_LOG_DWELL) {
            effects->change[i].quantity = RECOUP_CHANGE_LOG_SPEED;
            effects->change[i].value = log(2.5);
        }
    recoup_tally *tally = simulate(&w, PATHS, 2);
    recoup_dist win = {RECOUP_WEIBULL, log(30), {1.4, 0}};
    recoup_dist lose = {RECOUP_LOGNORMAL, log(15), {0.8, 0}};
    check_hit(tally, 1, integrate(&win, &lose, 12, 30, ramped_logit, one));
    check_hit(tally, 2, integrate(&win, &lose, 12, 30, ramped_logit, faster));
    /* raising the logit never loses a path that was won without it */
    assert_int_equal(tally->plan[1].lost[0], 0);
    assert_true(tally->plan[1].gained[0] > 0);
    recoup_tally_free(tally);
    free_world(&w);
}

/* The period starts a quarter: 2026-01-01 to 2026-03-31, of 90 days. Its last 80 days begin on
 * day 10. */
static double late_quarter_logit(double t) {
    return 0.4 + 1.5 * ((t >= 10 ? 1 : 0) - 80 / 90.);
}

static void test_quarter_end(void **state) {
    (void)state;
    world w = make_world(
        HEAD
        "market: {quarter_end: {last_days: 80, logit: 1.5}}\n"
        "exits: {talk: {advance: {logit: 0.4, dwell: {family: weibull, shape: 1.4, scale: 30}}, "
        "lost: {dwell: {family: lognormal, median: 15, sigma: 0.8}}}}\n",
        DEALS "a,r,1000,2025-12-20,talk,open,2025-12-20\n", NULL, BASELINE);
    recoup_tally *tally = simulate(&w, PATHS, 2);
    recoup_dist win = {RECOUP_WEIBULL, log(30), {1.4, 0}};
    recoup_dist lose = {RECOUP_LOGNORMAL, log(15), {0.8, 0}};
    check_hit(tally, 0, integrate(&win, &lose, 12, 30, late_quarter_logit, one));
    recoup_tally_free(tally);
    free_world(&w);
}

/* A dwell factor from day 10 on: survivors' odds from the new laws at their age. */
static void test_dated_dwell(void **state) {
    (void)state;
    world w =
        make_world(HEAD "exits: {talk: {advance: {logit: 0, dwell: {family: lognormal, median: "
                        "20, sigma: 0.6}}, lost: {dwell: {family: exponential, mean: 25}}}}\n",
                   DEALS "a,r,1000,2025-12-31T23:59:59Z,talk,open,2025-12-31T23:59:59Z\n", NULL,
                   BASELINE "  - name: quicker\n    levers:\n      - adjust: {exit: advance, "
                            "dwell: 0.5, start: +10d}\n");
    recoup_tally *tally = simulate(&w, PATHS, 2);
    recoup_dist win = {RECOUP_LOGNORMAL, log(20), {0.6, 0}}, quick = win;
    recoup_dist lose = exponential(25);
    quick.mu += log(.5);
    double d = 10, h = 30;
    double stay = .5 * recoup_dist_survival(&win, d) + .5 * recoup_dist_survival(&lose, d);
    double odds = recoup_dist_survival(&quick, d) /
                  (recoup_dist_survival(&quick, d) + recoup_dist_survival(&lose, d));
    double exact =
        .5 * recoup_dist_cdf(&win, d) +
        stay * odds * (1 - recoup_dist_survival(&quick, h) / recoup_dist_survival(&quick, d));
    check_hit(tally, 0, .5 * recoup_dist_cdf(&win, h));
    check_hit(tally, 1, exact);
    recoup_tally_free(tally);
    free_world(&w);
}

/* P(hit) with a market factor: the mean of logistic(l + c·Z) over Z, by the trapezoid rule. */
static void test_market(void **state) {
    (void)state;
    world w = make_world(
        HEAD "market: {conversion: 0.9}\nexits: {talk: {advance: {logit: -0.5, dwell: "
             "{family: exponential, mean: 3}}, lost: {dwell: {family: exponential, "
             "mean: 3}}}}\n",
        DEALS "a,r,1000,2025-12-31T23:59:59Z,talk,open,2025-12-31T23:59:59Z\n", NULL, BASELINE);
    recoup_tally *tally = simulate(&w, PATHS, 2);
    double sum = 0;
    for (int i = -4000; i <= 4000; i++) {
        double z = i / 400.;
        sum += logistic(-0.5 + 0.9 * z) * exp(-z * z / 2) / sqrt(2 * M_PI) / 400;
    }
    check_hit(tally, 0, sum * (1 - exp(-10)));
    recoup_tally_free(tally);
    free_world(&w);
}

/* --- graphs ----------------------------------------------------------------------------------- */

/* Two stages in a row, exponential: P(both left by h) is hypoexponential. A third exit jumps back.
 */
static void test_stages(void **state) {
    (void)state;
    world w = make_world(
        "recoup: model/1\nstages: [one, two]\ncohorts: [all]\n"
        "exits:\n  one: {advance: {logit: 1, dwell: {family: exponential, mean: 8}}, lost: {dwell: "
        "{family: exponential, mean: 8}}}\n"
        "  two: {advance: {logit: 0.5, dwell: {family: exponential, mean: 12}}, lost: {dwell: "
        "{family: exponential, mean: 12}}, back: {to: one, logit: -0.3, dwell: {family: "
        "exponential, mean: 12}}}\n",
        DEALS "a,r,1000,2025-12-31T23:59:59Z,one,open,2025-12-31T23:59:59Z\n", NULL, BASELINE);
    recoup_tally *tally = simulate(&w, PATHS, 2);
    /* dP/dt of (one, two, won) by small steps of the Markov chain: all dwell times are exponential
     */
    double p1 = logistic(1), sum2 = exp(.5) + 1 + exp(-.3), x1 = 1, x2 = 0, won = 0;
    const int steps = 300000;
    double dt = 30. / steps;
    for (int i = 0; i < steps; i++) {
        double out1 = x1 * dt / 8, out2 = x2 * dt / 12;
        x1 += out2 * exp(-.3) / sum2 - out1;
        x2 += out1 * p1 - out2;
        won += out2 * exp(.5) / sum2;
    }
    check_hit(tally, 0, won);
    recoup_tally_free(tally);
    free_world(&w);
}

/* A stage with an exit `never`: the share of stale deals stays open. */
static void test_never(void **state) {
    (void)state;
    world w =
        make_world(HEAD "exits: {talk: {advance: {logit: 0.2, dwell: {family: exponential, mean: "
                        "5}}, lost: {dwell: {family: exponential, mean: 5}}, stale: {logit: 0.7, "
                        "dwell: {family: never}}}}\n",
                   DEALS "a,r,1000,2025-12-27,talk,open,2025-12-27\n", NULL, BASELINE);
    recoup_tally *tally = simulate(&w, PATHS, 1);
    double gone = exp(-1), win = exp(.2), stale = exp(.7);
    check_hit(tally, 0, win * (gone - exp(-7)) / ((win + 1) * gone + stale));
    recoup_tally_free(tally);
    free_world(&w);
}

/* --- new deals -------------------------------------------------------------------------------- */

/* Wins of an M/G/inf kind: Poisson with mean λ·p·∫ F; a plan with a higher rate has a superset. */
static void test_arrivals(void **state) {
    (void)state;
    world w = make_world(
        HEAD
        "exits: {talk: {advance: {logit: 0, dwell: {family: exponential, mean: 10}}, lost: {dwell: "
        "{family: exponential, mean: 10}}}}\narrivals: {all: 0.6}\n",
        DEALS, NULL,
        BASELINE "  - name: more\n    levers:\n      - adjust: {rate: 2.5}\n"
                 "  - name: none\n    levers:\n      - adjust: {rate: 0}\n"
                 "  - name: later\n    levers:\n      - adjust: {rate: 1.5, start: +12d}\n");
    recoup_tally *tally = simulate(&w, PATHS, 2);
    double n = (double)tally->n_paths, mean = .5 * .6 * (30 - 10 * (1 - exp(-3)));
    double tail = .5 * .6 * (18 - 10 * (1 - exp(-1.8))); /* of those that arrive from day 12 on */
    const recoup_plan_tally *plan = tally->plan;
    assert_within(plan[0].sums.wins.mean, mean, sqrt(mean / n));
    assert_within(plan[1].sums.wins.mean, 2.5 * mean, sqrt(2.5 * mean / n));
    assert_within(plan[3].sums.wins.mean, mean + .5 * tail, sqrt((mean + .5 * tail) / n));
    assert_true(plan[2].sums.wins.mean == 0 && plan[2].sums.bookings.mean == 0);
    /* Poisson: the variance equals the mean; the standard error of a variance from its fourth
     * moment, mean + 3 mean² for a Poisson count. */
    double variance = plan[0].sums.wins.m2 / n;
    assert_within(variance, mean, sqrt((mean + 2 * mean * mean) / n));
    assert_int_equal(plan[1].lost[0], 0);
    assert_int_equal(plan[3].lost[0], 0);
    /* amounts: lognormal with median 1000, sigma .5; a compound Poisson mean and variance */
    double amount = 1000 * exp(.125), square = 1e6 * exp(.5);
    assert_within(plan[0].sums.bookings.mean, mean * amount, sqrt(mean * square / n));
    recoup_tally_free(tally);
    free_world(&w);
}

/* Dispersion k: counts have variance m + k·m². */
static void test_dispersion(void **state) {
    (void)state;
    world w =
        make_world(HEAD "exits: {talk: {advance: {logit: 40, dwell: {family: exponential, mean: "
                        "0.001}}, lost: {dwell: {family: exponential, mean: 1}}}}\n"
                        "arrivals: {all: {rate: 0.5, dispersion: 0.3}}\n",
                   DEALS, NULL, BASELINE);
    recoup_tally *tally = simulate(&w, PATHS, 2);
    double n = (double)tally->n_paths, m = 15, variance = m + .3 * m * m;
    assert_within(tally->plan[0].sums.wins.mean, m, sqrt(variance / n));
    /* kurtosis of a negative binomial: 3 + 6k + 1/variance */
    double fourth = (3 + 6 * .3 + 1 / variance) * variance * variance;
    assert_within(tally->plan[0].sums.wins.m2 / n, variance,
                  sqrt((fourth - variance * variance) / n));
    recoup_tally_free(tally);
    free_world(&w);
}

/* --- levers ----------------------------------------------------------------------------------- */

/* From day 6 the deal belongs to the better cohort, after standing still for 4 days. */
static void test_reassign(void **state) {
    (void)state;
    world w = make_world(
        "recoup: model/1\nstages: [talk]\ncohorts: [weak, strong]\n"
        "exits: {talk: {advance: {logit: 0, cohort_logit: {weak: -1, strong: 1}, dwell: {family: "
        "exponential, mean: 10}}, lost: {dwell: {family: exponential, mean: 10}}}}\n",
        DEALS "a,r1,1000,2025-12-31T23:59:59Z,talk,open,2025-12-31T23:59:59Z\n",
        "rep_id,cohort,quota\nr1,weak,1000\nr2,strong,1000\n",
        BASELINE "  - name: move\n    levers:\n      - reassign: {from: {rep: r1}, to: {cohort: "
                 "strong}, start: +6d, handover_days: 4}\n");
    recoup_tally *tally = simulate(&w, PATHS, 2);
    double before = logistic(-1) * (1 - exp(-.6));
    double after = exp(-.6) * logistic(1) * (1 - exp(-2.0)); /* works from day 10 to day 30 */
    check_hit(tally, 0, logistic(-1) * (1 - exp(-3)));
    check_hit(tally, 1, before + after);
    /* credit goes to the owner at the time of the win */
    const recoup_plan_tally *plan = tally->plan;
    assert_int_equal(plan[0].rep_hits[1], 0);
    assert_int_equal(plan[1].rep_hits[0] + plan[1].rep_hits[1], plan[1].hits[0]);
    double share = (double)plan[1].rep_hits[1] / (double)tally->n_paths;
    assert_within(share, after, sqrt(after * (1 - after) / (double)tally->n_paths));
    recoup_tally_free(tally);
    free_world(&w);
}

/* Discount .30 cut to .10 from day 0: amount × .9/.7, win logit - 20 points × .03; half escapes. */
static void test_discount_limit(void **state) {
    (void)state;
    world w =
        make_world(HEAD "exits: {talk: {advance: {logit: 0.4, dwell: {family: exponential, mean: "
                        "2}}, lost: {dwell: "
                        "{family: exponential, mean: 2}}}}\n",
                   "deal_id,rep_id,amount,created,stage,outcome,list_amount\n"
                   "a,r,700,2025-12-31T23:59:59Z,talk,open,1000\n",
                   NULL,
                   BASELINE "  - name: limit\n    levers:\n      - discount_limit: {max: 10%, "
                            "win_logit_per_point: 0.03, escapes: 50%}\n");
    recoup_tally *tally = simulate(&w, PATHS, 2);
    double closed = 1 - exp(-15), n = (double)tally->n_paths;
    double kept = .5 * closed * logistic(0.4), cut = .5 * closed * logistic(0.4 - .6);
    const recoup_plan_tally *plan = &tally->plan[1];
    assert_within(plan->sums.wins.mean, kept + cut, sqrt((kept + cut) * (1 - kept - cut) / n));
    double mean = 700 * kept + 900 * cut;
    double variance = 490000 * kept + 810000 * cut - mean * mean;
    assert_within(plan->sums.bookings.mean, mean, sqrt(variance / n));
    recoup_tally_free(tally);
    free_world(&w);
}

static void test_amount_and_booked(void **state) {
    (void)state;
    /* Booked in the period: only with an as-of date inside it; here the override. */
    world w = make_world(
        HEAD "exits: {talk: {advance: {logit: 40, dwell: {family: exponential, mean: "
             "0.01}}}}\n",
        DEALS "a,r,1000,2025-12-31T23:59:59Z,talk,open,2025-12-31T23:59:59Z\n", NULL,
        "booked: 250\n" BASELINE "  - name: up\n    levers:\n      - adjust: {amount: 1.2}\n");
    recoup_tally *tally = simulate(&w, 1000, 1);
    /* the win tables keep factors as floats: half a unit of their last place, 6e-8 */
    assert_true(fabs(tally->plan[0].sums.bookings.mean - 1250) < 1e-9);
    assert_true(fabs(tally->plan[1].sums.bookings.mean - 1450) < 6e-8 * 1200);
    recoup_tally_free(tally);
    free_world(&w);
}

/* --- invariances -------------------------------------------------------------------------------
 */

static const char *const busy_model =
    "recoup: model/1\nstages: [one, two]\ncohorts: [x, y]\nchannels: [in, out]\nmarket: "
    "{conversion: "
    "0.3, arrivals: 0.2}\ndefaults: {advance: {cohort_logit: {x: 0.3, y: -0.3}, channel_logit: "
    "{in: "
    "0.2, out: -0.1}}}\n"
    "exits:\n  one: {advance: {logit: 0.5, dwell: {family: lognormal, median: 6, sigma: 0.5}}, "
    "lost: "
    "{dwell: {family: weibull, shape: 0.9, scale: 9}}}\n"
    "  two: {advance: {logit: 0.1, dwell: {family: gamma, shape: 2, scale: 3}}, lost: {dwell: "
    "{family: loglogistic, shape: 2, scale: 9}}}\n"
    "amount: {new: {family: lognormal, median: 500, sigma: 0.7}, revision: {sigma: 0.2}}\n"
    "arrivals: {x: {in: 0.3, out: 0.4}, y: {in: 0.2, out: 0.3}}\n";
static const char *const busy_deals =
    "deal_id,rep_id,amount,created,stage,outcome,channel\n"
    "a,r1,1000,2025-12-01,one,open,in\nb,r2,400,2025-12-11,two,open,out\n"
    "c,r1,700,2025-12-21,two,open,in\nd,r3,90,2025-12-28,one,open,out\n";
static const char *const busy_reps = "rep_id,cohort,quota\nr1,x,900\nr2,y,600\nr3,y,500\n";
#define LEVERS                                                                                     \
    "  - name: some\n    levers:\n      - adjust: {stage: two, exit: advance, logit: 0.5, start: " \
    "+3d, "                                                                                        \
    "ramp_days: 5}\n      - channel_focus: {from: out, to: in, share: 0.5, returns: 0.7}\n"        \
    "      - reassign: {from: {rep: r3}, to: {rep: r1}, leads: true, start: +2d}\n"

static void test_threads(void **state) {
    (void)state;
    world w = make_world(busy_model, busy_deals, busy_reps, BASELINE LEVERS);
    recoup_tally *first = simulate(&w, 5000, 1);
    for (int threads = 2; threads <= 7; threads++) {
        recoup_tally *again = simulate(&w, 5000, threads);
        for (int p = 0; p < 2; p++) {
            const recoup_plan_tally *x = &first->plan[p], *y = &again->plan[p];
            assert_memory_equal(&x->sums.bookings, &y->sums.bookings, sizeof x->sums.bookings);
            assert_memory_equal(&x->sums.gain, &y->sums.gain, sizeof x->sums.gain);
            assert_memory_equal(x->sums.cohort, y->sums.cohort, 2 * sizeof *x->sums.cohort);
            assert_memory_equal(x->hits, y->hits, sizeof *x->hits);
            assert_memory_equal(x->rep_hits, y->rep_hits, 3 * sizeof *x->rep_hits);
        }
        recoup_tally_free(again);
    }
    recoup_tally_free(first);
    free_world(&w);
}

/* A plan is the same alone and among others; other deals' draws do not depend on a deal. */
static void test_common_random_numbers(void **state) {
    (void)state;
    world both = make_world(busy_model, busy_deals, busy_reps, BASELINE LEVERS);
    world alone = make_world(busy_model, busy_deals, busy_reps, "plans:\n" LEVERS);
    recoup_tally *x = simulate(&both, 3000, 2), *y = simulate(&alone, 3000, 2);
    assert_memory_equal(&x->plan[1].sums.bookings, &y->plan[0].sums.bookings,
                        sizeof(recoup_moments));
    assert_memory_equal(x->plan[1].sums.cohort, y->plan[0].sums.cohort, 2 * sizeof(recoup_moments));
    recoup_tally_free(x);
    recoup_tally_free(y);
    free_world(&both);
    free_world(&alone);
    /* without deal d (rep r3, whose other business is new deals), r1's bookings are what they were
     */
    char fewer[1024];
    snprintf(fewer, sizeof fewer, "%.*s", (int)(strstr(busy_deals, "d,r3") - busy_deals),
             busy_deals);
    world all = make_world(busy_model, busy_deals, busy_reps, BASELINE);
    world less = make_world(busy_model, fewer, busy_reps, BASELINE);
    x = simulate(&all, 3000, 2);
    y = simulate(&less, 3000, 2);
    assert_memory_equal(&x->plan[0].sums.cohort[0], &y->plan[0].sums.cohort[0],
                        sizeof(recoup_moments));
    assert_true(x->plan[0].sums.cohort[1].mean > y->plan[0].sums.cohort[1].mean);
    recoup_tally_free(x);
    recoup_tally_free(y);
    free_world(&all);
    free_world(&less);
}

/* Parts add up: cohorts, teams of all, reps and the last week to the total, in the means. */
static void test_parts(void **state) {
    (void)state;
    world w = make_world(busy_model, busy_deals, busy_reps, BASELINE LEVERS);
    recoup_tally *tally = simulate(&w, 4000, 2);
    for (int p = 0; p < 2; p++) {
        const recoup_plan_tally *plan = &tally->plan[p];
        double sum = plan->sums.cohort[0].mean + plan->sums.cohort[1].mean;
        assert_true(fabs(sum - plan->sums.bookings.mean) < 1e-9 * sum);
    }
    recoup_tally_free(tally);
    free_world(&w);
}

/* Stops at the first number of paths at which the precision held twice. */
static void test_precision(void **state) {
    (void)state;
    world w = make_world(busy_model, busy_deals, busy_reps, BASELINE);
    recoup_simulation simulation = recoup_scenario_simulation(w.scenario);
    simulation.precision = 0.01;
    recoup_scenario_set_simulation(w.scenario, &simulation);
    recoup_tally *tally = simulate(&w, 1000000, 2);
    double se;
    recoup_tally_hit(tally, 0, &se);
    assert_true(1.96 * se <= 0.01);
    assert_int_equal(tally->n_paths, 2 * 32 * 512); /* .01 holds at the first look (SE .0039) */
    recoup_tally_free(tally);
    free_world(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_aged_deal),      cmocka_unit_test(test_time_varying),
        cmocka_unit_test(test_quarter_end),    cmocka_unit_test(test_dated_dwell),
        cmocka_unit_test(test_market),         cmocka_unit_test(test_stages),
        cmocka_unit_test(test_never),          cmocka_unit_test(test_arrivals),
        cmocka_unit_test(test_dispersion),     cmocka_unit_test(test_reassign),
        cmocka_unit_test(test_discount_limit), cmocka_unit_test(test_amount_and_booked),
        cmocka_unit_test(test_threads),        cmocka_unit_test(test_common_random_numbers),
        cmocka_unit_test(test_parts),          cmocka_unit_test(test_precision),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
