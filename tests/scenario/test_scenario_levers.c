/* What levers come down to, against figures worked out by hand from the formulas of their files. */
#include "scenario_fixture.h"

#include <math.h>

static const char model_text[] =
    "recoup: model/1\n"
    "currency: EUR\n"
    "stages: [discovery, demo, proposal]\n"
    "cohorts: [top, core, ramping]\n"
    "channels: [outbound, inbound, partner]\n"
    "segments: [retail, banking]\n"
    "exits:\n"
    "  discovery:\n"
    "    advance: {logit: 0.1, dwell: {family: lognormal, median: 9, sigma: 0.6}}\n"
    "    lost: {dwell: {family: weibull, shape: 0.9, scale: 18}}\n"
    "  demo:\n"
    "    advance: {logit: 0.2, dwell: {family: lognormal, median: 9, sigma: 0.6}}\n"
    "    lost: {dwell: {family: weibull, shape: 0.9, scale: 18}}\n"
    "    handshake: {to: won, logit: -2, dwell: {family: exponential, mean: 5}}\n"
    "  proposal:\n"
    "    advance: {logit: 0.3, dwell: {family: lognormal, median: 9, sigma: 0.6}}\n"
    "    lost: {dwell: {family: weibull, shape: 0.9, scale: 18}}\n"
    "amount: {size_ref: 40000, new: {family: lognormal, median: 42000, sigma: 0.8}}\n"
    "mix: {segment: {retail: 0.5, banking: 0.5}}\n"
    "arrivals:\n"
    "  top: {outbound: 0.12, inbound: 0.072, partner: 0.048}\n"
    "  core: {outbound: 0.3, inbound: 0.05, partner: 0.05}\n"
    "  ramping: {outbound: 0.2, inbound: 0, partner: 0}\n";

/* The effects of the only plan. */
static const recoup_effects *resolve(recoup_scenario **scenario, const char *text) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_model *model = load_model(model_text);
    *scenario = load_valid(text);
    recoup_status status = recoup_scenario_resolve(*scenario, model, &error);
    if (status != RECOUP_OK)
        recoup_error_print(&error, stderr);
    assert_int_equal(status, RECOUP_OK);
    assert_true((*scenario)->resolved);
    recoup_model_free(model); /* what was resolved does not lean on it */
    recoup_error_clear(&error);
    return &(*scenario)->plan[0].effects;
}

static void assert_change(const recoup_change *change, recoup_quantity quantity, const char *cohort,
                          const char *channel, const char *segment, const char *stage,
                          const char *exit, double value) {
    assert_int_equal(change->quantity, quantity);
    assert_mask(change->cohort, cohort);
    assert_mask(change->channel, channel);
    assert_mask(change->segment, segment);
    assert_mask(change->stage, stage);
    if (exit)
        assert_string_equal(change->exit, exit);
    else
        assert_null(change->exit);
    /* a few roundings of a logarithm; the figures are given to 16 digits */
    assert_true(change->value == value || fabs(change->value - value) < 1e-15);
}

static void test_adjust(void **state) {
    (void)state;
    recoup_scenario *scenario;
    const recoup_effects *effects =
        resolve(&scenario,
                PLAN("      - adjust: {cohort: [core, ramping], stage: demo, exit: [advance, "
                     "handshake], logit: 0.2, dwell: 0.7, start: +7d, ramp_days: 14}\n"
                     "      - adjust: {dwell: 2, stage: [discovery, proposal], segment: banking}\n"
                     "      - adjust: {rate: 1.2, amount: 0.9, cohort: top, channel: inbound}\n"
                     "      - adjust: {rate: 0, channel: partner}\n"));
    assert_int_equal(effects->n_changes, 8);
    assert_int_equal(effects->n_moves, 0);
    assert_int_equal(effects->n_caps, 0);
    const recoup_change *change = effects->change;
    const double log_0_7 = -0.35667494393873245, log_1_2 = 0.1823215567939546,
                 log_2 = 0.6931471805599453, log_0_9 = -0.10536051565782628;
    assert_change(&change[0], RECOUP_CHANGE_LOGIT, "011", "", "", "010", "advance", 0.2);
    assert_change(&change[1], RECOUP_CHANGE_LOGIT, "011", "", "", "010", "handshake", 0.2);
    assert_change(&change[2], RECOUP_CHANGE_LOG_DWELL, "011", "", "", "010", "advance", log_0_7);
    assert_change(&change[3], RECOUP_CHANGE_LOG_DWELL, "011", "", "", "010", "handshake", log_0_7);
    for (int i = 0; i < 4; i++)
        assert_true(change[i].start_day == 7 && change[i].ramp_days == 14);
    assert_change(&change[4], RECOUP_CHANGE_LOG_DWELL, "", "", "01", "101", NULL, log_2);
    assert_change(&change[5], RECOUP_CHANGE_LOG_RATE, "100", "010", "", "", NULL, log_1_2);
    assert_change(&change[6], RECOUP_CHANGE_LOG_AMOUNT, "100", "010", "", "", NULL, log_0_9);
    assert_change(&change[7], RECOUP_CHANGE_LOG_RATE, "", "001", "", "", NULL, -INFINITY);
    assert_true(change[7].start_day == 0 && change[7].ramp_days == 0);
    recoup_scenario_free(scenario);
}

