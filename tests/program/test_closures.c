/* Deals that a plan closes, and reps with more deals than they can work: what the program holds of
 * scrub and of the capacity of reassign, against what can be counted in the tables. */
#include "../world.h"

/* Exits of one stage are equally fast, so that the quantile of a stay is that of one law: 95 % of
 * the stays in demo are over after 10 ln 20 = 29.96 days, in legal, three times as slow for the
 * cohort core, after 10 · 3 ln 20 = 89.9 days. */
static const char model_text[] =
    "recoup: model/1\nstages: [demo, legal]\ncohorts: [top, core]\nsegments: [retail, bank]\n"
    "exits:\n"
    "  demo: {advance: {logit: 0.5, dwell: {family: exponential, mean: 10}}, lost: {dwell: "
    "{family: "
    "exponential, mean: 10}}}\n"
    "  legal: {advance: {logit: 0, cohort_log_dwell: {top: 0, core: 1.0986122886681098}, dwell: "
    "{family: exponential, mean: 10}}, lost: {cohort_log_dwell: {top: 0, core: "
    "1.0986122886681098}, dwell: {family: exponential, mean: 10}}}\n"
    "amount: {new: {family: lognormal, median: 100, sigma: 1}}\n"
    "mix: {segment: {retail: 0.5, bank: 0.5}}\n"
    "arrivals: {top: 0.5, core: 0.25}\n";

/* As of 2026-01-01. t1 to t8 are those of the worked example of lever_scrub.c. */
static const char deals_text[] =
    "deal_id,rep_id,amount,created,stage,outcome,stage_entered,closed,expected_close,next_step\n"
    "c1,c,10,2025-12-01,demo,open,2025-12-03,,2025-11-01,call\n"  /* 29 days in demo; expired */
    "c2,c,20,2025-12-01,demo,open,2025-12-02,,2025-12-20,call\n"  /* 30 days in demo: stale */
    "c3,c,30,2025-10-01,legal,open,2025-10-04,,2026-02-01,call\n" /* 89 days in legal */
    "c4,d,40,2025-10-01,legal,open,2025-10-03,,2026-02-01,call\n" /* 90: stale */
    "c5,d,50,2025-05-01,legal,open,2025-12-01,,2026-02-01,\n"     /* ancient; no next step */
    "c6,d,0,2025-12-01,demo,open,2025-12-20,,2026-02-01,call\n"   /* no amount */
    "t1,a,10,2025-12-20,demo,open,2025-12-20,,2026-02-01,\n"
    "t2,a,10,2025-12-20,demo,open,2025-12-20,,2026-02-01,call\n"
    "t3,a,10,2025-12-20,demo,open,2025-12-20,,2026-02-01,call\n"
    "t4,a,10,2025-12-20,demo,open,2025-12-20,,2026-02-01,2025-12-31\n"
    "t5,b,10,2025-12-20,demo,open,2025-12-20,,2026-02-01,call\n"
    "t6,b,10,2025-12-20,demo,open,2025-12-20,,2026-02-01,call\n"
    "t7,b,10,2025-12-20,demo,open,2025-12-20,,2026-02-01,call\n"
    "t8,b,10,2025-12-01,legal,open,2025-12-01,,2026-02-01,call\n" /* 31 days in legal, cohort top */
    "w1,a,10,2025-01-01,legal,won,2025-02-01,2025-06-30,,\n";     /* in 180 days */
enum { C1, C2, C3, C4, C5, C6, T1, T2, T3, T4, T5, T6, T7, T8, N_DEALS };

static const char reps_text[] = "rep_id,cohort,status\na,top,active\nb,top,active\nc,core,active\n"
                                "d,core,active\n";

#define PLAN(levers) "plans:\n  - name: as is\n  - name: p\n    levers:\n" levers

typedef struct compiled {
    world world;
    recoup_program *program;
    const recoup_program_plan *plan; /* with the levers */
    recoup_error notes;
} compiled;

static compiled compile(const char *plans) {
    compiled c = {.world = make_world(model_text, deals_text, reps_text, plans),
                  .notes = RECOUP_ERROR_INIT};
    assert_int_equal(
        recoup_program_create(c.world.scenario, c.world.model, c.world.view, &c.program, &c.notes),
        RECOUP_OK);
    assert_int_equal(c.program->n_deals, N_DEALS);
    c.plan = &c.program->plan[1];
    return c;
}

