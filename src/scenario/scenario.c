#include "scenario/scenario.h"

#include "base/date.h"
#include "scenario/check.h"
#include "scenario/load.h"
#include "scenario/moment.h"
#include "scenario/optimize.h"
#include "scenario/sweep.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A file of another format gets one clear message instead of one for each of its keys. */
static recoup_status check_format(const recoup_document *document, recoup_error *error) {
    const recoup_node *format = recoup_node_find(document->root, "recoup");
    if (!format || format->kind != RECOUP_NODE_SCALAR || strcmp(format->text, "scenario/1") == 0)
        return RECOUP_OK; /* an absent or odd one is reported by the binder, with all else */
    return recoup_node_fail(document, format, error,
                            "this is a file of the format '%s'; expected a scenario, "
                            "'recoup: scenario/1'",
                            format->text);
}

static recoup_status read_zone(recoup_scenario *scenario, const char *zone, recoup_error *error) {
    if (recoup_zone_parse(zone, &scenario->zone_days))
        return RECOUP_OK;
    return recoup_node_fail(scenario->document,
                            recoup_node_find(scenario->document->root, "timezone"), error,
                            "'timezone' is '%s'; expected UTC or an offset from it such as +02:00 "
                            "(names of places are not known here)",
                            zone);
}

static recoup_status read_times(recoup_scenario *scenario, recoup_error *error) {
    const recoup_scenario_keys *keys = scenario->keys;
    const recoup_document *document = scenario->document;
    double zone = scenario->zone_days;
    recoup_status status = RECOUP_OK;
    scenario->as_of = scenario->period_start = scenario->period_end = NAN;
    if (keys->as_of)
        status = recoup_moment_read(document, keys->as_of, "as_of", zone, false, &scenario->as_of,
                                    error);
    if (keys->period.start)
        status =
            recoup_worse(status, recoup_moment_read(document, keys->period.start, "start", zone,
                                                    true, &scenario->period_start, error));
    if (keys->period.end)
        status = recoup_worse(status, recoup_moment_read(document, keys->period.end, "end", zone,
                                                         true, &scenario->period_end, error));
    scenario->period_end += 1; /* the last day belongs to the period */
    if (status != RECOUP_OK || !keys->as_of || !keys->period.start || !keys->period.end)
        return status; /* what is missing was reported by the binder */
    if (scenario->period_end - 1 <= scenario->period_start)
        return recoup_node_fail(document, keys->period.end, error,
                                "the period ends on %s, which is not after its start, %s; expected "
                                "a later day",
                                keys->period.end->text, keys->period.start->text);
    if (scenario->as_of < scenario->period_start || scenario->as_of >= scenario->period_end)
        return recoup_node_fail(document, keys->as_of, error,
                                "'as_of' is %s, outside the period from %s to %s; expected a date "
                                "within it",
                                keys->as_of->text, keys->period.start->text,
                                keys->period.end->text);
    return RECOUP_OK;
}

static recoup_status read_quota(recoup_scenario *scenario, recoup_error *error) {
    const recoup_node *node = scenario->keys->quota;
    scenario->quota = NAN;
    if (!node)
        return RECOUP_OK; /* reported by the binder */
    if (node->kind == RECOUP_NODE_MAPPING) {
        recoup_quota_keys keys = {0};
        recoup_status status =
            recoup_bind(scenario->document, node, &recoup_quota_schema, &keys, error);
        scenario->quota_from_reps = true;
        if (!scenario->keys->data.table[RECOUP_TABLE_REPS])
            status = recoup_worse(
                status, recoup_node_fail(scenario->document, node, error,
                                         "the quota is to come from the reps, but 'data' names no "
                                         "table 'reps'; expected one, or a number here"));
        return status;
    }
    double quota;
    recoup_status status = recoup_bind_number(scenario->document, node, &quota, error);
    if (status != RECOUP_OK)
        return status;
    if (!(quota > 0 && quota <= RECOUP_MONEY_MAX))
        return recoup_node_fail(
            scenario->document, node, error,
            "'quota' is %s; expected a number above 0, at most 1e15, or {from: reps}", node->text);
    scenario->quota = quota;
    return RECOUP_OK;
}

