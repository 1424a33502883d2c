#include "config/value.h"

#include "base/date.h"
#include "base/names.h"
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_MAX = 60 };                              /* bytes of a value that a message repeats */
static const double integer_max = 9007199254740992.0; /* 2^53: whole doubles are exact up to it */

bool recoup_node_is_null(const recoup_node *node) {
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};
    if (node->kind != RECOUP_NODE_SCALAR || node->quoted)
        return false;
    for (size_t i = 0; i < sizeof nulls / sizeof *nulls; i++)
        if (strcmp(node->text, nulls[i]) == 0)
            return true;
    return false;
}

const recoup_node *recoup_node_find(const recoup_node *mapping, const char *key) {
    if (!mapping || mapping->kind != RECOUP_NODE_MAPPING)
        return NULL;
    for (int i = 0; i < mapping->n; i++)
        if (strcmp(mapping->key[i]->text, key) == 0)
            return recoup_node_is_null(mapping->item[i]) ? NULL : mapping->item[i];
    return NULL;
}

static void add_description(recoup_text *text, const recoup_node *node) {
    if (node->kind != RECOUP_NODE_SCALAR) {
        recoup_text_add(text, node->kind == RECOUP_NODE_SEQUENCE ? "a list" : "a mapping");
        return;
    }
    if (recoup_node_is_null(node)) {
        recoup_text_add(text, "empty");
        return;
    }
    size_t length = strlen(node->text), shown = length;
    if (shown > SHOWN_MAX)
        for (shown = SHOWN_MAX; shown > 0 && ((unsigned char)node->text[shown] & 0xC0) == 0x80;)
            shown--; /* not within a character */
    recoup_text_add(text, node->quoted ? "the quoted text \"%.*s%s\"" : "'%.*s%s'", (int)shown,
                    node->text, shown < length ? "..." : "");
}

recoup_status recoup_value_fail(const recoup_document *document, const recoup_node *node,
                                const char *key, recoup_error *error, const char *expected, ...) {
    recoup_text message = {0};
    if (key)
        recoup_text_add(&message, "'%s' is ", key);
    else
        recoup_text_add(&message, "this is ");
    add_description(&message, node);
    recoup_text_add(&message, "; expected ");
    char *rest = NULL;
    va_list arguments;
    va_start(arguments, expected);
    if (vasprintf(&rest, expected, arguments) < 0)
        rest = NULL;
    va_end(arguments);
    recoup_text_add(&message, "%s", rest ? rest : "");
    recoup_status status =
        recoup_node_fail(document, node, error, "%s", message.bytes ? message.bytes : "");
    free(rest);
    recoup_text_clear(&message);
    return status;
}

/* "a number from 0 to 1", or the field's own words for it. */
static const char *describe_range(char *buffer, size_t size, const char *kind,
                                  const recoup_field *field) {
    char low[RECOUP_NUMBER_SIZE], high[RECOUP_NUMBER_SIZE];
    if (field->meaning)
        return field->meaning;
    recoup_number_format(low, field->min);
    recoup_number_format(high, field->max);
    bool has_low = isfinite(field->min), has_high = isfinite(field->max);
    if (has_low && has_high)
        snprintf(buffer, size, field->open_min ? "%s above %s and up to %s" : "%s from %s to %s",
                 kind, low, high);
    else if (has_low)
        snprintf(buffer, size, field->open_min ? "%s above %s" : "%s of %s or more", kind, low);
    else if (has_high)
        snprintf(buffer, size, "%s of %s or less", kind, high);
    else
        snprintf(buffer, size, "%s", kind);
    return buffer;
}

/* Range of a field with the unwritten ends filled in; see recoup_field in the header. */
static recoup_field full_range(const recoup_field *field) {
    recoup_field full = field ? *field : (recoup_field){0};
    bool any = full.min == 0 && full.max == 0;
    if (any && !full.open_min)
        full.min = -INFINITY;
    if (any || full.max < full.min)
        full.max = INFINITY;
    return full;
}

static bool in_range(const recoup_field *range, double x) {
    return x >= range->min && x <= range->max && !(range->open_min && x == range->min);
}

static bool is_scalar_number(const recoup_node *node, double *x) {
    return node->kind == RECOUP_NODE_SCALAR && !node->quoted && recoup_number_parse(node->text, x);
}