static void test_reassign(void **state) {
    (void)state;
    recoup_scenario *scenario;
    const recoup_effects *effects = resolve(
        &scenario,
        PLAN("      - reassign: {from: {status: vacant, cohort: [core, ramping]}, to: {cohort: "
             "top}, deals: {stage: [demo, proposal], segment: retail, channel: inbound, "
             "min_amount: 50_000}, leads: true, handover_days: 3, capacity: 30, start: +2d}\n"
             "      - reassign: {from: {rep: [r1, r2]}, to: {rep: r3}}\n"));
    assert_int_equal(effects->n_moves, 2);
    assert_int_equal(effects->n_changes, 0);
    const recoup_move *move = &effects->move[0];
    assert_int_equal(move->from_rep.n, 0);
    assert_int_equal(move->from_status, 2); /* RECOUP_REP_VACANT */
    assert_mask(move->from_cohort, "011");
    assert_int_equal(move->to_rep.n, 0);
    assert_mask(move->to_cohort, "100");
    assert_mask(move->stage, "011");
    assert_mask(move->channel, "010");
    assert_mask(move->segment, "10");
    assert_true(move->min_amount == 50000 && move->leads);
    assert_true(move->handover_days == 3 && move->capacity == 30);
    assert_true(move->start_day == 2 && move->ramp_days == 0);
    assert_int_equal(move->node->line, 9);

    move = &effects->move[1];
    assert_int_equal(move->from_rep.n, 2);
    assert_string_equal(move->from_rep.text[1], "r2");
    assert_int_equal(move->from_status, -1);
    assert_null(move->from_cohort);
    assert_string_equal(move->to_rep.text[0], "r3");
    assert_null(move->to_cohort);
    assert_true(!move->stage && !move->channel && !move->segment);
    assert_true(move->min_amount == 0 && !move->leads && move->handover_days == 0);
    assert_true(isinf(move->capacity) && move->start_day == 0);
    recoup_scenario_free(scenario);
}

/* share .5, returns .5. top: outbound × .5^.5, the others × (1 + .5 · .12/.12)^.5 = 1.5^.5. core:
 * the others × (1 + .5 · .3/.1)^.5 = 2.5^.5. ramping has no arrivals in them: left alone. */
static void test_channel_focus(void **state) {
    (void)state;
    recoup_scenario *scenario;
    const recoup_effects *effects =
        resolve(&scenario, PLAN("      - channel_focus: {from: outbound, to: [inbound, partner], "
                                "share: 50%, returns: 0.5, ramp_days: 7}\n"));
    const recoup_change *change = effects->change;
    const double half_log_1_5 = 0.2027325540540822, half_log_2_5 = 0.4581453659370775,
                 half_log_half = -0.34657359027997264;
    assert_int_equal(effects->n_changes, 3);
    assert_change(&change[0], RECOUP_CHANGE_LOG_RATE, "100", "011", "", "", NULL, half_log_1_5);
    assert_change(&change[1], RECOUP_CHANGE_LOG_RATE, "010", "011", "", "", NULL, half_log_2_5);
    assert_change(&change[2], RECOUP_CHANGE_LOG_RATE, "110", "100", "", "", NULL, half_log_half);
    for (int i = 0; i < 3; i++)
        assert_true(change[i].ramp_days == 7);
    recoup_scenario_free(scenario);
}

