/* The size slope and the market loadings against what the deals were drawn with, and the rounding.
 */
#include "synthetic_view.h"

#include "fit/fitting.h"
#include <math.h>
#include <recoup/fit.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static double logistic(double x) {
    return 1 / (1 + exp(-x));
}

static double normal(uint64_t *seed) { /* Box and Muller 1958 */
    double u = uniform(seed), v = uniform(seed);
    return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

static recoup_model *fitted(const recoup_view *view) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_model *model = NULL;
    recoup_status status = recoup_fit(view, NULL, &model, &error);
    if (status != RECOUP_OK)
        recoup_error_print(&error, stderr);
    assert_int_equal(status, RECOUP_OK);
    recoup_error_clear(&error);
    return model;
}

/* One stage, both exits after a mean of `mean_days`; the logit of a deal's exit by the caller. */
static void add_life(recoup_view *view, double created, double amount, double logit,
                     double mean_days, uint64_t *seed) {
    int deal = add_deal(view, 0, -1, created, amount);
    bool wins = uniform(seed) < logistic(logit);
    double dwell = -mean_days * log(uniform(seed));
    bool closed = created + dwell < view->as_of;
    add_visit(view, deal, 0, created, closed ? dwell : view->as_of - created,
              !closed ? RECOUP_TO_NONE
              : wins  ? RECOUP_TO_WON
                      : RECOUP_TO_LOST);
}

/* Slope .8 on ln amount, a fifth of the deals still open: within 4 standard errors, which are
 * 1 / sqrt(sum of p(1 - p)·x²) over the closed ones at least. */
static void test_size_slope(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        uint64_t s = seed;
        recoup_view *view = empty_view(1, 1, 0, 4000, 4000);
        double information = 0, slope = seed == 5 ? 0 : .8;
        for (int i = 0; i < 4000; i++) {
            double x = .9 * normal(&s), p = logistic(.3 + slope * x);
            add_life(view, view->as_of - 100 * uniform(&s), 10000 * exp(x), .3 + slope * x, 25, &s);
            information += .75 * p * (1 - p) * x * x;
        }
        recoup_model *model = fitted(view);
        const recoup_exit *advance = &model->stage[0].exit[0];
        assert_true(fabs(advance->size_logit - slope) < 4 / sqrt(information));
        if (slope > 0) { /* the base logit is that of a deal of the reference size */
            double base = .3 + slope * log(model->size_ref / 10000);
            assert_true(fabs(advance->logit - base) < 4 / sqrt(.75 * 4000 * .2));
        }
        recoup_model_free(model);
        free_view(view);
    }
}

/* Paule and Mandel's variance of the logs of the last year's counts, whose own variances are 1 / n,
 * by halving: sum (y - weighted mean)² / (tau² + 1/n) = 11. */
static double between_months(const double *count) {
    double low = 0, high = 4;
    for (int k = 0; k < 60; k++) {
        double tau2 = (low + high) / 2, weights = 0, sum = 0, squares = 0;
        for (int m = 0; m < 12; m++) {
            weights += 1 / (tau2 + 1 / count[m]);
            sum += log(count[m]) / (tau2 + 1 / count[m]);
        }
        for (int m = 0; m < 12; m++)
            squares += pow(log(count[m]) - sum / weights, 2) / (tau2 + 1 / count[m]);
        *(squares > 11 ? &low : &high) = tau2;
    }
    return low;
}

/* 24 months with known shocks. Given these, a month's estimate has a variance v = 1 / sum p(1 - p),
 * so the variance between months is known to sqrt((4·s²·v + 2·v²) / 23); the loading adds the
 * prior's share. */
static void check_market(double conversion, double arrivals, uint64_t seed) {
    enum { MONTHS = 24, PER_MONTH = 300 };
    recoup_view *view = empty_view(1, 1, 0, 2 * MONTHS * PER_MONTH, 2 * MONTHS * PER_MONTH);
    double shock[MONTHS], mean = 0, variance = 0, rate[MONTHS];
    for (int m = 0; m < MONTHS; m++) {
        shock[m] = conversion * normal(&seed);
        /* counts are made, not drawn: their noise is what 1 / n says anyway, and the truth is known
         */
        rate[m] = rint(PER_MONTH * exp(arrivals * normal(&seed)));
        for (int i = 0; i < rate[m]; i++)
            add_life(view, view->as_of - 30 * (m + 1) + 30 * (i + .5) / rate[m], 10000 + i,
                     shock[m], .05, &seed);
    }
    for (int m = 0; m < MONTHS; m++)
        mean += shock[m] / MONTHS;
    for (int m = 0; m < MONTHS; m++)
        variance += (shock[m] - mean) * (shock[m] - mean) / (MONTHS - 1);
    recoup_model *model = fitted(view);
    double v = 1 / (PER_MONTH * .24);
    double found = (25 * pow(model->market_conversion, 2) - 2 * .15 * .15) / 23;
    assert_true(fabs(found - variance) < 4 * sqrt((4 * variance * v + 2 * v * v) / 23) + v);
    found = (13 * pow(model->market_arrivals, 2) - 2 * .10 * .10) / 11;
    /* counts are given, so the answer is exact: up to the model's six digits */
    assert_true(fabs(found - between_months(rate)) < 1e-5 * (found + .02));
    recoup_model_free(model);
    free_view(view);
}

static void test_market(void **state) {
    (void)state;
    check_market(.5, .3, 11);
    check_market(.3, .15, 12);
    check_market(0, 0, 13);
}

/* What is written reads back as the same numbers, bit for bit: a run that fits equals one that
 * reads. */
static void test_rounding(void **state) {
    (void)state;
    uint64_t seed = 5;
    recoup_view *view = empty_view(1, 1, 0, 2000, 2000);
    for (int i = 0; i < 2000; i++)
        add_life(view, view->as_of - 300 * uniform(&seed), 5000 * exp(normal(&seed)), .2, 25,
                 &seed);
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_model *model = fitted(view), *again = NULL;
    char *text = NULL;
    assert_int_equal(recoup_model_format(model, &text, &error), RECOUP_OK);
    assert_int_equal(recoup_model_parse("model.yaml", text, strlen(text), &again, &error),
                     RECOUP_OK);
    for (int e = 0; e < model->stage[0].n_exits; e++) {
        const recoup_exit *x = &model->stage[0].exit[e], *y = &again->stage[0].exit[e];
        assert_true(x->logit == y->logit && x->size_logit == y->size_logit);
        assert_int_equal(x->dwell.family, y->dwell.family);
        assert_true(x->dwell.mu == y->dwell.mu && x->dwell.shape[0] == y->dwell.shape[0]);
    }
    assert_true(model->new_amount.mu == again->new_amount.mu);
    assert_true(model->size_ref == again->size_ref && model->arrivals[0] == again->arrivals[0]);
    assert_true(model->market_conversion == again->market_conversion);
    assert_true(model->market_arrivals == again->market_arrivals);
    free(text);
    recoup_model_free(model);
    recoup_model_free(again);
    recoup_error_clear(&error);
    free_view(view);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_size_slope),
        cmocka_unit_test(test_market),
        cmocka_unit_test(test_rounding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
