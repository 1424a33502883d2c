/* Hygiene of the open pipeline: rules that can be counted in the tables, win probabilities in
 * closed form, and the scrubbed forecast against a run with the lever scrub. */
#include "simulated.h"

#include "tally/tally.h"
#include <math.h>

static const double TABLES = 1e-4; /* error of a win table's probability (docs/simulation.md) */
static const double T = 30;        /* days to the end of the period */

static void assert_close(double x, double expected, double tolerance) {
    if (!(fabs(x - expected) <= tolerance))
        fail_msg("%.8g is not within %.2g of %.8g", x, tolerance, expected);
}

static double logistic(double x) {
    return 1 / (1 + exp(-x));
}

#define CONDITIONAL "simulation: {estimator: conditional}\n"

/* --- rules and win probabilities ----------------------------------------------------------------
 */

/* Exits of one stage are equally fast, so that neither age nor exit matters to the time. 95 % of
 * the stays in demo are over after 10 ln 20 = 29.96 days; in legal, three times as slow for the
 * cohort core, after 89.9 days, for top after 29.96. */
static const char two_stages[] =
    "recoup: model/1\nstages: [demo, legal]\ncohorts: [top, core]\nexits:\n"
    "  demo: {advance: {logit: 0.5, dwell: {family: exponential, mean: 10}}, lost: {dwell: "
    "{family: exponential, mean: 10}}}\n"
    "  legal: {advance: {logit: 0, cohort_log_dwell: {top: 0, core: 1.0986122886681098}, dwell: "
    "{family: exponential, mean: 10}}, lost: {cohort_log_dwell: {top: 0, core: "
    "1.0986122886681098}, dwell: {family: exponential, mean: 10}}}\n"
    "amount: {new: {family: lognormal, median: 100, sigma: 1}}\narrivals: {top: 0.1, core: 0.1}\n";
static const char two_reps[] = "rep_id,cohort\na,top\nc,core\n";

static double legal_of(bool is_core) {
    return .5 * -expm1(-T / (is_core ? 30 : 10));
}

/* Two exponential stages in a row: rates 1/10 and 1/10 (Erlang), or 1/10 and 1/30. */
static double demo_of(bool is_core) {
    double a = .1, b = 1 / 30.;
    double both =
        is_core ? 1 - (b * exp(-a * T) - a * exp(-b * T)) / (b - a) : 1 - exp(-a * T) * (1 + a * T);
    return logistic(.5) * .5 * both;
}

typedef struct expected_row {
    const char *deal, *rules, *disposition;
    double win_probability;
} expected_row;

static void assert_rows(const recoup_results *results, const expected_row *expected, int n) {
    int found;
    const recoup_hygiene_row *row = recoup_results_records(results, RECOUP_RECORD_HYGIENE, &found);
    assert_int_equal(found, n);
    for (int i = 0; i < n; i++) {
        assert_string_equal(row[i].deal, expected[i].deal);
        assert_string_equal(row[i].rules, expected[i].rules);
        assert_string_equal(row[i].disposition, expected[i].disposition);
        assert_close(row[i].win_probability, expected[i].win_probability, TABLES);
        if (!isnan(row[i].amount)) {
            double tolerance = TABLES * row[i].amount;
            assert_close(row[i].expected, row[i].amount * expected[i].win_probability, tolerance);
        }
    }
}

static void assert_rule(const recoup_results *results, int i, const char *name, int n_deals,
                        double amount, const char *missing) {
    int n;
    const recoup_rule_row *row = recoup_results_records(results, RECOUP_RECORD_RULE, &n);
    assert_int_equal(n, 5);
    assert_string_equal(row[i].rule, name);
    assert_string_equal(row[i].missing, missing);
    assert_int_equal(row[i].n_deals, n_deals);
    assert_true(*row[i].meaning);
    if (n_deals < 0) {
        assert_true(isnan(row[i].share) && isnan(row[i].amount) && isnan(row[i].expected));
        return;
    }
    assert_true(row[i].amount == amount);
}

