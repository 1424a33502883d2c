/* Reporting into a recoup_error; the public half is recoup/error.h. */
#ifndef RECOUP_BASE_ERROR_H
#define RECOUP_BASE_ERROR_H

#include <recoup/error.h>

/* Where a problem is: file and field borrowed for the call, line and column from 1 (0 unknown). */
typedef struct recoup_place {
    const char *file;
    int line, column;
    const char *field;
    const char *excerpt;
} recoup_place;

/* Adds an error and returns `code`, so that `return recoup_fail(...)` reads as one step. Running
 * out of memory while reporting loses the message, never the code. `error` may be NULL. */
recoup_status recoup_fail(recoup_error *error, recoup_status code, const recoup_place *place,
                          const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Adds a note: worth knowing, stops nothing. */
void recoup_note(recoup_error *error, const recoup_place *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Moves all problems of `from` behind those of `into`; `from` is empty afterwards. */
void recoup_error_merge(recoup_error *into, recoup_error *from);

/* `return recoup_fail_memory(error)` for a failed allocation. */
static inline recoup_status recoup_fail_memory(recoup_error *error) {
    recoup_fail(error, RECOUP_ENOMEM, NULL, "out of memory");
    return RECOUP_ENOMEM;
}

#endif
