/* The arithmetic, and the law of how many wins come of it. */
#include "decide/activity.h"

#include "base/error.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

static const double most = 1e9; /* proposals or deals: nobody makes more */

const double recoup_activity_confidence[RECOUP_ACTIVITY_LEVELS] = {NAN, .8, .9, .95};

double recoup_activity_up(double x) {
    return ceil(x * (1 - 1e-12));
}

double recoup_activity_probability(double n, const double *p, int n_p, double k) {
    double sum = 0;
    if (k <= 0)
        return 1;
    for (int i = 0; i < n_p && n >= k; i++)
        sum += p[i] >= 1 ? 1 : gsl_cdf_binomial_Q((unsigned)k - 1, p[i], (unsigned)n);
    return sum / n_p;
}

double recoup_activity_smallest(const double *p, int n_p, double k, double confidence) {
    double low = fmax(k, 0) - 1, high = fmax(2 * k, 1); /* low is too few */
    while (high <= most && recoup_activity_probability(high, p, n_p, k) < confidence) {
        low = high;
        high *= 2;
    }
    if (high > most)
        return NAN;
    while (high - low > 1) {
        double middle = floor((low + high) / 2);
        if (recoup_activity_probability(middle, p, n_p, k) >= confidence)
            high = middle;
        else
            low = middle;
    }
    return high;
}

static recoup_status check(const recoup_activity_inputs *inputs, recoup_error *error) {
    if (!(inputs->gap > 0 && isfinite(inputs->gap)))
        return recoup_fail(error, RECOUP_EUSAGE, NULL, "the gap is not an amount above 0");
    if (!(inputs->deal > 0 && isfinite(inputs->deal)))
        return recoup_fail(error, RECOUP_EUSAGE, NULL, "the deal is not an amount above 0");
    if (!(inputs->close_rate > 0 && inputs->close_rate <= 1))
        return recoup_fail(error, RECOUP_EUSAGE, NULL,
                           "the close rate is not a share above 0, at most 1");
    if (inputs->calls_per_proposal < 0)
        return recoup_fail(error, RECOUP_EUSAGE, NULL, "calls per proposal are below 0");
    return RECOUP_OK;
}

recoup_status recoup_activity_plain_make(const recoup_activity_inputs *inputs,
                                         recoup_activity_plain *plain, recoup_error *error) {
    recoup_status status = check(inputs, error);
    if (status != RECOUP_OK)
        return status;
    double p = inputs->close_rate;
    plain->deals = recoup_activity_up(inputs->gap / inputs->deal);
    for (int i = 0; i < RECOUP_ACTIVITY_LEVELS; i++) {
        double confidence = recoup_activity_confidence[i];
        double n = plain->deals / p > most ? NAN
                   : isnan(confidence)     ? recoup_activity_up(plain->deals / p)
                                       : recoup_activity_smallest(&p, 1, plain->deals, confidence);
        if (isnan(n))
            return recoup_fail(error, RECOUP_EUSAGE, NULL,
                               "these inputs take more than a billion proposals");
        plain->proposals[i] = n;
        plain->calls[i] = recoup_activity_up(n * inputs->calls_per_proposal);
        plain->probability[i] = recoup_activity_probability(n, &p, 1, plain->deals);
    }
    return RECOUP_OK;
}
