/* The cumulative incidence seen, against R's survfit and etm; what the distance from it tells. */
#include "fit/choose.h"
#include "fit/goodness.h"
#include "simulate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "oracle_stays.h"

static const bool none_fixed[RECOUP_MAX_EXITS] = {false};

/* Every point of the curves; sums of some hundred terms of doubles, written with 16 digits. */
static void incidence_is_that_of_r(void **state) {
    (void)state;
    static recoup_stay stay[MAX_STAYS];
    static recoup_incidence_step step[2 * MAX_STAYS];
    FILE *file = fopen(SOURCE_DIR "/tests/oracle/aalen_johansen.csv", "r");
    char line[256];
    int sample, exit, sample_now = 0, exit_now = 0, n_steps = 0, i = 0, n_points = 0;
    double days, incidence, variance, worst = 0;
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file)) {
        assert_int_equal(
            sscanf(line, "%d,%d,%lf,%lf,%lf", &sample, &exit, &days, &incidence, &variance), 5);
        if (sample != sample_now || exit != exit_now) {
            recoup_risk risk;
            assert_int_equal(i, n_steps);
            assert_true(recoup_risk_create(&risk, stay, read_oracle_stays(sample, stay)));
            n_steps = recoup_incidence(&risk, exit - 1, step);
            recoup_risk_clear(&risk);
            sample_now = sample;
            exit_now = exit;
            i = 0;
        }
        assert_true(i < n_steps && step[i].days == days);
        worst = fmax(worst, fabs(step[i].incidence - incidence));
        assert_true(fabs(step[i].incidence - incidence) < 1e-10);
        assert_true(fabs(step[i].variance - variance) < 1e-10);
        i++;
        n_points++;
    }
    fclose(file);
    print_message("%d points, worst difference %.2g\n", n_points, worst);
    assert_true(n_points > 300);
}

/* Two of four stays left at 1.25 by the first exit, where the fitted share is 1/2·(1 - 1/e): that
 * is nearer to 1/2, seen from then on, than to 0, seen until then. */
static void distance_by_hand(void **state) {
    (void)state;
    const recoup_stay stay[] = {{RECOUP_STAY_CLOSED, 0, -1, 1.25, 0, 2},
                                {RECOUP_STAY_OPEN, -1, -1, 3, 0, 2},
                                {RECOUP_STAY_UNDATED, 0, -1, 0, 0, 9}};
    const recoup_mixture law = {
        .n_exits = 2,
        .dwell = {{RECOUP_EXPONENTIAL, log(1.25), {0}}, {RECOUP_EXPONENTIAL, 5, {0}}}};
    recoup_goodness goodness[2];
    assert_true(recoup_goodness_of(&law, stay, 3, goodness));
    assert_true(fabs(goodness[0].distance - .5 * (1 - exp(-1))) < 1e-14);
    assert_true(goodness[0].days == 1.25);
    /* No censoring before: the bound is that for two of four stays. */
    assert_true(fabs(goodness[0].bound - .5 * .886 / sqrt(2)) < 1e-14);
    recoup_mixture stale = law;
    stale.dwell[1].family = RECOUP_NEVER;
    assert_true(recoup_goodness_of(&stale, stay, 3, goodness));
    assert_true(isnan(goodness[1].distance));
    assert_true(recoup_goodness_of(&law, stay + 1, 1, goodness)); /* nobody left */
    assert_true(isnan(goodness[0].distance));
}

static const recoup_mixture plain = {
    .n_exits = 2,
    .logit = {.4, 0},
    .dwell = {{RECOUP_LOGNORMAL, 2.5, {.8}}, {RECOUP_WEIBULL, 3.2, {1.4}}}};

/* A sample, entered at any time of day; some are seen only from an age on. */
static int draw(recoup_stay *stay, int n, bool by_day, double cancelled, uint64_t *seed) {
    for (int i = 0; i < n; i++) {
        recoup_stay s = draw_stay(&plain, 80 * uniform(seed), seed);
        if (s.kind == RECOUP_STAY_CLOSED && s.dwell_days > 31 && uniform(seed) < cancelled) {
            s.exit = 1;
            s.dwell_days = 31;
        }
        if (by_day) {
            double entered = uniform(seed);
            s.dwell_days = floor(entered + s.dwell_days);
            if (s.kind == RECOUP_STAY_CLOSED && s.dwell_days == 0)
                s.kind = RECOUP_STAY_WITHIN_DAY;
        } else if (i % 10 == 0) {
            s.entry_days = fmin(8, .9 * s.dwell_days);
        }
        stay[i] = s;
    }
    return n;
}

/* The true families, fitted: beyond the bound in less than 5 % of the samples (300 looks; a rate of
 * 5 % gives more than 27 with probability .001). In whole days as well. */
static void right_families_are_left_alone(void **state) {
    (void)state;
    enum { SAMPLES = 150, STAYS = 400 };
    static recoup_stay stay[STAYS];
    for (int by_day = 0; by_day < 2; by_day++) {
        uint64_t seed = 13;
        int n_beyond = 0;
        for (int i = 0; i < SAMPLES; i++) {
            recoup_mixture mixture = plain;
            recoup_layout layout = recoup_layout_of(&mixture, none_fixed, false);
            recoup_prior prior = recoup_prior_weak();
            recoup_goodness goodness[2];
            int n = draw(stay, STAYS, by_day, 0, &seed);
            recoup_mixture_start(&mixture, none_fixed, stay, n);
            assert_true(recoup_mixture_fit(&mixture, &layout, &prior, stay, n, NULL));
            assert_true(recoup_goodness_of(&mixture, stay, n, goodness));
            for (int e = 0; e < 2; e++)
                n_beyond += goodness[e].distance > goodness[e].bound;
        }
        print_message("%s: %d of %d beyond the bound\n", by_day ? "days" : "clock", n_beyond,
                      2 * SAMPLES);
        assert_true(n_beyond <= 27);
    }
}

/* Half of the deals that would stay longer are cancelled at day 31: no family has that jump. */
static void mass_cancel_is_seen(void **state) {
    (void)state;
    static recoup_stay stay[MAX_STAYS];
    for (int by_day = 0; by_day < 2; by_day++) {
        uint64_t seed = 17;
        recoup_prior prior = recoup_prior_weak();
        static recoup_choice choice;
        recoup_goodness goodness[RECOUP_MAX_EXITS];
        int n = draw(stay, MAX_STAYS, by_day, .5, &seed);
        assert_true(recoup_choose(2, none_fixed, NULL, &prior, stay, n, &choice));
        assert_true(recoup_goodness_of(&choice.mixture, stay, n, goodness));
        print_message("%.3f at %.1f days, bound %.3f\n", goodness[1].distance, goodness[1].days,
                      goodness[1].bound);
        assert_true(goodness[1].distance > 1.5 * goodness[1].bound);
        assert_true(fabs(goodness[1].days - 31) < 2);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(incidence_is_that_of_r),
        cmocka_unit_test(distance_by_hand),
        cmocka_unit_test(right_families_are_left_alone),
        cmocka_unit_test(mass_cancel_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
