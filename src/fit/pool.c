#include "fit/pool.h"

#include <math.h>

/* Weighted mean with weights 1 / (v + tau²), and the weighted sum of squares around it. */
static double spread(int n, const double *estimate, const double *variance, double tau2,
                     double *mean) {
    double weights = 0, sum = 0, squares = 0;
    for (int i = 0; i < n; i++)
        if (isfinite(variance[i])) {
            weights += 1 / (variance[i] + tau2);
            sum += estimate[i] / (variance[i] + tau2);
        }
    *mean = weights > 0 ? sum / weights : 0;
    for (int i = 0; i < n; i++)
        if (isfinite(variance[i]))
            squares += (estimate[i] - *mean) * (estimate[i] - *mean) / (variance[i] + tau2);
    return squares;
}

double recoup_pool(int n, const double *estimate, const double *variance, double *difference) {
    int known = 0;
    double mean, low = 0, high = 1;
    for (int i = 0; i < n; i++)
        known += isfinite(variance[i]) ? 1 : 0;
    if (known < 2 || spread(n, estimate, variance, 0, &mean) <= known - 1) {
        for (int i = 0; i < n; i++)
            difference[i] = 0;
        return 0;
    }
    /* The sum of squares falls with tau²; its root is bracketed, then halved to the last digits. */
    while (spread(n, estimate, variance, high, &mean) > known - 1)
        high *= 2;
    for (int k = 0; k < 100 && high - low > 1e-14 * high; k++) {
        double middle = (low + high) / 2;
        if (spread(n, estimate, variance, middle, &mean) > known - 1)
            low = middle;
        else
            high = middle;
    }
    spread(n, estimate, variance, high, &mean);
    for (int i = 0; i < n; i++)
        difference[i] =
            isfinite(variance[i]) ? high / (high + variance[i]) * (estimate[i] - mean) : 0;
    return high;
}

/* Adds what holds for one value of tau, with a weight: first and second moments of m and theta. */
static void add_posterior(int n, const double *estimate, const double *variance, double tau2,
                          double weight, double *centre, double *mean, double *square) {
    double m, weights = 0;
    spread(n, estimate, variance, tau2, &m);
    for (int i = 0; i < n; i++)
        weights += isfinite(variance[i]) ? 1 / (variance[i] + tau2) : 0;
    *centre += weight * m;
    for (int i = 0; i < n; i++) {
        /* Left of the group's own distance, and what of m's error reaches theta. */
        double kept = 0, own = tau2;
        if (isfinite(variance[i])) {
            kept = tau2 / (variance[i] + tau2);
            own = kept * variance[i];
        }
        double theta = kept > 0 ? m + kept * (estimate[i] - m) : m;
        mean[i] += weight * theta;
        square[i] += weight * (own + (1 - kept) * (1 - kept) / weights + theta * theta);
    }
}

/* log of p(estimates | tau)·p(tau), m integrated out with a flat prior. */
static double log_weight(int n, const double *estimate, const double *variance, double tau) {
    const double prior_scale = 1;
    double mean, weights = 0, value = log(tau);
    value -= .5 * spread(n, estimate, variance, tau * tau, &mean);
    for (int i = 0; i < n; i++)
        if (isfinite(variance[i])) {
            value -= .5 * log(variance[i] + tau * tau);
            weights += 1 / (variance[i] + tau * tau);
        }
    return value - .5 * log(weights) - .5 * (tau / prior_scale) * (tau / prior_scale);
}

/* Over tau = top·u², u in (0, 1): fine steps where tau is small. */
static double integrate(int n, const double *estimate, const double *variance, double *mean,
                        double *square, double *centre) {
    enum { STEPS = 200 };
    double low = INFINITY, high = -INFINITY, most = -INFINITY, total = 0, tau2 = 0;
    double log_value[STEPS], tau[STEPS];
    for (int i = 0; i < n; i++)
        if (isfinite(variance[i])) {
            low = fmin(low, estimate[i]);
            high = fmax(high, estimate[i]);
        }
    double top = fmax(5, 3 * (high - low)); /* 5: five scales of the prior */
    for (int k = 0; k < STEPS; k++) {
        double u = (k + .5) / STEPS;
        tau[k] = top * u * u;
        log_value[k] = log_weight(n, estimate, variance, tau[k]) + log(u);
        most = fmax(most, log_value[k]);
    }
    for (int k = 0; k < STEPS; k++)
        total += exp(log_value[k] - most);
    for (int k = 0; k < STEPS; k++) {
        double weight = exp(log_value[k] - most) / total;
        tau2 += weight * tau[k] * tau[k];
        add_posterior(n, estimate, variance, tau[k] * tau[k], weight, centre, mean, square);
    }
    return tau2;
}

double recoup_pool_posterior(int n, const double *estimate, const double *variance,
                             double *difference, double *theta_variance) {
    int known = 0;
    double centre = 0, tau2;
    for (int i = 0; i < n; i++)
        known += isfinite(variance[i]) ? 1 : 0;
    tau2 = known < RECOUP_POOL_MANY ? 0 : recoup_pool(n, estimate, variance, difference);
    for (int i = 0; i < n; i++)
        difference[i] = theta_variance[i] = 0; /* gather E(theta) and E(theta²) */
    if (known < 2)
        return 0;
    if (known < RECOUP_POOL_MANY)
        tau2 = integrate(n, estimate, variance, difference, theta_variance, &centre);
    else
        add_posterior(n, estimate, variance, tau2, 1, &centre, difference, theta_variance);
    for (int i = 0; i < n; i++) {
        theta_variance[i] = fmax(0, theta_variance[i] - difference[i] * difference[i]);
        difference[i] -= centre;
    }
    return tau2;
}
