/* The fitted model: how deals of each cohort convert, how long they take, how big they are and how
 * many arrive. A file model.yaml (recoup: model/1, docs/model-files.md) that a person can read,
 * write and edit; docs/model.md has the formulas. */
#ifndef RECOUP_MODEL_H
#define RECOUP_MODEL_H

#include <recoup/error.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct recoup_model recoup_model; /* immutable once made */

/* Reads model.yaml and the parameter draws that its key `uncertainty` names (model.h5 beside it).
 * EINVALID: every departure from the format, with line and column. Like everything that touches
 * HDF5 (recoup/results.h), loading and saving are for one thread at a time. */
recoup_status recoup_model_load(const char *path, recoup_model **model, recoup_error *error);
/* Writes model.yaml and, where the model has parameter draws, first these beside it: m1.yaml and
 * m1.h5. Each file is replaced as a whole or not at all. */
recoup_status recoup_model_save(const recoup_model *model, const char *path, recoup_error *error);
/* The text of the file; to be freed by the caller. */
recoup_status recoup_model_format(const recoup_model *model, char **text, recoup_error *error);
void recoup_model_free(recoup_model *model);
/* A hash of the model's text and of its parameter draws. */
recoup_status recoup_model_digest(const recoup_model *model, uint64_t *digest, recoup_error *error);

/* The names of the stages, in order: an array to be freed by the caller, the names are the model's.
 * NULL when out of memory. */
const char **recoup_model_stage_names(const recoup_model *model, int *n);

#ifdef __cplusplus
}
#endif
#endif
