/* Results in memory: one array per variable of results.h5, row-major in the order of its
 * dimensions. The public half is recoup/results.h, the meaning of each variable is in
 * docs/results.md. */
#ifndef RECOUP_RESULTS_RESULTS_H
#define RECOUP_RESULTS_RESULTS_H

#include "base/error.h"
#include "base/memory.h"
#include <recoup/diagnosis.h>
#include <recoup/results.h>

/* The rows of one kind of record, an array of its struct. */
typedef struct recoup_records {
    void *row;
    int n;
    size_t capacity; /* rows are on the heap: they grow */
} recoup_records;

struct recoup_results {
    /* root attributes */
    char *title, *recoup_version, *git_sha1, *estimator, *hit_estimator, *isa, *scenario, *model,
        *currency;
    char *as_of, *period_start, *period_end; /* ISO dates; "": an older file */
    char *input_digest;                      /* "fnv1a64:..." */
    char *model_digest; /* the same of the model with its draws; "": an older file */
    int64_t seed, paths, parameter_draws;

    /* dimensions and their coordinates */
    int n_plans, n_quantiles, n_cohorts, n_teams, n_reps, n_weeks, n_stages, n_bins, n_draws;
    int64_t n_paths_kept;                                    /* 0: paths were not kept */
    int n_replicates;                                        /* 0: P(hit) comes from paths */
    int n_delays, n_strengths, n_factors, n_ends, n_sources; /* 0: not asked for (decide/) */
    char **plan, **cohort, **team, **rep, **stage;
    double *quantile;
    int *week;              /* days since 1970-01-01: the last day counted */
    int *bin, *draw;        /* 0, 1, ... */
    double *bin_edge;       /* [bin + 1] */
    int *replicate, *delay; /* 0, 1, ...; days */
    double *strength;       /* of the effects, 1 as stated */
    char **factor, **end, **source;

    double booked, quota;
    double *plan_cost;                                                  /* [plan] */
    double *plan_quota;                                                 /* [plan] */
    double *hit_probability, *hit_probability_se;                       /* [plan] */
    double *hit_probability_paths, *hit_probability_paths_se;           /* [plan] */
    double *hit_probability_draw;                                       /* [plan][draw] */
    double *hit_probability_replicate;                                  /* [plan][replicate] */
    double *hit_gain, *hit_gain_se;                                     /* [plan] */
    double *bookings_mean, *bookings_sd, *bookings_mean_se, *wins_mean; /* [plan] */
    double *expected_shortfall;                        /* [plan] mean of max(0, quota - bookings) */
    double *bookings_quantile, *attainment_quantile;   /* [plan][quantile] */
    int64_t *bookings_histogram;                       /* [plan][bin] */
    double *bookings_gain_mean, *bookings_gain_se;     /* [plan] */
    double *best_probability, *expected_regret;        /* [plan] */
    double *cohort_bookings_mean;                      /* [plan][cohort] */
    double *cohort_bookings_quantile;                  /* [plan][cohort][quantile] */
    double *team_bookings_mean, *team_hit_probability; /* [plan][team]; NaN: no quota */
    double *team_bookings_quantile;                    /* [plan][team][quantile] */
    double *rep_hit_probability;                       /* [plan][rep]; NaN: no quota */
    double *rep_bookings_quantile;                     /* [plan][rep][quantile] */
    double *cumulative_bookings_quantile;              /* [plan][week][quantile] */
    double *stage_entered_mean, *stage_advanced_mean, *stage_lost_mean; /* [plan][stage] */
    double *stage_open_mean, *stage_open_amount_mean;                   /* [plan][stage] */
    double *bookings;                                                   /* [plan][path] when kept */

    /* what the scenario's `decisions` ask for (decide/) */
    double target, margin;
    int decision_draws;
    double *strength_hit_probability;                             /* [plan][strength] */
    double *hit_probability_centered, *best_probability_centered; /* [plan]; NaN: no effects */
    double *break_even, *break_even_effect;                       /* [plan]; NaN: none */
    char **break_even_unit;                                       /* [plan]; "": no single effect */
    double *delay_hit_probability, *delay_hit_probability_se;     /* [plan][delay] */
    double *delay_hit_gain, *delay_hit_gain_se;                   /* [plan][delay] */
    double *delay_bookings_mean;                                  /* [plan][delay] */
    char **factor_unit;                                           /* [factor] */
    double *factor_value;                                         /* [factor][end] */
    double *sensitivity_hit_probability;                          /* [plan][factor][end] */
    double *sensitivity_bookings_mean;                            /* [plan][factor][end] */
    double *variance_share;                                       /* [plan][source] */

    recoup_records records[RECOUP_N_RECORDS]; /* their texts are in the arena (diagnose/) */
    recoup_arena arena;
};

#endif
