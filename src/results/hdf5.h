/* What the writer and the reader of results share of HDF5. */
#ifndef RECOUP_RESULTS_HDF5_H
#define RECOUP_RESULTS_HDF5_H

#include "hdf5/hdf5.h"
#include "results/schema.h"

/* The type of a variable's values in memory (to be closed by H5Tclose). */
hid_t recoup_hdf5_memory_type(const recoup_variable *variable);

/* A dimension without a coordinate variable is a dataset without data, with a name that begins like
 * this. Source: netCDF-4 file format specification, "Dimensions without coordinate variables". */
#define RECOUP_HDF5_NO_COORDINATE "This is a netCDF dimension but not a netCDF variable."

#endif
