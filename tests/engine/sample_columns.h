/* The kernel of `sample` on one chunk of paths, and what it comes to. */
#ifndef RECOUP_TESTS_ENGINE_SAMPLE_COLUMNS_H
#define RECOUP_TESTS_ENGINE_SAMPLE_COLUMNS_H

#include "../win_tables.h"

#include "engine/kernel.h"
#include "random/random.h"
#include <gsl/gsl_cdf.h>

enum { CHUNK = RECOUP_CHUNK_PATHS };
static const uint64_t SEED = 42;

typedef struct columns {
    int n_plans, n_units, n_weeks;
    double *unit, *week, *wins;
} columns;

static inline double *zeros(int n) {
    double *values = RECOUP_NEW(double, n *CHUNK);
    assert_non_null(values);
    return values;
}

static inline void free_columns(columns *c) {
    free(c->unit);
    free(c->week);
    free(c->wins);
}

static inline double *row(double *values, int n, int plan, int i) {
    return values + ((size_t)plan * (size_t)n + (size_t)i) * CHUNK;
}

static inline void fill_market(double *market, uint32_t first, int n) {
    for (int c = 0; c < n; c++)
        market[c] = gsl_cdf_ugaussian_Pinv(
            recoup_random_pair(SEED, first + (uint32_t)c, 0, 0, RECOUP_DRAW_MARKET).first);
}

static const recoup_kernels *const plainest = &recoup_kernels_for[RECOUP_ISA_PORTABLE];

static inline const recoup_kernels *best(void) {
    return &recoup_kernels_for[recoup_isa_find(NULL)];
}

static inline columns run(const recoup_kernels *kernels, const recoup_tables *tables, int n_weeks,
                          const double *market, uint32_t first, int n) {
    int n_plans = tables->program->n_plans;
    columns c = {.n_plans = n_plans, .n_units = tables->n_units, .n_weeks = n_weeks};
    c.unit = zeros(n_plans * c.n_units);
    c.week = zeros(n_plans * n_weeks);
    c.wins = zeros(n_plans);
    size_t bytes = (kernels->sample_scratch(tables) + 63) / 64 * 64;
    void *scratch = aligned_alloc(64, bytes);
    assert_non_null(scratch);
    memset(scratch, 0xa5, bytes); /* nothing may be expected of it */
    recoup_paths paths = {.n = n, .unit = c.unit, .week = c.week, .wins = c.wins};
    recoup_job job = {.program = tables->program,
                      .tables = tables,
                      .seed = SEED,
                      .first = first,
                      .n_weeks = n_weeks,
                      .market = market,
                      .paths = &paths,
                      .scratch = scratch};
    kernels->sample(&job);
    free(scratch);
    return c;
}

static inline void assert_same_columns(const columns *a, const columns *b) {
    size_t column = CHUNK * sizeof(double), plans = (size_t)a->n_plans;
    assert_memory_equal(a->unit, b->unit, plans * (size_t)a->n_units * column);
    assert_memory_equal(a->week, b->week, plans * (size_t)a->n_weeks * column);
    assert_memory_equal(a->wins, b->wins, plans * column);
}

#endif
