/* Strengths and weaknesses of the deal flow (SWOT): what stands above or below the rest, and what
 * moves. docs/diagnosis.md. */
#include "diagnose/swot_tests.h"

#include "diagnose/false_discoveries.h"
#include <math.h>
#include <recoup/date.h>
#include <stdlib.h>

#define MUCH_OPEN .2 /* of the open amount: worth a row of its own */

typedef struct found {
    const recoup_swot_test *level, *change, *share; /* of one group; NULL: not tested */
} found;

static bool is_found(const recoup_swot_test *test, int sign) {
    return test && test->q_value <= RECOUP_FALSE_DISCOVERIES && test->value.value * sign > 0;
}

/* "since 2026-05-03" */
static const char *since_of(const recoup_diagnosing *diagnosing) {
    char day[RECOUP_DATE_SIZE];
    double since = recoup_recent_start(diagnosing) + diagnosing->scenario->zone_days;
    return recoup_records_text(diagnosing->results, recoup_date_format(day, since));
}

static const char *points_of(recoup_results *results, const recoup_ratio_difference *difference) {
    return recoup_records_format(results, "%+.0f points, 95 %% interval %+.0f to %+.0f",
                                 100 * difference->value, 100 * difference->low,
                                 100 * difference->high);
}

static const char *sentence_of_level(recoup_results *results, const recoup_swot_test *test) {
    const recoup_ratio_difference *value = &test->value;
    const char *points = points_of(results, value);
    return points ? recoup_records_format(
                        results,
                        "%s %s: %.0f %% of %d deals are won in the end against %.0f %% of the "
                        "others (%s).",
                        test->dimension, test->name, 100 * value->in.value, test->n,
                        100 * value->out.value, points)
                  : NULL;
}

static const char *sentence_of_open(recoup_results *results, const recoup_swot_test *test) {
    return recoup_records_format(results,
                                 "%s %s holds %.0f %% of the open amount, and %.0f %% of its deals "
                                 "are won in the end against %.0f %% of the others.",
                                 test->dimension, test->name, 100 * test->open_share,
                                 100 * test->value.in.value, 100 * test->value.out.value);
}

static const char *sentence_of_change(const recoup_diagnosing *diagnosing,
                                      const recoup_swot_test *test) {
    recoup_results *results = diagnosing->results;
    const recoup_ratio_difference *value = &test->value;
    const char *since = since_of(diagnosing), *points = points_of(results, value);
    if (!since || !points)
        return NULL;
    if (isnan(test->elsewhere))
        return recoup_records_format(results,
                                     "stage %s: %.0f %% of the deals that entered since %s go on "
                                     "against %.0f %% before (%s).",
                                     test->name, 100 * value->in.value, since,
                                     100 * value->out.value, points);
    return recoup_records_format(results,
                                 "%s %s: %.0f %% of the deals created since %s are won against "
                                 "%.0f %% before (%s); elsewhere the change was %+.0f points.",
                                 test->dimension, test->name, 100 * value->in.value, since,
                                 100 * value->out.value, points,
                                 round(100 * test->elsewhere) + 0.); /* never -0 */
}

static const char *sentence_of_share(const recoup_diagnosing *diagnosing, const found *group) {
    recoup_results *results = diagnosing->results;
    const recoup_ratio_difference *value = &group->share->value, *level = &group->level->value;
    const char *since = since_of(diagnosing), *points = points_of(results, value);
    if (!since || !points)
        return NULL;
    return recoup_records_format(
        results,
        "%s %s, where %.0f %% are won against %.0f %% of the others, makes "
        "%.0f %% of the deals created since %s against %.0f %% before "
        "(%s).",
        group->share->dimension, group->share->name, 100 * level->in.value, 100 * level->out.value,
        100 * value->in.value, since, 100 * value->out.value, points);
}

/* False: out of memory. */
static bool add_row(const recoup_diagnosing *diagnosing, const char *quadrant,
                    const recoup_swot_test *test, const char *sentence, recoup_swot_row *rows,
                    int *n) {
    recoup_swot_row *row = &rows[*n];
    *row = (recoup_swot_row){.quadrant = quadrant,
                             .dimension = test->dimension,
                             .name = recoup_records_text(diagnosing->results, test->name),
                             .test = test->test,
                             .n = test->n,
                             .value = test->value.in.value,
                             .low = test->value.in.low,
                             .high = test->value.in.high,
                             .reference = test->value.out.value,
                             .q_value = test->q_value,
                             .sentence = sentence};
    ++*n;
    return row->name && sentence;
}

