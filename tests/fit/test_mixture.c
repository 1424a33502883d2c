/* The likelihood of one stage: against R's survreg, differences, known truths. */
#include "fit/choose.h"
#include "fit/mixture.h"
#include "fit/stays.h"
#include "simulate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const bool none_fixed[RECOUP_MAX_EXITS] = {false};

typedef struct sample {
    recoup_stay stay[2000];
    int n;
} sample;

static void read_sample(int wanted, sample *result) {
    FILE *file = fopen(SOURCE_DIR "/tests/oracle/survreg_data.csv", "r");
    assert_non_null(file);
    char line[256];
    assert_non_null(fgets(line, sizeof line, file));
    result->n = 0;
    while (fgets(line, sizeof line, file)) {
        int index, closed;
        double days;
        assert_int_equal(sscanf(line, "%d,%lf,%d", &index, &days, &closed), 3);
        if (index != wanted)
            continue;
        assert_true(result->n < 2000);
        result->stay[result->n++] = (recoup_stay){
            closed ? RECOUP_STAY_CLOSED : RECOUP_STAY_OPEN, closed ? 0 : -1, -1, days, 0, 1};
    }
    fclose(file);
}

/* One exit, flat priors: the censored regression of survreg without covariates. Tolerances: survreg
 * stops at 1e-13 of ln L; its standard error comes from its own Hessian. */
static void survreg_agrees(void **state) {
    (void)state;
    static sample data;
    FILE *file = fopen(SOURCE_DIR "/tests/oracle/survreg.csv", "r");
    assert_non_null(file);
    char line[256], family[32];
    assert_non_null(fgets(line, sizeof line, file));
    int n_fits = 0, index;
    double log_likelihood, mu, shape, mu_se, worst = 0;
    while (fgets(line, sizeof line, file)) {
        assert_int_equal(sscanf(line, "%d,%31[^,],%lf,%lf,%lf,%lf", &index, family, &log_likelihood,
                                &mu, &shape, &mu_se),
                         6);
        read_sample(index, &data);
        recoup_mixture mixture = {.n_exits = 1};
        mixture.dwell[0].family = (recoup_family)recoup_family_find(family);
        recoup_layout layout = recoup_layout_of(&mixture, none_fixed, false);
        recoup_prior flat = recoup_prior_flat();
        double covariance[4];
        recoup_mixture_start(&mixture, none_fixed, data.stay, data.n);
        assert_true(recoup_mixture_fit(&mixture, &layout, &flat, data.stay, data.n, covariance));
        double found = recoup_mixture_log_likelihood(&mixture, data.stay, data.n);
        worst = fmax(worst, fabs(found - log_likelihood));
        assert_true(fabs(found - log_likelihood) < 1e-5);
        assert_true(fabs(mixture.dwell[0].mu - mu) < 1e-3);
        assert_true(fabs(mixture.dwell[0].shape[0] - shape) <= 1e-3 * shape);
        assert_true(fabs(sqrt(covariance[0]) - mu_se) < 1e-3 * mu_se);
        n_fits++;
    }
    fclose(file);
    assert_int_equal(n_fits, 35 * 4);
    print_message("%d fits, worst difference in ln L %.2g\n", n_fits, worst);
}

/* Three exits, delayed entry, days that were not timed: everything at once. */
static int mixed_sample(recoup_stay *stay, recoup_mixture *law) {
    uint64_t seed = 11;
    *law = (recoup_mixture){.n_exits = 3,
                            .logit = {.3, 0, -1},
                            .dwell = {{RECOUP_LOGNORMAL, 2, {.7}},
                                      {RECOUP_WEIBULL, 3, {.8}},
                                      {RECOUP_EXPONENTIAL, 2.5, {0}}}};
    int n = 0;
    for (int i = 0; i < 300; i++) {
        recoup_stay s = draw_stay(law, 5 + 40 * uniform(&seed), &seed);
        if (i % 7 == 0)
            s.entry_days = s.dwell_days * uniform(&seed);
        if (s.kind == RECOUP_STAY_CLOSED && s.dwell_days < 1)
            s = (recoup_stay){RECOUP_STAY_WITHIN_DAY, s.exit, -1, 0, 0, 1};
        else if (s.kind == RECOUP_STAY_CLOSED && i % 11 == 0)
            s = (recoup_stay){RECOUP_STAY_UNDATED, s.exit, -1, 0, 0, 2};
        stay[n++] = s;
    }
    return n;
}

/* Central differences, h = 1e-5: their own error is about 1e-10·third derivative + 1e-11·|ln L|/h,
 * below 1e-5 here. */
