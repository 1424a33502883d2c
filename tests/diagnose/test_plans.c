/* The plans' own words as records; what a lever's row says reads back as that lever. */
#include "simulated.h"

#include "scenario/lever.h"
#include <math.h>

static const char model[] =
    "recoup: model/1\nstages: [demo, legal]\ncohorts: [top, core]\nchannels: [web, fair]\n"
    "segments: [retail, bank]\nexits:\n"
    "  demo: {advance: {logit: 0, dwell: {family: exponential, mean: 9}}, lost: {dwell: {family: "
    "exponential, mean: 9}}}\n"
    "  legal: {advance: {logit: 0, dwell: {family: exponential, mean: 9}}, lost: {dwell: {family: "
    "exponential, mean: 9}}}\n"
    "amount: {new: {family: lognormal, median: 100, sigma: 1}}\nmix: {segment: {retail: 0.5, bank: "
    "0.5}}\narrivals: {top: {web: 0.1, fair: 0.1}, core: {web: 0.1, fair: 0.1}}\n";
static const char deals[] = "deal_id,rep_id,amount,created,stage,outcome\n"
                            "x,a,10,2025-12-30,demo,open\n";
static const char reps[] = "rep_id,cohort\na,top\n\"b, the {second}\",core\n";

static const char simulation[] = "simulation: {estimator: conditional}\n";

static const char plans[] =
    "plans:\n"
    "  - name: as is\n"
    "  - name: \"a: \\\"b\\\"\"\n"
    "    owner: Chief\n    team: all of sales\n    start: 2026-01-02\n    review: +14d\n"
    "    investment: two days\n    help: legal\n    implication: none\n    incentive: a day off\n"
    "    actions:\n"
    "      - {what: call them, owner: Ann, due: 2026-01-09, measure: calls}\n"
    "      - {what: write}\n"
    "    levers:\n"
    "      - coach: {cohort: core, stage: demo, logit: {normal: [0.3, 0.1]}, cost: 500, hours: 7, "
    "owner: Bo, evidence: opinion, ramp_days: 10}\n"
    "      - reassign: {from: {rep: [\"b, the {second}\"]}, to: {cohort: top}, adoption: 0.5, "
    "handover_days: 3, start: +5d}\n"
    "      - unblock: {stage: legal, speed: 2, strength: 0.5}\n"
    "      - incentive: {cohort: top, logit: 0.2, until: 2026-01-20T12:30:00Z}\n"
    "      - scrub: {rules: [expired, stale], returns: 0.5}\n"
    "      - channel_focus: {from: web, to: fair, share: 0.3, returns: 0.6}\n"
    "      - adjust: {stage: demo, exit: advance, logit: -0.1}\n"
    "      - discount_limit: {max: 10%, win_logit_per_point: 0.01}\n"
    "      - quota_relief: {share: 5%}\n";
enum { LEVERS = 9 };

static recoup_results *diagnose(world *w, const char *text) {
    char scenario[4096];
    /* expected_close is not there, which `scrub` would need: only read, never run */
    snprintf(scenario, sizeof scenario, "%s%s", simulation, text);
    *w = make_world(model, deals, reps, scenario);
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_results *results = NULL;
    world plain = make_world(model, deals, reps, simulation);
    results = simulate_world(&plain);
    free_world(&plain);
    const recoup_diagnosing diagnosing = {.scenario = w->scenario,
                                          .model = w->model,
                                          .view = w->view,
                                          .results = results,
                                          .error = &error};
    require_ok(recoup_diagnose_plans(&diagnosing), &error);
    return results;
}

