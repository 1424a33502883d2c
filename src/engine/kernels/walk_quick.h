/* Visits under laws that do not change during the period, by an owner who stays: most visits. The
 * same arithmetic as walk_visit.h, without what only changes need. */
#ifndef RECOUP_ENGINE_KERNELS_WALK_QUICK_H
#define RECOUP_ENGINE_KERNELS_WALK_QUICK_H

#include "engine/kernels/walk_forks.h"
#include "engine/kernels/walk_visit.h"

/* --- laws ------------------------------------------------------------------------------------- */

/* Items follow each other in a block: those of a run have the same laws. Rounding up, a run writes
 * into the next one, which comes later. */
static inline void walk_fill_run(walk_batch *batch, walk_block *block, int stage, int start,
                                 int end) {
    walk_work *work = &batch->work;
    const recoup_walk_plan *laws = batch->laws;
    int item = block->lane[start] >> WALK_DEAL_SHIFT, n = list_padded(end - start);
    int row = batch->cell[item] * batch->program->n_stages + stage;
    int law = batch->epochs->law[batch->epochs->first[row]];
    int n_exits = batch->program->exit_first[stage + 1] - batch->program->exit_first[stage];
    uint32_t low = batch->entity_low[item], high = batch->entity_high[item];
    uint32_t *to_low = work->entity_low + start, *to_high = work->entity_high + start;
#pragma omp simd
    for (int i = 0; i < n; i++) {
        to_low[i] = low;
        to_high[i] = high;
    }
    for (int e = 0; e < n_exits; e++) {
        double odds = laws->odds[law + e], scale = laws->scale[law + e];
        double *to_odds = work->weight[e] + start, *to_scale = work->scale_of[e] + start;
#pragma omp simd
        for (int i = 0; i < n; i++) {
            to_odds[i] = odds;
            to_scale[i] = scale;
        }
    }
}

static inline void walk_fill_runs(walk_batch *batch, walk_block *block, int stage) {
    walk_work *work = &batch->work;
    uint32_t first = batch->job->first;
    int padded = list_padded(block->n);
#pragma omp simd
    for (int i = 0; i < padded; i++) {
        block->column[i] = block->lane[i] & (RECOUP_CHUNK_PATHS - 1);
        work->path[i] = first + (uint32_t)block->column[i];
        work->keep[i] = block->lane[i] >> WALK_DEAL_SHIFT != block->lane[i + 1] >> WALK_DEAL_SHIFT;
    }
    int start = 0;
    for (int i = 0; i < block->n; i += LIST_STEP)
        for (uint32_t ends = list_mask(work->keep + i); ends; ends &= ends - 1) {
            int end = i + __builtin_ctz(ends) + 1;
            if (end >= block->n)
                break;
            walk_fill_run(batch, block, stage, start, end);
            start = end;
        }
    walk_fill_run(batch, block, stage, start, block->n);
}

/* New deals, each with laws of its own. */
static inline void walk_fill_each(walk_batch *batch, walk_block *block, int stage) {
    walk_work *work = &batch->work;
    const recoup_walk_plan *laws = batch->laws;
    const int *first = batch->epochs->first + stage, *law = batch->epochs->law;
    const int32_t *cell = batch->cell, *column = batch->column;
    int n_stages = batch->program->n_stages, padded = list_padded(block->n);
    int n_exits = batch->program->exit_first[stage + 1] - batch->program->exit_first[stage];
    walk_counters(batch, block->lane, block->n, work);
#pragma omp simd
    for (int i = 0; i < padded; i++) {
        block->column[i] = column[block->lane[i]];
        block->law[i] = law[first[cell[block->lane[i]] * n_stages]];
    }
    for (int e = 0; e < n_exits; e++) {
        const double *odds = laws->odds + e, *scale = laws->scale + e;
        double *to_odds = work->weight[e], *to_scale = work->scale_of[e];
#pragma omp simd
        for (int i = 0; i < padded; i++) {
            to_odds[i] = odds[block->law[i]];
            to_scale[i] = scale[block->law[i]];
        }
    }
}

