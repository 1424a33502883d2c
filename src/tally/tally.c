#include "tally/tally.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Bits of the sketches. A quantile is off by at most a bin, a relative 2^-bits, and by far less
 * where the density hardly bends within a bin. That is to stay below the Monte Carlo error of the
 * quantile: with a relative spread of .1 in a plan's bookings the median of 1e6 paths is known to
 * 1.25 · .1 / 1000 = 1.3e-4, and a bin of 2^-11 = 4.9e-4 bends by 1e-6. Sums of fewer deals spread
 * more (.3 and 1), so cohorts, teams and weeks need 9 bits, and reps, of which there are many, 7.
 */
enum { TOTAL_BITS = 11, GROUP_BITS = 9, REP_BITS = 7 };

/* --- moments ------------------------------------------------------------------------------- */

void recoup_moments_merge(recoup_moments *into, const recoup_moments *from) {
    if (from->n == 0)
        return;
    double n = into->n + from->n, delta = from->mean - into->mean;
    into->mean += delta * (from->n / n);
    into->m2 += from->m2 + delta * delta * (into->n * from->n / n);
    into->n = n;
}

void recoup_moments_add(recoup_moments *moments, const double *value, int n) {
    if (n <= 0)
        return;
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += value[i];
    recoup_moments sample = {.n = n, .mean = sum / n};
    double rest = 0; /* what rounding of the mean leaves of the sum of deviations: 0 in theory */
    for (int i = 0; i < n; i++) {
        double deviation = value[i] - sample.mean;
        rest += deviation;
        sample.m2 += deviation * deviation;
    }
    sample.m2 = fmax(sample.m2 - rest * rest / n, 0);
    recoup_moments_merge(moments, &sample);
}

/* --- making -------------------------------------------------------------------------------- */

static char **copy_labels(recoup_arena *arena, char *const *label, int n) {
    char **copy = recoup_arena_alloc(arena, (size_t)n, sizeof *copy);
    for (int i = 0; copy && i < n; i++) {
        copy[i] = recoup_arena_text(arena, label[i], strlen(label[i]));
        if (!copy[i])
            return NULL;
    }
    return copy;
}

static double *copy_values(recoup_arena *arena, const double *value, int n, double absent) {
    double *copy = recoup_arena_alloc(arena, (size_t)n, sizeof *copy);
    for (int i = 0; copy && i < n; i++)
        copy[i] = value ? value[i] : absent;
    return copy;
}

static bool copy_shape(recoup_arena *arena, const recoup_tally_shape *from,
                       recoup_tally_shape *to) {
    const char *currency = from->currency ? from->currency : "";
    *to = *from;
    to->plan = copy_labels(arena, from->plan, from->n_plans);
    to->cohort = copy_labels(arena, from->cohort, from->n_cohorts);
    to->team = copy_labels(arena, from->team, from->n_teams);
    to->rep = copy_labels(arena, from->rep, from->n_reps);
    to->week = copy_values(arena, from->week, from->n_weeks, 0);
    to->team_quota = copy_values(arena, from->team_quota, from->n_teams, NAN);
    to->rep_quota = copy_values(arena, from->rep_quota, from->n_reps, NAN);
    to->plan_cost = copy_values(arena, from->plan_cost, from->n_plans, 0);
    to->currency = recoup_arena_text(arena, currency, strlen(currency));
    return to->plan && to->cohort && to->team && to->rep && to->week && to->team_quota &&
           to->rep_quota && to->plan_cost && to->currency;
}

static recoup_sketch *new_sketches(recoup_arena *arena, int n, int bits) {
    recoup_sketch *sketch = recoup_arena_alloc(arena, (size_t)n, sizeof *sketch);
    for (int i = 0; sketch && i < n; i++)
        recoup_sketch_init(&sketch[i], bits);
    return sketch;
}

static bool plan_init(recoup_plan_tally *plan, const recoup_tally_shape *shape,
                      recoup_arena *arena) {
    recoup_sketch_init(&plan->sketch, TOTAL_BITS);
    plan->hits = recoup_arena_alloc(arena, (size_t)shape->n_draws, sizeof *plan->hits);
    plan->gained = recoup_arena_alloc(arena, (size_t)shape->n_draws, sizeof *plan->gained);
    plan->lost = recoup_arena_alloc(arena, (size_t)shape->n_draws, sizeof *plan->lost);
    plan->cohort = recoup_arena_alloc(arena, (size_t)shape->n_cohorts, sizeof *plan->cohort);
    plan->team = recoup_arena_alloc(arena, (size_t)shape->n_teams, sizeof *plan->team);
    plan->team_hits = recoup_arena_alloc(arena, (size_t)shape->n_teams, sizeof *plan->team_hits);
    plan->rep_hits = recoup_arena_alloc(arena, (size_t)shape->n_reps, sizeof *plan->rep_hits);
    plan->cohort_sketch = new_sketches(arena, shape->n_cohorts, GROUP_BITS);
    plan->team_sketch = new_sketches(arena, shape->n_teams, GROUP_BITS);
    plan->week_sketch = new_sketches(arena, shape->n_weeks, GROUP_BITS);
    plan->rep_sketch = new_sketches(arena, shape->n_reps, REP_BITS);
    return plan->hits && plan->gained && plan->lost && plan->cohort && plan->team &&
           plan->team_hits && plan->rep_hits && plan->cohort_sketch && plan->team_sketch &&
           plan->week_sketch && plan->rep_sketch;
}

