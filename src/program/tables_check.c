/* How fine a grid has to be: a few dozen deals are computed on grids that get finer until nothing
 * moves any more. */
#include "program/tables_build.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Allowed without levers. A plan is allowed WITH_LEVERS times as much, so that it takes laws far
 * from those to refine the grid: what one plan takes would change the last digits of the others. */
#define WITH_LEVERS 3
#define ENOUGH_GRID 3e-5  /* change of a probability by halving the step */
#define ENOUGH_NODES 3e-5 /* error between the nodes of size and discount */
#define ENOUGH_TERMS 5e-6 /* of the polynomials in x: all deals of a stage err to the same side */
#define CHECKED_Z 4.
enum { N_OPEN = 24, N_MOVED = 8, N_NEW = 8, N_DAYS = 4, N_POINTS = RECOUP_TABLES_MAX_TERMS };

/* A deal that is computed on every grid. */
typedef struct probe {
    recoup_program_deal deal;
    recoup_course course;
    recoup_episode owner; /* of a new deal */
    bool is_new;
} probe;

typedef struct probes {
    const recoup_program *program;
    recoup_isa isa;
    bool with_levers;
    double tolerance; /* WITH_LEVERS or 1 */
    probe *probe;
    int n, capacity;
    recoup_error *error;
} probes;

static probe *add_probe(probes *list, const recoup_program_deal *deal, recoup_course course) {
    if (list->n == list->capacity)
        return NULL;
    probe *next = &list->probe[list->n++];
    *next = (probe){.deal = *deal, .course = course};
    return next;
}

static void add_without(probes *list, int deal) {
    const recoup_program *program = list->program;
    recoup_course course = {
        .plan = program->none, .episode = &program->owner[deal], .n_episodes = 1};
    add_probe(list, &program->deal[deal], course);
}

/* Returns whether a limit cuts its discount. */
static bool add_under(probes *list, int plan_index, int deal) {
    const recoup_program *program = list->program;
    const recoup_program_plan *plan = &program->plan[plan_index];
    const int *range = &plan->episode_first[deal];
    recoup_course course = {.plan = plan,
                            .episode = &plan->episode[range[0]],
                            .n_episodes = range[1] - range[0],
                            .capped = plan->cap && program->deal[deal].discount > plan->cap->max};
    return add_probe(list, &program->deal[deal], course) && course.capped;
}

/* Without levers, or under one plan, in turn, or two where it has a limit. */
static void add_open(probes *list, int deal) {
    int n_plans = list->program->n_plans;
    if (!list->with_levers)
        add_without(list, deal);
    else if (add_under(list, deal % n_plans, deal) && n_plans > 1)
        add_under(list, (deal + 1) % n_plans, deal);
}

/* Deals at equal distances among those that change hands under any plan. */
static void add_moved(probes *list) {
    const recoup_program *program = list->program;
    int n = 0, taken = 0;
    for (int pass = 0; pass < 2; pass++) {
        int every = (n + N_MOVED - 1) / N_MOVED, i = 0;
        for (int plan = 0; plan < program->n_plans; plan++)
            for (int deal = 0; deal < program->n_deals; deal++) {
                const int *range = &program->plan[plan].episode_first[deal];
                if (range[1] - range[0] < 2)
                    continue;
                if (pass == 0)
                    n++;
                else if (i++ % every == 0 && taken++ < N_MOVED)
                    add_under(list, plan, deal);
            }
    }
}