static void clear(compiled *c) {
    recoup_error_clear(&c->notes);
    recoup_program_free(c->program);
    free_world(&c->world);
}

static bool has_note(const compiled *c, const char *words) {
    for (size_t i = 0; i < c->notes.n_problems; i++)
        if (strstr(c->notes.problems[i].message, words))
            return true;
    recoup_error_print(&c->notes, stderr);
    return false;
}

static const recoup_episode *last_episode(const compiled *c, int deal) {
    return &c->plan->episode[c->plan->episode_first[deal + 1] - 1];
}

/* The plan closes these deals on their day, and no other. */
static void assert_closed(const compiled *c, const int *deal, const double *day, int n) {
    int n_closed = 0;
    for (int i = 0; i < N_DEALS; i++)
        n_closed += last_episode(c, i)->still_until == INFINITY;
    for (int i = 0; i < n; i++) {
        const recoup_episode *end = last_episode(c, deal[i]);
        if (!(end->still_until == INFINITY && end->start_day == day[i]))
            fail_msg("deal %d is not closed on day %g", deal[i], day[i]);
        assert_int_equal(end->rep, end[-1].rep);
        assert_int_equal(end->cell, end[-1].cell);
    }
    assert_int_equal(n_closed, n);
}

/* --- scrub ------------------------------------------------------------------------------------ */

static void test_each_rule(void **state) {
    (void)state;
    static const struct {
        const char *plan;
        int n, deal[4];
        const char *note;
    } rules[] = {
        {PLAN("      - scrub: {rules: expired}\n"), 1, {C1}, "long over: 1 of 14, 10 in all"},
        {PLAN("      - scrub: {rules: expired, expired_days: 11}\n"),
         2,
         {C1, C2},
         "long over: 2 of 14, 30 in all"},
        {PLAN("      - scrub: {rules: no_next_step}\n"),
         3,
         {C5, T1, T4},
         "without a next step: 3 of 14, 70 in all"},
        {PLAN("      - scrub: {rules: stale}\n"), 3, {C2, C4, T8}, "stale in their stage: 3 of 14"},
        {PLAN("      - scrub: {rules: ancient}\n"), 1, {C5}, "any deal that was won: 1 of 14"},
        {PLAN("      - scrub: {rules: no_amount}\n"), 1, {C6}, "without an amount: 1 of 14, 0 in"},
        {PLAN("      - scrub: {rules: [ancient, expired, no_next_step]}\n"),
         4,
         {C1, C5, T1, T4},
         "this lever closes: 4 of 14, 80 in all"},
    };
    const double today[4] = {0};
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        compiled c = compile(rules[i].plan);
        assert_closed(&c, rules[i].deal, today, rules[i].n);
        assert_true(has_note(&c, rules[i].note));
        assert_int_equal(c.plan->n_rate_changes, 0); /* without returns */
        clear(&c);
    }
}

/* The worked example: 2 of the 8 deals of top, 1.25^.5, from the start on; 1 of the 6 of core. */
static void test_returns(void **state) {
    (void)state;
    compiled c = compile(PLAN("      - scrub: {rules: no_next_step, returns: 0.5, start: +3d}\n"));
    const int deals[] = {C5, T1, T4};
    const double days[] = {3, 3, 3};
    assert_closed(&c, deals, days, 3);
    assert_int_equal(c.program->n_streams, 2);
    for (int i = 0; i < 2; i++) {
        const recoup_program_stream *stream = &c.program->stream[i];
        double factor = stream->cohort == 0 ? 1.118033988749895 : 1.0801234497346435;
        assert_true(recoup_program_rate_factor(c.plan, stream, -1, 2.9) == 1);
        assert_true(fabs(recoup_program_rate_factor(c.plan, stream, -1, 3) - factor) < 1e-14);
        assert_true(recoup_program_rate_factor(&c.program->plan[0], stream, -1, 3) == 1);
    }
    clear(&c);
}

