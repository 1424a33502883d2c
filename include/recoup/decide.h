/* What a scenario's `decisions` ask for beside the plans' results: how strong effects must be, what
 * a later start costs, and what P(hit) depends on. The numbers are added to the results;
 * recoup/compare.h reads them from there. */
#ifndef RECOUP_DECIDE_H
#define RECOUP_DECIDE_H

#include <recoup/engine.h>
#include <recoup/results.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Whether the scenario has `decisions`. */
bool recoup_decide_is_asked(const recoup_scenario *scenario);

/* Adds to the results of the scenario's simulation what its `decisions` ask for; nothing without
 * them. To be called once, before the results are used. The same numbers, bit for bit, for any
 * number of threads. EINTERRUPTED, ENOMEM, and what recoup_simulate returns: the results are to be
 * freed then. */
recoup_status recoup_decide(const recoup_scenario *scenario, const recoup_model *model,
                            const recoup_view *view, const recoup_engine_options *options,
                            recoup_results *results, recoup_error *error);

#ifdef __cplusplus
}
#endif
#endif
