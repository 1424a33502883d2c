/* Visits of many lanes to a stage, after an open deal's first: each at operational age 0, under the
 * laws of the day. Like the other kernels' functions these are compiled once per instruction set.
 *
 * A visit takes two uniforms: one for the exit, one for the dwell time. While the laws stay the
 * same they decide once. When a lever changes the laws (or the owner) while the deal is still
 * there, the survivor's odds are taken from the new laws at its operational age, and the same two
 * uniforms are used again, stretched to what is left of them: given that exit e was chosen, the
 * first is uniform within e's cell, and given that the dwell outlasted the age, the second is
 * uniform above it. So a deal that a lever hardly changes hardly changes its fate: plans stay
 * coupled path by path. */
#ifndef RECOUP_ENGINE_KERNELS_WALK_VISIT_H
#define RECOUP_ENGINE_KERNELS_WALK_VISIT_H

#include "engine/kernels/walk_lanes.h"

/* Rounding must not push a uniform out of [0, 1). */
static inline double walk_clamp(double u) {
    double below = vector_min(u, 1 - 0x1p-53);
    return u > 0 ? below : 0;
}

static inline void walk_block_copy(walk_block *to, int i, const walk_block *from, int k) {
    to->lane[i] = from->lane[k];
    to->day[i] = from->day[k];
    to->age[i] = from->age[k];
    to->leave[i] = from->leave[k];
    to->dwell[i] = from->dwell[k];
}

/* Arrays that lists reach hold something harmless beyond n. */
static inline void walk_block_pad(walk_block *block) {
    for (int i = block->n; i < list_padded(block->n); i++) {
        block->lane[i] = block->lane[0];
        block->day[i] = block->day[0];
        block->age[i] = block->age[0];
        block->leave[i] = block->dwell[i] = 0.5;
    }
}

/* The owner of each lane of an open deal, which may have changed hands; a deal that is handed over
 * waits. Lanes that wait until the end are open then; those that the plan closes are lost. */
static inline void walk_settle(walk_batch *batch, walk_block *block, int stage) {
    double horizon = batch->program->horizon_days;
    int kept = 0;
    for (int i = 0; i < block->n; i++) {
        int item = block->lane[i] >> batch->item_shift, at = 0, n = batch->n_episodes[item];
        const recoup_episode *episode = batch->episode[item];
        double day = block->day[i], next;
        for (;;) {
            while (at + 1 < n && episode[at + 1].start_day <= day)
                at++;
            next = at + 1 < n ? episode[at + 1].start_day : INFINITY;
            if (episode[at].still_until <= day)
                break;
            day = vector_min(episode[at].still_until, next);
        }
        if (day >= horizon) {
            bool is_closed = episode[at].still_until == INFINITY;
            batch->fate->end[block->lane[i]] = is_closed ? walk_lost(stage) : walk_open(stage);
            continue;
        }
        walk_block_copy(block, kept, block, i);
        block->day[kept] = day;
        block->until[kept] = vector_min(next, horizon);
        block->cell[kept++] = episode[at].cell;
    }
    block->n = kept;
}

