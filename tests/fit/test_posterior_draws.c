/* Blocks with draws of their own: shares, and the dispersion of arrivals against what the deals
 * were drawn with. */
#include "draw_columns.h"
#include "fit/posterior.h"
#include "synthetic_view.h"
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <recoup/fit.h>

static const char model_text[] =
    "recoup: model/1\n"
    "stages: [demo]\n"
    "cohorts: [a]\n"
    "segments: [large, middle, small]\n"
    "exits:\n"
    "  demo:\n"
    "    advance: {logit: 0.5, dwell: {family: exponential, mean: 9}}\n"
    "    lost: {dwell: {family: exponential, mean: 18}}\n"
    "amount: {new: {family: lognormal, median: 9000, sigma: 0.7}}\n"
    "mix: {segment: {large: 0.05, middle: 0.25, small: 0.7}}\n"
    "arrivals: {a: 0.5}\n";

/* What a block brings is what the drawn models deviate by, on top of other blocks. */
static void draws_are_those_given(void **state) {
    (void)state;
    recoup_model *model = parse(model_text), *drawn;
    recoup_posterior posterior = {0};
    recoup_error error = RECOUP_ERROR_INIT;
    double deviation[2 * RECOUP_POSTERIOR_DRAWS], twice[RECOUP_POSTERIOR_DRAWS];
    double *target[2] = {&model->stage[0].exit[0].logit, &model->arrivals[0]};
    for (int d = 0; d < RECOUP_POSTERIOR_DRAWS; d++) {
        deviation[2 * d] = .01 * d;
        deviation[2 * d + 1] = -.001 * d;
        twice[d] = 1;
    }
    recoup_posterior_add_draws(&posterior, 2, target, deviation);
    recoup_posterior_add_draws(&posterior, 1, target, twice);
    assert_int_equal(recoup_posterior_draw(&posterior, model, 1, &error), RECOUP_OK);
    for (int d = 0; d < RECOUP_POSTERIOR_DRAWS; d += 57) {
        assert_int_equal(recoup_model_draw(model, d, &drawn, &error), RECOUP_OK);
        assert_true(fabs(drawn->stage[0].exit[0].logit - (1.5 + .01 * d)) < 1e-12);
        assert_true(fabs(drawn->arrivals[0] - .5 * exp(-.001 * d)) < 1e-12);
        recoup_model_free(drawn);
    }
    recoup_posterior_clear(&posterior);
    recoup_model_free(model);
    recoup_error_clear(&error);
}

/* Dirichlet: mean a/A, variance a(A - a) / (A²(A + 1)), and that of a share's estimated variance
 * taken as a normal's; the shares of every drawn model add up to 1, those of an edited one too. */
static void shares_are_dirichlet(void **state) {
    (void)state;
    const double parameter[3] = {2, 10, 28}, whole = 40;
    recoup_model *model = parse(model_text), *drawn;
    recoup_posterior posterior = {0};
    recoup_error error = RECOUP_ERROR_INIT;
    double sum[3] = {0}, squares[3] = {0};
    recoup_posterior_add_shares(&posterior, 9, 3, model->segment_mix, parameter);
    assert_int_equal(recoup_posterior_draw(&posterior, model, 9, &error), RECOUP_OK);
    for (int d = 0; d < RECOUP_POSTERIOR_DRAWS; d++) {
        assert_int_equal(recoup_model_draw(model, d, &drawn, &error), RECOUP_OK);
        double total = 0;
        for (int k = 0; k < 3; k++) {
            double share = drawn->segment_mix[k];
            total += share;
            sum[k] += share / RECOUP_POSTERIOR_DRAWS;
            squares[k] += share * share / RECOUP_POSTERIOR_DRAWS;
        }
        assert_true(fabs(total - 1) < 1e-12);
        recoup_model_free(drawn);
    }
    for (int k = 0; k < 3; k++) {
        double mean = parameter[k] / whole, variance = mean * (1 - mean) / (whole + 1);
        assert_true(fabs(sum[k] - mean) < 4 * sqrt(variance / RECOUP_POSTERIOR_DRAWS));
        /* The shares' skewness makes it half as uncertain again at the most. */
        assert_true(fabs((squares[k] - sum[k] * sum[k]) / variance - 1) <
                    4 * 1.5 * sqrt(2. / RECOUP_POSTERIOR_DRAWS));
    }
    model->segment_mix[0] = .5;
    assert_int_equal(recoup_model_draw(model, 3, &drawn, &error), RECOUP_OK);
    assert_true(fabs(drawn->segment_mix[0] + drawn->segment_mix[1] + drawn->segment_mix[2] - 1) <
                1e-12);
    recoup_model_free(drawn);
    recoup_posterior_clear(&posterior);
    recoup_model_free(model);
    recoup_error_clear(&error);
}

