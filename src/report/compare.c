/* Plans, later starts and sensitivity, by the comparison (recoup/compare.h). */
#include "report/report.h"

#include <math.h>
#include <string.h>

#define FIELD(name)                                                                                \
    { #name, offsetof(recoup_compare_row, name) }
static const struct {
    const char *name;
    size_t offset;
} plan_fields[] = {
    FIELD(hit_probability),
    FIELD(hit_probability_se),
    FIELD(hit_probability_low),
    FIELD(hit_probability_high),
    FIELD(hit_gain),
    FIELD(hit_gain_se),
    FIELD(bookings_mean),
    FIELD(bookings_mean_se),
    FIELD(bookings_q10),
    FIELD(bookings_q50),
    FIELD(bookings_q90),
    FIELD(bookings_gain_mean),
    FIELD(bookings_gain_se),
    FIELD(plan_quota),
    FIELD(attainment_mean),
    FIELD(wins_mean),
    FIELD(expected_shortfall),
    FIELD(best_probability),
    FIELD(expected_regret),
    FIELD(cost),
    FIELD(cost_per_point),
    FIELD(net_gain),
    FIELD(hit_probability_stated),
    FIELD(hit_probability_centered),
    FIELD(break_even),
    FIELD(break_even_effect),
};
#undef FIELD

static json_t *plan_object(recoup_json *json, const recoup_compare_row *row) {
    json_t *object = json_object();
    recoup_json_set(json, object, "plan", recoup_json_text(row->plan));
    for (size_t i = 0; i < sizeof plan_fields / sizeof *plan_fields; i++) {
        double x;
        memcpy(&x, (const char *)row + plan_fields[i].offset, sizeof x);
        recoup_json_set(json, object, plan_fields[i].name, recoup_json_number(x));
    }
    recoup_json_set(json, object, "break_even_unit", recoup_json_text(row->break_even_unit));
    return object;
}

/* The pairs of one plan with all others: their difference to it. */
static json_t *pairs_with(recoup_json *json, const recoup_comparison *comparison, int plan) {
    json_t *array = json_array();
    for (int i = 0; i < comparison->n_pairs; i++) {
        const recoup_compare_pair *pair = &comparison->pair[i];
        if (pair->a != plan && pair->b != plan)
            continue;
        bool is_first = pair->a == plan; /* the pair is of b less a */
        double sign = is_first ? 1 : -1;
        json_t *object = json_object();
        recoup_json_set(json, object, "plan", json_integer(is_first ? pair->b : pair->a));
        recoup_json_set(json, object, "gain", recoup_json_number(sign * pair->hit_gain));
        recoup_json_set(json, object, "low",
                        recoup_json_number(is_first ? pair->low : -pair->high));
        recoup_json_set(json, object, "high",
                        recoup_json_number(is_first ? pair->high : -pair->low));
        recoup_json_set(json, object, "draws_low",
                        recoup_json_number(is_first ? pair->draws_low : -pair->draws_high));
        recoup_json_set(json, object, "draws_high",
                        recoup_json_number(is_first ? pair->draws_high : -pair->draws_low));
        recoup_json_set(json, object, "differs", json_boolean(pair->differs));
        recoup_json_set(json, object, "differs_over_draws", json_boolean(pair->differs_over_draws));
        recoup_json_append(json, array, object);
    }
    return array;
}

static int find_best(const recoup_comparison *comparison) {
    int best = 0;
    for (int p = 1; p < comparison->n_rows; p++)
        if (comparison->row[p].hit_probability > comparison->row[best].hit_probability)
            best = p;
    return best;
}

static int find_plan(const recoup_comparison *comparison, const char *name) {
    for (int p = 0; p < comparison->n_rows; p++)
        if (strcmp(comparison->row[p].plan, name) == 0)
            return p;
    return -1;
}

recoup_status recoup_report_add_plans(recoup_json *json, json_t *data,
                                      const recoup_results *results,
                                      const recoup_report_options *options, recoup_error *error) {
    recoup_comparison *comparison = NULL;
    recoup_status status = recoup_compare(results, &comparison, error);
    if (status != RECOUP_OK)
        return status;
    int best = find_best(comparison);
    int documented = options->plan ? find_plan(comparison, options->plan) : best;
    if (documented < 0) {
        status = recoup_fail(error, RECOUP_EINVALID, NULL, "the results have no plan `%s`",
                             options->plan);
        goto exit;
    }
    json_t *plans = json_array();
    for (int p = 0; p < comparison->n_rows; p++)
        recoup_json_append(json, plans, plan_object(json, &comparison->row[p]));
    recoup_json_set(json, data, "plans", plans);
    recoup_json_set(json, data, "best", json_integer(best));
    recoup_json_set(json, data, "documented", json_integer(documented));
    recoup_json_set(json, data, "against_first", pairs_with(json, comparison, 0));
    recoup_json_set(json, data, "against_best", pairs_with(json, comparison, best));
    recoup_json_set(json, data, "margin", recoup_json_number(comparison->margin));
    recoup_json_set(json, data, "target", recoup_json_number(comparison->target));
    recoup_json_set(json, data, "decision_draws", json_integer(comparison->decision_draws));
exit:
    recoup_comparison_free(comparison);
    return status;
}

static recoup_status add_delays(recoup_json *json, json_t *data, const recoup_results *results,
                                recoup_error *error) {
    recoup_delays *delays = NULL;
    recoup_status status = recoup_compare_delays(results, &delays, error);
    if (status != RECOUP_OK)
        return status;
    json_t *rows = json_array();
    for (int i = 0; i < delays->n_rows; i++) {
        const recoup_delay_row *row = &delays->row[i];
        json_t *object = json_object();
        recoup_json_set(json, object, "plan", json_integer(i / delays->n_delays));
        recoup_json_set(json, object, "days", json_integer(row->days));
        recoup_json_set(json, object, "hit_probability", recoup_json_number(row->hit_probability));
        recoup_json_set(json, object, "hit_probability_se",
                        recoup_json_number(row->hit_probability_se));
        recoup_json_set(json, object, "bookings_mean", recoup_json_number(row->bookings_mean));
        recoup_json_append(json, rows, object);
    }
    recoup_json_set(json, data, "delays", rows);
    recoup_delays_free(delays);
    return RECOUP_OK;
}

static json_t *sensitivity_object(recoup_json *json, const recoup_sensitivity_row *row) {
    json_t *object = json_object();
    recoup_json_set(json, object, "plan", recoup_json_text(row->plan));
    recoup_json_set(json, object, "factor", recoup_json_text(row->factor));
    recoup_json_set(json, object, "unit", recoup_json_text(row->unit));
    recoup_json_set(json, object, "low", recoup_json_number(row->low));
    recoup_json_set(json, object, "high", recoup_json_number(row->high));
    recoup_json_set(json, object, "hit_low", recoup_json_number(row->hit_probability_low));
    recoup_json_set(json, object, "hit_high", recoup_json_number(row->hit_probability_high));
    recoup_json_set(json, object, "bookings_low", recoup_json_number(row->bookings_mean_low));
    recoup_json_set(json, object, "bookings_high", recoup_json_number(row->bookings_mean_high));
    return object;
}

static recoup_status add_sensitivity(recoup_json *json, json_t *data, const recoup_results *results,
                                     recoup_error *error) {
    recoup_sensitivity *sensitivity = NULL;
    recoup_status status = recoup_compare_sensitivity(results, &sensitivity, error);
    if (status != RECOUP_OK)
        return status;
    json_t *rows = json_array(), *shares = json_array();
    for (int i = 0; i < sensitivity->n_rows; i++)
        recoup_json_append(json, rows, sensitivity_object(json, &sensitivity->row[i]));
    for (int i = 0; i < sensitivity->n_shares; i++) {
        const recoup_share_row *row = &sensitivity->share[i];
        json_t *object = json_object();
        recoup_json_set(json, object, "plan", recoup_json_text(row->plan));
        recoup_json_set(json, object, "source", recoup_json_text(row->source));
        recoup_json_set(json, object, "share", recoup_json_number(row->share));
        recoup_json_append(json, shares, object);
    }
    recoup_json_set(json, data, "sensitivity", rows);
    recoup_json_set(json, data, "shares", shares);
    recoup_sensitivity_free(sensitivity);
    return RECOUP_OK;
}

recoup_status recoup_report_add_decisions(recoup_json *json, json_t *data,
                                          const recoup_results *results, recoup_error *error) {
    recoup_status status = RECOUP_OK;
    if (results->n_delays > 0)
        status = add_delays(json, data, results, error);
    if (status == RECOUP_OK && results->n_factors > 0)
        status = add_sensitivity(json, data, results, error);
    return status;
}
