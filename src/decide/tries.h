/* Variants of a scenario's plans, collected and then evaluated together. */
#ifndef RECOUP_DECIDE_TRIES_H
#define RECOUP_DECIDE_TRIES_H

#include "base/memory.h"
#include "decide/evaluate.h"

typedef struct recoup_tries {
    int n;
    size_t capacity;
    recoup_variant *variant;
    recoup_arena arena; /* of their levers and changes */
} recoup_tries;

void recoup_tries_clear(recoup_tries *tries);

/* Adds the plan as it stands; *lever (NULL is fine) are its levers, to be changed by the caller.
 * Returns its index, -1: out of memory. */
int recoup_tries_add(recoup_tries *tries, const recoup_plan *plan, recoup_lever **lever);
/* Gives try i one change; the masks are borrowed. False: out of memory. */
bool recoup_tries_change(recoup_tries *tries, int i, const recoup_change *change);

/* recoup_evaluate for any number of them: all on the same random numbers, a few at a time, so that
 * memory stays small: variants 2i and 2i + 1 at once, on the same grid of the win tables. */
recoup_status recoup_tries_evaluate(const recoup_tries *tries, const recoup_situation *situation,
                                    int n_draws, const double *market,
                                    recoup_evaluation **evaluation, recoup_error *error);

#endif
