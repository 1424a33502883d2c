#include "diagnose/courses.h"

#include "fit/goodness.h"
#include <math.h>
#include <stdlib.h>

static bool courses_create(int n, recoup_courses *courses) {
    *courses = (recoup_courses){.stay = RECOUP_NEW(recoup_stay, n),
                                .began = RECOUP_NEW(double, n),
                                .rep = RECOUP_NEW(int, n),
                                .weight = RECOUP_NEW(double, n)};
    return courses->stay && courses->began && courses->rep && courses->weight;
}

void recoup_courses_clear(recoup_courses *courses) {
    free(courses->stay);
    free(courses->began);
    free(courses->rep);
    free(courses->weight);
    *courses = (recoup_courses){0};
}

static void add(recoup_courses *courses, const recoup_view *view, recoup_stay stay, double began) {
    int i = courses->n++;
    courses->stay[i] = stay;
    courses->began[i] = began;
    courses->rep[i] = view->rep[stay.deal];
}

bool recoup_courses_of_deals(const recoup_view *view, recoup_courses *courses) {
    if (!courses_create(view->n_deals, courses))
        return false;
    for (int i = 0; i < view->n_deals; i++)
        add(courses, view, recoup_stay_of_deal(view, i), view->created[i]);
    return true;
}

bool recoup_courses_of_stage(const recoup_view *view, int stage, recoup_courses *courses) {
    if (!courses_create(view->n_visits, courses))
        return false;
    for (int i = 0; i < view->n_visits; i++) {
        const recoup_visit *visit = &view->visit[i];
        if (visit->stage == stage && visit->entry_known && !(visit->entry_age > 0))
            add(courses, view, recoup_stay_of_visit(visit, visit->entered), visit->entered);
    }
    return true;
}

/* Of a course of n that ended at the age: n S(t-) / Y(t), 0 where fewer are watched than count. */
static double weight_of(const recoup_incidence_step *step, int n_steps, int n, double days) {
    int low = 0, high = n_steps; /* the first step at the age or later */
    while (low < high) {
        int middle = (low + high) / 2;
        if (step[middle].days < days)
            low = middle + 1;
        else
            high = middle;
    }
    double watched = step[low].at_risk / n / (low > 0 ? step[low - 1].open : 1); /* G(t-) */
    return watched < RECOUP_LEAST_WATCHED ? 0 : 1 / watched;
}

bool recoup_courses_weigh(recoup_courses *courses, const int8_t *group, int8_t side) {
    recoup_stay *stay = RECOUP_NEW(recoup_stay, courses->n);
    recoup_incidence_step *step = NULL;
    recoup_risk risk = {0};
    int n = 0;
    for (int i = 0; i < courses->n && stay; i++)
        if (!group || group[i] == side)
            stay[n++] = courses->stay[i];
    bool enough = stay && recoup_risk_create(&risk, stay, n);
    if (enough)
        step = RECOUP_NEW(recoup_incidence_step, risk.n);
    enough = enough && step;
    int n_steps = enough ? recoup_incidence(&risk, RECOUP_GOES_ON, step) : 0;
    for (int i = 0; i < courses->n && enough; i++)
        if (!group || group[i] == side)
            courses->weight[i] = courses->stay[i].exit < 0
                                     ? 0
                                     : weight_of(step, n_steps, n, courses->stay[i].dwell_days);
    recoup_risk_clear(&risk);
    free(stay);
    free(step);
    return enough;
}

bool recoup_courses_weigh_alike(recoup_courses *courses, const int8_t *group) {
    double last[2] = {0, 0};
    if (!recoup_courses_weigh(courses, group, 0) || !recoup_courses_weigh(courses, group, 1))
        return false;
    for (int i = 0; i < courses->n; i++)
        if (group[i] >= 0 && courses->weight[i] > 0)
            last[group[i]] = fmax(last[group[i]], courses->stay[i].dwell_days);
    for (int i = 0; i < courses->n; i++)
        if (courses->stay[i].dwell_days > fmin(last[0], last[1]))
            courses->weight[i] = 0;
    return true;
}
