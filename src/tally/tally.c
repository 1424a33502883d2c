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

const double recoup_tally_quantiles[RECOUP_TALLY_QUANTILES] = {.01, .05, .1,  .25, .5,
                                                               .75, .9,  .95, .99};

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
    to->stage = copy_labels(arena, from->stage, from->n_stages);
    to->week = copy_values(arena, from->week, from->n_weeks, 0);
    to->team_quota = copy_values(arena, from->team_quota, from->n_teams, NAN);
    to->rep_quota = copy_values(arena, from->rep_quota, from->n_reps, NAN);
    to->plan_cost = copy_values(arena, from->plan_cost, from->n_plans, 0);
    to->currency = recoup_arena_text(arena, currency, strlen(currency));
    return to->plan && to->cohort && to->team && to->rep && to->stage && to->week &&
           to->team_quota && to->rep_quota && to->plan_cost && to->currency;
}

static recoup_sketch *new_sketches(recoup_arena *arena, int n, int bits) {
    recoup_sketch *sketch = recoup_arena_alloc(arena, (size_t)n, sizeof *sketch);
    for (int i = 0; sketch && i < n; i++)
        recoup_sketch_init(&sketch[i], bits);
    return sketch;
}

static bool sums_init(recoup_plan_sums *sums, const recoup_tally_shape *shape,
                      recoup_arena *arena) {
    sums->cohort = recoup_arena_alloc(arena, (size_t)shape->n_cohorts, sizeof *sums->cohort);
    sums->team = recoup_arena_alloc(arena, (size_t)shape->n_teams, sizeof *sums->team);
    sums->flow = recoup_arena_alloc(arena, (size_t)shape->n_stages, sizeof *sums->flow);
    return sums->cohort && sums->team && sums->flow;
}

recoup_sums *recoup_sums_new(recoup_arena *arena, const recoup_tally_shape *shape, int n) {
    recoup_sums *sums = recoup_arena_alloc(arena, (size_t)n, sizeof *sums);
    for (int i = 0; sums && i < n; i++) {
        sums[i].plan = recoup_arena_alloc(arena, (size_t)shape->n_plans, sizeof *sums[i].plan);
        for (int p = 0; sums[i].plan && p < shape->n_plans; p++)
            if (!sums_init(&sums[i].plan[p], shape, arena))
                return NULL;
        if (!sums[i].plan)
            return NULL;
    }
    return sums;
}

static bool plan_init(recoup_plan_tally *plan, const recoup_tally_shape *shape,
                      recoup_arena *arena) {
    recoup_sketch_init(&plan->sketch, TOTAL_BITS);
    if (!sums_init(&plan->sums, shape, arena))
        return false;
    plan->hits = recoup_arena_alloc(arena, (size_t)shape->n_draws, sizeof *plan->hits);
    plan->gained = recoup_arena_alloc(arena, (size_t)shape->n_draws, sizeof *plan->gained);
    plan->lost = recoup_arena_alloc(arena, (size_t)shape->n_draws, sizeof *plan->lost);
    plan->quota = copy_values(arena, NULL, shape->n_draws, NAN);
    plan->team_hits = recoup_arena_alloc(arena, (size_t)shape->n_teams, sizeof *plan->team_hits);
    plan->rep_hits = recoup_arena_alloc(arena, (size_t)shape->n_reps, sizeof *plan->rep_hits);
    plan->cohort_sketch = new_sketches(arena, shape->n_cohorts, GROUP_BITS);
    plan->team_sketch = new_sketches(arena, shape->n_teams, GROUP_BITS);
    plan->week_sketch = new_sketches(arena, shape->n_weeks, GROUP_BITS);
    plan->rep_sketch = new_sketches(arena, shape->n_reps, REP_BITS);
    return plan->hits && plan->gained && plan->lost && plan->quota && plan->team_hits &&
           plan->rep_hits && plan->cohort_sketch && plan->team_sketch && plan->week_sketch &&
           plan->rep_sketch;
}

/* Without room for kept paths. */
static recoup_status create(const recoup_tally_shape *shape, recoup_tally **result,
                            recoup_error *error) {
    recoup_tally *tally = RECOUP_NEW(recoup_tally, 1);
    if (!tally)
        return recoup_fail_memory(error);
    recoup_arena *arena = &tally->arena;
    bool made = copy_shape(arena, shape, &tally->shape);
    tally->draw_paths =
        recoup_arena_alloc(arena, (size_t)shape->n_draws, sizeof *tally->draw_paths);
    tally->plan = recoup_arena_alloc(arena, (size_t)shape->n_plans, sizeof *tally->plan);
    made = made && tally->draw_paths && tally->plan;
    for (int p = 0; made && p < shape->n_plans; p++)
        made = plan_init(&tally->plan[p], shape, arena);
    if (!made) {
        recoup_tally_free(tally);
        return recoup_fail_memory(error);
    }
    *result = tally;
    return RECOUP_OK;
}