static void gradient_is_the_derivative(void **state) {
    (void)state;
    recoup_stay stay[300];
    recoup_mixture law;
    int n = mixed_sample(stay, &law);
    recoup_layout layout = recoup_layout_of(&law, none_fixed, false);
    recoup_prior prior = recoup_prior_weak();
    double x[RECOUP_MAX_PARAMETERS], gradient[RECOUP_MAX_PARAMETERS], unused[RECOUP_MAX_PARAMETERS];
    recoup_layout_get(&layout, &law, x);
    assert_int_equal(layout.n, 2 + 2 + 2 + 1);
    recoup_mixture_log_posterior(&law, &layout, &prior, stay, n, gradient);
    for (int i = 0; i < layout.n; i++) {
        const double h = 1e-5;
        double value[2], at = x[i];
        for (int side = 0; side < 2; side++) {
            recoup_mixture moved = law;
            x[i] = at + (side ? h : -h);
            recoup_layout_set(&layout, &moved, x);
            value[side] = recoup_mixture_log_posterior(&moved, &layout, &prior, stay, n, unused);
        }
        x[i] = at;
        assert_true(fabs(gradient[i] - (value[1] - value[0]) / (2 * h)) < 1e-5);
    }
}

/* Without a stay the maximum is the prior's own: a median of 40 days and the usual width in every
 * family. The gradient, which has the median's derivatives by the shapes in it, against differences
 * as above; away from that maximum. */
static void prior_is_of_the_median(void **state) {
    (void)state;
    const struct {
        recoup_dist from;
        double shape;
    } laws[] = {{{RECOUP_EXPONENTIAL, 2.5, {0}}, 0},      {{RECOUP_WEIBULL, 2.5, {1.4}}, 1},
                {{RECOUP_GAMMA, 2.5, {2.1}}, 1},          {{RECOUP_LOGNORMAL, 2.5, {.8}}, 1},
                {{RECOUP_LOGLOGISTIC, 2.5, {2}}, 1.6288}, {{RECOUP_GENGAMMA, 2.5, {.8, .6}}, 1}};
    const double h = 1e-5;
    recoup_prior prior = recoup_prior_weak();
    for (size_t i = 0; i < sizeof laws / sizeof *laws; i++) {
        recoup_mixture law = {.n_exits = 1, .dwell = {laws[i].from}};
        recoup_layout layout = recoup_layout_of(&law, none_fixed, false);
        double x[3], gradient[3], unused[3], value[2];
        recoup_layout_get(&layout, &law, x);
        recoup_mixture_log_posterior(&law, &layout, &prior, NULL, 0, gradient);
        for (int k = 0; k < layout.n; k++) {
            double at = x[k];
            for (int side = 0; side < 2; side++) {
                recoup_mixture moved = law;
                x[k] = at + (side ? h : -h);
                recoup_layout_set(&layout, &moved, x);
                value[side] =
                    recoup_mixture_log_posterior(&moved, &layout, &prior, NULL, 0, unused);
            }
            x[k] = at;
            assert_true(fabs(gradient[k] - (value[1] - value[0]) / (2 * h)) < 1e-5);
        }
        assert_true(recoup_mixture_fit(&law, &layout, &prior, NULL, 0, NULL));
        assert_true(fabs(recoup_dist_median(&law.dwell[0]) - 40) < 1e-4);
        assert_true(fabs(law.dwell[0].shape[0] - laws[i].shape) < 1e-4);
    }
}

/* ln L written out once more, from densities and survival functions alone. */
static void likelihood_is_as_defined(void **state) {
    (void)state;
    recoup_stay stay[300];
    recoup_mixture law;
    int n = mixed_sample(stay, &law);
    double share[3], total = 0, expected = 0;
    for (int e = 0; e < 3; e++)
        total += exp(law.logit[e]);
    for (int e = 0; e < 3; e++)
        share[e] = exp(law.logit[e]) / total;
    for (int i = 0; i < n; i++) {
        const recoup_stay *s = &stay[i];
        double value = 0, entered = 0;
        for (int e = 0; e < 3; e++)
            entered += share[e] * recoup_dist_survival(&law.dwell[e], s->entry_days);
        if (s->kind == RECOUP_STAY_OPEN)
            for (int e = 0; e < 3; e++)
                value += share[e] * recoup_dist_survival(&law.dwell[e], s->dwell_days);
        else if (s->kind == RECOUP_STAY_CLOSED)
            value =
                share[s->exit] * exp(recoup_dist_log_density(&law.dwell[s->exit], s->dwell_days));
        else if (s->kind == RECOUP_STAY_WITHIN_DAY)
            value = share[s->exit] * recoup_dist_cdf(&law.dwell[s->exit], 1);
        else
            value = share[s->exit];
        expected += s->weight * log(value / entered);
    }
    assert_true(fabs(recoup_mixture_log_likelihood(&law, stay, n) - expected) < 1e-9);
    int n_grouped = recoup_stays_group(stay, n);
    assert_true(fabs(recoup_mixture_log_likelihood(&law, stay, n_grouped) - expected) < 1e-9);
    assert_true(n_grouped < n);
}

