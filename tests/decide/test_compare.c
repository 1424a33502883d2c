/* The plan table from results made by hand. */
#include <recoup/compare.h>

#include "results/results.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { PLANS = 3, QUANTILES = 4 };

/* Every value differs, so that a mix-up shows. */
static char *plan[] = {"as is", "coach", "free lunch"};
static double quantile[] = {.1, .25, .5, .9}, values[20][PLANS];
static double bookings_quantile[PLANS * QUANTILES];
static double plan_quota[PLANS] = {2000, 2000, 1600};

static recoup_results by_hand(void) {
    double **column[20];
    recoup_results r = {.title = (char *)"Q4",
                        .currency = (char *)"EUR",
                        .estimator = (char *)"walk",
                        .hit_estimator = (char *)"paths",
                        .paths = 1000,
                        .parameter_draws = 4,
                        .n_plans = PLANS,
                        .n_quantiles = QUANTILES,
                        .plan = plan,
                        .quantile = quantile,
                        .bookings_quantile = bookings_quantile,
                        .quota = 2000,
                        .booked = 300};
    int n = 0;
    column[n++] = &r.hit_probability;
    column[n++] = &r.hit_probability_se;
    column[n++] = &r.hit_gain;
    column[n++] = &r.hit_gain_se;
    column[n++] = &r.bookings_mean;
    column[n++] = &r.bookings_mean_se;
    column[n++] = &r.bookings_sd;
    column[n++] = &r.bookings_gain_mean;
    column[n++] = &r.bookings_gain_se;
    column[n++] = &r.wins_mean;
    column[n++] = &r.expected_shortfall;
    column[n++] = &r.best_probability;
    column[n++] = &r.expected_regret;
    column[n++] = &r.plan_cost;
    column[n++] = &r.hit_probability_paths;
    column[n++] = &r.hit_probability_paths_se;
    for (int c = 0; c < n; c++) {
        *column[c] = values[c];
        for (int p = 0; p < PLANS; p++)
            values[c][p] = 100 * (c + 1) + p;
    }
    for (int i = 0; i < PLANS * QUANTILES; i++)
        bookings_quantile[i] = 5000 + i;
    const double gain[PLANS] = {0, .125, -.01}, cost[PLANS] = {0, 50000, 0};
    memcpy(r.hit_gain, gain, sizeof gain);
    memcpy(r.plan_cost, cost, sizeof cost);
    r.plan_quota = plan_quota;
    return r;
}

static void test_rows(void **state) {
    (void)state;
    recoup_results r = by_hand();
    recoup_comparison *c = NULL;
    assert_int_equal(recoup_compare(&r, &c, NULL), RECOUP_OK);
    assert_int_equal(c->n_rows, PLANS);
    assert_string_equal(c->title, "Q4");
    assert_string_equal(c->currency, "EUR");
    assert_string_equal(c->estimator, "walk");
    assert_true(c->quota == 2000 && c->booked == 300);
    assert_true(c->paths == 1000 && c->parameter_draws == 4);
    const recoup_compare_row *row = &c->row[1];
    assert_string_equal(row->plan, "coach");
    assert_true(row->hit_probability == 101 && row->hit_probability_se == 201);
    assert_true(row->hit_gain == .125 && row->hit_gain_se == 401);
    assert_true(row->bookings_mean == 501 && row->bookings_mean_se == 601);
    assert_true(row->bookings_sd == 701);
    assert_true(row->bookings_gain_mean == 801 && row->bookings_gain_se == 901);
    assert_true(row->wins_mean == 1001 && row->expected_shortfall == 1101);
    assert_true(row->best_probability == 1201 && row->expected_regret == 1301);
    assert_true(row->bookings_q10 == 5004 && row->bookings_q50 == 5006 &&
                row->bookings_q90 == 5007);
    assert_true(row->attainment_mean == 501. / 2000);
    /* 50,000 for 12.5 points. */
    assert_true(row->cost == 50000 && row->cost_per_point == 4000);
    assert_true(row->net_gain == 801 - 50000.); /* every booking counts without `decisions` */
    assert_true(isnan(row->break_even) && isnan(row->hit_probability_centered));
    recoup_comparison_free(c);
    recoup_comparison_free(NULL);
}

static void test_no_price(void **state) {
    (void)state;
    recoup_results r = by_hand();
    recoup_comparison *c = NULL;
    assert_int_equal(recoup_compare(&r, &c, NULL), RECOUP_OK);
    assert_true(isnan(c->row[0].cost_per_point)); /* costs nothing */
    assert_true(isnan(c->row[2].cost_per_point)); /* and loses */
    recoup_comparison_free(c);
    r.plan_cost[2] = 10; /* costs, and loses */
    assert_int_equal(recoup_compare(&r, &c, NULL), RECOUP_OK);
    assert_true(isnan(c->row[2].cost_per_point));
    recoup_comparison_free(c);
}

static void test_missing_quantile(void **state) {
    (void)state;
    recoup_results r = by_hand();
    recoup_comparison *c = NULL;
    recoup_error error = RECOUP_ERROR_INIT;
    r.n_quantiles = 3;
    assert_int_equal(recoup_compare(&r, &c, &error), RECOUP_EINVALID);
    assert_non_null(strstr(error.problems[0].message, "0.9 quantile"));
    assert_null(c);
    recoup_error_clear(&error);
}

