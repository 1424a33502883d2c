/* Reading whole files; replacing files so that a reader never sees half of one. */
#ifndef RECOUP_BASE_FILE_H
#define RECOUP_BASE_FILE_H

#include "base/error.h"

/* Reads a file whole; *bytes (free it) is NUL-terminated beyond *length. */
recoup_status recoup_file_read(const char *path, char **bytes, size_t *length, recoup_error *error);

/* The folder of a path and a name in it: ("a/b.yaml", "c.csv") -> "a/c.csv"; an absolute name stays
 * as it is. NULL when out of memory; free it. */
char *recoup_path_beside(const char *path, const char *name);

/* Replacing `path`: open() makes an empty temporary file in the same folder (so that the rename is
 * atomic) and gives its name; write it and close it, then commit() syncs and renames it, or abort()
 * removes it. The old file stays intact until the rename. */
typedef struct recoup_replacement {
    char *path, *temporary;
} recoup_replacement;

recoup_status recoup_replacement_open(recoup_replacement *replacement, const char *path,
                                      recoup_error *error);
recoup_status recoup_replacement_commit(recoup_replacement *replacement, recoup_error *error);
void recoup_replacement_abort(recoup_replacement *replacement); /* harmless after commit */

/* The whole of it for a text. */
recoup_status recoup_file_write(const char *path, const char *bytes, size_t length,
                                recoup_error *error);

#endif
