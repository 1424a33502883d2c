#include "diagnose/past_periods.h"

#include "base/quarter.h"
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>
#include <math.h>
#include <stdlib.h>

enum { YEAR = 12 };

/* Whole calendar months of the period; 0: it is no number of them, or more than a year. */
static int count_months(double start, double end) {
    for (int n = 1; n <= YEAR; n++)
        if (fabs(recoup_months_after(start, n) - end) < 1e-6)
            return n;
    return 0;
}

recoup_past_period recoup_past_period_of(double start, double end, int n) {
    int months = count_months(start, end);
    double days = end - start;
    /* Counted from the current one: step by step, the 31st would become the 30th for good. */
    recoup_past_period past = {start - n * days, start - (n - 1) * days};
    if (months > 0) {
        past.start = recoup_months_after(start, -n * months);
        past.end = n > 1 ? recoup_months_after(start, -(n - 1) * months) : start;
    }
    return past;
}

recoup_past_period recoup_past_period_last_year(double start, double end) {
    int months = count_months(start, end);
    double then = recoup_months_after(start, -YEAR);
    return (recoup_past_period){then, months > 0 ? recoup_months_after(then, months)
                                                 : then + (end - start)};
}

static double first_close(const recoup_view *view) {
    double first = INFINITY;
    for (int i = 0; i < view->n_deals; i++)
        if (view->outcome[i] != RECOUP_OPEN)
            first = fmin(first, view->closed[i]);
    return first;
}

bool recoup_coverage_of(const recoup_view *view, recoup_coverage *coverage) {
    double *days = RECOUP_NEW(double, view->n_deals);
    *coverage = (recoup_coverage){.since = INFINITY};
    if (!days)
        return false;
    for (int i = 0; i < view->n_deals; i++)
        if (view->outcome[i] == RECOUP_WON)
            days[coverage->n_won++] = view->closed[i] - view->created[i];
    if (coverage->n_won > 0) {
        size_t n = (size_t)coverage->n_won;
        gsl_sort(days, 1, n);
        coverage->since =
            fmax(view->first_created + gsl_stats_quantile_from_sorted_data(days, 1, n, .9),
                 first_close(view));
    }
    free(days);
    return true;
}
