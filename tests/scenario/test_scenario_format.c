/* The resolved scenario: every default and date written out, and it loads to the same. */
#include "scenario_fixture.h"

#include <math.h>
#include <sys/stat.h>

static char *format(const recoup_scenario *scenario) {
    recoup_error error = RECOUP_ERROR_INIT;
    char *text = NULL;
    assert_int_equal(recoup_scenario_format(scenario, &text, &error), RECOUP_OK);
    assert_non_null(text);
    return text;
}

/* Written by hand from bench/w1/scenario.yaml and the defaults of docs/scenario.md. */
static const char w1_resolved[] = "recoup: scenario/1\n"
                                  "name: W1 reference\n"
                                  "as_of: 2026-11-02\n"
                                  "timezone: UTC\n"
                                  "period:\n"
                                  "  start: 2026-10-01\n"
                                  "  end: 2026-12-31\n"
                                  "currency: \"\"\n"
                                  "quota: 6000000\n"
                                  "data:\n"
                                  "  deals: deals.csv\n"
                                  "  reps: reps.csv\n"
                                  "cohorts:\n"
                                  "  by: column\n"
                                  "  top: 0.1\n"
                                  "  bottom: 0.1\n"
                                  "  ramp_days: 180\n"
                                  "model: model.yaml\n"
                                  "simulation:\n"
                                  "  paths: 5000\n"
                                  "  seed: 7\n"
                                  "  parameter_draws: 1\n"
                                  "  estimator: sample\n"
                                  "  precision: 0.01\n"
                                  "  keep_paths: true\n"
                                  "plans:\n"
                                  "  - name: baseline\n"
                                  "  - name: coach\n"
                                  "    levers:\n"
                                  "      - adjust:\n"
                                  "          cohort: [core-low, ramping]\n"
                                  "          exit: advance\n"
                                  "          logit: 0.2\n"
                                  "          start: 2026-11-02\n"
                                  "          ramp_days: 0\n"
                                  "          cost: 0\n"
                                  "          hours: 0\n"
                                  "          evidence: experiment\n"
                                  "  - name: unblock\n"
                                  "    levers:\n"
                                  "      - adjust:\n"
                                  "          stage: [proposal, negotiation]\n"
                                  "          exit: advance\n"
                                  "          dwell: 0.7\n"
                                  "          start: 2026-11-02\n"
                                  "          ramp_days: 0\n"
                                  "          cost: 0\n"
                                  "          hours: 0\n"
                                  "          evidence: experiment\n";

static void test_w1(void **state) {
    (void)state;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_scenario *scenario = NULL;
    assert_int_equal(recoup_scenario_load(SOURCE_DIR "/bench/w1/scenario.yaml", &scenario, &error),
                     RECOUP_OK);
    recoup_simulation simulation = recoup_scenario_simulation(scenario);
    simulation.paths = 5000;
    simulation.seed = 7;
    simulation.precision = 0.01;
    simulation.keep_paths = true;
    recoup_scenario_set_simulation(scenario, &simulation);
    char *text = format(scenario);
    assert_string_equal(text, w1_resolved);
    free(text);
    recoup_scenario_free(scenario);
}

