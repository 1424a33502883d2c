/* Past periods that the current one is held against. */
#ifndef RECOUP_DIAGNOSE_REFERENCE_H
#define RECOUP_DIAGNOSE_REFERENCE_H

#include "crm/view.h"

enum { RECOUP_REFERENCES = 2 };

typedef struct recoup_reference {
    const char *name;  /* "last period", "same period last year" */
    double start, end; /* days since 1970; end: where the next one starts */
} recoup_reference;

/* The period of the same length right before [start, end), and the same one a year before (by
 * calendar months where it is a number of them), as far as the history covers them
 * (diagnose/past_periods.h); a year is not named twice. reference: room for RECOUP_REFERENCES. How
 * many there are; -1: out of memory. */
int recoup_references_find(const recoup_view *view, double start, double end,
                           recoup_reference *reference);

/* What the view's deals were in a period that is over: by cohort of the view. Deals in play are
 * those open at its start or created in it. */
typedef struct recoup_deal_counts {
    double deals;    /* in play */
    double eventual; /* of these, won since */
    double wins;     /* deals won within the period */
    double bookings; /* and their amounts */
} recoup_deal_counts;

/* counts: [cohort of the view], overwritten. */
void recoup_deals_count(const recoup_view *view, double start, double end,
                        recoup_deal_counts *counts);

#endif
