/* What cohorts and channels add to the team, found in drawn deals whose truth is known. */
#include "fit/predict.h"
#include "fitted.h"

static double worst_deviation(const double *found, const double *is, int n) {
    double mean_found = 0, mean_is = 0, worst = 0;
    for (int i = 0; i < n; i++) {
        mean_found += found[i] / n;
        mean_is += is[i] / n;
    }
    for (int i = 0; i < n; i++)
        worst = fmax(worst, fabs(found[i] - mean_found - is[i] + mean_is));
    return worst;
}

/* Which group a deal is in, and how groups truly differ. */
typedef struct grouping {
    const int *group;
    const double *difference;
    int n;
} grouping;

/* The largest distance that sampling explains between found and true differences: four standard
 * errors of the group that is known least, and what shrinking towards the mean takes of it,
 * v / (tau² + v), with the variance of the true differences as tau². information: what a stay
 * that ended says, added up by group. */
static double most_deviation(const grouping *of, const double *information) {
    double tau2 = 0, mean = 0, most = 0;
    for (int g = 0; g < of->n; g++)
        mean += of->difference[g] / of->n;
    for (int g = 0; g < of->n; g++)
        tau2 += (of->difference[g] - mean) * (of->difference[g] - mean) / (of->n - 1);
    for (int g = 0; g < of->n; g++) {
        double v = 1 / information[g];
        most = fmax(most, 4 * sqrt(v) + v / (tau2 + v) * fabs(of->difference[g] - mean));
    }
    return most;
}

/* Of the stays that ended in a stage: by exit -1 the logit of advance, p(1 - p) with the truth's
 * p; else the location of the exit's dwell law given its shape: 1 / sigma² for a lognormal, shape²
 * for a Weibull. */
static void add_information(const recoup_view *view, const recoup_model *truth, int s, int exit,
                            const grouping *of, double *information) {
    const recoup_exit *advance = &truth->stage[s].exit[0];
    const recoup_dist *lost = &truth->stage[s].exit[1].dwell;
    for (int g = 0; g < of->n; g++)
        information[g] = 0;
    for (int i = 0; i < view->n_visits; i++) {
        const recoup_visit *visit = &view->visit[i];
        if (visit->stage != s || visit->target == RECOUP_TO_NONE)
            continue;
        bool is_lost = visit->target == RECOUP_TO_LOST;
        double p = recoup_exit_logit_of(truth, advance,
                                        &(recoup_deal_state){.cohort = view->cohort[visit->deal],
                                                             .channel = view->channel[visit->deal],
                                                             .segment = -1});
        p = 1 / (1 + exp(-p));
        information[of->group[visit->deal]] +=
            exit < 0          ? p * (1 - p)
            : is_lost != exit ? 0
            : exit == 0       ? 1 / (advance->dwell.shape[0] * advance->dwell.shape[0])
                              : lost->shape[0] * lost->shape[0];
    }
}

/* Found against true differences, each around its own mean. */
static double check_differences(const recoup_view *view, const recoup_model *truth, int s, int exit,
                                const grouping *of, const double *found) {
    double information[8], worst = worst_deviation(found, of->difference, of->n);
    add_information(view, truth, s, exit, of, information);
    double most = most_deviation(of, information);
    print_message("stage %d, %s: worst error %.3f of at most %.3f\n", s + 1,
                  exit < 0    ? of->n == 4 ? "cohort logit" : "channel logit"
                  : exit == 0 ? "dwell"
                              : "lost dwell",
                  worst, most);
    assert_true(worst < most);
    return most;
}

/* Differences of cohorts and channels; the logit of one cohort on one channel is no further off
 * than both together and the team's. */
static void cohorts_and_channels_are_recovered(void **state) {
    (void)state;
    recoup_model *truth = true_model(4, 3);
    recoup_view *view =
        draw_view(&(world){.model = truth, .n_deals = 12000, .days = 200, .seed = 23}, NULL);
    recoup_model *model = fit(view);
    check_finite(model);
    const grouping logits = {view->cohort, cohort_logit, 4};
    const grouping times = {view->cohort, cohort_log_dwell, 4};
    const grouping channels = {view->channel, channel_logit, 3};
    for (int s = 0; s < STAGES; s++) {
        const recoup_exit *advance = &model->stage[s].exit[0], *lost = &model->stage[s].exit[1];
        assert_non_null(advance->cohort_logit);
        assert_non_null(advance->channel_logit);
        assert_null(lost->cohort_logit);
        double most = check_differences(view, truth, s, -1, &logits, advance->cohort_logit);
        most += check_differences(view, truth, s, -1, &channels, advance->channel_logit);
        check_differences(view, truth, s, 0, &times, advance->cohort_log_dwell);
        check_differences(view, truth, s, 1, &times, lost->cohort_log_dwell);
        assert_true(fabs(advance->logit + advance->cohort_logit[1] + advance->channel_logit[1] -
                         (truth->stage[s].exit[0].logit + cohort_logit[1])) <
                    most + 4 * advance->fit.logit_se);
    }
    recoup_model_free(model);
    free_view(view);
    recoup_model_free(truth);
}

