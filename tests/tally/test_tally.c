/* Tallies against plain sums over the same paths. */
#include "tally/tally.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define assert_near(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))

enum { PLANS = 3, COHORTS = 2, TEAMS = 2, REPS = 3, WEEKS = 2, DRAWS = 2, PER_DRAW = 2500 };
enum { PATHS = DRAWS * PER_DRAW };
static const double quota = 100000;

static recoup_tally_shape shape_of(int chunk_paths, bool keep_paths) {
    static char *plan[] = {"as is", "coach", "unblock"}, *cohort[] = {"top", "ramping"};
    static char *team[] = {"north", "south"}, *rep[] = {"R1", "R2", "R3"};
    static const double week[] = {20000, 20007}, team_quota[] = {60000, NAN};
    static const double rep_quota[] = {30000, NAN, 20000}, cost[] = {0, 5000, 8000};
    return (recoup_tally_shape){
        .n_plans = PLANS,
        .n_cohorts = COHORTS,
        .n_teams = TEAMS,
        .n_reps = REPS,
        .n_weeks = WEEKS,
        .n_draws = DRAWS,
        .plan = plan,
        .cohort = cohort,
        .team = team,
        .rep = rep,
        .week = week,
        .team_quota = team_quota,
        .rep_quota = rep_quota,
        .plan_cost = cost,
        .quota = quota,
        .booked = 10000,
        .currency = "EUR",
        .chunk_paths = chunk_paths,
        .paths_per_draw = PER_DRAW,
        .keep_paths = keep_paths,
    };
}

/* An outcome that depends on plan, unit and path alone: money between 0 and 2 × scale, 0 now and
 * then; a splitmix64 of the three. */
static double outcome(int plan, int unit, int64_t path, double scale) {
    uint64_t z = (uint64_t)path * 0x9E3779B97F4A7C15u + (uint64_t)(unit + 1) * 0xD1B54A32D192ED03u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    double u = (double)((z ^ (z >> 31)) >> 11) / 9007199254740992.0;
    return u < .1 ? 0 : 2 * u * scale * (1 + .05 * plan * cos((double)path));
}

static void fill(recoup_chunk *chunk, const recoup_tally_shape *shape, int64_t first) {
    chunk->draw = (int)(first / PER_DRAW);
    chunk->first = first - (int64_t)chunk->draw * PER_DRAW;
    int64_t end = (int64_t)(chunk->draw + 1) * PER_DRAW;
    chunk->n = end - first < shape->chunk_paths ? (int)(end - first) : shape->chunk_paths;
    size_t stride = (size_t)shape->chunk_paths;
    for (size_t p = 0; p < PLANS; p++)
        for (size_t i = 0; i < stride; i++) {
            /* Rubbish beyond the end of a short chunk must not be seen. */
            bool in = i < (size_t)chunk->n;
            int64_t path = first + (int64_t)i;
            int plan = (int)p;
            chunk->bookings[p * stride + i] = in ? outcome(plan, 0, path, quota) : -1e9;
            chunk->wins[p * stride + i] = in ? (double)(path % 7 + plan) : -1e9;
            for (size_t u = 0; u < COHORTS; u++)
                chunk->cohort[(p * COHORTS + u) * stride + i] =
                    in ? outcome(plan, 10 + (int)u, path, 5e4) : -1e9;
            for (size_t u = 0; u < TEAMS; u++)
                chunk->team[(p * TEAMS + u) * stride + i] =
                    in ? outcome(plan, 20 + (int)u, path, 5e4) : -1e9;
            for (size_t u = 0; u < REPS; u++)
                chunk->rep[(p * REPS + u) * stride + i] =
                    in ? outcome(plan, 30 + (int)u, path, 2e4) : -1e9;
            for (size_t u = 0; u < WEEKS; u++)
                chunk->week[(p * WEEKS + u) * stride + i] =
                    in ? outcome(plan, 40 + (int)u, path, 4e4) : -1e9;
        }
}

/* Fills `workers` chunks at a time, the last first, counts each into the tally of its worker, and
 * adds their sums in order. */
