/* Results of a world's simulation, without its diagnosis. */
#ifndef RECOUP_TESTS_DIAGNOSE_SIMULATED_H
#define RECOUP_TESTS_DIAGNOSE_SIMULATED_H

#include "../world.h"

#include "diagnose/diagnose.h"

static inline recoup_results *simulate_world(const world *w) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_engine_options options = {.threads = 1};
    recoup_provenance provenance = {
        .title = "", .estimator = "", .isa = "any", .scenario = "", .model = ""};
    recoup_tally *tally = NULL;
    recoup_results *results = NULL;
    require_ok(recoup_simulate(w->scenario, w->model, w->view, &options, &tally, &error), &error);
    require_ok(recoup_results_create(tally, &provenance, &results, &error), &error);
    recoup_tally_free(tally);
    return results;
}

/* With the rows of one part of the diagnosis. */
static inline recoup_results *diagnose_part(const world *w,
                                            recoup_status (*part)(const recoup_diagnosing *)) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_engine_options options = {.threads = 1};
    recoup_results *results = simulate_world(w);
    const recoup_diagnosing diagnosing = {.scenario = w->scenario,
                                          .model = w->model,
                                          .view = w->view,
                                          .engine = &options,
                                          .results = results,
                                          .error = &error};
    require_ok(part(&diagnosing), &error);
    return results;
}

#endif
