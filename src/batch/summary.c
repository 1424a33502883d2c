#include "batch/summary.h"

#include "base/file.h"
#include "base/text.h"
#include <math.h>
#include <recoup/compare.h>
#include <stdlib.h>
#include <string.h>

#define MONEY "currency"

/* One table: the columns of summary.csv and the variables of summary.h5, and where each is in a
 * row of recoup_compare. */
#define FIELD_LIST(X)                                                                              \
    X(hit_probability, "1", "P(bookings >= quota)")                                                \
    X(hit_probability_se, "1", "Monte Carlo standard error of hit_probability")                    \
    X(hit_probability_low, "1", "5 % of P(hit) over the parameter draws")                          \
    X(hit_probability_high, "1", "95 % of P(hit) over the parameter draws")                        \
    X(hit_gain, "1", "P(hit) less that of the first plan")                                         \
    X(hit_gain_se, "1", "Monte Carlo standard error of hit_gain")                                  \
    X(bookings_mean, MONEY, "mean bookings of the period")                                         \
    X(bookings_mean_se, MONEY, "Monte Carlo standard error of bookings_mean")                      \
    X(bookings_sd, MONEY, "standard deviation of bookings")                                        \
    X(bookings_q10, MONEY, "10 % quantile of bookings")                                            \
    X(bookings_q50, MONEY, "median of bookings")                                                   \
    X(bookings_q90, MONEY, "90 % quantile of bookings")                                            \
    X(bookings_gain_mean, MONEY, "mean bookings less those of the first plan")                     \
    X(bookings_gain_se, MONEY, "Monte Carlo standard error of bookings_gain_mean")                 \
    X(plan_quota, MONEY, "quota that the plan is held against")                                    \
    X(attainment_mean, "1", "mean bookings / plan_quota")                                          \
    X(wins_mean, "1", "mean number of deals won after the as-of date")                             \
    X(expected_shortfall, MONEY, "mean of max(0, quota - bookings)")                               \
    X(best_probability, "1", "share of parameter draws in which no plan has a higher P(hit)")      \
    X(expected_regret, "1", "mean loss of P(hit) against the best plan of each parameter draw")    \
    X(cost, MONEY, "cost of the plan's levers")                                                    \
    X(cost_per_point, MONEY, "cost per percentage point of hit_gain")                              \
    X(net_gain, MONEY, "bookings_gain_mean * margin - cost")

#define X(name, units, long_name) {#name, units, long_name},
const recoup_batch_field recoup_batch_fields[] = {FIELD_LIST(X)};
#undef X
const int recoup_n_batch_fields = sizeof recoup_batch_fields / sizeof *recoup_batch_fields;

#define X(name, units, long_name) offsetof(recoup_compare_row, name),
static const size_t field_offset[] = {FIELD_LIST(X)};
#undef X

/* --- from results ----------------------------------------------------------------------------- */

static const char *copy_text(recoup_arena *arena, const char *text) {
    return recoup_arena_text(arena, text ? text : "", text ? strlen(text) : 0);
}

static bool copy_plan(const recoup_compare_row *row, recoup_arena *arena, recoup_batch_plan *plan) {
    plan->name = copy_text(arena, row->plan);
    plan->value = recoup_arena_alloc(arena, (size_t)recoup_n_batch_fields, sizeof *plan->value);
    if (!plan->name || !plan->value)
        return false;
    for (int i = 0; i < recoup_n_batch_fields; i++)
        memcpy(&plan->value[i], (const char *)row + field_offset[i], sizeof plan->value[i]);
    return true;
}

