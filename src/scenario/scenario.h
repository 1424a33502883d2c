/* The scenario in memory; the public half is recoup/scenario.h. */
#ifndef RECOUP_SCENARIO_SCENARIO_H
#define RECOUP_SCENARIO_SCENARIO_H

#include "config/config.h"
#include "model/model.h"
#include "scenario/benchmarks.h"
#include "scenario/change.h"
#include "scenario/data.h"
#include "scenario/decisions.h"
#include "scenario/diagnosis.h"
#include "scenario/review.h"
#include <recoup/scenario.h>

typedef enum recoup_lever_kind {
    RECOUP_LEVER_ADJUST,
    RECOUP_LEVER_REASSIGN,
    RECOUP_LEVER_CHANNEL_FOCUS,
    RECOUP_LEVER_DISCOUNT_LIMIT,
    RECOUP_LEVER_SCRUB,
    RECOUP_LEVER_SEGMENT_FOCUS,
    RECOUP_LEVER_COACH,
    RECOUP_LEVER_UNBLOCK,
    RECOUP_LEVER_ACTIVITY,
    RECOUP_LEVER_INCENTIVE,
    RECOUP_LEVER_HIRE,
    RECOUP_LEVER_QUOTA_RELIEF,
    RECOUP_N_LEVERS
} recoup_lever_kind;

/* What an effect is known from. An effect (on its own scale: a logit, the logarithm of a factor) is
 * multiplied by 1 + c z, z standard normal, one z for each lever. */
typedef enum recoup_evidence {
    RECOUP_EVIDENCE_EXPERIMENT,   /* c = 0: as stated */
    RECOUP_EVIDENCE_BEFORE_AFTER, /* .25 */
    RECOUP_EVIDENCE_ASSOCIATION,  /* .5 */
    RECOUP_EVIDENCE_OPINION,      /* 1 */
    RECOUP_N_EVIDENCES
} recoup_evidence;
extern const char *const recoup_evidence_names[RECOUP_N_EVIDENCES + 1];

/* What every lever has, and its own keys (a struct of scenario/lever_<kind>.c). */
typedef struct recoup_lever {
    recoup_lever_kind kind;
    const recoup_node *node; /* its mapping, for messages */
    uint64_t key;            /* equal for levers of one kind with equal keys of their own */
    double start_day;        /* days after the as-of date, >= 0; the delay included */
    double ramp_days;        /* 0: all at once */
    double cost, hours;      /* hours: of selling time */
    const char *owner;       /* NULL: not given */
    recoup_effect adoption;  /* the share of those meant who follow; ABSENT: all */
    recoup_evidence evidence;
    double strength;  /* of its effects, 1 as stated */
    bool is_centered; /* its effects are less their means: what is left is their spread */
    double quantile;  /* 0: effects as drawn; else each stands at this quantile of its distribution,
                         evidence and adoption included, in every draw */
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
    const recoup_lever *lever;
    double cost, hours;     /* of all its levers */
    recoup_effects effects; /* what the levers change, after recoup_scenario_resolve */
    int n_extra;            /* changes besides those of its levers (scenario/variant.h) */
    const recoup_change *extra;
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
    /* Paths are relative to the working directory, or absolute; NULL: none. */
    recoup_data_table table[RECOUP_N_TABLES];
    char *model_path;
    int n_stages;
    const char **stages;
    int n_labels;
    const char **label, **meaning;
    recoup_cohort_rule cohorts;
    double top_share, bottom_share, ramp_days;
    recoup_simulation simulation;
    recoup_decisions decisions;
    recoup_diagnosis_keys diagnosis;
    recoup_benchmarks benchmarks;
    recoup_review review;
    int n_plans;
    recoup_plan *plan;
    struct recoup_optimization *optimization; /* scenario/optimize.h */
    bool resolved;
    recoup_arena arena; /* everything above but the document */
};

/* Whether any effect of a plan's or a candidate's levers is a distribution, or widened by its
 * evidence. */
bool recoup_scenario_is_uncertain(const recoup_scenario *scenario);

/* The scenario with its plans worked out for a parameter draw: against another model of the same
 * names (that draw of the model that it was resolved against, or the same), with the effects drawn
 * for it. Borrows everything else: `scenario` must outlive it. Nothing
 * is noted again. To be cleared, after a failure too. */
recoup_status recoup_scenario_redraw(const recoup_scenario *scenario, const recoup_model *model,
                                     int draw, recoup_scenario *drawn, recoup_error *error);
void recoup_scenario_drawn_clear(recoup_scenario *drawn);

#endif
