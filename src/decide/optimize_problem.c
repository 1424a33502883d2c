#include "decide/optimize.h"

#include "base/error.h"
#include "engine/conditional.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 64 }; /* plans in one evaluation: they share tables, and progress is seen */

/* --- the problem ------------------------------------------------------------------------------ */

static bool pose_candidate(recoup_optimizer *optimizer, const recoup_candidate *candidate,
                           recoup_search_candidate *posed) {
    size_t n = (size_t)candidate->n_levels;
    double *cost = recoup_arena_alloc(&optimizer->arena, n, sizeof *cost);
    double *hours = recoup_arena_alloc(&optimizer->arena, n, sizeof *hours);
    if (!cost || !hours)
        return false;
    for (size_t l = 0; l < n; l++)
        for (int i = 0; i < candidate->n_levers; i++) {
            cost[l] += candidate->lever[i].cost * candidate->level[l].cost;
            hours[l] += candidate->lever[i].hours * candidate->level[l].hours;
        }
    *posed = (recoup_search_candidate){candidate->n_levels, cost, hours};
    return true;
}

static bool limits_discounts(const recoup_candidate *candidate) {
    for (int i = 0; i < candidate->n_levers; i++)
        if (candidate->lever[i].kind == RECOUP_LEVER_DISCOUNT_LIMIT)
            return true;
    return false;
}

/* Exclusions as written, and those of a second discount limit; requirements. */
static bool pose_rules(recoup_optimizer *optimizer) {
    const recoup_optimization *optimization = optimizer->optimization;
    recoup_search_problem *problem = &optimizer->problem;
    size_t n = (size_t)optimization->n_candidates, n_rules = 0;
    for (size_t i = 0; i < n; i++)
        n_rules += (size_t)optimization->candidate[i].exclusions.n +
                   (size_t)optimization->candidate[i].requirements.n;
    recoup_search_rule *exclusion =
        recoup_arena_alloc(&optimizer->arena, n_rules + n * n, sizeof *exclusion);
    recoup_search_rule *requirement =
        recoup_arena_alloc(&optimizer->arena, n_rules, sizeof *requirement);
    if (!exclusion || !requirement)
        return false;
    problem->exclusion = exclusion;
    problem->requirement = requirement;
    for (int i = 0; i < (int)n; i++) {
        const recoup_candidate *candidate = &optimization->candidate[i];
        for (int k = 0; k < candidate->exclusions.n; k++)
            exclusion[problem->n_exclusions++] = (recoup_search_rule){i, candidate->excluded[k]};
        for (int k = 0; k < candidate->requirements.n; k++)
            requirement[problem->n_requirements++] =
                (recoup_search_rule){i, candidate->required[k]};
        for (int j = 0; j < i && limits_discounts(candidate); j++)
            if (limits_discounts(&optimization->candidate[j]))
                exclusion[problem->n_exclusions++] = (recoup_search_rule){i, j};
    }
    return true;
}

/* A limit of the command line, else of the scenario. */
static double limit_of(double option, double key) {
    double limit = isnan(option) ? key : option;
    return isnan(limit) ? INFINITY : limit;
}

/* Of a batch of the search: its records come in the order of its indices. */
static recoup_status evaluate_batch(void *user, int n, const uint8_t *selection, double *value,
                                    recoup_error *error) {
    recoup_optimizer *optimizer = user;
    const uint8_t *at[BATCH] = {0};
    recoup_record *record[BATCH] = {0};
    int first = optimizer->n_records;
    for (int i = 0; i < n; i++) {
        if (!RECOUP_GROW(optimizer->record, optimizer->n_records, optimizer->capacity))
            return recoup_fail_memory(error);
        optimizer->record[optimizer->n_records++] = (recoup_record){0};
    }
    for (int i = 0; i < n; i++) {
        at[i] = selection + (size_t)i * (size_t)optimizer->problem.n_candidates;
        record[i] = &optimizer->record[first + i];
    }
    recoup_status status =
        recoup_optimizer_evaluate(optimizer, n, at, optimizer->search_draws, record, error);
    for (int i = 0; i < n && status == RECOUP_OK; i++)
        value[i] = recoup_trial_mean(&record[i]->trial);
    return status;
}

