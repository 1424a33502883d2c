/* Writing a scenario as block YAML, line by line, or parts of it in one. Keys come in the order of
 * the calls; a value that was not given (NULL, NaN, no texts, an absent effect) is left out. */
#ifndef RECOUP_SCENARIO_WRITER_H
#define RECOUP_SCENARIO_WRITER_H

#include "config/config.h"
#include <stdint.h>

typedef struct recoup_writer {
    recoup_text text;
    int indent;
    bool item;        /* the next key begins an item of a list: "- key: ..." */
    double zone_days; /* of times without one */
    bool is_flow;     /* mappings in one line, in flow style: no lists of keys, no nodes */
} recoup_writer;

void recoup_write_text(recoup_writer *writer, const char *key, const char *value);
void recoup_write_number(recoup_writer *writer, const char *key, double value);
void recoup_write_effect(recoup_writer *writer, const char *key, const recoup_effect *effect);
void recoup_write_integer(recoup_writer *writer, const char *key, int64_t value);
void recoup_write_boolean(recoup_writer *writer, const char *key, bool value);
void recoup_write_moment(recoup_writer *writer, const char *key, double days);
void recoup_write_texts(recoup_writer *writer, const char *key, const recoup_texts *texts);
/* A list of n >= 1 numbers. */
void recoup_write_values(recoup_writer *writer, const char *key, const double *value, int n);
/* A value that is known to be a plain scalar, as it stands. */
void recoup_write_plain(recoup_writer *writer, const char *key, const char *value);
/* Any node, e.g. a mapping whose keys are free. */
void recoup_write_node(recoup_writer *writer, const char *key, const recoup_node *node);

/* `key:` whose keys or items follow, one step further in. */
void recoup_write_open(recoup_writer *writer, const char *key);
void recoup_write_close(recoup_writer *writer);
/* The keys until item_end are one item of a list. */
void recoup_write_item(recoup_writer *writer);
void recoup_write_item_end(recoup_writer *writer);

#endif