recoup_status recoup_tally_create(const recoup_tally_shape *shape, recoup_tally **result,
                                  recoup_error *error) {
    recoup_tally *tally = RECOUP_NEW(recoup_tally, 1);
    if (!tally)
        return recoup_fail_memory(error);
    recoup_arena *arena = &tally->arena;
    bool made = copy_shape(arena, shape, &tally->shape);
    tally->draw_paths =
        recoup_arena_alloc(arena, (size_t)shape->n_draws, sizeof *tally->draw_paths);
    tally->scratch = recoup_arena_alloc(arena, (size_t)shape->chunk_paths, sizeof(double));
    tally->plan = recoup_arena_alloc(arena, (size_t)shape->n_plans, sizeof *tally->plan);
    if (shape->keep_paths) {
        size_t paths = (size_t)shape->n_draws * (size_t)shape->paths_per_draw;
        tally->kept = recoup_arena_alloc(arena, paths, (size_t)shape->n_plans * sizeof(double));
        made = made && tally->kept;
    }
    made = made && tally->draw_paths && tally->scratch && tally->plan;
    for (int p = 0; made && p < shape->n_plans; p++)
        made = plan_init(&tally->plan[p], shape, arena);
    if (!made) {
        recoup_tally_free(tally);
        return recoup_fail_memory(error);
    }
    *result = tally;
    return RECOUP_OK;
}

static void clear_sketches(recoup_sketch *sketch, int n) {
    for (int i = 0; sketch && i < n; i++)
        recoup_sketch_clear(&sketch[i]);
}

void recoup_tally_free(recoup_tally *tally) {
    if (!tally)
        return;
    for (int p = 0; tally->plan && p < tally->shape.n_plans; p++) {
        recoup_plan_tally *plan = &tally->plan[p];
        recoup_sketch_clear(&plan->sketch);
        clear_sketches(plan->cohort_sketch, tally->shape.n_cohorts);
        clear_sketches(plan->team_sketch, tally->shape.n_teams);
        clear_sketches(plan->rep_sketch, tally->shape.n_reps);
        clear_sketches(plan->week_sketch, tally->shape.n_weeks);
    }
    recoup_arena_clear(&tally->arena);
    free(tally);
}

recoup_status recoup_chunk_init(recoup_chunk *chunk, const recoup_tally_shape *shape,
                                recoup_error *error) {
    *chunk = (recoup_chunk){0};
    size_t plan = (size_t)shape->n_plans * (size_t)shape->chunk_paths * sizeof(double);
    chunk->bookings = recoup_arena_alloc(&chunk->arena, 1, plan);
    chunk->wins = recoup_arena_alloc(&chunk->arena, 1, plan);
    chunk->cohort = recoup_arena_alloc(&chunk->arena, (size_t)shape->n_cohorts, plan);
    chunk->team = recoup_arena_alloc(&chunk->arena, (size_t)shape->n_teams, plan);
    chunk->rep = recoup_arena_alloc(&chunk->arena, (size_t)shape->n_reps, plan);
    chunk->week = recoup_arena_alloc(&chunk->arena, (size_t)shape->n_weeks, plan);
    if (!chunk->bookings || !chunk->wins || !chunk->cohort || !chunk->team || !chunk->rep ||
        !chunk->week) {
        recoup_chunk_clear(chunk);
        return recoup_fail_memory(error);
    }
    return RECOUP_OK;
}

void recoup_chunk_clear(recoup_chunk *chunk) {
    recoup_arena_clear(&chunk->arena);
    *chunk = (recoup_chunk){0};
}

/* --- merging ------------------------------------------------------------------------------- */

static int64_t count_hits(const double *bookings, int n, double quota) {
    int64_t hits = 0;
    for (int i = 0; i < n; i++)
        hits += bookings[i] >= quota; /* never against NaN: no quota */
    return hits;
}

/* One kind of unit (cohort, team ...) of a plan; moments, hits and quota where it has them. */
static bool merge_units(const double *value, int n_units, int stride, int n, recoup_sketch *sketch,
                        recoup_moments *moments, int64_t *hits, const double *quota) {
    for (int u = 0; u < n_units; u++, value += stride) {
        if (!recoup_sketch_add(&sketch[u], value, (size_t)n))
            return false;
        if (moments)
            recoup_moments_add(&moments[u], value, n);
        if (hits)
            hits[u] += count_hits(value, n, quota[u]);
    }
    return true;
}

