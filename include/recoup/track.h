/* Tracking: the forecasts of one period that were made week after week, held against what came and
 * against each other. docs/commands.md has the same fields, docs/diagnosis.md the formulas. */
#ifndef RECOUP_TRACK_H
#define RECOUP_TRACK_H

#include <recoup/diagnosis.h>
#include <recoup/error.h>
#include <recoup/record.h>
#include <recoup/results.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One forecast, by as-of date; of the first plan. What a file does not hold (a batch's have no
 * diagnosis) is NaN. */
typedef struct recoup_track_week_row {
    const char *source; /* the file or scenario */
    const char *plan;
    double as_of;                                     /* date */
    double quota, booked, expected, low, high, gap;   /* low, high: 10 and 90 % */
    double hit_probability, hit_probability_se;       /* Monte Carlo */
    double hit_probability_low, hit_probability_high; /* 5 and 95 % over parameter draws */
    double open_amount;
    double coverage;        /* open amount / (quota - booked) */
    double coverage_needed; /* open amount / (expected - booked): what brings the quota */
    double created;         /* new deals of the period so far */
    /* of the period, as expected (recoup_gap_row): their product is expected bookings */
    double volume, win_rate, value, velocity;
} recoup_track_week_row;

/* What changed the expected bookings from one forecast to the next, by factor; "total" last. */
typedef struct recoup_track_change_row {
    double from, to;    /* as-of dates */
    const char *factor; /* "volume", "win rate", "value", "velocity", "total" */
    double from_value, to_value;
    double effect; /* on expected bookings: a whole number of cents; they add up to the total */
} recoup_track_change_row;

/* What a forecast said would be booked by the as-of date of the next one, and what was. */
typedef struct recoup_track_forecast_row {
    double made, due; /* as-of dates */
    double actual, median, low, high;
    double position; /* the quantile at which the actual lies; at the ends: the lowest and highest
                        probability that the file holds, which are bounds then */
    int is_covered;  /* within 10 to 90 % */
    double score;    /* continuous ranked probability score, money; lower is better */
    double created, created_expected, created_low, created_high; /* new deals between the two */
} recoup_track_forecast_row;

/* Something to look at. */
typedef struct recoup_track_flag_row {
    double as_of;     /* of the forecast that shows it */
    const char *flag; /* "bookings behind", "chance fell", "few new deals", "low coverage",
                         "activity down", "review passed", "action overdue" */
    const char *rule; /* when it is raised */
    double value, threshold;
    const char *evidence; /* a sentence */
} recoup_track_flag_row;

/* An action or a review of the plans in the last forecast. */
typedef struct recoup_track_due_row {
    const char *state;       /* "overdue", "this week", "next" (within four weeks), "later" */
    double due;              /* date */
    const char *plan, *kind; /* "action", "review" */
    const char *what, *owner, *measure;
} recoup_track_due_row;

/* X(ID, name, what the rows are); rows are recoup_track_<name>_row. */
#define RECOUP_TRACK_LIST(X)                                                                       \
    X(WEEK, week, "forecasts by as-of date")                                                       \
    X(CHANGE, change, "what changed from one forecast to the next")                                \
    X(FORECAST, forecast, "forecasts against what was booked")                                     \
    X(FLAG, flag, "early warnings")                                                                \
    X(DUE, due, "actions and reviews that are due")

typedef enum recoup_track_id {
#define RECOUP_TRACK_ID(id, name, long_name) RECOUP_TRACK_##id,
    RECOUP_TRACK_LIST(RECOUP_TRACK_ID)
#undef RECOUP_TRACK_ID
        RECOUP_N_TRACK
} recoup_track_id;

/* In the order of the list. */
extern const recoup_record_type recoup_track_types[RECOUP_N_TRACK];

typedef struct recoup_track recoup_track;

/* Of all forecasts together. */
typedef struct recoup_track_summary {
    const char *title, *currency;
    double period_start, period_end; /* dates; the last day */
    int n_forecasts, n_covered;      /* within 10 to 90 %, where .8 are to be expected */
    double coverage, coverage_low, coverage_high; /* n_covered / n_forecasts, 95 % interval; NaN */
    double score;                                 /* mean; NaN: no forecast fell due */
    int n_pace;
    const recoup_pace_row *pace; /* of the last forecast */
} recoup_track_summary;

/* From n >= 1 results of one period at different as-of dates, in any order; source[i] names them
 * in messages and rows. The results must outlive the track. EINVALID: a file of an older version
 * that does not tell its as-of date, different periods or currencies, equal as-of dates; all of
 * them are reported. To be freed by recoup_track_free (NULL is fine). */
recoup_status recoup_track_make(const recoup_results *const *results, const char *const *source,
                                int n, recoup_track **track, recoup_error *error);
void recoup_track_free(recoup_track *track);

recoup_track_summary recoup_track_summarise(const recoup_track *track);
/* The rows of one kind, an array of its struct. */
const void *recoup_track_rows(const recoup_track *track, recoup_track_id id, int *n);

#ifdef __cplusplus
}
#endif
#endif
