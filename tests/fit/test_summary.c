/* What is shown of a fit: against sums by hand, and the test of the reps against all exchanges. */
#include "fit/conversion.h"
#include "fit/reps.h"
#include "synthetic_view.h"
#include <recoup/fit.h>
#include <recoup/fit_summary.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define NEAR(a, b) assert_true(fabs((a) - (b)) < 1e-9)

/* One stage, two cohorts, two channels, with given standard errors. */
static double cohort_logit[2] = {.5, -.5}, cohort_logit_se[2] = {.3, 0};
static double cohort_log_dwell[2] = {.2, -.2}, cohort_mu_se[2] = {.05, 0};
static double channel_logit[2] = {1, -1};

static recoup_model *given_model(void) {
    recoup_model *model = recoup_model_new();
    assert_non_null(model);
    recoup_names_add(&model->cohorts, "cohort 1");
    recoup_names_add(&model->cohorts, "cohort 2");
    model->n_stages = 1;
    model->stage = recoup_arena_alloc(&model->arena, 1, sizeof *model->stage);
    model->stage[0].name = recoup_arena_text(&model->arena, "stage 1", 7);
    model->stage[0].n_exits = 2;
    recoup_exit *exit = recoup_arena_alloc(&model->arena, 2, sizeof *exit);
    exit[0] = (recoup_exit){.target = RECOUP_EXIT_WON,
                            .logit = .1,
                            .cohort_logit = cohort_logit,
                            .cohort_logit_se = cohort_logit_se,
                            .channel_logit = channel_logit,
                            .dwell = {RECOUP_WEIBULL, log(10), {2}},
                            .cohort_log_dwell = cohort_log_dwell,
                            .cohort_mu_se = cohort_mu_se,
                            .fit = {.logit_se = .4, .log_median_se = .12}};
    exit[1] = (recoup_exit){.target = RECOUP_EXIT_LOST,
                            .dwell = {RECOUP_EXPONENTIAL, log(20), {0}},
                            .fit = {.logit_se = NAN,
                                    .log_median_se = NAN,
                                    .n_events = 2,
                                    .gof_distance = .06,
                                    .gof_days = 31,
                                    .gof_bound = .01}};
    exit[0].name = recoup_arena_text(&model->arena, "advance", 7);
    exit[1].name = recoup_arena_text(&model->arena, "lost", 4);
    model->stage[0].exit = exit;
    return model;
}

static double share(double logit) {
    return 1 / (1 + exp(-logit));
}

static void summary_by_hand(void **state) {
    (void)state;
    recoup_model *model = given_model();
    recoup_view *view = empty_view(1, 2, 2, 6, 6);
    /* cohort 1: won by channel 1, open by channel 2; cohort 2: lost, lost, open by channel 1 */
    const int cohort[] = {0, 0, 1, 1, 1}, channel[] = {0, 1, 0, 0, 0};
    const int target[] = {RECOUP_TO_WON, RECOUP_TO_NONE, RECOUP_TO_LOST, RECOUP_TO_LOST,
                          RECOUP_TO_NONE};
    for (int i = 0; i < 5; i++)
        add_visit(view, add_deal(view, cohort[i], channel[i], view->as_of - 9, NAN), 0,
                  view->as_of - 9, target[i] == RECOUP_TO_NONE ? 9 : 5, target[i]);
    recoup_fit_summary *summary = NULL;
    assert_int_equal(recoup_fit_summarise(view, model, &summary, NULL), RECOUP_OK);
    assert_int_equal(summary->n_rows, 3);
    const recoup_fit_row *all = &summary->row[0], *first = &summary->row[1];
    assert_null(all->cohort);
    assert_string_equal(first->cohort, "cohort 1");
    assert_true(all->n_entered == 5 && all->n_advance == 1 && all->n_lost == 2 &&
                all->n_open == 2 && all->n_other == 0);
    assert_true(first->n_entered == 2 && first->n_advance == 1 && first->n_open == 1);
    double a = share(1.6), b = share(-.4), c = share(.6), mean = (a + b) / 2;
    NEAR(first->conversion.value, mean);
    NEAR(all->conversion.value, (a + b + 3 * c) / 5);
    /* delta method: the slope of the logit of the mean; variance .4² + .3² = .5² */
    double slope = (a * (1 - a) + b * (1 - b)) / 2 / (mean * (1 - mean)),
           logit = log(mean / (1 - mean));
    NEAR(first->conversion.low, share(logit - 1.959963984540054 * slope * .5));
    NEAR(first->conversion.high, share(logit + 1.959963984540054 * slope * .5));
    /* cohort 2 has one kind of deal: the slope is 1, its own error 0 */
    NEAR(summary->row[2].conversion.high, share(.6 + 1.959963984540054 * .4));
    double median = 10 * exp(.2) * sqrt(log(2)); /* .12² + .05² = .13² */
    NEAR(first->median_days.value, median);
    NEAR(first->median_days.low, median * exp(-1.959963984540054 * .13));
    assert_int_equal(summary->n_exits, 2);
    const recoup_fit_exit *lost = &summary->exit[1];
    assert_string_equal(summary->exit[0].exit, "advance");
    assert_string_equal(lost->stage, "stage 1");
    assert_string_equal(lost->family, "exponential");
    assert_true(lost->n_events == 2 && lost->gof_distance == .06 && lost->gof_days == 31 &&
                lost->gof_bound == .01);
    recoup_fit_summary_free(summary);
    free_view(view);
    recoup_model_free(model);
}

