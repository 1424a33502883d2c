/* Loading scenarios: values, defaults, and every way to be wrong. */
#include "scenario_fixture.h"

#include "base/date.h"
#include <math.h>

static double day(int year, int month, int day_of_month) {
    return recoup_days_from_civil(year, month, day_of_month);
}

static void test_w1(void **state) {
    (void)state;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_scenario *scenario = NULL;
    const char *path = SOURCE_DIR "/bench/w1/scenario.yaml";
    assert_int_equal(recoup_scenario_load(path, &scenario, &error), RECOUP_OK);
    assert_int_equal(error.n_problems, 0);
    assert_string_equal(recoup_scenario_name(scenario), "W1 reference");
    assert_null(recoup_scenario_currency(scenario));
    assert_true(scenario->as_of == day(2026, 11, 2));
    assert_true(scenario->period_start == day(2026, 10, 1));
    assert_true(scenario->period_end == day(2027, 1, 1));
    assert_true(scenario->period_end - scenario->as_of == 60); /* the horizon of bench/w1 */
    assert_true(scenario->quota == 6e6);
    assert_true(isnan(scenario->booked));
    assert_string_equal(recoup_scenario_model_path(scenario), SOURCE_DIR "/bench/w1/model.yaml");

    recoup_dataset_source source;
    recoup_scenario_source(scenario, &source);
    assert_string_equal(source.deals, SOURCE_DIR "/bench/w1/deals.csv");
    assert_string_equal(source.reps, SOURCE_DIR "/bench/w1/reps.csv");
    assert_null(source.stage_history);
    assert_null(source.activities);
    assert_int_equal(source.n_stages, 0);
    assert_int_equal(source.n_labels, 0);
    assert_true(source.zone_days == 0);

    recoup_simulation simulation = recoup_scenario_simulation(scenario);
    assert_int_equal(simulation.paths, 1000000);
    assert_int_equal(simulation.seed, 1);
    assert_int_equal(simulation.parameter_draws, 1);
    assert_int_equal(simulation.estimator, RECOUP_ESTIMATOR_SAMPLE);
    assert_true(simulation.precision == 0);
    assert_false(simulation.keep_paths);

    assert_int_equal(scenario->n_plans, 3);
    assert_string_equal(scenario->plan[0].name, "baseline");
    assert_int_equal(scenario->plan[0].n_levers, 0);
    assert_string_equal(scenario->plan[1].name, "coach");
    assert_int_equal(scenario->plan[1].n_levers, 1);
    assert_int_equal(scenario->plan[2].lever[0].kind, RECOUP_LEVER_ADJUST);
    assert_true(scenario->plan[2].lever[0].start_day == 0);
    recoup_scenario_free(scenario);
}

static void test_defaults(void **state) {
    (void)state;
    recoup_scenario *scenario = load_valid(HEAD);
    assert_string_equal(recoup_scenario_name(scenario), "s"); /* of s.yaml */
    assert_null(recoup_scenario_model_path(scenario));
    assert_int_equal(recoup_scenario_simulation(scenario).paths, 100000);
    assert_int_equal(scenario->n_plans, 1);
    assert_string_equal(scenario->plan[0].name, "baseline");
    assert_int_equal(scenario->plan[0].n_levers, 0);
    recoup_view_options options;
    recoup_scenario_view_options(scenario, &options);
    assert_true(options.as_of == day(2026, 11, 2) && options.period_start == day(2026, 10, 1));
    assert_int_equal(options.cohorts, RECOUP_COHORTS_COLUMN);
    assert_true(options.top_share == 0.1 && options.bottom_share == 0.1);
    assert_true(options.ramp_days == 180);
    recoup_scenario_free(scenario);
}

