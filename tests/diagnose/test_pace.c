/* What each rep needs, and new deals week by week: by hand for a stage without memory. */
#include "diagnose/inflow.h"

#include "../world.h"
#include "diagnose/diagnose.h"
#include "tally/tally.h"

/* Half of the exits win, after an exponential time with mean 10 days. */
static const char model[] =
    "recoup: model/1\nstages: [talk]\ncohorts: [x, y]\nexits:\n"
    "  talk: {advance: {logit: 0, dwell: {family: exponential, mean: 10}},"
    " lost: {dwell: {family: exponential, mean: 10}}}\n"
    "amount: {new: {family: lognormal, median: 100, sigma: .5}}\narrivals: {x: 0.2, y: 0}\n";

static const char deals[] =
    "deal_id,rep_id,amount,created,stage,outcome,closed\n"
    "d1,r1,100,2025-11-01,talk,open,\nd2,r2,200,2025-12-01,talk,open,\n"
    "d3,r1,400,2025-11-01,talk,won,2026-01-03\nd4,r1,50,2026-01-02,talk,lost,2026-01-03\n"
    "d5,r1,60,2026-01-05,talk,open,\nd6,r4,60,2025-12-31,talk,open,\n";

/* r2's cohort gets no new deals; r3's seat is vacant, and r4 is on track. */
static const char reps[] = "rep_id,cohort,quota,status\nr1,x,900,active\nr2,y,300,ramping\n"
                           "r3,x,500,vacant\nr4,y,1,active\n";

enum { AS_OF = 20454 + 5, PERIOD_DAYS = 30 }; /* 2026-01-06 */

static recoup_results *diagnose(world *w) {
    recoup_error error = RECOUP_ERROR_INIT;
    const recoup_engine_options options = {.threads = 1};
    const recoup_provenance provenance = {.title = "", .estimator = "", .isa = "any"};
    recoup_view_options view;
    recoup_tally *tally = NULL;
    recoup_results *results = NULL;
    *w = make_world(model, deals, reps, "");
    w->scenario->as_of += 5;
    w->scenario->simulation.paths = 2000;
    recoup_scenario_view_options(w->scenario, &view);
    recoup_view_free(w->view);
    require_ok(recoup_view_create(w->dataset, &view, &w->view, &error), &error);
    require_ok(recoup_simulate(w->scenario, w->model, w->view, &options, &tally, &error), &error);
    require_ok(recoup_results_create(tally, &provenance, &results, &error), &error);
    recoup_tally_free(tally);
    require_ok(recoup_diagnose(w->scenario, w->model, w->view, &options, results, &error), &error);
    return results;
}

static void assert_close(double value, double expected, double tolerance) {
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.9g is not within %.2g of %.9g", value, tolerance, expected);
}

/* P(won by then | created so many days before). */
static double win_after(double days) {
    return days > 0 ? .5 * (1 - exp(-days / 10)) : 0;
}

/* Its integral over the ages 0 ... days. */
static double integral(double days) {
    return days > 0 ? .5 * (days - 10 * (1 - exp(-days / 10))) : 0;
}

/* Wins of n deals with probability p each reach k. */
static double tail(int n, double p, int k) {
    double sum = 0;
    for (int i = k; i <= n; i++)
        sum += exp(lgamma(n + 1.) - lgamma(i + 1.) - lgamma(n - i + 1.) + i * log(p) +
                   (n - i) * log1p(-p));
    return sum;
}

static const recoup_pace_row *find_pace(const recoup_results *results, const char *rep,
                                        const char *goal) {
    int n;
    const recoup_pace_row *row = recoup_results_records(results, RECOUP_RECORD_PACE, &n);
    for (int i = 0; i < n; i++)
        if (strcmp(row[i].rep, rep) == 0 && strcmp(row[i].goal, goal) == 0)
            return &row[i];
    return NULL;
}

/* The counts follow from the gap: by the week's mean of P(won in time | won), deals are created
 * evenly to the last week in which it is one half, on average and for 80 %. */
static void assert_counts(const recoup_pace_row *row, double days_left) {
    double amount = 100 * exp(.125), in_time = 0;
    int weeks = 0;
    for (int w = 0; 7 * w < days_left; w++) {
        double start = 7 * w, end = fmin(start + 7, days_left);
        double q = (integral(days_left - start) - integral(days_left - end)) / (end - start) / .5;
        if (q < .5)
            break;
        weeks++;
        in_time += q;
    }
    double p = .5 * in_time / weeks;
    int k = (int)ceil(row->gap / amount), n = k;
    while (tail(n, p, k) < .8)
        n++;
    assert_int_equal(row->n_weeks, weeks);
    assert_int_equal(row->n_deals, k);
    assert_close(row->win, p,
                 2e-4); /* twice what the win tables promise: Z and weeks are classes */
    assert_close(row->created, ceil(ceil(k / p) / weeks), 0);
    assert_close(row->created_sure, ceil((double)n / weeks), 0);
    assert_true(isnan(row->calls)); /* there are no activities */
}

