/* Days as dates, and how tables write them. */
#ifndef RECOUP_DATE_H
#define RECOUP_DATE_H

#ifdef __cplusplus
extern "C" {
#endif

enum { RECOUP_DATE_SIZE = 32 };
/* Into a buffer of RECOUP_DATE_SIZE bytes, returned: 2026-11-02 of the day that `days` since
 * 1970-01-01 falls in. */
char *recoup_date_format(char *buffer, double days);

/* What dates in a table look like. */
typedef enum recoup_date_order {
    RECOUP_DATES_ISO, /* 2026-12-31 */
    RECOUP_DATES_US,  /* 12/31/2026 */
    RECOUP_DATES_EU   /* 31.12.2026, 31/12/2026 */
} recoup_date_order;

#ifdef __cplusplus
}
#endif
#endif