/* Odds become weights. */
static inline void walk_weigh_quickly(walk_batch *batch, const walk_block *block, int stage) {
    int first = batch->program->exit_first[stage], padded = list_padded(block->n);
    for (int e = 0; first + e < batch->program->exit_first[stage + 1]; e++) {
        const recoup_walk_exit *exit = &batch->tables->exit[first + e];
        const double *market = batch->market_odds[exit->loading];
        double *weight = batch->work.weight[e];
        if (exit->loading != 0)
#pragma omp simd
            for (int i = 0; i < padded; i++)
                weight[i] *= market[block->column[i]];
        walk_weigh_terms(batch, block, exit, weight);
    }
}

/* --- choices ---------------------------------------------------------------------------------- */

/* The lanes i, i + 1, ... whose bit is set choose exit e. */
static inline void walk_add_choice(walk_choice *choice, const walk_block *block,
                                   const double *scale, int i, uint32_t mask) {
    int n = choice->n;
    group_pack_lanes(choice->lane + n, block->lane + i, 0, mask);
    group_pack(choice->day + n, block->day + i, mask);
    group_pack(choice->stay.dwell + n, block->dwell + i, mask);
    group_pack(choice->stay.scale + n, scale + i, mask);
    choice->n = n + __builtin_popcount(mask);
}

/* The first exit at whose end of the cumulative weights leave·total lies before. */
static inline void walk_choose(walk_batch *batch, const walk_block *block, int n_exits) {
    walk_work *work = &batch->work;
    for (int e = 0; e < n_exits; e++)
        work->choice[e].n = 0;
    for (int i = 0; i < block->n; i += GROUP) {
        group leave, weight, total = {0}, edge = {0};
        uint32_t left = group_inside(i, block->n);
        group_load(&leave, block->leave + i);
        for (int e = 0; e < n_exits; e++) {
            group_load(&weight, work->weight[e] + i);
            total = e == 0 ? weight : total + weight;
        }
        group point = leave * total;
        for (int e = 0; e < n_exits - 1; e++) {
            group_load(&weight, work->weight[e] + i);
            edge += weight;
            group_truth is_before = point < edge;
            uint32_t mask = group_mask(&is_before) & left;
            walk_add_choice(&work->choice[e], block, work->scale_of[e], i, mask);
            left &= ~mask;
        }
        walk_add_choice(&work->choice[n_exits - 1], block, work->scale_of[n_exits - 1], i, left);
    }
    for (int e = 0; e < n_exits; e++) {
        walk_choice *choice = &work->choice[e];
        list_pad(choice->lane, choice->n);
        for (int i = choice->n; i < list_padded(choice->n); i++) {
            choice->day[i] = 0;
            choice->stay.dwell[i] = 0.5;
            choice->stay.scale[i] = 1;
        }
    }
}

/* --- ends of stays ---------------------------------------------------------------------------- */

/* Whether the chosen lanes are lost by the end, not when: clear for most from the survival at the
 * time left. */
