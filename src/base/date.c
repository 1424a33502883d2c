#include "base/date.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

int recoup_days_from_civil(int year, int month, int day) {
    int y = month <= 2 ? year - 1 : year; /* years begin in March: leap days come last */
    int era = (y >= 0 ? y : y - 399) / 400;
    int year_of_era = y - era * 400;
    int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

void recoup_civil_from_days(int days, int *year, int *month, int *day) {
    int z = days + 719468;
    int era = (z >= 0 ? z : z - 146096) / 146097;
    int day_of_era = z - era * 146097;
    int year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int shifted_month = (5 * day_of_year + 2) / 153;
    *day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    *month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
    *year = year_of_era + era * 400 + (*month <= 2);
}

/* Exactly n digits; false otherwise. */
static bool digits(const char **p, int n, int *value) {
    int v = 0;
    for (int i = 0; i < n; i++) {
        char c = (*p)[i];
        if (c < '0' || c > '9')
            return false;
        v = 10 * v + (c - '0');
    }
    *p += n;
    *value = v;
    return true;
}

/* One or two digits. */
static bool short_digits(const char **p, int *value) {
    return digits(p, (*p)[0] && (*p)[1] >= '0' && (*p)[1] <= '9' ? 2 : 1, value);
}

/* AM or PM behind an hour of 1 to 12, which it turns into one of 24; none leaves it alone. */
static bool meridian(const char **p, int *hour) {
    const char *q = *p;
    while (*q == ' ')
        q++;
    if (strncasecmp(q, "am", 2) != 0 && strncasecmp(q, "pm", 2) != 0)
        return true;
    if (*hour < 1 || *hour > 12)
        return false;
    *hour = *hour % 12 + (*q == 'p' || *q == 'P' ? 12 : 0);
    *p = q + 2;
    return true;
}

/* hh:mm[:ss[.fff]] as a fraction of a day; as people write it also h:mm, with AM or PM. */
static bool clock_time(const char **p, bool as_people_do, double *fraction) {
    int hour, minute, second = 0;
    double below_second = 0;
    if (!(as_people_do ? short_digits(p, &hour) : digits(p, 2, &hour)) || *(*p)++ != ':' ||
        !digits(p, 2, &minute))
        return false;
    if (**p == ':') {
        ++*p;
        if (!digits(p, 2, &second))
            return false;
        if (**p == '.') {
            double unit = 0.1;
            for (++*p; **p >= '0' && **p <= '9'; ++*p, unit /= 10)
                below_second += unit * (**p - '0');
        }
    }
    if (as_people_do && !meridian(p, &hour))
        return false;
    if (hour > 24 || minute > 59 || second > 60 || (hour == 24 && minute + second > 0))
        return false;
    *fraction = (hour * 3600 + minute * 60 + second + below_second) / 86400;
    return true;
}

/* Leaves *offset_days alone when no zone is written. */
static bool zone(const char **p, double *offset_days) {
    if (**p == 'Z' || **p == 'z' || strncmp(*p, " UTC", 4) == 0) {
        *p += **p == ' ' ? 4 : 1;
        *offset_days = 0;
        return true;
    }
    if (**p != '+' && **p != '-')
        return true;
    int sign = *(*p)++ == '-' ? -1 : 1;
    int hour, minute = 0;
    if (!digits(p, 2, &hour))
        return false;
    if (**p == ':')
        ++*p;
    if (**p && **p != ' ' && !digits(p, 2, &minute))
        return false;
    if (hour > 15 || minute > 59)
        return false;
    *offset_days = sign * (hour * 60 + minute) / 1440.0;
    return true;
}

bool recoup_zone_parse(const char *text, double *zone_days) {
    double offset = 0;
    const char *p = strcmp(text, "UTC") == 0 ? "Z" : text;
    if (!*p || !zone(&p, &offset) || *p)
        return false;
    *zone_days = offset;
    return true;
}

/* A day that exists, within the years that are read. */
static bool civil_day(int year, int month, int day, int *days) {
    if (year < 1900 || year > 2199 || month < 1 || month > 12 || day < 1)
        return false;
    int y, m, d;
    *days = recoup_days_from_civil(year, month, day);
    recoup_civil_from_days(*days, &y, &m, &d);
    return y == year && m == month && d == day; /* not 31 April */
}

/* The time of day behind a day, if there is one, and the end of the text. */
static bool finish(const char *p, bool timed, bool as_people_do, int civil, double zone_days,
                   double *days, bool *has_clock) {
    double fraction = 0, offset = zone_days;
    if (timed && (!clock_time(&p, as_people_do, &fraction) || !zone(&p, &offset)))
        return false;
    while (*p == ' ')
        p++;
    if (*p)
        return false;
    *days = civil + fraction - offset;
    if (has_clock)
        *has_clock = timed;
    return true;
}

bool recoup_date_parse(const char *text, double zone_days, double *days, bool *has_clock) {
    const char *p = text;
    int year, month, day, civil;
    while (*p == ' ')
        p++;
    if (!digits(&p, 4, &year) || *p++ != '-' || !digits(&p, 2, &month) || *p++ != '-' ||
        !digits(&p, 2, &day) || !civil_day(year, month, day, &civil))
        return false;
    bool blank = *p == ' ' && p[1] >= '0' && p[1] <= '9', timed = blank || *p == 'T' || *p == 't';
    return finish(p + timed, timed, blank, civil, zone_days, days, has_clock);
}

/* A year of two or four digits. */
static bool read_year(const char **p, int *year) {
    if (digits(p, 4, year))
        return true;
    if (!digits(p, 2, year) || (**p >= '0' && **p <= '9'))
        return false;
    *year += *year < 69 ? 2000 : 1900;
    return true;
}

bool recoup_date_parse_as(recoup_date_order order, const char *text, double zone_days, double *days,
                          bool *has_clock) {
    const char *p = text;
    int first, second, year, civil;
    if (order == RECOUP_DATES_ISO || recoup_date_parse(text, zone_days, days, has_clock))
        return recoup_date_parse(text, zone_days, days, has_clock);
    while (*p == ' ')
        p++;
    if (!short_digits(&p, &first))
        return false;
    char separator = *p++;
    bool is_us = order == RECOUP_DATES_US;
    if ((separator != '/' && (is_us || separator != '.')) || !short_digits(&p, &second) ||
        *p++ != separator || !read_year(&p, &year) ||
        !civil_day(year, is_us ? first : second, is_us ? second : first, &civil))
        return false;
    if (*p == ',' && p[1] == ' ') /* 3/1/2017, 2:30 PM */
        p++;
    bool timed = *p == ' ' && p[1] >= '0' && p[1] <= '9';
    return finish(p + timed, timed, true, civil, zone_days, days, has_clock);
}

char *recoup_date_format(char *buffer, double days) {
    int year, month, day;
    recoup_civil_from_days((int)floor(days), &year, &month, &day);
    snprintf(buffer, RECOUP_DATE_SIZE, "%04d-%02d-%02d", year, month, day);
    return buffer;
}

char *recoup_timestamp_format(char *buffer, double days) {
    double whole = floor(days);
    int second = (int)floor((days - whole) * 86400 + 1e-3); /* a double's rounding, not a clock's */
    if (second >= 86400) {
        whole += 1;
        second = 0;
    }
    int year, month, day;
    recoup_civil_from_days((int)whole, &year, &month, &day);
    snprintf(buffer, RECOUP_DATE_SIZE, "%04d-%02d-%02dT%02d:%02d:%02dZ", year, month, day,
             second / 3600, second / 60 % 60, second % 60);
    return buffer;
}
