/* How well the fitted law of a stage describes what was seen: the Aalen-Johansen estimate of each
 * exit's cumulative incidence (the share of all stays that have left by this exit by an age), and
 * the largest distance of the fitted one from it. docs/fit.md. */
#ifndef RECOUP_FIT_GOODNESS_H
#define RECOUP_FIT_GOODNESS_H

#include "fit/mixture.h"

/* After all that happened at `days`. */
typedef struct recoup_incidence_step {
    double days;
    double at_risk;   /* stays there just before */
    double open;      /* the share still there */
    double incidence; /* the share that left by the exit */
    double variance;  /* of that, Greenwood's */
} recoup_incidence_step;

/* The risk set over time, in order. */
typedef struct recoup_risk {
    struct recoup_risk_moment *moment;
    int n;
    double at_start; /* at risk from age 0 on */
} recoup_risk;

/* Stays of which no time is known, or that were under observation for none, play no part. False:
 * out of memory. To be freed by recoup_risk_clear. */
bool recoup_risk_create(recoup_risk *risk, const recoup_stay *stay, int n_stays);
void recoup_risk_clear(recoup_risk *risk);

/* Aalen & Johansen 1978 with right censoring and delayed entry, at each time at which some stay
 * ended; a stay that ended within its first day counts at 0. Room for risk->n steps; how many there
 * are. */
int recoup_incidence(const recoup_risk *risk, int exit, recoup_incidence_step *step);

/* `bound` is what chance explains: share · .886 / sqrt(n · share), where .886 is the 95 % limit of
 * Lilliefors 1967 for a fitted law with two parameters, share the exit's, and n as many stays
 * without censoring as would give the estimate the variance that it has where the distance is
 * largest. All NaN: no stay ended. */
typedef struct recoup_goodness {
    double distance, days, bound;
} recoup_goodness;

/* goodness[e] of each exit but those of family `never`. False: out of memory. */
bool recoup_goodness_of(const recoup_mixture *mixture, const recoup_stay *stay, int n_stays,
                        recoup_goodness *goodness);

#endif
