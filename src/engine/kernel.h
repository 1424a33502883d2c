/* The kernels: what one chunk of paths comes to, for every plan. Each kernel source is compiled
 * once per instruction set (cmake/RecoupKernels.cmake); all variants give the same bits, since they
 * use the same additions and multiplications in the same order for each path and no library
 * function whose result depends on the processor.
 *
 * A chunk has at most RECOUP_CHUNK_PATHS paths, numbered from `first`, which is a multiple of 4.
 * Column c of every array is the path first + c; arrays have a stride of RECOUP_CHUNK_PATHS. */
#ifndef RECOUP_ENGINE_KERNEL_H
#define RECOUP_ENGINE_KERNEL_H

#include "base/isa.h"
#include "program/program.h"
#include "program/tables.h"
#include "tally/tally.h"

enum { RECOUP_CHUNK_PATHS = 256 };

/* Outcomes after the as-of date, without what was booked before. Zeroed by the caller. */
typedef struct recoup_paths {
    int n;        /* paths */
    double *unit; /* [plan][unit][column] bookings by unit: reps, then nobody's deals by cohort */
    double *week; /* [plan][week][column] bookings in the week (not cumulative) */
    double *wins; /* [plan][column] number of deals won */
    recoup_flow *flow; /* [plan][stage]; `walk` only */
} recoup_paths;

typedef struct recoup_job {
    const recoup_program *program;
    const recoup_tables *tables;                  /* of the program; NULL for `walk` */
    const struct recoup_walk_tables *walk_tables; /* of the program; `walk` only */
    uint64_t seed;
    uint32_t first; /* number of the first path */
    int n_weeks;
    const double *market; /* [column] Z of the path */
    recoup_paths *paths;
    void *scratch; /* of scratch_bytes, aligned to 64 bytes; one per thread */
} recoup_job;

typedef struct recoup_kernels {
    void (*walk)(const recoup_job *job);
    void (*sample)(const recoup_job *job);
    size_t (*walk_scratch)(const recoup_program *program); /* bytes */
    size_t (*sample_scratch)(const recoup_tables *tables); /* bytes */
} recoup_kernels;

/* For those that recoup_isa_supported says yes to. */
extern const recoup_kernels recoup_kernels_for[RECOUP_N_ISAS];

#endif