/* New deals of a stream's first cell, small and large ones in turn. */
static void add_new(probes *list, int stream, const recoup_program_plan *plan) {
    const recoup_program *program = list->program;
    const recoup_program_stream *of = &program->stream[stream];
    double amount = recoup_dist_quantile(&program->new_amount, stream % 2 ? .1 : .9);
    recoup_program_deal deal = {
        .log_size = log(amount) - program->log_size_ref,
        .discount = program->n_discount ? program->discount_quantile[program->n_discount / 2] : 0};
    probe *next = add_probe(list, &deal, (recoup_course){.plan = plan, .n_episodes = 1});
    if (!next)
        return;
    next->is_new = true;
    next->owner =
        (recoup_episode){.rep = -1,
                         .cell = recoup_program_cell(
                             program, of->cohort, program->n_channels == 1 ? 0 : of->channel, 0)};
    next->course.episode = &next->owner;
}

/* The youngest and the oldest deal of each stage, deals at equal distances, deals that change
 * hands, new deals. */
static void choose(probes *list) {
    const recoup_program *program = list->program;
    for (int stage = 0; stage < program->n_stages; stage++) {
        int young = -1, old = -1;
        for (int i = 0; i < program->n_deals; i++) {
            if (program->deal[i].stage != stage)
                continue;
            if (young < 0 || program->deal[i].age_days < program->deal[young].age_days)
                young = i;
            if (old < 0 || program->deal[i].age_days > program->deal[old].age_days)
                old = i;
        }
        if (young >= 0)
            add_open(list, young);
        if (old >= 0 && old != young)
            add_open(list, old);
    }
    int every = (program->n_deals + N_OPEN - 1) / N_OPEN;
    for (int i = 0; i < program->n_deals; i += every)
        add_open(list, i);
    if (list->with_levers)
        add_moved(list);
    int n_new = program->n_streams < N_NEW ? program->n_streams : N_NEW;
    for (int i = 0; i < n_new; i++)
        add_new(list, (int)((long)i * program->n_streams / n_new),
                list->with_levers ? &program->plan[i % program->n_plans] : program->none);
}

/* What new deals can expect that arrive on days from the first to the last whole one, with the
 * lowest size and discount. */
static void add_arrivals(const recoup_build *build, float *mean, double *win) {
    double bucket_days = recoup_bucket_cells(build) * build->step;
    int n_buckets = (int)(build->program->horizon_days / bucket_days + 1e-6);
    n_buckets = n_buckets > 1 ? n_buckets : 1;
    for (int i = 0; i < N_DAYS; i++, win += build->x.n) {
        memset(mean, 0, (size_t)build->width * sizeof *mean);
        recoup_bucket_add(build, i * (n_buckets - 1) / (N_DAYS - 1), build->tables->n_slots - 1,
                          mean);
        for (int k = 0; k < build->x.n; k++)
            win[k] = (double)mean[k];
    }
}

/* win[probe][row][x] on a grid, rows being slots, then days of arrival; points: values of x instead
 * of the grid's nodes, or NULL. */
static recoup_status compute(const probes *list, const recoup_tables_grid *grid,
                             const double *points, double **win, int *n_rows) {
    recoup_tables tables = {
        .program = list->program, .isa = list->isa, .grid = *grid, .n_terms = grid->n_terms};
    recoup_build build = {0};
    recoup_status status = recoup_build_begin(&build, list->program, &tables, list->error);
    if (status != RECOUP_OK)
        goto exit;
    for (int i = 0; points && i < build.x.n; i++) {
        build.x.node[i] = points[i];
        for (int e = 0; e < list->program->exit_first[list->program->n_stages]; e++)
            build.market[e * build.x.n + i] =
                exp(list->program->exit[e].market * RECOUP_TABLES_MAX_Z * points[i]);
    }
    *n_rows = tables.n_slots + N_DAYS;
    size_t size = (size_t)*n_rows * (size_t)build.x.n;
    *win = RECOUP_NEW(double, (size_t)list->n *size);
    if (!*win) {
        status = recoup_fail_memory(list->error);
        goto exit;
    }
    bool *wanted = RECOUP_BUILD_NEW(&build, bool, list->program->n_stages);
    float *mean = RECOUP_BUILD_NEW(&build, float, build.max_width);
    for (int i = 0; i < list->n; i++) {
        for (int stage = 0; wanted && stage < list->program->n_stages; stage++)
            wanted[stage] = true;
        if (!wanted || !mean || !recoup_course_set(&build, &list->probe[i].course, wanted)) {
            status = recoup_fail_memory(list->error);
            goto exit;
        }
        recoup_solve(&build);
        double *own = *win + (size_t)i * size;
        recoup_deal_solve(&build, &list->probe[i].deal, own);
        if (list->probe[i].is_new)
            add_arrivals(&build, mean, own + tables.n_slots * build.x.n);
    }
exit:
    recoup_build_end(&build);
    recoup_arena_clear(&tables.arena);
    return status;
}

