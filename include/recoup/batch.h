/* Many scenarios in one go: files, folders of them, and the combinations that `sweep` makes
 * (docs/commands.md, section "Batches").
 *
 * Each scenario gets the results file that `recoup run` would write for it, byte for byte, and the
 * folder two summaries, summary.csv and summary.h5. Tables are read once where the same ones are
 * named, and the model is fitted once where everything that a fit depends on is equal. A scenario
 * that is wrong, or cannot be computed, is reported and does not stop the others.
 */
#ifndef RECOUP_BATCH_H
#define RECOUP_BATCH_H

#include <recoup/engine.h>
#include <recoup/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum recoup_batch_state {
    RECOUP_BATCH_WAITING,
    RECOUP_BATCH_WRITTEN,
    RECOUP_BATCH_KEPT, /* its results file was there already, from the same inputs */
    RECOUP_BATCH_FAILED
} recoup_batch_state;

/* One plan of one scenario: what recoup_compare says of it. */
typedef struct recoup_batch_plan {
    const char *name;
    double *value; /* [recoup_n_batch_fields] */
} recoup_batch_plan;

typedef struct recoup_batch_field {
    const char *name; /* of the member of recoup_compare_row */
    const char *units, *long_name;
} recoup_batch_field;
extern const recoup_batch_field recoup_batch_fields[];
extern const int recoup_n_batch_fields;

typedef struct recoup_batch_scenario {
    const char *name;         /* of its results file without .h5; unique in the batch */
    const char *file;         /* the scenario file */
    const char *results;      /* path of the results file */
    const char *const *value; /* [key] as written; NULL: this scenario does not sweep the key */
    bool is_first;            /* of its file */
    recoup_batch_state state;
    recoup_status status;  /* why it failed */
    recoup_error problems; /* what is wrong with it; notes too */
    const char *title, *currency, *estimator, *hit_estimator;
    double quota, booked;
    int64_t paths, parameter_draws;
    int n_plans; /* 0 unless written or kept */
    recoup_batch_plan *plan;
} recoup_batch_scenario;

typedef struct recoup_batch {
    int n_scenarios;
    recoup_batch_scenario *scenario; /* in the order of the arguments, then of the values */
    int n_keys;
    const char **key; /* the paths of all swept keys */
    int n_written, n_kept, n_failed;
    int n_tables_read, n_fits; /* how often */
} recoup_batch;

typedef enum recoup_batch_step {
    RECOUP_BATCH_READING, /* tables and models */
    RECOUP_BATCH_FITTING,
    RECOUP_BATCH_SIMULATING,
    RECOUP_BATCH_FINISHED /* one scenario, well or not */
} recoup_batch_step;

typedef struct recoup_batch_progress {
    recoup_batch_step step;
    const recoup_batch *batch;
    const recoup_batch_scenario *scenario;
    double share; /* simulating: of this scenario's paths */
} recoup_batch_progress;

typedef struct recoup_batch_options {
    const char *folder;       /* where to write; made when absent */
    const char *const *sweep; /* KEY=V1,V2,... for all scenarios */
    int n_sweeps;
    bool resume; /* keep results files that are there from the same inputs */
    int threads; /* 0: as many as there are processors */
    void (*report)(const recoup_batch_progress *progress, void *user); /* NULL: none */
    void *user;
    const volatile int *interrupted; /* as in recoup_engine_options */
} recoup_batch_options;

/* Runs the batch. A path is a scenario file, or a folder, which stands for its *.yaml that are
 * scenarios, by name.
 *
 * RECOUP_OK: also where some scenarios failed (n_failed). EINVALID: all of them are wrong, or none
 * was found; nothing is written. EUSAGE: a sweep that cannot be read. EIO, ENOMEM, EINTERRUPTED:
 * stopped; the results files written so far are whole, and `resume` goes on from there. *batch is
 * set whenever scenarios were found, also after a failure; to be freed by recoup_batch_free. */
recoup_status recoup_batch_run(const char *const *path, int n_paths,
                               const recoup_batch_options *options, recoup_batch **batch,
                               recoup_error *error);
void recoup_batch_free(recoup_batch *batch);

#ifdef __cplusplus
}
#endif
#endif
