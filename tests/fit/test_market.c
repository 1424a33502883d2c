/* The size slope and the market loadings against what the deals were drawn with, and the rounding.
 */
#include "synthetic_view.h"

#include "base/quarter.h"
#include "fit/fitting.h"
#include "fit/market.h"
#include "model/draws.h"
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
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

/* --- the loadings ------------------------------------------------------------------------------
 */

/* A half-normal with the median `ordinary`. */
static double draw_loading(double ordinary, uint64_t *seed) {
    return fabs(normal(seed)) * ordinary / .67449;
}

/* The posterior mean by brute force over a grid of the mean m and the loading. */
static double mean_loading(int n, const double *y, const double *v, double ordinary) {
    double whole = 0, sum = 0;
    for (int i = 0; i < 1500; i++) {
        double loading = (i + .5) * .001, scale = ordinary / .67449;
        for (int k = -1500; k <= 1500; k++) {
            double log_value = -.5 * pow(loading / scale, 2);
            for (int j = 0; j < n; j++) {
                double variance = v[j] + loading * loading;
                log_value -= .5 * pow(y[j] - k * .002, 2) / variance + .5 * log(variance);
            }
            whole += exp(log_value);
            sum += loading * exp(log_value);
        }
    }
    return sum / whole;
}

/* Without two quarters that say something the prior is left; three of them against brute force
 * (both grids are good to 1e-3); many exact ones say what their standard deviation is. */
static void test_posterior(void **state) {
    (void)state;
    recoup_loading loading;
    double y[200], v[200];
    uint64_t seed = 3;
    y[0] = .4;
    v[0] = .01;
    recoup_loading_posterior(1, y, v, .15, &loading);
    assert_true(fabs(recoup_loading_quantile(&loading, .5) - .15) < 1e-3 * .15);
    assert_true(fabs(recoup_loading_quantile(&loading, .95) - 1.95996 / .67449 * .15) < 1e-3);
    assert_true(fabs(loading.mean - sqrt(2 / M_PI) * .15 / .67449) < 1e-3 * .15);
    y[1] = -.1, v[1] = .02, y[2] = .1, v[2] = .005, y[3] = 7, v[3] = INFINITY;
    recoup_loading_posterior(4, y, v, .15, &loading);
    assert_true(fabs(loading.mean - mean_loading(3, y, v, .15)) < 1e-3);
    double sum = 0, squares = 0;
    for (int i = 0; i < 200; i++) {
        y[i] = .2 * normal(&seed);
        v[i] = 1e-8;
        sum += y[i];
        squares += y[i] * y[i];
    }
    double sd = sqrt((squares - sum * sum / 200) / 199);
    recoup_loading_posterior(200, y, v, .15, &loading);
    /* The prior moves it by sd³/(2·199)·(1/scale²), and the mean is .75/199 of it above the mode.
     */
    assert_true(fabs(loading.mean / sd - 1) < .01);
    double wide = recoup_loading_quantile(&loading, .95) - recoup_loading_quantile(&loading, .05);
    assert_true(fabs(wide / (2 * 1.645 * sd / sqrt(2 * 199.)) - 1) < .02);
}

/* Histories of eight quarters whose loading comes from the prior: the truth must be at a uniform
 * rank of its posterior (Cook, Gelman & Rubin 2006), so within the 90 % interval in nine cases of
 * ten, and below the 5 % quantile in one of twenty; 4 binomial standard errors. */
static void test_calibration(void **state) {
    (void)state;
    enum { HISTORIES = 4000, QUARTERS = 8 };
    uint64_t seed = 17;
    double inside = 0, below = 0, error = 0, squares = 0;
    for (int h = 0; h < HISTORIES; h++) {
        recoup_loading loading;
        double y[QUARTERS], v[QUARTERS], truth = draw_loading(.15, &seed);
        for (int q = 0; q < QUARTERS; q++) {
            v[q] = .002 + .03 * uniform(&seed);
            y[q] = truth * normal(&seed) + sqrt(v[q]) * normal(&seed);
        }
        recoup_loading_posterior(QUARTERS, y, v, .15, &loading);
        double low = recoup_loading_quantile(&loading, .05);
        inside += low <= truth && truth <= recoup_loading_quantile(&loading, .95);
        below += truth < low;
        error += (loading.mean - truth) / HISTORIES;
        squares += pow(loading.mean - truth, 2) / HISTORIES;
    }
    print_message("loading inside its 90 %% interval in %.1f %% of %d histories, mean error %.4f\n",
                  100 * inside / HISTORIES, HISTORIES, error);
    assert_true(fabs(inside / HISTORIES - .9) < 4 * sqrt(.9 * .1 / HISTORIES));
    assert_true(fabs(below / HISTORIES - .05) < 4 * sqrt(.05 * .95 / HISTORIES));
    assert_true(fabs(error) < 4 * sqrt(squares / HISTORIES));
}

