/* Past periods: which there are, whether the history covers them, and what was in play in them. */
#include "base/date.h"
#include "diagnose/past_periods.h"
#include "diagnose/reference.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../fit/synthetic_view.h"

/* A long history of deals won after 40 days, and the view that knows it up to the as-of date. */
static recoup_view *long_history(double first, double as_of) {
    recoup_view *view = empty_view(1, 1, 0, 2000, 2000);
    view->as_of = as_of;
    view->first_created = as_of;
    for (double day = first; day < as_of && view->n_deals < 2000; day += 5) {
        int deal = add_deal(view, 0, 0, day, 100);
        bool is_won = day + 40 < as_of;
        add_visit(view, deal, 0, day, is_won ? 40 : as_of - day,
                  is_won ? RECOUP_TO_WON : RECOUP_TO_NONE);
    }
    return view;
}

static double day(int year, int month, int of) {
    return recoup_days_from_civil(year, month, of);
}

static void calendar_periods(void **state) {
    (void)state;
    static const struct {
        int start[3], end[3]; /* end: the day after the last */
        int last[3], year[3]; /* starts; the last period ends where the period starts */
        int year_end[3];
        int n;
    } of[] = {
        /* a quarter, a fiscal quarter, a month, a half, 45 days, a leap day's month, a year */
        {{2026, 10, 1}, {2027, 1, 1}, {2026, 7, 1}, {2025, 10, 1}, {2026, 1, 1}, 2},
        {{2026, 11, 1}, {2027, 2, 1}, {2026, 8, 1}, {2025, 11, 1}, {2026, 2, 1}, 2},
        {{2026, 3, 1}, {2026, 4, 1}, {2026, 2, 1}, {2025, 3, 1}, {2025, 4, 1}, 2},
        {{2026, 1, 1}, {2026, 7, 1}, {2025, 7, 1}, {2025, 1, 1}, {2025, 7, 1}, 2},
        {{2026, 1, 10}, {2026, 2, 24}, {2025, 11, 26}, {2025, 1, 10}, {2025, 2, 24}, 2},
        {{2024, 2, 1}, {2024, 3, 1}, {2024, 1, 1}, {2023, 2, 1}, {2023, 3, 1}, 2},
        {{2026, 1, 1}, {2027, 1, 1}, {2025, 1, 1}, {0}, {0}, 1},
    };
    recoup_view *view = long_history(day(2022, 1, 1), day(2024, 2, 15));
    for (size_t i = 0; i < sizeof of / sizeof *of; i++)
        for (int zone = 0; zone < 2; zone++) {
            double ahead = zone * -2. / 24; /* midnight two hours ahead of UTC */
            recoup_reference reference[RECOUP_REFERENCES];
            double start = day(of[i].start[0], of[i].start[1], of[i].start[2]) + ahead;
            double end = day(of[i].end[0], of[i].end[1], of[i].end[2]) + ahead;
            int n = recoup_references_find(view, start, end, reference);
            assert_int_equal(n, of[i].n);
            assert_string_equal(reference[0].name, "last period");
            assert_true(reference[0].start ==
                        day(of[i].last[0], of[i].last[1], of[i].last[2]) + ahead);
            assert_true(reference[0].end == start);
            if (n < 2)
                continue;
            assert_string_equal(reference[1].name, "same period last year");
            assert_true(reference[1].start ==
                        day(of[i].year[0], of[i].year[1], of[i].year[2]) + ahead);
            assert_true(reference[1].end ==
                        day(of[i].year_end[0], of[i].year_end[1], of[i].year_end[2]) + ahead);
        }
    free_view(view);
}

