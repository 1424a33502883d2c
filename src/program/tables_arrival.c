/* New deals: what they can expect by the day of their arrival, and the bounds that their points are
 * drawn by. */
#include "program/tables_build.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FLOOR_SHARE .02    /* of the largest bound: keeps heights finite where nothing is won */
#define BOUND_MARGIN 1.001 /* between the nodes a polynomial may be a little above them */
#define MAX_LAYERS 1e6
enum { N_BANDS = 20, N_EDGES = (N_BANDS + 1 + 7) / 8 * 8 }; /* edges of bands, padded */

int recoup_course_number(const struct recoup_arrival_tables *arrivals,
                         const recoup_program *program, int plan, int cell, bool capped) {
    int number = plan * program->n_cells + cell;
    if (capped && plan < program->n_plans && program->plan[plan].cap &&
        program->plan[plan].cap_cell[cell])
        number += (program->n_plans + 1) * program->n_cells;
    return arrivals->same_plan[number] * program->n_cells + cell;
}

/* --- which courses ---------------------------------------------------------------------------- */

/* The share of a discount limit counts for capped deals only. */
static bool same_epoch(const recoup_program_plan *a, const recoup_epoch *x,
                       const recoup_program_plan *b, const recoup_epoch *y, int n_exits,
                       bool capped) {
    return x->speed == y->speed && (!capped || x->cap_share == y->cap_share) &&
           memcmp(&a->law[x->law], &b->law[y->law], (size_t)n_exits * sizeof *a->law) == 0;
}

/* The next epoch with other laws. */
static int next_epoch(const recoup_program_plan *plan, int i, int end, int n_exits, bool capped) {
    int next = i + 1;
    while (next < end &&
           same_epoch(plan, &plan->epoch[i], plan, &plan->epoch[next], n_exits, capped))
        next++;
    return next;
}

static bool same_laws(const recoup_program *program, const recoup_program_plan *a,
                      const recoup_program_plan *b, int cell, bool capped) {
    for (int stage = 0; stage < program->n_stages; stage++) {
        const int *of_a = &a->epoch_first[cell * program->n_stages + stage];
        const int *of_b = &b->epoch_first[cell * program->n_stages + stage];
        int n_exits = program->exit_first[stage + 1] - program->exit_first[stage];
        int i = of_a[0], j = of_b[0];
        while (i < of_a[1] && j < of_b[1]) {
            if (a->epoch[i].start_day != b->epoch[j].start_day ||
                !same_epoch(a, &a->epoch[i], b, &b->epoch[j], n_exits, capped))
                return false;
            i = next_epoch(a, i, of_a[1], n_exits, capped);
            j = next_epoch(b, j, of_b[1], n_exits, capped);
        }
        if (i < of_a[1] || j < of_b[1])
            return false;
    }
    return true;
}

static bool same_cap(const recoup_program *program, int first, int plan, int cell) {
    const recoup_program_plan *a = &program->plan[first], *b = &program->plan[plan];
    return a->cap && a->cap_cell[cell] && a->cap->max == b->cap->max &&
           a->cap->win_logit_per_point == b->cap->win_logit_per_point &&
           same_laws(program, a, b, cell, true);
}

/* The first plan with the same laws, and of those with a limit the first with the same for capped
 * deals, n_plans + 1 added. */
static void set_same_plans(const recoup_program *program, int *same_plan) {
    int n_plans = program->n_plans, n_cells = program->n_cells;
    for (int plan = 0; plan <= n_plans; plan++)
        for (int cell = 0; cell < n_cells; cell++) {
            int first = 0;
            while (first < plan && !same_laws(program, recoup_plan_at(program, first),
                                              recoup_plan_at(program, plan), cell, false))
                first++;
            same_plan[plan * n_cells + cell] = first;
        }
    for (int plan = 0; plan < n_plans; plan++)
        for (int cell = 0; program->plan[plan].cap && cell < n_cells; cell++) {
            int first = 0;
            while (first < plan && !same_cap(program, first, plan, cell))
                first++;
            same_plan[(n_plans + 1 + plan) * n_cells + cell] = n_plans + 1 + first;
        }
}

