/* The compiled tables: shares of ramps, epochs, who owns which deal, arrivals. */
#include "../world.h"

#define MODEL                                                                                      \
    "recoup: model/1\nstages: [one, two]\ncohorts: [weak, strong]\nchannels: [in, out]\n"          \
    "exits:\n"                                                                                     \
    "  one: {advance: {logit: 0.5, cohort_logit: {weak: -1, strong: 1}, dwell: {family: "          \
    "exponential, mean: 10}}, lost: {dwell: {family: exponential, mean: 10}}}\n"                   \
    "  two: {advance: {logit: 0, dwell: {family: weibull, shape: 2, scale: 10}}, lost: {dwell: "   \
    "{family: exponential, mean: 10}}}\n"                                                          \
    "amount: {new: {family: lognormal, median: 100, sigma: 1}}\n"                                  \
    "arrivals: {weak: {in: 0.5, out: 0}, strong: {in: 0.25, out: 0.1}}\n"
#define DEALS                                                                                      \
    "deal_id,rep_id,amount,created,stage,outcome,stage_entered\n"                                  \
    "a,w1,900,2025-12-01,one,open,2025-12-01\nb,w1,500,2025-12-01,two,open,2025-12-22\n"           \
    "c,w1,700,2025-12-01,one,open,2025-12-01\nd,s1,100,2025-12-01,one,open,2025-12-01\n"           \
    "e,v1,300,2025-12-01,one,open,2025-12-01\n"
#define REPS                                                                                       \
    "rep_id,cohort,status,capacity\nw1,weak,active,\ns1,strong,active,\ns2,strong,active,2\n"      \
    "v1,strong,vacant,\n"

static recoup_program *compile(const world *w) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_program *program = NULL;
    require_ok(recoup_program_create(w->scenario, w->model, w->view, &program, &error), &error);
    return program;
}

/* docs/levers.md: on day k after the start min(1, (k + 1/2) / ramp_days). */
static void test_share(void **state) {
    (void)state;
    assert_true(recoup_share(5, 0, 4.99) == 0 && recoup_share(5, 0, 5) == 1);
    assert_true(recoup_share(5, 10, 4.9) == 0);
    assert_true(recoup_share(5, 10, 5) == .05 && recoup_share(5, 10, 5.9) == .05);
    assert_true(recoup_share(5, 10, 14.5) == .95 && recoup_share(5, 10, 15) == 1);
    for (int k = 0; k < 40; k++) /* the first moment of a step belongs to it, whatever the start */
        assert_true(recoup_share(1. / 3, 40, 1. / 3 + k) == (k + .5) / 40);
}

/* Epochs of a lever: logits base + share × value in daily steps, and only where it acts. */
static void test_epochs(void **state) {
    (void)state;
    world w =
        make_world(MODEL, DEALS, REPS,
                   "plans:\n  - name: baseline\n  - name: coach\n    levers:\n      - adjust: "
                   "{cohort: weak, stage: one, exit: advance, logit: 0.4, start: +3d, "
                   "ramp_days: 2}\n");
    recoup_program *program = compile(&w);
    const recoup_program_plan *plan = &program->plan[1];
    const int *weak = &plan->epoch_first[recoup_program_cell(program, 0, 0, 0) * 2];
    const int *strong = &plan->epoch_first[recoup_program_cell(program, 1, 0, 0) * 2];
    const double days[] = {0, 3, 4, 5}, shares[] = {0, .25, .75, 1};
    assert_int_equal(weak[1] - weak[0], 4);
    for (int i = 0; i < 4; i++) {
        const recoup_epoch *epoch = &plan->epoch[weak[0] + i];
        assert_true(epoch->start_day == days[i] && epoch->speed == 1);
        assert_true(fabs(plan->law[epoch->law].logit - (-.5 + .4 * shares[i])) < 1e-15);
        assert_true(plan->law[epoch->law + 1].logit == 0);
    }
    assert_int_equal(weak[2] - weak[1], 1);     /* stage two: no change */
    assert_int_equal(strong[1] - strong[0], 1); /* the other cohort: no change */
    assert_true(plan->law[plan->epoch[strong[0]].law].logit == 1.5);
    assert_true(program->plan[0].same_laws && !plan->same_laws);
    /* open deals: by id, with their age on the first day */
    assert_int_equal(program->n_deals, 5);
    assert_true(program->deal[0].amount == 900 && program->deal[0].age_days == 31);
    assert_true(program->deal[1].stage == 1 && program->deal[1].age_days == 10);
    recoup_program_free(program);
    free_world(&w);
}

static const recoup_episode *last_owner(const recoup_program *program, int plan, int deal) {
    const recoup_program_plan *p = &program->plan[plan];
    return &p->episode[p->episode_first[deal + 1] - 1];
}

/* The largest deals go first, each to the least loaded receiver for its capacity, none to a vacant
 * seat. */
