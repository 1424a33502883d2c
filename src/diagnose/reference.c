#include "diagnose/reference.h"

#include "diagnose/past_periods.h"
#include <math.h>
#include <string.h>

int recoup_references_find(const recoup_view *view, double start, double end,
                           recoup_reference *reference) {
    const recoup_past_period last = recoup_past_period_of(start, end, 1);
    const recoup_past_period year = recoup_past_period_last_year(start, end);
    const recoup_reference candidate[RECOUP_REFERENCES] = {
        {"last period", last.start, last.end},
        {"same period last year", year.start, year.end},
    };
    recoup_coverage coverage;
    int n = 0;
    if (!recoup_coverage_of(view, &coverage))
        return -1;
    for (int i = 0; i < RECOUP_REFERENCES; i++) {
        bool is_new = i == 0 || fabs(candidate[i].start - candidate[0].start) > .5;
        if (is_new && candidate[i].start >= coverage.since)
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
