/* The best plan under a budget: which of the scenario's candidates to choose, and how much of each
 * (section `optimize` of a scenario, docs/scenario.md).
 *
 * Selections are valued by the estimator `conditional` on common random numbers: all see the same
 * parameter draws and the same market. Where there are few feasible selections all are evaluated,
 * else a search decides which (docs/decisions.md), with few parameter draws; those that may be best
 * are evaluated with more, at last with all draws of the simulation.
 */
#ifndef RECOUP_OPTIMIZE_H
#define RECOUP_OPTIMIZE_H

#include <recoup/dataset.h>
#include <recoup/engine.h>
#include <recoup/error.h>
#include <recoup/model.h>
#include <recoup/scenario.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct recoup_optimize_options {
    double budget, hours; /* NaN: as the scenario says */
    double reach; /* P(hit) that the cheapest selection is looked for; NaN: the best selection is */
    int threads;  /* 0: as many as there are processors */
    const char *isa;                 /* NULL: the best */
    const volatile int *interrupted; /* not 0 ends it with EINTERRUPTED; NULL: never */
    /* After each batch: selections evaluated so far; NULL: none. */
    void (*progress)(int n_evaluated, void *user);
    void *user;
} recoup_optimize_options;

/* One candidate that a selection takes. */
typedef struct recoup_choice {
    const char *candidate;
    double strength, cost, hours;
} recoup_choice;

/* A selection. Money in the scenario's currency; probabilities as shares. */
typedef struct recoup_selection {
    const char *name; /* the candidates, with their strengths where these are not 1 */
    int n_choices;
    const recoup_choice *choice;
    double cost, hours;
    double hit_probability, hit_probability_se; /* se: Monte Carlo, given the parameter draws */
    double bookings_mean;
    int parameter_draws; /* that it was evaluated with */
    /* Its value (P(hit), or mean bookings) less that of the winner, on the draws of both, and the
     * standard error of that difference over parameter draws and scramblings. */
    double behind, behind_se;
    double doubt; /* upper bound of the probability that it is better than the winner */
} recoup_selection;

/* The best within a budget. */
typedef struct recoup_frontier_point {
    double budget;
    recoup_selection selection;
} recoup_frontier_point;

typedef struct recoup_optimum {
    const char *title, *currency;
    bool is_bookings;     /* the objective is mean bookings, else P(hit) */
    double budget, hours; /* +inf: no limit */
    double reach;         /* NaN: none was asked for */
    bool is_reached;
    double reach_confidence; /* that the winner's P(hit) is what was to be reached */
    double tolerance;        /* of P(hit), or of bookings in money */
    int n_candidates;
    bool is_exhaustive; /* all feasible selections were evaluated */
    int n_evaluated;    /* feasible ones, nothing chosen included */
    int search_draws, parameter_draws;
    recoup_selection nothing, winner;
    /* Lower bounds of the probability that none of the evaluated selections is better than the
     * winner, or better by more than the tolerance. */
    double correct_probability, good_probability;
    /* Those that the draws cannot tell from the winner at 95 %, the best first. With `reach`: those
     * that are cheaper and may reach it too. */
    int n_runners_up;
    const recoup_selection *runner_up;
    int n_frontier; /* by rising budget; 0: nothing costs money */
    const recoup_frontier_point *frontier;
    struct recoup_optimum_memory *memory;
} recoup_optimum;

/* The scenario is resolved against the model. Equal for any number of threads, bit for bit.
 * EINVALID: no candidates; EINTERRUPTED, ENOMEM, and what recoup_simulate returns. On success
 * *optimum is to be freed by recoup_optimum_free (NULL is fine); it borrows names from the
 * scenario. */
recoup_status recoup_optimize(const recoup_scenario *scenario, const recoup_model *model,
                              const recoup_view *view, const recoup_optimize_options *options,
                              recoup_optimum **optimum, recoup_error *error);
void recoup_optimum_free(recoup_optimum *optimum);

/* The winner as a plan, an item of `plans`; its name is `optimized`, with a number where the
 * scenario has a plan of that name. To be freed by the caller. */
recoup_status recoup_optimum_format(const recoup_optimum *optimum, const recoup_scenario *scenario,
                                    char **text, recoup_error *error);
/* Writes the whole scenario (recoup_scenario_format) with the winner as its last plan. The paths in
 * it stay as they are, or are made absolute where the file is in another folder than the
 * scenario's. EIO: not written; an older file stays intact. */
recoup_status recoup_optimum_save(const recoup_optimum *optimum, const recoup_scenario *scenario,
                                  const char *path, recoup_error *error);

#ifdef __cplusplus
}
#endif
#endif