/* Evenly over the ramp, and what an earlier lever closes is no longer there for a later one. */
static void test_ramp_and_order(void **state) {
    (void)state;
    compiled c = compile(
        PLAN("      - scrub: {rules: [expired, stale, ancient, no_amount], start: +2d, "
             "ramp_days: 12}\n"
             "      - scrub: {rules: [no_next_step, no_amount], returns: 1, start: +1d}\n"));
    /* Of c1, c2, c4, t8 on days 2 + floor(12 (k + 1/2) / 4); c5 and c6 were closed on day 1. */
    const int deals[] = {C1, C2, C4, T8, C5, C6, T1, T4};
    const double days[] = {3, 6, 9, 12, 1, 1, 1, 1};
    assert_closed(&c, deals, days, 8);
    assert_true(has_note(&c, "closes: 4 of 14, 80 in all"));
    assert_true(has_note(&c, "closes: 4 of 14, 70 in all"));
    clear(&c);
}

/* A smaller share of the deals is a part of a larger one. */
static void test_adoption(void **state) {
    (void)state;
    bool before[N_DEALS] = {false};
    int n_before = 0;
    for (int share = 0; share <= 10; share++) {
        char text[200];
        snprintf(text, sizeof text,
                 PLAN("      - scrub: {rules: expired, expired_days: 0, adoption: %g}\n"),
                 share / 10.);
        compiled c = compile(text);
        int n = 0;
        for (int i = 0; i < N_DEALS; i++) {
            bool closed = last_episode(&c, i)->still_until == INFINITY;
            assert_true(closed || !before[i]);
            n += before[i] = closed;
        }
        assert_true(n >= n_before && (share > 0 || n == 0));
        n_before = n;
        clear(&c);
    }
    assert_int_equal(n_before, 2);
}

/* Closed before they would change hands, they stay; closed after that, they go with their owner. */
static void test_with_reassign(void **state) {
    (void)state;
    compiled c = compile(PLAN("      - scrub: {rules: stale, start: +4d}\n"
                              "      - reassign: {from: {rep: d}, to: {rep: a}, start: +2d}\n"
                              "      - reassign: {from: {rep: c}, to: {rep: a}, start: +4d}\n"));
    const int deals[] = {C2, C4, T8};
    const double days[] = {4, 4, 4};
    assert_closed(&c, deals, days, 3);
    int a = recoup_names_find(&c.world.view->rep_ids, "a");
    int rep_c = recoup_names_find(&c.world.view->rep_ids, "c");
    assert_int_equal(last_episode(&c, C2)->rep, rep_c);
    assert_int_equal(last_episode(&c, C4)->rep, a);
    assert_int_equal(c.plan->episode_first[C4 + 1] - c.plan->episode_first[C4], 3);
    assert_int_equal(last_episode(&c, C1)->rep, a);
    clear(&c);
}

/* A rule that looks at a column which is not there. */
static void test_missing_columns(void **state) {
    (void)state;
    static const char bare[] = "deal_id,rep_id,amount,created,stage,outcome\n"
                               "x,a,10,2025-12-01,demo,open\n";
    world w = make_world(model_text, bare, reps_text,
                         PLAN("      - scrub: {rules: [expired, ancient, no_next_step]}\n"));
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_program *program = NULL;
    assert_int_equal(recoup_program_create(w.scenario, w.model, w.view, &program, &error),
                     RECOUP_EINVALID);
    assert_int_equal(error.n_errors, 2);
    assert_non_null(strstr(error.problems[0].message, "column 'expected_close'"));
    assert_int_equal(error.problems[0].line, 11);
    assert_int_equal(error.problems[0].column, 25);
    assert_non_null(strstr(error.problems[1].message, "column 'next_step'"));
    assert_int_equal(error.problems[1].column, 43);
    recoup_error_clear(&error);
    free_world(&w);
}

/* --- capacity --------------------------------------------------------------------------------- */

static int crew_of(const compiled *c, const recoup_episode *owner) {
    return owner->cell / (c->program->n_channels * c->program->n_segments);
}

