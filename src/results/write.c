/* Results to a file.
 *
 * The HDF5 file is made in memory and then written as plain bytes: a full disk shows where it
 * happens, with the system's own reason (HDF5 1.10 can report success for a file that it could not
 * write). */
#include "results/hdf5.h"

#include "base/file.h"
#include "results/seal.h"
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Chunks hold at most this many values, so that a reader of a few paths need not unpack them all.
 */
enum { CHUNK_VALUES = 1 << 16, DEFLATE_LEVEL = 6 };

/* Half the width of a node of the chunk index. HDF5's own choice, 32, spends 3 kB on every dataset,
 * and nearly all have one chunk. */
enum { INDEX_HALF_WIDTH = 2 };

/* A file in the making: datasets stay open until the dimension scales are tied to them. */
typedef struct writer {
    const recoup_results *results;
    hid_t file;
    hid_t scale[RECOUP_N_DIMENSIONS]; /* the dataset of each dimension; -1: left out */
    hid_t *dataset;                   /* [variable]; -1: left out */
} writer;

/* --- attributes ----------------------------------------------------------------------------- */

static bool write_attribute(hid_t object, const char *name, hid_t type, hid_t space,
                            const void *value) {
    hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute < 0)
        return false;
    bool written = H5Awrite(attribute, type, value) >= 0;
    return H5Aclose(attribute) >= 0 && written;
}

/* n = 0: a scalar. */
static bool write_numbers(hid_t object, const char *name, hid_t type, const void *value,
                          hsize_t n) {
    hid_t space = n == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &n, NULL);
    bool written = space >= 0 && write_attribute(object, name, type, space, value);
    if (space >= 0)
        H5Sclose(space);
    return written;
}

/* An empty text is left out: netCDF has no scalar for it. */
static bool write_text(hid_t object, const char *name, const char *text) {
    if (!text || !*text)
        return true;
    hid_t type = H5Tcopy(H5T_C_S1);
    bool written = type >= 0 && H5Tset_size(type, strlen(text) + 1) >= 0 &&
                   H5Tset_cset(type, H5T_CSET_UTF8) >= 0 &&
                   write_numbers(object, name, type, text, 0);
    if (type >= 0)
        H5Tclose(type);
    return written;
}

static bool write_root_attributes(const writer *w) {
    const int version[] = {RECOUP_RESULTS_MAJOR, RECOUP_RESULTS_MINOR};
    char digest[32];
    snprintf(digest, sizeof digest, "fnv1a64:%016" PRIx64, recoup_results_digest(w->results));
    bool written = write_text(w->file, "filetype", RECOUP_RESULTS_FILETYPE) &&
                   write_numbers(w->file, "format_version", H5T_STD_I32LE, version, 2) &&
                   write_text(w->file, "Conventions", RECOUP_RESULTS_CONVENTIONS) &&
                   write_text(w->file, "content_digest", digest);
    for (int i = 0; written && i < recoup_n_attributes; i++) {
        const recoup_attribute *attribute = &recoup_attributes[i];
        int64_t number = 0;
        if (attribute->is_text) {
            written =
                write_text(w->file, attribute->name, recoup_attribute_text(w->results, attribute));
        } else {
            number = recoup_attribute_number(w->results, attribute);
            written = write_numbers(w->file, attribute->name, H5T_STD_I64LE, &number, 0);
        }
    }
    return written;
}

static bool write_variable_attributes(const writer *w, hid_t dataset,
                                      const recoup_variable *variable) {
    const char *units = variable->units;
    if (units && strcmp(units, RECOUP_MONEY) == 0 && *w->results->currency)
        units = w->results->currency;
    const double missing = NAN;
    bool is_date = units && strncmp(units, "days since", strlen("days since")) == 0;
    return write_text(dataset, "long_name", variable->long_name) &&
           write_text(dataset, "units", units) &&
           write_text(dataset, "calendar", is_date ? "standard" : NULL) &&
           write_text(dataset, "note", variable->note) &&
           (!variable->has_missing ||
            write_numbers(dataset, "_FillValue", H5T_IEEE_F64LE, &missing, 1));
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

/* Without times (equal results, equal bytes) and with attributes in the order of their making, as
 * netCDF-4 wants them. */
static hid_t new_properties(void) {
    hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    if (properties >= 0 && (H5Pset_obj_track_times(properties, 0) < 0 ||
                            H5Pset_attr_creation_order(
                                properties, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED) < 0)) {
        H5Pclose(properties);
        return -1;
    }
    return properties;
}

/* Arrays of numbers are packed and checked; texts lie in HDF5's heap, which filters do not reach,
 * and scalars have no chunks. */
static bool set_storage(hid_t properties, const recoup_variable *variable, const hsize_t *size) {
    const double missing = NAN;
    if (variable->has_missing && H5Pset_fill_value(properties, H5T_NATIVE_DOUBLE, &missing) < 0)
        return false;
    if (variable->rank == 0 || variable->type == RECOUP_VARIABLE_TEXT)
        return true;
    hsize_t chunk[RECOUP_VARIABLE_MAX_RANK], values = 1;
    for (int i = variable->rank - 1; i >= 0; i--) { /* whole rows as long as they fit */
        hsize_t room = CHUNK_VALUES / values;
        chunk[i] = size[i] < room ? size[i] : room;
        values *= chunk[i];
    }
    return H5Pset_chunk(properties, variable->rank, chunk) >= 0 &&
           H5Pset_shuffle(properties) >= 0 && H5Pset_deflate(properties, DEFLATE_LEVEL) >= 0 &&
           H5Pset_fletcher32(properties) >= 0;
}

static bool write_variable(writer *w, int index) {
    const recoup_variable *variable = &recoup_variables[index];
    hsize_t size[RECOUP_VARIABLE_MAX_RANK] = {0};
    for (int i = 0; i < variable->rank; i++)
        size[i] = (hsize_t)recoup_results_size(w->results, variable->dimension[i]);
    hid_t space =
        variable->rank == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(variable->rank, size, NULL);
    hid_t properties = new_properties();
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
        written = write_text(dataset, "CLASS", "DIMENSION_SCALE") &&
                  write_text(dataset, "NAME", variable->name);
    }
    written = written && write_variable_attributes(w, dataset, variable);
    H5Sclose(space);
    H5Pclose(properties);
    H5Tclose(on_file);
    H5Tclose(in_memory);
    return written;
}

