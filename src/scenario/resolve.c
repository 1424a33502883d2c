/* Plans against a model: every lever is lowered to primitive effects. */
#include "scenario/lever.h"

#include <string.h>

/* An amount in one currency must not be held against a quota in another. */
static recoup_status check_currency(const recoup_scenario *scenario, const recoup_model *model,
                                    recoup_error *error) {
    const char *ours = scenario->currency, *theirs = model->currency ? model->currency : "";
    if (!ours[0] || !theirs[0] || strcmp(ours, theirs) == 0)
        return RECOUP_OK;
    return recoup_node_fail(
        scenario->document, recoup_node_find(scenario->document->root, "currency"), error,
        "the scenario is in %s, its model in %s; expected the same currency", ours, theirs);
}

static recoup_status resolve_plan(const recoup_lowering *lowering, const recoup_plan *plan) {
    recoup_status status = RECOUP_OK;
    *lowering->effects = (recoup_effects){0};
    for (int i = 0; i < plan->n_levers; i++) {
        const recoup_lever *lever = &plan->lever[i];
        status = recoup_worse(status, recoup_lever_type_of(lever)->lower(lowering, lever));
    }
    return status;
}

recoup_status recoup_scenario_resolve(recoup_scenario *scenario, const recoup_model *model,
                                      recoup_error *error) {
    char **stage_name =
        recoup_arena_alloc(&scenario->arena, (size_t)model->n_stages, sizeof *stage_name);
    if (!stage_name)
        return recoup_fail_memory(error);
    for (int s = 0; s < model->n_stages; s++)
        stage_name[s] = model->stage[s].name;
    recoup_lowering lowering = {.scenario = scenario,
                                .model = model,
                                .stage_name = stage_name,
                                .arena = &scenario->arena,
                                .error = error};
    recoup_status status = check_currency(scenario, model, error);
    for (int p = 0; p < scenario->n_plans; p++) {
        lowering.effects = &scenario->plan[p].effects;
        status = recoup_worse(status, resolve_plan(&lowering, &scenario->plan[p]));
    }
    scenario->resolved = status == RECOUP_OK;
    return status;
}
