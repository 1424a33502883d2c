/* Results from tallies whose answers are known by hand. tests/results/check_xarray.py compares the
 * sample's numbers with its paths. */
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define assert_near(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))

/* Three plans on the same four paths, half of them in each of two parameter draws; quota 100. */
static const double hand[3][4] = {{80, 120, 80, 120}, {130, 130, 80, 120}, {80, 90, 110, 120}};

static recoup_tally *hand_tally(int paths_per_draw) {
    static char *plan[] = {"a", "b", "c"}, *rep[] = {"R"};
    static const double rep_quota[] = {100}, week[] = {0};
    recoup_tally_shape shape = {.n_plans = 3,
                                .n_reps = 1,
                                .n_weeks = 1,
                                .n_draws = 2,
                                .plan = plan,
                                .rep = rep,
                                .rep_quota = rep_quota,
                                .week = week,
                                .quota = 100,
                                .chunk_paths = 2,
                                .paths_per_draw = paths_per_draw,
                                .keep_paths = true};
    recoup_tally *tally = NULL;
    recoup_chunk chunk;
    assert_int_equal(recoup_tally_create(&shape, &tally, NULL), RECOUP_OK);
    assert_int_equal(recoup_chunk_init(&chunk, &shape, NULL), RECOUP_OK);
    for (int d = 0; d < 2; d++) {
        chunk.draw = d;
        chunk.first = 0;
        chunk.n = 2;
        for (int p = 0; p < 3; p++)
            for (int i = 0; i < 2; i++) {
                double bookings = hand[p][2 * d + i];
                chunk.bookings[2 * p + i] = chunk.rep[2 * p + i] = bookings;
                chunk.week[2 * p + i] = bookings;
            }
        assert_int_equal(merge_chunk(tally, &chunk), RECOUP_OK);
    }
    recoup_chunk_clear(&chunk);
    return tally;
}

static recoup_results *results_of(recoup_tally *tally) {
    recoup_results *results = NULL;
    recoup_provenance provenance = {.title = "by hand", .estimator = "walk"};
    assert_int_equal(recoup_results_create(tally, &provenance, &results, NULL), RECOUP_OK);
    recoup_tally_free(tally); /* the results do not need it any more */
    return results;
}

static void test_by_hand(void **state) {
    (void)state;
    /* 7: room for more paths than came, as after an early stop */
    recoup_results *r = results_of(hand_tally(7));
    /* P(hit): a ½ and ½ in the two draws, b 1 and ½, c 0 and 1. */
    const double hit[] = {.5, .75, .5}, draw[] = {.5, .5, 1, .5, 0, 1};
    for (int p = 0; p < 3; p++) {
        assert_near(r->hit_probability[p], hit[p], 1e-15);
        assert_near(r->hit_gain[p], hit[p] - .5, 1e-15);
        assert_near(r->rep_hit_probability[p], hit[p], 1e-15);
    }
    for (int i = 0; i < 6; i++)
        assert_near(r->hit_probability_draw[i], draw[i], 1e-15);
    /* Standard errors: a: sqrt(¼/2 + ¼/2)/2; b: sqrt(0 + ¼/2)/2; c: no spread within a draw, so
     * half a hit in 4 paths, sqrt(1/8 · 7/8 / 4). */
    assert_near(r->hit_probability_se[0], sqrt(.25) / 2, 1e-15);
    assert_near(r->hit_probability_se[1], sqrt(.125) / 2, 1e-15);
    assert_near(r->hit_probability_se[2], sqrt(.125 * .875 / 4), 1e-15);
    /* Paired: b gains one path of two in the first draw: d = 1, 0 has variance ¼; c loses one there
     * and gains one in the second. */
    assert_true(r->hit_gain_se[0] == 0 && r->bookings_gain_se[0] == 0);
    assert_near(r->hit_gain_se[1], sqrt(.25 / 2) / 2, 1e-15);
    assert_near(r->hit_gain_se[2], sqrt(.25 / 2 + .25 / 2) / 2, 1e-15);
    /* Best: b in the first draw, c in the second. Regret: a ½ and ½, b 0 and ½, c 1 and 0. */
    const double best[] = {0, .5, .5}, regret[] = {.5, .25, .5};
    for (int p = 0; p < 3; p++) {
        assert_near(r->best_probability[p], best[p], 1e-15);
        assert_near(r->expected_regret[p], regret[p], 1e-15);
    }
    /* b less a: 50, 10, 0, 0: mean 15, squares of deviations 35² + 5² + 15² + 15² = 1700. */
    assert_near(r->bookings_gain_mean[1], 15, 1e-12);
    assert_near(r->bookings_gain_se[1], sqrt(1700. / 3 / 4), 1e-12);
    assert_near(r->bookings_mean[0], 100, 1e-12);
    assert_near(r->bookings_sd[0], sqrt(1600. / 3), 1e-12);
    assert_near(r->bookings_mean_se[0], sqrt(1600. / 3 / 4), 1e-12);
    assert_near(r->expected_shortfall[2], (20 + 10) / 4., 1e-12);
    /* The paths themselves, without the room left over. */
    assert_int_equal(r->n_paths_kept, 4);
    assert_int_equal(r->paths, 4);
    assert_memory_equal(r->bookings, hand, sizeof hand);
    recoup_results_free(r);
}

