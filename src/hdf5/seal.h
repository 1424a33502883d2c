/* A checksum of the whole file, in a line of text behind the last byte of HDF5 (which ignores what
 * follows its own end). HDF5 1.10 crashes or hangs on some damaged files, so a reader has to know
 * that a file is whole before it lets HDF5 in. A program that edits the file in place removes or
 * overwrites the line; without it there is nothing to check. */
#ifndef RECOUP_HDF5_SEAL_H
#define RECOUP_HDF5_SEAL_H

#include <stdbool.h>
#include <stddef.h>

enum { RECOUP_SEAL_SIZE = 32 }; /* "recoup:fnv1a64:0123456789abcdef\n" */

/* The line for these bytes, NUL added. */
void recoup_seal_make(char seal[RECOUP_SEAL_SIZE + 1], const char *bytes, size_t length);

/* False: the file ends in such a line, and it does not fit. Otherwise *length becomes that of the
 * file without the line. */
bool recoup_seal_check(const char *bytes, size_t *length);

#endif
