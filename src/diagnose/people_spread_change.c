#include "diagnose/people_spread_change.h"

#include "base/memory.h"
#include "diagnose/courses.h"
#include "diagnose/ratio.h"

#include <math.h>
#include <stdlib.h>

enum { LEAST_ENDED = 30, LEAST_REPS = 5 };

/* Observations of a ratio. */
typedef struct observed {
    int n;
    double *x, *d;
    int *cluster;
    int8_t *side;
    int n_ended[2];
} observed;

static bool observed_create(int n, observed *of) {
    *of = (observed){
        0,  RECOUP_NEW(double, n), RECOUP_NEW(double, n), RECOUP_NEW(int, n), RECOUP_NEW(int8_t, n),
        {0}};
    return of->x && of->d && of->cluster && of->side;
}

static void observed_clear(observed *of) {
    free(of->x);
    free(of->d);
    free(of->cluster);
    free(of->side);
}

static void add(observed *to, double x, double d, int rep, bool is_recent, bool ended) {
    to->x[to->n] = x;
    to->d[to->n] = d;
    to->cluster[to->n] = rep;
    to->side[to->n++] = is_recent;
    to->n_ended[is_recent] += ended;
}

static bool compare(const recoup_view *view, const observed *of, recoup_spread_change *change) {
    const recoup_ratio_data data = {.n = of->n,
                                    .x = of->x,
                                    .d = of->d,
                                    .cluster = of->cluster,
                                    .n_clusters = view->n_reps,
                                    .side = of->side};
    recoup_ratio_difference difference;
    if (!recoup_ratio_compare(&data, &difference))
        return false;
    if (of->n_ended[0] >= LEAST_ENDED && of->n_ended[1] >= LEAST_ENDED &&
        difference.in.n_clusters >= LEAST_REPS && difference.out.n_clusters >= LEAST_REPS)
        *change =
            (recoup_spread_change){difference.out.value, difference.in.value, difference.p_value};
    return true;
}

/* Takes the courses. */
static bool compare_courses(const recoup_view *view, recoup_courses *courses, bool enough,
                            double since, recoup_spread_change *change) {
    observed of = {0};
    *change = (recoup_spread_change){NAN, NAN, NAN};
    enough = enough && observed_create(courses->n, &of);
    for (int i = 0; i < courses->n && enough; i++)
        add(&of, 0, 0, courses->rep[i], courses->began[i] >= since, courses->stay[i].exit >= 0);
    enough = enough && recoup_courses_weigh_alike(courses, of.side);
    for (int i = 0; i < courses->n && enough; i++) {
        of.x[i] = courses->stay[i].exit == RECOUP_GOES_ON ? courses->weight[i] : 0;
        of.d[i] = courses->weight[i];
    }
    enough = enough && compare(view, &of, change);
    observed_clear(&of);
    recoup_courses_clear(courses);
    return enough;
}

bool recoup_spread_change_of_win_rate(const recoup_view *view, double since,
                                      recoup_spread_change *change) {
    recoup_courses courses;
    bool enough = recoup_courses_of_deals(view, &courses);
    return compare_courses(view, &courses, enough, since, change);
}

bool recoup_spread_change_of_conversion(const recoup_view *view, int stage, double since,
                                        recoup_spread_change *change) {
    recoup_courses courses;
    bool enough = recoup_courses_of_stage(view, stage, &courses);
    return compare_courses(view, &courses, enough, since, change);
}

bool recoup_spread_change_of_dwell(const recoup_view *view, const recoup_stage_data *data,
                                   const recoup_leaving_curve *curve, double since,
                                   recoup_spread_change *change) {
    observed of;
    bool enough = observed_create(data->n_stays, &of);
    *change = (recoup_spread_change){NAN, NAN, NAN};
    /* stays follow the visits of the stage; one that was left out is the last of its deal */
    const recoup_visit *visit = view->visit;
    for (int i = 0; i < data->n_stays && enough; i++, visit++) {
        const recoup_stay *stay = &data->stay[i];
        while (visit->stage != data->stage || visit->deal != stay->deal)
            visit++;
        double expected = recoup_leaving_expected(curve, stay);
        bool ended = stay->kind != RECOUP_STAY_OPEN;
        if (expected > 0)
            add(&of, ended, expected, view->rep[stay->deal], visit->entered >= since, ended);
    }
    enough = enough && compare(view, &of, change);
    observed_clear(&of);
    return enough;
}

bool recoup_spread_change_of_amount(const recoup_view *view, double since,
                                    recoup_spread_change *change) {
    observed of;
    bool enough = observed_create(view->n_deals, &of);
    *change = (recoup_spread_change){NAN, NAN, NAN};
    for (int i = 0; i < view->n_deals && enough; i++)
        if (view->outcome[i] == RECOUP_WON && view->amount[i] > 0)
            add(&of, log(view->amount[i]), 1, view->rep[i], view->closed[i] >= since, true);
    enough = enough && compare(view, &of, change);
    observed_clear(&of);
    return enough;
}
