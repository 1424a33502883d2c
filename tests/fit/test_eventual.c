/* The eventual win rate: against the binomial law, and its interval against what drawn books come
 * to. */
#include "fit/eventual.h"
#include "model/draws.h"
#include "synthetic_view.h"
#include <gsl/gsl_cdf.h>
#include <recoup/fit.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static double normal(uint64_t *seed) { /* Box and Muller 1958 */
    double u = uniform(seed), v = uniform(seed);
    return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

static double logistic(double x) {
    return 1 / (1 + exp(-x));
}

static recoup_eventual eventual_of(const recoup_view *view, const recoup_model *model) {
    recoup_eventual eventual;
    recoup_error error = RECOUP_ERROR_INIT;
    assert_int_equal(recoup_fit_eventual(view, model, &eventual, &error), RECOUP_OK);
    recoup_error_clear(&error);
    return eventual;
}

/* One stage, both exits with the same dwell law, so that no age changes the odds; parameters that
 * are certain and no market: the number of wins among the open deals is binomial. The normal law
 * is within one deal of its quantiles. */
static void certain_parameters_leave_the_binomial_law(void **state) {
    (void)state;
    static const char text[] =
        "recoup: model/1\nstages: [demo]\ncohorts: [a]\n"
        "exits:\n  demo:\n"
        "    advance: {logit: -0.8, dwell: {family: exponential, mean: 20}}\n"
        "    lost: {dwell: {family: exponential, mean: 20}}\n";
    enum { WON = 5, LOST = 11 };
    const double p = logistic(-.8);
    for (unsigned n_open = 0; n_open <= 300; n_open = 3 * n_open + 1) {
        recoup_error error = RECOUP_ERROR_INIT;
        recoup_model *model;
        assert_int_equal(recoup_model_parse("m.yaml", text, strlen(text), &model, &error),
                         RECOUP_OK);
        recoup_view *view = empty_view(1, 1, 0, 400, 400);
        for (unsigned i = 0; i < WON + LOST + n_open; i++)
            add_visit(view, add_deal(view, 0, -1, view->as_of - 40, 1000), 0, view->as_of - 40, 40,
                      i < WON          ? RECOUP_TO_WON
                      : i < WON + LOST ? RECOUP_TO_LOST
                                       : RECOUP_TO_NONE);
        recoup_eventual unknown = eventual_of(view, model);
        assert_true(isnan(unknown.win_rate.value) && isnan(unknown.win_rate.low));
        model->draws = recoup_draws_new(model, 3, 1); /* all as the model is */
        assert_non_null(model->draws);
        model->draws->name[0] = recoup_arena_text(&model->arena, "exits.demo.advance.logit", 24);
        recoup_eventual found = eventual_of(view, model);
        double n = WON + LOST + n_open, low = 0, high = 0;
        while (gsl_cdf_binomial_P((unsigned)low, p, n_open) < .025)
            low++;
        while (gsl_cdf_binomial_P((unsigned)high, p, n_open) < .975)
            high++;
        assert_true(found.n_deals == n && found.n_open == n_open);
        assert_true(fabs(found.naive - WON / (double)(WON + LOST)) < 1e-12);
        assert_true(fabs(found.win_rate.value - (WON + n_open * p) / n) < 1e-12);
        assert_true(fabs(found.win_rate.low * n - WON - low) < 1 + 1e-9);
        assert_true(fabs(found.win_rate.high * n - WON - high) < 1 + 1e-9);
        recoup_model_free(model);
        recoup_error_clear(&error);
        free_view(view);
    }
}

/* Books of one quarter, whose market was z, and whose open deals are decided in one of z': with a
 * loading from the fit's prior (half-normal, median .15) the interval must hold what becomes of
 * them in 95 cases of 100, within 4 binomial standard errors. */
static void interval_holds_what_becomes_of_the_deals(void **state) {
    (void)state;
    enum { BOOKS = 200, DEALS = 200 };
    double inside = 0, width = 0;
    uint64_t seed = 5;
    for (int b = 0; b < BOOKS; b++) {
        recoup_view *view = empty_view(1, 1, 0, DEALS, DEALS);
        double loading = fabs(normal(&seed)) * .15 / .67449, base = -.5 + .3 * normal(&seed);
        double past = base + loading * normal(&seed), future = base + loading * normal(&seed);
        double wins = 0;
        view->period_start = view->as_of;
        view->digest = (uint64_t)b; /* the seed of the draws */
        for (int i = 0; i < DEALS; i++) {
            double created = view->as_of - 80 * uniform(&seed), dwell = -30 * log(uniform(&seed));
            bool closed = created + dwell < view->as_of;
            bool wins_it = uniform(&seed) < logistic(closed ? past : future);
            wins += wins_it;
            add_visit(view, add_deal(view, 0, -1, created, 1000 + i), 0, created,
                      closed ? dwell : view->as_of - created,
                      !closed   ? RECOUP_TO_NONE
                      : wins_it ? RECOUP_TO_WON
                                : RECOUP_TO_LOST);
        }
        recoup_model *model = NULL;
        recoup_error error = RECOUP_ERROR_INIT;
        assert_int_equal(recoup_fit(view, NULL, &model, &error), RECOUP_OK);
        recoup_eventual found = eventual_of(view, model);
        inside += found.win_rate.low <= wins / DEALS && wins / DEALS <= found.win_rate.high;
        width += (found.win_rate.high - found.win_rate.low) / BOOKS;
        recoup_model_free(model);
        recoup_error_clear(&error);
        free_view(view);
    }
    print_message("inside its 95 %% interval in %.1f %% of %d books, mean width %.3f\n",
                  100 * inside / BOOKS, BOOKS, width);
    assert_true(fabs(inside / BOOKS - .95) < 4 * sqrt(.95 * .05 / BOOKS));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certain_parameters_leave_the_binomial_law),
        cmocka_unit_test(interval_holds_what_becomes_of_the_deals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
