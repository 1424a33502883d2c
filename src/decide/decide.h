/* The parts of recoup_decide, which add their numbers to the results. */
#ifndef RECOUP_DECIDE_DECIDE_H
#define RECOUP_DECIDE_DECIDE_H

#include "decide/tries.h"
#include "results/schema.h"
#include <recoup/decide.h>

typedef struct recoup_deciding {
    recoup_situation situation;
    recoup_results *results;
    int n_draws; /* parameter draws that are used */
    recoup_error *error;
} recoup_deciding;

static inline const recoup_plan *recoup_deciding_plan(const recoup_deciding *deciding, int p) {
    return &deciding->situation.scenario->plan[p];
}

/* Whether `conditional`, which everything here comes from, agrees with the paths where P(hit) comes
 * from them: it is not made for every book (engine/characteristic.h). */
recoup_status recoup_decide_check(const recoup_deciding *deciding, bool *agrees);
/* Strengths of the effects: centered, break-even (evidence.c). */
recoup_status recoup_decide_evidence(const recoup_deciding *deciding);
/* Later starts (delay.c). */
recoup_status recoup_decide_delay(const recoup_deciding *deciding);
/* What P(hit) depends on (sensitivity.c), and what its variance comes from
 * (sensitivity_sources.c). */
recoup_status recoup_decide_sensitivity(const recoup_deciding *deciding);
recoup_status recoup_decide_sources(const recoup_deciding *deciding);

#endif
