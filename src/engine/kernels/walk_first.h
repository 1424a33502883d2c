/* First visits of open deals: stage, age and laws are the same on all paths (walk_prepare.h), so
 * that odds are numbers but for the market, and whether a deal leaves before the laws change is a
 * comparison. Only those that leave need to know when. */
#ifndef RECOUP_ENGINE_KERNELS_WALK_FIRST_H
#define RECOUP_ENGINE_KERNELS_WALK_FIRST_H

#include "engine/kernels/walk_quick.h"

/* The columns of one deal in one segment. */
typedef struct walk_columns {
    int n;
    bool is_all; /* the columns 0 .. n - 1 */
    const int32_t *column;
    const double *leave, *dwell;
    /* What they point to where it is not the batch's. */
    int32_t own_column[RECOUP_CHUNK_PATHS + LIST_STEP];
    double own_leave[RECOUP_CHUNK_PATHS + LIST_STEP], own_dwell[RECOUP_CHUNK_PATHS + LIST_STEP];
} walk_columns;

static inline void walk_own_columns(walk_columns *columns) {
    columns->is_all = false;
    columns->column = columns->own_column;
    columns->leave = columns->own_leave;
    columns->dwell = columns->own_dwell;
}

/* Their weights by exit, and the total. */
static inline void walk_weigh_columns(walk_batch *batch, const walk_columns *columns, int n_exits,
                                      const recoup_walk_exit *exit, const recoup_walk_leg *leg,
                                      bool at_end) {
    walk_work *work = &batch->work;
    int padded = list_padded(columns->n);
    for (int e = 0; e < n_exits; e++) {
        double odds = at_end ? leg[e].odds * (1 - leg[e].leave) : leg[e].odds;
        const double *market = batch->market_odds[exit[e].loading];
        double *weight = work->weight[e];
        if (columns->is_all)
#pragma omp simd
            for (int i = 0; i < padded; i++)
                weight[i] = odds * market[i];
        else
#pragma omp simd
            for (int i = 0; i < padded; i++)
                weight[i] = odds * market[columns->column[i]];
        if (e == 0)
            memcpy(work->total, weight, (size_t)padded * sizeof *weight);
        else
#pragma omp simd
            for (int i = 0; i < padded; i++)
                work->total[i] += weight[i];
    }
}

/* The chosen columns leave by the exit within the segment. */
static inline void walk_depart(walk_batch *batch, const walk_choice *choice, int item,
                               const recoup_walk_segment *segment, const recoup_walk_exit *exit,
                               const recoup_walk_leg *leg) {
    walk_work *work = &batch->work;
    walk_stay *stay = &work->stay;
    bool is_won = exit->target == RECOUP_EXIT_WON;
    walk_queue *queue = &batch->entering[is_won ? 0 : exit->target];
    int32_t *lane = is_won ? work->leaving : queue->lane + queue->n;
    double *day = is_won ? work->leave_day : queue->day + queue->n;
    double slowness = 1 / segment->speed, horizon = batch->program->horizon_days;
    int n = choice->n, first_lane = item << WALK_DEAL_SHIFT;
#pragma omp simd
    for (int j = 0; j < list_padded(n); j++) {
        stay->dwell[j] = choice->stay.dwell[j];
        stay->log_survival[j] = leg->log_survival;
        stay->survival[j] = leg->survival;
        stay->scale[j] = leg->scale;
    }
    walk_times(exit, stay, n, &work->family);
#pragma omp simd
    for (int j = 0; j < list_padded(n); j++) {
        double rest = vector_max(stay->time[j] - segment->start_age, 0);
        lane[j] = first_lane | choice->lane[j];
        day[j] = vector_min(segment->start_day + rest * slowness, horizon);
    }
    if (is_won)
        walk_set_wins(batch->fate, lane, day, n);
    else
        queue->n += n;
}

/* The columns whose bit is set choose the exit, and leave within the segment. */
static inline void walk_add_columns(walk_choice *choice, const walk_columns *columns, int i,
                                    uint32_t mask) {
    int n = choice->n;
    group_pack_lanes(choice->lane + n, columns->is_all ? NULL : columns->column + i, i, mask);
    group_pack(choice->stay.dwell + n, columns->dwell + i, mask);
    choice->n = n + __builtin_popcount(mask);
}