/* At most three rows: where it stands, where that leads, how it changed. */
static bool add_group(const recoup_diagnosing *diagnosing, const found *group,
                      recoup_swot_row *rows, int *n) {
    recoup_results *results = diagnosing->results;
    bool above = is_found(group->level, 1), below = is_found(group->level, -1);
    bool grows = is_found(group->share, 1), enough = true;
    if (above || below)
        enough = add_row(diagnosing, above ? "strength" : "weakness", group->level,
                         sentence_of_level(results, group->level), rows, n);
    if ((above || below) && grows)
        enough = enough && add_row(diagnosing, above ? "opportunity" : "threat", group->share,
                                   sentence_of_share(diagnosing, group), rows, n);
    else if (above && group->level->open_share >= MUCH_OPEN)
        enough = enough && add_row(diagnosing, "opportunity", group->level,
                                   sentence_of_open(results, group->level), rows, n);
    if (is_found(group->change, -1))
        enough = enough && add_row(diagnosing, "threat", group->change,
                                   sentence_of_change(diagnosing, group->change), rows, n);
    return enough;
}

static int quadrant_of(const recoup_swot_row *row) {
    return row->quadrant[0] == 's'   ? 0
           : row->quadrant[0] == 'w' ? 1
           : row->quadrant[0] == 'o' ? 2
                                     : 3;
}

static int compare_rows(const void *left, const void *right) {
    const recoup_swot_row *const *a = left, *const *b = right;
    if (quadrant_of(*a) != quadrant_of(*b))
        return quadrant_of(*a) - quadrant_of(*b);
    if ((*a)->q_value != (*b)->q_value)
        return (*a)->q_value < (*b)->q_value ? -1 : 1;
    return *a < *b ? -1 : *a > *b; /* as they were made */
}

static bool set_q_values(recoup_swot_tests *tests) {
    double *p = RECOUP_NEW(double, tests->n);
    bool enough = p != NULL;
    for (int i = 0; i < tests->n && enough; i++)
        p[i] = tests->test[i].p_value;
    enough = enough && recoup_q_values(tests->n, p, p);
    for (int i = 0; i < tests->n && enough; i++)
        tests->test[i].q_value = p[i];
    free(p);
    return enough;
}

static bool add_rows(const recoup_diagnosing *diagnosing, const recoup_swot_tests *tests) {
    recoup_swot_row *rows = RECOUP_NEW(recoup_swot_row, 3 * (size_t)tests->n);
    const recoup_swot_row **order = RECOUP_NEW(const recoup_swot_row *, 3 * (size_t)tests->n);
    bool enough = rows && order;
    int n = 0;
    for (int i = 0, next; i < tests->n && enough; i = next) {
        found group = {NULL, NULL, NULL};
        for (next = i; next < tests->n && tests->test[next].name == tests->test[i].name; next++) {
            const recoup_swot_test *test = &tests->test[next];
            *(test->test[0] == 'l'   ? &group.level
              : test->test[0] == 'c' ? &group.change
                                     : &group.share) = test;
        }
        enough = add_group(diagnosing, &group, rows, &n);
    }
    for (int i = 0; i < n && enough; i++)
        order[i] = &rows[i];
    if (enough && n > 1)
        qsort(order, (size_t)n, sizeof *order, compare_rows);
    for (int i = 0; i < n && enough; i++) {
        recoup_swot_row *row = recoup_records_add(diagnosing->results, RECOUP_RECORD_SWOT);
        enough = row != NULL;
        if (enough)
            *row = *order[i];
    }
    free(rows);
    free(order);
    return enough;
}

recoup_status recoup_diagnose_swot(const recoup_diagnosing *diagnosing) {
    recoup_swot_tests tests = {0};
    bool enough = recoup_swot_tests_create(diagnosing, &tests) && set_q_values(&tests) &&
                  add_rows(diagnosing, &tests);
    recoup_swot_tests_clear(&tests);
    return enough ? RECOUP_OK : recoup_fail_memory(diagnosing->error);
}
