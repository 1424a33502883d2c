/* Win tables against closed forms and quadrature. */
#include "toy.h"

#include <gsl/gsl_integration.h>

/* --- closed forms ----------------------------------------------------------------------------- */

/* One stage, exponential dwell times of both exits: of an entrant p = 1/(1 + e^-.4) win, of those
 * that are still there at age a by Bayes' rule more or less. */
static void test_one_stage(void **state) {
    (void)state;
    toy *t = new_toy(1, 40);
    const double logit[] = {.4, 0}, ages[] = {0, .3, 7, 300};
    add_stage(
        t, 2,
        (recoup_program_exit[]){WON(RECOUP_EXPONENTIAL, 12, 0), LOST(RECOUP_EXPONENTIAL, 20, 0)});
    set_plain_laws(t, logit);
    for (int i = 0; i < 4; i++)
        add_deal(t, 0, ages[i]);
    recoup_tables *tables = make_tables(&t->program, NULL);
    assert_int_equal(tables->n_terms, 1);
    assert_int_equal(tables->n_slots, 6);
    for (int i = 0; i < 4; i++)
        for (int slot = 0; slot < 6; slot++) {
            double end = slot < 5 ? 7 * (slot + 1) : 40;
            double win = exp(.4 - ages[i] / 12), lose = exp(-ages[i] / 20);
            double exact = win / (win + lose) * -expm1(-end / 12);
            assert_true(tables->slot_end[slot] == end && tables->slot_week[slot] == slot);
            assert_true(fabs(win_of(tables, outlook_of(tables, 0, i)->win, slot, 0) - exact) <
                        1e-5);
        }
    recoup_tables_free(tables);
    free(t);
}

/* Two exponential stages: with rates a, b the time to win has the hypoexponential law. */
static void test_two_stages(void **state) {
    (void)state;
    toy *t = new_toy(2, 40);
    const double logit[] = {1, 0, -.5, 0}, a = 1 / 6., b = 1 / 11.;
    add_stage(
        t, 2,
        (recoup_program_exit[]){TO(1, RECOUP_EXPONENTIAL, 6, 0), LOST(RECOUP_EXPONENTIAL, 6, 0)});
    add_stage(
        t, 2,
        (recoup_program_exit[]){WON(RECOUP_EXPONENTIAL, 11, 0), LOST(RECOUP_EXPONENTIAL, 30, 0)});
    set_plain_laws(t, logit);
    add_deal(t, 0, 3.7); /* equal scales: age tells nothing */
    recoup_tables *tables = make_tables(&t->program, NULL);
    double p = 1 / (1 + exp(-1)) / (1 + exp(.5)), worst = 0;
    for (int slot = 0; slot < tables->n_slots; slot++) {
        double end = tables->slot_end[slot];
        double exact = p * (1 - (b * exp(-a * end) - a * exp(-b * end)) / (b - a));
        worst = fmax(worst, fabs(win_of(tables, outlook_of(tables, 0, 0)->win, slot, 0) - exact));
    }
    assert_true(worst < 3e-5);
    recoup_tables_free(tables);
    free(t);
}

/* Share of entrants of a chain of exponential stages with different rates that are through by `end`
 * (the hypoexponential law), or its mean over the day before `end`. */
static double chain_share(const double *rate, int n, double end, bool mean) {
    double share = 1;
    for (int i = 0; i < n; i++) {
        double weight = 1;
        for (int j = 0; j < n; j++)
            if (j != i)
                weight *= rate[j] / (rate[j] - rate[i]);
        double start = end - 1 > 0 ? end - 1 : 0; /* nobody is through before entering */
        share -= weight * (mean ? (exp(-rate[i] * start) - exp(-rate[i] * end)) / rate[i]
                                : exp(-rate[i] * end));
    }
    return share;
}

/* Three stages that half of the deals advance from; both exits of each are equally quick, so that
 * age tells nothing. */
static void check_chain(const double *mean_days) {
    toy *t = new_toy(3, 30);
    const double logit[6] = {0};
    double weight[RECOUP_TABLES_MAX_TERMS], win[RECOUP_TABLES_MAX_SLOTS], rate[3], worst = 0;
    for (int stage = 0; stage < 3; stage++) {
        int target = stage < 2 ? stage + 1 : RECOUP_EXIT_WON;
        rate[stage] = 1 / mean_days[stage];
        add_stage(t, 2,
                  (recoup_program_exit[]){TO(target, RECOUP_EXPONENTIAL, mean_days[stage], 0),
                                          LOST(RECOUP_EXPONENTIAL, mean_days[stage], 0)});
        add_deal(t, stage, 0);
        add_deal(t, stage, 2.3);
    }
    set_plain_laws(t, logit);
    t->program.n_streams = 1;
    t->program.new_amount = dist(RECOUP_LOGNORMAL, 1, .4);
    t->stream = (recoup_program_stream){.rate = 1, .n_reps = 1};
    t->stream_rep_weight[0] = 1;
    recoup_tables *tables = make_tables(&t->program, NULL);
    recoup_tables_weights(tables, 0, weight);
    for (int slot = 0; slot < tables->n_slots; slot++) {
        double end = tables->slot_end[slot];
        for (int i = 0; i < 6; i++) {
            int stage = t->deal[i].stage;
            double exact = pow(.5, 3 - stage) * chain_share(rate + stage, 3 - stage, end, false);
            double got = win_of(tables, outlook_of(tables, 0, i)->win, slot, 0);
            worst = fmax(worst, fabs(got - exact));
        }
        for (int day = 0; day < end; day++) {
            double exact = .125 * chain_share(rate, 3, end - day, true);
            recoup_tables_arrival(tables, 0, 0, false, day + .5, 0, 0, weight, win);
            worst = fmax(worst, fabs(win[slot] - exact));
        }
    }
    if (!(worst < 1e-4))
        fail_msg("stages of %g, %g and %g days: %g off", mean_days[0], mean_days[1], mean_days[2],
                 worst);
    recoup_tables_free(tables);
    free(t);
}

