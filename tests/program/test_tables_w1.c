/* Win tables of W1: its exact figures, and the same bits again. */
#include "../win_tables.h"
#include <gsl/gsl_integration.h>

/* Expected wins and bookings of a plan at one Z: open deals, then each stream's arrivals averaged
 * over the days. */
static void add_expected(const recoup_tables *tables, int plan, double market, double weight,
                         double *wins, double *mean) {
    const recoup_program *program = tables->program;
    double node_weight[RECOUP_TABLES_MAX_TERMS], win[RECOUP_TABLES_MAX_SLOTS];
    int last = tables->n_slots - 1, n_days = 240;
    double amount = recoup_dist_mean(&program->new_amount);
    for (int i = 0; i < program->n_deals; i++) {
        double p = win_of(tables, outlook_of(tables, plan, i)->win, last, market);
        *wins += weight * p;
        *mean += weight * p * program->deal[i].amount;
    }
    recoup_tables_weights(tables, recoup_tables_x(market), node_weight);
    for (int s = 0; s < program->n_streams; s++) {
        const recoup_program_stream *stream = &program->stream[s];
        int cell = recoup_program_cell(program, stream->cohort, stream->channel, 0);
        double days = program->horizon_days / n_days;
        double rate = stream->rate * exp(program->market_arrivals * market) * days;
        for (int k = 0; k < n_days; k++) {
            recoup_tables_arrival(tables, plan, cell, false, (k + .5) * days, 0, 0, node_weight,
                                  win);
            *wins += weight * rate * win[last];
            *mean += weight * rate * win[last] * amount;
        }
    }
}

/* bench/w1/README.md: exact figures from characteristic functions. Probabilities are good to 1e-4;
 * the table's own rounding is 1e-7 relative. */
static void test_w1(void **state) {
    (void)state;
    const double exact_wins[] = {108.2915, 117.0128, 102.9139};
    const double exact_mean[] = {6392197, 6892691, 6057445};
    world w = load_w1();
    recoup_program *program = make_program(&w);
    recoup_tables *tables = make_tables(program, NULL);
    gsl_integration_fixed_workspace *rule = /* weight exp(-z^2/2) */
        gsl_integration_fixed_alloc(gsl_integration_fixed_hermite, 40, 0, .5, 0, 0);
    for (int plan = 0; plan < 3; plan++) {
        double wins = 0, mean = 0;
        for (size_t i = 0; i < 40; i++)
            add_expected(tables, plan, gsl_integration_fixed_nodes(rule)[i],
                         gsl_integration_fixed_weights(rule)[i] / sqrt(2 * M_PI), &wins, &mean);
        assert_true(fabs(wins / exact_wins[plan] - 1) < 1e-4);
        assert_true(fabs(mean / exact_mean[plan] - 1) < 1e-4);
    }
    gsl_integration_fixed_free(rule);
    recoup_tables_free(tables);
    recoup_program_free(program);
    free_world(&w);
}

/* The same bits whenever the tables are made, with the grid found or given. */
static void test_repeatable(void **state) {
    (void)state;
    world w = load_w1();
    recoup_program *program = make_program(&w);
    recoup_tables *a = make_tables(program, NULL), *b = make_tables(program, &a->grid);
    int n = program->n_plans * program->n_deals, n_numbers = a->n_slots * a->n_terms;
    assert_memory_equal(a->outlook, b->outlook, (size_t)n * sizeof *a->outlook);
    for (int i = 0; i < n; i++)
        assert_memory_equal(a->coefficient + a->outlook[i].win, b->coefficient + b->outlook[i].win,
                            (size_t)n_numbers * sizeof(float));
    assert_memory_equal(a->bound, b->bound,
                        (size_t)(program->n_streams * a->n_bands) * sizeof(double));
    recoup_tables_free(a);
    recoup_tables_free(b);
    recoup_program_free(program);
    free_world(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_w1),
        cmocka_unit_test(test_repeatable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
