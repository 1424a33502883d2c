/* The canonical dataset: one array per column, names dictionary-coded, in file order.
 * Missing numbers and times are NaN, missing names -1. Times are days since 1970 (base/date.h). */
#ifndef RECOUP_CRM_DATASET_H
#define RECOUP_CRM_DATASET_H

#include "base/error.h"
#include "base/memory.h"
#include "base/names.h"
#include <recoup/dataset.h>
#include <stdint.h>

/* Outcomes, and the two terminal targets of a visit (below). */
typedef enum recoup_outcome { RECOUP_OPEN, RECOUP_WON, RECOUP_LOST } recoup_outcome;

/* Targets of an exit: a stage index >= 0, or one of these. */
enum { RECOUP_TO_WON = -1, RECOUP_TO_LOST = -2, RECOUP_TO_NONE = -3 /* still there */ };

typedef enum recoup_rep_status {
    RECOUP_REP_ACTIVE,
    RECOUP_REP_RAMPING,
    RECOUP_REP_VACANT
} recoup_rep_status;

struct recoup_dataset {
    recoup_names stages, channels, segments, competitors, products, loss_reasons, teams;
    recoup_names column_cohorts; /* of the column `cohort` of reps.csv */
    bool stages_given;           /* false: taken from all of the data, later records included */
    double zone_days;            /* of dates without a zone, days ahead of UTC */

    int n_deals;
    recoup_names deal_ids; /* deal_ids.name[i] is deal i */
    int *deal_line;        /* line in deals.csv */
    int *rep, *channel, *segment, *competitor, *product, *loss_reason;
    double *amount, *list_amount;
    /* created is NaN only for an open deal without one. Where a time is given by day alone it is
     * raised to what it cannot precede: created <= stage_entered <= closed holds throughout. */
    double *created, *stage_entered, *closed, *expected_close;
    int *stage;       /* -1 when empty */
    uint8_t *outcome; /* recoup_outcome, as of the export */
    uint8_t *has_next_step;
    /* When the next step is over, where its text is or begins with a date: the time, or the end of
     * the day. */
    double *next_step_end;
    bool has_expected_closes, has_next_steps; /* the table has the column */
    bool dated_by_day; /* no time in created, stage_entered, closed or the history has a clock */

    int n_entries;                  /* stage history, sorted by deal, then time, then file order */
    int *entry_deal, *entry_target; /* target: stage index, RECOUP_TO_WON or RECOUP_TO_LOST */
    double *entry_time;
    bool has_history;

    int n_reps;    /* those of reps.csv; without it those that deals and activities name */
    bool has_reps; /* reps.csv was given */
    recoup_names rep_ids;
    char **rep_name;            /* the id when the table names none */
    int *rep_cohort, *rep_team; /* column_cohorts, teams; -1 none */
    uint8_t *rep_status;
    double *rep_start, *rep_quota, *rep_capacity;

    int n_activities;
    recoup_names activity_types;
    int *activity_rep, *activity_type, *activity_deal; /* -1 none */
    double *activity_time;

    recoup_arena arena; /* all arrays above */
};

#endif
