#include "decide/compare_numbers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double TAIL = .002; /* of a plan's paths on either side may lie beyond the picture */

/* Where all but the tails of every plan lie, and the quota: as shares of it. */
static void find_range(const recoup_results *results, double *low, double *high) {
    *low = *high = 1;
    for (int p = 0; p < results->n_plans; p++) {
        const int64_t *count = results->bookings_histogram + (size_t)p * (size_t)results->n_bins;
        double tail = TAIL * (double)results->paths, below = 0, above = 0;
        int first = 0, last = results->n_bins - 1;
        for (; first < last && below + (double)count[first] <= tail; first++)
            below += (double)count[first];
        for (; last > first && above + (double)count[last] <= tail; last--)
            above += (double)count[last];
        *low = fmin(*low, results->bin_edge[first] / results->plan_quota[p]);
        *high = fmax(*high, results->bin_edge[last + 1] / results->plan_quota[p]);
    }
}

/* The narrowest round width with which so many bins cover the range, one edge at the quota. */
static double choose_width(double low, double high, int most, int *n_below, int *n_above) {
    static const double steps[] = {1, 2, 2.5, 5};
    enum { STEPS = sizeof steps / sizeof *steps };
    for (int k = 0;; k++) {
        int decade = k / STEPS;
        double width = 1e-6 * pow(10, decade) * steps[k % STEPS];
        double below = ceil((1 - low) / width - 1e-9), above = ceil((high - 1) / width - 1e-9);
        if (below + above <= most) {
            *n_below = (int)below;
            *n_above = (int)above;
            return width;
        }
    }
}

/* Spreads each bin of the file evenly over the bins of the picture; tails go to the outer ones. */
static void fill(const recoup_results *results, int p, recoup_attainment *attainment) {
    const int64_t *count = results->bookings_histogram + (size_t)p * (size_t)results->n_bins;
    double *share = attainment->share + (size_t)p * (size_t)attainment->n_bins;
    for (int i = 0; i < results->n_bins; i++) {
        double quota = results->plan_quota[p], mass = (double)count[i] / (double)results->paths;
        double from = (results->bin_edge[i] / quota - attainment->low) / attainment->width;
        double to = (results->bin_edge[i + 1] / quota - attainment->low) / attainment->width;
        int first = (int)fmin(fmax(floor(from), 0), attainment->n_bins - 1);
        int last = (int)fmin(fmax(ceil(to) - 1, first), attainment->n_bins - 1);
        for (int k = first; k <= last && mass > 0; k++) {
            double left = k == first ? from : k, right = k == last ? to : k + 1;
            share[k] += mass * (right - left) / (to - from);
        }
    }
}

static bool has_quota(const recoup_results *results) {
    for (int p = 0; p < results->n_plans; p++)
        if (!(results->plan_quota[p] > 0))
            return false;
    return results->n_bins > 0;
}

recoup_status recoup_compare_attainment(const recoup_results *results, int most_bins,
                                        recoup_attainment **compared, recoup_error *error) {
    *compared = NULL;
    recoup_attainment *attainment = calloc(1, sizeof *attainment);
    if (!attainment)
        return recoup_fail_memory(error);
    if (has_quota(results)) {
        double low, high;
        int n_below, n_above;
        find_range(results, &low, &high);
        attainment->width = choose_width(low, high, most_bins, &n_below, &n_above);
        attainment->low = 1 - n_below * attainment->width;
        attainment->n_below = n_below;
        attainment->n_bins = n_below + n_above;
        attainment->n_plans = results->n_plans;
        attainment->plan = (const char *const *)results->plan;
        attainment->share = calloc((size_t)attainment->n_plans * (size_t)attainment->n_bins,
                                   sizeof *attainment->share);
        if (!attainment->share) {
            recoup_attainment_free(attainment);
            return recoup_fail_memory(error);
        }
    }
    for (int p = 0; p < attainment->n_plans; p++)
        fill(results, p, attainment);
    *compared = attainment;
    return RECOUP_OK;
}

void recoup_attainment_free(recoup_attainment *attainment) {
    if (!attainment)
        return;
    free(attainment->share);
    free(attainment);
}
