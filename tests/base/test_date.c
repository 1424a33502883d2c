/* Dates and timestamps. Day numbers from Python: (date.fromisoformat(d) - date(1970, 1, 1)).days */
#include "base/date.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Between texts and days a clock time is a sum of quotients by 86400: a few ulps of 8e4, 1.5e-11.
 */
static const double tolerance = 1e-10;

typedef struct date_case {
    const char *text;
    double days;
    bool has_clock;
} date_case;

static const date_case dates[] = {
    {"1970-01-01", 0, false},
    {"1969-12-31", -1, false},
    {"2000-02-29", 11016, false},
    {"1900-01-01", -25567, false},
    {"2199-12-31", 84005, false},
    {"2100-03-01", 47541, false},
    {"2026-11-02", 20759, false},
    {" 2026-11-02 ", 20759, false},
    {"2026-11-02T00:00", 20759, true},
    {"2026-11-02T12:00Z", 20759.5, true},
    {"2026-11-02 18:00", 20759.75, true},
    {"2026-11-02t06:00z", 20759.25, true},
    {"2026-11-02T24:00", 20760, true},
    {"2026-11-02T12:00+12:00", 20759, true},
    {"2026-11-02T12:00-1200", 20760, true},
    {"2026-11-02T12:00+06", 20759.25, true},
    {"2026-11-02T00:00:43.2", 20759.0005, true},
    {"2026-11-02T23:59:60", 20760, true}, /* a leap second is the next day's start */
};

static const char *const no_dates[] = {
    "",
    "today",
    "2026",
    "2026-11",
    "2026-11-2",
    "2026-1-02",
    "20261102",
    "02.11.2026",
    "11/02/2026",
    "2026/11/02",
    "2026-00-10",
    "2026-13-01",
    "2026-11-00",
    "2026-11-31",
    "2026-02-29",
    "2100-02-29",
    "1899-12-31",
    "2200-01-01",
    "2026-11-02x",
    "2026-11-02T",
    "2026-11-02T14",
    "2026-11-02T14:3",
    "2026-11-02T25:00",
    "2026-11-02T24:01",
    "2026-11-02T14:60",
    "2026-11-02T14:30:61",
    "2026-11-02T14:30.5",
    "2026-11-02T14:30+25:00",
    "2026-11-02T14:30+2",
    "2026-11-02T14:30Zx",
    "2026-11-02Z",
    "-2026-11-02",
};

static void test_dates_are_read(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof dates / sizeof *dates; i++) {
        double days = NAN;
        bool has_clock = !dates[i].has_clock;
        if (!recoup_date_parse(dates[i].text, 0, &days, &has_clock) ||
            !(fabs(days - dates[i].days) < tolerance) || has_clock != dates[i].has_clock)
            fail_msg("'%s' gave %.17g", dates[i].text, days);
    }
}

static void test_other_texts_are_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof no_dates / sizeof *no_dates; i++) {
        double days = -99;
        if (recoup_date_parse(no_dates[i], 0, &days, NULL) || days != -99)
            fail_msg("'%s' gave %.17g", no_dates[i], days);
    }
}

typedef struct local_case {
    recoup_date_order order;
    const char *text;
    double days; /* NaN: refused */
    bool has_clock;
} local_case;

/* 2017-03-01 is day 17226: (date(2017, 3, 1) - date(1970, 1, 1)).days of Python. */
static const local_case local_dates[] = {
    {RECOUP_DATES_US, "3/1/2017", 17226, false},
    {RECOUP_DATES_US, "03/01/17", 17226, false},
    {RECOUP_DATES_EU, "1.3.2017", 17226, false},
    {RECOUP_DATES_EU, "01/03/2017", 17226, false},
    {RECOUP_DATES_EU, "1.3.17", 17226, false},
    {RECOUP_DATES_US, " 3/1/2017 ", 17226, false},
    {RECOUP_DATES_US, "2017-03-01", 17226, false}, /* ISO in any case */
    {RECOUP_DATES_EU, "2017-03-01T06:00Z", 17226.25, true},
    {RECOUP_DATES_US, "3/1/2017 6:00", 17226.25, true},
    {RECOUP_DATES_US, "3/1/2017 06:00 PM", 17226.75, true},
    {RECOUP_DATES_US, "3/1/2017, 6:00pm", 17226.75, true},
    {RECOUP_DATES_US, "3/1/17 12:00 AM", 17226, true},
    {RECOUP_DATES_US, "3/1/17 12:00 PM", 17226.5, true},
    {RECOUP_DATES_EU, "1.3.2017 18:00:00", 17226.75, true},
    {RECOUP_DATES_EU, "1.3.2017 18:00 UTC", 17226.75, true},
    {RECOUP_DATES_ISO, "2017-03-01 6:00", 17226.25, true}, /* as spreadsheets leave it */
    {RECOUP_DATES_ISO, "2017-03-01 06:00:00 UTC", 17226.25, true},
    {RECOUP_DATES_US, "1/1/69", -365, false}, /* two digits: 1969 to 2068 */
    {RECOUP_DATES_US, "1/1/68", 35794, false},
    {RECOUP_DATES_ISO, "3/1/2017", NAN, false},
    {RECOUP_DATES_US, "1.3.2017", NAN, false},
    {RECOUP_DATES_US, "13/1/2017", NAN, false},
    {RECOUP_DATES_EU, "1/13/2017", NAN, false},
    {RECOUP_DATES_EU, "1.3/2017", NAN, false},
    {RECOUP_DATES_US, "2/29/2017", NAN, false},
    {RECOUP_DATES_US, "3/1/217", NAN, false},
    {RECOUP_DATES_US, "3/1/20177", NAN, false},
    {RECOUP_DATES_US, "3/1", NAN, false},
    {RECOUP_DATES_US, "/1/2017", NAN, false},
    {RECOUP_DATES_US, "3/1/2017 13:00 PM", NAN, false},
    {RECOUP_DATES_US, "3/1/2017 0:30 AM", NAN, false},
    {RECOUP_DATES_US, "3/1/2017 6", NAN, false},
    {RECOUP_DATES_US, "3/1/2017,", NAN, false},
    {RECOUP_DATES_EU, "", NAN, false},
};

