#include "scenario/data.h"

#include "base/file.h"
#include "scenario/check.h"
#include "scenario/keys.h"
#include "scenario/scenario.h"
#include "scenario/writer.h"
#include <stdlib.h>
#include <string.h>

static const char *const table_names[RECOUP_N_TABLES] = {
    [RECOUP_TABLE_DEALS] = "deals",
    [RECOUP_TABLE_STAGE_HISTORY] = "stage_history",
    [RECOUP_TABLE_REPS] = "reps",
    [RECOUP_TABLE_ACTIVITIES] = "activities",
};
static const char *const date_orders[] = {
    [RECOUP_DATES_ISO] = "iso", [RECOUP_DATES_US] = "us", [RECOUP_DATES_EU] = "eu", NULL};
static const char *const decimals[] = {"point", "comma", NULL};

static const recoup_field data_fields[] = {
    RECOUP_KEY("deals", NODE, recoup_data_keys, table[RECOUP_TABLE_DEALS], .required = true),
    RECOUP_KEY("stage_history", NODE, recoup_data_keys, table[RECOUP_TABLE_STAGE_HISTORY]),
    RECOUP_KEY("reps", NODE, recoup_data_keys, table[RECOUP_TABLE_REPS]),
    RECOUP_KEY("activities", NODE, recoup_data_keys, table[RECOUP_TABLE_ACTIVITIES]),
};
const recoup_schema recoup_data_schema = RECOUP_SCHEMA("data", recoup_data_keys, data_fields);

static const recoup_field join_fields[] = {
    RECOUP_KEY("file", TEXT, recoup_join_keys, file, .required = true),
    RECOUP_KEY("on", NODE, recoup_join_keys, on, .required = true),
};
static const recoup_schema join_schema = RECOUP_SCHEMA("a join", recoup_join_keys, join_fields);

static const recoup_field table_fields[] = {
    RECOUP_KEY("file", TEXT, recoup_table_keys, file, .required = true),
    RECOUP_KEY("columns", NODE, recoup_table_keys, columns),
    RECOUP_KEY("values", NODE, recoup_table_keys, values),
    RECOUP_KEY("join", LIST, recoup_table_keys, join, .schema = &join_schema),
    RECOUP_KEY("skip", NODE, recoup_table_keys, skip),
    RECOUP_KEY("dates", CHOICE, recoup_table_keys, dates, .choices = date_orders),
    RECOUP_KEY("decimal", CHOICE, recoup_table_keys, decimal, .choices = decimals),
};
static const recoup_schema table_schema =
    RECOUP_SCHEMA("a mapped table", recoup_table_keys, table_fields);

/* The two columns of true or false that `outcome` may come from. */
typedef struct flag_keys {
    const char *won, *closed;
} flag_keys;
static const recoup_field flag_fields[] = {
    RECOUP_KEY("won", TEXT, flag_keys, won, .required = true),
    RECOUP_KEY("closed", TEXT, flag_keys, closed, .required = true),
};
static const recoup_schema flag_schema =
    RECOUP_SCHEMA("an outcome of two columns", flag_keys, flag_fields);

recoup_status recoup_path_read(recoup_scenario *scenario, const recoup_node *mapping,
                               const char *key, const char *written, char **path,
                               recoup_error *error) {
    if (!written)
        return RECOUP_OK;
    if (!written[0])
        return recoup_node_fail(scenario->document, recoup_node_find(mapping, key), error,
                                "'%s' is empty; expected the path of a file, relative to this one",
                                key);
    char *joined = recoup_path_beside(scenario->document->file, written);
    *path = joined ? recoup_arena_text(&scenario->arena, joined, strlen(joined)) : NULL;
    free(joined);
    return *path ? RECOUP_OK : recoup_fail_memory(error);
}

/* --- the parts of a mapping ------------------------------------------------------------------ */

/* What is being read. */
typedef struct data_reader {
    recoup_scenario *scenario;
    const char *table; /* "deals" */
    recoup_mapping *mapping;
    recoup_error *error;
} data_reader;

static recoup_status check_mapping(const data_reader *r, const recoup_node *node, const char *key,
                                   const char *example) {
    if (node->kind == RECOUP_NODE_MAPPING)
        return RECOUP_OK;
    return recoup_node_fail(r->scenario->document, node, r->error,
                            "'%s' is not a mapping; expected pairs such as '%s'", key, example);
}

static recoup_status read_flags(const data_reader *r, const recoup_node *node,
                                recoup_mapped_column *column) {
    flag_keys keys = {0};
    if (strcmp(r->table, "deals") != 0 || strcmp(column->name, "outcome") != 0)
        return recoup_node_fail(r->scenario->document, node, r->error,
                                "'%s' is a mapping; expected the name of a column, or a list of "
                                "names (only the outcome of deals is made of two columns)",
                                column->name);
    recoup_status status = recoup_bind(r->scenario->document, node, &flag_schema, &keys, r->error);
    column->won = keys.won;
    column->closed = keys.closed;
    return status;
}

