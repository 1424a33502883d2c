#include "scenario/lever.h"
#include "scenario/load.h"
#include "scenario/moment.h"

#include <string.h>

static recoup_status read_actions(recoup_scenario *scenario, const recoup_list *list,
                                  recoup_plan *plan, recoup_error *error) {
    const recoup_action_keys *keys = list->items;
    plan->action = recoup_arena_alloc(&scenario->arena, (size_t)list->n, sizeof *plan->action);
    if (!plan->action)
        return recoup_fail_memory(error);
    plan->n_actions = list->n;
    recoup_status status = RECOUP_OK;
    for (int i = 0; i < list->n; i++) {
        recoup_action *action = &plan->action[i];
        *action = (recoup_action){keys[i].what, keys[i].owner, keys[i].measure, NAN};
        if (keys[i].due)
            status = recoup_worse(status, recoup_start_read(scenario->document, keys[i].due, "due",
                                                            scenario->as_of, scenario->zone_days,
                                                            &action->due, error));
    }
    return status;
}

static recoup_status read_dates(const recoup_scenario *scenario, const recoup_plan_keys *keys,
                                recoup_plan *plan, recoup_error *error) {
    recoup_status status = RECOUP_OK;
    plan->start = plan->review = NAN;
    if (keys->start)
        status = recoup_start_read(scenario->document, keys->start, "start", scenario->as_of,
                                   scenario->zone_days, &plan->start, error);
    if (keys->review)
        status = recoup_worse(status, recoup_start_read(scenario->document, keys->review, "review",
                                                        scenario->as_of, scenario->zone_days,
                                                        &plan->review, error));
    if (plan->review < plan->start)
        status = recoup_node_fail(scenario->document, keys->review, error,
                                  "'review' is before the plan's 'start'; expected a later date");
    return status;
}

recoup_status recoup_levers_read(recoup_scenario *scenario, const recoup_node *node,
                                 recoup_plan *plan, recoup_error *error) {
    if (node->kind != RECOUP_NODE_SEQUENCE)
        return recoup_node_fail(scenario->document, node, error,
                                "'levers' is not a list; expected items such as "
                                "'- adjust: {exit: advance, logit: 0.2}'");
    recoup_lever *levers = recoup_arena_alloc(&scenario->arena, (size_t)node->n, sizeof *levers);
    if (!levers)
        return recoup_fail_memory(error);
    plan->lever = levers;
    recoup_status status = RECOUP_OK;
    bool limited = false;
    for (int i = 0; i < node->n; i++) {
        recoup_lever lever = {0};
        recoup_status read = recoup_lever_read(scenario, node->item[i], plan->start, &lever, error);
        status = recoup_worse(status, read);
        if (read != RECOUP_OK)
            continue;
        if (lever.kind == RECOUP_LEVER_DISCOUNT_LIMIT && limited)
            status = recoup_node_fail(scenario->document, node->item[i], error,
                                      "a second discount_limit in one plan; expected at most one, "
                                      "the stricter limit would always win");
        limited = limited || lever.kind == RECOUP_LEVER_DISCOUNT_LIMIT;
        plan->cost += lever.cost;
        plan->hours += lever.hours;
        levers[plan->n_levers++] = lever;
    }
    return status;
}

static recoup_status read_plan(recoup_scenario *scenario, const recoup_node *node,
                               recoup_plan *plan, recoup_error *error) {
    recoup_plan_keys keys = {0};
    recoup_status status = recoup_bind(scenario->document, node, &recoup_plan_schema, &keys, error);
    *plan = (recoup_plan){
        .name = keys.name,
        .node = node,
        .owner = keys.owner,
        .team = keys.team,
        .help = keys.help,
        .implication = keys.implication,
        .incentive = keys.incentive,
        .investment = keys.investment,
    };
    if (keys.name && !keys.name[0])
        status = recoup_worse(
            status, recoup_node_fail(scenario->document, recoup_node_find(node, "name"), error,
                                     "the plan has an empty name; expected one to show it by"));
    status = recoup_worse(status, read_dates(scenario, &keys, plan, error));
    status = recoup_worse(status, read_actions(scenario, &keys.actions, plan, error));
    if (keys.levers)
        status = recoup_worse(status, recoup_levers_read(scenario, keys.levers, plan, error));
    return status;
}

static recoup_status check_name(const recoup_scenario *scenario, int index, recoup_error *error) {
    const recoup_plan *plan = &scenario->plan[index];
    for (int i = 0; plan->name && i < index; i++)
        if (scenario->plan[i].name && strcmp(scenario->plan[i].name, plan->name) == 0)
            return recoup_node_fail(scenario->document, recoup_node_find(plan->node, "name"), error,
                                    "two plans are called '%s', the first on line %d; expected "
                                    "different names",
                                    plan->name, scenario->plan[i].node->line);
    return RECOUP_OK;
}

static recoup_status add_baseline(recoup_scenario *scenario, recoup_error *error) {
    scenario->plan = recoup_arena_alloc(&scenario->arena, 1, sizeof *scenario->plan);
    if (!scenario->plan)
        return recoup_fail_memory(error);
    scenario->n_plans = 1;
    scenario->plan[0] = (recoup_plan){
        .name = "baseline", .node = scenario->document->root, .start = NAN, .review = NAN};
    return RECOUP_OK;
}

recoup_status recoup_plans_read(recoup_scenario *scenario, const recoup_node *node,
                                recoup_error *error) {
    if (!node)
        return add_baseline(scenario, error);
    if (node->kind != RECOUP_NODE_SEQUENCE || node->n == 0)
        return recoup_node_fail(scenario->document, node, error,
                                "'plans' is %s; expected items such as '- name: baseline'",
                                node->kind == RECOUP_NODE_SEQUENCE ? "an empty list"
                                                                   : "not a list");
    scenario->plan = recoup_arena_alloc(&scenario->arena, (size_t)node->n, sizeof *scenario->plan);
    if (!scenario->plan)
        return recoup_fail_memory(error);
    scenario->n_plans = node->n;
    recoup_status status = RECOUP_OK;
    for (int i = 0; i < node->n; i++) {
        status =
            recoup_worse(status, read_plan(scenario, node->item[i], &scenario->plan[i], error));
        status = recoup_worse(status, check_name(scenario, i, error));
    }
    return status;
}
