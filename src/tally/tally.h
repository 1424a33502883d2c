/* What a simulation adds up: mergeable reductions over paths.
 *
 * The engine simulates paths in chunks of a fixed size. A worker fills a recoup_chunk, and chunks
 * are merged into the tally in the order of their index, whoever computed them; so every sum is the
 * same, bit for bit, for any number of threads. Memory does not grow with the number of paths
 * (unless paths are kept): quantiles come from sketches.
 */
#ifndef RECOUP_TALLY_TALLY_H
#define RECOUP_TALLY_TALLY_H

#include "base/error.h"
#include "base/memory.h"
#include "tally/sketch.h"
#include <recoup/tally.h>
#include <stdint.h>

/* Sizes and labels; all labels are copied. */
typedef struct recoup_tally_shape {
    int n_plans, n_cohorts, n_teams, n_reps, n_weeks, n_draws;
    char *const *plan, *const *cohort, *const *team, *const *rep;
    const double *week; /* last day (days since 1970) counted in each point of the fan */
    const double *team_quota, *rep_quota; /* NaN: no quota */
    const double *plan_cost;
    double quota, booked; /* of the period */
    int n_booked;         /* deals already won in the period */
    const char *currency;
    int chunk_paths;        /* paths in a full chunk */
    int64_t paths_per_draw; /* paths are numbered draw by draw */
    bool keep_paths;
} recoup_tally_shape;

/* The outcomes of the paths [first, first + n) of one parameter draw. Everything includes what was
 * already booked. Layout: [plan][unit][path], path < chunk_paths. */
typedef struct recoup_chunk {
    int64_t first;
    int n, draw;
    double *bookings; /* [plan][path] */
    double *wins;     /* [plan][path], wins after the as-of date */
    double *cohort;   /* [plan][cohort][path] */
    double *team;     /* [plan][team][path] */
    double *rep;      /* [plan][rep][path] */
    double *week;     /* [plan][week][path], cumulative */
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

typedef struct recoup_plan_tally {
    recoup_moments bookings, wins;
    recoup_moments gain;      /* bookings minus the first plan's, path by path */
    recoup_moments shortfall; /* max(0, quota - bookings) */
    recoup_sketch sketch;     /* of bookings */
    int64_t *hits;            /* [draw]: paths with bookings >= quota */
    int64_t *gained, *lost; /* [draw]: paths that hit where the first plan does not; the reverse */
    recoup_moments *cohort; /* [cohort] */
    recoup_sketch *cohort_sketch, *team_sketch, *rep_sketch, *week_sketch;
    recoup_moments *team;
    int64_t *team_hits, *rep_hits; /* against their own quota; 0 when there is none */
} recoup_plan_tally;

struct recoup_tally {
    recoup_tally_shape shape; /* labels owned by the arena */
    int64_t n_paths;          /* merged so far */
    recoup_plan_tally *plan;
    int64_t *draw_paths; /* [draw]: paths merged */
    double *kept;    /* [plan][n_draws × paths_per_draw], in order of merging, when keep_paths */
    double *scratch; /* [path] of a chunk */
    recoup_arena arena;
};

recoup_status recoup_tally_create(const recoup_tally_shape *shape, recoup_tally **tally,
                                  recoup_error *error);
recoup_status recoup_chunk_init(recoup_chunk *chunk, const recoup_tally_shape *shape,
                                recoup_error *error);
void recoup_chunk_clear(recoup_chunk *chunk);
/* Chunks are to be merged in order of their first path. ENOMEM: a sketch could not grow, and the
 * tally is no longer of use. EUSAGE: more paths than the shape has. */
recoup_status recoup_tally_merge(recoup_tally *tally, const recoup_chunk *chunk,
                                 recoup_error *error);

/* P(hit) of a plan over the D draws that have paths, and its Monte Carlo standard error (draws
 * fixed): mean of p_d, and sqrt(sum_d p_d (1 - p_d) / n_d) / D. Where that is 0 (no hits, or
 * nothing but hits) the standard error is that of half a hit in all n paths, sqrt(q (1 - q) / n)
 * with q = 1 / (2 n) (Agresti-Coull style): never 0. Without paths: 0 and 1/2. */
double recoup_tally_hit(const recoup_tally *tally, int plan, double *standard_error);

#endif
