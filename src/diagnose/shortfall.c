/* Reps short of their quota, past period by past period (SHORTFALL). Tables hold today's quotas
 * only: they are taken for past periods too. */
#include "base/memory.h"
#include "base/quarter.h"
#include "diagnose/people.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>

enum { MOST_PERIODS = 40, LEAST_REPS = 5, LEAST_WINS = 30 };

/* The one before; three calendar months where the current one is that. */
static recoup_quarter period_before(const recoup_scenario *scenario, recoup_quarter period) {
    double start = scenario->period_start, end = scenario->period_end;
    if (recoup_quarter_of(start, start).end == end)
        return recoup_quarter_of(start, period.start - 1);
    return (recoup_quarter){period.start - (end - start), period.start};
}

/* From when on the history holds nearly all that was won: nine in ten deals won were won within so
 * many days of their creation, and deals created before the history may be missing. NaN: too few
 * wins to tell, or out of memory (*enough). */
static double covered_since(const recoup_view *view, bool *enough) {
    double *days = RECOUP_NEW(double, view->n_deals);
    double result = NAN;
    int n = 0;
    *enough = days != NULL;
    for (int i = 0; i < view->n_deals && *enough; i++)
        if (view->outcome[i] == RECOUP_WON)
            days[n++] = view->closed[i] - view->created[i];
    if (n >= LEAST_WINS) {
        gsl_sort(days, 1, (size_t)n);
        result = view->first_created + days[(int)ceil(.9 * n) - 1];
    }
    free(days);
    return result;
}

/* Whether a rep had a quota and was there from the start of the period on; without a date of start,
 * since the first deal. */
static bool counts(const recoup_view *view, int rep, const double *first_deal,
                   const recoup_quarter *period) {
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

static void add_bookings(const recoup_view *view, const recoup_quarter *period, double *bookings) {
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

static bool add_row(const recoup_diagnosing *diagnosing, const recoup_quarter *period, work *w,
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

static int count_counting(const recoup_view *view, const work *w, const recoup_quarter *period) {
    int n = 0;
    for (int r = 0; r < view->n_reps; r++)
        n += counts(view, r, w->first_deal, period);
    return n;
}

recoup_status recoup_diagnose_shortfall(const recoup_diagnosing *diagnosing) {
    const recoup_view *view = diagnosing->view;
    const recoup_scenario *scenario = diagnosing->scenario;
    recoup_quarter period[MOST_PERIODS];
    recoup_quarter next = {scenario->period_start, scenario->period_end};
    work w = {0};
    bool enough = work_create(view, &w);
    double since = enough ? covered_since(view, &enough) : NAN;
    int n = 0;
    while (enough && n < MOST_PERIODS) {
        next = period_before(scenario, next);
        if (!(next.start >= since) || count_counting(view, &w, &next) < LEAST_REPS)
            break;
        period[n++] = next;
    }
    for (int k = n - 1; k >= 0 && enough; k--)
        enough = add_row(diagnosing, &period[k], &w, k == n - 1);
    work_clear(&w);
    return enough ? RECOUP_OK : recoup_fail_memory(diagnosing->error);
}
