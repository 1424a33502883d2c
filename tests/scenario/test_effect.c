/* Uncertain effects: the distributions against SciPy's figures (tests/oracle/effects_scipy.py), and
 * what comes of adoption, evidence, strength and draws against what the formulas say. */
#include "scenario_fixture.h"

#include "scenario/effect.h"
#include "scenario/lever.h"
#include "scenario/variant.h"
#include <math.h>

enum { N_LEVELS = 6, N_DRAWS = 1024 };

static void test_distributions(void **state) {
    (void)state;
    static const double level[N_LEVELS] = {.001, .05, .3, .5, .8, .99};
    FILE *file = fopen(SOURCE_DIR "/tests/oracle/effects_scipy.csv", "r");
    assert_non_null(file);
    char line[1024], name[32];
    int n = 0;
    assert_non_null(fgets(line, sizeof line, file));
    for (; fgets(line, sizeof line, file); n++) {
        double v[5 + N_LEVELS];
        char *next = line;
        snprintf(name, sizeof name, "%s", strsep(&next, ","));
        for (int i = 0; i < 5 + N_LEVELS; i++)
            v[i] = strtod(strsep(&next, ","), NULL);
        recoup_effect effect = {RECOUP_EFFECT_NORMAL, v[0], v[1], v[2]};
        while (strcmp(recoup_effect_names[effect.kind], name) != 0)
            effect.kind++;
        for (int i = 0; i < N_LEVELS; i++) {
            double q = recoup_effect_quantile(&effect, level[i], -INFINITY, INFINITY);
            assert_true(fabs(q - v[5 + i]) <= 1e-9 * fmax(1, fabs(q)));
        }
        /* The midpoint rule: exact to 2e-4 where the quantiles have no steep end. */
        double mean = recoup_effect_mean(&effect, false, -INFINITY, INFINITY);
        assert_true(fabs(mean - v[3]) <= 2e-4 * fabs(v[3]));
        if (!isnan(v[4]))
            assert_true(fabs(recoup_effect_mean(&effect, true, 0, INFINITY) - v[4]) <= 1e-3);
    }
    fclose(file);
    assert_int_equal(n, 9);
    recoup_effect normal = {RECOUP_EFFECT_NORMAL, 0.2, 0.5, 0};
    assert_true(recoup_effect_quantile(&normal, .001, 0, 1) == 0);
    assert_true(recoup_effect_quantile(&normal, .999, 0, 1) == 1);
}

static const char model_text[] =
    "recoup: model/1\n"
    "stages: [first]\n"
    "cohorts: [top, core]\n"
    "channels: [web, event]\n"
    "exits:\n"
    "  first:\n"
    "    advance: {logit: 0, dwell: {family: exponential, mean: 20}}\n"
    "    lost: {dwell: {family: exponential, mean: 20}}\n"
    "amount: {size_ref: 1000, new: {family: lognormal, median: 1000, sigma: 0.5}}\n"
    "arrivals:\n"
    "  top: {web: 0.2, event: 0.1}\n"
    "  core: {web: 0.2, event: 0.1}\n";

/* A scenario with plans, resolved; *model is to be freed. */
static recoup_scenario *make(const char *plans, recoup_model **model) {
    char text[4096];
    recoup_error error = RECOUP_ERROR_INIT;
    *model = load_model(model_text);
    snprintf(text, sizeof text, HEAD "simulation: {seed: 9, parameter_draws: %d}\nplans:\n%s",
             N_DRAWS, plans);
    recoup_scenario *scenario = load_valid(text);
    recoup_status status = recoup_scenario_resolve(scenario, *model, &error);
    if (status != RECOUP_OK)
        recoup_error_print(&error, stderr);
    assert_int_equal(status, RECOUP_OK);
    recoup_error_clear(&error);
    return scenario;
}

/* value[plan][draw] of the first change of each plan. */
static void draw_values(const recoup_scenario *scenario, const recoup_model *model, double *value) {
    for (int d = 0; d < N_DRAWS; d++) {
        recoup_scenario drawn;
        recoup_error error = RECOUP_ERROR_INIT;
        assert_int_equal(recoup_scenario_redraw(scenario, model, d, &drawn, &error), RECOUP_OK);
        for (int p = 0; p < scenario->n_plans; p++)
            value[p * N_DRAWS + d] = drawn.plan[p].effects.change[0].value;
        recoup_scenario_drawn_clear(&drawn);
    }
}

static double mean_of(const double *value) {
    double sum = 0;
    for (int d = 0; d < N_DRAWS; d++)
        sum += value[d];
    return sum / N_DRAWS;
}

static double sd_of(const double *value) {
    double mean = mean_of(value), sum = 0;
    for (int d = 0; d < N_DRAWS; d++)
        sum += (value[d] - mean) * (value[d] - mean);
    return sqrt(sum / N_DRAWS);
}

static void assert_close(double value, double expected, double error) {
    if (!(fabs(value - expected) <= error))
        fail_msg("%.8g, expected %.8g within %.2g", value, expected, error);
}

