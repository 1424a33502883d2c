/* The whole fit on deals whose exits and arrivals are counted by hand. */
#include "fitted.h"

static void jumps_get_exits_when_frequent(void **state) {
    (void)state;
    recoup_view *view = empty_view(4, 1, 0, 400, 400);
    for (int i = 0; i < 400; i++) {
        int deal = add_deal(view, 0, -1, view->as_of - 300, 1000);
        int target = i < 150   ? 2             /* next */
                     : i < 165 ? RECOUP_TO_WON /* straight to won, 15 */
                     : i < 190 ? 0             /* back, 25 */
                     : i < 195 ? 3             /* skip, 5: rare */
                               : RECOUP_TO_LOST;
        add_visit(view, deal, 1, view->as_of - 300, 1 + i % 50, target);
    }
    recoup_model *model = fit(view);
    const recoup_stage *stage = &model->stage[1];
    check_finite(model);
    assert_int_equal(stage->n_exits, 4);
    assert_string_equal(stage->exit[2].name, "to stage 1");
    assert_int_equal(stage->exit[2].target, 0);
    assert_string_equal(stage->exit[3].name, "won");
    assert_int_equal(stage->exit[3].target, RECOUP_EXIT_WON);
    assert_true(stage->exit[0].fit.n_events == 155 && stage->exit[1].fit.n_events == 205);
    assert_true(has_note(model, "5 rare jumps ahead"));
    /* No stay is open: shares are counts, half an event added to each. */
    assert_true(fabs(stage->exit[3].logit - log(15.5 / 205.5)) < ROUNDING);
    assert_true(fabs(stage->exit[0].logit - log(155.5 / 205.5)) < ROUNDING);
    recoup_model_free(model);
    free_view(view);
}

static void unknown_entries_count_for_conversion(void **state) {
    (void)state;
    recoup_view *view = empty_view(1, 1, 0, 100, 100);
    for (int i = 0; i < 100; i++) {
        int deal = add_deal(view, 0, -1, view->as_of - 300, 1000);
        add_visit(view, deal, 0, view->as_of - 200, 10 + i % 30,
                  i < 30 ? RECOUP_TO_WON : RECOUP_TO_LOST);
        view->visit[i].entry_known = i % 2;
    }
    recoup_model *model = fit(view);
    assert_true(fabs(model->stage[0].exit[0].logit - log(30.5 / 70.5)) < ROUNDING);
    assert_true(has_note(model, "50 deals without a recorded time of entry"));
    recoup_model_free(model);
    for (int i = 0; i < 100; i++)
        view->visit[i].entry_known = false;
    model = fit(view);
    assert_true(has_note(model, "count from the creation"));
    assert_true(recoup_dist_median(&model->stage[0].exit[1].dwell) > 100);
    recoup_model_free(model);
    free_view(view);
}

static void inflow_is_counted(void **state) {
    (void)state;
    recoup_view *view = empty_view(1, 2, 2, 120, 120);
    recoup_names_add(&view->segments, "large");
    recoup_names_add(&view->segments, "small");
    double sum = 0, squares = 0;
    for (int i = 0; i < 120; i++) {
        bool old = i < 20; /* before the window of 365 days; the others all through it */
        /* logs in a heap around the middle, so that the lognormal is the most likely law */
        static const double log_amount[7] = {-2, -.5, -.2, 0, .2, .5, 2};
        double amount = old ? 1 : 1000 * exp(log_amount[i % 7]);
        int deal = add_deal(view, i % 2, i % 4 == 3 ? -1 : i % 2,
                            view->as_of - (old ? 500 : 365 - 3 * (i - 20)), amount);
        add_visit(view, deal, 0, view->created[deal], 20, RECOUP_TO_WON);
        view->segment[deal] = i % 4 == 0 ? 0 : 1;
        view->list_amount[deal] = amount / (1 - .01 * (i % 5));
        if (!old) {
            sum += log(amount) / 100;
            squares += log(amount) * log(amount) / 100;
        }
    }
    recoup_model *model = fit(view);
    check_finite(model);
    /* 50 deals of each cohort in 365 days; cohort 2's without a channel go to its channel 2. */
    assert_true(fabs(model->arrivals[0] - 50 / 365.) < ROUNDING && model->arrivals[1] == 0);
    assert_true(fabs(model->arrivals[3] - 50 / 365.) < ROUNDING && model->arrivals[2] == 0);
    assert_true(fabs(model->arrivals_se[0] - sqrt(50) / 365) < ROUNDING);
    assert_true(fabs(model->segment_mix[0] - 25.5 / 101) < ROUNDING);
    assert_true(fabs(model->new_amount.mu - sum) < ROUNDING);
    assert_true(fabs(model->new_amount.shape[0] - sqrt(squares - sum * sum)) < ROUNDING);
    assert_int_equal(model->n_discount, 21);
    assert_true(fabs(model->discount_quantile[0]) < ROUNDING);
    assert_true(fabs(model->discount_quantile[20] - .04) < ROUNDING);
    assert_true(fabs(model->discount_quantile[10] - .02) < ROUNDING);
    recoup_model_free(model);
    free_view(view);
}

/* A cohort whose first deal comes late is counted from that deal on, which opens the window and is
 * not counted itself: 30 more in 61 days. */
static void late_cohort_is_not_diluted(void **state) {
    (void)state;
    recoup_view *view = empty_view(1, 2, 0, 400, 400);
    for (int i = 0; i < 365; i++) {
        int deal = add_deal(view, 0, -1, view->as_of - 365 + i, 100);
        add_visit(view, deal, 0, view->created[deal], .5, RECOUP_TO_LOST);
    }
    for (int i = 0; i < 31; i++) {
        int deal = add_deal(view, 1, -1, view->as_of - 61 + 2 * i, 100);
        add_visit(view, deal, 0, view->created[deal], .5, RECOUP_TO_LOST);
    }
    recoup_model *model = fit(view);
    assert_true(fabs(model->arrivals[0] - 1) < ROUNDING);
    assert_true(fabs(model->arrivals[1] - 30 / 61.) < ROUNDING);
    assert_true(has_note(model, "counted since then"));
    recoup_model_free(model);
    free_view(view);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jumps_get_exits_when_frequent),
        cmocka_unit_test(unknown_entries_count_for_conversion),
        cmocka_unit_test(inflow_is_counted),
        cmocka_unit_test(late_cohort_is_not_diluted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