static recoup_tally *run(int chunk_paths, int workers, bool keep_paths) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_arena arena = {0};
    recoup_tally_shape shape = shape_of(chunk_paths, keep_paths);
    recoup_tally *tally = NULL, *part[4];
    assert_int_equal(recoup_tally_create(&shape, &tally, &error), RECOUP_OK);
    recoup_sums *sums = recoup_sums_new(&arena, &shape, workers);
    assert_non_null(sums);
    recoup_chunk chunk;
    assert_int_equal(recoup_chunk_init(&chunk, &shape, &error), RECOUP_OK);
    for (int w = 0; w < workers; w++)
        assert_int_equal(recoup_tally_part(tally, &part[w], &error), RECOUP_OK);
    int64_t first[PATHS];
    int n_chunks = 0;
    for (int d = 0; d < DRAWS; d++)
        for (int64_t i = 0; i < PER_DRAW; i += chunk_paths)
            first[n_chunks++] = (int64_t)d * PER_DRAW + i;
    for (int start = 0; start < n_chunks; start += workers) {
        int end = start + workers < n_chunks ? start + workers : n_chunks;
        for (int c = end - 1; c >= start; c--) {
            fill(&chunk, &shape, first[c]);
            assert_int_equal(recoup_tally_count(part[c - start], &chunk, &error), RECOUP_OK);
            recoup_sums_set(&sums[c - start], &shape, &chunk);
        }
        for (int c = start; c < end; c++)
            recoup_tally_add(tally, &sums[c - start]);
        if (start % 3 == 0) /* parts may be absorbed at any time */
            assert_int_equal(recoup_tally_absorb(tally, part[0], &error), RECOUP_OK);
    }
    for (int w = 0; w < workers; w++) {
        assert_int_equal(recoup_tally_absorb(tally, part[w], &error), RECOUP_OK);
        recoup_tally_free(part[w]);
    }
    assert_int_equal(tally->n_paths, PATHS);
    /* More paths than the shape has are refused. */
    chunk.first = PER_DRAW - chunk.n + 1;
    assert_int_equal(recoup_tally_count(tally, &chunk, &error), RECOUP_EUSAGE);
    recoup_chunk_clear(&chunk);
    recoup_arena_clear(&arena);
    recoup_error_clear(&error);
    return tally;
}

/* Mean and sum of squares in long double; the tally's chunked sums agree to rounding of doubles. */
static void check_moments(const recoup_moments *moments, const double *value) {
    long double sum = 0, squares = 0;
    for (int i = 0; i < PATHS; i++)
        sum += value[i];
    long double mean = sum / PATHS;
    for (int i = 0; i < PATHS; i++)
        squares += (value[i] - mean) * (value[i] - mean);
    assert_true(moments->n == PATHS);
    assert_true(fabs(moments->mean - (double)mean) <= 1e-12 * (fabs((double)mean) + 1));
    assert_true(fabs(moments->m2 - (double)squares) <= 1e-11 * (double)squares);
}

static void test_against_plain_sums(void **state) {
    (void)state;
    recoup_tally *tally = run(512, 1, true);
    static double value[PATHS];
    for (int p = 0; p < PLANS; p++) {
        recoup_plan_tally *plan = &tally->plan[p];
        int64_t hits[DRAWS] = {0}, gained[DRAWS] = {0}, lost[DRAWS] = {0};
        for (int i = 0; i < PATHS; i++) {
            value[i] = outcome(p, 0, i, quota);
            bool hit = value[i] >= quota, first_hit = outcome(0, 0, i, quota) >= quota;
            hits[i / PER_DRAW] += hit;
            gained[i / PER_DRAW] += hit && !first_hit;
            lost[i / PER_DRAW] += !hit && first_hit;
        }
        assert_memory_equal(plan->hits, hits, sizeof hits);
        assert_memory_equal(plan->gained, gained, sizeof gained);
        assert_memory_equal(plan->lost, lost, sizeof lost);
        assert_memory_equal(tally->kept + (size_t)p * PATHS, value, sizeof value);
        check_moments(&plan->sums.bookings, value);
        for (int i = 0; i < PATHS; i++)
            value[i] = fmax(quota - outcome(p, 0, i, quota), 0);
        check_moments(&plan->sums.shortfall, value);
        for (int i = 0; i < PATHS; i++)
            value[i] = outcome(p, 0, i, quota) - outcome(0, 0, i, quota);
        check_moments(&plan->sums.gain, value);
        for (int i = 0; i < PATHS; i++)
            value[i] = i % 7 + p;
        check_moments(&plan->sums.wins, value);
        for (int u = 0; u < COHORTS; u++) {
            for (int i = 0; i < PATHS; i++)
                value[i] = outcome(p, 10 + u, i, 5e4);
            check_moments(&plan->sums.cohort[u], value);
            assert_int_equal(plan->cohort_sketch[u].n, PATHS);
        }
        int64_t north = 0, third = 0;
        for (int i = 0; i < PATHS; i++) {
            north += outcome(p, 20, i, 5e4) >= 60000;
            third += outcome(p, 32, i, 2e4) >= 20000;
        }
        assert_int_equal(plan->team_hits[0], north);
        assert_int_equal(plan->team_hits[1], 0); /* no quota, no hits */
        assert_int_equal(plan->rep_hits[1], 0);
        assert_int_equal(plan->rep_hits[2], third);
    }
    assert_true(tally->plan[1].gained[0] > 0 && tally->plan[1].lost[0] > 0);
    recoup_tally_free(tally);
}

static void assert_sketches_equal(const recoup_sketch *a, const recoup_sketch *b, int n) {
    for (int i = 0; i < n; i++) {
        assert_int_equal(a[i].first_octave, b[i].first_octave);
        assert_int_equal(a[i].n_octaves, b[i].n_octaves);
        assert_memory_equal(a[i].count, b[i].count,
                            ((size_t)a[i].n_octaves << a[i].bits) * sizeof *a[i].count);
        assert_true(a[i].n == b[i].n && a[i].n_zero == b[i].n_zero);
        assert_memory_equal(&a[i].min, &b[i].min, sizeof a[i].min);
        assert_memory_equal(&a[i].max, &b[i].max, sizeof a[i].max);
    }
}

