#include "report/tables.h"

#include "base/file.h"
#include <errno.h>
#include <recoup/export.h>
#include <string.h>
#include <sys/stat.h>

static const char line_end[] = "\r\n"; /* of RFC 4180 */

bool recoup_csv_print(const char *text, FILE *stream) {
    recoup_text cell = {0};
    recoup_text_add_cell(&cell, text);
    bool done = !cell.failed;
    if (done && cell.length > 0)
        fwrite(cell.bytes, 1, cell.length, stream);
    recoup_text_clear(&cell);
    return done;
}

static void add_rows(recoup_text *text, const recoup_results *results,
                     const recoup_export_table *table) {
    for (int k = 0; k < table->n_columns; k++) {
        recoup_text_add(text, "%s", k ? "," : "");
        recoup_export_add_heading(text, &table->column[k]);
    }
    recoup_text_add(text, "%s", line_end);
    int64_t n_rows = recoup_export_rows(results, table);
    for (int64_t row = 0; row < n_rows && !text->failed; row++) {
        for (int k = 0; k < table->n_columns; k++) {
            recoup_text_add_bytes(text, ",", k > 0);
            recoup_export_add_cell(text, results, table, &table->column[k], row);
        }
        recoup_text_add_bytes(text, line_end, strlen(line_end));
    }
}

static void add_optional(recoup_text *text, const char *cell) {
    recoup_text_add_bytes(text, ",", 1);
    if (cell)
        recoup_text_add_cell(text, cell);
}

/* What the columns of a table are, for columns.csv. */
static void add_columns(recoup_text *text, const recoup_results *results,
                        const recoup_export_table *table) {
    for (int k = 0; k < table->n_columns; k++) {
        const recoup_column *column = &table->column[k];
        const char *units = recoup_column_units(column);
        bool is_money = units && strcmp(units, RECOUP_MONEY) == 0;
        recoup_export_add_name(text, table);
        recoup_text_add_bytes(text, ",", 1);
        recoup_export_add_heading(text, column);
        add_optional(text, is_money ? results->currency : units);
        add_optional(text, recoup_column_meaning(column));
        add_optional(text, recoup_column_note(column));
        recoup_text_add_bytes(text, line_end, strlen(line_end));
    }
}

static recoup_status write_file(const recoup_text *name, const recoup_text *text,
                                const char *folder, recoup_error *error) {
    recoup_text path = {0};
    recoup_text_add(&path, "%s/%s.csv", folder, name->failed ? "" : name->bytes);
    recoup_status status = name->failed || text->failed || path.failed
                               ? recoup_fail_memory(error)
                               : recoup_file_write(path.bytes, text->bytes, text->length, error);
    recoup_text_clear(&path);
    return status;
}

static recoup_status write_table(const recoup_results *results, const recoup_export_table *table,
                                 const char *folder, recoup_error *error) {
    recoup_text name = {0}, text = {0};
    recoup_export_add_name(&name, table);
    add_rows(&text, results, table);
    recoup_status status = write_file(&name, &text, folder, error);
    recoup_text_clear(&text);
    recoup_text_clear(&name);
    return status;
}

static recoup_status write_columns(recoup_text *columns, const char *folder, recoup_error *error) {
    recoup_text name = {0};
    recoup_text_add(&name, "columns");
    recoup_status status = write_file(&name, columns, folder, error);
    recoup_text_clear(&name);
    return status;
}

recoup_status recoup_export(const recoup_results *results, const char *folder, int *n_files,
                            recoup_error *error) {
    recoup_place place = {.file = folder};
    recoup_export_table table;
    recoup_text columns = {0};
    recoup_status status = RECOUP_OK;
    *n_files = 0;
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        return recoup_fail(error, RECOUP_EIO, &place, "cannot make the folder: %s",
                           strerror(errno));
    recoup_text_add(&columns, "table,column,units,meaning,note%s", line_end);
    for (int i = 0; i < recoup_export_count() && status == RECOUP_OK; i++) {
        status = recoup_export_table_make(&table, i)
                     ? write_table(results, &table, folder, error)
                     : recoup_fail(error, RECOUP_EUSAGE, &place, "a table has too many columns");
        add_columns(&columns, results, &table);
        *n_files += status == RECOUP_OK;
    }
    if (status == RECOUP_OK)
        status = write_columns(&columns, folder, error);
    *n_files += status == RECOUP_OK;
    recoup_text_clear(&columns);
    return status;
}