/* The stand-in for a dimension that has no coordinate variable. */
static bool write_bare_dimension(writer *w, recoup_dimension_id dimension) {
    char name[96];
    hsize_t size = (hsize_t)recoup_results_size(w->results, dimension);
    snprintf(name, sizeof name, RECOUP_HDF5_NO_COORDINATE "%10" PRIuHSIZE, size);
    hid_t space = H5Screate_simple(1, &size, NULL), properties = new_properties();
    if (space >= 0 && properties >= 0)
        w->scale[dimension] = H5Dcreate2(w->file, recoup_dimensions[dimension].name, H5T_IEEE_F32BE,
                                         space, H5P_DEFAULT, properties, H5P_DEFAULT);
    H5Sclose(space);
    H5Pclose(properties);
    hid_t scale = w->scale[dimension];
    return scale >= 0 && write_text(scale, "CLASS", "DIMENSION_SCALE") &&
           write_text(scale, "NAME", name);
}

/* --- dimension scales ----------------------------------------------------------------------- */

/* The two attributes below are those of the HDF5 Dimension Scale Specification. They are written
 * here, not by the library's H5DSattach_scale, because that copies the padding of its structs into
 * the file: equal results would give different bytes. */

/* In each variable: the scale of each of its dimensions. */
static bool write_dimension_list(const writer *w, hid_t dataset, const recoup_variable *variable) {
    hobj_ref_t reference[RECOUP_VARIABLE_MAX_RANK];
    hvl_t list[RECOUP_VARIABLE_MAX_RANK];
    for (int i = 0; i < variable->rank; i++) {
        const char *name = recoup_dimensions[variable->dimension[i]].name;
        if (H5Rcreate(&reference[i], w->file, name, H5R_OBJECT, -1) < 0)
            return false;
        list[i] = (hvl_t){.len = 1, .p = &reference[i]};
    }
    hid_t type = H5Tvlen_create(H5T_STD_REF_OBJ);
    bool written =
        type >= 0 && write_numbers(dataset, "DIMENSION_LIST", type, list, (hsize_t)variable->rank);
    if (type >= 0)
        H5Tclose(type);
    return written;
}

typedef struct scale_use {
    hobj_ref_t dataset;
    int dimension, padding;
} scale_use;

/* In each scale: the variables that use it, and as which of their dimensions. */
static bool write_reference_list(const writer *w, recoup_dimension_id dimension) {
    scale_use *use = RECOUP_NEW(scale_use, recoup_n_variables * RECOUP_VARIABLE_MAX_RANK);
    hsize_t n_uses = 0;
    hid_t type = H5Tcreate(H5T_COMPOUND, sizeof(scale_use));
    bool written = use && type >= 0 &&
                   H5Tinsert(type, "dataset", HOFFSET(scale_use, dataset), H5T_STD_REF_OBJ) >= 0 &&
                   H5Tinsert(type, "dimension", HOFFSET(scale_use, dimension), H5T_STD_I32LE) >= 0;
    for (int v = 0; written && v < recoup_n_variables; v++) {
        const recoup_variable *variable = &recoup_variables[v];
        if (w->dataset[v] < 0 || recoup_variable_is_coordinate(variable))
            continue;
        for (int i = 0; written && i < variable->rank; i++) {
            if (variable->dimension[i] != dimension)
                continue;
            use[n_uses].dimension = i;
            written =
                H5Rcreate(&use[n_uses++].dataset, w->file, variable->name, H5R_OBJECT, -1) >= 0;
        }
    }
    if (written && n_uses > 0)
        written = write_numbers(w->scale[dimension], "REFERENCE_LIST", type, use, n_uses);
    if (type >= 0)
        H5Tclose(type);
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
    return write_scales(w);
}