static size_t kept_per_plan(const recoup_tally_shape *shape) {
    return (size_t)shape->n_draws * (size_t)shape->paths_per_draw;
}

recoup_status recoup_tally_create(const recoup_tally_shape *shape, recoup_tally **result,
                                  recoup_error *error) {
    recoup_tally *tally = NULL;
    recoup_status status = create(shape, &tally, error);
    if (status == RECOUP_OK && shape->keep_paths) {
        tally->kept = recoup_arena_alloc(&tally->arena, kept_per_plan(shape),
                                         (size_t)shape->n_plans * sizeof(double));
        if (!tally->kept) {
            recoup_tally_free(tally);
            return recoup_fail_memory(error);
        }
    }
    *result = tally;
    return status;
}

recoup_status recoup_tally_part(const recoup_tally *whole, recoup_tally **part,
                                recoup_error *error) {
    recoup_status status = create(&whole->shape, part, error);
    if (status == RECOUP_OK)
        (*part)->kept = whole->kept;
    return status;
}

recoup_status recoup_tally_make_exact(recoup_tally *tally, int n_replicates, recoup_error *error) {
    recoup_arena *arena = &tally->arena;
    size_t n = (size_t)tally->shape.n_plans, draws = (size_t)tally->shape.n_draws;
    recoup_exact *exact = recoup_arena_alloc(arena, 1, sizeof *exact);
    if (!exact)
        return recoup_fail_memory(error);
    double **of_plan[] = {&exact->hit,       &exact->hit_se,      &exact->gain,
                          &exact->gain_se,   &exact->mean,        &exact->mean_se,
                          &exact->sd,        &exact->wins,        &exact->shortfall,
                          &exact->mean_gain, &exact->mean_gain_se};
    bool made = true;
    for (size_t i = 0; i < sizeof of_plan / sizeof *of_plan; i++)
        made &= (*of_plan[i] = recoup_arena_alloc(arena, n, sizeof(double))) != NULL;
    exact->hit_draw = recoup_arena_alloc(arena, n * draws, sizeof(double));
    exact->mean_draw = recoup_arena_alloc(arena, n * draws, sizeof(double));
    exact->quantile = recoup_arena_alloc(arena, n, RECOUP_TALLY_QUANTILES * sizeof(double));
    exact->n_replicates = n_replicates;
    exact->hit_replicate = recoup_arena_alloc(arena, n, (size_t)n_replicates * sizeof(double));
    if (!made || !exact->hit_draw || !exact->mean_draw || !exact->quantile || !exact->hit_replicate)
        return recoup_fail_memory(error);
    tally->exact = exact;
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
    chunk->quota = recoup_arena_alloc(&chunk->arena, (size_t)shape->n_plans, sizeof(double));
    chunk->bookings = recoup_arena_alloc(&chunk->arena, 1, plan);
    chunk->wins = recoup_arena_alloc(&chunk->arena, 1, plan);
    chunk->cohort = recoup_arena_alloc(&chunk->arena, (size_t)shape->n_cohorts, plan);
    chunk->team = recoup_arena_alloc(&chunk->arena, (size_t)shape->n_teams, plan);
    chunk->rep = recoup_arena_alloc(&chunk->arena, (size_t)shape->n_reps, plan);
    chunk->week = recoup_arena_alloc(&chunk->arena, (size_t)shape->n_weeks, plan);
    chunk->flow = recoup_arena_alloc(&chunk->arena, (size_t)shape->n_stages,
                                     (size_t)shape->n_plans * sizeof *chunk->flow);
    if (!chunk->quota || !chunk->bookings || !chunk->wins || !chunk->cohort || !chunk->team ||
        !chunk->rep || !chunk->week || !chunk->flow) {
        recoup_chunk_clear(chunk);
        return recoup_fail_memory(error);
    }
    for (int p = 0; p < shape->n_plans; p++)
        chunk->quota[p] = shape->quota;
    return RECOUP_OK;
}

void recoup_chunk_clear(recoup_chunk *chunk) {
    recoup_arena_clear(&chunk->arena);
    *chunk = (recoup_chunk){0};
}

