/* The resolved scenario: every default and every date written out, in the order of
 * docs/scenario.md. Paths stay as they were given, so that the text does not depend on where the
 * folder is. */
#include "scenario/keys.h"
#include "scenario/lever.h"
#include "scenario/optimize.h"

static void format_period(const recoup_scenario *scenario, recoup_writer *writer) {
    const recoup_scenario_keys *keys = scenario->keys;
    recoup_write_plain(writer, "as_of", keys->as_of->text);
    recoup_write_plain(writer, "timezone", keys->timezone);
    recoup_write_open(writer, "period");
    recoup_write_plain(writer, "start", keys->period.start->text);
    recoup_write_plain(writer, "end", keys->period.end->text);
    recoup_write_close(writer);
}

static void format_quota(const recoup_scenario *scenario, recoup_writer *writer) {
    recoup_write_text(writer, "currency", scenario->currency);
    if (scenario->quota_from_reps) {
        recoup_write_open(writer, "quota");
        recoup_write_text(writer, "from", "reps");
        recoup_write_close(writer);
    } else {
        recoup_write_number(writer, "quota", scenario->quota);
    }
    recoup_write_number(writer, "booked", scenario->booked);
}

static void format_pipeline(const recoup_scenario *scenario, recoup_writer *writer) {
    if (scenario->n_stages == 0 && scenario->n_labels == 0)
        return;
    recoup_write_open(writer, "pipeline");
    recoup_write_texts(writer, "stages",
                       &(recoup_texts){.n = scenario->n_stages, .text = scenario->stages});
    if (scenario->n_labels) {
        recoup_write_open(writer, "labels");
        for (int i = 0; i < scenario->n_labels; i++)
            recoup_write_text(writer, scenario->label[i], scenario->meaning[i]);
        recoup_write_close(writer);
    }
    recoup_write_close(writer);
}

static void format_cohorts(const recoup_scenario *scenario, recoup_writer *writer) {
    recoup_write_open(writer, "cohorts");
    recoup_write_text(writer, "by", recoup_cohort_rule_names[scenario->cohorts]);
    recoup_write_number(writer, "top", scenario->top_share);
    recoup_write_number(writer, "bottom", scenario->bottom_share);
    recoup_write_number(writer, "ramp_days", scenario->ramp_days);
    recoup_write_close(writer);
}

static void format_simulation(const recoup_scenario *scenario, recoup_writer *writer) {
    const recoup_simulation *simulation = &scenario->simulation;
    recoup_write_open(writer, "simulation");
    recoup_write_integer(writer, "paths", simulation->paths);
    recoup_write_integer(writer, "seed", simulation->seed);
    recoup_write_integer(writer, "parameter_draws", simulation->parameter_draws);
    recoup_write_text(writer, "estimator", recoup_estimator_names[simulation->estimator]);
    if (simulation->precision > 0) /* 0 has no key: all paths are simulated */
        recoup_write_number(writer, "precision", simulation->precision);
    recoup_write_boolean(writer, "keep_paths", simulation->keep_paths);
    recoup_write_close(writer);
}

static void format_actions(const recoup_plan *plan, recoup_writer *writer) {
    if (plan->n_actions == 0)
        return;
    recoup_write_open(writer, "actions");
    for (int i = 0; i < plan->n_actions; i++) {
        recoup_write_item(writer);
        recoup_write_text(writer, "what", plan->action[i].what);
        recoup_write_text(writer, "owner", plan->action[i].owner);
        recoup_write_moment(writer, "due", plan->action[i].due);
        recoup_write_text(writer, "measure", plan->action[i].measure);
        recoup_write_item_end(writer);
    }
    recoup_write_close(writer);
}

void recoup_plan_format(const recoup_scenario *scenario, const recoup_plan *plan,
                        recoup_writer *writer) {
    recoup_write_item(writer);
    recoup_write_text(writer, "name", plan->name);
    recoup_write_text(writer, "owner", plan->owner);
    recoup_write_text(writer, "team", plan->team);
    recoup_write_moment(writer, "start", plan->start);
    recoup_write_moment(writer, "review", plan->review);
    recoup_write_text(writer, "investment", plan->investment);
    recoup_write_text(writer, "help", plan->help);
    recoup_write_text(writer, "implication", plan->implication);
    recoup_write_text(writer, "incentive", plan->incentive);
    format_actions(plan, writer);
    if (plan->n_levers) {
        recoup_write_open(writer, "levers");
        for (int i = 0; i < plan->n_levers; i++)
            recoup_lever_format(scenario, &plan->lever[i], writer);
        recoup_write_close(writer);
    }
    recoup_write_item_end(writer);
}

recoup_status recoup_scenario_format(const recoup_scenario *scenario, char **text,
                                     recoup_error *error) {
    recoup_writer writer = {.zone_days = scenario->zone_days};
    recoup_write_text(&writer, "recoup", "scenario/1");
    recoup_write_text(&writer, "name", scenario->name);
    format_period(scenario, &writer);
    format_quota(scenario, &writer);
    recoup_data_format(scenario->table, &writer);
    format_pipeline(scenario, &writer);
    format_cohorts(scenario, &writer);
    recoup_write_text(&writer, "model", scenario->keys->model);
    format_simulation(scenario, &writer);
    recoup_decisions_format(&scenario->decisions, &writer);
    recoup_diagnosis_format(&scenario->diagnosis, &writer);
    recoup_benchmarks_format(&scenario->benchmarks, &writer);
    recoup_review_format(&scenario->review, &writer);
    recoup_write_open(&writer, "plans");
    for (int i = 0; i < scenario->n_plans; i++)
        recoup_plan_format(scenario, &scenario->plan[i], &writer);
    recoup_write_close(&writer);
    recoup_write_node(&writer, "sweep", scenario->keys->sweep);
    recoup_optimization_format(scenario, &writer);
    if (writer.text.failed) {
        recoup_text_clear(&writer.text);
        return recoup_fail_memory(error);
    }
    *text = writer.text.bytes;
    return RECOUP_OK;
}
