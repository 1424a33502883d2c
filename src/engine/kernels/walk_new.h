/* New deals of one stream, on all paths of the chunk, path after path: as recoup_arrival_make makes
 * them (engine/arrivals.h), many at a time. */
#ifndef RECOUP_ENGINE_KERNELS_WALK_NEW_H
#define RECOUP_ENGINE_KERNELS_WALK_NEW_H

#include "engine/arrivals.h"
#include "engine/kernels/walk_lanes.h"

/* How far a stream has been read. */
typedef struct walk_source {
    const recoup_program_stream *stream;
    int column, layer;
    unsigned next, end; /* of the column's layer */
    bool is_counted;
} walk_source;

static inline void walk_count_arrivals(const walk_batch *batch, walk_source *source) {
    const recoup_job *job = batch->job;
    const recoup_program_stream *stream = source->stream;
    uint32_t path = job->first + (uint32_t)source->column;
    uint64_t key = recoup_arrival_key(stream, source->layer);
    recoup_pair count = recoup_random_pair(job->seed, path, key, 0, RECOUP_DRAW_COUNT);
    double mean =
        stream->rate * batch->program->horizon_days * batch->arrival_market[source->column];
    if (stream->dispersion > 0) {
        recoup_pair draw = recoup_random_pair(job->seed, path, stream->key, 1, RECOUP_DRAW_COUNT);
        mean *= recoup_arrival_dispersion(stream->dispersion, draw.first);
    }
    source->next = 0;
    source->end = recoup_poisson_quantile(mean, count.first);
    source->is_counted = true;
}

/* Places and numbers of the next deals: as many as a batch holds. */
static inline void walk_read_source(walk_batch *batch, walk_source *source) {
    int n = 0;
    while (source->column < batch->job->paths->n && n < WALK_LANES) {
        if (!source->is_counted)
            walk_count_arrivals(batch, source);
        uint64_t key = recoup_arrival_key(source->stream, source->layer);
        for (; source->next < source->end && n < WALK_LANES; source->next++, n++) {
            batch->column[n] = source->column;
            batch->entity_low[n] = (uint32_t)key | source->next;
            batch->entity_high[n] = (uint32_t)(key >> 32);
            batch->layer[n] = source->layer;
        }
        if (source->next < source->end)
            break;
        source->is_counted = false;
        if (++source->layer == batch->program->n_layers) {
            source->layer = 0;
            source->column++;
        }
    }
    for (int i = n; i < list_padded(n); i++) {
        batch->column[i] = batch->layer[i] = 0;
        batch->entity_low[i] = batch->entity_high[i] = 0;
    }
    batch->n_items = batch->n_lanes = n;
}

/* Lanes first .. first + n - 1: at most WALK_BLOCK. */
static inline void walk_draw(walk_batch *batch, int first, int n, recoup_purpose purpose, double *u,
                             double *v) {
    walk_work *work = &batch->work;
#pragma omp simd
    for (int i = 0; i < list_padded(n); i++) {
        work->path[i] = batch->job->first + (uint32_t)batch->column[first + i];
        work->entity_low[i] = batch->entity_low[first + i];
        work->entity_high[i] = batch->entity_high[first + i];
    }
    walk_uniforms(batch, work, n, philox_last(0, purpose), u, v);
}

static inline void walk_make_amounts(walk_batch *batch, int first, int n) {
    walk_work *work = &batch->work;
    walk_stay *stay = &work->fresh;
    double scale = batch->tables->new_amount_scale;
    walk_draw(batch, first, n, RECOUP_DRAW_DEAL, stay->dwell, batch->rep_draw + first);
#pragma omp simd
    for (int i = 0; i < list_padded(n); i++)
        stay->scale[i] = scale;
    walk_times(&batch->tables->new_amount, stay, n, &work->family);
    for (int i = 0; i < n; i++) {
        batch->amount[first + i] = stay->time[i];
        batch->log_size[first + i] = vector_log(stay->time[i]) - batch->program->log_size_ref;
    }
}