recoup_status recoup_optimizer_pose(recoup_optimizer *optimizer, recoup_error *error) {
    const recoup_optimization *optimization = optimizer->optimization;
    int n = optimization->n_candidates;
    recoup_search_candidate *candidate =
        recoup_arena_alloc(&optimizer->arena, (size_t)n, sizeof *candidate);
    bool done = candidate != NULL;
    for (int i = 0; i < n && done; i++)
        done = pose_candidate(optimizer, &optimization->candidate[i], &candidate[i]);
    optimizer->problem = (recoup_search_problem){
        .n_candidates = n,
        .candidate = candidate,
        .budget = limit_of(optimizer->options->budget, optimization->budget),
        .hours = limit_of(optimizer->options->hours, optimization->hours),
        .is_probability = !optimizer->is_bookings,
        .evaluate = evaluate_batch,
        .user = optimizer,
    };
    return done && pose_rules(optimizer) ? RECOUP_OK : recoup_fail_memory(error);
}

/* --- values ----------------------------------------------------------------------------------- */

bool recoup_optimizer_levers(const recoup_optimization *optimization, const uint8_t *selection,
                             recoup_lever **lever, int *n) {
    *n = 0;
    for (int i = 0; i < optimization->n_candidates; i++)
        *n += selection[i] ? optimization->candidate[i].n_levers : 0;
    *lever = RECOUP_NEW(recoup_lever, *n);
    recoup_lever *to = *lever;
    for (int i = 0; to && i < optimization->n_candidates; i++) {
        const recoup_candidate *candidate = &optimization->candidate[i];
        for (int k = 0; selection[i] && k < candidate->n_levers; k++, to++) {
            const recoup_level *level = &candidate->level[selection[i] - 1];
            *to = candidate->lever[k];
            to->strength *= level->strength;
            to->cost *= level->cost;
            to->hours *= level->hours;
        }
    }
    return *lever != NULL;
}

void recoup_record_clear(recoup_record *record) {
    free(record->trial.value);
    free(record->trial.replicate);
    *record = (recoup_record){0};
}

static double *copy(const double *from, int n) {
    double *to = RECOUP_NEW(double, n);
    if (to)
        memcpy(to, from, (size_t)n * sizeof *to);
    return to;
}

static bool keep(const recoup_evaluation *evaluation, int v, bool is_bookings,
                 recoup_record *record) {
    int n = evaluation->n_draws, r = evaluation->n_replicates;
    recoup_record_clear(record);
    record->hit = evaluation->hit[v];
    record->hit_se = evaluation->hit_se[v];
    record->mean = evaluation->mean[v];
    record->trial =
        (recoup_trial){.n_draws = n,
                       .n_replicates = is_bookings ? 0 : r, /* means are integrated without error */
                       .value = copy((is_bookings ? evaluation->mean_draw : evaluation->hit_draw) +
                                         (size_t)v * (size_t)n,
                                     n),
                       .replicate = copy(evaluation->hit_replicate + (size_t)v * (size_t)r, r)};
    return record->trial.value && record->trial.replicate;
}

static recoup_status evaluate_some(recoup_optimizer *optimizer, int n,
                                   const uint8_t *const *selection, int n_draws,
                                   recoup_record *const *record, recoup_error *error) {
    recoup_variant variant[BATCH] = {0};
    recoup_lever *lever[BATCH] = {0};
    recoup_evaluation *evaluation = NULL;
    bool done = true;
    for (int i = 0; i < n && done; i++) {
        variant[i].name = "a selection";
        done = recoup_optimizer_levers(optimizer->optimization, selection[i], &lever[i],
                                       &variant[i].n_levers);
        variant[i].lever = lever[i];
    }
    recoup_status status =
        done ? recoup_evaluate(&optimizer->situation, variant, n, n_draws, NULL, &evaluation, error)
             : recoup_fail_memory(error);
    for (int i = 0; i < n && status == RECOUP_OK; i++)
        if (!keep(evaluation, i, optimizer->is_bookings, record[i]))
            status = recoup_fail_memory(error);
    optimizer->quota = status == RECOUP_OK ? evaluation->quota : optimizer->quota;
    recoup_evaluation_free(evaluation);
    for (int i = 0; i < n; i++)
        free(lever[i]);
    optimizer->n_evaluations += n;
    if (status == RECOUP_OK && optimizer->options->progress)
        optimizer->options->progress(optimizer->n_evaluations, optimizer->options->user);
    return status;
}

recoup_status recoup_optimizer_evaluate(recoup_optimizer *optimizer, int n,
                                        const uint8_t *const *selection, int n_draws,
                                        recoup_record *const *record, recoup_error *error) {
    recoup_status status = RECOUP_OK;
    for (int i = 0; i < n && status == RECOUP_OK; i += BATCH)
        status = evaluate_some(optimizer, n - i < BATCH ? n - i : BATCH, selection + i, n_draws,
                               record + i, error);
    return status;
}

double recoup_optimizer_least_se(const recoup_optimizer *optimizer) {
    return optimizer->is_bookings ? 0 : RECOUP_CONDITIONAL_ERROR;
}
