#include "diagnose/rep_bookings.h"

#include "base/memory.h"
#include "decide/activity.h"
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

enum { MARKETS = RECOUP_ACTIVITY_MARKETS, KINDS = 4 }; /* classes of Z; of amounts, of discounts */

/* Where a day lies among the slots: P(won by it) = P(by the slot before) + share × (P(by the slot)
 * - P(by the slot before)). */
typedef struct moment {
    int slot;
    double share;
} moment;

typedef struct work {
    const recoup_tables *tables;
    const recoup_model *model;
    double to_day;
    moment from, to;
    double log_size[KINDS], amount[KINDS], discount[KINDS];
    int n_sizes, n_discounts;
    double *weight, *win; /* [node], [slot] */
    double *expected;     /* [rep] */
} work;

static moment moment_of(const recoup_tables *tables, double day) {
    int slot = 0;
    while (slot < tables->n_slots - 1 && tables->slot_end[slot] < day)
        slot++;
    double start = slot > 0 ? tables->slot_end[slot - 1] : 0;
    double length = tables->slot_end[slot] - start;
    return (moment){slot, length > 0 ? fmin(1, fmax(0, (day - start) / length)) : 1};
}

static double win_by(const double *win, moment by) {
    double before = by.slot > 0 ? win[by.slot - 1] : 0;
    return before + by.share * (win[by.slot] - before);
}

static double won_between(const work *w) {
    return win_by(w->win, w->to) - win_by(w->win, w->from);
}

/* --- open deals ------------------------------------------------------------------------------- */

static void add_open_deals(const work *w, double x) {
    const recoup_tables *tables = w->tables;
    const recoup_program *program = tables->program;
    for (int i = 0; i < program->n_deals; i++) {
        int rep = program->owner[i].rep;
        if (rep < 0)
            continue;
        const float *row = tables->coefficient + tables->outlook[i].win;
        for (int s = 0; s < tables->n_slots; s++) {
            double p = 0;
            for (int k = tables->n_terms - 1; k >= 0; k--)
                p = p * x + (double)row[(size_t)s * (size_t)tables->n_terms + (size_t)k];
            w->win[s] = p;
        }
        w->expected[rep] += program->deal[i].amount * won_between(w) / MARKETS;
    }
}

/* --- new deals -------------------------------------------------------------------------------- */

/* Amounts stand for equally likely classes; their mean is that of the law. */
static void set_kinds(work *w) {
    const recoup_model *model = w->model;
    double mean = recoup_dist_mean(&model->new_amount), sum = 0;
    w->n_sizes = recoup_funnel_sizes(model, w->log_size, KINDS) ? KINDS : 1;
    w->n_discounts = recoup_funnel_discounts(model, w->discount, KINDS) ? KINDS : 1;
    for (int i = 0; i < w->n_sizes; i++) {
        w->amount[i] = w->n_sizes > 1 ? model->size_ref * exp(w->log_size[i]) : mean;
        sum += w->amount[i];
    }
    for (int i = 0; i < w->n_sizes; i++)
        w->amount[i] *= mean * w->n_sizes / sum;
}

/* Of one new deal of the cell that arrives on `day`. */
static double expect_arrival(const work *w, int cell, double day) {
    double sum = 0;
    for (int i = 0; i < w->n_sizes; i++)
        for (int j = 0; j < w->n_discounts; j++) {
            recoup_tables_arrival(w->tables, 0, cell, false, day, w->log_size[i], w->discount[j],
                                  w->weight, w->win);
            sum += w->amount[i] * won_between(w) / (w->n_sizes * w->n_discounts);
        }
    return sum;
}

/* Of all new deals of the stream at one Z, as many as come at Z = 0. */
static double expect_stream(const work *w, const recoup_program_stream *stream) {
    const recoup_program *program = w->tables->program;
    int n_segments = program->n_segments > 1 && program->n_mix > 0 ? program->n_mix : 1;
    int first = program->n_segments > 1 && program->n_mix == 0 ? program->n_segments - 1 : 0;
    double sum = 0;
    for (double day = 0; day < w->to_day; day++) {
        double part = fmin(1, w->to_day - day);
        for (int k = 0; k < n_segments; k++) {
            int cell = recoup_program_cell(
                program, stream->cohort, program->n_channels == 1 ? 0 : stream->channel, first + k);
            double share = n_segments > 1 ? program->mix[k] - (k > 0 ? program->mix[k - 1] : 0) : 1;
            sum += part * share * expect_arrival(w, cell, day + part / 2);
        }
    }
    return stream->rate * sum;
}

static void add_arrivals(const work *w, double market) {
    const recoup_program *program = w->tables->program;
    double factor = exp(program->market_arrivals * market) / MARKETS;
    for (int s = 0; s < program->n_streams; s++) {
        const recoup_program_stream *stream = &program->stream[s];
        if (stream->n_reps == 0)
            continue;
        double all = factor * expect_stream(w, stream);
        const double *until = &program->stream_rep_weight[stream->first_rep];
        for (int i = 0; i < stream->n_reps; i++)
            w->expected[program->stream_rep[stream->first_rep + i]] +=
                all * (until[i] - (i > 0 ? until[i - 1] : 0));
    }
}

bool recoup_rep_bookings_expect(const recoup_tables *tables, const recoup_model *model,
                                double from_day, double to_day, double *expected) {
    work w = {.tables = tables,
              .model = model,
              .to_day = to_day,
              .from = moment_of(tables, from_day),
              .to = moment_of(tables, to_day),
              .expected = expected};
    double *room = RECOUP_NEW(double, tables->n_nodes + tables->n_slots);
    if (!room)
        return false;
    w.weight = room;
    w.win = room + tables->n_nodes;
    for (int r = 0; r < tables->program->n_reps; r++)
        expected[r] = 0;
    if (tables->program->n_streams > 0)
        set_kinds(&w);
    for (int z = 0; z < MARKETS; z++) {
        double market = gsl_cdf_ugaussian_Pinv((z + .5) / MARKETS);
        double x = recoup_tables_x(market);
        recoup_tables_weights(tables, x, w.weight);
        add_open_deals(&w, x);
        add_arrivals(&w, market);
    }
    free(room);
    return true;
}