static void test_moves(void **state) {
    (void)state;
    world w = make_world(
        MODEL, DEALS, REPS,
        "plans:\n  - name: baseline\n"
        "  - name: all\n    levers:\n      - reassign: {from: {rep: w1}, to: {cohort: strong}, "
        "start: "
        "+4d, handover_days: 2}\n"
        "  - name: full\n    levers:\n      - reassign: {from: {rep: w1}, to: {rep: s1}, capacity: "
        "2}\n"
        "  - name: stage\n    levers:\n      - reassign: {from: {cohort: weak}, to: {cohort: "
        "strong}, deals: {stage: one, min_amount: 800}}\n"
        "  - name: vacant\n    levers:\n      - reassign: {from: {status: vacant}, to: {rep: w1}, "
        "leads: true}\n");
    recoup_program *program = compile(&w);
    enum { A, B, C, D, E };
    int s1 = recoup_names_find(&w.view->rep_ids, "s1"),
        s2 = recoup_names_find(&w.view->rep_ids, "s2");
    int w1 = recoup_names_find(&w.view->rep_ids, "w1"),
        v1 = recoup_names_find(&w.view->rep_ids, "v1");
    /* loads s1 1/1, s2 0/2: a (900) to s2, then s2 has 1/2: c (700) to s2, 2/2 = 1/1: b to s1
     * (first) */
    assert_int_equal(last_owner(program, 1, A)->rep, s2);
    assert_int_equal(last_owner(program, 1, C)->rep, s2);
    assert_true(last_owner(program, 1, B)->rep == s1 || last_owner(program, 1, B)->rep == s2);
    assert_true(last_owner(program, 1, A)->start_day == 4);
    assert_true(last_owner(program, 1, A)->still_until == 6);
    assert_int_equal(last_owner(program, 1, A)->cell / (program->n_channels * program->n_segments),
                     1);
    assert_int_equal(last_owner(program, 1, D)->rep, s1); /* was there already */
    /* capacity 2: s1 has one and takes all three */
    assert_int_equal(last_owner(program, 2, A)->rep, s1);
    assert_int_equal(last_owner(program, 2, B)->rep, s1);
    assert_int_equal(last_owner(program, 2, C)->rep, s1);
    /* stage and amount: only a */
    assert_int_not_equal(last_owner(program, 3, A)->rep, w1);
    assert_int_equal(last_owner(program, 3, B)->rep, w1);
    assert_int_equal(last_owner(program, 3, C)->rep, w1);
    /* the vacant seat's deal goes to the other cohort, and leads would follow */
    assert_int_equal(last_owner(program, 0, E)->rep, v1);
    assert_int_equal(last_owner(program, 4, E)->rep, w1);
    assert_int_equal(program->plan[4].n_lead_moves, 1);
    recoup_program_free(program);
    free_world(&w);
}

/* Streams exist where the rate is above 0; their reps are the cohort's, weighted by capacity. */
static void test_streams(void **state) {
    (void)state;
    world w = make_world(MODEL, DEALS, REPS,
                         "plans:\n  - name: baseline\n  - name: more\n    levers:\n      - adjust: "
                         "{cohort: strong, rate: 2.5, start: +10d}\n");
    recoup_program *program = compile(&w);
    assert_int_equal(program->n_streams, 3);
    assert_int_equal(program->n_layers, 3);
    for (int i = 0; i < 3; i++) {
        const recoup_program_stream *stream = &program->stream[i];
        bool strong = stream->cohort == 1;
        assert_true(recoup_program_rate_factor(&program->plan[1], stream, -1, 9.9) == 1);
        assert_true(fabs(recoup_program_rate_factor(&program->plan[1], stream, -1, 10) -
                         (strong ? 2.5 : 1)) < 1e-12);
        assert_int_equal(stream->n_reps, strong ? 2 : 1); /* not the vacant one */
        if (strong)                                       /* capacity 1 (not given) and 2 */
            assert_true(fabs(program->stream_rep_weight[stream->first_rep] - 1. / 3) < 1e-15);
        assert_true(program->stream_rep_weight[stream->first_rep + stream->n_reps - 1] == 1);
    }
    recoup_program_free(program);
    free_world(&w);
}

/* What does not fit is refused, all at once. */
static void test_refusals(void **state) {
    (void)state;
    world w = make_world(MODEL, DEALS, REPS,
                         "plans:\n  - name: baseline\n"
                         "  - name: x\n    levers:\n      - reassign: {from: {rep: w9}, to: {rep: "
                         "s1}}\n      - reassign: {from: {rep: w1}, to: {rep: v1}}\n");
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_program *program = NULL;
    assert_int_equal(recoup_program_create(w.scenario, w.model, w.view, &program, &error),
                     RECOUP_EINVALID);
    assert_null(program);
    assert_int_equal(error.n_errors, 2);
    assert_non_null(strstr(error.problems[0].message, "no rep 'w9'"));
    assert_non_null(strstr(error.problems[1].message, "nobody can receive"));
    recoup_error_clear(&error);
    free_world(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_share),    cmocka_unit_test(test_epochs),
        cmocka_unit_test(test_moves),    cmocka_unit_test(test_streams),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