static void test_channel_focus_of_all_effort(void **state) {
    (void)state;
    recoup_scenario *scenario;
    const recoup_effects *effects =
        resolve(&scenario, PLAN("      - channel_focus: {from: [inbound, partner], to: outbound, "
                                "share: 1, returns: 1, cohort: [core, ramping]}\n"));
    const recoup_change *change = effects->change;
    assert_int_equal(effects->n_changes, 2);
    /* 1 + .1/.3 = 4/3; nothing is left behind */
    assert_change(&change[0], RECOUP_CHANGE_LOG_RATE, "010", "100", "", "", NULL,
                  0.28768207245178085);
    assert_change(&change[1], RECOUP_CHANGE_LOG_RATE, "010", "011", "", "", NULL, -INFINITY);
    recoup_scenario_free(scenario);
}

/* With returns of 1 effort is only moved: the sum of all arrivals stays what it was. */
static void test_channel_focus_keeps_the_sum(void **state) {
    (void)state;
    static const double rate[3] = {0.12, 0.072, 0.048};
    recoup_scenario *scenario;
    const recoup_effects *effects =
        resolve(&scenario, PLAN("      - channel_focus: {from: outbound, to: [inbound, partner], "
                                "share: 0.3, returns: 1, cohort: top}\n"));
    double before = 0, after = 0;
    for (int c = 0; c < 3; c++) {
        double log_factor = 0;
        for (int i = 0; i < effects->n_changes; i++)
            if (effects->change[i].channel[c])
                log_factor += effects->change[i].value;
        before += rate[c];
        after += rate[c] * exp(log_factor);
    }
    assert_true(fabs(after - before) < 1e-15); /* roundings of exp and log */
    recoup_scenario_free(scenario);
}

static void test_discount_limit(void **state) {
    (void)state;
    recoup_scenario *scenario;
    const recoup_effects *effects =
        resolve(&scenario, PLAN("      - discount_limit: {max: 20%, win_logit_per_point: 0.03, "
                                "escapes: 0.1, segment: banking, start: +1d, ramp_days: 5}\n"));
    assert_int_equal(effects->n_caps, 1);
    const recoup_cap *cap = effects->cap;
    assert_true(cap->max == 0.2 && cap->win_logit_per_point == 0.03 && cap->escapes == 0.1);
    assert_true(!cap->cohort && !cap->channel);
    assert_mask(cap->segment, "01");
    assert_true(cap->start_day == 1 && cap->ramp_days == 5);
    recoup_scenario_free(scenario);
}

/* W1: the plans of bench/w1/README.md. */
static void test_w1(void **state) {
    (void)state;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_scenario *scenario = NULL;
    recoup_model *model = NULL;
    assert_int_equal(recoup_scenario_load(SOURCE_DIR "/bench/w1/scenario.yaml", &scenario, &error),
                     RECOUP_OK);
    assert_int_equal(recoup_model_load(recoup_scenario_model_path(scenario), &model, &error),
                     RECOUP_OK);
    assert_int_equal(recoup_scenario_resolve(scenario, model, &error), RECOUP_OK);
    assert_int_equal(scenario->plan[0].effects.n_changes, 0);
    assert_int_equal(scenario->plan[1].effects.n_changes, 1);
    assert_change(&scenario->plan[1].effects.change[0], RECOUP_CHANGE_LOGIT, "0011", "", "", "",
                  "advance", 0.2);
    assert_change(&scenario->plan[2].effects.change[0], RECOUP_CHANGE_LOG_DWELL, "", "", "",
                  "00011", "advance", -0.35667494393873245);
    recoup_model_free(model);
    recoup_scenario_free(scenario);
    recoup_error_clear(&error);
}

/* --- plans that do not fit the model ---------------------------------------------------------- */

typedef struct misfit {
    const char *text;
    int line, column;
    const char *words;
} misfit;

