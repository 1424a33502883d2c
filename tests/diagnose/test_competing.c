/* Conversions among those that left: against R's curves, binomial without censoring, numerical
 * derivatives, and repeated samples. */
#include "../fit/simulate.h"
#include "diagnose/competing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../fit/oracle_stays.h"

/* The last point of each curve in the oracle. Sums of some hundred doubles, 16 digits written. */
static void ends_of_curves_are_those_of_r(void **state) {
    (void)state;
    static recoup_stay stay[MAX_STAYS];
    FILE *file = fopen(SOURCE_DIR "/tests/oracle/aalen_johansen.csv", "r");
    char line[256];
    double last[16][4] = {{0}}, days, incidence, variance;
    int sample, exit, n_samples = 0;
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file)) {
        assert_int_equal(
            sscanf(line, "%d,%d,%lf,%lf,%lf", &sample, &exit, &days, &incidence, &variance), 5);
        assert_true(sample < 16 && exit < 4);
        last[sample][exit] = incidence;
        n_samples = sample;
    }
    fclose(file);
    for (int k = 1; k <= n_samples; k++) {
        recoup_conversion c;
        int n = read_oracle_stays(k, stay);
        assert_true(recoup_conversion_of(stay, n, &c, NULL));
        assert_true(fabs(c.advanced - last[k][1]) < 1e-10);
        assert_true(fabs(c.lost - last[k][2]) < 1e-10);
        assert_true(fabs(c.value - last[k][1] / (last[k][1] + last[k][2])) < 1e-10);
    }
    assert_true(n_samples > 1);
}

/* Stays of a stage in which 60 % go on, sooner than the others are lost; some open, some only seen
 * later, some go back. */
static int draw(recoup_stay *stay, int n, bool censored, uint64_t *seed) {
    const recoup_mixture law = {.n_exits = 2,
                                .logit = {log(1.5), 0},
                                .dwell = {{RECOUP_WEIBULL, 2, {1.3}}, {RECOUP_WEIBULL, 3, {1}}}};
    int kept = 0;
    while (kept < n) {
        recoup_stay s = draw_stay(&law, censored ? 200 * uniform(seed) : INFINITY, seed);
        if (censored && kept % 7 == 0)
            s.entry_days = 10 * uniform(seed);
        if (s.entry_days >= s.dwell_days)
            continue; /* nobody saw it */
        if (censored && s.exit >= 0 && uniform(seed) < .05)
            s.exit = 2;
        stay[kept++] = s;
    }
    return n;
}

static void binomial_without_censoring(void **state) {
    (void)state;
    static recoup_stay stay[MAX_STAYS];
    static double influence[MAX_STAYS];
    uint64_t seed = 5;
    recoup_conversion c;
    int n = draw(stay, 400, false, &seed);
    assert_true(recoup_conversion_of(stay, n, &c, influence));
    double p = (double)c.n_advanced / n;
    assert_int_equal(c.n_advanced + c.n_lost, n);
    assert_true(fabs(c.value - p) < 1e-12);
    assert_true(fabs(c.variance - p * (1 - p) / n) < 1e-12);
    for (int i = 0; i < n; i++) /* pseudo-values are the outcomes */
        assert_true(fabs(c.value + influence[i] - (stay[i].exit == 0)) < 1e-10);
}

