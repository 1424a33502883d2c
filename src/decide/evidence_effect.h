/* The size of a plan's effect, where it has one only. */
#ifndef RECOUP_DECIDE_EVIDENCE_EFFECT_H
#define RECOUP_DECIDE_EVIDENCE_EFFECT_H

#include "decide/evaluate.h"

/* What a strength of the plan's effects comes to in the unit of what it changes, effects standing
 * at their means: "logit", "factor of speed" ... NaN and "" where the strength is NaN, where the
 * plan has more than one lever or effect, or where the effect does not change one thing by one
 * number. */
recoup_status recoup_single_effect(const recoup_situation *situation, const recoup_plan *plan,
                                   double strength, double *size, const char **unit,
                                   recoup_error *error);

#endif
