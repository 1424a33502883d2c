/* The program: a model, the open deals and all plans of a scenario, compiled into flat tables that
 * the engine reads and nobody changes. Compiling validates; the engine cannot fail on what it is
 * given.
 *
 * Time is days after the as-of date, 0 .. horizon_days (the end of the period).
 *
 * A *cell* is a (crew, channel, segment); a *crew* is a cohort, or in a plan those of a cohort's
 * reps who hold more deals than they can work at full speed. Channel and segment collapse to one
 * value when neither the model nor any plan tells them apart, and each has a last value "none" for
 * deals without one. For each plan, cell and stage there are *epochs*, times during which the laws
 * stay the same; for each epoch one *law* per exit of the stage.
 */
#ifndef RECOUP_PROGRAM_PROGRAM_H
#define RECOUP_PROGRAM_PROGRAM_H

#include "crm/view.h"
#include "dist/dist.h"
#include "model/model.h"
#include "scenario/scenario.h"

enum { RECOUP_PROGRAM_MAX_EXITS = 16 }; /* of one stage */

/* What all plans and cells share of an exit. */
typedef struct recoup_program_exit {
    int target;        /* stage index, RECOUP_EXIT_WON, RECOUP_EXIT_LOST or RECOUP_EXIT_NEVER */
    recoup_dist dwell; /* its mu is replaced by the law's */
    double size_logit, discount_logit;
    double market; /* loading on Z: on `advance` and on every exit to won */
} recoup_program_exit;

typedef struct recoup_law {
    double logit; /* base + cohort + channel + segment + levers */
    double mu;    /* log time scale of the dwell */
} recoup_law;

typedef struct recoup_epoch {
    double start_day; /* in force until the next epoch's; the first starts at 0 */
    double speed;     /* v(t) > 0 */
    double cap_share; /* share of the discount limit in force */
    int law;          /* of the stage's first exit */
} recoup_epoch;

/* Who owns a deal from start_day on. The first starts at 0. */
typedef struct recoup_episode {
    double start_day, still_until; /* hand-over: the deal stands still until then; +inf: it is
                                      closed, lost */
    int rep, cell;                 /* rep -1: nobody */
} recoup_episode;

typedef struct recoup_program_deal {
    uint64_t key;
    int stage;
    double age_days; /* in the stage, at day 0 */
    double amount, log_size, discount;
} recoup_program_deal;

/* New deals of one cohort and channel. */
typedef struct recoup_program_stream {
    uint64_t key;        /* upper 32 bits of its new deals' entities before the layer is mixed in */
    int cohort, channel; /* of the model; channel 0 when it has none */
    double rate; /* per day, before the market factor; of one layer: a plan with factor r accepts
                    the deals whose height is below r */
    double dispersion;     /* variance of the gamma factor of a path; 0: none */
    int first_rep, n_reps; /* in stream_rep; 0: deals belong to nobody */
} recoup_program_stream;

/* Leads go from some reps to others. */
typedef struct recoup_lead_move {
    const bool *from; /* [rep] */
    const int *to;
    int n_to;
    double share; /* of the leads, once the ramp is over */
    double start_day, ramp_days;
} recoup_lead_move;

/* Reps of a cohort who from from_day on work every deal `speed` times as fast as the cohort. */
typedef struct recoup_crew {
    int cohort;
    double speed, from_day; /* 0 < speed < 1 */
} recoup_crew;

typedef struct recoup_amount_change {
    const bool *cell; /* [cell] */
    double start_day, ramp_days, log_factor;
} recoup_amount_change;

/* The tables of one plan. */
typedef struct recoup_program_plan {
    const int *epoch_first; /* [cell * n_stages + stage], one more at the end */
    const recoup_epoch *epoch;
    const recoup_law *law;
    int n_laws;
    bool same_laws;           /* epochs and laws equal those of the first plan, bit for bit */
    const int *episode_first; /* [deal], one more at the end */
    const recoup_episode *episode;
    /* LOG_RATE, and HIRES, whose value is their number over that of the reps who get the cohort's
     * new deals. None of value 0. */
    const recoup_change *const *rate_change;
    int n_rate_changes;
    bool has_segment_rates; /* some of them select segments */
    const recoup_amount_change *amount_change;
    int n_amount_changes;
    const recoup_lead_move *lead_move;
    int n_lead_moves;
    const recoup_cap *cap;   /* NULL: none */
    const bool *cap_cell;    /* [cell] */
    const recoup_crew *crew; /* crew n_cohorts + i of the program is crew[i] of the plan */
    int n_crews;
    const int *rep_crew;        /* [rep]: its crew, -1: none; NULL: its cohort */
    const double *closed_day;   /* [open deal] when the plan closes it, +inf: never; NULL: none */
    const recoup_change *freed; /* LOG_RATE: what the effort of the closed deals brings */
    int n_freed;
    double quota; /* that the plan is held against; teams and reps are in proportion */
} recoup_program_plan;

