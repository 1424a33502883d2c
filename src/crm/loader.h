/* Shared by the readers of the four tables: where they put problems, and reading of cells. */
#ifndef RECOUP_CRM_LOADER_H
#define RECOUP_CRM_LOADER_H

#include "crm/dataset.h"
#include "crm/stages.h"
#include "table/table.h"

/* Meanings of a stage cell besides a stage index and the targets of crm/dataset.h. */
enum { RECOUP_STAGE_EMPTY = RECOUP_TO_NONE, RECOUP_STAGE_BAD = -4 };

/* Besides recoup_outcome: could not be read, and was reported. */
enum { RECOUP_OUTCOME_BAD = RECOUP_LOST + 1 };

typedef struct recoup_loader {
    const recoup_dataset_source *source;
    recoup_dataset *dataset;
    recoup_error *error;
    size_t n_errors;      /* wrong things so far; loading goes on to find more */
    recoup_status status; /* ENOMEM or EIO: stop */
    /* Whether every row of a table could be read, so that a reference to it can be called wrong. */
    bool deals_whole, history_whole, reps_whole;
    recoup_names stage_texts; /* stage cells seen so far and what they mean */
    int *stage_meaning;
    size_t stage_meaning_capacity;
    bool too_many_stages;
    recoup_names left_out;                         /* deals of rows that their mapping skips */
    uint8_t *created_has_clock, *closed_has_clock; /* by deal */
} recoup_loader;

/* The readers, in the order in which they must run. */
void recoup_loader_read_reps(recoup_loader *loader);
void recoup_loader_read_deals(recoup_loader *loader);
void recoup_loader_read_history(recoup_loader *loader);
void recoup_loader_order_stages(recoup_loader *loader);
void recoup_loader_check_open_stages(recoup_loader *loader);
void recoup_loader_read_activities(recoup_loader *loader);
void recoup_loader_complete_reps(recoup_loader *loader); /* those that no reps.csv describes */

/* The columns that each of them knows. */
const recoup_table_column *recoup_deals_columns(int *n);
const recoup_table_column *recoup_history_columns(int *n);
const recoup_table_column *recoup_reps_columns(int *n);
const recoup_table_column *recoup_activities_columns(int *n);
const recoup_table_column *recoup_loader_columns(recoup_table_kind kind, int *n);

/* Reads a table, maps it where the source says how, and finds its columns. *table is NULL when its
 * rows are of no use; *whole tells whether all of them were read. */
void recoup_loader_open(recoup_loader *loader, recoup_table_kind kind,
                        const recoup_table_column *columns, int n_columns, int *index,
                        recoup_table **table, bool *whole);
/* Path of a table, NULL when there is none. */
const char *recoup_source_path(const recoup_dataset_source *source, recoup_table_kind kind);

/* Whether a deal is in no row but those that its mapping skips. */
bool recoup_loader_leaves_out(const recoup_loader *loader, const char *deal_id);

/* n zeroed elements of the dataset's arena; NULL and loader->status when out of memory. */
void *recoup_loader_alloc(recoup_loader *loader, int n, size_t size);
double *recoup_loader_numbers(recoup_loader *loader, int n); /* NaN throughout */
int *recoup_loader_indexes(recoup_loader *loader, int n);    /* -1 throughout */

/* One cell of the row that is being read. */
typedef struct recoup_cell {
    recoup_loader *loader;
    const recoup_table *table;
    int row, column;
} recoup_cell;

const char *recoup_cell_text(const recoup_cell *cell);
/* Reports a cell as wrong. */
void recoup_cell_fail(const recoup_cell *cell, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The name nearest to a wrong one, for "did you mean"; NULL when none is near, and once so many
 * problems are stored that nobody would see it. */
const char *recoup_loader_nearest(const recoup_loader *loader, const recoup_names *names,
                                  const char *text);

/* All three give NaN (-1) for an empty cell, and false after reporting a wrong one. */
bool recoup_cell_date(const recoup_cell *cell, double *days, bool *has_clock);
bool recoup_cell_amount(const recoup_cell *cell, double *amount); /* a number >= 0 */
bool recoup_cell_name(const recoup_cell *cell, recoup_names *names, int *index);

/* Meaning of a stage cell: a stage index, RECOUP_TO_WON, RECOUP_TO_LOST, RECOUP_STAGE_EMPTY, or
 * RECOUP_STAGE_BAD after reporting, each wrong name once. Stages are added unless the scenario
 * gives them. */
int recoup_cell_stage(const recoup_cell *cell);
/* A recoup_outcome, or -1 after reporting. */
int recoup_cell_outcome(const recoup_cell *cell);
/* What a text means as an outcome; -1: nothing. */
int recoup_outcome_meaning(const recoup_dataset_source *source, const char *text);
/* Reads a number as the table writes them. */
bool recoup_table_number(const recoup_table *table, const char *text, double *x);

/* Whether time a lies before time b; by day alone where one of them has no clock. */
bool recoup_loader_before(const recoup_loader *loader, double a, bool a_has_clock, double b,
                          bool b_has_clock);

#endif