static void test_dates_as_people_write_them(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof local_dates / sizeof *local_dates; i++) {
        const local_case *c = &local_dates[i];
        double days = -99;
        bool has_clock = !c->has_clock;
        bool fits = recoup_date_parse_as(c->order, c->text, 0, &days, &has_clock);
        if (fits != !isnan(c->days) ||
            (fits && (!(fabs(days - c->days) < tolerance) || has_clock != c->has_clock)))
            fail_msg("'%s' gave %.17g", c->text, days);
    }
}

/* A zone moves what has none of its own: midnight two hours ahead of UTC comes two hours before. */
static void test_zone(void **state) {
    (void)state;
    double zone = 0, days = 0;
    assert_true(recoup_zone_parse("+02:00", &zone));
    assert_true(fabs(zone - 2 / 24.0) < tolerance);
    assert_true(recoup_date_parse("2026-11-02", zone, &days, NULL));
    assert_true(fabs(days - (20759 - 2 / 24.0)) < tolerance);
    assert_true(recoup_date_parse("2026-11-02T12:00Z", zone, &days, NULL));
    assert_true(fabs(days - 20759.5) < tolerance);
    assert_true(recoup_zone_parse("-0530", &zone));
    assert_true(fabs(zone + 5.5 / 24) < tolerance);
    assert_true(recoup_zone_parse("UTC", &zone) && zone == 0);
    assert_true(recoup_zone_parse("Z", &zone) && zone == 0);
    assert_false(recoup_zone_parse("", &zone));
    assert_false(recoup_zone_parse("CET", &zone));
    assert_false(recoup_zone_parse("+2", &zone));
    assert_false(recoup_zone_parse("+02:00 x", &zone));
}

/* Every day of 1900 to 2199, counted by the rule of the calendar. */
static void test_every_day(void **state) {
    (void)state;
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int number = -25567; /* 1900-01-01 */
    for (int year = 1900; year < 2200; year++) {
        bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        for (int month = 1; month <= 12; month++) {
            int length = lengths[month - 1] + (month == 2 && leap);
            for (int day = 1; day <= length; day++, number++) {
                int y, m, d;
                assert_int_equal(recoup_days_from_civil(year, month, day), number);
                recoup_civil_from_days(number, &y, &m, &d);
                assert_true(y == year && m == month && d == day);
            }
        }
    }
    assert_int_equal(number, 84006);
}

static void test_format(void **state) {
    (void)state;
    char buffer[RECOUP_DATE_SIZE];
    assert_string_equal(recoup_date_format(buffer, 20759), "2026-11-02");
    assert_string_equal(recoup_date_format(buffer, 20759.999), "2026-11-02");
    assert_string_equal(recoup_date_format(buffer, -0.5), "1969-12-31");
    assert_string_equal(recoup_timestamp_format(buffer, 20759.5), "2026-11-02T12:00:00Z");
    assert_string_equal(recoup_timestamp_format(buffer, -0.25), "1969-12-31T18:00:00Z");
    /* every second of a day reads and writes back */
    for (int second = 0; second < 86400; second++) {
        char again[RECOUP_DATE_SIZE];
        double days = 0;
        recoup_timestamp_format(buffer, 20759 + second / 86400.0);
        assert_true(recoup_date_parse(buffer, 0.4, &days, NULL));
        assert_string_equal(recoup_timestamp_format(again, days), buffer);
        assert_true(fabs(days - (20759 + second / 86400.0)) < tolerance);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dates_are_read),
        cmocka_unit_test(test_other_texts_are_refused),
        cmocka_unit_test(test_dates_as_people_write_them),
        cmocka_unit_test(test_zone),
        cmocka_unit_test(test_every_day),
        cmocka_unit_test(test_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
