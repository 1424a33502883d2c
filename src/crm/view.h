/* What was known at the as-of date, in the shape that fit and program use: deals sorted by deal_id,
 * so that the order of rows in a file changes nothing. */
#ifndef RECOUP_CRM_VIEW_H
#define RECOUP_CRM_VIEW_H

#include "crm/dataset.h"

/* One stay of one deal in one stage. */
typedef struct recoup_visit {
    int deal;
    int stage;
    double entered;   /* days since 1970 */
    double dwell;     /* days until it left, or until the as-of date when it has not */
    double entry_age; /* > 0: the stay is only observed from this age on (delayed entry) */
    int target;       /* the stage it went to, RECOUP_TO_WON, RECOUP_TO_LOST, or RECOUP_TO_NONE */
    bool entry_known; /* false: the time of entry is not recorded, only that it was in this stage */
} recoup_visit;

struct recoup_view {
    double as_of, period_start;
    recoup_names stages, cohorts, channels, segments, teams;
    /* An absent channel (segment) is -1 throughout. A deal without a rep, and a rep without a
     * cohort, belong to the cohort "unassigned", which exists only when needed and when there are
     * others. */

    int n_deals, n_open;
    char **deal_id;
    int *rep, *cohort, *channel, *segment; /* rep -1: nobody */
    double *amount, *list_amount;          /* list_amount NaN: unknown */
    double *created, *closed;              /* closed NaN: open at as_of */
    uint8_t *outcome;                      /* as known at as_of */
    int *stage; /* where it is, or was last; an open deal always has one */
    double *stage_entered;
    /* What the rules of hygiene look at besides. Like the amount, the one value that the export
     * has; not in the digest, which is what a fit reads. */
    double *expected_close;                   /* NaN: none */
    bool *has_next_step, *is_amount_known;    /* a next step that is not over at as_of */
    bool has_expected_closes, has_next_steps; /* the table has the column */
    /* What a diagnosis reads besides, not in the digest of what a fit reads either. */
    recoup_names competitors, products, loss_reasons; /* those of the view's deals */
    int *competitor, *product;                        /* -1: not given */
    int *loss_reason;                                 /* -1: not given, or not lost at as_of */
    int n_undated; /* open deals without a date of creation: left out of the view */
    uint64_t *key; /* hash of the deal_id, no two alike: the deal's randomness */

    int n_visits; /* sorted by deal, then time */
    recoup_visit *visit;
    int *visit_first;  /* n_deals + 1: visits of deal i are [visit_first[i], visit_first[i + 1]) */
    bool dated_by_day; /* times are whole days: a dwell of 0 means less than a day */
    bool has_history;  /* a stage history was given */
    double first_created; /* start of the observed history; as_of when there are no deals */

    int n_reps; /* sorted by rep_id */
    char **rep_id, **rep_name;
    int *rep_cohort, *rep_team; /* team -1: none */
    uint8_t *rep_status;
    double *rep_quota, *rep_capacity; /* NaN: not given */
    recoup_names rep_ids;             /* rep_ids.name[i] equals rep_id[i] */

    double *rep_start; /* start_date; NaN: not given */

    int n_activities; /* before as_of, sorted by rep, then time, then type */
    recoup_names activity_types;
    int *activity_rep, *activity_type; /* type -1: not given */
    double *activity_time;

    uint64_t digest; /* recoup_hash over everything above that comes from the tables */
    recoup_arena arena;
};

#endif
