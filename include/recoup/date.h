/* Days as dates. */
#ifndef RECOUP_DATE_H
#define RECOUP_DATE_H

#ifdef __cplusplus
extern "C" {
#endif

enum { RECOUP_DATE_SIZE = 32 };
/* Into a buffer of RECOUP_DATE_SIZE bytes, returned: 2026-11-02 of the day that `days` since
 * 1970-01-01 falls in. */
char *recoup_date_format(char *buffer, double days);

#ifdef __cplusplus
}
#endif
#endif
