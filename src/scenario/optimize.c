#include "scenario/optimize.h"

#include "base/names.h"
#include "scenario/check.h"
#include "scenario/lever.h"
#include "scenario/load.h"
#include <math.h>
#include <string.h>

enum { MOST_CANDIDATES = 500, MOST_LEVELS = 100 };

const char *const recoup_objective_names[] = {
    [RECOUP_OBJECTIVE_HIT] = "hit_probability",
    [RECOUP_OBJECTIVE_BOOKINGS] = "bookings",
    NULL,
};

typedef struct candidate_keys {
    const char *name;
    const recoup_node *levels, *levers;
    recoup_texts exclusions, requirements;
} candidate_keys;

static const recoup_field candidate_fields[] = {
    RECOUP_KEY("name", TEXT, candidate_keys, name, .required = true),
    RECOUP_KEY("levels", NODE, candidate_keys, levels),
    RECOUP_KEY("excludes", TEXTS, candidate_keys, exclusions),
    RECOUP_KEY("requires", TEXTS, candidate_keys, requirements),
    RECOUP_KEY("levers", NODE, candidate_keys, levers, .required = true),
};
static const recoup_schema candidate_schema =
    RECOUP_SCHEMA("a candidate", candidate_keys, candidate_fields);

typedef struct optimization_keys {
    double budget, hours, tolerance;
    int objective;
    recoup_list candidates;
} optimization_keys;

static const recoup_field optimization_fields[] = {
    RECOUP_KEY("budget", NUMBER, optimization_keys, budget, .max = RECOUP_MONEY_MAX,
               .meaning = "an amount of money from 0 to 1e15"),
    RECOUP_KEY("hours", NUMBER, optimization_keys, hours, .max = 1e9,
               .meaning = "hours of selling time, 0 or more"),
    RECOUP_KEY("objective", CHOICE, optimization_keys, objective,
               .choices = recoup_objective_names),
    RECOUP_KEY("tolerance", NUMBER, optimization_keys, tolerance, .max = 0.5,
               .meaning = "a share from 0 to 0.5, such as 0.5%"),
    RECOUP_KEY("candidates", LIST, optimization_keys, candidates, .schema = &candidate_schema),
};
static const recoup_schema optimization_schema =
    RECOUP_SCHEMA("optimize", optimization_keys, optimization_fields);

#define FACTOR_MEANING "a factor from 0 to 10"
static const recoup_field level_fields[] = {
    RECOUP_KEY("strength", NUMBER, recoup_level, strength, .required = true, .max = 10,
               .open_min = true, .meaning = "a factor above 0, at most 10"),
    RECOUP_KEY("cost", NUMBER, recoup_level, cost, .max = 10, .meaning = FACTOR_MEANING),
    RECOUP_KEY("hours", NUMBER, recoup_level, hours, .max = 10, .meaning = FACTOR_MEANING),
};
static const recoup_schema level_schema = RECOUP_SCHEMA("a level", recoup_level, level_fields);

/* --- levels ----------------------------------------------------------------------------------- */

static recoup_status read_level(recoup_scenario *scenario, const recoup_node *node,
                                recoup_level *level, recoup_error *error) {
    *level = (recoup_level){NAN, NAN, NAN};
    if (node->kind == RECOUP_NODE_MAPPING) {
        recoup_status status = recoup_bind(scenario->document, node, &level_schema, level, error);
        level->cost = isnan(level->cost) ? level->strength : level->cost;
        level->hours = isnan(level->hours) ? level->strength : level->hours;
        return status;
    }
    double factor;
    recoup_status status = recoup_bind_number(scenario->document, node, &factor, error);
    if (status == RECOUP_OK && !(factor > 0 && factor <= 10))
        status = recoup_node_fail(scenario->document, node, error,
                                  "a level of %s; expected a factor above 0, at most 10, or "
                                  "{strength: 0.5, cost: 0.6, hours: 0.5}",
                                  node->text);
    *level = (recoup_level){factor, factor, factor};
    return status;
}

