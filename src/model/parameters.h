/* The numbers of a model that are uncertain, by name and on the scale on which their uncertainty is
 * a normal distribution: as they are, or their logarithm where they are above 0. A name is the path
 * of the number in model.yaml, with the scale said: exits.demo.advance.logit,
 * exits.demo.advance.cohort_logit.top, exits.demo.advance.dwell.lognormal.log_median,
 * mix.segment.retail.log_share, arrivals.top.inbound.log_rate. A dot or backslash within a name of
 * the model has a backslash before it. */
#ifndef RECOUP_MODEL_PARAMETERS_H
#define RECOUP_MODEL_PARAMETERS_H

#include "model/model.h"

typedef struct recoup_parameters {
    recoup_names names;
    double **value; /* [parameter]: in the model */
    bool *is_log;
} recoup_parameters;

/* All of the model that have a value (arrivals and loadings of 0 have no logarithm), in the order
 * of model.yaml. To be cleared after a failure too. False: out of memory. */
bool recoup_parameters_list(const recoup_model *model, recoup_parameters *parameters);
void recoup_parameters_clear(recoup_parameters *parameters);

/* On the parameter's scale. */
double recoup_parameters_get(const recoup_parameters *parameters, int i);
void recoup_parameters_set(const recoup_parameters *parameters, int i, double x);

#endif