/* Cells, epochs, and until when they last. */
static inline void walk_find_laws(walk_batch *batch, walk_block *block, int stage) {
    const recoup_program *program = batch->program;
    const recoup_walk_epochs *epochs = batch->epochs;
    const int *first = epochs->first + stage, *law = epochs->law;
    const int32_t *cell = batch->cell, *column = batch->column;
    const double *start_day = epochs->start_day, *speed = epochs->speed;
    int n_stages = program->n_stages, shift = batch->item_shift;
    double horizon = program->horizon_days;
    if (batch->has_episodes)
        walk_settle(batch, block, stage);
    walk_block_pad(block);
    int padded = list_padded(block->n);
    if (batch->has_episodes)
        for (int i = block->n; i < padded; i++) {
            block->cell[i] = block->cell[0];
            block->until[i] = horizon;
        }
    else
#pragma omp simd
        for (int i = 0; i < padded; i++) {
            block->cell[i] = cell[block->lane[i] >> shift];
            block->until[i] = horizon;
        }
#pragma omp simd
    for (int i = 0; i < padded; i++)
        block->epoch[i] = first[block->cell[i] * n_stages];
    int step = 1;
    while (step < epochs->n_epochs)
        step *= 2;
    for (step /= 2; step > 0; step /= 2) /* bisection: the last that has started */
#pragma omp simd
        for (int i = 0; i < padded; i++) {
            int end = first[block->cell[i] * n_stages + 1] - 1;
            int middle = block->epoch[i] + step < end ? block->epoch[i] + step : end;
            block->epoch[i] = start_day[middle] <= block->day[i] ? middle : block->epoch[i];
        }
    if (epochs->n_epochs > 1)
#pragma omp simd
        for (int i = 0; i < padded; i++) {
            int end = first[block->cell[i] * n_stages + 1] - 1;
            int next = block->epoch[i] < end ? block->epoch[i] + 1 : end;
            double change = block->epoch[i] < end ? start_day[next] : horizon;
            block->until[i] = vector_min(block->until[i], change);
        }
#pragma omp simd
    for (int i = 0; i < padded; i++) {
        block->law[i] = law[block->epoch[i]];
        block->column[i] = column[block->lane[i]];
    }
    if (epochs->has_speed)
#pragma omp simd
        for (int i = 0; i < padded; i++)
            block->speed[i] = speed[block->epoch[i]];
}

/* Deals differ by size and discount: e^(their part of the logit). */
static inline void walk_weigh_terms(const walk_batch *batch, const walk_block *block,
                                    const recoup_walk_exit *exit, double *weight) {
    const recoup_cap *cap = batch->rules->cap;
    const double *log_size = batch->log_size, *discount = batch->discount;
    const double *cap_share = batch->epochs->cap_share;
    const uint8_t *capped = batch->capped;
    double size_logit = exit->size_logit, discount_logit = exit->discount_logit;
    int padded = list_padded(block->n), shift = batch->item_shift;
    if (exit->has_terms)
#pragma omp simd
        for (int i = 0; i < padded; i++) {
            int item = block->lane[i] >> shift;
            weight[i] *= vector_exp(size_logit * log_size[item] + discount_logit * discount[item]);
        }
    if (batch->is_capped && exit->target == RECOUP_EXIT_WON) {
        double max = cap->max, logit = 100 * cap->win_logit_per_point;
#pragma omp simd
        for (int i = 0; i < padded; i++) {
            double excess = vector_max(discount[block->lane[i] >> shift] - max, 0);
            double cut = cap_share[block->epoch[i]] * logit * excess;
            weight[i] *= vector_exp(capped[block->lane[i]] ? -cut : 0);
        }
    }
}

static inline void walk_scales(const walk_batch *batch, const walk_block *block, int e,
                               double *scale) {
    const double *scales = batch->laws->scale + e;
#pragma omp simd
    for (int i = 0; i < list_padded(block->n); i++)
        scale[i] = scales[block->law[i]];
}

/* Times S_e(age), over the largest of them. */
static inline void walk_weigh_survival(walk_work *work, int n_exits, int padded) {
    memcpy(work->highest, work->log_survival[0], (size_t)padded * sizeof *work->highest);
    for (int e = 1; e < n_exits; e++) {
        const double *log_survival = work->log_survival[e];
#pragma omp simd
        for (int i = 0; i < padded; i++)
            work->highest[i] = vector_max(work->highest[i], log_survival[i]);
    }
    for (int e = 0; e < n_exits; e++) {
        const double *log_survival = work->log_survival[e];
        double *weight = work->weight[e];
#pragma omp simd
        for (int i = 0; i < padded; i++)
            weight[i] *= vector_exp(log_survival[i] - work->highest[i]);
    }
}