/* Back and back again: a month from the 31st on keeps its 31st, and periods lie end to end. */
static void period_by_period(void **state) {
    (void)state;
    const double start = day(2026, 5, 31), end = day(2026, 6, 30); /* June has no 31st */
    const double earlier[] = {day(2026, 4, 30), day(2026, 3, 31), day(2026, 2, 28),
                              day(2026, 1, 31)};
    double next = start;
    for (int n = 1; n <= 4; n++) {
        recoup_past_period past = recoup_past_period_of(start, end, n);
        assert_true(past.start == earlier[n - 1] && past.end == next);
        next = past.start;
        past = recoup_past_period_of(100, 145, n); /* 45 days are no months */
        assert_true(past.start == 100 - 45 * n && past.end == 145 - 45 * n);
    }
}

/* The cycle is 40 days: a history that begins 40 days before a reference covers it, one that begins
 * a day later does not; and so with deals cut by closing instead. */
static void coverage(void **state) {
    (void)state;
    double start = day(2026, 10, 1), end = day(2027, 1, 1), as_of = day(2026, 11, 2);
    for (int late = 0; late < 2; late++) {
        recoup_reference reference[RECOUP_REFERENCES];
        recoup_view *view = long_history(day(2026, 7, 1) - 40 + late, as_of);
        /* One deal lost at once, so that something was closed before the reference. */
        int lost = add_deal(view, 0, 0, view->first_created, 1);
        add_visit(view, lost, 0, view->first_created, 1, RECOUP_TO_LOST);
        int n = recoup_references_find(view, start, end, reference);
        assert_int_equal(n, !late);
        free_view(view);
    }
    /* Created long before, but nothing that was closed before August is in the tables. */
    recoup_view *view = long_history(day(2026, 6, 25), as_of);
    view->created[0] = view->first_created = day(2025, 1, 1);
    recoup_reference reference[RECOUP_REFERENCES];
    assert_int_equal(recoup_references_find(view, start, end, reference), 0);
    free_view(view);
    /* No deal was ever won, and no deal at all. */
    view = long_history(as_of - 20, as_of);
    assert_int_equal(recoup_references_find(view, start, end, reference), 0);
    free_view(view);
    view = empty_view(1, 1, 0, 1, 1);
    assert_int_equal(recoup_references_find(view, start, end, reference), 0);
    free_view(view);
}

/* In the period [100, 200), as known at 300; each line: created, closed, outcome, what it counts.
 */
static void counts(void **state) {
    (void)state;
    static const struct {
        double created, closed;
        int target;
        double deals, eventual, wins;
    } of[] = {
        {50, 99, RECOUP_TO_WON, 0, 0, 0},   /* over before */
        {50, 100, RECOUP_TO_WON, 1, 1, 1},  /* on the first day */
        {50, 120, RECOUP_TO_LOST, 1, 0, 0}, /* lost within */
        {150, 160, RECOUP_TO_WON, 1, 1, 1}, /* came and was won */
        {150, 200, RECOUP_TO_WON, 1, 1, 0}, /* won after the last day */
        {150, 290, RECOUP_TO_LOST, 1, 0, 0},
        {150, 300, RECOUP_TO_NONE, 1, 0, 0}, /* still open: what it will be is not known */
        {200, 210, RECOUP_TO_WON, 0, 0, 0},  /* came after it */
    };
    enum { N = sizeof of / sizeof *of };
    recoup_view *view = empty_view(1, 2, 0, 2 * N, 2 * N);
    double deals = 0, eventual = 0, wins = 0;
    for (int i = 0; i < N; i++) {
        int deal = add_deal(view, 1, 0, of[i].created, 10);
        add_visit(view, deal, 0, of[i].created, of[i].closed - of[i].created, of[i].target);
        deals += of[i].deals;
        eventual += of[i].eventual;
        wins += of[i].wins;
    }
    recoup_deal_counts found[2];
    recoup_deals_count(view, 100, 200, found);
    assert_true(found[0].deals == 0 && found[0].bookings == 0);
    assert_true(found[1].deals == deals && found[1].eventual == eventual);
    assert_true(found[1].wins == wins && found[1].bookings == 10 * wins);
    free_view(view);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calendar_periods),
        cmocka_unit_test(period_by_period),
        cmocka_unit_test(coverage),
        cmocka_unit_test(counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