/* The case of docs/fit.md: lost deals take longer than those that advance, so that among the
 * deals closed by now the share that advanced is too high. */
static const recoup_mixture slow_losses = {
    .n_exits = 2,
    .logit = {-.4054651081081644, 0}, /* P(advance) = .40 */
    .dwell = {{RECOUP_LOGNORMAL, 2.7, {.6}}, {RECOUP_WEIBULL, 3.8, {1.2}}}};

static double share_of(const recoup_mixture *mixture) {
    return 1 / (1 + exp(-mixture->logit[RECOUP_ADVANCE]));
}

/* 60 samples of 400 stays, followed up for 0 to 120 days: the mean of each parameter is within
 * three standard errors of that mean (prior included: half an event in 400 moves nothing by as
 * much); the naive share is not. */
static void truth_is_recovered(void **state) {
    (void)state;
    enum { REPLICATIONS = 60, STAYS = 400 };
    recoup_mixture truth = slow_losses;
    recoup_layout layout = recoup_layout_of(&truth, none_fixed, false);
    double expected[5], sum[5] = {0}, squares[5] = {0}, naive = 0, fitted = 0;
    double covered[5] = {0};
    uint64_t seed = 5;
    assert_int_equal(layout.n, 5);
    recoup_layout_get(&layout, &truth, expected);
    for (int r = 0; r < REPLICATIONS; r++) {
        recoup_stay stay[STAYS];
        double closed[2] = {0}, x[5], covariance[25];
        for (int i = 0; i < STAYS; i++) {
            stay[i] = draw_stay(&truth, 120 * uniform(&seed), &seed);
            if (stay[i].exit >= 0)
                closed[stay[i].exit]++;
        }
        naive += closed[0] / (closed[0] + closed[1]) / REPLICATIONS;
        recoup_mixture mixture = truth;
        recoup_prior prior = recoup_prior_weak();
        recoup_mixture_start(&mixture, none_fixed, stay, STAYS);
        assert_true(recoup_mixture_fit(&mixture, &layout, &prior, stay, STAYS, covariance));
        fitted += share_of(&mixture) / REPLICATIONS;
        recoup_layout_get(&layout, &mixture, x);
        for (int k = 0; k < 5; k++) {
            sum[k] += x[k];
            squares[k] += x[k] * x[k];
            covered[k] += fabs(x[k] - expected[k]) < 1.96 * sqrt(covariance[6 * k]);
        }
    }
    for (int k = 0; k < 5; k++) {
        double mean = sum[k] / REPLICATIONS;
        double sd = sqrt(squares[k] / REPLICATIONS - mean * mean);
        print_message("parameter %d: truth %.4f mean %.4f, standard error %.4f, covered %.0f %%\n",
                      k, expected[k], mean, sd / sqrt(REPLICATIONS),
                      100 * covered[k] / REPLICATIONS);
        assert_true(fabs(mean - expected[k]) < 3 * sd / sqrt(REPLICATIONS));
        /* 95 % nominal; 60 draws fall below 85 % with probability 1e-3. */
        assert_true(covered[k] >= .85 * REPLICATIONS);
    }
    print_message("P(advance) .400: closed deals %.3f, fit %.3f\n", naive, fitted);
    assert_true(naive > .44);
    assert_true(fabs(fitted - .4) < .01);
}

/* The family that made the data wins by AICc when there is enough of it: here 4,000 stays, some of
 * them open, and shapes that no other family can take. */