static void test_words(void **state) {
    (void)state;
    world w;
    recoup_results *results = diagnose(&w, plans);
    const recoup_document_row *plan = results->records[RECOUP_RECORD_DOCUMENT].row;
    const recoup_action_row *action = results->records[RECOUP_RECORD_ACTION].row;
    assert_int_equal(results->records[RECOUP_RECORD_DOCUMENT].n, 2);
    assert_int_equal(results->records[RECOUP_RECORD_ACTION].n, 2);
    double as_of = w.view->as_of;
    free_world(&w); /* rows live as long as the results */
    assert_string_equal(plan[0].plan, "as is");
    assert_string_equal(plan[0].owner, "");
    assert_true(isnan(plan[0].start) && isnan(plan[0].review) && plan[0].cost == 0);
    assert_string_equal(plan[1].plan, "a: \"b\"");
    assert_string_equal(plan[1].owner, "Chief");
    assert_string_equal(plan[1].team, "all of sales");
    assert_string_equal(plan[1].help, "legal");
    assert_string_equal(plan[1].investment, "two days");
    assert_string_equal(plan[1].implication, "none");
    assert_string_equal(plan[1].incentive, "a day off");
    assert_true(plan[1].start == as_of + 1 && plan[1].review == as_of + 14);
    assert_true(plan[1].cost == 500 && plan[1].hours == 7);
    assert_string_equal(action[0].plan, "a: \"b\"");
    assert_string_equal(action[0].what, "call them");
    assert_string_equal(action[0].owner, "Ann");
    assert_string_equal(action[0].measure, "calls");
    assert_true(action[0].due == as_of + 8 && isnan(action[1].due));
    assert_string_equal(action[1].owner, "");
    recoup_results_free(results);
}

static void test_levers(void **state) {
    (void)state;
    world w;
    recoup_results *results = diagnose(&w, plans);
    const recoup_lever_row *lever = results->records[RECOUP_RECORD_LEVER].row;
    assert_int_equal(results->records[RECOUP_RECORD_LEVER].n, LEVERS);
    assert_string_equal(lever[0].kind, "coach");
    assert_string_equal(lever[0].keys, "{cohort: core, stage: demo, logit: {normal: [0.3, 0.1]}}");
    assert_string_equal(lever[0].owner, "Bo");
    assert_string_equal(lever[0].evidence, "opinion");
    assert_true(lever[0].start == w.view->as_of + 1 && lever[0].ramp_days == 10);
    assert_true(lever[0].cost == 500 && lever[0].hours == 7);
    assert_true(lever[1].start == w.view->as_of + 5);
    assert_non_null(strstr(lever[1].keys, "{from: {rep: \"b, the {second}\"}, to: {cohort: top}"));
    assert_non_null(strstr(lever[1].keys, "adoption: 0.5}"));
    assert_string_equal(lever[2].keys, "{stage: legal, speed: 2, strength: 0.5}");
    recoup_results_free(results);
    free_world(&w);
}

/* `kind: keys` of every row, as a plan: the same levers, and the same rows again. */
static void test_read_back(void **state) {
    (void)state;
    world w, again;
    recoup_results *results = diagnose(&w, plans);
    const recoup_lever_row *lever = results->records[RECOUP_RECORD_LEVER].row;
    char text[4096];
    size_t n = (size_t)snprintf(text, sizeof text, "plans:\n  - name: again\n    levers:\n");
    for (int i = 0; i < LEVERS; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "      - %s: %s\n", lever[i].kind,
                              lever[i].keys);
    recoup_results *back = diagnose(&again, text);
    const recoup_lever_row *row = back->records[RECOUP_RECORD_LEVER].row;
    assert_int_equal(back->records[RECOUP_RECORD_LEVER].n, LEVERS);
    for (int i = 0; i < LEVERS; i++) {
        const recoup_lever *a = &w.scenario->plan[1].lever[i];
        const recoup_lever *b = &again.scenario->plan[0].lever[i];
        assert_true(a->key == b->key && a->strength == b->strength);
        assert_string_equal(row[i].keys, lever[i].keys);
    }
    recoup_results_free(results);
    recoup_results_free(back);
    free_world(&w);
    free_world(&again);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_levers),
        cmocka_unit_test(test_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