/* Every key there is, and texts that YAML could take for something else. */
static const char full[] =
    "recoup: scenario/1\n"
    "name: \"Q4: recovery #1\"\n"
    "as_of: 2026-11-02T08:00:30.5\n"
    "timezone: -03:30\n"
    "period: {start: 2026-10-01, end: 2026-12-31}\n"
    "currency: EUR\n"
    "quota: 1_234_567.89\n"
    "booked: 0.1\n"
    "data:\n"
    "  deals: \"a, b.csv\"\n"
    "  stage_history: {file: ../h.csv, columns: {deal_id: Id}, join: [{file: s.csv, on: "
    "\"{x}\"}]}\n"
    "  reps: /r.csv\n"
    "  activities: {file: 'a: c.csv', columns: {type: [Sub type, \"true\"], date: When},\n"
    "    values: {type: {CALL: call, \"null\": \"\", \"1\": \"2\"}, rep_id: {~: x}},\n"
    "    join: [{file: /b.csv, on: {WhoId: Id}}, {file: c.csv, on: x}],\n"
    "    skip: {deleted: true, kind: [\"\", Email]}, dates: us, decimal: comma}\n"
    "pipeline:\n"
    "  stages: [\"1\", demo, 'yes', \"[x]\"]\n"
    "  labels: {\"2026-10-01\": \"1\", \"null\": demo, \"a: b\": won, Geschlossen – verloren: "
    "lost}\n"
    "cohorts: {by: performance, top: 1%, bottom: 0.25, ramp_days: 12.5}\n"
    "model: m.yaml\n"
    "simulation: {paths: 4e9, seed: 0, precision: 0.001}\n"
    "benchmarks: {conversion: {\"1\": .5, demo: {value: 61%, source: \"25\"}}, attainment: 1.1,\n"
    "  win_rate: {value: 22%, source: \"a: b\"}, cycle_days: 84, deal: 1e5}\n"
    "review: {partners: [\"1\", \"two\\nlines\"], \"no\": ~, \"yes\": one\n    two}\n"
    "plans:\n"
    "  - {name: \"1e6\", owner: o, team: t, start: +14d, review: 2026-12-01, investment: 5000,\n"
    "     help: \"two\\nlines\", implication: '', incentive: \"- x\",\n"
    "     actions: [{what: w, owner: o, due: +3.25d, measure: m}, {what: w2}]}\n"
    "  - name: second\n"
    "    start: 2026-11-16\n"
    "    levers:\n"
    "      - adjust: {cohort: [a, b], channel: c, rate: 0}\n"
    "      - adjust: {cohort: [\"1\"], stage: s, exit: [x, y], logit: -0.1, dwell: 1e-3, cost: 7}\n"
    "      - adjust: {logit: {normal: [0.2, 0.05]}, exit: x, dwell: {lognormal: [0.8, 0.1]}, "
    "hours: "
    "12,\n"
    "          adoption: {triangular: [0, 0.5, 1]}, evidence: opinion, delay_days: 3}\n"
    "      - adjust: {rate: {uniform: [1, 1.5]}, amount: {beta: [2, 3]}, evidence: association}\n"
    "      - adjust: {amount: 1.1, start: +0.123456789d, ramp_days: 3.5, owner: w}\n"
    "      - reassign: {from: {rep: [a, b], status: ramping, cohort: c}, to: {rep: d},\n"
    "          deals: {stage: s, channel: c, segment: g, min_amount: 1e5}, leads: true,\n"
    "          handover_days: 2, capacity: 20, start: 2026-11-03T12:34:56.789+05:45}\n"
    "      - reassign: {from: {status: active}, to: {cohort: [x, y]}}\n"
    "      - channel_focus: {from: a, to: [b, c], share: 0.3333333333333333, returns: 0.4, cohort: "
    "k}\n"
    "      - discount_limit: {max: 15%, win_logit_per_point: 0.02, escapes: 0.3, cohort: k,\n"
    "          channel: c, segment: s, cost: 1e9}\n";

static void assert_same_texts(const char *a, const char *b) {
    if (a && b)
        assert_string_equal(a, b);
    else
        assert_true(!a && !b);
}

/* Bit for bit; both NaN counts as the same. */
static void assert_same_number(double a, double b) {
    assert_true(a == b || (isnan(a) && isnan(b)));
}

static void assert_same_plan(const recoup_plan *a, const recoup_plan *b) {
    assert_string_equal(a->name, b->name);
    assert_same_texts(a->owner, b->owner);
    assert_same_texts(a->team, b->team);
    assert_same_texts(a->help, b->help);
    assert_same_texts(a->implication, b->implication);
    assert_same_texts(a->incentive, b->incentive);
    assert_same_texts(a->investment, b->investment);
    assert_same_number(a->cost, b->cost);
    assert_int_equal(a->n_levers, b->n_levers);
    for (int i = 0; i < a->n_levers; i++) {
        assert_int_equal(a->lever[i].kind, b->lever[i].kind);
        assert_same_number(a->lever[i].start_day, b->lever[i].start_day);
        assert_same_number(a->lever[i].ramp_days, b->lever[i].ramp_days);
        assert_same_number(a->lever[i].cost, b->lever[i].cost);
        assert_same_texts(a->lever[i].owner, b->lever[i].owner);
    }
    assert_int_equal(a->n_actions, b->n_actions);
    for (int i = 0; i < a->n_actions; i++)
        assert_same_texts(a->action[i].what, b->action[i].what);
}

