#include "model/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

recoup_model *recoup_model_new(void) {
    recoup_model *model = RECOUP_NEW(recoup_model, 1);
    if (!model)
        return NULL;
    model->size_ref = 1;
    model->new_amount_se = (recoup_dist_se){NAN, NAN, NAN};
    model->currency = recoup_arena_text(&model->arena, "", 0);
    if (!model->currency) {
        recoup_model_free(model);
        return NULL;
    }
    return model;
}

void recoup_model_free(recoup_model *model) {
    if (!model)
        return;
    recoup_names_clear(&model->cohorts);
    recoup_names_clear(&model->channels);
    recoup_names_clear(&model->segments);
    recoup_arena_clear(&model->arena);
    free(model);
}

int recoup_model_find_stage(const recoup_model *model, const char *name) {
    for (int i = 0; i < model->n_stages; i++)
        if (strcmp(model->stage[i].name, name) == 0)
            return i;
    return -1;
}

int recoup_stage_find_exit(const recoup_stage *stage, const char *name) {
    for (int i = 0; i < stage->n_exits; i++)
        if (strcmp(stage->exit[i].name, name) == 0)
            return i;
    return -1;
}

const char **recoup_model_stage_names(const recoup_model *model, int *n) {
    const char **name = RECOUP_NEW(const char *, model->n_stages);
    for (int i = 0; name && i < model->n_stages; i++)
        name[i] = model->stage[i].name;
    *n = model->n_stages;
    return name;
}
