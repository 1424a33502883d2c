/* What the tables lack: only what there is, counted. */
#include "simulated.h"

#include <math.h>

#define MODEL(cohort)                                                                              \
    "recoup: model/1\nstages: [demo, legal]\ncohorts: [" cohort "]\nexits:\n"                      \
    "  demo: {advance: {logit: 0, dwell: {family: exponential, mean: 9}}, lost: {dwell: {family: " \
    "exponential, mean: 9}}}\n"                                                                    \
    "  legal: {advance: {logit: 0, dwell: {family: exponential, mean: 9}}, lost: {dwell: "         \
    "{family: exponential, mean: 9}}}\n"                                                           \
    "amount: {new: {family: lognormal, median: 100, sigma: 1}}\narrivals: {" cohort ": 0.1}\n"

typedef struct expected_row {
    const char *table, *column, *problem;
    int n, n_rows;
} expected_row;

static recoup_results *diagnose(const char *deals, const char *reps) {
    world w = make_world(reps ? MODEL("top") : MODEL("all"), deals, reps,
                         "simulation: {estimator: conditional}\n");
    recoup_results *results = diagnose_part(&w, recoup_diagnose_quality);
    free_world(&w);
    return results;
}

static void assert_rows(const recoup_results *results, const expected_row *expected, int n) {
    int found;
    const recoup_quality_row *row = recoup_results_records(results, RECOUP_RECORD_QUALITY, &found);
    for (int i = 0; i < n && i < found; i++) {
        if (strcmp(row[i].column, expected[i].column) != 0 || row[i].n != expected[i].n ||
            row[i].n_rows != expected[i].n_rows)
            fail_msg("row %d is %s.%s: %s, %d of %d", i, row[i].table, row[i].column,
                     row[i].problem, row[i].n, row[i].n_rows);
        assert_string_equal(row[i].table, expected[i].table);
        assert_string_equal(row[i].problem, expected[i].problem);
        assert_true(*row[i].meaning);
        if (row[i].n_rows > 0)
            assert_true(row[i].share == (double)row[i].n / row[i].n_rows);
        else
            assert_true(isnan(row[i].share));
    }
    assert_int_equal(found, n);
}

/* One or two of each. */
static void test_some(void **state) {
    (void)state;
    static const char deals[] =
        "deal_id,rep_id,amount,created,stage,outcome,stage_entered,closed,channel,segment,"
        "competitor,"
        "product,list_amount,expected_close,next_step,loss_reason\n"
        "o1,a,10,2025-12-20,demo,open,2025-12-20T08:00,,web,bank,Acme,P,10,2026-02-01,call,\n"
        "o2,,,2025-12-20,demo,open,2025-12-21,,,bank,,P,10,,,\n"
        "o3,b,0,2025-12-20,legal,open,2025-12-22,,web,,Acme,,,2026-02-01,call,\n"
        "o4,a,7,,demo,open,,,web,bank,Acme,P,10,2026-02-01,call,\n" /* no creation */
        "l1,a,20,2025-11-01,demo,lost,2025-11-01,2025-11-20,web,bank,Acme,P,25,,,price\n"
        "l2,a,20,2025-11-01,demo,lost,2025-11-20,2025-11-20,web,bank,Acme,P,20,,,\n" /* at once */
        "w1,b,30,2025-11-01,legal,won,2025-11-10,2025-12-01,web,bank,Acme,P,30,,,\n"
        "late,,,2026-02-01,demo,open,,,,,,,,,,\n"; /* after the as-of date: not seen */
    static const char reps[] = "rep_id,cohort,quota,start_date,status\n"
                               "a,top,100,2024-01-01,active\nb,top,,,active\nc,top,,,vacant\n";
    static const expected_row expected[] = {
        {"deals", "created", "missing in an open deal", 1, 4},
        {"deals", "rep_id", "missing", 1, 6},
        {"deals", "amount", "missing", 1, 6},
        {"deals", "amount", "zero", 1, 6},
        {"deals", "channel", "missing", 1, 6},
        {"deals", "segment", "missing", 1, 6},
        {"deals", "competitor", "missing", 1, 6},
        {"deals", "product", "missing", 1, 6},
        {"deals", "loss_reason", "missing", 1, 2},
        {"deals", "list_amount", "missing", 1, 6},
        {"deals", "expected_close", "missing", 1, 3},
        {"deals", "amount", "today's only, no history", 3, 3},
        {"deals", "stage_entered", "left in the instant of entry", 1, 3},
        {"reps", "quota", "missing", 1, 2},
        {"reps", "start_date", "missing", 1, 2},
        {"stage_history", "", "not given", 0, 0},
        {"activities", "", "none before the as-of date", 0, 0},
    };
    recoup_results *results = diagnose(deals, reps);
    assert_rows(results, expected, sizeof expected / sizeof *expected);
    recoup_results_free(results);
}

/* The least that a table may hold: what is lacking everywhere means something else. */
static void test_all(void **state) {
    (void)state;
    static const char deals[] = "deal_id,rep_id,amount,created,stage,outcome,closed,list_amount\n"
                                "x,,5,2025-12-30,demo,open,,5\ny,,5,2025-09-01,legal,open,,5\n"
                                "z,,5,2025-09-01,legal,won,2025-12-01,5\n";
    static const expected_row expected[] = {
        {"deals", "rep_id", "missing", 3, 3},
        {"deals", "amount", "the same in every deal", 3, 3},
        {"deals", "outcome", "no deal is lost", 1, 1},
        {"deals", "channel", "missing", 3, 3},
        {"deals", "segment", "missing", 3, 3},
        {"deals", "competitor", "missing", 3, 3},
        {"deals", "product", "missing", 3, 3},
        {"deals", "list_amount", "equal to the amount in every deal", 3, 3},
        {"deals", "expected_close", "missing", 2, 2},
        {"deals", "next_step", "missing", 2, 2},
        {"deals", "amount", "today's only, no history", 2, 2},
        {"deals", "stage_entered", "missing", 2, 3}, /* since when they are in legal */
        {"deals", "stage_entered", "day without a time", 3, 3},
        {"stage_history", "", "not given", 0, 0},
        {"reps", "", "not given", 0, 0},
        {"activities", "", "none before the as-of date", 0, 0},
    };
    recoup_results *results = diagnose(deals, NULL);
    assert_rows(results, expected, sizeof expected / sizeof *expected);
    const recoup_quality_row *row = results->records[RECOUP_RECORD_QUALITY].row;
    assert_string_equal(row[0].meaning, "reps cannot be compared");
    assert_string_equal(row[3].meaning, "channels cannot be compared");
    recoup_results_free(results);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_some),
        cmocka_unit_test(test_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
