/* Facts about data that others published, computed apart from this program. The folder that holds
 * them is named by the environment variable RECOUP_DATA; without it the tests are skipped.
 *
 * loans/: the loan applications of the BPI Challenge 2012 (doi 10.4121/uuid:3926db30-f712-4394-
 * aebc-75976070e91f) as deals. hardware/: "CRM Sales Opportunities" of Maven Analytics. */
#include "crm_files.h"

#include <math.h>

static bool find_folder(const char *name, char *path, size_t size) {
    const char *data = getenv("RECOUP_DATA");
    if (!data) {
        print_message("skipped: RECOUP_DATA does not name a folder of published data\n");
        return false;
    }
    snprintf(path, size, "%s/%s", data, name);
    if (access(path, R_OK) == 0)
        return true;
    print_message("skipped: there is no %s\n", path);
    return false;
}

static int count(const recoup_view *view, const char *stage, int target) {
    int from = recoup_names_find(&view->stages, stage), n = 0;
    assert_true(from >= 0);
    for (int k = 0; k < view->n_visits; k++)
        n += view->visit[k].stage == from && view->visit[k].target == target;
    return n;
}

static int moves(const recoup_view *view, const char *stage, const char *to) {
    return count(view, stage, recoup_names_find(&view->stages, to));
}

