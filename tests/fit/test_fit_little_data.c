/* The whole fit on data that say little or nothing. */
#include "fitted.h"

static void no_deals_is_an_error(void **state) {
    (void)state;
    recoup_view *view = empty_view(2, 1, 0, 1, 1);
    recoup_model *model = NULL;
    recoup_error error = RECOUP_ERROR_INIT;
    assert_int_equal(recoup_fit(view, NULL, &model, &error), RECOUP_EINVALID);
    assert_null(model);
    assert_int_equal(error.n_errors, 1);
    recoup_error_clear(&error);
    free_view(view);
}

/* Every deal lost, one rep, none open; a stage that none ever reached. */
static void every_deal_lost(void **state) {
    (void)state;
    recoup_view *view = empty_view(3, 1, 0, 8, 16);
    for (int i = 0; i < 8; i++) {
        int deal = add_deal(view, 0, -1, view->as_of - 100 + i, 1000);
        if (i < 2)
            add_visit(view, deal, 0, view->as_of - 100, 3 + i, 1);
        add_visit(view, deal, i < 2, view->as_of - 90, 5 + 3 * i, RECOUP_TO_LOST);
    }
    recoup_model *model = fit(view);
    check_finite(model);
    assert_true(model->stage[0].exit[0].logit < 0);
    assert_true(model->stage[1].exit[0].logit < 0); /* no advance seen, half an event each */
    assert_true(fabs(model->stage[1].exit[0].logit - log(.5 / 2.5)) < ROUNDING);
    assert_true(has_note(model, "stage 3") && has_note(model, "no deal was ever in it"));
    assert_true(model->stage[2].exit[0].logit == 0);
    assert_true(fabs(recoup_dist_mean(&model->stage[2].exit[0].dwell) - 40) < ROUNDING);
    assert_true(has_note(model, "no dwell time of exit \"advance\" was ever seen"));
    /* All amounts equal: the spread is the least one. */
    assert_true(fabs(model->new_amount.mu - log(1000)) < ROUNDING);
    recoup_model_free(model);
    free_view(view);
}

/* One open deal, an hour old, without an amount: with a mean of 40 days in the prior it has 1e-3 of
 * a chance to have left, so that its logit is that of the half events, 0. */
static void one_open_deal(void **state) {
    (void)state;
    recoup_view *view = empty_view(2, 1, 0, 1, 1);
    int deal = add_deal(view, 0, -1, view->as_of - 1. / 24, 0);
    add_visit(view, deal, 0, view->as_of - 1. / 24, 1. / 24, RECOUP_TO_NONE);
    recoup_model *model = fit(view);
    check_finite(model);
    assert_false(model->has_new_amount);
    assert_true(has_note(model, "no new deals are simulated"));
    assert_true(has_note(model, "still open at the longest follow-up"));
    assert_true(fabs(model->stage[0].exit[0].logit) < 1e-3);
    recoup_model_free(model);
    free_view(view);
}

/* All dwells equal, and dwells of zero with clock times: no spread at all. */
static void no_spread(void **state) {
    (void)state;
    for (int zero = 0; zero < 2; zero++) {
        recoup_view *view = empty_view(1, 2, 0, 40, 40);
        for (int i = 0; i < 40; i++) {
            int deal = add_deal(view, i % 2, -1, view->as_of - 100 - i, 1000 + i);
            add_visit(view, deal, 0, view->created[deal], zero ? 0 : 7,
                      i % 4 ? RECOUP_TO_LOST : RECOUP_TO_WON);
        }
        recoup_model *model = fit(view);
        check_finite(model);
        recoup_model_free(model);
        free_view(view);
    }
}

/* Steps are told in order, each once, of a total that does not change. */
typedef struct steps {
    int n, total;
} steps;

static void count_step(int n_done, int n_total, void *user) {
    steps *seen = user;
    assert_int_equal(n_done, ++seen->n);
    assert_true(n_done < n_total && (seen->total == 0 || n_total == seen->total));
    seen->total = n_total;
}

static void progress_is_told(void **state) {
    (void)state;
    recoup_view *view = empty_view(2, 1, 0, 1, 1);
    recoup_model *model = NULL;
    recoup_error error = RECOUP_ERROR_INIT;
    steps seen = {0};
    add_deal(view, 0, -1, view->as_of - 100, 1000);
    const recoup_fit_options options = {.progress = count_step, .user = &seen};
    assert_int_equal(recoup_fit(view, &options, &model, &error), RECOUP_OK);
    assert_int_equal(seen.n, seen.total - 1);
    recoup_model_free(model);
    recoup_error_clear(&error);
    free_view(view);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(progress_is_told), cmocka_unit_test(no_deals_is_an_error),
        cmocka_unit_test(every_deal_lost),  cmocka_unit_test(one_open_deal),
        cmocka_unit_test(no_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
