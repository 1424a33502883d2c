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
