/* What plans do to win tables: rows and slots of their own, bounds of new deals; the dump. */
#include "../uniform.h"
#include "../win_tables.h"

#define MODEL                                                                                      \
    "recoup: model/1\nstages: [one, two]\ncohorts: [weak, strong]\nmarket: {conversion: 0.2}\n"    \
    "exits:\n"                                                                                     \
    "  one: {advance: {logit: 0.5, discount_logit: 1, cohort_logit: {weak: -1, strong: 0}, "       \
    "dwell: {family: "                                                                             \
    "exponential, mean: 10}}, lost: {dwell: {family: exponential, mean: 10}}}\n"                   \
    "  two: {advance: {logit: 0, dwell: {family: weibull, shape: 2, scale: 10}}, lost: {dwell: "   \
    "{family: exponential, mean: 10}}}\n"                                                          \
    "amount: {new: {family: lognormal, median: 100, sigma: 1}}\n"                                  \
    "arrivals: {weak: 0.5, strong: 0.2}\n"
#define DEALS                                                                                      \
    "deal_id,rep_id,amount,list_amount,created,stage,outcome,stage_entered\n"                      \
    "a,w1,900,1000,2025-12-01,one,open,2025-12-01\nb,s1,500,800,2025-12-01,two,open,2025-12-22\n"  \
    "c,w1,700,700,2025-12-01,one,open,2025-12-30\n"
#define REPS "rep_id,cohort,status\nw1,weak,active\ns1,strong,active\n"
#define PLANS                                                                                      \
    "plans:\n  - name: baseline\n"                                                                 \
    "  - name: coach\n    levers:\n      - adjust: {cohort: strong, stage: one, exit: advance, "   \
    "logit: 0.6, start: +3d}\n      - adjust: {cohort: weak, amount: 1.1, start: +10d, "           \
    "ramp_days: 4}\n"                                                                              \
    "  - name: move\n    levers:\n      - reassign: {from: {rep: w1}, to: {cohort: strong}, "      \
    "start: +4d, handover_days: 2, leads: true}\n"                                                 \
    "  - name: limit\n    levers:\n      - discount_limit: {max: 10%, win_logit_per_point: 0.02, " \
    "cohort: strong, start: +5d}\n"

static bool same_row(const recoup_outlook *a, const recoup_outlook *b) {
    return a->win == b->win && a->capped_win == b->capped_win;
}

/* Deals that a plan does nothing to have the row of the first plan; others have their own. */
static void test_rows(void **state) {
    (void)state;
    enum { A, B, C };
    world w = make_world(MODEL, DEALS, REPS, PLANS);
    recoup_program *program = make_program(&w);
    recoup_tables *tables = make_tables(program, NULL);
    int w1 = recoup_names_find(&w.view->rep_ids, "w1"),
        s1 = recoup_names_find(&w.view->rep_ids, "s1");
    /* slots: weeks, the limit on day 5, the hand-over on day 4, the amounts on day 10 */
    const double ends[] = {4, 5, 7, 10, 14, 21, 28, 30};
    const int weeks[] = {0, 0, 0, 1, 1, 2, 3, 4};
    assert_int_equal(tables->n_slots, 8);
    for (int slot = 0; slot < 8; slot++) {
        assert_true(tables->slot_end[slot] == ends[slot]);
        assert_int_equal(tables->slot_week[slot], weeks[slot]);
    }
    /* coach acts on the odds of b's cell, and moves nobody */
    assert_true(same_row(outlook_of(tables, 1, A), outlook_of(tables, 0, A)));
    assert_false(same_row(outlook_of(tables, 1, B), outlook_of(tables, 0, B)));
    assert_true(same_row(outlook_of(tables, 1, C), outlook_of(tables, 0, C)));
    /* move: a and c change hands, from weak to strong, as units do */
    assert_false(same_row(outlook_of(tables, 2, A), outlook_of(tables, 0, A)));
    assert_true(same_row(outlook_of(tables, 2, B), outlook_of(tables, 0, B)));
    const int *unit = tables->slot_unit + outlook_of(tables, 2, A)->unit;
    assert_int_equal(unit[0], w1);
    for (int slot = 1; slot < 8; slot++)
        assert_int_equal(unit[slot], s1);
    assert_int_equal(tables->slot_unit[outlook_of(tables, 0, A)->unit + 7], w1);
    /* while a stands still, on days 4 and 5, it is not won */
    uint32_t moved = outlook_of(tables, 2, A)->win;
    assert_true(fabs(win_of(tables, moved, 1, 0) - win_of(tables, moved, 0, 0)) < 1e-6);
    assert_true(win_of(tables, moved, 2, 0) - win_of(tables, moved, 1, 0) > 1e-3);
    /* limit: b's 37.5 % and a's 10 %, but a is not of the cohort */
    const recoup_outlook *limited = outlook_of(tables, 3, B);
    assert_int_equal(outlook_of(tables, 3, A)->capped_win, outlook_of(tables, 3, A)->win);
    assert_int_not_equal(limited->capped_win, limited->win);
    assert_int_equal(limited->win, outlook_of(tables, 0, B)->win);
    assert_true(win_of(tables, limited->capped_win, 7, 0) < win_of(tables, limited->win, 7, 0));
    assert_int_equal(limited->factor, -1);
    for (int slot = 0; slot < 8; slot++) /* (1 - .1) / (1 - .375) from day 5 on */
        assert_true(fabs((double)tables->factor[limited->capped_factor + slot] -
                         (slot < 2 ? 1 : .9 / .625)) < 1e-6);
    /* amounts: shares 1/8, 3/8, 5/8, 7/8 on days 10 to 13 */
    const float *factor = tables->factor + outlook_of(tables, 1, A)->factor;
    double mean = (pow(1.1, .125) + pow(1.1, .375) + pow(1.1, .625) + pow(1.1, .875)) / 4;
    assert_true(factor[3] == 1 && fabs((double)factor[4] - mean) < 1e-6);
    assert_true(fabs((double)factor[5] - 1.1) < 1e-6);
    assert_int_equal(outlook_of(tables, 1, B)->factor, -1);
    assert_int_equal(tables->cell_factor[program->n_cells + program->owner[A].cell],
                     outlook_of(tables, 1, A)->factor);
    recoup_tables_free(tables);
    recoup_program_free(program);
    free_world(&w);
}

