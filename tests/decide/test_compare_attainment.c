/* The distribution of attainment from histograms made by hand. */
#include <recoup/compare.h>

#include "results/results.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { PLANS = 2, BINS = 10 };

static char *plan[] = {"as is", "relief"};
static double plan_quota[PLANS] = {1000, 500}, edge[BINS + 1];
static int64_t count[PLANS * BINS];

/* Bookings from 0 to 2000 in bins of 200: even over the first half; and all within 400 to 600. */
static recoup_results by_hand(void) {
    for (int i = 0; i <= BINS; i++)
        edge[i] = 200 * i;
    for (int i = 0; i < BINS; i++) {
        count[i] = i < 5 ? 200 : 0;
        count[BINS + i] = i == 2 ? 1000 : 0;
    }
    return (recoup_results){.paths = 1000,
                            .n_plans = PLANS,
                            .n_bins = BINS,
                            .plan = plan,
                            .plan_quota = plan_quota,
                            .bin_edge = edge,
                            .bookings_histogram = count};
}

static double sum(const recoup_attainment *attainment, int p, int from, int to) {
    double total = 0;
    for (int i = from; i < to; i++)
        total += attainment->share[p * attainment->n_bins + i];
    return total;
}

/* Attainment is even from 0 to 1 for the first plan, from .8 to 1.2 for the second: bins of .1 are
 * the narrowest round ones of which 12 or fewer do. */
static void test_shares(void **state) {
    (void)state;
    recoup_results r = by_hand();
    recoup_attainment *a = NULL;
    assert_int_equal(recoup_compare_attainment(&r, 13, &a, NULL), RECOUP_OK);
    assert_int_equal(a->n_plans, PLANS);
    assert_true(fabs(a->width - .1) < 1e-12 && fabs(a->low) < 1e-12);
    assert_true(a->n_bins == 12 && a->n_below == 10);
    for (int i = 0; i < 10; i++)
        assert_true(fabs(a->share[i] - .1) < 1e-12);
    for (int i = 8; i < 12; i++)
        assert_true(fabs(a->share[12 + i] - .25) < 1e-12);
    assert_true(fabs(sum(a, 0, 10, 12)) < 1e-12 && fabs(sum(a, 1, 10, 12) - .5) < 1e-12);
    recoup_attainment_free(a);
    recoup_attainment_free(NULL);
}

/* For any number of bins: they cover everything, the quota is an edge, nothing is lost. */
static void test_any_width(void **state) {
    (void)state;
    recoup_results r = by_hand();
    for (int most = 2; most < 200; most++) {
        recoup_attainment *a = NULL;
        assert_int_equal(recoup_compare_attainment(&r, most, &a, NULL), RECOUP_OK);
        assert_true(a->n_bins <= most && a->n_below <= a->n_bins);
        assert_true(fabs(a->low + a->n_below * a->width - 1) < 1e-9);
        for (int p = 0; p < PLANS; p++)
            assert_true(fabs(sum(a, p, 0, a->n_bins) - 1) < 1e-9);
        recoup_attainment_free(a);
    }
}

/* One path in a thousand far away widens nothing, and is in the outer bin. */
static void test_tail(void **state) {
    (void)state;
    recoup_results r = by_hand();
    recoup_attainment *a = NULL;
    count[0]--;
    count[BINS - 1]++;
    assert_int_equal(recoup_compare_attainment(&r, 13, &a, NULL), RECOUP_OK);
    assert_int_equal(a->n_bins, 12);
    assert_true(fabs(a->share[11] - .001) < 1e-12);
    assert_true(fabs(sum(a, 0, 0, 12) - 1) < 1e-12);
    recoup_attainment_free(a);
}

static void test_nothing_to_show(void **state) {
    (void)state;
    recoup_results r = by_hand();
    recoup_attainment *a = NULL;
    r.n_bins = 0;
    assert_int_equal(recoup_compare_attainment(&r, 13, &a, NULL), RECOUP_OK);
    assert_int_equal(a->n_plans, 0);
    recoup_attainment_free(a);
    r = by_hand();
    r.plan_quota = (double[]){1000, 0};
    assert_int_equal(recoup_compare_attainment(&r, 13, &a, NULL), RECOUP_OK);
    assert_int_equal(a->n_plans, 0);
    recoup_attainment_free(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shares),
        cmocka_unit_test(test_any_width),
        cmocka_unit_test(test_tail),
        cmocka_unit_test(test_nothing_to_show),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