static void test_rules(void **state) {
    (void)state;
    static const char deals[] =
        "deal_id,rep_id,amount,created,stage,outcome,stage_entered,closed,expected_close,next_"
        "step\n"
        "d1,c,10,2025-12-01,demo,open,2025-12-03,,2025-11-01,call\n"  /* 61 days over */
        "d2,c,20,2025-12-01,demo,open,2025-12-02,,2025-12-20,call\n"  /* 30 days in demo: stale */
        "d3,c,30,2025-10-01,legal,open,2025-10-04,,2026-02-01,call\n" /* 89 days in legal: not */
        "d4,c,40,2025-10-01,legal,open,2025-10-03,,2026-02-01,call\n" /* 90: stale */
        "d5,c,50,2025-05-01,legal,open,2025-12-01,,2026-02-01,\n"     /* ancient; no next step */
        "d6,c,0,2025-12-01,demo,open,2025-12-20,,2026-02-01,call\n"   /* no amount */
        "d7,c,,2025-12-01,demo,open,2025-12-20,,2026-02-01,call\n"    /* nor this one */
        "d8,a,10,2025-12-20,demo,open,2025-12-20,,2026-02-01,2025-12-31\n" /* step is over */
        "d9,a,10,2025-12-20,demo,open,2025-12-20,,2026-02-01,call\n"
        "da,a,60,2025-10-01,legal,open,2025-11-01,,2025-11-30,\n" /* 32 days over, stale, idle */
        "w1,a,10,2025-01-01,legal,won,2025-02-01,2025-06-30,,\n"; /* in 180 days */
    world w = make_world(two_stages, deals, two_reps, CONDITIONAL);
    recoup_results *results = diagnose_part(&w, recoup_diagnose_hygiene);
    /* Fresh in demo are d6 to d9: half of their mean is below what d1 and d2 have. Fresh in legal
     * is d3 alone, of the same cohort as d4 and d5. One win is too few to call a deal ancient. */
    const double demo = demo_of(true), legal = legal_of(true);
    assert_true(demo > (2 * demo_of(true) + 2 * demo_of(false)) / 4 / 2);
    const expected_row expected[] = {
        {"da", "expired, no next step, stale", "close-lost", legal_of(false)},
        {"d5", "no next step, ancient", "keep", legal},
        {"d4", "stale", "keep", legal},
        {"d2", "stale", "keep", demo},
        {"d1", "expired", "keep", demo},
        {"d8", "no next step", "keep", demo_of(false)},
        {"d6", "no amount", "keep", demo}, /* 0 before none */
        {"d7", "no amount", "keep", demo},
    };
    assert_rows(results, expected, 8);
    const recoup_hygiene_row *row = results->records[RECOUP_RECORD_HYGIENE].row;
    assert_string_equal(row[0].rep, "a");
    assert_string_equal(row[0].stage, "legal");
    assert_true(row[0].stage_days == 61 && row[0].age_days == 92);
    assert_true(row[0].created == w.view->as_of - 92);
    assert_true(row[6].amount == 0 && row[6].expected == 0 && isnan(row[7].amount));
    assert_rule(results, 0, "expired", 2, 70, "");
    assert_rule(results, 1, "no next step", 3, 120, "");
    assert_rule(results, 2, "stale", 3, 120, "");
    assert_rule(results, 3, "ancient", 1, 50, "");
    /* d7 stands at the median of the others: 0 10 10 10 10 20 30 40 50 60 */
    assert_rule(results, 4, "no amount", 2, 15, "");
    const recoup_rule_row *rule = results->records[RECOUP_RECORD_RULE].row;
    assert_true(rule[2].share == 3 / 10.);
    assert_close(rule[2].expected, 60 * legal_of(false) + 40 * legal + 20 * demo, 120 * TABLES);
    assert_non_null(strstr(rule[3].meaning, "180 days"));
    recoup_results_free(results);
    free_world(&w);
}

/* Columns that the table lacks, and no win to hold ages against. */
static void test_cannot_be_told(void **state) {
    (void)state;
    static const char deals[] = "deal_id,rep_id,amount,created,stage,outcome\n"
                                "x,a,10,2025-12-30,demo,open\ny,a,10,2025-09-01,demo,open\n";
    world w = make_world(two_stages, deals, two_reps, CONDITIONAL);
    recoup_results *results = diagnose_part(&w, recoup_diagnose_hygiene);
    assert_rule(results, 0, "expired", -1, 0, "expected_close");
    assert_rule(results, 1, "no next step", -1, 0, "next_step");
    assert_rule(results, 2, "stale", 1, 10, "");
    assert_rule(results, 3, "ancient", -1, 0, "closed of a won deal");
    const expected_row expected[] = {{"y", "stale", "keep", demo_of(false)}};
    assert_rows(results, expected, 1);
    recoup_results_free(results);
    free_world(&w);
}

