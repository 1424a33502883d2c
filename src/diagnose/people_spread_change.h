/* Whether the team as a whole changed: what began (or was won) from `since` on against what came
 * before, with the deals of a rep as one cluster (diagnose/ratio.h). */
#ifndef RECOUP_DIAGNOSE_PEOPLE_SPREAD_CHANGE_H
#define RECOUP_DIAGNOSE_PEOPLE_SPREAD_CHANGE_H

#include "diagnose/leaving_curve.h"
#include "fit/stays.h"

typedef struct recoup_spread_change {
    double before, recent, p_value; /* NaN: fewer than 30 ended, or 5 reps, on either side */
} recoup_spread_change;

/* Shares that are won, or go on, by courses weighted against censoring. False: out of memory. */
bool recoup_spread_change_of_win_rate(const recoup_view *view, double since,
                                      recoup_spread_change *change);
bool recoup_spread_change_of_conversion(const recoup_view *view, int stage, double since,
                                        recoup_spread_change *change);
/* Speeds of leaving: ends over ends expected. */
bool recoup_spread_change_of_dwell(const recoup_view *view, const recoup_stage_data *data,
                                   const recoup_leaving_curve *curve, double since,
                                   recoup_spread_change *change);
/* Mean log amounts of deals won, by the day that they were. */
bool recoup_spread_change_of_amount(const recoup_view *view, double since,
                                    recoup_spread_change *change);

#endif
