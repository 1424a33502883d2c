/* Where plans part. All lanes are walked under the first plan; another plan takes a lane over where
 * it enters a stage whose laws are others, and has the first plan's fate until then. */
#ifndef RECOUP_ENGINE_KERNELS_WALK_FORKS_H
#define RECOUP_ENGINE_KERNELS_WALK_FORKS_H

#include "engine/kernels/walk_lanes.h"

/* Lanes place[0..n) of the block are the plan's from here on. */
static inline void walk_fork_off(walk_batch *batch, int plan, const walk_block *block, int stage,
                                 uint32_t visit, int n) {
    walk_forks *forks = &batch->forks[plan];
    const int32_t *place = batch->work.place;
    if (n == 0)
        return;
    batch->any_forked |= UINT32_C(1) << plan;
    for (int j = 0; j < n; j++) {
        batch->forked[block->lane[place[j]]] |= UINT32_C(1) << plan;
        forks->lane[forks->n + j] = block->lane[place[j]];
        forks->day[forks->n + j] = block->day[place[j]];
    }
    forks->run[forks->n_runs++] =
        (walk_fork_run){.visit = visit, .stage = stage, .start = forks->n, .n = n};
    forks->n += n;
}

/* The block's lanes enter the stage: under the first plan also for those that have not parted. */
static inline void walk_enter_stage(walk_batch *batch, const walk_block *block, int stage,
                                    uint32_t visit) {
    walk_work *work = &batch->work;
    uint32_t *before = work->before, *after = work->after;
    const uint32_t *fork = batch->fork + stage;
    const uint32_t *forked = batch->forked;
    int n_stages = batch->program->n_stages, n_plans = batch->program->n_plans;
    int n = block->n, padded = list_padded(n), shift = batch->item_shift;
    batch->entered[batch->plan * n_stages + stage] += (uint32_t)n;
    if (batch->plan > 0)
        return;
    if (batch->any_forked | batch->may_fork[stage])
#pragma omp simd
        for (int i = 0; i < padded; i++)
            before[i] = after[i] = forked[block->lane[i]];
    if (batch->may_fork[stage])
#pragma omp simd
        for (int i = 0; i < padded; i++)
            after[i] |= fork[batch->fork_row[block->lane[i] >> shift]];
    for (int p = 1; p < n_plans && p < RECOUP_WALK_SETS; p++) {
        uint32_t *entered = &batch->entered[p * n_stages + stage], n_apart = 0;
        if ((batch->any_forked | batch->may_fork[stage]) >> p & 1)
#pragma omp simd reduction(+ : n_apart)
            for (int i = 0; i < n; i++)
                n_apart += after[i] >> p & 1;
        *entered += (uint32_t)n - n_apart;
        if (!(batch->may_fork[stage] >> p & 1))
            continue;
#pragma omp simd
        for (int i = 0; i < padded; i++)
            work->keep[i] = (uint8_t)((after[i] & ~before[i]) >> p & 1);
        int n_off = list_compress(NULL, work->keep, n, work->place);
        walk_fork_off(batch, p, block, stage, visit, n_off);
    }
}

/* Lanes that a discount limit may bind never share anything. */
static inline bool walk_takes_forks(const walk_batch *batch) {
    return batch->plan > 0 && !batch->is_capped;
}

/* Queues the lanes that part at this visit; returns the runs that are done. */
static inline int walk_take_forks(const walk_batch *batch, walk_queue *queues, uint32_t visit,
                                  int run) {
    const walk_forks *forks = &batch->forks[batch->plan];
    for (; run < forks->n_runs && forks->run[run].visit == visit; run++) {
        const walk_fork_run *from = &forks->run[run];
        walk_queue *queue = &queues[from->stage];
        memcpy(queue->lane + queue->n, forks->lane + from->start,
               (size_t)from->n * sizeof *queue->lane);
        memcpy(queue->day + queue->n, forks->day + from->start,
               (size_t)from->n * sizeof *queue->day);
        queue->n += from->n;
    }
    return run;
}

#endif
