/* A stage that becomes slower: the log-rank score by hand, how often it errs, the speed it finds.
 */
#include "../fit/simulate.h"
#include "diagnose/slowing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

enum { MOST = 3000, STRATA = 2 };
static recoup_stay stay[MOST];
static double entered[MOST];
static int stratum[MOST];
static const double as_of = 500;

static recoup_slowing_data data_of(int n) {
    return (recoup_slowing_data){n, stay, entered, stratum, STRATA};
}

static void set(int i, double entry, double dwell, int exit, int k) {
    entered[i] = entry;
    stratum[i] = k;
    stay[i] = (recoup_stay){exit < 0 ? RECOUP_STAY_OPEN : RECOUP_STAY_CLOSED, exit, i, dwell, 0, 1};
}

/* Day 100 is the date. One stratum:
 *     A  enters 90, leaves at age 5 (day 95)                     before
 *     B  enters 90, leaves at age 20 (day 110)      before until age 10, then since
 *     C  enters 100, leaves at age 5                             since
 *     D  enters 100, open at age 30                              since
 * Age 5: at risk A B before, C D since; A and C leave: expected since 2·2/4 = 1, seen 1;
 *        variance 2·2·2/16·(4-2)/3 = 1/3. Age 20: at risk B D, both since: nothing. U = 0.
 * The other stratum: E enters 90, leaves at age 8; F enters 95, open at age 10 (day 105).
 * Age 8: E before; F, whose age on day 100 is 5, since: expected 1/2, seen 0; variance 1/4. */
static void score_by_hand(void **state) {
    (void)state;
    double score[STRATA], variance[STRATA], left[2];
    set(0, 90, 5, 0, 0);
    set(1, 90, 20, 1, 0);
    set(2, 100, 5, 0, 0);
    set(3, 100, 30, -1, 0);
    set(4, 90, 8, 0, 1);
    set(5, 95, 10, -1, 1);
    recoup_slowing_data data = data_of(6);
    assert_true(recoup_slowing_score(&data, 100, score, variance, left));
    assert_true(fabs(score[0]) < 1e-12 && fabs(variance[0] - 1. / 3) < 1e-12);
    assert_true(fabs(score[1] + .5) < 1e-12 && fabs(variance[1] - .25) < 1e-12);
    assert_true(left[0] == 2 && left[1] == 2);
}

/* Deals of 500 days; two strata of different speed; after `since` time runs at `speed`; a month's
 * exits vary by `shock` more than chance, its speed being lognormal. */
static int draw(int n, double since, double speed, double shock, uint64_t *seed) {
    const recoup_mixture law[STRATA] = {
        {.n_exits = 2,
         .logit = {.5, 0},
         .dwell = {{RECOUP_WEIBULL, 2, {1.3}}, {RECOUP_WEIBULL, 2.5, {1}}}},
        {.n_exits = 2,
         .logit = {.5, 0},
         .dwell = {{RECOUP_WEIBULL, 3, {1.3}}, {RECOUP_WEIBULL, 3.5, {1}}}}};
    double month[20];
    for (int m = 0; m < 20; m++)
        month[m] = exp(shock * sqrt(-2 * log(uniform(seed))) * cos(2 * M_PI * uniform(seed)));
    for (int i = 0; i < n; i++) {
        int k = i % STRATA;
        double entry = as_of * uniform(seed);
        recoup_stay drawn = draw_stay(&law[k], INFINITY, seed);
        double age = 0, now = entry; /* the operational age grows with the speed of the month */
        while (now < as_of) {
            int m = (int)(now / 28);
            double next = fmin(as_of, 28. * (m + 1));
            if (now < since)
                next = fmin(next, since);
            double v = month[m] * (now >= since ? speed : 1);
            if (age + v * (next - now) >= drawn.dwell_days)
                break;
            age += v * (next - now);
            now = next;
        }
        double v = now < as_of ? month[(int)(now / 28)] * (now >= since ? speed : 1) : 1;
        double end = now < as_of ? now + (drawn.dwell_days - age) / v : as_of;
        set(i, entry, end - entry, now < as_of ? drawn.exit : -1, k);
    }
    return n;
}

static double z_of(double since, double dispersion, const recoup_slowing_data *data) {
    double score[STRATA], variance[STRATA], left[2];
    assert_true(recoup_slowing_score(data, since, score, variance, left));
    return (score[0] + score[1]) / sqrt(dispersion * (variance[0] + variance[1]));
}

