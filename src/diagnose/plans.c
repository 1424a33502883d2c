/* What the plans say of themselves (DOCUMENT, LEVER, ACTION), in the order of the scenario. */
#include "diagnose/diagnose.h"
#include "scenario/lever.h"

/* A copy that lives as long as the results; "" for what was not given. False: out of memory. */
static bool keep(const recoup_diagnosing *diagnosing, const char **to, const char *text) {
    *to = recoup_records_text(diagnosing->results, text ? text : "");
    return *to != NULL;
}

static bool add_document(const recoup_diagnosing *diagnosing, const recoup_plan *plan) {
    recoup_document_row *row = recoup_records_add(diagnosing->results, RECOUP_RECORD_DOCUMENT);
    if (!row)
        return false;
    row->start = plan->start;
    row->review = plan->review;
    row->cost = plan->cost;
    row->hours = plan->hours;
    return keep(diagnosing, &row->plan, plan->name) && keep(diagnosing, &row->owner, plan->owner) &&
           keep(diagnosing, &row->team, plan->team) && keep(diagnosing, &row->help, plan->help) &&
           keep(diagnosing, &row->investment, plan->investment) &&
           keep(diagnosing, &row->implication, plan->implication) &&
           keep(diagnosing, &row->incentive, plan->incentive);
}

static bool add_lever(const recoup_diagnosing *diagnosing, const recoup_plan *plan,
                      const recoup_lever *lever) {
    recoup_lever_row *row = recoup_records_add(diagnosing->results, RECOUP_RECORD_LEVER);
    recoup_text keys = {0};
    if (!row)
        return false;
    row->start = diagnosing->scenario->as_of + lever->start_day;
    row->ramp_days = lever->ramp_days;
    row->cost = lever->cost;
    row->hours = lever->hours;
    bool kept = recoup_lever_format_keys(lever, &keys) &&
                keep(diagnosing, &row->keys, keys.bytes) &&
                keep(diagnosing, &row->plan, plan->name) &&
                keep(diagnosing, &row->kind, recoup_lever_type_of(lever)->name) &&
                keep(diagnosing, &row->owner, lever->owner) &&
                keep(diagnosing, &row->evidence, recoup_evidence_names[lever->evidence]);
    recoup_text_clear(&keys);
    return kept;
}

static bool add_action(const recoup_diagnosing *diagnosing, const recoup_plan *plan,
                       const recoup_action *action) {
    recoup_action_row *row = recoup_records_add(diagnosing->results, RECOUP_RECORD_ACTION);
    if (!row)
        return false;
    row->due = action->due;
    return keep(diagnosing, &row->plan, plan->name) && keep(diagnosing, &row->what, action->what) &&
           keep(diagnosing, &row->owner, action->owner) &&
           keep(diagnosing, &row->measure, action->measure);
}

static bool add_plan(const recoup_diagnosing *diagnosing, const recoup_plan *plan) {
    bool added = add_document(diagnosing, plan);
    for (int i = 0; added && i < plan->n_levers; i++)
        added = add_lever(diagnosing, plan, &plan->lever[i]);
    for (int i = 0; added && i < plan->n_actions; i++)
        added = add_action(diagnosing, plan, &plan->action[i]);
    return added;
}

recoup_status recoup_diagnose_plans(const recoup_diagnosing *diagnosing) {
    const recoup_scenario *scenario = diagnosing->scenario;
    for (int p = 0; p < scenario->n_plans; p++)
        if (!add_plan(diagnosing, &scenario->plan[p]))
            return recoup_fail_memory(diagnosing->error);
    return RECOUP_OK;
}
