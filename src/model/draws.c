#include "model/draws.h"

#include "model/parameters.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

recoup_draws *recoup_draws_new(recoup_model *model, int n_draws, int n_parameters) {
    recoup_arena *arena = &model->arena;
    recoup_draws *draws = recoup_arena_alloc(arena, 1, sizeof *draws);
    if (!draws)
        return NULL;
    size_t n = (size_t)n_parameters;
    draws->n_draws = n_draws;
    draws->n_parameters = n_parameters;
    draws->name = recoup_arena_alloc(arena, n, sizeof *draws->name);
    draws->mode = recoup_arena_alloc(arena, n, sizeof *draws->mode);
    draws->value = recoup_arena_alloc(arena, n * (size_t)n_draws, sizeof *draws->value);
    return draws->name && draws->mode && draws->value ? draws : NULL;
}

recoup_status recoup_draws_check(const recoup_draws *draws, const recoup_model *model,
                                 const char *file, recoup_error *error) {
    recoup_parameters list;
    recoup_place place = {.file = file};
    recoup_status status = RECOUP_OK;
    if (!recoup_parameters_list(model, &list))
        status = recoup_fail_memory(error);
    for (int i = 0; i < draws->n_parameters && status != RECOUP_ENOMEM; i++) {
        place.field = draws->name[i];
        if (recoup_names_find(&list.names, draws->name[i]) < 0)
            status = recoup_fail(error, RECOUP_EINVALID, &place,
                                 "the model has no such parameter: expected the uncertainty of "
                                 "this model; fit it again, or take the key 'uncertainty' out");
    }
    recoup_parameters_clear(&list);
    return status;
}

/* --- a drawn model ---------------------------------------------------------------------------- */

static bool copy_names(recoup_names *to, const recoup_names *from) {
    *to = (recoup_names){0};
    for (int i = 0; i < from->n; i++)
        if (recoup_names_add(to, from->name[i]) < 0)
            return false;
    return true;
}

/* A copy of the array in the arena, in its place. */
static bool own_array(recoup_arena *arena, void *array_address, int n, size_t size) {
    void *from, *copy;
    memcpy(&from, array_address, sizeof from);
    if (!from)
        return true;
    copy = recoup_arena_alloc(arena, (size_t)n, size);
    if (copy)
        memcpy(copy, from, (size_t)n * size);
    memcpy(array_address, &copy, sizeof copy);
    return copy != NULL;
}

/* Everything that parameters point into becomes the copy's own. */
static bool own_parameters(recoup_model *copy) {
    recoup_arena *arena = &copy->arena;
    int n_cohorts = copy->cohorts.n, n_cells = n_cohorts * recoup_model_n_channels(copy);
    bool owned = own_array(arena, &copy->arrivals, n_cells, sizeof(double)) &&
                 own_array(arena, &copy->arrivals_dispersion, n_cells, sizeof(double)) &&
                 own_array(arena, &copy->segment_mix, copy->segments.n, sizeof(double)) &&
                 own_array(arena, &copy->stage, copy->n_stages, sizeof *copy->stage);
    for (int s = 0; owned && s < copy->n_stages; s++) {
        recoup_stage *stage = &copy->stage[s];
        owned = own_array(arena, &stage->exit, stage->n_exits, sizeof *stage->exit);
        for (int e = 0; owned && e < stage->n_exits; e++) {
            recoup_exit *exit = &stage->exit[e];
            owned = own_array(arena, &exit->cohort_logit, n_cohorts, sizeof(double)) &&
                    own_array(arena, &exit->channel_logit, copy->channels.n, sizeof(double)) &&
                    own_array(arena, &exit->segment_logit, copy->segments.n, sizeof(double)) &&
                    own_array(arena, &exit->cohort_log_dwell, n_cohorts, sizeof(double));
        }
    }
    return owned;
}

/* Shares of a whole again, where a model was edited. */
static void scale_shares(recoup_model *copy) {
    double sum = 0;
    for (int i = 0; copy->segment_mix && i < copy->segments.n; i++)
        sum += copy->segment_mix[i];
    for (int i = 0; copy->segment_mix && i < copy->segments.n; i++)
        copy->segment_mix[i] /= sum;
}

static recoup_status move_parameters(recoup_model *copy, const recoup_draws *draws, int d,
                                     recoup_error *error) {
    recoup_parameters list;
    recoup_status status = RECOUP_OK;
    if (!recoup_parameters_list(copy, &list))
        status = recoup_fail_memory(error);
    const double *value = draws->value + (size_t)d * (size_t)draws->n_parameters;
    for (int i = 0; i < draws->n_parameters && status == RECOUP_OK; i++) {
        int at = recoup_names_find(&list.names, draws->name[i]);
        if (at >= 0)
            recoup_parameters_set(&list, at,
                                  recoup_parameters_get(&list, at) + (value[i] - draws->mode[i]));
        if (at >= 0 && !isfinite(*list.value[at]))
            status = recoup_fail(error, RECOUP_ENUMERIC, NULL,
                                 "parameter draw %d: %s is not a finite number", d, draws->name[i]);
    }
    scale_shares(copy);
    recoup_parameters_clear(&list);
    return status;
}

recoup_status recoup_model_draw(const recoup_model *model, int d, recoup_model **drawn,
                                recoup_error *error) {
    *drawn = NULL;
    if (!model->draws || d < 0 || d >= model->draws->n_draws)
        return recoup_fail(error, RECOUP_EUSAGE, NULL, "the model has no parameter draw %d", d);
    recoup_model *copy = RECOUP_NEW(recoup_model, 1);
    if (!copy)
        return recoup_fail_memory(error);
    *copy = *model;
    copy->arena = (recoup_arena){NULL};
    copy->draws = NULL;
    copy->uncertainty = NULL;
    bool named = copy_names(&copy->cohorts, &model->cohorts);
    named &= copy_names(&copy->channels, &model->channels);
    named &= copy_names(&copy->segments, &model->segments);
    recoup_status status = named && own_parameters(copy)
                               ? move_parameters(copy, model->draws, d, error)
                               : recoup_fail_memory(error);
    if (status == RECOUP_OK)
        *drawn = copy;
    else
        recoup_model_free(copy);
    return status;
}
