#include "table/table.h"

#include "base/memory.h"
#include "base/names.h"
#include "base/text.h"
#include "table/encoding.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void recoup_table_free(recoup_table *table) {
    if (!table)
        return;
    free(table->file);
    free(table->column);
    free(table->label);
    free(table->line);
    free(table->row_text);
    free(table->cell);
    free(table->text);
    free(table);
}

recoup_place recoup_table_place(const recoup_table *table, int row, int column) {
    char **const names = table->label ? table->label : table->column;
    return (recoup_place){
        .file = table->file, .line = table->line[row], .field = column >= 0 ? names[column] : NULL};
}

int recoup_table_find(const recoup_table *table, const char *name) {
    for (int i = 0; i < table->n_columns; i++)
        if (strcasecmp(table->column[i], name) == 0)
            return i;
    return -1;
}

static void report_missing(const recoup_table *table, const char *name, recoup_error *error) {
    recoup_place place = {.file = table->file, .line = table->header_line, .field = name};
    const char *nearest = recoup_names_nearest(table->column, table->n_columns, name);
    if (nearest && *nearest)
        (void)recoup_fail(error, RECOUP_EINVALID, &place,
                          "the required column '%s' is missing; the nearest column is '%s'", name,
                          nearest);
    else
        (void)recoup_fail(error, RECOUP_EINVALID, &place, "the required column '%s' is missing",
                          name);
}

/* Adds ", 'chanel' (did you mean 'channel'?)" for a column that nobody asked for: a name that is
 * nearly that of an absent column is a slip worth pointing out. */
static void add_unused(recoup_text *list, const char *column, const recoup_table_column *columns,
                       int n_columns, const int *index) {
    recoup_text_add(list, "%s'%s'", list->length ? ", " : "", column);
    for (int i = 0; i < n_columns; i++) {
        char *known = (char *)(uintptr_t)columns[i].name; // NOLINT(performance-no-int-to-ptr)
        if (index[i] < 0 && recoup_names_nearest(&known, 1, column)) {
            recoup_text_add(list, " (did you mean '%s'?)", known);
            return;
        }
    }
}

static recoup_status note_unused(const recoup_table *table, const recoup_table_column *columns,
                                 int n_columns, const int *index, recoup_error *error) {
    recoup_text list = {0};
    for (int c = 0; c < table->n_columns; c++) {
        bool used = !*table->column[c];
        for (int i = 0; i < n_columns && !used; i++)
            used = strcasecmp(table->column[c], columns[i].name) == 0;
        if (!used)
            add_unused(&list, table->column[c], columns, n_columns, index);
    }
    recoup_place place = {.file = table->file, .line = table->header_line};
    if (list.length)
        recoup_note(error, &place, "columns that are not used: %s", list.bytes);
    bool failed = list.failed;
    recoup_text_clear(&list);
    return failed ? recoup_fail_memory(error) : RECOUP_OK;
}

recoup_status recoup_table_bind(const recoup_table *table, const recoup_table_column *columns,
                                int n_columns, int *index, recoup_error *error) {
    bool missing = false;
    for (int i = 0; i < n_columns; i++) {
        index[i] = recoup_table_find(table, columns[i].name);
        if (index[i] < 0 && columns[i].required) {
            report_missing(table, columns[i].name, error);
            missing = true;
        }
    }
    recoup_status status = note_unused(table, columns, n_columns, index, error);
    return status == RECOUP_OK && missing ? RECOUP_EINVALID : status;
}

const char *recoup_table_quote(char *buffer, const char *text) {
    static const char dots[] = "...";
    size_t length = strlen(text), n = 0, limit = RECOUP_QUOTE_SIZE - sizeof dots;
    while (n < length) { /* whole characters only */
        size_t step = recoup_utf8_length((const unsigned char *)text + n, length - n);
        step = step ? step : 1;
        if (n + step > limit)
            break;
        n += step;
    }
    for (size_t i = 0; i < n; i++)
        buffer[i] = (unsigned char)text[i] < ' ' ? ' ' : text[i];
    strcpy(buffer + n, n < length ? dots : "");
    return buffer;
}
