/* Places in a document, and the problems there; inside this module. */
#ifndef RECOUP_CONFIG_PLACE_H
#define RECOUP_CONFIG_PLACE_H

#include "config/config.h"
#include <yaml.h>

/* Reports EINVALID at a line and column (from 1), with the source line. */
recoup_status recoup_document_fail(const recoup_document *document, int line, int column,
                                   recoup_error *error, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* EINVALID with the place when the text is not UTF-8, or holds characters that YAML does not allow
 * or a tab that indents. `length` is the text's, which may hold a NUL. */
recoup_status recoup_document_check_text(const recoup_document *document, size_t length,
                                         recoup_error *error);

/* Reports what libyaml stopped at, as a sentence for a person who edits the file. */
recoup_status recoup_document_fail_yaml(const recoup_document *document,
                                        const yaml_parser_t *parser, recoup_error *error);

#endif
