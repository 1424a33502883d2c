/* The scenario in memory; the public half is recoup/scenario.h. */
#ifndef RECOUP_SCENARIO_SCENARIO_H
#define RECOUP_SCENARIO_SCENARIO_H

#include "config/config.h"
#include "model/model.h"
#include "scenario/change.h"
#include <recoup/scenario.h>

typedef enum recoup_lever_kind {
    RECOUP_LEVER_ADJUST,
    RECOUP_LEVER_REASSIGN,
    RECOUP_LEVER_CHANNEL_FOCUS,
    RECOUP_LEVER_DISCOUNT_LIMIT,
    RECOUP_N_LEVERS
} recoup_lever_kind;

/* What every lever has, and its own keys (a struct of scenario/lever_<kind>.c). */
typedef struct recoup_lever {
    recoup_lever_kind kind;
    const recoup_node *node; /* its mapping, for messages */
    double start_day;        /* days after the as-of date, >= 0 */
    double ramp_days;        /* 0: all at once */
    double cost;
    const char *owner; /* NULL: not given */
    void *keys;
} recoup_lever;

typedef struct recoup_action {
    const char *what, *owner, *measure;
    double due; /* days since 1970; NaN: not given */
} recoup_action;

typedef struct recoup_plan {
    const char *name; /* no two alike */
    const recoup_node *node;
    int n_levers;
    recoup_lever *lever;
    double cost;            /* of all its levers */
    recoup_effects effects; /* what the levers change, after recoup_scenario_resolve */
    /* for the plan document; NULL, NaN and 0 where not given */
    const char *owner, *team, *help, *implication, *incentive, *investment;
    double start, review; /* days since 1970; levers without a start begin at `start` */
    int n_actions;
    recoup_action *action;
} recoup_plan;

struct recoup_scenario {
    recoup_document *document;               /* owns the strings */
    const struct recoup_scenario_keys *keys; /* as written: scenario/keys.h */
    const char *name, *currency;
    double as_of, period_start,
        period_end;   /* days since 1970; the period ends when period_end begins */
    double zone_days; /* of `timezone`, ahead of UTC */
    double quota;
    bool quota_from_reps; /* then quota is NaN */
    double booked;        /* override; NaN: what the tables say */
    /* relative to the working directory, or absolute; NULL: none */
    char *deals, *stage_history, *reps, *activities, *model_path;
    int n_stages;
    const char **stages;
    int n_labels;
    const char **label, **meaning;
    recoup_cohort_rule cohorts;
    double top_share, bottom_share, ramp_days;
    recoup_simulation simulation;
    int n_plans;
    recoup_plan *plan;
    bool resolved;
    recoup_arena arena; /* everything above but the document */
};

/* The scenario with its plans worked out against another model of the same names (a draw of the
 * model that it was resolved against). Borrows everything else: `scenario` must outlive it. Nothing
 * is noted again. To be cleared, after a failure too. */
recoup_status recoup_scenario_redraw(const recoup_scenario *scenario, const recoup_model *model,
                                     recoup_scenario *drawn, recoup_error *error);
void recoup_scenario_drawn_clear(recoup_scenario *drawn);

#endif
