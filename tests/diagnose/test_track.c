/* Tracking: the arithmetic against other ways to compute it, and rows of results made by hand. */
#include "diagnose/track.h"

#include "diagnose/factors.h"
#include "diagnose/wilson.h"
#include "results/records.h"
#include "tally/tally.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { N = RECOUP_TALLY_QUANTILES };

static void assert_close(double value, double expected, double tolerance) {
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.12g is not within %.2g of %.12g", value, tolerance, expected);
}

/* --- scores ----------------------------------------------------------------------------------- */

/* The distribution function of the law with the quantile function of the header: p[0] at the first
 * quantile, linear between, 1 from the last one on. */
static double distribution(const double *p, const double *quantile, double x) {
    if (x < quantile[0])
        return 0;
    if (x >= quantile[N - 1])
        return 1;
    int i = 0;
    while (quantile[i + 1] <= x)
        i++;
    return p[i] + (x - quantile[i]) / (quantile[i + 1] - quantile[i]) * (p[i + 1] - p[i]);
}

/* CRPS in its other form, the integral of (F(x) - 1{x >= value})² dx, by the midpoint rule. */
static double integrate(const double *p, const double *quantile, double value) {
    double low = fmin(quantile[0], value) - 1, high = fmax(quantile[N - 1], value) + 1, sum = 0;
    int n = 400000;
    for (int i = 0; i < n; i++) {
        double x = low + (i + .5) / n * (high - low);
        double difference = distribution(p, quantile, x) - (x >= value);
        sum += difference * difference;
    }
    return sum * (high - low) / n;
}

/* The midpoint rule is off by at most a cell for each jump: there are three. */
static void test_score(void **state) {
    (void)state;
    const double quantile[N] = {1, 2, 2.5, 4, 5, 7, 8, 8.5, 12};
    const double values[] = {-3, 1, 1.7, 5, 6.3, 8.2, 12, 20};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        double score = recoup_track_score(recoup_tally_quantiles, quantile, N, values[i]);
        assert_close(score, integrate(recoup_tally_quantiles, quantile, values[i]), 3 * 25. / 4e5);
    }
}

/* A forecast without spread scores its error. */
static void test_score_of_a_point(void **state) {
    (void)state;
    const double quantile[N] = {4, 4, 4, 4, 4, 4, 4, 4, 4};
    assert_close(recoup_track_score(recoup_tally_quantiles, quantile, N, 9), 5, 1e-12);
    assert_close(recoup_track_score(recoup_tally_quantiles, quantile, N, 1), 3, 1e-12);
    assert_close(recoup_track_score(recoup_tally_quantiles, quantile, N, 4), 0, 1e-12);
}

static void test_position(void **state) {
    (void)state;
    const double quantile[N] = {1, 2, 3, 4, 4, 4, 8, 9, 10};
    const double *p = recoup_tally_quantiles;
    assert_close(recoup_track_position(p, quantile, N, 0), .01, 0);
    assert_close(recoup_track_position(p, quantile, N, 11), .99, 0);
    assert_close(recoup_track_position(p, quantile, N, 2), .05, 1e-15);
    assert_close(recoup_track_position(p, quantile, N, 2.5), .075, 1e-15);
    assert_close(recoup_track_position(p, quantile, N, 4), .5, 1e-15); /* of .25 to .75 */
    assert_close(recoup_track_position(p, quantile, N, 6), .825, 1e-15);
}

static void test_interpolation(void **state) {
    (void)state;
    const double x[] = {0, 7, 14}, y[] = {10, 24, 31};
    const double at[] = {-1, 0, 3.5, 7, 10.5, 14, 20}, expected[] = {10, 10, 17, 24, 27.5, 31, 31};
    for (int i = 0; i < 7; i++)
        assert_close(recoup_track_interpolate(x, y, 3, at[i]), expected[i], 1e-12);
}

/* Wilson's interval holds the shares p with |hits/n - p| <= z sqrt(p (1 - p) / n): its ends are
 * where that is an equality. */
