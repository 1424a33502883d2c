/* What coach, unblock, activity, incentive, hire and quota_relief come down to, against figures
 * worked out by hand from the formulas of their files; what has no meaning is said to have none;
 * and what is written out reads back as the same. */
#include "scenario_fixture.h"

#include "scenario/lever.h"
#include <math.h>

static const char model_text[] =
    "recoup: model/1\n"
    "stages: [discovery, legal, proposal]\n"
    "cohorts: [top, core, ramping]\n"
    "channels: [outbound, inbound]\n"
    "segments: [retail, banking]\n"
    "exits:\n"
    "  discovery:\n"
    "    advance: {logit: 0.1, dwell: {family: exponential, mean: 9}}\n"
    "    lost: {dwell: {family: exponential, mean: 9}}\n"
    "  legal:\n"
    "    signed: {to: proposal, logit: 1, dwell: {family: exponential, mean: 9}}\n"
    "    lost: {dwell: {family: exponential, mean: 9}}\n"
    "  proposal:\n"
    "    advance: {logit: 0.3, dwell: {family: exponential, mean: 9}}\n"
    "    lost: {dwell: {family: exponential, mean: 9}}\n"
    "amount: {size_ref: 1000, new: {family: lognormal, median: 1000, sigma: 0.5}}\n"
    "mix: {segment: {retail: 0.5, banking: 0.5}}\n"
    "arrivals: {top: {outbound: 0.1, inbound: 0.1}, core: {outbound: 0.1, inbound: 0.1}, "
    "ramping: {outbound: 0.1, inbound: 0}}\n";

typedef struct expected {
    recoup_quantity quantity;
    const char *cohort, *channel, *segment, *stage, *exit;
    double start_day, ramp_days, lasts_days, value;
} expected;

static void assert_changes(const recoup_effects *effects, const expected *all, int n) {
    assert_int_equal(effects->n_changes, n);
    for (int i = 0; i < n; i++) {
        const recoup_change *change = &effects->change[i];
        const expected *e = &all[i];
        assert_int_equal(change->quantity, e->quantity);
        assert_mask(change->cohort, e->cohort);
        assert_mask(change->channel, e->channel);
        assert_mask(change->segment, e->segment);
        assert_mask(change->stage, e->stage);
        if (e->exit)
            assert_string_equal(change->exit, e->exit);
        else
            assert_null(change->exit);
        assert_true(change->start_day == e->start_day && change->ramp_days == e->ramp_days);
        assert_true(change->lasts_days == e->lasts_days);
        /* a few roundings of a logarithm and a product; the figures have 16 digits */
        assert_true(fabs(change->value - e->value) <= 4e-16 * fmax(1, fabs(e->value)));
    }
}

static void test_changes(void **state) {
    (void)state;
    int n_notes;
    recoup_scenario *scenario = resolve_with(
        model_text,
        PLAN("      - coach: {cohort: [core, ramping], stage: proposal, logit: 0.4, start: +3d, "
             "ramp_days: 10}\n"
             "      - unblock: {stage: [discovery, legal], cohort: top, speed: 2}\n"
             "      - activity: {cohort: core, channel: outbound, increase: 30%, returns: 0.5, "
             "ramp_days: 7}\n"
             "      - incentive: {cohort: core, segment: banking, logit: 0.1, speed: 1.5, start: "
             "+4d, ramp_days: 5, until: 2026-11-12}\n"
             "      - incentive: {speed: 0.5}\n"
             "      - hire: {cohort: ramping, count: 2.5, ramp_days: 90, start: +14d}\n"),
        &n_notes);
    const double log_2 = 0.6931471805599453, log_1_5 = 0.4054651081081644,
                 half_log_1_3 = 0.13118213223374553;
    const expected all[] = {
        {RECOUP_CHANGE_LOGIT, "011", "", "", "001", "advance", 3, 10, 0, 0.4},
        {RECOUP_CHANGE_LOG_SPEED, "100", "", "", "110", NULL, 0, 0, 0, log_2},
        {RECOUP_CHANGE_LOG_RATE, "010", "10", "", "", NULL, 0, 7, 0, half_log_1_3},
        /* from November 6 to 12 */
        {RECOUP_CHANGE_LOGIT, "010", "", "01", "", "advance", 4, 5, 6, 0.1},
        {RECOUP_CHANGE_LOG_SPEED, "010", "", "01", "", NULL, 4, 5, 6, log_1_5},
        {RECOUP_CHANGE_LOG_SPEED, "", "", "", "", NULL, 0, 0, 0, -log_2},
        {RECOUP_CHANGE_HIRES, "001", "", "", "", NULL, 14, 90, 0, 2.5},
    };
    assert_changes(&scenario->plan[0].effects, all, sizeof all / sizeof *all);
    assert_int_equal(n_notes, 0);
    recoup_scenario_free(scenario);
}