/* The bounds are those of the scenario without levers, hold there, and leave room for the plans. */
static void test_bounds(void **state) {
    (void)state;
    world w = make_world(MODEL, DEALS, REPS, PLANS);
    world bare = make_world(MODEL, DEALS, REPS, "plans:\n  - name: baseline\n");
    world coached = make_world(MODEL, DEALS, REPS,
                               "plans:\n  - name: coach\n    levers:\n      - adjust: {exit: "
                               "advance, logit: 0.9}\n      - adjust: {rate: 1.5}\n");
    recoup_program *program = make_program(&w), *plain = make_program(&bare),
                   *strong = make_program(&coached);
    recoup_tables *tables = make_tables(program, NULL);
    recoup_tables *other = make_tables(plain, &tables->grid);
    recoup_tables *third = make_tables(strong, &tables->grid);
    assert_int_equal(tables->n_bands, other->n_bands);
    assert_true(strong->none != strong->plan && plain->none == plain->plan);
    for (int i = 0; i < program->n_streams * tables->n_bands; i++) {
        /* the slots differ, and with them the order of additions in floats */
        assert_true(fabs(tables->bound[i] / other->bound[i] - 1) < 1e-5);
        assert_true(fabs(third->bound[i] / other->bound[i] - 1) < 1e-5);
    }
    assert_int_equal(other->n_layers, 1);
    uint64_t seed = 5;
    double weight[RECOUP_TABLES_MAX_TERMS], win[RECOUP_TABLES_MAX_SLOTS];
    for (int i = 0; i < 2000; i++) {
        double x = between(&seed, -1, 1), day = between(&seed, 0, 30);
        double log_size = between(&seed, -3, 3), discount = between(&seed, 0, .375);
        int cell = i % 2;
        recoup_tables_weights(third, x, weight);
        double bound = third->bound[cell * third->n_bands + recoup_tables_band(third, x)];
        recoup_tables_arrival(other, 0, cell, false, day, log_size, discount, weight, win);
        assert_true(win[other->n_slots - 1] <= bound);
        recoup_tables_arrival(third, 0, cell, false, day, log_size, discount, weight, win);
        assert_true(1.5 * win[third->n_slots - 1] <= third->n_layers * bound);
    }
    assert_true(third->n_layers > 1 && third->n_layers < 100);
    recoup_tables *all[] = {tables, other, third};
    recoup_program *programs[] = {program, plain, strong};
    world *worlds[] = {&w, &bare, &coached};
    for (int i = 0; i < 3; i++) {
        recoup_tables_free(all[i]);
        recoup_program_free(programs[i]);
        free_world(worlds[i]);
    }
}

/* What is written can be read: one line of numbers per deal, plan and Z, unless rows are shared. */
static void test_dump(void **state) {
    (void)state;
    recoup_error error = RECOUP_ERROR_INIT;
    world w = make_world(MODEL, DEALS, REPS, PLANS);
    recoup_program *program = make_program(&w);
    recoup_tables *tables = make_tables(program, NULL);
    char *const ids[] = {"a", "b", "c"};
    char *text = NULL;
    size_t length = 0;
    int n_lines = 0;
    FILE *stream = open_memstream(&text, &length);
    assert_non_null(stream);
    require_ok(recoup_tables_dump(tables,
                                  (const char *const[]){"baseline", "coach", "move", "limit"}, ids,
                                  stream, &error),
               &error);
    fclose(stream);
    assert_non_null(strstr(text, "plan limit\n"));
    assert_non_null(strstr(text, "slots end on day 4 5 7 10 14 21 28 30\n"));
    assert_non_null(strstr(
        text, "cell 1 stage 0 from day 3: speed 1, limit 0; to stage 1 logit 1.1, log days 2.3"));
    for (const char *at = text; (at = strstr(at, "    Z ")); at++)
        n_lines++;
    assert_int_equal(n_lines, 3 * (3 + 1 + 2 + 2)); /* limit: b with and without it */
    free(text);
    recoup_tables_free(tables);
    recoup_program_free(program);
    free_world(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_dump),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
