#include "results/hdf5.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What such a dimension is called. Source: netCDF-4 file format specification, "Dimensions without
 * coordinate variables". */
#define NO_COORDINATE "This is a netCDF dimension but not a netCDF variable."

hid_t recoup_hdf5_memory_type(const recoup_variable *variable) {
    switch (variable->type) {
    case RECOUP_VARIABLE_DOUBLE:
        return H5Tcopy(H5T_NATIVE_DOUBLE);
    case RECOUP_VARIABLE_INT:
        return H5Tcopy(H5T_NATIVE_INT);
    case RECOUP_VARIABLE_INT64:
        return H5Tcopy(H5T_NATIVE_INT64);
    case RECOUP_VARIABLE_TEXT:
        break;
    }
    return recoup_hdf5_text_type();
}

hid_t recoup_hdf5_write_bare(hid_t file, const char *dimension, hsize_t size) {
    char name[96];
    hid_t scale = -1;
    snprintf(name, sizeof name, NO_COORDINATE "%10" PRIuHSIZE, size);
    hid_t space = H5Screate_simple(1, &size, NULL), properties = recoup_hdf5_properties();
    if (space >= 0 && properties >= 0)
        scale = H5Dcreate2(file, dimension, H5T_IEEE_F32BE, space, H5P_DEFAULT, properties,
                           H5P_DEFAULT);
    H5Sclose(space);
    H5Pclose(properties);
    return scale >= 0 && recoup_hdf5_write_scale(scale, name) ? scale : -1;
}

bool recoup_hdf5_write_description(hid_t dataset, const recoup_results *results,
                                   const char *long_name, const char *units, bool has_missing) {
    if (units && strcmp(units, RECOUP_MONEY) == 0 && *results->currency)
        units = results->currency;
    const double missing = NAN;
    bool is_date = units && strncmp(units, "days since", strlen("days since")) == 0;
    return recoup_hdf5_write_text(dataset, "long_name", long_name) &&
           recoup_hdf5_write_text(dataset, "units", units) &&
           recoup_hdf5_write_text(dataset, "calendar", is_date ? "standard" : NULL) &&
           (!has_missing ||
            recoup_hdf5_write_numbers(dataset, "_FillValue", H5T_IEEE_F64LE, &missing, 1));
}

bool recoup_hdf5_keep_texts(recoup_results *results, hid_t dataset, hid_t type, char **text,
                            size_t count) {
    hid_t space = H5Dget_space(dataset);
    char **own = RECOUP_NEW(char *, count);
    bool kept = own != NULL && space >= 0;
    for (size_t i = 0; kept && i < count; i++) {
        const char *from = text[i] ? text[i] : "";
        kept = (own[i] = recoup_arena_text(&results->arena, from, strlen(from))) != NULL;
    }
    if (space >= 0) {
        H5Dvlen_reclaim(type, space, H5P_DEFAULT, text);
        H5Sclose(space);
    }
    for (size_t i = 0; kept && i < count; i++)
        text[i] = own[i];
    free(own);
    return kept;
}
