/* `diagnosis`: the target's factors, what is refused, and how it is written back. */
#include "scenario_fixture.h"

static const char full[] =
    HEAD "diagnosis: {target: {volume: 120, win_rate: 25%, value: 50e3, velocity: 0.6}}\n";

static void target_is_read_and_written(void **state) {
    (void)state;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_scenario *scenario = load_valid(full);
    char *text = NULL;
    for (int k = 0; k < 2; k++) {
        assert_true(scenario->diagnosis.has_target);
        const recoup_gap_target *target = &scenario->diagnosis.target;
        assert_true(target->volume == 120 && target->win_rate == .25);
        assert_true(target->value == 50000 && target->velocity == .6);
        assert_int_equal(recoup_scenario_format(scenario, &text, &error), RECOUP_OK);
        assert_non_null(strstr(text, "diagnosis:\n  target:\n    volume: 120\n    win_rate: 0.25\n"
                                     "    value: 50000\n    velocity: 0.6\n"));
        recoup_scenario_free(scenario);
        scenario = k == 0 ? load_valid(text) : NULL; /* loads to the same */
        free(text);
    }
}

static void nothing_is_nothing(void **state) {
    (void)state;
    static const char *const texts[] = {HEAD, HEAD "diagnosis: {}\n"};
    for (int i = 0; i < 2; i++) {
        recoup_error error = RECOUP_ERROR_INIT;
        recoup_scenario *scenario = load_valid(texts[i]);
        char *text = NULL;
        assert_false(scenario->diagnosis.has_target);
        assert_int_equal(recoup_scenario_format(scenario, &text, &error), RECOUP_OK);
        assert_null(strstr(text, "diagnosis"));
        free(text);
        recoup_scenario_free(scenario);
    }
}

#define TARGET(keys) HEAD "diagnosis:\n  target: {" keys "}\n" /* on line 7, keys from 12 */

static void what_is_wrong_has_a_place(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int line, column;
        const char *words;
    } wrong[] = {
        {TARGET("volume: 1, win_rate: .2, value: 5"), 7, 11, "velocity"},
        {TARGET("volume: 0, win_rate: .2, value: 5, velocity: 1"), 7, 20, "number of deals"},
        {TARGET("volume: 1, win_rate: 25, value: 5, velocity: 1"), 7, 33, "share"},
        {TARGET("volume: 1, win_rate: .2, value: -5, velocity: 1"), 7, 44, "money"},
        {TARGET("volume: 1, win_rate: .2, value: 5, velocity: 1.1"), 7, 57, "share"},
        {TARGET("volume: 1, winrate: .2, win_rate: .2, value: 5, velocity: 1"), 7, 23, "win_rate"},
        {HEAD "diagnosis: {targets: 1}\n", 6, 13, "target"},
        {HEAD "diagnosis: 5\n", 6, 12, "mapping"},
        {HEAD "diagnosis: {target: 5}\n", 6, 21, "mapping"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        recoup_error error = RECOUP_ERROR_INIT;
        recoup_scenario *scenario;
        assert_int_equal(load_text(wrong[i].text, &scenario, &error), RECOUP_EINVALID);
        assert_null(scenario);
        assert_true(is_one_error(&error, wrong[i].line, wrong[i].column, wrong[i].words));
        recoup_error_clear(&error);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(target_is_read_and_written),
        cmocka_unit_test(nothing_is_nothing),
        cmocka_unit_test(what_is_wrong_has_a_place),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
