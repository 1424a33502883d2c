/* Samples for the tests: a generator of their own (splitmix64), independent of the library's. */
#ifndef RECOUP_TESTS_FIT_SIMULATE_H
#define RECOUP_TESTS_FIT_SIMULATE_H

#include "fit/mixture.h"

#include <math.h>
#include <stdint.h>

static inline double uniform(uint64_t *state) {
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return ((double)((z ^ (z >> 31)) >> 11) + .5) / 9007199254740992.;
}

/* The index drawn with the given logits. */
static inline int draw_exit(int n, const double *logit, uint64_t *state) {
    double total = 0, u = uniform(state);
    for (int e = 0; e < n; e++)
        total += exp(logit[e]);
    for (int e = 0; e < n - 1; e++) {
        u -= exp(logit[e]) / total;
        if (u < 0)
            return e;
    }
    return n - 1;
}

/* One stay of a stage that is watched until `follow_up` days after its entry. */
static inline recoup_stay draw_stay(const recoup_mixture *law, double follow_up, uint64_t *state) {
    int exit = draw_exit(law->n_exits, law->logit, state);
    double dwell = recoup_dist_quantile(&law->dwell[exit], uniform(state));
    if (dwell > follow_up)
        return (recoup_stay){RECOUP_STAY_OPEN, -1, -1, follow_up, 0, 1};
    return (recoup_stay){RECOUP_STAY_CLOSED, exit, -1, dwell, 0, 1};
}

#endif
