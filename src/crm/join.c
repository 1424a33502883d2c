/* The tables that a mapping joins to its file, and finding columns in all of them. */
#include "crm/mapping.h"

#include <stdlib.h>
#include <string.h>

static const recoup_table *table_of(const recoup_mapper *mapper, int k) {
    return k ? mapper->join[k - 1].table : mapper->file;
}

static recoup_origin find_quietly(const recoup_mapper *mapper, const char *name) {
    for (int k = 0; k <= mapper->n_joins; k++) {
        const recoup_table *table = table_of(mapper, k);
        int column = table ? recoup_table_find(table, name) : -1;
        if (column >= 0)
            return (recoup_origin){k, column};
    }
    return (recoup_origin){0, -1};
}

/* The column of the nearest name in any of the tables. */
static const char *nearest_column(const recoup_mapper *mapper, const char *name) {
    for (int k = 0; k <= mapper->n_joins; k++) {
        const recoup_table *table = table_of(mapper, k);
        const char *nearest =
            table ? recoup_names_nearest(table->column, table->n_columns, name) : NULL;
        if (nearest && *nearest)
            return nearest;
    }
    return NULL;
}

/* A joined table that could not be read has been reported; what it holds is not known. */
static bool all_are_there(const recoup_mapper *mapper) {
    for (int k = 0; k < mapper->n_joins; k++)
        if (!mapper->join[k].table)
            return false;
    return true;
}

recoup_origin recoup_mapper_find(recoup_mapper *mapper, const char *name, const char *field,
                                 int line) {
    recoup_origin origin = find_quietly(mapper, name);
    if (origin.column >= 0 || !field || !all_are_there(mapper))
        return origin;
    char quote[RECOUP_QUOTE_SIZE];
    const char *nearest = nearest_column(mapper, name);
    recoup_mapper_fail(mapper, line, field, "%s has no column '%s'%s%s%s", mapper->file->file,
                       recoup_table_quote(quote, name), nearest ? "; did you mean '" : "",
                       nearest ? nearest : "", nearest ? "'?" : "");
    return origin;
}

const char *recoup_mapper_text(const recoup_mapper *mapper, recoup_origin origin) {
    int row = origin.table ? mapper->at[origin.table - 1] : mapper->row;
    return row < 0 ? "" : recoup_table_cell(table_of(mapper, origin.table), row, origin.column);
}

/* Keys of a joined table, none twice; rows without one belong to nobody. */
static void read_keys(recoup_mapper *mapper, recoup_mapper_join *join, int column) {
    const recoup_table *table = join->table;
    char quote[RECOUP_QUOTE_SIZE];
    join->row_of = RECOUP_NEW(int, table->n_rows);
    if (!join->row_of) {
        recoup_mapper_fail_memory(mapper);
        return;
    }
    for (int row = 0; row < table->n_rows; row++) {
        const char *text = recoup_table_cell(table, row, column);
        int n = join->keys.n, k = *text ? recoup_names_add(&join->keys, text) : -1;
        if (!*text)
            continue;
        if (k < 0) {
            recoup_mapper_fail_memory(mapper);
            return;
        }
        if (k == n) {
            join->row_of[k] = row;
            continue;
        }
        recoup_place place = recoup_table_place(table, row, column);
        (void)recoup_fail(mapper->loader->error, RECOUP_EINVALID, &place,
                          "'%s' occurs twice, first on line %d: the rows of a joined table need "
                          "keys of their own",
                          recoup_table_quote(quote, text), table->line[join->row_of[k]]);
        mapper->n_wrong++;
    }
}

/* A canonical column is a key with its values replaced, where all it comes from is there so far. */
static int find_key_column(const recoup_mapper *mapper, const char *name) {
    for (int c = 0; c < mapper->n_columns; c++)
        if (strcmp(mapper->column[c].name, name) == 0)
            return mapper->column[c].is_flags ? -1 : c;
    return -1;
}

static void find_key(recoup_mapper *mapper, recoup_mapper_join *join,
                     const recoup_mapped_join *written) {
    join->key_column = find_key_column(mapper, written->key);
    if (join->key_column >= 0) {
        recoup_mapper_column *column = &mapper->column[join->key_column];
        recoup_mapper_find_column(mapper, column, true);
        for (int i = 0; i < column->n_sources && join->key_column >= 0; i++)
            if (column->source[i].column < 0)
                join->key_column = -1;
    }
    if (join->key_column < 0)
        join->key = recoup_mapper_find(mapper, written->key, "join", written->line);
}

static void open_join(recoup_mapper *mapper, const recoup_mapped_join *written) {
    recoup_mapper_join *join = &mapper->join[mapper->n_joins];
    find_key(mapper, join, written); /* in what is there before this table */
    mapper->n_joins++;
    recoup_status status = recoup_table_read(written->file, &join->table, mapper->loader->error);
    if (status == RECOUP_EINVALID)
        mapper->n_wrong++;
    else if (status != RECOUP_OK)
        mapper->status = status;
    if (!join->table || mapper->status != RECOUP_OK)
        return;
    int column = recoup_table_find(join->table, written->joined_key);
    if (column >= 0) {
        read_keys(mapper, join, column);
        return;
    }
    char quote[RECOUP_QUOTE_SIZE];
    const char *nearest =
        recoup_names_nearest(join->table->column, join->table->n_columns, written->joined_key);
    recoup_mapper_fail(mapper, written->line, "join", "%s has no column '%s'%s%s%s",
                       join->table->file, recoup_table_quote(quote, written->joined_key),
                       nearest ? "; did you mean '" : "", nearest ? nearest : "",
                       nearest ? "'?" : "");
}

void recoup_mapper_join_open(recoup_mapper *mapper) {
    size_t n = (size_t)mapper->mapping->n_joins;
    mapper->join = recoup_arena_alloc(&mapper->arena, n, sizeof *mapper->join);
    mapper->at = recoup_arena_alloc(&mapper->arena, n, sizeof *mapper->at);
    if (!mapper->join || !mapper->at) {
        recoup_mapper_fail_memory(mapper);
        return;
    }
    for (size_t k = 0; k < n && mapper->status == RECOUP_OK; k++)
        open_join(mapper, &mapper->mapping->join[k]);
}

void recoup_mapper_join_follow(recoup_mapper *mapper) {
    for (int k = 0; k < mapper->n_joins; k++) {
        recoup_mapper_join *join = &mapper->join[k];
        const char *key = join->key_column >= 0 ? recoup_mapper_cell(mapper, join->key_column)
                                                : recoup_mapper_text(mapper, join->key);
        int found = *key ? recoup_names_find(&join->keys, key) : -1;
        mapper->at[k] = found < 0 ? -1 : join->row_of[found];
        if (found < 0 && *key && join->n_missing++ == 0)
            join->first_missing = mapper->file->line[mapper->row];
    }
}

void recoup_mapper_join_close(recoup_mapper *mapper) {
    for (int k = 0; k < mapper->n_joins; k++) {
        recoup_mapper_join *join = &mapper->join[k];
        const recoup_mapped_join *written = &mapper->mapping->join[k];
        recoup_place place = {
            .file = mapper->file->file, .line = join->first_missing, .field = written->key};
        if (join->n_missing)
            recoup_note(mapper->loader->error, &place,
                        "rows that %s has no '%s' for: %d, the first on this line; their columns "
                        "of it are empty",
                        written->file, written->joined_key, join->n_missing);
        recoup_names_clear(&join->keys);
        free(join->row_of);
        recoup_table_free(join->table);
    }
}
