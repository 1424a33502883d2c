/* Writing model.yaml, in parts; inside this module. */
#ifndef RECOUP_MODEL_WRITE_H
#define RECOUP_MODEL_WRITE_H

#include "base/text.h"
#include "model/model.h"

/* {a: 1, b: 2} of names and their values. */
void recoup_model_add_map(recoup_text *text, const recoup_names *names, const double *value);

/* Six significant digits, as a fit rounds it (fit/round.c). An unknown one (NaN) is ~. */
void recoup_model_add_error(recoup_text *text, double se);

/* The sections `defaults` and `exits`: what all stages with an exit have in common becomes its
 * default, as a person would write it. */
void recoup_model_add_exits(recoup_text *text, const recoup_model *model);

#endif
