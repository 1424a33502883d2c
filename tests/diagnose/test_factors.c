/* Changes of products as sums of their factors' effects, and sums in whole cents. */
#include "diagnose/factors.h"

#include "../uniform.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { N = RECOUP_FACTORS };

static void assert_near(double value, double expected, double tolerance) {
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.17g is not within %.2g of %.17g", value, tolerance, expected);
}

static double product(const double *factor) {
    return factor[0] * factor[1] * factor[2] * factor[3];
}

static double sum(const double *value, int n) {
    double total = 0;
    for (int i = 0; i < n; i++)
        total += value[i];
    return total;
}

static double most(const double *value) {
    double largest = 0;
    for (int i = 0; i < N; i++)
        largest = fmax(largest, fabs(value[i]));
    return largest;
}

/* Worked out by hand: L(520,000, 900,000) = -380,000 / ln(520/900) = 692,711; times ln(100/120),
 * ln(.20/.25), ln(52/50), ln(.5/.6). */
static void check_figure(void **state) {
    (void)state;
    const double before[N] = {120, .25, 50000, .6}, after[N] = {100, .20, 52000, .5};
    const double expected[N] = {-126297, -154575, 27169, -126297};
    double effect[N], cents[N];
    recoup_factors_explain(before, after, effect);
    for (int i = 0; i < N; i++)
        assert_near(effect[i], expected[i], .5);
    recoup_cents_share(effect, N, -38000000, cents);
    assert_true(sum(cents, N) == -38000000);
    for (int i = 0; i < N; i++)
        assert_true(fabs(cents[i] - 100 * effect[i]) < 1);
}

/* Sums to the change, and turns its sign with the direction: rounding is of the size of the last
 * digit of the largest number, some times four. */
static void sums_and_symmetry(void **state) {
    (void)state;
    uint64_t seed = 1;
    for (int k = 0; k < 2000; k++) {
        double before[N], after[N], effect[N], back[N];
        double scale = k % 2 ? 12 : .01; /* of logs: far apart, and close together */
        for (int i = 0; i < N; i++) {
            before[i] = exp(between(&seed, -10, 10));
            after[i] = before[i] * exp(between(&seed, -scale, scale));
        }
        double change = product(after) - product(before);
        double size = fmax(product(after), product(before));
        for (int method = 0; method < 2; method++) {
            (method ? recoup_factors_shapley : recoup_factors_lmdi)(before, after, effect);
            (method ? recoup_factors_shapley : recoup_factors_lmdi)(after, before, back);
            double tolerance = 1e-12 * fmax(size, most(effect));
            assert_near(sum(effect, N), change, tolerance);
            for (int i = 0; i < N; i++) {
                assert_near(effect[i], -back[i], tolerance);
                assert_true((effect[i] > 0) == (after[i] > before[i]));
            }
        }
    }
}

/* All 24 orders, one by one. */
static void add_orders(const double *before, const double *after, double *now, int left,
                       double *effect) {
    if (left == 0)
        return;
    int orders_below = left == 4 ? 6 : left == 3 ? 2 : 1; /* (left - 1)! */
    for (int i = 0; i < N; i++) {
        if (now[i] == after[i] && before[i] != after[i])
            continue; /* has gone */
        double was = product(now);
        now[i] = after[i];
        effect[i] += (product(now) - was) * orders_below / 24;
        add_orders(before, after, now, left - 1, effect);
        now[i] = before[i];
    }
}

static void shapley_is_the_mean_over_orders(void **state) {
    (void)state;
    uint64_t seed = 2;
    for (int k = 0; k < 500; k++) {
        double before[N], after[N], effect[N], expected[N] = {0}, now[N];
        for (int i = 0; i < N; i++) {
            before[i] = uniform(&seed) < .2 ? 0 : between(&seed, 0, 5);
            after[i] = uniform(&seed) < .2 && before[i] != 0 ? 0 : between(&seed, 0, 5);
        }
        memcpy(now, before, sizeof now);
        add_orders(before, after, now, N, expected);
        recoup_factors_shapley(before, after, effect);
        for (int i = 0; i < N; i++)
            assert_near(effect[i], expected[i], 1e-11);
    }
}

/* Where LMDI exists, both are close for small changes: they differ in the second order of the logs
 * only, here at most .02² of the product. */
