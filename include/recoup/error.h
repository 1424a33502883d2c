/* Statuses and errors.
 *
 * Every function of recoup that can fail returns a recoup_status and reports what went wrong into a
 * recoup_error that the caller owns. An error collects any number of problems, so that a person
 * with a malformed export sees all of them at once; notes (things worth knowing that stop nothing)
 * travel in the same list. The library never prints and never exits.
 *
 *     recoup_error error = RECOUP_ERROR_INIT;
 *     if (recoup_scenario_load("scenario.yaml", &scenario, &error) != RECOUP_OK)
 *         recoup_error_print(&error, stderr);
 *     recoup_error_clear(&error);
 */
#ifndef RECOUP_ERROR_H
#define RECOUP_ERROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The only list of statuses: code, text, exit status of the command line. */
#define RECOUP_STATUS_LIST(X)                                                                      \
    X(RECOUP_OK, "no error", 0)                                                                    \
    X(RECOUP_ENOMEM, "out of memory", 1)                                                           \
    X(RECOUP_EIO, "reading or writing failed", 1)                                                  \
    X(RECOUP_ENUMERIC, "a computation failed", 1)                                                  \
    X(RECOUP_EINTERRUPTED, "interrupted", 1)                                                       \
    X(RECOUP_EUSAGE, "wrong usage", 2)                                                             \
    X(RECOUP_EINVALID, "invalid input", 3)

typedef enum recoup_status {
#define X(code, text, exit_status) code,
    RECOUP_STATUS_LIST(X)
#undef X
} recoup_status;

/* Static text of a status. */
const char *recoup_status_text(recoup_status status);
/* Exit status of the command line for a status: 0 done, 1 failed, 2 wrong usage, 3 invalid input.
 */
int recoup_status_exit(recoup_status status);

/* One thing that is wrong, or one note (code RECOUP_OK). */
typedef struct recoup_problem {
    recoup_status code;
    char *file;    /* NULL when no file is meant */
    int line;      /* from 1; 0 unknown */
    int column;    /* from 1; 0 unknown */
    char *field;   /* column or key; NULL unknown */
    char *message; /* what is wrong and what was expected */
    char *excerpt; /* the line of the file, for a caret under `column`; NULL unknown */
} recoup_problem;

typedef struct recoup_error {
    recoup_problem *problems;
    size_t n_problems, capacity;
    size_t n_errors;      /* errors reported, those not stored included */
    size_t n_dropped;     /* problems beyond the RECOUP_ERROR_MAX stored ones */
    recoup_status status; /* the first error's code; RECOUP_OK while there are only notes */
} recoup_error;

enum { RECOUP_ERROR_MAX = 100 };

#define RECOUP_ERROR_INIT                                                                          \
    { NULL, 0, 0, 0, 0, RECOUP_OK }

/* Frees all problems; the error is empty again and may be reused. */
void recoup_error_clear(recoup_error *error);

/* Prints every problem as `file:line:column: error: field: message`, as far as these are known,
 * with the source line and a caret; notes have "note" for "error". */
void recoup_error_print(const recoup_error *error, FILE *stream);

#ifdef __cplusplus
}
#endif
#endif
