#include "fit/stays.h"

#include <math.h>
#include <stdlib.h>

#define SECOND (1. / 86400)

/* Jumps: `target` + 1 is the index, so that won (-1) is 0. */
static int count_jumps(const recoup_view *view, int stage, int *jumps) {
    int n_visits = 0;
    for (int i = 0; i < view->n_visits; i++)
        if (view->visit[i].stage == stage) {
            n_visits++;
            if (view->visit[i].target >= RECOUP_TO_WON)
                jumps[view->visit[i].target + 1]++;
        }
    return n_visits;
}

/* The exits of the stage: the jumps that are frequent enough, the most frequent ones first. */
static void choose_exits(const recoup_view *view, recoup_stage_data *data, int *jumps) {
    int n_visits = count_jumps(view, data->stage, jumps);
    int next = data->stage + 1 < view->stages.n ? data->stage + 1 : RECOUP_TO_WON;
    data->target[RECOUP_ADVANCE] = next;
    data->target[RECOUP_REFERENCE] = RECOUP_TO_LOST;
    data->n_exits = 2;
    jumps[next + 1] = jumps[data->stage + 1] = 0;
    double least = fmax(RECOUP_JUMP_EVENTS, RECOUP_JUMP_SHARE * n_visits);
    while (data->n_exits < RECOUP_MAX_EXITS) {
        int best = 0;
        for (int k = 1; k <= view->stages.n; k++)
            if (jumps[k] > jumps[best])
                best = k;
        if (jumps[best] < least)
            return;
        data->target[data->n_exits++] = best - 1;
        jumps[best] = 0;
    }
}

/* The exit of a visit that has ended; -1: a jump back too rare for an exit of its own. */
static int exit_of(recoup_stage_data *data, int target) {
    for (int e = 0; e < data->n_exits; e++)
        if (data->target[e] == target)
            return e;
    if (target == RECOUP_TO_WON || target > data->stage) {
        data->n_ahead++;
        return RECOUP_ADVANCE;
    }
    data->n_back++;
    return -1;
}

/* A stay of a length of 0: within the first day when dates are whole days; else shorter than the
 * clock tells, for which half the shortest stay seen stands, but at least a second. */
static double shortest_stay(const recoup_view *view, int stage) {
    double shortest = INFINITY;
    for (int i = 0; i < view->n_visits; i++) {
        const recoup_visit *visit = &view->visit[i];
        if (visit->stage == stage && visit->entry_known && visit->dwell > 0)
            shortest = fmin(shortest, visit->dwell);
    }
    return isfinite(shortest) ? fmax(SECOND, shortest / 2) : SECOND;
}

static void add_stay(const recoup_view *view, recoup_stage_data *data, const recoup_visit *visit,
                     double shortest) {
    bool open = visit->target == RECOUP_TO_NONE;
    recoup_stay stay = {.exit = -1, .deal = visit->deal, .weight = 1, .kind = RECOUP_STAY_OPEN};
    double dwell = visit->dwell;
    if (!open)
        stay.exit = exit_of(data, visit->target);
    if (!visit->entry_known) {
        double since_created = visit->entered + visit->dwell - view->created[visit->deal];
        if (data->from_created && since_created >= 0) {
            dwell = since_created;
        } else if (stay.exit >= 0) {
            stay.kind = RECOUP_STAY_UNDATED;
            data->n_undated++;
        } else {
            data->n_left_out++;
            return;
        }
    }
    if (stay.kind != RECOUP_STAY_UNDATED) {
        if (stay.exit >= 0)
            stay.kind =
                view->dated_by_day && dwell < 1 ? RECOUP_STAY_WITHIN_DAY : RECOUP_STAY_CLOSED;
        stay.dwell_days = stay.kind == RECOUP_STAY_CLOSED ? fmax(dwell, shortest) : dwell;
        stay.dwell_days = stay.kind == RECOUP_STAY_WITHIN_DAY ? 0 : stay.dwell_days;
        stay.entry_days = fmin(fmax(0, visit->entry_age), stay.dwell_days);
    }
    if (stay.exit >= 0) {
        data->events[stay.exit]++;
        data->dated[stay.exit] += stay.kind != RECOUP_STAY_UNDATED;
    }
    data->n_open += open;
    data->stay[data->n_stays++] = stay;
}

bool recoup_stage_data_create(const recoup_view *view, int stage, recoup_stage_data *data) {
    *data = (recoup_stage_data){.stage = stage};
    int *jumps = RECOUP_NEW(int, view->stages.n + 1);
    data->stay = RECOUP_NEW(recoup_stay, view->n_visits);
    if (!jumps || !data->stay) {
        free(jumps);
        free(data->stay);
        data->stay = NULL;
        return false;
    }
    choose_exits(view, data, jumps);
    free(jumps);
    int known = 0, unknown = 0;
    for (int i = 0; i < view->n_visits; i++)
        if (view->visit[i].stage == stage && view->visit[i].target != RECOUP_TO_NONE) {
            known += view->visit[i].entry_known;
            unknown += !view->visit[i].entry_known;
        }
    data->from_created = known == 0 && unknown > 0;
    double shortest = shortest_stay(view, stage);
    for (int i = 0; i < view->n_visits; i++)
        if (view->visit[i].stage == stage)
            add_stay(view, data, &view->visit[i], shortest);
    return true;
}