static hid_t create_file(void) {
    const unsigned ordered = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
    hid_t access = recoup_hdf5_memory_file(), properties = H5Pcreate(H5P_FILE_CREATE), file = -1;
    if (access >= 0 && properties >= 0 && H5Pset_link_creation_order(properties, ordered) >= 0 &&
        H5Pset_attr_creation_order(properties, ordered) >= 0 &&
        H5Pset_obj_track_times(properties, 0) >= 0 &&
        H5Pset_istore_k(properties, INDEX_HALF_WIDTH) >= 0)
        file = H5Fcreate("results", H5F_ACC_TRUNC, properties, access);
    H5Pclose(access);
    H5Pclose(properties);
    return file;
}

/* The file as bytes (free them), sealed. */
static recoup_status make_image(const recoup_results *results, const char *path, char **image,
                                size_t *length, recoup_error *error) {
    recoup_status status = RECOUP_OK;
    writer w = {.results = results};
    for (int d = 0; d < RECOUP_N_DIMENSIONS; d++)
        w.scale[d] = -1;
    w.dataset = RECOUP_NEW(hid_t, recoup_n_variables);
    if (!w.dataset)
        return recoup_fail_memory(error);
    for (int v = 0; v < recoup_n_variables; v++)
        w.dataset[v] = -1;
    char *bytes = NULL;
    ssize_t size = -1;
    w.file = create_file();
    if (w.file < 0 || !write_all(&w) || H5Fflush(w.file, H5F_SCOPE_GLOBAL) < 0 ||
        (size = H5Fget_file_image(w.file, NULL, 0)) < 0) {
        status = recoup_hdf5_fail(error, RECOUP_EIO, path, "making the results file");
        goto exit;
    }
    bytes = RECOUP_NEW(char, size + RECOUP_SEAL_SIZE + 1);
    if (!bytes) {
        status = recoup_fail_memory(error);
        goto exit;
    }
    if (H5Fget_file_image(w.file, bytes, (size_t)size) != size) {
        status = recoup_hdf5_fail(error, RECOUP_EIO, path, "making the results file");
        goto exit;
    }
    recoup_seal_make(bytes + size, bytes, (size_t)size);
    *image = bytes;
    *length = (size_t)size + RECOUP_SEAL_SIZE;
    bytes = NULL;
exit:
    free(bytes);
    if (w.file >= 0)
        H5Fclose(w.file);
    free(w.dataset);
    return status;
}

static recoup_status write_bytes(const char *temporary, const char *path, const char *bytes,
                                 size_t length, recoup_error *error) {
    FILE *stream = fopen(temporary, "wb");
    bool written = stream && fwrite(bytes, 1, length, stream) == length && fflush(stream) == 0;
    int reason = errno;
    if (stream && fclose(stream) != 0 && written) {
        reason = errno;
        written = false;
    }
    if (written)
        return RECOUP_OK;
    recoup_place place = {.file = path};
    return recoup_fail(error, RECOUP_EIO, &place, "writing the results failed: %s",
                       strerror(reason));
}

/* Reads the temporary file as anyone would and compares it with what was to be written. */
static recoup_status verify(const char *temporary, const char *path, const recoup_results *results,
                            recoup_error *error) {
    recoup_results *back = NULL;
    recoup_place place = {.file = path};
    bool same = recoup_results_read(temporary, &back, error) == RECOUP_OK &&
                recoup_results_equal(back, results);
    recoup_results_free(back);
    return same ? RECOUP_OK
                : recoup_fail(error, RECOUP_EIO, &place,
                              "what was written reads back differently; the disk or the memory may "
                              "be faulty (an older file of this name was left as it is)");
}

recoup_status recoup_results_write(const recoup_results *results, const char *path,
                                   recoup_error *error) {
    recoup_hdf5_silence silence;
    recoup_replacement replacement;
    char *image = NULL;
    size_t length = 0;
    recoup_hdf5_silence_begin(&silence);
    recoup_status status = make_image(results, path, &image, &length, error);
    if (status != RECOUP_OK)
        goto exit;
    status = recoup_replacement_open(&replacement, path, error);
    if (status != RECOUP_OK)
        goto exit;
    status = write_bytes(replacement.temporary, path, image, length, error);
    if (status == RECOUP_OK)
        status = verify(replacement.temporary, path, results, error);
    if (status == RECOUP_OK)
        status = recoup_replacement_commit(&replacement, error);
    else
        recoup_replacement_abort(&replacement);
exit:
    free(image);
    recoup_hdf5_silence_end(&silence);
    return status;
}