static inline void walk_lose(walk_batch *batch, const walk_choice *choice,
                             const recoup_walk_exit *exit, int stage) {
    walk_work *work = &batch->work;
    const walk_stay *stay = &choice->stay;
    walk_stay *doubtful = &work->fresh;
    const double *middle = exit->survival->middle;
    const double horizon = batch->program->horizon_days, margin = exit->survival->margin;
    uint16_t end[2] = {walk_open(stage), walk_lost(stage)};
    int n = choice->n, padded = list_padded(n);
#pragma omp simd
    for (int j = 0; j < padded; j++) {
        float left = (float)(horizon - choice->day[j]) / (float)stay->scale[j];
        int32_t bits; /* of a float, which is quicker and as good as the margin needs */
        memcpy(&bits, &left, sizeof bits);
        int32_t bin = (bits >> (23 - RECOUP_WALK_BIN_BITS)) - RECOUP_WALK_FIRST_BIN;
        bool is_inside = (bin >= 0) & (bin < RECOUP_WALK_BINS);
        double difference = (1 - stay->dwell[j]) - middle[is_inside ? bin : 0];
        work->keep[j] = difference > 0;
        work->doubt[j] = (!is_inside) | ((difference < margin) & (difference > -margin));
    }
    for (int j = 0; j < n; j++)
        batch->fate->end[choice->lane[j]] = end[work->keep[j]];
    int n_doubtful = 0;
    for (int j = 0; j < n; j += LIST_STEP)
        for (uint32_t mask = list_mask(work->doubt + j) & list_inside(j, n); mask; mask &= mask - 1)
            work->place[n_doubtful++] = j + __builtin_ctz(mask);
    list_pad(work->place, n_doubtful);
#pragma omp simd
    for (int k = 0; k < list_padded(n_doubtful); k++) {
        doubtful->dwell[k] = stay->dwell[work->place[k]];
        doubtful->scale[k] = stay->scale[work->place[k]];
    }
    walk_times(exit, doubtful, n_doubtful, &work->family);
    for (int k = 0; k < n_doubtful; k++) {
        int j = work->place[k];
        batch->fate->end[choice->lane[j]] = end[choice->day[j] + doubtful->time[k] <= horizon];
    }
}

/* The chosen lanes advance or are won, or stay. */
static inline void walk_advance(walk_batch *batch, walk_choice *choice,
                                const recoup_walk_exit *exit, int stage) {
    walk_work *work = &batch->work;
    walk_queue *queue = &batch->entering[exit->target >= 0 ? exit->target : 0];
    int32_t *lane = exit->target >= 0 ? queue->lane + queue->n : work->leaving;
    double *day = exit->target >= 0 ? queue->day + queue->n : work->leave_day;
    const group horizon = batch->program->horizon_days - (group){0};
    int n_left = 0, n_open = 0;
    walk_times(exit, &choice->stay, choice->n, &work->family);
    for (int j = 0; j < choice->n; j += GROUP) {
        group start, stay;
        group_load(&start, choice->day + j);
        group_load(&stay, choice->stay.time + j);
        group end = start + stay;
        group_truth is_inside = end <= horizon;
        uint32_t inside = group_inside(j, choice->n), mask = group_mask(&is_inside) & inside;
        group_pack(day + n_left, (const double *)&end, mask);
        group_pack_lanes(lane + n_left, choice->lane + j, 0, mask);
        group_pack_lanes(work->chosen + n_open, choice->lane + j, 0, ~mask & inside);
        n_left += __builtin_popcount(mask);
        n_open += __builtin_popcount(~mask & inside);
    }
    walk_set_ends(batch->fate, work->chosen, n_open, walk_open(stage));
    if (exit->target >= 0)
        queue->n += n_left;
    else
        walk_set_wins(batch->fate, lane, day, n_left);
}

static inline bool walk_is_quick(const walk_batch *batch) {
    return !batch->has_episodes && !batch->is_capped && batch->epochs->n_epochs == 1 &&
           !batch->epochs->has_speed;
}

static inline void walk_quick_block(walk_batch *batch, walk_block *block, int stage,
                                    uint32_t visit) {
    walk_work *work = &batch->work;
    int first = batch->program->exit_first[stage];
    int n = batch->program->exit_first[stage + 1] - first;
    if (batch->is_new)
        walk_fill_each(batch, block, stage);
    else
        walk_fill_runs(batch, block, stage);
    walk_uniforms(batch, work, block->n, philox_last(visit, batch->visit_purpose), block->leave,
                  block->dwell);
    walk_weigh_quickly(batch, block, stage);
    walk_choose(batch, block, n);
    for (int e = 0; e < n; e++) {
        const recoup_walk_exit *exit = &batch->tables->exit[first + e];
        walk_choice *choice = &work->choice[e];
        if (exit->target == RECOUP_EXIT_LOST)
            walk_lose(batch, choice, exit, stage);
        else if (exit->target != RECOUP_EXIT_NEVER)
            walk_advance(batch, choice, exit, stage);
        else
            walk_set_ends(batch->fate, choice->lane, choice->n, walk_open(stage));
    }
}