/* Weights moved by 1e-5 either way: the second-order error is of the order of 1e-10 / n. */
static void influence_is_the_derivative(void **state) {
    (void)state;
    static recoup_stay stay[MAX_STAYS];
    static double influence[MAX_STAYS];
    const double step = 1e-5;
    uint64_t seed = 6;
    int n = draw(stay, 150, true, &seed);
    for (int i = 0; i < n; i++) /* ties, too */
        if (i % 3 == 0 && stay[i].entry_days == 0)
            stay[i].dwell_days = ceil(stay[i].dwell_days);
    double sum = 0, worst = 0;
    recoup_conversion c, less, more;
    assert_true(recoup_conversion_of(stay, n, &c, influence));
    for (int i = 0; i < n; i++) {
        stay[i].weight = 1 - step;
        assert_true(recoup_conversion_of(stay, n, &less, NULL));
        stay[i].weight = 1 + step;
        assert_true(recoup_conversion_of(stay, n, &more, NULL));
        stay[i].weight = 1;
        double numerical = n * (more.value - less.value) / (2 * step);
        worst = fmax(worst, fabs(numerical - influence[i]));
        sum += influence[i];
    }
    print_message("worst difference %.2g\n", worst);
    assert_true(worst < 1e-6);
    assert_true(fabs(sum) < 1e-9);
}

/* Of many samples: the mean is the true conversion, the variance is what the influences say, and 95
 * % intervals hold the truth: 4 standard errors of each. */
static void many_samples(void **state) {
    (void)state;
    enum { SAMPLES = 1000, STAYS = 300 };
    static recoup_stay stay[STAYS];
    uint64_t seed = 7;
    double sum = 0, squares = 0, variances = 0;
    int covered = 0;
    for (int k = 0; k < SAMPLES; k++) {
        recoup_conversion c;
        int n = draw(stay, STAYS, true, &seed);
        assert_true(recoup_conversion_of(stay, n, &c, NULL));
        sum += c.value;
        squares += c.value * c.value;
        variances += c.variance;
        covered += fabs(c.value - .6) < 1.96 * sqrt(c.variance);
    }
    double mean = sum / SAMPLES, variance = squares / SAMPLES - mean * mean;
    print_message("mean %.4f, sd %.4f, by influence %.4f, covered %.3f\n", mean, sqrt(variance),
                  sqrt(variances / SAMPLES), (double)covered / SAMPLES);
    assert_true(fabs(mean - .6) < 4 * sqrt(variance / SAMPLES));
    assert_true(fabs(variances / SAMPLES / variance - 1) < 4 * sqrt(2. / SAMPLES));
    assert_true(covered > SAMPLES * .95 - 4 * sqrt(SAMPLES * .95 * .05));
}

/* Twice as slow: the same conversion, as long as nearly all leave. */
static void speed_does_not_matter(void **state) {
    (void)state;
    static recoup_stay stay[MAX_STAYS];
    uint64_t seed = 8;
    recoup_conversion fast, slow;
    int n = draw(stay, MAX_STAYS, false, &seed);
    assert_true(recoup_conversion_of(stay, n, &fast, NULL));
    for (int i = 0; i < n; i++)
        stay[i].dwell_days *= 2;
    assert_true(recoup_conversion_of(stay, n, &slow, NULL));
    assert_true(fast.value == slow.value);
    assert_true(slow.days == 2 * fast.days);
}

static void little_data(void **state) {
    (void)state;
    recoup_stay stay[2] = {{RECOUP_STAY_OPEN, -1, 0, 5, 0, 1},
                           {RECOUP_STAY_UNDATED, 0, 0, 0, 0, 1}};
    double influence[2] = {9, 9};
    recoup_conversion c;
    assert_true(recoup_conversion_of(stay, 0, &c, NULL));
    assert_true(isnan(c.value) && c.n == 0);
    assert_true(recoup_conversion_of(stay, 2, &c, influence));
    assert_true(isnan(c.value) && c.n == 1 && influence[0] == 0 && influence[1] == 0);
    stay[0] = (recoup_stay){RECOUP_STAY_CLOSED, 1, 0, 0, 0, 1}; /* all leave at once, at 0 */
    assert_true(recoup_conversion_of(stay, 1, &c, influence));
    assert_true(c.value == 0 && c.variance == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_of_curves_are_those_of_r),
        cmocka_unit_test(binomial_without_censoring),
        cmocka_unit_test(influence_is_the_derivative),
        cmocka_unit_test(many_samples),
        cmocka_unit_test(speed_does_not_matter),
        cmocka_unit_test(little_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