/* Which crews new deals of a stream can belong to under a plan. */
static void find_crews(const recoup_program *program, const recoup_program_plan *plan,
                       const recoup_program_stream *stream, bool *rep, bool *crew) {
    const int *rep_crew = recoup_program_crews(program, plan);
    memset(rep, 0, (size_t)program->n_reps * sizeof *rep);
    memset(crew, 0, (size_t)recoup_program_n_crews(program) * sizeof *crew);
    crew[stream->cohort] = true;
    for (int i = 0; i < stream->n_reps; i++) {
        int own = program->stream_rep[stream->first_rep + i];
        rep[own] = crew[rep_crew[own]] = true;
    }
    for (int i = 0; i < plan->n_lead_moves; i++) {
        const recoup_lead_move *move = &plan->lead_move[i];
        bool any = false;
        for (int r = 0; r < program->n_reps; r++)
            any |= rep[r] && move->from[r];
        for (int k = 0; any && k < move->n_to; k++) {
            rep[move->to[k]] = true;
            if (rep_crew[move->to[k]] >= 0)
                crew[rep_crew[move->to[k]]] = true;
        }
    }
}

/* Segments of new deals: first and one beyond the last. */
static void find_segments(const recoup_program *program, int *first, int *end) {
    *first = program->n_segments > 1 && program->n_mix == 0 ? program->n_segments - 1 : 0;
    *end = program->n_segments > 1 && program->n_mix > 0 ? program->n_mix : *first + 1;
}

static int cell_of(const recoup_program *program, const recoup_program_stream *stream, int crew,
                   int segment) {
    return recoup_program_cell(program, crew, program->n_channels == 1 ? 0 : stream->channel,
                               segment);
}

typedef void visit_function(recoup_build *build, int stream, int plan, int cell, bool capped,
                            void *user);

/* Calls for every (stream, plan, cell) that new deals can have, the plan `none` included. */
static recoup_status visit(recoup_build *build, visit_function *visitor, void *user) {
    const recoup_program *program = build->program;
    int n_crews = recoup_program_n_crews(program), first, end;
    bool *rep = RECOUP_NEW(bool, program->n_reps), *crew = RECOUP_NEW(bool, n_crews);
    recoup_status status = RECOUP_OK;
    if (!rep || !crew) {
        status = recoup_fail_memory(build->error);
        goto exit;
    }
    find_segments(program, &first, &end);
    for (int s = 0; s < program->n_streams; s++)
        for (int plan = 0; plan <= program->n_plans; plan++) {
            const recoup_program_plan nothing = {0};
            bool none = plan == program->n_plans;
            const recoup_program_plan *moves = none ? &nothing : &program->plan[plan];
            find_crews(program, moves, &program->stream[s], rep, crew);
            for (int c = 0; c < n_crews; c++)
                for (int segment = first; crew[c] && segment < end; segment++) {
                    int cell = cell_of(program, &program->stream[s], c, segment);
                    visitor(build, s, plan, cell, false, user);
                    if (moves->cap && moves->cap_cell[cell] &&
                        build->discount_high > moves->cap->max)
                        visitor(build, s, plan, cell, true, user);
                }
        }
exit:
    free(rep);
    free(crew);
    return status;
}

static void want(recoup_build *build, int stream, int plan, int cell, bool capped, void *user) {
    struct recoup_arrival_tables *arrivals = build->tables->arrivals;
    const recoup_program *program = build->program;
    int course = recoup_course_number(arrivals, program, plan, cell, capped);
    int n = build->size.n * build->x.n *
            (course > program->n_plans * program->n_cells + program->n_cells - 1
                 ? build->tables->grid.n_discounts
                 : build->discount[0].n);
    (void)stream;
    arrivals->width[course] = (n + 7) / 8 * 8;
    if (arrivals->win[course])
        return;
    size_t size = (size_t)arrivals->n_buckets * (size_t)build->tables->n_slots;
    arrivals->win[course] =
        RECOUP_TABLES_NEW(build->tables, float, size *(size_t)arrivals->width[course]);
    *(bool *)user |= !arrivals->win[course];
}

