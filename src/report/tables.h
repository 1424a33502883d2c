/* The tables that results consist of: which they are, and what their columns hold. All of it is
 * read from the schema of results.h5 (results/schema.h) and from the types of records. */
#ifndef RECOUP_REPORT_TABLES_H
#define RECOUP_REPORT_TABLES_H

#include "base/text.h"
#include "results/records.h"
#include "results/schema.h"

enum { RECOUP_TABLE_COLUMNS = 96 };

typedef enum recoup_column_kind {
    RECOUP_COLUMN_ATTRIBUTE,
    RECOUP_COLUMN_INDEX, /* of a dimension without coordinates: 0, 1, ... */
    RECOUP_COLUMN_LOW,   /* of a bin: the edge below and the edge above it */
    RECOUP_COLUMN_HIGH,
    RECOUP_COLUMN_VARIABLE, /* coordinates too */
    RECOUP_COLUMN_FIELD
} recoup_column_kind;

typedef struct recoup_column {
    recoup_column_kind kind;
    int axis; /* which of the table's dimensions it goes along; -1: all of them */
    const recoup_attribute *attribute;
    const recoup_variable *variable; /* of LOW and HIGH: the edges */
    const recoup_record_field *field;
    const char *name; /* of the dimension, for INDEX, LOW, HIGH */
} recoup_column;

/* One table: of the run (rank 0), of variables with the same dimensions, or of a kind of record. */
typedef struct recoup_export_table {
    const recoup_record_type *type; /* NULL: of variables */
    recoup_record_id id;
    int rank;
    recoup_dimension_id dimension[RECOUP_VARIABLE_MAX_RANK];
    int n_columns;
    recoup_column column[RECOUP_TABLE_COLUMNS];
} recoup_export_table;

/* How many tables there are, and the one of a number; false: more columns than there may be. */
int recoup_export_count(void);
bool recoup_export_table_make(recoup_export_table *table, int number);

int64_t recoup_export_rows(const recoup_results *results, const recoup_export_table *table);
void recoup_export_add_name(recoup_text *text, const recoup_export_table *table);
void recoup_export_add_heading(recoup_text *text, const recoup_column *column);
void recoup_export_add_cell(recoup_text *text, const recoup_results *results,
                            const recoup_export_table *table, const recoup_column *column,
                            int64_t row);
/* NULL: none. */
const char *recoup_column_units(const recoup_column *column);
const char *recoup_column_meaning(const recoup_column *column);
const char *recoup_column_note(const recoup_column *column);

#endif
