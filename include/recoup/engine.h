/* The simulation: every plan of a scenario on the same random futures. */
#ifndef RECOUP_ENGINE_H
#define RECOUP_ENGINE_H

#include <recoup/dataset.h>
#include <recoup/error.h>
#include <recoup/model.h>
#include <recoup/scenario.h>
#include <recoup/tally.h>
#include <stdbool.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where the run stands; called from time to time, by one thread at a time. */
typedef struct recoup_progress {
    int64_t paths_done, paths_total;
    double hit_probability, hit_probability_se; /* of the first plan, so far */
} recoup_progress;

/* Win tables that a simulation leaves for the next one, at most 512 MB of them; they leave no trace
 * in the results. The simulations with one shelf must be equal in everything but quotas, paths and
 * precision: scenario, model and view; the caller sees to it. For one simulation at a time. */
typedef struct recoup_shelf recoup_shelf;
recoup_shelf *recoup_shelf_create(void); /* NULL: out of memory */
void recoup_shelf_free(recoup_shelf *shelf);

typedef struct recoup_engine_options {
    int threads; /* 0: as many as there are processors */
    /* Instruction set of all kernels; NULL: the best. Results do not depend on it. */
    const char *isa;
    void (*progress)(const recoup_progress *progress, void *user); /* NULL: none */
    void *user;
    /* Polled between chunks: not 0 makes the simulation end with EINTERRUPTED. NULL: never. */
    const volatile int *interrupted;
    /* Everything given this market factor, by the estimator `conditional` only; NULL: over all of
     * its distribution. */
    const double *market;
    recoup_shelf *shelf; /* NULL: none */
} recoup_engine_options;

/* Simulates the quarter under every plan; the scenario must be resolved against the same model. The
 * tally is the same, bit for bit, for any number of threads. On success *tally is to be freed by
 * recoup_tally_free. EINVALID: plans that do not fit the data (a rep that does not exist ...).
 * EUSAGE: an instruction set that is not there. */
recoup_status recoup_simulate(const recoup_scenario *scenario, const recoup_model *model,
                              const recoup_view *view, const recoup_engine_options *options,
                              recoup_tally **tally, recoup_error *error);

/* Writes what the plans are compiled to, for people: each open deal's probability to be won by the
 * end of each week, at Z = -2, 0 and 2, and of new deals by the day they arrive. isa: as that of
 * recoup_engine_options. EIO: not written; EUSAGE: an instruction set that is not there. */
recoup_status recoup_simulate_dump(const recoup_scenario *scenario, const recoup_model *model,
                                   const recoup_view *view, const char *isa, FILE *stream,
                                   recoup_error *error);

/* Checks what recoup_simulate would refuse, and simulates nothing. */
recoup_status recoup_simulate_check(const recoup_scenario *scenario, const recoup_model *model,
                                    const recoup_view *view, recoup_error *error);

/* "portable", "avx2", "avx512": the best instruction set that there are kernels for here; and
 * whether there are kernels for one. */
const char *recoup_isa_best(void);
bool recoup_isa_exists(const char *name);

#ifdef __cplusplus
}
#endif
#endif