recoup_status recoup_arrivals_begin(recoup_build *build) {
    const recoup_program *program = build->program;
    recoup_tables *tables = build->tables;
    size_t n_courses = (size_t)(2 * program->n_plans + 1) * (size_t)program->n_cells;
    struct recoup_arrival_tables *arrivals =
        RECOUP_TABLES_NEW(tables, struct recoup_arrival_tables, 1);
    bool failed = false;
    if (!arrivals)
        return recoup_fail_memory(build->error);
    tables->arrivals = arrivals;
    int cells = recoup_bucket_cells(build);
    arrivals->bucket_days = cells * build->step;
    arrivals->n_buckets = (build->n_cells + cells - 1) / cells;
    arrivals->same_plan = RECOUP_TABLES_NEW(tables, int, n_courses);
    arrivals->win = RECOUP_TABLES_NEW(tables, float *, n_courses);
    arrivals->width = RECOUP_TABLES_NEW(tables, int, n_courses);
    arrivals->discount = RECOUP_TABLES_NEW(tables, recoup_axis, program->n_plans + 1);
    if (!arrivals->same_plan || !arrivals->win || !arrivals->width || !arrivals->discount)
        return recoup_fail_memory(build->error);
    arrivals->x = build->x;
    arrivals->size = build->size;
    for (int plan = -1; plan < program->n_plans; plan++) {
        recoup_axis *axis = &arrivals->discount[plan + 1];
        *axis = build->discount[0];
        if (plan >= 0 && program->plan[plan].cap &&
            build->discount_high > program->plan[plan].cap->max)
            recoup_axis_set(axis, tables->grid.n_discounts, program->plan[plan].cap->max,
                            build->discount_high);
    }
    set_same_plans(program, arrivals->same_plan);
    recoup_status status = visit(build, want, &failed);
    return failed ? recoup_fail_memory(build->error) : status;
}

/* --- probabilities ---------------------------------------------------------------------------- */

int recoup_bucket_cells(const recoup_build *build) {
    return build->step < 1 ? (int)lround(1 / build->step) : 1;
}

void recoup_bucket_add(const recoup_build *build, int bucket, int slot, float *win) {
    int cells = recoup_bucket_cells(build), width = build->width;
    int from = bucket * cells, to = from + cells;
    to = to < build->n_cells ? to : build->n_cells;
    for (int side = 0; side < 2; side++) { /* the marks at and after the slot's end */
        int mark = build->slot_mark[slot] + side;
        double share = build->slot_share[slot];
        share = (side ? share : 1 - share) / (to - from);
        if (mark < 0 || share == 0)
            continue;
        for (int cell = from; cell < to && cell < build->mark[mark]; cell++) {
            const float *mean = build->fast_mean + (build->row_at[build->steady ? 0 : mark] +
                                                    (size_t)(build->mark[mark] - cell - 1)) *
                                                       (size_t)width;
            for (int i = 0; i < width; i++)
                win[i] += (float)share * mean[i];
        }
    }
}

void recoup_arrivals_keep(const recoup_build *build, int course) {
    struct recoup_arrival_tables *arrivals = build->tables->arrivals;
    float *win = arrivals->win[course];
    for (int bucket = 0; win && bucket < arrivals->n_buckets; bucket++)
        for (int slot = 0; slot < build->tables->n_slots; slot++, win += build->width)
            recoup_bucket_add(build, bucket, slot, win);
}

void recoup_tables_weights(const recoup_tables *tables, double x, double *weight) {
    recoup_axis_weights(&tables->arrivals->x, x, weight);
}

void recoup_tables_arrival(const recoup_tables *tables, int plan, int cell, bool capped, double day,
                           double log_size, double discount, const double *weight, double *win) {
    const recoup_program *program = tables->program;
    const struct recoup_arrival_tables *arrivals = tables->arrivals;
    double size_weight[RECOUP_TABLES_MAX_TERMS], discount_weight[RECOUP_TABLES_MAX_TERMS];
    int course = recoup_course_number(arrivals, program, plan, cell, capped);
    bool is_capped = course >= (program->n_plans + 1) * program->n_cells;
    const recoup_axis *axis = &arrivals->discount[is_capped ? plan + 1 : 0];
    int n_x = arrivals->x.n, n_size = arrivals->size.n;
    memset(win, 0, (size_t)tables->n_slots * sizeof *win);
    if (!arrivals->win[course])
        return;
    int bucket = day > 0 ? (int)(day / arrivals->bucket_days) : 0;
    bucket = bucket < arrivals->n_buckets ? bucket : arrivals->n_buckets - 1;
    recoup_axis_weights(&arrivals->size, log_size, size_weight);
    recoup_axis_weights(axis, discount, discount_weight);
    size_t width = (size_t)arrivals->width[course];
    const float *at = arrivals->win[course] + (size_t)bucket * (size_t)tables->n_slots * width;
    for (int node = 0; node < axis->n * n_size; node++) {
        double share = discount_weight[node / n_size] * size_weight[node % n_size];
        const float *of = at + node * n_x;
        for (int slot = 0; slot < tables->n_slots; slot++, of += width) {
            double sum = 0;
            for (int i = 0; i < n_x; i++)
                sum += weight[i] * (double)of[i];
            win[slot] += share * sum;
        }
    }
}

