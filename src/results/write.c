/* Results to a file. */
#include "results/hdf5.h"

#include "base/memory.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A file in the making: datasets stay open until the dimension scales are tied to them. */
typedef struct writer {
    const recoup_results *results;
    hid_t file;
    hid_t scale[RECOUP_N_DIMENSIONS]; /* the dataset of each dimension; -1: left out */
    hid_t *dataset;                   /* [variable]; -1: left out */
} writer;

/* --- attributes ----------------------------------------------------------------------------- */

static bool write_root_attributes(const writer *w) {
    const int version[] = {RECOUP_RESULTS_MAJOR, RECOUP_RESULTS_MINOR};
    char digest[32];
    snprintf(digest, sizeof digest, "fnv1a64:%016" PRIx64, recoup_results_digest(w->results));
    bool written =
        recoup_hdf5_write_text(w->file, "filetype", RECOUP_RESULTS_FILETYPE) &&
        recoup_hdf5_write_numbers(w->file, "format_version", H5T_STD_I32LE, version, 2) &&
        recoup_hdf5_write_text(w->file, "Conventions", RECOUP_RESULTS_CONVENTIONS) &&
        recoup_hdf5_write_text(w->file, "content_digest", digest);
    for (int i = 0; written && i < recoup_n_attributes; i++) {
        const recoup_attribute *attribute = &recoup_attributes[i];
        int64_t number = 0;
        if (attribute->is_text) {
            written = recoup_hdf5_write_text(w->file, attribute->name,
                                             recoup_attribute_text(w->results, attribute));
        } else {
            number = recoup_attribute_number(w->results, attribute);
            written =
                recoup_hdf5_write_numbers(w->file, attribute->name, H5T_STD_I64LE, &number, 0);
        }
    }
    return written;
}

static bool write_variable_attributes(const writer *w, hid_t dataset,
                                      const recoup_variable *variable) {
    return recoup_hdf5_write_description(dataset, w->results, variable->long_name, variable->units,
                                         variable->has_missing) &&
           recoup_hdf5_write_text(dataset, "note", variable->note);
}

/* --- variables ------------------------------------------------------------------------------ */

static hid_t file_type(const recoup_variable *variable) {
    switch (variable->type) {
    case RECOUP_VARIABLE_DOUBLE:
        return H5Tcopy(H5T_IEEE_F64LE);
    case RECOUP_VARIABLE_INT:
        return H5Tcopy(H5T_STD_I32LE);
    case RECOUP_VARIABLE_INT64:
        return H5Tcopy(H5T_STD_I64LE);
    case RECOUP_VARIABLE_TEXT:
        break;
    }
    return recoup_hdf5_memory_type(variable);
}

/* Arrays of numbers are packed and checked; texts lie in HDF5's heap, which filters do not reach,
 * and scalars have no chunks. */
static bool set_storage(hid_t properties, const recoup_variable *variable, const hsize_t *size) {
    const double missing = NAN;
    if (variable->has_missing && H5Pset_fill_value(properties, H5T_NATIVE_DOUBLE, &missing) < 0)
        return false;
    if (variable->rank == 0 || variable->type == RECOUP_VARIABLE_TEXT)
        return true;
    return recoup_hdf5_pack(properties, variable->rank, size);
}

static bool write_variable(writer *w, int index) {
    const recoup_variable *variable = &recoup_variables[index];
    hsize_t size[RECOUP_VARIABLE_MAX_RANK] = {0};
    for (int i = 0; i < variable->rank; i++)
        size[i] = (hsize_t)recoup_results_size(w->results, variable->dimension[i]);
    hid_t space =
        variable->rank == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(variable->rank, size, NULL);
    hid_t properties = recoup_hdf5_properties();
    hid_t on_file = file_type(variable), in_memory = recoup_hdf5_memory_type(variable);
    hid_t dataset = -1;
    bool written = false;
    if (space >= 0 && properties >= 0 && on_file >= 0 && in_memory >= 0 &&
        set_storage(properties, variable, size))
        dataset = H5Dcreate2(w->file, variable->name, on_file, space, H5P_DEFAULT, properties,
                             H5P_DEFAULT);
    if (dataset >= 0) {
        w->dataset[index] = dataset;
        written = H5Dwrite(dataset, in_memory, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                           recoup_variable_values(w->results, variable)) >= 0;
    }
    if (written && recoup_variable_is_coordinate(variable)) {
        w->scale[variable->dimension[0]] = dataset;
        written = recoup_hdf5_write_scale(dataset, variable->name);
    }
    written = written && write_variable_attributes(w, dataset, variable);
    H5Sclose(space);
    H5Pclose(properties);
    H5Tclose(on_file);
    H5Tclose(in_memory);
    return written;
}

