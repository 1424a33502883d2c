/* Chunks of paths: a kernel's outcome turned into what the tally takes. */
#ifndef RECOUP_ENGINE_CHUNKS_H
#define RECOUP_ENGINE_CHUNKS_H

#include "engine/draws.h"
#include "engine/kernel.h"

/* One thread's place to work. */
typedef struct recoup_worker {
    recoup_paths paths;
    recoup_chunk chunk;
    recoup_tally *part;
    double *market; /* [column] */
    void *scratch;  /* of the kernel */
    size_t scratch_size;
    recoup_arena arena; /* of the paths */
    recoup_error error;
    recoup_status status;
} recoup_worker;

typedef struct recoup_chunk_task {
    const recoup_compiled *compiled;
    const recoup_kernels *kernels;
    recoup_estimator estimator; /* walk or sample */
    uint64_t seed;
    int64_t index; /* of the chunk within its parameter draw */
} recoup_chunk_task;

/* Number of the first path of a draw: draws start at multiples of 4, as kernels want it. */
int64_t recoup_first_path(const recoup_tally_shape *shape, int draw);

recoup_status recoup_worker_init(recoup_worker *worker, const recoup_tally *tally,
                                 recoup_error *error);
void recoup_worker_clear(recoup_worker *worker);

/* Simulates one chunk, counts it into the worker's part and sums it up. ENOMEM only. */
recoup_status recoup_worker_simulate(recoup_worker *worker, const recoup_chunk_task *task,
                                     recoup_sums *sums);

#endif