static recoup_status check_cohorts(recoup_scenario *scenario, recoup_error *error) {
    const recoup_scenario_keys *keys = scenario->keys;
    const recoup_node *node = recoup_node_find(scenario->document->root, "cohorts");
    scenario->cohorts = (recoup_cohort_rule)keys->cohorts.by;
    scenario->top_share = keys->cohorts.top;
    scenario->bottom_share = keys->cohorts.bottom;
    scenario->ramp_days = keys->cohorts.ramp_days;
    recoup_status status = RECOUP_OK;
    if (scenario->top_share + scenario->bottom_share > 1)
        status = recoup_node_fail(scenario->document, node, error,
                                  "'top' and 'bottom' together are more than all reps; expected "
                                  "shares that sum to at most 1");
    if (scenario->cohorts == RECOUP_COHORTS_TENURE && !keys->data.table[RECOUP_TABLE_REPS])
        status = recoup_node_fail(scenario->document, node, error,
                                  "cohorts by tenure need the reps' start dates; expected a table "
                                  "'reps' in 'data'");
    return status;
}

static recoup_status read_simulation(recoup_scenario *scenario, recoup_error *error) {
    const recoup_simulation_keys *keys = &scenario->keys->simulation;
    const recoup_document *document = scenario->document;
    const recoup_node *node = recoup_node_find(document->root, "simulation");
    recoup_status status = RECOUP_OK;
    if (keys->estimator == RECOUP_ESTIMATOR_CONDITIONAL && keys->keep_paths)
        status = recoup_node_fail(document, recoup_node_find(node, "keep_paths"), error,
                                  "the estimator 'conditional' simulates no paths that could be "
                                  "kept; expected another estimator, or no 'keep_paths'");
    if (keys->precision >= 0.5)
        status = recoup_node_fail(document, recoup_node_find(node, "precision"), error,
                                  "'precision' is 0.5, which any result meets; expected a "
                                  "half-width of P(hit) above 0 and below 0.5");
    scenario->simulation = (recoup_simulation){
        .paths = keys->paths,
        .seed = keys->seed,
        .parameter_draws = keys->parameter_draws,
        .estimator = (recoup_estimator)keys->estimator,
        .precision = keys->precision,
        .keep_paths = keys->keep_paths,
    };
    return status;
}

/* The name of the file without folder and ending. */
static recoup_status default_name(recoup_scenario *scenario, recoup_error *error) {
    const char *file = scenario->document->file;
    const char *slash = strrchr(file, '/');
    const char *base = slash ? slash + 1 : file;
    const char *dot = strrchr(base, '.');
    size_t length = dot && dot > base ? (size_t)(dot - base) : strlen(base);
    scenario->name = recoup_arena_text(&scenario->arena, base, length);
    return scenario->name ? RECOUP_OK : recoup_fail_memory(error);
}

static recoup_status check_sweep(const recoup_scenario *scenario, const recoup_node *node,
                                 recoup_error *error) {
    recoup_status status = recoup_sweep_check(scenario->document, node, error);
    if (status == RECOUP_OK)
        recoup_node_note(scenario->document, node, error,
                         "the values of 'sweep' are for recoup batch; here the scenario is taken "
                         "as it stands");
    return status;
}

/* Binds the document and gives every part its meaning; goes on after a problem. */
static recoup_status read_document(recoup_scenario *scenario, recoup_error *error) {
    recoup_status status = check_format(scenario->document, error);
    if (status != RECOUP_OK)
        return status;
    recoup_scenario_keys *keys = recoup_arena_alloc(&scenario->arena, 1, sizeof *keys);
    if (!keys)
        return recoup_fail_memory(error);
    *keys = recoup_scenario_default;
    scenario->keys = keys;
    status = recoup_bind(scenario->document, scenario->document->root, &recoup_scenario_schema,
                         keys, error);
    scenario->name = keys->name;
    scenario->currency = keys->currency;
    scenario->booked = keys->booked;
    if (!scenario->name || !scenario->name[0])
        status = recoup_worse(status, default_name(scenario, error));
    status = recoup_worse(status, read_zone(scenario, keys->timezone, error));
    status = recoup_worse(status, read_times(scenario, error));
    status = recoup_worse(status, read_quota(scenario, error));
    status = recoup_worse(status, recoup_data_read(scenario, &keys->data, error));
    status = recoup_worse(status, recoup_path_read(scenario, scenario->document->root, "model",
                                                   keys->model, &scenario->model_path, error));
    status = recoup_worse(status, recoup_pipeline_read(scenario, keys->pipeline, error));
    status = recoup_worse(status, check_cohorts(scenario, error));
    status = recoup_worse(status, read_simulation(scenario, error));
    status =
        recoup_worse(status, recoup_decisions_read(scenario->document, keys->decisions,
                                                   &scenario->arena, &scenario->decisions, error));
    status = recoup_worse(status, recoup_diagnosis_read(scenario->document, keys->diagnosis,
                                                        &scenario->diagnosis, error));
    status = recoup_worse(status,
                          recoup_benchmarks_read(scenario->document, keys->benchmarks,
                                                 &scenario->arena, &scenario->benchmarks, error));
    status = recoup_worse(status, recoup_review_read(scenario->document, keys->review,
                                                     &scenario->arena, &scenario->review, error));
    if (keys->sweep)
        status = recoup_worse(status, check_sweep(scenario, keys->sweep, error));
    status = recoup_worse(status, recoup_plans_read(scenario, keys->plans, error));
    return recoup_worse(status, recoup_optimization_read(scenario, keys->optimize, error));
}

