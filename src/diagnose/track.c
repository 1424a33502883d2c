/* Results in order, and what holds for all of them. */
#include "diagnose/track.h"

#include "base/date.h"
#include "base/error.h"
#include "base/text.h"
#include "results/records.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- rows and texts --------------------------------------------------------------------------- */

void *recoup_track_add(recoup_track *track, recoup_track_id id) {
    recoup_track_list *list = &track->list[id];
    return recoup_record_add(&recoup_track_types[id], &list->row, &list->n, &list->capacity);
}

const char *recoup_track_format(recoup_track *track, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const char *text = recoup_arena_format(&track->arena, format, arguments);
    va_end(arguments);
    return text;
}

char *recoup_track_money(char *buffer, double amount) {
    char digits[RECOUP_TRACK_MONEY];
    int length = snprintf(digits, sizeof digits, "%.0f", fabs(amount)), n = 0;
    if (!isfinite(amount) || length < 0 || length > 30) { /* with separators it would not fit */
        snprintf(buffer, RECOUP_TRACK_MONEY, "%.6g", amount);
        return buffer;
    }
    if (amount <= -.5)
        buffer[n++] = '-';
    recoup_digits_group(buffer + n, digits);
    return buffer;
}

const void *recoup_track_rows(const recoup_track *track, recoup_track_id id, int *n) {
    *n = track->list[id].n;
    return track->list[id].row;
}

/* --- points ----------------------------------------------------------------------------------- */

static recoup_status read_point(recoup_track_point *point, const recoup_results *results,
                                const char *source, recoup_error *error) {
    const recoup_place place = {.file = source};
    *point = (recoup_track_point){.results = results, .source = source};
    if (!recoup_date_parse(results->as_of, 0, &point->as_of, NULL) ||
        !recoup_date_parse(results->period_start, 0, &point->period_start, NULL) ||
        !recoup_date_parse(results->period_end, 0, &point->period_end, NULL))
        return recoup_fail(error, RECOUP_EINVALID, &place,
                           "the file does not tell its as-of date and period: an older version "
                           "wrote it; run the scenario again");
    point->period_end += 1;
    return RECOUP_OK;
}

static int compare_points(const void *left, const void *right) {
    const recoup_track_point *a = left, *b = right;
    if (a->as_of != b->as_of)
        return a->as_of < b->as_of ? -1 : 1;
    return strcmp(a->source, b->source);
}

/* Every departure from the first one. */
static recoup_status check_points(const recoup_track *track, recoup_error *error) {
    recoup_status status = RECOUP_OK;
    const recoup_track_point *first = &track->point[0];
    for (int i = 1; i < track->n_points; i++) {
        const recoup_track_point *point = &track->point[i], *before = &track->point[i - 1];
        const recoup_place place = {.file = point->source};
        if (point->period_start != first->period_start || point->period_end != first->period_end)
            status =
                recoup_fail(error, RECOUP_EINVALID, &place,
                            "its period is %s to %s, that of %s is %s to %s; expected "
                            "forecasts of one period",
                            point->results->period_start, point->results->period_end, first->source,
                            first->results->period_start, first->results->period_end);
        if (strcmp(point->results->currency, first->results->currency) != 0)
            status = recoup_fail(error, RECOUP_EINVALID, &place,
                                 "its currency is '%s', that of %s '%s'; expected one currency",
                                 point->results->currency, first->source, first->results->currency);
        if (point->as_of == before->as_of)
            status = recoup_fail(error, RECOUP_EINVALID, &place,
                                 "its as-of date is %s as that of %s; expected different ones",
                                 point->results->as_of, before->source);
    }
    return status;
}

static recoup_status set_points(recoup_track *track, const recoup_results *const *results,
                                const char *const *source, recoup_error *error) {
    recoup_status status = RECOUP_OK;
    for (int i = 0; i < track->n_points; i++) {
        recoup_status one = read_point(&track->point[i], results[i], source[i], error);
        status = status == RECOUP_OK ? one : status;
    }
    if (status != RECOUP_OK)
        return status;
    qsort(track->point, (size_t)track->n_points, sizeof *track->point, compare_points);
    return check_points(track, error);
}

static void set_summary(recoup_track *track) {
    const recoup_track_point *last = &track->point[track->n_points - 1];
    recoup_track_summary *summary = &track->summary;
    summary->title = last->results->title;
    summary->currency = last->results->currency;
    summary->period_start = last->period_start;
    summary->period_end = last->period_end - 1;
    summary->pace = recoup_results_records(last->results, RECOUP_RECORD_PACE, &summary->n_pace);
}

/* --- all of it -------------------------------------------------------------------------------- */

recoup_status recoup_track_make(const recoup_results *const *results, const char *const *source,
                                int n, recoup_track **made, recoup_error *error) {
    static bool (*const parts[])(recoup_track *) = {
        recoup_track_add_weeks, recoup_track_add_changes, recoup_track_add_forecasts,
        recoup_track_add_due, recoup_track_add_flags};
    recoup_track *track = RECOUP_NEW(recoup_track, 1);
    *made = NULL;
    if (!track)
        return recoup_fail_memory(error);
    recoup_status status = RECOUP_OK;
    track->n_points = n;
    track->point = recoup_arena_alloc(&track->arena, (size_t)n, sizeof *track->point);
    status = track->point ? set_points(track, results, source, error) : recoup_fail_memory(error);
    if (status == RECOUP_OK)
        set_summary(track);
    for (size_t i = 0; i < sizeof parts / sizeof *parts && status == RECOUP_OK; i++)
        status = parts[i](track) ? RECOUP_OK : recoup_fail_memory(error);
    if (status == RECOUP_OK)
        *made = track;
    else
        recoup_track_free(track);
    return status;
}

void recoup_track_free(recoup_track *track) {
    if (!track)
        return;
    for (int id = 0; id < RECOUP_N_TRACK; id++)
        free(track->list[id].row);
    recoup_arena_clear(&track->arena);
    free(track);
}

recoup_track_summary recoup_track_summarise(const recoup_track *track) {
    return track->summary;
}