recoup_status recoup_batch_summarise(const recoup_results *results, recoup_arena *arena,
                                     recoup_batch_scenario *scenario, recoup_error *error) {
    recoup_comparison *comparison = NULL;
    recoup_status status = recoup_compare(results, &comparison, error);
    if (status != RECOUP_OK)
        return status;
    scenario->title = copy_text(arena, comparison->title);
    scenario->currency = copy_text(arena, comparison->currency);
    scenario->estimator = copy_text(arena, comparison->estimator);
    scenario->hit_estimator = copy_text(arena, comparison->hit_estimator);
    scenario->quota = comparison->quota;
    scenario->booked = comparison->booked;
    scenario->paths = comparison->paths;
    scenario->parameter_draws = comparison->parameter_draws;
    scenario->plan = recoup_arena_alloc(arena, (size_t)comparison->n_rows, sizeof *scenario->plan);
    bool enough = scenario->title && scenario->currency && scenario->estimator &&
                  scenario->hit_estimator && scenario->plan;
    for (int p = 0; p < comparison->n_rows && enough; p++)
        enough = copy_plan(&comparison->row[p], arena, &scenario->plan[p]);
    scenario->n_plans = enough ? comparison->n_rows : 0;
    recoup_comparison_free(comparison);
    return enough ? RECOUP_OK : recoup_fail_memory(error);
}

/* --- summary.csv ------------------------------------------------------------------------------ */

static void add_cell(recoup_text *text, const char *cell) {
    recoup_text_add_cell(text, cell);
    recoup_text_add(text, ",");
}

/* What is not a finite number is an empty cell. */
static void add_number(recoup_text *text, double x) {
    if (isfinite(x))
        recoup_text_add_number(text, x);
    recoup_text_add(text, ",");
}

static void end_line(recoup_text *text) {
    if (!text->failed && text->length > 0)
        text->bytes[text->length - 1] = '\n'; /* the last comma */
}

static void add_heading(recoup_text *text, const recoup_batch *batch) {
    recoup_text_add(text, "scenario,");
    for (int k = 0; k < batch->n_keys; k++) {
        recoup_text key = {0};
        recoup_text_add(&key, "sweep.%s", batch->key[k]);
        add_cell(text, key.failed ? "" : key.bytes);
        text->failed |= key.failed;
        recoup_text_clear(&key);
    }
    recoup_text_add(text, "plan,");
    for (int i = 0; i < recoup_n_batch_fields; i++)
        recoup_text_add(text, "%s,", recoup_batch_fields[i].name);
    recoup_text_add(text,
                    "title,currency,quota,booked,paths,parameter_draws,estimator,hit_estimator,"
                    "file,");
    end_line(text);
}

static void add_line(recoup_text *text, const recoup_batch *batch,
                     const recoup_batch_scenario *scenario, const recoup_batch_plan *plan) {
    add_cell(text, scenario->name);
    for (int k = 0; k < batch->n_keys; k++)
        add_cell(text, scenario->value[k] ? scenario->value[k] : "");
    add_cell(text, plan->name);
    for (int i = 0; i < recoup_n_batch_fields; i++)
        add_number(text, plan->value[i]);
    add_cell(text, scenario->title);
    add_cell(text, scenario->currency);
    add_number(text, scenario->quota);
    add_number(text, scenario->booked);
    add_number(text, (double)scenario->paths);
    add_number(text, (double)scenario->parameter_draws);
    add_cell(text, scenario->estimator);
    add_cell(text, scenario->hit_estimator);
    add_cell(text, scenario->file);
    end_line(text);
}

recoup_status recoup_batch_write_csv(const recoup_batch *batch, const char *folder,
                                     recoup_error *error) {
    recoup_text text = {0}, path = {0};
    recoup_text_add(&path, "%s/summary.csv", folder);
    add_heading(&text, batch);
    for (int s = 0; s < batch->n_scenarios; s++)
        for (int p = 0; p < batch->scenario[s].n_plans; p++)
            add_line(&text, batch, &batch->scenario[s], &batch->scenario[s].plan[p]);
    recoup_status status = text.failed || path.failed
                               ? recoup_fail_memory(error)
                               : recoup_file_write(path.bytes, text.bytes, text.length, error);
    recoup_text_clear(&text);
    recoup_text_clear(&path);
    return status;
}