/* P(hit) of four draws of 250 paths each: .2 .3 .4 .5, mean .35, variance .05 / 3, noise
 * mean p(1 - p) / 250 = (.16 + .21 + .24 + .25) / 4 / 250 = 8.6e-4. */
static void test_range_over_draws(void **state) {
    (void)state;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_comparison *c = NULL;
    static double draw[PLANS * 4] = {.4, .2, .5, .3, .1, .1, .1, .1, 0, 0, 0, 1};
    recoup_results r = by_hand();
    r.n_draws = 4;
    r.hit_probability_draw = draw;
    assert_int_equal(recoup_compare(&r, &c, &error), RECOUP_OK);
    double kept = sqrt(1 - 8.6e-4 / (.05 / 3));
    /* 5 and 95 % lie .15 of a gap of .1 inside the ends */
    assert_true(fabs(c->row[0].hit_probability_low - (.35 - kept * .135)) < 1e-12);
    assert_true(fabs(c->row[0].hit_probability_high - (.35 + kept * .135)) < 1e-12);
    /* no more than noise; never outside [0, 1] */
    assert_true(fabs(c->row[1].hit_probability_low - .1) < 1e-12);
    assert_true(c->row[1].hit_probability_high == c->row[1].hit_probability_low);
    assert_true(c->row[2].hit_probability_low >= 0 && c->row[2].hit_probability_high <= 1);
    recoup_comparison_free(c);
    /* P(hit) of each draw without paths has no such noise */
    r.hit_estimator = (char *)"conditional";
    assert_int_equal(recoup_compare(&r, &c, &error), RECOUP_OK);
    assert_true(fabs(c->row[0].hit_probability_low - (.35 - .135)) < 1e-12);
    recoup_comparison_free(c);
}

static void assert_near(double x, double expected) {
    if (!(fabs(x - expected) < 1e-9)) /* that of the quantile of t */
        fail_msg("%.15g is not %.15g", x, expected);
}

/* Expected numbers by NumPy and SciPy 1.10 from these tables: differences of rows, their standard
 * errors, t.ppf(1 - .05 / 6, 3); and the .95 quantile over draws of the largest of |difference less
 * its mean| / its standard deviation. */
static void test_pairs(void **state) {
    (void)state;
    static double replicate[PLANS * 4] = {.20, .22, .21, .19, .25, .28,
                                          .25, .24, .26, .27, .27, .22};
    static double draw[PLANS * 5] = {.10, .20, .30, .40, .50, .14, .25, .33,
                                     .46, .55, .30, .10, .45, .35, .70};
    static double hit[PLANS] = {.205, .255, .255};
    recoup_results r = by_hand();
    recoup_comparison *c = NULL;
    r.hit_estimator = (char *)"conditional";
    r.hit_probability = hit;
    r.n_replicates = 4;
    r.hit_probability_replicate = replicate;
    r.n_draws = 5;
    r.hit_probability_draw = draw;
    assert_int_equal(recoup_compare(&r, &c, NULL), RECOUP_OK);
    assert_int_equal(c->n_pairs, 3);
    const recoup_compare_pair *pair = c->pair;
    assert_true(pair[1].a == 0 && pair[1].b == 2 && pair[2].a == 1 && pair[2].b == 2);
    assert_string_equal(pair[2].plan, "coach");
    assert_string_equal(pair[2].other, "free lunch");
    assert_near(pair[0].hit_gain_se, 0.004082482904638634);
    assert_near(pair[0].low, 0.030172779708895644);
    assert_near(pair[1].high, 0.08434175291705331);
    assert_near(pair[2].low, -0.04433501237577248);
    assert_true(pair[0].differs && pair[1].differs && !pair[2].differs);
    assert_near(pair[0].draws_low, 0.030350523193235467);
    assert_near(pair[0].draws_high, 0.06164947680676456);
    assert_near(pair[1].draws_low, -0.11771389740954424);
    assert_near(pair[2].draws_high, 0.24138679615172987);
    assert_true(pair[0].differs_over_draws);
    assert_false(pair[1].differs_over_draws || pair[2].differs_over_draws);
    recoup_comparison_free(c);
}

/* Paths: only the errors against the first plan are known, 2 and 1 points; their sum bounds that of
 * the difference. Normal quantile for three pairs: 2.393979800. */
static void test_pairs_of_paths(void **state) {
    (void)state;
    static double draw[PLANS] = {.2, .3, .36}, hit[PLANS] = {.2, .3, .36},
                  se[PLANS] = {0, .02, .01};
    recoup_results r = by_hand();
    recoup_comparison *c = NULL;
    r.hit_probability = hit;
    r.hit_gain_se = se;
    r.n_draws = 1;
    r.hit_probability_draw = draw;
    assert_int_equal(recoup_compare(&r, &c, NULL), RECOUP_OK);
    assert_true(fabs(c->pair[1].low - (.16 - 2.393979800 * .01)) < 1e-9);
    assert_true(fabs(c->pair[2].high - (.06 + 2.393979800 * .03)) < 1e-9);
    assert_true(c->pair[0].differs && c->pair[1].differs && !c->pair[2].differs);
    assert_true(isnan(c->pair[0].draws_low) && !c->pair[0].differs_over_draws);
    recoup_comparison_free(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_no_price),
        cmocka_unit_test(test_missing_quantile),
        cmocka_unit_test(test_range_over_draws),
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_pairs_of_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