static int compare_numbers(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Median dwell of the completed visits of a stage. */
static double median_dwell(const recoup_view *view, const char *stage) {
    double *dwell = calloc((size_t)view->n_visits, sizeof *dwell);
    size_t n = 0;
    assert_non_null(dwell);
    for (int k = 0; k < view->n_visits; k++)
        if (view->visit[k].stage == recoup_names_find(&view->stages, stage) &&
            view->visit[k].target != RECOUP_TO_NONE)
            dwell[n++] = view->visit[k].dwell;
    qsort(dwell, n, sizeof *dwell, compare_numbers);
    double median = (dwell[(n - 1) / 2] + dwell[n / 2]) / 2;
    free(dwell);
    return median;
}

static void test_loans(void **state) {
    (void)state;
    char folder[400], paths[4][500];
    static const char *const names[] = {"deals", "stage_history", "reps", "activities"};
    if (!find_folder("loans", folder, sizeof folder))
        skip();
    for (int i = 0; i < 4; i++)
        snprintf(paths[i], sizeof paths[i], "%s/%s.csv", folder, names[i]);
    recoup_dataset_source source = {
        .deals = paths[0], .stage_history = paths[1], .reps = paths[2], .activities = paths[3]};
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_view_options options = crm_options("2012-03-15");
    recoup_view *view = crm_view(&source, &options, &error);
    static const char *const stages[] = {"Submitted", "Preaccepted", "Accepted", "Offer sent",
                                         "Offer returned"};
    assert_int_equal(view->n_deals, 13087);
    assert_int_equal(view->stages.n, 5); /* their order is told by the history */
    for (int i = 0; i < 5; i++)
        assert_string_equal(view->stages.name[i], stages[i]);
    int submitted = 0;
    for (int k = 0; k < view->n_visits; k++)
        submitted += view->visit[k].stage == 0;
    assert_int_equal(submitted, 13087);
    assert_int_equal(moves(view, "Submitted", "Preaccepted"), 7367);
    assert_int_equal(moves(view, "Preaccepted", "Accepted"), 5113);
    assert_int_equal(count(view, "Preaccepted", RECOUP_TO_LOST), 2185);
    assert_int_equal(count(view, "Preaccepted", RECOUP_TO_NONE), 69);
    assert_int_equal(moves(view, "Accepted", "Offer sent"), 5015);
    assert_int_equal(moves(view, "Offer sent", "Offer returned"), 3254);
    assert_int_equal(count(view, "Offer sent", RECOUP_TO_LOST), 1530);
    assert_int_equal(count(view, "Offer sent", RECOUP_TO_NONE), 231);
    assert_int_equal(count(view, "Offer returned", RECOUP_TO_WON), 2246);
    assert_int_equal(count(view, "Offer returned", RECOUP_TO_LOST), 912);
    assert_int_equal(count(view, "Offer returned", RECOUP_TO_NONE), 96);
    /* given to one decimal */
    assert_true(fabs(median_dwell(view, "Offer sent") - 10.7) <= 0.05);
    assert_true(fabs(median_dwell(view, "Offer returned") - 4.0) <= 0.05);
    assert_int_equal(view->n_open, 3 + 69 + 231 + 96);
    recoup_view_free(view);
    recoup_error_clear(&error);
}

/* Share of won among the closed deals at a cut, and finally among all deals that existed at the
 * cut; the second from the view at the end. */
static void test_loans_at_cuts(void **state) {
    (void)state;
    char folder[400], deals[500], history[500];
    static const struct {
        const char *as_of;
        double naive, eventual;
    } cuts[] = {{"2011-11-01", .133, .209},
                {"2011-12-01", .156, .180},
                {"2012-01-01", .166, .179},
                {"2012-02-01", .164, .179}};
    if (!find_folder("loans", folder, sizeof folder))
        skip();
    snprintf(deals, sizeof deals, "%s/deals.csv", folder);
    snprintf(history, sizeof history, "%s/stage_history.csv", folder);
    recoup_dataset_source source = {.deals = deals, .stage_history = history};
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_view_options options = crm_options("2012-03-15");
    recoup_view *last = crm_view(&source, &options, &error);
    for (size_t c = 0; c < sizeof cuts / sizeof *cuts; c++) {
        options = crm_options(cuts[c].as_of);
        recoup_view *view = crm_view(&source, &options, &error);
        int won = 0, closed = 0, later_won = 0, later_closed = 0;
        for (int i = 0; i < view->n_deals; i++) {
            won += view->outcome[i] == RECOUP_WON;
            closed += view->outcome[i] != RECOUP_OPEN;
        }
        for (int i = 0; i < last->n_deals; i++) {
            if (last->created[i] >= options.as_of)
                continue;
            later_won += last->outcome[i] == RECOUP_WON;
            later_closed += last->outcome[i] != RECOUP_OPEN;
        }
        /* given to three decimals */
        assert_true(fabs((double)won / closed - cuts[c].naive) <= 0.0005);
        assert_true(fabs((double)later_won / later_closed - cuts[c].eventual) <= 0.0005);
        recoup_view_free(view);
    }
    recoup_view_free(last);
    recoup_error_clear(&error);
}

static void test_hardware(void **state) {
    (void)state;
    char folder[400], deals[500], reps[500];
    static const char *const stages[] = {"Prospecting", "Engaging"};
    static const char *const starts[] = {"2017-01-01", "2017-04-01", "2017-07-01", "2017-10-01",
                                         "2018-01-01"};
    static const double won_values[] = {1134672, 3086111, 2982255, 2802496};
    if (!find_folder("hardware", folder, sizeof folder))
        skip();
    snprintf(deals, sizeof deals, "%s/deals.csv", folder);
    snprintf(reps, sizeof reps, "%s/reps.csv", folder);
    recoup_dataset_source source = {.deals = deals, .reps = reps, .stages = stages, .n_stages = 2};
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_view_options options = crm_options("2018-01-01");
    recoup_view *view = crm_view(&source, &options, &error);
    for (int q = 0; q < 4; q++) {
        double value = 0;
        for (int i = 0; i < view->n_deals; i++)
            if (view->outcome[i] == RECOUP_WON && view->closed[i] >= crm_day(starts[q]) &&
                view->closed[i] < crm_day(starts[q + 1]))
                value += view->amount[i];
        assert_true(value == won_values[q]); /* whole dollars: sums are exact */
    }
    assert_int_equal(view->n_reps, 35);
    assert_int_equal(view->n_open, 1589);
    assert_true(view->dated_by_day);
    assert_true(crm_has_note(&error, "open deals without a date of creation: 500"));
    assert_true(crm_has_note(&error, "closed deals of which no stage is known: 6711"));
    recoup_view_free(view);
    recoup_error_clear(&error);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_loans),
        cmocka_unit_test(test_loans_at_cuts),
        cmocka_unit_test(test_hardware),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
