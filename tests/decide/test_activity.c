/* From a gap to activity: the textbook's case, and small models with answers by hand. */
#include "../world.h"
#include "decide/activity.h"

static void assert_close(double a, double b) {
    if (!(fabs(a - b) <= 1e-9 * fmax(1, fabs(b))))
        fail_msg("%.12g is not %.12g", a, b);
}

/* P(Binomial(n, p) >= k) term by term. */
static double tail(int n, double p, int k) {
    double sum = 0;
    for (int i = k; i <= n; i++)
        sum += exp(lgamma(n + 1) - lgamma(i + 1) - lgamma(n - i + 1) + i * log(p) +
                   (n - i) * log1p(-p));
    return sum;
}

static void test_textbook(void **state) {
    (void)state;
    const recoup_activity_inputs inputs = {50000, 10000, .25, 4};
    const double calls[] = {80, 104, 120, 136};
    recoup_activity_plain plain;
    assert_int_equal(recoup_activity_plain_make(&inputs, &plain, NULL), RECOUP_OK);
    assert_true(plain.deals == 5 && plain.proposals[0] == 20);
    assert_true(fabs(plain.probability[0] - .585) < 5e-4);
    for (int i = 0; i < RECOUP_ACTIVITY_LEVELS; i++) {
        int n = (int)plain.proposals[i];
        assert_true(plain.calls[i] == calls[i]);
        assert_close(plain.probability[i], tail(n, .25, 5));
        if (i > 0) { /* one proposal less would not do */
            assert_true(plain.probability[i] >= recoup_activity_confidence[i]);
            assert_true(tail(n - 1, .25, 5) < recoup_activity_confidence[i]);
        }
    }
}

