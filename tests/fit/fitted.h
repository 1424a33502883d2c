/* Fits to drawn deals whose truth is known, and what every fit has to be. */
#ifndef RECOUP_TESTS_FIT_FITTED_H
#define RECOUP_TESTS_FIT_FITTED_H

#include "synthetic_view.h"
#include <recoup/fit.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* The true model has three stages of two exits each. */
enum { STAGES = 3 };
/* The fit rounds what it found to six digits: half a unit of the last of a number up to 10. */
#define ROUNDING 5e-5
static double cohort_logit[4] = {.8, .2, -.3, -.7};
static double cohort_log_dwell[4] = {-.3, -.1, .1, .3};
static double channel_logit[3] = {-.5, .0, .5};

static inline recoup_model *true_model(int n_cohorts, int n_channels) {
    recoup_model *model = recoup_model_new();
    char name[32];
    assert_non_null(model);
    for (int i = 0; i < n_cohorts; i++) {
        snprintf(name, sizeof name, "cohort %d", i + 1);
        recoup_names_add(&model->cohorts, name);
    }
    for (int i = 0; i < n_channels; i++) {
        snprintf(name, sizeof name, "channel %d", i + 1);
        recoup_names_add(&model->channels, name);
    }
    model->n_stages = STAGES;
    model->stage = recoup_arena_alloc(&model->arena, STAGES, sizeof *model->stage);
    for (int s = 0; s < STAGES; s++) {
        recoup_stage *stage = &model->stage[s];
        stage->n_exits = 2;
        stage->exit = recoup_arena_alloc(&model->arena, 2, sizeof *stage->exit);
        stage->exit[0] = (recoup_exit){.target = s + 1 < STAGES ? s + 1 : RECOUP_EXIT_WON,
                                       .logit = -.2 + .3 * s,
                                       .dwell = {RECOUP_LOGNORMAL, log(9), {.6}},
                                       .cohort_logit = n_cohorts > 1 ? cohort_logit : NULL,
                                       .cohort_log_dwell = n_cohorts > 1 ? cohort_log_dwell : NULL,
                                       .channel_logit = n_channels > 1 ? channel_logit : NULL};
        stage->exit[1] = (recoup_exit){.target = RECOUP_EXIT_LOST,
                                       .dwell = {RECOUP_WEIBULL, log(22), {.9}},
                                       .cohort_log_dwell = n_cohorts > 1 ? cohort_log_dwell : NULL};
    }
    return model;
}

static inline recoup_model *fit(const recoup_view *view) {
    recoup_model *model = NULL;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_status status = recoup_fit(view, NULL, &model, &error);
    if (status != RECOUP_OK)
        recoup_error_print(&error, stderr);
    recoup_error_clear(&error);
    assert_int_equal(status, RECOUP_OK);
    return model;
}

static inline bool has_note(const recoup_model *model, const char *part) {
    for (int i = 0; i < model->n_fit_notes; i++)
        if (strstr(model->fit_note[i], part))
            return true;
    return false;
}

static inline bool all_finite(const double *value, int n) {
    for (int i = 0; value && i < n; i++)
        if (!isfinite(value[i]))
            return false;
    return true;
}

/* What the fit makes is a model that can be written and read back, with its draws beside it. */
static inline void check_file(const recoup_model *model) {
    char path[] = "/tmp/recoup-fit-XXXXXX.yaml";
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_model *read = NULL;
    int file = mkstemps(path, (int)strlen(".yaml"));
    assert_true(file >= 0);
    close(file);
    recoup_status status = recoup_model_save(model, path, &error);
    if (status == RECOUP_OK)
        status = recoup_model_load(path, &read, &error);
    if (status != RECOUP_OK)
        recoup_error_print(&error, stderr);
    assert_int_equal(status, RECOUP_OK);
    for (int s = 0; s < model->n_stages; s++)
        assert_int_equal(read->stage[s].n_exits, model->stage[s].n_exits);
    recoup_model_free(read);
    recoup_error_clear(&error);
    assert_int_equal(unlink(path), 0);
    strcpy(path + strlen(path) - strlen(".yaml"), ".h5");
    if (model->draws)
        assert_int_equal(unlink(path), 0);
}

static inline void check_finite(const recoup_model *model) {
    check_file(model);
    int n_cohorts = model->cohorts.n, n_cells = n_cohorts * recoup_model_n_channels(model);
    for (int s = 0; s < model->n_stages; s++) {
        assert_true(model->stage[s].n_exits >= 2);
        for (int e = 0; e < model->stage[s].n_exits; e++) {
            const recoup_exit *exit = &model->stage[s].exit[e];
            assert_true(isfinite(exit->logit) && recoup_dist_valid(&exit->dwell));
            assert_true(all_finite(exit->cohort_logit, n_cohorts));
            assert_true(all_finite(exit->cohort_log_dwell, n_cohorts));
            assert_true(all_finite(exit->channel_logit, model->channels.n));
            assert_true(fabs(exit->logit) < 20 && fabs(exit->dwell.mu) < 20);
        }
    }
    assert_true(all_finite(model->arrivals, n_cells) && all_finite(model->arrivals_se, n_cells));
    assert_true(recoup_dist_valid(&model->new_amount) && model->size_ref > 0);
}

static inline double log_median_error(const recoup_exit *found, const recoup_exit *is) {
    return log(recoup_dist_median(&found->dwell) / recoup_dist_median(&is->dwell));
}

#endif
