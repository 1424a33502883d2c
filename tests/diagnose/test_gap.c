/* The gap's rows: cohorts sum to the team in cents, factors multiply to bookings, open deals are
 * censored. */
#include "diagnose/diagnose.h"

#include "../fit/synthetic_view.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { BOOKS = 50, MAX_DRAWS = 41, PARTS = 5, MAX_COHORTS = 6 };

static void assert_near(double value, double expected, double tolerance) {
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.17g is not within %.2g of %.17g", value, tolerance, expected);
}

/* A book of closed and open deals, two references, and what is expected, all made up. */
typedef struct made_book {
    recoup_view *view;
    recoup_model *model;
    recoup_scenario scenario;
    recoup_expected expected;
    recoup_results *results;
    recoup_diagnosing diagnosing;
} made_book;

static double *draw_numbers(made_book *b, int n, double most, double empty, uint64_t *seed) {
    double *value = recoup_arena_alloc(&b->expected.arena, (size_t)n, sizeof *value);
    for (int i = 0; i < n; i++)
        value[i] = uniform(seed) < empty ? 0 : between(seed, 0, most);
    return value;
}

/* Wins within the period are some of those in the end. */
static double *draw_parts(made_book *b, int n, const double *of, double most, uint64_t *seed) {
    double *value = recoup_arena_alloc(&b->expected.arena, (size_t)n, sizeof *value);
    for (int i = 0; i < n; i++)
        value[i] = of[i] * between(seed, 0, most);
    return value;
}

static void expect_anything(made_book *b, int n_draws, uint64_t *seed) {
    recoup_expected *e = &b->expected;
    int n = n_draws * b->model->cohorts.n;
    double empty = .1;
    *e = (recoup_expected){.n_draws = n_draws, .n_cohorts = b->model->cohorts.n, .n_limits = 3};
    e->new_deals = draw_numbers(b, n, 30, empty, seed);
    e->new_eventual = draw_parts(b, n, e->new_deals, 1, seed);
    e->new_wins = draw_parts(b, n, e->new_eventual, 1, seed);
    e->new_bookings = draw_parts(b, n, e->new_wins, 50000, seed);
    e->open_eventual = draw_numbers(b, 3 * n, 10, empty, seed);
    e->open_wins = recoup_arena_alloc(&e->arena, (size_t)n, sizeof(double));
    for (int d = 0; d < n_draws; d++)
        for (int c = 0; c < e->n_cohorts; c++)
            e->open_wins[d * e->n_cohorts + c] =
                e->open_eventual[d * 3 * e->n_cohorts + c] * uniform(seed);
    e->open_bookings = draw_parts(b, n, e->open_wins, 50000, seed);
}

static void add_deals(made_book *b, int n, uint64_t *seed) {
    recoup_view *view = b->view;
    for (int i = 0; i < n; i++) {
        double created = view->as_of - between(seed, 0, 900), dwell = between(seed, 0, 120);
        double amount = floor(between(seed, 0, 1e7)) / 100; /* in cents */
        int deal = add_deal(view, (int)(uniform(seed) * view->cohorts.n), 0, created, amount);
        bool is_open = created + dwell >= view->as_of;
        add_visit(view, deal, 0, created, is_open ? view->as_of - created : dwell,
                  is_open              ? RECOUP_TO_NONE
                  : uniform(seed) < .3 ? RECOUP_TO_WON
                                       : RECOUP_TO_LOST);
    }
}