static void methods_agree_on_small_changes(void **state) {
    (void)state;
    uint64_t seed = 3;
    for (int k = 0; k < 200; k++) {
        double before[N], after[N], lmdi[N], shapley[N];
        for (int i = 0; i < N; i++) {
            before[i] = exp(between(&seed, -3, 3));
            after[i] = before[i] * (1 + between(&seed, -.01, .01));
        }
        recoup_factors_lmdi(before, after, lmdi);
        recoup_factors_shapley(before, after, shapley);
        for (int i = 0; i < N; i++)
            assert_near(lmdi[i], shapley[i], 4e-4 * product(before));
    }
}

static void zeros_and_unknowns(void **state) {
    (void)state;
    double effect[N];
    /* Nothing was in play before: all of it is volume. */
    const double nothing[N] = {0, NAN, NAN, NAN}, something[N] = {10, .5, 100, .2};
    recoup_factors_explain(nothing, something, effect);
    assert_near(effect[0], 100, 1e-12);
    assert_true(effect[1] == 0 && effect[2] == 0 && effect[3] == 0);
    recoup_factors_explain(something, nothing, effect);
    assert_near(effect[0], -100, 1e-12);
    /* No win came in time: of velocity, given the mean of the other factors. */
    const double late[N] = {10, .5, NAN, 0};
    recoup_factors_explain(something, late, effect);
    assert_near(effect[3], -100, 1e-12);
    assert_true(effect[0] == 0 && effect[1] == 0 && effect[2] == 0);
    recoup_factors_explain(nothing, nothing, effect);
    assert_true(effect[0] == 0 && effect[1] == 0 && effect[2] == 0 && effect[3] == 0);
    recoup_factors_explain(something, something, effect);
    assert_true(effect[0] == 0 && effect[1] == 0 && effect[2] == 0 && effect[3] == 0);
}

static void tiny_and_huge(void **state) {
    (void)state;
    static const double size[] = {1e-9, 1e-3, 1, 1e6, 1e12};
    for (int a = 0; a < 5; a++)
        for (int b = 0; b < 5; b++) {
            const double before[N] = {size[a], .3, 2, .5}, after[N] = {size[b], .3, 2, .5};
            double effect[N];
            recoup_factors_explain(before, after, effect);
            assert_near(effect[0], product(after) - product(before),
                        1e-12 * fmax(product(after), product(before)));
            assert_true(effect[1] == 0 && effect[2] == 0 && effect[3] == 0);
        }
    /* A millionth of a cent's change of a billion. */
    const double before[N] = {1e9, 1, 1, 1}, after[N] = {1e9 * (1 + 1e-15), 1, 1, 1};
    double effect[N];
    recoup_factors_explain(before, after, effect);
    assert_near(effect[0], after[0] - before[0], 1e-9);
}

static void cents_add_up(void **state) {
    (void)state;
    uint64_t seed = 4;
    for (int k = 0; k < 2000; k++) {
        double part[7], cents[7], total = 0, size = pow(10, between(&seed, -3, 12));
        int n = 1 + k % 7;
        for (int i = 0; i < n; i++) {
            part[i] = between(&seed, -size, size);
            total += part[i];
        }
        double wanted = recoup_cents_of(total);
        recoup_cents_share(part, n, wanted, cents);
        assert_true(sum(cents, n) == wanted);
        for (int i = 0; i < n; i++) {
            assert_true(cents[i] == floor(cents[i]));
            /* one cent, and a cent's rounding error at this size */
            assert_true(fabs(cents[i] - 100 * part[i]) <= 1 + 1e-13 * size);
        }
    }
}

/* The largest remainders win, the first of equal ones; a total that the parts do not come to is
 * spread. In place. */
static void cents_by_hand(void **state) {
    (void)state;
    double thirds[3] = {1. / 3, 1. / 3, 1. / 3}, cents[3];
    recoup_cents_share(thirds, 3, 100, cents);
    assert_true(cents[0] == 34 && cents[1] == 33 && cents[2] == 33);
    double part[3] = {.002, -.004, .006}; /* .2, -.4, .6 cents of 0 */
    recoup_cents_share(part, 3, 0, part);
    assert_true(part[0] == 0 && part[1] == 0 && part[2] == 0);
    double off[2] = {.10, .20};
    recoup_cents_share(off, 2, 35, off);
    assert_true(off[0] + off[1] == 35 && off[0] == 13 && off[1] == 22);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_figure),
        cmocka_unit_test(sums_and_symmetry),
        cmocka_unit_test(shapley_is_the_mean_over_orders),
        cmocka_unit_test(methods_agree_on_small_changes),
        cmocka_unit_test(zeros_and_unknowns),
        cmocka_unit_test(tiny_and_huge),
        cmocka_unit_test(cents_add_up),
        cmocka_unit_test(cents_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