/* --- counts: integers, in any order ---------------------------------------------------------- */

static int64_t count_hits(const double *bookings, int n, double quota) {
    int64_t hits = 0;
    for (int i = 0; i < n; i++)
        hits += bookings[i] >= quota; /* never against NaN: no quota */
    return hits;
}

/* One kind of unit (cohort, team ...) of a plan; hits and quota where it has them, of which `share`
 * counts. */
static bool count_units(const double *value, int n_units, int stride, int n, recoup_sketch *sketch,
                        int64_t *hits, const double *quota, double share) {
    for (int u = 0; u < n_units; u++, value += stride) {
        if (!recoup_sketch_add(&sketch[u], value, (size_t)n))
            return false;
        if (hits)
            hits[u] += count_hits(value, n, share * quota[u]);
    }
    return true;
}

static bool count_plan(recoup_tally *part, int p, const recoup_chunk *chunk) {
    const recoup_tally_shape *shape = &part->shape;
    recoup_plan_tally *plan = &part->plan[p];
    int stride = shape->chunk_paths, n = chunk->n;
    size_t row = (size_t)p * (size_t)stride;
    const double *bookings = chunk->bookings + row;
    double share = shape->quota > 0 ? chunk->quota[p] / shape->quota : 1;
    if (part->kept)
        memcpy(part->kept + (size_t)p * kept_per_plan(shape) +
                   (size_t)chunk->draw * (size_t)shape->paths_per_draw + chunk->first,
               bookings, (size_t)n * sizeof *bookings);
    return recoup_sketch_add(&plan->sketch, bookings, (size_t)n) &&
           count_units(chunk->cohort + row * (size_t)shape->n_cohorts, shape->n_cohorts, stride, n,
                       plan->cohort_sketch, NULL, NULL, 1) &&
           count_units(chunk->team + row * (size_t)shape->n_teams, shape->n_teams, stride, n,
                       plan->team_sketch, plan->team_hits, shape->team_quota, share) &&
           count_units(chunk->rep + row * (size_t)shape->n_reps, shape->n_reps, stride, n,
                       plan->rep_sketch, plan->rep_hits, shape->rep_quota, share) &&
           count_units(chunk->week + row * (size_t)shape->n_weeks, shape->n_weeks, stride, n,
                       plan->week_sketch, NULL, NULL, 1);
}

recoup_status recoup_tally_count(recoup_tally *part, const recoup_chunk *chunk,
                                 recoup_error *error) {
    const recoup_tally_shape *shape = &part->shape;
    if (chunk->draw < 0 || chunk->draw >= shape->n_draws || chunk->n < 0 ||
        chunk->n > shape->chunk_paths || chunk->first < 0 ||
        chunk->first + chunk->n > shape->paths_per_draw)
        return recoup_fail(error, RECOUP_EUSAGE, NULL,
                           "a chunk of %d paths of parameter draw %d does not fit the tally",
                           chunk->n, chunk->draw);
    for (int p = 0; p < shape->n_plans; p++)
        if (!count_plan(part, p, chunk))
            return recoup_fail_memory(error);
    return RECOUP_OK;
}

static bool absorb_sketches(recoup_sketch *into, recoup_sketch *from, int n) {
    for (int i = 0; i < n; i++)
        if (!recoup_sketch_absorb(&into[i], &from[i]))
            return false;
    return true;
}

static void absorb_hits(int64_t *into, int64_t *from, int n) {
    for (int i = 0; i < n; i++) {
        into[i] += from[i];
        from[i] = 0;
    }
}

recoup_status recoup_tally_absorb(recoup_tally *tally, recoup_tally *part, recoup_error *error) {
    const recoup_tally_shape *shape = &tally->shape;
    for (int p = 0; p < shape->n_plans; p++) {
        recoup_plan_tally *into = &tally->plan[p], *from = &part->plan[p];
        absorb_hits(into->team_hits, from->team_hits, shape->n_teams);
        absorb_hits(into->rep_hits, from->rep_hits, shape->n_reps);
        if (!absorb_sketches(&into->sketch, &from->sketch, 1) ||
            !absorb_sketches(into->cohort_sketch, from->cohort_sketch, shape->n_cohorts) ||
            !absorb_sketches(into->team_sketch, from->team_sketch, shape->n_teams) ||
            !absorb_sketches(into->rep_sketch, from->rep_sketch, shape->n_reps) ||
            !absorb_sketches(into->week_sketch, from->week_sketch, shape->n_weeks))
            return recoup_fail_memory(error);
    }
    return RECOUP_OK;
}

