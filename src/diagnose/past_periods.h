/* Past periods: where they lie, and which of them the tables hold whole. Days since 1970; the end
 * of a period is where the next one starts. */
#ifndef RECOUP_DIAGNOSE_PAST_PERIODS_H
#define RECOUP_DIAGNOSE_PAST_PERIODS_H

#include "crm/view.h"

typedef struct recoup_past_period {
    double start, end;
} recoup_past_period;

/* The nth period of the same length before [start, end), n >= 1: end to end. Where [start, end) is
 * a number of whole calendar months up to a year (a month, a quarter), so are they. */
recoup_past_period recoup_past_period_of(double start, double end, int n);
/* The one that starts a year before [start, end) does, by the same rule. */
recoup_past_period recoup_past_period_last_year(double start, double end);

/* What the tables can say of the past. A period is covered when it starts at `since` or later: so
 * long after the history begins that nine in ten deals won were won faster than that (by the 90 %
 * quantile of the days from creation to winning, of all deals won), and when a deal was closed
 * before. Then hardly any deal in play in it is missing from the tables, whether they were cut by
 * creation or by closing. */
typedef struct recoup_coverage {
    double since; /* infinite: no deal was won */
    int n_won;    /* deals that it rests on */
} recoup_coverage;

/* False: out of memory. */
bool recoup_coverage_of(const recoup_view *view, recoup_coverage *coverage);

#endif