static const misfit misfits[] = {
    {PLAN("      - adjust: {cohort: [top, rampin], rate: 2}\n"), 9, 32, "did you mean 'ramping'?"},
    {PLAN("      - adjust: {cohort: enterprise, rate: 2}\n"), 9, 26, "one of top, core, ramping"},
    {PLAN("      - adjust: {channel: web, rate: 2}\n"), 9, 27, "unknown channel 'web'"},
    {PLAN("      - adjust: {segment: bankin, dwell: 2}\n"), 9, 27, "did you mean 'banking'?"},
    {PLAN("      - adjust: {stage: dem, dwell: 2}\n"), 9, 25, "did you mean 'demo'?"},
    {PLAN("      - adjust: {exit: advanced, logit: 1}\n"), 9, 24, "did you mean 'advance'?"},
    {PLAN("      - adjust: {stage: proposal, exit: handshake, logit: 1}\n"), 9, 41,
     "in these stages of the model; expected one of advance, lost"},
    {PLAN("      - reassign: {from: {cohort: tops}, to: {rep: a}}\n"), 9, 35, "mean 'top'?"},
    {PLAN("      - reassign: {from: {rep: a}, to: {cohort: tops}}\n"), 9, 49, "mean 'top'?"},
    {PLAN("      - reassign: {from: {rep: a}, to: {rep: b}, deals: {stage: won}}\n"), 9, 65,
     "unknown stage 'won'"},
    {PLAN("      - channel_focus: {from: outbond, to: inbound, share: 1, returns: 1}\n"), 9, 31,
     "did you mean 'outbound'?"},
    {PLAN("      - discount_limit: {max: 0, channel: fax}\n"), 9, 43, "unknown channel 'fax'"},
    {HEAD "currency: USD\n", 6, 11, "in USD, its model in EUR"},
};

static void test_misfits(void **state) {
    (void)state;
    int n_wrong = 0;
    recoup_model *model = load_model(model_text);
    for (size_t i = 0; i < sizeof misfits / sizeof *misfits; i++) {
        recoup_error error = RECOUP_ERROR_INIT;
        recoup_scenario *scenario = load_valid(misfits[i].text);
        assert_int_equal(recoup_scenario_resolve(scenario, model, &error), RECOUP_EINVALID);
        assert_false(scenario->resolved);
        n_wrong += !is_one_error(&error, misfits[i].line, misfits[i].column, misfits[i].words);
        recoup_scenario_free(scenario);
        recoup_error_clear(&error);
    }
    recoup_model_free(model);
    assert_int_equal(n_wrong, 0);
}

static void test_all_misfits_are_reported(void **state) {
    (void)state;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_model *model = load_model(model_text);
    recoup_scenario *scenario =
        load_valid(PLAN("      - adjust: {cohort: a, channel: b, stage: c, exit: d, logit: 1}\n"
                        "      - channel_focus: {from: e, to: f, share: 1, returns: 1}\n"));
    assert_int_equal(recoup_scenario_resolve(scenario, model, &error), RECOUP_EINVALID);
    assert_int_equal(error.n_errors, 5); /* d is not judged while its stage is unknown */
    recoup_scenario_free(scenario);
    recoup_model_free(model);
    recoup_error_clear(&error);
}

static void test_focus_without_effect_is_noted(void **state) {
    (void)state;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_model *model = load_model(model_text);
    recoup_scenario *scenario =
        load_valid(PLAN("      - channel_focus: {from: outbound, to: inbound, share: 0.5, returns: "
                        "1, cohort: ramping}\n"));
    assert_int_equal(recoup_scenario_resolve(scenario, model, &error), RECOUP_OK);
    assert_int_equal(scenario->plan[0].effects.n_changes, 0);
    assert_int_equal(error.n_errors, 0);
    assert_int_equal(error.n_problems, 1);
    recoup_scenario_free(scenario);
    recoup_model_free(model);
    recoup_error_clear(&error);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_adjust),
        cmocka_unit_test(test_reassign),
        cmocka_unit_test(test_channel_focus),
        cmocka_unit_test(test_channel_focus_of_all_effort),
        cmocka_unit_test(test_channel_focus_keeps_the_sum),
        cmocka_unit_test(test_discount_limit),
        cmocka_unit_test(test_w1),
        cmocka_unit_test(test_misfits),
        cmocka_unit_test(test_all_misfits_are_reported),
        cmocka_unit_test(test_focus_without_effect_is_noted),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