/* c has 3 deals and gets 3 of d's: 6 for a capacity of 4. All go at 4/6 from the hand-over on. */
static void test_capacity(void **state) {
    (void)state;
    compiled c = compile(PLAN("      - reassign: {from: {rep: d}, to: {rep: c}, start: +5d, "
                              "handover_days: 2, capacity: 4}\n"));
    int rep = recoup_names_find(&c.world.view->rep_ids, "c");
    assert_int_equal(c.plan->n_crews, 1);
    assert_int_equal(c.plan->crew[0].cohort, 1);
    assert_true(c.plan->crew[0].speed == 4. / 6 && c.plan->crew[0].from_day == 5);
    assert_true(has_note(&c, "capacity given: 1; they work all of them more slowly, down to 67 %"));
    for (int i = 0; i < N_DEALS; i++) {
        const recoup_episode *end = last_episode(&c, i);
        bool is_slow = i <= C6;
        assert_int_equal(end->rep == rep, is_slow);
        assert_int_equal(crew_of(&c, end), is_slow ? 2 : 0);
        assert_int_equal(recoup_program_cohort(c.program, c.plan, end->cell), is_slow ? 1 : 0);
        assert_int_equal(c.plan->episode_first[i + 1] - c.plan->episode_first[i],
                         i >= C4 && i <= C6 ? 2 : 1);
    }
    assert_int_equal(recoup_program_crews(c.program, c.plan)[rep], 2); /* of new deals */
    assert_int_equal(recoup_program_crews(c.program, &c.program->plan[0])[rep], 1);
    for (int stage = 0; stage < 2; stage++) { /* the laws of core, slower from day 5 on */
        const int *own = &c.plan->epoch_first[recoup_program_cell(c.program, 2, 0, 0) * 2 + stage];
        const int *core = &c.plan->epoch_first[recoup_program_cell(c.program, 1, 0, 0) * 2 + stage];
        const recoup_epoch *epoch = &c.plan->epoch[own[0]];
        const recoup_law *law = &c.plan->law[c.plan->epoch[core[0]].law];
        assert_int_equal(own[1] - own[0], 2);
        assert_true(epoch[0].speed == 1 && epoch[1].start_day == 5);
        assert_true(fabs(epoch[1].speed - 4. / 6) < 1e-15);
        for (int i = 0; i < 2; i++)
            assert_memory_equal(&c.plan->law[epoch[i].law], law, 2 * sizeof *law);
    }
    clear(&c);
}

/* At capacity nothing changes, and closed deals are no load. */
static void test_enough_capacity(void **state) {
    (void)state;
    static const char *const enough[] = {
        PLAN("      - reassign: {from: {rep: d}, to: {rep: c}, capacity: 6}\n"),
        PLAN("      - reassign: {from: {rep: d}, to: {rep: c}}\n"),
        PLAN("      - scrub: {rules: [stale, expired], start: +20d}\n"
             "      - reassign: {from: {rep: d}, to: {rep: c}, capacity: 3}\n"),
    };
    for (size_t i = 0; i < sizeof enough / sizeof *enough; i++) {
        compiled c = compile(enough[i]);
        assert_int_equal(c.plan->n_crews, 0);
        assert_null(c.plan->rep_crew);
        assert_int_equal(recoup_program_n_crews(c.program), 2);
        clear(&c);
    }
}

/* The lowest capacity that is given holds, for the load at the end of all moves; equal reps are one
 * crew; a lever without a capacity does not slow whom it gives to. */
static void test_several_moves(void **state) {
    (void)state;
    compiled c = compile(
        PLAN("      - reassign: {from: {rep: a}, to: {rep: c}, capacity: 6, start: +1d}\n"
             "      - reassign: {from: {rep: b}, to: {rep: c}, capacity: 5, start: +2d}\n"
             "      - reassign: {from: {rep: c}, to: {rep: [a, b]}, deals: {min_amount: 15}, "
             "start: +3d}\n"));
    int rep = recoup_names_find(&c.world.view->rep_ids, "c");
    /* c: 3 + 4 + 4 - 2 (c2 and c3) = 9, capacity 5, from day 1 on; a and b have one each */
    assert_int_equal(c.plan->n_crews, 1);
    assert_true(c.plan->crew[0].speed == 5. / 9 && c.plan->crew[0].from_day == 1);
    assert_int_equal(c.plan->rep_crew[rep], 2);
    clear(&c);
    c = compile(PLAN("      - reassign: {from: {rep: [c, d]}, to: {rep: [a, b]}, capacity: 5}\n"));
    assert_int_equal(c.plan->n_crews, 1);
    assert_true(c.plan->crew[0].speed == 5. / 7 && c.plan->crew[0].cohort == 0);
    clear(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_rule),      cmocka_unit_test(test_returns),
        cmocka_unit_test(test_ramp_and_order), cmocka_unit_test(test_adoption),
        cmocka_unit_test(test_with_reassign),  cmocka_unit_test(test_missing_columns),
        cmocka_unit_test(test_capacity),       cmocka_unit_test(test_enough_capacity),
        cmocka_unit_test(test_several_moves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
