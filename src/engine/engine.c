/* Parameter draws are compiled a few at a time, one by each thread; then their chunks are shared
 * out. Which thread does what leaves no trace: counts are integers, and sums are added in the order
 * of draw and chunk. */
#include <recoup/engine.h>

#include "base/memory.h"
#include "engine/chunks.h"
#include "engine/conditional.h"
#include "engine/draws.h"
#include "model/draws.h"
#include "tally/tally.h"
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>

enum {
    MAX_BATCH = 1024,        /* chunks between two looks at the clock */
    FIRST_LOOK_PATHS = 16384 /* where stopping by precision looks first; then it doubles */
};
static const double BATCH_SECONDS = .2; /* what a batch is to take: progress, and an end on ^C */

const char *recoup_isa_best(void) {
    return recoup_isa_name(recoup_isa_find(NULL));
}

bool recoup_isa_exists(const char *name) {
    return recoup_isa_find(name) != RECOUP_N_ISAS;
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

/* The paths are spread evenly over the draws. */
static int64_t paths_per_draw(const recoup_simulation *simulation) {
    int64_t draws = simulation->parameter_draws;
    return (simulation->paths + draws - 1) / draws;
}

static recoup_status create_tally(const recoup_scenario *scenario, const recoup_model *model,
                                  const recoup_view *view, const recoup_program *program,
                                  recoup_tally **tally, recoup_error *error) {
    recoup_status status = RECOUP_OK;
    int n_weeks;
    bool has_flows = scenario->simulation.estimator == RECOUP_ESTIMATOR_WALK;
    double *week = make_weeks(scenario, &n_weeks);
    double *cost = RECOUP_NEW(double, scenario->n_plans);
    char **plan = RECOUP_NEW(char *, scenario->n_plans);
    char **stage = RECOUP_NEW(char *, model->n_stages);
    if (!week || !cost || !plan || !stage) {
        status = recoup_fail_memory(error);
        goto exit;
    }
    for (int p = 0; p < scenario->n_plans; p++) {
        cost[p] = scenario->plan[p].cost;
        /* Only read: the tally copies it. */
        plan[p] = (char *)(uintptr_t)scenario->plan[p].name; // NOLINT(performance-no-int-to-ptr)
    }
    for (int s = 0; s < model->n_stages; s++)
        stage[s] = model->stage[s].name;
    recoup_tally_shape shape = {
        .n_plans = scenario->n_plans,
        .n_cohorts = model->cohorts.n,
        .n_teams = view->teams.n,
        .n_reps = view->n_reps,
        .n_weeks = n_weeks,
        .n_draws = (int)scenario->simulation.parameter_draws,
        .n_stages = has_flows ? model->n_stages : 0,
        .plan = plan,
        .cohort = model->cohorts.name,
        .team = view->teams.name,
        .rep = view->rep_id,
        .stage = stage,
        .week = week,
        /* Compiled, or this is not reached. NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
        .team_quota = program->team_quota,
        .rep_quota = program->rep_quota,
        .plan_cost = cost,
        .quota = program->quota,
        .booked = program->booked,
        .n_booked = program->n_booked,
        .currency = scenario->currency[0] ? scenario->currency : model->currency,
        .chunk_paths = RECOUP_CHUNK_PATHS,
        .paths_per_draw = paths_per_draw(&scenario->simulation),
        .keep_paths = scenario->simulation.keep_paths,
    };
    status = recoup_tally_create(&shape, tally, error);
exit:
    free(week);
    free(cost);
    free(plan);
    free(stage);
    return status;
}

/* --- running ---------------------------------------------------------------------------------- */

typedef struct simulation_run {
    recoup_draw_source source;
    const recoup_simulation *simulation;
    const recoup_engine_options *options;
    recoup_tally *tally;
    recoup_conditional *conditional; /* of all estimators but `walk` */
    recoup_error *error;
    int n_threads;
    recoup_worker *worker;     /* [thread] */
    recoup_compiled *compiled; /* [thread]: the draws of a group */
    recoup_compiled first;     /* draw 0, which the others follow */
    recoup_sums *sums;         /* [MAX_BATCH] */
    recoup_arena arena;
    recoup_status status; /* of the first thing that failed */
} simulation_run;

static bool is_interrupted(const simulation_run *run) {
    return run->options->interrupted && *run->options->interrupted;
}

/* The first failure among workers, into the run. */
static void gather_failures(simulation_run *run) {
    for (int i = 0; i < run->n_threads && run->status == RECOUP_OK; i++) {
        run->status = run->worker[i].status;
        recoup_error_merge(run->error, &run->worker[i].error);
    }
    if (run->status == RECOUP_OK && is_interrupted(run))
        run->status = recoup_fail(run->error, RECOUP_EINTERRUPTED, NULL, "interrupted");
}

/* Draws [first, first + n), one by each thread; P(hit) of each without paths when asked for. */
static void compile_draws(simulation_run *run, int first, int n, bool with_conditional) {
#pragma omp parallel for schedule(dynamic, 1) num_threads(run->n_threads)
    for (int i = 0; i < n; i++) {
        recoup_worker *worker = &run->worker[omp_get_thread_num()];
        if (worker->status == RECOUP_OK && !is_interrupted(run))
            worker->status =
                recoup_compiled_set(&run->compiled[i], &run->source, first + i, &worker->error);
        if (with_conditional && worker->status == RECOUP_OK && !is_interrupted(run))
            worker->status = recoup_conditional_draw(run->conditional, run->compiled[i].tables,
                                                     first + i, &worker->error);
    }
    gather_failures(run);
}

static void report_progress(const simulation_run *run) {
    const recoup_tally_shape *shape = &run->tally->shape;
    if (!run->options->progress)
        return;
    recoup_progress progress = {.paths_done = run->tally->n_paths,
                                .paths_total = shape->paths_per_draw * shape->n_draws};
    progress.hit_probability = recoup_tally_hit(run->tally, 0, &progress.hit_probability_se);
    run->options->progress(&progress, run->options->user);
}

/* The chunks [first, end) of n compiled draws, numbered draw by draw. */
typedef struct chunk_range {
    const recoup_compiled *const *compiled; /* [draw of the group] */
    int64_t first, per_draw;
} chunk_range;

static void run_batch(simulation_run *run, const chunk_range *range, int64_t start, int n) {
#pragma omp parallel for schedule(dynamic, 1) num_threads(run->n_threads)
    for (int i = 0; i < n; i++) {
        recoup_worker *worker = &run->worker[omp_get_thread_num()];
        int64_t item = start + i;
        recoup_chunk_task task = {.compiled = range->compiled[item / range->per_draw],
                                  .kernels = &recoup_kernels_for[run->source.isa],
                                  .estimator = run->simulation->estimator,
                                  .seed = (uint64_t)run->simulation->seed,
                                  .index = range->first + item % range->per_draw};
        if (worker->status == RECOUP_OK && !is_interrupted(run))
            worker->status = recoup_worker_simulate(worker, &task, &run->sums[i]);
    }
    gather_failures(run);
    for (int i = 0; i < n && run->status == RECOUP_OK; i++)
        recoup_tally_add(run->tally, &run->sums[i]);
}

/* In batches that grow until they take long enough: their size leaves no trace. */
static void run_range(simulation_run *run, const chunk_range *range, int n_draws) {
    int64_t n = range->per_draw * n_draws;
    int size = run->n_threads < MAX_BATCH ? run->n_threads : MAX_BATCH;
    for (int64_t start = 0; start < n && run->status == RECOUP_OK;) {
        int batch = (int)(n - start < size ? n - start : size);
        double began = omp_get_wtime();
        run_batch(run, range, start, batch);
        start += batch;
        if (run->status == RECOUP_OK)
            report_progress(run);
        if (omp_get_wtime() - began < BATCH_SECONDS / 2 && size <= MAX_BATCH / 2)
            size *= 2;
    }
}

/* P(hit) of draw 0 without paths. */
static void integrate_first(simulation_run *run) {
    if (!is_interrupted(run))
        run->status = recoup_conditional_draw(run->conditional, run->first.tables, 0, run->error);
    gather_failures(run);
}

/* The chunks [first, end) of every draw. */
static void run_draws(simulation_run *run, int64_t first, int64_t end) {
    bool with_conditional = run->conditional && first == 0;
    const recoup_compiled *compiled[MAX_BATCH];
    int n_draws = run->tally->shape.n_draws;
    int group = run->n_threads < n_draws ? run->n_threads : n_draws;
    group = group < MAX_BATCH ? group : MAX_BATCH;
    for (int d = 0; d < n_draws && run->status == RECOUP_OK; d += group) {
        int n = n_draws - d < group ? n_draws - d : group;
        if (n_draws > 1)
            compile_draws(run, d, n, with_conditional);
        else if (with_conditional)
            integrate_first(run);
        for (int i = 0; i < n; i++)
            compiled[i] = n_draws > 1 ? &run->compiled[i] : &run->first;
        chunk_range range = {.compiled = compiled, .first = first, .per_draw = end - first};
        if (run->status == RECOUP_OK)
            run_range(run, &range, n);
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

/* What `conditional` found, into the tally. */
static recoup_status keep_exact(simulation_run *run) {
    const recoup_conditional *from = run->conditional;
    enum { REPLICATES = RECOUP_CONDITIONAL_REPLICATES };
    recoup_status status = recoup_tally_make_exact(run->tally, REPLICATES, run->error);
    if (status != RECOUP_OK)
        return status;
    recoup_exact *exact = run->tally->exact;
    int n_draws = run->tally->shape.n_draws;
    for (int p = 0; p < run->tally->shape.n_plans; p++) {
        exact->hit[p] = recoup_conditional_hit(from, p, &exact->hit_se[p]);
        exact->gain[p] = recoup_conditional_gain(from, p, &exact->gain_se[p]);
        exact->hit_se[p] = fmax(exact->hit_se[p], RECOUP_CONDITIONAL_ERROR);
        exact->gain_se[p] = p > 0 ? fmax(exact->gain_se[p], RECOUP_CONDITIONAL_ERROR) : 0;
        for (int d = 0; d < n_draws; d++) {
            exact->hit_draw[p * n_draws + d] = recoup_conditional_draw_hit(from, p, d, NULL);
            exact->mean_draw[p * n_draws + d] = recoup_conditional_draw_mean(from, p, d);
            run->tally->plan[p].quota[d] = recoup_conditional_quota(from, p, d);
        }
        for (int r = 0; r < REPLICATES; r++)
            exact->hit_replicate[p * REPLICATES + r] = recoup_conditional_replicate_hit(from, p, r);
        exact->mean[p] = recoup_conditional_mean(from, p);
        exact->mean_gain[p] = exact->mean[p] - exact->mean[0];
        exact->sd[p] = recoup_conditional_sd(from, p);
        exact->wins[p] = recoup_conditional_wins(from, p);
        exact->shortfall[p] = recoup_conditional_shortfall(from, p);
        for (int q = 0; q < RECOUP_TALLY_QUANTILES; q++)
            exact->quantile[p * RECOUP_TALLY_QUANTILES + q] =
                recoup_conditional_quantile(from, p, recoup_tally_quantiles[q]);
    }
    return RECOUP_OK;
}

/* The widest half-width of a plan's 95 % interval of P(hit) without paths. */
static double conditional_half_width(const recoup_conditional *conditional, int n_plans) {
    double widest = 0, t = gsl_cdf_tdist_Pinv(.975, RECOUP_CONDITIONAL_REPLICATES - 1);
    for (int p = 0; p < n_plans; p++) {
        double se;
        recoup_conditional_hit(conditional, p, &se);
        widest = fmax(widest, t * se);
    }
    return widest;
}

/* No paths; more points until the precision holds. */
static void run_conditional(simulation_run *run) {
    enum { MAX_POINTS = 1 << 20 }; /* of each draw and replicate */
    const recoup_simulation *simulation = run->simulation;
    const recoup_tally_shape *shape = &run->tally->shape;
    recoup_conditional_options options =
        recoup_conditional_defaults((uint64_t)simulation->seed, shape->n_plans, shape->n_draws);
    options.market = run->options->market;
    for (bool precise = false; !precise && run->status == RECOUP_OK; options.n_points *= 2) {
        recoup_conditional_free(run->conditional);
        run->conditional = NULL;
        run->status = recoup_conditional_create(&options, &run->conditional, run->error);
        if (run->status == RECOUP_OK)
            run_draws(run, 0, 0);
        precise =
            simulation->precision <= 0 || options.n_points >= MAX_POINTS ||
            (run->status == RECOUP_OK &&
             conditional_half_width(run->conditional, shape->n_plans) <= simulation->precision);
    }
}

/* All paths, or by doubling until the precision holds at two looks in a row; each draw has the same
 * number of paths at each look. */
static void run_paths(simulation_run *run) {
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
    for (int i = 0; i < run->n_threads && run->status == RECOUP_OK; i++)
        run->status = recoup_tally_absorb(run->tally, run->worker[i].part, run->error);
}

static void run_all(simulation_run *run) {
    const recoup_tally_shape *shape = &run->tally->shape;
    recoup_conditional_options options = recoup_conditional_defaults(
        (uint64_t)run->simulation->seed, shape->n_plans, shape->n_draws);
    switch (run->simulation->estimator) {
    case RECOUP_ESTIMATOR_CONDITIONAL:
        run_conditional(run);
        break;
    case RECOUP_ESTIMATOR_SAMPLE:
        run->status = recoup_conditional_create(&options, &run->conditional, run->error);
        if (run->status == RECOUP_OK)
            run_paths(run);
        break;
    case RECOUP_ESTIMATOR_WALK:
        run_paths(run);
        break;
    }
    if (run->conditional && run->status == RECOUP_OK)
        run->status = keep_exact(run);
}

/* A resolved scenario has no more draws than the model, unless its simulation was set later. */
static recoup_status check_draws(const recoup_scenario *scenario, const recoup_model *model,
                                 recoup_error *error) {
    int64_t asked = scenario->simulation.parameter_draws;
    int stored = model->draws ? model->draws->n_draws : 0;
    if (asked == 1 || (asked > 1 && asked <= stored) ||
        (asked > 1 && stored == 0 && recoup_scenario_is_uncertain(scenario)))
        return RECOUP_OK;
    return recoup_fail(error, RECOUP_EINVALID, NULL,
                       "%lld parameter draws were asked for; the model stores %d", (long long)asked,
                       stored);
}

static recoup_status find_isa(const char *name, recoup_isa *isa, recoup_error *error) {
    *isa = recoup_isa_find(name);
    if (*isa != RECOUP_N_ISAS)
        return RECOUP_OK;
    return recoup_fail(error, RECOUP_EUSAGE, NULL,
                       "this processor, or this build, has no kernels for %s", name);
}

static recoup_status make_workers(simulation_run *run) {
    run->n_threads = run->options->threads > 0 ? run->options->threads : omp_get_max_threads();
    run->worker = RECOUP_NEW(recoup_worker, run->n_threads);
    run->compiled = RECOUP_NEW(recoup_compiled, run->n_threads);
    run->sums = recoup_sums_new(&run->arena, &run->tally->shape, MAX_BATCH);
    if (!run->worker || !run->compiled || !run->sums)
        return recoup_fail_memory(run->error);
    for (int i = 0; i < run->n_threads; i++)
        run->compiled[i].index = -1;
    recoup_status status = RECOUP_OK;
    for (int i = 0; i < run->n_threads && status == RECOUP_OK; i++)
        status = recoup_worker_init(&run->worker[i], run->tally, run->error);
    return status;
}

static void clear_run(simulation_run *run) {
    for (int i = 0; run->worker && i < run->n_threads; i++)
        recoup_worker_clear(&run->worker[i]);
    for (int i = 0; run->compiled && i < run->n_threads; i++)
        recoup_compiled_clear(&run->compiled[i]);
    recoup_compiled_clear(&run->first);
    recoup_conditional_free(run->conditional);
    free(run->worker);
    free(run->compiled);
    recoup_arena_clear(&run->arena);
    recoup_tally_free(run->tally);
}

recoup_status recoup_simulate(const recoup_scenario *scenario, const recoup_model *model,
                              const recoup_view *view, const recoup_engine_options *options,
                              recoup_tally **tally, recoup_error *error) {
    simulation_run run = {
        .source = {.scenario = scenario, .model = model, .view = view, .shelf = options->shelf},
        .simulation = &scenario->simulation,
        .options = options,
        .error = error,
        .first = {.index = -1}};
    gsl_set_error_handler_off(); /* its own would end the program */
    run.status = find_isa(options->isa, &run.source.isa, error);
    if (run.status == RECOUP_OK)
        run.status = check_draws(scenario, model, error);
    if (run.status == RECOUP_OK && options->shelf &&
        !recoup_shelf_reserve(options->shelf, (int)scenario->simulation.parameter_draws))
        run.status = recoup_fail_memory(error);
    if (run.status == RECOUP_OK)
        run.status = recoup_compiled_set(&run.first, &run.source, 0, error);
    if (run.status == RECOUP_OK)
        run.status = create_tally(scenario, model, view, run.first.program, &run.tally, error);
    if (run.status == RECOUP_OK)
        run.status = make_workers(&run);
    run.source.grid = run.first.tables ? &run.first.tables->grid : NULL;
    run.source.is_noted = true;
    if (run.status == RECOUP_OK)
        run_all(&run);
    if (run.status == RECOUP_OK) {
        *tally = run.tally;
        run.tally = NULL;
    }
    clear_run(&run);
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

recoup_status recoup_simulate_dump(const recoup_scenario *scenario, const recoup_model *model,
                                   const recoup_view *view, const char *isa, FILE *stream,
                                   recoup_error *error) {
    recoup_isa found = RECOUP_N_ISAS;
    recoup_program *program = NULL;
    recoup_tables *tables = NULL;
    const char **plan = RECOUP_NEW(const char *, scenario->n_plans);
    char **deal = RECOUP_NEW(char *, view->n_open);
    recoup_status status = plan && deal ? RECOUP_OK : recoup_fail_memory(error);
    if (status == RECOUP_OK)
        status = find_isa(isa, &found, error);
    if (status == RECOUP_OK)
        status = recoup_program_create(scenario, model, view, &program, error);
    if (status == RECOUP_OK)
        status = recoup_tables_create(program, NULL, found, &tables, error);
    if (status == RECOUP_OK) {
        int n = 0;
        for (int p = 0; p < scenario->n_plans; p++)
            plan[p] = scenario->plan[p].name;
        for (int i = 0; i < view->n_deals; i++)
            if (view->outcome[i] == RECOUP_OPEN)
                deal[n++] = view->deal_id[i];
        status = recoup_tables_dump(tables, plan, deal, stream, error);
    }
    recoup_tables_free(tables);
    recoup_program_free(program);
    free(plan);
    free(deal);
    return status;
}
