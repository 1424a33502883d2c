/* Reps short of their quota, past period by past period (SHORTFALL). Tables hold today's quotas
 * only: they are taken for past periods too. */
#include "base/memory.h"
#include "diagnose/past_periods.h"
#include "diagnose/people.h"
#include "diagnose/wilson.h"

#include <math.h>
#include <stdlib.h>

enum { MOST_PERIODS = 40, LEAST_REPS = 5, LEAST_WINS = 30 };

/* Whether a rep had a quota and was there from the start of the period on; without a date of start,
 * since the first deal. */
static bool counts(const recoup_view *view, int rep, const double *first_deal,
                   const recoup_past_period *period) {
    double since = view->rep_start[rep];
    if (isnan(since))
        since = first_deal[rep];
    return view->rep_status[rep] != RECOUP_REP_VACANT && view->rep_quota[rep] > 0 &&
           since <= period->start;
}

typedef struct work {
    double *bookings, *first_deal; /* [rep] */
    int *now, *before;             /* [rep]: -1: does not count; 1: short, 0: not */
} work;

static void add_bookings(const recoup_view *view, const recoup_past_period *period,
                         double *bookings) {
    for (int r = 0; r < view->n_reps; r++)
        bookings[r] = 0;
    for (int i = 0; i < view->n_deals; i++)
        if (view->rep[i] >= 0 && view->outcome[i] == RECOUP_WON &&
            view->closed[i] >= period->start && view->closed[i] < period->end)
            bookings[view->rep[i]] += view->amount[i];
}

/* Of the reps that count in both periods. */
static void set_persistence(const recoup_view *view, const work *w, recoup_shortfall_row *row) {
    int n = 0, n_short = 0, n_before = 0;
    for (int r = 0; r < view->n_reps; r++) {
        if (w->now[r] < 0 || w->before[r] < 0)
            continue;
        n++;
        n_short += w->now[r];
        n_before += w->before[r];
        row->n_again += w->now[r] && w->before[r];
    }
    if (n_before > 0)
        row->again = (double)row->n_again / n_before;
    if (n > 0)
        row->again_expected = (double)n_short / n;
}

static bool add_row(const recoup_diagnosing *diagnosing, const recoup_past_period *period, work *w,
                    bool is_first) {
    const recoup_view *view = diagnosing->view;
    recoup_shortfall_row *row = recoup_records_add(diagnosing->results, RECOUP_RECORD_SHORTFALL);
    if (!row)
        return false;
    add_bookings(view, period, w->bookings);
    row->start = period->start;
    row->end = period->end;
    for (int r = 0; r < view->n_reps; r++) {
        w->before[r] = is_first ? -1 : w->now[r];
        w->now[r] =
            counts(view, r, w->first_deal, period) ? w->bookings[r] < view->rep_quota[r] : -1;
        row->n_reps += w->now[r] >= 0;
        row->n_short += w->now[r] > 0;
    }
    if (row->n_reps > 0) {
        row->share = (double)row->n_short / row->n_reps;
        recoup_wilson(row->n_short, row->n_reps, &row->share_low, &row->share_high);
    }
    set_persistence(view, w, row);
    return true;
}

static bool work_create(const recoup_view *view, work *w) {
    int n = view->n_reps;
    *w = (work){RECOUP_NEW(double, n), RECOUP_NEW(double, n), RECOUP_NEW(int, n),
                RECOUP_NEW(int, n)};
    if (!w->bookings || !w->first_deal || !w->now || !w->before)
        return false;
    for (int r = 0; r < n; r++)
        w->first_deal[r] = INFINITY;
    for (int i = 0; i < view->n_deals; i++)
        if (view->rep[i] >= 0)
            w->first_deal[view->rep[i]] = fmin(w->first_deal[view->rep[i]], view->created[i]);
    return true;
}

static void work_clear(work *w) {
    free(w->bookings);
    free(w->first_deal);
    free(w->now);
    free(w->before);
}

static int count_counting(const recoup_view *view, const work *w,
                          const recoup_past_period *period) {
    int n = 0;
    for (int r = 0; r < view->n_reps; r++)
        n += counts(view, r, w->first_deal, period);
    return n;
}

recoup_status recoup_diagnose_shortfall(const recoup_diagnosing *diagnosing) {
    const recoup_view *view = diagnosing->view;
    const recoup_scenario *scenario = diagnosing->scenario;
    recoup_past_period period[MOST_PERIODS];
    recoup_coverage coverage;
    work w = {0};
    bool enough = work_create(view, &w) && recoup_coverage_of(view, &coverage);
    int n = 0;
    while (enough && coverage.n_won >= LEAST_WINS && n < MOST_PERIODS) {
        period[n] = recoup_past_period_of(scenario->period_start, scenario->period_end, n + 1);
        if (period[n].start < coverage.since || count_counting(view, &w, &period[n]) < LEAST_REPS)
            break;
        n++;
    }
    for (int k = n - 1; k >= 0 && enough; k--)
        enough = add_row(diagnosing, &period[k], &w, k == n - 1);
    work_clear(&w);
    return enough ? RECOUP_OK : recoup_fail_memory(diagnosing->error);
}