static void test_no_open_deal(void **state) {
    (void)state;
    static const char deals[] = "deal_id,rep_id,amount,created,stage,outcome,closed\n"
                                "x,a,10,2025-11-30,legal,won,2025-12-10\n";
    world w = make_world(two_stages, deals, two_reps, CONDITIONAL);
    recoup_results *results = diagnose_part(&w, recoup_diagnose_hygiene);
    assert_rows(results, NULL, 0);
    assert_rule(results, 3, "ancient", 0, 0, "");
    const recoup_forecast_row *row = results->records[RECOUP_RECORD_FORECAST].row;
    assert_int_equal(results->records[RECOUP_RECORD_FORECAST].n, 2);
    assert_true(row[0].n_open == 0 && row[1].n_open == 0 && row[0].open_amount == 0);
    assert_true(row[0].expected == row[1].expected);
    recoup_results_free(results);
    free_world(&w);
}

/* --- the market factor and a discount limit -----------------------------------------------------
 */

static const double LOGIT = -.4, MEAN = 12, LOADING = .8;

static const char one_stage[] =
    "recoup: model/1\nstages: [demo]\ncohorts: [all]\nmarket: {conversion: 0.8}\nexits:\n  demo:\n"
    "    advance: {logit: -0.4, dwell: {family: exponential, mean: 12}}\n"
    "    lost: {dwell: {family: exponential, mean: 12}}\n"
    "amount: {new: {family: lognormal, median: 1, sigma: 0.1}}\narrivals: {all: 0}\n";

/* E p(logit + loading Z) (1 - e^(-T/m)), Z standard normal: Simpson's rule on [-8, 8]. */
static double chance(double logit) {
    enum { STEPS = 4000 };
    double sum = 0;
    for (int i = 0; i <= STEPS; i++) {
        double z = -8 + 16. * i / STEPS, weight = i == 0 || i == STEPS ? 1 : i % 2 ? 4 : 2;
        sum += weight * exp(-z * z / 2) / sqrt(2 * M_PI) * logistic(logit + LOADING * z);
    }
    return sum * 16 / STEPS / 3 * -expm1(-T / MEAN);
}

static void test_market_and_limit(void **state) {
    (void)state;
    static const char deals[] =
        "deal_id,rep_id,amount,list_amount,created,stage,outcome,expected_close\n"
        "x,,75,100,2025-12-30,demo,open,2025-11-01\n"
        "y,,100,100,2025-12-30,demo,open,2025-11-01\n";
    world w = make_world(
        one_stage, deals, NULL,
        CONDITIONAL "plans:\n  - name: limit\n    levers:\n"
                    "      - discount_limit: {max: 5%, win_logit_per_point: 0.02, escapes: 20%}\n"
                    "  - name: none\n");
    recoup_results *results = diagnose_part(&w, recoup_diagnose_hygiene);
    const recoup_hygiene_row *row = results->records[RECOUP_RECORD_HYGIENE].row;
    assert_int_equal(results->records[RECOUP_RECORD_HYGIENE].n, 2);
    assert_string_equal(row[0].deal, "y"); /* at its list amount */
    assert_close(row[0].win_probability, chance(LOGIT), TABLES);
    assert_close(row[0].expected, 100 * chance(LOGIT), 100 * TABLES);
    /* 25 % of discount are cut to 5 % in 80 % of the futures: 20 points of .02 each */
    double capped = chance(LOGIT - .4), free = chance(LOGIT);
    assert_close(row[1].win_probability, .2 * free + .8 * capped, TABLES);
    assert_close(row[1].expected, .2 * 75 * free + .8 * 95 * capped, 100 * TABLES);
    recoup_results_free(results);
    free_world(&w);
}

/* --- the scrubbed forecast ----------------------------------------------------------------------
 */

/* 20 wins of up to 60 days; 12 fresh deals and 8 of 100 days and more, six of them idle. */
static world make_book(char *text, size_t size) {
    size_t n = (size_t)snprintf(text, size,
                                "deal_id,rep_id,amount,created,stage,outcome,stage_entered,closed,"
                                "expected_close,next_step\n");
    for (int i = 0; i < 20; i++)
        n += (size_t)snprintf(text + n, size - n,
                              "w%02d,a,30,2025-06-%02d,legal,won,2025-06-%02d,2025-07-%02d,,\n", i,
                              i + 1, i + 2, i + 1);
    for (int i = 0; i < 12; i++)
        n += (size_t)snprintf(text + n, size - n,
                              "f%02d,%s,%d,2025-12-20,demo,open,2025-12-20,,2026-02-01,call\n", i,
                              i % 2 ? "a" : "c", 100 + 20 * i);
    for (int i = 0; i < 8; i++)
        n += (size_t)snprintf(text + n, size - n,
                              "o%02d,%s,%d,2025-09-%02d,legal,open,2025-12-20,,2026-02-01,%s\n", i,
                              i % 2 ? "a" : "c", 90 + 30 * i, i + 1, i < 6 ? "" : "call");
    assert_true(n < size);
    return make_world(two_stages, text, two_reps,
                      CONDITIONAL "plans:\n  - name: as is\n  - name: scrubbed\n    levers:\n"
                                  "      - scrub: {rules: no_next_step}\n");
}

