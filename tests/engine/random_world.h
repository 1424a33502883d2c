/* Random worlds: 2 to 6 stages with jumps forward and back, all families of dwell times, stale
 * deals, a market, a quarter's end, discounts, over-dispersed arrivals; plans of dated, ramped and
 * undated levers of all kinds. A function of a number. */
#ifndef RECOUP_TESTS_ENGINE_RANDOM_WORLD_H
#define RECOUP_TESTS_ENGINE_RANDOM_WORLD_H

#include "../world.h"

#include "random/random.h"

/* What a world's number does not decide. */
typedef struct random_book {
    int n_deals, n_plans;  /* open deals; the first plan has no lever */
    double least, most;    /* amounts are uniform in between */
    bool has_whale;        /* the first deal is half of the book */
    double revision_sigma; /* of amounts */
} random_book;

/* A text that grows, and the random numbers that it is made of. */
enum { RANDOM_WORLD_TEXT = 8000 };
typedef struct maker {
    char text[RANDOM_WORLD_TEXT];
    size_t length;
    uint64_t seed;
    uint32_t drawn;
} maker;

static inline double uniform(maker *make) {
    return recoup_random_pair(make->seed, 0, 1, make->drawn++, RECOUP_DRAW_PARAMETER).first;
}

static inline double between(maker *make, double low, double high) {
    return low + (high - low) * uniform(make);
}

static inline int pick(maker *make, int n) {
    return (int)(uniform(make) * n);
}

__attribute__((format(printf, 2, 3))) static inline void add(maker *make, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int n =
        vsnprintf(make->text + make->length, RANDOM_WORLD_TEXT - make->length, format, arguments);
    va_end(arguments);
    assert_true(n >= 0 && make->length + (size_t)n < RANDOM_WORLD_TEXT);
    make->length += (size_t)n;
}

/* Numbers are drawn one statement at a time: in what order arguments are evaluated is the
 * compiler's choice. */
static inline void add_family(maker *make) {
    double median = between(make, 2, 25), shape = between(make, 0, 1), q = between(make, -1.2, 1.5);
    switch (pick(make, 6)) {
    case 0:
        add(make, "dwell: {family: exponential, mean: %.3f}", median);
        break;
    case 1:
        add(make, "dwell: {family: weibull, shape: %.3f, scale: %.3f}", .5 + 2.5 * shape, median);
        break;
    case 2:
        add(make, "dwell: {family: gamma, shape: %.3f, scale: %.3f}", .3 + 4.7 * shape, median);
        break;
    case 3:
        add(make, "dwell: {family: loglogistic, shape: %.3f, scale: %.3f}", .8 + 3.2 * shape,
            median);
        break;
    case 4:
        add(make, "dwell: {family: gengamma, mu: %.3f, sigma: %.3f, q: %.3f}", log(median),
            .3 + .9 * shape, q);
        break;
    default:
        add(make, "dwell: {family: lognormal, median: %.3f, sigma: %.3f}", median, .3 + .9 * shape);
    }
}

static inline void add_stage(maker *make, int s) {
    add(make, "  s%d: {advance: {logit: %.3f, ", s, between(make, -.5, 1.5));
    add_family(make);
    add(make, "}, lost: {");
    add_family(make);
    if (pick(make, 3) == 0) {
        const char *to = pick(make, 3) == 0 ? "won" : s == 0 ? "s1" : "s0";
        add(make, "}, jump: {to: %s, logit: %.3f, ", to, between(make, -2, 0));
        add_family(make);
    }
    if (pick(make, 4) == 0)
        add(make, "}, stale: {logit: -1, dwell: {family: never}");
    add(make, "}}\n");
}

static inline void make_model(maker *make, int n_stages, double revision_sigma) {
    add(make, "recoup: model/1\nstages: [s0");
    for (int s = 1; s < n_stages; s++)
        add(make, ", s%d", s);
    double conversion = between(make, 0, .8), arrivals = between(make, 0, .3);
    double last_days = 60 + pick(make, 25), quarter_end = between(make, -.5, 1);
    double size_logit = pick(make, 2) * .2, discount_logit = pick(make, 2) * 1.5;
    add(make,
        "]\ncohorts: [x, y, unassigned]\nchannels: [in, out]\nsegments: [small, large]\n"
        "market: {conversion: %.3f, arrivals: %.3f, "
        "quarter_end: {last_days: %.0f, logit: %.3f}}\n"
        "defaults: {advance: {cohort_logit: {x: 0.3, y: -0.3, unassigned: 0}, "
        "channel_logit: {in: 0.2, out: 0}, segment_logit: {small: 0, large: -0.2}, "
        "size_logit: %.3f, discount_logit: %.3f, "
        "cohort_log_dwell: {x: 0, y: 0.2, unassigned: 0}}}\nexits:\n",
        conversion, arrivals, last_days, quarter_end, size_logit, discount_logit);
    for (int s = 0; s < n_stages; s++)
        add_stage(make, s);
    double dispersion = pick(make, 2) * .3;
    add(make,
        "amount: {new: {family: %s}, discount: {quantiles: [0, 0.05, 0.1, 0.3]}, "
        "revision: {sigma: %.3f}, size_ref: 150}\nmix: {segment: {small: 0.7, large: 0.3}}\n",
        pick(make, 2) ? "lognormal, median: 100, sigma: 0.7" : "gamma, shape: 2, scale: 80",
        revision_sigma);
    add(make,
        "arrivals: {x: {in: {rate: 0.5, dispersion: %.1f}, out: 0.2}, y: {in: 0.3, out: {rate: "
        "0.1, dispersion: %.1f}}, unassigned: {in: 0.2, out: 0}}\n",
        dispersion, dispersion);
}

