/* Choosing among candidates, each at one of several levels or not at all, under two budgets and
 * rules of which go together: the selection with the highest value, where a value is expensive.
 *
 * Few feasible selections are all evaluated. Of many, a surrogate (search_surrogate.h) that is
 * learnt from those evaluated so far says which are worth an evaluation:
 *
 *   1. Nothing, every candidate alone at every level, and what the surrogate of these proposes.
 *   2. Rounds of proposals. Local searches on the surrogate (search_climb.h) start from the best
 *      known selections, from nothing and from random ones; the best that were not evaluated yet
 *      are, half of them by the surrogate's mean, half by its mean plus two standard deviations
 *      (larger where it was off by more), for what might still be good. Smaller budgets have their
 * own proposals in each round.
 *   3. The end is a number of rounds without a better selection, or the largest number of
 *      evaluations.
 *
 * Everything is a function of problem and options; a selection is evaluated once.
 */
#ifndef RECOUP_DECIDE_SEARCH_H
#define RECOUP_DECIDE_SEARCH_H

#include <recoup/error.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct recoup_search_candidate {
    int n_levels;               /* 1 to 255 */
    const double *cost, *hours; /* [level - 1], >= 0 */
} recoup_search_candidate;

typedef struct recoup_search_rule {
    int candidate, other;
} recoup_search_rule;

/* Borrowed, and in use as long as the search is. A selection is an array of n_candidates levels: 0
 * not chosen, else the level from 1. Choosing nothing has to be feasible. */
typedef struct recoup_search_problem {
    int n_candidates;
    const recoup_search_candidate *candidate;
    int n_exclusions, n_requirements;
    const recoup_search_rule *exclusion;   /* not both */
    const recoup_search_rule *requirement; /* the candidate only with the other */
    double budget, hours;                  /* of a selection at most; +inf: no limit */
    bool is_probability; /* values are probabilities: effects add up on the logit scale */
    /* The values of n selections, one after the other. They may break the rules and budgets: what a
     * candidate does alone is asked of each. */
    recoup_status (*evaluate)(void *user, int n, const uint8_t *selection, double *value,
                              recoup_error *error);
    void *user;
} recoup_search_problem;

typedef struct recoup_search_options {
    int max_exhaustive;  /* so many feasible selections are all evaluated */
    int max_evaluations; /* else at most so many of them, but all that every candidate alone takes
                          */
    int batch;           /* selections in one call of evaluate, at most */
    uint64_t seed;       /* of the random starts */
} recoup_search_options;

typedef struct recoup_search recoup_search;

/* Evaluates. On success *search is to be freed by recoup_search_free (NULL is fine). ENOMEM, and
 * what evaluate returns. */
recoup_status recoup_search_create(const recoup_search_problem *problem,
                                   const recoup_search_options *options, recoup_search **search,
                                   recoup_error *error);
void recoup_search_free(recoup_search *search);

/* Goes on for the cheapest selection with a value of at least `target`; its options are those of
 * recoup_search_create, with as many evaluations again. */
recoup_status recoup_search_reach(recoup_search *search, double target, recoup_error *error);

bool recoup_search_is_exhaustive(const recoup_search *search);
/* What was evaluated, in that order: index 0 is nothing chosen. Selections that are not feasible
 * are among them. */
int recoup_search_n(const recoup_search *search);
const uint8_t *recoup_search_selection(const recoup_search *search, int index);
double recoup_search_value(const recoup_search *search, int index);
double recoup_search_cost(const recoup_search *search, int index);
double recoup_search_hours(const recoup_search *search, int index);
bool recoup_search_is_feasible(const recoup_search *search, int index);

/* The best feasible one that costs at most `budget`; of equals the cheapest, then the one with the
 * fewest hours, then the earliest. */
int recoup_search_best(const recoup_search *search, double budget);
/* The cheapest feasible one with a value of at least `target`, of equals the best; -1: none. */
int recoup_search_cheapest(const recoup_search *search, double target);

/* --- of a problem, apart from any search (search_rules.c) ---------------------------------------
 */

/* Sums in the order of the candidates, so that equal selections cost the same. */
double recoup_search_cost_of(const recoup_search_problem *problem, const uint8_t *selection);
double recoup_search_hours_of(const recoup_search_problem *problem, const uint8_t *selection);
/* Exclusions and requirements only. */
bool recoup_search_is_allowed(const recoup_search_problem *problem, const uint8_t *selection);
/* Within a limit, up to the rounding of a sum of decimal numbers. */
bool recoup_search_is_within(double sum, double limit);
/* All feasible selections, one after the other, nothing chosen first; *n -1 and no list when there
 * are more than `most`. To be freed by the caller. False: out of memory. */
bool recoup_search_list(const recoup_search_problem *problem, int most, uint8_t **selection,
                        int *n);

#endif