/* weight[e] ~ p_e·S_e(age) of each exit, and their total. */
static inline void walk_weigh(walk_batch *batch, const walk_block *block, int stage, bool is_aged) {
    walk_work *work = &batch->work;
    int first = batch->program->exit_first[stage],
        n = batch->program->exit_first[stage + 1] - first;
    int padded = list_padded(block->n);
    for (int e = 0; e < n; e++) {
        const recoup_walk_exit *exit = &batch->tables->exit[first + e];
        const double *market = batch->market_odds[exit->loading], *odds = batch->laws->odds + e;
        double *weight = work->weight[e];
        if (exit->loading == 0)
#pragma omp simd
            for (int i = 0; i < padded; i++)
                weight[i] = odds[block->law[i]];
        else
#pragma omp simd
            for (int i = 0; i < padded; i++)
                weight[i] = odds[block->law[i]] * market[block->column[i]];
        walk_weigh_terms(batch, block, exit, weight);
        if (!is_aged)
            continue;
        walk_scales(batch, block, e, work->scale);
        walk_log_survival(exit, block->age, work->scale, block->n, work->log_survival[e]);
    }
    if (is_aged)
        walk_weigh_survival(work, n, padded);
    memcpy(work->total, work->weight[0], (size_t)padded * sizeof *work->total);
    for (int e = 1; e < n; e++) {
        const double *weight = work->weight[e];
#pragma omp simd
        for (int i = 0; i < padded; i++)
            work->total[i] += weight[i];
    }
}

/* When the lanes place[0..n) leave by the exit if nothing changes before: end_day[0..n). */
static inline void walk_end_days(walk_batch *batch, const walk_block *block,
                                 const recoup_walk_exit *exit, int e, int n, bool is_aged) {
    walk_work *work = &batch->work;
    walk_stay *stay = &work->stay;
    const int32_t *place = work->place;
    const double *scale = batch->laws->scale + e, *log_survival = work->log_survival[e];
    int padded = list_padded(n);
#pragma omp simd
    for (int j = 0; j < padded; j++) {
        stay->dwell[j] = block->dwell[place[j]];
        stay->scale[j] = scale[block->law[place[j]]];
    }
    if (is_aged)
#pragma omp simd
        for (int j = 0; j < padded; j++) {
            stay->log_survival[j] = log_survival[place[j]];
            stay->survival[j] = vector_exp(stay->log_survival[j]);
        }
    else
#pragma omp simd
        for (int j = 0; j < padded; j++) {
            stay->log_survival[j] = 0;
            stay->survival[j] = 1;
        }
    walk_times(exit, stay, n, &work->family);
    if (is_aged)
#pragma omp simd
        for (int j = 0; j < padded; j++)
            stay->time[j] = vector_max(stay->time[j] - block->age[place[j]], 0);
    if (batch->epochs->has_speed)
#pragma omp simd
        for (int j = 0; j < padded; j++)
            stay->time[j] /= block->speed[place[j]];
#pragma omp simd
    for (int j = 0; j < padded; j++)
        work->end_day[j] = block->day[place[j]] + stay->time[j];
}

/* The lanes lane[chosen[0..n)] leave the stage for the target at the chosen end days. */
static inline void walk_leave(walk_batch *batch, const walk_block *block, int stage, int target,
                              int n) {
    walk_work *work = &batch->work;
    walk_queue *queue = &batch->entering[target >= 0 ? target : 0];
    int32_t *lane = target >= 0 ? queue->lane + queue->n : work->leaving;
    double *day = target >= 0 ? queue->day + queue->n : work->leave_day;
#pragma omp simd
    for (int j = 0; j < list_padded(n); j++) {
        lane[j] = block->lane[work->place[work->chosen[j]]];
        day[j] = work->end_day[work->chosen[j]];
    }
    if (target >= 0)
        queue->n += n;
    else if (target == RECOUP_EXIT_WON)
        walk_set_wins(batch->fate, lane, day, n);
    else
        walk_set_ends(batch->fate, lane, n, walk_lost(stage));
}

/* Those that chose exit e and are still there when the laws change, or at the end. */
static inline void walk_remain(walk_batch *batch, const walk_block *block, int stage, int e, int n,
                               bool is_aged) {
    walk_work *work = &batch->work;
    walk_block *next = &work->next;
    walk_survivors *survivors = &work->survivors;
    const double horizon = batch->program->horizon_days;
    for (int j = 0; j < n; j++) {
        int k = work->place[work->chosen[j]];
        if (block->until[k] >= horizon) {
            batch->fate->end[block->lane[k]] = walk_open(stage);
            continue;
        }
        int i = next->n++;
        double share = work->weight[e][k] / work->total[k];
        walk_block_copy(next, i, block, k);
        next->law[i] = block->law[k];
        next->epoch[i] = block->epoch[k];
        next->column[i] = block->column[k];
        next->age[i] +=
            (block->until[k] - block->day[k]) * (batch->epochs->has_speed ? block->speed[k] : 1);
        next->day[i] = block->until[k];
        survivors->exit[i] = e;
        survivors->within[i] =
            walk_clamp((block->leave[k] - work->edge[k] / work->total[k]) / share);
        survivors->level[i] =
            (is_aged ? work->log_survival[e][k] : 0) + vector_log(1 - block->dwell[k]);
    }
}

