/* Results: the distributions of one run, in memory and as a file results.h5 (docs/results.md).
 *
 * HDF5 is not thread-safe: of all the threads of a process, one at a time may write or read results
 * (or call HDF5 for other ends). Results in memory may be read by any number of threads. */
#ifndef RECOUP_RESULTS_H
#define RECOUP_RESULTS_H

#include <recoup/error.h>
#include <recoup/tally.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct recoup_results recoup_results; /* immutable once made */

/* Where the numbers come from; written as root attributes. Strings are copied. */
typedef struct recoup_provenance {
    const char *title;     /* the scenario's name */
    const char *estimator; /* "walk" ... */
    const char *isa;       /* "any" where results do not depend on the instruction set */
    const char *scenario;  /* text, fully resolved */
    const char *model;     /* text */
    /* ISO dates in the scenario's timezone; NULL: not known. period_end is the last day. */
    const char *as_of, *period_start, *period_end;
    uint64_t view_digest;  /* of what was read from the tables and known at the as-of date */
    uint64_t model_digest; /* recoup_model_digest */
    int64_t seed;
} recoup_provenance;

/* On success *results is to be freed by recoup_results_free; the tally may be freed before it.
 * EINVALID: the tally holds no path. */
recoup_status recoup_results_create(const recoup_tally *tally, const recoup_provenance *provenance,
                                    recoup_results **results, recoup_error *error);
void recoup_results_free(recoup_results *results);

/* Writes results.h5 under a temporary name in the same folder, reopens and verifies it, then
 * renames it: an older file stays intact until then. EIO: full disk, no permission. Equal results
 * give equal bytes. Takes about three times the file's size in memory. */
recoup_status recoup_results_write(const recoup_results *results, const char *path,
                                   recoup_error *error);
/* Reads a file written by this or an older version. EINVALID: not such a file, or damaged. The last
 * line of the file holds a checksum of the whole, the attribute content_digest one of all values:
 * a file with a changed byte is refused, unless all values are still those that were written. */
recoup_status recoup_results_read(const char *path, recoup_results **results, recoup_error *error);

#ifdef __cplusplus
}
#endif
#endif
