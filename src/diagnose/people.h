/* The parts of the diagnosis of reps, and what they share. */
#ifndef RECOUP_DIAGNOSE_PEOPLE_H
#define RECOUP_DIAGNOSE_PEOPLE_H

#include "diagnose/diagnose.h"
#include "fit/groups.h"
#include <recoup/fit_summary.h>

/* How far reps differ, and whether the team as a whole changed (SPREAD; people_spread.c). */
recoup_status recoup_diagnose_spread(const recoup_diagnosing *diagnosing,
                                     const recoup_rep_summary *reps);
/* Reps short of their quota in past periods (SHORTFALL; people_shortfall.c). */
recoup_status recoup_diagnose_shortfall(const recoup_diagnosing *diagnosing);
/* Each rep in each stage against the team (SKILL; people_skill.c). */
recoup_status recoup_diagnose_skill(const recoup_diagnosing *diagnosing,
                                    const recoup_rep_summary *reps);

/* A view whose cohorts, channels and segments are numbered as the model's, -1 where the model does
 * not have them; the rest is borrowed. A model that was given need not have what the tables have.
 * False: out of memory. To be cleared, also then. */
typedef struct recoup_model_view {
    recoup_view view;
    recoup_arena arena;
} recoup_model_view;
bool recoup_model_view_create(const recoup_view *view, const recoup_model *model,
                              recoup_model_view *made);
void recoup_model_view_clear(recoup_model_view *made);

#endif
