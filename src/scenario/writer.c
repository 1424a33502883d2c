#include "scenario/writer.h"

#include "scenario/moment.h"
#include <math.h>
#include <string.h>

enum { STEP = 2 };

/* In flow style a key follows what is before it in its mapping. */
static void begin_line(recoup_writer *writer) {
    const recoup_text *text = &writer->text;
    if (writer->is_flow) {
        bool is_first = text->length == 0 || text->bytes[text->length - 1] == '{';
        recoup_text_add(&writer->text, "%s", is_first ? "" : ", ");
    } else if (writer->item)
        recoup_text_add(&writer->text, "%*s- ", writer->indent - STEP, "");
    else
        recoup_text_add(&writer->text, "%*s", writer->indent, "");
    writer->item = false;
}

static void end_line(recoup_writer *writer) {
    recoup_text_add(&writer->text, writer->is_flow ? "" : "\n");
}

static void add_key(recoup_writer *writer, const char *key) {
    begin_line(writer);
    recoup_yaml_add_scalar(&writer->text, key);
    recoup_text_add(&writer->text, ":");
}

void recoup_write_plain(recoup_writer *writer, const char *key, const char *value) {
    add_key(writer, key);
    recoup_text_add(&writer->text, " %s", value);
    end_line(writer);
}

void recoup_write_text(recoup_writer *writer, const char *key, const char *value) {
    if (!value)
        return;
    add_key(writer, key);
    recoup_text_add(&writer->text, " ");
    recoup_yaml_add_scalar(&writer->text, value);
    end_line(writer);
}

void recoup_write_number(recoup_writer *writer, const char *key, double value) {
    char number[RECOUP_NUMBER_SIZE];
    if (!isnan(value))
        recoup_write_plain(writer, key, recoup_number_format(number, value));
}

void recoup_write_effect(recoup_writer *writer, const char *key, const recoup_effect *effect) {
    char a[RECOUP_NUMBER_SIZE], b[RECOUP_NUMBER_SIZE], c[RECOUP_NUMBER_SIZE];
    if (effect->kind == RECOUP_EFFECT_ABSENT)
        return;
    if (effect->kind == RECOUP_EFFECT_FIXED) {
        recoup_write_number(writer, key, effect->a);
        return;
    }
    bool has_third = recoup_effect_sizes[effect->kind] > 2;
    add_key(writer, key);
    recoup_text_add(&writer->text, " {%s: [%s, %s%s%s]}", recoup_effect_names[effect->kind],
                    recoup_number_format(a, effect->a), recoup_number_format(b, effect->b),
                    has_third ? ", " : "", has_third ? recoup_number_format(c, effect->c) : "");
    end_line(writer);
}

void recoup_write_integer(recoup_writer *writer, const char *key, int64_t value) {
    add_key(writer, key);
    recoup_text_add(&writer->text, " %lld", (long long)value);
    end_line(writer);
}

void recoup_write_boolean(recoup_writer *writer, const char *key, bool value) {
    recoup_write_plain(writer, key, value ? "true" : "false");
}

void recoup_write_moment(recoup_writer *writer, const char *key, double days) {
    if (isnan(days))
        return;
    add_key(writer, key);
    recoup_text_add(&writer->text, " ");
    recoup_moment_add(&writer->text, days, writer->zone_days);
    end_line(writer);
}

void recoup_write_texts(recoup_writer *writer, const char *key, const recoup_texts *texts) {
    if (texts->n == 0)
        return;
    add_key(writer, key);
    recoup_text_add(&writer->text, texts->n == 1 ? " " : " [");
    for (int i = 0; i < texts->n; i++) {
        recoup_text_add(&writer->text, i ? ", " : "");
        recoup_yaml_add_scalar(&writer->text, texts->text[i]);
    }
    recoup_text_add(&writer->text, texts->n == 1 ? "" : "]");
    end_line(writer);
}

void recoup_write_values(recoup_writer *writer, const char *key, const double *value, int n) {
    char number[RECOUP_NUMBER_SIZE];
    add_key(writer, key);
    for (int i = 0; i < n; i++)
        recoup_text_add(&writer->text, "%s%s", i ? ", " : " [",
                        recoup_number_format(number, value[i]));
    recoup_text_add(&writer->text, "]");
    end_line(writer);
}

void recoup_write_open(recoup_writer *writer, const char *key) {
    add_key(writer, key);
    recoup_text_add(&writer->text, writer->is_flow ? " {" : "\n");
    writer->indent += STEP;
}

void recoup_write_close(recoup_writer *writer) {
    recoup_text_add(&writer->text, writer->is_flow ? "}" : "");
    writer->indent -= STEP;
}

void recoup_write_item(recoup_writer *writer) {
    writer->indent += STEP;
    writer->item = true;
}

void recoup_write_item_end(recoup_writer *writer) {
    writer->indent -= STEP;
    writer->item = false;
}

/* --- nodes as they stand ---------------------------------------------------------------------- */

/* A plain scalar stays plain (25 must not become '25'), all else is quoted as it needs to be. A
 * lone dash is plain only between brackets: {a: -}. */
static void add_node_scalar(recoup_text *text, const recoup_node *node) {
    if (node->quoted || strpbrk(node->text, "\r\n") || strcmp(node->text, "-") == 0)
        recoup_yaml_add_scalar(text, node->text);
    else
        recoup_text_add(text, "%s", node->text);
}

static void add_value(recoup_writer *writer, const recoup_node *node);

static void add_items(recoup_writer *writer, const recoup_node *node) {
    for (int i = 0; i < node->n; i++) {
        if (node->kind == RECOUP_NODE_MAPPING) {
            add_key(writer, node->key[i]->text);
        } else {
            begin_line(writer);
            recoup_text_add(&writer->text, "-");
        }
        add_value(writer, node->item[i]);
    }
}

/* What follows `key:` or `-`. */
static void add_value(recoup_writer *writer, const recoup_node *node) {
    if (node->kind == RECOUP_NODE_SCALAR) {
        recoup_text_add(&writer->text, " ");
        add_node_scalar(&writer->text, node);
        recoup_text_add(&writer->text, "\n");
    } else if (node->n == 0) {
        recoup_text_add(&writer->text, node->kind == RECOUP_NODE_MAPPING ? " {}\n" : " []\n");
    } else {
        recoup_text_add(&writer->text, "\n");
        writer->indent += STEP;
        add_items(writer, node);
        writer->indent -= STEP;
    }
}

void recoup_write_node(recoup_writer *writer, const char *key, const recoup_node *node) {
    if (!node)
        return;
    add_key(writer, key);
    add_value(writer, node);
}
