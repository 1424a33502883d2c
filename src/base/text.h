/* Growing text; exact numbers are in recoup/number.h. */
#ifndef RECOUP_BASE_TEXT_H
#define RECOUP_BASE_TEXT_H

#include <recoup/number.h>
#include <stdbool.h>
#include <stddef.h>

/* A text that grows; a zeroed struct is empty. A failed allocation is remembered in `failed` and
 * makes every later call do nothing, so that a writer checks once, at its end. */
typedef struct recoup_text {
    char *bytes; /* NUL-terminated once anything was added */
    size_t length, capacity;
    bool failed;
} recoup_text;

void recoup_text_add(recoup_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void recoup_text_add_bytes(recoup_text *text, const char *bytes, size_t length);
/* The shortest decimal number that reads back as x, e.g. 0.1, 42000, 1e+30; nan and inf as such. */
void recoup_text_add_number(recoup_text *text, double x);
/* A cell of CSV, quoted where it must be, marked where a spreadsheet would take it for a formula
 * (recoup/export.h). */
void recoup_text_add_cell(recoup_text *text, const char *cell);
void recoup_text_clear(recoup_text *text);

/* Writes digits in groups of three, 1234567 as 1,234,567; grouped: 4/3 of their length and a NUL.
 */
void recoup_digits_group(char *grouped, const char *digits);

/* As recoup_number_parse, with a decimal comma and, if any, dots between groups of three digits:
 * 1234,50 and 1.234,50. */
bool recoup_number_parse_comma(const char *text, double *x);

#endif
