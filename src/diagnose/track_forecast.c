/* Forecasts against what was booked. */
#include "decide/compare_numbers.h"
#include "diagnose/track.h"
#include "diagnose/wilson.h"
#include <math.h>
#include <stdlib.h>

enum { WEEK_DAYS = 7 };

double recoup_track_interpolate(const double *x, const double *y, int n, double at) {
    int i = 0;
    if (at <= x[0])
        return y[0];
    while (i + 1 < n && x[i + 1] < at)
        i++;
    if (i + 1 == n)
        return y[n - 1];
    return y[i] + (at - x[i]) / (x[i + 1] - x[i]) * (y[i + 1] - y[i]);
}

double recoup_track_position(const double *p, const double *quantile, int n, double value) {
    int first = 0, last = n - 1; /* the first at or above the value, the last at or below it */
    while (first < n && quantile[first] < value)
        first++;
    while (last >= 0 && quantile[last] > value)
        last--;
    if (first == n)
        return p[n - 1];
    if (last < 0)
        return p[0];
    if (first <= last) /* on quantiles: where it is flat, in the middle */
        return (p[first] + p[last]) / 2;
    return p[last] +
           (value - quantile[last]) / (quantile[first] - quantile[last]) * (p[first] - p[last]);
}

/* Integral of (1{value < q} - p) (q - value) over [a, b], where q is linear from qa to qb and does
 * not cross the value: Simpson's rule, exact for a parabola. */
static double parabola(double a, double b, double qa, double qb, double value) {
    double middle = (a + b) / 2, qm = (qa + qb) / 2, above = qm > value;
    return (b - a) / 6 *
           ((above - a) * (qa - value) + 4 * (above - middle) * (qm - value) +
            (above - b) * (qb - value));
}

static double piece(double a, double b, double qa, double qb, double value) {
    if (!(qa < value && value < qb))
        return parabola(a, b, qa, qb, value);
    double crossing = a + (value - qa) / (qb - qa) * (b - a);
    return parabola(a, crossing, qa, value, value) + parabola(crossing, b, value, qb, value);
}

double recoup_track_score(const double *p, const double *quantile, int n, double value) {
    double sum = parabola(0, p[0], quantile[0], quantile[0], value) +
                 parabola(p[n - 1], 1, quantile[n - 1], quantile[n - 1], value);
    for (int i = 0; i + 1 < n; i++)
        sum += piece(p[i], p[i + 1], quantile[i], quantile[i + 1], value);
    return 2 * sum;
}

/* --- rows ------------------------------------------------------------------------------------- */

/* Quantiles of what is booked by `day`: each is linear in time between the ends of the weeks, from
 * what was booked at the as-of date on. Exact at the ends of weeks. */
static bool quantiles_by(const recoup_track_point *point, double day, double *quantile) {
    const recoup_results *results = point->results;
    int n = results->n_weeks + 1;
    double *end = RECOUP_NEW(double, 2 * n);
    if (!end)
        return false;
    double *booked = end + n;
    for (int q = 0; q < results->n_quantiles; q++) {
        end[0] = point->as_of;
        booked[0] = results->booked;
        for (int w = 1; w < n; w++) {
            end[w] = fmin(point->as_of + WEEK_DAYS * w, point->period_end);
            booked[w] =
                results
                    ->cumulative_bookings_quantile[(size_t)(w - 1) * (size_t)results->n_quantiles +
                                                   (size_t)q];
        }
        quantile[q] = recoup_track_interpolate(end, booked, n, day);
    }
    free(end);
    return true;
}

/* One of the numbers of new deals until a day; the rows' dates are the last days counted. */
static double inflow_by(const recoup_track_point *point, double day, size_t offset) {
    int n;
    const recoup_inflow_row *row = recoup_results_records(point->results, RECOUP_RECORD_INFLOW, &n);
    double before = NAN, last = NAN;
    for (int i = 0; i < n; i++) {
        double at = i == 0 ? point->as_of : fmin(point->as_of + WEEK_DAYS * i, point->period_end);
        double value = *(const double *)((const char *)&row[i] + offset);
        if (at >= day)
            return i == 0 ? value : before + (day - last) / (at - last) * (value - before);
        before = value;
        last = at;
    }
    return before;
}

static void set_new_deals(const recoup_track_point *made, const recoup_track_point *due,
                          recoup_track_forecast_row *row) {
    size_t created = offsetof(recoup_inflow_row, created);
    double before = inflow_by(made, made->as_of, created);
    row->created = inflow_by(due, due->as_of, created) - before;
    row->created_expected = inflow_by(made, due->as_of, created) - before;
    row->created_low = inflow_by(made, due->as_of, offsetof(recoup_inflow_row, low)) - before;
    row->created_high = inflow_by(made, due->as_of, offsetof(recoup_inflow_row, high)) - before;
}

static bool add_forecast(recoup_track *track, int i) {
    const recoup_track_point *made = &track->point[i], *due = &track->point[i + 1];
    const recoup_results *results = made->results;
    recoup_track_forecast_row *row = recoup_track_add(track, RECOUP_TRACK_FORECAST);
    double *quantile = RECOUP_NEW(double, results->n_quantiles);
    if (!row || !quantile || !quantiles_by(made, due->as_of, quantile)) {
        free(quantile);
        return false;
    }
    row->made = made->as_of;
    row->due = due->as_of;
    row->actual = due->results->booked;
    row->median = recoup_track_interpolate(results->quantile, quantile, results->n_quantiles, .5);
    row->low = recoup_track_interpolate(results->quantile, quantile, results->n_quantiles, .1);
    row->high = recoup_track_interpolate(results->quantile, quantile, results->n_quantiles, .9);
    row->position =
        recoup_track_position(results->quantile, quantile, results->n_quantiles, row->actual);
    row->is_covered = row->actual >= row->low && row->actual <= row->high;
    row->score = recoup_track_score(results->quantile, quantile, results->n_quantiles, row->actual);
    set_new_deals(made, due, row);
    free(quantile);
    return true;
}

bool recoup_track_add_forecasts(recoup_track *track) {
    recoup_track_summary *summary = &track->summary;
    for (int i = 0; i + 1 < track->n_points; i++)
        if (track->point[i].results->n_weeks > 0 && !add_forecast(track, i))
            return false;
    int n;
    const recoup_track_forecast_row *row = recoup_track_rows(track, RECOUP_TRACK_FORECAST, &n);
    double sum = 0;
    for (int i = 0; i < n; i++) {
        summary->n_covered += row[i].is_covered;
        sum += row[i].score;
    }
    summary->n_forecasts = n;
    summary->coverage = n > 0 ? (double)summary->n_covered / n : NAN;
    summary->score = n > 0 ? sum / n : NAN;
    recoup_wilson(summary->n_covered, n, &summary->coverage_low, &summary->coverage_high);
    return true;
}
