/* What a simulation adds up: mergeable reductions over paths.
 *
 * The engine simulates paths in chunks of a fixed size. A worker fills a recoup_chunk, counts it
 * into its own tally (counts are integers: their order does not matter) and sums it up into
 * recoup_sums, which are added to the tally of all in the order of the chunks, whoever computed
 * them; so every number is the same, bit for bit, for any number of threads. Memory does not grow
 * with the number of paths (unless paths are kept): quantiles come from sketches.
 */
#ifndef RECOUP_TALLY_TALLY_H
#define RECOUP_TALLY_TALLY_H

#include "base/error.h"
#include "base/memory.h"
#include "tally/sketch.h"
#include <recoup/tally.h>
#include <stdint.h>

/* The quantiles that are reported. */
enum { RECOUP_TALLY_QUANTILES = 9 };
extern const double recoup_tally_quantiles[RECOUP_TALLY_QUANTILES];

/* Sizes and labels; all labels are copied. */
typedef struct recoup_tally_shape {
    int n_plans, n_cohorts, n_teams, n_reps, n_weeks, n_draws;
    int n_stages; /* 0: flows are not tallied */
    char *const *plan, *const *cohort, *const *team, *const *rep, *const *stage;
    const double *week; /* last day (days since 1970) counted in each point of the fan */
    const double *team_quota, *rep_quota; /* NaN: no quota */
    const double *plan_cost;
    double quota, booked; /* of the period; a chunk says what each plan is held against */
    int n_booked;         /* deals already won in the period */
    const char *currency;
    int chunk_paths;        /* paths in a full chunk */
    int64_t paths_per_draw; /* paths are numbered draw by draw */
    bool keep_paths;
} recoup_tally_shape;

/* What deals do in a stage within the period, summed over paths. */
typedef struct recoup_flow {
    double entered;  /* deals that enter the stage (not those that were in it at the start) */
    double advanced; /* that leave it by any exit but lost: to a stage or to won */
    double lost;
    double open;        /* in it at the end */
    double open_amount; /* their amounts as they are now */
} recoup_flow;

/* The outcomes of n paths of one parameter draw, from the draw's path `first` on. Everything
 * includes what was already booked. Layout: [plan][unit][path], path < chunk_paths. */
typedef struct recoup_chunk {
    int64_t first;
    int n, draw;
    /* [plan]: that bookings are held against; at first the shape's. Teams' and reps' own quotas
     * count in proportion. */
    double *quota;
    double *bookings;  /* [plan][path] */
    double *wins;      /* [plan][path], wins after the as-of date */
    double *cohort;    /* [plan][cohort][path] */
    double *team;      /* [plan][team][path] */
    double *rep;       /* [plan][rep][path] */
    double *week;      /* [plan][week][path], cumulative */
    recoup_flow *flow; /* [plan][stage] */
    recoup_arena arena;
} recoup_chunk;

typedef struct recoup_moments {
    double n, mean, m2; /* m2: sum of squared deviations from the mean */
} recoup_moments;

/* Adds values (as one sample: two passes, then merged) / another sample. So the result depends on
 * which values are added together, and in which order. Source: Chan, Golub, LeVeque, Updating
 * formulae and a pairwise algorithm for computing sample variances, Stanford STAN-CS-79-773, 1979.
 */
void recoup_moments_add(recoup_moments *moments, const double *value, int n);
void recoup_moments_merge(recoup_moments *into, const recoup_moments *from);

/* What is added up in order. */
typedef struct recoup_plan_sums {
    recoup_moments bookings, wins;
    recoup_moments gain;           /* bookings minus the first plan's, path by path */
    recoup_moments shortfall;      /* max(0, quota - bookings) */
    recoup_moments *cohort, *team; /* [cohort], [team] */
    recoup_flow *flow;             /* [stage] */
    double quota;                  /* of a chunk */
    int64_t hits;                  /* of a chunk: paths with bookings >= quota */
    int64_t gained,
        lost; /* of a chunk: paths that hit where the first plan does not; the reverse */
} recoup_plan_sums;

/* Of one chunk. */
typedef struct recoup_sums {
    int draw, n;
    recoup_plan_sums *plan;
} recoup_sums;

