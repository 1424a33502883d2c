/* `optimize`: what to choose the best plan from (decide/optimize.c). */
#ifndef RECOUP_SCENARIO_OPTIMIZE_H
#define RECOUP_SCENARIO_OPTIMIZE_H

#include "scenario/scenario.h"

typedef enum recoup_objective {
    RECOUP_OBJECTIVE_HIT,     /* P(hit quota) */
    RECOUP_OBJECTIVE_BOOKINGS /* mean bookings */
} recoup_objective;
extern const char *const recoup_objective_names[];

/* How much of a candidate: what its levers' effects, costs and hours are multiplied by. */
typedef struct recoup_level {
    double strength, cost, hours;
} recoup_level;

typedef struct recoup_candidate {
    const char *name;        /* no two alike */
    const recoup_node *node; /* as written, for messages; of a plan's lever: its mapping */
    int n_levels;
    recoup_level *level;
    const recoup_node *levels; /* as written, NULL: not given */
    int n_levers;
    const recoup_lever *lever;
    recoup_texts exclusions, requirements; /* names of other candidates */
    int *excluded, *required;              /* their indices */
} recoup_candidate;

typedef struct recoup_optimization {
    bool is_given;        /* the section is there */
    bool is_own;          /* its candidates are; else each lever of the plans is one */
    double budget, hours; /* NaN: no limit */
    recoup_objective objective;
    double tolerance; /* what does not matter: in P(hit), or in shares of the quota */
    int n_candidates;
    recoup_candidate *candidate;
} recoup_optimization;

/* `node` is NULL when the section is absent. After the plans are read. Levers of plans that differ
 * in more than their shared keys are different candidates; those that do not exclude each other. */
recoup_status recoup_optimization_read(recoup_scenario *scenario, const recoup_node *node,
                                       recoup_error *error);
/* Writes a plan as an item of `plans` (format.c). */
void recoup_plan_format(const recoup_scenario *scenario, const recoup_plan *plan,
                        recoup_writer *writer);

/* Nothing when it is not given. */
void recoup_optimization_format(const recoup_scenario *scenario, recoup_writer *writer);

#endif
