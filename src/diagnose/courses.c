#include "diagnose/courses.h"

#include <math.h>
#include <stdlib.h>

static bool courses_create(int n, recoup_courses *courses) {
    *courses = (recoup_courses){.deal = RECOUP_NEW(int, n),
                                .began = RECOUP_NEW(double, n),
                                .days = RECOUP_NEW(double, n),
                                .end = RECOUP_NEW(int8_t, n),
                                .rep = RECOUP_NEW(int, n),
                                .weight = RECOUP_NEW(double, n)};
    return courses->deal && courses->began && courses->days && courses->end && courses->rep &&
           courses->weight;
}

void recoup_courses_clear(recoup_courses *courses) {
    free(courses->deal);
    free(courses->began);
    free(courses->days);
    free(courses->end);
    free(courses->rep);
    free(courses->weight);
    *courses = (recoup_courses){0};
}

static void add(recoup_courses *courses, const recoup_view *view, int deal, double began,
                double days, int8_t end) {
    int i = courses->n++;
    courses->deal[i] = deal;
    courses->began[i] = began;
    courses->days[i] = days;
    courses->end[i] = end;
    courses->rep[i] = view->rep[deal];
}

bool recoup_courses_of_deals(const recoup_view *view, recoup_courses *courses) {
    if (!courses_create(view->n_deals, courses))
        return false;
    for (int i = 0; i < view->n_deals; i++) {
        bool open = view->outcome[i] == RECOUP_OPEN;
        double end = open ? view->as_of : view->closed[i];
        add(courses, view, i, view->created[i], end - view->created[i],
            (int8_t)(open                             ? 0
                     : view->outcome[i] == RECOUP_WON ? 1
                                                      : 2));
    }
    return true;
}

bool recoup_courses_of_stage(const recoup_view *view, int stage, recoup_courses *courses) {
    if (!courses_create(view->n_visits, courses))
        return false;
    for (int i = 0; i < view->n_visits; i++) {
        const recoup_visit *visit = &view->visit[i];
        if (visit->stage != stage || !visit->entry_known || visit->entry_age > 0)
            continue;
        bool open = visit->target == RECOUP_TO_NONE;
        bool ahead = visit->target == RECOUP_TO_WON || visit->target > stage;
        add(courses, view, visit->deal, visit->entered, visit->dwell,
            (int8_t)(open    ? 0
                     : ahead ? 1
                             : 2));
    }
    return true;
}

typedef struct moment {
    double days;
    int index;
    bool open; /* ends come before those last seen at the same age */
} moment;

static int compare(const void *left, const void *right) {
    const moment *a = left, *b = right;
    if (a->days != b->days)
        return a->days < b->days ? -1 : 1;
    if (a->open != b->open)
        return a->open - b->open;
    return (a->index > b->index) - (a->index < b->index);
}

bool recoup_courses_weigh(recoup_courses *courses, const int8_t *group, int8_t side) {
    moment *list = RECOUP_NEW(moment, courses->n);
    int n = 0;
    if (!list)
        return false;
    for (int i = 0; i < courses->n; i++)
        if (!group || group[i] == side)
            list[n++] = (moment){courses->days[i], i, courses->end[i] == 0};
    qsort(list, (size_t)n, sizeof *list, compare);
    double watched = 1; /* G */
    for (int k = 0; k < n;) {
        int same = k;
        for (; same < n && list[same].days == list[k].days && list[same].open == list[k].open;)
            same++;
        for (int i = k; i < same; i++)
            courses->weight[list[i].index] =
                list[k].open || watched < RECOUP_LEAST_WATCHED ? 0 : 1 / watched;
        if (list[k].open)
            watched *= 1 - (double)(same - k) / (n - k);
        k = same;
    }
    free(list);
    return true;
}

bool recoup_courses_weigh_alike(recoup_courses *courses, const int8_t *group) {
    double last[2] = {0, 0};
    if (!recoup_courses_weigh(courses, group, 0) || !recoup_courses_weigh(courses, group, 1))
        return false;
    for (int i = 0; i < courses->n; i++)
        if (group[i] >= 0 && courses->weight[i] > 0)
            last[group[i]] = fmax(last[group[i]], courses->days[i]);
    for (int i = 0; i < courses->n; i++)
        if (courses->days[i] > fmin(last[0], last[1]))
            courses->weight[i] = 0;
    return true;
}