static double largest_change(const double *a, const double *b, size_t n) {
    double change = 0;
    for (size_t i = 0; i < n; i++)
        change = fmax(change, fabs(a[i] - b[i]));
    return change;
}

/* Halves the step until nothing changes. */
static recoup_status find_step(const probes *list, recoup_tables_grid *grid) {
    double *coarse = NULL, *fine = NULL, change = 0;
    int n_rows;
    recoup_tables_grid half = *grid;
    recoup_status status = compute(list, grid, NULL, &coarse, &n_rows);
    while (status == RECOUP_OK) {
        half.grid_days = grid->grid_days / 2;
        if (list->program->horizon_days / half.grid_days > RECOUP_TABLES_MAX_CELLS) {
            status = recoup_fail(
                list->error, RECOUP_ENUMERIC, NULL,
                "win tables: with a step of %g days probabilities still change by %.1g when it is "
                "halved; dwell times are too short against the %g days to compute",
                grid->grid_days, change, list->program->horizon_days);
            break;
        }
        status = compute(list, &half, NULL, &fine, &n_rows);
        if (status != RECOUP_OK)
            break;
        change =
            largest_change(coarse, fine, (size_t)list->n * (size_t)n_rows * (size_t)grid->n_terms);
        if (change <= ENOUGH_GRID * list->tolerance) {
            grid->check_error = change;
            break;
        }
        grid->grid_days = half.grid_days;
        free(coarse);
        coarse = fine;
        fine = NULL;
    }
    free(coarse);
    free(fine);
    return status;
}

/* Raises *n, a number of nodes in the grid, through the choices until the values are those of many
 * nodes. */
static recoup_status find_nodes(const probes *list, recoup_tables_grid *grid, int *n,
                                const int *choice, int n_choices, int many) {
    double *exact = NULL, *win = NULL;
    int n_rows;
    *n = many;
    recoup_status status = compute(list, grid, NULL, &exact, &n_rows);
    for (int i = 0; status == RECOUP_OK && i < n_choices; i++) {
        *n = choice[i];
        status = compute(list, grid, NULL, &win, &n_rows);
        size_t size = (size_t)list->n * (size_t)n_rows * (size_t)grid->n_terms;
        double change = status == RECOUP_OK ? largest_change(win, exact, size) : 0;
        free(win);
        win = NULL;
        if (change <=
            ENOUGH_NODES * list->tolerance / 3) /* new deals have one stage more to interpolate */
            break;
    }
    free(exact);
    return status;
}

/* The largest error of the polynomials between their nodes. */
static double polynomial_error(const double *win, const double *exact, size_t n_rows, int n_terms,
                               const double *points) {
    recoup_axis x;
    double weight[RECOUP_TABLES_MAX_TERMS], error = 0;
    recoup_axis_set(&x, n_terms, -1, 1);
    for (int k = 0; k < N_POINTS; k++) {
        recoup_axis_weights(&x, points[k], weight);
        for (size_t row = 0; row < n_rows; row++) {
            double sum = 0;
            for (int i = 0; i < n_terms; i++)
                sum += weight[i] * win[row * (size_t)n_terms + (size_t)i];
            error = fmax(error, fabs(sum - exact[row * N_POINTS + (size_t)k]));
        }
    }
    return error;
}

