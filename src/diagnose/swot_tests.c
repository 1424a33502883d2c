#include "diagnose/swot_tests.h"

#include "diagnose/courses.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

enum { LEAST_ENDED = 30, LEAST_EITHER = 5, LEAST_CLUSTERS = 5 };

/* What the tests of one dimension share. */
typedef struct work {
    const recoup_view *view;
    double since;
    recoup_courses courses;
    double *x, *d; /* [course] */
    int8_t *side;
} work;

static bool work_create(const recoup_view *view, double since, int stage, work *w) {
    *w = (work){.view = view, .since = since};
    if (!(stage < 0 ? recoup_courses_of_deals(view, &w->courses)
                    : recoup_courses_of_stage(view, stage, &w->courses)))
        return false;
    w->x = RECOUP_NEW(double, w->courses.n);
    w->d = RECOUP_NEW(double, w->courses.n);
    w->side = RECOUP_NEW(int8_t, w->courses.n);
    return w->x && w->d && w->side;
}

static void work_clear(work *w) {
    recoup_courses_clear(&w->courses);
    free(w->x);
    free(w->d);
    free(w->side);
}

static bool has_data(const work *w, const recoup_ratio_difference *value) {
    int ended[2] = {0}, won[2] = {0};
    for (int i = 0; i < w->courses.n; i++) {
        if (w->side[i] < 0 || !(w->courses.weight[i] > 0))
            continue;
        ended[w->side[i]]++;
        won[w->side[i]] += w->courses.stay[i].exit == RECOUP_GOES_ON;
    }
    for (int side = 0; side < 2; side++)
        if (ended[side] < LEAST_ENDED || won[side] < LEAST_EITHER ||
            ended[side] - won[side] < LEAST_EITHER)
            return false;
    return value->in.n_clusters >= LEAST_CLUSTERS && value->out.n_clusters >= LEAST_CLUSTERS;
}

static bool compare(const work *w, recoup_ratio_difference *value) {
    const recoup_ratio_data data = {.n = w->courses.n,
                                    .x = w->x,
                                    .d = w->d,
                                    .cluster = w->courses.rep,
                                    .n_clusters = w->view->n_reps,
                                    .side = w->side};
    return recoup_ratio_compare(&data, value);
}

/* The shares of the two sides that are won; p_value NaN: not enough data. alike: watched for the
 * same ages. */
static bool compare_shares(work *w, bool alike, recoup_ratio_difference *value) {
    recoup_courses *courses = &w->courses;
    bool enough = alike ? recoup_courses_weigh_alike(courses, w->side)
                        : recoup_courses_weigh(courses, w->side, 0) &&
                              recoup_courses_weigh(courses, w->side, 1);
    for (int i = 0; i < courses->n && enough; i++) {
        w->x[i] = courses->stay[i].exit == RECOUP_GOES_ON ? courses->weight[i] : 0;
        w->d[i] = courses->weight[i];
    }
    enough = enough && compare(w, value);
    if (enough && !has_data(w, value))
        value->p_value = NAN;
    return enough;
}

/* A copy; NULL: out of memory. */
static recoup_swot_test *add_test(recoup_swot_tests *tests, const char *dimension, const char *name,
                                  const char *kind, const recoup_ratio_difference *value) {
    if (!RECOUP_GROW(tests->test, tests->n, tests->capacity))
        return NULL;
    recoup_swot_test *test = &tests->test[tests->n++];
    *test = (recoup_swot_test){.dimension = dimension,
                               .name = name,
                               .test = kind,
                               .value = *value,
                               .elsewhere = NAN,
                               .open_share = NAN,
                               .p_value = value->p_value,
                               .q_value = NAN};
    return test;
}

static int count_side(const work *w, int side) {
    int n = 0;
    for (int i = 0; i < w->courses.n; i++)
        n += w->side[i] == side;
    return n;
}

/* --- a group ---------------------------------------------------------------------------------- */

typedef struct dimension {
    const char *name;
    const recoup_names *names;
    const int *index; /* [deal]; -1: not given */
} dimension;

static bool test_level(work *w, const dimension *of, int group, recoup_swot_tests *tests) {
    const recoup_view *view = w->view;
    recoup_ratio_difference value;
    double open = 0, open_here = 0;
    for (int i = 0; i < w->courses.n; i++) {
        int here = of->index[w->courses.stay[i].deal];
        double amount = view->amount[w->courses.stay[i].deal];
        w->side[i] = here < 0 ? -1 : here == group;
        if (w->courses.stay[i].exit < 0 && amount > 0) {
            open += amount;
            open_here += here == group ? amount : 0;
        }
    }
    if (!compare_shares(w, false, &value))
        return false;
    recoup_swot_test *test = add_test(tests, of->name, of->names->name[group], "level", &value);
    if (!test)
        return false;
    test->n = count_side(w, 1);
    test->open_share = open > 0 ? open_here / open : 0;
    return true;
}

