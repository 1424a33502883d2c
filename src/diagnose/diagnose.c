#include "diagnose/diagnose.h"

recoup_status recoup_diagnose(const recoup_scenario *scenario, const recoup_model *model,
                              const recoup_view *view, const recoup_engine_options *options,
                              recoup_results *results, recoup_error *error) {
    static recoup_status (*const parts[])(const recoup_diagnosing *) = {
        recoup_diagnose_plans,   recoup_diagnose_standing, recoup_diagnose_gap,
        recoup_diagnose_causes,  recoup_diagnose_reps,     recoup_diagnose_swot,
        recoup_diagnose_outside, recoup_diagnose_hygiene,  recoup_diagnose_quality,
        recoup_diagnose_pace,    recoup_diagnose_inflow};
    const recoup_diagnosing diagnosing = {scenario, model, view, options, results, error};
    recoup_status status = RECOUP_OK;
    for (size_t i = 0; i < sizeof parts / sizeof *parts && status == RECOUP_OK; i++)
        status = parts[i](&diagnosing);
    return status;
}