typedef struct recoup_program {
    double horizon_days;
    int n_stages, n_cells, n_plans, n_deals, n_streams;
    const int *exit_first; /* [stage], one more at the end */
    const recoup_program_exit *exit;
    /* cell = (crew * n_channels + channel) * n_segments + segment; the first n_cohorts crews are
     * the cohorts, the others are the plan's, and not all plans have as many */
    int n_cohorts, n_channels, n_segments;
    const recoup_program_plan *plan;
    const recoup_program_plan *none; /* laws without any lever; its other fields are empty */
    const recoup_program_deal *deal; /* the open deals, by deal_id */
    const recoup_episode *owner;     /* [deal]: at day 0, in every plan */
    const recoup_program_stream *stream;
    int n_layers;                    /* layers any plan can reach */
    const int *stream_rep;           /* reps that new deals go to */
    const double *stream_rep_weight; /* cumulative within the stream, the last is 1 */

    double market_arrivals;
    double log_size_ref;
    recoup_dist new_amount;
    double revision_sigma;
    int n_discount;
    const double *discount_quantile;
    int n_mix;         /* segments of the model; 0: new deals have none */
    const double *mix; /* cumulative, the last is 1 */

    int n_reps, n_teams;
    const int *rep_cohort, *rep_team; /* -1: none */
    /* Already booked in the period, per unit, and labels for the tally. */
    double booked, *cohort_booked, *team_booked, *rep_booked;
    int n_booked;
    double quota; /* of the period, without any relief */
    const double *rep_quota, *team_quota;
    recoup_arena arena;
} recoup_program;

/* The scenario must be resolved against the model. Borrows strings and changes of the scenario and
 * the names of the view: both must outlive the program. EINVALID: the plans or the view do not fit
 * the model, each reason reported. To be freed by recoup_program_free (NULL is fine). */
recoup_status recoup_program_create(const recoup_scenario *scenario, const recoup_model *model,
                                    const recoup_view *view, recoup_program **program,
                                    recoup_error *error);
void recoup_program_free(recoup_program *program);

/* The share in force on `day` of something that starts on start_day and ramps (scenario/change.h).
 */
double recoup_share(double start_day, double ramp_days, double day);

/* What a plan multiplies the arrivals of a stream and segment (of the model; -1: none) by on `day`.
 */
double recoup_program_rate_factor(const recoup_program_plan *plan,
                                  const recoup_program_stream *stream, int segment, double day);

/* Shares of the reps in the leads of a stream on a day under a plan: each of its moves takes a
 * share of the leads of its reps and spreads them evenly. share: [rep]; all 0 where the stream's
 * deals belong to nobody. */
void recoup_program_share_leads(const recoup_program *program, const recoup_program_plan *plan,
                                const recoup_program_stream *stream, double day, double *share);

static inline int recoup_program_cell(const recoup_program *program, int crew, int channel,
                                      int segment) {
    return (crew * program->n_channels + channel) * program->n_segments + segment;
}

static inline int recoup_program_n_crews(const recoup_program *program) {
    return program->n_cells / (program->n_channels * program->n_segments);
}

/* The cohort of a cell under a plan. */
static inline int recoup_program_cohort(const recoup_program *program,
                                        const recoup_program_plan *plan, int cell) {
    int crew = cell / (program->n_channels * program->n_segments), own = crew - program->n_cohorts;
    if (own < 0)
        return crew;
    return plan->crew && own < plan->n_crews ? plan->crew[own].cohort : 0; /* 0: nobody's */
}

/* When open deals are stale (crm/hygiene.h): limit_days by stage and cohort, [stage * n_cohorts +
 * cohort], as stale_days by deal of the view; those of closed deals stay as they are. */
void recoup_program_stale_days(const recoup_program *program, const recoup_view *view,
                               const double *limit_days, double *stale_days);

/* [rep]: crews under a plan. */
static inline const int *recoup_program_crews(const recoup_program *program,
                                              const recoup_program_plan *plan) {
    return plan->rep_crew ? plan->rep_crew : program->rep_cohort;
}

#endif
