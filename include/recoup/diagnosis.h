/* The diagnosis of a pipeline: where the gap comes from, four causes, hygiene, people. Records of
 * the results (docs/results.md, docs/diagnosis.md); `recoup run` stores them in results.h5.
 *
 * Intervals are 95 % unless a field says otherwise; shares are between 0 and 1. */
#ifndef RECOUP_DIAGNOSIS_H
#define RECOUP_DIAGNOSIS_H

#include <recoup/engine.h>
#include <recoup/record.h>
#include <recoup/results.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- what the plans say, for the plan document and for tracking --------------------------------
 */

/* One plan's own words. */
typedef struct recoup_document_row {
    const char *plan, *owner, *team, *help, *investment, *implication, *incentive;
    double start, review; /* dates */
    double cost, hours;
} recoup_document_row;

typedef struct recoup_lever_row {
    const char *plan, *kind;
    const char *keys; /* its own keys as YAML in one line */
    const char *owner, *evidence;
    double start; /* date */
    double ramp_days, cost, hours;
} recoup_lever_row;

typedef struct recoup_action_row {
    const char *plan, *what, *owner, *measure;
    double due; /* date */
} recoup_action_row;

/* --- the gap -----------------------------------------------------------------------------------
 */

/* Where the team, a cohort or a rep stands under the first plan. */
typedef struct recoup_standing_row {
    const char *level;         /* "team", "cohort" or "rep" */
    const char *name, *cohort; /* cohort: of a rep */
    const char *status;        /* of a rep: active, ramping, vacant */
    double quota;              /* NaN: none */
    double booked;             /* in the period, before the as-of date */
    int n_open;
    double open_amount;
    double expected, low, high;    /* bookings of the period: mean; 10 and 90 % quantiles */
    double hit_probability;        /* against the quota */
    double gap, gap_low, gap_high; /* quota less expected, and less high and low */
} recoup_standing_row;

/* The difference between the period's expected bookings and those of a reference, as the sum of
 * four factors whose product is bookings: volume (deals in play), win rate (the share of them that
 * is won in the end), value (mean amount of a win) and velocity (the share of wins that come within
 * the period). By LMDI (Ang 2005), to the cent. */
typedef struct recoup_gap_row {
    const char *reference; /* "last period", "same period last year", "target" */
    const char *cohort;    /* "": the team, which is the sum of its cohorts */
    const char *factor;    /* "volume", "win rate", "value", "velocity", then "total" */
    const char *unit;      /* of the two values: "deals", "share", "currency" */
    double reference_value, value;
    double effect;                  /* on bookings, money: a whole number of cents */
    double effect_low, effect_high; /* over parameter draws; NaN: none */
} recoup_gap_row;

/* --- causes ------------------------------------------------------------------------------------
 */

/* One test of one cause. Findings come first, by p-value; then what was tested and not found; then
 * what there is not enough data for. */
typedef struct recoup_finding_row {
    const char *cause;   /* "skill", "process", "motivation", "market" */
    const char *verdict; /* "found", "not found", "not enough data" */
    const char *subject; /* what is compared, in words: "developing in discovery" */
    const char *test;    /* "conversion", "log-rank", "permutation", "win rate" */
    const char *stage, *cohort, *segment, *competitor; /* "" where it is not about one */
    double since;                           /* date of a change; NaN: a standing difference */
    int n, n_reference;                     /* observations compared; of the reference */
    double value, reference;                /* e.g. conversion here and elsewhere */
    double effect, effect_low, effect_high; /* of value against reference */
    const char *unit;                       /* of the effect: "points", "times", "share" */
    double p_value, q_value; /* two-sided; Benjamini-Hochberg over all tests; NaN: not tested */
    const char *sentence;    /* for a sales leader, with its evidence */
    const char *lever;       /* YAML of the matching lever; "": none */
} recoup_finding_row;

/* --- people ------------------------------------------------------------------------------------
 */

/* How far reps differ in one measure of one stage, after shrinkage, and whether the team as a whole
 * changed. */
