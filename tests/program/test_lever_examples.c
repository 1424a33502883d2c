/* The worked examples of scenario/lever_{coach,unblock,activity,incentive,hire,quota_relief}.c:
 * what the program holds of them, against figures worked out by hand. */
#include "../world.h"

/* Half of the deals advance. */
static const char model_text[] =
    "recoup: model/1\nstages: [demo, legal]\ncohorts: [core, ramping, none]\nsegments: [retail, "
    "banking]\nchannels: [outbound, inbound]\nexits:\n"
    "  demo: {advance: {logit: 0, dwell: {family: exponential, mean: 10}}, lost: {dwell: {family: "
    "exponential, mean: 10}}}\n"
    "  legal: {advance: {logit: 0, dwell: {family: exponential, mean: 10}}, lost: {dwell: {family: "
    "exponential, mean: 10}}}\n"
    "amount: {size_ref: 100, new: {family: lognormal, median: 100, sigma: 0.5}}\n"
    "mix: {segment: {retail: 0.5, banking: 0.5}}\n"
    "arrivals: {core: {outbound: 1.5, inbound: 0.5}, ramping: {outbound: 0.1, inbound: 0}, none: "
    "{outbound: 0.1, inbound: 0}}\n";
static const char deals_text[] = "deal_id,rep_id,amount,created,stage,outcome,stage_entered\n"
                                 "d1,a,100,2025-12-01,demo,open,2025-12-20\n";
static const char reps_text[] = "rep_id,cohort,team,status,quota\n"
                                "a,core,north,active,200\nb,core,north,active,300\n"
                                "c,core,south,ramping,\nd,core,south,active,400\n"
                                "e,core,south,vacant,100\n"
                                "f,ramping,north,active,50\ng,none,north,vacant,50\n";

#define PLAN(levers) "plans:\n  - name: p\n    levers:\n" levers /* the first on line 9 */

typedef struct compiled {
    world world;
    recoup_program *program;
} compiled;

static compiled compile(const char *plans) {
    recoup_error error = RECOUP_ERROR_INIT;
    compiled c = {.world = make_world(model_text, deals_text, reps_text, plans)};
    require_ok(
        recoup_program_create(c.world.scenario, c.world.model, c.world.view, &c.program, &error),
        &error);
    return c;
}

static void clear(compiled *c) {
    recoup_program_free(c->program);
    free_world(&c->world);
}

/* The epoch of a cohort (first channel and segment) and stage that is in force on a day. */
static const recoup_epoch *epoch_at(const recoup_program *program, int cohort, int segment,
                                    int stage, double day) {
    const recoup_program_plan *plan = &program->plan[0];
    int row = recoup_program_cell(program, cohort, 0, segment) * program->n_stages + stage;
    const recoup_epoch *epoch = &plan->epoch[plan->epoch_first[row]];
    while (epoch + 1 < &plan->epoch[plan->epoch_first[row + 1]] && epoch[1].start_day <= day)
        epoch++;
    return epoch;
}

/* P(advance) of an entrant, on a day. */
static double advance_at(const recoup_program *program, int cohort, int segment, int stage,
                         double day) {
    const recoup_law *law =
        &program->plan[0].law[epoch_at(program, cohort, segment, stage, day)->law];
    double advance = exp(law[0].logit), lost = exp(law[1].logit);
    return advance / (advance + lost);
}

#define assert_near(a, b) assert_true(fabs((a) - (b)) < 1e-14)

static void test_coach(void **state) {
    (void)state;
    compiled c = compile(PLAN("      - coach: {cohort: ramping, stage: demo, logit: 0.4, "
                              "ramp_days: 10, start: +2d}\n"));
    assert_near(advance_at(c.program, 1, 0, 0, 1.9), 0.5);
    assert_near(advance_at(c.program, 1, 0, 0, 6.5), 0.5448788923735801); /* day 4 of the ramp */
    assert_near(advance_at(c.program, 1, 0, 0, 12), 0.598687660112452);
    assert_near(advance_at(c.program, 1, 0, 1, 12), 0.5); /* another stage */
    assert_near(advance_at(c.program, 0, 0, 0, 12), 0.5); /* another cohort */
    clear(&c);
}

static void test_unblock(void **state) {
    (void)state;
    compiled c = compile(PLAN("      - unblock: {stage: legal, speed: 2, start: +2d, ramp_days: "
                              "4}\n"));
    assert_true(epoch_at(c.program, 0, 0, 1, 1.9)->speed == 1);
    assert_near(epoch_at(c.program, 0, 0, 1, 3.5)->speed, 1.2968395546510096); /* 2^(1.5/4) */
    assert_near(epoch_at(c.program, 0, 0, 1, 6)->speed, 2);
    assert_near(advance_at(c.program, 0, 0, 1, 6), 0.5);
    assert_true(epoch_at(c.program, 0, 0, 0, 6)->speed == 1);
    clear(&c);
}

static double factor_of(const recoup_program *program, int stream, double day) {
    return recoup_program_rate_factor(&program->plan[0], &program->stream[stream], -1, day);
}

