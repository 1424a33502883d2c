/* Chunks of paths, shared out to threads, merged in order. */
#include <recoup/engine.h>

#include "base/memory.h"
#include "engine/path.h"
#include "tally/tally.h"
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum {
    CHUNK_PATHS = 512,     /* part of the result: sums are merged chunk by chunk */
    BATCH_CHUNKS = 1024,   /* of one parallel loop, so that an interrupted one soon ends */
    FIRST_LOOK_CHUNKS = 32 /* stopping by precision looks first after 16,384 paths, then doubles */
};

const char *recoup_isa(void) {
    return "portable";
}

/* --- labels ----------------------------------------------------------------------------------- */

/* The last day counted in each point of the fan: every 7 days, and the last day of the period. */
static double *make_weeks(const recoup_scenario *scenario, int *n_weeks) {
    double horizon = scenario->period_end - scenario->as_of;
    int n = (int)ceil(horizon / 7);
    double *week = RECOUP_NEW(double, n);
    for (int w = 0; week && w < n; w++)
        week[w] = floor(scenario->as_of + scenario->zone_days + fmin(7 * (w + 1), horizon)) - 1;
    *n_weeks = n;
    return week;
}

static recoup_status create_tally(const recoup_scenario *scenario, const recoup_model *model,
                                  const recoup_view *view, const recoup_program *program,
                                  recoup_tally **tally, recoup_error *error) {
    recoup_status status = RECOUP_OK;
    int n_weeks;
    double *week = make_weeks(scenario, &n_weeks);
    double *cost = RECOUP_NEW(double, scenario->n_plans);
    char **plan = RECOUP_NEW(char *, scenario->n_plans);
    if (!week || !cost || !plan) {
        status = recoup_fail_memory(error);
        goto exit;
    }
    for (int p = 0; p < scenario->n_plans; p++) {
        cost[p] = scenario->plan[p].cost;
        /* Only read: the tally copies it. */
        plan[p] = (char *)(uintptr_t)scenario->plan[p].name; // NOLINT(performance-no-int-to-ptr)
    }
    recoup_tally_shape shape = {
        .n_plans = scenario->n_plans,
        .n_cohorts = model->cohorts.n,
        .n_teams = view->teams.n,
        .n_reps = view->n_reps,
        .n_weeks = n_weeks,
        .n_draws = 1,
        .plan = plan,
        .cohort = model->cohorts.name,
        .team = view->teams.name,
        .rep = view->rep_id,
        .week = week,
        .team_quota = program->team_quota,
        .rep_quota = program->rep_quota,
        .plan_cost = cost,
        .quota = program->quota,
        .booked = program->booked,
        .n_booked = program->n_booked,
        .currency = scenario->currency[0] ? scenario->currency : model->currency,
        .chunk_paths = CHUNK_PATHS,
        .paths_per_draw = scenario->simulation.paths,
        .keep_paths = scenario->simulation.keep_paths,
    };
    status = recoup_tally_create(&shape, tally, error);
exit:
    free(week);
    free(cost);
    free(plan);
    return status;
}

/* --- running ---------------------------------------------------------------------------------- */

typedef struct simulation_run {
    const recoup_program *program;
    const recoup_simulation *simulation;
    const recoup_engine_options *options;
    recoup_tally *tally;
    recoup_error *error;
    recoup_chunk *chunk; /* one per thread */
    int n_threads;
    recoup_status status; /* of the first thing that failed */
} simulation_run;

static void zero(double *values, int n_plans, int n_units, int chunk_paths) {
    memset(values, 0, (size_t)n_plans * (size_t)n_units * (size_t)chunk_paths * sizeof *values);
}

static void simulate_chunk(const simulation_run *run, recoup_chunk *chunk, int64_t index) {
    const recoup_tally_shape *shape = &run->tally->shape;
    int64_t paths = run->simulation->paths;
    chunk->first = index * CHUNK_PATHS;
    chunk->draw = 0;
    chunk->n = (int)(paths - chunk->first < CHUNK_PATHS ? paths - chunk->first : CHUNK_PATHS);
    zero(chunk->bookings, shape->n_plans, 1, CHUNK_PATHS);
    zero(chunk->wins, shape->n_plans, 1, CHUNK_PATHS);
    zero(chunk->cohort, shape->n_plans, shape->n_cohorts, CHUNK_PATHS);
    zero(chunk->team, shape->n_plans, shape->n_teams, CHUNK_PATHS);
    zero(chunk->rep, shape->n_plans, shape->n_reps, CHUNK_PATHS);
    zero(chunk->week, shape->n_plans, shape->n_weeks, CHUNK_PATHS);
    for (int i = 0; i < chunk->n; i++)
        recoup_path_simulate(run->program, (uint64_t)run->simulation->seed,
                             (uint32_t)(chunk->first + i), shape, chunk, i);
    recoup_path_finish(run->program, shape, chunk);
}

