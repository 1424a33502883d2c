/* Parameter draws one after the other; the paths of a draw in chunks, shared out to threads and
 * merged in order. */
#include <recoup/engine.h>

#include "base/memory.h"
#include "engine/path.h"
#include "model/draws.h"
#include "tally/tally.h"
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum {
    CHUNK_PATHS = 512,   /* at most; part of the result: sums are merged chunk by chunk */
    BATCH_CHUNKS = 1024, /* of one parallel loop, so that an interrupted one soon ends */
    DRAW_CHUNKS = 32,    /* of a draw that has no more than 16,384 paths: work for many threads */
    FIRST_LOOK_PATHS = 16384 /* where stopping by precision looks first; then it doubles */
};

const char *recoup_isa(void) {
    return "portable";
}

/* --- paths ------------------------------------------------------------------------------------ */

/* The paths are spread evenly over the draws: draw d has the paths [d·N, (d + 1)·N). */
static int64_t paths_per_draw(const recoup_simulation *simulation) {
    int64_t draws = simulation->parameter_draws;
    return (simulation->paths + draws - 1) / draws;
}

/* Chunks do not cross draws; with many draws they are smaller, so that every thread has some. */
static int chunk_paths(const recoup_simulation *simulation) {
    int64_t paths = (paths_per_draw(simulation) + DRAW_CHUNKS - 1) / DRAW_CHUNKS;
    return simulation->parameter_draws == 1 || paths > CHUNK_PATHS ? CHUNK_PATHS : (int)paths;
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
        .n_draws = (int)scenario->simulation.parameter_draws,
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
        .chunk_paths = chunk_paths(&scenario->simulation),
        .paths_per_draw = paths_per_draw(&scenario->simulation),
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

/* A parameter draw, ready to be simulated. */
typedef struct engine_draw {
    int index;           /* -1: none */
    recoup_model *model; /* NULL: the model itself, and the scenario as it was resolved */
    recoup_scenario scenario;
    recoup_program *program;
} engine_draw;

typedef struct simulation_run {
    const recoup_scenario *scenario;
    const recoup_model *model;
    const recoup_view *view;
    const recoup_simulation *simulation;
    const recoup_engine_options *options;
    recoup_tally *tally;
    recoup_error *error;
    engine_draw draw;
    recoup_chunk *chunk; /* one per thread */
    recoup_sums *sums;
    recoup_arena arena;
    int n_threads;
    recoup_status status; /* of the first thing that failed */
} simulation_run;

static void clear_draw(engine_draw *draw) {
    recoup_program_free(draw->program);
    recoup_scenario_drawn_clear(&draw->scenario);
    recoup_model_free(draw->model);
    *draw = (engine_draw){.index = -1};
}

/* Compiles draw d in the place of the one before. What a program notes, it notes for every draw:
 * the first is enough. */
static recoup_status compile_draw(simulation_run *run, int d) {
    engine_draw *draw = &run->draw;
    recoup_error repeated = RECOUP_ERROR_INIT;
    recoup_status status = RECOUP_OK;
    if (draw->index == d)
        return RECOUP_OK;
    clear_draw(draw);
    if (run->simulation->parameter_draws == 1) {
        status =
            recoup_program_create(run->scenario, run->model, run->view, &draw->program, run->error);
    } else {
        status = recoup_model_draw(run->model, d, &draw->model, run->error);
        if (status == RECOUP_OK)
            status =
                recoup_scenario_redraw(run->scenario, draw->model, &draw->scenario, run->error);
        if (status == RECOUP_OK) {
            status = recoup_program_create(&draw->scenario, draw->model, run->view, &draw->program,
                                           run->tally ? &repeated : run->error);
            if (status != RECOUP_OK && run->tally)
                recoup_fail(run->error, status, NULL, "parameter draw %d cannot be simulated", d);
        }
    }
    recoup_error_clear(&repeated);
    draw->index = status == RECOUP_OK ? d : -1;
    return status;
}

static void zero(double *values, int n_plans, int n_units, int chunk_paths) {
    memset(values, 0, (size_t)n_plans * (size_t)n_units * (size_t)chunk_paths * sizeof *values);
}

/* Chunk `index` of the draw. */
static void simulate_chunk(const simulation_run *run, recoup_chunk *chunk, int64_t index) {
    const recoup_tally_shape *shape = &run->tally->shape;
    int size = shape->chunk_paths;
    int64_t left = shape->paths_per_draw - index * size;
    chunk->draw = run->draw.index;
    chunk->first = index * size;
    chunk->n = (int)(left < size ? left : size);
    zero(chunk->bookings, shape->n_plans, 1, size);
    zero(chunk->wins, shape->n_plans, 1, size);
    zero(chunk->cohort, shape->n_plans, shape->n_cohorts, size);
    zero(chunk->team, shape->n_plans, shape->n_teams, size);
    zero(chunk->rep, shape->n_plans, shape->n_reps, size);
    zero(chunk->week, shape->n_plans, shape->n_weeks, size);
    for (int i = 0; i < chunk->n; i++)
        recoup_path_simulate(run->draw.program, (uint64_t)run->simulation->seed,
                             (uint32_t)(chunk->draw * shape->paths_per_draw + chunk->first + i),
                             shape, chunk, i);
    recoup_path_finish(run->draw.program, shape, chunk);
}

/* In the order of the chunks. */
static recoup_status merge_chunk(simulation_run *run, const recoup_chunk *chunk) {
    const recoup_engine_options *options = run->options;
    if (options->interrupted && *options->interrupted)
        return recoup_fail(run->error, RECOUP_EINTERRUPTED, NULL, "interrupted");
    recoup_status status = recoup_tally_count(run->tally, chunk, run->error);
    if (status == RECOUP_OK) {
        recoup_sums_set(run->sums, &run->tally->shape, chunk);
        recoup_tally_add(run->tally, run->sums);
    }
    if (status == RECOUP_OK && options->progress) {
        recoup_progress progress = {.paths_done = run->tally->n_paths,
                                    .paths_total = run->tally->shape.paths_per_draw *
                                                   run->tally->shape.n_draws};
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

/* The chunks [first, end) of every draw, draw by draw. */
static void run_draws(simulation_run *run, int64_t first, int64_t end) {
    for (int d = 0; d < run->tally->shape.n_draws && run->status == RECOUP_OK; d++) {
        run->status = compile_draw(run, d);
        for (int64_t done = first; done < end && run->status == RECOUP_OK; done += BATCH_CHUNKS)
            run_chunks(run, done, done + BATCH_CHUNKS < end ? done + BATCH_CHUNKS : end);
    }
}

/* All paths, or by doubling until the precision holds at two looks in a row; each draw has the same
 * number of paths at each look. */
static void run_all(simulation_run *run) {
    const recoup_tally_shape *shape = &run->tally->shape;
    int64_t size = shape->chunk_paths, n_chunks = (shape->paths_per_draw + size - 1) / size;
    int64_t first_look = FIRST_LOOK_PATHS / shape->n_draws / size, done = 0;
    double precision = run->simulation->precision;
    int64_t look = precision > 0 ? (first_look > 1 ? first_look : 1) : n_chunks;
    int n_precise = 0;
    while (done < n_chunks && run->status == RECOUP_OK && n_precise < 2) {
        int64_t end = look < n_chunks ? look : n_chunks;
        run_draws(run, done, end);
        done = end;
        look *= 2;
        if (precision > 0 && run->status == RECOUP_OK)
            n_precise = half_width(run->tally) <= precision ? n_precise + 1 : 0;
    }
}

/* A resolved scenario has no more draws than the model, unless its simulation was set later. */
static recoup_status check_draws(const recoup_scenario *scenario, const recoup_model *model,
                                 recoup_error *error) {
    int64_t asked = scenario->simulation.parameter_draws;
    int stored = model->draws ? model->draws->n_draws : 0;
    if (asked == 1 || (asked > 1 && asked <= stored))
        return RECOUP_OK;
    return recoup_fail(error, RECOUP_EINVALID, NULL,
                       "%lld parameter draws were asked for; the model stores %d", (long long)asked,
                       stored);
}

recoup_status recoup_simulate(const recoup_scenario *scenario, const recoup_model *model,
                              const recoup_view *view, const recoup_engine_options *options,
                              recoup_tally **tally, recoup_error *error) {
    simulation_run run = {.scenario = scenario,
                          .model = model,
                          .view = view,
                          .simulation = &scenario->simulation,
                          .options = options,
                          .error = error,
                          .draw = {.index = -1}};
    run.status = check_draws(scenario, model, error);
    if (run.status == RECOUP_OK)
        run.status = compile_draw(&run, 0);
    if (run.status != RECOUP_OK)
        goto exit;
    run.status = create_tally(scenario, model, view, run.draw.program, &run.tally, error);
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
    run.sums = recoup_sums_new(&run.arena, &run.tally->shape, 1);
    if (run.status == RECOUP_OK && run.sums)
        run_all(&run);
    if (run.status == RECOUP_OK) {
        *tally = run.tally;
        run.tally = NULL;
    }
exit:
    for (int i = 0; run.chunk && i < run.n_threads; i++)
        recoup_chunk_clear(&run.chunk[i]);
    free(run.chunk);
    recoup_arena_clear(&run.arena);
    recoup_tally_free(run.tally);
    clear_draw(&run.draw);
    return run.status;
}

recoup_status recoup_simulate_check(const recoup_scenario *scenario, const recoup_model *model,
                                    const recoup_view *view, recoup_error *error) {
    recoup_program *program = NULL;
    recoup_status status = check_draws(scenario, model, error);
    if (status == RECOUP_OK)
        status = recoup_program_create(scenario, model, view, &program, error);
    recoup_program_free(program);
    return status;
}
