/* How deals left their stages, against what is usual after as long a stay. */
#ifndef RECOUP_FIT_LEAVINGS_H
#define RECOUP_FIT_LEAVINGS_H

#include "fit/fitting.h"

/* One end of a stay. Given that a deal left its stage at dwell time t, it went on with odds that
 * depend on t, whatever is still open. What they are is taken from the stays themselves, a
 * twentieth of a stage's stays (a stratum) at a time by t, and not from dwell families: these may
 * follow their tails badly, and every month would have another shock then. */
typedef struct recoup_leaving {
    int deal, stage, stratum; /* strata are numbered through all stages */
    double time;              /* days since 1970 */
    double dwell_days;
    double odds; /* logarithm, of the stratum and of the deal's own terms in the model */
    bool yes;
} recoup_leaving;

typedef struct recoup_leavings {
    recoup_leaving *leaving;
    int n, n_strata;
} recoup_leavings;

/* All of them with a known time of entry. `yes`: won, in the stages that deals can be won from
 * (to_won), or gone on, in all stages. The calendar of the model is part of the odds. False: out of
 * memory. To be cleared also then. */
bool recoup_leavings_create(const recoup_fitting *fitting, bool to_won, recoup_leavings *leavings);
void recoup_leavings_clear(recoup_leavings *leavings);

/* The odds as a probability. */
double recoup_leaving_share(double odds);

#endif