/* Stages of minutes, hours or a day among others, and two of them in a row. */
static void test_quick_stages(void **state) {
    (void)state;
    const double quick[] = {.001, .01, .1, 1};
    for (int i = 0; i < 4; i++) {
        check_chain((const double[]){quick[i], 6, 11});
        check_chain((const double[]){6, quick[i], 11});
        check_chain((const double[]){6, 11, quick[i]});
        check_chain((const double[]){6, quick[i], 1.3 * quick[i]});
        check_chain((const double[]){quick[i], 1.3 * quick[i], 1.6 * quick[i]});
    }
}

/* --- quadrature ------------------------------------------------------------------------------- */

typedef struct integrand {
    recoup_dist first, second;
    double age, end;
} integrand;

static double density_then_cdf(double t, void *user) {
    const integrand *f = user;
    return exp(recoup_dist_log_density(&f->first, f->age + t)) *
           recoup_dist_cdf(&f->second, f->end - t);
}

/* Two stages, an aged first one: P = p2·∫ p1 f1(a + t) F2(T - t) dt / (p1 S1(a) + q1 L1(a)). */
static void check_quadrature(recoup_dist first, recoup_dist second, recoup_dist lost, double age) {
    toy *t = new_toy(2, 45);
    const double logit[] = {.3, 0, .8, 0};
    gsl_integration_cquad_workspace *space = gsl_integration_cquad_workspace_alloc(200);
    add_stage(t, 2,
              (recoup_program_exit[]){{.target = 1, .dwell = first},
                                      {.target = RECOUP_EXIT_LOST, .dwell = lost}});
    add_stage(t, 2,
              (recoup_program_exit[]){{.target = RECOUP_EXIT_WON, .dwell = second},
                                      {.target = RECOUP_EXIT_LOST, .dwell = lost}});
    set_plain_laws(t, logit);
    add_deal(t, 0, age);
    recoup_tables *tables = make_tables(&t->program, NULL);
    double worst = 0, integral, error;
    for (int slot = 0; slot < tables->n_slots; slot++) {
        integrand f = {first, second, age, tables->slot_end[slot]};
        gsl_function function = {density_then_cdf, &f};
        assert_int_equal(gsl_integration_cquad(&function, 1e-12, f.end, 1e-9, 1e-8, space,
                                               &integral, &error, NULL),
                         0);
        double alive =
            exp(.3) * recoup_dist_survival(&first, age) + recoup_dist_survival(&lost, age);
        double exact = exp(.3) * integral / alive / (1 + exp(-.8));
        worst = fmax(worst, fabs(win_of(tables, outlook_of(tables, 0, 0)->win, slot, 0) - exact));
    }
    assert_true(worst < 1e-4);
    gsl_integration_cquad_workspace_free(space);
    recoup_tables_free(tables);
    free(t);
}

static void test_quadrature(void **state) {
    (void)state;
    const double ages[] = {0, .4, 5.3, 31, 200};
    for (int i = 0; i < 5; i++) {
        check_quadrature(dist(RECOUP_LOGNORMAL, 9, .6), dist(RECOUP_WEIBULL, 8, 1.6),
                         dist(RECOUP_WEIBULL, 18, .9), ages[i]);
        check_quadrature(dist(RECOUP_LOGNORMAL, 2, 1.5), dist(RECOUP_LOGNORMAL, 1, 1),
                         dist(RECOUP_EXPONENTIAL, 20, 0), ages[i]);
        check_quadrature(dist(RECOUP_WEIBULL, 6, .6), dist(RECOUP_WEIBULL, 9, .5),
                         dist(RECOUP_LOGLOGISTIC, 18, 1.5), ages[i]);
        check_quadrature(dist(RECOUP_GAMMA, 20, 6), dist(RECOUP_LOGNORMAL, 4, .2),
                         dist(RECOUP_WEIBULL, 18, 2), ages[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_stage),
        cmocka_unit_test(test_two_stages),
        cmocka_unit_test(test_quick_stages),
        cmocka_unit_test(test_quadrature),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