/* Which columns leave by which exit: the first at whose end of the cumulative weights leave·total
 * lies before, if the dwell time is over in time. */
static inline void walk_choose_columns(walk_batch *batch, const walk_columns *columns, int n_exits,
                                       const recoup_walk_leg *leg) {
    walk_work *work = &batch->work;
    for (int e = 0; e < n_exits; e++)
        work->choice[e].n = 0;
    for (int i = 0; i < columns->n; i += GROUP) {
        group leave, total, weight, dwell, edge = {0};
        uint32_t left = group_inside(i, columns->n);
        group_load(&leave, columns->leave + i);
        group_load(&total, work->total + i);
        group_load(&dwell, columns->dwell + i);
        group point = leave * total;
        for (int e = 0; e < n_exits; e++) {
            group_load(&weight, work->weight[e] + i);
            edge += weight;
            group_truth is_before = point < edge, is_over = dwell <= (leg[e].leave - (group){0});
            uint32_t mask = e < n_exits - 1 ? group_mask(&is_before) & left : left;
            walk_add_columns(&work->choice[e], columns, i, mask & group_mask(&is_over));
            left &= ~mask;
        }
    }
    for (int e = 0; e < n_exits; e++) {
        walk_choice *choice = &work->choice[e];
        list_pad(choice->lane, choice->n);
        for (int j = choice->n; j < list_padded(choice->n); j++)
            choice->stay.dwell[j] = 0.5;
    }
}

/* The chosen columns are lost. */
static inline void walk_lose_columns(walk_batch *batch, const walk_choice *choice, int item,
                                     int stage) {
    uint16_t *end = batch->fate->end + ((size_t)item << WALK_DEAL_SHIFT), lost = walk_lost(stage);
    for (int j = 0; j < choice->n; j++)
        end[choice->lane[j]] = lost;
}

/* Appends what is left of the columns place[0..n), which chose exit e and outlast the segment. */
static inline void walk_keep_columns(walk_batch *batch, const walk_columns *columns,
                                     walk_columns *next, int e, const recoup_walk_leg *leg, int n) {
    walk_work *work = &batch->work;
    double left = 1 - leg->leave;
    for (int j = 0; j < n; j++) {
        int i = work->place[j], k = next->n++;
        double share = work->weight[e][i] / work->total[i];
        next->own_column[k] = columns->column[i];
        next->own_leave[k] =
            walk_clamp((columns->leave[i] - work->edge[i] / work->total[i]) / share);
        next->own_dwell[k] = walk_clamp(1 - (1 - columns->dwell[i]) / left);
        work->survivors.exit[k] = e;
    }
}

/* The first uniform: uniform within the exit's cell, which has the odds of the new age. */
static inline void walk_stretch_columns(walk_batch *batch, walk_columns *next, int n_exits,
                                        const recoup_walk_exit *exit, const recoup_walk_leg *leg) {
    walk_work *work = &batch->work;
    walk_weigh_columns(batch, next, n_exits, exit, leg, true);
    memset(work->edge, 0, sizeof work->edge);
    for (int e = 0; e < n_exits; e++)
        for (int i = 0; i < next->n; i++) {
            double weight = work->weight[e][i];
            if (work->survivors.exit[i] == e)
                next->own_leave[i] =
                    walk_clamp((work->edge[i] + next->leave[i] * weight) / work->total[i]);
            work->edge[i] += weight;
        }
}

static inline void walk_pad_columns(walk_columns *columns) {
    for (int i = columns->n; i < list_padded(columns->n); i++) {
        columns->own_column[i] = 0;
        columns->own_leave[i] = columns->own_dwell[i] = 0.5;
    }
}

