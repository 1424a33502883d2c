/* The canonical tables of a CRM, read and checked.
 *
 * deals.csv, stage_history.csv, reps.csv and activities.csv as docs/tables.md describes them:
 * UTF-8 CSV with `,` `;` or tab, with or without BOM and CRLF, columns in any order. Everything
 * wrong in any of them is reported in one go, with file, line and column name.
 */
#ifndef RECOUP_DATASET_H
#define RECOUP_DATASET_H

#include <recoup/error.h>
#include <recoup/mapping.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct recoup_dataset recoup_dataset; /* immutable once loaded */

/* How the reps are grouped. */
typedef enum recoup_cohort_rule {
    RECOUP_COHORTS_COLUMN, /* the column `cohort` of reps.csv; without one: a single cohort "all" */
    RECOUP_COHORTS_PERFORMANCE, /* "top", "middle", "bottom" by bookings won before the as-of date
                                 */
    RECOUP_COHORTS_TENURE       /* "ramping", "tenured" by start_date at the as-of date */
} recoup_cohort_rule;

typedef enum recoup_table_kind {
    RECOUP_TABLE_DEALS,
    RECOUP_TABLE_STAGE_HISTORY,
    RECOUP_TABLE_REPS,
    RECOUP_TABLE_ACTIVITIES,
    RECOUP_N_TABLES
} recoup_table_kind;

/* What to read and how. Paths may be NULL except deals; all is borrowed for the call. */
typedef struct recoup_dataset_source {
    const char *deals, *stage_history, *reps, *activities;
    /* How a file becomes the canonical table; NULL: it is one. Joined files are paths as above. */
    const recoup_mapping *mapping[RECOUP_N_TABLES];
    /* Ordered names of the open stages; NULL and 0: taken from the data, in the order in which
     * deals usually pass them. */
    const char *const *stages;
    int n_stages;
    /* The CRM's own labels: label[i] means meaning[i], where a meaning is a stage name, "won",
     * "lost" or "open" (in stage and outcome columns and in the history). */
    const char *const *label, *const *meaning;
    int n_labels;
    double zone_days; /* zone of dates without one, days ahead of UTC (0: UTC) */
} recoup_dataset_source;

/* EINVALID: anything wrong in the tables; EIO, ENOMEM. On success *dataset is to be freed by
 * recoup_dataset_free (NULL is fine). */
recoup_status recoup_dataset_load(const recoup_dataset_source *source, recoup_dataset **dataset,
                                  recoup_error *error);
void recoup_dataset_free(recoup_dataset *dataset);

typedef struct recoup_view recoup_view; /* immutable: what was known at the as-of date */

typedef struct recoup_view_options {
    double as_of; /* days since 1970-01-01 UTC; nothing at or after it is seen */
    double period_start;
    recoup_cohort_rule cohorts;
    double top_share, bottom_share; /* performance: .1 and .1 */
    double ramp_days;               /* tenure: ramping below this */
} recoup_view_options;

/* The as-of view: deals created before as_of, with the outcome, stage and visits known then. Two
 * data sets that differ only in what happened at or after as_of give identical views. The view owns
 * its memory; the dataset may be freed before it. */
recoup_status recoup_view_create(const recoup_dataset *dataset, const recoup_view_options *options,
                                 recoup_view **view, recoup_error *error);
void recoup_view_free(recoup_view *view);

/* Counts for messages. */
int recoup_view_n_deals(const recoup_view *view);
int recoup_view_n_open(const recoup_view *view);
int recoup_view_n_reps(const recoup_view *view);

/* A hash of everything that was read from the tables and known at the as-of date. */
uint64_t recoup_view_digest(const recoup_view *view);

#ifdef __cplusplus
}
#endif
#endif
