/* P(hit) and bookings of plans that are tried out (scenario/variant.h), by the estimator
 * `conditional` (engine/conditional.h), all on the same random numbers. */
#ifndef RECOUP_DECIDE_EVALUATE_H
#define RECOUP_DECIDE_EVALUATE_H

#include "scenario/variant.h"
#include <recoup/dataset.h>
#include <recoup/engine.h>

/* What to evaluate against; borrowed. */
typedef struct recoup_situation {
    const recoup_scenario *scenario; /* resolved against the model */
    const recoup_model *model;
    const recoup_view *view;
    const recoup_engine_options *engine;
} recoup_situation;

typedef struct recoup_evaluation {
    int n_variants, n_draws, n_replicates;
    double *hit, *hit_se;  /* [variant]; se: Monte Carlo, given the parameter draws */
    double *hit_draw;      /* [variant][draw] */
    double *hit_replicate; /* [variant][replicate]: P(hit) by each scrambling; paired differences of
                              two variants and their error come from these */
    double *mean, *sd, *shortfall; /* [variant]: of bookings */
    double *mean_draw;             /* [variant][draw]: of bookings */
    double quota;                  /* of the period */
} recoup_evaluation;

/* By the first n_draws parameter draws (at most the simulation's); n_variants >= 1. market: all
 * given Z = *market; NULL: over all Z. On success *evaluation is to be freed by
 * recoup_evaluation_free (NULL is fine). EINTERRUPTED, ENOMEM, and what recoup_simulate returns. */
recoup_status recoup_evaluate(const recoup_situation *situation, const recoup_variant *variant,
                              int n_variants, int n_draws, const double *market,
                              recoup_evaluation **evaluation, recoup_error *error);
void recoup_evaluation_free(recoup_evaluation *evaluation);

/* The difference of two variants' P(hit) and its Monte Carlo standard error. */
double recoup_evaluation_gain(const recoup_evaluation *evaluation, int variant, int other,
                              double *se);

#endif
