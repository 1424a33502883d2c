/* Differences beside factors: by hand, by strata, and their error rates under no difference. */
#include "../uniform.h"
#include "diagnose/contrast.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

enum { MOST = 4000 };
static double outcome[MOST];
static bool is_in[MOST];
static int rep[MOST], stratum[MOST];

static double normal(uint64_t *seed) {
    double u = uniform(seed), v = uniform(seed); /* Box & Muller 1958 */
    return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

/* Two groups without reps: the difference of means; the error of two samples with one variance, or
 * with two where that is larger. */
static void two_samples(void **state) {
    (void)state;
    uint64_t seed = 1;
    int n[2] = {0, 0}, total = 60;
    double sum[2] = {0, 0}, squares[2] = {0, 0};
    for (int i = 0; i < total; i++) {
        is_in[i] = i % 3 == 0;
        outcome[i] = normal(&seed) * (is_in[i] ? 3 : 1);
        rep[i] = -1;
        n[is_in[i]]++;
        sum[is_in[i]] += outcome[i];
    }
    for (int i = 0; i < total; i++)
        squares[is_in[i]] += pow(outcome[i] - sum[is_in[i]] / n[is_in[i]], 2);
    double apart = squares[0] / n[0] / n[0] + squares[1] / n[1] / n[1];
    double pooled = (squares[0] + squares[1]) / (total - 2) * (1. / n[0] + 1. / n[1]);
    const recoup_contrast_data data = {total, outcome, is_in, rep, 0, 0, {{0}}};
    recoup_contrast c;
    assert_true(recoup_contrast_of(&data, &c));
    assert_int_equal(c.n_in, n[1]);
    assert_int_equal(c.reps_out, n[0]);
    assert_true(fabs(c.difference - (sum[1] / n[1] - sum[0] / n[0])) < 1e-12);
    assert_true(fabs(c.se * c.se - fmax(apart, pooled)) < 1e-12);
    assert_true(c.low < c.difference && c.difference < c.high);
}

/* One factor: the mean of the strata's differences with weights n1·n0/n, whatever the strata do. */
static void strata(void **state) {
    (void)state;
    uint64_t seed = 2;
    double sum[3][2] = {{0}}, n[3][2] = {{0}}, total = 0, weights = 0;
    for (int i = 0; i < 300; i++) {
        int k = stratum[i] = (int)(3 * uniform(&seed));
        is_in[i] = uniform(&seed) < .2 + .3 * k;
        outcome[i] = 5 * k + .5 * is_in[i] + normal(&seed);
        rep[i] = -1;
        sum[k][is_in[i]] += outcome[i];
        n[k][is_in[i]]++;
    }
    for (int k = 0; k < 3; k++) {
        double weight = n[k][0] * n[k][1] / (n[k][0] + n[k][1]);
        total += weight * (sum[k][1] / n[k][1] - sum[k][0] / n[k][0]);
        weights += weight;
    }
    const recoup_contrast_data data = {300, outcome, is_in, rep, 0, 1, {{stratum, 3, false}}};
    recoup_contrast c;
    assert_true(recoup_contrast_of(&data, &c));
    assert_true(fabs(c.difference - total / weights) < 1e-9);
    assert_true(fabs(c.difference - .5) < 4 * c.se);
}

/* The group is a stratum: nothing to compare. */
static void nothing_left(void **state) {
    (void)state;
    for (int i = 0; i < 40; i++) {
        is_in[i] = i < 20;
        stratum[i] = i < 20;
        outcome[i] = i % 2;
        rep[i] = i % 4;
    }
    const recoup_contrast_data data = {40, outcome, is_in, rep, 4, 1, {{stratum, 2, false}}};
    recoup_contrast c;
    assert_true(recoup_contrast_of(&data, &c));
    assert_true(isnan(c.p_value) && isnan(c.difference));
}

/* No difference between groups of `reps_in` and `reps_out` reps, who differ with standard deviation
 * sd; how often p falls below a level. */
static void count_rejections(int reps_in, int reps_out, double sd, int samples, const double *level,
                             int n_levels, int *rejected) {
    uint64_t seed = 3;
    for (int k = 0; k < samples; k++) {
        int n = 0;
        for (int r = 0; r < reps_in + reps_out; r++) {
            double share = .6 + sd * normal(&seed);
            int deals = (int)(15 * exp(.4 * normal(&seed))) + 1;
            for (int i = 0; i < deals && n < MOST; i++, n++) {
                rep[n] = r;
                is_in[n] = r < reps_in;
                outcome[n] = uniform(&seed) < share;
                stratum[n] = r < reps_in;
            }
        }
        const recoup_contrast_data data = {
            n, outcome, is_in, rep, reps_in + reps_out, 1, {{stratum, 2, true}}};
        recoup_contrast c;
        assert_true(recoup_contrast_of(&data, &c));
        for (int l = 0; l < n_levels; l++)
            rejected[l] += c.p_value < level[l];
    }
}

/* At most the level, and 4 standard errors of the count; with few reps too, and with reps alike. */
static void no_difference_is_rejected_as_rarely_as_said(void **state) {
    (void)state;
    enum { SAMPLES = 3000, LEVELS = 3 };
    static const double level[LEVELS] = {.05, .01, .002};
    static const struct {
        int in, out;
        double sd;
    } cases[] = {{12, 36, 0}, {12, 36, .05}, {12, 36, .15}, {3, 20, .1}, {4, 4, .1}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        int rejected[LEVELS] = {0};
        count_rejections(cases[k].in, cases[k].out, cases[k].sd, SAMPLES, level, LEVELS, rejected);
        print_message("%d against %d reps, sd %.2f: %.4f %.4f %.4f\n", cases[k].in, cases[k].out,
                      cases[k].sd, (double)rejected[0] / SAMPLES, (double)rejected[1] / SAMPLES,
                      (double)rejected[2] / SAMPLES);
        for (int l = 0; l < LEVELS; l++)
            assert_true(rejected[l] <=
                        SAMPLES * level[l] + 4 * sqrt(SAMPLES * level[l] * (1 - level[l])));
    }
}

/* One of ten reps makes the difference, and is named; without that rep nothing is left. */
static void one_rep_is_named(void **state) {
    (void)state;
    uint64_t seed = 4;
    int n = 0;
    for (int r = 0; r < 30; r++)
        for (int i = 0; i < 60; i++, n++) {
            rep[n] = r;
            is_in[n] = r < 10;
            outcome[n] = uniform(&seed) < (r == 7 ? .05 : .6);
        }
    const recoup_contrast_data data = {n, outcome, is_in, rep, 30, 0, {{0}}};
    recoup_contrast c;
    assert_true(recoup_contrast_of(&data, &c));
    assert_int_equal(c.driver, 7);
    double sum[2] = {0, 0}, count[2] = {0, 0};
    for (int i = 0; i < n; i++)
        if (rep[i] != 7) {
            sum[is_in[i]] += outcome[i];
            count[is_in[i]]++;
        }
    /* the weights of the others are as before: a difference of the second order */
    assert_true(fabs(c.without - (sum[1] / count[1] - sum[0] / count[0])) < .02);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_samples),
        cmocka_unit_test(strata),
        cmocka_unit_test(nothing_left),
        cmocka_unit_test(no_difference_is_rejected_as_rarely_as_said),
        cmocka_unit_test(one_rep_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
