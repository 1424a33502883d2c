/* The joint posterior: draws against their blocks and against closed forms. */
#include "draw_columns.h"
#include "fit/posterior.h"
#include "model/parameters.h"
#include "synthetic_view.h"
#include <math.h>
#include <recoup/fit.h>

static const char model_text[] =
    "recoup: model/1\n"
    "stages: [demo]\n"
    "cohorts: [a, b, c]\n"
    "exits:\n"
    "  demo:\n"
    "    advance: {logit: 0.5, cohort_logit: {a: 0.3, b: -0.1, c: 0},\n"
    "              dwell: {family: lognormal, median: 9, sigma: 0.6}}\n"
    "    lost: {dwell: {family: exponential, mean: 18}}\n"
    "amount: {new: {family: lognormal, median: 9000, sigma: 0.7}}\n"
    "arrivals: {a: 0.5, b: 0.2, c: 1}\n";

static double value_of(const recoup_draws *draws, int d, int i) {
    return draws->value[(size_t)d * (size_t)draws->n_parameters + (size_t)i];
}

static double mean_of(const recoup_draws *draws, int i) {
    double sum = 0;
    for (int d = 0; d < draws->n_draws; d++)
        sum += value_of(draws, d, i);
    return sum / draws->n_draws;
}

static double covariance_of(const recoup_draws *draws, int i, int j) {
    double mean_i = mean_of(draws, i), mean_j = mean_of(draws, j), sum = 0;
    for (int d = 0; d < draws->n_draws; d++)
        sum += (value_of(draws, d, i) - mean_i) * (value_of(draws, d, j) - mean_j);
    return sum / (draws->n_draws - 1);
}

/* Within 4 standard errors of a sample covariance: sqrt((v_i v_j + c²) / n), normal draws. */
static void assert_covariance(const recoup_draws *draws, int i, int j, double exact, double v_i,
                              double v_j) {
    double found = covariance_of(draws, i, j);
    double error = sqrt((v_i * v_j + exact * exact) / draws->n_draws);
    if (!(fabs(found - exact) <= 4 * error))
        fail_msg("covariance of %s and %s: %g, expected %g +- %g", draws->name[i], draws->name[j],
                 found, exact, error);
}

static void draw(recoup_posterior *posterior, recoup_model *model, uint64_t seed) {
    recoup_error error = RECOUP_ERROR_INIT;
    assert_int_equal(recoup_posterior_draw(posterior, model, seed, &error), RECOUP_OK);
    assert_non_null(model->draws);
}

static void draws_have_the_moments_of_their_blocks(void **state) {
    (void)state;
    recoup_model *model = parse(model_text);
    recoup_posterior posterior = {0};
    recoup_exit *advance = &model->stage[0].exit[0];
    const double block[9] = {.04, .03, -.01, .03, .09, 0, -.01, 0, .0025};
    double *target[3] = {&advance->logit, &advance->dwell.mu, &advance->dwell.shape[0]};
    recoup_posterior_add(&posterior, 3, target, block);
    recoup_posterior_add_one(&posterior, &advance->logit, .05); /* blocks of one number add up */
    recoup_posterior_add_one(&posterior, &model->arrivals[1], .01);
    draw(&posterior, model, 7);
    const recoup_draws *draws = model->draws;
    int at[4] = {column_of(draws, "exits.demo.advance.logit"),
                 column_of(draws, "exits.demo.advance.dwell.lognormal.log_median"),
                 column_of(draws, "exits.demo.advance.dwell.lognormal.log_sigma"),
                 column_of(draws, "arrivals.b.log_rate")};
    const double mode[4] = {.5, log(9), log(.6), log(.2)};
    const double variance[4] = {.09, .09, .0025, .01};
    assert_int_equal(draws->n_parameters, 4);
    for (int i = 0; i < 4; i++) {
        assert_true(fabs(draws->mode[at[i]] - mode[i]) < 1e-14);
        assert_true(fabs(mean_of(draws, at[i]) - mode[i]) < 4 * sqrt(variance[i] / draws->n_draws));
        for (int j = 0; j < 4; j++) {
            double exact = i == j ? variance[i] : i < 3 && j < 3 ? block[3 * i + j] : 0;
            assert_covariance(draws, at[i], at[j], exact, variance[i], variance[j]);
        }
    }
    recoup_posterior_clear(&posterior);
    recoup_model_free(model);
}

/* Against the inverse of the posterior precision of (base, differences), worked out for one
 * parameter: with y_i ~ N(b + d_i, v_i) and d_i ~ N(m, tau²) the values b + d_i have the precision
 * diag(1/v) + (I - 11'/n)/tau² (flat m). */