static void test_activity(void **state) {
    (void)state;
    compiled c = compile(PLAN("      - activity: {channel: outbound, increase: 0.3, returns: 0.5, "
                              "ramp_days: 10}\n"));
    assert_near(factor_of(c.program, 0, 4.2), 1.060809143133715);
    assert_near(factor_of(c.program, 0, 10), 1.140175425099138);
    assert_true(factor_of(c.program, 1, 10) == 1); /* inbound */
    clear(&c);
}

/* From day 4 to day 10, where the ramp of six days is half done. Outside, the law is that of no
 * lever to the last bit. */
static void test_incentive(void **state) {
    (void)state;
    compiled c = compile(PLAN("      - incentive: {cohort: core, segment: banking, speed: 2, "
                              "logit: 0.4, start: +4d, until: +7d, ramp_days: 6}\n"));
    const recoup_epoch *during = epoch_at(c.program, 0, 1, 1, 6.9);
    assert_near(during->speed, 1.3348398541700344); /* 2^(2.5/6) */
    assert_near(advance_at(c.program, 0, 1, 1, 6.9), 0.5415704832167999);
    static const double outside[] = {0, 3.9, 7, 9.9, 29};
    for (int i = 0; i < 5; i++)
        for (int stage = 0; stage < 2; stage++) {
            const recoup_epoch *epoch = epoch_at(c.program, 0, 1, stage, outside[i]);
            assert_true(epoch->speed == 1 && c.program->plan[0].law[epoch->law].logit == 0);
        }
    assert_true(epoch_at(c.program, 0, 0, 1, 6)->speed == 1); /* another segment */
    assert_true(epoch_at(c.program, 1, 1, 1, 6)->speed == 1); /* another cohort */
    clear(&c);
}

/* Four reps of the cohort get new deals, one of them still ramping; the fifth seat is vacant. */
static void test_hire(void **state) {
    (void)state;
    compiled c = compile(PLAN("      - hire: {cohort: core, count: 2, ramp_days: 10}\n"));
    double rate = c.program->stream[0].rate + c.program->stream[1].rate;
    assert_near(rate, 2);
    assert_near(rate * factor_of(c.program, 0, 4.9), 2.45);
    assert_near(rate * factor_of(c.program, 1, 4.9), 2.45);
    assert_true(factor_of(c.program, 0, 10) == 1.5);
    assert_true(factor_of(c.program, 2, 10) == 1); /* of another cohort */
    clear(&c);
}

/* Numbers add up; other factors multiply. 1 + (.45 · 2 + 1)/4 = 1.475, × 1.2. */
static void test_hires_add_up(void **state) {
    (void)state;
    compiled c = compile(PLAN("      - hire: {cohort: core, count: 2, ramp_days: 10}\n"
                              "      - hire: {cohort: core, count: 1, start: +3d}\n"
                              "      - adjust: {rate: 1.2}\n"));
    assert_near(factor_of(c.program, 0, 4.9), 1.475 * 1.2);
    assert_near(factor_of(c.program, 0, 10), 1.75 * 1.2);
    assert_near(factor_of(c.program, 2, 10), 1.2);
    assert_true(c.program->n_layers >= 3); /* as high as 2.1 */
    clear(&c);
}

static void test_nobody_to_learn_from(void **state) {
    (void)state;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_program *program = NULL;
    world w = make_world(model_text, deals_text, reps_text,
                         PLAN("      - hire: {cohort: none, count: 2}\n"));
    assert_int_equal(recoup_program_create(w.scenario, w.model, w.view, &program, &error),
                     RECOUP_EINVALID);
    assert_int_equal(error.n_errors, 1);
    assert_int_equal(error.problems[0].line, 10);
    assert_int_equal(error.problems[0].column, 24);
    assert_non_null(strstr(error.problems[0].message, "no active rep"));
    recoup_error_clear(&error);
    free_world(&w);
}

static void test_quota_relief(void **state) {
    (void)state;
    compiled c = compile("plans:\n  - name: p\n"
                         "  - name: q\n    levers:\n      - quota_relief: {share: 10%}\n"
                         "      - quota_relief: {amount: 50}\n"
                         "  - name: r\n    levers: [quota_relief: {amount: 2000}]\n"
                         "  - name: s\n    levers: [quota_relief: {share: 0}, quota_relief: "
                         "{amount: 0}]\n");
    assert_true(c.program->quota == 1000);
    assert_true(c.program->plan[0].quota == 1000);
    assert_near(c.program->plan[1].quota, 850);
    assert_true(c.program->plan[2].quota == 0);
    assert_true(c.program->plan[3].quota == 1000);
    clear(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_coach),
        cmocka_unit_test(test_unblock),
        cmocka_unit_test(test_activity),
        cmocka_unit_test(test_incentive),
        cmocka_unit_test(test_hire),
        cmocka_unit_test(test_hires_add_up),
        cmocka_unit_test(test_nobody_to_learn_from),
        cmocka_unit_test(test_quota_relief),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