/* A plan's bookings against the quota and path by path against the first plan's. */
static void merge_totals(recoup_tally *tally, int p, const recoup_chunk *chunk,
                         const double *bookings) {
    recoup_plan_tally *plan = &tally->plan[p];
    double quota = tally->shape.quota, *scratch = tally->scratch;
    int n = chunk->n;
    recoup_moments_add(&plan->bookings, bookings, n);
    for (int i = 0; i < n; i++)
        scratch[i] = fmax(quota - bookings[i], 0);
    recoup_moments_add(&plan->shortfall, scratch, n);
    int64_t gained = 0, lost = 0;
    for (int i = 0; i < n; i++) {
        bool hit = bookings[i] >= quota, first_hit = chunk->bookings[i] >= quota;
        gained += hit && !first_hit;
        lost += !hit && first_hit;
        scratch[i] = bookings[i] - chunk->bookings[i];
    }
    recoup_moments_add(&plan->gain, scratch, n);
    plan->hits[chunk->draw] += count_hits(bookings, n, quota);
    plan->gained[chunk->draw] += gained;
    plan->lost[chunk->draw] += lost;
}

static bool merge_plan(recoup_tally *tally, int p, const recoup_chunk *chunk) {
    const recoup_tally_shape *shape = &tally->shape;
    recoup_plan_tally *plan = &tally->plan[p];
    int stride = shape->chunk_paths, n = chunk->n;
    size_t row = (size_t)p * (size_t)stride;
    const double *bookings = chunk->bookings + row;
    if (!recoup_sketch_add(&plan->sketch, bookings, (size_t)n))
        return false;
    merge_totals(tally, p, chunk, bookings);
    recoup_moments_add(&plan->wins, chunk->wins + row, n);
    if (tally->kept) {
        size_t paths = (size_t)shape->n_draws * (size_t)shape->paths_per_draw;
        memcpy(tally->kept + (size_t)p * paths + tally->n_paths, bookings,
               (size_t)n * sizeof *bookings);
    }
    return merge_units(chunk->cohort + row * (size_t)shape->n_cohorts, shape->n_cohorts, stride, n,
                       plan->cohort_sketch, plan->cohort, NULL, NULL) &&
           merge_units(chunk->team + row * (size_t)shape->n_teams, shape->n_teams, stride, n,
                       plan->team_sketch, plan->team, plan->team_hits, shape->team_quota) &&
           merge_units(chunk->rep + row * (size_t)shape->n_reps, shape->n_reps, stride, n,
                       plan->rep_sketch, NULL, plan->rep_hits, shape->rep_quota) &&
           merge_units(chunk->week + row * (size_t)shape->n_weeks, shape->n_weeks, stride, n,
                       plan->week_sketch, NULL, NULL, NULL);
}

recoup_status recoup_tally_merge(recoup_tally *tally, const recoup_chunk *chunk,
                                 recoup_error *error) {
    const recoup_tally_shape *shape = &tally->shape;
    if (chunk->draw < 0 || chunk->draw >= shape->n_draws || chunk->n < 0 ||
        chunk->n > shape->chunk_paths ||
        tally->draw_paths[chunk->draw] + chunk->n > shape->paths_per_draw)
        return recoup_fail(error, RECOUP_EUSAGE, NULL,
                           "a chunk of %d paths of parameter draw %d does not fit the tally",
                           chunk->n, chunk->draw);
    for (int p = 0; p < shape->n_plans; p++)
        if (!merge_plan(tally, p, chunk))
            return recoup_fail_memory(error);
    tally->draw_paths[chunk->draw] += chunk->n;
    tally->n_paths += chunk->n;
    return RECOUP_OK;
}

/* --- reading ------------------------------------------------------------------------------- */

double recoup_tally_hit(const recoup_tally *tally, int plan, double *standard_error) {
    const int64_t *hits = tally->plan[plan].hits;
    double sum = 0, variance = 0, n_draws = 0, n = (double)tally->n_paths;
    for (int d = 0; d < tally->shape.n_draws; d++) {
        double paths = (double)tally->draw_paths[d];
        if (paths == 0)
            continue;
        double p = (double)hits[d] / paths;
        sum += p;
        variance += p * (1 - p) / paths;
        n_draws++;
    }
    if (n_draws == 0) {
        *standard_error = .5;
        return 0;
    }
    double half_hit = .5 / n;
    *standard_error = variance > 0 ? sqrt(variance) / n_draws : sqrt(half_hit * (1 - half_hit) / n);
    return sum / n_draws;
}