/* A stage where a cohort never was shows what its terms say. */
static void empty_cohort(void **state) {
    (void)state;
    recoup_model *model = given_model();
    recoup_view *view = empty_view(1, 2, 2, 1, 1);
    add_visit(view, add_deal(view, 0, 0, view->as_of - 9, NAN), 0, view->as_of - 9, 5,
              RECOUP_TO_WON);
    recoup_fit_summary *summary = NULL;
    assert_int_equal(recoup_fit_summarise(view, model, &summary, NULL), RECOUP_OK);
    NEAR(summary->row[2].conversion.value, share(.1 - .5));
    assert_true(summary->row[2].n_entered == 0);
    recoup_fit_summary_free(summary);
    free_view(view);
    recoup_model_free(model);
}

/* --- reps ------------------------------------------------------------------------------------ */

/* Scores y - p of six stays of three groups in one cohort: all 720 orders by hand. */
static double score_of[6] = {.6, .6, .6, -.4, -.4, -.4}, information_of[6];

static double all_orders(const int *group, int *order, int n, bool *used, double seen, double *of) {
    if (n == 6) {
        double score[3] = {0}, sum = 0, mean = 0;
        for (int i = 0; i < 6; i++)
            mean += score_of[i] / 6;
        for (int i = 0; i < 6; i++)
            score[group[i]] += score_of[order[i]] - mean;
        for (int g = 0; g < 3; g++)
            sum += score[g] * score[g] / (2 * .24);
        ++*of;
        return seen < 0 ? sum : sum >= seen - 1e-9;
    }
    double total = 0;
    for (int k = 0; k < 6; k++)
        if (!used[k]) {
            used[k] = true;
            order[n] = k;
            double one = all_orders(group, order, n + 1, used, seen, of);
            used[k] = false;
            if (seen < 0)
                return one; /* the first order is the one that was seen */
            total += one;
        }
    return total;
}

/* The share of shuffles has a standard error of sqrt(p(1 - p)/9,999) below .005; four of these. */
static void p_value_is_the_share_of_exchanges(void **state) {
    (void)state;
    int group[6] = {0, 0, 1, 1, 2, 2}, deal[6] = {0, 1, 2, 3, 4, 5}, order[6], cohort[6] = {0};
    bool used[6] = {false};
    double n = 0, value[3] = {0}, variance[3] = {1, 1, 1};
    for (int i = 0; i < 6; i++)
        information_of[i] = .24;
    double seen = all_orders(group, order, 0, used, -1, &n);
    memset(used, 0, sizeof used);
    n = 0;
    double exact = all_orders(group, order, 0, used, seen, &n) / n;
    assert_true(n == 720);
    recoup_group_shifts shifts = {3, value, variance, 6, group, deal, score_of, information_of};
    double p = recoup_reps_p_value(&shifts, cohort, 1, 9999, 5);
    print_message("p %.4f, of all exchanges %.4f\n", p, exact);
    assert_true(fabs(p - exact) < .02);
    /* Exchanges stay within cohorts: with the groups as cohorts nothing can change. */
    NEAR(recoup_reps_p_value(&shifts, group, 3, 99, 5), 1);
    recoup_group_shifts one = {1, value, variance, 6, cohort, deal, score_of, information_of};
    assert_true(isnan(recoup_reps_p_value(&one, cohort, 1, 99, 5)));
}