/* Adoption takes part of an effect, on its own scale: that of an increase is log(1 + increase). */
static void test_adoption(void **state) {
    (void)state;
    recoup_scenario *scenario =
        resolve_with(model_text,
                     PLAN("      - coach: {logit: 0.4, adoption: 0.5}\n"
                          "      - unblock: {speed: 2, adoption: 0.5}\n"
                          "      - activity: {increase: 0.3, returns: 0.5, adoption: 0.5}\n"
                          "      - hire: {cohort: top, count: 3, adoption: 0.5}\n"
                          "      - quota_relief: {share: 0.1, adoption: 0.5}\n"),
                     NULL);
    const double half_log_2 = 0.34657359027997264, quarter_log_1_3 = 0.06559106611687276;
    const expected all[] = {
        {RECOUP_CHANGE_LOGIT, "", "", "", "", "advance", 0, 0, 0, 0.2},
        {RECOUP_CHANGE_LOG_SPEED, "", "", "", "", NULL, 0, 0, 0, half_log_2},
        {RECOUP_CHANGE_LOG_RATE, "", "", "", "", NULL, 0, 0, 0, quarter_log_1_3},
        {RECOUP_CHANGE_HIRES, "100", "", "", "", NULL, 0, 0, 0, 1.5},
    };
    assert_changes(&scenario->plan[0].effects, all, sizeof all / sizeof *all);
    assert_true(scenario->plan[0].effects.relief.share == 0.05);
    recoup_scenario_free(scenario);
}

/* .1, then half of what that leaves, then 30 + 20. Beyond the period's end there is none. */
static void test_relief(void **state) {
    (void)state;
    recoup_scenario *scenario =
        resolve_with(model_text,
                     PLAN("      - quota_relief: {share: 10%}\n"
                          "      - quota_relief: {amount: 30}\n"
                          "      - quota_relief: {share: 0.5, start: +20d}\n"
                          "      - quota_relief: {amount: 20}\n"
                          "      - quota_relief: {amount: 1000, start: 2027-01-01}\n"),
                     NULL);
    const recoup_relief *relief = &scenario->plan[0].effects.relief;
    assert_true(fabs(relief->share - 0.55) < 1e-15 && relief->amount == 50);
    assert_int_equal(scenario->plan[0].effects.n_changes, 0);
    recoup_scenario_free(scenario);
}

/* Without an effect there is no change that could part cohorts, channels or segments. */
static void test_an_incentive_that_is_over(void **state) {
    (void)state;
    int n_notes;
    recoup_scenario *scenario =
        resolve_with(model_text,
                     PLAN("      - incentive: {segment: retail, logit: 1, start: +9d, until: +9d}\n"
                          "      - incentive: {segment: retail, logit: 0, speed: 1}\n"),
                     &n_notes);
    assert_int_equal(scenario->plan[0].effects.n_changes, 0);
    assert_int_equal(n_notes, 1);
    recoup_scenario_free(scenario);
}