/* What to write instead, where the slip is a known one. */
static recoup_status fail_number(const recoup_document *document, const recoup_node *node,
                                 const char *key, const char *kind, recoup_error *error) {
    double x;
    if (node->kind == RECOUP_NODE_SCALAR && node->quoted && recoup_number_parse(node->text, &x))
        return recoup_value_fail(document, node, key, error, "%s, without quotation marks", kind);
    if (node->kind == RECOUP_NODE_SCALAR && strchr(node->text, ','))
        return recoup_value_fail(document, node, key, error,
                                 "%s such as 1000000, 1_000_000 or 0.5 (no commas)", kind);
    return recoup_value_fail(document, node, key, error, "%s such as 1000, 1e6, 1_000_000 or 25%%",
                             kind);
}

recoup_status recoup_value_range(const recoup_document *document, const recoup_node *node,
                                 const char *key, const recoup_field *field, double x,
                                 recoup_error *error) {
    recoup_field range = full_range(field);
    char buffer[120];
    if (in_range(&range, x))
        return RECOUP_OK;
    return recoup_value_fail(document, node, key, error, "%s",
                             describe_range(buffer, sizeof buffer, "a number", &range));
}

recoup_status recoup_value_number(const recoup_document *document, const recoup_node *node,
                                  const char *key, const recoup_field *field, double *value,
                                  recoup_error *error) {
    double x;
    if (!is_scalar_number(node, &x))
        return fail_number(document, node, key, "a number", error);
    recoup_status status = recoup_value_range(document, node, key, field, x, error);
    if (status == RECOUP_OK)
        *value = x + 0.0; /* -0 is 0 */
    return status;
}

recoup_status recoup_value_integer(const recoup_document *document, const recoup_node *node,
                                   const recoup_field *field, int64_t *value, recoup_error *error) {
    double x;
    char buffer[120];
    recoup_field range = full_range(field);
    if (!is_scalar_number(node, &x))
        return fail_number(document, node, field->key, "a whole number", error);
    if (x != rint(x) || !in_range(&range, x))
        return recoup_value_fail(document, node, field->key, error, "%s",
                                 describe_range(buffer, sizeof buffer, "a whole number", &range));
    if (fabs(x) > integer_max)
        return recoup_value_fail(document, node, field->key, error,
                                 "a whole number of at most 9007199254740992");
    *value = (int64_t)x;
    return RECOUP_OK;
}

recoup_status recoup_value_boolean(const recoup_document *document, const recoup_node *node,
                                   const char *key, bool *value, recoup_error *error) {
    if (node->kind == RECOUP_NODE_SCALAR && !node->quoted) {
        if (strcmp(node->text, "true") == 0 || strcmp(node->text, "false") == 0) {
            *value = node->text[0] == 't';
            return RECOUP_OK;
        }
    }
    return recoup_value_fail(document, node, key, error, "true or false");
}

recoup_status recoup_value_date(const recoup_document *document, const recoup_node *node,
                                const char *key, double *days, recoup_error *error) {
    if (node->kind == RECOUP_NODE_SCALAR && !node->quoted &&
        recoup_date_parse(node->text, 0, days, NULL))
        return RECOUP_OK;
    double ignored;
    if (node->kind == RECOUP_NODE_SCALAR && node->quoted &&
        recoup_date_parse(node->text, 0, &ignored, NULL))
        return recoup_value_fail(document, node, key, error, "a date, without quotation marks");
    return recoup_value_fail(document, node, key, error, "a date such as 2026-11-02");
}

