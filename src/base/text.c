#include "base/text.h"

#include "base/memory.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool reserve(recoup_text *text, size_t more) {
    if (text->failed)
        return false;
    if (text->length + more + 1 <= text->capacity)
        return true;
    size_t capacity = 2 * text->capacity + more + 64;
    char *grown = realloc(text->bytes, capacity);
    if (!grown) {
        text->failed = true;
        return false;
    }
    text->bytes = grown;
    text->capacity = capacity;
    return true;
}

void recoup_text_add_bytes(recoup_text *text, const char *bytes, size_t length) {
    if (!reserve(text, length))
        return;
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

void recoup_text_add(recoup_text *text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0 || !reserve(text, (size_t)length)) {
        text->failed = true;
        return;
    }
    va_start(arguments, format);
    vsnprintf(text->bytes + text->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    text->length += (size_t)length;
}

void recoup_text_add_number(recoup_text *text, double x) {
    char buffer[RECOUP_NUMBER_SIZE];
    recoup_text_add(text, "%s", recoup_number_format(buffer, x));
}

/* Source: OWASP, "CSV Injection"; the apostrophes so that marking can be undone. */
static bool looks_like_formula(const char *cell) {
    cell += strspn(cell, "'");
    return *cell && strchr("=+-@\t\r", *cell);
}

/* Source: RFC 4180. */
void recoup_text_add_cell(recoup_text *text, const char *cell) {
    const char *mark = looks_like_formula(cell) ? "'" : "";
    if (!strpbrk(cell, ",\"\r\n")) {
        recoup_text_add(text, "%s%s", mark, cell);
        return;
    }
    recoup_text_add(text, "\"%s", mark);
    for (const char *p = cell; *p; p++)
        recoup_text_add_bytes(text, *p == '"' ? "\"\"" : p, *p == '"' ? 2 : 1);
    recoup_text_add_bytes(text, "\"", 1);
}

void recoup_text_clear(recoup_text *text) {
    free(text->bytes);
    *text = (recoup_text){0};
}

char *recoup_number_format(char *buffer, double x) {
    if (fabs(x) < 1e15 && x == rint(x)) { /* whole numbers stay whole: 1000000, not 1e+06 */
        snprintf(buffer, RECOUP_NUMBER_SIZE, "%.0f", x + 0.0);
        return buffer;
    }
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(buffer, RECOUP_NUMBER_SIZE, "%.*g", digits, x);
        if (strtod(buffer, NULL) == x)
            break;
    }
    return buffer;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool recoup_number_parse(const char *text, double *x) {
    char clean[128];
    size_t n = 0;
    const char *p = text;
    bool has_digits = false;
    while (*p == ' ' || *p == '\t')
        p++;
    if (*p == '+' || *p == '-')
        clean[n++] = *p++;
    for (int part = 0; part < 2; part++) { /* digits [. digits] */
        for (; is_digit(*p) || (*p == '_' && p > text && is_digit(p[-1]) && is_digit(p[1])); p++) {
            if (*p == '_')
                continue;
            has_digits = true;
            if (n + 8 > sizeof clean)
                return false;
            clean[n++] = *p;
        }
        if (part == 0 && *p == '.')
            clean[n++] = *p++;
        else
            break;
    }
    if (!has_digits)
        return false;
    if (*p == 'e' || *p == 'E') {
        clean[n++] = *p++;
        if (*p == '+' || *p == '-')
            clean[n++] = *p++;
        int digits = 0;
        for (; is_digit(*p) && digits < 4; digits++)
            clean[n++] = *p++;
        if (digits == 0)
            return false;
    }
    bool percent = *p == '%';
    if (percent)
        p++;
    while (*p == ' ' || *p == '\t')
        p++;
    if (*p)
        return false;
    clean[n] = '\0';
    double value = strtod(clean, NULL); /* the program never calls setlocale for LC_NUMERIC */
    if (!isfinite(value))
        return false;
    *x = percent ? value / 100 : value;
    return true;
}

bool recoup_number_parse_comma(const char *text, double *x) {
    enum { SIZE = 128, GROUP = 3 };
    static const char any_digit[] = "0123456789";
    char plain[SIZE];
    size_t length = strlen(text), n = 0, lead;
    const char *p = text;
    if (length >= SIZE)
        return false;
    if (*p == '-')
        plain[n++] = *p++;
    lead = strspn(p, any_digit);
    if (*(p + lead) == '.' && (lead < 1 || lead > GROUP))
        return false;
    memcpy(plain + n, p, lead);
    for (n += lead, p += lead; *p == '.'; n += GROUP, p += GROUP + 1) {
        if (strspn(p + 1, any_digit) != GROUP)
            return false;
        memcpy(plain + n, p + 1, GROUP);
    }
    if (*p == ',') {
        plain[n++] = '.';
        p++;
    }
    strcpy(plain + n, p);
    return !strpbrk(p, ".,") && recoup_number_parse(plain, x);
}

void recoup_digits_group(char *grouped, const char *digits) {
    size_t length = strlen(digits), n = 0;
    for (size_t i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            grouped[n++] = ',';
        grouped[n++] = digits[i];
    }
    grouped[n] = '\0';
}