static const char rich[] =
    "recoup: scenario/1\n"
    "name: Q4 recovery\n"
    "as_of: 2026-11-02T08:00\n"
    "timezone: +02:00\n"
    "period: {start: 2026-10-01, end: 2026-12-31}\n"
    "currency: EUR\n"
    "quota: {from: reps}\n"
    "booked: 1_250_000\n"
    "data: {deals: data/d.csv, stage_history: /abs/h.csv, reps: r.csv, activities: a.csv}\n"
    "pipeline:\n"
    "  stages: [Discovery, Proposal]\n"
    "  labels: {1 - Disc: Discovery, Closed Won: won, Closed Lost: lost, Reopened: open}\n"
    "cohorts: {by: tenure, ramp_days: 90, top: 20%, bottom: 0.3}\n"
    "simulation: {paths: 1e4, seed: 9007199254740992, precision: 0.005, keep_paths: true}\n"
    "benchmarks: {win_rate: {value: 22%, source: \"25\"}, deal: 4e4, conversion: {demo: .6}}\n"
    "review: {partners: they answer late, prospects: [\"no: price\", the demo was long]}\n"
    "plans:\n"
    "  - name: p\n"
    "    owner: Sales operations\n"
    "    start: 2026-11-16\n"
    "    review: +28d\n"
    "    investment: 20000\n"
    "    actions: [{what: \"call: all\", due: 2026-11-20, measure: calls}, {what: no}]\n"
    "    levers:\n"
    "      - adjust: {exit: advance, logit: 0.2, cost: 1000}\n"
    "      - adjust: {amount: 1.1, start: +7d, ramp_days: 14, cost: 500, owner: x}\n"
    "      - adjust: {rate: 0, start: 2026-11-09T06:00Z}\n"
    "      - adjust: {dwell: 0.7, start: 2026-10-05}\n";

static void test_rich(void **state) {
    (void)state;
    recoup_scenario *scenario = load_valid(rich);
    double zone = 2.0 / 24;
    assert_true(scenario->zone_days == zone);
    assert_true(fabs(scenario->as_of - (day(2026, 11, 2) + 6.0 / 24)) < 1e-10); /* 06:00 UTC */
    assert_true(scenario->period_start == day(2026, 10, 1) - zone);
    assert_true(scenario->period_end == day(2027, 1, 1) - zone);
    assert_true(scenario->quota_from_reps && isnan(scenario->quota));
    assert_true(scenario->booked == 1250000);
    assert_string_equal(recoup_scenario_currency(scenario), "EUR");
    assert_true(scenario->top_share == 0.2 && scenario->bottom_share == 0.3);

    recoup_dataset_source source;
    recoup_scenario_source(scenario, &source);
    assert_string_equal(source.stage_history, "/abs/h.csv");
    assert_string_equal(source.deals, in_folder("data/d.csv"));
    assert_int_equal(source.n_stages, 2);
    assert_string_equal(source.stages[1], "Proposal");
    assert_int_equal(source.n_labels, 4);
    assert_string_equal(source.label[0], "1 - Disc");
    assert_string_equal(source.meaning[0], "Discovery");
    assert_true(source.zone_days == zone);
    assert_true(recoup_scenario_simulation(scenario).seed == 9007199254740992);

    const recoup_benchmarks *benchmarks = &scenario->benchmarks;
    assert_int_equal(benchmarks->n, 3);
    assert_true(benchmarks->benchmark[0].kind == RECOUP_BENCHMARK_WIN_RATE &&
                benchmarks->benchmark[0].value == .22);
    assert_string_equal(benchmarks->benchmark[0].source, "25");
    assert_true(benchmarks->benchmark[1].value == 4e4 && !benchmarks->benchmark[1].source);
    assert_string_equal(benchmarks->benchmark[2].stage, "demo");
    assert_int_equal(scenario->review.n, 2);
    assert_string_equal(scenario->review.group[0], "partners");
    assert_int_equal(scenario->review.note[0].n, 1);
    assert_string_equal(scenario->review.note[1].text[0], "no: price");

    const recoup_plan *plan = &scenario->plan[0];
    assert_int_equal(plan->n_levers, 4);
    assert_true(plan->cost == 1500);
    assert_true(plan->start == day(2026, 11, 16) - zone);
    assert_int_equal(plan->n_actions, 2);
    assert_string_equal(plan->action[0].what, "call: all");
    assert_true(isnan(plan->action[1].due));
    /* From 2 November 08:00: the plan's start, midnight of 16 November, is 13 days and 16 hours
     * away; +7d and the same moment written in UTC are one number; what came before acts at once.
     * Starts are kept to the millisecond. */
    assert_true(fabs(plan->lever[0].start_day - (13 + 16.0 / 24)) < 0.6e-3 / 86400);
    assert_true(plan->lever[1].start_day == 7 && plan->lever[1].ramp_days == 14);
    assert_string_equal(plan->lever[1].owner, "x");
    assert_true(plan->lever[2].start_day == 7);
    assert_true(plan->lever[3].start_day == 0);
    recoup_scenario_free(scenario);
}

