/* What levers come down to. Each lever is lowered to a few primitive effects, and the program knows
 * only these; a new lever is a new file in scenario/, not a new case in the engine.
 *
 * A ramp is linear by day: from start_day + k to start_day + k + 1 the share in force is
 * min(1, (k + 1/2) / ramp_days), k = 0, 1, ...; 1 from the start on when ramp_days is 0. The value
 * in force is share × value; values of factors are logarithms, so a factor f ramps as f^share.
 * Changes of the same quantity add (logits add, factors multiply). A LOG_RATE of -inf (no arrivals
 * from the start on) is allowed without a ramp; nothing else is infinite, so sums are never NaN.
 */
#ifndef RECOUP_SCENARIO_CHANGE_H
#define RECOUP_SCENARIO_CHANGE_H

#include "config/config.h"
#include <stdbool.h>

typedef enum recoup_quantity {
    RECOUP_CHANGE_LOGIT,     /* added to the logit of the exit */
    RECOUP_CHANGE_LOG_DWELL, /* added to the log time scale of the exit's dwell (all exits: NULL) */
    RECOUP_CHANGE_LOG_SPEED, /* log v(t) of the stage, all exits */
    RECOUP_CHANGE_LOG_RATE,  /* of arrivals; cohort and channel select, stage and exit do not */
    RECOUP_CHANGE_LOG_AMOUNT /* of the booked amount of deals won while in force; no stage, no exit
                              */
} recoup_quantity;

/* Which cells it acts on: an array of the model's size, or NULL for all. */
typedef struct recoup_change {
    recoup_quantity quantity;
    const bool *cohort, *channel, *segment, *stage;
    const char *exit; /* NULL: every exit of the stage */
    double start_day, ramp_days;
    double value;
} recoup_change;

/* Deals, leads or both go from some reps to others. Names of reps are checked by the program, which
 * knows them. */
typedef struct recoup_move {
    const recoup_node *node; /* for messages */
    /* whose: all that are given must hold */
    recoup_texts from_rep;
    int from_status;         /* recoup_rep_status of crm/dataset.h; -1: any */
    const bool *from_cohort; /* NULL: any */
    /* to whom: the named reps, or the active reps of the cohorts; never a rep of `from`, never a
     * vacant one */
    recoup_texts to_rep;
    const bool *to_cohort; /* NULL: not given */
    /* which open deals: all that are given must hold */
    const bool *stage, *channel, *segment;
    double min_amount;           /* 0: any */
    bool leads;                  /* deals that arrive after the start too */
    double start_day, ramp_days; /* ramp: the deals change hands evenly over these days */
    double handover_days;        /* a moved deal stands still for so long */
    double capacity;             /* open deals that a receiving rep holds at most; +inf: no limit */
} recoup_move;

/* Discounts above `max` are cut to it, except for a share `escapes` of the deals; the booked amount
 * rises by (1 - max) / (1 - discount), and the logit of every winning exit falls by
 * win_logit_per_point for each point (.01) of discount that is cut. */
typedef struct recoup_cap {
    double max;
    double win_logit_per_point; /* as written; its sign: positive loses wins */
    double escapes;
    const bool *cohort, *channel, *segment; /* NULL: all */
    double start_day, ramp_days;
} recoup_cap;

typedef struct recoup_effects {
    int n_changes, n_moves, n_caps;
    recoup_change *change;
    recoup_move *move;
    recoup_cap *cap; /* at most one */
} recoup_effects;

#endif