static void test_wilson(void **state) {
    (void)state;
    double low, high, z = 1.959963984540054;
    recoup_wilson(7, 9, &low, &high);
    assert_true(low < 7. / 9 && 7. / 9 < high);
    assert_close(7. / 9 - low, z * sqrt(low * (1 - low) / 9), 1e-12);
    assert_close(high - 7. / 9, z * sqrt(high * (1 - high) / 9), 1e-12);
    recoup_wilson(0, 3, &low, &high);
    assert_close(low, 0, 0);
    recoup_wilson(0, 0, &low, &high);
    assert_true(isnan(low) && isnan(high));
}

/* --- results by hand -------------------------------------------------------------------------- */

typedef struct forecast {
    const char *as_of;
    double booked, first_week, later; /* paths book uniformly 0 ... 1 times as much in each */
} forecast;

enum { PATHS = 1000, QUOTA = 1500 };

/* One plan, two weeks, PATHS paths: booked + u first_week by the first week's end, and u later more
 * by the second's, u = (i + ½) / PATHS. */
static recoup_results *make_results(const forecast *of, const char *end, bool has_weeks) {
    char *plan[] = {"as is"};
    const double cost = 0, week[] = {20000, 20007};
    recoup_tally_shape shape = {.n_plans = 1,
                                .n_weeks = has_weeks ? 2 : 0,
                                .n_draws = 1,
                                .plan = plan,
                                .plan_cost = &cost,
                                .week = week,
                                .quota = QUOTA,
                                .booked = of->booked,
                                .currency = "EUR",
                                .chunk_paths = PATHS,
                                .paths_per_draw = PATHS};
    recoup_provenance provenance = {
        .title = "by hand", .as_of = of->as_of, .period_start = "2026-10-01", .period_end = end};
    recoup_tally *tally = NULL;
    recoup_chunk chunk = {0};
    recoup_results *results = NULL;
    assert_int_equal(recoup_tally_create(&shape, &tally, NULL), RECOUP_OK);
    assert_int_equal(recoup_chunk_init(&chunk, &shape, NULL), RECOUP_OK);
    chunk.n = PATHS;
    for (int i = 0; i < PATHS; i++) {
        double u = (i + .5) / PATHS;
        chunk.bookings[i] = of->booked + u * (of->first_week + of->later);
        if (has_weeks) {
            chunk.week[i] = of->booked + u * of->first_week;
            chunk.week[PATHS + i] = chunk.bookings[i];
        }
    }
    recoup_sums *sums = recoup_sums_new(&tally->arena, &shape, 1);
    assert_non_null(sums);
    recoup_sums_set(sums, &shape, &chunk);
    assert_int_equal(recoup_tally_count(tally, &chunk, NULL), RECOUP_OK);
    recoup_tally_add(tally, sums);
    assert_int_equal(recoup_results_create(tally, &provenance, &results, NULL), RECOUP_OK);
    recoup_chunk_clear(&chunk);
    recoup_tally_free(tally);
    return results;
}

static void add_factors(recoup_results *results, const char *cohort, const double *factor) {
    static const char *const names[] = {"volume", "win rate", "value", "velocity", "total"};
    double product = 1;
    for (int f = 0; f <= RECOUP_FACTORS; f++) {
        recoup_gap_row *row = recoup_records_add(results, RECOUP_RECORD_GAP);
        row->reference = "last period";
        row->cohort = cohort;
        row->factor = names[f];
        row->value = f < RECOUP_FACTORS ? factor[f] : product;
        product *= f < RECOUP_FACTORS ? factor[f] : 1;
    }
}

static void add_inflow(recoup_results *results, double counted, double mean, double low,
                       double high) {
    const double rows[2][3] = {{counted, counted, counted}, {mean, low, high}};
    for (int i = 0; i < 2; i++) {
        recoup_inflow_row *row = recoup_records_add(results, RECOUP_RECORD_INFLOW);
        row->created = rows[i][0];
        row->low = rows[i][1];
        row->high = rows[i][2];
    }
}

static void add_action(recoup_results *results, const char *what, double due) {
    recoup_action_row *row = recoup_records_add(results, RECOUP_RECORD_ACTION);
    row->plan = "as is";
    row->what = what;
    row->due = due;
}