static void groups_have_the_covariance_of_the_hierarchy(void **state) {
    (void)state;
    const double v[3] = {.02, .1, .05}, tau2 = .04;
    recoup_model *model = parse(model_text);
    recoup_posterior posterior = {0};
    recoup_exit *advance = &model->stage[0].exit[0];
    double known = 1 / v[0] + 1 / v[1] + 1 / v[2];
    recoup_posterior_add_one(&posterior, &advance->logit, 1 / known);
    recoup_posterior_add_groups(&posterior, 3, advance->cohort_logit, v, tau2, NULL);
    draw(&posterior, model, 8);
    const recoup_draws *draws = model->draws;
    /* The precision times the covariance that the blocks imply must be the identity. */
    const double *d = posterior.block[1].covariance; /* not yet a factor: draws copy it */
    assert_int_equal(posterior.block[1].n, 3);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            double sum = 0;
            for (int k = 0; k < 3; k++) {
                double precision = (i == k ? 1 / v[i] + 1 / tau2 : 0) - 1 / (3 * tau2);
                sum += precision * (d[3 * k + j] + 1 / known);
            }
            assert_true(fabs(sum - (i == j)) < 1e-12);
        }
    int base = column_of(draws, "exits.demo.advance.logit");
    int b = column_of(draws, "exits.demo.advance.cohort_logit.b");
    assert_covariance(draws, b, b, d[4], d[4], d[4]);
    assert_covariance(draws, base, b, 0, 1 / known, d[4]);
    recoup_posterior_clear(&posterior);
    recoup_model_free(model);
}

static void draws_are_a_function_of_seed_and_blocks(void **state) {
    (void)state;
    recoup_model *model[3];
    for (int i = 0; i < 3; i++) {
        recoup_posterior posterior = {0};
        model[i] = parse(model_text);
        /* In another order, which plays no part. */
        recoup_posterior_add_one(&posterior, &model[i]->arrivals[i], .01);
        recoup_posterior_add_one(&posterior, &model[i]->arrivals[(i + 1) % 3], .01);
        recoup_posterior_add_one(&posterior, &model[i]->arrivals[(i + 2) % 3], .01);
        draw(&posterior, model[i], i < 2 ? 5 : 6);
        recoup_posterior_clear(&posterior);
    }
    size_t size = (size_t)RECOUP_POSTERIOR_DRAWS * 3 * sizeof(double);
    assert_memory_equal(model[0]->draws->value, model[1]->draws->value, size);
    assert_true(memcmp(model[0]->draws->value, model[2]->draws->value, size) != 0);
    for (int i = 0; i < 3; i++)
        recoup_model_free(model[i]);
}

/* A lognormal sample: sigma²/n for mu, 1/(2n) for log sigma, no covariance at the maximum. */
static void a_lognormal_sample_has_its_closed_form(void **state) {
    (void)state;
    enum { N = 200 };
    double value[N], mean = 0, squares = 0;
    double c[4];
    for (int i = 0; i < N; i++) {
        value[i] = exp(9 + sin(i) + .001 * i);
        mean += log(value[i]) / N;
    }
    for (int i = 0; i < N; i++)
        squares += (log(value[i]) - mean) * (log(value[i]) - mean) / N;
    recoup_dist law = {.family = RECOUP_LOGNORMAL, .mu = mean, .shape = {sqrt(squares)}};
    assert_true(recoup_sample_covariance(&law, value, N, c));
    /* central differences err by step²/6 of the third derivative: 1e-8 relative */
    assert_true(fabs(c[0] / (squares / N) - 1) < 1e-6);
    assert_true(fabs(c[3] * 2 * N - 1) < 1e-6);
    assert_true(fabs(c[1]) < 1e-6 * sqrt(c[0] * c[3]));
    law.family = RECOUP_GENGAMMA;
    assert_false(recoup_sample_covariance(&law, value, N, c));
}

/* One stage, every stay over: the events of two Poisson processes, so that the logit has the
 * variance 1/a + 1/b and a log mean 1/a (half an event of the prior each, and its precision of
 * 1/1.5² on the log mean). */
