/* Expected wins of new deals: the integral over days of arrival, segments and discounts, by size,
 * factor on the amount and node of x. */
#include "engine/characteristic_arrivals.h"

#include "base/error.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

enum {
    MAX_DISCOUNTS = 512,
    MAX_FACTORS = 256,
    FACTOR_PARTS = 32 /* what a limit multiplies amounts by is kept at multiples of 1 / that */
};

/* Wins of capped deals in one slot with one factor: a sum over nodes of discount. */
typedef struct capped_share {
    int slot, factor;
    double weight[RECOUP_TABLES_MAX_TERMS];
} capped_share;

/* What cells with one row of factors on amounts have in common. */
typedef struct cell_kind {
    int32_t row;  /* -1: 1 in every slot */
    bool limited; /* by a discount limit */
    double
        weight[RECOUP_TABLES_MAX_TERMS]; /* of the nodes of discount: deals that are not capped */
    int factor[RECOUP_TABLES_MAX_SLOTS]; /* of these, as an index */
    int n_shares;
    size_t capacity;
    capped_share *share; /* by slot */
    bool any[2];         /* not capped, capped: sum has something, of the current group */
    double *sum[2];      /* [slot][width] */
    recoup_arrival_rows rows[2];
} cell_kind;

/* What integrating one plan takes. */
typedef struct integration {
    recoup_arrivals *arrivals;
    const recoup_tables *tables;
    const recoup_program *program;
    const recoup_program_plan *plan;
    int plan_index;
    int n_discounts;
    double discount[MAX_DISCOUNTS], share[MAX_DISCOUNTS];
    int n_kinds, *kind_of; /* [cell] */
    size_t capacity;
    cell_kind *kind;
    int n_days;      /* cells of days in which the win tables stay the same */
    int n_breaks;    /* days between which, besides, rates and owners of leads stay the same */
    double *day;     /* [break] */
    double *rep;     /* [rep]: share of the leads of a day */
    double *crew;    /* [crew] likewise */
    int n_profiles;  /* one for each segment where the plan's rates differ by segment, else 1 */
    double *profile; /* [crew * n_channels + channel][n_profiles][cell of days]: arrivals of a
                        group, of all segments together */
    double *scaled;  /* [cell of days] */
    size_t sum_size; /* elements of a kind's sum */
} integration;

/* --- discounts -------------------------------------------------------------------------------- */

/* Midpoints of the linear pieces of the quantile function, pieces cut where the limit is. */
static void set_discounts(integration *at) {
    const recoup_program *program = at->program;
    const recoup_cap *cap = at->plan->cap;
    int n = program->n_discount;
    at->n_discounts = 1;
    at->discount[0] = 0;
    at->share[0] = 1;
    if (n < 2 || (at->tables->grid.n_discounts <= 1 && !cap))
        return;
    at->n_discounts = 0;
    int stride = (2 * (n - 1) + MAX_DISCOUNTS - 1) / MAX_DISCOUNTS;
    for (int i = 0; i + 1 < n; i += stride) {
        int end = i + stride < n - 1 ? i + stride : n - 1;
        double low = program->discount_quantile[i], high = program->discount_quantile[end];
        double cut = cap && cap->max > low && cap->max < high ? cap->max : high;
        double width = (double)(end - i) / (n - 1);
        double below = high > low ? width * (cut - low) / (high - low) : width;
        at->discount[at->n_discounts] = 0.5 * (low + cut);
        at->share[at->n_discounts++] = below;
        if (cut < high) {
            at->discount[at->n_discounts] = 0.5 * (cut + high);
            at->share[at->n_discounts++] = width - below;
        }
    }
}

/* --- factors on amounts ----------------------------------------------------------------------- */

/* The index of a factor; when there are too many, that of the nearest. */
static int find_factor(recoup_arrivals *arrivals, double factor) {
    int nearest = 0;
    for (int i = 0; i < arrivals->n_factors; i++) {
        if (arrivals->factor[i] == factor)
            return i;
        if (fabs(arrivals->factor[i] - factor) < fabs(arrivals->factor[nearest] - factor))
            nearest = i;
    }
    if (arrivals->n_factors == MAX_FACTORS)
        return nearest;
    arrivals->factor[arrivals->n_factors] = factor;
    return arrivals->n_factors++;
}

