/* Which file is which table, and which of its columns is what. */
#include "crm/suggest.h"

#include "base/text.h"
#include "crm/loader.h"
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { LIST_MAX = 256 };

const char *recoup_suggester_name(char *buffer, const char *text) {
    static const char prefix[] = "property";
    size_t n = 0, length = strlen(text);
    if (length > 3 && strcmp(text + length - 3, "__c") == 0)
        length -= 3;
    for (size_t i = 0; i < length && n + 1 < RECOUP_NAME_SIZE; i++)
        if (isalnum((unsigned char)text[i]))
            buffer[n++] = (char)tolower((unsigned char)text[i]);
    buffer[n] = '\0';
    if (strncmp(buffer, prefix, sizeof prefix - 1) == 0 && n >= sizeof prefix)
        memmove(buffer, buffer + sizeof prefix - 1, n - sizeof prefix + 2);
    return buffer;
}

/* The next of names with blanks between them, into a buffer; NULL behind the last one. */
static const char *next_name(const char *names, char *buffer) {
    size_t n = strcspn(names, " ");
    if (n == 0)
        return NULL;
    snprintf(buffer, RECOUP_NAME_SIZE, "%.*s", (int)n, names);
    return names + n + (names[n] == ' ');
}

static int find_name(const recoup_table *table, const char *name) {
    char buffer[RECOUP_NAME_SIZE];
    for (int c = 0; c < table->n_columns; c++)
        if (strcmp(recoup_suggester_name(buffer, table->column[c]), name) == 0)
            return c;
    return -1;
}

static const recoup_synonym *find_synonym(int source, const char *column) {
    for (int i = 0; i < recoup_n_synonyms; i++)
        if (recoup_synonyms[i].source == source && strcmp(recoup_synonyms[i].column, column) == 0)
            return &recoup_synonyms[i];
    return NULL;
}

int recoup_suggester_find(const recoup_suggester *suggester, int source, const char *column) {
    const recoup_table *table = suggester->table[source];
    const recoup_synonym *synonym = find_synonym(source, column);
    int found = table ? recoup_table_find(table, column) : -1; /* the canonical name itself */
    char name[RECOUP_NAME_SIZE];
    if (!table || !synonym)
        return found;
    for (const char *rest = next_name(synonym->names, name); rest && found < 0;
         rest = next_name(rest, name))
        found = find_name(table, name);
    return found;
}

const char *recoup_suggester_text(recoup_suggester *suggester, const char *format, ...) {
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    char *copy = length < 0 ? NULL : recoup_arena_text(&suggester->arena, text, (size_t)length);
    if (length >= 0)
        free(text);
    suggester->is_out_of_memory = suggester->is_out_of_memory || !copy;
    return copy ? copy : "";
}

/* Lists of a fixed size: what is beyond it is left out of a suggestion. */
static void *new_list(recoup_suggester *suggester, size_t size) {
    void *list = recoup_arena_alloc(&suggester->arena, LIST_MAX, size);
    suggester->is_out_of_memory = suggester->is_out_of_memory || !list;
    return list;
}

void recoup_suggester_remark(recoup_suggester *suggester, recoup_table_kind kind,
                             const char *sentence) {
    recoup_suggested_table *table = &suggester->suggestion.table[kind];
    if (!table->remark)
        table->remark = new_list(suggester, sizeof *table->remark);
    if (table->remark && table->n_remarks < LIST_MAX)
        table->remark[table->n_remarks++] = sentence;
}

/* mapping.value and so on are lists of constant things for who reads them; here they grow. */
#define APPEND(suggester, list, n, type, ...)                                                      \
    do {                                                                                           \
        if (!(list))                                                                               \
            (list) = new_list(suggester, sizeof *(list));                                          \
        if ((list) && (n) < LIST_MAX)                                                              \
            ((type *)(list))[(n)++] = (type){__VA_ARGS__};                                         \
    } while (0)