static void test_ties_share(void **state) {
    (void)state;
    recoup_tally *tally = hand_tally(2);
    for (int p = 0; p < 3; p++)
        tally->plan[p].hits[0] = tally->plan[p].hits[1] = p == 2 ? 0 : 1;
    recoup_results *r = results_of(tally);
    assert_near(r->best_probability[0], .5, 1e-15);
    assert_near(r->best_probability[1], .5, 1e-15);
    assert_true(r->best_probability[2] == 0 && r->expected_regret[0] == 0);
    assert_near(r->expected_regret[2], .5, 1e-15);
    recoup_results_free(r);
}

/* A plan that changes no path: the gain is 0, and how sure we are of it is that of half a pair. */
static void test_no_discordant_pair(void **state) {
    (void)state;
    recoup_tally *tally = hand_tally(2);
    for (int d = 0; d < 2; d++)
        tally->plan[1].gained[d] = tally->plan[1].lost[d] = 0;
    recoup_results *r = results_of(tally);
    assert_near(r->hit_gain_se[1], sqrt((.125 - .125 * .125) / 4), 1e-15);
    recoup_results_free(r);
}

static void test_histogram(void **state) {
    (void)state;
    const sample_options options = {.draws = 1, .paths_per_draw = 4000, .keep_paths = true};
    recoup_results *r = sample_results(&options, NULL);
    assert_non_null(r);
    double width = r->bin_edge[1] - r->bin_edge[0], min = INFINITY, max = 0;
    /* Round: 1, 2, 2.5 or 5 times a power of ten. */
    double mantissa = width / pow(10, floor(log10(width) + 1e-9));
    assert_true(fabs(mantissa - 1) < 1e-9 || fabs(mantissa - 2) < 1e-9 ||
                fabs(mantissa - 2.5) < 1e-9 || fabs(mantissa - 5) < 1e-9);
    for (int i = 0; i < SAMPLE_PLANS * 4000; i++) {
        min = fmin(min, r->bookings[i]);
        max = fmax(max, r->bookings[i]);
    }
    assert_true(r->bin_edge[0] <= min && min < r->bin_edge[1] && r->bin_edge[60] >= max);
    assert_true(max - min > .35 * (r->bin_edge[60] - r->bin_edge[0])); /* not mostly empty */
    for (int p = 0; p < SAMPLE_PLANS; p++) {
        int64_t sum = 0;
        for (int b = 0; b < r->n_bins; b++) {
            int64_t counted = 0, near = 1; /* within 2^-11 of an edge, and rounding */
            for (int i = 0; i < 4000; i++) {
                double x = r->bookings[p * 4000 + i];
                double lower = r->bin_edge[b], upper = r->bin_edge[b + 1];
                counted += x >= lower && x < upper;
                near += fabs(x - lower) <= lower / 2048 || fabs(x - upper) <= upper / 2048;
            }
            int64_t count = r->bookings_histogram[p * 60 + b];
            assert_true(llabs(count - counted) <= near);
            sum += count;
        }
        assert_int_equal(sum, 4000);
    }
    recoup_results_free(r);
}