/* An uncertain increase below -1 leaves next to nothing; a change stays finite, so it may ramp. */
static void test_an_increase_without_end_stays_finite(void **state) {
    (void)state;
    recoup_scenario *scenario =
        resolve_with(model_text,
                     PLAN("      - activity: {increase: {uniform: [-1, "
                          "-0.999999999999]}, returns: 0.5, ramp_days: 3}\n"),
                     NULL);
    assert_true(isfinite(scenario->plan[0].effects.change[0].value));
    assert_true(exp(scenario->plan[0].effects.change[0].value) < 1e-4);
    recoup_scenario_free(scenario);
}

/* --- what is wrong ---------------------------------------------------------------------------- */

typedef struct mistake {
    const char *text;
    int line, column;
    const char *words;
} mistake;

/* Wrong in themselves. */
static const mistake mistakes[] = {
    {PLAN("      - coach: {cohort: top}\n"), 9, 16, "logit"},
    {PLAN("      - coach: {logit: 101}\n"), 9, 24, "logit"},
    {PLAN("      - unblock: {stage: legal}\n"), 9, 18, "speed"},
    {PLAN("      - unblock: {speed: 0}\n"), 9, 26, "a factor from 0.001 to 1000"},
    {PLAN("      - activity: {increase: -1, returns: 1}\n"), 9, 30, "above -1"},
    {PLAN("      - activity: {increase: 11, returns: 1}\n"), 9, 30, "at most 10"},
    {PLAN("      - activity: {increase: 1, returns: 0}\n"), 9, 42, "elasticity"},
    {PLAN("      - activity: {increase: 1}\n"), 9, 19, "returns"},
    {PLAN("      - incentive: {cohort: top}\n"), 9, 20, "at least one of logit and speed"},
    {PLAN("      - incentive: {logit: 1, until: later}\n"), 9, 38, "a date such as 2026-11-09"},
    {PLAN("      - incentive: {logit: 1, until: [1]}\n"), 9, 38, "is a list"},
    {PLAN("      - hire: {count: 1}\n"), 9, 15, "cohort"},
    {PLAN("      - hire: {cohort: [top, core], count: 1}\n"), 9, 30, "names 2 cohorts"},
    {PLAN("      - hire: {cohort: top, count: -1}\n"), 9, 36, "0 to 10,000"},
    {PLAN("      - quota_relief: {cost: 5}\n"), 9, 23, "neither an amount nor a share"},
    {PLAN("      - quota_relief: {amount: 1, share: 0.1}\n"), 9, 23, "both an amount and a share"},
    {PLAN("      - quota_relief: {share: 1.1}\n"), 9, 31, "between 0 and 1"},
    {PLAN("      - quota_relief: {amount: 5, ramp_days: 3}\n"), 9, 46, "a quota has no ramp"},
};

static void test_mistakes(void **state) {
    (void)state;
    int n_wrong = 0;
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        recoup_error error = RECOUP_ERROR_INIT;
        recoup_scenario *scenario;
        assert_int_equal(load_text(mistakes[i].text, &scenario, &error), RECOUP_EINVALID);
        n_wrong += !is_one_error(&error, mistakes[i].line, mistakes[i].column, mistakes[i].words);
        recoup_error_clear(&error);
    }
    assert_int_equal(n_wrong, 0);
}

/* Wrong for the model. */
static const mistake misfits[] = {
    {PLAN("      - coach: {cohort: tops, logit: 1}\n"), 9, 25, "did you mean 'top'?"},
    {PLAN("      - coach: {stage: legla, logit: 1}\n"), 9, 24, "did you mean 'legal'?"},
    {PLAN("      - coach: {stage: [proposal, legal], logit: 1}\n"), 9, 35, "no exit 'advance'"},
    {PLAN("      - unblock: {stage: demo, speed: 2}\n"), 9, 26, "unknown stage 'demo'"},
    {PLAN("      - activity: {channel: inbond, increase: 1, returns: 1}\n"), 9, 29,
     "did you mean 'inbound'?"},
    {PLAN("      - incentive: {segment: bankin, logit: 1}\n"), 9, 30, "did you mean 'banking'?"},
    {PLAN("      - hire: {cohort: cor, count: 1}\n"), 9, 24, "did you mean 'core'?"},
};

