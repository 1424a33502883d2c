#include "engine/chunks.h"

#include "engine/path.h"
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 }; /* bytes: a cache line, and the widest vector */

int64_t recoup_first_path(const recoup_tally_shape *shape, int draw) {
    return draw * ((shape->paths_per_draw + 3) / 4 * 4);
}

static size_t n_units(const recoup_tally_shape *shape) {
    return (size_t)shape->n_reps + (size_t)shape->n_cohorts; /* as in program/tables.h */
}

recoup_status recoup_worker_init(recoup_worker *worker, const recoup_tally *tally,
                                 recoup_error *error) {
    const recoup_tally_shape *shape = &tally->shape;
    size_t plan = (size_t)shape->n_plans * RECOUP_CHUNK_PATHS;
    recoup_status status;
    *worker = (recoup_worker){.error = RECOUP_ERROR_INIT};
    if ((status = recoup_tally_part(tally, &worker->part, error)) != RECOUP_OK ||
        (status = recoup_chunk_init(&worker->chunk, shape, error)) != RECOUP_OK)
        return status;
    recoup_arena *arena = &worker->arena;
    worker->market = recoup_arena_alloc(arena, RECOUP_CHUNK_PATHS, sizeof(double));
    worker->paths.unit = recoup_arena_alloc(arena, n_units(shape), plan * sizeof(double));
    worker->paths.week = recoup_arena_alloc(arena, (size_t)shape->n_weeks, plan * sizeof(double));
    worker->paths.wins = worker->chunk.wins; /* these two are wanted as they are */
    worker->paths.flow = worker->chunk.flow;
    return worker->market && worker->paths.unit && worker->paths.week ? RECOUP_OK
                                                                      : recoup_fail_memory(error);
}

void recoup_worker_clear(recoup_worker *worker) {
    recoup_tally_free(worker->part);
    recoup_chunk_clear(&worker->chunk);
    recoup_arena_clear(&worker->arena);
    recoup_error_clear(&worker->error);
    free(worker->scratch);
    *worker = (recoup_worker){0};
}

/* The kernel's scratch, as large as this draw needs it. */
static recoup_status make_scratch(recoup_worker *worker, const recoup_chunk_task *task) {
    size_t size = task->estimator == RECOUP_ESTIMATOR_SAMPLE
                      ? task->kernels->sample_scratch(task->compiled->tables)
                      : task->kernels->walk_scratch(task->compiled->program);
    size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (size <= worker->scratch_size)
        return RECOUP_OK;
    free(worker->scratch);
    worker->scratch = aligned_alloc(ALIGNMENT, size);
    worker->scratch_size = worker->scratch ? size : 0;
    return worker->scratch ? RECOUP_OK : recoup_fail_memory(&worker->error);
}

static void zero_paths(recoup_worker *worker, const recoup_tally_shape *shape) {
    size_t plan = (size_t)shape->n_plans * RECOUP_CHUNK_PATHS * sizeof(double);
    memset(worker->paths.unit, 0, n_units(shape) * plan);
    memset(worker->paths.week, 0, (size_t)shape->n_weeks * plan);
    memset(worker->paths.wins, 0, plan);
    memset(worker->paths.flow, 0,
           (size_t)shape->n_plans * (size_t)shape->n_stages * sizeof *worker->paths.flow);
}

/* --- from units to what is reported ----------------------------------------------------------- */

static void set(double *row, double value, int n) {
    for (int i = 0; i < n; i++)
        row[i] = value;
}

static void add(double *row, const double *values, int n) {
    for (int i = 0; i < n; i++)
        row[i] += values[i];
}

/* Row `unit` of plan p in an array [plan][unit][column]. */
static double *row_of(double *values, int n, int p, int unit) {
    return values + ((size_t)p * (size_t)n + (size_t)unit) * RECOUP_CHUNK_PATHS;
}

