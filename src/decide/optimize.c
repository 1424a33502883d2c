#include "decide/optimize.h"

#include "base/error.h"
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    SEARCH_DRAWS = 8,
    MAX_EXHAUSTIVE = 256,
    MAX_EVALUATIONS = 600,
    BATCH = 64,
    STAGE = 4,         /* a stage has so many times the draws of the one before, the last one up
                          to twice as many more */
    STAGE_WORK = 2000, /* draws of all selections in a stage, at most ... */
    STAGE_LEAST = 8,   /* ... unless these are fewer selections */
    REACH_STEP = 4     /* selections that are tried at once for a P(hit) to be reached */
};
/* Doubts that add up to less than this are not worth a look at more draws. */
static const double SCREENED = .005;

typedef struct ranked {
    int index;
    double doubt, value;
} ranked;

/* --- more draws for some ---------------------------------------------------------------------- */

static recoup_status evaluate_with(recoup_optimizer *optimizer, const ranked *list, int n,
                                   int n_draws, recoup_error *error) {
    const uint8_t **selection = RECOUP_NEW(const uint8_t *, n);
    recoup_record **record = RECOUP_NEW(recoup_record *, n);
    recoup_status status = selection && record ? RECOUP_OK : recoup_fail_memory(error);
    int m = 0;
    for (int i = 0; i < n && status == RECOUP_OK; i++) {
        recoup_record *of = &optimizer->record[list[i].index];
        if (of->trial.n_draws >= n_draws)
            continue;
        selection[m] = recoup_search_selection(optimizer->search, list[i].index);
        record[m++] = of;
    }
    if (status == RECOUP_OK)
        status = recoup_optimizer_evaluate(optimizer, m, selection, n_draws, record, error);
    free(selection);
    free(record);
    return status;
}

bool recoup_optimizer_is_final(const recoup_optimizer *optimizer, int index) {
    return optimizer->record[index].trial.n_draws == optimizer->all_draws;
}

static double value_of(const recoup_optimizer *optimizer, int index) {
    return recoup_trial_mean(&optimizer->record[index].trial);
}

/* By falling doubt, then by falling value, then by index. */
static int compare_ranked(const void *left, const void *right) {
    const ranked *a = left, *b = right;
    if (a->doubt != b->doubt)
        return a->doubt < b->doubt ? 1 : -1;
    if (a->value != b->value)
        return a->value < b->value ? 1 : -1;
    return (a->index > b->index) - (a->index < b->index);
}

/* The best of a list whose members have equally many draws; equals by cost. */
static int find_leader(const recoup_optimizer *optimizer, const ranked *list, int n) {
    int best = list[0].index;
    for (int i = 1; i < n; i++) {
        int index = list[i].index;
        double lead = value_of(optimizer, index) - value_of(optimizer, best);
        double saved = recoup_search_cost(optimizer->search, best) -
                       recoup_search_cost(optimizer->search, index);
        if (lead > 0 || (lead == 0 && saved > 0) || (lead == 0 && saved == 0 && index < best))
            best = index;
    }
    return best;
}

static void rank(const recoup_optimizer *optimizer, ranked *list, int n) {
    int leader = find_leader(optimizer, list, n);
    const recoup_trial *best = &optimizer->record[leader].trial;
    for (int i = 0; i < n; i++) {
        recoup_difference lead = recoup_trial_difference(
            best, &optimizer->record[list[i].index].trial, recoup_optimizer_least_se(optimizer));
        list[i].value = value_of(optimizer, list[i].index);
        list[i].doubt = list[i].index == leader ? 2 : recoup_difference_doubt(&lead, 0);
    }
    qsort(list, (size_t)n, sizeof *list, compare_ranked);
}

/* How many of the ranked go on: those behind them add up to little doubt, or are too many. */
static int count_survivors(const ranked *list, int n, int n_draws) {
    double behind = 0;
    while (n > 1 && behind + list[n - 1].doubt <= SCREENED)
        behind += list[--n].doubt;
    int most = STAGE_WORK / n_draws > STAGE_LEAST ? STAGE_WORK / n_draws : STAGE_LEAST;
    return n < most ? n : most;
}

/* Stage by stage fewer selections get more draws: those that are most likely to be better than the
 * best one so far, which is where draws lower the bound most. The first of `list` is the winner. */
