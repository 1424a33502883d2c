/* Quarters of three calendar months, counted from a day that starts one. */
#ifndef RECOUP_BASE_QUARTER_H
#define RECOUP_BASE_QUARTER_H

/* Days since 1970 (base/date.h). */
typedef struct recoup_quarter {
    double start, end;
} recoup_quarter;

/* The quarter that holds `time`, start included, where `anchor` is the start of one: midnight of
 * any zone within 12 hours of UTC. From the 29th of a month on the last day of a shorter one
 * stands for it. */
recoup_quarter recoup_quarter_of(double anchor, double time);

/* `time` moved by so many calendar months, back where they are below 0, in the same zone: midnight
 * of any zone within 12 hours of UTC; a day that the month does not have is its last one. */
double recoup_months_after(double time, int months);

/* A contrast whose mean over the days of a quarter is 0: with the share w of the last `last_days`
 * days of their quarter, 1 - w on these and -w on the others. */
double recoup_quarter_end_contrast(double anchor, double last_days, double time);

#endif