/* Cohorts that do not differ get no differences to speak of, and channels none at all. Noise alone
 * passes the pooling sometimes, and with few cohorts a spread of 0 is never certain: less than the
 * raw standard error 1 / sqrt(sum p(1 - p)) must be left. By AICc six channels pass where
 * chi-square of 5 degrees of freedom is above 10, P = .075: two of three stages in 1.6 % of
 * samples. */
static void no_signal_shrinks_to_the_team(void **state) {
    (void)state;
    recoup_model *truth = true_model(1, 0);
    recoup_view *view =
        draw_view(&(world){.model = truth, .n_deals = 6000, .days = 200, .seed = 29}, NULL);
    uint64_t seed = 31;
    for (int i = 0; i < 6; i++) {
        char name[32];
        snprintf(name, sizeof name, "other %d", i + 1);
        recoup_names_add(&view->cohorts, name);
        recoup_names_add(&view->channels, name);
    }
    for (int i = 0; i < view->n_deals; i++) {
        view->cohort[i] = (int)(7 * uniform(&seed));
        view->channel[i] = (int)(6 * uniform(&seed));
    }
    recoup_model *model = fit(view);
    int n_terms = 0;
    const double none[7] = {0};
    const grouping cohorts = {view->cohort, none, 7};
    for (int s = 0; s < STAGES; s++) {
        double information[7];
        add_information(view, truth, s, -1, &cohorts, information);
        for (int c = 0; c < 7; c++)
            assert_true(fabs(model->stage[s].exit[0].cohort_logit[c]) < 1 / sqrt(information[c]));
        n_terms += model->stage[s].exit[0].channel_logit != NULL;
    }
    assert_true(n_terms <= 1);
    recoup_model_free(model);
    free_view(view);
    recoup_model_free(truth);
}

/* A cohort that never was in the stage has the team's values. */
static void absent_cohort(void **state) {
    (void)state;
    recoup_model *truth = true_model(4, 0);
    recoup_view *view =
        draw_view(&(world){.model = truth, .n_deals = 1500, .days = 200, .seed = 53}, NULL);
    recoup_names_add(&view->cohorts, "newcomers");
    recoup_model *model = fit(view);
    check_finite(model);
    assert_int_equal(model->cohorts.n, 5);
    /* What is 0 around the centre; its dwell only moves with the centring of the others, from their
     * plain mean 0 to that of the deals that advance: each cohort's share of them times its own. */
    const recoup_exit *advance = &model->stage[0].exit[0];
    double share = 0, mean = 0;
    for (int c = 0; c < 4; c++) {
        double p = 1 / (1 + exp(.2 - cohort_logit[c]));
        share += p;
        mean += p * cohort_log_dwell[c];
    }
    assert_true(advance->cohort_logit[4] == 0);
    assert_true(fabs(advance->cohort_log_dwell[4] + mean / share) <
                4 * .6 * sqrt(2 / advance->fit.n_events));
    assert_true(model->arrivals[4] == 0);
    recoup_model_free(model);
    free_view(view);
    recoup_model_free(truth);
}

/* Sums of P(advance) over the stays of a cohort (-1: all), as the model says on their entry, and as
 * they ended, open ones at their odds. */
typedef struct total {
    double predicted, seen, n;
} total;

static total total_of(const recoup_view *view, const recoup_model *model, int s, int cohort) {
    total sum = {0};
    const recoup_exit *advance = &model->stage[s].exit[0], *lost = &model->stage[s].exit[1];
    assert_non_null(advance->channel_logit);
    for (int i = 0; i < view->n_visits; i++) {
        const recoup_visit *visit = &view->visit[i];
        int own = view->cohort[visit->deal], channel = view->channel[visit->deal];
        if (visit->stage != s || (cohort >= 0 && own != cohort))
            continue;
        double size = log(view->amount[visit->deal] / model->size_ref);
        double odds = exp(advance->logit + advance->cohort_logit[own] +
                          advance->channel_logit[channel] + advance->size_logit * size);
        recoup_dist to_advance = advance->dwell, to_lost = lost->dwell;
        to_advance.mu += advance->cohort_log_dwell[own];
        to_lost.mu += lost->cohort_log_dwell[own];
        double aged = odds * recoup_dist_survival(&to_advance, visit->dwell) /
                      recoup_dist_survival(&to_lost, visit->dwell);
        sum.predicted += odds / (1 + odds);
        sum.seen +=
            visit->target == RECOUP_TO_NONE ? aged / (1 + aged) : visit->target != RECOUP_TO_LOST;
        sum.n++;
    }
    return sum;
}

