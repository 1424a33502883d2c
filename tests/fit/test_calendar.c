/* Quarters by hand, and the quarter-end effect against what the deals were drawn with. */
#include "synthetic_view.h"

#include "base/date.h"
#include "base/quarter.h"
#include "fit/market.h"
#include <recoup/fit.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static double day(int year, int month, int of_month) {
    return recoup_days_from_civil(year, month, of_month);
}

static void test_quarters(void **state) {
    (void)state;
    recoup_quarter q = recoup_quarter_of(day(2026, 10, 1), day(2026, 10, 1));
    assert_true(q.start == day(2026, 10, 1) && q.end == day(2027, 1, 1));
    q = recoup_quarter_of(day(2026, 10, 1), day(2026, 10, 1) - 1e-6);
    assert_true(q.start == day(2026, 7, 1) && q.end == day(2026, 10, 1));
    q = recoup_quarter_of(day(2026, 11, 1), day(2024, 2, 29)); /* a fiscal year from November on */
    assert_true(q.start == day(2024, 2, 1) && q.end == day(2024, 5, 1));
    q = recoup_quarter_of(day(2025, 11, 30), day(2026, 3, 1)); /* February has no 30th */
    assert_true(q.start == day(2026, 2, 28) && q.end == day(2026, 5, 30));
    q = recoup_quarter_of(day(2026, 1, 1) - 2 / 24., day(2030, 12, 31)); /* two hours east */
    assert_true(fabs(q.start - (day(2030, 10, 1) - 2 / 24.)) < 1e-9);
    double sum = 0; /* over the days of 2026 */
    for (double d = day(2026, 1, 1); d < day(2027, 1, 1); d++)
        sum += recoup_quarter_end_contrast(day(2026, 10, 1), 30, d + .5);
    assert_true(fabs(sum) < 1e-9);
    double end = recoup_quarter_end_contrast(0, 30, day(2026, 12, 2));
    double before = recoup_quarter_end_contrast(0, 30, day(2026, 12, 1) + .9);
    assert_true(fabs(end - before - 1) < 1e-12 && before < 0);
}

static double normal(uint64_t *seed) { /* Box and Muller 1958 */
    double u = uniform(seed), v = uniform(seed);
    return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

static recoup_model *fitted(const recoup_view *view) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_model *model = NULL;
    assert_int_equal(recoup_fit(view, NULL, &model, &error), RECOUP_OK);
    recoup_error_clear(&error);
    return model;
}

/* Two years of deals that are decided on the day they leave: both exits have the same dwell law, so
 * that the hazards of docs/model.md say just this. Shocks by month on top. */
static recoup_model *calendar_of(double effect, double shock, uint64_t seed) {
    enum { N = 6000 };
    double month[30];
    for (int m = 0; m < 30; m++)
        month[m] = shock * normal(&seed);
    recoup_view *view = empty_view(1, 1, 0, N, N);
    view->period_start = day(2024, 10, 1);
    view->as_of = day(2024, 11, 15);
    for (int i = 0; i < N; i++) {
        double created = view->as_of - 730 * uniform(&seed), dwell = -20 * log(uniform(&seed));
        int deal = add_deal(view, 0, -1, created, 1000 + i);
        bool closed = created + dwell < view->as_of;
        double logit =
            .3 + effect * recoup_quarter_end_contrast(view->period_start, 30, created + dwell) +
            month[closed ? (int)((view->as_of - created - dwell) / 30.4) : 0];
        bool wins = uniform(&seed) < 1 / (1 + exp(-logit));
        add_visit(view, deal, 0, created, closed ? dwell : view->as_of - created,
                  !closed ? RECOUP_TO_NONE
                  : wins  ? RECOUP_TO_WON
                          : RECOUP_TO_LOST);
    }
    recoup_model *model = fitted(view);
    free_view(view);
    return model;
}

/* The posterior mean of the loading, where eight quarters differ by noise alone (725 ended stays
 * each: variance 1 / sum p(1 - p) = .006): its mean over samples, and their standard deviation. */
static double loading_of_noise(double *sd) {
    enum { SAMPLES = 2000, N_QUARTERS = 8 };
    double sum = 0, squares = 0, estimate[N_QUARTERS], variance[N_QUARTERS];
    uint64_t seed = 7;
    for (int i = 0; i < SAMPLES; i++) {
        recoup_loading loading;
        for (int q = 0; q < N_QUARTERS; q++) {
            variance[q] = .006;
            estimate[q] = sqrt(variance[q]) * normal(&seed);
        }
        recoup_loading_posterior(N_QUARTERS, estimate, variance, .15, &loading);
        sum += loading.mean / SAMPLES;
        squares += loading.mean * loading.mean / SAMPLES;
    }
    *sd = sqrt(squares - sum * sum);
    return sum;
}

/* The effect has the standard error 1 / sqrt(sum p(1 - p)·c²), with 5,800 ended stays and a
 * variance of c of .22: .06; the base logit that of the days of a quarter on average. The calendar
 * must not be taken for shocks of the market: the loading is that of noise. */
static void test_effect(void **state) {
    (void)state;
    double mean = 0, base = 0, loading = 0;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        recoup_model *model = calendar_of(1, 0, seed);
        assert_true(model->quarter_end_days == 30);
        assert_true(fabs(model->quarter_end_logit - 1) < 4 * .06);
        mean += model->quarter_end_logit / 8;
        base += model->stage[0].exit[0].logit / 8;
        loading += model->market_conversion / 8;
        recoup_model_free(model);
    }
    assert_true(fabs(mean - 1) < 4 * .06 / sqrt(8));
    assert_true(fabs(base - .3) < 4 * .027 / sqrt(8));
    double sd, noise = loading_of_noise(&sd);
    print_message("loading %.3f, of noise %.3f +- %.3f\n", loading, noise, sd / sqrt(8));
    assert_true(fabs(loading - noise) < 4 * sd / sqrt(8));
}

/* Shocks of months are no calendar: by chance 3 in 1,000, so at most one in 20 (P = .0014 of two).
 */
static void test_no_effect(void **state) {
    (void)state;
    int found = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        recoup_model *model = calendar_of(0, .4, 100 + seed);
        found += model->quarter_end_logit != 0;
        recoup_model_free(model);
    }
    assert_true(found <= 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quarters),
        cmocka_unit_test(test_effect),
        cmocka_unit_test(test_no_effect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
