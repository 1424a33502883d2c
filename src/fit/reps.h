/* Whether groups within cohorts differ in conversion. */
#ifndef RECOUP_FIT_REPS_H
#define RECOUP_FIT_REPS_H

#include "fit/groups.h"

/* The probability of a spread between groups at least as large as the one seen if groups of a
 * cohort did not differ: the share of `shuffles` random exchanges of stays between the groups of a
 * cohort (the one seen counted in) with as large a statistic. The statistic is the sum over groups
 * of S² / I, the score of a shift of the group's logit over its information, each stay's score
 * taken less its cohort's mean. Exchanging keeps the counts as they are, so that the probability is
 * right for groups with three stays as for those with thousands, where the chi-square law of
 * Cochran's Q is not: with few stays neither the estimates are normal nor their variances
 * known. Cf. Good 2005, Permutation, Parametric, and Bootstrap Tests of Hypotheses.
 * Its Monte Carlo error is sqrt(p(1 - p) / shuffles).
 * cohort: [stay]. NaN: fewer than two groups with stays; -1: out of memory. */
double recoup_reps_p_value(const recoup_group_shifts *shifts, const int *cohort, int n_cohorts,
                           int shuffles, unsigned long seed);

#endif
