/* Plans against a model: every lever is lowered to primitive effects. */
#include "model/draws.h"
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

/* More than one draw needs a model that has as many. */
static recoup_status check_draws(const recoup_scenario *scenario, const recoup_model *model,
                                 recoup_error *error) {
    int64_t asked = scenario->simulation.parameter_draws;
    int stored = model->draws ? model->draws->n_draws : 0;
    const recoup_node *simulation = recoup_node_find(scenario->document->root, "simulation");
    const recoup_node *node = simulation ? recoup_node_find(simulation, "parameter_draws") : NULL;
    if (asked <= 1 || asked <= stored)
        return RECOUP_OK;
    if (stored == 0)
        return recoup_node_fail(scenario->document, node, error,
                                "'parameter_draws' is %lld, but the model%s%s has no stored "
                                "uncertainty; expected 1, or a model that recoup fit wrote, with "
                                "the file that its key 'uncertainty' names",
                                (long long)asked, scenario->model_path ? " " : "",
                                scenario->model_path ? scenario->model_path : "");
    return recoup_node_fail(scenario->document, node, error,
                            "'parameter_draws' is %lld, but the model stores %d draws; expected "
                            "at most as many",
                            (long long)asked, stored);
}

static recoup_status resolve_plans(recoup_scenario *scenario, const recoup_model *model,
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
    recoup_status status = RECOUP_OK;
    for (int p = 0; p < scenario->n_plans; p++) {
        lowering.effects = &scenario->plan[p].effects;
        status = recoup_worse(status, resolve_plan(&lowering, &scenario->plan[p]));
    }
    return status;
}

recoup_status recoup_scenario_resolve(recoup_scenario *scenario, const recoup_model *model,
                                      recoup_error *error) {
    recoup_status status = check_currency(scenario, model, error);
    status = recoup_worse(status, check_draws(scenario, model, error));
    status = recoup_worse(status, resolve_plans(scenario, model, error));
    scenario->resolved = status == RECOUP_OK;
    return status;
}

recoup_status recoup_scenario_redraw(const recoup_scenario *scenario, const recoup_model *model,
                                     recoup_scenario *drawn, recoup_error *error) {
    recoup_error notes = RECOUP_ERROR_INIT; /* the scenario's own resolution noted them */
    *drawn = *scenario;
    drawn->arena = (recoup_arena){NULL};
    drawn->plan = recoup_arena_alloc(&drawn->arena, (size_t)scenario->n_plans, sizeof *drawn->plan);
    if (!drawn->plan)
        return recoup_fail_memory(error);
    memcpy(drawn->plan, scenario->plan, (size_t)scenario->n_plans * sizeof *drawn->plan);
    recoup_status status = resolve_plans(drawn, model, &notes);
    if (status != RECOUP_OK)
        recoup_fail(error, status, NULL, "the plans do not fit a parameter draw of the model");
    recoup_error_clear(&notes);
    return status;
}

void recoup_scenario_drawn_clear(recoup_scenario *drawn) {
    recoup_arena_clear(&drawn->arena);
    *drawn = (recoup_scenario){0};
}
