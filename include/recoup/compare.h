/* Comparing the plans of one run. */
#ifndef RECOUP_COMPARE_H
#define RECOUP_COMPARE_H

#include <recoup/error.h>
#include <recoup/results.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One plan; money in the results' currency, probabilities as shares. Standard errors are Monte
 * Carlo. */
typedef struct recoup_compare_row {
    const char *plan;
    double hit_probability, hit_probability_se;
    /* From 5 to 95 % of P(hit) over the parameter draws, the Monte Carlo noise of each draw's own
     * P(hit) taken out: deviations from their mean are shrunk until their variance is the observed
     * one less the mean of p(1 - p)/n. Both are P(hit) where there is one draw. */
    double hit_probability_low, hit_probability_high;
    double hit_probability_paths, hit_probability_paths_se; /* of the paths alone; NaN: none */
    double hit_gain, hit_gain_se; /* paired with the first plan; 0 for it */
    double bookings_mean, bookings_mean_se, bookings_sd;
    double bookings_q10, bookings_q50, bookings_q90;
    double bookings_gain_mean, bookings_gain_se;
    double attainment_mean; /* bookings_mean / quota */
    double wins_mean;
    double expected_shortfall;
    double best_probability, expected_regret; /* over parameter draws */
    double cost, cost_per_point; /* per point (.01) of P(hit) gained; NaN without cost or gain */
} recoup_compare_row;

typedef struct recoup_comparison {
    const char *title, *currency, *estimator;
    const char *hit_estimator; /* where P(hit) and its gains come from: conditional or paths */
    double quota, booked;
    int64_t paths, parameter_draws;
    int n_rows;
    recoup_compare_row *row; /* in the order of the plans */
} recoup_comparison;

/* Strings are borrowed from the results. To be freed by recoup_comparison_free. */
recoup_status recoup_compare(const recoup_results *results, recoup_comparison **comparison,
                             recoup_error *error);
void recoup_comparison_free(recoup_comparison *comparison);

#ifdef __cplusplus
}
#endif
#endif
