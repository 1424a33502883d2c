/* What the writer and the reader of results share of HDF5. */
#ifndef RECOUP_RESULTS_HDF5_H
#define RECOUP_RESULTS_HDF5_H

#include "hdf5/hdf5.h"
#include "results/records.h"
#include "results/schema.h"

/* The type of a variable's values in memory (to be closed by H5Tclose). */
hid_t recoup_hdf5_memory_type(const recoup_variable *variable);

/* A dimension without a coordinate variable: its dataset; -1: failed. */
hid_t recoup_hdf5_write_bare(hid_t file, const char *name, hsize_t size);

/* What a variable is: its long name, its units (NULL: none; RECOUP_MONEY: the currency of the
 * results), and whether NaN stands for a value that does not exist. */
bool recoup_hdf5_write_description(hid_t dataset, const recoup_results *results,
                                   const char *long_name, const char *units, bool has_missing);

/* Texts that HDF5 made, moved into the arena of the results; false: out of memory. */
bool recoup_hdf5_keep_texts(recoup_results *results, hid_t dataset, hid_t type, char **text,
                            size_t count);

/* Records (results/records.h). Reading reports each variable that is missing or damaged: EINVALID;
 * ENOMEM. `path`: for messages. */
bool recoup_records_write(hid_t file, const recoup_results *results);
recoup_status recoup_records_read(hid_t file, const char *path, recoup_results *results,
                                  recoup_error *error);

#endif
