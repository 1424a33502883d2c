#include "crm/mapping.h"

#include "base/text.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MESSAGE_SIZE = 512 };

static recoup_place place_of(const recoup_mapper *mapper, int line, const char *field) {
    recoup_place place = {.file = mapper->mapping->file, .line = line, .field = field};
    if (!place.file || !line) {
        place.file = mapper->file->file;
        place.line = mapper->file->header_line;
    }
    return place;
}

void recoup_mapper_fail(recoup_mapper *mapper, int line, const char *field, const char *format,
                        ...) {
    char message[MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    recoup_place place = place_of(mapper, line, field);
    (void)recoup_fail(mapper->loader->error, RECOUP_EINVALID, &place, "%s", message);
    mapper->n_wrong++;
}

void recoup_mapper_fail_memory(recoup_mapper *mapper) {
    if (mapper->status == RECOUP_OK)
        mapper->status = recoup_fail_memory(mapper->loader->error);
}

/* --- what the mapping names ------------------------------------------------------------------ */

static int find_column(const recoup_mapper *mapper, const char *name) {
    for (int c = 0; c < mapper->n_columns; c++)
        if (strcmp(mapper->column[c].name, name) == 0)
            return c;
    return -1;
}

/* The canonical column of a name; -1 after reporting that there is none. */
static int find_known(recoup_mapper *mapper, const recoup_table_column *columns, int n_columns,
                      const char *name, int line) {
    char **known = recoup_arena_alloc(&mapper->arena, (size_t)n_columns, sizeof *known);
    for (int i = 0; known && i < n_columns; i++) {
        known[i] = (char *)(uintptr_t)columns[i].name; // NOLINT(performance-no-int-to-ptr)
        if (strcmp(known[i], name) == 0)
            return i;
    }
    if (!known) {
        recoup_mapper_fail_memory(mapper);
        return -1;
    }
    char quote[RECOUP_QUOTE_SIZE];
    const char *nearest = recoup_names_nearest(known, n_columns, name);
    recoup_text list = {0};
    for (int i = 0; i < n_columns && !nearest; i++)
        recoup_text_add(&list, "%s%s", i ? ", " : "; they are ", known[i]);
    recoup_mapper_fail(mapper, line, NULL, "'%s' is no column of this table%s%s%s%s",
                       recoup_table_quote(quote, name), nearest ? "; did you mean '" : "",
                       nearest ? nearest : "", nearest ? "'?" : "", list.bytes ? list.bytes : "");
    recoup_text_clear(&list);
    return -1;
}

static const recoup_mapped_column *find_named(const recoup_mapping *mapping, const char *name) {
    for (int i = 0; i < mapping->n_columns; i++)
        if (strcmp(mapping->column[i].name, name) == 0)
            return &mapping->column[i];
    return NULL;
}

/* The columns that will be there, in canonical order; where they come from is found later. */
static void list_columns(recoup_mapper *mapper, const recoup_table_column *columns, int n_columns) {
    const recoup_mapping *mapping = mapper->mapping;
    for (int i = 0; i < mapping->n_columns; i++)
        find_known(mapper, columns, n_columns, mapping->column[i].name, mapping->column[i].line);
    mapper->column = recoup_arena_alloc(&mapper->arena, (size_t)n_columns, sizeof *mapper->column);
    if (!mapper->column) {
        recoup_mapper_fail_memory(mapper);
        return;
    }
    for (int i = 0; i < n_columns; i++) {
        const char *name = columns[i].name;
        const recoup_mapped_column *named = find_named(mapping, name);
        if (named || recoup_table_find(mapper->file, name) >= 0) {
            mapper->column[mapper->n_columns++] = (recoup_mapper_column){
                .name = name, .is_named = named != NULL, .is_flags = named && named->won};
        } else if (columns[i].required) {
            const char *nearest =
                recoup_names_nearest(mapper->file->column, mapper->file->n_columns, name);
            recoup_mapper_fail(mapper, 0, name,
                               "the required column '%s' is missing: say under 'columns' which one "
                               "it is%s%s%s",
                               name, nearest ? "; the nearest is '" : "", nearest ? nearest : "",
                               nearest ? "'" : "");
        }
    }
}

static void take_values(recoup_mapper *mapper, const recoup_table_column *columns, int n_columns) {
    const recoup_mapping *mapping = mapper->mapping;
    for (int i = 0; i < mapping->n_values && mapper->status == RECOUP_OK; i++) {
        const recoup_mapped_value *value = &mapping->value[i];
        int c = find_column(mapper, value->column);
        if (c < 0) {
            if (find_known(mapper, columns, n_columns, value->column, value->line) >= 0)
                recoup_mapper_fail(mapper, value->line, value->column,
                                   "values of a column that has no source: say under 'columns' "
                                   "which one it is");
            continue;
        }
        recoup_mapper_column *column = &mapper->column[c];
        if (!column->value) {
            size_t n = (size_t)mapping->n_values;
            column->value = recoup_arena_alloc(&mapper->arena, n, sizeof *column->value);
            column->occurs = recoup_arena_alloc(&mapper->arena, n, sizeof *column->occurs);
        }
        int k = recoup_names_add(&column->from, value->from);
        if (k < 0 || !column->value || !column->occurs)
            recoup_mapper_fail_memory(mapper);
        else
            column->value[k] = value;
    }
}

void recoup_mapper_find_column(recoup_mapper *mapper, recoup_mapper_column *column, bool quietly) {
    const recoup_mapped_column *named = find_named(mapper->mapping, column->name);
    const char *const flags[] = {named ? named->won : NULL, named ? named->closed : NULL};
    const char *const *names = !named ? &column->name : column->is_flags ? flags : named->source;
    size_t n = !named ? 1 : column->is_flags ? 2 : (size_t)named->n_sources;
    column->source = recoup_arena_alloc(&mapper->arena, n, sizeof *column->source);
    if (!column->source) {
        recoup_mapper_fail_memory(mapper);
        return;
    }
    column->n_sources = (int)n;
    for (size_t i = 0; i < n; i++)
        column->source[i] = recoup_mapper_find(mapper, names[i], quietly ? NULL : column->name,
                                               named ? named->line : 0);
}

static void find_sources(recoup_mapper *mapper) {
    const recoup_mapping *mapping = mapper->mapping;
    for (int c = 0; c < mapper->n_columns && mapper->status == RECOUP_OK; c++)
        recoup_mapper_find_column(mapper, &mapper->column[c], false);
    mapper->skip =
        recoup_arena_alloc(&mapper->arena, (size_t)mapping->n_skips, sizeof *mapper->skip);
    if (!mapper->skip)
        recoup_mapper_fail_memory(mapper);
    for (int i = 0; mapper->skip && i < mapping->n_skips; i++)
        mapper->skip[i] =
            recoup_mapper_find(mapper, mapping->skip[i].column, "skip", mapping->skip[i].line);
}

/* --- cells ----------------------------------------------------------------------------------- */

static bool is_nothing(const recoup_mapper *mapper, const char *text) {
    recoup_table style = {.decimal_comma = mapper->mapping->decimal_comma};
    double x;
    return !*text || (recoup_table_number(&style, text, &x) && x == 0);
}

/* The first cell that is neither empty nor 0, else the first that is not empty. */
static const char *first_text(const recoup_mapper *mapper, const recoup_mapper_column *column) {
    const char *zero = "";
    for (int i = 0; i < column->n_sources; i++) {
        const char *text = recoup_mapper_text(mapper, column->source[i]);
        if (column->n_sources == 1 || !is_nothing(mapper, text))
            return text;
        if (!*zero)
            zero = text;
    }
    return zero;
}

static bool is_true(recoup_mapper *mapper, recoup_origin origin) {
    static const char *const yes[] = {"true", "yes", "1"}, *const no[] = {"false", "no", "0", ""};
    const char *text = recoup_mapper_text(mapper, origin);
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        if (strcasecmp(text, yes[i]) == 0)
            return true;
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        if (strcasecmp(text, no[i]) == 0)
            return false;
    char quote[RECOUP_QUOTE_SIZE];
    const recoup_table *table = origin.table ? mapper->join[origin.table - 1].table : mapper->file;
    recoup_place place = {.file = mapper->file->file,
                          .line = mapper->file->line[mapper->row],
                          .field = table->column[origin.column]};
    (void)recoup_fail(mapper->loader->error, RECOUP_EINVALID, &place,
                      "'%s' is neither true nor false, which the outcome is taken from",
                      recoup_table_quote(quote, text));
    mapper->n_wrong++;
    return false;
}

const char *recoup_mapper_cell(recoup_mapper *mapper, int c) {
    recoup_mapper_column *column = &mapper->column[c];
    if (column->is_flags)
        return is_true(mapper, column->source[0])   ? "won"
               : is_true(mapper, column->source[1]) ? "lost"
                                                    : "open";
    const char *text = first_text(mapper, column);
    int value = column->value ? recoup_names_find(&column->from, text) : -1;
    if (value < 0)
        return text;
    column->occurs[value] = 1;
    return column->value[value]->to;
}

static bool is_skipped(const recoup_mapper *mapper) {
    for (int i = 0; i < mapper->mapping->n_skips; i++)
        if (strcasecmp(recoup_mapper_text(mapper, mapper->skip[i]),
                       mapper->mapping->skip[i].text) == 0)
            return true;
    return false;
}

/* --- the new table --------------------------------------------------------------------------- */

/* Where the one closing date of a CRM goes to two columns; -1: it does not. */
typedef struct closing {
    int closed, expected, outcome;
} closing;

static closing find_closing(const recoup_mapper *mapper) {
    closing found = {find_column(mapper, "closed"), find_column(mapper, "expected_close"),
                     find_column(mapper, "outcome")};
    bool is_one = found.closed >= 0 && found.expected >= 0 && found.outcome >= 0;
    if (is_one) {
        const recoup_mapper_column *a = &mapper->column[found.closed],
                                   *b = &mapper->column[found.expected];
        is_one = a->n_sources == b->n_sources;
        for (int i = 0; is_one && i < a->n_sources; i++)
            is_one = a->source[i].table == b->source[i].table &&
                     a->source[i].column == b->source[i].column;
    }
    return is_one ? found : (closing){-1, -1, -1};
}

static void split_closing(const recoup_mapper *mapper, const closing *at, const char **text) {
    if (at->outcome < 0)
        return;
    int outcome = recoup_outcome_meaning(mapper->loader->source, text[at->outcome]);
    if (outcome == RECOUP_OPEN)
        text[at->closed] = "";
    else if (outcome >= 0)
        text[at->expected] = "";
}

/* "close_value, sales_price of products.csv" */
static void add_label(const recoup_mapper *mapper, const recoup_mapper_column *column,
                      recoup_text *label) {
    for (int i = 0; i < column->n_sources; i++) {
        recoup_origin origin = column->source[i];
        const recoup_table *table =
            origin.table ? mapper->join[origin.table - 1].table : mapper->file;
        const char *slash = strrchr(table->file, '/');
        recoup_text_add(label, "%s%s", i ? ", " : "", table->column[origin.column]);
        if (origin.table)
            recoup_text_add(label, " of %s", slash ? slash + 1 : table->file);
    }
    recoup_text_add_bytes(label, "", 1); /* its closing NUL */
}

/* The header's names and labels lie before the rows in the text. */
static void write_header(const recoup_mapper *mapper, recoup_text *text, size_t *start) {
    for (int c = 0; c < mapper->n_columns; c++) {
        start[2 * c] = text->length;
        recoup_text_add_bytes(text, mapper->column[c].name, strlen(mapper->column[c].name) + 1);
        start[2 * c + 1] = text->length;
        add_label(mapper, &mapper->column[c], text);
    }
}

static void write_row(recoup_mapper *mapper, const closing *at, const char **cell,
                      recoup_table *made, recoup_text *text) {
    size_t n = (size_t)made->n_columns, row = (size_t)made->n_rows++;
    for (int c = 0; c < mapper->n_columns; c++)
        cell[c] = recoup_mapper_cell(mapper, c);
    split_closing(mapper, at, cell);
    made->line[row] = mapper->file->line[mapper->row];
    made->row_text[row] = text->length;
    for (size_t c = 0; c < n; c++) {
        size_t start = text->length - made->row_text[row];
        if (start > UINT32_MAX)
            text->failed = true;
        made->cell[row * n + c] = (uint32_t)start;
        mapper->column[c].n_filled += *cell[c] != '\0';
        recoup_text_add_bytes(text, cell[c], strlen(cell[c]) + 1);
    }
}

static void leave_out(recoup_mapper *mapper, recoup_table_kind kind) {
    if (kind == RECOUP_TABLE_DEALS &&
        recoup_names_add(&mapper->loader->left_out, recoup_mapper_cell(mapper, 0)) < 0)
        recoup_mapper_fail_memory(mapper);
}

static recoup_table *new_table(const recoup_mapper *mapper) {
    const recoup_table *file = mapper->file;
    recoup_table *made = RECOUP_NEW(recoup_table, 1);
    if (!made)
        return NULL;
    made->file = strdup(file->file);
    made->n_columns = mapper->n_columns;
    made->header_line = file->header_line;
    made->column = RECOUP_NEW(char *, made->n_columns);
    made->label = RECOUP_NEW(char *, made->n_columns);
    made->line = RECOUP_NEW(int, file->n_rows);
    made->row_text = RECOUP_NEW(uint64_t, file->n_rows);
    made->cell =
        recoup_new_array((size_t)file->n_rows * (size_t)made->n_columns, sizeof *made->cell);
    made->dates = mapper->mapping->dates;
    made->decimal_comma = mapper->mapping->decimal_comma;
    if (made->file && made->column && made->label && made->line && made->row_text && made->cell)
        return made;
    recoup_table_free(made);
    return NULL;
}

/* NULL and mapper->status when out of memory. */
static recoup_table *write_table(recoup_mapper *mapper, recoup_table_kind kind) {
    size_t n = (size_t)mapper->n_columns;
    recoup_text text = {0};
    recoup_table *made = new_table(mapper);
    size_t *start = recoup_arena_alloc(&mapper->arena, 2 * n, sizeof *start);
    const char **cell = recoup_arena_alloc(&mapper->arena, n, sizeof *cell);
    closing at = find_closing(mapper);
    if (!made || !start || !cell) {
        recoup_mapper_fail_memory(mapper);
        goto exit;
    }
    write_header(mapper, &text, start);
    for (mapper->row = 0; mapper->row < mapper->file->n_rows; mapper->row++) {
        recoup_mapper_join_follow(mapper);
        if (is_skipped(mapper))
            leave_out(mapper, kind);
        else
            write_row(mapper, &at, cell, made, &text);
    }
    if (text.failed) {
        recoup_mapper_fail_memory(mapper);
        goto exit;
    }
    made->text = text.bytes;
    text = (recoup_text){0};
    for (size_t c = 0; c < n; c++) {
        made->column[c] = made->text + start[2 * c];
        made->label[c] = made->text + start[2 * c + 1];
    }
exit:
    recoup_text_clear(&text);
    if (mapper->status == RECOUP_OK)
        return made;
    recoup_table_free(made);
    return NULL;
}

/* --- notes ----------------------------------------------------------------------------------- */

static void note_values(recoup_mapper *mapper) {
    recoup_text list = {0};
    int line = 0;
    for (int c = 0; c < mapper->n_columns; c++) {
        const recoup_mapper_column *column = &mapper->column[c];
        for (int k = 0; k < column->from.n; k++) {
            if (column->occurs[k])
                continue;
            line = line ? line : column->value[k]->line;
            recoup_text_add(&list, "%s'%s' (%s)", list.length ? ", " : "", column->from.name[k],
                            column->name);
        }
    }
    recoup_place place = place_of(mapper, line, NULL);
    if (list.length)
        recoup_note(mapper->loader->error, &place, "values that never occur in %s: %s",
                    mapper->file->file, list.bytes);
    recoup_text_clear(&list);
}

static void note_empty(recoup_mapper *mapper, const recoup_table *made) {
    recoup_text list = {0};
    for (int c = 0; c < mapper->n_columns; c++)
        if (mapper->column[c].is_named && !mapper->column[c].n_filled)
            recoup_text_add(&list, "%s%s (%s)", list.length ? ", " : "", mapper->column[c].name,
                            made->label[c]);
    recoup_place place = {.file = made->file, .line = made->header_line};
    if (list.length && made->n_rows)
        recoup_note(mapper->loader->error, &place, "columns that are empty in every row: %s",
                    list.bytes);
    recoup_text_clear(&list);
}

static void note_skipped(recoup_mapper *mapper, const recoup_table *made) {
    recoup_place place = {.file = made->file};
    if (made->n_rows < mapper->file->n_rows)
        recoup_note(mapper->loader->error, &place, "rows left out by 'skip': %d of %d",
                    mapper->file->n_rows - made->n_rows, mapper->file->n_rows);
}

/* --------------------------------------------------------------------------------------------- */

recoup_status recoup_mapping_apply(recoup_loader *loader, recoup_table_kind kind,
                                   const recoup_mapping *mapping,
                                   const recoup_table_column *columns, int n_columns,
                                   recoup_table **table) {
    recoup_mapper mapper = {.loader = loader, .mapping = mapping, .file = *table};
    recoup_table *made = NULL;
    list_columns(&mapper, columns, n_columns);
    if (mapper.status == RECOUP_OK)
        take_values(&mapper, columns, n_columns);
    if (mapper.status == RECOUP_OK)
        recoup_mapper_join_open(&mapper);
    if (mapper.status == RECOUP_OK)
        find_sources(&mapper);
    if (mapper.status == RECOUP_OK && mapper.n_wrong == 0)
        made = write_table(&mapper, kind);
    if (made) {
        note_values(&mapper);
        note_empty(&mapper, made);
        note_skipped(&mapper, made);
    }
    recoup_mapper_join_close(&mapper);
    for (int c = 0; c < mapper.n_columns; c++)
        recoup_names_clear(&mapper.column[c].from);
    recoup_arena_clear(&mapper.arena);
    recoup_table_free(*table);
    *table = made;
    if (mapper.status == RECOUP_OK && mapper.n_wrong)
        mapper.status = RECOUP_EINVALID;
    return mapper.status;
}
