/* What scrub, segment_focus and a rate by segment come down to, what has no meaning in them, and
 * that what is written out reads back as the same. */
#include "scenario_fixture.h"

#include "scenario/lever.h"
#include <math.h>

static const char model_text[] =
    "recoup: model/1\n"
    "stages: [demo]\n"
    "cohorts: [top, core]\n"
    "segments: [bank, retail, software, farming]\n"
    "exits: {demo: {advance: {logit: 0.1, dwell: {family: exponential, mean: 9}}, lost: {dwell: "
    "{family: exponential, mean: 9}}}}\n"
    "amount: {size_ref: 1000, new: {family: lognormal, median: 1000, sigma: 0.5}}\n"
    "mix: {segment: {bank: 0.2, retail: 0.5, software: 0.3, farming: 0}}\n"
    "arrivals: {top: 0.1, core: 0.2}\n";

static void assert_rate(const recoup_change *change, const char *cohort, const char *segment,
                        double value) {
    assert_int_equal(change->quantity, RECOUP_CHANGE_LOG_RATE);
    assert_mask(change->cohort, cohort);
    assert_null(change->channel);
    assert_mask(change->segment, segment);
    /* a few roundings of a logarithm; the figures are given to 16 digits */
    assert_true(change->value == value || fabs(change->value - value) < 1e-15);
}

/* --- scrub ------------------------------------------------------------------------------------ */

static void test_scrub(void **state) {
    (void)state;
    recoup_scenario *scenario = resolve_with(
        model_text,
        PLAN("      - scrub: {rules: [ancient, expired], start: +3d, ramp_days: 5}\n"
             "      - scrub: {rules: stale, stale_quantile: 90%, returns: 0.5, adoption: 0.25}\n"),
        NULL);
    const recoup_effects *effects = &scenario->plan[0].effects;
    assert_int_equal(effects->n_closures, 2);
    assert_int_equal(effects->n_changes + effects->n_moves + effects->n_caps, 0);
    const recoup_closure *closure = effects->closure;
    assert_mask(closure[0].rule, "10010"); /* in the order of recoup_hygiene_rule */
    assert_true(closure[0].expired_days == 30 && closure[0].returns == 0);
    assert_true(closure[0].share == 1);
    assert_true(closure[0].start_day == 3 && closure[0].ramp_days == 5);
    assert_int_equal(closure[0].rule_node[0]->column, 34);
    assert_int_equal(closure[0].rule_node[3]->column, 25);
    assert_int_equal(closure[0].lever_node->line, 9);
    assert_mask(closure[1].rule, "00100");
    assert_true(closure[1].returns == 0.5);
    for (int cohort = 0; cohort < 2; cohort++) /* the quantile of an exponential law of mean 9 */
        assert_true(fabs(closure[1].stale_days[cohort] - 9 * log(10)) < 1e-13);
    assert_true(closure[1].share == 0.25 && closure[1].start_day == 0);
    assert_true(closure[1].key != closure[0].key);
    recoup_scenario_free(scenario);
}

/* What is stale is decided by the fitted model, whatever a draw of its parameters says. */
static void test_stale_in_a_draw(void **state) {
    (void)state;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_scenario drawn;
    recoup_scenario *scenario = resolve_with(
        model_text, PLAN("      - scrub: {rules: [stale, no_amount], stale_quantile: 50%}\n"),
        NULL);
    recoup_model *model = load_model(model_text);
    for (int e = 0; e < model->stage[0].n_exits; e++)
        model->stage[0].exit[e].dwell.mu += 1;
    assert_int_equal(recoup_scenario_redraw(scenario, model, 3, &drawn, &error), RECOUP_OK);
    const recoup_closure *closure = &drawn.plan[0].effects.closure[0];
    assert_mask(closure->rule, "00101");
    for (int cohort = 0; cohort < 2; cohort++)
        assert_true(fabs(closure->stale_days[cohort] - 9 * log(2)) < 1e-13);
    recoup_scenario_drawn_clear(&drawn);
    recoup_model_free(model);
    recoup_scenario_free(scenario);
    recoup_error_clear(&error);
}

/* --- segment_focus ---------------------------------------------------------------------------- */

/* The worked example of the lever's file: retail × .6^.5, the others × (1 + .4 · .5 / .5)^.5. */
static void test_segment_focus(void **state) {
    (void)state;
    recoup_scenario *scenario =
        resolve_with(model_text,
                     PLAN("      - segment_focus: {from: retail, to: [bank, software], share: 0.4, "
                          "returns: 0.5, start: +2d, ramp_days: 7}\n"),
                     NULL);
    const recoup_effects *effects = &scenario->plan[0].effects;
    assert_int_equal(effects->n_changes, 2);
    assert_rate(&effects->change[0], "", "1010", 0.16823611831060645);
    assert_rate(&effects->change[1], "", "0100", -0.25541281188299536);
    for (int i = 0; i < 2; i++)
        assert_true(effects->change[i].start_day == 2 && effects->change[i].ramp_days == 7);
    recoup_scenario_free(scenario);
}

/* All effort; with returns of 1 the sum of all arrivals stays what it was. */
static void test_segment_focus_of_all_effort(void **state) {
    (void)state;
    static const double mix[4] = {0.2, 0.5, 0.3, 0};
    recoup_scenario *scenario =
        resolve_with(model_text,
                     PLAN("      - segment_focus: {from: [retail, bank], to: software, share: 1, "
                          "returns: 1, cohort: core}\n"),
                     NULL);
    const recoup_effects *effects = &scenario->plan[0].effects;
    double sum = 0;
    assert_rate(&effects->change[0], "01", "0010", log(1 + 0.7 / 0.3));
    assert_rate(&effects->change[1], "01", "1100", -INFINITY);
    for (int k = 0; k < 4; k++) {
        double log_factor = 0;
        for (int i = 0; i < effects->n_changes; i++)
            if (effects->change[i].segment[k])
                log_factor += effects->change[i].value;
        sum += mix[k] * exp(log_factor);
    }
    assert_true(fabs(sum - 1) < 1e-15); /* roundings of exp and log */
    recoup_scenario_free(scenario);
}