recoup_status recoup_value_choice(const recoup_document *document, const recoup_node *node,
                                  const recoup_field *field, int *index, recoup_error *error) {
    int n = 0;
    recoup_text list = {0};
    for (; field->choices[n]; n++) {
        if (node->kind == RECOUP_NODE_SCALAR && strcmp(node->text, field->choices[n]) == 0) {
            *index = n;
            recoup_text_clear(&list);
            return RECOUP_OK;
        }
        recoup_text_add(&list, "%s%s", n ? ", " : "", field->choices[n]);
    }
    const char *nearest = node->kind == RECOUP_NODE_SCALAR
                              ? recoup_names_nearest((char *const *)field->choices, n, node->text)
                              : NULL;
    recoup_status status = recoup_value_fail(
        document, node, field->key, error, "one of %s%s%s%s", list.bytes ? list.bytes : "",
        nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
    recoup_text_clear(&list);
    return status;
}

/* Two equal texts in a list. */
static recoup_status check_twice(const recoup_document *document, const recoup_texts *texts,
                                 const char *key, recoup_error *error) {
    recoup_status status = RECOUP_OK;
    recoup_names names = {0};
    for (int i = 0; i < texts->n; i++) {
        int n = names.n;
        if (recoup_names_add(&names, texts->text[i]) < 0) {
            status = recoup_fail_memory(error);
            break;
        }
        if (names.n == n)
            status = recoup_node_fail(document, texts->node[i], error, "'%s' is there twice%s%s%s",
                                      texts->text[i], key ? " in '" : "", key ? key : "",
                                      key ? "'" : "");
    }
    recoup_names_clear(&names);
    return status;
}

recoup_status recoup_value_texts(recoup_document *document, const recoup_node *node,
                                 const char *key, recoup_texts *texts, recoup_error *error) {
    if (node->kind == RECOUP_NODE_MAPPING || recoup_node_is_null(node))
        return recoup_value_fail(document, node, key, error, "a name or a list of names");
    bool single = node->kind == RECOUP_NODE_SCALAR;
    int n = single ? 1 : node->n;
    recoup_texts made = {0};
    made.text = recoup_arena_alloc(&document->arena, (size_t)n, sizeof *made.text);
    made.node = recoup_arena_alloc(&document->arena, (size_t)n, sizeof *made.node);
    if (!made.text || !made.node)
        return recoup_fail_memory(error);
    recoup_status status = RECOUP_OK;
    for (int i = 0; i < n; i++) {
        const recoup_node *item = single ? node : node->item[i];
        if (item->kind != RECOUP_NODE_SCALAR || recoup_node_is_null(item)) {
            status = recoup_value_fail(document, item, single ? key : NULL, error, "a name");
            continue;
        }
        made.text[made.n] = item->text;
        made.node[made.n++] = item;
    }
    recoup_status twice = check_twice(document, &made, key, error);
    if (status == RECOUP_OK && twice == RECOUP_OK)
        *texts = made;
    return twice != RECOUP_OK ? twice : status;
}

recoup_status recoup_value_numbers(recoup_document *document, const recoup_node *node,
                                   const char *key, const recoup_field *field,
                                   recoup_numbers *numbers, recoup_error *error) {
    if (node->kind != RECOUP_NODE_MAPPING)
        return recoup_value_fail(document, node, key, error, "a mapping of names to numbers");
    recoup_numbers made = {0};
    size_t n = (size_t)node->n;
    made.name = recoup_arena_alloc(&document->arena, n, sizeof *made.name);
    made.value = recoup_arena_alloc(&document->arena, n, sizeof *made.value);
    made.node = recoup_arena_alloc(&document->arena, n, sizeof *made.node);
    if (!made.name || !made.value || !made.node)
        return recoup_fail_memory(error);
    recoup_status status = RECOUP_OK;
    for (; made.n < node->n; made.n++) {
        int i = made.n;
        made.name[i] = node->key[i]->text;
        made.node[i] = node->key[i];
        if (recoup_value_number(document, node->item[i], made.name[i], field, &made.value[i],
                                error) != RECOUP_OK)
            status = RECOUP_EINVALID;
    }
    if (status == RECOUP_OK)
        *numbers = made;
    return status;
}

recoup_status recoup_value_values(recoup_document *document, const recoup_node *node,
                                  const recoup_field *field, recoup_values *values,
                                  recoup_error *error) {
    if (node->kind != RECOUP_NODE_SEQUENCE)
        return recoup_value_fail(document, node, field->key, error, "a list of numbers");
    recoup_values made = {0};
    made.value = recoup_arena_alloc(&document->arena, (size_t)node->n, sizeof *made.value);
    if (!made.value)
        return recoup_fail_memory(error);
    recoup_status status = RECOUP_OK;
    for (; made.n < node->n; made.n++)
        if (recoup_value_number(document, node->item[made.n], NULL, field, &made.value[made.n],
                                error) != RECOUP_OK)
            status = RECOUP_EINVALID;
    if (status == RECOUP_OK)
        *values = made;
    return status;
}