static inline void walk_make_mix(walk_batch *batch, int first, int n) {
    const recoup_program *program = batch->program;
    walk_work *work = &batch->work;
    int last = program->n_discount - 1;
    if (program->n_mix == 0 && last < 1) {
        memset(batch->discount + first, 0, (size_t)n * sizeof *batch->discount);
        memset(batch->segment + first, -1, (size_t)n * sizeof *batch->segment);
        return;
    }
    const double *u = work->total, *v = work->edge, *quantile = program->discount_quantile;
    int32_t *segment = batch->segment + first;
    double *discount = batch->discount + first;
    walk_draw(batch, first, n, RECOUP_DRAW_MIX, work->total, work->edge);
    memset(segment, program->n_mix > 0 ? 0 : -1, (size_t)n * sizeof *segment);
    memset(discount, 0, (size_t)n * sizeof *discount);
    for (int k = 0; k + 1 < program->n_mix; k++) {
        double end = program->mix[k];
#pragma omp simd
        for (int i = 0; i < n; i++)
            segment[i] += u[i] >= end;
    }
    if (last >= 1)
#pragma omp simd
        for (int i = 0; i < n; i++) {
            double x = v[i] * last;
            int k = (int)x < last ? (int)x : last - 1;
            discount[i] = quantile[k] + (x - k) * (quantile[k + 1] - quantile[k]);
        }
}

/* As recoup_arrival_rep: reps are few, so that all weights are tried. */
static inline void walk_find_reps(walk_batch *batch) {
    const recoup_program_stream *stream = batch->stream;
    const double *weight = &batch->program->stream_rep_weight[stream->first_rep];
    const int *rep = &batch->program->stream_rep[stream->first_rep];
    int32_t *first_rep = batch->first_rep;
    int n = batch->n_items;
    memset(first_rep, stream->n_reps > 0 ? 0 : -1, (size_t)n * sizeof *first_rep);
    if (stream->n_reps == 0)
        return;
    for (int k = 0; k < stream->n_reps - 1; k++) {
        double end = weight[k];
#pragma omp simd
        for (int i = 0; i < n; i++)
            first_rep[i] += batch->rep_draw[i] >= end;
    }
    for (int i = 0; i < n; i++)
        first_rep[i] = rep[first_rep[i]];
}

/* --- which deals there are -------------------------------------------------------------------- */

/* What a plan multiplies the stream's arrivals by: a constant after all changes, and between the
 * bounds on the way there. */
typedef struct walk_rates {
    double from_day, until_day; /* on the way */
    double low, high;
    const double *after; /* [segment + 1] */
} walk_rates;

static inline walk_rates walk_find_rates(const walk_batch *batch,
                                         const recoup_program_plan *rules) {
    walk_rates rates = {.from_day = INFINITY, .until_day = -INFINITY, .after = batch->rate_after};
    double low = 0, high = 0;
    for (int i = 0; i < rules->n_rate_changes; i++) {
        const recoup_change *change = rules->rate_change[i];
        double end = change->start_day + vector_max(change->ramp_days, 0);
        rates.from_day = vector_min(rates.from_day, change->start_day);
        rates.until_day = vector_max(rates.until_day, end);
        bool hires = change->quantity == RECOUP_CHANGE_HIRES; /* their logs add up to more */
        double value = hires ? vector_log(1 + change->value) : change->value;
        low += vector_min(value, 0);
        high += vector_max(value, 0);
    }
    rates.until_day += 1; /* ramps are in steps of a day */
    for (int k = 0; k <= batch->program->n_mix; k++)
        batch->rate_after[k] =
            k == 0 || rules->has_segment_rates
                ? recoup_program_rate_factor(rules, batch->stream, k - 1, rates.until_day)
                : batch->rate_after[0];
    rates.low = vector_exp(low) * (1 - 1e-9) - 1e-300; /* vector_exp never gives 0 */
    rates.high = vector_exp(high) * (1 + 1e-9);
    return rates;
}

