/* A CSV file in memory: a header and rows of text cells.
 *
 * Read is UTF-8 CSV after RFC 4180 as spreadsheets and CRMs write it: delimiter `,` `;` or tab
 * (whichever the header has most of), with or without byte order mark, lines ended by LF, CRLF or
 * CR, quoted cells with line breaks in them. Blank lines, and lines of empty cells only, are
 * skipped; blanks around a cell are not part of it. A header without rows is a table of 0 rows.
 *
 * A cell is found by row and column in constant time and is NUL-terminated. The text lies in the
 * bytes of the file, unquoted in place; beside it a table takes 4 bytes a cell and 12 bytes a row.
 */
#ifndef RECOUP_TABLE_TABLE_H
#define RECOUP_TABLE_TABLE_H

#include "base/error.h"
#include <recoup/date.h>
#include <stdint.h>

typedef struct recoup_table {
    char *file; /* the path, for messages */
    int n_columns, n_rows;
    int header_line;    /* line of the header */
    char **column;      /* n_columns names; "" for a column without one */
    int *line;          /* n_rows: the line that the row begins on, from 1 */
    uint64_t *row_text; /* n_rows: where the row's text begins in `text` */
    uint32_t *cell;     /* n_rows × n_columns, row by row: where a cell begins in the row's text */
    char *text;
    /* Of a table that was made from another (crm/mapping.h); zeroed in one that was read. */
    char **label; /* n_columns: what messages call the columns; NULL: by their names */
    recoup_date_order dates;
    bool decimal_comma;
} recoup_table;

/* Reads a file. EINVALID: everything that is wrong with its form (not UTF-8, an empty file, an open
 * quote, rows with too few or too many cells, equal column names), with lines; EIO, ENOMEM. When
 * only some rows or the header's names are wrong, *table holds the sound rows in spite of EINVALID,
 * so that a caller can check those as well; else it is NULL. Free it in any case. */
recoup_status recoup_table_read(const char *path, recoup_table **table, recoup_error *error);
void recoup_table_free(recoup_table *table); /* NULL is fine */

/* Text of a cell; "" in column -1, a column that the table does not have. */
static inline const char *recoup_table_cell(const recoup_table *table, int row, int column) {
    if (column < 0)
        return "";
    size_t i = (size_t)row * (size_t)table->n_columns + (size_t)column;
    return table->text + table->row_text[row] + table->cell[i];
}

/* Place of the column of a name (letter case does not matter); -1 when there is none. */
int recoup_table_find(const recoup_table *table, const char *name);

/* Place of a cell for a message: file, line, and the column's name as the field. */
recoup_place recoup_table_place(const recoup_table *table, int row, int column);

/* A column that a reader of tables knows. */
typedef struct recoup_table_column {
    const char *name; /* letter case and blanks around it do not matter */
    bool required;
} recoup_table_column;

/* Finds the columns: index[i] is that of columns[i], -1 when absent. EINVALID: required ones are
 * missing; each is reported with the existing column of the nearest name. The columns of the table
 * that are not asked for are named in one note. */
recoup_status recoup_table_bind(const recoup_table *table, const recoup_table_column *columns,
                                int n_columns, int *index, recoup_error *error);

enum { RECOUP_QUOTE_SIZE = 64 };
/* A cell's text as a message shows it: shortened, line breaks as blanks. Into a buffer of
 * RECOUP_QUOTE_SIZE bytes, returned. */
const char *recoup_table_quote(char *buffer, const char *text);

#endif