typedef struct recoup_spread_row {
    const char
        *measure; /* "win rate"; "conversion"; "dwell": median days until a deal leaves the stage,
                     by any exit; "amount": of a typical deal won, the geometric mean */
    const char *stage; /* "" for win rate and amount */
    const char *unit;  /* of team, sd, top, middle, bottom, before and recent */
    int n_reps, n;     /* reps with observations; observations of deals that ended */
    double team;       /* the team's value */
    double sd;         /* between reps of a cohort, chance taken out: half the distance of a rep
                          one standard deviation above to one below */
    double p_value, q_value;    /* of no difference between the reps of a cohort, by permutation;
                                   Benjamini-Hochberg over all rows */
    double top, middle, bottom; /* of the top 10 %, the middle and the bottom 10 % by attainment
                                   before the period; NaN: fewer than ten reps */
    double before, recent;      /* the team: up to two lengths of the period before the as-of date,
                                   and since */
    double change_p_value, change_q_value; /* of no change */
    const char *verdict; /* "individual": the reps of a cohort differ; "systemic": they do not, and
                            the team became worse; "both"; "no difference"; "not enough data" */
} recoup_spread_row;

/* Reps short of their quota, period by period: today's quota, since tables hold no other. */
typedef struct recoup_shortfall_row {
    double start, end;   /* dates; end: the day after the last */
    int n_reps, n_short; /* with a quota; below it */
    double share, share_low, share_high;
    int n_again;                  /* short then and in the period before */
    double again, again_expected; /* share of the short before that are short again; if it were
                                     chance: the share of all */
} recoup_shortfall_row;

/* The skill matrix: one rep in one stage. */
typedef struct recoup_skill_row {
    const char *rep, *cohort, *stage;
    int n;                        /* deals that entered */
    double conversion, low, high; /* shrunk to the cohort */
    double team;                  /* what the team converts of deals like these */
    const char *verdict;          /* "above", "below", "as the team", "not enough data" */
} recoup_skill_row;

/* The deal flow: what stands significantly above or below the rest, and what moves. By quadrant,
 * then by q-value. */
typedef struct recoup_swot_row {
    const char *quadrant;         /* "strength", "weakness", "opportunity", "threat" */
    const char *dimension, *name; /* "segment" "public"; a stage for its conversion */
    const char *test;             /* "level": against the others of the dimension; "change": the
                                     recent window against before; "share": its share of new deals,
                                     recently against before */
    int n;                        /* deals (or stays) compared; of a change, the recent ones */
    double value, low, high;      /* win rate, conversion or share of new deals */
    double reference;             /* the same of the others, or before */
    double q_value;               /* Benjamini-Hochberg over all tests made */
    const char *sentence;
} recoup_swot_row;

/* --- beside our own figures --------------------------------------------------------------------
 */

/* In the order of the scenario. The interval of the attainment is that of the forecast, 5 to 95 %;
 * the others are of what was seen, censoring taken out. */
typedef struct recoup_benchmark_row {
    const char *measure, *unit; /* "win rate", "cycle", "deal", "attainment", "conversion" */
    const char *stage;          /* of a conversion */
    int n;                      /* deals (or stays) that ended, or were won */
    double value, low, high;    /* ours; NaN: not enough data */
    double benchmark;
    const char *source;
    const char *verdict; /* "above", "below", "no clear difference", "not enough data" */
} recoup_benchmark_row;

/* By the number of deals; recent: lost in the two lengths of the period before the as-of date. */
typedef struct recoup_loss_row {
    const char *reason; /* "not given" too, at the end */
    int n;
    double share, amount;
    int n_before, n_recent;
    double before, recent; /* shares of the losses before and since; NaN: none */
} recoup_loss_row;

/* Of a review with those around the sales team, as the scenario holds it. */
typedef struct recoup_review_row {
    const char *group; /* "partners", "prospects", "support" ... */
    const char *note;
} recoup_review_row;

/* --- hygiene -----------------------------------------------------------------------------------
 */

/* An open deal that a rule of hygiene matches. */
typedef struct recoup_hygiene_row {
    const char *deal, *rep, *stage;
    double amount, created; /* money; date */
    double stage_days, age_days;
    double win_probability, expected; /* within the period; money */
    const char *rules;                /* "expired, no next step" */
    const char *disposition;          /* "keep", "nurture", "close-lost" */
} recoup_hygiene_row;

/* One rule over all open deals. */
typedef struct recoup_rule_row {
    const char *rule, *meaning;
    int n_deals; /* -1: the tables lack the column */
    double share, amount, expected;
    const char *missing; /* the column that is lacking; "": none */
} recoup_rule_row;

/* The forecast with and without the deals to be closed. */
typedef struct recoup_forecast_row {
    const char *pipeline; /* "as is", "scrubbed" */
    int n_open;
    double open_amount, expected;
    double hit_probability, hit_probability_se;
} recoup_forecast_row;

