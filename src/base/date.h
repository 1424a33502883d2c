/* Time is a double: days since 1970-01-01T00:00 UTC (leap seconds left out, as in POSIX). */
#ifndef RECOUP_BASE_DATE_H
#define RECOUP_BASE_DATE_H

#include <recoup/date.h>
#include <stdbool.h>

/* Reads an ISO 8601 date (2026-11-02) or timestamp
 * (2026-11-02T14:30[:05[.250]][Z|+02:00|+0200|+02]; a blank may stand for the T, and then the hour
 * may have one digit, AM or PM may follow, and UTC may stand for Z). A text without a
 * zone is taken to be in the zone that is `zone_days` ahead of UTC (+02:00: 2/24). *has_clock (may
 * be NULL) tells a timestamp from a date. False when the text is no such date or names a day that
 * does not exist. Years 1900 to 2199. */
bool recoup_date_parse(const char *text, double zone_days, double *days, bool *has_clock);

/* The same for dates as people write them: US 3/1/2017, EU 1.3.2017 and 1/3/2017, each with a time
 * behind a blank (14:30[:05], 2:30 PM). A year of two digits is one of 1969 to 2068. ISO 8601 is
 * read in any case. Source of the two digits: POSIX, strptime, %y. */
bool recoup_date_parse_as(recoup_date_order order, const char *text, double zone_days, double *days,
                          bool *has_clock);

/* Reads "UTC", "Z" or an offset such as +02:00 as the days that the zone is ahead of UTC. */
bool recoup_zone_parse(const char *text, double *zone_days);

/* Days since 1970-01-01 of a civil date of the proleptic Gregorian calendar, and back.
 * Source: the era arithmetic of ISO 8601 (400-year cycles of 146,097 days). */
int recoup_days_from_civil(int year, int month, int day);
void recoup_civil_from_days(int days, int *year, int *month, int *day);

/* As recoup_date_format (recoup/date.h): 2026-11-02T14:30:05Z, to the second below. */
char *recoup_timestamp_format(char *buffer, double days);

#endif
