/* The rules of hygiene on a table that says of each deal which it is to match. */
#include "crm_files.h"

#include "crm/hygiene.h"
#include <math.h>

enum {
    EXPIRED = 1 << RECOUP_HYGIENE_EXPIRED,
    NO_NEXT_STEP = 1 << RECOUP_HYGIENE_NO_NEXT_STEP,
    STALE = 1 << RECOUP_HYGIENE_STALE,
    ANCIENT = 1 << RECOUP_HYGIENE_ANCIENT,
    NO_AMOUNT = 1 << RECOUP_HYGIENE_NO_AMOUNT
};

/* As of 2026-03-01. The won deal took 59 days; the one won later does not count. */
#define HEAD "deal_id,rep_id,amount,created,stage,outcome,stage_entered,closed"
static const char deals[] =
    HEAD ",expected_close,next_step\n"
         "a0,r,10,2026-02-01,demo,open,2026-02-20,,2026-04-01,call\n"
         "a1,r,10,2026-02-01,demo,open,2026-02-20,,2026-01-30,call\n"  /* 30 days before */
         "a2,r,10,2026-02-01,demo,open,2026-02-20,,2026-01-29,call\n"  /* 31 */
         "a3,r,10,2026-02-01,demo,open,2026-02-20,,,2026-03-01 call\n" /* today */
         "a4,r,10,2026-02-01,demo,open,2026-02-20,,,2026-02-28\n"
         "a5,r,10,2026-02-01,demo,open,2026-02-20,,,2026-02-28T18:00:00Z demo\n"
         "a6,r,10,2026-02-01,demo,open,2026-02-20,,,2026-02-28: demo with the board\n"
         "a7,r,10,2026-02-01,demo,open,2026-02-20,,,\n"
         "b1,r,10,2026-02-01,demo,open,2026-02-19,,,call\n" /* 10 days in its stage */
         "b2,r,10,2026-02-01,demo,open,2026-02-18,,,call\n" /* 11 */
         "c1,r,10,2026-01-01,demo,open,2026-02-20,,,call\n" /* 59 days */
         "c2,r,10,2025-12-31,demo,open,2026-02-20,,,call\n" /* 60 */
         "d1,r,0,2026-02-01,demo,open,2026-02-20,,,call\n"
         "d2,r,,2026-02-01,demo,open,2026-02-20,,,call\n"
         "e1,r,,2025-06-01,demo,open,2025-07-01,,2025-08-01,\n"
         "w1,r,10,2025-10-01,demo,won,2025-10-20,2025-11-29,,\n"
         "w2,r,10,2025-06-01,demo,won,2025-10-20,2026-03-05,2026-03-01,call\n"
         "x1,r,10,2025-06-01,demo,lost,2025-10-20,2026-01-05,,\n";

static const struct {
    const char *id;
    unsigned rules;
} expected[] = {
    {"a0", 0},
    {"a1", 0},
    {"a2", EXPIRED},
    {"a3", 0},
    {"a4", NO_NEXT_STEP},
    {"a5", NO_NEXT_STEP},
    {"a6", NO_NEXT_STEP},
    {"a7", NO_NEXT_STEP},
    {"b1", 0},
    {"b2", STALE},
    {"c1", 0},
    {"c2", ANCIENT},
    {"d1", NO_AMOUNT},
    {"d2", NO_AMOUNT},
    {"e1", EXPIRED | NO_NEXT_STEP | STALE | ANCIENT | NO_AMOUNT},
    {"w2", STALE | ANCIENT}, /* open then */
};
enum { N_OPEN = sizeof expected / sizeof *expected };

static recoup_view *view_of(const char *table) {
    crm_files files;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_view_options options = crm_options("2026-03-01");
    crm_open(&files, table, NULL, NULL, NULL);
    recoup_view *view = crm_view(&files.source, &options, &error);
    crm_close(&files);
    recoup_error_clear(&error);
    return view;
}

static void test_rules(void **state) {
    (void)state;
    recoup_view *view = view_of(deals);
    double stale_days[N_OPEN + 2];
    for (int i = 0; i < N_OPEN + 2; i++)
        stale_days[i] = 10;
    assert_true(recoup_hygiene_longest_win(view) == 59);
    recoup_hygiene_limits limits = {
        .expired_days = 30, .stale_days = stale_days, .ancient_days = 59};
    int n = 0;
    for (int i = 0; i < view->n_deals; i++) {
        if (view->outcome[i] != RECOUP_OPEN)
            continue;
        assert_string_equal(view->deal_id[i], expected[n].id);
        unsigned rules = recoup_hygiene_match(view, &limits, i);
        if (rules != expected[n].rules)
            fail_msg("deal %s matches %x instead of %x", view->deal_id[i], rules,
                     expected[n].rules);
        n++;
    }
    assert_int_equal(n, N_OPEN);
    for (int rule = 0; rule < RECOUP_N_HYGIENE_RULES; rule++)
        assert_null(recoup_hygiene_missing(view, (recoup_hygiene_rule)rule));
    /* without limits nobody is stale or ancient */
    limits = (recoup_hygiene_limits){.expired_days = 1e4, .ancient_days = INFINITY};
    for (int i = 0; i < view->n_deals; i++)
        assert_int_equal(recoup_hygiene_match(view, &limits, i) & (STALE | ANCIENT | EXPIRED), 0);
    recoup_view_free(view);
}

/* Without the columns the rules have nothing to look at, and without wins nothing is ancient. */
static void test_missing_columns(void **state) {
    (void)state;
    recoup_view *view =
        view_of(HEAD "\na,r,10,2020-02-01,demo,open,2026-02-20,\nb,r,9,2021-01-01,demo,lost,"
                     "2021-01-01,2025-01-01\n");
    assert_string_equal(recoup_hygiene_missing(view, RECOUP_HYGIENE_EXPIRED), "expected_close");
    assert_string_equal(recoup_hygiene_missing(view, RECOUP_HYGIENE_NO_NEXT_STEP), "next_step");
    assert_null(recoup_hygiene_missing(view, RECOUP_HYGIENE_STALE));
    assert_null(recoup_hygiene_missing(view, RECOUP_HYGIENE_ANCIENT));
    assert_null(recoup_hygiene_missing(view, RECOUP_HYGIENE_NO_AMOUNT));
    assert_true(recoup_hygiene_longest_win(view) == INFINITY);
    recoup_view_free(view);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_missing_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
