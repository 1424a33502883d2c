/* From a gap to activity: how many deals, proposals and calls close it, on average and with
 * confidence.
 *
 * With plain inputs, the textbook's arithmetic and its binomial law:
 *
 *     deals     k = gap / deal, rounded up (a part of a deal cannot be won)
 *     proposals n = k / close_rate, rounded up: then k wins are the mean
 *     P(gap closed) = P(W >= k), W ~ Binomial(n, close_rate)
 *     calls       = n × calls_per_proposal, rounded up
 *
 * and for a confidence the smallest n with P(W >= k) at least so much: the quantile of the negative
 * binomial law of the proposals that k wins take.
 *
 * From a scenario:
 *
 *     gap = quota - expected bookings of the period under the first plan (what is booked, the open
 *           pipeline and the deals that arrive; estimator `conditional`)
 *     deals k = gap / mean amount of a new deal, rounded up
 *     c = P(won | created), the absorption probability of the fitted chain of exits from the first
 *           stage, mean over segments, amounts and discounts of new deals; e_s = mean number of
 *           entries into stage s of a created deal, from the same chain (Kemeny & Snell 1976,
 *           Finite Markov Chains, theorems 3.2.4 and 3.3.7)
 *     q_w = P(won within the period | created in week w) / c at Z = 0, mean over the week, from the
 *           win tables: of the deals that will be won, those that are won in time
 *     weeks: all up to the last one with q_w >= 1/2; the first alone where none is
 *     p = c × mean of q_w over these weeks
 *     deals to create: on average k / p; with a confidence the smallest n with
 *           mean of P(Binomial(n, p) >= k) over parameter draws and market factors >= confidence,
 *           since p is not known: c of each draw and of the midpoints of equally likely classes of
 * Z entering stage s: n × e_s; calls: (number entering the proposal stage) × calls_per_proposal
 *
 * Levers play no part in c, e and q. All counts are rounded up.
 */
#ifndef RECOUP_ACTIVITY_H
#define RECOUP_ACTIVITY_H

#include <recoup/dataset.h>
#include <recoup/engine.h>
#include <recoup/error.h>
#include <recoup/model.h>
#include <recoup/scenario.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* On average, then at these confidences. */
enum { RECOUP_ACTIVITY_LEVELS = 4 };
extern const double recoup_activity_confidence[RECOUP_ACTIVITY_LEVELS]; /* NaN, .8, .9, .95 */

/* --- plain inputs ----------------------------------------------------------------------------- */

typedef struct recoup_activity_inputs {
    double gap, deal;          /* money, above 0 */
    double close_rate;         /* of proposals: above 0, at most 1 */
    double calls_per_proposal; /* NaN: not given */
} recoup_activity_inputs;

typedef struct recoup_activity_plain {
    double deals;
    double proposals[RECOUP_ACTIVITY_LEVELS], calls[RECOUP_ACTIVITY_LEVELS]; /* calls may be NaN */
    double probability[RECOUP_ACTIVITY_LEVELS]; /* that so many close the gap */
} recoup_activity_plain;

/* EUSAGE: an input out of its range, or more than 1e9 proposals. */
recoup_status recoup_activity_plain_make(const recoup_activity_inputs *inputs,
                                         recoup_activity_plain *plain, recoup_error *error);

/* --- a scenario ------------------------------------------------------------------------------- */

/* What closes the gap at one confidence; NaN: nothing does. */
typedef struct recoup_activity_need {
    double created; /* new deals */
    double created_a_week, calls_a_week;
    double *entered;         /* [stage] */
    double proposals, calls; /* entering the proposal stage; calls NaN: not known how many each */
    double probability;      /* that the gap is closed */
} recoup_activity_need;

/* New deals of one cohort and channel, as if they alone were to close the gap. */
typedef struct recoup_activity_row {
    const char *cohort, *channel; /* NULL in the first row: all, as they arrive today */
    double arrivals_a_week;       /* today */
    double deals;                 /* to be won */
    /* c: mean over draws and markets, and from 5 to 95 % of the draws (each mean over markets) */
    double win, win_low, win_high;
    double *entries;   /* [stage]: e_s */
    double *in_time;   /* [week]: q_w */
    int n_weeks;       /* to create deals in */
    bool is_too_late;  /* q_w is below 1/2 in the first week already */
    double win_by_end; /* p */
    recoup_activity_need need[RECOUP_ACTIVITY_LEVELS];
} recoup_activity_row;

typedef struct recoup_activity {
    const char *title, *currency, *plan; /* borrowed; plan: the first */
    double quota, booked, expected, gap; /* gap at least 0: then there is nothing to do */
    double deal;                         /* mean amount of a new deal */
    double deals;
    int n_draws;
    int n_stages;
    const char **stage;
    int proposal_stage;
    double calls_per_proposal;    /* NaN: not known */
    int64_t n_calls, n_proposals; /* what it was counted from; 0: given */
    int n_weeks;
    double *week_end; /* [week]: days since 1970, the last day of the week */
    int n_rows;       /* 0 where there is no gap */
    recoup_activity_row *row;
} recoup_activity;

typedef struct recoup_activity_options {
    const char *proposal_stage; /* NULL: the one with "propos" in its name, else the last */
    double calls_per_proposal;  /* NaN: counted from the activities */
    const recoup_engine_options *engine; /* progress plays no part */
} recoup_activity_options;

/* Of a resolved scenario. Calls a proposal are counted in the view: all activities of the type
 * `call` since the first one, by the deals that came to the proposal stage in that time. EINVALID:
 * no new deals arrive, no such stage. To be freed by recoup_activity_free (NULL is fine). */
recoup_status recoup_activity_make(const recoup_scenario *scenario, const recoup_model *model,
                                   const recoup_view *view, const recoup_activity_options *options,
                                   recoup_activity **activity, recoup_error *error);
void recoup_activity_free(recoup_activity *activity);

#ifdef __cplusplus
}
#endif
#endif