/* --- sums: in the order of the chunks -------------------------------------------------------- */

static void set_moments(recoup_moments *moments, const double *value, int n) {
    *moments = (recoup_moments){0};
    recoup_moments_add(moments, value, n);
}

/* A plan's bookings against its quota and path by path against the first plan's. */
static void set_totals(recoup_plan_sums *sums, const recoup_tally_shape *shape,
                       const recoup_chunk *chunk, int p) {
    enum { PIECE = 256 }; /* pieces of a chunk, so that the differences need no memory */
    const double *bookings = chunk->bookings + (size_t)p * (size_t)shape->chunk_paths;
    double difference[PIECE], shortfall[PIECE];
    double quota = chunk->quota[p], first_quota = chunk->quota[0];
    sums->quota = quota;
    sums->gain = sums->shortfall = (recoup_moments){0};
    sums->hits = sums->gained = sums->lost = 0;
    for (int first = 0; first < chunk->n; first += PIECE) {
        int n = chunk->n - first < PIECE ? chunk->n - first : PIECE;
        for (int i = 0; i < n; i++) {
            double value = bookings[first + i], without = chunk->bookings[first + i];
            bool hit = value >= quota, first_hit = without >= first_quota;
            sums->hits += hit;
            sums->gained += hit && !first_hit;
            sums->lost += !hit && first_hit;
            difference[i] = value - without;
            shortfall[i] = fmax(quota - value, 0);
        }
        recoup_moments_add(&sums->gain, difference, n);
        recoup_moments_add(&sums->shortfall, shortfall, n);
    }
}

void recoup_sums_set(recoup_sums *sums, const recoup_tally_shape *shape,
                     const recoup_chunk *chunk) {
    size_t stride = (size_t)shape->chunk_paths;
    int n = chunk->n;
    sums->draw = chunk->draw;
    sums->n = n;
    for (int p = 0; p < shape->n_plans; p++) {
        recoup_plan_sums *plan = &sums->plan[p];
        size_t row = (size_t)p * stride;
        set_moments(&plan->bookings, chunk->bookings + row, n);
        set_moments(&plan->wins, chunk->wins + row, n);
        set_totals(plan, shape, chunk, p);
        const double *cohort = chunk->cohort + row * (size_t)shape->n_cohorts;
        for (int c = 0; c < shape->n_cohorts; c++)
            set_moments(&plan->cohort[c], cohort + (size_t)c * stride, n);
        const double *team = chunk->team + row * (size_t)shape->n_teams;
        for (int t = 0; t < shape->n_teams; t++)
            set_moments(&plan->team[t], team + (size_t)t * stride, n);
        for (int s = 0; s < shape->n_stages; s++)
            plan->flow[s] = chunk->flow[p * shape->n_stages + s];
    }
}

static void add_flow(recoup_flow *into, const recoup_flow *from) {
    into->entered += from->entered;
    into->advanced += from->advanced;
    into->lost += from->lost;
    into->open += from->open;
    into->open_amount += from->open_amount;
}

void recoup_tally_add(recoup_tally *tally, const recoup_sums *sums) {
    const recoup_tally_shape *shape = &tally->shape;
    for (int p = 0; p < shape->n_plans; p++) {
        recoup_plan_tally *plan = &tally->plan[p];
        const recoup_plan_sums *from = &sums->plan[p];
        recoup_moments_merge(&plan->sums.bookings, &from->bookings);
        recoup_moments_merge(&plan->sums.wins, &from->wins);
        recoup_moments_merge(&plan->sums.gain, &from->gain);
        recoup_moments_merge(&plan->sums.shortfall, &from->shortfall);
        for (int c = 0; c < shape->n_cohorts; c++)
            recoup_moments_merge(&plan->sums.cohort[c], &from->cohort[c]);
        for (int t = 0; t < shape->n_teams; t++)
            recoup_moments_merge(&plan->sums.team[t], &from->team[t]);
        for (int s = 0; s < shape->n_stages; s++)
            add_flow(&plan->sums.flow[s], &from->flow[s]);
        plan->quota[sums->draw] = from->quota;
        plan->hits[sums->draw] += from->hits;
        plan->gained[sums->draw] += from->gained;
        plan->lost[sums->draw] += from->lost;
    }
    tally->draw_paths[sums->draw] += sums->n;
    tally->n_paths += sums->n;
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
