#include "diagnose/diagnose.h"

#include "base/error.h"
#include <math.h>

double recoup_recent_start(const recoup_diagnosing *diagnosing) {
    const recoup_scenario *scenario = diagnosing->scenario;
    return scenario->as_of - 2 * (scenario->period_end - scenario->period_start);
}

/* What several parts need. */
static recoup_status look_ahead(recoup_diagnosing *diagnosing, recoup_expected **expected) {
    const recoup_scenario *scenario = diagnosing->scenario;
    recoup_expected_options options = {.n_limits = 1, .limit = {INFINITY}};
    recoup_error reasons = RECOUP_ERROR_INIT;
    diagnosing->n_references = recoup_references_find(diagnosing->view, scenario->period_start,
                                                      scenario->period_end, diagnosing->reference);
    if (diagnosing->n_references < 0)
        return recoup_fail_memory(diagnosing->error);
    for (int r = 0; r < diagnosing->n_references; r++)
        options.limit[options.n_limits++] = diagnosing->reference[r].end;
    recoup_status status = recoup_expected_create(scenario, diagnosing->model, diagnosing->view,
                                                  diagnosing->engine, &options, expected, &reasons);
    if (status == RECOUP_ENUMERIC) {
        recoup_note(diagnosing->error, NULL,
                    "the gap is not taken apart: there are no win tables of this model");
        status = RECOUP_OK;
    }
    if (status != RECOUP_OK)
        recoup_error_merge(diagnosing->error, &reasons);
    recoup_error_clear(&reasons);
    return status;
}

recoup_status recoup_diagnose(const recoup_scenario *scenario, const recoup_model *model,
                              const recoup_view *view, const recoup_engine_options *options,
                              recoup_results *results, recoup_error *error) {
    static recoup_status (*const parts[])(const recoup_diagnosing *) = {
        recoup_diagnose_plans,   recoup_diagnose_standing, recoup_diagnose_gap,
        recoup_diagnose_causes,  recoup_diagnose_reps,     recoup_diagnose_swot,
        recoup_diagnose_outside, recoup_diagnose_hygiene,  recoup_diagnose_quality,
        recoup_diagnose_pace,    recoup_diagnose_inflow};
    recoup_diagnosing diagnosing = {.scenario = scenario,
                                    .model = model,
                                    .view = view,
                                    .engine = options,
                                    .results = results,
                                    .error = error};
    recoup_expected *expected = NULL;
    recoup_status status = look_ahead(&diagnosing, &expected);
    diagnosing.expected = expected;
    for (size_t i = 0; i < sizeof parts / sizeof *parts && status == RECOUP_OK; i++)
        status = parts[i](&diagnosing);
    recoup_expected_free(expected);
    return status;
}
