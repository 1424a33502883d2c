/* What the first plan leads one to expect of the period, draw by draw of the parameters: wins and
 * bookings from the win tables (program/tables.h), and how many of the deals in play are won in the
 * end, from the fitted laws. No deal is sampled and the market Z is integrated over, so all of it
 * is exact but for the tables' 1e-4 in probability.
 *
 * A deal counts for the cohort that it belongs to at the as-of date, a new one for the cohort that
 * it comes to, whoever closes it; by rep, for the one who owns it when it is won.
 *
 * Wins in the end are by the laws that the plan leaves in force at the end of the period, its
 * levers included, as if they had been in force from the as-of date on; the calendar and discount
 * limits are left out of them, and they are never fewer than the wins within the period. */
#ifndef RECOUP_DIAGNOSE_EXPECTED_H
#define RECOUP_DIAGNOSE_EXPECTED_H

#include "base/memory.h"
#include "crm/view.h"
#include "scenario/scenario.h"
#include <recoup/engine.h>

enum { RECOUP_EXPECTED_LIMITS = 3 };

typedef struct recoup_expected_options {
    /* Wins in the end of the open deals created before each of these times are told apart. */
    int n_limits;
    double limit[RECOUP_EXPECTED_LIMITS];
} recoup_expected_options;

/* All after the as-of date. */
typedef struct recoup_expected {
    int n_draws, n_cohorts, n_limits;
    int n_units; /* the reps, then for each cohort the deals of nobody */
    /* of the open deals */
    double *open_wins, *open_bookings; /* [draw][cohort] within the period */
    double *open_eventual;             /* [draw][limit][cohort] */
    /* of those that arrive within the period */
    double *new_deals, *new_eventual; /* [draw][cohort] */
    double *new_wins, *new_bookings;  /* [draw][cohort] within the period */
    double *unit_bookings;            /* [draw][unit] of all deals, within the period */
    recoup_arena arena;
} recoup_expected;

/* Of the simulation's draws, or of the first 40 and more of them where there are more than some
 * 20,000 open deals. To be freed by recoup_expected_free (NULL is fine). EINTERRUPTED, ENOMEM;
 * ENUMERIC: there are no win tables of this model. */
recoup_status recoup_expected_create(const recoup_scenario *scenario, const recoup_model *model,
                                     const recoup_view *view, const recoup_engine_options *engine,
                                     const recoup_expected_options *options,
                                     recoup_expected **expected, recoup_error *error);
void recoup_expected_free(recoup_expected *expected);

#endif