/* Adds a part of the capped deals with these weights of the nodes of discount. */
static bool add_share(cell_kind *kind, int slot, int factor, double part, const double *weight) {
    int i = kind->n_shares - 1;
    while (i >= 0 && kind->share[i].slot == slot && kind->share[i].factor != factor)
        i--;
    if (i < 0 || kind->share[i].slot != slot) {
        if (!RECOUP_GROW(kind->share, kind->n_shares, kind->capacity))
            return false;
        i = kind->n_shares++;
        kind->share[i] = (capped_share){.slot = slot, .factor = factor};
    }
    for (int k = 0; k < RECOUP_TABLES_MAX_TERMS; k++)
        kind->share[i].weight[k] += part * weight[k];
    return true;
}

/* Capped deals of one discount. What the limit multiplies the amount by differs with the discount:
 * it is spread over three neighbours on a grid so that the first and second moments of the amount
 * are kept (Lagrange's weights); of the third, at most 0.07 / FACTOR_PARTS^3 is lost. */
static bool add_capped(integration *at, cell_kind *kind, double discount, double share) {
    const recoup_tables *tables = at->tables;
    double raise = (discount - at->plan->cap->max) / (1 - discount);
    double weight[RECOUP_TABLES_MAX_TERMS] = {0};
    recoup_tables_discount_weights(tables, at->plan_index, true, discount, weight);
    for (int s = 0; s < tables->n_slots; s++) {
        double own = kind->row < 0 ? 1 : (double)tables->factor[kind->row + s];
        double ratio = 1 + raise * (double)tables->cap_cut[at->plan_index * tables->n_slots + s];
        double nearest = rint(ratio * FACTOR_PARTS), u = ratio * FACTOR_PARTS - nearest;
        const double part[3] = {0.5 * u * (u - 1), 1 - u * u, 0.5 * u * (u + 1)};
        for (int i = 0; i < 3; i++)
            if (part[i] != 0 &&
                !add_share(kind, s,
                           find_factor(at->arrivals, own * (nearest + i - 1) / FACTOR_PARTS),
                           part[i] * share, weight))
                return false;
    }
    return true;
}

static bool set_kind(integration *at, cell_kind *kind) {
    for (int i = 0; i < 2; i++)
        if (!(kind->sum[i] = RECOUP_NEW(double, at->sum_size)))
            return false;
    const recoup_cap *cap = kind->limited ? at->plan->cap : NULL;
    for (int s = 0; s < at->tables->n_slots; s++)
        kind->factor[s] = find_factor(
            at->arrivals, kind->row < 0 ? 1 : (double)at->tables->factor[kind->row + s]);
    for (int d = 0; d < at->n_discounts; d++) {
        double weight[RECOUP_TABLES_MAX_TERMS] = {0};
        double capped = cap && at->discount[d] > cap->max ? 1 - cap->escapes : 0;
        recoup_tables_discount_weights(at->tables, at->plan_index, false, at->discount[d], weight);
        for (int k = 0; k < RECOUP_TABLES_MAX_TERMS; k++)
            kind->weight[k] += at->share[d] * (1 - capped) * weight[k];
        if (capped > 0 && !add_capped(at, kind, at->discount[d], at->share[d] * capped))
            return false;
    }
    return true;
}

static bool set_kinds(integration *at) {
    const recoup_program *program = at->program;
    for (int cell = 0; cell < program->n_cells; cell++) {
        int32_t row = at->tables->cell_factor[at->plan_index * program->n_cells + cell];
        bool limited = at->plan->cap && at->plan->cap_cell[cell];
        int i = 0;
        while (i < at->n_kinds && (at->kind[i].row != row || at->kind[i].limited != limited))
            i++;
        at->kind_of[cell] = i;
        if (i < at->n_kinds)
            continue;
        if (!RECOUP_GROW(at->kind, at->n_kinds, at->capacity))
            return false;
        at->kind[at->n_kinds++] = (cell_kind){.row = row, .limited = limited};
        if (!set_kind(at, &at->kind[i]))
            return false;
    }
    return true;
}

/* --- wins ------------------------------------------------------------------------------------- */

