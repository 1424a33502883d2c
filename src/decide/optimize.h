/* The parts of recoup_optimize. */
#ifndef RECOUP_DECIDE_OPTIMIZE_H
#define RECOUP_DECIDE_OPTIMIZE_H

#include "base/memory.h"
#include "decide/evaluate.h"
#include "decide/optimize_rank.h"
#include "decide/search.h"
#include "scenario/optimize.h"
#include <recoup/optimize.h>

/* What is known of a selection; arrays of its own. */
typedef struct recoup_record {
    recoup_trial trial; /* of the objective */
    double hit, hit_se, mean;
} recoup_record;

typedef struct recoup_optimizer {
    recoup_situation situation;
    const recoup_optimization *optimization;
    const recoup_optimize_options *options;
    bool is_bookings;
    int search_draws, all_draws;
    double quota; /* as of the first evaluation */
    recoup_search_problem problem;
    recoup_arena arena; /* of the problem */
    recoup_search *search;
    int n_records; /* by the index of the search */
    size_t capacity;
    recoup_record *record;
    int n_evaluations; /* calls for selections, for the progress */
} recoup_optimizer;

/* --- optimize_problem.c ----------------------------------------------------------------------- */

/* Candidates, budgets and rules as a problem of search. */
recoup_status recoup_optimizer_pose(recoup_optimizer *optimizer, recoup_error *error);
/* Evaluates selections with so many draws, into records, which are replaced. */
recoup_status recoup_optimizer_evaluate(recoup_optimizer *optimizer, int n,
                                        const uint8_t *const *selection, int n_draws,
                                        recoup_record *const *record, recoup_error *error);
void recoup_record_clear(recoup_record *record);
/* The levers of a selection, scaled by its levels: an array to be freed. False: out of memory. */
bool recoup_optimizer_levers(const recoup_optimization *optimization, const uint8_t *selection,
                             recoup_lever **lever, int *n);

/* --- optimize_finish.c ------------------------------------------------------------------------ */

struct recoup_optimum_memory {
    recoup_arena arena;
    recoup_lever *lever; /* of the winner */
    int n_levers;
};

/* The answer, of what is known by now; the winner by its index in the search. */
recoup_status recoup_optimizer_finish(recoup_optimizer *optimizer, int winner,
                                      recoup_optimum **optimum, recoup_error *error);
/* The budgets of the frontier: fifths, from 0 to the largest that makes a difference. Their
 * number; 0: nothing costs money. */
enum { RECOUP_FRONTIER = 6 };
int recoup_optimizer_budgets(const recoup_optimizer *optimizer, double budget[RECOUP_FRONTIER]);

/* Whether a selection was evaluated with all draws. */
bool recoup_optimizer_is_final(const recoup_optimizer *optimizer, int index);
/* Errors of values below which no difference is believed. */
double recoup_optimizer_least_se(const recoup_optimizer *optimizer);

#endif
