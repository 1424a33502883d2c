/* Distributions of bookings: of the plans, by week, of cohorts, teams and reps. */
#include "report/report.h"

#include <math.h>

/* Of reps: there may be thousands under fifty plans, and a heat table shows no more. */
enum { REP_DIGITS = 4 };

/* values[plan][unit] of one array [plan][unit][inner], at one place of the inner dimension. */
static json_t *plan_by_unit(recoup_json *json, const double *values, int n_plans, int n_units,
                            int n_inner, int at) {
    json_t *plans = json_array();
    for (int p = 0; p < n_plans; p++) {
        size_t first = (size_t)p * (size_t)n_units * (size_t)n_inner + (size_t)at;
        recoup_json_append(json, plans,
                           recoup_json_numbers(json, values + first, n_units, n_inner));
    }
    return plans;
}

static json_t *rounded_by_unit(recoup_json *json, const double *values, int n_plans, int n_units,
                               int n_inner, int at) {
    json_t *plans = json_array();
    for (int p = 0; p < n_plans; p++) {
        json_t *units = json_array();
        for (int u = 0; u < n_units; u++) {
            size_t place = ((size_t)p * (size_t)n_units + (size_t)u) * (size_t)n_inner;
            recoup_json_append(json, units,
                               recoup_json_rounded(values[place + (size_t)at], REP_DIGITS));
        }
        recoup_json_append(json, plans, units);
    }
    return plans;
}

static int nearest_quantile(const recoup_results *results, double p) {
    int nearest = 0;
    for (int q = 1; q < results->n_quantiles; q++)
        if (fabs(results->quantile[q] - p) < fabs(results->quantile[nearest] - p))
            nearest = q;
    return nearest;
}

static void add_histogram(recoup_json *json, json_t *data, const recoup_results *results) {
    json_t *histogram = json_object(), *counts = json_array();
    recoup_json_set(json, histogram, "edge",
                    recoup_json_numbers(json, results->bin_edge, results->n_bins + 1, 1));
    for (int p = 0; p < results->n_plans; p++) {
        json_t *row = json_array();
        for (int b = 0; b < results->n_bins; b++)
            recoup_json_append(
                json, row,
                json_integer(
                    results->bookings_histogram[(size_t)p * (size_t)results->n_bins + (size_t)b]));
        recoup_json_append(json, counts, row);
    }
    recoup_json_set(json, histogram, "count", counts);
    recoup_json_set(json, data, "histogram", histogram);
}

/* fan.q05 ... fan.q95: [plan][week] */
static void add_fan(recoup_json *json, json_t *data, const recoup_results *results) {
    static const struct {
        const char *key;
        double level;
    } bands[] = {{"q05", .05}, {"q25", .25}, {"q50", .5}, {"q75", .75}, {"q95", .95}};
    json_t *fan = json_object(), *weeks = json_array();
    for (int w = 0; w < results->n_weeks; w++)
        recoup_json_append(json, weeks, json_integer(results->week[w]));
    recoup_json_set(json, fan, "week", weeks);
    for (size_t i = 0; i < sizeof bands / sizeof *bands; i++)
        recoup_json_set(json, fan, bands[i].key,
                        plan_by_unit(json, results->cumulative_bookings_quantile, results->n_plans,
                                     results->n_weeks, results->n_quantiles,
                                     nearest_quantile(results, bands[i].level)));
    recoup_json_set(json, data, "fan", fan);
}

void recoup_report_add_distributions(recoup_json *json, json_t *data,
                                     const recoup_results *results) {
    recoup_json_set(json, data, "quantile",
                    recoup_json_numbers(json, results->quantile, results->n_quantiles, 1));
    json_t *quantiles = json_array();
    for (int p = 0; p < results->n_plans; p++)
        recoup_json_append(json, quantiles,
                           recoup_json_numbers(json,
                                               results->bookings_quantile +
                                                   (size_t)p * (size_t)results->n_quantiles,
                                               results->n_quantiles, 1));
    recoup_json_set(json, data, "bookings_quantile", quantiles);
    if (results->n_bins > 0)
        add_histogram(json, data, results);
    if (results->n_weeks > 0)
        add_fan(json, data, results);
}

void recoup_report_add_units(recoup_json *json, json_t *data, const recoup_results *results) {
    int n_plans = results->n_plans, nq = results->n_quantiles;
    if (results->n_cohorts > 0) {
        json_t *cohorts = json_object();
        recoup_json_set(json, cohorts, "name",
                        recoup_json_texts(json, results->cohort, results->n_cohorts));
        recoup_json_set(
            json, cohorts, "mean",
            plan_by_unit(json, results->cohort_bookings_mean, n_plans, results->n_cohorts, 1, 0));
        recoup_json_set(json, data, "cohorts", cohorts);
    }
    if (results->n_teams > 0) {
        json_t *teams = json_object();
        recoup_json_set(json, teams, "name",
                        recoup_json_texts(json, results->team, results->n_teams));
        recoup_json_set(
            json, teams, "mean",
            plan_by_unit(json, results->team_bookings_mean, n_plans, results->n_teams, 1, 0));
        recoup_json_set(
            json, teams, "hit",
            plan_by_unit(json, results->team_hit_probability, n_plans, results->n_teams, 1, 0));
        recoup_json_set(json, data, "teams", teams);
    }
    if (results->n_reps > 0) {
        json_t *reps = json_object();
        recoup_json_set(json, reps, "name", recoup_json_texts(json, results->rep, results->n_reps));
        recoup_json_set(
            json, reps, "hit",
            rounded_by_unit(json, results->rep_hit_probability, n_plans, results->n_reps, 1, 0));
        recoup_json_set(json, reps, "median",
                        rounded_by_unit(json, results->rep_bookings_quantile, n_plans,
                                        results->n_reps, nq, nearest_quantile(results, .5)));
        recoup_json_set(json, data, "reps", reps);
    }
}