/* Adds what the nodes of discount, weighted, have at the end of one slot. */
static void add_nodes(const integration *at, const recoup_arrival_rows *rows, const double *weight,
                      double sign, const double *row, double *wins) {
    int n = at->arrivals->n_sizes * at->arrivals->n_nodes;
    for (int d = 0; d < rows->n_discounts; d++)
        for (int i = 0; i < n && weight[d] != 0; i++)
            wins[i] += sign * weight[d] * row[d * n + i];
}

/* The slot whose end is looked at first: one factor in all slots, only the end of the last counts.
 */
static int first_slot(const integration *at, const cell_kind *kind, int capped) {
    return !capped && kind->row < 0 ? at->tables->n_slots - 1 : 0;
}

/* at->scaled arrivals of one cell by day. */
static void add_cell(integration *at, int cell) {
    size_t n_slots = (size_t)at->tables->n_slots;
    cell_kind *kind = &at->kind[at->kind_of[cell]];
    for (int capped = 0; capped <= (kind->n_shares > 0); capped++) {
        recoup_arrival_rows rows;
        const float *row =
            recoup_tables_arrival_rows(at->tables, at->plan_index, cell, capped, &rows);
        size_t first = (size_t)first_slot(at, kind, capped), width = (size_t)rows.width;
        if (!row)
            continue;
        at->arrivals->kernels->add_floats((n_slots - first) * width, (size_t)at->n_days,
                                          n_slots * width, at->scaled, row + first * width,
                                          kind->sum[capped] + first * width);
        kind->any[capped] = true;
        kind->rows[capped] = rows;
    }
}

/* Moves a kind's sums to the wins of the group. */
static void keep_wins(integration *at, cell_kind *kind, int capped, double *wins) {
    const recoup_arrival_rows *rows = &kind->rows[capped];
    int n = at->arrivals->n_sizes * at->arrivals->n_nodes, first = first_slot(at, kind, capped);
    for (int s = first; !capped && s < at->tables->n_slots; s++) {
        double *to = wins + kind->factor[s] * n;
        const double *end = kind->sum[0] + s * rows->width;
        add_nodes(at, rows, kind->weight, 1, end, to);
        if (s > first)
            add_nodes(at, rows, kind->weight, -1, end - rows->width, to);
    }
    for (int i = 0; capped && i < kind->n_shares; i++) {
        const capped_share *share = &kind->share[i];
        double *to = wins + share->factor * n;
        const double *end = kind->sum[1] + share->slot * rows->width;
        add_nodes(at, rows, share->weight, 1, end, to);
        if (share->slot > 0)
            add_nodes(at, rows, share->weight, -1, end - rows->width, to);
    }
    memset(kind->sum[capped], 0, at->sum_size * sizeof *kind->sum[capped]);
    kind->any[capped] = false;
}

/* All segments of one crew and channel. */
static void add_segments(integration *at, int crew, int channel, const double *profile) {
    const recoup_program *program = at->program;
    bool mixed = program->n_segments > 1 && program->n_mix > 0;
    for (int i = 0; i < (mixed ? program->n_mix : 1); i++) {
        double mix = mixed ? program->mix[i] - (i > 0 ? program->mix[i - 1] : 0) : 1;
        int segment = mixed ? i : program->n_segments - 1;
        const double *own = profile + (at->n_profiles > 1 ? i * at->n_days : 0);
        for (int day = 0; day < at->n_days; day++)
            at->scaled[day] = mix * own[day];
        if (mix > 0)
            add_cell(at, recoup_program_cell(program, crew, channel, segment));
    }
}

/* --- arrivals by day -------------------------------------------------------------------------- */

/* Shares of the crews in the leads of a stream on a day, after the plan's moves. */
static void share_leads(integration *at, const recoup_program_stream *stream, double day) {
    const recoup_program *program = at->program;
    const int *rep_crew = recoup_program_crews(program, at->plan);
    memset(at->crew, 0, (size_t)recoup_program_n_crews(program) * sizeof *at->crew);
    if (stream->n_reps == 0 || (at->plan->n_lead_moves == 0 && at->plan->n_crews == 0)) {
        at->crew[stream->cohort] = 1;
        return;
    }
    recoup_program_share_leads(program, at->plan, stream, day, at->rep);
    for (int rep = 0; rep < program->n_reps; rep++)
        if (at->rep[rep] > 0)
            at->crew[rep_crew[rep]] += at->rep[rep];
}

