/* New deals of the estimator `sample`, one by one. There are few on a path, and most of their time
 * goes into tables that are read at random. */
#include "engine/arrivals.h"

#include "engine/kernels/vector_double.h"
#include "random/random.h"
#include <math.h>

enum { COLUMNS = RECOUP_CHUNK_PATHS };

/* A new deal while it is played. */
typedef struct played {
    const recoup_point *point;
    const recoup_program_stream *stream;
    uint32_t path;
    recoup_arrival arrival;
    int rep; /* before moves of leads */
    recoup_pair booking;
    double amount; /* revised, when is_revised */
    bool is_revised;
    double *weight; /* [node], of Z */
    double *factor; /* [plan]: of the rate */
    double *win;    /* [slot] */
} played;

typedef struct outcome {
    bool capped;
    int cell, slot; /* slot n_slots: not won */
} outcome;

size_t recoup_arrival_scratch(const recoup_tables *tables) {
    return (size_t)(tables->n_nodes + tables->program->n_plans + tables->n_slots) * sizeof(double);
}

/* Standard normal quantile without the library's exp and log; the branches of
 * vector_normal_quantile that are not needed are left out. */
static double normal_quantile(double p) {
    double q = p - 0.5;
    if (fabs(q) <= 0.425)
        return vector_normal_centre(q);
    double root = sqrt(-vector_log(q < 0 ? p : 1 - p));
    double tail = root <= 5 ? vector_normal_tail(root) : vector_normal_far_tail(root);
    return q < 0 ? -tail : tail;
}

static bool is_capped(const recoup_program_plan *plan, const played *at) {
    return plan->cap && at->arrival.discount > plan->cap->max &&
           at->booking.second >= plan->cap->escapes;
}

/* The slot by whose end the deal is won. */
static int find_slot(const recoup_tables *tables, const played *at, int plan, const outcome *end) {
    const recoup_arrival *arrival = &at->arrival;
    double needed = at->point->height / at->factor[plan]; /* infinite without arrivals */
    int slot = 0;
    if (needed >= 1)
        return tables->n_slots;
    recoup_tables_arrival(tables, plan, end->cell, end->capped, arrival->day, arrival->log_size,
                          arrival->discount, at->weight, at->win);
    while (slot < tables->n_slots && at->win[slot] <= needed)
        slot++;
    return slot;
}

/* The levers' factor on the amount (program/tables.h). */
static double amount_factor(const recoup_tables *tables, const recoup_arrival *arrival, int plan,
                            const outcome *end) {
    const recoup_program_plan *of = &tables->program->plan[plan];
    int32_t row = tables->cell_factor[plan * tables->program->n_cells + end->cell];
    double factor = row < 0 ? 1 : (double)tables->factor[row + end->slot];
    if (end->capped && of->cap_cell[end->cell]) {
        double excess = arrival->discount - of->cap->max;
        double cut = (double)tables->cap_cut[plan * tables->n_slots + end->slot];
        factor *= 1 + cut * excess / (1 - arrival->discount);
    }
    return factor;
}

static void book(const recoup_job *job, played *at, int plan, int rep, const outcome *end) {
    const recoup_tables *tables = job->tables;
    double sigma = job->program->revision_sigma;
    if (!at->is_revised && sigma > 0) /* lognormal with mean 1 */
        at->amount *= vector_exp(sigma * normal_quantile(at->booking.first) - 0.5 * sigma * sigma);
    at->is_revised = true;
    double booked = at->amount * amount_factor(tables, &at->arrival, plan, end);
    size_t unit = (size_t)plan * (size_t)tables->n_units +
                  (size_t)(rep >= 0 ? rep : job->program->n_reps + at->stream->cohort);
    size_t week = (size_t)plan * (size_t)job->n_weeks + (size_t)tables->slot_week[end->slot];
    size_t column = (size_t)at->point->column;
    job->paths->unit[unit * COLUMNS + column] += booked;
    job->paths->week[week * COLUMNS + column] += booked;
    job->paths->wins[(size_t)plan * COLUMNS + column] += 1;
}

static void play(const recoup_job *job, played *at) {
    const recoup_program *program = job->program;
    outcome first = {.cell = -1};
    for (int p = 0; p < program->n_plans; p++) {
        const recoup_program_plan *plan = &program->plan[p];
        int rep = recoup_arrival_owner(plan, job->seed, at->path, &at->arrival, at->rep);
        outcome end = {
            .cell = recoup_arrival_cell(program, plan, at->stream, &at->arrival, rep),
            .capped = is_capped(plan, at),
        };
        bool is_same = p > 0 && plan->same_laws && !end.capped && !first.capped &&
                       end.cell == first.cell && at->factor[p] == at->factor[0];
        end.slot = is_same ? first.slot : find_slot(job->tables, at, p, &end);
        if (p == 0)
            first = end;
        if (end.slot < job->tables->n_slots)
            book(job, at, p, rep, &end);
    }
}

void recoup_arrival_play(const recoup_job *job, const recoup_point *point, void *scratch) {
    const recoup_program *program = job->program;
    played at = {
        .point = point,
        .stream = &program->stream[point->stream],
        .path = job->first + (uint32_t)point->column,
        .weight = scratch,
    };
    at.factor = at.weight + job->tables->n_nodes;
    at.win = at.factor + program->n_plans;
    recoup_tables_weights(job->tables, recoup_tables_x(job->market[point->column]), at.weight);
    at.arrival = recoup_arrival_make(program, job->seed, at.path, point->entity, point->day);
    for (int p = 0; p < program->n_plans; p++)
        at.factor[p] = recoup_program_rate_factor(&program->plan[p], at.stream, at.arrival.segment,
                                                  point->day);
    at.amount = at.arrival.amount;
    at.rep = recoup_arrival_rep(program, at.stream, at.arrival.rep_draw);
    at.booking = recoup_random_pair(job->seed, at.path, point->entity, 0, RECOUP_DRAW_NEW_BOOKING);
    play(job, &at);
}
