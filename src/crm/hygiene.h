/* Which open deals are in the pipeline by neglect: rules that a person can check in the CRM. They
 * look at what the tables say and at limits that the caller has, and change nothing. */
#ifndef RECOUP_CRM_HYGIENE_H
#define RECOUP_CRM_HYGIENE_H

#include "crm/view.h"

typedef enum recoup_hygiene_rule {
    RECOUP_HYGIENE_EXPIRED,      /* expected_close is long over */
    RECOUP_HYGIENE_NO_NEXT_STEP, /* none, or one that is over */
    RECOUP_HYGIENE_STALE,        /* longer in its stage than deals take to leave it */
    RECOUP_HYGIENE_ANCIENT,      /* older than any deal was when it was won */
    RECOUP_HYGIENE_NO_AMOUNT,    /* missing, or 0 */
    RECOUP_N_HYGIENE_RULES
} recoup_hygiene_rule;

typedef struct recoup_hygiene_limits {
    double expired_days;      /* expected_close is more than so many days before the as-of date */
    const double *stale_days; /* [deal]: stale after more than so many days in its stage; NULL: no
                                 deal is */
    double ancient_days;      /* ancient when it was created more than so many days ago */
} recoup_hygiene_limits;

/* The longest time from creation to the win of the deals won before the as-of date; +inf when none
 * was. */
double recoup_hygiene_longest_win(const recoup_view *view);

/* The rules that an open deal matches, a set of bits: 1 << rule. */
unsigned recoup_hygiene_match(const recoup_view *view, const recoup_hygiene_limits *limits,
                              int deal);

/* The column of deals.csv that a rule looks at and the table lacks; NULL: nothing is lacking. */
const char *recoup_hygiene_missing(const recoup_view *view, recoup_hygiene_rule rule);

#endif
