/* The two summaries of a batch; inside this module. */
#ifndef RECOUP_BATCH_SUMMARY_H
#define RECOUP_BATCH_SUMMARY_H

#include "base/error.h"
#include "base/memory.h"
#include "results/results.h"
#include <recoup/batch.h>

/* Whether a scenario has results to show. */
static inline bool recoup_batch_has_results(const recoup_batch_scenario *scenario) {
    return scenario->state == RECOUP_BATCH_WRITTEN || scenario->state == RECOUP_BATCH_KEPT;
}

/* Takes what the summaries show from the results of a scenario, into the arena. */
recoup_status recoup_batch_summarise(const recoup_results *results, recoup_arena *arena,
                                     recoup_batch_scenario *scenario, recoup_error *error);

/* FOLDER/summary.csv: one line per scenario and plan. */
recoup_status recoup_batch_write_csv(const recoup_batch *batch, const char *folder,
                                     recoup_error *error);
/* FOLDER/summary.h5: the same by scenario and plan; NaN where a scenario has no such plan. */
recoup_status recoup_batch_write_hdf5(const recoup_batch *batch, const char *folder,
                                      recoup_error *error);

#endif
