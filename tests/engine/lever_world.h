/* A book whose answers are known in closed form under any lever on logits, speeds and arrivals: one
 * stage, whose exits are equally fast and forget the past (exponential, mean STAY_DAYS). */
#ifndef RECOUP_TESTS_ENGINE_LEVER_WORLD_H
#define RECOUP_TESTS_ENGINE_LEVER_WORLD_H

#include "simulate.h"

enum { COHORTS = 2, CHANNELS = 2, SEGMENTS = 2, DAYS = 30 };
static const double STAY_DAYS = 10;
/* By cohort x, y and channel in, out; the shares of segments small, large among new deals. */
static const double base_logit[COHORTS] = {0.3, -0.2};
static const double arrivals[COHORTS][CHANNELS] = {{0.8, 0.3}, {0.5, 0.4}};
static const double mix[SEGMENTS] = {0.6, 0.4};
/* Open deals by cohort and segment. */
static const int n_open[COHORTS][SEGMENTS] = {{7, 5}, {6, 9}};

static const char lever_model[] =
    "recoup: model/1\nstages: [only]\ncohorts: [x, y]\nchannels: [in, out]\n"
    "segments: [small, large]\n"
    "exits:\n"
    "  only: {advance: {logit: 0, cohort_logit: {x: 0.3, y: -0.2}, dwell: {family: exponential, "
    "mean: 10}}, lost: {dwell: {family: exponential, mean: 10}}}\n"
    "amount: {size_ref: 100, new: {family: lognormal, median: 80, sigma: 0.6}, revision: {sigma: "
    "0.2}}\n"
    "mix: {segment: {small: 0.6, large: 0.4}}\n"
    "arrivals: {x: {in: 0.8, out: 0.3}, y: {in: 0.5, out: 0.4}}\n";

/* x has three reps, one of them in a vacant seat; y has two. */
static const char lever_reps[] = "rep_id,cohort,team,status,quota\n"
                                 "x1,x,north,active,300\nx2,x,north,ramping,200\n"
                                 "x3,x,north,vacant,\n"
                                 "y1,y,south,active,400\ny2,y,south,active,100\n";

static inline world make_lever_world(const char *plans) {
    static const char *const reps[COHORTS][2] = {{"x1", "x2"}, {"y1", "y2"}};
    char deals[4000];
    int length = snprintf(deals, sizeof deals,
                          "deal_id,rep_id,amount,created,stage,outcome,stage_entered,segment\n");
    for (int c = 0, n = 0; c < COHORTS; c++)
        for (int s = 0; s < SEGMENTS; s++)
            for (int i = 0; i < n_open[c][s]; i++, n++)
                length += snprintf(deals + length, sizeof deals - (size_t)length,
                                   "d%02d,%s,%d,2025-12-01,only,open,2025-12-%02d,%s\n", n,
                                   reps[c][i % 2], 60 + 3 * n, 1 + n, s ? "large" : "small");
    return make_world(lever_model, deals, lever_reps, plans);
}

/* What levers do, day by day; days are those of change.h, in steps. */
typedef struct days_of_levers {
    double logit[COHORTS][SEGMENTS][DAYS], log_speed[COHORTS][SEGMENTS][DAYS];
    double factor[COHORTS][CHANNELS][DAYS]; /* of arrivals */
} days_of_levers;

static inline days_of_levers no_levers(void) {
    days_of_levers levers = {0};
    for (int c = 0; c < COHORTS; c++)
        for (int h = 0; h < CHANNELS; h++)
            for (int day = 0; day < DAYS; day++)
                levers.factor[c][h][day] = 1;
    return levers;
}

/* docs/levers.md: on day k after the start min(1, (k + 1/2) / ramp_days), nothing from `end` on.
 */
static inline double share_on(int day, int start, int ramp_days, int end) {
    if (day < start || day >= end)
        return 0;
    return ramp_days == 0 || day - start >= ramp_days ? 1 : (day - start + .5) / ramp_days;
}

/* The mean number of wins within the 30 days. A deal in the stage at the beginning of day j is won
 * with W_j = p_j (1 - s_j) + s_j W_{j+1}, where p_j = 1 / (1 + e^-logit) and s_j = e^(-v_j/mean) is
 * the chance to stay for the day; one that arrives on it at a uniform time stays to its end with
 * mean E_j = (mean/v_j) (1 - s_j) and is won with p_j (1 - E_j) + E_j W_{j+1}. */
static inline double expected_wins(const days_of_levers *levers) {
    double wins = 0;
    for (int c = 0; c < COHORTS; c++)
        for (int s = 0; s < SEGMENTS; s++) {
            double later = 0; /* W of the day after */
            for (int day = DAYS - 1; day >= 0; day--) {
                double p = 1 / (1 + exp(-base_logit[c] - levers->logit[c][s][day]));
                double v = exp(levers->log_speed[c][s][day]), stays = exp(-v / STAY_DAYS);
                double mean_stays = STAY_DAYS / v * (1 - stays);
                for (int h = 0; h < CHANNELS; h++)
                    wins += mix[s] * arrivals[c][h] * levers->factor[c][h][day] *
                            (p * (1 - mean_stays) + mean_stays * later);
                later = p * (1 - stays) + stays * later;
            }
            wins += n_open[c][s] * later;
        }
    return wins;
}

#endif
