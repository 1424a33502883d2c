/* Conversion as the share of the deals that leave which go on, whatever is still open.
 *
 * With two competing exits, A(t) the share of all deals that have gone on by age t and L(t) the
 * share lost, both by Aalen & Johansen 1978 (fit/goodness.h) with right censoring and delayed
 * entry,
 *
 *     C = A(tau) / (A(tau) + L(tau))
 *
 * where tau is the last age at which somebody left: as far as can be seen. With deals that all
 * leave in the end C is their conversion however long they take. To stop earlier, where more deals
 * are still at risk, makes C no surer, and worse: what is quick to leave is over-represented (300
 * stays with time to be watched, 60 % of which go on sooner than the others are lost: bias .000 at
 * the last exit, .009 where 5 are at risk, .020 where 10 are; the standard deviation is .029 each
 * time).
 *
 * influence[i] is n times the derivative of C by the weight of deal i (infinitesimal jackknife:
 * Efron 1981). They sum to 0, and
 *
 *     variance of C = sum influence² / n²,
 *
 * without censoring the binomial one. C + influence[i] is a pseudo-value:
 * the deal's own part in C, which stands for the outcome 0 or 1 that is not known of an open deal.
 * Regressions, sums by rep and differences work on pseudo-values as on outcomes, also with delayed
 * entry (Graw, Gerds & Schumacher 2009; Parner, Andersen & Overgaard 2023).
 *
 * A pseudo-value stands for won or lost alone, and a deal's depends on all deals it is counted
 * with. Where what a deal carries is averaged (days, amounts), or one set of deals is cut again and
 * again, weights do instead: diagnose/courses.h. Both are made of the same curves. */
#ifndef RECOUP_DIAGNOSE_COMPETING_H
#define RECOUP_DIAGNOSE_COMPETING_H

#include "diagnose/stays.h"

typedef struct recoup_conversion {
    double value, variance;    /* C; NaN: nobody left */
    double advanced, lost;     /* A(tau), L(tau) */
    double days;               /* tau */
    int n, n_advanced, n_lost; /* stays with a known time, and the exits among them */
} recoup_conversion;

/* Of stays of weight 1, by the exits of diagnose/stays.h; to go back is a third way out, which C
 * leaves aside. influence: [n_stays], or NULL. False: out of memory. */
bool recoup_conversion_of(const recoup_stay *stay, int n_stays, recoup_conversion *conversion,
                          double *influence);

#endif
