/* Sketches against the sorted values themselves. */
#include "tally/sketch.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define assert_near(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))

enum { N = 40000 };
static const double levels[] = {.001, .01, .05, .1, .25, .5, .75, .9, .95, .99, .999};
enum { N_LEVELS = sizeof levels / sizeof *levels };

/* xorshift64*: any generator will do. Source: Vigna 2016. */
static double uniform(uint64_t *state) {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return ((double)((*state * 0x2545F4914F6CDD1Du) >> 11) + .5) / 9007199254740992.0;
}

static double normal(uint64_t *state) { /* Box and Muller 1958 */
    double radius = sqrt(-2 * log(uniform(state)));
    return radius * cos(2 * 3.14159265358979323846 * uniform(state));
}

/* Sums of up to `deals` lognormal amounts, each won with probability .2: an atom at 0 when few. */
static double *sample(int deals, uint64_t seed) {
    double *value = calloc(N, sizeof *value);
    assert_non_null(value);
    for (int i = 0; i < N; i++)
        for (int d = 0; d < deals; d++)
            if (uniform(&seed) < .2)
                value[i] += exp(10 + normal(&seed));
    return value;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void check_sample(double *value, int bits) {
    recoup_sketch sketch;
    recoup_sketch_init(&sketch, bits);
    assert_true(recoup_sketch_add(&sketch, value, N));
    qsort(value, N, sizeof *value, by_size);
    double width = ldexp(1, -bits); /* relative */
    for (int i = 0; i < N_LEVELS; i++) {
        double p = levels[i], exact = value[(int)ceil(p * N) - 1];
        double quantile = recoup_sketch_quantile(&sketch, p);
        /* Both lie in the same bin, which is no wider than width × its start. */
        assert_true(fabs(quantile - exact) <= width * exact);
        /* The quantile is the inverse of the distribution function, beyond the atom at 0. */
        if (quantile > 0)
            assert_near(recoup_sketch_below(&sketch, quantile), p * N, 1e-6);
    }
    /* Counts below x are off by no more than what lies in the bin of x. */
    for (int i = 0; i < N; i += 97) {
        double x = value[i] * 1.0001 + 1;
        int below = 0, near = 0;
        for (int k = 0; k < N; k++) {
            below += value[k] < x;
            near += fabs(value[k] - x) <= width * x * (1 + width);
        }
        assert_true(fabs(recoup_sketch_below(&sketch, x) - below) <= near);
    }
    assert_true(sketch.min == value[0] && sketch.max == value[N - 1] && sketch.n == N);
    recoup_sketch_clear(&sketch);
}

static void test_against_sorted(void **state) {
    (void)state;
    const int deals[] = {3, 10, 200}, bits[] = {7, 9, 11};
    for (int d = 0; d < 3; d++)
        for (int b = 0; b < 3; b++) {
            double *value = sample(deals[d], 7 + (uint64_t)d);
            check_sample(value, bits[b]);
            free(value);
        }
}

static void test_atom_at_zero(void **state) {
    (void)state;
    double *value = sample(3, 5); /* P(0) = .8^3 = .512 */
    recoup_sketch sketch;
    recoup_sketch_init(&sketch, 7);
    assert_true(recoup_sketch_add(&sketch, value, N));
    uint64_t zeros = 0;
    for (int i = 0; i < N; i++)
        zeros += value[i] == 0;
    assert_int_equal(sketch.n_zero, zeros);
    assert_true(recoup_sketch_quantile(&sketch, .5) == 0);
    assert_true(recoup_sketch_quantile(&sketch, .55) > 0);
    assert_true(recoup_sketch_below(&sketch, 0) == 0);
    assert_true(recoup_sketch_below(&sketch, 1) == (double)zeros);
    assert_true(recoup_sketch_below(&sketch, 1e12) == N);
    recoup_sketch_clear(&sketch);
    free(value);
}

static void test_edge_cases(void **state) {
    (void)state;
    recoup_sketch sketch;
    recoup_sketch_init(&sketch, 9);
    assert_true(recoup_sketch_quantile(&sketch, .5) == 0);
    assert_true(recoup_sketch_below(&sketch, 5) == 0);
    assert_true(recoup_sketch_add(&sketch, NULL, 0));
    const double zeros[] = {0, 0, 1e-9};
    assert_true(recoup_sketch_add(&sketch, zeros, 3));
    assert_true(recoup_sketch_quantile(&sketch, .5) == 0 && sketch.n_zero == 3);
    assert_true(sketch.n_octaves == 0 && sketch.max == 1e-9);
    const double same[] = {500000.5, 500000.5, 500000.5}; /* booked, and nothing open */
    recoup_sketch_clear(&sketch);
    assert_true(recoup_sketch_add(&sketch, same, 3));
    assert_true(recoup_sketch_quantile(&sketch, .01) == 500000.5);
    assert_true(recoup_sketch_quantile(&sketch, .99) == 500000.5);
    assert_true(recoup_sketch_below(&sketch, 500000.5) == 0);
    assert_true(recoup_sketch_below(&sketch, 500000.6) == 3);
    /* The widest range that money can have. */
    const double wide[] = {1e-300, 1e-5, 1, 1e300};
    assert_true(recoup_sketch_add(&sketch, wide, 4));
    assert_true(recoup_sketch_quantile(&sketch, .999) <= 1e300 && sketch.n_zero == 1);
    assert_true(recoup_sketch_below(&sketch, 1e200) == 6);
    recoup_sketch_clear(&sketch);
}

/* Whatever the order and the pieces in which values come: the same counts. */
static void test_order_plays_no_part(void **state) {
    (void)state;
    double *value = sample(10, 11);
    recoup_sketch once, pieces;
    recoup_sketch_init(&once, 9);
    recoup_sketch_init(&pieces, 9);
    assert_true(recoup_sketch_add(&once, value, N));
    for (int end = N; end > 0; end -= 333) {
        int start = end > 333 ? end - 333 : 0;
        assert_true(recoup_sketch_add(&pieces, value + start, (size_t)(end - start)));
    }
    assert_int_equal(once.first_octave, pieces.first_octave);
    assert_int_equal(once.n_octaves, pieces.n_octaves);
    assert_memory_equal(once.count, pieces.count,
                        ((size_t)once.n_octaves << once.bits) * sizeof *once.count);
    assert_true(once.n == pieces.n && once.n_zero == pieces.n_zero);
    assert_true(once.min == pieces.min && once.max == pieces.max);
    /* The same range again takes no more memory. */
    int n_octaves = once.n_octaves;
    for (int again = 0; again < 25; again++)
        assert_true(recoup_sketch_add(&once, value, N));
    assert_int_equal(once.n_octaves, n_octaves);
    recoup_sketch_clear(&once);
    recoup_sketch_clear(&pieces);
    free(value);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_sorted),
        cmocka_unit_test(test_atom_at_zero),
        cmocka_unit_test(test_edge_cases),
        cmocka_unit_test(test_order_plays_no_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
