/* All tests together, on views with and without what they need. */
#include "../world.h"
#include "base/date.h"
#include "diagnose/diagnose.h"

/* The records of one diagnosis. */
static recoup_results *diagnose(const world *w, const recoup_view *view) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_engine_options options = {0};
    recoup_results *results = calloc(1, sizeof *results);
    const recoup_diagnosing diagnosing = {.scenario = w->scenario,
                                          .model = w->model,
                                          .view = view,
                                          .engine = &options,
                                          .results = results,
                                          .error = &error};
    require_ok(recoup_diagnose_causes(&diagnosing), &error);
    return results;
}

static void free_results(recoup_results *results) {
    recoup_records_clear(results);
    recoup_arena_clear(&results->arena);
    free(results);
}

static const recoup_finding_row *findings(const recoup_results *results, int *n) {
    return recoup_results_records(results, RECOUP_RECORD_FINDING, n);
}

/* W1 is a book of open deals only. */
static void without_history_nothing_is_said(void **state) {
    (void)state;
    world w = load_w1();
    recoup_results *results = diagnose(&w, w.view);
    int n;
    const recoup_finding_row *row = findings(results, &n);
    assert_true(n > 0);
    for (int i = 0; i < n; i++) {
        assert_string_equal(row[i].verdict, "not enough data");
        assert_true(isnan(row[i].p_value) && isnan(row[i].q_value));
        assert_true(strncmp(row[i].sentence, "Not enough data", 15) == 0);
        assert_string_equal(row[i].lever, "");
    }
    free_results(results);
    free_world(&w);
}

/* What becomes of deal i of a rep of the cohort `old` (false: `new`); days < 0: it is still open.
 */
typedef struct fate {
    bool won;
    int days;
    const char *segment;
} fate;
typedef fate fate_of(bool old, int i);

/* A team of two cohorts with six reps each, 60 deals of each rep. */
static char *write_deals(fate_of *draw) {
    enum { REPS = 12, DEALS = 60, LINE = 96, FIRST_DAY = 20089 /* 2025-01-01 */ };
    char *text = calloc(REPS * DEALS + 1, LINE);
    assert_non_null(text);
    size_t used =
        (size_t)sprintf(text, "deal_id,rep_id,amount,segment,created,stage,outcome,closed\n");
    for (int r = 0; r < REPS; r++)
        for (int i = 0; i < DEALS; i++) {
            char created[RECOUP_DATE_SIZE], closed[RECOUP_DATE_SIZE];
            double day = FIRST_DAY + (i * 31 + r * 5) % 290;
            fate f = draw(r < 6, i);
            used += (size_t)sprintf(text + used, "D%02d%03d,R%02d,1000,%s,%s,only,%s,%s\n", r, i, r,
                                    f.segment, recoup_date_format(created, day),
                                    f.days < 0 ? "open"
                                    : f.won    ? "won"
                                               : "lost",
                                    f.days < 0 ? "" : recoup_date_format(closed, day + f.days));
        }
    return text;
}

static world make_team(fate_of *draw) {
    char reps[512] = "rep_id,cohort\n", line[32], *deals = write_deals(draw);
    for (int r = 0; r < 12; r++) {
        snprintf(line, sizeof line, "R%02d,%s\n", r, r < 6 ? "old" : "new");
        strcat(reps, line);
    }
    world w = make_world("recoup: model/1\nstages: [only]\ncohorts: [old, new]\n"
                         "segments: [a, b]\n"
                         "exits:\n  only:\n    advance: {logit: 0, dwell: {family: exponential, "
                         "mean: 5}}\n    lost: {dwell: {family: exponential, mean: 5}}\n",
                         deals, reps, "");
    free(deals);
    return w;
}

/* From 2 to 42 days, whatever becomes of it. */
static int days_of(int i) {
    return 2 + i * 7 % 41;
}

/* The test of a segment (NULL: any) that is found; NULL: none. */
static const recoup_finding_row *find(const recoup_results *results, const char *test,
                                      const char *segment) {
    int n;
    const recoup_finding_row *row = findings(results, &n);
    for (int i = 0; i < n; i++)
        if (strcmp(row[i].verdict, "found") == 0 && strcmp(row[i].test, test) == 0 &&
            (!segment || strcmp(row[i].segment, segment) == 0))
            return &row[i];
    return NULL;
}

/* 48 of 60 go on in one cohort, 24 in the other. */
static fate weak_cohort(bool old, int i) {
    return (fate){i % 5 < (old ? 4 : 2), days_of(i), i % 2 ? "a" : "b"};
}

