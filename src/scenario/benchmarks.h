/* `benchmarks`: figures of others that ours are held against (diagnose/). */
#ifndef RECOUP_SCENARIO_BENCHMARKS_H
#define RECOUP_SCENARIO_BENCHMARKS_H

#include "config/config.h"
#include "model/model.h"
#include "scenario/writer.h"
#include <recoup/error.h>

typedef enum recoup_benchmark_kind {
    RECOUP_BENCHMARK_WIN_RATE,   /* share of the deals that is won in the end */
    RECOUP_BENCHMARK_CYCLE_DAYS, /* mean days from creation to winning */
    RECOUP_BENCHMARK_DEAL,       /* mean amount of a deal won */
    RECOUP_BENCHMARK_ATTAINMENT, /* bookings of the period over the quota */
    RECOUP_BENCHMARK_CONVERSION, /* share of the deals in a stage that goes on in the end */
    RECOUP_N_BENCHMARKS
} recoup_benchmark_kind;

typedef struct recoup_benchmark {
    recoup_benchmark_kind kind;
    double value;
    const char *source; /* NULL: not given */
    const char *stage;  /* of a conversion, else NULL */
    const recoup_node *node;
} recoup_benchmark;

typedef struct recoup_benchmarks {
    int n;
    recoup_benchmark *benchmark; /* in the order of the kinds, then of the file */
} recoup_benchmarks;

/* `node` is NULL when the section is absent. The list is in the arena. */
recoup_status recoup_benchmarks_read(recoup_document *document, const recoup_node *node,
                                     recoup_arena *arena, recoup_benchmarks *benchmarks,
                                     recoup_error *error);
/* Whether the stages of conversions are those of the model. */
recoup_status recoup_benchmarks_check(const recoup_document *document,
                                      const recoup_benchmarks *benchmarks,
                                      const recoup_model *model, recoup_error *error);
/* Nothing without benchmarks. */
void recoup_benchmarks_format(const recoup_benchmarks *benchmarks, recoup_writer *writer);

#endif
