/* A folder for files, loading a scenario or a model from a text. */
#ifndef SCENARIO_FIXTURE_H
#define SCENARIO_FIXTURE_H

#include "base/file.h"
#include "scenario/scenario.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];

static int make_folder(void **state) {
    (void)state;
    strcpy(folder, "/tmp/recoup-scenario-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static char *in_folder(const char *name) {
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static int remove_folder(void **state) {
    (void)state;
    unlink(in_folder("s.yaml"));
    unlink(in_folder("m.yaml"));
    return rmdir(folder);
}

static void write_text(const char *name, const char *text) {
    recoup_error error = RECOUP_ERROR_INIT;
    assert_int_equal(recoup_file_write(in_folder(name), text, strlen(text), &error), RECOUP_OK);
}

static inline recoup_status load_text(const char *text, recoup_scenario **scenario,
                                      recoup_error *error) {
    *scenario = NULL;
    write_text("s.yaml", text);
    return recoup_scenario_load(in_folder("s.yaml"), scenario, error);
}

/* Loads a text that is right. */
static inline recoup_scenario *load_valid(const char *text) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_scenario *scenario;
    recoup_status status = load_text(text, &scenario, &error);
    if (status != RECOUP_OK)
        recoup_error_print(&error, stderr);
    assert_int_equal(status, RECOUP_OK);
    recoup_error_clear(&error);
    return scenario;
}

static inline recoup_model *load_model(const char *text) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_model *model = NULL;
    write_text("m.yaml", text);
    recoup_status status = recoup_model_load(in_folder("m.yaml"), &model, &error);
    if (status != RECOUP_OK)
        recoup_error_print(&error, stderr);
    assert_int_equal(status, RECOUP_OK);
    recoup_error_clear(&error);
    return model;
}

/* The scenario of a text, resolved against the model of another, and how many notes that gave. */
static inline recoup_scenario *resolve_with(const char *model_text, const char *text,
                                            int *n_notes) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_model *model = load_model(model_text);
    recoup_scenario *scenario = load_valid(text);
    recoup_status status = recoup_scenario_resolve(scenario, model, &error);
    if (status != RECOUP_OK)
        recoup_error_print(&error, stderr);
    assert_int_equal(status, RECOUP_OK);
    if (n_notes)
        *n_notes = (int)(error.n_problems - error.n_errors);
    recoup_model_free(model); /* what was resolved does not lean on it */
    recoup_error_clear(&error);
    return scenario;
}

/* "101" is the mask true, false, true; "" is NULL: all. */
static inline void assert_mask(const bool *mask, const char *expected) {
    if (!expected[0])
        assert_null(mask);
    for (size_t i = 0; expected[i]; i++)
        assert_int_equal(mask[i], expected[i] == '1');
}

/* One error, there and with these words in it; says so when not. */
static inline bool is_one_error(const recoup_error *error, int line, int column,
                                const char *words) {
    const recoup_problem *problem = error->n_problems ? &error->problems[0] : NULL;
    bool as_expected = error->n_errors == 1 && problem->line == line && problem->column == column &&
                       problem->message && strstr(problem->message, words);
    if (!as_expected) {
        fprintf(stderr, "expected one error at %d:%d with \"%s\", got:\n", line, column, words);
        recoup_error_print(error, stderr);
    }
    return as_expected;
}

/* The first five lines of a scenario, right in themselves. */
#define HEAD                                                                                       \
    "recoup: scenario/1\n"                                                                         \
    "as_of: 2026-11-02\n"                                                                          \
    "period: {start: 2026-10-01, end: 2026-12-31}\n"                                               \
    "quota: 6e6\n"                                                                                 \
    "data: {deals: d.csv, reps: r.csv}\n"

#define PLAN(levers) HEAD "plans:\n  - name: p\n    levers:\n" levers /* the first on line 9 */

#endif
