#include "scenario/moment.h"

#include "base/date.h"
#include <math.h>
#include <string.h>

enum { OFFSET_MAX_DAYS = 36525 }; /* beyond it, dates could not be written with four digits */

static const double milliseconds_a_day = 86400e3;

static bool is_date(const recoup_node *node, double zone_days, double *days, bool *has_clock) {
    return node->kind == RECOUP_NODE_SCALAR && !node->quoted &&
           recoup_date_parse(node->text, zone_days, days, has_clock);
}

static recoup_status fail(const recoup_document *document, const recoup_node *node, const char *key,
                          const char *expected, recoup_error *error) {
    double ignored;
    if (node->kind != RECOUP_NODE_SCALAR)
        return recoup_node_fail(document, node, error, "'%s' is a %s; expected %s", key,
                                node->kind == RECOUP_NODE_MAPPING ? "mapping" : "list", expected);
    if (node->quoted && recoup_date_parse(node->text, 0, &ignored, NULL))
        return recoup_node_fail(document, node, error,
                                "'%s' is a quoted text; expected the date without quotation marks",
                                key);
    return recoup_node_fail(document, node, error, "'%s' is '%s'; expected %s", key, node->text,
                            expected);
}

recoup_status recoup_moment_read(const recoup_document *document, const recoup_node *node,
                                 const char *key, double zone_days, bool whole_day, double *days,
                                 recoup_error *error) {
    bool has_clock = false;
    double read;
    if (!is_date(node, zone_days, &read, &has_clock) || (whole_day && has_clock))
        return fail(document, node, key,
                    whole_day ? "a whole day such as 2026-11-02"
                              : "a date such as 2026-11-02, or a time such as 2026-11-02T14:30",
                    error);
    *days = read;
    return RECOUP_OK;
}

/* `+7d`, `+1.5d` */
static bool offset_parse(const char *text, double *days) {
    char number[64];
    size_t n = strlen(text);
    if (n < 3 || n >= sizeof number || text[0] != '+' || text[n - 1] != 'd' || text[1] < '0' ||
        text[1] > '9' || text[n - 2] == '%' || text[n - 2] == ' ')
        return false;
    memcpy(number, text + 1, n - 2);
    number[n - 2] = '\0';
    return recoup_number_parse(number, days);
}

recoup_status recoup_start_read(const recoup_document *document, const recoup_node *node,
                                const char *key, double as_of, double zone_days, double *days,
                                recoup_error *error) {
    double read;
    if (node->kind == RECOUP_NODE_SCALAR && offset_parse(node->text, &read)) {
        if (read > OFFSET_MAX_DAYS)
            return fail(document, node, key, "at most +36525d, a century", error);
        *days = as_of + read;
        return RECOUP_OK;
    }
    if (!is_date(node, zone_days, &read, NULL))
        return fail(document, node, key,
                    "a date such as 2026-11-09, or days after the as-of date such as +7d", error);
    *days = read;
    return RECOUP_OK;
}

double recoup_start_day(double start, double as_of) {
    double days = rint((start - as_of) * milliseconds_a_day) / milliseconds_a_day;
    return days > 0 ? days : 0;
}

/* A tenth of a millisecond: far finer than recoup_start_day, far coarser than the rounding of
 * days since 1970 in a double (0.3 microseconds), so that what is written reads back the same. */
static const double ticks_a_second = 1e4;

void recoup_moment_add(recoup_text *text, double days, double zone_days) {
    double ticks_a_day = 86400 * ticks_a_second;
    double local = days + zone_days;
    double day = floor(local);
    double ticks = rint((local - day) * ticks_a_day);
    if (ticks >= ticks_a_day) {
        day += 1;
        ticks = 0;
    }
    char date[RECOUP_DATE_SIZE];
    recoup_text_add(text, "%s", recoup_date_format(date, day));
    if (ticks == 0)
        return;
    int second = (int)floor(ticks / ticks_a_second);
    int below = (int)(ticks - second * ticks_a_second);
    recoup_text_add(text, "T%02d:%02d:%02d", second / 3600, second / 60 % 60, second % 60);
    if (below)
        recoup_text_add(text, ".%04d", below);
}
