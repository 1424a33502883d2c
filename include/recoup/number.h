/* Numbers as text, the same everywhere: tables, YAML files and the command line. */
#ifndef RECOUP_NUMBER_H
#define RECOUP_NUMBER_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { RECOUP_NUMBER_SIZE = 32 };
/* The shortest decimal number that reads back as x, e.g. 0.1, 42000, 1e+30; nan and inf as such.
 * Into a buffer of RECOUP_NUMBER_SIZE bytes; returns the buffer. */
char *recoup_number_format(char *buffer, double x);

/* Reads the whole text as one finite number: plain or with exponent (1e6), `_` between digits
 * (1_000_000), or with a percent sign (25% is .25). Blanks around it are allowed, anything else
 * after it is not. Returns false and leaves *x alone otherwise. Locale plays no part. */
bool recoup_number_parse(const char *text, double *x);

#ifdef __cplusplus
}
#endif
#endif
