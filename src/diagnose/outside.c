/* What others say: benchmarks, reasons of losses, the review (BENCHMARK, LOSS, REVIEW). */
#include "diagnose/courses.h"
#include "diagnose/diagnose.h"
#include "diagnose/ratio.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_ENDED = 20 };

/* --- benchmarks ------------------------------------------------------------------------------- */

static const struct {
    const char *measure, *unit;
} names[RECOUP_N_BENCHMARKS] = {{"win rate", "share"},
                                {"cycle", "days"},
                                {"deal", "currency"},
                                {"attainment", "share"},
                                {"conversion", "share"}};

/* x and d of a course (diagnose/ratio.h): of those that ended, or of wins. */
static void set_ratio(const recoup_view *view, const recoup_courses *courses, int i,
                      recoup_benchmark_kind kind, double *x, double *d) {
    double weight = courses->weight[i], amount = view->amount[courses->stay[i].deal];
    bool won = courses->stay[i].exit == RECOUP_GOES_ON;
    switch (kind) {
    case RECOUP_BENCHMARK_CYCLE_DAYS:
        *x = won ? weight * courses->stay[i].dwell_days : 0;
        *d = won ? weight : 0;
        break;
    case RECOUP_BENCHMARK_DEAL:
        *x = won && amount > 0 ? weight * amount : 0;
        *d = won && amount > 0 ? weight : 0;
        break;
    default:
        *x = won ? weight : 0;
        *d = weight;
        break;
    }
}

static bool measure(const recoup_view *view, recoup_courses *courses, recoup_benchmark_kind kind,
                    recoup_benchmark_row *row) {
    double *x = RECOUP_NEW(double, courses->n), *d = RECOUP_NEW(double, courses->n);
    recoup_ratio ratio;
    bool enough = x && d && recoup_courses_weigh(courses, NULL, 0);
    for (int i = 0; i < courses->n && enough; i++) {
        set_ratio(view, courses, i, kind, &x[i], &d[i]);
        row->n += d[i] > 0;
    }
    const recoup_ratio_data data = {
        .n = courses->n, .x = x, .d = d, .cluster = courses->rep, .n_clusters = view->n_reps};
    enough = enough && recoup_ratio_of(&data, &ratio);
    if (enough && row->n >= LEAST_ENDED) {
        row->value = ratio.value;
        row->low = ratio.low;
        row->high = ratio.high;
    }
    free(x);
    free(d);
    return enough;
}

static int find_stage(const recoup_view *view, const char *stage) {
    return stage ? recoup_names_find(&view->stages, stage) : -1;
}

static bool measure_courses(const recoup_view *view, const recoup_benchmark *benchmark,
                            recoup_benchmark_row *row) {
    recoup_courses courses = {0};
    bool of_stage = benchmark->kind == RECOUP_BENCHMARK_CONVERSION;
    int stage = find_stage(view, benchmark->stage);
    if (of_stage && stage < 0)
        return true;
    bool enough = (of_stage ? recoup_courses_of_stage(view, stage, &courses)
                            : recoup_courses_of_deals(view, &courses)) &&
                  measure(view, &courses, benchmark->kind, row);
    recoup_courses_clear(&courses);
    return enough;
}

/* Of the first plan's bookings. */
static void set_attainment(const recoup_results *results, recoup_benchmark_row *row) {
    double quota = results->plan_quota ? results->plan_quota[0] : results->quota;
    if (!(quota > 0))
        return;
    row->value = results->bookings_mean[0] / quota;
    for (int k = 0; k < results->n_quantiles; k++) {
        double attainment = results->bookings_quantile[k] / quota;
        if (fabs(results->quantile[k] - .05) < 1e-9)
            row->low = attainment;
        if (fabs(results->quantile[k] - .95) < 1e-9)
            row->high = attainment;
    }
}

static const char *verdict_of(const recoup_benchmark_row *row) {
    if (isnan(row->low) || isnan(row->high))
        return "not enough data";
    if (row->low > row->benchmark)
        return "above";
    return row->high < row->benchmark ? "below" : "no clear difference";
}

