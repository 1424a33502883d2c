#include "fit/conversion.h"

#include <math.h>

/* Half-width of a 95 % interval in standard errors. */
#define Z95 1.959963984540054

void recoup_conversion_add(recoup_conversion *sum, const recoup_model *model,
                           const recoup_stage *stage, const recoup_deal_state *deal, double shift) {
    double share[RECOUP_MAX_EXITS] = {0};
    int n = stage->n_exits < RECOUP_MAX_EXITS ? stage->n_exits : RECOUP_MAX_EXITS;
    for (int e = 0; e < n; e++)
        share[e] = recoup_exit_logit_of(model, &stage->exit[e], deal);
    share[RECOUP_ADVANCE] += shift;
    recoup_log_shares(n, share, share);
    for (int e = 0; e < n; e++)
        share[e] = exp(share[e]);
    sum->n++;
    sum->share += share[RECOUP_ADVANCE];
    for (int e = 0; e < n; e++)
        sum->slope[e] += share[RECOUP_ADVANCE] * ((e == RECOUP_ADVANCE) - share[e]);
}

static double squared(const double *values, int index) {
    return values && index >= 0 ? values[index] * values[index] : 0;
}

/* Of the logits with a standard error. All are against the same reference, so that each two of them
 * have the variance of the log of its count in common, 1/events; its Dirichlet prior adds 1/2. */
static double variance_of(const recoup_conversion *sum, const recoup_stage *stage, int cohort,
                          double shift_variance) {
    double variance = 0, slope[RECOUP_MAX_EXITS], own[RECOUP_MAX_EXITS];
    double shared = 1 / (stage->exit[RECOUP_REFERENCE].fit.n_events + .5);
    int n = 0;
    for (int e = 0; e < stage->n_exits && e < RECOUP_MAX_EXITS; e++) {
        const recoup_exit *exit = &stage->exit[e];
        if (e == RECOUP_REFERENCE || isnan(exit->fit.logit_se))
            continue;
        slope[n] = sum->slope[e] / sum->n;
        own[n++] = exit->fit.logit_se * exit->fit.logit_se + squared(exit->cohort_logit_se, cohort);
    }
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            variance +=
                slope[i] * slope[j] * (i == j ? own[i] : fmin(shared, fmin(own[i], own[j])));
    double of_shift = sum->slope[RECOUP_ADVANCE] / sum->n;
    return variance + of_shift * of_shift * shift_variance;
}

static double share_at(double logit) {
    return 1 / (1 + exp(-logit));
}

recoup_estimate recoup_conversion_mean(const recoup_conversion *sum, const recoup_stage *stage,
                                       int cohort, double shift_variance) {
    recoup_estimate result = {sum->share / sum->n, NAN, NAN};
    double p = result.value, logit = log(p) - log1p(-p);
    if (isnan(stage->exit[RECOUP_ADVANCE].fit.logit_se) || !isfinite(logit))
        return result;
    double half = Z95 * sqrt(fmax(0, variance_of(sum, stage, cohort, shift_variance)));
    result.low = share_at(logit - half / (p * (1 - p)));
    result.high = share_at(logit + half / (p * (1 - p)));
    return result;
}

recoup_estimate recoup_median_of(const recoup_exit *exit, int cohort) {
    recoup_deal_state deal = {.cohort = cohort};
    recoup_dist dwell = recoup_exit_dwell_of(exit, &deal);
    double median = recoup_dist_median(&dwell);
    double variance = exit->fit.log_median_se * exit->fit.log_median_se;
    double half = Z95 * sqrt(variance + squared(exit->cohort_mu_se, cohort));
    return (recoup_estimate){median, median * exp(-half), median * exp(half)};
}