static recoup_status find_terms(const probes *list, recoup_tables_grid *grid) {
    const int choice[] = {5, 6, 7, 8, 10, 12, 14, 16, RECOUP_TABLES_MAX_TERMS};
    double points[N_POINTS], *exact = NULL, *win = NULL;
    int n_rows;
    for (int k = 0; k < N_POINTS; k++)
        points[k] = CHECKED_Z / RECOUP_TABLES_MAX_Z * (2. * k / (N_POINTS - 1) - 1);
    grid->n_terms = N_POINTS;
    recoup_status status = compute(list, grid, points, &exact, &n_rows);
    for (int i = 0; status == RECOUP_OK && i < (int)(sizeof choice / sizeof *choice); i++) {
        grid->n_terms = choice[i];
        status = compute(list, grid, NULL, &win, &n_rows);
        size_t rows = (size_t)list->n * (size_t)n_rows;
        double error =
            status == RECOUP_OK ? polynomial_error(win, exact, rows, grid->n_terms, points) : 0;
        free(win);
        win = NULL;
        if (error <= ENOUGH_TERMS * list->tolerance)
            break;
    }
    free(exact);
    return status;
}

/* Refines the grid until the probabilities without levers, or with them, are as exact as they have
 * to be. */
static recoup_status refine(const recoup_program *program, recoup_isa isa, bool with_levers,
                            recoup_tables_grid *grid, recoup_error *error) {
    const int sizes[] = {3, 5, 7, 9, 11}, discounts[] = {3, 5, 7, 9};
    bool market = false, size = false, discount = false;
    for (int e = 0; e < program->exit_first[program->n_stages]; e++) {
        market |= program->exit[e].market != 0;
        size |= program->exit[e].size_logit != 0;
        discount |= program->exit[e].discount_logit != 0;
    }
    for (int p = 0; p < program->n_plans; p++)
        discount |= program->plan[p].cap != NULL;
    recoup_tables_grid found = {.grid_days = grid->grid_days,
                                .n_terms = market ? 3 : 1,
                                .n_sizes = size ? 5 : 1,
                                .n_discounts = discount ? 3 : 1};
    probes list = {.program = program,
                   .isa = isa,
                   .with_levers = with_levers,
                   .tolerance = with_levers ? WITH_LEVERS : 1,
                   .error = error};
    list.capacity = 2 * program->n_stages * 2 + 2 * N_OPEN + N_MOVED + N_NEW;
    if (!(list.probe = RECOUP_NEW(probe, list.capacity)))
        return recoup_fail_memory(error);
    choose(&list);
    recoup_status status = find_step(&list, &found);
    if (status == RECOUP_OK && size)
        status = find_nodes(&list, &found, &found.n_sizes, sizes, 5, 15);
    if (status == RECOUP_OK && discount)
        status = find_nodes(&list, &found, &found.n_discounts, discounts, 4, 11);
    if (status == RECOUP_OK && market)
        status = find_terms(&list, &found);
    free(list.probe);
    grid->grid_days = found.grid_days;
    grid->check_error = fmax(grid->check_error, found.check_error);
    grid->n_terms = found.n_terms > grid->n_terms ? found.n_terms : grid->n_terms;
    grid->n_sizes = found.n_sizes > grid->n_sizes ? found.n_sizes : grid->n_sizes;
    grid->n_discounts =
        found.n_discounts > grid->n_discounts ? found.n_discounts : grid->n_discounts;
    return status;
}

recoup_status recoup_grid_find(const recoup_program *program, recoup_isa isa,
                               recoup_tables_grid *grid, recoup_error *error) {
    *grid = (recoup_tables_grid){.grid_days = 1};
    recoup_status status = refine(program, isa, false, grid, error);
    return status == RECOUP_OK ? refine(program, isa, true, grid, error) : status;
}
