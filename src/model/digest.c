#include "model/draws.h"

#include <stdlib.h>

static uint64_t hash_draws(uint64_t hash, const recoup_draws *draws) {
    size_t n_parameters = (size_t)draws->n_parameters, n_draws = (size_t)draws->n_draws;
    hash = recoup_hash(hash, &draws->n_draws, sizeof draws->n_draws);
    for (int i = 0; i < draws->n_parameters; i++)
        hash = recoup_hash_text(hash, draws->name[i]);
    hash = recoup_hash(hash, draws->mode, n_parameters * sizeof *draws->mode);
    return recoup_hash(hash, draws->value, n_draws * n_parameters * sizeof *draws->value);
}

recoup_status recoup_model_digest(const recoup_model *model, uint64_t *digest,
                                  recoup_error *error) {
    char *text = NULL;
    recoup_status status = recoup_model_format(model, &text, error);
    if (status == RECOUP_OK) {
        *digest = recoup_hash_text(RECOUP_HASH_START, text);
        if (model->draws)
            *digest = hash_draws(*digest, model->draws);
    }
    free(text);
    return status;
}
