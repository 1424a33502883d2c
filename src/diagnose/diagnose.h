/* The parts of recoup_diagnose. Each adds rows of its records to the results (results/records.h); a
 * part that the data cannot carry adds none, or rows that say "not enough data". */
#ifndef RECOUP_DIAGNOSE_DIAGNOSE_H
#define RECOUP_DIAGNOSE_DIAGNOSE_H

#include "crm/view.h"
#include "diagnose/expected.h"
#include "diagnose/reference.h"
#include "model/model.h"
#include "results/records.h"
#include "scenario/scenario.h"
#include <recoup/diagnosis.h>

/* Borrowed, and nothing of it but the results changes. */
typedef struct recoup_diagnosing {
    const recoup_scenario *scenario; /* resolved against the model */
    const recoup_model *model;
    const recoup_view *view;
    const recoup_engine_options *engine;
    recoup_results *results; /* of this scenario; the first plan is the one that is diagnosed */
    recoup_error *error;
    /* Past periods, and what the first plan is expected to bring, draw by draw: its limits are
     * none, then the references' ends. NULL: the model has no win tables. */
    int n_references;
    recoup_reference reference[RECOUP_REFERENCES];
    const recoup_expected *expected;
} recoup_diagnosing;

recoup_status recoup_diagnose_plans(const recoup_diagnosing *diagnosing);    /* plans.c */
recoup_status recoup_diagnose_standing(const recoup_diagnosing *diagnosing); /* standing.c */
recoup_status recoup_diagnose_gap(const recoup_diagnosing *diagnosing);      /* gap.c */
recoup_status recoup_diagnose_causes(const recoup_diagnosing *diagnosing);   /* causes.c */
recoup_status recoup_diagnose_reps(const recoup_diagnosing *diagnosing);     /* reps.c */
recoup_status recoup_diagnose_swot(const recoup_diagnosing *diagnosing);     /* swot.c */
recoup_status recoup_diagnose_outside(const recoup_diagnosing *diagnosing);  /* outside.c */
recoup_status recoup_diagnose_hygiene(const recoup_diagnosing *diagnosing);  /* hygiene.c */
recoup_status recoup_diagnose_quality(const recoup_diagnosing *diagnosing);  /* quality.c */
recoup_status recoup_diagnose_pace(const recoup_diagnosing *diagnosing);     /* pace.c */
recoup_status recoup_diagnose_inflow(const recoup_diagnosing *diagnosing);   /* inflow.c */

#endif