void recoup_suggester_value(recoup_suggester *suggester, recoup_table_kind kind, const char *column,
                            const char *from, const char *to) {
    recoup_mapping *mapping = &suggester->suggestion.table[kind].mapping;
    APPEND(suggester, mapping->value, mapping->n_values, recoup_mapped_value, .column = column,
           .from = recoup_suggester_text(suggester, "%s", from), .to = to);
}

/* --- columns --------------------------------------------------------------------------------- */

static void add_column(recoup_suggester *suggester, recoup_table_kind kind, const char *name,
                       const recoup_table *table, const int *columns, int n) {
    recoup_mapping *mapping = &suggester->suggestion.table[kind].mapping;
    const char **source = recoup_arena_alloc(&suggester->arena, (size_t)n, sizeof *source);
    if (!source) {
        suggester->is_out_of_memory = true;
        return;
    }
    for (int i = 0; i < n; i++)
        source[i] = recoup_suggester_text(suggester, "%s", table->column[columns[i]]);
    APPEND(suggester, mapping->column, mapping->n_columns, recoup_mapped_column, .name = name,
           .source = source, .n_sources = n);
}

static void add_join(recoup_suggester *suggester, recoup_table_kind kind, int key, int source,
                     int joined_key) {
    recoup_mapping *mapping = &suggester->suggestion.table[kind].mapping;
    const recoup_table *joined = suggester->table[source];
    APPEND(suggester, mapping->join, mapping->n_joins, recoup_mapped_join,
           .file = recoup_suggester_text(suggester, "%s", joined->file),
           .key = recoup_suggester_text(suggester, "%s", suggester->table[kind]->column[key]),
           .joined_key = recoup_suggester_text(suggester, "%s", joined->column[joined_key]));
}

/* Takes a column of the table that is joined by this key; false: there is no such table. */
static bool take_joined(recoup_suggester *suggester, recoup_table_kind kind, const char *name,
                        int source, const char *key_name) {
    int key = recoup_suggester_find(suggester, kind, key_name);
    int joined_key = recoup_suggester_find(suggester, source, key_name);
    int column = recoup_suggester_find(suggester, source, name);
    if (key < 0 || joined_key < 0 || column < 0)
        return false;
    add_join(suggester, kind, key, source, joined_key);
    add_column(suggester, kind, name, suggester->table[source], &column, 1);
    return true;
}

/* The columns that a synonym means: several where it takes all that there are. */
static int find_all(const recoup_suggester *suggester, int kind, const char *name, int *columns) {
    const recoup_synonym *synonym = find_synonym(kind, name);
    int n = 0;
    char part[RECOUP_NAME_SIZE];
    if (!synonym || !synonym->takes_all) {
        columns[0] = recoup_suggester_find(suggester, kind, name);
        return columns[0] >= 0;
    }
    for (const char *rest = next_name(synonym->names, part); rest && n < LIST_MAX;
         rest = next_name(rest, part)) {
        int found = find_name(suggester->table[kind], part);
        if (found >= 0)
            columns[n++] = found;
    }
    return n;
}

/* From two columns of true or false, of the deals or of their stages; else from the stage. */
static bool take_outcome(recoup_suggester *suggester) {
    recoup_mapping *mapping = &suggester->suggestion.table[RECOUP_TABLE_DEALS].mapping;
    int sources[] = {RECOUP_TABLE_DEALS, RECOUP_SOURCE_STAGE_NAMES};
    for (size_t i = 0; i < 2; i++) {
        const recoup_table *table = suggester->table[sources[i]];
        int won = recoup_suggester_find(suggester, sources[i], RECOUP_FLAG_WON);
        int closed = recoup_suggester_find(suggester, sources[i], RECOUP_FLAG_CLOSED);
        if (won < 0 || closed < 0 || (i == 1 && mapping->n_joins == 0))
            continue;
        APPEND(suggester, mapping->column, mapping->n_columns, recoup_mapped_column,
               .name = "outcome", .won = recoup_suggester_text(suggester, "%s", table->column[won]),
               .closed = recoup_suggester_text(suggester, "%s", table->column[closed]));
        return true;
    }
    int stage = recoup_suggester_find(suggester, RECOUP_TABLE_DEALS, "stage");
    if (stage < 0)
        return false;
    add_column(suggester, RECOUP_TABLE_DEALS, "outcome", suggester->table[RECOUP_TABLE_DEALS],
               &stage, 1);
    recoup_suggester_add_outcomes(suggester, stage);
    return true;
}