/* One effect alone is a scrambled Sobol sequence: of 1,024 draws one in each of 1,024 strata, so
 * its mean and standard deviation are off by far less than by chance (a stratum's part of the range
 * weighs 1/1024: 1 % of the standard deviation is generous even in the outermost). */
static void test_draws(void **state) {
    (void)state;
    recoup_model *model;
    recoup_scenario *scenario =
        make("  - name: a\n"
             "    levers: [adjust: {exit: advance, logit: {normal: [0.3, 0.1]}}]\n"
             "  - name: same, later, dearer\n"
             "    levers: [adjust: {exit: advance, logit: {normal: [0.3, 0.1]}, start: +9d, "
             "delay_days: 2, cost: 5}]\n"
             "  - name: another\n"
             "    levers: [adjust: {exit: advance, cohort: top, logit: {normal: [0.3, 0.1]}}]\n"
             "  - name: factor\n"
             "    levers: [adjust: {dwell: {lognormal: [0.8, 0.2]}}]\n"
             "  - name: fixed\n"
             "    levers: [adjust: {exit: advance, logit: 0.3}]\n",
             &model);
    double value[5 * N_DRAWS];
    draw_values(scenario, model, value);
    assert_close(mean_of(value), .3, .001);
    assert_close(sd_of(value), .1, .001);
    int n_equal = 0;
    double together = 0;
    for (int d = 0; d < N_DRAWS; d++) {
        assert_true(value[N_DRAWS + d] == value[d]); /* the lever's, not the plan's */
        assert_true(value[4 * N_DRAWS + d] == .3);
        n_equal += value[2 * N_DRAWS + d] == value[d];
        together += (value[d] - .3) * (value[2 * N_DRAWS + d] - .3) / .01 / N_DRAWS;
    }
    assert_int_equal(n_equal, 0);
    assert_true(fabs(together) <= 4 / sqrt(N_DRAWS)); /* uncorrelated */
    assert_close(mean_of(value + 3 * N_DRAWS), log(.8), .002);
    assert_close(sd_of(value + 3 * N_DRAWS), .2, .002);
    /* Without draws effects are their means. */
    assert_close(scenario->plan[0].effects.change[0].value, .3, 1e-9);
    assert_close(scenario->plan[3].effects.change[0].value, log(.8), 1e-9);
    assert_true(scenario->plan[1].effects.change[0].start_day == 11);
    assert_true(recoup_scenario_is_uncertain(scenario));
    recoup_scenario_free(scenario);
    recoup_model_free(model);
}

/* effect · adoption · (1 + c z), independent of one another: the mean is E effect · E adoption, the
 * second moment E effect² · E adoption² · (1 + c²). Three independent sequences: the error of a
 * mean is at most that of plain draws, sd / 32; of a standard deviation about sd / 45, with more
 * for heavier tails: 4 and 6 times these. */
static void test_evidence_and_adoption(void **state) {
    (void)state;
    recoup_model *model;
    recoup_scenario *scenario = make(
        "  - name: half\n"
        "    levers: [adjust: {exit: advance, logit: 0.4, adoption: 50%}]\n"
        "  - name: some\n"
        "    levers: [adjust: {exit: advance, logit: 0.4, adoption: {uniform: [0.2, 1]}}]\n"
        "  - name: before and after\n"
        "    levers: [adjust: {exit: advance, logit: 0.4, evidence: before_after}]\n"
        "  - name: association\n"
        "    levers: [adjust: {exit: advance, logit: 0.4, evidence: association}]\n"
        "  - name: opinion\n"
        "    levers: [adjust: {exit: advance, logit: 0.4, evidence: opinion}]\n"
        "  - name: all of it\n"
        "    levers: [adjust: {exit: advance, logit: {normal: [0.4, 0.1]}, adoption: {uniform: "
        "[0.2, 1]}, evidence: association}]\n",
        &model);
    double value[6 * N_DRAWS];
    draw_values(scenario, model, value);
    double adoption = .6, adoption_square = .6 * .6 + .8 * .8 / 12;
    double all = sqrt((.16 + .01) * adoption_square * 1.25 - .24 * .24);
    const double mean[6] = {.2, .24, .4, .4, .4, .4 * adoption};
    const double sd[6] = {0, .4 * .8 / sqrt(12), .1, .2, .4, all};
    for (int p = 0; p < 6; p++) {
        assert_close(mean_of(value + p * N_DRAWS), mean[p], 4 * sd[p] / 32 + 1e-9);
        assert_close(sd_of(value + p * N_DRAWS), sd[p], 6 * sd[p] / 45 + 1e-9);
    }
    assert_close(scenario->plan[1].effects.change[0].value, .24, 1e-9);
    recoup_scenario_free(scenario);
    recoup_model_free(model);
}

/* Strength scales effects on their own scale, centred ones have mean 0 and keep their spread, and
 * what a plan moves or limits goes with strength and adoption. */