static void make_book(made_book *b, int n_deals, int n_cohorts, int n_draws, uint64_t *seed) {
    memset(b, 0, sizeof *b);
    b->view = empty_view(1, n_cohorts, 0, n_deals, n_deals);
    b->model = recoup_model_new();
    for (int c = n_cohorts - 1; c >= 0; c--) /* in another order than the view's */
        recoup_names_add(&b->model->cohorts, b->view->cohorts.name[c]);
    add_deals(b, n_deals, seed);
    b->scenario.as_of = b->view->as_of;
    b->scenario.period_start = b->view->as_of - 30;
    b->scenario.period_end = b->view->as_of + 60;
    b->results = RECOUP_NEW(recoup_results, 1);
    expect_anything(b, n_draws, seed);
    b->diagnosing = (recoup_diagnosing){
        .scenario = &b->scenario,
        .model = b->model,
        .view = b->view,
        .results = b->results,
        .n_references = 2,
        .reference = {{"last period", b->scenario.period_start - 90, b->scenario.period_start},
                      {"same period last year", b->scenario.period_start - 365,
                       b->scenario.period_end - 365}},
        .expected = &b->expected,
    };
}

static void free_book(made_book *b) {
    recoup_arena_clear(&b->expected.arena);
    recoup_records_clear(b->results);
    recoup_arena_clear(&b->results->arena);
    free(b->results);
    recoup_model_free(b->model);
    free_view(b->view);
}

static const recoup_gap_row *diagnose(const made_book *b, int *n) {
    assert_int_equal(recoup_diagnose_gap(&b->diagnosing), RECOUP_OK);
    return recoup_results_records(b->results, RECOUP_RECORD_GAP, n);
}

static double cents(double money) {
    double whole = round(100 * money);
    assert_near(100 * money, whole, 1e-6); /* as near as a double of this size comes */
    return whole;
}

/* One level: PARTS rows. Factors multiply to bookings, effects sum to the total. */
static void check_level(const recoup_gap_row *row) {
    static const char *const factor[PARTS] = {"volume", "win rate", "value", "velocity", "total"};
    double before = 1, after = 1, sum = 0, total = row[PARTS - 1].effect;
    for (int i = 0; i < PARTS; i++) {
        assert_string_equal(row[i].factor, factor[i]);
        assert_string_equal(row[i].cohort, row[0].cohort);
        assert_string_equal(row[i].reference, row[0].reference);
        if (i < PARTS - 1) {
            before *= row[i].reference_value;
            after *= row[i].value;
            sum += cents(row[i].effect);
        }
    }
    if (!isnan(before))
        assert_near(before, row[4].reference_value, 1e-9 * (1 + before));
    if (!isnan(after))
        assert_near(after, row[4].value, 1e-9 * (1 + after));
    assert_true(sum == cents(total));
    /* the total itself: the difference, to the cent that rounding may take */
    assert_near(total, row[4].value - row[4].reference_value, .0100001);
}

/* The rows of a reference from `row` on: the team, then cohorts; how many there are. */
static int check_reference(const recoup_gap_row *row, int n) {
    double sum[PARTS] = {0};
    int i = PARTS;
    assert_string_equal(row->cohort, "");
    check_level(row);
    for (; i < n && strcmp(row[i].reference, row->reference) == 0; i += PARTS) {
        check_level(&row[i]);
        for (int part = 0; part < PARTS; part++)
            sum[part] += cents(row[i + part].effect);
    }
    for (int part = 0; part < PARTS && i > PARTS; part++)
        assert_true(sum[part] == cents(row[part].effect));
    /* to the nearest cent of the team's difference */
    assert_near(row[4].effect, row[4].value - row[4].reference_value, .0050001);
    return i;
}

static void cohorts_sum_to_the_team(void **state) {
    (void)state;
    uint64_t seed = 11;
    for (int k = 0; k < BOOKS; k++) {
        made_book b;
        int n, n_draws = k % 3 ? 1 + k % MAX_DRAWS : 1;
        make_book(&b, k % 7 == 0 ? 3 : 10 * k, 1 + k % MAX_COHORTS, n_draws, &seed);
        const recoup_gap_row *row = diagnose(&b, &n);
        assert_true(n >= PARTS && n % PARTS == 0);
        for (int i = 0; i < n;)
            i += check_reference(row + i, n - i);
        for (int i = 0; i < n; i++) {
            assert_true(isnan(row[i].effect_low) == (n_draws == 1));
            assert_true(n_draws == 1 || row[i].effect_low <= row[i].effect_high);
        }
        free_book(&b);
    }
}