/* In the order of the chunks. */
static recoup_status merge_chunk(simulation_run *run, const recoup_chunk *chunk) {
    const recoup_engine_options *options = run->options;
    if (options->interrupted && *options->interrupted)
        return recoup_fail(run->error, RECOUP_EINTERRUPTED, NULL, "interrupted");
    recoup_status status = recoup_tally_merge(run->tally, chunk, run->error);
    if (status == RECOUP_OK && options->progress) {
        recoup_progress progress = {.paths_done = run->tally->n_paths,
                                    .paths_total = run->simulation->paths};
        progress.hit_probability = recoup_tally_hit(run->tally, 0, &progress.hit_probability_se);
        options->progress(&progress, options->user);
    }
    return status;
}

static void run_chunks(simulation_run *run, int64_t first, int64_t end) {
#pragma omp parallel for ordered schedule(dynamic, 1) num_threads(run->n_threads)
    for (int64_t index = first; index < end; index++) {
        recoup_chunk *chunk = &run->chunk[omp_get_thread_num()];
        recoup_status status;
#pragma omp atomic read
        status = run->status;
        if (status == RECOUP_OK)
            simulate_chunk(run, chunk, index);
#pragma omp ordered
        if (run->status == RECOUP_OK && (status = merge_chunk(run, chunk)) != RECOUP_OK) {
#pragma omp atomic write
            run->status = status;
        }
    }
}

/* The widest half-width of a plan's 95 % interval of P(hit). */
static double half_width(const recoup_tally *tally) {
    double widest = 0;
    for (int p = 0; p < tally->shape.n_plans; p++) {
        double se;
        recoup_tally_hit(tally, p, &se);
        widest = fmax(widest, 1.959964 * se);
    }
    return widest;
}

/* All paths, or by doubling until the precision holds at two looks in a row. */
static void run_all(simulation_run *run) {
    int64_t n_chunks = (run->simulation->paths + CHUNK_PATHS - 1) / CHUNK_PATHS, done = 0;
    double precision = run->simulation->precision;
    int64_t look = precision > 0 ? FIRST_LOOK_CHUNKS : n_chunks;
    int n_precise = 0;
    while (done < n_chunks && run->status == RECOUP_OK && n_precise < 2) {
        int64_t end = look < n_chunks ? look : n_chunks;
        if (end > done + BATCH_CHUNKS)
            end = done + BATCH_CHUNKS;
        run_chunks(run, done, end);
        done = end;
        if (done < look)
            continue;
        look *= 2;
        if (precision > 0 && run->status == RECOUP_OK)
            n_precise = half_width(run->tally) <= precision ? n_precise + 1 : 0;
    }
}

recoup_status recoup_simulate(const recoup_scenario *scenario, const recoup_model *model,
                              const recoup_view *view, const recoup_engine_options *options,
                              recoup_tally **tally, recoup_error *error) {
    recoup_program *program = NULL;
    simulation_run run = {.simulation = &scenario->simulation, .options = options, .error = error};
    run.status = recoup_program_create(scenario, model, view, &program, error);
    if (run.status != RECOUP_OK)
        goto exit;
    run.program = program;
    run.status = create_tally(scenario, model, view, program, &run.tally, error);
    if (run.status != RECOUP_OK)
        goto exit;
    run.n_threads = options->threads > 0 ? options->threads : omp_get_max_threads();
    run.chunk = RECOUP_NEW(recoup_chunk, run.n_threads);
    if (!run.chunk) {
        run.status = recoup_fail_memory(error);
        goto exit;
    }
    for (int i = 0; i < run.n_threads && run.status == RECOUP_OK; i++)
        run.status = recoup_chunk_init(&run.chunk[i], &run.tally->shape, error);
    if (run.status == RECOUP_OK)
        run_all(&run);
    if (run.status == RECOUP_OK) {
        *tally = run.tally;
        run.tally = NULL;
    }
exit:
    for (int i = 0; run.chunk && i < run.n_threads; i++)
        recoup_chunk_clear(&run.chunk[i]);
    free(run.chunk);
    recoup_tally_free(run.tally);
    recoup_program_free(program);
    return run.status;
}

recoup_status recoup_simulate_check(const recoup_scenario *scenario, const recoup_model *model,
                                    const recoup_view *view, recoup_error *error) {
    recoup_program *program = NULL;
    recoup_status status = recoup_program_create(scenario, model, view, &program, error);
    recoup_program_free(program);
    return status;
}