/* One canonical column; false: nothing is found for it. */
static bool take_column(recoup_suggester *suggester, recoup_table_kind kind, const char *name) {
    const recoup_table *table = suggester->table[kind];
    bool of_deals = kind == RECOUP_TABLE_DEALS;
    int columns[LIST_MAX];
    if (strcmp(name, "stage") == 0 &&
        take_joined(suggester, kind, name, RECOUP_SOURCE_STAGE_NAMES, RECOUP_KEY_STAGE))
        return true;
    int n = find_all(suggester, kind, name, columns);
    if (n == 0 && of_deals && strcmp(name, "outcome") == 0)
        return take_outcome(suggester);
    if (n == 0 && of_deals && strcmp(name, "segment") == 0)
        return take_joined(suggester, kind, name, RECOUP_SOURCE_ACCOUNTS, RECOUP_KEY_ACCOUNT);
    if (n > 1 || (n == 1 && strcasecmp(table->column[columns[0]], name) != 0))
        add_column(suggester, kind, name, table, columns, n);
    return n > 0;
}

static void take_skips(recoup_suggester *suggester, recoup_table_kind kind) {
    static const char *const what[] = {RECOUP_SKIP_TRUE, RECOUP_SKIP_FALSE};
    static const char *const texts[] = {"true", "false"};
    recoup_mapping *mapping = &suggester->suggestion.table[kind].mapping;
    for (size_t i = 0; i < 2; i++) {
        int column = recoup_suggester_find(suggester, kind, what[i]);
        if (column >= 0)
            APPEND(suggester, mapping->skip, mapping->n_skips, recoup_mapped_skip,
                   .column = recoup_suggester_text(suggester, "%s",
                                                   suggester->table[kind]->column[column]),
                   .text = texts[i]);
    }
}

static bool has_column(const recoup_mapping *mapping, const char *name) {
    for (int i = 0; i < mapping->n_columns; i++)
        if (strcmp(mapping->column[i].name, name) == 0)
            return true;
    return false;
}

static void add_remarks(recoup_suggester *suggester, recoup_table_kind kind) {
    const recoup_mapping *mapping = &suggester->suggestion.table[kind].mapping;
    const recoup_table *table = suggester->table[kind];
    char buffer[RECOUP_NAME_SIZE];
    if (kind == RECOUP_TABLE_DEALS && has_column(mapping, "closed") &&
        has_column(mapping, "expected_close"))
        recoup_suggester_remark(suggester, kind,
                                "closed and expected_close may be one column: it counts as the "
                                "first where a deal is closed, as the second where it is open");
    int key = recoup_suggester_find(suggester, kind, RECOUP_KEY_STAGE);
    bool has_ids =
        key >= 0 && strcmp(recoup_suggester_name(buffer, table->column[key]), "dealstage") != 0;
    if (has_ids && !suggester->table[RECOUP_SOURCE_STAGE_NAMES])
        recoup_suggester_remark(
            suggester, kind,
            recoup_suggester_text(suggester,
                                  "%s holds ids: name the file of the stages too (with stage_id, "
                                  "label and is_closed), and it is joined",
                                  table->column[key]));
    if (kind == RECOUP_TABLE_ACTIVITIES && find_name(table, "whatid") >= 0)
        recoup_suggester_remark(
            suggester, kind,
            recoup_suggester_text(suggester,
                                  "%s may name a deal or something else; map it to deal_id if all "
                                  "that it names are deals",
                                  table->column[find_name(table, "whatid")]));
}

