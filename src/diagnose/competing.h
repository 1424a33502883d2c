/* Conversion as the share of the deals that leave which go on, whatever is still open.
 *
 * With two competing exits, A(t) the share of all deals that have gone on by age t and L(t) the
 * share lost, both by Aalen & Johansen 1978 (fit/goodness.h) with right censoring and delayed entry,
 *
 *     C = A(tau) / (A(tau) + L(tau))
 *
 * where tau is the last age at which somebody left while at least `least_at_risk` deals were there.
 * With deals that all leave in the end C is their conversion however long they take, as long as few
 * are left at tau: two groups of different speed have each its own tau.
 *
 * influence[i] is n times the derivative of C by the weight of deal i (infinitesimal jackknife:
 * Efron 1981; for Aalen-Johansen estimates Therneau & Grambsch 2000, chapter 8). They sum to 0, and
 *
 *     variance of C = sum influence² / n²,
 *
 * for one exit Greenwood's, without censoring the binomial one. C + influence[i] is a pseudo-value:
 * the deal's own part in C, which stands for the outcome 0 or 1 that is not known of an open deal.
 * Regressions, sums by rep and differences work on pseudo-values as on outcomes, also with delayed
 * entry (Graw, Gerds & Schumacher 2009; Parner, Andersen & Overgaard 2023). */
#ifndef RECOUP_DIAGNOSE_COMPETING_H
#define RECOUP_DIAGNOSE_COMPETING_H

#include "fit/mixture.h"

/* Exits of the stays below; any other exit is a third way out, which C leaves aside. */
enum { RECOUP_GOES_ON = 0, RECOUP_IS_LOST = 1 };
/* What the diagnosis takes for `least_at_risk`. */
#define RECOUP_LEAST_AT_RISK 5.

typedef struct recoup_conversion {
    double value, variance;   /* C; NaN: nobody left */
    double advanced, lost;    /* A(tau), L(tau) */
    double days;              /* tau */
    int n, n_advanced, n_lost; /* stays with a known time, and the exits among them */
} recoup_conversion;

/* Of stays of weight 1. influence: [n_stays], or NULL. False: out of memory. */
bool recoup_conversion_of(const recoup_stay *stay, int n_stays, double least_at_risk,
                          recoup_conversion *conversion, double *influence);

#endif
