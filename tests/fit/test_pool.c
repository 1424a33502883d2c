/* Paule and Mandel's estimator against its definition and its closed form. */
#include "fit/pool.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Equal variances: tau² = s² - v, m = mean. */
static void equal_variances_have_a_closed_form(void **state) {
    (void)state;
    const double y[] = {1, 2, 4, 9}, v[] = {.5, .5, .5, .5};
    double difference[4];
    double tau2 = recoup_pool(4, y, v, difference);
    assert_true(fabs(tau2 - (38. / 3 - .5)) < 1e-10);
    for (int i = 0; i < 4; i++)
        assert_true(fabs(difference[i] - tau2 / (tau2 + .5) * (y[i] - 4)) < 1e-10);
}

/* Unequal ones: the weighted squares around the weighted mean add up to k - 1. */
static void defining_equation_holds(void **state) {
    (void)state;
    const double y[] = {.1, -.4, 1.3, .7, -2}, v[] = {.01, .2, .05, 1, .3};
    double difference[5], weights = 0, mean = 0, squares = 0;
    double tau2 = recoup_pool(5, y, v, difference);
    assert_true(tau2 > 0);
    for (int i = 0; i < 5; i++) {
        weights += 1 / (v[i] + tau2);
        mean += y[i] / (v[i] + tau2);
    }
    mean /= weights;
    for (int i = 0; i < 5; i++)
        squares += (y[i] - mean) * (y[i] - mean) / (v[i] + tau2);
    assert_true(fabs(squares - 4) < 1e-9);
    /* Much data stays itself, little goes to the centre. */
    assert_true(fabs(difference[0] - (y[0] - mean)) < .05 * fabs(y[0] - mean));
    assert_true(fabs(difference[3]) < .7 * fabs(y[3] - mean));
}

static void noise_is_pooled_away(void **state) {
    (void)state;
    const double y[] = {.1, -.1, .05}, v[] = {1, 1, 1};
    double difference[3];
    assert_true(recoup_pool(3, y, v, difference) == 0);
    for (int i = 0; i < 3; i++)
        assert_true(difference[i] == 0);
}

static void unknown_groups_are_left_out(void **state) {
    (void)state;
    const double y[] = {0, 3, 77}, v[] = {.1, .1, INFINITY};
    double with[3], without[2];
    double tau2 = recoup_pool(3, y, v, with);
    assert_true(fabs(tau2 - recoup_pool(2, y, v, without)) < 1e-12);
    assert_true(with[2] == 0 && fabs(with[0] - without[0]) < 1e-12);
    assert_true(recoup_pool(1, y, v, with) == 0 && with[0] == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_variances_have_a_closed_form),
        cmocka_unit_test(defining_equation_holds),
        cmocka_unit_test(noise_is_pooled_away),
        cmocka_unit_test(unknown_groups_are_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