static void test_plain_pipeline(void **state) {
    (void)state;
    recoup_scenario *scenario = load_valid(HEAD "pipeline: [a, b, c]\n");
    assert_int_equal(scenario->n_stages, 3);
    assert_string_equal(scenario->stages[2], "c");
    recoup_scenario_free(scenario);
}

/* --- malformed -------------------------------------------------------------------------------- */

typedef struct malformed {
    const char *text;
    int line, column;
    const char *words;
} malformed;

#define REST "quota: 6e6\ndata: {deals: d.csv}\n"
#define LEVER(lever) HEAD "plans:\n  - name: p\n    levers:\n      - " lever "\n" /* line 9 */

static const malformed cases[] = {
    /* the scenario */
    {"recoup: model/1\nstages: [a]\n", 1, 9, "format 'model/1'"},
    {"as_of: 2026-11-02\nperiod: {start: 2026-10-01, end: 2026-12-31}\n" REST, 1, 1, "'recoup'"},
    {HEAD "qouta: 5\n", 6, 1, "did you mean 'quota'?"},
    {HEAD "quota: 5\n", 6, 1, "twice"},
    {HEAD "name: [a]\n", 6, 7, "'name' is a list"},
    {"recoup: scenario/1\nperiod: {start: 2026-10-01, end: 2026-12-31}\n" REST, 1, 1, "'as_of'"},
    {"recoup: scenario/1\nas_of: 2026-11-31\nperiod: {start: 2026-10-01, end: 2026-12-31}\n" REST,
     2, 8, "'as_of' is '2026-11-31'; expected a date"},
    {"recoup: scenario/1\nas_of: \"2026-11-02\"\n"
     "period: {start: 2026-10-01, end: 2026-12-31}\n" REST,
     2, 8, "without quotation marks"},
    {"recoup: scenario/1\nas_of: 2027-01-02\nperiod: {start: 2026-10-01, end: 2026-12-31}\n" REST,
     2, 8, "outside the period from 2026-10-01 to 2026-12-31"},
    {"recoup: scenario/1\nas_of: 2026-09-30\nperiod: {start: 2026-10-01, end: 2026-12-31}\n" REST,
     2, 8, "outside the period"},
    {"recoup: scenario/1\nas_of: 2026-11-02\nperiod: {start: 2026-12-31, end: 2026-10-01}\n" REST,
     3, 34, "expected a later day"},
    {"recoup: scenario/1\nas_of: 2026-11-02\nperiod: {start: 2026-10-01T08:00, end: "
     "2026-12-31}\n" REST,
     3, 17, "a whole day"},
    {"recoup: scenario/1\nas_of: 2026-11-02\nperiod: {start: 2026-10-01}\n" REST, 3, 9, "'end'"},
    {"recoup: scenario/1\nas_of: 2026-11-02\nperiod: 2026\n" REST, 3, 9, "a mapping"},
    {HEAD "timezone: Europe/Berlin\n", 6, 11, "offset from it such as +02:00"},
    {"recoup: scenario/1\nas_of: 2026-11-02\nperiod: {start: 2026-10-01, end: 2026-12-31}\n"
     "data: {deals: d.csv}\n",
     1, 1, "'quota'"},
    {"recoup: scenario/1\nas_of: 2026-11-02\nperiod: {start: 2026-10-01, end: 2026-12-31}\n"
     "quota: 0\ndata: {deals: d.csv}\n",
     4, 8, "expected a number above 0"},
    {"recoup: scenario/1\nas_of: 2026-11-02\nperiod: {start: 2026-10-01, end: 2026-12-31}\n"
     "quota: 6 million\ndata: {deals: d.csv}\n",
     4, 8, "'6 million'"},
    {"recoup: scenario/1\nas_of: 2026-11-02\nperiod: {start: 2026-10-01, end: 2026-12-31}\n"
     "quota: {from: reps}\ndata: {deals: d.csv}\n",
     4, 8, "names no table 'reps'"},
    {"recoup: scenario/1\nas_of: 2026-11-02\nperiod: {start: 2026-10-01, end: 2026-12-31}\n"
     "quota: {from: teams}\ndata: {deals: d.csv, reps: r.csv}\n",
     4, 15, "'teams'"},
    {"recoup: scenario/1\nas_of: 2026-11-02\nperiod: {start: 2026-10-01, end: 2026-12-31}\n"
     "quota: 1\ndata: {reps: r.csv}\n",
     5, 7, "'deals'"},
    {"recoup: scenario/1\nas_of: 2026-11-02\nperiod: {start: 2026-10-01, end: 2026-12-31}\n"
     "quota: 1\ndata: {deals: \"\"}\n",
     5, 15, "expected the path of a file"},
    {HEAD "booked: -1\n", 6, 9, "from 0 to 1e15"},
    {HEAD "pipeline: [a, won]\n", 6, 15, "'won' is an outcome"},
    {HEAD "pipeline: []\n", 6, 11, "no stages"},
    {HEAD "pipeline: [a, a]\n", 6, 15, "twice"},
    {HEAD "pipeline: {stages: [demo, offer], labels: {Demo: dmo}}\n", 6, 50,
     "did you mean 'demo'?"},
    {HEAD "pipeline: {labels: {Demo: [a]}}\n", 6, 27, "has no meaning"},
    {HEAD "pipeline: {labels: [Demo]}\n", 6, 20, "not a mapping"},
    {HEAD "cohorts: {by: rank}\n", 6, 15, "'rank'"},
    {HEAD "cohorts: {top: 0}\n", 6, 16, "share of the reps"},
    {HEAD "cohorts: {top: .6, bottom: .5}\n", 6, 10, "at most 1"},
    {HEAD "cohorts: {ramp_days: -1}\n", 6, 22, "0 or more"},
    {"recoup: scenario/1\nas_of: 2026-11-02\nperiod: {start: 2026-10-01, end: 2026-12-31}\n" REST
     "cohorts: {by: tenure}\n",
     6, 10, "expected a table 'reps'"},
    {HEAD "simulation: {paths: 0}\n", 6, 21, "from 1 to 4e9"},
    {HEAD "simulation: {paths: 1.5}\n", 6, 21, "whole number"},
    {HEAD "simulation: {seed: -1}\n", 6, 20, "from 0 to 2^53"},
    {HEAD "simulation: {parameter_draws: 0}\n", 6, 31, "1 or more"},
    {HEAD "simulation: {estimator: conditional, keep_paths: true}\n", 6, 50, "no paths"},
    {HEAD "simulation: {precision: .5}\n", 6, 25, "below 0.5"},
    {HEAD "simulation: {precision: 0}\n", 6, 25, "above 0"},
    {HEAD "simulation: {keep_paths: maybe}\n", 6, 26, "true or false"},
    {HEAD "benchmarks: 5\n", 6, 13, "a mapping"},
    {HEAD "benchmarks: {win rate: 25%}\n", 6, 14, "did you mean 'win_rate'?"},
    {HEAD "benchmarks: {win_rate: 25}\n", 6, 24, "a share above 0, at most 1"},
    {HEAD "benchmarks: {win_rate: [.2, .3]}\n", 6, 24, "a number"},
    {HEAD "benchmarks: {deal: {source: a report}}\n", 6, 20, "'value'"},
    {HEAD "benchmarks: {deal: {value: 0, source: a report}}\n", 6, 28, "an amount of money"},
    {HEAD "benchmarks: {cycle_days: {value: 80, note: x}}\n", 6, 38, "'note'"},
    {HEAD "benchmarks: {attainment: -1}\n", 6, 26, "bookings over quota"},
    {HEAD "benchmarks: {conversion: 60%}\n", 6, 26, "not a mapping"},
    {HEAD "benchmarks: {conversion: {demo: 60}}\n", 6, 33, "'demo' is 60"},
    {HEAD "review: fine\n", 6, 9, "not a mapping"},
    {HEAD "review: {partners: {one: two}}\n", 6, 20, "a list of texts"},
    {HEAD "review: {partners: [slow, \"\"]}\n", 6, 27, "empty note of 'partners'"},
    {HEAD "review: {\"\": [slow]}\n", 6, 10, "without a name"},
    /* plans */
    {HEAD "plans: []\n", 6, 8, "an empty list"},
    {HEAD "plans: baseline\n", 6, 8, "not a list"},
    {HEAD "plans:\n  - levers: []\n", 7, 5, "'name'"},
    {HEAD "plans:\n  - name: \"\"\n", 7, 11, "empty name"},
    {HEAD "plans:\n  - name: a\n  - name: b\n  - name: a\n", 9, 11, "the first on line 7"},
    {HEAD "plans:\n  - name: a\n    lever: []\n", 8, 5, "did you mean 'levers'?"},
    {HEAD "plans:\n  - name: a\n    levers: {adjust: {logit: 1}}\n", 8, 13, "not a list"},
    {HEAD "plans:\n  - name: a\n    start: soon\n", 8, 12, "'start' is 'soon'"},
    {HEAD "plans:\n  - name: a\n    start: 2026-11-20\n    review: 2026-11-10\n", 9, 13,
     "before the plan's 'start'"},
    {HEAD "plans:\n  - name: a\n    actions: [{owner: x}]\n", 8, 15, "'what'"},
    {HEAD "plans:\n  - name: a\n    actions: [{what: x, due: May}]\n", 8, 30, "'due' is 'May'"},
    /* levers */
    {LEVER("training: {exit: advance}"), 9, 9, "expected one of adjust, reassign"},
    {LEVER("reasign: {}"), 9, 9, "did you mean 'reassign'?"},
    {LEVER("adjust"), 9, 9, "a lever is one key"},
    {LEVER("adjust: {exit: advance, logit: 1}\n        cost: 5"), 9, 9, "a lever is one key"},
    {LEVER("adjust:"), 9, 16, "expected a mapping"},
    {LEVER("adjust: {exit: advance, logit: 1, start: 7d}"), 9, 50, "such as +7d"},
    {LEVER("adjust: {exit: advance, logit: 1, start: +7%d}"), 9, 50, "such as +7d"},
    {LEVER("adjust: {exit: advance, logit: 1, start: +40000d}"), 9, 50, "a century"},
    {LEVER("adjust: {exit: advance, logit: 1, ramp_days: -1}"), 9, 54, "0 or more"},
    {LEVER("adjust: {exit: advance, logit: 1, cost: -5}"), 9, 49, "from 0 to 1e15"},
    {LEVER("adjust: {cohort: top}"), 9, 17, "changes nothing"},
    {LEVER("adjust: {logit: 1}"), 9, 25, "needs the key 'exit'"},
    {LEVER("adjust: {exit: lost, logit: 1}"), 9, 24, "cannot act on 'lost'"},
    {LEVER("adjust: {dwell: 0}"), 9, 25, "a factor above 0"},
    {LEVER("adjust: {rate: -1}"), 9, 24, "from 0 to 1000"},
    {LEVER("adjust: {exit: advance, logit: 1e9}"), 9, 40, "from -100 to 100"},
    {LEVER("adjust: {amount: 0}"), 9, 26, "a factor above 0"},
    {LEVER("adjust: {rate: 2, stage: a}"), 9, 24, "'rate' has no meaning together with 'stage'"},
    {LEVER("adjust: {amount: 2, exit: advance}"), 9, 26, "together with 'exit'"},
    {LEVER("adjust: {rate: 0, ramp_days: 5}"), 9, 38, "stops arrivals at once"},
    {LEVER("adjust: {cohort: [], rate: 2}"), 9, 26, "an empty list"},
    {LEVER("adjust: {cohort: [a, a], rate: 2}"), 9, 30, "twice"},
    {LEVER("adjust: {exit: advance, logit: {normal: [0]}}"), 9, 49,
     "normal: [mean, standard deviation]"},
    {LEVER("reassign: {to: {rep: a}}"), 9, 19, "'from'"},
    {LEVER("reassign: {from: {}, to: {rep: a}}"), 9, 26, "'from' names nobody"},
    {LEVER("reassign: {from: {status: gone}, to: {rep: a}}"), 9, 35, "'gone'"},
    {LEVER("reassign: {from: {status: vacant}, to: {}}"), 9, 48, "'to' names nobody"},
    {LEVER("reassign: {from: {status: vacant}, to: {rep: a, cohort: b}}"), 9, 48, "both"},
    {LEVER("reassign: {from: {rep: [a, b]}, to: {rep: [c, b]}}"), 9, 55, "rep 'b' is in 'from'"},
    {LEVER("reassign: {from: {rep: a}, to: {rep: b}, capacity: 0}"), 9, 60, "1 or more"},
    {LEVER("reassign: {from: {rep: a}, to: {rep: b}, leads: 1}"), 9, 57, "true or false"},
    {LEVER("reassign: {from: {rep: a}, to: {rep: b}, deals: {stage: []}}"), 9, 65, "empty list"},
    {LEVER("channel_focus: {from: a, to: b, share: 0, returns: .5}"), 9, 48, "share of the effort"},
    {LEVER("channel_focus: {from: a, to: b, share: .5}"), 9, 24, "'returns'"},
    {LEVER("channel_focus: {from: a, to: b, share: .5, returns: 1.5}"), 9, 61, "elasticity"},
    {LEVER("channel_focus: {from: a, to: [b, a], share: .5, returns: 1}"), 9, 42, "channel 'a'"},
    {LEVER("channel_focus: {from: a, to: b, share: 1, returns: 1, ramp_days: 1}"), 9, 74,
     "stops arrivals"},
    {LEVER("discount_limit: {}"), 9, 25, "'max'"},
    {LEVER("discount_limit: {max: 100%}"), 9, 31, "limits nothing"},
    {LEVER("discount_limit: {max: .2, escapes: 2}"), 9, 44, "between 0 and 1"},
    {LEVER("discount_limit: {max: .2, win_logit_per_point: -.1}"), 9, 56, "from 0 to 10"},
    {LEVER("discount_limit: {max: .2}\n      - discount_limit: {max: .1}"), 10, 9,
     "a second discount_limit"},
};