/* What the terms predict for all stays of a stage together is what was seen of them: the mean of
 * P(advance) is the share that advanced, open stays counted at their odds. Pooled differences (here
 * of a large cohort and a small one) are not centred by themselves. 1e-3: half an event of prior
 * among some 700 stays. */
static void predicted_totals_are_those_seen(void **state) {
    (void)state;
    recoup_model *truth = true_model(4, 3);
    recoup_view *view =
        draw_view(&(world){.model = truth, .n_deals = 3000, .days = 200, .seed = 37}, NULL);
    uint64_t seed = 41;
    for (int i = 0; i < view->n_deals; i++)
        if (view->cohort[i] == 3 && uniform(&seed) < .8)
            view->cohort[i] = 0;
    recoup_model *model = fit(view);
    for (int s = 0; s < STAGES; s++) {
        total of = total_of(view, model, s, -1);
        print_message("stage %d: predicted %.6f, seen %.6f\n", s + 1, of.predicted / of.n,
                      of.seen / of.n);
        assert_true(fabs(of.predicted - of.seen) / of.n < 1e-3);
    }
    recoup_model_free(model);
    free_view(view);
    recoup_model_free(truth);
}

/* Two cohorts that differ in nothing but the channels of their deals: the channels' part of a
 * cohort's conversion is not counted twice. What is predicted of a cohort's stays is what was seen
 * of them, up to what shrinking takes: less than a standard error. And the channels differ as they
 * truly do, within what sampling explains: cohorts know the share R² of the channels' variance,
 * which leaves them 1 - R² of the information. */
static void channels_of_a_cohort_count_once(void **state) {
    (void)state;
    const double of_second[3] = {.1, .5, .9};
    recoup_model *truth = true_model(1, 3);
    for (int s = 0; s < STAGES; s++)
        truth->stage[s].exit[0].channel_logit = channel_logit;
    recoup_view *view =
        draw_view(&(world){.model = truth, .n_deals = 12000, .days = 200, .seed = 67}, NULL);
    uint64_t seed = 71;
    recoup_names_add(&view->cohorts, "second");
    for (int i = 0; i < view->n_deals; i++)
        view->cohort[i] = uniform(&seed) < of_second[view->channel[i]];
    recoup_model *model = fit(view);
    const grouping channels = {view->channel, channel_logit, 3};
    /* The square of cov = (.5·.9 - .5·.1) / 3 over the variances 1/6 of the logit, 1/4 of the
     * cohort. */
    const double explained = .4 * .4 / 9 / (1 / 6. / 4);
    for (int s = 0; s < STAGES; s++) {
        double information[3];
        add_information(view, truth, s, -1, &channels, information);
        for (int k = 0; k < 3; k++)
            information[k] *= 1 - explained;
        double worst = worst_deviation(model->stage[s].exit[0].channel_logit, channel_logit, 3);
        double most = most_deviation(&channels, information);
        print_message("stage %d: worst error of a channel's logit %.3f of at most %.3f\n", s + 1,
                      worst, most);
        assert_true(worst < most);
    }
    for (int s = 0; s < STAGES; s++)
        for (int c = 0; c < 2; c++) {
            total of = total_of(view, model, s, c);
            double error = sqrt(of.seen * (of.n - of.seen) / of.n) / of.n;
            print_message("stage %d, cohort %d: predicted %.4f, seen %.4f +- %.4f\n", s + 1, c + 1,
                          of.predicted / of.n, of.seen / of.n, error);
            assert_true(fabs(of.predicted - of.seen) / of.n < error);
        }
    recoup_model_free(model);
    free_view(view);
    recoup_model_free(truth);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cohorts_and_channels_are_recovered),
        cmocka_unit_test(no_signal_shrinks_to_the_team),
        cmocka_unit_test(absent_cohort),
        cmocka_unit_test(predicted_totals_are_those_seen),
        cmocka_unit_test(channels_of_a_cohort_count_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