/* Arrivals of a stretch of days, shared by the crews. */
static void add_arrivals(integration *at, int channel, int profile, int day, double expected) {
    const recoup_program *program = at->program;
    for (int crew = 0; crew < recoup_program_n_crews(program); crew++) {
        int row = (crew * program->n_channels + channel) * at->n_profiles + profile;
        if (at->crew[crew] > 0)
            at->profile[row * at->n_days + day] += expected * at->crew[crew];
    }
}

static void add_stream(integration *at, const recoup_program_stream *stream, double cell_days) {
    int channel = at->program->n_channels == 1 ? 0 : stream->channel;
    for (int i = 0; i + 1 < at->n_breaks; i++) {
        double start = at->day[i], middle = 0.5 * (start + at->day[i + 1]);
        double expected = stream->rate * (at->day[i + 1] - start);
        int day = (int)(middle / cell_days);
        day = day < at->n_days ? day : at->n_days - 1;
        if (i == 0 || at->plan->n_lead_moves > 0)
            share_leads(at, stream, middle);
        for (int k = 0; k < at->n_profiles; k++) {
            int segment = at->n_profiles > 1 ? k : -1;
            double factor = 1;
            if (at->plan->n_rate_changes > 0)
                factor = recoup_program_rate_factor(at->plan, stream, segment, middle);
            add_arrivals(at, channel, k, day, expected * factor);
        }
    }
}

