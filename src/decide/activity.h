/* Parts of recoup/activity.h; inside this module. */
#ifndef RECOUP_DECIDE_ACTIVITY_H
#define RECOUP_DECIDE_ACTIVITY_H

#include "base/memory.h"
#include "crm/view.h"
#include "model/model.h"
#include "scenario/scenario.h"
#include <recoup/activity.h>

/* x rounded up, where rounding errors do not count as a part of one. */
double recoup_activity_up(double x);

/* Mean of P(Binomial(n, p) >= k) over the n_p probabilities p. */
double recoup_activity_probability(double n, const double *p, int n_p, double k);
/* The smallest n for which that is at least `confidence`; NaN: more than 1e9. */
double recoup_activity_smallest(const double *p, int n_p, double k, double confidence);

/* What becomes of a new deal: its chance to be won in the end, and how often it enters each stage,
 * mean over the segments, amounts and discounts of new deals. */
typedef struct recoup_funnel {
    double win;
    double *entries; /* [stage] */
} recoup_funnel;

enum { RECOUP_FUNNEL_NODES = 8 }; /* classes of amounts, and of discounts, by their midpoints */

/* Given the market factor; funnel->entries has room. False: out of memory. */
bool recoup_funnel_make(const recoup_model *model, int cohort, int channel, double market,
                        recoup_funnel *funnel);

/* Midpoints of n equally likely classes of new deals' discounts, all 0 where none is known; false:
 * they do not matter, one class will do. */
bool recoup_funnel_discounts(const recoup_model *model, double *discount, int n);
/* The same of log(amount / size_ref). */
bool recoup_funnel_sizes(const recoup_model *model, double *log_size, int n);

/* --- a scenario in the making ----------------------------------------------------------------- */

enum { RECOUP_ACTIVITY_MARKETS = 7 }; /* classes of Z, by their midpoints */

/* New deals of one cohort and channel. */
typedef struct recoup_activity_source {
    int cohort, channel;
    double rate, share;
    double *win;     /* [draw * RECOUP_ACTIVITY_MARKETS + class of Z]: c */
    double *entries; /* [stage]: mean over these */
    double *in_time; /* [week] */
} recoup_activity_source;

typedef struct recoup_activity_making {
    const recoup_scenario *scenario;
    const recoup_model *model;
    const recoup_view *view;
    const recoup_activity_options *options;
    recoup_activity *of;
    recoup_arena *arena;
    recoup_error *error;
    recoup_activity_source *source; /* by cohort, then channel */
    int n_sources;
    int n_levels; /* of confidence that are worked out */
} recoup_activity_making;

/* The scenario with its first plan alone, by `conditional`; with_levers false: without what it
 * does. Borrows everything. */
recoup_scenario recoup_activity_first_plan(const recoup_activity_making *m, recoup_plan *plan,
                                           bool with_levers);

/* Stages, weeks and sources; then the sources' outcomes; calls a proposal, where the view has any.
 */
recoup_status recoup_activity_set_arrivals(recoup_activity_making *m);
recoup_status recoup_activity_set_outcomes(recoup_activity_making *m);
void recoup_activity_count_calls(recoup_activity_making *m);
/* Whether an activity of the view is a call. */
bool recoup_activity_is_call(const recoup_view *view, int activity);

/* A gap of its own, to be closed by new deals of one cohort (-1: of all), in their channels as they
 * arrive today. */
typedef struct recoup_activity_goal {
    int cohort;
    double gap; /* at most 0: all counts are 0 */
} recoup_activity_goal;

/* On average, and at 80 %. */
enum { RECOUP_ACTIVITY_GOAL_LEVELS = 2 };

/* As recoup_activity_make, with one row for each goal instead of the scenario's gap; quota, booked,
 * expected and gap are NaN. The row of a cohort that gets no new deals has no weeks (n_weeks 0) and
 * no needs. */
recoup_status recoup_activity_make_goals(const recoup_scenario *scenario, const recoup_model *model,
                                         const recoup_view *view,
                                         const recoup_activity_options *options,
                                         const recoup_activity_goal *goal, int n_goals,
                                         recoup_activity **activity, recoup_error *error);

#endif