static void test_misfits(void **state) {
    (void)state;
    int n_wrong = 0;
    recoup_model *model = load_model(model_text);
    for (size_t i = 0; i < sizeof misfits / sizeof *misfits; i++) {
        recoup_error error = RECOUP_ERROR_INIT;
        recoup_scenario *scenario = load_valid(misfits[i].text);
        assert_int_equal(recoup_scenario_resolve(scenario, model, &error), RECOUP_EINVALID);
        n_wrong += !is_one_error(&error, misfits[i].line, misfits[i].column, misfits[i].words);
        recoup_scenario_free(scenario);
        recoup_error_clear(&error);
    }
    recoup_model_free(model);
    assert_int_equal(n_wrong, 0);
}

/* --- written out ------------------------------------------------------------------------------ */

static char *format(const recoup_scenario *scenario) {
    recoup_error error = RECOUP_ERROR_INIT;
    char *text = NULL;
    assert_int_equal(recoup_scenario_format(scenario, &text, &error), RECOUP_OK);
    return text;
}

/* Each key where it belongs; the text reads back as itself, and means the same. */
static void test_format(void **state) {
    (void)state;
    static const char *const lines[] = {
        "      - coach:\n          cohort: core\n          stage: [discovery, proposal]\n"
        "          logit: {normal: [0.4, 0.1]}\n          start: 2026-11-05\n",
        "      - unblock:\n          stage: legal\n          cohort: top\n          speed: 2\n",
        "      - activity:\n          cohort: core\n          channel: inbound\n"
        "          increase: {triangular: [-0.1, 0.2, 0.5]}\n          returns: 0.5\n",
        "      - incentive:\n          cohort: core\n          segment: retail\n"
        "          logit: 0.1\n          speed: 1.5\n          until: +10d\n",
        "      - hire:\n          cohort: ramping\n          count: {uniform: [1, 3]}\n",
        "      - quota_relief:\n          amount: 30\n",
        "      - quota_relief:\n          share: {beta: [2, 18]}\n",
    };
    recoup_scenario *scenario = load_valid(
        PLAN("      - coach: {cohort: core, stage: [discovery, proposal], logit: {normal: [0.4, "
             "0.1]}, start: +3d}\n"
             "      - unblock: {stage: legal, cohort: top, speed: 2}\n"
             "      - activity: {cohort: core, channel: inbound, increase: {triangular: [-0.1, "
             "0.2, 0.5]}, returns: 0.5}\n"
             "      - incentive: {cohort: core, segment: retail, logit: 0.1, speed: 1.5, until: "
             "+10d}\n"
             "      - hire: {cohort: ramping, count: {uniform: [1, 3]}}\n"
             "      - quota_relief: {amount: 30}\n"
             "      - quota_relief: {share: {beta: [2, 18]}}\n"));
    char *once = format(scenario);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (!strstr(once, lines[i]))
            fail_msg("not written:\n%s\nbut:\n%s", lines[i], once);
    recoup_scenario *again = load_valid(once);
    char *twice = format(again);
    assert_string_equal(twice, once);
    for (int i = 0; i < again->plan[0].n_levers; i++)
        assert_true(again->plan[0].lever[i].key == scenario->plan[0].lever[i].key);
    free(once);
    free(twice);
    recoup_scenario_free(again);
    recoup_scenario_free(scenario);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_adoption),
        cmocka_unit_test(test_relief),
        cmocka_unit_test(test_an_incentive_that_is_over),
        cmocka_unit_test(test_an_increase_without_end_stays_finite),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_misfits),
        cmocka_unit_test(test_format),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