static recoup_status read_columns(const data_reader *r, const recoup_node *node) {
    recoup_status status = check_mapping(r, node, "columns", "deal_id: opportunity_id");
    if (status != RECOUP_OK)
        return status;
    recoup_mapped_column *column =
        recoup_arena_alloc(&r->scenario->arena, (size_t)node->n, sizeof *column);
    if (!column)
        return recoup_fail_memory(r->error);
    for (int i = 0; i < node->n; i++) {
        const recoup_node *source = node->item[i];
        recoup_texts texts = {0};
        column[i] = (recoup_mapped_column){.name = node->key[i]->text, .line = node->key[i]->line};
        if (source->kind == RECOUP_NODE_MAPPING)
            status = recoup_worse(status, read_flags(r, source, &column[i]));
        else if (source->kind == RECOUP_NODE_SCALAR ? !*source->text : source->n == 0)
            status =
                recoup_worse(status, recoup_node_fail(r->scenario->document, node->key[i], r->error,
                                                      "'%s' has no source; expected the name of a "
                                                      "column, or a list of names",
                                                      column[i].name));
        else
            status = recoup_worse(
                status, recoup_bind_texts(r->scenario->document, source, &texts, r->error));
        column[i].source = texts.text;
        column[i].n_sources = texts.n;
    }
    r->mapping->column = column;
    r->mapping->n_columns = node->n;
    return status;
}

/* The texts of one column. */
static recoup_status read_texts(const data_reader *r, const char *column, const recoup_node *node,
                                recoup_mapped_value *value) {
    recoup_status status = check_mapping(r, node, column, "Closed Won: won");
    if (status != RECOUP_OK)
        return status;
    for (int i = 0; i < node->n; i++) {
        const recoup_node *text = recoup_node_find(node, node->key[i]->text);
        if (!text || text->kind != RECOUP_NODE_SCALAR)
            status = recoup_node_fail(r->scenario->document, node->key[i], r->error,
                                      "'%s' becomes nothing; expected a text, \"\" for an empty "
                                      "cell",
                                      node->key[i]->text);
        value[i] = (recoup_mapped_value){column, node->key[i]->text, node->item[i]->text,
                                         node->key[i]->line};
    }
    return status;
}

static recoup_status read_values(const data_reader *r, const recoup_node *node) {
    recoup_status status = check_mapping(r, node, "values", "outcome: {Closed Won: won}");
    if (status != RECOUP_OK)
        return status;
    size_t n = 0;
    for (int i = 0; i < node->n; i++)
        n += (size_t)node->item[i]->n;
    recoup_mapped_value *value = recoup_arena_alloc(&r->scenario->arena, n, sizeof *value);
    if (!value)
        return recoup_fail_memory(r->error);
    n = 0;
    for (int i = 0; i < node->n; i++) {
        status = recoup_worse(status, read_texts(r, node->key[i]->text, node->item[i], value + n));
        n += (size_t)node->item[i]->n;
    }
    r->mapping->value = value;
    r->mapping->n_values = (int)n;
    return status;
}

static recoup_status read_skip(const data_reader *r, const recoup_node *node) {
    recoup_status status = check_mapping(r, node, "skip", "is_deleted: true");
    if (status != RECOUP_OK)
        return status;
    size_t n = 0;
    for (int i = 0; i < node->n; i++)
        n += node->item[i]->kind == RECOUP_NODE_SEQUENCE ? (size_t)node->item[i]->n : 1;
    recoup_mapped_skip *skip = recoup_arena_alloc(&r->scenario->arena, n, sizeof *skip);
    if (!skip)
        return recoup_fail_memory(r->error);
    r->mapping->skip = skip;
    for (int i = 0; i < node->n; i++) {
        recoup_texts texts = {0};
        status = recoup_worse(
            status, recoup_bind_texts(r->scenario->document, node->item[i], &texts, r->error));
        for (int k = 0; k < texts.n; k++)
            skip[r->mapping->n_skips++] =
                (recoup_mapped_skip){node->key[i]->text, texts.text[k], node->key[i]->line};
    }
    return status;
}

/* on: key, or on: {key: key of the joined table} */
static recoup_status read_on(const data_reader *r, const recoup_node *on,
                             recoup_mapped_join *join) {
    bool is_pair = on->kind == RECOUP_NODE_MAPPING && on->n == 1;
    join->key = is_pair ? on->key[0]->text : on->text;
    const recoup_node *joined = is_pair ? recoup_node_find(on, join->key) : on;
    if (!joined || joined->kind != RECOUP_NODE_SCALAR)
        return recoup_node_fail(r->scenario->document, on, r->error,
                                "'on' is not one key; expected a column that both files have, or "
                                "{column: column of the joined file}");
    join->joined_key = joined->text;
    join->line = on->line;
    return RECOUP_OK;
}

