/* Plans against a model: every lever is lowered to primitive effects. */
#include "model/draws.h"
#include "scenario/lever.h"
#include "scenario/optimize.h"
#include "scenario/variant.h"

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
    for (int i = 0; i < plan->n_extra; i++)
        status = recoup_worse(status, recoup_append_change(lowering, &plan->extra[i]));
    if (lowering->effects->n_caps > 1) /* of those that were read, plan.c has told */
        status = recoup_fail(lowering->error, RECOUP_EINVALID, NULL,
                             "the plan '%s' has %d discount limits; expected at most one",
                             plan->name, lowering->effects->n_caps);
    return status;
}

bool recoup_scenario_is_uncertain(const recoup_scenario *scenario) {
    for (int p = 0; p < scenario->n_plans; p++)
        for (int i = 0; i < scenario->plan[p].n_levers; i++)
            if (recoup_lever_is_uncertain(&scenario->plan[p].lever[i]))
                return true;
    const recoup_optimization *optimization = scenario->optimization;
    for (int c = 0; c < optimization->n_candidates; c++)
        for (int i = 0; i < optimization->candidate[c].n_levers; i++)
            if (recoup_lever_is_uncertain(&optimization->candidate[c].lever[i]))
                return true;
    return false;
}

/* More than one draw needs a model that has as many, or none and effects that are uncertain. */
static recoup_status check_draws(const recoup_scenario *scenario, const recoup_model *model,
                                 recoup_error *error) {
    int64_t asked = scenario->simulation.parameter_draws;
    int stored = model->draws ? model->draws->n_draws : 0;
    const recoup_node *simulation = recoup_node_find(scenario->document->root, "simulation");
    const recoup_node *node = simulation ? recoup_node_find(simulation, "parameter_draws") : NULL;
    bool is_uncertain = recoup_scenario_is_uncertain(scenario);
    if (asked <= 1 && is_uncertain)
        recoup_node_note(scenario->document, node ? node : scenario->document->root, error,
                         "effects of levers are uncertain, but 'parameter_draws' is 1: they stand "
                         "at their means");
    if (asked <= 1 || asked <= stored || (stored == 0 && is_uncertain))
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

static recoup_status begin_lowering(recoup_scenario *scenario, const recoup_model *model, int draw,
                                    recoup_lowering *lowering, recoup_error *error) {
    char **stage_name =
        recoup_arena_alloc(&scenario->arena, (size_t)model->n_stages, sizeof *stage_name);
    if (!stage_name)
        return recoup_fail_memory(error);
    for (int s = 0; s < model->n_stages; s++)
        stage_name[s] = model->stage[s].name;
    *lowering = (recoup_lowering){.scenario = scenario,
                                  .model = model,
                                  .stage_name = stage_name,
                                  .arena = &scenario->arena,
                                  .draw = draw,
                                  .error = error};
    return RECOUP_OK;
}

static recoup_status resolve_plans(recoup_scenario *scenario, const recoup_model *model, int draw,
                                   recoup_error *error) {
    recoup_lowering lowering;
    recoup_status status = begin_lowering(scenario, model, draw, &lowering, error);
    if (status != RECOUP_OK)
        return status;
    for (int p = 0; p < scenario->n_plans; p++) {
        lowering.effects = &scenario->plan[p].effects;
        status = recoup_worse(status, resolve_plan(&lowering, &scenario->plan[p]));
    }
    return status;
}

/* Candidates of `optimize` are lowered to find what is wrong with them. */
static recoup_status check_candidates(recoup_scenario *scenario, const recoup_model *model,
                                      recoup_error *error) {
    const recoup_optimization *optimization = scenario->optimization;
    recoup_effects effects;
    recoup_lowering lowering;
    if (!optimization->is_own)
        return RECOUP_OK;
    recoup_status status = begin_lowering(scenario, model, -1, &lowering, error);
    if (status != RECOUP_OK)
        return status;
    lowering.effects = &effects;
    for (int i = 0; i < optimization->n_candidates; i++) {
        const recoup_candidate *candidate = &optimization->candidate[i];
        recoup_plan plan = {
            .name = candidate->name, .n_levers = candidate->n_levers, .lever = candidate->lever};
        status = recoup_worse(status, resolve_plan(&lowering, &plan));
    }
    return status;
}

recoup_status recoup_scenario_resolve(recoup_scenario *scenario, const recoup_model *model,
                                      recoup_error *error) {
    recoup_status status = check_currency(scenario, model, error);
    status = recoup_worse(status, check_draws(scenario, model, error));
    status = recoup_worse(
        status, recoup_benchmarks_check(scenario->document, &scenario->benchmarks, model, error));
    status = recoup_worse(status, resolve_plans(scenario, model, -1, error));
    status = recoup_worse(status, check_candidates(scenario, model, error));
    scenario->resolved = status == RECOUP_OK;
    return status;
}

/* Another scenario with room for n plans. */
static recoup_status begin_drawn(const recoup_scenario *scenario, int n_plans,
                                 recoup_scenario *drawn, recoup_error *error) {
    *drawn = *scenario;
    drawn->arena = (recoup_arena){NULL};
    drawn->n_plans = n_plans;
    drawn->plan = recoup_arena_alloc(&drawn->arena, (size_t)n_plans, sizeof *drawn->plan);
    return drawn->plan ? RECOUP_OK : recoup_fail_memory(error);
}

/* What a plan decides by the fitted model, it does not decide anew by a draw of it. */
static void keep_decisions(const recoup_effects *fitted, recoup_effects *drawn) {
    for (int i = 0; i < drawn->n_closures; i++)
        drawn->closure[i].stale_days = fitted->closure[i].stale_days;
}

recoup_status recoup_scenario_redraw(const recoup_scenario *scenario, const recoup_model *model,
                                     int draw, recoup_scenario *drawn, recoup_error *error) {
    recoup_error notes = RECOUP_ERROR_INIT; /* the scenario's own resolution noted them */
    recoup_status status = begin_drawn(scenario, scenario->n_plans, drawn, error);
    if (status != RECOUP_OK)
        return status;
    memcpy(drawn->plan, scenario->plan, (size_t)scenario->n_plans * sizeof *drawn->plan);
    status = resolve_plans(drawn, model, draw, &notes);
    for (int p = 0; p < scenario->n_plans && status == RECOUP_OK; p++)
        keep_decisions(&scenario->plan[p].effects, &drawn->plan[p].effects);
    if (status != RECOUP_OK)
        recoup_fail(error, status, NULL, "the plans do not fit a parameter draw of the model");
    recoup_error_clear(&notes);
    return status;
}

recoup_status recoup_scenario_vary(const recoup_scenario *scenario, const recoup_model *model,
                                   const recoup_variant *variant, int n_variants,
                                   recoup_scenario *varied, recoup_error *error) {
    recoup_status status = begin_drawn(scenario, n_variants, varied, error);
    if (status != RECOUP_OK)
        return status;
    for (int i = 0; i < n_variants; i++) {
        varied->plan[i] = (recoup_plan){.name = variant[i].name,
                                        .node = scenario->document->root,
                                        .n_levers = variant[i].n_levers,
                                        .lever = variant[i].lever,
                                        .start = NAN,
                                        .review = NAN,
                                        .n_extra = variant[i].n_changes,
                                        .extra = variant[i].change};
        for (int k = 0; k < variant[i].n_levers; k++) {
            varied->plan[i].cost += variant[i].lever[k].cost;
            varied->plan[i].hours += variant[i].lever[k].hours;
        }
    }
    status = resolve_plans(varied, model, -1, error);
    varied->resolved = status == RECOUP_OK;
    return status;
}

void recoup_scenario_drawn_clear(recoup_scenario *drawn) {
    recoup_arena_clear(&drawn->arena);
    *drawn = (recoup_scenario){0};
}