static bool write_bare_dimension(writer *w, recoup_dimension_id dimension) {
    w->scale[dimension] =
        recoup_hdf5_write_bare(w->file, recoup_dimensions[dimension].name,
                               (hsize_t)recoup_results_size(w->results, dimension));
    return w->scale[dimension] >= 0;
}

/* --- dimension scales ----------------------------------------------------------------------- */

static bool write_dimension_list(const writer *w, hid_t dataset, const recoup_variable *variable) {
    const char *name[RECOUP_VARIABLE_MAX_RANK];
    for (int i = 0; i < variable->rank; i++)
        name[i] = recoup_dimensions[variable->dimension[i]].name;
    return recoup_hdf5_write_dimension_list(w->file, dataset, name, variable->rank);
}

static bool write_reference_list(const writer *w, recoup_dimension_id dimension) {
    recoup_hdf5_use *use =
        RECOUP_NEW(recoup_hdf5_use, recoup_n_variables * RECOUP_VARIABLE_MAX_RANK);
    int n_uses = 0;
    if (!use)
        return false;
    for (int v = 0; v < recoup_n_variables; v++) {
        const recoup_variable *variable = &recoup_variables[v];
        if (w->dataset[v] < 0 || recoup_variable_is_coordinate(variable))
            continue;
        for (int i = 0; i < variable->rank; i++)
            if (variable->dimension[i] == dimension)
                use[n_uses++] = (recoup_hdf5_use){variable->name, i};
    }
    bool written = recoup_hdf5_write_reference_list(w->file, w->scale[dimension], use, n_uses);
    free(use);
    return written;
}

static bool write_scales(const writer *w) {
    for (int v = 0; v < recoup_n_variables; v++) {
        const recoup_variable *variable = &recoup_variables[v];
        if (w->dataset[v] >= 0 && variable->rank > 0 && !recoup_variable_is_coordinate(variable) &&
            !write_dimension_list(w, w->dataset[v], variable))
            return false;
    }
    for (int d = 0; d < RECOUP_N_DIMENSIONS; d++)
        if (w->scale[d] >= 0 && !write_reference_list(w, (recoup_dimension_id)d))
            return false;
    return true;
}

/* --- the file ------------------------------------------------------------------------------- */

static bool is_present(const writer *w, int variable) {
    return recoup_variable_count(w->results, &recoup_variables[variable]) > 0;
}

/* Coordinates come first, in the order of the dimensions: netCDF numbers dimensions as it meets
 * them. */
static bool write_dimensions(writer *w) {
    for (int d = 0; d < RECOUP_N_DIMENSIONS; d++) {
        if (recoup_results_size(w->results, (recoup_dimension_id)d) == 0)
            continue;
        for (int v = 0; v < recoup_n_variables; v++)
            if (recoup_variable_is_coordinate(&recoup_variables[v]) &&
                (int)recoup_variables[v].dimension[0] == d && !write_variable(w, v))
                return false;
        if (w->scale[d] < 0 && !write_bare_dimension(w, (recoup_dimension_id)d))
            return false;
    }
    return true;
}

static bool write_all(writer *w) {
    if (!write_root_attributes(w) || !write_dimensions(w))
        return false;
    for (int v = 0; v < recoup_n_variables; v++)
        if (w->dataset[v] < 0 && is_present(w, v) && !write_variable(w, v))
            return false;
    return write_scales(w) && recoup_records_write(w->file, w->results);
}

static recoup_status write_file(hid_t file, const void *results) {
    writer w = {.results = results, .file = file};
    for (int d = 0; d < RECOUP_N_DIMENSIONS; d++)
        w.scale[d] = -1;
    w.dataset = RECOUP_NEW(hid_t, recoup_n_variables);
    if (!w.dataset)
        return RECOUP_ENOMEM;
    for (int v = 0; v < recoup_n_variables; v++)
        w.dataset[v] = -1;
    bool written = write_all(&w);
    free(w.dataset);
    return written ? RECOUP_OK : RECOUP_EIO;
}

static bool reads_back(const char *path, const void *results, recoup_error *error) {
    recoup_results *back = NULL;
    bool same =
        recoup_results_read(path, &back, error) == RECOUP_OK && recoup_results_equal(back, results);
    recoup_results_free(back);
    return same;
}

recoup_status recoup_results_write(const recoup_results *results, const char *path,
                                   recoup_error *error) {
    const recoup_hdf5_content content = {
        .what = "the results file", .of = results, .write = write_file, .reads_back = reads_back};
    return recoup_hdf5_replace(path, &content, error);
}
