/* Local search on a surrogate: the best changes of one or two candidates' levels until none is
 * better, within a budget and by the rules. What was seen on the way and was not evaluated yet is
 * collected. */
#ifndef RECOUP_DECIDE_SEARCH_CLIMB_H
#define RECOUP_DECIDE_SEARCH_CLIMB_H

#include "decide/search_surrogate.h"

/* The best selections of those offered, no two alike. */
typedef struct recoup_search_pool {
    size_t size; /* bytes of a selection */
    int n, most, worst;
    uint8_t *selection;
    double *mean;
    bool (*is_known)(const void *user, const uint8_t *selection); /* these are not taken */
    const void *user;
} recoup_search_pool;

/* False: out of memory. To be cleared, after a failure too. */
bool recoup_search_pool_init(recoup_search_pool *pool, size_t size, int most);
void recoup_search_pool_clear(recoup_search_pool *pool);

/* Climbs from the feasible `selection`, in place, and offers the top and its neighbours. False: out
 * of memory. */
bool recoup_search_climb(const recoup_surrogate *surrogate, double budget, uint8_t *selection,
                         recoup_search_pool *pool);

/* A feasible selection made of candidates and levels in random order, each with what it requires,
 * until nothing more fits. `state` is the generator's. False: out of memory. */
bool recoup_search_fill(const recoup_search_problem *problem, double budget, uint64_t *state,
                        uint8_t *selection);

#endif
