/* Samples for the tests, from random numbers that are independent of the library's. */
#ifndef RECOUP_TESTS_FIT_SIMULATE_H
#define RECOUP_TESTS_FIT_SIMULATE_H

#include "../uniform.h"
#include "fit/mixture.h"

#include <math.h>

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
