#include "report/json.h"

#include "base/text.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void recoup_json_set(recoup_json *json, json_t *object, const char *key, json_t *value) {
    if (!value || json_object_set_new(object, key, value) != 0) /* which frees it */
        json->failed = true;
}

void recoup_json_append(recoup_json *json, json_t *array, json_t *value) {
    if (!value || json_array_append_new(array, value) != 0)
        json->failed = true;
}

/* A whole number that a double holds exactly is written without exponent. */
static bool fits_whole(double x) {
    return fabs(x) < 9007199254740992.0;
}

json_t *recoup_json_number(double x) {
    if (!isfinite(x))
        return json_null();
    double whole = round(x);
    if (fits_whole(x) && (fabs(x) >= 1000 || whole == x))
        return json_integer((json_int_t)whole);
    return json_real(x);
}

json_t *recoup_json_rounded(double x, int digits) {
    char text[64];
    if (!isfinite(x))
        return json_null();
    (void)snprintf(text, sizeof text, "%.*g", digits, x);
    return recoup_json_number(strtod(text, NULL));
}

json_t *recoup_json_date(double days) {
    return isfinite(days) ? json_integer((json_int_t)floor(days)) : json_null();
}

json_t *recoup_json_text(const char *text) {
    json_t *value = json_string(text);
    return value ? value : json_string("\xef\xbf\xbd");
}

json_t *recoup_json_texts(recoup_json *json, char *const *text, int n) {
    json_t *array = json_array();
    for (int i = 0; i < n; i++)
        recoup_json_append(json, array, recoup_json_text(text[i]));
    return array;
}

json_t *recoup_json_numbers(recoup_json *json, const double *x, int n, int stride) {
    json_t *array = json_array();
    for (int i = 0; i < n; i++)
        recoup_json_append(json, array, recoup_json_number(x[(size_t)i * (size_t)stride]));
    return array;
}

/* Bytes at `p` that are to be escaped, 0: none. `<`, `>` and `&` stand in strings only. */
static size_t escape_of(const char *p, const char **escape) {
    static const struct {
        const char *bytes, *escape;
    } table[] = {{"<", "\\u003c"},
                 {">", "\\u003e"},
                 {"&", "\\u0026"},
                 {"\xe2\x80\xa8", "\\u2028"},
                 {"\xe2\x80\xa9", "\\u2029"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        size_t n = strlen(table[i].bytes);
        if (strncmp(p, table[i].bytes, n) == 0) {
            *escape = table[i].escape;
            return n;
        }
    }
    return 0;
}

char *recoup_json_format(const json_t *value, size_t *length) {
    enum { DIGITS = 6 };
    char *plain = json_dumps(value, JSON_COMPACT | JSON_REAL_PRECISION(DIGITS));
    recoup_text text = {0};
    if (!plain)
        return NULL;
    const char *from = plain, *p = plain, *escape = NULL;
    while (*p) {
        size_t n = escape_of(p, &escape);
        if (n > 0) {
            recoup_text_add_bytes(&text, from, (size_t)(p - from));
            recoup_text_add(&text, "%s", escape);
            from = p + n;
        }
        p += n > 0 ? n : 1;
    }
    recoup_text_add_bytes(&text, from, (size_t)(p - from));
    free(plain);
    if (text.failed) {
        recoup_text_clear(&text);
        return NULL;
    }
    *length = text.length;
    return text.bytes;
}