static inline void make_deals(maker *make, int n_stages, const random_book *book) {
    static const char *const reps[] = {"r1", "r2", "r3", "r4", "r5", ""};
    static const char *const channels[] = {"in", "out", ""};
    double whale = book->has_whale ? (book->n_deals - 1) * (book->least + book->most) / 2 : 0;
    add(make,
        "deal_id,rep_id,amount,list_amount,created,stage,outcome,stage_entered,channel,segment,"
        "expected_close,next_step\n");
    for (int i = 0; i < book->n_deals; i++) {
        double amount = between(make, book->least, book->most);
        double discount = fmax(0, between(make, -.4, .4));
        const char *rep = reps[pick(make, 6)], *channel = channels[pick(make, 3)];
        const char *segment = pick(make, 2) ? "small" : "large";
        int day = 1 + pick(make, 31), stage = pick(make, n_stages);
        if (i == 0 && book->has_whale)
            amount = whale;
        add(make, "d%02d,%s,%.2f,%.2f,2025-12-%02d,s%d,open,2025-12-%02d,%s,%s,2025-%d-15,%s\n", i,
            rep, amount, amount / (1 - discount), day, stage, day, channel, segment, 11 + i % 2,
            i % 3 ? "call" : "");
    }
}

static const char *const lever_text[] = {
    "adjust: {cohort: x, exit: advance, logit: 0.5, start: +4d, ramp_days: 9}",
    "adjust: {stage: s1, dwell: 0.6}",
    "adjust: {stage: s0, exit: advance, logit: 0.4}",
    "adjust: {rate: 1.8, cohort: y, start: +3d}",
    "adjust: {amount: 1.1, start: +6d, ramp_days: 10}",
    "channel_focus: {from: out, to: in, share: 0.5, returns: 0.7, start: +1d}",
    ("reassign: {from: {rep: r3}, to: {rep: [r1, r4]}, leads: true, start: +2d, ramp_days: 12, "
     "handover_days: 3}"),
    "reassign: {from: {cohort: y}, to: {cohort: x}, start: +8d, handover_days: 1}",
    "discount_limit: {max: 10%, win_logit_per_point: 0.02, escapes: 20%, start: +5d, ramp_days: 8}",
    ("reassign: {from: {rep: r2}, to: {rep: [r3, r4]}, leads: true, start: +3d, ramp_days: 4, "
     "handover_days: 2, capacity: 5}"),
    "scrub: {rules: [no_next_step, stale], stale_quantile: 0.8, returns: 0.8, start: +3d}",
    "scrub: {rules: expired, start: +2d, ramp_days: 12, adoption: 60%}",
    "segment_focus: {from: small, to: large, share: 0.5, returns: 0.6, start: +2d, ramp_days: 6}",
    "adjust: {segment: large, rate: 1.5, start: +5d}",
    "coach: {cohort: y, stage: s1, logit: 0.4, start: +3d, ramp_days: 9}",
    "unblock: {stage: [s0, s1], speed: 1.6, start: +2d, ramp_days: 5}",
    "activity: {channel: in, increase: 40%, returns: 0.6, start: +1d, ramp_days: 8}",
    "incentive: {segment: small, logit: 0.3, speed: 1.4, start: +2d, ramp_days: 9, until: +8d}",
    "hire: {cohort: x, count: 2, start: +1d, ramp_days: 15}",
};
enum { N_LEVERS = sizeof lever_text / sizeof *lever_text };

static inline void make_plans(maker *make, int n_plans) {
    add(make, "plans:\n  - name: baseline\n");
    for (int p = 1; p < n_plans; p++) {
        add(make, "  - name: plan%d\n    levers:\n", p);
        bool used[N_LEVERS] = {false};
        int n_levers = 1 + pick(make, 4);
        for (int i = 0; i < n_levers; i++) {
            int lever = pick(make, N_LEVERS);
            if (!used[lever])
                add(make, "      - %s\n", lever_text[lever]);
            used[lever] = true;
        }
    }
}

static const char *const rep_text =
    "rep_id,cohort,quota,status,capacity\nr1,x,900,active,2\nr2,y,600,active,\nr3,y,500,active,1\n"
    "r4,x,100,active,1\nr5,y,100,vacant,\n";

/* In every fourth world what the first lever shortens the dwell by becomes a speed. */
static inline void make_speeds(const world *w, int number) {
    for (int p = 0; number % 4 == 0 && p < w->scenario->n_plans; p++) {
        recoup_effects *effects = &w->scenario->plan[p].effects;
        for (int i = 0; i < effects->n_changes; i++)
            if (effects->change[i].quantity == RECOUP_CHANGE_LOG_DWELL) {
                effects->change[i].quantity = RECOUP_CHANGE_LOG_SPEED;
                effects->change[i].value = log(1.7);
                effects->change[i].start_day = 7;
            }
    }
}

static inline world make_random_world(int number, const random_book *book) {
    maker model = {.seed = (uint64_t)number}, deals = {.seed = 1000 + (uint64_t)number};
    maker plans = {.seed = 2000 + (uint64_t)number};
    int n_stages = 2 + number % 5;
    make_model(&model, n_stages, book->revision_sigma);
    make_deals(&deals, n_stages, book);
    make_plans(&plans, book->n_plans);
    world w = make_world(model.text, deals.text, rep_text, plans.text);
    make_speeds(&w, number);
    return w;
}

#endif
