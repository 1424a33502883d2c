/* How reps differ in a quantity of their deals, chance taken out: one-way random effects within
 * cohorts. */
#ifndef RECOUP_DIAGNOSE_REP_EFFECTS_H
#define RECOUP_DIAGNOSE_REP_EFFECTS_H

#include "crm/view.h"

/* Observations of deals that have a rep. A rep's own estimate is sum score / sum information, with
 * the variance 1 / sum information:
 * - of a dwell time, score = ended and information = days at risk as the number of ends expected of
 *   them by the Nelson-Aalen estimate of all; the estimate is a frailty, a factor of the speed of
 *   leaving (Clayton 1978), and shrinking it linearly is the posterior mean for Poisson ends with a
 *   gamma frailty;
 * - of an amount, score = (log amount - mean) / s² and information = 1 / s², s² within reps. */
typedef struct recoup_observations {
    int n;
    int *rep; /* of the view */
    double *score, *information;
} recoup_observations;

bool recoup_observations_create(int n, recoup_observations *observations);
void recoup_observations_clear(recoup_observations *observations);

typedef struct recoup_rep_effects {
    int n_reps;     /* with observations */
    double sd;      /* between reps of a cohort */
    double p_value; /* of no difference between the reps of a cohort, by permutation (fit/reps.h);
                       NaN: fewer than two reps */
    /* [rep]: shrunk to the cohort, which is shrunk to the team, in the unit of the estimates; NaN:
     * no observation */
    double *value;
} recoup_rep_effects;

/* value: room for n_reps. is_ratio: estimates are factors around 1, and a rep's is the product of
 * the cohort's and the own one; else they add up. False: out of memory. */
bool recoup_rep_effects_of(const recoup_view *view, const recoup_observations *observations,
                           bool is_ratio, unsigned long seed, recoup_rep_effects *effects);

#endif
