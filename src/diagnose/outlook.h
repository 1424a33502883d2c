/* What the open deals are worth within the period under the first plan, without simulating any: by
 * the win tables of its program at the fitted parameters (not over parameter draws), integrated
 * over the market factor. The means over the draws of a run differ by what the parameters leave
 * open. */
#ifndef RECOUP_DIAGNOSE_OUTLOOK_H
#define RECOUP_DIAGNOSE_OUTLOOK_H

#include "diagnose/diagnose.h"

typedef struct recoup_outlooks {
    int n_open;              /* the open deals, in the order of the view */
    int *deal;               /* place in the view */
    bool has_tables;         /* false: the model has no win tables (program/tables.h); then NaN: */
    double *win_probability; /* P(won within the period) */
    double *expected;        /* expected bookings within the period, money */
    double *stale_days;      /* [deal of the view]: of the open deals, the days in a stage that the
                                share RECOUP_SCRUB_STALE_QUANTILE of those takes that leave it, by the
                                fitted dwell times of stage and cohort; what `scrub` asks */
} recoup_outlooks;

/* ENOMEM, and what compiling the plan returns. To be cleared, after a failure too. */
recoup_status recoup_outlooks_init(const recoup_diagnosing *diagnosing, recoup_outlooks *outlooks);
void recoup_outlooks_clear(recoup_outlooks *outlooks);

#endif
