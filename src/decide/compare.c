#include <recoup/compare.h>

#include "results/results.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

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

static int compare_numbers(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Of n sorted values, linear between them (definition 7 of Hyndman & Fan 1996). */
static double quantile_of(const double *value, int n, double p) {
    double at = p * (n - 1);
    int below = (int)at < n - 1 ? (int)at : n - 1;
    int above = below < n - 1 ? below + 1 : below;
    return value[below] + (at - below) * (value[above] - value[below]);
}

/* From 5 to 95 % of P(hit) over the draws; `sorted` has room for them. */
static void set_range(recoup_compare_row *row, const recoup_results *results, int p,
                      double *sorted) {
    int n = results->n_draws;
    row->hit_probability_low = row->hit_probability_high = row->hit_probability;
    if (n < 2)
        return;
    const double *draw = results->hit_probability_draw + (size_t)p * (size_t)n;
    /* `conditional` knows P(hit) of a draw up to little more than its standard error of all. */
    bool is_noisy = strcmp(results->hit_estimator, "conditional") != 0;
    double paths = (double)results->paths / n, mean = 0, spread = 0, noise = 0;
    for (int d = 0; d < n; d++) {
        mean += draw[d] / n;
        noise += is_noisy ? draw[d] * (1 - draw[d]) / paths / n : 0;
    }
    for (int d = 0; d < n; d++)
        spread += (draw[d] - mean) * (draw[d] - mean) / (n - 1);
    double kept = spread > noise ? sqrt(1 - noise / spread) : 0;
    for (int d = 0; d < n; d++)
        sorted[d] = fmin(1, fmax(0, mean + kept * (draw[d] - mean)));
    qsort(sorted, (size_t)n, sizeof *sorted, compare_numbers);
    row->hit_probability_low = quantile_of(sorted, n, .05);
    row->hit_probability_high = quantile_of(sorted, n, .95);
}

static void fill_row(recoup_compare_row *row, const recoup_results *results, int p,
                     const int quantile[3]) {
    const double *bookings = results->bookings_quantile + (size_t)p * (size_t)results->n_quantiles;
    *row = (recoup_compare_row){
        .plan = results->plan[p],
        .hit_probability = results->hit_probability[p],
        .hit_probability_se = results->hit_probability_se[p],
        .hit_probability_paths = results->hit_probability_paths[p],
        .hit_probability_paths_se = results->hit_probability_paths_se[p],
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
    double *sorted = RECOUP_NEW(double, results->n_draws);
    if (!comparison || !row || !sorted) {
        free(comparison);
        free(row);
        free(sorted);
        return recoup_fail_memory(error);
    }
    *comparison = (recoup_comparison){
        .title = results->title,
        .currency = results->currency,
        .estimator = results->estimator,
        .hit_estimator = results->hit_estimator,
        .quota = results->quota,
        .booked = results->booked,
        .paths = results->paths,
        .parameter_draws = results->parameter_draws,
        .n_rows = results->n_plans,
        .row = row,
    };
    for (int p = 0; p < results->n_plans; p++) {
        fill_row(&row[p], results, p, quantile);
        set_range(&row[p], results, p, sorted);
    }
    free(sorted);
    *compared = comparison;
    return RECOUP_OK;
}

void recoup_comparison_free(recoup_comparison *comparison) {
    if (!comparison)
        return;
    free(comparison->row);
    free(comparison);
}