static recoup_status read_joins(const data_reader *r, const recoup_list *list) {
    const recoup_join_keys *keys = list->items;
    recoup_mapped_join *join =
        recoup_arena_alloc(&r->scenario->arena, (size_t)list->n, sizeof *join);
    if (!join)
        return recoup_fail_memory(r->error);
    recoup_status status = RECOUP_OK;
    for (int i = 0; i < list->n; i++) {
        char *path = NULL;
        status = recoup_worse(status, recoup_path_read(r->scenario, list->node[i], "file",
                                                       keys[i].file, &path, r->error));
        if (keys[i].on) /* a missing one was reported by the binder */
            status = recoup_worse(status, read_on(r, keys[i].on, &join[i]));
        join[i].file = path;
    }
    r->mapping->join = join;
    r->mapping->n_joins = list->n;
    return status;
}

/* An outcome of two columns is won, lost or open already. */
static recoup_status check_flag_values(const data_reader *r, const recoup_node *values) {
    const recoup_node *outcome = values ? recoup_node_find(values, "outcome") : NULL;
    for (int i = 0; outcome && i < r->mapping->n_columns; i++)
        if (r->mapping->column[i].won)
            return recoup_node_fail(r->scenario->document, outcome, r->error,
                                    "these are texts of 'outcome', which two columns say already; "
                                    "expected one or the other");
    return RECOUP_OK;
}

/* --- tables ---------------------------------------------------------------------------------- */

static recoup_status read_mapping(recoup_scenario *scenario, recoup_table_kind kind,
                                  const recoup_node *node, recoup_error *error) {
    recoup_data_table *table = &scenario->table[kind];
    recoup_table_keys *keys = &table->keys;
    recoup_mapping *mapping = recoup_arena_alloc(&scenario->arena, 1, sizeof *mapping);
    if (!mapping)
        return recoup_fail_memory(error);
    data_reader r = {scenario, table_names[kind], mapping, error};
    recoup_status status = recoup_bind(scenario->document, node, &table_schema, keys, error);
    status = recoup_worse(
        status, recoup_path_read(scenario, node, "file", keys->file, &table->path, error));
    if (keys->columns)
        status = recoup_worse(status, read_columns(&r, keys->columns));
    if (keys->values)
        status = recoup_worse(status, read_values(&r, keys->values));
    if (keys->skip)
        status = recoup_worse(status, read_skip(&r, keys->skip));
    if (keys->join.n)
        status = recoup_worse(status, read_joins(&r, &keys->join));
    status = recoup_worse(status, check_flag_values(&r, keys->values));
    mapping->file = scenario->document->file;
    mapping->dates = (recoup_date_order)keys->dates;
    mapping->decimal_comma = keys->decimal != 0;
    table->mapping = mapping;
    return status;
}

recoup_status recoup_data_read(recoup_scenario *scenario, const recoup_data_keys *keys,
                               recoup_error *error) {
    const recoup_node *data = recoup_node_find(scenario->document->root, "data");
    recoup_status status = RECOUP_OK;
    for (int kind = 0; kind < RECOUP_N_TABLES; kind++) {
        const recoup_node *node = keys->table[kind];
        recoup_data_table *table = &scenario->table[kind];
        if (!node)
            continue;
        if (node->kind == RECOUP_NODE_MAPPING) {
            status =
                recoup_worse(status, read_mapping(scenario, (recoup_table_kind)kind, node, error));
        } else if (node->kind == RECOUP_NODE_SCALAR) {
            table->keys.file = node->text;
            status = recoup_worse(status, recoup_path_read(scenario, data, table_names[kind],
                                                           node->text, &table->path, error));
        } else {
            status = recoup_worse(
                status, recoup_node_fail(scenario->document, node, error,
                                         "'%s' is a list; expected the path of a file, or {file: "
                                         "..., columns: {...}}",
                                         table_names[kind]));
        }
    }
    return status;
}

static void format_mapping(const recoup_table_keys *keys, recoup_writer *writer) {
    const recoup_join_keys *join = keys->join.items;
    recoup_write_text(writer, "file", keys->file);
    recoup_write_node(writer, "columns", keys->columns);
    recoup_write_node(writer, "values", keys->values);
    if (keys->join.n) {
        recoup_write_open(writer, "join");
        for (int i = 0; i < keys->join.n; i++) {
            recoup_write_item(writer);
            recoup_write_text(writer, "file", join[i].file);
            recoup_write_node(writer, "on", join[i].on);
            recoup_write_item_end(writer);
        }
        recoup_write_close(writer);
    }
    recoup_write_node(writer, "skip", keys->skip);
    recoup_write_text(writer, "dates", date_orders[keys->dates]);
    recoup_write_text(writer, "decimal", decimals[keys->decimal]);
}

void recoup_data_format(const recoup_data_table *table, recoup_writer *writer) {
    recoup_write_open(writer, "data");
    for (int kind = 0; kind < RECOUP_N_TABLES; kind++) {
        if (table[kind].mapping) {
            recoup_write_open(writer, table_names[kind]);
            format_mapping(&table[kind].keys, writer);
            recoup_write_close(writer);
        } else {
            recoup_write_text(writer, table_names[kind], table[kind].keys.file);
        }
    }
    recoup_write_close(writer);
}
