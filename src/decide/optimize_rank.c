#include "decide/optimize_rank.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

/* Mean of a[i] - b[i] (b may be NULL), and its standard error (NaN for one). */
static double mean_of(const double *a, const double *b, int n, double *se) {
    double mean = 0, square = 0;
    for (int i = 0; i < n; i++) {
        double x = a[i] - (b ? b[i] : 0), delta = x - mean;
        mean += delta / (i + 1);
        square += delta * (x - mean);
    }
    *se = n > 1 ? sqrt(square / (n - 1) / n) : NAN;
    return mean;
}

double recoup_trial_mean(const recoup_trial *trial) {
    double se;
    return mean_of(trial->value, NULL, trial->n_draws, &se);
}

static recoup_difference compare(const recoup_trial *a, const recoup_trial *b, double least_se) {
    double se, scrambled = 0;
    int n = b && b->n_draws < a->n_draws ? b->n_draws : a->n_draws;
    recoup_difference difference = {.mean = mean_of(a->value, b ? b->value : NULL, n, &se),
                                    .freedom = n - 1};
    /* Means over draws by scrambling are comparable only where they are over the same draws. */
    if (a->n_replicates > 1 && (!b || b->n_draws == a->n_draws))
        mean_of(a->replicate, b ? b->replicate : NULL, a->n_replicates, &scrambled);
    if (n == 1) {
        difference.freedom = a->n_replicates > 1 ? a->n_replicates - 1 : 1;
        se = scrambled;
    }
    bool is_equal = difference.mean == 0 && !(se > 0) && !(scrambled > 0); /* in every draw */
    difference.se = is_equal ? 0 : fmax(least_se, fmax(se, scrambled));
    return difference;
}

recoup_difference recoup_trial_difference(const recoup_trial *a, const recoup_trial *b,
                                          double least_se) {
    return compare(a, b, least_se);
}

recoup_difference recoup_trial_above(const recoup_trial *trial, double number, double least_se) {
    recoup_difference difference = compare(trial, NULL, least_se);
    difference.mean -= number;
    return difference;
}

double recoup_difference_doubt(const recoup_difference *difference, double tolerance) {
    double lead = difference->mean + tolerance;
    if (lead < 0)
        return 1;
    if (difference->se <= 0) /* known exactly; equals are as good as each other */
        return 0;
    return 2 * gsl_cdf_tdist_Q(lead / difference->se, difference->freedom);
}
