#include "base/quarter.h"

#include "base/date.h"
#include <math.h>

enum { MONTHS = 3 };

/* The day `months` after a civil date, the month's last one where it has no such day. */
static int add_months(int year, int month, int day, int months) {
    int count = year * 12 + month - 1 + months;
    int first = recoup_days_from_civil(count / 12, count % 12 + 1, 1);
    int next = recoup_days_from_civil((count + 1) / 12, (count + 1) % 12 + 1, 1);
    return first + day <= next ? first + day - 1 : next - 1;
}

recoup_quarter recoup_quarter_of(double anchor, double time) {
    int year, month, day;
    double local = floor(anchor + .5), zone = anchor - local;
    recoup_civil_from_days((int)local, &year, &month, &day);
    /* No quarter is longer than 92 days, none shorter than 89: a first guess, then step by step. */
    int k = (int)floor((time - anchor) / 91.3125);
    while (add_months(year, month, day, MONTHS * k) + zone > time)
        k--;
    while (add_months(year, month, day, MONTHS * (k + 1)) + zone <= time)
        k++;
    return (recoup_quarter){add_months(year, month, day, MONTHS * k) + zone,
                            add_months(year, month, day, MONTHS * (k + 1)) + zone};
}

double recoup_months_after(double time, int months) {
    int year, month, day;
    double local = floor(time + .5);
    recoup_civil_from_days((int)local, &year, &month, &day);
    return add_months(year, month, day, months) + (time - local);
}

double recoup_quarter_end_contrast(double anchor, double last_days, double time) {
    recoup_quarter quarter = recoup_quarter_of(anchor, time);
    double share = fmin(1, last_days / (quarter.end - quarter.start));
    return quarter.end - time <= last_days ? 1 - share : -share;
}