static const forecast weeks[] = {
    {"2026-10-05", 100, 400, 800}, {"2026-10-12", 120, 300, 700}, {"2026-10-19", 500, 300, 200}};
static const char *const sources[] = {"c.h5", "a.h5", "b.h5"};

static recoup_track *make_track(recoup_results *const *results, int n) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_track *track = NULL;
    recoup_status status =
        recoup_track_make((const recoup_results *const *)results, sources, n, &track, &error);
    if (status != RECOUP_OK)
        recoup_error_print(&error, stderr);
    assert_int_equal(status, RECOUP_OK);
    recoup_error_clear(&error);
    return track;
}

static void free_results(recoup_results **results, int n) {
    for (int i = 0; i < n; i++)
        recoup_results_free(results[i]);
}

/* By the first week's end the p-quantile of 100 + 400 u is 100 + 400 p; the sketch knows it to
 * 2^-9. The order of the files plays no part. */
static void test_forecasts(void **state) {
    (void)state;
    recoup_results *results[] = {make_results(&weeks[2], "2026-12-31", true),
                                 make_results(&weeks[0], "2026-12-31", true),
                                 make_results(&weeks[1], "2026-12-31", true)};
    add_inflow(results[1], 20, 34, 28, 40);
    add_inflow(results[2], 27, 40, 35, 45);
    add_inflow(results[0], 38, 50, 45, 55);
    recoup_track *track = make_track(results, 3);
    int n;
    const recoup_track_forecast_row *row = recoup_track_rows(track, RECOUP_TRACK_FORECAST, &n);
    assert_int_equal(n, 2);
    double sketch = 500 * ldexp(1, -9);
    assert_close(row[0].due - row[0].made, 7, 0);
    assert_close(row[0].actual, 120, 0);
    assert_close(row[0].median, 300, sketch);
    assert_close(row[0].low, 140, sketch);
    assert_close(row[0].high, 460, sketch);
    assert_close(row[0].position, .05, sketch / 400);
    assert_int_equal(row[0].is_covered, 0);
    assert_int_equal(row[1].is_covered, 0); /* 500 is above 120 + 270 */
    assert_close(row[0].created, 7, 0);
    assert_close(row[0].created_expected, 14, 0);
    assert_close(row[0].created_low, 8, 0);
    assert_close(row[1].created, 11, 0);
    recoup_track_summary of = recoup_track_summarise(track);
    assert_int_equal(of.n_forecasts, 2);
    assert_int_equal(of.n_covered, 0);
    assert_close(of.score, (row[0].score + row[1].score) / 2, 1e-9);
    recoup_track_free(track);
    free_results(results, 3);
}

static const recoup_track_flag_row *find_flag(const recoup_track *track, const char *flag) {
    int n;
    const recoup_track_flag_row *row = recoup_track_rows(track, RECOUP_TRACK_FLAG, &n);
    for (int i = 0; i < n; i++)
        if (strcmp(row[i].flag, flag) == 0)
            return &row[i];
    return NULL;
}

