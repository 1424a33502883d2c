/* How long deals stay in a stage, whichever exit they take. */
#ifndef RECOUP_MODEL_DWELL_H
#define RECOUP_MODEL_DWELL_H

#include "model/model.h"

/* The days in which a share (0 .. 1) of those deals of a cohort have left the stage that leave it
 * at all: the quantile of the mixture of the exits' dwell times by the exit probabilities on
 * entering, exits of family `never` left out; terms of channel, segment, size and discount, the
 * market and the calendar at 0. +inf where nobody leaves. */
double recoup_stage_dwell_quantile(const recoup_stage *stage, int cohort, double share);

/* The same of every stage and cohort, [stage * cohorts.n + cohort], in the arena. NULL: out of
 * memory. */
double *recoup_model_dwell_quantiles(const recoup_model *model, double share, recoup_arena *arena);

#endif
