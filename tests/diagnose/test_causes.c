/* All tests together, on views with and without what they need. */
#include "../world.h"
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

/* A team of two cohorts with six reps each; one of them loses more in the first stage: of 60 deals
 * of each rep 48 and 24 go on. */
static char *write_deals(void) {
    enum { REPS = 12, DEALS = 60, LINE = 96 };
    char *text = calloc(REPS * DEALS + 1, LINE);
    assert_non_null(text);
    size_t used = (size_t)sprintf(text, "deal_id,rep_id,amount,created,stage,outcome,closed\n");
    for (int r = 0; r < REPS; r++)
        for (int i = 0; i < DEALS; i++) {
            int month = i % 9 + 1, day = (i * 7 + r) % 20 + 1;
            bool won = i % 5 < (r < 6 ? 4 : 2);
            used += (size_t)sprintf(
                text + used, "D%02d%03d,R%02d,1000,2025-%02d-%02d,only,%s,2025-%02d-%02d\n", r, i,
                r, month, day, won ? "won" : "lost", month, day + 2 + i % 6);
        }
    return text;
}

static world make_team(void) {
    char reps[512] = "rep_id,cohort\n", line[32], *deals = write_deals();
    for (int r = 0; r < 12; r++) {
        snprintf(line, sizeof line, "R%02d,%s\n", r, r < 6 ? "old" : "new");
        strcat(reps, line);
    }
    world w = make_world("recoup: model/1\nstages: [only]\ncohorts: [old, new]\n"
                         "exits:\n  only:\n    advance: {logit: 0, dwell: {family: exponential, "
                         "mean: 5}}\n    lost: {dwell: {family: exponential, mean: 5}}\n",
                         deals, reps, "");
    free(deals);
    return w;
}

/* 40 % of 360 against 80 %: without censoring the shares themselves. */
static void a_weak_cohort_is_found_first(void **state) {
    (void)state;
    world w = make_team();
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
    world w = make_team();
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_history_nothing_is_said),
        cmocka_unit_test(a_weak_cohort_is_found_first),
        cmocka_unit_test(whatever_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
