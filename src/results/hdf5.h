/* What writer and reader share of HDF5. The library is not thread-safe: neither are these. */
#ifndef RECOUP_RESULTS_HDF5_H
#define RECOUP_RESULTS_HDF5_H

#include "results/schema.h"
#include <hdf5.h>

/* HDF5 prints its errors unless told otherwise; begin() silences it, end() gives the caller's
 * setting back. */
typedef struct recoup_hdf5_silence {
    H5E_auto2_t print;
    void *data;
} recoup_hdf5_silence;

void recoup_hdf5_silence_begin(recoup_hdf5_silence *silence);
void recoup_hdf5_silence_end(const recoup_hdf5_silence *silence);

/* Reports that HDF5 failed, with the innermost reason that it gives. */
recoup_status recoup_hdf5_fail(recoup_error *error, recoup_status code, const char *path,
                               const char *doing);

/* Properties of a file that lives in memory. */
hid_t recoup_hdf5_memory_file(void);

/* The type of a variable's values in memory (to be closed by H5Tclose). */
hid_t recoup_hdf5_memory_type(const recoup_variable *variable);

/* A dimension without a coordinate variable is a dataset without data, with a name that begins like
 * this. Source: netCDF-4 file format specification, "Dimensions without coordinate variables". */
#define RECOUP_HDF5_NO_COORDINATE "This is a netCDF dimension but not a netCDF variable."

#endif