static void test_segment_focus_on_nothing(void **state) {
    (void)state;
    int n_notes;
    recoup_scenario *scenario = resolve_with(
        model_text,
        PLAN("      - segment_focus: {from: farming, to: bank, share: 0.4, returns: 1}\n"
             "      - segment_focus: {from: bank, to: farming, share: 0.4, returns: 1}\n"),
        &n_notes);
    assert_int_equal(scenario->plan[0].effects.n_changes, 0);
    assert_int_equal(n_notes, 2);
    recoup_scenario_free(scenario);
}

static void test_rate_by_segment(void **state) {
    (void)state;
    recoup_scenario *scenario = resolve_with(
        model_text, PLAN("      - adjust: {segment: [bank, retail], cohort: top, rate: 2}\n"),
        NULL);
    assert_int_equal(scenario->plan[0].effects.n_changes, 1);
    assert_rate(&scenario->plan[0].effects.change[0], "10", "1100", 0.6931471805599453);
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
    {PLAN("      - scrub: {returns: 1}\n"), 9, 16, "rules"},
    {PLAN("      - scrub: {rules: []}\n"), 9, 24, "empty"},
    {PLAN("      - scrub: {rules: [stale, expird]}\n"), 9, 32, "did you mean 'expired'?"},
    {PLAN("      - scrub: {rules: [zombie]}\n"), 9, 25, "expected one of expired"},
    {PLAN("      - scrub: {rules: stale, stale_quantile: 1}\n"), 9, 47, "above which no deal"},
    {PLAN("      - scrub: {rules: stale, stale_quantile: 0}\n"), 9, 47, "below 1"},
    {PLAN("      - scrub: {rules: stale, expired_days: 20}\n"), 9, 45, "the rule 'expired'"},
    {PLAN("      - scrub: {rules: ancient, stale_quantile: 0.5}\n"), 9, 49, "the rule 'stale'"},
    {PLAN("      - scrub: {rules: expired, expired_days: -1}\n"), 9, 47, "number of days"},
    {PLAN("      - scrub: {rules: ancient, returns: 2}\n"), 9, 42, "from 0 to 1"},
    {PLAN("      - segment_focus: {from: bank, to: bank, share: 0.5, returns: 1}\n"), 9, 41,
     "in 'from' as well as in 'to'"},
    {PLAN("      - segment_focus: {from: bank, to: retail, share: 1, returns: 1, ramp_days: 3}\n"),
     9, 82, "at once"},
    {PLAN("      - segment_focus: {from: bank, to: retail, share: 0, returns: 1}\n"), 9, 56,
     "above 0"},
    {PLAN("      - segment_focus: {from: bank, share: 0.5, returns: 1}\n"), 9, 24, "'to'"},
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

/* A segment that the model does not have. */
static void test_misfit(void **state) {
    (void)state;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_model *model = load_model(model_text);
    recoup_scenario *scenario = load_valid(
        PLAN("      - segment_focus: {from: bank, to: retial, share: 0.5, returns: 1}\n"));
    assert_int_equal(recoup_scenario_resolve(scenario, model, &error), RECOUP_EINVALID);
    assert_true(is_one_error(&error, 9, 41, "did you mean 'retail'?"));
    recoup_error_clear(&error);
    recoup_scenario_free(scenario);
    recoup_model_free(model);
}

/* --- written out ------------------------------------------------------------------------------ */

static char *format(const recoup_scenario *scenario) {
    recoup_error error = RECOUP_ERROR_INIT;
    char *text = NULL;
    assert_int_equal(recoup_scenario_format(scenario, &text, &error), RECOUP_OK);
    return text;
}

/* Each key where it belongs, and only those that have a meaning; the text reads back as itself. */
static void test_format(void **state) {
    (void)state;
    static const char *const lines[] = {
        "      - scrub:\n          rules: [expired, stale]\n          expired_days: 30\n"
        "          stale_quantile: 0.9\n          returns: 0.3\n          start: 2026-11-02\n",
        "      - scrub:\n          rules: no_amount\n          returns: 0\n          start:",
        "      - segment_focus:\n          from: retail\n          to: [bank, software]\n"
        "          share: {uniform: [0.2, 0.4]}\n          returns: 0.5\n          cohort: top\n",
        "      - adjust:\n          segment: bank\n          rate: 1.5\n",
    };
    recoup_scenario *scenario = load_valid(
        PLAN("      - scrub: {rules: [expired, stale], stale_quantile: 0.9, returns: 0.3}\n"
             "      - scrub: {rules: no_amount}\n"
             "      - segment_focus: {from: retail, to: [bank, software], share: {uniform: [0.2, "
             "0.4]}, returns: 0.5, cohort: top}\n"
             "      - adjust: {segment: bank, rate: 1.5}\n"));
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
        cmocka_unit_test(test_scrub),
        cmocka_unit_test(test_stale_in_a_draw),
        cmocka_unit_test(test_segment_focus),
        cmocka_unit_test(test_segment_focus_of_all_effort),
        cmocka_unit_test(test_segment_focus_on_nothing),
        cmocka_unit_test(test_rate_by_segment),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_misfit),
        cmocka_unit_test(test_format),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
