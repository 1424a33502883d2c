/* The values of the page's data, rounded to what a page shows. */
#ifndef RECOUP_REPORT_JSON_H
#define RECOUP_REPORT_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* Everything is added to objects by these, which take over `value` and remember a failed allocation
 * of any kind, so that a writer checks once, at its end. */
typedef struct recoup_json {
    bool failed;
} recoup_json;

void recoup_json_set(recoup_json *json, json_t *object, const char *key, json_t *value);
void recoup_json_append(recoup_json *json, json_t *array, json_t *value);

/* Whole above 1,000, else as it is (the text has six digits); null when not finite. */
json_t *recoup_json_number(double x);
/* With so many significant digits; null when not finite. */
json_t *recoup_json_rounded(double x, int digits);
/* The day that it falls in, days since 1970; null when not finite. */
json_t *recoup_json_date(double days);
/* A text; what is not UTF-8 becomes U+FFFD. */
json_t *recoup_json_text(const char *text);
json_t *recoup_json_texts(recoup_json *json, char *const *text, int n);
/* n numbers, the next one `stride` values after the one before. */
json_t *recoup_json_numbers(recoup_json *json, const double *x, int n, int stride);

/* The whole as text without anything that HTML could take for its own (free it): `<`, `>`, `&` and
 * the line separators of JavaScript are written as escapes. NULL: out of memory. */
char *recoup_json_format(const json_t *value, size_t *length);

#endif