static bool add_benchmark(const recoup_diagnosing *diagnosing, const recoup_benchmark *benchmark) {
    recoup_results *results = diagnosing->results;
    recoup_benchmark_row *row = recoup_records_add(results, RECOUP_RECORD_BENCHMARK);
    if (!row)
        return false;
    row->measure = names[benchmark->kind].measure;
    row->unit = names[benchmark->kind].unit;
    row->stage = recoup_records_text(results, benchmark->stage ? benchmark->stage : "");
    row->source = recoup_records_text(results, benchmark->source ? benchmark->source : "");
    row->benchmark = benchmark->value;
    if (!row->stage || !row->source)
        return false;
    if (benchmark->kind == RECOUP_BENCHMARK_ATTAINMENT)
        set_attainment(results, row);
    else if (!measure_courses(diagnosing->view, benchmark, row))
        return false;
    row->verdict = verdict_of(row);
    return true;
}

/* --- losses ----------------------------------------------------------------------------------- */

static int compare_losses(const void *left, const void *right) {
    const recoup_loss_row *a = left, *b = right;
    bool a_last = a->reason == NULL, b_last = b->reason == NULL;
    if (a_last != b_last)
        return a_last - b_last;
    if (a->n != b->n)
        return a->n > b->n ? -1 : 1;
    return a_last ? 0 : strcmp(a->reason, b->reason);
}

/* list: the reasons, and last those without one. */
static void count_losses(const recoup_view *view, double since, recoup_loss_row *list) {
    int n_reasons = view->loss_reasons.n, n = 0, n_before = 0, n_recent = 0;
    for (int i = 0; i < view->n_deals; i++) {
        if (view->outcome[i] != RECOUP_LOST)
            continue;
        int reason = view->loss_reason[i];
        recoup_loss_row *row = &list[reason >= 0 ? reason : n_reasons];
        bool recent = view->closed[i] >= since;
        row->n++;
        row->n_recent += recent;
        row->n_before += !recent;
        if (view->amount[i] > 0)
            row->amount += view->amount[i];
        n++;
        n_recent += recent;
        n_before += !recent;
    }
    for (int k = 0; k <= n_reasons; k++) {
        list[k].reason = k < n_reasons ? view->loss_reasons.name[k] : NULL;
        list[k].share = (double)list[k].n / n;
        list[k].before = n_before ? (double)list[k].n_before / n_before : NAN;
        list[k].recent = n_recent ? (double)list[k].n_recent / n_recent : NAN;
    }
    qsort(list, (size_t)n_reasons + 1, sizeof *list, compare_losses);
}

/* Nothing where no reason is given at all. */
static bool add_losses(const recoup_diagnosing *diagnosing) {
    const recoup_view *view = diagnosing->view;
    if (view->loss_reasons.n == 0)
        return true;
    recoup_loss_row *list = RECOUP_NEW(recoup_loss_row, view->loss_reasons.n + 1);
    bool enough = list != NULL;
    if (enough)
        count_losses(view, recoup_recent_start(diagnosing), list);
    for (int k = 0; k <= view->loss_reasons.n && enough; k++) {
        if (list[k].n == 0)
            continue;
        recoup_loss_row *row = recoup_records_add(diagnosing->results, RECOUP_RECORD_LOSS);
        const char *reason = list[k].reason ? list[k].reason : "not given";
        enough = row && (reason = recoup_records_text(diagnosing->results, reason));
        if (enough) {
            *row = list[k];
            row->reason = reason;
        }
    }
    free(list);
    return enough;
}

/* --- the review ------------------------------------------------------------------------------- */

static bool add_review(const recoup_diagnosing *diagnosing) {
    const recoup_review *review = &diagnosing->scenario->review;
    recoup_results *results = diagnosing->results;
    for (int g = 0; g < review->n; g++)
        for (int i = 0; i < review->note[g].n; i++) {
            recoup_review_row *row = recoup_records_add(results, RECOUP_RECORD_REVIEW);
            if (!row || !(row->group = recoup_records_text(results, review->group[g])) ||
                !(row->note = recoup_records_text(results, review->note[g].text[i])))
                return false;
        }
    return true;
}

recoup_status recoup_diagnose_outside(const recoup_diagnosing *diagnosing) {
    const recoup_benchmarks *benchmarks = &diagnosing->scenario->benchmarks;
    bool enough = true;
    for (int i = 0; i < benchmarks->n && enough; i++)
        enough = add_benchmark(diagnosing, &benchmarks->benchmark[i]);
    enough = enough && add_losses(diagnosing) && add_review(diagnosing);
    return enough ? RECOUP_OK : recoup_fail_memory(diagnosing->error);
}
