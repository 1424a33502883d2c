/* What a batch consists of, before anything is computed; inside this module. */
#ifndef RECOUP_BATCH_ITEMS_H
#define RECOUP_BATCH_ITEMS_H

#include "base/error.h"
#include "base/memory.h"
#include "base/names.h"
#include "scenario/sweep.h"
#include <recoup/batch.h>

/* One scenario file and its combinations. */
typedef struct recoup_batch_file {
    const char *path;
    char *stem; /* how its results files begin */
    recoup_sweep sweep;
    recoup_status status; /* of reading it; then it counts as one scenario, which failed */
    recoup_error problems;
    int first; /* scenario of the batch */
} recoup_batch_file;

typedef struct recoup_batch_items {
    recoup_sweep_options options;
    int n_files;
    recoup_batch_file *file;
    recoup_batch batch;
    int *file_of;       /* [scenario] */
    recoup_names taken; /* file names in use, in small letters */
    recoup_arena arena;
} recoup_batch_items;

/* Finds the files, reads their sweeps and names every combination. To be cleared after a failure
 * too. EINVALID: no scenario in a folder, or no such file. */
recoup_status recoup_batch_items_find(recoup_batch_items *items, const char *const *path,
                                      int n_paths, const recoup_batch_options *options,
                                      recoup_error *error);
void recoup_batch_items_clear(recoup_batch_items *items);

/* --- names.c ---------------------------------------------------------------------------------- */

/* Adds a text with what is not safe in file names as `_`. */
void recoup_batch_name_add(recoup_text *name, const char *text);
/* The name if it is free, else with -2, -3 ... behind it; in the arena. Letter case makes no
 * difference. NULL: out of memory. */
const char *recoup_batch_name_take(recoup_batch_items *items, const recoup_text *name);

#endif