/* Deals of one cohort shared out among reps; `spread`: every other rep's logit is higher by it, the
 * others' lower. */
static recoup_view *rep_view(int n_deals, int n_reps, double spread, uint64_t *seed) {
    recoup_view *view = empty_view(1, 1, 0, n_deals, n_deals);
    view->n_reps = n_reps;
    view->rep_id = recoup_arena_alloc(&view->arena, (size_t)n_reps, sizeof *view->rep_id);
    view->rep_cohort = recoup_arena_alloc(&view->arena, (size_t)n_reps, sizeof(int));
    for (int r = 0; r < n_reps; r++) {
        char name[16];
        int length = snprintf(name, sizeof name, "R%02d", r);
        view->rep_id[r] = recoup_arena_text(&view->arena, name, (size_t)length);
    }
    for (int i = 0; i < n_deals; i++) {
        int rep = i % n_reps;
        double created = view->as_of - 200 * uniform(seed), dwell = -20 * log(uniform(seed));
        bool won = uniform(seed) < share(rep % 2 ? spread : -spread),
             ended = created + dwell < view->as_of;
        int deal = add_deal(view, 0, -1, created, 1000);
        view->rep[deal] = rep;
        add_visit(view, deal, 0, created, ended ? dwell : view->as_of - created,
                  !ended ? RECOUP_TO_NONE
                  : won  ? RECOUP_TO_WON
                         : RECOUP_TO_LOST);
    }
    return view;
}

static recoup_rep_summary *summarise_reps(const recoup_view *view) {
    recoup_model *model = NULL;
    recoup_rep_summary *reps = NULL;
    assert_int_equal(recoup_fit(view, NULL, &model, NULL), RECOUP_OK);
    assert_int_equal(recoup_fit_reps(view, model, &reps, NULL), RECOUP_OK);
    for (int i = 0; i < reps->n_rows; i++) /* names live in the model */
        reps->row[i].stage = reps->row[i].cohort = NULL;
    recoup_model_free(model);
    return reps;
}

/* 2,000 deals of 20 reps, logits ±.8: the sd is .8, a rep's own standard error .22; a mean of ten
 * has .07, of which four. */
static void reps_that_differ_are_told_apart(void **state) {
    (void)state;
    uint64_t seed = 3;
    recoup_view *view = rep_view(2000, 20, .8, &seed);
    recoup_rep_summary *reps = summarise_reps(view);
    double mean[2] = {0};
    assert_true(reps->n_rows == 20 && reps->spread[0].n_reps == 20);
    for (int r = 0; r < 20; r++) {
        const recoup_estimate *one = &reps->row[r].conversion;
        assert_true(one->low < one->value && one->value < one->high);
        assert_true(reps->row[r].n_entered == 100);
        mean[r % 2] += log(one->value / (1 - one->value)) / 10;
    }
    print_message("sd %.2f, p %.3f, means %.2f and %.2f\n", reps->spread[0].sd,
                  reps->spread[0].p_value, mean[0], mean[1]);
    assert_true(reps->spread[0].p_value == .001);
    assert_true(fabs(reps->spread[0].sd - .8) < .28);
    assert_true(fabs(mean[0] + .8) < .32 && fabs(mean[1] - .8) < .32);
    recoup_rep_summary_free(reps);
    free_view(view);
}

/* Four deals a rep and no difference: p below .2 in a fifth of 150 books (12 of 150 is the fifth
 * less four standard errors, 48 more four). */
static void p_values_are_right_with_few_deals(void **state) {
    (void)state;
    uint64_t seed = 7;
    int small = 0;
    for (int book = 0; book < 150; book++) {
        recoup_view *view = rep_view(48, 12, 0, &seed);
        view->digest = (uint64_t)book;
        recoup_rep_summary *reps = summarise_reps(view);
        small += reps->spread[0].p_value <= .2;
        recoup_rep_summary_free(reps);
        free_view(view);
    }
    print_message("%d of 150 p values are .2 or less\n", small);
    assert_true(small >= 12 && small <= 48);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(summary_by_hand),
        cmocka_unit_test(empty_cohort),
        cmocka_unit_test(p_value_is_the_share_of_exchanges),
        cmocka_unit_test(reps_that_differ_are_told_apart),
        cmocka_unit_test(p_values_are_right_with_few_deals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