/* What the tables themselves lack. */
typedef struct recoup_quality_row {
    const char *table, *column, *problem;
    int n, n_rows;
    double share;
    const char *meaning; /* what follows from it */
} recoup_quality_row;

/* --- pace --------------------------------------------------------------------------------------
 */

/* What one rep with a quota needs from now on, beside what the forecast expects anyway: to the end
 * of the period, or to that of the next calendar month, whose number is the quota's share by days.
 * The counts are recoup_activity's (recoup/activity.h), on average and with 80 % confidence. */
typedef struct recoup_pace_row {
    const char *rep, *cohort;
    const char *goal;             /* "period", "next month" */
    double until;                 /* date: the last day of it */
    double number;                /* money to be booked in it */
    double expected;              /* that is, the period's booked included */
    double gap;                   /* number less expected */
    double win;                   /* P(a new deal is won in time) */
    int n_deals;                  /* to be won beside */
    int n_weeks;                  /* to create them in, from now on */
    double created, created_sure; /* new deals a week, beside those that come anyway */
    double calls, calls_sure;     /* calls a week that they take; NaN: not known */
    double calls_now;             /* mean a week of the last four; NaN: no activities */
    const char *verdict; /* "on track", "behind", "too late": for most of the deals of this week */
} recoup_pace_row;

/* New deals of the period until a day: counted before the as-of date, then as the first plan
 * expects them. */
typedef struct recoup_inflow_row {
    double until;              /* date: the last day counted */
    double created, low, high; /* mean; 10 and 90 % quantiles */
} recoup_inflow_row;

/* --- all of it ---------------------------------------------------------------------------------
 */

/* X(ID, name, what the rows are); rows are recoup_<name>_row. */
#define RECOUP_RECORD_LIST(X)                                                                      \
    X(DOCUMENT, document, "the plans' own words")                                                  \
    X(LEVER, lever, "the plans' levers")                                                           \
    X(ACTION, action, "the plans' actions")                                                        \
    X(STANDING, standing, "where team, cohorts and reps stand")                                    \
    X(GAP, gap, "the gap to a reference by factor")                                                \
    X(FINDING, finding, "tests of the four causes")                                                \
    X(SPREAD, spread, "how far reps differ")                                                       \
    X(SHORTFALL, shortfall, "reps short of today's quota by period")                               \
    X(SKILL, skill, "conversion by rep and stage")                                                 \
    X(SWOT, swot, "strengths and weaknesses of the deal flow")                                     \
    X(BENCHMARK, benchmark, "our figures beside benchmarks")                                       \
    X(LOSS, loss, "reasons of losses")                                                             \
    X(REVIEW, review, "notes of the review")                                                       \
    X(HYGIENE, hygiene, "open deals that a rule of hygiene matches")                               \
    X(RULE, rule, "rules of hygiene")                                                              \
    X(FORECAST, forecast, "the forecast as is and scrubbed")                                       \
    X(QUALITY, quality, "what the tables lack")                                                    \
    X(PACE, pace, "what each rep needs")                                                           \
    X(INFLOW, inflow, "new deals of the period")

typedef enum recoup_record_id {
#define RECOUP_RECORD_ID(id, name, long_name) RECOUP_RECORD_##id,
    RECOUP_RECORD_LIST(RECOUP_RECORD_ID)
#undef RECOUP_RECORD_ID
        RECOUP_N_RECORDS
} recoup_record_id;

/* In the order of the list. */
extern const recoup_record_type recoup_record_types[RECOUP_N_RECORDS];

/* The rows of one kind, an array of its struct; borrowed from the results:
 *     const recoup_rule_row *rule = recoup_results_records(results, RECOUP_RECORD_RULE, &n); */
const void *recoup_results_records(const recoup_results *results, recoup_record_id id, int *n);

/* Adds the diagnosis to the results of the scenario's simulation: the plans' words, and what the
 * tables up to the as-of date tell. What cannot be told for want of data is left out or says so.
 * To be called once, before the results are used. The same, bit for bit, for any number of threads.
 * EINTERRUPTED, ENOMEM, and what recoup_simulate returns: the results are to be freed then. */
recoup_status recoup_diagnose(const recoup_scenario *scenario, const recoup_model *model,
                              const recoup_view *view, const recoup_engine_options *options,
                              recoup_results *results, recoup_error *error);

#ifdef __cplusplus
}
#endif
#endif