static recoup_status narrow(recoup_optimizer *optimizer, ranked *list, int n, recoup_error *error) {
    recoup_status status = RECOUP_OK;
    int all = optimizer->all_draws;
    rank(optimizer, list, n);
    for (int draws = optimizer->search_draws; draws < all && status == RECOUP_OK;) {
        draws = 2 * STAGE * draws > all ? all : STAGE * draws;
        n = count_survivors(list, n, draws);
        status = evaluate_with(optimizer, list, n, draws, error);
        if (status == RECOUP_OK)
            rank(optimizer, list, n);
    }
    return status;
}

/* --- which is best ---------------------------------------------------------------------------- */

static ranked *list_feasible(const recoup_optimizer *optimizer, int *n) {
    int total = recoup_search_n(optimizer->search);
    ranked *list = RECOUP_NEW(ranked, total);
    *n = 0;
    for (int i = 0; list && i < total; i++)
        if (recoup_search_is_feasible(optimizer->search, i))
            list[(*n)++] = (ranked){.index = i};
    return list;
}

/* Nothing, the best of each budget of the frontier and of all, with all draws. */
static recoup_status evaluate_frontier(recoup_optimizer *optimizer, recoup_error *error) {
    double budget[RECOUP_FRONTIER + 1];
    ranked list[RECOUP_FRONTIER + 2] = {{.index = 0}};
    int n = recoup_optimizer_budgets(optimizer, budget), m = 1;
    budget[n++] = INFINITY;
    for (int i = 0; i < n; i++) {
        int index = recoup_search_best(optimizer->search, budget[i]);
        bool is_new = true;
        for (int k = 0; k < m; k++)
            is_new = is_new && list[k].index != index;
        if (is_new)
            list[m++].index = index;
    }
    return evaluate_with(optimizer, list, m, optimizer->all_draws, error);
}

/* The best with all draws. How sure it is does not matter where something else is looked for. */
static recoup_status find_best(recoup_optimizer *optimizer, int *winner, recoup_error *error) {
    int n = 0, m = 0;
    ranked *list = list_feasible(optimizer, &n);
    recoup_status status = list ? RECOUP_OK : recoup_fail_memory(error);
    if (status == RECOUP_OK && isnan(optimizer->options->reach))
        status = narrow(optimizer, list, n, error);
    if (status == RECOUP_OK)
        status = evaluate_frontier(optimizer, error);
    for (int i = 0; i < n && status == RECOUP_OK; i++)
        if (recoup_optimizer_is_final(optimizer, list[i].index))
            list[m++] = list[i];
    if (status == RECOUP_OK)
        *winner = find_leader(optimizer, list, m);
    free(list);
    return status;
}

/* --- which is cheapest ------------------------------------------------------------------------ */

static int compare_cost(const void *left, const void *right) {
    const ranked *a = left, *b = right; /* doubt holds the cost */
    if (a->doubt != b->doubt)
        return a->doubt < b->doubt ? -1 : 1;
    return compare_ranked(left, right);
}

/* Of the selections with all draws the one whose value is nearest to what is to be reached. */
static int find_nearest(const recoup_optimizer *optimizer) {
    double reach = optimizer->options->reach;
    int nearest = 0;
    for (int i = 0; i < optimizer->n_records; i++)
        if (recoup_optimizer_is_final(optimizer, i) &&
            fabs(value_of(optimizer, i) - reach) < fabs(value_of(optimizer, nearest) - reach))
            nearest = i;
    return nearest;
}

/* Whether a selection may reach it with all draws: by its difference to `nearest` on the draws of
 * both, two standard errors up. */
static bool may_reach(const recoup_optimizer *optimizer, int index, int nearest) {
    recoup_difference up = recoup_trial_difference(&optimizer->record[index].trial,
                                                   &optimizer->record[nearest].trial, 0);
    double expected = value_of(optimizer, nearest) + up.mean + 2 * up.se;
    return recoup_optimizer_is_final(optimizer, index)
               ? value_of(optimizer, index) >= optimizer->options->reach
               : expected >= optimizer->options->reach;
}

