#include "decide/compare_numbers.h"

#include <math.h>
#include <stdlib.h>

static int compare_numbers(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

void recoup_sort_numbers(double *value, int n) {
    qsort(value, (size_t)n, sizeof *value, compare_numbers);
}

double recoup_sorted_quantile(const double *value, int n, double p) {
    double at = p * (n - 1);
    int below = (int)at < n - 1 ? (int)at : n - 1;
    int above = below < n - 1 ? below + 1 : below;
    return value[below] + (at - below) * (value[above] - value[below]);
}

/* The coordinate is written as the same decimal number, so only rounding may part the two. */
int recoup_results_find_quantile(const recoup_results *results, double p) {
    for (int q = 0; q < results->n_quantiles; q++)
        if (fabs(results->quantile[q] - p) < 1e-12)
            return q;
    return -1;
}