/* Without any change z is standard normal: mean, variance and the share beyond 1.96 within 4
 * standard errors. Where months differ by chance of their own the dispersion sees it. */
static void nothing_changed(void **state) {
    (void)state;
    enum { SAMPLES = 400, DEALS = 800 };
    uint64_t seed = 11;
    double sum = 0, squares = 0;
    int beyond = 0, raw = 0, mended = 0;
    for (int k = 0; k < SAMPLES; k++) {
        int n_spans;
        recoup_slowing_data data = data_of(draw(DEALS, INFINITY, 1, 0, &seed));
        double z = z_of(420, 1, &data);
        sum += z;
        squares += z * z;
        beyond += fabs(z) > 1.96;
        data = data_of(draw(DEALS, INFINITY, 1, .35, &seed));
        double dispersion = recoup_slowing_dispersion(&data, 388, 28, &n_spans);
        assert_true(n_spans > 10 && dispersion >= 1);
        raw += fabs(z_of(416, 1, &data)) > 1.96;
        mended += fabs(z_of(416, dispersion, &data)) > 1.96;
    }
    print_message("mean %.3f, variance %.3f, beyond 1.96: %d; months differ: %d, mended %d of %d\n",
                  sum / SAMPLES, squares / SAMPLES, beyond, raw, mended, SAMPLES);
    assert_true(fabs(sum / SAMPLES) < 4 / sqrt(SAMPLES));
    assert_true(fabs(squares / SAMPLES - 1) < 4 * sqrt(2. / SAMPLES));
    assert_true(beyond < .05 * SAMPLES + 4 * sqrt(.05 * .95 * SAMPLES));
    assert_true(raw > .08 * SAMPLES + 4 * sqrt(.08 * .92 * SAMPLES)); /* so it matters */
    assert_true(mended < .08 * SAMPLES + 4 * sqrt(.08 * .92 * SAMPLES));
}

/* Of the factor 3 and of no change: 95 % intervals hold it (within 4 standard errors of the count),
 * and their middle is right. */
static void speed_is_found(void **state) {
    (void)state;
    enum { SAMPLES = 60, DEALS = 1500 };
    static const double times[] = {1, 3};
    uint64_t seed = 12;
    for (int t = 0; t < 2; t++) {
        int covered = 0;
        double sum = 0, squares = 0;
        for (int k = 0; k < SAMPLES; k++) {
            recoup_slowing found;
            recoup_slowing_data data = data_of(draw(DEALS, 430, 1 / times[t], 0, &seed));
            assert_true(recoup_slowing_of(&data, 430, 1, &found));
            covered += found.low < times[t] && times[t] < found.high;
            sum += log(found.times / times[t]);
            squares += pow(log(found.times / times[t]), 2);
            assert_true(found.median_days > 5 && found.median_days < 20);
        }
        double sd = sqrt(squares / SAMPLES);
        print_message("times %.0f: log bias %.3f, sd %.3f, covered %d of %d\n", times[t],
                      sum / SAMPLES, sd, covered, SAMPLES);
        assert_true(fabs(sum / SAMPLES) < 4 * sd / sqrt(SAMPLES));
        assert_true(covered >= .95 * SAMPLES - 4 * sqrt(.95 * .05 * SAMPLES));
    }
}

/* A slowing of 3 is far beyond chance. */
static void slowing_is_seen(void **state) {
    (void)state;
    uint64_t seed = 13;
    recoup_slowing_data data = data_of(draw(1500, 430, 1. / 3, 0, &seed));
    assert_true(z_of(430, 1, &data) < -8);
}

static void little_data(void **state) {
    (void)state;
    int n_spans;
    double score[STRATA], variance[STRATA], left[2];
    recoup_slowing found;
    recoup_slowing_data data = data_of(0);
    assert_true(recoup_slowing_score(&data, 100, score, variance, left));
    assert_true(score[0] == 0 && variance[1] == 0 && left[0] == 0);
    assert_true(recoup_slowing_dispersion(&data, 100, 28, &n_spans) == 1 && n_spans == 0);
    set(0, 50, 0, 0, 0);
    data = data_of(1);
    assert_true(recoup_slowing_score(&data, 100, score, variance, left));
    assert_true(left[0] == 1);
    assert_true(recoup_slowing_of(&data, 100, 1, &found));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(score_by_hand),  cmocka_unit_test(nothing_changed),
        cmocka_unit_test(speed_is_found), cmocka_unit_test(slowing_is_seen),
        cmocka_unit_test(little_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
