/* The posterior of a loading on a grid. */
#include "fit/market.h"

#include <math.h>

/* The median of a standard half-normal: Phi(.6745) = .75. */
#define HALF_NORMAL_MEDIAN .67448975019608171
#define STEPS RECOUP_LOADING_STEPS

/* log of p(y | loading), m integrated out with a flat prior (Gelman et al. 2013, section 5.4). */
static double log_likelihood(int n, const double *estimate, const double *variance,
                             double loading) {
    double weights = 0, sum = 0, value = 0;
    for (int i = 0; i < n; i++)
        if (isfinite(variance[i])) {
            double whole = variance[i] + loading * loading;
            weights += 1 / whole;
            sum += estimate[i] / whole;
            value -= .5 * log(whole);
        }
    for (int i = 0; i < n; i++)
        if (isfinite(variance[i])) {
            double distance = estimate[i] - sum / weights;
            value -= .5 * distance * distance / (variance[i] + loading * loading);
        }
    return weights > 0 ? value - .5 * log(weights) : 0;
}

/* As far as six scales of the prior, farther where the estimates are farther apart; fine steps
 * where the loading is small. */
static double top_of(int n, const double *estimate, const double *variance, double scale) {
    double low = INFINITY, high = -INFINITY;
    for (int i = 0; i < n; i++)
        if (isfinite(variance[i])) {
            low = fmin(low, estimate[i]);
            high = fmax(high, estimate[i]);
        }
    return fmax(6 * scale, 3 * (high - low));
}

void recoup_loading_posterior(int n, const double *estimate, const double *variance,
                              double ordinary, recoup_loading *loading) {
    double scale = ordinary / HALF_NORMAL_MEDIAN, value[STEPS], most = -INFINITY, total = 0;
    double top = top_of(n, estimate, variance, scale);
    *loading = (recoup_loading){.mean = 0};
    for (int k = 0; k < STEPS; k++) {
        double u = (k + 1.) / STEPS;
        loading->edge[k + 1] = top * u * u;
        double middle = (loading->edge[k] + loading->edge[k + 1]) / 2;
        value[k] = log_likelihood(n, estimate, variance, middle) -
                   .5 * (middle / scale) * (middle / scale);
        most = fmax(most, value[k]);
    }
    for (int k = 0; k < STEPS; k++) {
        value[k] = exp(value[k] - most) * (loading->edge[k + 1] - loading->edge[k]);
        total += value[k];
    }
    for (int k = 0; k < STEPS; k++) {
        double middle = (loading->edge[k] + loading->edge[k + 1]) / 2;
        loading->cumulative[k + 1] = loading->cumulative[k] + value[k] / total;
        loading->mean += middle * value[k] / total;
    }
}

double recoup_loading_quantile(const recoup_loading *loading, double p) {
    int low = 0, high = STEPS;
    while (high - low > 1) {
        int middle = (low + high) / 2;
        if (loading->cumulative[middle] < p)
            low = middle;
        else
            high = middle;
    }
    double inside = loading->cumulative[high] - loading->cumulative[low];
    double share = inside > 0 ? (p - loading->cumulative[low]) / inside : .5;
    return loading->edge[low] +
           fmax(0, fmin(1, share)) * (loading->edge[high] - loading->edge[low]);
}
