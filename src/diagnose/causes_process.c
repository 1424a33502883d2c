/* Process: has a stage become slower?
 *
 * Each stage, the time since a date against the time before, by a log-rank test on leaving it by
 * any exit (diagnose/slowing.h) within cohorts. When a change began is not known: the start of the
 * period and WINDOWS dates WINDOW_DAYS apart are tried, and the smallest p-value is multiplied by
 * their number (Bonferroni). Numbers that leave vary from month to month more than chance makes
 * them; by how much is taken from the time before all these dates, and the score held against
 * Student's t. A stage that became slower in one cohort only is process too (what changed is how
 * long it takes, not what comes out), and the cohort is named. That a cohort has always been slower
 * is no change. */
#include "base/date.h"
#include "diagnose/causes.h"
#include "diagnose/slowing.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

enum { WINDOWS = 4, WINDOW_DAYS = 28, MAX_DATES = WINDOWS + 1 };
enum { LEAST_LEFT = 10, LEAST_BEFORE = 30 };

/* One stage under test. */
typedef struct stage_test {
    recoup_slowing_data data;
    double *score, *variance; /* [date * n_strata + stratum] */
    double date[MAX_DATES];
    double left[MAX_DATES][2];
    int n_dates;
    double dispersion;
    int n_spans;
} stage_test;

static void list_dates(const recoup_view *view, stage_test *test) {
    bool again = false;
    test->n_dates = 0;
    for (int k = 1; k <= WINDOWS; k++)
        test->date[test->n_dates++] = view->as_of - k * WINDOW_DAYS;
    for (int k = 0; k < WINDOWS; k++)
        again = again || fabs(test->date[k] - view->period_start) < 1;
    if (!again && view->period_start < view->as_of)
        test->date[test->n_dates++] = view->period_start;
}

/* Sum over strata, without one of them (-1: none). */
static double sum_of(const stage_test *test, const double *value, int date, int without) {
    double sum = 0;
    for (int k = 0; k < test->data.n_strata; k++)
        sum += k == without ? 0 : value[date * test->data.n_strata + k];
    return sum;
}

/* Whether enough left in both times, as seen or as expected. */
static bool has_data(const stage_test *test, int date) {
    double expected = test->left[date][1] - sum_of(test, test->score, date, -1);
    return test->left[date][0] >= LEAST_BEFORE && expected >= LEAST_LEFT &&
           sum_of(test, test->variance, date, -1) > 0;
}

static double z_of(const stage_test *test, int date, int without) {
    double variance = sum_of(test, test->variance, date, without);
    return variance > 0
               ? sum_of(test, test->score, date, without) / sqrt(variance * test->dispersion)
               : 0;
}

/* The cohort without which less than half of the change is left, within chance; -1: none. */
static int find_driver(const stage_test *test, int date) {
    double all = sum_of(test, test->score, date, -1) / sum_of(test, test->variance, date, -1);
    for (int k = 0; k < test->data.n_strata; k++) {
        double variance = sum_of(test, test->variance, date, k);
        if (variance >= LEAST_LEFT / 2. && fabs(z_of(test, date, k)) < 1.96 &&
            sum_of(test, test->score, date, k) / variance / all < .5)
            return k;
    }
    return -1;
}

static const char *lever_of(const recoup_causes *causes, const recoup_finding_row *row,
                            double times) {
    if (recoup_model_find_stage(causes->diagnosing->model, row->stage) < 0 || !(times > 1))
        return "";
    char comment[96];
    snprintf(comment, sizeof comment, "undoes half of the slowing: from %.2g to %.2g times as long",
             times, sqrt(times));
    const recoup_lever_key keys[] = {
        {"stage", row->stage, 0},
        {"cohort", *row->cohort ? row->cohort : NULL, NAN},
        {"speed", NULL, fmin(1000, fmax(1, round(100 * sqrt(times)) / 100))}};
    return recoup_lever_text(causes->diagnosing->results, comment, "unblock", 3, keys);
}