/* Parts of a deal round up, rounding errors do not; a sure win takes as many as deals. */
static void test_rounding(void **state) {
    (void)state;
    recoup_activity_plain plain;
    recoup_activity_inputs inputs = {50001, 10000, .3, 2.5};
    assert_int_equal(recoup_activity_plain_make(&inputs, &plain, NULL), RECOUP_OK);
    assert_true(plain.deals == 6 && plain.proposals[0] == 20 && plain.calls[0] == 50);
    inputs = (recoup_activity_inputs){.3, .1, 1, NAN}; /* .3 / .1 is a little below 3 */
    assert_int_equal(recoup_activity_plain_make(&inputs, &plain, NULL), RECOUP_OK);
    for (int i = 0; i < RECOUP_ACTIVITY_LEVELS; i++) {
        assert_true(plain.deals == 3 && plain.proposals[i] == 3 && plain.probability[i] == 1);
        assert_true(isnan(plain.calls[i]));
    }
    const recoup_activity_inputs wrong[] = {{0, 1, .5, 1},  {1, 0, .5, 1},  {1, 1, 0, 1},
                                            {1, 1, 1.5, 1}, {1, 1, .5, -1}, {1e15, 1, .5, 1}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(recoup_activity_plain_make(&wrong[i], &plain, NULL), RECOUP_EUSAGE);
}

/* Of an uncertain chance: the mean of both tails, and more deals than their mean asks for. */
static void test_uncertain_chance(void **state) {
    (void)state;
    const double p[] = {.1, .4};
    assert_close(recoup_activity_probability(30, p, 2, 5), (tail(30, .1, 5) + tail(30, .4, 5)) / 2);
    double n = recoup_activity_smallest(p, 2, 5, .9), mean = .25;
    assert_true(recoup_activity_probability(n, p, 2, 5) >= .9);
    assert_true(recoup_activity_probability(n - 1, p, 2, 5) < .9);
    assert_true(n > recoup_activity_smallest(&mean, 1, 5, .9));
    const double never = 0;
    assert_true(isnan(recoup_activity_smallest(&never, 1, 5, .5)));
}

/* Three stages with a skip and a step back. With P(skip) = s, P(step back) = b:
 * x1 = 1 + b x2,  x2 = a x1,  x3 = s x1 + c x2. */
static const char jumps[] =
    "recoup: model/1\nstages: [one, two, three]\ncohorts: [all]\nexits:\n"
    "  one:\n"
    "    advance: {logit: 0.5, dwell: {family: exponential, mean: 5}}\n"
    "    lost: {dwell: {family: exponential, mean: 5}}\n"
    "    skip: {to: three, logit: -1, dwell: {family: exponential, mean: 5}}\n"
    "  two:\n"
    "    advance: {logit: 0.2, dwell: {family: exponential, mean: 5}}\n"
    "    lost: {dwell: {family: exponential, mean: 5}}\n"
    "    back: {to: one, logit: -0.5, dwell: {family: exponential, mean: 5}}\n"
    "  three:\n"
    "    advance: {logit: -0.3, dwell: {family: exponential, mean: 5}}\n"
    "    lost: {dwell: {family: exponential, mean: 5}}\n"
    "market: {conversion: 0.4}\n"
    "amount: {new: {family: lognormal, median: 100, sigma: 0.5}}\n"
    "arrivals: {all: 1}\n";

static void test_funnel(void **state) {
    (void)state;
    recoup_model *model = NULL;
    recoup_error error = RECOUP_ERROR_INIT;
    require_ok(recoup_model_parse("m.yaml", jumps, strlen(jumps), &model, &error), &error);
    for (double z = -1; z <= 1; z++) {
        double entries[3];
        recoup_funnel funnel = {.entries = entries};
        assert_true(recoup_funnel_make(model, 0, 0, z, &funnel));
        double m = .4 * z, sum1 = exp(.5 + m) + 1 + exp(-1), sum2 = exp(.2 + m) + 1 + exp(-.5);
        double a = exp(.5 + m) / sum1, s = exp(-1) / sum1;
        double c = exp(.2 + m) / sum2, b = exp(-.5) / sum2;
        double w = 1 / (1 + exp(.3 - m));
        double x1 = 1 / (1 - a * b), x2 = a * x1, x3 = s * x1 + c * x2;
        assert_close(entries[0], x1);
        assert_close(entries[1], x2);
        assert_close(entries[2], x3);
        assert_close(funnel.win, x3 * w);
    }
    recoup_model_free(model);
}

/* One stage, exponential dwell of mean 6 with both exits: of the deals won, 1 - exp(-t/6) are won
 * within t days; the period is 30 days long. */
static const char one_stage[] = "recoup: model/1\nstages: [only]\ncohorts: [all]\nexits:\n  only:\n"
                                "    advance: {logit: -1, dwell: {family: exponential, mean: 6}}\n"
                                "    lost: {dwell: {family: exponential, mean: 6}}\n"
                                "amount: {new: {family: lognormal, median: 100, sigma: 0.5}}\n"
                                "arrivals: {all: 0.1}\n";

static void test_scenario(void **state) {
    (void)state;
    world w = make_world(one_stage,
                         "deal_id,rep_id,amount,created,stage,outcome\n"
                         "D1,R1,100,2025-12-20,only,open\n",
                         NULL, "simulation: {paths: 1000}\nplans: [{name: as is}]\n");
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_engine_options engine = {.threads = 1};
    recoup_activity_options options = {.calls_per_proposal = 3, .engine = &engine};
    recoup_activity *activity = NULL;
    require_ok(recoup_activity_make(w.scenario, w.model, w.view, &options, &activity, &error),
               &error);
    double c = 1 / (1 + exp(1)), deal = 100 * exp(.125);
    /* expected: the open deal is memoryless; new ones arrive evenly over the 30 days */
    double open = 100 * c * (1 - exp(-30. / 6));
    double arriving = .1 * deal * c * (30 - 6 * (1 - exp(-30. / 6)));
    double gap = 1000 - open - arriving;
    assert_true(fabs(activity->gap - gap) < 1e-4 * 1000); /* win tables: 1e-4 in probability */
    assert_close(activity->deal, deal);
    assert_true(activity->deals == ceil(activity->gap / deal));
    assert_int_equal(activity->n_rows, 2);
    const recoup_activity_row *row = &activity->row[0];
    assert_close(row->win, c);
    assert_close(row->entries[0], 1);
    assert_close(row->arrivals_a_week, .7);
    assert_int_equal(activity->n_weeks, 5);
    double in_time = 0;
    for (int week = 0; week < 5; week++) {
        double start = 7 * week, end = fmin(start + 7, 30);
        double q = 1 - 6 / (end - start) * (exp((end - 30) / 6) - exp((start - 30) / 6));
        /* the win tables are accurate to 1e-4 in probability */
        if (!(fabs(row->in_time[week] - q) <= 1e-4 / c))
            fail_msg("week %d: %.6f is not %.6f", week, row->in_time[week], q);
        in_time += q >= .5 ? row->in_time[week] : 0;
    }
    assert_int_equal(row->n_weeks, 4); /* .58 of them, then .15 in the last two days */
    assert_false(row->is_too_late);
    double p = c * in_time / 4;
    assert_close(row->win_by_end, p);
    int k = (int)activity->deals;
    for (int i = 0; i < RECOUP_ACTIVITY_LEVELS; i++) {
        const recoup_activity_need *need = &row->need[i];
        int n = (int)need->created;
        assert_close(need->probability, tail(n, p, k));
        assert_true(need->created == need->entered[0] && need->calls == 3 * need->created);
        assert_true(need->created_a_week == ceil(need->created / 4));
        if (i == 0)
            assert_true(need->created == ceil(k / p));
        else
            assert_true(tail(n - 1, p, k) < recoup_activity_confidence[i]);
    }
    recoup_activity_free(activity);
    recoup_activity_free(NULL);
    free_world(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_textbook), cmocka_unit_test(test_rounding),
        cmocka_unit_test(test_uncertain_chance), cmocka_unit_test(test_funnel),
        cmocka_unit_test(test_scenario)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