/* All that have no next step are ancient, and those are closed: what the lever does too. */
static void test_scrubbed(void **state) {
    (void)state;
    char text[4096];
    world w = make_book(text, sizeof text);
    recoup_results *results = diagnose_part(&w, recoup_diagnose_hygiene);
    const recoup_forecast_row *row = results->records[RECOUP_RECORD_FORECAST].row;
    const recoup_hygiene_row *deal = results->records[RECOUP_RECORD_HYGIENE].row;
    assert_int_equal(results->records[RECOUP_RECORD_HYGIENE].n, 8);
    double closed = 0, amount = 0;
    for (int i = 0; i < 8; i++) { /* no deal of legal is fresh */
        bool is_closed = i < 6;
        assert_string_equal(deal[i].disposition, is_closed ? "close-lost" : "nurture");
        closed += is_closed ? deal[i].expected : 0;
        amount += is_closed ? deal[i].amount : 0;
    }
    assert_string_equal(row[0].pipeline, "as is");
    assert_string_equal(row[1].pipeline, "scrubbed");
    assert_int_equal(row[0].n_open, 20);
    assert_int_equal(row[1].n_open, 14);
    assert_true(amount == 6 * 90 + 30 * 15 && row[0].open_amount - row[1].open_amount == amount);
    /* Deals are independent: what is taken out is the sum of what it was worth. */
    assert_close(row[0].expected - row[1].expected, closed, TABLES * amount);
    assert_close(row[0].expected, results->bookings_mean[0], 1e-9 * row[0].expected);
    assert_close(row[0].hit_probability, results->hit_probability[0], 1e-12);
    /* As the lever: probabilities are on another grid, of 20 open deals and the new ones. */
    assert_close(row[1].expected, results->bookings_mean[1], TABLES * 20 * 300);
    assert_close(row[1].hit_probability, results->hit_probability[1],
                 20 * TABLES + 4 * row[1].hit_probability_se);
    assert_true(results->hit_probability[0] - results->hit_probability[1] > .01);
    recoup_results_free(results);
    free_world(&w);
}

/* A deal that goes on a minute before the week is over, for less than a minute: there are no win
 * tables as fine as that. Rules can be told, what deals are worth cannot. */
static void test_no_tables(void **state) {
    (void)state;
    static const char model[] =
        "recoup: model/1\nstages: [demo, legal]\ncohorts: [all]\nexits:\n  demo:\n"
        "    advance: {logit: 0, dwell: {family: lognormal, median: 8.9995, sigma: 0.00001}}\n"
        "    lost: {dwell: {family: lognormal, median: 1, sigma: 0.1}}\n  legal:\n"
        "    advance: {logit: 0, dwell: {family: exponential, mean: 0.0005}}\n"
        "    lost: {dwell: {family: exponential, mean: 0.0005}}\n"
        "amount: {new: {family: lognormal, median: 1, sigma: 0.1}}\narrivals: {all: 0}\n";
    static const char deals[] = "deal_id,rep_id,amount,created,stage,outcome\n"
                                "x,,0,2025-12-30,demo,open\n";
    world w = make_world(model, deals, NULL, "simulation: {estimator: walk, paths: 100}\n");
    recoup_results *results = diagnose_part(&w, recoup_diagnose_hygiene);
    const recoup_hygiene_row *row = results->records[RECOUP_RECORD_HYGIENE].row;
    assert_int_equal(results->records[RECOUP_RECORD_HYGIENE].n, 1);
    assert_string_equal(row->rules, "no amount");
    assert_string_equal(row->disposition, "keep");
    assert_true(isnan(row->win_probability) && isnan(row->expected));
    assert_int_equal(results->records[RECOUP_RECORD_FORECAST].n, 0);
    const recoup_rule_row *rule = results->records[RECOUP_RECORD_RULE].row;
    assert_true(rule[4].n_deals == 1 && rule[4].amount == 0 && isnan(rule[4].expected));
    recoup_results_free(results);
    free_world(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules),        cmocka_unit_test(test_cannot_be_told),
        cmocka_unit_test(test_no_open_deal), cmocka_unit_test(test_market_and_limit),
        cmocka_unit_test(test_scrubbed),     cmocka_unit_test(test_no_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