static void test_malformed(void **state) {
    (void)state;
    int n_wrong = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        recoup_error error = RECOUP_ERROR_INIT;
        recoup_scenario *scenario;
        recoup_status status = load_text(cases[i].text, &scenario, &error);
        if (status != RECOUP_EINVALID || scenario) {
            fprintf(stderr, "accepted:\n%s\n", cases[i].text);
            n_wrong++;
        }
        n_wrong += !is_one_error(&error, cases[i].line, cases[i].column, cases[i].words);
        recoup_scenario_free(scenario);
        recoup_error_clear(&error);
    }
    assert_int_equal(n_wrong, 0);
}

static void test_all_problems(void **state) {
    (void)state;
    static const int lines[] = {2, 3, 4, 5, 9, 11};
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_scenario *scenario;
    recoup_status status = load_text("recoup: scenario/1\n"
                                     "as_of: yesterday\n"
                                     "period: {start: 2026-10-01, end: 2026-12-32}\n"
                                     "quota: -5\n"
                                     "data: {deal: d.csv}\n" /* unknown key, missing key */
                                     "plans:\n"
                                     "  - name: a\n"
                                     "    levers:\n"
                                     "      - adjust: {logit: 1}\n"
                                     "  - name: b\n"
                                     "    wat: 5\n",
                                     &scenario, &error);
    assert_int_equal(status, RECOUP_EINVALID);
    assert_int_equal(error.n_errors, 7);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        bool found = false;
        for (size_t k = 0; k < error.n_problems; k++)
            found = found || error.problems[k].line == lines[i];
        assert_true(found);
    }
    recoup_error_clear(&error);
}