/* Recently against before: of the group (here) or of the others with one. */
static bool compare_times(work *w, const dimension *of, int group, bool here,
                          recoup_ratio_difference *value) {
    for (int i = 0; i < w->courses.n; i++) {
        int own = of->index[w->courses.stay[i].deal];
        w->side[i] = own < 0 || (own == group) != here ? -1 : w->courses.began[i] >= w->since;
    }
    return compare_shares(w, true, value);
}

/* The p-value is of the group's change less that of the others: when all fell, none did by itself.
 */
static bool test_change(work *w, const dimension *of, int group, recoup_swot_tests *tests) {
    recoup_ratio_difference here, elsewhere;
    if (!compare_times(w, of, group, false, &elsewhere) ||
        !compare_times(w, of, group, true, &here))
        return false;
    recoup_swot_test *test = add_test(tests, of->name, of->names->name[group], "change", &here);
    if (!test)
        return false;
    int clusters =
        here.in.n_clusters < here.out.n_clusters ? here.in.n_clusters : here.out.n_clusters;
    test->n = count_side(w, 1);
    test->elsewhere = elsewhere.value;
    double more = here.value - elsewhere.value, se = hypot(here.se, elsewhere.se);
    bool tested = !isnan(here.p_value) && !isnan(elsewhere.p_value) && se > 0;
    test->p_value = tested ? 2 * gsl_cdf_tdist_Q(fabs(more) / se, clusters - 1) : NAN;
    if (more > 0) /* it fell less than the others */
        test->value.value = fmax(test->value.value, 0);
    return true;
}

static bool test_share(work *w, const dimension *of, int group, recoup_swot_tests *tests) {
    recoup_ratio_difference value;
    int count[2] = {0};
    for (int i = 0; i < w->courses.n; i++) {
        int here = of->index[w->courses.stay[i].deal];
        w->side[i] = here < 0 ? -1 : w->courses.began[i] >= w->since;
        w->x[i] = here == group;
        w->d[i] = here >= 0;
        if (here == group)
            count[w->side[i]]++;
    }
    if (!compare(w, &value))
        return false;
    if (count[0] + count[1] < LEAST_ENDED || value.in.n_clusters < LEAST_CLUSTERS ||
        value.out.n_clusters < LEAST_CLUSTERS)
        value.p_value = NAN;
    recoup_swot_test *test = add_test(tests, of->name, of->names->name[group], "share", &value);
    if (test)
        test->n = count_side(w, 1);
    return test != NULL;
}

static bool test_stage(const recoup_view *view, double since, int stage, recoup_swot_tests *tests) {
    work w;
    recoup_ratio_difference value;
    bool enough = work_create(view, since, stage, &w);
    for (int i = 0; i < w.courses.n && enough; i++)
        w.side[i] = w.courses.began[i] >= since;
    enough = enough && compare_shares(&w, true, &value);
    recoup_swot_test *test =
        enough ? add_test(tests, "stage", view->stages.name[stage], "change", &value) : NULL;
    if (test)
        test->n = count_side(&w, 1);
    work_clear(&w);
    return test != NULL;
}

bool recoup_swot_tests_create(const recoup_diagnosing *diagnosing, recoup_swot_tests *tests) {
    const recoup_view *view = diagnosing->view;
    const dimension dimensions[] = {{"segment", &view->segments, view->segment},
                                    {"competitor", &view->competitors, view->competitor},
                                    {"channel", &view->channels, view->channel},
                                    {"product", &view->products, view->product}};
    double since = recoup_recent_start(diagnosing);
    work w;
    bool enough = work_create(view, since, -1, &w);
    for (size_t k = 0; k < sizeof dimensions / sizeof *dimensions; k++) {
        const dimension *of = &dimensions[k];
        for (int g = 0; g < of->names->n && of->names->n > 1 && enough; g++)
            enough = test_level(&w, of, g, tests) && test_change(&w, of, g, tests) &&
                     test_share(&w, of, g, tests);
    }
    work_clear(&w);
    for (int s = 0; s < view->stages.n && enough; s++)
        enough = test_stage(view, since, s, tests);
    return enough;
}

void recoup_swot_tests_clear(recoup_swot_tests *tests) {
    free(tests->test);
}