/* Everything starts at what was booked before; a rep's bookings are in its cohort and team too. */
static void add_units(recoup_worker *worker, const recoup_program *program,
                      const recoup_tally_shape *shape, int p) {
    recoup_chunk *chunk = &worker->chunk;
    int n = chunk->n, units = (int)n_units(shape);
    for (int c = 0; c < shape->n_cohorts; c++)
        set(row_of(chunk->cohort, shape->n_cohorts, p, c), program->cohort_booked[c], n);
    for (int t = 0; t < shape->n_teams; t++)
        set(row_of(chunk->team, shape->n_teams, p, t), program->team_booked[t], n);
    for (int r = 0; r < shape->n_reps; r++) {
        const double *unit = row_of(worker->paths.unit, units, p, r);
        double *rep = row_of(chunk->rep, shape->n_reps, p, r);
        int cohort = program->rep_cohort[r], team = program->rep_team[r];
        set(rep, program->rep_booked[r], n);
        add(rep, unit, n);
        if (cohort >= 0)
            add(row_of(chunk->cohort, shape->n_cohorts, p, cohort), unit, n);
        if (team >= 0)
            add(row_of(chunk->team, shape->n_teams, p, team), unit, n);
    }
    for (int c = 0; c < shape->n_cohorts; c++) /* nobody's deals */
        add(row_of(chunk->cohort, shape->n_cohorts, p, c),
            row_of(worker->paths.unit, units, p, shape->n_reps + c), n);
}

/* Weeks become cumulative; the last of them is the total. */
static void add_weeks(recoup_worker *worker, const recoup_program *program,
                      const recoup_tally_shape *shape, int p) {
    recoup_chunk *chunk = &worker->chunk;
    double *total = row_of(chunk->bookings, 1, p, 0);
    set(total, program->booked, chunk->n);
    for (int w = 0; w < shape->n_weeks; w++) {
        add(total, row_of(worker->paths.week, shape->n_weeks, p, w), chunk->n);
        memcpy(row_of(chunk->week, shape->n_weeks, p, w), total, (size_t)chunk->n * sizeof *total);
    }
}

/* --- simulating ------------------------------------------------------------------------------- */

recoup_status recoup_worker_simulate(recoup_worker *worker, const recoup_chunk_task *task,
                                     recoup_sums *sums) {
    const recoup_tally_shape *shape = &worker->part->shape;
    const recoup_program *program = task->compiled->program;
    recoup_chunk *chunk = &worker->chunk;
    recoup_status status = make_scratch(worker, task);
    if (status != RECOUP_OK)
        return status;
    chunk->draw = task->compiled->index;
    chunk->first = task->index * RECOUP_CHUNK_PATHS;
    int64_t left = shape->paths_per_draw - chunk->first;
    chunk->n = (int)(left < RECOUP_CHUNK_PATHS ? left : RECOUP_CHUNK_PATHS);
    worker->paths.n = chunk->n;
    zero_paths(worker, shape);
    recoup_job job = {
        .program = program,
        .tables = task->compiled->tables,
        .walk_tables = task->compiled->walk_tables,
        .seed = task->seed,
        .first = (uint32_t)(recoup_first_path(shape, chunk->draw) + chunk->first),
        .n_weeks = shape->n_weeks,
        .market = worker->market,
        .paths = &worker->paths,
        .scratch = worker->scratch,
    };
    for (int i = 0; i < chunk->n; i++)
        worker->market[i] = recoup_path_market(task->seed, job.first + (uint32_t)i);
    if (task->estimator == RECOUP_ESTIMATOR_SAMPLE)
        task->kernels->sample(&job);
    else
        task->kernels->walk(&job);
    for (int p = 0; p < shape->n_plans; p++) {
        chunk->quota[p] = program->plan[p].quota;
        add_units(worker, program, shape, p);
        add_weeks(worker, program, shape, p);
    }
    recoup_sums_set(sums, shape, chunk);
    return recoup_tally_count(worker->part, chunk, &worker->error);
}