static void families_are_found(void **state) {
    (void)state;
    enum { STAYS = 4000 };
    const recoup_dist laws[][2] = {
        {{RECOUP_LOGNORMAL, 2, {.8}}, {RECOUP_WEIBULL, 3, {.6}}},
        {{RECOUP_WEIBULL, 2, {2}}, {RECOUP_LOGNORMAL, 3, {1}}},
        {{RECOUP_LOGNORMAL, 2, {.4}}, {RECOUP_EXPONENTIAL, 3, {0}}},
        {{RECOUP_GAMMA, 2, {4}}, {RECOUP_LOGLOGISTIC, 2.5, {1.8}}},
        {{RECOUP_LOGLOGISTIC, 2, {3}}, {RECOUP_GAMMA, 2.5, {.4}}},
        {{RECOUP_GENGAMMA, 2, {.7, -1.2}}, {RECOUP_WEIBULL, 2, {1.6}}},
        {{RECOUP_EXPONENTIAL, 2, {0}}, {RECOUP_GENGAMMA, 2.5, {.6, 2.5}}},
    };
    static recoup_stay stay[STAYS];
    uint64_t seed = 3;
    for (size_t i = 0; i < sizeof laws / sizeof *laws; i++) {
        recoup_mixture truth = {.n_exits = 2, .logit = {0, 0}, .dwell = {laws[i][0], laws[i][1]}};
        for (int k = 0; k < STAYS; k++)
            stay[k] = draw_stay(&truth, 200 * uniform(&seed), &seed);
        recoup_prior prior = recoup_prior_weak();
        static recoup_choice choice;
        assert_true(recoup_choose(2, none_fixed, NULL, &prior, stay, STAYS, &choice));
        assert_true(choice.has_covariance);
        for (int e = 0; e < 2; e++) {
            recoup_family found = choice.mixture.dwell[e].family;
            print_message("%s: found %s\n", recoup_family_name(laws[i][e].family),
                          recoup_family_name(found));
            /* A law can beat the exponential that it contains; then its shape is 1. */
            if (laws[i][e].family == RECOUP_EXPONENTIAL && found != RECOUP_EXPONENTIAL)
                assert_true((found == RECOUP_WEIBULL || found == RECOUP_GAMMA) &&
                            fabs(choice.mixture.dwell[e].shape[0] - 1) < .1);
            else
                assert_int_equal(found, laws[i][e].family);
        }
        assert_false(recoup_choose_stale(none_fixed, &prior, stay, STAYS, &choice));
    }
}

/* Times rounded to .2 % and added up: the estimates move by less than a hundredth of a standard
 * error. */
static void rounding_moves_nothing(void **state) {
    (void)state;
    enum { STAYS = 20000 };
    recoup_mixture law = {.n_exits = 2,
                          .dwell = {{RECOUP_LOGNORMAL, 2, {.8}}, {RECOUP_WEIBULL, 3, {1.5}}}};
    recoup_layout layout = recoup_layout_of(&law, none_fixed, false);
    recoup_prior prior = recoup_prior_weak();
    recoup_stay *stay = malloc(STAYS * sizeof *stay);
    double found[2][RECOUP_MAX_PARAMETERS], covariance[RECOUP_MAX_PARAMETERS * 2];
    uint64_t seed = 23;
    assert_non_null(stay);
    for (int i = 0; i < STAYS; i++)
        stay[i] = draw_stay(&law, 60 * uniform(&seed), &seed);
    for (int rounded = 0; rounded < 2; rounded++) {
        int n = rounded ? recoup_stays_round(stay, STAYS, RECOUP_STAYS_PRECISION) : STAYS;
        recoup_mixture mixture = law;
        assert_true(recoup_mixture_fit(&mixture, &layout, &prior, stay, n, covariance));
        recoup_layout_get(&layout, &mixture, found[rounded]);
        assert_true(!rounded || n < STAYS / 3);
    }
    for (int i = 0; i < layout.n; i++)
        assert_true(fabs(found[0][i] - found[1][i]) < .01 * sqrt(covariance[i * (layout.n + 1)]));
    free(stay);
}

/* One in ten never leaves. Followed up for up to 400 days, where all others have left within 100:
 * found, and its share within three standard errors. The share of the others is not disturbed. */
static void stale_deals_are_found(void **state) {
    (void)state;
    enum { STAYS = 800 };
    recoup_mixture truth = {
        .n_exits = 3,
        .logit = {0, 0, log(.1 / .45)},
        .dwell = {{RECOUP_LOGNORMAL, 2, {.6}}, {RECOUP_WEIBULL, 3, {1.5}}, {RECOUP_NEVER, 0, {0}}}};
    static recoup_stay stay[STAYS];
    static recoup_choice choice;
    recoup_prior prior = recoup_prior_weak();
    uint64_t seed = 19;
    for (int i = 0; i < STAYS; i++)
        stay[i] = draw_stay(&truth, 400 * uniform(&seed), &seed);
    assert_true(recoup_choose(2, none_fixed, NULL, &prior, stay, STAYS, &choice));
    double without = choice.aicc;
    assert_true(recoup_choose_stale(none_fixed, &prior, stay, STAYS, &choice));
    assert_true(choice.aicc < without - 10 && choice.has_covariance);
    assert_int_equal(choice.mixture.n_exits, 3);
    assert_int_equal(choice.mixture.dwell[2].family, RECOUP_NEVER);
    for (int e = 0; e < 3; e += 2) {
        int at = choice.layout.logit[e];
        double se = sqrt(choice.covariance[at * (choice.layout.n + 1)]);
        print_message("logit %.3f, true %.3f, standard error %.3f\n", choice.mixture.logit[e],
                      truth.logit[e], se);
        assert_true(fabs(choice.mixture.logit[e] - truth.logit[e]) < 3 * se);
        assert_true(se < .25);
    }
    /* No deal old enough: nothing is claimed. */
    for (int i = 0; i < STAYS; i++)
        stay[i] = draw_stay(&truth, 25 * uniform(&seed), &seed);
    assert_true(recoup_choose(2, none_fixed, NULL, &prior, stay, STAYS, &choice));
    assert_false(recoup_choose_stale(none_fixed, &prior, stay, STAYS, &choice));
}

