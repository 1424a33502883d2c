/* Has a stage become slower from some date on? Deals leave it by any exit, in their strata
 * (cohorts).
 *
 * Time at risk before the date and after it are two groups; a stay that spans it is at risk in the
 * first until its age then, and in the second from that age on (delayed entry). The log-rank score
 * and its variance (Mantel 1966, Peto & Peto 1972), by stratum,
 *
 *     U = sum over ages of (left after - left · at risk after / at risk),
 *     V = sum of left (stays at risk after) (at risk before) (at risk - left) / at risk² / (at risk
 * - 1).
 *
 * The speed v of the stage after the date is the one with which as many would have left as did: a
 * stay's operational age grows v times as fast from the date on (docs/model.md), and the
 * cumulative hazard H of the time before (Nelson 1969, Aalen 1978), by stratum, says how many leave
 * over the operational ages that were watched. Its interval has the numbers at which what left lies
 * 1.96 standard deviations off, these being sqrt(dispersion (O + O² / O before)). */
#ifndef RECOUP_DIAGNOSE_SLOWING_H
#define RECOUP_DIAGNOSE_SLOWING_H

#include "fit/mixture.h"

enum { RECOUP_LEFT_EARLIER = 0, RECOUP_LEFT_SINCE = 1 };

/* Stays with their time of entry (days since 1970) and stratum. Borrowed. */
typedef struct recoup_slowing_data {
    int n;
    const recoup_stay *stay;
    const double *entered;
    const int *stratum; /* 0 .. n_strata - 1 */
    int n_strata;
} recoup_slowing_data;

/* score, variance: [n_strata]. left: stays that ended in each of the two. False: out of memory. */
bool recoup_slowing_score(const recoup_slowing_data *data, double since, double *score,
                          double *variance, double left[2]);

/* How much more the numbers that leave vary from one span of `days` to the next than chance makes
 * them: the mean of (O - E)² / E over spans that lie before `until`, E by the hazards of that time;
 * at least 1. *n_spans: how many there are with E of 5 or more; less than 2 say nothing (1).
 * NaN: out of memory. */
double recoup_slowing_dispersion(const recoup_slowing_data *data, double until, double days,
                                 int *n_spans);

typedef struct recoup_slowing {
    double times, low, high; /* 1 / v: how many times as long a stay takes */
    double median_days;      /* of a stay before the date; NaN: half of them never left */
} recoup_slowing;

bool recoup_slowing_of(const recoup_slowing_data *data, double since, double dispersion,
                       recoup_slowing *slowing);

#endif