enum { QUARTERS = 8 };

/* Two years of quarters with shocks of their own on conversion and on arrivals. count: new deals
 * by quarter, the last one first. */
static recoup_view *history(double conversion, double arrivals, double per_quarter, bool exact,
                            double *count, uint64_t *seed) {
    int room = (int)(QUARTERS * per_quarter * 20);
    recoup_view *view = empty_view(1, 1, 0, room, room);
    view->period_start = view->as_of; /* a quarter begins today */
    recoup_quarter quarter = recoup_quarter_of(view->as_of, view->as_of - 1);
    for (int q = 0; q < QUARTERS; q++) {
        double shock = conversion * normal(seed), rate = per_quarter * exp(arrivals * normal(seed));
        double days = quarter.end - quarter.start;
        count[q] = 0;
        for (double day = 0; view->n_deals < room && count[q] < room; count[q]++) {
            day += exact ? days / (rate + .5) : -log(uniform(seed)) * days / rate;
            if (day >= days)
                break;
            add_life(view, quarter.start + day, 10000 + view->n_deals, shock, .05, seed);
        }
        quarter = recoup_quarter_of(view->as_of, quarter.start - 1);
    }
    return view;
}

static void draws_of(const recoup_model *model, const char *name, double *low, double *high) {
    const recoup_draws *draws = model->draws;
    double value[400];
    int at = 0;
    while (strcmp(draws->name[at], name) != 0)
        at++;
    assert_int_equal(draws->n_draws, 400);
    for (int d = 0; d < 400; d++)
        value[d] = exp(draws->value[d * draws->n_parameters + at]);
    gsl_sort(value, 1, 400);
    *low = gsl_stats_quantile_from_sorted_data(value, 1, 400, .05);
    *high = gsl_stats_quantile_from_sorted_data(value, 1, 400, .95);
}

/* The whole way: deals, fit, stored draws. Each loading inside its 90 % interval in nine histories
 * of ten, within 4 binomial standard errors; the loadings' errors have mean 0, also within 4. */
static void test_coverage(void **state) {
    (void)state;
    enum { HISTORIES = 200 };
    double inside[2] = {0}, error[2] = {0}, squares[2] = {0}, count[QUARTERS];
    uint64_t seed = 23;
    for (int h = 0; h < HISTORIES; h++) {
        double truth[2] = {draw_loading(.15, &seed), draw_loading(.10, &seed)};
        recoup_view *view = history(truth[0], truth[1], 200, false, count, &seed);
        view->digest = (uint64_t)h; /* the seed of the draws */
        recoup_model *model = fitted(view);
        double found[2] = {model->market_conversion, model->market_arrivals};
        for (int k = 0; k < 2; k++) {
            double low, high;
            draws_of(model, k ? "market.arrivals.log_loading" : "market.conversion.log_loading",
                     &low, &high);
            inside[k] += low <= truth[k] && truth[k] <= high;
            error[k] += (found[k] - truth[k]) / HISTORIES;
            squares[k] += pow(found[k] - truth[k], 2) / HISTORIES;
        }
        recoup_model_free(model);
        free_view(view);
    }
    for (int k = 0; k < 2; k++) {
        print_message("%s: inside in %.1f %% of %d histories, mean error %.4f +- %.4f\n",
                      k ? "arrivals" : "conversion", 100 * inside[k] / HISTORIES, HISTORIES,
                      error[k], sqrt(squares[k] / HISTORIES));
        assert_true(fabs(inside[k] / HISTORIES - .9) < 4 * sqrt(.9 * .1 / HISTORIES));
        assert_true(fabs(error[k]) < 4 * sqrt(squares[k] / HISTORIES));
    }
}

/* Counts that are made, not drawn: the loading of arrivals is that of their logs with variance
 * 1 / n, of the quarters within the last 365 days, the oldest in part. By brute force. */
static void test_counts(void **state) {
    (void)state;
    double count[QUARTERS], y[4], v[4];
    uint64_t seed = 29;
    recoup_view *view = history(0, .2, 300, true, count, &seed);
    recoup_model *model = fitted(view);
    for (int q = 0; q < 4; q++) {
        y[q] = log(count[q] / 300);
        v[q] = 1 / count[q];
    }
    /* Four quarters are 365 or 366 days; what a leap day moves is a 300th of one of four. */
    assert_true(fabs(model->market_arrivals - mean_loading(4, y, v, .10)) < 3e-3);
    recoup_model_free(model);
    free_view(view);
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
        cmocka_unit_test(test_size_slope),  cmocka_unit_test(test_posterior),
        cmocka_unit_test(test_calibration), cmocka_unit_test(test_coverage),
        cmocka_unit_test(test_counts),      cmocka_unit_test(test_rounding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
