/* Distributions as they stand in a file: {family: weibull, shape: 0.9, scale: 18}. */
#ifndef RECOUP_MODEL_FAMILY_H
#define RECOUP_MODEL_FAMILY_H

#include "config/config.h"
#include "dist/dist.h"

/* Reads a mapping with exactly the keys of its family. */
recoup_status recoup_dist_read(recoup_document *document, const recoup_node *node,
                               recoup_dist *dist, recoup_error *error);

/* Adds the mapping. A scale exp(mu) is written as the shortest decimal number whose logarithm is mu
 * again; where no double has just this logarithm (scales below e), as the nearest. */
void recoup_dist_add(recoup_text *text, const recoup_dist *dist);

#endif
