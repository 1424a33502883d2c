/* A world, simulated; the run must succeed. */
#ifndef RECOUP_TESTS_ENGINE_SIMULATE_H
#define RECOUP_TESTS_ENGINE_SIMULATE_H

#include "../world.h"

#include "tally/tally.h"
#include <recoup/engine.h>

static inline recoup_tally *simulate(const world *w, int64_t paths, int threads) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_simulation simulation = recoup_scenario_simulation(w->scenario);
    recoup_engine_options options = {.threads = threads};
    recoup_tally *tally = NULL;
    simulation.paths = paths;
    recoup_scenario_set_simulation(w->scenario, &simulation);
    require_ok(recoup_simulate(w->scenario, w->model, w->view, &options, &tally, &error), &error);
    return tally;
}

#endif
