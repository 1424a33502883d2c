/* What to do with a deal that a rule of hygiene matches: a rule that a person can follow. Pure. */
#ifndef RECOUP_DIAGNOSE_DISPOSITION_H
#define RECOUP_DIAGNOSE_DISPOSITION_H

#include "crm/view.h"
#include <stdbool.h>

typedef enum recoup_disposition {
    RECOUP_CLOSE_LOST,
    RECOUP_NURTURE,
    RECOUP_KEEP, /* and put the record right */
    RECOUP_N_DISPOSITIONS
} recoup_disposition;

extern const char *const recoup_disposition_names[RECOUP_N_DISPOSITIONS];

/* Deals that were won before the as-of date from which on "older than any of them" is evidence: a
 * deal that will be won takes longer than n others with the probability 1/(n + 1), by exchange of
 * their order; at 19 that is 5 %, the share that counts as stale too. */
enum { RECOUP_DISPOSITION_MIN_WINS = 19 };

/* What the tables can tell. */
typedef struct recoup_disposition_scope {
    bool has_expected_closes, has_next_steps; /* the columns are there */
    int n_won;                                /* deals won before the as-of date */
} recoup_disposition_scope;

/* Of an open deal: `rules` as recoup_hygiene_match (crm/hygiene.h) finds them; win_probability
 * within the period; `fresh`: the mean of it over the deals of the same stage that are neither
 * stale nor ancient nor expired, NaN without any.
 *
 * Close-lost: nothing shows that anybody works on it (no next step), and it is ancient, or both
 * stale and expired. A column that is not there is not asked, but being stale alone closes no deal,
 * and ancient closes only with RECOUP_DISPOSITION_MIN_WINS. Nurture: it is ancient, stale or
 * expired, and its win probability is less than half of `fresh` (or there is no fresh deal to hold
 * it against). Keep: all others. */
recoup_disposition recoup_disposition_of(unsigned rules, double win_probability, double fresh,
                                         const recoup_disposition_scope *scope);

#endif