const float *recoup_tables_arrival_rows(const recoup_tables *tables, int plan, int cell,
                                        bool capped, recoup_arrival_rows *rows) {
    const struct recoup_arrival_tables *arrivals = tables->arrivals;
    int course = recoup_course_number(arrivals, tables->program, plan, cell, capped);
    bool is_capped = course >= (tables->program->n_plans + 1) * tables->program->n_cells;
    *rows = (recoup_arrival_rows){.n_days = arrivals->n_buckets,
                                  .days = arrivals->bucket_days,
                                  .width = arrivals->width[course],
                                  .n_discounts = arrivals->discount[is_capped ? plan + 1 : 0].n,
                                  .n_sizes = arrivals->size.n};
    return arrivals->win[course];
}

void recoup_tables_discount_weights(const recoup_tables *tables, int plan, bool capped,
                                    double discount, double *weight) {
    recoup_axis_weights(&tables->arrivals->discount[capped ? plan + 1 : 0], discount, weight);
}

void recoup_tables_size_weights(const recoup_tables *tables, double log_size, double *weight) {
    recoup_axis_weights(&tables->arrivals->size, log_size, weight);
}

/* --- bounds ----------------------------------------------------------------------------------- */

typedef struct bounds {
    double edge[RECOUP_TABLES_MAX_TERMS][N_EDGES]; /* weight of each node at the edges of bands */
    int n_edges;
    double *bound;
    double *factor; /* [bucket]: largest rate factor of these: */
    int for_stream, for_plan, for_segment;
    double **highest; /* [course]: [bucket][edge]; NULL: not yet */
    int *last_stream; /* [course]: for which a plan that leaves rates alone was last counted */
    double *reach;    /* [stream][bucket] */
    bool failed;      /* out of memory */
} bounds;

/* For each bucket of arrival, at the edges of the bands: the probability to win within the horizon,
 * whatever the size and discount. NULL: out of memory. */
static const double *find_highest(recoup_build *build, bounds *limits, int course) {
    const recoup_tables *tables = build->tables;
    const struct recoup_arrival_tables *arrivals = tables->arrivals;
    int width = arrivals->width[course], n_x = arrivals->x.n;
    bool is_capped = course >= (build->program->n_plans + 1) * build->program->n_cells;
    int n_points = build->size.n * (is_capped ? tables->grid.n_discounts : build->discount[0].n);
    double *highest = limits->highest[course];
    if (highest || !(highest = RECOUP_BUILD_NEW(build, double, arrivals->n_buckets *N_EDGES)))
        return highest;
    limits->highest[course] = highest;
    for (int bucket = 0; bucket < arrivals->n_buckets; bucket++, highest += N_EDGES) {
        const float *at =
            arrivals->win[course] + (size_t)((bucket + 1) * tables->n_slots - 1) * (size_t)width;
        for (int point = 0; point < n_points; point++, at += n_x) {
            double sum[N_EDGES] = {0};
            for (int i = 0; i < n_x; i++)
                for (int k = 0; k < N_EDGES; k++)
                    sum[k] += limits->edge[i][k] * (double)at[i];
            for (int k = 0; k < N_EDGES; k++)
                highest[k] = sum[k] > highest[k] ? sum[k] : highest[k];
        }
    }
    return limits->highest[course];
}

/* Of both edges of a band. */
static double highest_in(const bounds *limits, const double *highest, int band) {
    double a = highest[band], b = highest[band + 1 < limits->n_edges ? band + 1 : band];
    return a > b ? a : b;
}

static void add_bound(recoup_build *build, int stream, int plan, int cell, bool capped,
                      void *user) {
    bounds *limits = user;
    if (plan != build->program->n_plans)
        return;
    int course = recoup_course_number(build->tables->arrivals, build->program, plan, cell, capped);
    const double *highest = find_highest(build, limits, course);
    limits->failed |= !highest;
    double *bound = limits->bound + stream * build->tables->n_bands;
    for (int bucket = 0; highest && bucket < build->tables->arrivals->n_buckets; bucket++)
        for (int band = 0; band < build->tables->n_bands; band++)
            bound[band] = fmax(bound[band],
                               BOUND_MARGIN * highest_in(limits, highest + bucket * N_EDGES, band));
}

