/* Dates, times and starts of a scenario, and how they are written out. */
#ifndef RECOUP_SCENARIO_MOMENT_H
#define RECOUP_SCENARIO_MOMENT_H

#include "config/config.h"

/* A date or timestamp; one without a zone is in the scenario's. With `whole_day` a time of day is
 * an error. `key` names the value in messages. */
recoup_status recoup_moment_read(const recoup_document *document, const recoup_node *node,
                                 const char *key, double zone_days, bool whole_day, double *days,
                                 recoup_error *error);

/* The same, or `+7d`: days after the as-of date. */
recoup_status recoup_start_read(const recoup_document *document, const recoup_node *node,
                                const char *key, double as_of, double zone_days, double *days,
                                recoup_error *error);

/* Days from the as-of date to a start, to the millisecond, so that `+7d` and the date seven days
 * later are the same number; 0 for a start before it. */
double recoup_start_day(double start, double as_of);

/* Adds a time as read by the above: 2026-11-09, or 2026-11-09T08:30:00[.5] when it is not the
 * beginning of a day in the zone. */
void recoup_moment_add(recoup_text *text, double days, double zone_days);

#endif
