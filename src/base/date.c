#include "base/date.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

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

/* hh:mm[:ss[.fff]] as a fraction of a day. */
static bool clock_time(const char **p, double *fraction) {
    int hour, minute, second = 0;
    double below_second = 0;
    if (!digits(p, 2, &hour) || *(*p)++ != ':' || !digits(p, 2, &minute))
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
    if (hour > 24 || minute > 59 || second > 60 || (hour == 24 && minute + second > 0))
        return false;
    *fraction = (hour * 3600 + minute * 60 + second + below_second) / 86400;
    return true;
}

/* Leaves *offset_days alone when no zone is written. */
static bool zone(const char **p, double *offset_days) {
    if (**p == 'Z' || **p == 'z') {
        ++*p;
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

bool recoup_date_parse(const char *text, double zone_days, double *days, bool *has_clock) {
    const char *p = text;
    int year, month, day;
    while (*p == ' ')
        p++;
    if (!digits(&p, 4, &year) || *p++ != '-' || !digits(&p, 2, &month) || *p++ != '-' ||
        !digits(&p, 2, &day))
        return false;
    if (year < 1900 || year > 2199 || month < 1 || month > 12 || day < 1)
        return false;
    int civil = recoup_days_from_civil(year, month, day);
    int y, m, d;
    recoup_civil_from_days(civil, &y, &m, &d);
    if (y != year || m != month || d != day) /* 31 April */
        return false;
    double fraction = 0, offset = zone_days;
    bool timed = *p == 'T' || *p == 't' || (*p == ' ' && p[1] >= '0' && p[1] <= '9');
    if (timed) {
        p++;
        if (!clock_time(&p, &fraction) || !zone(&p, &offset))
            return false;
    }
    while (*p == ' ')
        p++;
    if (*p)
        return false;
    *days = civil + fraction - offset;
    if (has_clock)
        *has_clock = timed;
    return true;
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