static recoup_status read_levels(recoup_scenario *scenario, const recoup_node *node,
                                 recoup_candidate *candidate, recoup_error *error) {
    int n = node && node->kind == RECOUP_NODE_SEQUENCE ? node->n : 1;
    candidate->level =
        recoup_arena_alloc(&scenario->arena, (size_t)(n ? n : 1), sizeof *candidate->level);
    if (!candidate->level)
        return recoup_fail_memory(error);
    candidate->level[0] = (recoup_level){1, 1, 1};
    candidate->n_levels = 1;
    if (!node)
        return RECOUP_OK;
    if (node->kind != RECOUP_NODE_SEQUENCE || n == 0 || n > MOST_LEVELS)
        return recoup_node_fail(scenario->document, node, error,
                                "'levels' is not a list of 1 to %d levels; expected for example "
                                "[0.5, 1]",
                                MOST_LEVELS);
    recoup_status status = RECOUP_OK;
    for (int i = 0; i < n; i++)
        status =
            recoup_worse(status, read_level(scenario, node->item[i], &candidate->level[i], error));
    candidate->n_levels = n;
    return status;
}

/* --- candidates as written -------------------------------------------------------------------- */

static int find_candidate(const recoup_optimization *optimization, const char *name) {
    for (int i = 0; i < optimization->n_candidates; i++)
        if (optimization->candidate[i].name && strcmp(optimization->candidate[i].name, name) == 0)
            return i;
    return -1;
}

/* The indices of the names of other candidates. */
static recoup_status find_others(recoup_scenario *scenario, int self, const recoup_texts *names,
                                 const char *key, int **index, recoup_error *error) {
    const recoup_optimization *optimization = scenario->optimization;
    *index = recoup_arena_alloc(&scenario->arena, (size_t)names->n, sizeof **index);
    if (!*index)
        return recoup_fail_memory(error);
    recoup_status status = RECOUP_OK;
    for (int i = 0; i < names->n; i++) {
        (*index)[i] = find_candidate(optimization, names->text[i]);
        if ((*index)[i] < 0)
            status = recoup_node_fail(scenario->document, names->node[i], error,
                                      "'%s' names '%s', which is no candidate; expected the name "
                                      "of another one",
                                      key, names->text[i]);
        else if ((*index)[i] == self)
            status = recoup_node_fail(scenario->document, names->node[i], error,
                                      "'%s' names the candidate itself; expected another one", key);
    }
    return status;
}

static recoup_status read_candidate(recoup_scenario *scenario, const candidate_keys *keys,
                                    const recoup_node *node, recoup_candidate *candidate,
                                    recoup_error *error) {
    *candidate = (recoup_candidate){.name = keys->name,
                                    .node = node,
                                    .levels = keys->levels,
                                    .exclusions = keys->exclusions,
                                    .requirements = keys->requirements};
    recoup_plan plan = {.start = NAN, .review = NAN};
    recoup_status status = read_levels(scenario, keys->levels, candidate, error);
    if (keys->levers)
        status = recoup_worse(status, recoup_levers_read(scenario, keys->levers, &plan, error));
    if (keys->levers && keys->levers->kind == RECOUP_NODE_SEQUENCE && keys->levers->n == 0)
        status = recoup_node_fail(scenario->document, keys->levers, error,
                                  "'levers' is an empty list; expected what the candidate does");
    if (keys->name && find_candidate(scenario->optimization, keys->name) >= 0)
        status = recoup_node_fail(scenario->document, recoup_node_find(node, "name"), error,
                                  "two candidates are called '%s'; expected different names",
                                  keys->name);
    candidate->lever = plan.lever;
    candidate->n_levers = plan.n_levers;
    return status;
}

