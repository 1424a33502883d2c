/* Which plans can be told apart: all pairs at once, so that 95 % holds for all of them together. */
#include "decide/compare_numbers.h"
#include "engine/conditional.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

static const double ALL_PAIRS = .95; /* all intervals hold at once in so many cases */

/* Mean and standard deviation of b's values less a's. */
static double difference(const double *value, int n, int a, int b, double *deviation) {
    const double *x = value + (size_t)a * (size_t)n, *y = value + (size_t)b * (size_t)n;
    double mean = 0, square = 0;
    for (int i = 0; i < n; i++)
        mean += (y[i] - x[i]) / n;
    for (int i = 0; i < n; i++)
        square += (y[i] - x[i] - mean) * (y[i] - x[i] - mean);
    *deviation = n > 1 ? sqrt(square / (n - 1)) : NAN;
    return mean;
}

/* Whether 0 is outside of [low, high]; of one point only when it is not 0. */
static bool excludes_zero(double low, double high) {
    return low > 0 || high < 0;
}

/* Bonferroni: each of m pairs gets 1/m of what all may miss. */
static void set_simulation(const recoup_results *results, recoup_compare_pair *pair, int n_pairs) {
    int n = results->n_replicates;
    double miss = (1 - ALL_PAIRS) / 2 / n_pairs;
    double width = n > 1 ? gsl_cdf_tdist_Qinv(miss, n - 1) : gsl_cdf_ugaussian_Qinv(miss);
    for (int i = 0; i < n_pairs; i++) {
        int a = pair[i].a, b = pair[i].b;
        double se = (a ? results->hit_gain_se[a] : 0) + (b ? results->hit_gain_se[b] : 0);
        if (n > 1) {
            difference(results->hit_probability_replicate, n, a, b, &se);
            se = fmax(se / sqrt(n), RECOUP_CONDITIONAL_ERROR);
        }
        pair[i].hit_gain = results->hit_probability[b] - results->hit_probability[a];
        pair[i].hit_gain_se = se;
        pair[i].low = pair[i].hit_gain - width * se;
        pair[i].high = pair[i].hit_gain + width * se;
        pair[i].differs = excludes_zero(pair[i].low, pair[i].high);
    }
}

/* The studentised maximum: c such that in 95 % of the draws no pair is further than c of its
 * standard deviations from its mean, whatever the correlation of pairs. Source: Besag, Green,
 * Higdon & Mengersen 1995, Bayesian computation and stochastic systems, Statistical Science 10,
 * section 6.3; Montiel Olea & Plagborg-Moller 2019, Simultaneous confidence bands, Journal of
 * Applied Econometrics 34. Pairs that do not vary have an interval of one point. `mean`,
 * `deviation`: [pair]; `largest`: [draw]. */
static void set_draws(const recoup_results *results, recoup_compare_pair *pair, int n_pairs,
                      double *mean, double *deviation, double *largest) {
    int n = results->n_draws;
    const double *hit = results->hit_probability_draw;
    for (int i = 0; i < n_pairs; i++)
        mean[i] = difference(hit, n, pair[i].a, pair[i].b, &deviation[i]);
    for (int d = 0; d < n; d++) {
        largest[d] = 0;
        for (int i = 0; i < n_pairs; i++) {
            double gain = hit[(size_t)pair[i].b * (size_t)n + (size_t)d] -
                          hit[(size_t)pair[i].a * (size_t)n + (size_t)d];
            if (deviation[i] > 0)
                largest[d] = fmax(largest[d], fabs(gain - mean[i]) / deviation[i]);
        }
    }
    recoup_sort_numbers(largest, n);
    double width = recoup_sorted_quantile(largest, n, ALL_PAIRS);
    for (int i = 0; i < n_pairs; i++) {
        pair[i].draws_low = mean[i] - width * deviation[i];
        pair[i].draws_high = mean[i] + width * deviation[i];
        pair[i].differs_over_draws = excludes_zero(pair[i].draws_low, pair[i].draws_high);
    }
}

recoup_status recoup_compare_set_pairs(const recoup_results *results, recoup_compare_pair *pair,
                                       recoup_error *error) {
    int n_plans = results->n_plans, n_pairs = 0;
    recoup_status status = RECOUP_OK;
    for (int a = 0; a < n_plans; a++)
        for (int b = a + 1; b < n_plans; b++)
            pair[n_pairs++] = (recoup_compare_pair){.a = a,
                                                    .b = b,
                                                    .plan = results->plan[a],
                                                    .other = results->plan[b],
                                                    .draws_low = NAN,
                                                    .draws_high = NAN};
    if (n_pairs == 0)
        return RECOUP_OK;
    set_simulation(results, pair, n_pairs);
    if (results->n_draws < 2)
        return RECOUP_OK;
    double *mean = RECOUP_NEW(double, n_pairs), *deviation = RECOUP_NEW(double, n_pairs);
    double *largest = RECOUP_NEW(double, results->n_draws);
    if (mean && deviation && largest)
        set_draws(results, pair, n_pairs, mean, deviation, largest);
    else
        status = recoup_fail_memory(error);
    free(mean);
    free(deviation);
    free(largest);
    return status;
}
