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
#include <stdint.h>

typedef enum recoup_quantity {
    RECOUP_CHANGE_LOGIT,     /* added to the logit of the exit */
    RECOUP_CHANGE_LOG_DWELL, /* added to the log time scale of the exit's dwell (all exits: NULL) */
    RECOUP_CHANGE_LOG_SPEED, /* log v(t) of the stage, all exits */
    RECOUP_CHANGE_LOG_RATE,  /* of arrivals; stage and exit do not select */
    RECOUP_CHANGE_LOG_AMOUNT, /* of the booked amount of deals won while in force; no stage, no exit
                               */
    RECOUP_CHANGE_HIRES /* number of reps that join; cohort selects, nothing else. Each brings, in
                           every channel, what a rep of the cohort brings: the program divides the
                           number by the reps who get the cohort's new deals, and arrivals are
                           multiplied by 1 + share × that, which numbers of hires add up in */
} recoup_quantity;

/* Which cells it acts on: an array of the model's size, or NULL for all. */
typedef struct recoup_change {
    recoup_quantity quantity;
    const bool *cohort, *channel, *segment, *stage;
    const char *exit; /* NULL: every exit of the stage */
    double start_day, ramp_days;
    double lasts_days; /* LOGIT, LOG_DWELL, LOG_SPEED: so long from start_day on, then nothing of it
                          is left; 0: for good */
    double value;
    const recoup_node *node; /* for messages of the program; NULL: it has none about this */
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
    double share;                /* of these, and of the leads, 0 .. 1; the deals of a smaller share
                                    are among those of a larger one */
    uint64_t key;                /* of the lever: which deals the share is */
    bool leads;                  /* deals that arrive after the start too */
    double start_day, ramp_days; /* ramp: the deals change hands evenly over these days */
    double handover_days;        /* a moved deal stands still for so long */
    /* Open deals that a receiving rep can work at full speed; +inf: any number. A rep who holds
     * more once all moves of the plan are done works all deals capacity / load times as fast, from
     * the first deal that it gets on. */
    double capacity;
} recoup_move;

/* Limits of the rules where a lever does not give its own. */
#define RECOUP_SCRUB_EXPIRED_DAYS 30.0
#define RECOUP_SCRUB_STALE_QUANTILE 0.95

/* Open deals that match any of the rules are closed, lost. Which they are is found by the program,
 * which knows them (crm/hygiene.h). */
typedef struct recoup_closure {
    const recoup_node *lever_node;       /* for messages */
    const bool *rule;                    /* [recoup_hygiene_rule] */
    const recoup_node *const *rule_node; /* [recoup_hygiene_rule]: where it is named */
    double expired_days;
    /* [stage * n_cohorts + cohort]; NULL without the rule. A decision that is made once, by the
     * fitted model, and is the same in all parameter draws. */
    const double *stale_days;
    double share;                /* of these deals, 0 .. 1, as that of a move */
    uint64_t key;                /* of the lever: which deals the share is */
    double returns;              /* in a cohort in which a share s of the open deals is closed,
                                    arrivals are multiplied by (1 + s)^returns */
    double start_day, ramp_days; /* ramp: they are closed evenly over these days */
} recoup_closure;

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

/* What is taken off the quota that the plan is held against: quota · (1 - share) - amount, at least
 * 0. The quotas of teams and reps fall in the same proportion. */
typedef struct recoup_relief {
    double share, amount;
} recoup_relief;

typedef struct recoup_effects {
    int n_changes, n_moves, n_caps, n_closures;
    recoup_change *change;
    recoup_move *move;
    recoup_cap *cap; /* at most one */
    recoup_closure *closure;
    recoup_relief relief;
} recoup_effects;

#endif
