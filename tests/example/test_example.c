/* The example against the truth that it states: counts and shares within their sampling errors. */
#include "base/file.h"
#include "crm/view.h"
#include "model/model.h"
#include <math.h>
#include <recoup/example.h>
#include <recoup/scenario.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const files[] = {"deals.csv",      "stage_history.csv", "reps.csv",
                                    "activities.csv", "scenario.yaml",     "truth.yaml"};

static void remove_all(const char *folder) {
    char path[256];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        unlink(path);
    }
    rmdir(folder);
}

static void require_ok(recoup_status status, recoup_error *error) {
    if (status != RECOUP_OK)
        recoup_error_print(error, stderr);
    assert_int_equal(status, RECOUP_OK);
}

static char *contents(const char *folder, const char *name) {
    char path[256], *bytes = NULL;
    size_t length;
    recoup_error error = RECOUP_ERROR_INIT;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    require_ok(recoup_file_read(path, &bytes, &length, &error), &error);
    return bytes;
}

/* Equal seeds give equal bytes, another seed others; what exists is left alone. */
static void test_reproducible(void **state) {
    (void)state;
    char folder[3][64] = {"/tmp/recoup-example-XXXXXX", "/tmp/recoup-example-XXXXXX",
                          "/tmp/recoup-example-XXXXXX"};
    recoup_error error = RECOUP_ERROR_INIT;
    for (int i = 0; i < 3; i++) {
        recoup_example_options options = {.seed = i < 2 ? 7 : 8, .deals = 300};
        assert_non_null(mkdtemp(folder[i]));
        require_ok(recoup_example_write(folder[i], &options, &error), &error);
    }
    for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
        char *x = contents(folder[0], files[k]), *y = contents(folder[1], files[k]);
        assert_string_equal(x, y);
        free(x);
        free(y);
    }
    char *x = contents(folder[0], "deals.csv"), *z = contents(folder[2], "deals.csv");
    assert_string_not_equal(x, z);
    recoup_example_options options = {.seed = 9, .deals = 300};
    assert_int_equal(recoup_example_write(folder[0], &options, &error), RECOUP_EINVALID);
    assert_int_equal(error.n_errors, 6);
    char *again = contents(folder[0], "deals.csv");
    assert_string_equal(x, again);
    recoup_error_clear(&error);
    free(x);
    free(z);
    free(again);
    for (int i = 0; i < 3; i++)
        remove_all(folder[i]);
}

/* 12,000 deals. Their number has a Poisson error and that of eight quarters' market factors
 * (loading .06); the shares of a stage's visits that went on are checked over the whole history
 * against the truth, with the factor's loading (.12) as part of the error. */
static void test_follows_the_truth(void **state) {
    (void)state;
    enum { DEALS = 12000 };
    char folder[] = "/tmp/recoup-example-XXXXXX", path[256];
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_example_options options = {.seed = 3, .deals = DEALS};
    recoup_model *truth = NULL;
    recoup_scenario *scenario = NULL;
    recoup_dataset *dataset = NULL;
    recoup_view *view = NULL;
    recoup_dataset_source source;
    recoup_view_options as_of;
    assert_non_null(mkdtemp(folder));
    require_ok(recoup_example_write(folder, &options, &error), &error);
    snprintf(path, sizeof path, "%s/truth.yaml", folder);
    require_ok(recoup_model_load(path, &truth, &error), &error);
    snprintf(path, sizeof path, "%s/scenario.yaml", folder);
    require_ok(recoup_scenario_load(path, &scenario, &error), &error);
    recoup_scenario_source(scenario, &source);
    recoup_scenario_view_options(scenario, &as_of);
    require_ok(recoup_dataset_load(&source, &dataset, &error), &error);
    require_ok(recoup_view_create(dataset, &as_of, &view, &error), &error);
    assert_int_equal(view->n_reps, 60);
    assert_true(fabs(view->n_deals - (double)DEALS) <
                4 * sqrt(DEALS + DEALS * (double)DEALS * .06 * .06 / 8));
    double sum = 0, squares = 0;
    for (int i = 0; i < view->n_deals; i++) {
        sum += log(view->amount[i]);
        squares += log(view->amount[i]) * log(view->amount[i]);
    }
    double mean = sum / view->n_deals, sigma = truth->new_amount.shape[0];
    /* amounts below 500 are raised to it: fewer than one in a million */
    assert_true(fabs(mean - truth->new_amount.mu) < 4 * sigma / sqrt(view->n_deals));
    double sd = sqrt(squares / view->n_deals - mean * mean);
    assert_true(fabs(sd - sigma) < 4 * sigma / sqrt(2. * view->n_deals));
    for (int s = 0; s < 5; s++) {
        double went_on = 0, expected = 0, variance = 0, n = 0;
        for (int k = 0; k < view->n_visits; k++) {
            const recoup_visit *visit = &view->visit[k];
            /* those that entered long ago have all left: no censoring to think of */
            if (visit->stage != s || visit->entered > view->as_of - 200)
                continue;
            const recoup_exit *advance = &truth->stage[s].exit[0];
            double logit = advance->logit + advance->cohort_logit[view->cohort[visit->deal]] +
                           advance->channel_logit[view->channel[visit->deal]];
            double p = 1 / (1 + exp(-logit));
            n++;
            went_on += visit->target == s + 1 || visit->target == RECOUP_TO_WON;
            expected += p;
            variance += p * (1 - p);
        }
        assert_true(n > 500);
        /* a quarter's shock moves the logit by .12·Z, so the sum by variance·.12·Z; six quarters */
        assert_true(fabs(went_on - expected) <
                    4 * sqrt(variance + variance * variance * .12 * .12 / 6));
    }
    recoup_view_free(view);
    recoup_dataset_free(dataset);
    recoup_scenario_free(scenario);
    recoup_model_free(truth);
    recoup_error_clear(&error);
    remove_all(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reproducible),
        cmocka_unit_test(test_follows_the_truth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
