/* The binder: a table of fields walks a mapping into a struct. */
#include "base/names.h"
#include "config/value.h"

#include <stdlib.h>
#include <string.h>

/* The status to return after two steps: running out of memory outweighs wrong input. */
static recoup_status worse(recoup_status a, recoup_status b) {
    return a == RECOUP_OK || b == RECOUP_ENOMEM ? b : a;
}

static const recoup_field *find_field(const recoup_schema *schema, const char *key) {
    for (int i = 0; i < schema->n_fields; i++)
        if (strcmp(schema->fields[i].key, key) == 0)
            return &schema->fields[i];
    return NULL;
}

static recoup_status fail_unknown(const recoup_document *document, const recoup_node *key,
                                  const recoup_schema *schema, recoup_error *error) {
    recoup_status status;
    recoup_text known = {0};
    char **names = RECOUP_NEW(char *, schema->n_fields);
    if (!names)
        return recoup_fail_memory(error);
    for (int i = 0; i < schema->n_fields; i++) {
        names[i] = (char *)schema->fields[i].key;
        recoup_text_add(&known, "%s%s", i ? ", " : "", names[i]);
    }
    const char *nearest = recoup_names_nearest(names, schema->n_fields, key->text);
    if (nearest)
        status =
            recoup_node_fail(document, key, error, "unknown key '%s' in %s; did you mean '%s'?",
                             key->text, schema->name, nearest);
    else
        status = recoup_node_fail(document, key, error, "unknown key '%s' in %s; its keys are %s",
                                  key->text, schema->name, known.bytes ? known.bytes : "none");
    recoup_text_clear(&known);
    free(names);
    return status;
}

static recoup_status bind_text(const recoup_document *document, const recoup_node *node,
                               const recoup_field *field, const char **text, recoup_error *error) {
    if (node->kind != RECOUP_NODE_SCALAR)
        return recoup_value_fail(document, node, field->key, error, "%s",
                                 field->meaning ? field->meaning : "a text");
    *text = node->text;
    return RECOUP_OK;
}

static recoup_status bind_list(recoup_document *document, const recoup_node *node,
                               const recoup_field *field, recoup_list *list, recoup_error *error) {
    const recoup_schema *schema = field->schema;
    if (node->kind != RECOUP_NODE_SEQUENCE)
        return recoup_value_fail(document, node, field->key, error,
                                 "a list: one item for each of its lines that start with '- '");
    size_t n = (size_t)node->n;
    recoup_list made = {0};
    char *items = recoup_arena_alloc(&document->arena, n, schema->size);
    made.node = recoup_arena_alloc(&document->arena, n, sizeof *made.node);
    if (!items || !made.node)
        return recoup_fail_memory(error);
    made.items = items;
    recoup_status status = RECOUP_OK;
    for (; made.n < node->n; made.n++) {
        char *item = items + (size_t)made.n * schema->size;
        made.node[made.n] = node->item[made.n];
        if (schema->defaults)
            memcpy(item, schema->defaults, schema->size);
        status = worse(status, recoup_bind(document, node->item[made.n], schema, item, error));
    }
    if (status == RECOUP_OK)
        *list = made;
    return status;
}

static recoup_status bind_field(recoup_document *document, const recoup_node *node,
                                const recoup_field *field, void *value, recoup_error *error) {
    switch (field->type) {
    case RECOUP_FIELD_TEXT:
        return bind_text(document, node, field, value, error);
    case RECOUP_FIELD_NUMBER:
        return recoup_value_number(document, node, field->key, field, value, error);
    case RECOUP_FIELD_INTEGER:
        return recoup_value_integer(document, node, field, value, error);
    case RECOUP_FIELD_BOOLEAN:
        return recoup_value_boolean(document, node, field->key, value, error);
    case RECOUP_FIELD_DATE:
        return recoup_value_date(document, node, field->key, value, error);
    case RECOUP_FIELD_CHOICE:
        return recoup_value_choice(document, node, field, value, error);
    case RECOUP_FIELD_TEXTS:
        return recoup_value_texts(document, node, field->key, value, error);
    case RECOUP_FIELD_NUMBERS:
        return recoup_value_numbers(document, node, field->key, field, value, error);
    case RECOUP_FIELD_VALUES:
        return recoup_value_values(document, node, field, value, error);
    case RECOUP_FIELD_EFFECT:
        return recoup_value_effect(document, node, field, value, error);
    case RECOUP_FIELD_STRUCT:
        return recoup_bind(document, node, field->schema, value, error);
    case RECOUP_FIELD_LIST:
        return bind_list(document, node, field, value, error);
    case RECOUP_FIELD_NODE:
        *(const recoup_node **)value = node;
        return RECOUP_OK;
    }
    return RECOUP_OK;
}

/* A required key that is not there, or there without a value (then the place is the key's). */
static recoup_status fail_missing(const recoup_document *document, const recoup_node *mapping,
                                  const recoup_schema *schema, const recoup_field *field,
                                  recoup_error *error) {
    const char *meaning = field->meaning ? field->meaning : "";
    const char *open = *meaning ? " (" : "", *close = *meaning ? ")" : "";
    for (int i = 0; i < mapping->n; i++)
        if (strcmp(mapping->key[i]->text, field->key) == 0)
            return recoup_node_fail(document, mapping->key[i], error,
                                    "'%s' has no value; %s needs one%s%s%s", field->key,
                                    schema->name, open, meaning, close);
    return recoup_node_fail(document, mapping, error, "%s needs the key '%s'%s%s%s", schema->name,
                            field->key, open, meaning, close);
}

recoup_status recoup_bind(recoup_document *document, const recoup_node *mapping,
                          const recoup_schema *schema, void *target, recoup_error *error) {
    if (mapping->kind != RECOUP_NODE_MAPPING)
        return recoup_value_fail(document, mapping, NULL, error,
                                 "%s: a mapping with 'key: value' pairs", schema->name);
    recoup_status status = RECOUP_OK;
    for (int i = 0; i < mapping->n; i++) {
        const recoup_field *field = find_field(schema, mapping->key[i]->text);
        if (!field)
            status = worse(status, fail_unknown(document, mapping->key[i], schema, error));
        else if (!recoup_node_is_null(mapping->item[i]))
            status = worse(status, bind_field(document, mapping->item[i], field,
                                              (char *)target + field->offset, error));
    }
    for (int i = 0; i < schema->n_fields; i++) {
        const recoup_field *field = &schema->fields[i];
        if (field->required && !recoup_node_find(mapping, field->key))
            status = worse(status, fail_missing(document, mapping, schema, field, error));
    }
    return status;
}

recoup_status recoup_bind_number(const recoup_document *document, const recoup_node *node,
                                 double *value, recoup_error *error) {
    return recoup_value_number(document, node, NULL, NULL, value, error);
}

recoup_status recoup_bind_texts(recoup_document *document, const recoup_node *node,
                                recoup_texts *texts, recoup_error *error) {
    return recoup_value_texts(document, node, NULL, texts, error);
}

recoup_status recoup_bind_numbers(recoup_document *document, const recoup_node *node,
                                  recoup_numbers *numbers, recoup_error *error) {
    return recoup_value_numbers(document, node, NULL, NULL, numbers, error);
}