static void test_late_lever_is_noted(void **state) {
    (void)state;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_scenario *scenario;
    assert_int_equal(load_text(LEVER("adjust: {rate: 2, start: +61d}"), &scenario, &error),
                     RECOUP_OK);
    assert_int_equal(error.n_errors, 0);
    assert_int_equal(error.n_problems, 1);
    assert_non_null(strstr(error.problems[0].message, "after the end of the period"));
    recoup_error_clear(&error);
    recoup_scenario_free(scenario);
}

/* A file cut off anywhere is read, or refused with a reason; never a crash. */
static void test_truncated(void **state) {
    (void)state;
    char text[sizeof rich];
    int accepted = 0;
    for (size_t n = 0; n < sizeof rich; n++) {
        recoup_error error = RECOUP_ERROR_INIT;
        recoup_scenario *scenario;
        memcpy(text, rich, n);
        text[n] = '\0';
        recoup_status status = load_text(text, &scenario, &error);
        assert_true(status == RECOUP_OK ? scenario != NULL : error.n_errors > 0);
        accepted += status == RECOUP_OK;
        recoup_scenario_free(scenario);
        recoup_error_clear(&error);
    }
    assert_in_range(accepted, 1, sizeof rich / 2);
}

static void test_missing_file(void **state) {
    (void)state;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_scenario *scenario = NULL;
    assert_int_equal(recoup_scenario_load(in_folder("none.yaml"), &scenario, &error),
                     RECOUP_EINVALID);
    assert_null(scenario);
    recoup_error_clear(&error);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_w1),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_rich),
        cmocka_unit_test(test_plain_pipeline),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_all_problems),
        cmocka_unit_test(test_late_lever_is_noted),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_missing_file),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