static void assert_same_mapping(const recoup_mapping *a, const recoup_mapping *b) {
    assert_true((a == NULL) == (b == NULL));
    if (!a)
        return;
    assert_int_equal(a->dates, b->dates);
    assert_int_equal(a->decimal_comma, b->decimal_comma);
    assert_int_equal(a->n_columns, b->n_columns);
    for (int i = 0; i < a->n_columns; i++) {
        const recoup_mapped_column *x = &a->column[i], *y = &b->column[i];
        assert_string_equal(x->name, y->name);
        assert_same_texts(x->won, y->won);
        assert_same_texts(x->closed, y->closed);
        assert_int_equal(x->n_sources, y->n_sources);
        for (int k = 0; k < x->n_sources; k++)
            assert_string_equal(x->source[k], y->source[k]);
    }
    assert_int_equal(a->n_values, b->n_values);
    for (int i = 0; i < a->n_values; i++) {
        assert_string_equal(a->value[i].column, b->value[i].column);
        assert_string_equal(a->value[i].from, b->value[i].from);
        assert_string_equal(a->value[i].to, b->value[i].to);
    }
    assert_int_equal(a->n_joins, b->n_joins);
    for (int i = 0; i < a->n_joins; i++) {
        assert_string_equal(a->join[i].file, b->join[i].file);
        assert_string_equal(a->join[i].key, b->join[i].key);
        assert_string_equal(a->join[i].joined_key, b->join[i].joined_key);
    }
    assert_int_equal(a->n_skips, b->n_skips);
    for (int i = 0; i < a->n_skips; i++) {
        assert_string_equal(a->skip[i].column, b->skip[i].column);
        assert_string_equal(a->skip[i].text, b->skip[i].text);
    }
}

static void assert_same(const recoup_scenario *a, const recoup_scenario *b) {
    assert_string_equal(a->name, b->name);
    assert_string_equal(a->currency, b->currency);
    assert_same_number(a->as_of, b->as_of);
    assert_same_number(a->period_start, b->period_start);
    assert_same_number(a->period_end, b->period_end);
    assert_same_number(a->zone_days, b->zone_days);
    assert_same_number(a->quota, b->quota);
    assert_same_number(a->booked, b->booked);
    for (int kind = 0; kind < RECOUP_N_TABLES; kind++) {
        assert_same_texts(a->table[kind].path, b->table[kind].path);
        assert_same_mapping(a->table[kind].mapping, b->table[kind].mapping);
    }
    assert_same_texts(a->model_path, b->model_path);
    assert_int_equal(a->n_stages, b->n_stages);
    for (int i = 0; i < a->n_stages; i++)
        assert_string_equal(a->stages[i], b->stages[i]);
    assert_int_equal(a->n_labels, b->n_labels);
    for (int i = 0; i < a->n_labels; i++) {
        assert_string_equal(a->label[i], b->label[i]);
        assert_string_equal(a->meaning[i], b->meaning[i]);
    }
    assert_int_equal(a->cohorts, b->cohorts);
    assert_same_number(a->top_share, b->top_share);
    assert_same_number(a->bottom_share, b->bottom_share);
    assert_same_number(a->ramp_days, b->ramp_days);
    assert_int_equal(a->simulation.paths, b->simulation.paths);
    assert_int_equal(a->simulation.seed, b->simulation.seed);
    assert_same_number(a->simulation.precision, b->simulation.precision);
    assert_int_equal(a->benchmarks.n, b->benchmarks.n);
    for (int i = 0; i < a->benchmarks.n; i++) {
        assert_int_equal(a->benchmarks.benchmark[i].kind, b->benchmarks.benchmark[i].kind);
        assert_same_number(a->benchmarks.benchmark[i].value, b->benchmarks.benchmark[i].value);
        assert_same_texts(a->benchmarks.benchmark[i].source, b->benchmarks.benchmark[i].source);
        assert_same_texts(a->benchmarks.benchmark[i].stage, b->benchmarks.benchmark[i].stage);
    }
    assert_int_equal(a->review.n, b->review.n);
    for (int i = 0; i < a->review.n; i++) {
        assert_string_equal(a->review.group[i], b->review.group[i]);
        assert_int_equal(a->review.note[i].n, b->review.note[i].n);
        for (int k = 0; k < a->review.note[i].n; k++)
            assert_string_equal(a->review.note[i].text[k], b->review.note[i].text[k]);
    }
    assert_int_equal(a->n_plans, b->n_plans);
    for (int i = 0; i < a->n_plans; i++)
        assert_same_plan(&a->plan[i], &b->plan[i]);
}