static recoup_status describe(recoup_causes *causes, recoup_finding_row *row,
                              const stage_test *test, int date) {
    const recoup_diagnosing *diagnosing = causes->diagnosing;
    recoup_slowing slowing;
    char day[RECOUP_DATE_SIZE];
    if (!recoup_slowing_of(&test->data, test->date[date], test->dispersion, &slowing))
        return recoup_fail_memory(diagnosing->error);
    int driver = row->p_value < .05 ? find_driver(test, date) : -1;
    if (driver >= 0)
        row->cohort =
            recoup_records_text(diagnosing->results, diagnosing->view->cohorts.name[driver]);
    row->since = test->date[date];
    row->reference = slowing.median_days;
    row->value = slowing.median_days * slowing.times;
    row->effect = slowing.times;
    row->effect_low = slowing.low;
    row->effect_high = slowing.high;
    const char *chance = recoup_chance_text(diagnosing->results, row->p_value);
    if (!chance || !row->cohort)
        return recoup_fail_memory(diagnosing->error);
    row->sentence = recoup_records_format(
        diagnosing->results,
        "Since %s deals take %.2g times as long in %s (95 %% interval %.2g to %.2g): %d have left "
        "since, %d before, when half of them were gone after %.3g days; %s.%s%s%s",
        recoup_date_format(day, row->since), slowing.times, row->stage, slowing.low, slowing.high,
        row->n, row->n_reference, slowing.median_days, chance,
        driver >= 0 ? " It comes from one cohort, " : "", driver >= 0 ? row->cohort : "",
        driver >= 0 ? "." : "");
    row->lever = lever_of(causes, row, slowing.times);
    return RECOUP_OK;
}

static recoup_status conclude(recoup_causes *causes, int stage, const stage_test *test) {
    const recoup_diagnosing *diagnosing = causes->diagnosing;
    recoup_cause *cause = recoup_cause_add(causes, "process", "log-rank");
    int best = -1, n_tried = 0;
    double largest = -1;
    if (!cause)
        return recoup_fail_memory(diagnosing->error);
    recoup_finding_row *row = &cause->row;
    row->stage = recoup_records_text(diagnosing->results, diagnosing->view->stages.name[stage]);
    if (!row->stage)
        return recoup_fail_memory(diagnosing->error);
    row->subject = recoup_records_format(diagnosing->results, "time in %s", row->stage);
    row->unit = "times";
    for (int d = 0; d < test->n_dates; d++) {
        if (!has_data(test, d))
            continue;
        n_tried++;
        if (fabs(z_of(test, d, -1)) > largest) {
            largest = fabs(z_of(test, d, -1));
            best = d;
        }
    }
    if (best < 0 || test->n_spans < 3) {
        row->sentence = recoup_records_format(diagnosing->results,
                                              "Not enough data: it takes %d deals that left "
                                              "before, %d that leave after a date in the "
                                              "last %d days, and three months before it.",
                                              LEAST_BEFORE, LEAST_LEFT, WINDOWS * WINDOW_DAYS);
        return RECOUP_OK;
    }
    row->n = (int)test->left[best][1];
    row->n_reference = (int)test->left[best][0];
    row->p_value = fmin(1, n_tried * 2 * gsl_cdf_tdist_Q(largest, test->n_spans - 1));
    cause->does_harm = z_of(test, best, -1) < 0;
    return describe(causes, row, test, best);
}

static recoup_status test_stage(recoup_causes *causes, int stage) {
    const recoup_diagnosing *diagnosing = causes->diagnosing;
    recoup_sample sample;
    recoup_status status = RECOUP_OK;
    stage_test test = {.data = {.n = 0}};
    size_t n_strata = (size_t)diagnosing->view->cohorts.n;
    bool enough = recoup_sample_of_stage(diagnosing->view, stage, &sample);
    test.score = RECOUP_NEW(double, n_strata *MAX_DATES);
    test.variance = RECOUP_NEW(double, n_strata *MAX_DATES);
    list_dates(diagnosing->view, &test);
    test.data = (recoup_slowing_data){sample.n, sample.stay, sample.entered,
                                      sample.level[RECOUP_BY_COHORT], (int)n_strata};
    double earliest = diagnosing->view->as_of;
    for (int d = 0; d < test.n_dates; d++)
        earliest = fmin(earliest, test.date[d]);
    enough = enough && test.score && test.variance;
    if (enough)
        test.dispersion =
            recoup_slowing_dispersion(&test.data, earliest, WINDOW_DAYS, &test.n_spans);
    enough = enough && !isnan(test.dispersion);
    for (int d = 0; d < test.n_dates && enough; d++)
        enough = recoup_slowing_score(&test.data, test.date[d], test.score + d * (int)n_strata,
                                      test.variance + d * (int)n_strata, test.left[d]);
    status = enough ? conclude(causes, stage, &test) : recoup_fail_memory(diagnosing->error);
    recoup_sample_clear(&sample);
    free(test.score);
    free(test.variance);
    return status;
}

recoup_status recoup_causes_process(recoup_causes *causes) {
    const recoup_view *view = causes->diagnosing->view;
    recoup_status status = RECOUP_OK;
    for (int s = 0; s < view->stages.n && status == RECOUP_OK; s++)
        status = test_stage(causes, s);
    return status;
}
