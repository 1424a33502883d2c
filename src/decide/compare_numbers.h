/* What comparisons have in common. */
#ifndef RECOUP_DECIDE_COMPARE_NUMBERS_H
#define RECOUP_DECIDE_COMPARE_NUMBERS_H

#include "results/results.h"
#include <recoup/compare.h>

void recoup_sort_numbers(double *value, int n);
/* Of n sorted values, linear between them (definition 7 of Hyndman & Fan 1996). */
double recoup_sorted_quantile(const double *value, int n, double p);

/* Index of a quantile of the results, -1 when they do not have it. */
int recoup_results_find_quantile(const recoup_results *results, double p);

/* n (n - 1) / 2 pairs of plans; `pair` has room for them. */
recoup_status recoup_compare_set_pairs(const recoup_results *results, recoup_compare_pair *pair,
                                       recoup_error *error);

#endif
