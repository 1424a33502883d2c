/* The fit on real data, where the environment variable RECOUP_DATA names a folder that holds
 * loans/ (BPI Challenge 2012, DOI 10.4121/uuid:3926db30-f712-4394-aebc-75976070e91f, as canonical
 * tables); skipped elsewhere. */
#include "crm/view.h"
#include "fit/predict.h"
#include <recoup/fit.h>
#include <recoup/fit_summary.h>

#include "base/date.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

static recoup_dataset *load(const char *folder) {
    char deals[1024], history[1024], reps[1024];
    recoup_dataset *dataset = NULL;
    recoup_error error = RECOUP_ERROR_INIT;
    snprintf(deals, sizeof deals, "%s/loans/deals.csv", folder);
    snprintf(history, sizeof history, "%s/loans/stage_history.csv", folder);
    snprintf(reps, sizeof reps, "%s/loans/reps.csv", folder);
    recoup_dataset_source source = {.deals = deals, .stage_history = history, .reps = reps};
    if (recoup_dataset_load(&source, &dataset, &error) != RECOUP_OK)
        recoup_error_print(&error, stderr);
    recoup_error_clear(&error);
    return dataset;
}

/* All deals in one cohort: the table knows none, and the unassigned ones are not told apart. */
static recoup_view *view_of(const recoup_dataset *dataset, double as_of) {
    recoup_view *view = NULL;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_view_options options = {.as_of = as_of, .period_start = as_of};
    if (recoup_view_create(dataset, &options, &view, &error) != RECOUP_OK)
        recoup_error_print(&error, stderr);
    recoup_error_clear(&error);
    return view;
}

typedef struct win_rate {
    double predicted, naive, eventual;
    recoup_eventual eventual_of_all; /* what a user sees: of all deals created before as_of */
} win_rate;

/* Of the deals created before `before`: seen as of `as_of`, and as they came out in the whole file.
 */
static win_rate win_rate_of(const recoup_dataset *dataset, double as_of, double before) {
    win_rate rate = {0};
    recoup_view *view = view_of(dataset, as_of), *later = view_of(dataset, as_of + 365);
    recoup_model *model = NULL;
    recoup_error error = RECOUP_ERROR_INIT;
    assert_non_null(view);
    assert_non_null(later);
    clock_t start = clock();
    recoup_status status = recoup_fit(view, NULL, &model, &error);
    print_message("%d visits fitted in %.2f s\n", view->n_visits,
                  (double)(clock() - start) / CLOCKS_PER_SEC);
    recoup_error_print(&error, stdout);
    recoup_error_clear(&error);
    assert_int_equal(status, RECOUP_OK);
    double n = 0, won = 0, closed = 0;
    for (int i = 0; i < view->n_deals; i++) {
        if (!(view->created[i] < before))
            continue;
        n++;
        won += view->outcome[i] == RECOUP_WON;
        closed += view->outcome[i] != RECOUP_OPEN;
        recoup_deal_state deal = {view->stage[i],
                                  as_of - view->stage_entered[i],
                                  view->cohort[i],
                                  view->channel[i],
                                  view->segment[i],
                                  view->amount[i],
                                  0};
        if (view->outcome[i] == RECOUP_OPEN)
            rate.predicted += recoup_predict_win(model, &deal);
    }
    rate.predicted = (rate.predicted + won) / n;
    rate.naive = won / closed;
    n = won = closed = 0;
    for (int i = 0; i < later->n_deals; i++)
        if (later->created[i] < before) {
            won += later->outcome[i] == RECOUP_WON;
            closed += later->outcome[i] != RECOUP_OPEN;
        }
    rate.eventual = won / closed;
    assert_int_equal(recoup_fit_eventual(view, model, &rate.eventual_of_all, &error), RECOUP_OK);
    for (int s = 0; s < model->n_stages; s++)
        for (int e = 0; e < model->stage[s].n_exits; e++) {
            const recoup_exit *exit = &model->stage[s].exit[e];
            print_message("  %-16s %-10s logit %6.3f %-11s median %8.4f shape %.3f events %.0f\n",
                          model->stage[s].name, exit->name, exit->logit,
                          recoup_family_name(exit->dwell.family), recoup_dist_median(&exit->dwell),
                          exit->dwell.shape[0], exit->fit.n_events);
        }
    recoup_model_free(model);
    recoup_view_free(view);
    recoup_view_free(later);
    return rate;
}

/* The closed deals' win rate is too low, since wins take longer than losses; the fit must get
 * nearer to what the same deals came to, and its 95 % interval must hold that in three cases of
 * four (fewer have a probability of .014) without holding the naive rate as well. */
static void win_rate_is_nearer_than_the_naive_one(void **state) {
    (void)state;
    const char *folder = getenv("RECOUP_DATA");
    if (!folder) {
        print_message("RECOUP_DATA is not set: skipped\n");
        skip();
    }
    recoup_dataset *dataset = load(folder);
    assert_non_null(dataset);
    int nearer = 0, covered = 0, apart = 0;
    const int cuts[][3] = {{2011, 11, 1}, {2011, 12, 1}, {2012, 1, 1}, {2012, 2, 1}};
    for (int i = 0; i < 4; i++) {
        double cut = recoup_days_from_civil(cuts[i][0], cuts[i][1], cuts[i][2]);
        win_rate rate = win_rate_of(dataset, cut, cut);
        recoup_estimate seen = rate.eventual_of_all.win_rate;
        print_message("as of %d-%02d-%02d: predicted %.4f (%.4f to %.4f), closed deals %.4f, "
                      "eventual %.4f\n",
                      cuts[i][0], cuts[i][1], cuts[i][2], seen.value, seen.low, seen.high,
                      rate.naive, rate.eventual);
        nearer += fabs(rate.predicted - rate.eventual) < fabs(rate.naive - rate.eventual) &&
                  fabs(seen.value - rate.eventual) < fabs(rate.naive - rate.eventual);
        covered += seen.low <= rate.eventual && rate.eventual <= seen.high;
        apart += rate.naive < seen.low || rate.naive > seen.high;
        assert_true(fabs(rate.eventual_of_all.naive - rate.naive) < 1e-12);
    }
    /* Seen six weeks later; the closed deals of the first cut said .156, the end is .180. */
    win_rate later = win_rate_of(dataset, recoup_days_from_civil(2012, 1, 15),
                                 recoup_days_from_civil(2011, 12, 1));
    print_message("as of 2012-01-15, created before 2011-12-01: predicted %.4f, eventual %.4f\n",
                  later.predicted, later.eventual);
    assert_true(fabs(later.predicted - .180) < fabs(later.predicted - .156));
    assert_int_equal(nearer, 4);
    assert_true(covered >= 3 && apart >= 3);
    recoup_dataset_free(dataset);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(win_rate_is_nearer_than_the_naive_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
