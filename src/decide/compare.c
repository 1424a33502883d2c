#include <recoup/compare.h>

#include "results/results.h"
#include <math.h>
#include <stdlib.h>

/* Index of a quantile of the results, -1 when they do not have it. The coordinate is written as the
 * same decimal number, so only rounding may part the two. */
static int find_quantile(const recoup_results *results, double p) {
    for (int q = 0; q < results->n_quantiles; q++)
        if (fabs(results->quantile[q] - p) < 1e-12)
            return q;
    return -1;
}

static double cost_per_point(double cost, double hit_gain) {
    return cost > 0 && hit_gain > 0 ? cost / (100 * hit_gain) : NAN;
}

static void fill_row(recoup_compare_row *row, const recoup_results *results, int p,
                     const int quantile[3]) {
    const double *bookings = results->bookings_quantile + (size_t)p * (size_t)results->n_quantiles;
    *row = (recoup_compare_row){
        .plan = results->plan[p],
        .hit_probability = results->hit_probability[p],
        .hit_probability_se = results->hit_probability_se[p],
        .hit_gain = results->hit_gain[p],
        .hit_gain_se = results->hit_gain_se[p],
        .bookings_mean = results->bookings_mean[p],
        .bookings_mean_se = results->bookings_mean_se[p],
        .bookings_sd = results->bookings_sd[p],
        .bookings_q10 = bookings[quantile[0]],
        .bookings_q50 = bookings[quantile[1]],
        .bookings_q90 = bookings[quantile[2]],
        .bookings_gain_mean = results->bookings_gain_mean[p],
        .bookings_gain_se = results->bookings_gain_se[p],
        .attainment_mean = results->quota > 0 ? results->bookings_mean[p] / results->quota : NAN,
        .wins_mean = results->wins_mean[p],
        .expected_shortfall = results->expected_shortfall[p],
        .best_probability = results->best_probability[p],
        .expected_regret = results->expected_regret[p],
        .cost = results->plan_cost[p],
        .cost_per_point = cost_per_point(results->plan_cost[p], results->hit_gain[p]),
    };
}

recoup_status recoup_compare(const recoup_results *results, recoup_comparison **compared,
                             recoup_error *error) {
    static const double levels[3] = {.1, .5, .9};
    int quantile[3];
    for (int i = 0; i < 3; i++) {
        quantile[i] = find_quantile(results, levels[i]);
        if (quantile[i] < 0)
            return recoup_fail(error, RECOUP_EINVALID, NULL,
                               "the results do not hold the %g quantile of bookings, which the "
                               "comparison shows",
                               levels[i]);
    }
    recoup_comparison *comparison = RECOUP_NEW(recoup_comparison, 1);
    recoup_compare_row *row = RECOUP_NEW(recoup_compare_row, results->n_plans);
    if (!comparison || !row) {
        free(comparison);
        free(row);
        return recoup_fail_memory(error);
    }
    *comparison = (recoup_comparison){
        .title = results->title,
        .currency = results->currency,
        .estimator = results->estimator,
        .quota = results->quota,
        .booked = results->booked,
        .paths = results->paths,
        .parameter_draws = results->parameter_draws,
        .n_rows = results->n_plans,
        .row = row,
    };
    for (int p = 0; p < results->n_plans; p++)
        fill_row(&row[p], results, p, quantile);
    *compared = comparison;
    return RECOUP_OK;
}

void recoup_comparison_free(recoup_comparison *comparison) {
    if (!comparison)
        return;
    free(comparison->row);
    free(comparison);
}
