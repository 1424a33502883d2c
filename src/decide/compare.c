#include <recoup/compare.h>

#include "decide/compare_numbers.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static double cost_per_point(double cost, double hit_gain) {
    return cost > 0 && hit_gain > 0 ? cost / (100 * hit_gain) : NAN;
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
    recoup_sort_numbers(sorted, n);
    row->hit_probability_low = recoup_sorted_quantile(sorted, n, .05);
    row->hit_probability_high = recoup_sorted_quantile(sorted, n, .95);
}

static void fill_row(recoup_compare_row *row, const recoup_results *results, int p,
                     const int quantile[3]) {
    const double *bookings = results->bookings_quantile + (size_t)p * (size_t)results->n_quantiles;
    double quota = results->plan_quota[p];
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
        .plan_quota = quota,
        .attainment_mean = quota > 0 ? results->bookings_mean[p] / quota : NAN,
        .wins_mean = results->wins_mean[p],
        .expected_shortfall = results->expected_shortfall[p],
        .best_probability = results->best_probability[p],
        .expected_regret = results->expected_regret[p],
        .cost = results->plan_cost[p],
        .cost_per_point = cost_per_point(results->plan_cost[p], results->hit_gain[p]),
    };
    bool has_decisions = results->n_strengths > 0;
    double margin = has_decisions ? results->margin : 1;
    row->net_gain = row->bookings_gain_mean * margin - row->cost;
    row->hit_probability_stated = NAN;
    for (int i = 0; i < results->n_strengths; i++)
        if (results->strength[i] == 1)
            row->hit_probability_stated =
                results->strength_hit_probability[p * results->n_strengths + i];
    row->hit_probability_centered = has_decisions ? results->hit_probability_centered[p] : NAN;
    row->best_probability_centered = has_decisions ? results->best_probability_centered[p] : NAN;
    row->break_even = has_decisions ? results->break_even[p] : NAN;
    row->break_even_effect = has_decisions ? results->break_even_effect[p] : NAN;
    row->break_even_unit = has_decisions ? results->break_even_unit[p] : "";
}

recoup_status recoup_compare(const recoup_results *results, recoup_comparison **compared,
                             recoup_error *error) {
    static const double levels[3] = {.1, .5, .9};
    int quantile[3];
    for (int i = 0; i < 3; i++) {
        quantile[i] = recoup_results_find_quantile(results, levels[i]);
        if (quantile[i] < 0)
            return recoup_fail(error, RECOUP_EINVALID, NULL,
                               "the results do not hold the %g quantile of bookings, which the "
                               "comparison shows",
                               levels[i]);
    }
    recoup_comparison *comparison = RECOUP_NEW(recoup_comparison, 1);
    recoup_compare_row *row = RECOUP_NEW(recoup_compare_row, results->n_plans);
    int n_pairs = results->n_plans * (results->n_plans - 1) / 2;
    recoup_compare_pair *pair = RECOUP_NEW(recoup_compare_pair, n_pairs);
    double *sorted = RECOUP_NEW(double, results->n_draws);
    recoup_status status =
        comparison && row && pair && sorted ? RECOUP_OK : recoup_fail_memory(error);
    if (status == RECOUP_OK)
        status = recoup_compare_set_pairs(results, pair, error);
    if (status != RECOUP_OK) {
        free(comparison);
        free(row);
        free(pair);
        free(sorted);
        return status;
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
        .n_pairs = n_pairs,
        .pair = pair,
        .margin = results->n_strengths > 0 ? results->margin : 1,
        .target = results->n_strengths > 0 ? results->target : NAN,
        .decision_draws = results->n_strengths > 0 ? results->decision_draws : 0,
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
    free(comparison->pair);
    free(comparison);
}
