/* Reading a CSV file with libcsv, one line at a time so that every row knows its line.
 *
 * The unquoted text of the cells is written over the bytes of the file that were already read: a
 * cell and its closing NUL are never longer than the cell and its delimiter in the file. */
#include "table/table.h"

#include "base/file.h"
#include "base/memory.h"
#include "table/encoding.h"
#include <csv.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { COLUMNS_MAX = 4096 };

typedef struct reader {
    recoup_table *table;
    recoup_error *error;
    recoup_status status;
    size_t n_bad; /* problems that leave the other rows sound */

    size_t written;     /* end of the text so far */
    size_t row_written; /* where the present row began */
    int row_line;       /* line that it began on */
    int n_cells;        /* cells of it so far */
    bool any_text;      /* one of them is not empty */
    bool row_ended;     /* within the line being fed */
    uint32_t *row_cell; /* starts of its first n_columns cells; of all cells in the header */
    size_t row_cell_capacity, cell_capacity, line_capacity, row_text_capacity;
} reader;

static void fail_memory(reader *r) {
    if (r->status == RECOUP_OK)
        r->status = recoup_fail_memory(r->error);
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

/* libcsv: a cell is complete. */
static void take_cell(void *bytes, size_t length, void *context) {
    reader *r = context;
    const char *text = bytes;
    if (r->status != RECOUP_OK)
        return;
    while (length && is_blank(text[length - 1]))
        length--;
    while (length && is_blank(*text)) {
        text++;
        length--;
    }
    size_t start = r->written - r->row_written;
    if (start > UINT32_MAX) {
        recoup_place place = {.file = r->table->file, .line = r->row_line};
        r->status = recoup_fail(r->error, RECOUP_EINVALID, &place, "the row is longer than 4 GB");
        return;
    }
    bool in_header = r->table->header_line == 0;
    if (in_header || r->n_cells < r->table->n_columns) {
        if (!RECOUP_GROW(r->row_cell, r->n_cells, r->row_cell_capacity)) {
            fail_memory(r);
            return;
        }
        r->row_cell[r->n_cells] = (uint32_t)start;
    }
    if (length)
        memcpy(r->table->text + r->written, text, length);
    r->table->text[r->written + length] = '\0';
    r->written += length + 1;
    r->n_cells++;
    r->any_text = r->any_text || length > 0;
}

static void check_unique(reader *r, int i) {
    const recoup_table *table = r->table;
    if (!*table->column[i])
        return;
    for (int k = 0; k < i; k++)
        if (strcasecmp(table->column[i], table->column[k]) == 0) {
            recoup_place place = {
                .file = table->file, .line = table->header_line, .field = table->column[i]};
            (void)recoup_fail(r->error, RECOUP_EINVALID, &place,
                              "the columns %d and %d are both called '%s': every column needs its "
                              "own name",
                              k + 1, i + 1, table->column[i]);
            r->n_bad++;
            return;
        }
}

static void take_header(reader *r) {
    recoup_table *table = r->table;
    if (r->n_cells > COLUMNS_MAX) {
        recoup_place place = {.file = table->file, .line = r->row_line};
        r->status = recoup_fail(r->error, RECOUP_EINVALID, &place,
                                "the header has %d columns, at most %d are expected: is this a "
                                "table?",
                                r->n_cells, COLUMNS_MAX);
        return;
    }
    table->header_line = r->row_line;
    table->n_columns = r->n_cells;
    table->column = RECOUP_NEW(char *, r->n_cells);
    if (!table->column) {
        fail_memory(r);
        return;
    }
    for (int i = 0; i < r->n_cells; i++)
        table->column[i] = table->text + r->row_written + r->row_cell[i];
    for (int i = 0; i < r->n_cells; i++)
        check_unique(r, i);
}

static void store_row(reader *r) {
    recoup_table *table = r->table;
    size_t row = (size_t)table->n_rows, n = (size_t)table->n_columns;
    if (table->n_rows == INT_MAX) {
        recoup_place place = {.file = table->file, .line = r->row_line};
        r->status = recoup_fail(r->error, RECOUP_EINVALID, &place, "more than %d rows", INT_MAX);
        return;
    }
    if (!RECOUP_GROW(table->line, row, r->line_capacity) ||
        !RECOUP_GROW(table->row_text, row, r->row_text_capacity)) {
        fail_memory(r);
        return;
    }
    while ((row + 1) * n > r->cell_capacity)
        if (!recoup_grow(&table->cell, r->cell_capacity, &r->cell_capacity, sizeof *table->cell)) {
            fail_memory(r);
            return;
        }
    memcpy(table->cell + row * n, r->row_cell, n * sizeof *table->cell);
    table->line[row] = r->row_line;
    table->row_text[row] = r->row_written;
    table->n_rows++;
}

/* libcsv: a row is complete. */
static void take_row(int terminator, void *context) {
    (void)terminator;
    reader *r = context;
    recoup_table *table = r->table;
    r->row_ended = true;
    if (r->status != RECOUP_OK)
        return;
    bool keep = true;
    if (!r->any_text) {
        keep = false;
    } else if (table->header_line == 0) {
        take_header(r);
    } else if (r->n_cells == table->n_columns) {
        store_row(r);
    } else {
        recoup_place place = {.file = table->file, .line = r->row_line};
        (void)recoup_fail(r->error, RECOUP_EINVALID, &place,
                          "this row has %d fields, the header on line %d has %d", r->n_cells,
                          table->header_line, table->n_columns);
        r->n_bad++;
        keep = false;
    }
    if (!keep)
        r->written = r->row_written;
    r->row_written = r->written;
    r->n_cells = 0;
    r->any_text = false;
}

/* Length of the line at the beginning of n bytes, its end included: LF, CRLF or CR. */
static size_t line_length(const char *bytes, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] == '\n')
            return i + 1;
        if (bytes[i] == '\r')
            return i + 1 < n && bytes[i + 1] == '\n' ? i + 2 : i + 1;
    }
    return n;
}