/* --- visits ----------------------------------------------------------------------------------- */

static inline void walk_visit_block(walk_batch *batch, int stage, uint32_t visit,
                                    const int32_t *lane, const double *day, int n) {
    walk_work *work = &batch->work;
    walk_block *block = &work->block;
    block->n = n;
    memcpy(block->lane, lane, (size_t)n * sizeof *lane);
    memcpy(block->day, day, (size_t)n * sizeof *day);
    walk_block_pad(block);
    walk_enter_stage(batch, block, stage, visit);
    if (walk_is_quick(batch)) {
        walk_quick_block(batch, block, stage, visit);
        return;
    }
    memset(block->age, 0, sizeof block->age);
    walk_counters(batch, block->lane, n, work);
    walk_uniforms(batch, work, n, philox_last(visit, batch->visit_purpose), block->leave,
                  block->dwell);
    for (bool is_aged = false; block->n > 0; is_aged = true) {
        walk_find_laws(batch, block, stage);
        if (block->n == 0)
            break;
        walk_leave_block(batch, block, stage, is_aged);
        if (work->next.n > 0)
            walk_stretch(batch, stage);
        block->n = work->next.n;
        for (int i = 0; i < block->n; i++)
            walk_block_copy(block, i, &work->next, i);
    }
}

/* Lanes that have had too many visits stay where they are. */
static inline void walk_stop(walk_batch *batch, uint32_t visit, int run) {
    walk_block *block = &batch->work.block;
    if (walk_takes_forks(batch))
        walk_take_forks(batch, batch->entering, visit, run);
    for (int s = 0; s < batch->program->n_stages; s++) {
        const walk_queue *queue = &batch->entering[s];
        for (int i = 0; i < queue->n; i += WALK_BLOCK) {
            block->n = queue->n - i < WALK_BLOCK ? queue->n - i : WALK_BLOCK;
            memcpy(block->lane, queue->lane + i, (size_t)block->n * sizeof *queue->lane);
            memcpy(block->day, queue->day + i, (size_t)block->n * sizeof *queue->day);
            walk_block_pad(block);
            walk_enter_stage(batch, block, s, visit);
            walk_set_ends(batch->fate, block->lane, block->n, walk_open(s));
        }
        batch->entering[s].n = 0;
    }
}

/* Walks the lanes in the queues from the given visit on, and under other plans than the first those
 * that part from it, until all are closed or open at the end. */
static inline void walk_visits(walk_batch *batch, uint32_t visit, uint32_t end_visit) {
    int n_stages = batch->program->n_stages, run = 0;
    int n_runs = walk_takes_forks(batch) ? batch->forks[batch->plan].n_runs : 0;
    bool is_any = true;
    for (; (is_any || run < n_runs) && visit < end_visit; visit++) {
        walk_queue *entered = batch->entering;
        batch->entering = batch->queue;
        batch->queue = entered;
        is_any = false;
        for (int s = 0; s < n_stages; s++)
            batch->entering[s].n = 0;
        if (run < n_runs)
            run = walk_take_forks(batch, batch->queue, visit, run);
        for (int s = 0; s < n_stages; s++) {
            const walk_queue *queue = &batch->queue[s];
            for (int i = 0; i < queue->n; i += WALK_BLOCK) {
                int n = queue->n - i < WALK_BLOCK ? queue->n - i : WALK_BLOCK;
                walk_visit_block(batch, s, visit, queue->lane + i, queue->day + i, n);
            }
        }
        for (int s = 0; s < n_stages; s++)
            is_any |= batch->entering[s].n > 0;
    }
    walk_stop(batch, visit, run);
}

#endif
