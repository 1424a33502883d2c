/* The end of the quarter: deals that close then are won more often. */
#ifndef RECOUP_FIT_CALENDAR_H
#define RECOUP_FIT_CALENDAR_H

#include "fit/fitting.h"

/* The logit of winning in the last 30 days of a quarter against its other days, where it is beyond
 * what the shocks of the market do; the base logits of the exits to won with it. After the stages,
 * before the market. */
recoup_status recoup_fit_calendar(recoup_fitting *fitting);

/* What the calendar adds to the logit of an exit at a time (days since 1970). */
double recoup_calendar_logit(const recoup_model *model, const recoup_view *view,
                             const recoup_exit *exit, double time);

#endif