/* All paths alike: nothing open, say. */
static void test_one_value(void **state) {
    (void)state;
    const double values[] = {0, 500000, .25};
    for (int v = 0; v < 3; v++) {
        char *plan[] = {"a"};
        recoup_tally_shape shape = {.n_plans = 1,
                                    .n_draws = 1,
                                    .plan = plan,
                                    .quota = 100,
                                    .chunk_paths = 3,
                                    .paths_per_draw = 3};
        recoup_tally *tally = NULL;
        recoup_chunk chunk;
        assert_int_equal(recoup_tally_create(&shape, &tally, NULL), RECOUP_OK);
        recoup_results *r = NULL;
        recoup_provenance provenance = {0};
        assert_int_equal(recoup_results_create(tally, &provenance, &r, NULL), RECOUP_EINVALID);
        assert_int_equal(recoup_chunk_init(&chunk, &shape, NULL), RECOUP_OK);
        chunk.n = 3;
        for (int i = 0; i < 3; i++)
            chunk.bookings[i] = values[v];
        assert_int_equal(merge_chunk(tally, &chunk), RECOUP_OK);
        recoup_chunk_clear(&chunk);
        r = results_of(tally);
        int64_t sum = 0;
        for (int b = 0; b < r->n_bins; b++) {
            assert_true(r->bin_edge[b + 1] > r->bin_edge[b]);
            sum += r->bookings_histogram[b];
        }
        assert_int_equal(sum, 3);
        assert_true(r->bookings_quantile[0] == values[v] && r->bookings_quantile[8] == values[v]);
        assert_true(r->bookings_sd[0] == 0 && r->bookings_mean[0] == values[v]);
        assert_true(r->hit_probability_se[0] > 0);
        recoup_results_free(r);
    }
}

/* What `conditional` would say: P(hit) off by `off` from the paths' share. */
static void set_exact(recoup_tally *tally, double off) {
    assert_int_equal(recoup_tally_make_exact(tally, 2, NULL), RECOUP_OK);
    recoup_exact *exact = tally->exact;
    const double hit[] = {.5, .75, .5};
    for (int p = 0; p < 3; p++) {
        exact->hit[p] = hit[p] + off;
        exact->hit_se[p] = 1e-4;
        exact->gain[p] = exact->hit[p] - exact->hit[0];
        exact->gain_se[p] = p * 1e-5;
        exact->mean[p] = 100 + p;
        for (int d = 0; d < 2; d++)
            exact->hit_draw[2 * p + d] = .1 * p + .2 * d;
        for (int q = 0; q < RECOUP_TALLY_QUANTILES; q++)
            exact->quantile[RECOUP_TALLY_QUANTILES * p + q] = 50 + 10 * q;
    }
}

/* P(hit) comes from `conditional` where the paths do not contradict it; they are 4 paths of a hand
 * tally, with standard errors of .35 and less, so .2 is no contradiction and 2 is one. */
static void test_hits_beside_paths(void **state) {
    (void)state;
    recoup_tally *tally = hand_tally(2);
    set_exact(tally, .02);
    recoup_results *r = results_of(tally);
    assert_string_equal(r->hit_estimator, "conditional");
    assert_near(r->hit_probability[1], .77, 1e-15);
    assert_near(r->hit_probability_paths[1], .75, 1e-15);
    assert_near(r->hit_probability_se[1], 1e-4, 1e-18);
    assert_near(r->hit_gain_se[2], 2e-5, 1e-18);
    assert_near(r->hit_probability_draw[3], .3, 1e-15);
    assert_near(r->best_probability[2], 1, 1e-15); /* .2 and .4 against .1, .3 and 0, .2 */
    recoup_results_free(r);

    tally = hand_tally(2);
    set_exact(tally, 4);
    r = results_of(tally);
    assert_string_equal(r->hit_estimator, "paths");
    assert_near(r->hit_probability[1], .75, 1e-15);
    assert_true(r->hit_probability_se[1] > .1);
    recoup_results_free(r);
}

/* Without paths there are the plans' own numbers, and no others. */
static void test_hits_without_paths(void **state) {
    (void)state;
    recoup_tally *tally = NULL;
    char *plan[] = {"a", "b", "c"}, *rep[] = {"R1"};
    double quota[] = {30};
    recoup_tally_shape shape = {.n_plans = 3,
                                .n_draws = 2,
                                .n_reps = 1,
                                .plan = plan,
                                .rep = rep,
                                .rep_quota = quota,
                                .quota = 50,
                                .chunk_paths = 2,
                                .paths_per_draw = 2};
    assert_int_equal(recoup_tally_create(&shape, &tally, NULL), RECOUP_OK);
    set_exact(tally, 0);
    recoup_results *r = results_of(tally);
    assert_true(r->n_reps == 0 && r->n_weeks == 0 && r->n_bins == 0 && r->n_draws == 2);
    assert_true(r->paths == 0);
    assert_near(r->hit_probability[1], .75, 1e-15);
    assert_true(isnan(r->hit_probability_paths[1]));
    assert_near(r->bookings_mean[2], 102, 1e-12);
    assert_near(r->attainment_quantile[RECOUP_TALLY_QUANTILES], 1, 1e-15);
    recoup_results_free(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hits_beside_paths),
        cmocka_unit_test(test_hits_without_paths),
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_ties_share),
        cmocka_unit_test(test_no_discordant_pair),
        cmocka_unit_test(test_histogram),
        cmocka_unit_test(test_one_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