/* By hand: one cohort, two draws, one reference in which everything is over but one deal. */
static void by_hand(void **state) {
    (void)state;
    uint64_t seed = 5;
    made_book b;
    int n;
    make_book(&b, 3, 1, 2, &seed);
    recoup_view *view = b.view;
    view->n_deals = view->n_open = view->n_visits = 0;
    double start = b.scenario.period_start;
    /* Last period: 4 in play, 2 won within it for 300 together, 1 lost, 1 still open. */
    static const int target[] = {RECOUP_TO_WON, RECOUP_TO_WON, RECOUP_TO_LOST, RECOUP_TO_NONE};
    recoup_view *other = empty_view(1, 1, 0, 8, 8);
    other->as_of = view->as_of;
    for (int i = 0; i < 4; i++) {
        int deal = add_deal(other, 0, 0, start - 50, 100 * (i + 1));
        add_visit(other, deal, 0, start - 50, i < 3 ? 20 : view->as_of - start + 50, target[i]);
    }
    free_view(view);
    b.view = other;
    b.diagnosing.view = other;
    b.diagnosing.n_references = 1;
    b.expected.n_limits = 2;
    /* The open deal: won in the end with .25 or .75; 4 new deals, .5 of each won in the end. */
    double eventual[] = {.25, .25, .75, .75}, new_deals[] = {4, 4}, new_eventual[] = {2, 2};
    double open_wins[] = {0, 0}, open_bookings[] = {0, 0};
    double new_wins[] = {1, 1}, new_bookings[] = {500, 700};
    b.expected.open_eventual = eventual;
    b.expected.new_deals = new_deals;
    b.expected.new_eventual = new_eventual;
    b.expected.open_wins = open_wins;
    b.expected.open_bookings = open_bookings;
    b.expected.new_wins = new_wins;
    b.expected.new_bookings = new_bookings;
    const recoup_gap_row *row = diagnose(&b, &n);
    assert_int_equal(n, PARTS); /* one cohort is the team */
    const double before[] = {4, 2.5 / 4, 150, 2 / 2.5, 300};
    const double after[] = {5, 2.5 / 5, 600, 1 / 2.5, 600};
    double mean = 300 / log(2);
    for (int i = 0; i < PARTS; i++) {
        assert_near(row[i].reference_value, before[i], 1e-12);
        assert_near(row[i].value, after[i], 1e-12);
        if (i < 4)
            assert_near(row[i].effect, mean * log(after[i] / before[i]), .0100001);
    }
    assert_near(row[4].effect, 300, 1e-9);
    /* Of two draws, 200 and 400: the quantiles of a line between them. */
    assert_near(row[4].effect_low, 205, 1e-9);
    assert_near(row[4].effect_high, 395, 1e-9);
    free_book(&b);
}

static void target(void **state) {
    (void)state;
    uint64_t seed = 6;
    made_book b;
    int n;
    make_book(&b, 200, 3, 20, &seed);
    b.diagnosing.n_references = 0;
    assert_int_equal((diagnose(&b, &n), n), 0);
    b.scenario.diagnosis.has_target = true;
    b.scenario.diagnosis.target = (recoup_gap_target){120, .25, 50000, .6};
    const recoup_gap_row *row = diagnose(&b, &n);
    assert_int_equal(n, PARTS);
    assert_int_equal(check_reference(row, n), PARTS);
    assert_string_equal(row->reference, "target");
    assert_near(row[4].reference_value, 900000, 1e-6);
    assert_true(row[0].reference_value == 120 && row[2].reference_value == 50000);
    free_book(&b);
}

static void nothing_to_compare(void **state) {
    (void)state;
    uint64_t seed = 7;
    made_book b;
    int n;
    make_book(&b, 50, 2, 3, &seed);
    b.diagnosing.expected = NULL; /* no win tables */
    assert_int_equal((diagnose(&b, &n), n), 0);
    free_book(&b);
}