static int compare_days(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static bool add_break(integration *at, size_t *capacity, double day) {
    if (!(day >= 0 && day < at->program->horizon_days))
        return true;
    if (!RECOUP_GROW(at->day, at->n_breaks, *capacity))
        return false;
    at->day[at->n_breaks++] = day;
    return true;
}

/* A share in force changes in steps of a day (recoup_share). */
static bool add_steps(integration *at, size_t *capacity, double start, double ramp_days) {
    bool added = add_break(at, capacity, start);
    for (int k = 1; added && k <= ramp_days + 1 && start + k < at->program->horizon_days; k++)
        added = add_break(at, capacity, start + k);
    return added;
}

static bool set_breaks(integration *at, double cell_days) {
    const recoup_program_plan *plan = at->plan;
    size_t capacity = 0;
    bool added = true;
    for (int i = 0; added && i < at->n_days; i++)
        added = add_break(at, &capacity, i * cell_days);
    for (int i = 0; added && i < plan->n_rate_changes; i++)
        added = add_steps(at, &capacity, plan->rate_change[i]->start_day,
                          plan->rate_change[i]->ramp_days);
    for (int i = 0; added && i < plan->n_lead_moves; i++)
        added =
            add_steps(at, &capacity, plan->lead_move[i].start_day, plan->lead_move[i].ramp_days);
    if (!added || !RECOUP_GROW(at->day, at->n_breaks, capacity))
        return false;
    at->day[at->n_breaks++] = at->program->horizon_days;
    qsort(at->day, (size_t)at->n_breaks, sizeof *at->day, compare_days);
    return true;
}

/* --- groups of streams ------------------------------------------------------------------------ */

static int count_groups(const recoup_program *program) {
    int n = 0;
    bool plain = false;
    for (int i = 0; i < program->n_streams; i++) {
        n += program->stream[i].dispersion > 0;
        plain |= program->stream[i].dispersion == 0;
    }
    return n + plain;
}

/* Group of a stream: those without dispersion are the first group, if there are any. */
static int group_of(const recoup_program *program, int stream) {
    int before = 0;
    bool plain = false;
    for (int i = 0; i < program->n_streams; i++) {
        plain |= program->stream[i].dispersion == 0;
        before += i < stream && program->stream[i].dispersion > 0;
    }
    return program->stream[stream].dispersion == 0 ? 0 : before + plain;
}

static void add_group(integration *at, int group, double cell_days) {
    const recoup_program *program = at->program;
    int n = recoup_program_n_crews(program) * program->n_channels;
    int size = at->n_profiles * at->n_days;
    double *wins = at->arrivals->wins + (size_t)group * at->arrivals->group_size;
    memset(at->profile, 0, (size_t)(n * size) * sizeof *at->profile);
    for (int i = 0; i < program->n_streams; i++)
        if (group_of(program, i) == group) {
            at->arrivals->dispersion[group] = program->stream[i].dispersion;
            add_stream(at, &program->stream[i], cell_days);
        }
    for (int i = 0; i < n; i++) {
        const double *profile = at->profile + i * size;
        bool any = false;
        for (int k = 0; k < size; k++)
            any |= profile[k] > 0;
        if (any)
            add_segments(at, i / program->n_channels, i % program->n_channels, profile);
    }
    for (int i = 0; i < at->n_kinds; i++)
        for (int capped = 0; capped < 2; capped++)
            if (at->kind[i].any[capped])
                keep_wins(at, &at->kind[i], capped, wins);
}

/* --- set up ----------------------------------------------------------------------------------- */

static double log_low(const recoup_dist *dist, double p) {
    return log(recoup_dist_quantile(dist, p));
}
static double log_high(const recoup_dist *dist, double p) {
    return log(recoup_dist_time_at(dist, log(p)));
}

static recoup_status integrate(integration *at, recoup_error *error) {
    const recoup_program *program = at->program;
    recoup_arrivals *arrivals = at->arrivals;
    recoup_arrival_rows rows;
    int n = recoup_program_n_crews(program) * program->n_channels, most = at->tables->n_nodes;
    recoup_tables_arrival_rows(at->tables, at->plan_index, 0, false, &rows);
    at->n_days = rows.n_days;
    at->n_profiles = at->plan->has_segment_rates && program->n_mix > 0 ? program->n_mix : 1;
    arrivals->n_sizes = rows.n_sizes;
    most *= rows.n_sizes * (at->tables->grid.n_discounts + rows.n_discounts) + 8;
    arrivals->dispersion = RECOUP_NEW(double, arrivals->n_groups);
    arrivals->factor = RECOUP_NEW(double, MAX_FACTORS);
    at->kind_of = RECOUP_NEW(int, program->n_cells);
    at->crew = RECOUP_NEW(double, recoup_program_n_crews(program));
    at->rep = RECOUP_NEW(double, program->n_reps);
    at->profile = RECOUP_NEW(double, n * at->n_profiles * rows.n_days);
    at->scaled = RECOUP_NEW(double, rows.n_days);
    at->sum_size = (size_t)at->tables->n_slots * (size_t)most;
    if (!arrivals->dispersion || !arrivals->factor || !at->kind_of || !at->crew || !at->rep ||
        !at->profile || !at->scaled)
        return recoup_fail_memory(error);
    set_discounts(at);
    if (!set_kinds(at) || !set_breaks(at, rows.days))
        return recoup_fail_memory(error);
    arrivals->group_size =
        (size_t)arrivals->n_factors * (size_t)arrivals->n_sizes * (size_t)arrivals->n_nodes;
    arrivals->wins = RECOUP_NEW(double, (size_t)arrivals->n_groups * arrivals->group_size);
    if (!arrivals->wins)
        return recoup_fail_memory(error);
    for (int group = 0; group < arrivals->n_groups; group++)
        add_group(at, group, rows.days);
    return RECOUP_OK;
}

recoup_status recoup_arrivals_count(recoup_arrivals *arrivals, const recoup_tables *tables,
                                    int plan, recoup_error *error) {
    const recoup_program *program = tables->program;
    const recoup_dist *dist = &program->new_amount;
    integration *at = RECOUP_NEW(integration, 1);
    *arrivals = (recoup_arrivals){.tables = tables,
                                  .kernels = &recoup_characteristic_kernels_for[tables->isa],
                                  .n_nodes = tables->n_nodes};
    if (!at)
        return recoup_fail_memory(error);
    recoup_status status = RECOUP_OK;
    at->arrivals = arrivals;
    at->tables = tables;
    at->program = program;
    at->plan = &program->plan[plan];
    at->plan_index = plan;
    if (program->n_streams > 0) {
        arrivals->n_groups = count_groups(program);
        arrivals->spread = 0.5 * (log_high(dist, 0.1587) - log_low(dist, 0.1587));
        status = integrate(at, error);
    }
    for (int i = 0; i < at->n_kinds; i++) {
        free(at->kind[i].share);
        free(at->kind[i].sum[0]);
        free(at->kind[i].sum[1]);
    }
    free(at->kind);
    free(at->kind_of);
    free(at->day);
    free(at->rep);
    free(at->crew);
    free(at->profile);
    free(at->scaled);
    free(at);
    return status;
}
