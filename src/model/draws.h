/* Draws from the joint posterior of a model's parameters, and the model that each of them is.
 *
 * They lie beside model.yaml in the file that its key `uncertainty` names (docs/model-files.md).
 * Kept are the values of each draw and of the mode that the draws surround; what is applied to a
 * model is their difference, so that a model whose numbers were edited is uncertain around what was
 * written into it. */
#ifndef RECOUP_MODEL_DRAWS_H
#define RECOUP_MODEL_DRAWS_H

#include "model/model.h"

/* By parameter, on the scale of model/parameters.h; in the model's arena. */
struct recoup_draws {
    int n_draws, n_parameters;
    char **name;
    double *mode;  /* [parameter] */
    double *value; /* [draw][parameter] */
};

/* Zeroed draws in the model's arena, to be filled; NULL: out of memory. */
recoup_draws *recoup_draws_new(recoup_model *model, int n_draws, int n_parameters);

/* EINVALID: each parameter that the model does not have; `file` is where they come from. */
recoup_status recoup_draws_check(const recoup_draws *draws, const recoup_model *model,
                                 const char *file, recoup_error *error);

/* The model with the values of draw d, 0 <= d < n_draws. Borrows everything that draws do not
 * change: `model` must outlive it. To be freed by recoup_model_free. */
recoup_status recoup_model_draw(const recoup_model *model, int d, recoup_model **drawn,
                                recoup_error *error);

/* The file, written by replacement; equal draws give equal bytes. */
recoup_status recoup_draws_write(const recoup_draws *draws, const char *path, recoup_error *error);
/* Into model->draws. EINVALID: not such a file, damaged, or of another model. */
recoup_status recoup_draws_read(recoup_model *model, const char *path, recoup_error *error);

#endif
