/* Early warnings, of the last forecast and what led to it. Each has a threshold that its rule
 * states. */
#include "diagnose/track.h"
#include <math.h>
#include <recoup/date.h>
#include <stdlib.h>
#include <string.h>

static const double ONE_SIDED_95 = 1.6448536269514722; /* quantile of the normal distribution */

typedef struct flagging {
    recoup_track *track;
    const recoup_track_week_row *week; /* the last one */
    bool failed;
} flagging;

/* A new flag; `evidence` NULL: out of memory. */
static void add_flag(flagging *f, const char *flag, const char *rule, double value,
                     double threshold, const char *evidence) {
    recoup_track_flag_row *row = evidence ? recoup_track_add(f->track, RECOUP_TRACK_FLAG) : NULL;
    f->failed = f->failed || !row;
    if (f->failed)
        return;
    row->as_of = f->week->as_of;
    row->flag = flag;
    row->rule = rule;
    row->value = value;
    row->threshold = threshold;
    row->evidence = evidence;
}

/* --- against the forecast before -------------------------------------------------------------- */

static void check_bookings(flagging *f, const recoup_track_forecast_row *forecast) {
    char made[RECOUP_DATE_SIZE], actual[RECOUP_TRACK_MONEY], low[RECOUP_TRACK_MONEY],
        median[RECOUP_TRACK_MONEY];
    if (!(forecast->actual < forecast->low))
        return;
    add_flag(f, "bookings behind", "booked below the 10 % quantile of the forecast before",
             forecast->actual, forecast->low,
             recoup_track_format(f->track,
                                 "%s is booked; the forecast of %s held %s for even and less than "
                                 "%s for a chance of 1 in 10.",
                                 recoup_track_money(actual, forecast->actual),
                                 recoup_date_format(made, forecast->made),
                                 recoup_track_money(median, forecast->median),
                                 recoup_track_money(low, forecast->low)));
}

static void check_new_deals(flagging *f, const recoup_track_forecast_row *forecast) {
    char made[RECOUP_DATE_SIZE];
    if (!(forecast->created < forecast->created_low))
        return;
    add_flag(f, "few new deals",
             "new deals since the forecast before below the 10 % quantile that it expected",
             forecast->created, forecast->created_low,
             recoup_track_format(f->track,
                                 "%.0f new deals came since %s; %.0f were expected, and fewer than "
                                 "%.0f in one of ten such times.",
                                 forecast->created, recoup_date_format(made, forecast->made),
                                 forecast->created_expected, forecast->created_low));
}

/* P(hit) before and now differ by the Monte Carlo errors of both, and by what better known
 * parameters bring: an estimate that was refined moves with at most the variance that it had before
 * (Hausman 1978, Specification tests in econometrics, lemma 2.1), here that over the parameter
 * draws, whose 5 and 95 % quantiles are 2 × 1.645 standard deviations apart. */
static void check_chance(flagging *f, const recoup_track_week_row *before) {
    char from[RECOUP_DATE_SIZE];
    const recoup_track_week_row *now = f->week;
    double draws =
        (before->hit_probability_high - before->hit_probability_low) / (2 * ONE_SIDED_95);
    double simulation = hypot(before->hit_probability_se, now->hit_probability_se);
    double fall = before->hit_probability - now->hit_probability;
    double threshold = ONE_SIDED_95 * hypot(simulation, draws);
    if (!(fall > threshold))
        return;
    add_flag(f, "chance fell",
             "P(hit) fell by more than the errors of the simulation and of the parameters explain "
             "(95 %)",
             fall, threshold,
             recoup_track_format(f->track,
                                 "The chance of hitting the quota fell from %.1f %% on %s to %.1f "
                                 "%%; the errors of both forecasts explain %.1f points.",
                                 100 * before->hit_probability,
                                 recoup_date_format(from, before->as_of),
                                 100 * now->hit_probability, 100 * threshold));
}

/* --- of the last forecast alone --------------------------------------------------------------- */

static void check_coverage(flagging *f) {
    const recoup_track_week_row *week = f->week;
    char open[RECOUP_TRACK_MONEY], missing[RECOUP_TRACK_MONEY], gap[RECOUP_TRACK_MONEY];
    if (!(week->coverage < week->coverage_needed))
        return;
    add_flag(f, "low coverage",
             "open amount / (quota - booked) below open amount / (expected - booked), what this "
             "pipeline and its new deals take to bring it",
             week->coverage, week->coverage_needed,
             recoup_track_format(f->track,
                                 "%s is open for the %s that the quota still lacks, %.1f times as "
                                 "much; as this pipeline closes it takes %.1f times: %s are "
                                 "missing.",
                                 recoup_track_money(open, week->open_amount),
                                 recoup_track_money(missing, week->quota - week->booked),
                                 week->coverage, week->coverage_needed,
                                 recoup_track_money(gap, week->gap)));
}

static void check_activity(flagging *f, const recoup_results *results) {
    int n;
    const recoup_finding_row *row = recoup_results_records(results, RECOUP_RECORD_FINDING, &n);
    for (int i = 0; i < n; i++)
        if (strcmp(row[i].cause, "motivation") == 0 && strcmp(row[i].verdict, "found") == 0)
            add_flag(f, "activity down",
                     "the diagnosis finds a drop of activity (motivation, q <= 0.05)",
                     row[i].q_value, .05, row[i].sentence);
}

static void check_due(flagging *f) {
    int n;
    const recoup_track_due_row *row = recoup_track_rows(f->track, RECOUP_TRACK_DUE, &n);
    for (int i = 0; i < n; i++) {
        char due[RECOUP_DATE_SIZE];
        if (strcmp(row[i].state, "overdue") != 0)
            continue;
        bool is_review = strcmp(row[i].kind, "review") == 0;
        const char *owner = *row[i].owner ? row[i].owner : "nobody is named";
        recoup_date_format(due, row[i].due);
        add_flag(f, is_review ? "review passed" : "action overdue",
                 is_review ? "the plan's review date is before the as-of date"
                           : "the action's due date is before the as-of date",
                 f->week->as_of - row[i].due, 0,
                 is_review ? recoup_track_format(f->track, "The review of `%s` was due on %s (%s).",
                                                 row[i].plan, due, owner)
                           : recoup_track_format(f->track, "`%s` of `%s` was due on %s (%s).",
                                                 row[i].what, row[i].plan, due, owner));
    }
}

bool recoup_track_add_flags(recoup_track *track) {
    int n_weeks, n_forecasts;
    const recoup_track_week_row *week = recoup_track_rows(track, RECOUP_TRACK_WEEK, &n_weeks);
    const recoup_track_forecast_row *forecast =
        recoup_track_rows(track, RECOUP_TRACK_FORECAST, &n_forecasts);
    flagging f = {.track = track, .week = &week[n_weeks - 1]};
    const recoup_track_forecast_row *last =
        n_forecasts > 0 && forecast[n_forecasts - 1].due == f.week->as_of
            ? &forecast[n_forecasts - 1]
            : NULL;
    if (last)
        check_bookings(&f, last);
    if (n_weeks > 1)
        check_chance(&f, f.week - 1);
    if (last)
        check_new_deals(&f, last);
    check_coverage(&f);
    check_activity(&f, track->point[track->n_points - 1].results);
    check_due(&f);
    return !f.failed;
}