/* Those that may reach it, by rising cost. NULL: out of memory. */
static ranked *list_reaching(const recoup_optimizer *optimizer, int *n) {
    int nearest = find_nearest(optimizer), n_feasible = 0;
    ranked *list = list_feasible(optimizer, &n_feasible);
    *n = 0;
    for (int i = 0; list && i < n_feasible; i++) {
        int index = list[i].index;
        if (may_reach(optimizer, index, nearest))
            list[(*n)++] = (ranked){.index = index,
                                    .doubt = recoup_search_cost(optimizer->search, index),
                                    .value = value_of(optimizer, index)};
    }
    if (list)
        qsort(list, (size_t)*n, sizeof *list, compare_cost);
    return list;
}

/* The cheapest that reaches it with all draws: those that may are tried from the cheapest on. Each
 * try makes what is expected of the others clearer. */
static recoup_status find_cheapest(recoup_optimizer *optimizer, int *winner, recoup_error *error) {
    recoup_status status = RECOUP_OK;
    for (bool is_found = false; status == RECOUP_OK && !is_found;) {
        int n = 0;
        ranked *list = list_reaching(optimizer, &n);
        if (!list)
            return recoup_fail_memory(error);
        int n_tried = n < REACH_STEP ? n : REACH_STEP;
        is_found = n == 0 || recoup_optimizer_is_final(optimizer, list[0].index);
        if (n > 0 && is_found)
            *winner = list[0].index;
        if (!is_found)
            status = evaluate_with(optimizer, list, n_tried, optimizer->all_draws, error);
        free(list);
    }
    return status;
}

static recoup_status search(recoup_optimizer *optimizer, recoup_error *error) {
    recoup_search_options options = {.max_exhaustive = MAX_EXHAUSTIVE,
                                     .max_evaluations = MAX_EVALUATIONS,
                                     .batch = BATCH,
                                     .seed =
                                         (uint64_t)optimizer->situation.scenario->simulation.seed};
    return recoup_search_create(&optimizer->problem, &options, &optimizer->search, error);
}

/* Searches, evaluates what matters with all draws, names the winner. */
static recoup_status decide(recoup_optimizer *optimizer, int *winner, recoup_error *error) {
    double reach = optimizer->options->reach;
    recoup_status status = search(optimizer, error);
    if (status == RECOUP_OK)
        status = find_best(optimizer, winner, error);
    if (status != RECOUP_OK || isnan(reach))
        return status;
    /* What all draws change is much the same for selections that are worth about as much. */
    int nearest = find_nearest(optimizer);
    double shift = value_of(optimizer, nearest) - recoup_search_value(optimizer->search, nearest);
    status = recoup_search_reach(optimizer->search, reach - shift, error);
    if (status == RECOUP_OK)
        status = find_cheapest(optimizer, winner, error);
    return status;
}

recoup_status recoup_optimize(const recoup_scenario *scenario, const recoup_model *model,
                              const recoup_view *view, const recoup_optimize_options *options,
                              recoup_optimum **optimum, recoup_error *error) {
    int draws = (int)scenario->simulation.parameter_draws, winner = 0;
    recoup_engine_options engine = {
        .threads = options->threads, .isa = options->isa, .interrupted = options->interrupted};
    recoup_optimizer optimizer = {
        .situation = {.scenario = scenario, .model = model, .view = view, .engine = &engine},
        .optimization = scenario->optimization,
        .options = options,
        .is_bookings =
            scenario->optimization->objective == RECOUP_OBJECTIVE_BOOKINGS && isnan(options->reach),
        .search_draws = draws < SEARCH_DRAWS ? draws : SEARCH_DRAWS,
        .all_draws = draws};
    if (optimizer.optimization->n_candidates == 0)
        return recoup_fail(error, RECOUP_EINVALID, NULL,
                           "there is nothing to choose from: no plan has a lever; expected plans "
                           "with levers, or 'candidates' in the section 'optimize'");
    gsl_set_error_handler_off(); /* its own would end the program */
    recoup_status status = recoup_optimizer_pose(&optimizer, error);
    if (status == RECOUP_OK)
        status = decide(&optimizer, &winner, error);
    if (status == RECOUP_OK)
        status = recoup_optimizer_finish(&optimizer, winner, optimum, error);
    for (int i = 0; i < optimizer.n_records; i++)
        recoup_record_clear(&optimizer.record[i]);
    free(optimizer.record);
    recoup_search_free(optimizer.search);
    recoup_arena_clear(&optimizer.arena);
    return status;
}