/* Of the first two forecasts: bookings and new deals fell behind, and so did the chance. */
static void test_flags(void **state) {
    (void)state;
    const forecast before = {"2026-10-05", 100, 400, 1800}, after = {"2026-10-12", 120, 300, 1100};
    recoup_results *results[] = {make_results(&before, "2026-12-31", true),
                                 make_results(&after, "2026-12-31", true)};
    add_inflow(results[0], 20, 34, 28, 40);
    add_inflow(results[1], 27, 40, 35, 45);
    recoup_standing_row *standing = recoup_records_add(results[1], RECOUP_RECORD_STANDING);
    standing->level = "team";
    standing->open_amount = 2760;
    recoup_finding_row *finding = recoup_records_add(results[1], RECOUP_RECORD_FINDING);
    finding->cause = "motivation";
    finding->verdict = "found";
    finding->sentence = "Fewer calls.";
    add_action(results[1], "late", 20736);    /* 2026-10-10 */
    add_action(results[1], "in time", 20738); /* the as-of date */
    recoup_track *track = make_track(results, 2);
    const recoup_track_flag_row *flag = find_flag(track, "bookings behind");
    assert_non_null(flag);
    assert_close(flag->value, 120, 0);
    assert_close(flag->threshold, 140, 1);
    assert_non_null(strstr(flag->evidence, "2026-10-05"));
    flag = find_flag(track, "few new deals");
    assert_non_null(flag);
    assert_close(flag->value, 7, 0);
    assert_close(flag->threshold, 8, 0);
    /* P(100 + 2200 u >= 1500) = .364, then P(120 + 1400 u >= 1500) = .014, of 1,000 paths; one
     * draw. */
    flag = find_flag(track, "chance fell");
    assert_non_null(flag);
    assert_close(flag->value, .364 - .014, .002);
    assert_close(flag->threshold,
                 1.6449 * hypot(sqrt(.364 * .636 / 1000), sqrt(.014 * .986 / 1000)), 1e-3);
    flag = find_flag(track, "low coverage"); /* 2760 / 1380, and 2760 / 700 */
    assert_non_null(flag);
    assert_close(flag->value, 2, 1e-9);
    assert_close(flag->threshold, 2760. / 700, 1e-6);
    assert_non_null(find_flag(track, "activity down"));
    flag = find_flag(track, "action overdue");
    assert_non_null(flag);
    assert_close(flag->value, 2, 0);
    assert_null(find_flag(track, "review passed"));
    recoup_track_free(track);
    free_results(results, 2);
}

/* Nothing to warn of: as expected, and the quota is as good as there. */
static void test_no_flags(void **state) {
    (void)state;
    const forecast before = {"2026-10-05", 1200, 400, 800}, after = {"2026-10-12", 1400, 300, 700};
    recoup_results *results[] = {make_results(&before, "2026-12-31", true),
                                 make_results(&after, "2026-12-31", true)};
    recoup_track *track = make_track(results, 2);
    int n;
    recoup_track_rows(track, RECOUP_TRACK_FLAG, &n);
    assert_int_equal(n, 0);
    recoup_track_free(track);
    free_results(results, 2);
}

/* The figures of the gap's check example, as two forecasts; then as one of two cohorts, of which
 * the other one comes in the second week. */
static void test_changes(void **state) {
    (void)state;
    const double then[] = {120, .25, 50000, .6}, now[] = {100, .2, 52000, .5};
    const double other[] = {10, .5, 1000, .5};
    const double effects[] = {-126297, -154575, 27169, -126297};
    for (int cohorts = 0; cohorts < 2; cohorts++) {
        recoup_results *results[] = {make_results(&weeks[0], "2026-12-31", true),
                                     make_results(&weeks[1], "2026-12-31", true)};
        double team[] = {110, .2 * (100 + 25) / 110, 0, .5};
        add_factors(results[0], "", then);
        if (cohorts) {
            team[2] = (now[0] * now[1] * now[2] * now[3] + 2500) / (team[0] * team[1] * team[3]);
            add_factors(results[0], "old", then);
            add_factors(results[1], "", team);
            add_factors(results[1], "old", now);
            add_factors(results[1], "young", other);
        } else {
            add_factors(results[1], "", now);
        }
        recoup_track *track = make_track(results, 2);
        int n;
        const recoup_track_change_row *row = recoup_track_rows(track, RECOUP_TRACK_CHANGE, &n);
        assert_int_equal(n, RECOUP_FACTORS + 1);
        double sum = 0;
        for (int f = 0; f < RECOUP_FACTORS; f++) {
            /* what comes as a cohort comes as volume */
            assert_close(row[f].effect, effects[f] + (cohorts && f == 0 ? 2500 : 0), .51);
            sum += 100 * row[f].effect;
        }
        assert_close(row[RECOUP_FACTORS].effect, -380000 + (cohorts ? 2500 : 0), 1e-6);
        assert_close(sum, 100 * row[RECOUP_FACTORS].effect, 1e-6);
        recoup_track_free(track);
        free_results(results, 2);
    }
}

