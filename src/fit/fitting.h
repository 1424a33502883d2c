/* One run of the fit: what its parts share. */
#ifndef RECOUP_FIT_FITTING_H
#define RECOUP_FIT_FITTING_H

#include "crm/view.h"
#include "fit/posterior.h"
#include "model/model.h"
#include <recoup/fit.h>

typedef struct recoup_fitting {
    const recoup_view *view;
    recoup_model *model;
    recoup_error *error;
    double window_start;        /* of the days that arrivals are counted in; days since 1970 */
    double *arrivals_since;     /* [cohort]: likewise, later for a cohort that began later */
    recoup_posterior posterior; /* of all that was fitted so far */
    char **remark;              /* texts owned by the model's arena */
    int n_remarks;
    size_t capacity;
    bool out_of_memory; /* a remark could not be kept */
} recoup_fitting;

/* A sentence about what was assumed: into the model's fit notes, and as a note into the error. */
void recoup_remark(recoup_fitting *fitting, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Fits one stage: exits, dwell times, cohorts, channels and segments. */
recoup_status recoup_fit_stage(recoup_fitting *fitting, int stage);

/* Arrivals, amounts, discounts and the segments' shares of new deals. */
recoup_status recoup_fit_inflow(recoup_fitting *fitting);

/* The slope of the logit of winning on the discount in the last stage, where closed deals show one
 * by AICc; its base logit with it. After the stages. */
recoup_status recoup_fit_discount_slope(recoup_fitting *fitting);

/* The loadings on the market factor; after the stages and the inflow. */
recoup_status recoup_fit_market(recoup_fitting *fitting);

/* Rounds every number of the model to six significant digits. */
void recoup_fit_round(recoup_model *model);

#endif