static void assert_counts_equal(const recoup_tally *a, const recoup_tally *b) {
    for (int p = 0; p < PLANS; p++) {
        const recoup_plan_tally *x = &a->plan[p], *y = &b->plan[p];
        assert_sketches_equal(&x->sketch, &y->sketch, 1);
        assert_sketches_equal(x->cohort_sketch, y->cohort_sketch, COHORTS);
        assert_sketches_equal(x->team_sketch, y->team_sketch, TEAMS);
        assert_sketches_equal(x->rep_sketch, y->rep_sketch, REPS);
        assert_sketches_equal(x->week_sketch, y->week_sketch, WEEKS);
        assert_memory_equal(x->hits, y->hits, DRAWS * sizeof *x->hits);
        assert_memory_equal(x->gained, y->gained, DRAWS * sizeof *x->gained);
        assert_memory_equal(x->lost, y->lost, DRAWS * sizeof *x->lost);
        assert_memory_equal(x->team_hits, y->team_hits, TEAMS * sizeof *x->team_hits);
        assert_memory_equal(x->rep_hits, y->rep_hits, REPS * sizeof *x->rep_hits);
    }
}

/* Which worker computed a chunk, and when, leaves no trace in any bit. */
static void test_workers_leave_no_trace(void **state) {
    (void)state;
    recoup_tally *one = run(512, 1, false), *four = run(512, 4, false);
    assert_counts_equal(one, four);
    for (int p = 0; p < PLANS; p++) {
        const recoup_plan_tally *x = &one->plan[p], *y = &four->plan[p];
        assert_memory_equal(&x->sums.bookings, &y->sums.bookings, sizeof x->sums.bookings);
        assert_memory_equal(&x->sums.wins, &y->sums.wins, sizeof x->sums.wins);
        assert_memory_equal(&x->sums.gain, &y->sums.gain, sizeof x->sums.gain);
        assert_memory_equal(&x->sums.shortfall, &y->sums.shortfall, sizeof x->sums.shortfall);
        assert_memory_equal(x->sums.cohort, y->sums.cohort, COHORTS * sizeof *x->sums.cohort);
        assert_memory_equal(x->sums.team, y->sums.team, TEAMS * sizeof *x->sums.team);
    }
    /* Another size of chunks: the same counts; moments equal up to rounding. */
    recoup_tally *small = run(64, 3, false);
    assert_counts_equal(one, small);
    for (int p = 0; p < PLANS; p++) {
        const recoup_moments *x = &one->plan[p].sums.bookings, *y = &small->plan[p].sums.bookings;
        assert_true(fabs(x->mean - y->mean) <= 1e-12 * x->mean);
        assert_true(fabs(x->m2 - y->m2) <= 1e-11 * x->m2);
    }
    recoup_tally_free(one);
    recoup_tally_free(four);
    recoup_tally_free(small);
}

static void test_moments_of_far_values(void **state) {
    (void)state;
    /* 1e9 + {0, 1, 2}: squares of the values would lose every digit of the variance, 2/3. */
    recoup_moments moments = {0}, empty = {0};
    const double value[] = {1e9, 1e9 + 1, 1e9 + 2};
    for (int i = 0; i < 1000; i++)
        recoup_moments_add(&moments, value, 3);
    recoup_moments_add(&moments, NULL, 0);
    recoup_moments_merge(&moments, &empty);
    assert_true(moments.n == 3000 && moments.mean == 1e9 + 1);
    assert_near(moments.m2, 2000, 1e-9);
}

/* sqrt(sum_d p_d (1 - p_d) / n_d) / D, computed by hand for 3 draws, one of them without paths. */
static void test_hit_probability(void **state) {
    (void)state;
    int64_t hits[3] = {30, 0, 60}, paths[3] = {100, 0, 400};
    recoup_plan_tally plan = {.hits = hits};
    recoup_tally tally = {
        .shape = {.n_draws = 3}, .n_paths = 500, .plan = &plan, .draw_paths = paths};
    double error;
    assert_near(recoup_tally_hit(&tally, 0, &error), (.30 + .15) / 2, 1e-15);
    assert_near(error, sqrt(.3 * .7 / 100 + .15 * .85 / 400) / 2, 1e-15);
    hits[0] = hits[2] = 0;
    assert_true(recoup_tally_hit(&tally, 0, &error) == 0);
    assert_near(error, sqrt(.001 * .999 / 500), 1e-15);
    hits[0] = 100;
    hits[2] = 400;
    assert_true(recoup_tally_hit(&tally, 0, &error) == 1);
    assert_near(error, sqrt(.001 * .999 / 500), 1e-15);
    memset(paths, 0, sizeof paths);
    memset(hits, 0, sizeof hits);
    tally.n_paths = 0;
    assert_true(recoup_tally_hit(&tally, 0, &error) == 0 && error == .5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_plain_sums),
        cmocka_unit_test(test_workers_leave_no_trace),
        cmocka_unit_test(test_moments_of_far_values),
        cmocka_unit_test(test_hit_probability),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