static recoup_status read_own(recoup_scenario *scenario, const recoup_node *place,
                              const recoup_list *list, recoup_error *error) {
    recoup_optimization *optimization = scenario->optimization;
    if (list->n == 0 || list->n > MOST_CANDIDATES)
        return recoup_node_fail(scenario->document, place, error,
                                "%d candidates; expected 1 to %d, or no key 'candidates' to choose "
                                "from the levers of the plans",
                                list->n, MOST_CANDIDATES);
    optimization->candidate =
        recoup_arena_alloc(&scenario->arena, (size_t)list->n, sizeof *optimization->candidate);
    if (!optimization->candidate)
        return recoup_fail_memory(error);
    recoup_status status = RECOUP_OK;
    for (int i = 0; i < list->n; i++) {
        recoup_candidate candidate;
        status =
            recoup_worse(status, read_candidate(scenario, (const candidate_keys *)list->items + i,
                                                list->node[i], &candidate, error));
        optimization->candidate[optimization->n_candidates++] = candidate;
    }
    for (int i = 0; i < list->n; i++) {
        recoup_candidate *candidate = &optimization->candidate[i];
        status = recoup_worse(status, find_others(scenario, i, &candidate->exclusions, "excludes",
                                                  &candidate->excluded, error));
        status = recoup_worse(status, find_others(scenario, i, &candidate->requirements, "requires",
                                                  &candidate->required, error));
    }
    return status;
}

/* --- the levers of the plans ------------------------------------------------------------------ */

/* Whether two levers do the same at the same cost: all that is written out of them is equal. */
static bool is_same(const recoup_scenario *scenario, const recoup_lever *a, const recoup_lever *b,
                    bool *failed) {
    if (a->key != b->key)
        return false;
    recoup_writer first = {.zone_days = scenario->zone_days}, second = first;
    recoup_lever_format(scenario, a, &first);
    recoup_lever_format(scenario, b, &second);
    *failed = *failed || first.text.failed || second.text.failed;
    bool same = !*failed && strcmp(first.text.bytes, second.text.bytes) == 0;
    recoup_text_clear(&first.text);
    recoup_text_clear(&second.text);
    return same;
}

/* The plan's name where the lever is all of it; else with the lever's kind, and a number where that
 * is taken. NULL: out of memory. */
static const char *name_lever(recoup_scenario *scenario, const recoup_plan *plan,
                              const recoup_lever *lever) {
    recoup_text text = {0};
    const char *kind = recoup_lever_type_of(lever)->name;
    recoup_text_add(&text, plan->n_levers == 1 ? "%s" : "%s: %s", plan->name, kind);
    for (int n = 2; !text.failed && find_candidate(scenario->optimization, text.bytes) >= 0; n++) {
        recoup_text_clear(&text);
        recoup_text_add(&text, "%s: %s %d", plan->name, kind, n);
    }
    char *name =
        text.failed ? NULL : recoup_arena_text(&scenario->arena, text.bytes, strlen(text.bytes));
    recoup_text_clear(&text);
    return name;
}

/* Candidates with an equal effect that differ in cost, start or the like: one at most. */
static recoup_status exclude_alike(recoup_scenario *scenario, recoup_error *error) {
    recoup_optimization *optimization = scenario->optimization;
    int n = optimization->n_candidates;
    for (int i = 0; i < n; i++) {
        recoup_candidate *candidate = &optimization->candidate[i];
        candidate->excluded =
            recoup_arena_alloc(&scenario->arena, (size_t)n, sizeof *candidate->excluded);
        if (!candidate->excluded)
            return recoup_fail_memory(error);
        for (int j = 0; j < n; j++)
            if (j != i && optimization->candidate[j].lever->key == candidate->lever->key)
                candidate->excluded[candidate->exclusions.n++] = j;
    }
    return RECOUP_OK;
}

static recoup_status add_lever(recoup_scenario *scenario, const recoup_plan *plan,
                               const recoup_lever *lever, recoup_error *error) {
    recoup_optimization *optimization = scenario->optimization;
    bool failed = false;
    for (int i = 0; i < optimization->n_candidates && !failed; i++)
        if (is_same(scenario, optimization->candidate[i].lever, lever, &failed))
            return RECOUP_OK;
    recoup_candidate candidate = {.node = lever->node, .lever = lever, .n_levers = 1};
    candidate.name = failed ? NULL : name_lever(scenario, plan, lever);
    if (!candidate.name)
        return recoup_fail_memory(error);
    recoup_status status = read_levels(scenario, NULL, &candidate, error);
    if (status == RECOUP_OK)
        optimization->candidate[optimization->n_candidates++] = candidate;
    return status;
}