/* 40 % of 360 against 80 %: without censoring the shares themselves. */
static void a_weak_cohort_is_found_first(void **state) {
    (void)state;
    world w = make_team(weak_cohort);
    recoup_results *results = diagnose(&w, w.view), *again = diagnose(&w, w.view);
    int n;
    const recoup_finding_row *row = findings(results, &n);
    assert_true(n > 1);
    assert_string_equal(row->verdict, "found");
    assert_string_equal(row->cause, "skill");
    assert_string_equal(row->cohort, "new");
    assert_string_equal(row->stage, "only");
    assert_int_equal(row->n, 360);
    assert_int_equal(row->n_reference, 360);
    assert_true(fabs(row->value - .4) < 1e-9);
    assert_true(fabs(row->effect + .4) < .02); /* the quarters' mix differs a little */
    assert_true(row->effect_low < -.4 && -.4 < row->effect_high);
    /* half of the gap, from 40 to 60 %: ln(.6/.4) - ln(.4/.6) = .81 */
    assert_non_null(strstr(row->lever, "logit: 0.8"));
    assert_string_not_equal(row[1].verdict, "found");
    assert_true(recoup_records_equal(results, again));
    free_results(results);
    free_results(again);
    free_world(&w);
}

/* Each thing taken away from the view: fewer tests, no crash, nothing found that was not there. */
static void whatever_is_missing(void **state) {
    (void)state;
    world w = make_team(weak_cohort);
    enum { WITHOUT_REPS, WITHOUT_VISITS, WITHOUT_DEALS, KINDS };
    for (int kind = 0; kind < KINDS; kind++) {
        recoup_view view = *w.view;
        int *nobody = malloc((size_t)view.n_deals * sizeof *nobody);
        for (int i = 0; i < view.n_deals; i++)
            nobody[i] = -1;
        if (kind == WITHOUT_REPS)
            view.rep = nobody;
        if (kind >= WITHOUT_VISITS)
            view.n_visits = 0;
        if (kind == WITHOUT_DEALS)
            view.n_deals = view.n_open = 0;
        recoup_results *results = diagnose(&w, &view);
        int n;
        const recoup_finding_row *row = findings(results, &n);
        for (int i = 0; i < n; i++)
            assert_string_not_equal(row[i].verdict, "found");
        free_results(results);
        free(nobody);
    }
    free_world(&w);
}

/* Cohorts by performance differ in what was won by their making: without deals in the period
 * nothing is said of them. */
static void performance_is_not_tested_on_itself(void **state) {
    (void)state;
    world w = make_team(weak_cohort);
    w.scenario->cohorts = RECOUP_COHORTS_PERFORMANCE;
    recoup_results *results = diagnose(&w, w.view);
    assert_null(find(results, "conversion", NULL));
    free_results(results);
    free_world(&w);
}

static fate weak_segment(bool old, int i) {
    (void)old;
    return (fate){i % 10 < (i % 2 ? 8 : 2), days_of(i), i % 2 ? "a" : "b"};
}

static fate weak_in_one_cohort(bool old, int i) {
    return (fate){i % 10 < (old || i % 2 ? 8 : 2), days_of(i), i % 2 ? "a" : "b"};
}

/* A segment that is lost by all is the market's; by one cohort, that cohort's skill. */
static void a_weak_segment(void **state) {
    (void)state;
    world w = make_team(weak_segment);
    recoup_results *results = diagnose(&w, w.view);
    const recoup_finding_row *row = find(results, "win rate", "b");
    assert_non_null(row);
    assert_string_equal(row->cause, "market");
    assert_string_equal(row->cohort, "");
    assert_null(find(results, "conversion", NULL));
    free_results(results);
    free_world(&w);
    w = make_team(weak_in_one_cohort);
    results = diagnose(&w, w.view);
    row = find(results, "win rate", "b");
    assert_non_null(row);
    assert_string_equal(row->cause, "skill");
    assert_string_equal(row->cohort, "new");
    assert_string_equal(row->lever, "");
    free_results(results);
    free_world(&w);
}

/* What is there after 30 days is lost then: on day 31. */
static fate cancelled(bool old, int i) {
    (void)old;
    int days = 2 + i * 7 % 60;
    return (fate){days < 30 && i % 3 > 0, days < 30 ? days : 30, "a"};
}

/* A fifth stays for ever. */
static fate forgotten(bool old, int i) {
    (void)old;
    return (fate){i % 2, i % 5 == 0 ? -1 : days_of(i), "a"};
}

static void cancelled_and_forgotten(void **state) {
    (void)state;
    world w = make_team(cancelled);
    recoup_results *results = diagnose(&w, w.view);
    const recoup_finding_row *row = find(results, "mass exit", NULL);
    assert_non_null(row);
    assert_non_null(strstr(row->sentence, "day 31 "));
    assert_int_equal(row->n, row->n_reference);
    assert_true(row->value == 1 && row->effect > 3);
    free_results(results);
    free_world(&w);
    w = make_team(forgotten);
    results = diagnose(&w, w.view);
    row = find(results, "stale", NULL);
    assert_non_null(row);
    assert_true(row->n == 144 && row->n_reference == 144 && row->effect_high < .25);
    assert_null(find(results, "mass exit", NULL));
    free_results(results);
    free_world(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_history_nothing_is_said),
        cmocka_unit_test(a_weak_cohort_is_found_first),
        cmocka_unit_test(whatever_is_missing),
        cmocka_unit_test(performance_is_not_tested_on_itself),
        cmocka_unit_test(a_weak_segment),
        cmocka_unit_test(cancelled_and_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
