/* The reps of a view by what they won before the period. */
#ifndef RECOUP_CRM_RANKING_H
#define RECOUP_CRM_RANKING_H

#include "crm/view.h"

/* Below, a tenth of the reps is less than one. */
enum { RECOUP_RANKED_REPS_MIN = 10 };

/* Ranked by attainment where every rep has a quota, else by bookings: before the period, or before
 * the as-of date for one who had no deal before the period. A vacant seat has no performance and no
 * rank. ranked: room for n_reps, the best first, then by id; returns how many, -1: out of memory.
 */
int recoup_reps_rank(const recoup_view *view, int *ranked);

/* How many of n reps are a share of them, rounded up. */
int recoup_reps_share(double share, int n);

#endif
