#include "diagnose/reference.h"

#include "base/quarter.h"
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { YEAR = 12 };

/* Whole calendar months of the period; 0: it is no number of them, or more than a year. */
static int count_months(double start, double end) {
    for (int n = 1; n <= YEAR; n++)
        if (fabs(recoup_months_after(start, n) - end) < 1e-6)
            return n;
    return 0;
}

/* Days from creation to winning that nine in ten deals won did not exceed; infinite where none was
 * won, or memory is short. */
static double long_cycle_days(const recoup_view *view) {
    double *days = RECOUP_NEW(double, view->n_deals);
    size_t n = 0;
    for (int i = 0; days && i < view->n_deals; i++)
        if (view->outcome[i] == RECOUP_WON)
            days[n++] = view->closed[i] - view->created[i];
    double quantile = INFINITY;
    if (n > 0) {
        gsl_sort(days, 1, n);
        quantile = gsl_stats_quantile_from_sorted_data(days, 1, n, .9);
    }
    free(days);
    return quantile;
}

static double first_close(const recoup_view *view) {
    double first = INFINITY;
    for (int i = 0; i < view->n_deals; i++)
        if (view->outcome[i] != RECOUP_OPEN)
            first = fmin(first, view->closed[i]);
    return first;
}

int recoup_references_find(const recoup_view *view, double start, double end,
                           recoup_reference *reference) {
    int months = count_months(start, end), n = 0;
    double last_year = recoup_months_after(start, -YEAR);
    const recoup_reference candidate[RECOUP_REFERENCES] = {
        {"last period", months > 0 ? recoup_months_after(start, -months) : 2 * start - end, start},
        {"same period last year", last_year,
         months > 0 ? recoup_months_after(last_year, months) : last_year + (end - start)},
    };
    double earliest = fmax(view->first_created + long_cycle_days(view), first_close(view));
    for (int i = 0; i < RECOUP_REFERENCES; i++) {
        bool is_new = i == 0 || fabs(candidate[i].start - candidate[0].start) > .5;
        if (is_new && candidate[i].start >= earliest)
            reference[n++] = candidate[i];
    }
    return n;
}

void recoup_deals_count(const recoup_view *view, double start, double end,
                        recoup_deal_counts *counts) {
    memset(counts, 0, (size_t)view->cohorts.n * sizeof *counts);
    for (int i = 0; i < view->n_deals; i++) {
        recoup_deal_counts *of = &counts[view->cohort[i]];
        bool is_open = view->outcome[i] == RECOUP_OPEN, is_won = view->outcome[i] == RECOUP_WON;
        if (view->created[i] >= end || (!is_open && view->closed[i] < start))
            continue;
        of->deals++;
        of->eventual += is_won;
        if (is_won && view->closed[i] < end) {
            of->wins++;
            of->bookings += view->amount[i];
        }
    }
}