static void test_variants(void **state) {
    (void)state;
    recoup_model *model;
    recoup_scenario *scenario =
        make("  - name: a\n"
             "    levers:\n"
             "      - adjust: {dwell: {lognormal: [0.5, 0.3]}}\n"
             "      - adjust: {exit: advance, logit: 0.4}\n"
             "      - discount_limit: {max: 10%, win_logit_per_point: 0.02, escapes: 20%}\n"
             "      - reassign: {from: {rep: x}, to: {rep: y}, adoption: 40%}\n",
             &model);
    recoup_lever lever[3][4];
    for (int i = 0; i < 3; i++)
        memcpy(lever[i], scenario->plan[0].lever, sizeof lever[i]);
    recoup_change extra = {.quantity = RECOUP_CHANGE_LOG_RATE, .start_day = 3, .value = .5};
    for (int k = 0; k < 4; k++) {
        lever[1][k].strength = .5;
        lever[2][k].is_centered = true;
        lever[2][k].start_day += 5;
    }
    recoup_variant variant[3] = {{.name = "as stated", .n_levers = 4, .lever = lever[0]},
                                 {.name = "half", .n_levers = 4, .lever = lever[1]},
                                 {.name = "centred", 4, lever[2], 1, &extra}};
    recoup_scenario varied;
    recoup_error error = RECOUP_ERROR_INIT;
    assert_int_equal(recoup_scenario_vary(scenario, model, variant, 3, &varied, &error), RECOUP_OK);
    const recoup_effects *of[3];
    for (int i = 0; i < 3; i++)
        of[i] = &varied.plan[i].effects;
    assert_close(of[0]->change[0].value, log(.5), 1e-9);
    assert_close(of[1]->change[0].value, .5 * log(.5), 1e-9);
    assert_close(of[2]->change[0].value, 0, 1e-9);
    assert_close(of[1]->change[1].value, .2, 0);
    assert_close(of[2]->change[1].value, 0, 0);
    assert_close(of[0]->cap->escapes, .2, 1e-15);
    assert_close(of[1]->cap->escapes, .6, 1e-15);
    assert_close(of[1]->cap->win_logit_per_point, .02, 0);
    assert_close(of[0]->move->share, .4, 0);
    assert_close(of[1]->move->share, .2, 0);
    assert_int_equal(of[1]->n_changes, 2);
    assert_int_equal(of[2]->n_changes, 3);
    assert_true(of[2]->change[0].start_day == 5 && of[2]->change[2].start_day == 3);
    double value[3 * N_DRAWS];
    draw_values(&varied, model, value);
    assert_close(mean_of(value + 2 * N_DRAWS), 0, .003);
    assert_close(sd_of(value + 2 * N_DRAWS), .3, .003);
    for (int d = 0; d < N_DRAWS; d++)
        assert_close(value[2 * N_DRAWS + d], value[d] - log(.5), 1e-9);
    recoup_scenario_drawn_clear(&varied);

    recoup_lever limits[2] = {lever[0][2], lever[0][2]};
    variant[0] = (recoup_variant){.name = "two limits", .n_levers = 2, .lever = limits};
    assert_int_equal(recoup_scenario_vary(scenario, model, variant, 1, &varied, &error),
                     RECOUP_EINVALID);
    assert_non_null(strstr(error.problems[0].message, "2 discount limits"));
    recoup_scenario_drawn_clear(&varied);
    recoup_error_clear(&error);
    recoup_scenario_free(scenario);
    recoup_model_free(model);
}

/* Line and column of the one problem, and words in its message. */
static void test_wrong(void **state) {
    (void)state;
    static const struct {
        const char *effect, *words;
    } cases[] = {
        {"{normal: [0.2]}", "normal: [mean, standard deviation]"},
        {"{normal: [0.2, 0]}", "the latter above 0"},
        {"{norml: [0.2, 1]}", "did you mean 'normal'?"},
        {"{weird: [0.2, 1]}", "expected one of normal, lognormal, uniform"},
        {"{uniform: [2, 1]}", "a below b"},
        {"{triangular: [0, 3, 2]}", "a <= mode <= b"},
        {"{lognormal: [-1, 1]}", "both above 0"},
        {"{beta: [0, 1]}", "both above 0"},
        {"{uniform: [0, 1000]}", "a number from -100 to 100"},
        {"{normal: [0.2, x]}", "expected a number"},
        {"{}", "one distribution"},
        {"[0.2, 0.1]", "expected a number"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        recoup_scenario *scenario = NULL;
        recoup_error error = RECOUP_ERROR_INIT;
        snprintf(text, sizeof text,
                 HEAD "plans:\n  - name: p\n    levers: [adjust: {exit: advance, logit: %s}]\n",
                 cases[i].effect);
        assert_int_equal(load_text(text, &scenario, &error), RECOUP_EINVALID);
        if (error.n_errors != 1 || !strstr(error.problems[0].message, cases[i].words)) {
            recoup_error_print(&error, stderr);
            fail_msg("%s: expected one error with \"%s\"", cases[i].effect, cases[i].words);
        }
        recoup_error_clear(&error);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_distributions),
        cmocka_unit_test(test_draws),
        cmocka_unit_test(test_evidence_and_adoption),
        cmocka_unit_test(test_variants),
        cmocka_unit_test(test_wrong),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