/* Which deals the plan has: clear from the bounds for all but a few. */
static inline void walk_admit_block(walk_batch *batch, const recoup_program_plan *rules,
                                    const walk_rates *rates, int first, int n) {
    const double *day = batch->arrival_day + first, *height = batch->height + first;
    uint8_t *is_admitted = batch->is_admitted + first, *doubt = batch->work.doubt;
    const int32_t *segment = batch->segment + first;
    double from_day = rates->from_day, until_day = rates->until_day;
    double low = rates->low, high = rates->high, *after = batch->work.total;
    for (int i = 0; i < list_padded(n); i++)
        after[i] = rates->after[0];
    for (int i = 0; i < n && rules->has_segment_rates; i++)
        after[i] = rates->after[segment[i] + 1];
#pragma omp simd
    for (int i = 0; i < list_padded(n); i++) {
        bool is_changing = (day[i] >= from_day) & (day[i] < until_day);
        double steady = day[i] >= until_day ? after[i] : 1;
        is_admitted[i] = height[i] < (is_changing ? low : steady);
        doubt[i] = is_changing & (height[i] >= low) & (height[i] < high);
    }
    for (int i = 0; i < n && rules->n_rate_changes > 0; i += LIST_STEP)
        for (uint32_t bits = list_mask(doubt + i) & list_inside(i, n); bits; bits &= bits - 1) {
            int k = i + __builtin_ctz(bits);
            is_admitted[k] =
                height[k] < recoup_program_rate_factor(rules, batch->stream, segment[k], day[k]);
        }
}

static inline void walk_admit_deals(walk_batch *batch, const recoup_program_plan *rules) {
    walk_rates rates = walk_find_rates(batch, rules);
    for (int first = 0; first < batch->n_items; first += WALK_BLOCK) {
        int left = batch->n_items - first;
        walk_admit_block(batch, rules, &rates, first, left < WALK_BLOCK ? left : WALK_BLOCK);
    }
}

/* Drops the deals that no plan has: most of those above the first layer. */
static inline void walk_drop_deals(walk_batch *batch) {
    const recoup_program *program = batch->program;
    int n = batch->n_items, kept = 0;
    memset(batch->is_some_plans, 0, (size_t)n * sizeof *batch->is_some_plans);
    for (int p = 0; p < program->n_plans; p++) {
        walk_admit_deals(batch, &program->plan[p]);
        for (int i = 0; i < n; i++)
            batch->is_some_plans[i] |= batch->is_admitted[i];
    }
    for (int i = 0; i < n; i++) {
        batch->column[kept] = batch->column[i];
        batch->entity_low[kept] = batch->entity_low[i];
        batch->entity_high[kept] = batch->entity_high[i];
        batch->arrival_day[kept] = batch->arrival_day[i];
        batch->height[kept] = batch->height[i];
        kept += batch->is_some_plans[i];
    }
    for (int i = kept; i < list_padded(kept); i++) {
        batch->column[i] = 0;
        batch->entity_low[i] = batch->entity_high[i] = 0;
    }
    batch->n_items = batch->n_lanes = kept;
}

/* Whether some plan has a deal or not by its segment. */
static inline bool walk_needs_segments(const recoup_program *program) {
    bool any = false;
    for (int p = 0; p < program->n_plans; p++)
        any |= program->plan[p].has_segment_rates;
    return any;
}

/* What the deals are, whatever the plan. */
static inline void walk_make_deals(walk_batch *batch) {
    const recoup_program *program = batch->program;
    for (int first = 0; first < batch->n_items; first += WALK_BLOCK) {
        int n = batch->n_items - first < WALK_BLOCK ? batch->n_items - first : WALK_BLOCK;
        double *day = batch->arrival_day + first, *height = batch->height + first;
        walk_draw(batch, first, n, RECOUP_DRAW_ARRIVAL, day, height);
        for (int i = 0; i < n; i++) {
            day[i] *= program->horizon_days;
            height[i] += batch->layer[first + i];
        }
    }
    if (program->n_layers > 1) {
        for (int first = 0; walk_needs_segments(program) && first < batch->n_items;
             first += WALK_BLOCK) {
            int n = batch->n_items - first < WALK_BLOCK ? batch->n_items - first : WALK_BLOCK;
            walk_make_mix(batch, first, n);
        }
        walk_drop_deals(batch);
    }
    for (int first = 0; first < batch->n_items; first += WALK_BLOCK) {
        int n = batch->n_items - first < WALK_BLOCK ? batch->n_items - first : WALK_BLOCK;
        walk_make_amounts(batch, first, n);
        walk_make_mix(batch, first, n);
    }
    walk_find_reps(batch);
}