static recoup_status take_levers(recoup_scenario *scenario, recoup_error *error) {
    int n = 0;
    for (int p = 0; p < scenario->n_plans; p++)
        n += scenario->plan[p].n_levers;
    scenario->optimization->candidate =
        recoup_arena_alloc(&scenario->arena, (size_t)n, sizeof *scenario->optimization->candidate);
    if (!scenario->optimization->candidate)
        return recoup_fail_memory(error);
    recoup_status status = RECOUP_OK;
    for (int p = 0; p < scenario->n_plans; p++)
        for (int i = 0;
             scenario->plan[p].name && i < scenario->plan[p].n_levers && status == RECOUP_OK; i++)
            status = add_lever(scenario, &scenario->plan[p], &scenario->plan[p].lever[i], error);
    return status == RECOUP_OK ? exclude_alike(scenario, error) : status;
}

/* --- the section ------------------------------------------------------------------------------ */

recoup_status recoup_optimization_read(recoup_scenario *scenario, const recoup_node *node,
                                       recoup_error *error) {
    optimization_keys keys = {.budget = NAN, .hours = NAN, .tolerance = .005};
    recoup_status status = RECOUP_OK;
    scenario->optimization =
        recoup_arena_alloc(&scenario->arena, 1, sizeof *scenario->optimization);
    if (!scenario->optimization)
        return recoup_fail_memory(error);
    if (node)
        status = recoup_bind(scenario->document, node, &optimization_schema, &keys, error);
    const recoup_node *candidates = node ? recoup_node_find(node, "candidates") : NULL;
    *scenario->optimization = (recoup_optimization){.is_given = node != NULL,
                                                    .is_own = candidates != NULL,
                                                    .budget = keys.budget,
                                                    .hours = keys.hours,
                                                    .objective = (recoup_objective)keys.objective,
                                                    .tolerance = keys.tolerance};
    if (candidates && candidates->kind == RECOUP_NODE_SEQUENCE) /* else the binder has told */
        return recoup_worse(status, read_own(scenario, candidates, &keys.candidates, error));
    return candidates ? status : recoup_worse(status, take_levers(scenario, error));
}

static void format_candidate(const recoup_scenario *scenario, const recoup_candidate *candidate,
                             recoup_writer *writer) {
    recoup_write_item(writer);
    recoup_write_text(writer, "name", candidate->name);
    recoup_write_node(writer, "levels", candidate->levels);
    recoup_write_texts(writer, "excludes", &candidate->exclusions);
    recoup_write_texts(writer, "requires", &candidate->requirements);
    recoup_write_open(writer, "levers");
    for (int i = 0; i < candidate->n_levers; i++)
        recoup_lever_format(scenario, &candidate->lever[i], writer);
    recoup_write_close(writer);
    recoup_write_item_end(writer);
}

void recoup_optimization_format(const recoup_scenario *scenario, recoup_writer *writer) {
    const recoup_optimization *optimization = scenario->optimization;
    if (!optimization->is_given)
        return;
    recoup_write_open(writer, "optimize");
    recoup_write_number(writer, "budget", optimization->budget);
    recoup_write_number(writer, "hours", optimization->hours);
    recoup_write_text(writer, "objective", recoup_objective_names[optimization->objective]);
    recoup_write_number(writer, "tolerance", optimization->tolerance);
    if (optimization->is_own) {
        recoup_write_open(writer, "candidates");
        for (int i = 0; i < optimization->n_candidates; i++)
            format_candidate(scenario, &optimization->candidate[i], writer);
        recoup_write_close(writer);
    }
    recoup_write_close(writer);
}