static int compare_numbers(double a, double b) {
    return (a > b) - (a < b);
}

static int compare_stays(const void *left, const void *right) {
    const recoup_stay *a = left, *b = right;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->exit != b->exit)
        return a->exit < b->exit ? -1 : 1;
    int order = compare_numbers(a->dwell_days, b->dwell_days);
    return order ? order : compare_numbers(a->entry_days, b->entry_days);
}

static bool is_sorted(const recoup_stay *stay, int n) {
    for (int i = 1; i < n; i++)
        if (compare_stays(&stay[i - 1], &stay[i]) > 0)
            return false;
    return true;
}

int recoup_stays_group(recoup_stay *stay, int n) {
    int n_groups = 0;
    if (!is_sorted(stay, n)) /* what was grouped before and is rounded now mostly is */
        qsort(stay, (size_t)n, sizeof *stay, compare_stays);
    for (int i = 0; i < n; i++) {
        if (n_groups > 0 && compare_stays(&stay[n_groups - 1], &stay[i]) == 0) {
            stay[n_groups - 1].weight += stay[i].weight;
            stay[n_groups - 1].deal = -1;
        } else {
            stay[n_groups++] = stay[i];
        }
    }
    return n_groups;
}

static double round_time(double days, double precision) {
    return days > 0 ? exp(round(log(days) / precision) * precision) : days;
}

int recoup_stays_round(recoup_stay *stay, int n, double precision) {
    n = recoup_stays_group(stay, n);
    if (n <= RECOUP_MANY_STAYS)
        return n;
    for (int i = 0; i < n; i++) {
        stay[i].dwell_days = round_time(stay[i].dwell_days, precision);
        stay[i].entry_days = round_time(stay[i].entry_days, precision);
    }
    return recoup_stays_group(stay, n);
}

static int compare_dwells(const void *left, const void *right) {
    const recoup_stay *a = left, *b = right;
    return compare_numbers(a->dwell_days, b->dwell_days);
}

double recoup_stays_old_age(const recoup_stay *stay, int n) {
    recoup_stay *closed = RECOUP_NEW(recoup_stay, n);
    double total = 0, above = 0, age = INFINITY;
    int n_closed = 0;
    if (!closed)
        return NAN;
    for (int i = 0; i < n; i++)
        if (stay[i].kind == RECOUP_STAY_CLOSED || stay[i].kind == RECOUP_STAY_WITHIN_DAY) {
            closed[n_closed++] = stay[i];
            total += stay[i].weight;
        }
    qsort(closed, (size_t)n_closed, sizeof *closed, compare_dwells);
    for (int i = n_closed - 1; i >= 0 && above <= .01 * total; i--) {
        age = closed[i].dwell_days;
        above += closed[i].weight;
    }
    free(closed);
    return age;
}

/* One step of the risk set: a stay comes under observation, closes or is last seen open. */
typedef struct moment {
    double days, weight;
    int kind; /* 0 closed, 1 open, 2 entry: the order among equal times */
} moment;

static int compare_moments(const void *left, const void *right) {
    const moment *a = left, *b = right;
    int order = compare_numbers(a->days, b->days);
    return order ? order : a->kind - b->kind;
}

double recoup_stays_open_share(const recoup_stay *stay, int n, double *days) {
    moment *list = RECOUP_NEW(moment, 2 * (size_t)n);
    double at_risk = 0, share = 1;
    int n_moments = 0;
    *days = 0;
    if (!list)
        return NAN;
    for (int i = 0; i < n; i++) {
        if (stay[i].kind == RECOUP_STAY_UNDATED)
            continue;
        bool open = stay[i].kind == RECOUP_STAY_OPEN;
        list[n_moments++] = (moment){stay[i].dwell_days, stay[i].weight, open};
        if (stay[i].entry_days > 0)
            list[n_moments++] = (moment){stay[i].entry_days, stay[i].weight, 2};
        else
            at_risk += stay[i].weight;
        *days = fmax(*days, stay[i].dwell_days);
    }
    qsort(list, (size_t)n_moments, sizeof *list, compare_moments);
    for (int i = 0; i < n_moments; i++) {
        if (list[i].kind == 0 && at_risk > 0)
            share *= fmax(0, 1 - list[i].weight / at_risk);
        at_risk += list[i].kind == 2 ? list[i].weight : -list[i].weight;
    }
    free(list);
    return share;
}
