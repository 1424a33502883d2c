/* Parts of recoup/track.h; inside this module. */
#ifndef RECOUP_DIAGNOSE_TRACK_H
#define RECOUP_DIAGNOSE_TRACK_H

#include "base/memory.h"
#include "results/results.h"
#include <recoup/track.h>

/* One of the results; days are those of the scenario's timezone. */
typedef struct recoup_track_point {
    const recoup_results *results;
    const char *source;
    double as_of, period_start, period_end; /* the end: the day after the last */
} recoup_track_point;

typedef struct recoup_track_list {
    void *row;
    int n;
    size_t capacity;
} recoup_track_list;

struct recoup_track {
    int n_points;
    recoup_track_point *point; /* by as-of date */
    recoup_track_summary summary;
    recoup_track_list list[RECOUP_N_TRACK];
    recoup_arena arena; /* points and texts */
};

/* A new row: numbers and dates NaN, integers 0, texts "". NULL: out of memory. */
void *recoup_track_add(recoup_track *track, recoup_track_id id);
/* What printf makes of it, as long as the track lives. NULL: out of memory. */
const char *recoup_track_format(recoup_track *track, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* An amount of money in a text, without cents: buffer of RECOUP_TRACK_MONEY bytes, returned. */
enum { RECOUP_TRACK_MONEY = 48 };
char *recoup_track_money(char *buffer, double amount);

/* --- track_forecast.c ------------------------------------------------------------------------- */

/* Linear between (x[0], y[0]), (x[1], y[1]) ... with increasing x; the first or last y outside. */
double recoup_track_interpolate(const double *x, const double *y, int n, double at);

/* The probability p at which `value` lies in the quantile function through (p[i], quantile[i]),
 * linear between; the middle of those where it is flat at the value; p[0] or p[n - 1] outside. */
double recoup_track_position(const double *p, const double *quantile, int n, double value);

/* Continuous ranked probability score of the quantile function that is linear through
 * (p[i], quantile[i]) and constant beyond,
 *     CRPS = 2 integral over p of (1{value < Q(p)} - p) (Q(p) - value) dp,
 * in closed form: the integrand is a parabola between the points and the crossing. Source: Gneiting
 * & Raftery 2007 (proper scoring rules); Laio & Tamea 2007 (by quantiles). */
double recoup_track_score(const double *p, const double *quantile, int n, double value);

/* Adds a row for each pair of neighbours, and sums them up. False: out of memory. */
bool recoup_track_add_forecasts(recoup_track *track);

/* --- the other parts; false: out of memory ---------------------------------------------------- */

bool recoup_track_add_weeks(recoup_track *track);   /* track_weeks.c */
bool recoup_track_add_changes(recoup_track *track); /* track_weeks.c */
bool recoup_track_add_flags(recoup_track *track);   /* track_flags.c, after the others */
bool recoup_track_add_due(recoup_track *track);     /* track_due.c */

#endif