/* --- censoring ----------------------------------------------------------------------------------
 */

static void require_ok(recoup_status status, recoup_error *error) {
    if (status != RECOUP_OK)
        recoup_error_print(error, stderr);
    assert_int_equal(status, RECOUP_OK);
    recoup_error_clear(error);
}

static const char known[] =
    "recoup: model/1\nstages: [stage 1, stage 2, stage 3]\ncohorts: [cohort 1, cohort 2]\n"
    "defaults: {advance: {cohort_logit: {cohort 1: .4, cohort 2: -.4}}}\nexits:\n"
    "  stage 1: {advance: {logit: 0.3, dwell: {family: lognormal, median: 20, sigma: .8}},"
    " lost: {dwell: {family: weibull, shape: 1.2, scale: 10}}}\n"
    "  stage 2: {advance: {logit: 0.5, dwell: {family: gamma, shape: 2, scale: 15}},"
    " lost: {dwell: {family: loglogistic, shape: 2, scale: 25}}}\n"
    "  stage 3: {advance: {logit: 0.8, dwell: {family: lognormal, median: 45, sigma: .6}},"
    " lost: {dwell: {family: exponential, mean: 15}}}\n"
    "amount: {new: {family: lognormal, median: 100, sigma: .5}}\n"
    "arrivals: {cohort 1: 0.1, cohort 2: 0.1}\n";

/* Wins in the end of a book whose deals' whole lives are known, against what the view at the as-of
 * date, cut in the middle of them, and the law that they were drawn from say: a sum of independent
 * deals, so the difference has the variance of the open ones, at most a quarter each. The rate of
 * the closed deals, which takes the slow wins for nothing, is below by more than five of their
 * standard deviations. */
static void open_deals_are_censored(void **state) {
    (void)state;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_model *model = NULL;
    recoup_status status = recoup_model_parse("known", known, strlen(known), &model, &error);
    require_ok(status, &error);
    for (uint64_t seed = 1; seed <= 5; seed++) {
        const world from = {.model = model, .n_deals = 4000, .days = 200, .seed = seed};
        double wins, eventual = 0, won = 0, n_closed = 0;
        recoup_view *view = draw_view(&from, &wins);
        uint64_t *key = RECOUP_NEW(uint64_t, view->n_deals);
        view->key = key;
        recoup_plan plan = {.name = "baseline"};
        recoup_scenario scenario = {.as_of = view->as_of,
                                    .period_start = view->as_of - 30,
                                    .period_end = view->as_of + 60,
                                    .quota = 1,
                                    .booked = NAN,
                                    .currency = "",
                                    .n_plans = 1,
                                    .plan = &plan,
                                    .simulation = {.parameter_draws = 1},
                                    .resolved = true};
        const recoup_engine_options engine = {.threads = 1};
        const recoup_expected_options options = {.n_limits = 2, {INFINITY, view->as_of - 100}};
        recoup_expected *expected = NULL;
        status =
            recoup_expected_create(&scenario, model, view, &engine, &options, &expected, &error);
        require_ok(status, &error);
        recoup_deal_counts counts[2];
        recoup_deals_count(view, -INFINITY, view->as_of, counts);
        for (int c = 0; c < 2; c++) {
            won += counts[c].eventual;
            eventual += counts[c].eventual + expected->open_eventual[c];
            assert_true(expected->open_eventual[2 + c] < expected->open_eventual[c]);
        }
        n_closed = view->n_deals - view->n_open;
        double sd = sqrt(view->n_open / 4.);
        assert_near(eventual, wins, 4 * sd);
        assert_true(won / n_closed * view->n_deals < wins - 5 * sd);
        recoup_expected_free(expected);
        free(key);
        free_view(view);
    }
    recoup_model_free(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cohorts_sum_to_the_team),
        cmocka_unit_test(by_hand),
        cmocka_unit_test(target),
        cmocka_unit_test(nothing_to_compare),
        cmocka_unit_test(open_deals_are_censored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