recoup_status recoup_scenario_read(recoup_document *document, recoup_scenario **scenario,
                                   recoup_error *error) {
    recoup_scenario *made = RECOUP_NEW(recoup_scenario, 1);
    if (!made) {
        recoup_document_free(document);
        return recoup_fail_memory(error);
    }
    made->document = document;
    recoup_status status = read_document(made, error);
    if (status == RECOUP_OK)
        *scenario = made;
    else
        recoup_scenario_free(made);
    return status;
}

recoup_status recoup_scenario_load(const char *path, recoup_scenario **scenario,
                                   recoup_error *error) {
    recoup_document *document = NULL;
    recoup_status status = recoup_document_load(path, &document, error);
    return status == RECOUP_OK ? recoup_scenario_read(document, scenario, error) : status;
}

void recoup_scenario_free(recoup_scenario *scenario) {
    if (!scenario)
        return;
    recoup_arena_clear(&scenario->arena);
    recoup_document_free(scenario->document);
    free(scenario);
}

/* --- what others read ------------------------------------------------------------------------- */

void recoup_scenario_source(const recoup_scenario *scenario, recoup_dataset_source *source) {
    *source = (recoup_dataset_source){
        .deals = scenario->table[RECOUP_TABLE_DEALS].path,
        .stage_history = scenario->table[RECOUP_TABLE_STAGE_HISTORY].path,
        .reps = scenario->table[RECOUP_TABLE_REPS].path,
        .activities = scenario->table[RECOUP_TABLE_ACTIVITIES].path,
        .stages = scenario->stages,
        .n_stages = scenario->n_stages,
        .label = scenario->label,
        .meaning = scenario->meaning,
        .n_labels = scenario->n_labels,
        .zone_days = scenario->zone_days,
    };
    for (int kind = 0; kind < RECOUP_N_TABLES; kind++)
        source->mapping[kind] = scenario->table[kind].mapping;
}

void recoup_scenario_view_options(const recoup_scenario *scenario, recoup_view_options *options) {
    *options = (recoup_view_options){
        .as_of = scenario->as_of,
        .period_start = scenario->period_start,
        .cohorts = scenario->cohorts,
        .top_share = scenario->top_share,
        .bottom_share = scenario->bottom_share,
        .ramp_days = scenario->ramp_days,
    };
}

const char *recoup_scenario_model_path(const recoup_scenario *scenario) {
    return scenario->model_path;
}

const char *recoup_scenario_name(const recoup_scenario *scenario) {
    return scenario->name;
}

const char *recoup_scenario_currency(const recoup_scenario *scenario) {
    return scenario->currency[0] ? scenario->currency : NULL;
}

static bool format_moment(char *buffer, double days, double zone_days) {
    recoup_text text = {0};
    recoup_moment_add(&text, days, zone_days);
    bool done = !text.failed;
    if (done)
        snprintf(buffer, RECOUP_MOMENT_SIZE, "%s", text.bytes);
    recoup_text_clear(&text);
    return done;
}

bool recoup_scenario_period(const recoup_scenario *scenario, recoup_period *period) {
    return format_moment(period->as_of, scenario->as_of, scenario->zone_days) &&
           format_moment(period->start, scenario->period_start, scenario->zone_days) &&
           format_moment(period->end, scenario->period_end - 1, scenario->zone_days);
}

recoup_simulation recoup_scenario_simulation(const recoup_scenario *scenario) {
    return scenario->simulation;
}

void recoup_scenario_set_simulation(recoup_scenario *scenario,
                                    const recoup_simulation *simulation) {
    scenario->simulation = *simulation;
}

void recoup_scenario_keep_first(recoup_scenario *scenario) {
    if (scenario->n_plans > 1)
        scenario->n_plans = 1;
    scenario->decisions.is_given = false;
}
