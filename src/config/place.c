#include "config/place.h"

#include "config/utf8.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Steps over one line break or character, counting lines as libyaml does. */
static const char *step(const char *p, const char *end, int *line, int *column) {
    uint32_t c = 0xFFFD;
    size_t length = recoup_utf8_decode(p, (size_t)(end - p), &c);
    bool pair = *p == '\r' && p + 1 < end && p[1] == '\n';
    if (length > 0 && recoup_yaml_break(c)) {
        ++*line;
        *column = 1;
    } else {
        ++*column;
    }
    return p + (pair ? 2 : length > 0 ? length : 1);
}

/* A copy of one line, with what a terminal cannot show as '?'. NULL: out of memory, no excerpt. */
static char *copy_line(const char *source, int wanted, int *n_columns) {
    const char *p = source, *end = source + strlen(source);
    int line = 1, column = 1;
    while (p < end && line < wanted)
        p = step(p, end, &line, &column);
    *n_columns = 1;
    if (line < wanted)
        return strdup("");
    const char *start = p, *stop = p;
    while (p < end && line == wanted) {
        stop = p;
        *n_columns = column;
        p = step(p, end, &line, &column);
    }
    if (line == wanted) { /* the last line has no break */
        stop = end;
        *n_columns = column;
    }
    char *copy = strndup(start, (size_t)(stop - start));
    for (char *q = copy; q && *q;) {
        uint32_t c = 0;
        size_t length = recoup_utf8_decode(q, strlen(q), &c);
        if (length == 0 || !recoup_yaml_printable(c)) {
            memset(q, '?', length ? length : 1);
            q += length ? length : 1;
        } else {
            q += length;
        }
    }
    return copy;
}

/* Takes the message over; code RECOUP_OK is a note. */
static void report(const recoup_document *document, int line, int column, recoup_error *error,
                   recoup_status code, char *message) {
    recoup_place place = {.file = document->file, .line = line, .column = column};
    char *excerpt = NULL;
    if (line > 0 && error && error->n_problems < RECOUP_ERROR_MAX) {
        int n_columns;
        place.excerpt = excerpt = copy_line(document->source, line, &n_columns);
        if (column > n_columns)
            place.column = n_columns;
    }
    const char *text = message ? message : recoup_status_text(code);
    if (code == RECOUP_OK)
        recoup_note(error, &place, "%s", text);
    else
        recoup_fail(error, code, &place, "%s", text);
    free(excerpt);
    free(message);
}

static char *format_message(const char *format, va_list arguments) {
    char *message = NULL;
    return vasprintf(&message, format, arguments) < 0 ? NULL : message;
}

recoup_status recoup_document_fail(const recoup_document *document, int line, int column,
                                   recoup_error *error, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    report(document, line, column, error, RECOUP_EINVALID, format_message(format, arguments));
    va_end(arguments);
    return RECOUP_EINVALID;
}

recoup_status recoup_node_fail(const recoup_document *document, const recoup_node *node,
                               recoup_error *error, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    report(document, node ? node->line : 0, node ? node->column : 0, error, RECOUP_EINVALID,
           format_message(format, arguments));
    va_end(arguments);
    return RECOUP_EINVALID;
}

void recoup_node_note(const recoup_document *document, const recoup_node *node, recoup_error *error,
                      const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    report(document, node ? node->line : 0, node ? node->column : 0, error, RECOUP_OK,
           format_message(format, arguments));
    va_end(arguments);
}

/* A tab among the blanks that start a line. libyaml takes it for a blank in some places and for an
 * error in others; here it is always one. */
static recoup_status check_tabs(const recoup_document *document, recoup_error *error) {
    int first_line = 0, first_column = 0, n = 0;
    int line = 1, column = 1, last_line = 0;
    bool indenting = true;
    const char *end = document->source + strlen(document->source);
    for (const char *p = document->source; p < end; p = step(p, end, &line, &column)) {
        if (line != last_line) {
            indenting = true;
            last_line = line;
        }
        if (indenting && *p == '\t') {
            if (n++ == 0) {
                first_line = line;
                first_column = column;
            }
            indenting = false;
        }
        indenting = indenting && *p == ' ';
    }
    if (n == 0)
        return RECOUP_OK;
    if (n == 1)
        return recoup_document_fail(document, first_line, first_column, error,
                                    "a tab indents this line; indent with blanks");
    return recoup_document_fail(document, first_line, first_column, error,
                                "tabs indent this line and %d others; indent with blanks", n - 1);
}

static recoup_status check_characters(const recoup_document *document, size_t length,
                                      recoup_error *error) {
    const char *p = document->source, *end = p + length;
    int line = 1, column = 1;
    while (p < end) {
        uint32_t c = 0;
        size_t n = recoup_utf8_decode(p, (size_t)(end - p), &c);
        if (n == 0)
            return recoup_document_fail(document, line, column, error,
                                        "the byte 0x%02X is not UTF-8 (it may be Windows-1252 or "
                                        "Latin-1); save the file as UTF-8",
                                        *(const unsigned char *)p);
        if (!recoup_yaml_printable(c))
            return recoup_document_fail(document, line, column, error,
                                        "the control character U+%04X is not allowed in YAML; "
                                        "remove it",
                                        (unsigned)c);
        p = step(p, end, &line, &column);
    }
    return RECOUP_OK;
}

recoup_status recoup_document_check_text(const recoup_document *document, size_t length,
                                         recoup_error *error) {
    const char *p = document->source;
    bool marked = length >= 2 && (memcmp(p, "\xFF\xFE", 2) == 0 || memcmp(p, "\xFE\xFF", 2) == 0);
    bool wide = length >= 2 && (p[0] == '\0') != (p[1] == '\0');
    if (marked || wide)
        return recoup_document_fail(document, 0, 0, error, "the file is UTF-16; save it as UTF-8");
    recoup_status status = check_characters(document, length, error);
    return status == RECOUP_OK ? check_tabs(document, error) : status;
}
