/* Parts of recoup/activity.h; inside this module. */
#ifndef RECOUP_DECIDE_ACTIVITY_H
#define RECOUP_DECIDE_ACTIVITY_H

#include "base/memory.h"
#include "model/model.h"
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

#endif