/* Eight cohorts, twelve months of 30 days, negative binomial counts of mean 20. */
static recoup_view *dispersed(double dispersion, uint64_t *seed) {
    enum { COHORTS = 8, MONTHS = 12, MEAN = 20, ROOM = 8000 };
    recoup_view *view = empty_view(1, COHORTS, 0, ROOM, ROOM);
    for (int c = 0; c < COHORTS; c++)
        for (int m = 0; m < MONTHS; m++) {
            double factor = gsl_cdf_gamma_Pinv(uniform(seed), 1 / dispersion, dispersion), day = 0;
            while ((day -= 30 * log(uniform(seed)) / (MEAN * factor)) < 30 &&
                   view->n_deals < ROOM) {
                int deal = add_deal(view, c, -1, view->as_of - 30 * (m + 1) + day, 1000);
                add_visit(view, deal, 0, view->created[deal], .01,
                          uniform(seed) < .5 ? RECOUP_TO_WON : RECOUP_TO_LOST);
            }
        }
    return view;
}

/* The dispersion is within its 90 % interval in nine histories of ten, within 4 binomial standard
 * errors, and all cells have the same draw. */
static void dispersion_is_covered(void **state) {
    (void)state;
    enum { HISTORIES = 100 };
    double inside = 0, value[RECOUP_POSTERIOR_DRAWS];
    uint64_t seed = 41;
    for (int h = 0; h < HISTORIES; h++) {
        double truth = .1 + .2 * uniform(&seed);
        recoup_view *view = dispersed(truth, &seed);
        view->digest = (uint64_t)h; /* the seed of the draws */
        recoup_model *model = NULL;
        recoup_error error = RECOUP_ERROR_INIT;
        assert_int_equal(recoup_fit(view, NULL, &model, &error), RECOUP_OK);
        assert_non_null(model->arrivals_dispersion);
        const recoup_draws *draws = model->draws;
        int first = column_of(draws, "arrivals.cohort 1.log_dispersion");
        int last = column_of(draws, "arrivals.cohort 8.log_dispersion");
        for (int d = 0; d < draws->n_draws; d++) {
            value[d] = draws->value[d * draws->n_parameters + first];
            assert_true(value[d] == draws->value[d * draws->n_parameters + last]);
        }
        gsl_sort(value, 1, RECOUP_POSTERIOR_DRAWS);
        inside += gsl_stats_quantile_from_sorted_data(value, 1, RECOUP_POSTERIOR_DRAWS, .05) <=
                      log(truth) &&
                  log(truth) <=
                      gsl_stats_quantile_from_sorted_data(value, 1, RECOUP_POSTERIOR_DRAWS, .95);
        recoup_model_free(model);
        recoup_error_clear(&error);
        free_view(view);
    }
    print_message("dispersion inside its 90 %% interval in %.0f of %d histories\n", inside,
                  HISTORIES);
    assert_true(fabs(inside / HISTORIES - .9) < 4 * sqrt(.9 * .1 / HISTORIES));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_are_those_given),
        cmocka_unit_test(shares_are_dirichlet),
        cmocka_unit_test(dispersion_is_covered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
