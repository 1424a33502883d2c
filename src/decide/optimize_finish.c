/* What is told of the search. */
#include "decide/optimize.h"

#include "base/error.h"
#include "base/text.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Selections with a larger doubt cannot be told from the winner. */
static const double DOUBTFUL = .05;

int recoup_optimizer_budgets(const recoup_optimizer *optimizer, double budget[RECOUP_FRONTIER]) {
    const recoup_search_problem *problem = &optimizer->problem;
    double total = 0;
    for (int i = 0; i < problem->n_candidates; i++) {
        double most = 0;
        for (int l = 0; l < problem->candidate[i].n_levels; l++)
            most = fmax(most, problem->candidate[i].cost[l]);
        total += most;
    }
    double largest = fmin(total, problem->budget);
    for (int k = 0; k < RECOUP_FRONTIER; k++)
        budget[k] = largest * k / (RECOUP_FRONTIER - 1);
    return largest > 0 ? RECOUP_FRONTIER : 0;
}

/* --- one selection ---------------------------------------------------------------------------- */

static bool describe(recoup_arena *arena, const recoup_optimization *optimization,
                     const uint8_t *selection, const char **name) {
    recoup_text text = {0};
    for (int i = 0; i < optimization->n_candidates; i++) {
        const recoup_candidate *candidate = &optimization->candidate[i];
        if (!selection[i])
            continue;
        double strength = candidate->level[selection[i] - 1].strength;
        recoup_text_add(&text, "%s%s", text.bytes ? ", " : "", candidate->name);
        if (strength != 1)
            recoup_text_add(&text, " × %g", strength);
    }
    const char *words = text.bytes ? text.bytes : "nothing";
    *name = text.failed ? NULL : recoup_arena_text(arena, words, strlen(words));
    recoup_text_clear(&text);
    return *name != NULL;
}

static bool list_choices(const recoup_optimizer *optimizer, recoup_arena *arena,
                         const uint8_t *selection, recoup_selection *to) {
    const recoup_optimization *optimization = optimizer->optimization;
    recoup_choice *choice =
        recoup_arena_alloc(arena, (size_t)optimization->n_candidates, sizeof *choice);
    if (!choice)
        return false;
    to->choice = choice;
    for (int i = 0; i < optimization->n_candidates; i++) {
        int l = selection[i] - 1;
        if (l >= 0)
            choice[to->n_choices++] =
                (recoup_choice){.candidate = optimization->candidate[i].name,
                                .strength = optimization->candidate[i].level[l].strength,
                                .cost = optimizer->problem.candidate[i].cost[l],
                                .hours = optimizer->problem.candidate[i].hours[l]};
    }
    return true;
}

static recoup_difference lead_of(const recoup_optimizer *optimizer, int winner, int index) {
    return recoup_trial_difference(&optimizer->record[winner].trial,
                                   &optimizer->record[index].trial,
                                   recoup_optimizer_least_se(optimizer));
}

static bool take(const recoup_optimizer *optimizer, recoup_arena *arena, int index, int winner,
                 recoup_selection *to) {
    const recoup_record *record = &optimizer->record[index];
    const uint8_t *selection = recoup_search_selection(optimizer->search, index);
    recoup_difference lead = lead_of(optimizer, winner, index);
    *to = (recoup_selection){
        .cost = recoup_search_cost(optimizer->search, index),
        .hours = recoup_search_hours(optimizer->search, index),
        .hit_probability = record->hit,
        .hit_probability_se = record->hit_se,
        .bookings_mean = record->mean,
        .parameter_draws = record->trial.n_draws,
        .behind = -lead.mean,
        .behind_se = index == winner ? 0 : lead.se,
        .doubt = index == winner ? 0 : recoup_difference_doubt(&lead, 0),
    };
    return describe(arena, optimizer->optimization, selection, &to->name) &&
           list_choices(optimizer, arena, selection, to);
}

/* --- the others ------------------------------------------------------------------------------- */

/* Doubts of all others; with `reach`, those that matter are cheaper and may reach it. */
static double doubt_of(const recoup_optimizer *optimizer, int winner, int index) {
    double reach = optimizer->options->reach;
    if (isnan(reach)) {
        recoup_difference lead = lead_of(optimizer, winner, index);
        return recoup_difference_doubt(&lead, 0);
    }
    if (recoup_search_cost(optimizer->search, index) >=
            recoup_search_cost(optimizer->search, winner) ||
        !recoup_optimizer_is_final(optimizer, index))
        return 0;
    recoup_difference above = recoup_trial_above(&optimizer->record[index].trial, reach,
                                                 recoup_optimizer_least_se(optimizer));
    above.mean = -above.mean;
    return recoup_difference_doubt(&above, 0);
}

static int compare_value(const void *left, const void *right) {
    const recoup_selection *a = left, *b = right;
    if (a->behind != b->behind)
        return a->behind < b->behind ? 1 : -1;
    return (a->cost > b->cost) - (a->cost < b->cost);
}

static bool list_runners_up(const recoup_optimizer *optimizer, int winner, recoup_optimum *to) {
    recoup_arena *arena = &to->memory->arena;
    int n = recoup_search_n(optimizer->search);
    recoup_selection *list = recoup_arena_alloc(arena, (size_t)n, sizeof *list);
    if (!list)
        return false;
    to->runner_up = list;
    for (int i = 0; i < n; i++) {
        if (i == winner || !recoup_search_is_feasible(optimizer->search, i) ||
            doubt_of(optimizer, winner, i) <= DOUBTFUL)
            continue;
        if (!take(optimizer, arena, i, winner, &list[to->n_runners_up++]))
            return false;
    }
    qsort(list, (size_t)to->n_runners_up, sizeof *list, compare_value);
    return true;
}

