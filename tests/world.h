/* Worlds for tests, loaded through the real readers: small ones from files in a temporary folder,
 * and the reference instance. */
#ifndef RECOUP_TESTS_WORLD_H
#define RECOUP_TESTS_WORLD_H

#include "base/file.h"
#include "program/program.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct world {
    recoup_scenario *scenario;
    recoup_model *model;
    recoup_dataset *dataset;
    recoup_view *view;
} world;

static inline void require_ok(recoup_status status, recoup_error *error) {
    if (status != RECOUP_OK)
        recoup_error_print(error, stderr);
    assert_int_equal(status, RECOUP_OK);
    recoup_error_clear(error);
}

/* A scenario and what it names. */
static inline world load_world(const char *path) {
    recoup_error error = RECOUP_ERROR_INIT;
    world w = {0};
    require_ok(recoup_scenario_load(path, &w.scenario, &error), &error);
    require_ok(recoup_model_load(recoup_scenario_model_path(w.scenario), &w.model, &error), &error);
    recoup_dataset_source source;
    recoup_scenario_source(w.scenario, &source);
    const char **stages = recoup_model_stage_names(w.model, &source.n_stages);
    source.stages = stages;
    require_ok(recoup_dataset_load(&source, &w.dataset, &error), &error);
    free(stages);
    recoup_view_options options;
    recoup_scenario_view_options(w.scenario, &options);
    require_ok(recoup_view_create(w.dataset, &options, &w.view, &error), &error);
    require_ok(recoup_scenario_resolve(w.scenario, w.model, &error), &error);
    return w;
}

/* The reference instance, whose exact answers are in bench/w1/README.md. */
static inline world load_w1(void) {
    return load_world(SOURCE_DIR "/bench/w1/scenario.yaml");
}

/* The as-of date is 2026-01-01; the period is 30 days long; `plans` is the scenario's list. */
static inline world make_world(const char *model, const char *deals, const char *reps,
                               const char *plans) {
    recoup_error error = RECOUP_ERROR_INIT;
    char folder[] = "/tmp/recoup-world-XXXXXX", path[4][64], text[8192];
    assert_non_null(mkdtemp(folder));
    const char *const names[] = {"model.yaml", "deals.csv", "reps.csv", "scenario.yaml"};
    for (int i = 0; i < 4; i++)
        snprintf(path[i], sizeof path[i], "%s/%s", folder, names[i]);
    snprintf(text, sizeof text,
             "recoup: scenario/1\nas_of: 2026-01-01\nperiod: {start: 2026-01-01, end: 2026-01-30}\n"
             "quota: 1000\ndata: {deals: deals.csv%s}\nmodel: model.yaml\n%s",
             reps ? ", reps: reps.csv" : "", plans);
    require_ok(recoup_file_write(path[0], model, strlen(model), &error), &error);
    require_ok(recoup_file_write(path[1], deals, strlen(deals), &error), &error);
    if (reps)
        require_ok(recoup_file_write(path[2], reps, strlen(reps), &error), &error);
    require_ok(recoup_file_write(path[3], text, strlen(text), &error), &error);
    world w = load_world(path[3]);
    for (int i = 0; i < 4; i++)
        unlink(path[i]);
    rmdir(folder);
    return w;
}

static inline void free_world(world *w) {
    recoup_scenario_free(w->scenario);
    recoup_model_free(w->model);
    recoup_dataset_free(w->dataset);
    recoup_view_free(w->view);
}

/* |estimate - exact| within 4 standard errors. */
static inline void assert_within(double estimate, double exact, double standard_error) {
    if (!(fabs(estimate - exact) <= 4 * standard_error))
        fail_msg("%.6f is not within 4 x %.2g of %.6f", estimate, standard_error, exact);
}

#endif