static void test_due(void **state) {
    (void)state;
    recoup_results *results = make_results(&weeks[1], "2026-12-31", true); /* 2026-10-12: 20738 */
    add_action(results, "last week", 20737);
    add_action(results, "today", 20738);
    add_action(results, "sunday", 20744.2); /* in a zone behind UTC */
    add_action(results, "next week", 20745);
    add_action(results, "in a month", 20738 + 28);
    add_action(results, "some day", NAN);
    recoup_document_row *document = recoup_records_add(results, RECOUP_RECORD_DOCUMENT);
    document->plan = "as is";
    document->review = 20736;
    recoup_track *track = make_track(&results, 1);
    static const char *const expected[][2] = {
        {"review of the plan", "overdue"}, {"last week", "overdue"}, {"today", "this week"},
        {"sunday", "this week"},           {"next week", "next"},    {"in a month", "later"}};
    int n;
    const recoup_track_due_row *row = recoup_track_rows(track, RECOUP_TRACK_DUE, &n);
    assert_int_equal(n, 6);
    for (int i = 0; i < n; i++) {
        assert_string_equal(row[i].what, expected[i][0]);
        assert_string_equal(row[i].state, expected[i][1]);
    }
    assert_non_null(find_flag(track, "review passed"));
    recoup_track_free(track);
    recoup_results_free(results);
}

/* Without weeks and without a diagnosis there is less to say, and nothing is made up. */
static void test_little_data(void **state) {
    (void)state;
    recoup_results *results[] = {make_results(&weeks[0], "2026-12-31", false),
                                 make_results(&weeks[1], "2026-12-31", false)};
    recoup_track *track = make_track(results, 2);
    int n;
    recoup_track_rows(track, RECOUP_TRACK_FORECAST, &n);
    assert_int_equal(n, 0);
    recoup_track_rows(track, RECOUP_TRACK_CHANGE, &n);
    assert_int_equal(n, 0);
    const recoup_track_week_row *week = recoup_track_rows(track, RECOUP_TRACK_WEEK, &n);
    assert_int_equal(n, 2);
    assert_true(isnan(week[0].volume) && isnan(week[0].open_amount) && isnan(week[0].created));
    assert_true(isnan(recoup_track_summarise(track).score));
    recoup_track_free(track);
    free_results(results, 2);
}

/* Every departure is reported, by file. */
static void test_errors(void **state) {
    (void)state;
    const forecast unknown = {NULL, 0, 1, 1};
    recoup_results *results[] = {make_results(&weeks[0], "2026-12-31", true),
                                 make_results(&weeks[0], "2026-12-31", true),
                                 make_results(&weeks[1], "2026-11-30", true)};
    recoup_results *old[] = {make_results(&weeks[0], "2026-12-31", true),
                             make_results(&unknown, "2026-12-31", true)};
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_track *track = NULL;
    assert_int_equal(
        recoup_track_make((const recoup_results *const *)results, sources, 3, &track, &error),
        RECOUP_EINVALID);
    assert_null(track);
    assert_int_equal(error.n_errors, 2);
    assert_string_equal(error.problems[0].file, "c.h5");
    assert_non_null(strstr(error.problems[0].message, "as-of date is 2026-10-05"));
    assert_non_null(strstr(error.problems[1].message, "period"));
    recoup_error_clear(&error);
    assert_int_equal(
        recoup_track_make((const recoup_results *const *)old, sources, 2, &track, &error),
        RECOUP_EINVALID);
    assert_non_null(strstr(error.problems[0].message, "older version"));
    recoup_error_clear(&error);
    free_results(results, 3);
    free_results(old, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_score),       cmocka_unit_test(test_score_of_a_point),
        cmocka_unit_test(test_position),    cmocka_unit_test(test_interpolation),
        cmocka_unit_test(test_wilson),      cmocka_unit_test(test_forecasts),
        cmocka_unit_test(test_flags),       cmocka_unit_test(test_no_flags),
        cmocka_unit_test(test_changes),     cmocka_unit_test(test_due),
        cmocka_unit_test(test_little_data), cmocka_unit_test(test_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