static void old_age_is_a_quantile(void **state) {
    (void)state;
    recoup_stay stay[201];
    for (int i = 0; i < 200; i++)
        stay[i] = (recoup_stay){RECOUP_STAY_CLOSED, i % 2, -1, 1 + (i * 7) % 200, 0, 1};
    stay[200] = (recoup_stay){RECOUP_STAY_OPEN, -1, -1, 1e6, 0, 1};
    assert_true(recoup_stays_old_age(stay, 201) == 198); /* 199 and 200 are older */
    assert_true(isinf(recoup_stays_old_age(stay + 200, 1)));
}

/* Few events, most stays open: the starts lead to the same place whatever the order of the exits.
 */
static void few_events_have_one_answer(void **state) {
    (void)state;
    recoup_mixture truth = {.n_exits = 2,
                            .dwell = {{RECOUP_LOGNORMAL, 2, {.5}}, {RECOUP_LOGNORMAL, 4.5, {.5}}}};
    recoup_prior prior = recoup_prior_weak();
    static recoup_choice choice, swapped;
    uint64_t seed = 29;
    for (int r = 0; r < 20; r++) {
        recoup_stay stay[40];
        for (int i = 0; i < 40; i++)
            stay[i] = draw_stay(&truth, 60 * uniform(&seed), &seed);
        assert_true(recoup_choose(2, none_fixed, NULL, &prior, stay, 40, &choice));
        for (int i = 0; i < 40; i++)
            stay[i].exit = stay[i].exit < 0 ? -1 : 1 - stay[i].exit;
        assert_true(recoup_choose(2, none_fixed, NULL, &prior, stay, 40, &swapped));
        assert_true(fabs(choice.aicc - swapped.aicc) < 1e-6);
        assert_true(fabs(choice.mixture.logit[0] + swapped.mixture.logit[0]) < 1e-4);
    }
}

/* Kaplan and Meier by hand: closed at 1, open at 2, closed at 3 with one entering at 2.5, open at
 * 4: (1 - 1/3)·(1 - 1/2). */
static void open_share_is_kaplan_meier(void **state) {
    (void)state;
    const recoup_stay stay[] = {{RECOUP_STAY_CLOSED, 0, -1, 1, 0, 1},
                                {RECOUP_STAY_OPEN, -1, -1, 2, 0, 1},
                                {RECOUP_STAY_CLOSED, 1, -1, 3, 0, 1},
                                {RECOUP_STAY_OPEN, -1, -1, 4, 2.5, 1},
                                {RECOUP_STAY_UNDATED, 1, -1, 0, 0, 5}};
    double days;
    double share = recoup_stays_open_share(stay, 5, &days);
    assert_true(fabs(share - 2. / 3 / 2) < 1e-15 && days == 4);
}

static void aicc_is_as_published(void **state) {
    (void)state;
    assert_true(fabs(recoup_aicc(-100, 3, 20) - (200 + 6 + 24. / 16)) < 1e-12);
    assert_true(isinf(recoup_aicc(-100, 3, 4)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(survreg_agrees),
        cmocka_unit_test(likelihood_is_as_defined),
        cmocka_unit_test(gradient_is_the_derivative),
        cmocka_unit_test(prior_is_of_the_median),
        cmocka_unit_test(truth_is_recovered),
        cmocka_unit_test(families_are_found),
        cmocka_unit_test(rounding_moves_nothing),
        cmocka_unit_test(stale_deals_are_found),
        cmocka_unit_test(old_age_is_a_quantile),
        cmocka_unit_test(few_events_have_one_answer),
        cmocka_unit_test(open_share_is_kaplan_meier),
        cmocka_unit_test(aicc_is_as_published),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