typedef struct recoup_plan_tally {
    recoup_plan_sums sums;
    recoup_sketch sketch;          /* of bookings */
    int64_t *hits, *gained, *lost; /* [draw] */
    double *quota;                 /* [draw]; NaN: no chunk came, and nobody set it */
    recoup_sketch *cohort_sketch, *team_sketch, *rep_sketch, *week_sketch;
    int64_t *team_hits, *rep_hits; /* against their own quota; 0 when there is none */
} recoup_plan_tally;

/* What the estimator `conditional` says of each plan, with its errors (engine/conditional.h). */
typedef struct recoup_exact {
    double *hit, *hit_se;               /* [plan] */
    double *gain, *gain_se;             /* [plan]: of hit, against the first plan */
    double *hit_draw;                   /* [plan][draw] */
    int n_replicates;                   /* independent scramblings */
    double *hit_replicate;              /* [plan][replicate] */
    double *mean, *mean_se, *sd, *wins; /* [plan]: of bookings; of the number of wins */
    double *mean_draw;                  /* [plan][draw]: of bookings */
    double *shortfall;                  /* [plan]: mean of max(0, quota - bookings) */
    double *mean_gain, *mean_gain_se;   /* [plan] */
    double *quantile;                   /* [plan][RECOUP_TALLY_QUANTILES] */
} recoup_exact;

struct recoup_tally {
    recoup_tally_shape shape; /* labels owned by the arena */
    int64_t n_paths;          /* added so far */
    recoup_plan_tally *plan;
    int64_t *draw_paths; /* [draw]: paths added */
    recoup_exact *exact; /* NULL: only paths were simulated */
    double *kept;        /* [plan][draw][path] when keep_paths; shared by the parts of a tally */
    recoup_arena arena;
};

recoup_status recoup_tally_create(const recoup_tally_shape *shape, recoup_tally **tally,
                                  recoup_error *error);
/* An empty tally to count into, for one worker; ends before the whole does. */
recoup_status recoup_tally_part(const recoup_tally *whole, recoup_tally **part,
                                recoup_error *error);
recoup_status recoup_chunk_init(recoup_chunk *chunk, const recoup_tally_shape *shape,
                                recoup_error *error);
void recoup_chunk_clear(recoup_chunk *chunk);
/* Room for the sums of n chunks, in the arena; NULL: out of memory. */
recoup_sums *recoup_sums_new(recoup_arena *arena, const recoup_tally_shape *shape, int n);

/* Zeroed room for `exact` of a tally, in its arena. */
recoup_status recoup_tally_make_exact(recoup_tally *tally, int n_replicates, recoup_error *error);

/* Counts a chunk: sketches, hits of teams and reps, kept paths. Chunks may come in any order, each
 * once, to parts of the same tally at the same time. ENOMEM: a sketch could not grow, and the tally
 * is no longer of use. EUSAGE: the chunk does not fit the shape. */
recoup_status recoup_tally_count(recoup_tally *part, const recoup_chunk *chunk,
                                 recoup_error *error);
/* The sums of a chunk. */
void recoup_sums_set(recoup_sums *sums, const recoup_tally_shape *shape, const recoup_chunk *chunk);
/* Adds the sums of a chunk; in the order of the chunks. */
void recoup_tally_add(recoup_tally *tally, const recoup_sums *sums);
/* Adds the counts of a part, which is empty afterwards. ENOMEM as above. */
recoup_status recoup_tally_absorb(recoup_tally *tally, recoup_tally *part, recoup_error *error);

/* P(hit) of a plan over the D draws that have paths, and its Monte Carlo standard error (draws
 * fixed): mean of p_d, and sqrt(sum_d p_d (1 - p_d) / n_d) / D. Where that is 0 (no hits, or
 * nothing but hits) the standard error is that of half a hit in all n paths, sqrt(q (1 - q) / n)
 * with q = 1 / (2 n) (Agresti-Coull style): never 0. Without paths: 0 and 1/2. */
double recoup_tally_hit(const recoup_tally *tally, int plan, double *standard_error);

#endif