/* What is left of the columns after the segment. */
static inline void walk_outlast(walk_batch *batch, const walk_columns *columns, walk_columns *next,
                                int n_exits, const recoup_walk_exit *exit,
                                const recoup_walk_leg *leg) {
    walk_work *work = &batch->work;
    int padded = list_padded(columns->n);
#pragma omp simd
    for (int i = 0; i < padded; i++) {
        work->point[i] = columns->leave[i] * work->total[i];
        work->edge[i] = 0;
    }
    for (int e = 0; e < n_exits; e++) {
        const double *weight = work->weight[e];
        bool is_first = e == 0, is_last = e == n_exits - 1;
        double leave = leg[e].leave;
#pragma omp simd
        for (int i = 0; i < padded; i++) {
            double low = work->edge[i], high = low + weight[i];
            work->keep[i] = ((work->point[i] >= low) | is_first) &
                            ((work->point[i] < high) | is_last) & (columns->dwell[i] > leave);
        }
        int n_keep = list_compress(NULL, work->keep, columns->n, work->place);
        walk_keep_columns(batch, columns, next, e, &leg[e], n_keep);
#pragma omp simd
        for (int i = 0; i < padded; i++)
            work->edge[i] += weight[i];
    }
    walk_pad_columns(next);
    walk_stretch_columns(batch, next, n_exits, exit, leg);
}

/* One segment; `next` gets those that outlast it, unless it is the last. */
static inline void walk_segment(walk_batch *batch, const walk_columns *columns, int item, int stage,
                                const recoup_walk_segment *segment, bool is_last_segment,
                                walk_columns *next) {
    int first = batch->program->exit_first[stage],
        n = batch->program->exit_first[stage + 1] - first;
    const recoup_walk_exit *exit = &batch->tables->exit[first];
    const recoup_walk_leg *leg = &batch->tables->leg[segment->leg];
    walk_weigh_columns(batch, columns, n, exit, leg, false);
    walk_choose_columns(batch, columns, n, leg);
    for (int e = 0; e < n; e++) {
        const walk_choice *choice = &batch->work.choice[e];
        if (exit[e].target == RECOUP_EXIT_LOST)
            walk_lose_columns(batch, choice, item, stage);
        else if (exit[e].target != RECOUP_EXIT_NEVER && choice->n > 0)
            walk_depart(batch, choice, item, segment, &exit[e], &leg[e]);
    }
    next->n = 0;
    walk_own_columns(next);
    if (!is_last_segment)
        walk_outlast(batch, columns, next, n, exit, leg);
}

/* All segments of a deal's course; all columns are open until they leave. */
static inline void walk_course(walk_batch *batch, walk_columns *columns, walk_columns *next,
                               int item, int stage, const recoup_walk_course *course) {
    for (int k = 0; k < course->n_segments && columns->n > 0; k++) {
        walk_segment(batch, columns, item, stage,
                     &batch->tables->segment[course->first_segment + k],
                     k == course->n_segments - 1, next);
        walk_columns *left = columns;
        columns = next;
        next = left;
    }
}

/* The columns that the discount limit binds, or the others. */
static inline void walk_pick_columns(const walk_batch *batch, walk_columns *columns, int item) {
    size_t start = (size_t)item << WALK_DEAL_SHIFT;
    const uint8_t *capped = batch->capped + start;
    walk_own_columns(columns);
    columns->n = 0;
    for (int i = 0; i < batch->job->paths->n; i++)
        if (capped[i] == batch->is_capped) {
            columns->own_column[columns->n] = i;
            columns->own_leave[columns->n] = batch->leave[start + (size_t)i];
            columns->own_dwell[columns->n++] = batch->dwell[start + (size_t)i];
        }
    walk_pad_columns(columns);
}

/* The item's first visit under the plan, on all columns or on those that are walked now. */
static inline void walk_first_visit(walk_batch *batch, walk_columns *columns, walk_columns *next,
                                    int item) {
    size_t start = (size_t)item << WALK_DEAL_SHIFT;
    int deal = batch->first_deal + item, stage = batch->program->deal[deal].stage;
    const recoup_cap *cap = batch->rules->cap;
    bool is_above = batch->has_capped && batch->program->deal[deal].discount > cap->max;
    const recoup_walk_course *course = &batch->laws->course[2 * deal + batch->is_capped];
    uint16_t *end = batch->fate->end + start;
    uint16_t left = course->is_closed ? walk_lost(stage) : walk_open(stage);
    if (batch->is_capped && !is_above)
        return;
    if (!batch->is_capped)
        for (int i = 0; i < batch->job->paths->n; i++)
            end[i] = left;
    if (is_above) {
        walk_pick_columns(batch, columns, item);
    } else {
        columns->is_all = true;
        columns->n = batch->job->paths->n;
        columns->column = batch->column;
        columns->leave = batch->leave + start;
        columns->dwell = batch->dwell + start;
    }
    walk_course(batch, columns, next, item, stage, course);
}

#endif
