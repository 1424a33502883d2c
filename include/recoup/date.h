/* How dates are written in tables. */
#ifndef RECOUP_DATE_H
#define RECOUP_DATE_H

typedef enum recoup_date_order {
    RECOUP_DATES_ISO, /* 2026-12-31 */
    RECOUP_DATES_US,  /* 12/31/2026 */
    RECOUP_DATES_EU   /* 31.12.2026, 31/12/2026 */
} recoup_date_order;

#endif