static void a_stage_has_its_closed_form(void **state) {
    (void)state;
    enum { A = 120, B = 80 };
    recoup_model *model = parse(model_text);
    recoup_posterior posterior = {0};
    recoup_stay stay[A + B];
    for (int i = 0; i < A + B; i++) /* quantiles of exponentials of mean 10 and 20 */
        stay[i] = (recoup_stay){.kind = RECOUP_STAY_CLOSED,
                                .exit = i < A ? 0 : 1,
                                .deal = -1,
                                .dwell_days = i < A ? -10 * log1p(-(i + .5) / A)
                                                    : -20 * log1p(-(i - A + .5) / B),
                                .weight = 1};
    recoup_mixture mixture = {.n_exits = 2};
    for (int e = 0; e < 2; e++)
        mixture.dwell[e] = (recoup_dist){.family = RECOUP_EXPONENTIAL, .mu = 2};
    recoup_layout layout = recoup_layout_of(&mixture, NULL, false);
    recoup_prior prior = recoup_prior_weak();
    double covariance[9];
    assert_true(recoup_mixture_fit(&mixture, &layout, &prior, stay, A + B, covariance));
    recoup_posterior_add_team(&posterior, &model->stage[0], &layout, covariance);
    const recoup_posterior_block *block = &posterior.block[0];
    assert_int_equal(block->n, 3);
    assert_ptr_equal(block->target[0], &model->stage[0].exit[0].logit);
    assert_ptr_equal(block->target[1], &model->stage[0].exit[0].dwell.mu);
    assert_ptr_equal(block->target[2], &model->stage[0].exit[1].dwell.mu);
    /* 2 %: the prior moves the maximum a little away from where sum t / mean is the count. */
    assert_true(fabs(block->covariance[0] / (1 / (A + .5) + 1 / (B + .5)) - 1) < 1e-6);
    assert_true(fabs(block->covariance[4] * (A + 1 / 2.25) - 1) < .02);
    assert_true(fabs(block->covariance[8] * (B + 1 / 2.25) - 1) < .02);
    recoup_posterior_clear(&posterior);
    recoup_model_free(model);
}

/* A fit as a whole: every deal arrived in the window, so that the log rate has the variance
 * 1 / count beside the market's; equal fits give equal draws. */
static void a_fit_has_draws(void **state) {
    (void)state;
    recoup_model *truth = parse(model_text), *model[2];
    const world from = {.model = truth, .n_deals = 600, .days = 300, .seed = 3};
    recoup_view *view = draw_view(&from, NULL);
    double count[3] = {0};
    for (int i = 0; i < view->n_deals; i++)
        count[view->cohort[i]]++;
    for (int i = 0; i < 2; i++) {
        recoup_error error = RECOUP_ERROR_INIT;
        assert_int_equal(recoup_fit(view, NULL, &model[i], &error), RECOUP_OK);
        recoup_error_clear(&error);
        assert_non_null(model[i]->draws);
    }
    const recoup_draws *draws = model[0]->draws, *again = model[1]->draws;
    assert_int_equal(draws->n_draws, RECOUP_POSTERIOR_DRAWS);
    assert_memory_equal(draws->value, again->value,
                        (size_t)draws->n_draws * (size_t)draws->n_parameters * sizeof(double));
    /* The market of the past has the mean of the quarters' Z, weighted by their days, in it: normal
     * given the loading of the draw. So the variance is a mean over the loadings, v, and the square
     * of a deviation has the variance mean(3 v²) - mean(v)². */
    int loading = column_of(draws, "market.arrivals.log_loading");
    double weights = 0;
    recoup_quarter quarter = recoup_quarter_of(view->period_start, view->as_of);
    for (; quarter.end > view->first_created;
         quarter = recoup_quarter_of(view->period_start, quarter.start - 1)) {
        double days = fmin(quarter.end, view->as_of) - fmax(quarter.start, view->first_created);
        weights += pow(days / (view->as_of - view->first_created), 2);
    }
    for (int c = 0; c < 3; c++) {
        char name[64];
        double mean = 0, square = 0;
        snprintf(name, sizeof name, "arrivals.%s.log_rate", model[0]->cohorts.name[c]);
        int at = column_of(draws, name);
        double relative = model[0]->arrivals_se[c] / model[0]->arrivals[c];
        assert_true(relative * relative > .99 / count[c]); /* Poisson, or what months add to it */
        for (int d = 0; d < draws->n_draws; d++) {
            double v = relative * relative + exp(2 * value_of(draws, d, loading)) * weights;
            mean += v / draws->n_draws;
            square += 3 * v * v / draws->n_draws;
        }
        assert_true(fabs(covariance_of(draws, at, at) - mean) <
                    4 * sqrt((square - mean * mean) / draws->n_draws));
        assert_true(draws->mode[at] == log(model[0]->arrivals[c]));
    }
    /* Every draw is a model. */
    for (int d = 0; d < draws->n_draws; d++) {
        recoup_error error = RECOUP_ERROR_INIT;
        recoup_model *drawn;
        assert_int_equal(recoup_model_draw(model[0], d, &drawn, &error), RECOUP_OK);
        for (int e = 0; e < drawn->stage[0].n_exits; e++)
            assert_true(recoup_dist_valid(&drawn->stage[0].exit[e].dwell));
        recoup_model_free(drawn);
    }
    for (int i = 0; i < 2; i++)
        recoup_model_free(model[i]);
    recoup_model_free(truth);
    free_view(view);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_have_the_moments_of_their_blocks),
        cmocka_unit_test(groups_have_the_covariance_of_the_hierarchy),
        cmocka_unit_test(draws_are_a_function_of_seed_and_blocks),
        cmocka_unit_test(a_lognormal_sample_has_its_closed_form),
        cmocka_unit_test(a_stage_has_its_closed_form),
        cmocka_unit_test(a_fit_has_draws),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
