/* Reading single values; inside this module. `key` names the value in messages, NULL: no name. */
#ifndef RECOUP_CONFIG_VALUE_H
#define RECOUP_CONFIG_VALUE_H

#include "config/config.h"
#include <stdint.h>

/* Nothing was written: plain and empty, null or ~. */
bool recoup_node_is_null(const recoup_node *node);

/* "KEY is WHAT; EXPECTED is expected": reports EINVALID. */
recoup_status recoup_value_fail(const recoup_document *document, const recoup_node *node,
                                const char *key, recoup_error *error, const char *expected, ...)
    __attribute__((format(printf, 5, 6)));

/* A number within the field's range (field NULL: any finite one). */
recoup_status recoup_value_number(const recoup_document *document, const recoup_node *node,
                                  const char *key, const recoup_field *field, double *value,
                                  recoup_error *error);
recoup_status recoup_value_integer(const recoup_document *document, const recoup_node *node,
                                   const recoup_field *field, int64_t *value, recoup_error *error);
recoup_status recoup_value_boolean(const recoup_document *document, const recoup_node *node,
                                   const char *key, bool *value, recoup_error *error);
recoup_status recoup_value_date(const recoup_document *document, const recoup_node *node,
                                const char *key, double *days, recoup_error *error);
recoup_status recoup_value_choice(const recoup_document *document, const recoup_node *node,
                                  const recoup_field *field, int *index, recoup_error *error);
recoup_status recoup_value_texts(recoup_document *document, const recoup_node *node,
                                 const char *key, recoup_texts *texts, recoup_error *error);
recoup_status recoup_value_numbers(recoup_document *document, const recoup_node *node,
                                   const char *key, const recoup_field *field,
                                   recoup_numbers *numbers, recoup_error *error);
recoup_status recoup_value_values(recoup_document *document, const recoup_node *node,
                                  const recoup_field *field, recoup_values *values,
                                  recoup_error *error);
recoup_status recoup_value_effect(recoup_document *document, const recoup_node *node,
                                  const recoup_field *field, recoup_effect *effect,
                                  recoup_error *error);
/* Reports when x, part of the value, is outside of the field's range. */
recoup_status recoup_value_range(const recoup_document *document, const recoup_node *node,
                                 const char *key, const recoup_field *field, double x,
                                 recoup_error *error);

#endif
