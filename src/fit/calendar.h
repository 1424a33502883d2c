/* The end of the quarter: deals that close then are won more often. */
#ifndef RECOUP_FIT_CALENDAR_H
#define RECOUP_FIT_CALENDAR_H

#include "fit/fitting.h"

/* The logit of winning in the last 30 days of a quarter against its other days, where it is beyond
 * what the shocks of the market do; the base logits of the exits to won with it. After the stages,
 * before the market. */
recoup_status recoup_fit_calendar(recoup_fitting *fitting);

/* What closed deals say of it: the logit and its standard error, by Student's t with so many
 * degrees of freedom; p_value two-sided, NaN: fewer than two quarters' ends with enough deals. That
 * the model has a calendar already plays no part. */
typedef struct recoup_quarter_end {
    double logit, se, df, p_value;
    int last_days;            /* of a quarter */
    int n, n_won;             /* deals that left a stage then, from which deals can be won; wins */
    int n_other, n_other_won; /* on other days */
} recoup_quarter_end;
recoup_status recoup_quarter_end_find(const recoup_fitting *fitting, recoup_quarter_end *found);

/* What the calendar adds to the logit of an exit at a time (days since 1970). */
double recoup_calendar_logit(const recoup_model *model, const recoup_view *view,
                             const recoup_exit *exit, double time);

#endif
