/* Conversion of a set of stays, with its interval, from the model and its standard errors. */
#ifndef RECOUP_FIT_CONVERSION_H
#define RECOUP_FIT_CONVERSION_H

#include "fit/mixture.h"
#include "fit/predict.h"
#include <recoup/fit_summary.h>

/* Sums over the stays of one cohort in one stage. */
typedef struct recoup_conversion {
    double n, share;                /* stays; sum of P(advance) */
    double slope[RECOUP_MAX_EXITS]; /* sum of dP(advance)/dlogit of each exit */
} recoup_conversion;

/* Adds a deal that enters the stage, its logit of "advance" raised by `shift`. */
void recoup_conversion_add(recoup_conversion *sum, const recoup_model *model,
                           const recoup_stage *stage, const recoup_deal_state *deal, double shift);

/* The mean share and its interval; cohort -1: no cohort's own error plays a part. shift_variance:
 * of the shift. The interval is symmetric on the logit scale. */
recoup_estimate recoup_conversion_mean(const recoup_conversion *sum, const recoup_stage *stage,
                                       int cohort, double shift_variance);

/* The median dwell time of an exit and its interval, symmetric on the log scale; cohort -1: the
 * team's. NaN ends: no standard error. */
recoup_estimate recoup_median_of(const recoup_exit *exit, int cohort);

#endif