static bool line_is_blank(const char *bytes, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!strchr(" \t\r\n", bytes[i]))
            return false;
    return true;
}

/* The delimiter that the header has most of outside quotes; a comma when it has none. */
static char sniff_delimiter(const char *bytes, size_t n) {
    static const char candidates[] = {',', ';', '\t'};
    size_t count[3] = {0};
    bool quoted = false, any = false;
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] == '"')
            quoted = !quoted;
        if (!quoted && (bytes[i] == '\n' || bytes[i] == '\r') && any)
            break;
        any = any || !strchr(" \t\r\n", bytes[i]);
        for (int k = 0; k < 3; k++)
            count[k] += !quoted && bytes[i] == candidates[k];
    }
    int best = 0;
    for (int k = 1; k < 3; k++)
        if (count[k] > count[best])
            best = k;
    return candidates[best];
}

static void feed(reader *r, struct csv_parser *parser, const char *bytes, size_t n) {
    if (csv_parse(parser, bytes, n, take_cell, take_row, r) != n)
        fail_memory(r); /* all else libcsv accepts unless it is told to be strict */
}

static void read_rows(reader *r, struct csv_parser *parser, size_t at, size_t length) {
    char *text = r->table->text;
    int line = 1, open_line = 0; /* open: within a quoted cell that began on an earlier line */
    while (at < length && r->status == RECOUP_OK) {
        size_t n = line_length(text + at, length - at);
        bool last = at + n == length, blank = line_is_blank(text + at, n);
        bool ended = text[at + n - 1] == '\n' || text[at + n - 1] == '\r';
        if (!open_line)
            r->row_line = line;
        r->row_ended = false;
        int cells_before = r->n_cells;
        feed(r, parser, text + at, n);
        if (last && !ended)
            feed(r, parser, "\n", 1);
        if (r->row_ended)
            open_line = 0;
        else if (open_line ? r->n_cells > cells_before : !blank)
            open_line = line; /* the row goes on: a quotation mark of this line is open */
        at += n;
        line++;
    }
    if (r->status == RECOUP_OK && open_line) {
        recoup_place place = {.file = r->table->file, .line = open_line};
        (void)recoup_fail(r->error, RECOUP_EINVALID, &place,
                          "a quotation mark that opens on this line is never closed");
        r->n_bad++;
    }
}

/* Gives back what the growing arrays took too much; keeping it would be no error. */
static void shrink(void *items_address, size_t bytes) {
    void *items;
    memcpy(&items, items_address, sizeof items);
    void *smaller = bytes ? realloc(items, bytes) : NULL;
    if (smaller)
        memcpy(items_address, &smaller, sizeof smaller);
}

recoup_status recoup_table_read(const char *path, recoup_table **table, recoup_error *error) {
    reader r = {.error = error};
    struct csv_parser parser;
    bool has_parser = false;
    size_t length = 0, start = 0;
    *table = NULL;
    recoup_table *t = RECOUP_NEW(recoup_table, 1);
    if (!t || !(t->file = strdup(path))) {
        r.status = recoup_fail_memory(error);
        goto exit;
    }
    r.table = t;
    r.status = recoup_file_read(path, &t->text, &length, error);
    if (r.status == RECOUP_OK)
        r.status = recoup_encoding_check(path, t->text, length, &start, error);
    if (r.status != RECOUP_OK)
        goto exit;
    r.written = r.row_written = start;
    has_parser = csv_init(&parser, 0) == 0;
    if (!has_parser) {
        fail_memory(&r);
        goto exit;
    }
    csv_set_delim(&parser, (unsigned char)sniff_delimiter(t->text + start, length - start));
    read_rows(&r, &parser, start, length);
    if (r.status == RECOUP_OK && t->header_line == 0 && r.n_bad == 0) {
        recoup_place place = {.file = path};
        r.status = recoup_fail(error, RECOUP_EINVALID, &place,
                               "the file is empty: a header line with column names is expected");
    }
    if (r.status != RECOUP_OK)
        goto exit;
    if (r.n_bad)
        r.status = RECOUP_EINVALID;
    if (t->header_line == 0)
        goto exit;
    shrink(&t->cell, (size_t)t->n_rows * (size_t)t->n_columns * sizeof *t->cell);
    shrink(&t->line, (size_t)t->n_rows * sizeof *t->line);
    shrink(&t->row_text, (size_t)t->n_rows * sizeof *t->row_text);
    *table = t;
    t = NULL;
exit:
    if (has_parser)
        csv_free(&parser);
    free(r.row_cell);
    recoup_table_free(t);
    return r.status;
}