static void test_round_trip(void **state) {
    (void)state;
    recoup_scenario *first = load_valid(full);
    char *once = format(first);
    recoup_scenario *second = load_valid(once);
    assert_same(first, second);
    char *twice = format(second);
    assert_string_equal(once, twice);
    /* nothing relative is left, and texts stay what they were */
    assert_null(strstr(once, "+14d"));
    assert_non_null(strstr(once, "start: 2026-11-16T08:00:30.5000\n")); /* +14d, local time */
    assert_non_null(strstr(once, "    value: 0.22\n    source: \"a: b\"\n"));
    assert_non_null(strstr(once, "    \"1\": 0.5\n"));
    assert_non_null(strstr(once, "\"yes\": one two\n"));
    assert_non_null(strstr(once, "  deals: \"a, b.csv\"\n"));
    assert_non_null(strstr(once, "    file: \"a: c.csv\"\n"));
    const recoup_mapping *activities = second->table[RECOUP_TABLE_ACTIVITIES].mapping;
    assert_int_equal(activities->n_values, 4);
    assert_int_equal(activities->n_skips, 3);
    assert_string_equal(activities->join[0].file, "/b.csv");
    assert_string_equal(activities->join[0].joined_key, "Id");
    assert_string_equal(activities->join[1].file, in_folder("c.csv"));
    assert_string_equal(activities->join[1].joined_key, "x");
    assert_string_equal(second->table[RECOUP_TABLE_STAGE_HISTORY].mapping->join[0].key, "{x}");
    assert_int_equal(activities->dates, RECOUP_DATES_US);
    assert_true(activities->decimal_comma);
    free(once);
    free(twice);
    recoup_scenario_free(first);
    recoup_scenario_free(second);
}

/* One character changed at random places: refused, or read and written out to the same. */
static void test_slips(void **state) {
    (void)state;
    static const char characters[] = ":,[]{}-#&*!|>'\"%@` \n\t0159aT+.~\\";
    char text[sizeof full];
    uint64_t random = 88172645463325252u; /* Marsaglia 2003, xorshift64 */
    int n_accepted = 0;
    for (int i = 0; i < 2000; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        memcpy(text, full, sizeof full);
        text[random % (sizeof full - 1)] = characters[(random >> 32) % (sizeof characters - 1)];
        recoup_error error = RECOUP_ERROR_INIT;
        recoup_scenario *first;
        if (load_text(text, &first, &error) == RECOUP_OK) {
            char *once = format(first);
            recoup_scenario *second = load_valid(once);
            assert_same(first, second);
            char *twice = format(second);
            assert_string_equal(once, twice);
            free(once);
            free(twice);
            recoup_scenario_free(second);
            n_accepted++;
        } else {
            assert_true(error.n_errors > 0);
        }
        recoup_scenario_free(first);
        recoup_error_clear(&error);
    }
    assert_in_range(n_accepted, 200, 1800); /* both ways were taken */
}

/* A lever without a start takes its plan's: what the plan says and what is simulated agree. */
static void test_start_of_the_plan(void **state) {
    (void)state;
    recoup_scenario *scenario = load_valid(HEAD "plans:\n"
                                                "  - name: p\n"
                                                "    start: 2026-11-16\n"
                                                "    levers:\n"
                                                "      - adjust: {rate: 2}\n"
                                                "      - adjust: {rate: 2, start: +1d}\n");
    assert_true(scenario->plan[0].lever[0].start_day == 14);
    assert_true(scenario->plan[0].lever[1].start_day == 1);
    char *text = format(scenario);
    assert_non_null(strstr(text, "          start: 2026-11-16\n"));
    assert_non_null(strstr(text, "          start: 2026-11-03\n"));
    free(text);
    recoup_scenario_free(scenario);
}

/* Two equal files in two folders are the same scenario. */
static void test_folder_does_not_matter(void **state) {
    (void)state;
    char path[256], inner[160];
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_scenario *here = load_valid(HEAD), *there = NULL;
    snprintf(inner, sizeof inner, "%s/inner", folder);
    snprintf(path, sizeof path, "%s/s.yaml", inner);
    assert_int_equal(mkdir(inner, 0700), 0);
    assert_int_equal(recoup_file_write(path, HEAD, strlen(HEAD), &error), RECOUP_OK);
    assert_int_equal(recoup_scenario_load(path, &there, &error), RECOUP_OK);
    assert_string_not_equal(here->table[0].path, there->table[0].path);
    char *a = format(here), *b = format(there);
    assert_string_equal(a, b);
    free(a);
    free(b);
    recoup_scenario_free(here);
    recoup_scenario_free(there);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(inner), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_w1),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_slips),
        cmocka_unit_test(test_start_of_the_plan),
        cmocka_unit_test(test_folder_does_not_matter),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