static void test_period(void **state) {
    (void)state;
    world w;
    recoup_results *results = diagnose(&w);
    const recoup_pace_row *row = find_pace(results, "r1", "period");
    assert_non_null(row);
    double days = PERIOD_DAYS - 5, amount = 100 * exp(.125);
    double expected = 400 + 160 * win_after(days) + .2 * amount * integral(days);
    assert_close(row->number, 900, 0);
    assert_close(row->expected, expected, 1e-4 * (160 + .2 * amount * days));
    assert_close(row->gap, row->number - row->expected, 1e-9);
    assert_close(row->until, AS_OF + days - 1, 0);
    assert_string_equal(row->verdict, "behind");
    assert_counts(row, days);
    row = find_pace(results, "r2", "period"); /* nothing new comes to this cohort */
    assert_string_equal(row->verdict, "too late");
    assert_int_equal(row->n_weeks, 0);
    assert_true(isnan(row->created));
    assert_null(find_pace(results, "r3", "period"));
    row = find_pace(results, "r4", "period");
    assert_string_equal(row->verdict, "on track");
    assert_int_equal(row->n_deals, 0);
    recoup_results_free(results);
    free_world(&w);
}

/* February, as the quota's share of 28 in 30 days: what is won from the 1st to the 28th. */
static void test_next_month(void **state) {
    (void)state;
    world w;
    recoup_results *results = diagnose(&w);
    const recoup_pace_row *row = find_pace(results, "r1", "next month");
    assert_non_null(row);
    double start = 26, end = 54, amount = 100 * exp(.125);
    double expected =
        160 * (win_after(end) - win_after(start)) + .2 * amount * (integral(end) - integral(start));
    assert_close(row->until, AS_OF + end - 1, 0);
    assert_close(row->number, 900. * 28 / 30, 1e-9);
    assert_close(row->expected, expected, 2e-4 * (160 + .2 * amount * end));
    assert_counts(row, end);
    recoup_results_free(results);
    free_world(&w);
}

/* d4 and d5 were created in the period; then 0.2 come a day. */
static void test_inflow(void **state) {
    (void)state;
    world w;
    recoup_results *results = diagnose(&w);
    int n;
    const recoup_inflow_row *row = recoup_results_records(results, RECOUP_RECORD_INFLOW, &n);
    assert_int_equal(n, 5); /* now, and four ends of weeks */
    for (int i = 0; i < n; i++) {
        double days = fmin(7 * i, PERIOD_DAYS - 5), mean = .2 * days, sum = 0;
        assert_close(row[i].until, AS_OF + days - 1, 0);
        assert_close(row[i].created, 2 + mean, 1e-12);
        int low = -1, high = -1;
        for (int k = 0; high < 0; k++) {
            sum += exp(k * log(mean + 1e-300) - mean - lgamma(k + 1.));
            low = low < 0 && sum >= .1 ? k : low;
            high = sum >= .9 ? k : -1;
        }
        assert_close(row[i].low, 2 + low, 0);
        assert_close(row[i].high, 2 + high, 0);
    }
    recoup_results_free(results);
    free_world(&w);
}

/* Mean and variance against the law of total variance, integrated over Z by hand. */
static void test_inflow_varies(void **state) {
    (void)state;
    const double loading = .3, rate[] = {.5, 1.5}, dispersion[] = {.2, .05}, error[] = {.1, .04};
    double se[] = {rate[0] * error[0], rate[1] * error[1]};
    recoup_program_stream stream[2];
    recoup_program_plan plan = {0};
    recoup_program program = {
        .plan = &plan, .stream = stream, .n_streams = 2, .market_arrivals = loading};
    recoup_model m = {.cohorts = {.n = 2}, .arrivals = (double *)rate, .arrivals_se = se};
    for (int s = 0; s < 2; s++)
        stream[s] =
            (recoup_program_stream){.cohort = s, .rate = rate[s], .dispersion = dispersion[s]};
    double days = 10.5, mean, variance, first = 0, second = 0;
    for (int i = 0; i < 20000; i++) {
        double z = -8 + 16 * (i + .5) / 20000, weight = exp(-z * z / 2) / sqrt(2 * M_PI) * 16 / 2e4;
        double sum = 0, own = 0;
        for (int s = 0; s < 2; s++) {
            double count = rate[s] * days * exp(loading * z);
            sum += count;
            own += count + count * count * (dispersion[s] + error[s] * error[s]);
        }
        first += weight * sum;
        second += weight * (own + sum * sum);
    }
    recoup_inflow_expect(&program, &m, days, &mean, &variance);
    assert_close(mean, first, 1e-9 * first);
    assert_close(variance, second - first * first, 1e-9 * second);
}

/* The quantile is the smallest count that is reached with the probability: against sums of the
 * negative binomial law with this mean and variance. */
static void test_quantiles(void **state) {
    (void)state;
    const double mean = 12, variance = 40;
    double size = mean * mean / (variance - mean), p = size / (size + mean), sum = 0, last = 0;
    for (int k = 0; k < 60; k++) {
        last = sum;
        sum +=
            exp(lgamma(k + size) - lgamma(size) - lgamma(k + 1.) + size * log(p) + k * log1p(-p));
        assert_close(recoup_inflow_quantile(mean, variance, (last + sum) / 2), k, 0);
    }
    assert_close(recoup_inflow_quantile(0, 0, .9), 0, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_period),    cmocka_unit_test(test_next_month),
        cmocka_unit_test(test_inflow),    cmocka_unit_test(test_inflow_varies),
        cmocka_unit_test(test_quantiles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