/* --- under a plan ----------------------------------------------------------------------------- */

/* Leads that go to other reps. */
static inline void walk_move_leads(walk_batch *batch, int32_t *rep) {
    for (int i = 0; i < batch->n_items; i++) {
        recoup_arrival arrival = {
            .entity = (uint64_t)batch->entity_high[i] << 32 | batch->entity_low[i],
            .day = batch->arrival_day[i],
        };
        rep[i] =
            recoup_arrival_owner(batch->rules, batch->job->seed,
                                 batch->job->first + (uint32_t)batch->column[i], &arrival, rep[i]);
    }
}

/* Whose the deals are, and their cells: as recoup_arrival_cell. */
static inline void walk_find_new_owners(walk_batch *batch, int32_t *cell, int32_t *rep) {
    const recoup_program *program = batch->program;
    const int *rep_crew = recoup_program_crews(program, batch->rules);
    int n = batch->n_items, n_channels = program->n_channels, n_segments = program->n_segments;
    int channel = n_channels == 1 ? 0 : batch->stream->channel, cohort = batch->stream->cohort;
    memcpy(rep, batch->first_rep, (size_t)n * sizeof *rep);
    if (batch->rules->n_lead_moves > 0)
        walk_move_leads(batch, rep);
#pragma omp simd
    for (int i = 0; i < n; i++) {
        int segment = batch->segment[i] >= 0 ? batch->segment[i] : n_segments - 1;
        int own = rep[i] >= 0 ? rep_crew[rep[i] >= 0 ? rep[i] : 0] : cohort;
        cell[i] = (own * n_channels + channel) * n_segments + (n_segments == 1 ? 0 : segment);
    }
}

/* The plan's discount limit may bind the deal. */
static inline bool walk_is_above(const walk_batch *batch, int plan, int i) {
    const recoup_cap *cap = batch->program->plan[plan].cap;
    return cap && batch->discount[i] > cap->max;
}

/* Deals that are the plan's own from the start, and that it has, enter the first stage. */
static inline void walk_enter_deals(walk_batch *batch) {
    walk_queue *queue = &batch->entering[0];
    uint8_t *keep = batch->work.keep;
    uint32_t own_plan = batch->plan > 0 && batch->plan < RECOUP_WALK_SETS
                            ? UINT32_C(1) << batch->plan
                            : 0; /* 0: all are its own */
    for (int first = 0; first < batch->n_items; first += WALK_BLOCK) {
        int n = batch->n_items - first < WALK_BLOCK ? batch->n_items - first : WALK_BLOCK;
        const uint32_t *own = batch->own + first;
        const uint8_t *is_admitted = batch->is_admitted + first, *capped = batch->capped + first;
        uint16_t *end = batch->fate->end + first;
#pragma omp simd
        for (int i = 0; i < n; i++)
            keep[i] = (own[i] & own_plan) == own_plan;
        if (!batch->is_capped)
#pragma omp simd
            for (int i = 0; i < n; i++)
                end[i] = keep[i] ? WALK_ABSENT : end[i];
#pragma omp simd
        for (int i = 0; i < n; i++)
            keep[i] &= is_admitted[i];
        if (batch->has_capped)
#pragma omp simd
            for (int i = 0; i < n; i++)
                keep[i] &= capped[i] == batch->is_capped;
        for (int i = 0; i < n; i += LIST_STEP)
            queue->n = list_append(queue->lane, queue->n, NULL, first + i,
                                   list_mask(keep + i) & list_inside(i, n));
    }
    list_pad(queue->lane, queue->n);
#pragma omp simd
    for (int i = 0; i < list_padded(queue->n); i++)
        queue->day[i] = batch->arrival_day[queue->lane[i]];
}

#endif