static void add_table(recoup_suggester *suggester, recoup_table_kind kind) {
    recoup_suggested_table *table = &suggester->suggestion.table[kind];
    int n;
    const recoup_table_column *columns = recoup_loader_columns(kind, &n);
    table->kind = kind;
    table->file = recoup_suggester_text(suggester, "%s", suggester->table[kind]->file);
    table->absent = new_list(suggester, sizeof *table->absent);
    if (!table->absent)
        return;
    take_skips(suggester, kind);
    for (int required = 1; required >= 0; required--)
        for (int i = 0; i < n; i++)
            if (columns[i].required == required && !take_column(suggester, kind, columns[i].name))
                table->absent[table->n_absent++] = columns[i].name;
    for (int i = 0; i < n; i++)
        for (int k = 0; k < table->n_absent; k++)
            table->n_required +=
                columns[i].required && strcmp(table->absent[k], columns[i].name) == 0;
    recoup_suggester_add_style(suggester, kind);
    if (kind == RECOUP_TABLE_REPS)
        recoup_suggester_add_statuses(suggester);
    add_remarks(suggester, kind);
}

/* --- files ----------------------------------------------------------------------------------- */

static bool has_all(const recoup_table *table, const char *names) {
    char name[RECOUP_NAME_SIZE];
    for (const char *rest = next_name(names, name); rest; rest = next_name(rest, name))
        if (find_name(table, name) < 0)
            return false;
    return true;
}

static int recognise(const recoup_table *table) {
    for (int i = 0; i < recoup_n_signatures; i++)
        if (has_all(table, recoup_signatures[i].names))
            return recoup_signatures[i].source;
    return RECOUP_SOURCE_NONE;
}

/* Takes the table, or says why it is of no use. */
static void take_table(recoup_suggester *suggester, recoup_table *table, recoup_error *error) {
    int source = recognise(table);
    recoup_place place = {.file = table->file, .line = table->header_line};
    if (source != RECOUP_SOURCE_NONE && !suggester->table[source]) {
        suggester->table[source] = table;
        return;
    }
    if (source == RECOUP_SOURCE_NONE)
        recoup_note(error, &place,
                    "not known by its columns: expected deals, their stage history, reps, "
                    "activities, stages by their ids, or accounts; it is left out");
    else
        recoup_note(error, &place,
                    "the same table as %s, by its columns; it is left out, because a table is one "
                    "file",
                    suggester->table[source]->file);
    recoup_table_free(table);
}

recoup_status recoup_mapping_suggest(const char *const *file, int n, recoup_suggestion **suggestion,
                                     recoup_error *error) {
    recoup_status status = RECOUP_OK;
    recoup_suggester *suggester = RECOUP_NEW(recoup_suggester, 1);
    *suggestion = NULL;
    if (!suggester)
        return recoup_fail_memory(error);
    for (int i = 0; i < n; i++) {
        recoup_table *table = NULL;
        recoup_status read = recoup_table_read(file[i], &table, error);
        status = status == RECOUP_OK ? read : status;
        if (table)
            take_table(suggester, table, error);
    }
    bool is_any = false;
    for (int kind = 0; kind < RECOUP_N_TABLES; kind++)
        is_any = is_any || suggester->table[kind];
    if (status == RECOUP_OK && !is_any)
        status = recoup_fail(error, RECOUP_EINVALID, NULL,
                             "none of the files is a table that is known by its columns");
    for (int kind = 0; kind < RECOUP_N_TABLES && status == RECOUP_OK; kind++)
        if (suggester->table[kind])
            add_table(suggester, (recoup_table_kind)kind);
    if (status == RECOUP_OK)
        recoup_suggester_add_stages(suggester);
    if (status == RECOUP_OK && suggester->is_out_of_memory)
        status = recoup_fail_memory(error);
    for (int source = 0; source < RECOUP_N_SOURCES; source++) {
        recoup_table_free(suggester->table[source]);
        suggester->table[source] = NULL;
    }
    if (status == RECOUP_OK)
        *suggestion = &suggester->suggestion;
    else
        recoup_suggestion_free(&suggester->suggestion);
    return status;
}

void recoup_suggestion_free(recoup_suggestion *suggestion) {
    recoup_suggester *suggester = (recoup_suggester *)suggestion; /* its first member */
    if (!suggester)
        return;
    recoup_arena_clear(&suggester->arena);
    free(suggester);
}
