/* The disposition of a deal: the rule of diagnose/disposition.h, case by case, as a person reads
 * it. */
#include "diagnose/disposition.h"

#include "crm/hygiene.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define EXPIRED (1u << RECOUP_HYGIENE_EXPIRED)
#define IDLE (1u << RECOUP_HYGIENE_NO_NEXT_STEP)
#define STALE (1u << RECOUP_HYGIENE_STALE)
#define ANCIENT (1u << RECOUP_HYGIENE_ANCIENT)
#define NO_AMOUNT (1u << RECOUP_HYGIENE_NO_AMOUNT)

static const recoup_disposition_scope all = {true, true, 100};

typedef struct disposition_case {
    unsigned rules;
    double win, fresh;
    recoup_disposition expected;
} disposition_case;

static void check(const disposition_case *cases, size_t n, const recoup_disposition_scope *scope) {
    for (size_t i = 0; i < n; i++) {
        recoup_disposition found =
            recoup_disposition_of(cases[i].rules, cases[i].win, cases[i].fresh, scope);
        if (found != cases[i].expected)
            fail_msg("case %zu: %s, expected %s", i, recoup_disposition_names[found],
                     recoup_disposition_names[cases[i].expected]);
    }
}
#define CHECK(cases, ...) check(cases, sizeof cases / sizeof *cases, __VA_ARGS__)

static void test_all_columns(void **state) {
    (void)state;
    static const disposition_case cases[] = {
        /* what is lacking is put right */
        {0, .1, .5, RECOUP_KEEP},
        {IDLE, .1, .5, RECOUP_KEEP},
        {NO_AMOUNT, 0, .5, RECOUP_KEEP},
        {IDLE | NO_AMOUNT, 0, .5, RECOUP_KEEP},
        /* nobody works on it, and it is too old */
        {ANCIENT | IDLE, .9, .5, RECOUP_CLOSE_LOST},
        {STALE | EXPIRED | IDLE, .9, .5, RECOUP_CLOSE_LOST},
        {STALE | EXPIRED | IDLE | ANCIENT | NO_AMOUNT, 0, .5, RECOUP_CLOSE_LOST},
        /* two of three are not enough */
        {STALE | IDLE, .1, .5, RECOUP_NURTURE},
        {EXPIRED | IDLE, .1, .5, RECOUP_NURTURE},
        {STALE | EXPIRED, .1, .5, RECOUP_NURTURE},
        {ANCIENT | STALE | EXPIRED, .1, .5, RECOUP_NURTURE},
        /* as good as half a fresh one, or not */
        {STALE, .25, .5, RECOUP_KEEP},
        {STALE, .2499, .5, RECOUP_NURTURE},
        {EXPIRED, .3, .5, RECOUP_KEEP},
        {ANCIENT, .3, .5, RECOUP_KEEP},
        {ANCIENT, 0, .5, RECOUP_NURTURE},
        /* nothing to hold it against */
        {STALE, .9, NAN, RECOUP_NURTURE},
        {IDLE, .9, NAN, RECOUP_KEEP},
    };
    CHECK(cases, &all);
}

/* The oldest of 18 wins is no evidence; of 19 it is. */
static void test_few_wins(void **state) {
    (void)state;
    static const disposition_case few[] = {{ANCIENT | IDLE, .4, .5, RECOUP_KEEP},
                                           {ANCIENT | IDLE, .1, .5, RECOUP_NURTURE},
                                           {STALE | EXPIRED | IDLE, .4, .5, RECOUP_CLOSE_LOST}};
    static const disposition_case enough[] = {{ANCIENT | IDLE, .4, .5, RECOUP_CLOSE_LOST}};
    CHECK(few, &(recoup_disposition_scope){true, true, 18});
    CHECK(enough, &(recoup_disposition_scope){true, true, 19});
}

/* A column that is not there speaks neither for nor against a deal. */
static void test_missing_columns(void **state) {
    (void)state;
    static const disposition_case no_steps[] = {{ANCIENT, .4, .5, RECOUP_CLOSE_LOST},
                                                {STALE | EXPIRED, .4, .5, RECOUP_CLOSE_LOST},
                                                {STALE, .4, .5, RECOUP_KEEP},
                                                {EXPIRED, .4, .5, RECOUP_KEEP}};
    static const disposition_case no_dates[] = {{STALE | IDLE, .4, .5, RECOUP_CLOSE_LOST},
                                                {STALE, .4, .5, RECOUP_KEEP},
                                                {ANCIENT, .4, .5, RECOUP_KEEP}};
    static const disposition_case neither[] = {{STALE, .1, .5, RECOUP_NURTURE},
                                               {STALE, .4, .5, RECOUP_KEEP},
                                               {ANCIENT, .4, .5, RECOUP_CLOSE_LOST}};
    CHECK(no_steps, &(recoup_disposition_scope){true, false, 100});
    CHECK(no_dates, &(recoup_disposition_scope){false, true, 100});
    CHECK(neither, &(recoup_disposition_scope){false, false, 100});
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_columns),
        cmocka_unit_test(test_few_wins),
        cmocka_unit_test(test_missing_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