static void set_factors(const recoup_build *build, bounds *limits, int stream, int plan, int cell) {
    const struct recoup_arrival_tables *arrivals = build->tables->arrivals;
    const recoup_program *program = build->program;
    const recoup_program_plan *rates = &program->plan[plan];
    int segment = program->n_mix > 0 ? cell % program->n_segments : -1; /* 0 where none matters */
    if (limits->for_stream == stream && limits->for_plan == plan &&
        (limits->for_segment == segment || !rates->has_segment_rates))
        return;
    limits->for_stream = stream;
    limits->for_plan = plan;
    limits->for_segment = segment;
    for (int bucket = 0; bucket < arrivals->n_buckets; bucket++) {
        double highest = rates->n_rate_changes == 0;
        for (int k = 0; rates->n_rate_changes && k < 4; k++) { /* shares are steps of a day */
            double day = (bucket + k / 3. * .999999) * arrivals->bucket_days;
            highest = fmax(
                highest, recoup_program_rate_factor(rates, &program->stream[stream], segment, day));
        }
        limits->factor[bucket] = highest;
    }
}

/* The largest rate factor × probability of each day, in units of the bound. */
static void add_reach(recoup_build *build, int stream, int plan, int cell, bool capped,
                      void *user) {
    const recoup_tables *tables = build->tables;
    const struct recoup_arrival_tables *arrivals = tables->arrivals;
    bounds *limits = user;
    if (plan == build->program->n_plans)
        return;
    int course = recoup_course_number(arrivals, build->program, plan, cell, capped);
    if (build->program->plan[plan].n_rate_changes == 0) { /* the same as of other such plans */
        if (limits->last_stream[course] == stream + 1)
            return;
        limits->last_stream[course] = stream + 1;
    }
    const double *bound = limits->bound + stream * tables->n_bands;
    double *reach = limits->reach + stream * arrivals->n_buckets;
    set_factors(build, limits, stream, plan, cell);
    const double *highest = find_highest(build, limits, course);
    limits->failed |= !highest;
    for (int bucket = 0; highest && bucket < arrivals->n_buckets; bucket++, highest += N_EDGES) {
        double most = 0;
        for (int band = 0; band < tables->n_bands; band++)
            if (bound[band] > 0)
                most = fmax(most, highest_in(limits, highest, band) / bound[band]);
        reach[bucket] = fmax(reach[bucket], BOUND_MARGIN * limits->factor[bucket] * most);
    }
}

recoup_status recoup_arrivals_bound(recoup_build *build) {
    recoup_tables *tables = build->tables;
    const recoup_program *program = build->program;
    bounds limits = {.for_stream = -1};
    size_t n_courses = (size_t)(2 * program->n_plans + 1) * (size_t)program->n_cells;
    double weight[RECOUP_TABLES_MAX_TERMS], layers = 1;
    tables->n_nodes = build->x.n;
    tables->node = tables->arrivals->x.node;
    tables->n_bands = build->x.n > 1 ? N_BANDS : 1;
    limits.n_edges = tables->n_bands > 1 ? N_BANDS + 1 : 1;
    limits.bound = RECOUP_TABLES_NEW(tables, double, program->n_streams * tables->n_bands);
    limits.factor = RECOUP_BUILD_NEW(build, double, tables->arrivals->n_buckets);
    limits.reach =
        RECOUP_TABLES_NEW(tables, double, program->n_streams * tables->arrivals->n_buckets);
    limits.highest = RECOUP_BUILD_NEW(build, double *, n_courses);
    limits.last_stream = RECOUP_BUILD_NEW(build, int, n_courses);
    if (!limits.bound || !limits.factor || !limits.reach || !limits.highest || !limits.last_stream)
        return recoup_fail_memory(build->error);
    for (int k = 0; k < limits.n_edges; k++) {
        recoup_axis_weights(&build->x, -1 + 2. * k / N_BANDS, weight);
        for (int i = 0; i < build->x.n; i++)
            limits.edge[i][k] = weight[i];
    }
    recoup_status status = visit(build, add_bound, &limits);
    for (int s = 0; s < program->n_streams; s++) {
        double *bound = limits.bound + s * tables->n_bands, highest = 0;
        for (int band = 0; band < tables->n_bands; band++)
            highest = fmax(highest, bound[band]);
        for (int band = 0; band < tables->n_bands; band++)
            bound[band] = fmax(bound[band], FLOOR_SHARE * highest);
    }
    if (status == RECOUP_OK)
        status = visit(build, add_reach, &limits);
    tables->n_reaches = tables->arrivals->n_buckets;
    tables->reach_days = tables->arrivals->bucket_days;
    tables->reach = limits.reach;
    tables->bound = limits.bound;
    for (int i = 0; i < program->n_streams * tables->n_reaches; i++)
        layers = fmax(layers, limits.reach[i]);
    /* Where no plan has a lever both margins are the same, but for rounding. */
    tables->n_layers = (int)ceil(fmin(layers, MAX_LAYERS) - 1e-6);
    return limits.failed ? recoup_fail_memory(build->error) : status;
}