static void bound_errors(const recoup_optimizer *optimizer, int winner, recoup_optimum *to) {
    double wrong = 0, bad = 0;
    for (int i = 0; i < recoup_search_n(optimizer->search); i++) {
        if (i == winner || !recoup_search_is_feasible(optimizer->search, i))
            continue;
        recoup_difference lead = lead_of(optimizer, winner, i);
        wrong += recoup_difference_doubt(&lead, 0);
        bad += recoup_difference_doubt(&lead, to->tolerance);
    }
    bool is_best = isnan(to->reach);
    to->correct_probability = is_best ? fmax(0, 1 - wrong) : NAN;
    to->good_probability = is_best ? fmax(0, 1 - bad) : NAN;
}

/* The best of each budget among those with all draws; a selection once, at the least budget. */
static bool list_frontier(const recoup_optimizer *optimizer, int winner, recoup_optimum *to) {
    double budget[RECOUP_FRONTIER];
    int n = recoup_optimizer_budgets(optimizer, budget), last = -1;
    recoup_frontier_point *point =
        recoup_arena_alloc(&to->memory->arena, RECOUP_FRONTIER, sizeof *point);
    if (!point)
        return false;
    to->frontier = point;
    for (int k = 0; k < n; k++) {
        int best = -1;
        for (int i = 0; i < recoup_search_n(optimizer->search); i++) {
            if (!recoup_optimizer_is_final(optimizer, i) ||
                !recoup_search_is_feasible(optimizer->search, i) ||
                !recoup_search_is_within(recoup_search_cost(optimizer->search, i), budget[k]))
                continue;
            double lead = best < 0 ? 1
                                   : recoup_trial_mean(&optimizer->record[i].trial) -
                                         recoup_trial_mean(&optimizer->record[best].trial);
            if (lead > 0 || (lead == 0 && recoup_search_cost(optimizer->search, i) <
                                              recoup_search_cost(optimizer->search, best)))
                best = i;
        }
        if (best == last)
            continue;
        last = best;
        point[to->n_frontier].budget = budget[k];
        if (!take(optimizer, &to->memory->arena, best, winner, &point[to->n_frontier++].selection))
            return false;
    }
    return true;
}

/* --- all of it -------------------------------------------------------------------------------- */

static void set_reach(const recoup_optimizer *optimizer, int winner, recoup_optimum *to) {
    to->reach_confidence = NAN;
    if (isnan(to->reach))
        return;
    recoup_difference above = recoup_trial_above(&optimizer->record[winner].trial, to->reach,
                                                 recoup_optimizer_least_se(optimizer));
    to->is_reached = above.mean >= 0;
    double below = recoup_difference_doubt(&above, 0);
    above.mean = -above.mean;
    to->reach_confidence = to->is_reached ? 1 - below / 2 : recoup_difference_doubt(&above, 0) / 2;
}

static int count_feasible(const recoup_search *search) {
    int n = 0;
    for (int i = 0; i < recoup_search_n(search); i++)
        n += recoup_search_is_feasible(search, i);
    return n;
}

recoup_status recoup_optimizer_finish(recoup_optimizer *optimizer, int winner,
                                      recoup_optimum **optimum, recoup_error *error) {
    const recoup_scenario *scenario = optimizer->situation.scenario;
    recoup_optimum *made = RECOUP_NEW(recoup_optimum, 1);
    if (!made)
        return recoup_fail_memory(error);
    *made = (recoup_optimum){.title = scenario->name,
                             .currency = recoup_scenario_currency(scenario),
                             .is_bookings = optimizer->is_bookings,
                             .budget = optimizer->problem.budget,
                             .hours = optimizer->problem.hours,
                             .reach = optimizer->options->reach,
                             .tolerance = optimizer->optimization->tolerance *
                                          (optimizer->is_bookings ? optimizer->quota : 1),
                             .n_candidates = optimizer->problem.n_candidates,
                             .is_exhaustive = recoup_search_is_exhaustive(optimizer->search),
                             .n_evaluated = count_feasible(optimizer->search),
                             .search_draws = optimizer->search_draws,
                             .parameter_draws = optimizer->all_draws,
                             .memory = RECOUP_NEW(struct recoup_optimum_memory, 1)};
    bool done = made->memory != NULL;
    done = done && take(optimizer, &made->memory->arena, 0, winner, &made->nothing);
    done = done && take(optimizer, &made->memory->arena, winner, winner, &made->winner);
    done = done && list_runners_up(optimizer, winner, made);
    done = done && list_frontier(optimizer, winner, made);
    done = done && recoup_optimizer_levers(optimizer->optimization,
                                           recoup_search_selection(optimizer->search, winner),
                                           &made->memory->lever, &made->memory->n_levers);
    if (!done) {
        recoup_optimum_free(made);
        return recoup_fail_memory(error);
    }
    bound_errors(optimizer, winner, made);
    set_reach(optimizer, winner, made);
    *optimum = made;
    return RECOUP_OK;
}

void recoup_optimum_free(recoup_optimum *optimum) {
    if (!optimum)
        return;
    if (optimum->memory) {
        recoup_arena_clear(&optimum->memory->arena);
        free(optimum->memory->lever);
    }
    free(optimum->memory);
    free(optimum);
}
