/* A few numbers that say what a parameter draw is like, as far as bookings are concerned. */
#ifndef RECOUP_DECIDE_SENSITIVITY_FEATURES_H
#define RECOUP_DECIDE_SENSITIVITY_FEATURES_H

#include "base/error.h"
#include "base/memory.h"
#include "model/model.h"
#include <recoup/dataset.h>

/* Groups of features: the conversion of each stage comes first. */
enum {
    RECOUP_FEATURE_DWELL, /* after the stages */
    RECOUP_FEATURE_AMOUNT,
    RECOUP_FEATURE_ARRIVALS,
    RECOUP_FEATURE_MARKET,
    RECOUP_FEATURE_CALENDAR,
    RECOUP_N_FEATURE_GROUPS
};

/* For each stage the logit of `advance` and the log of the median dwell time before it, as means
 * over the deals that are yet to pass the stage: open ones by cohort, and those that arrive until
 * the end of the period. The log of the mean amount of new deals, the log of all arrivals, the two
 * loadings on the market, the effect of the quarter's end. */
typedef struct recoup_model_features {
    int n_stages, n, n_draws;
    int *group;    /* [n]: a stage, or n_stages + one of the above */
    double *value; /* [n][draw]; NaN where the model has no such number */
} recoup_model_features;

/* Of the first n_draws draws (of the model itself where it has none), in the arena. days: from the
 * as-of date to the end of the period. */
recoup_status recoup_model_features_make(const recoup_model *model, const recoup_view *view,
                                         double days, int n_draws, recoup_arena *arena,
                                         recoup_model_features *features, recoup_error *error);
/* The first feature of a group: its standard deviation over the draws; 0: certain. */
double recoup_model_features_sd(const recoup_model_features *features, int group);

#endif
