/* The parts of recoup_diagnose (recoup/diagnosis.h), one file each, and what they are made of:
 *
 * - the gap: expected (what the first plan brings, draw by draw) with lasting_model, reference and
 *   past_periods, factors; market_rule is for expected and outlook;
 * - causes: one file causes_<family> each, with sample, competing, contrast and slowing;
 * - people: people_spread with people_spread_change, rep_effects and leaving_curve,
 *   people_shortfall, people_skill; wilson;
 * - the deal flow and others' figures: swot with swot_tests, outside;
 * - hygiene: outlook (what open deals are worth), disposition, hygiene_forecast;
 * - for several: stays (how the view is read), courses (weights against censoring), ratio,
 *   false_discoveries.
 *
 * track_* is recoup/track.h, which reads results alone. Each part adds rows of its records to the
 * results (results/records.h); a part that the data cannot carry adds none, or rows that say "not
 * enough data". */
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

/* What is called recent: from two lengths of the period before the as-of date on (days since 1970).
 */
double recoup_recent_start(const recoup_diagnosing *diagnosing);

/* The parts: ENOMEM, EINTERRUPTED, and what the parts of the library that they call return. */
recoup_status recoup_diagnose_plans(const recoup_diagnosing *diagnosing);    /* plans.c */
recoup_status recoup_diagnose_standing(const recoup_diagnosing *diagnosing); /* standing.c */
recoup_status recoup_diagnose_gap(const recoup_diagnosing *diagnosing);      /* gap.c */
recoup_status recoup_diagnose_causes(const recoup_diagnosing *diagnosing);   /* causes.c */
recoup_status recoup_diagnose_reps(const recoup_diagnosing *diagnosing);     /* people.c */
recoup_status recoup_diagnose_swot(const recoup_diagnosing *diagnosing);     /* swot.c */
recoup_status recoup_diagnose_outside(const recoup_diagnosing *diagnosing);  /* outside.c */
recoup_status recoup_diagnose_hygiene(const recoup_diagnosing *diagnosing);  /* hygiene.c */
recoup_status recoup_diagnose_quality(const recoup_diagnosing *diagnosing);  /* quality.c */
recoup_status recoup_diagnose_pace(const recoup_diagnosing *diagnosing);     /* pace.c */
recoup_status recoup_diagnose_inflow(const recoup_diagnosing *diagnosing);   /* inflow.c */

#endif