/* What is left of the survivors' uniforms: the first is uniform within their exit's cell, which
 * under the old laws has the odds of the new age. */
static inline void walk_stretch(walk_batch *batch, int stage) {
    walk_work *work = &batch->work;
    walk_block *block = &work->next;
    const walk_survivors *survivors = &work->survivors;
    int n_exits = batch->program->exit_first[stage + 1] - batch->program->exit_first[stage];
    int n = block->n, padded = list_padded(n);
    for (int i = n; i < padded; i++) {
        block->law[i] = block->law[0];
        block->epoch[i] = block->epoch[0];
        block->column[i] = block->column[0];
    }
    walk_block_pad(block);
    walk_weigh(batch, block, stage, true);
    memset(work->edge, 0, (size_t)padded * sizeof *work->edge);
    for (int e = 0; e < n_exits; e++)
        for (int i = 0; i < n; i++) {
            double weight = work->weight[e][i];
            if (survivors->exit[i] == e) {
                double place = work->edge[i] + survivors->within[i] * weight;
                block->leave[i] = walk_clamp(place / work->total[i]);
                block->dwell[i] =
                    walk_clamp(1 - vector_exp(survivors->level[i] - work->log_survival[e][i]));
            }
            work->edge[i] += weight;
        }
}

/* Lanes that stay until the laws change, or leave before. */
static inline void walk_leave_block(walk_batch *batch, walk_block *block, int stage, bool is_aged) {
    walk_work *work = &batch->work;
    int first = batch->program->exit_first[stage],
        n = batch->program->exit_first[stage + 1] - first;
    int padded = list_padded(block->n);
    bool changes = batch->epochs->n_epochs > 1 || batch->has_episodes;
    double horizon = batch->program->horizon_days;
    walk_weigh(batch, block, stage, is_aged);
#pragma omp simd
    for (int i = 0; i < padded; i++) {
        work->point[i] = block->leave[i] * work->total[i];
        work->edge[i] = 0;
    }
    work->next.n = 0;
    for (int e = 0; e < n; e++) {
        const recoup_walk_exit *exit = &batch->tables->exit[first + e];
        const double *weight = work->weight[e];
        bool is_first = e == 0, is_last = e == n - 1;
#pragma omp simd
        for (int i = 0; i < padded; i++) {
            double low = work->edge[i], high = low + weight[i];
            work->keep[i] =
                ((work->point[i] >= low) | is_first) & ((work->point[i] < high) | is_last);
        }
        int n_places = list_compress(NULL, work->keep, block->n, work->place);
        if (n_places > 0) {
            walk_end_days(batch, block, exit, e, n_places, is_aged);
            if (changes)
#pragma omp simd
                for (int j = 0; j < list_padded(n_places); j++)
                    work->keep[j] = work->end_day[j] <= block->until[work->place[j]];
            else
#pragma omp simd
                for (int j = 0; j < list_padded(n_places); j++)
                    work->keep[j] = work->end_day[j] <= horizon;
            int n_chosen = list_compress(NULL, work->keep, n_places, work->chosen);
            walk_leave(batch, block, stage, exit->target, n_chosen);
#pragma omp simd
            for (int j = 0; j < list_padded(n_places); j++)
                work->keep[j] = !work->keep[j];
            n_chosen = list_compress(NULL, work->keep, n_places, work->chosen);
            if (changes) {
                walk_remain(batch, block, stage, e, n_chosen, is_aged);
            } else {
#pragma omp simd
                for (int j = 0; j < list_padded(n_chosen); j++)
                    work->leaving[j] = block->lane[work->place[work->chosen[j]]];
                walk_set_ends(batch->fate, work->leaving, n_chosen, walk_open(stage));
            }
        }
#pragma omp simd
        for (int i = 0; i < padded; i++)
            work->edge[i] += weight[i];
    }
}

#endif
