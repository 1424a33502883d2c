/* Results from a file. The file is read whole and opened in memory, so that reading it can fail in
 * one place only, and HDF5's file locks (which some network disks lack) play no part. */
#include "results/hdf5.h"

#include "base/file.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef struct reader {
    recoup_results *results;
    const char *path;
    hid_t file;
    recoup_error *error;
} reader;

/* EINVALID about one variable or attribute (NULL: the file). */
static recoup_status fail(const reader *r, const char *field, const char *what) {
    recoup_place place = {.file = r->path, .field = field};
    return recoup_fail(r->error, RECOUP_EINVALID, &place, "%s", what);
}

/* --- attributes ----------------------------------------------------------------------------- */

/* The size in bytes of one text, 0 when it is not one text of fixed length. */
static size_t text_size(hid_t type, hid_t space) {
    return H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0 &&
                   H5Sget_simple_extent_npoints(space) == 1
               ? H5Tget_size(type)
               : 0;
}

/* A text attribute of the root into the arena; an absent one is empty. False: not a text. */
static bool read_text(const reader *r, const char *name, char **text) {
    if (H5Aexists(r->file, name) <= 0)
        return (*text = recoup_arena_text(&r->results->arena, "", 0)) != NULL;
    hid_t attribute = H5Aopen(r->file, name, H5P_DEFAULT);
    hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute), memory = -1;
    size_t size = text_size(type, space);
    bool read = false;
    if (size > 0) {
        *text = recoup_arena_alloc(&r->results->arena, size + 1, 1);
        memory = H5Tcopy(H5T_C_S1);
        read = *text && H5Tset_size(memory, size + 1) >= 0 &&
               H5Tset_cset(memory, H5Tget_cset(type)) >= 0 &&
               H5Aread(attribute, memory, *text) >= 0;
        H5Tclose(memory);
    }
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(attribute);
    return read;
}

/* n whole numbers of a root attribute. */
static bool read_numbers(const reader *r, const char *name, int64_t *number, int n) {
    if (H5Aexists(r->file, name) <= 0)
        return false;
    hid_t attribute = H5Aopen(r->file, name, H5P_DEFAULT);
    hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    bool read = H5Tget_class(type) == H5T_INTEGER && H5Sget_simple_extent_npoints(space) == n &&
                H5Aread(attribute, H5T_NATIVE_INT64, number) >= 0;
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(attribute);
    return read;
}

static recoup_status check_filetype(const reader *r) {
    char *filetype = NULL;
    int64_t version[2] = {0};
    recoup_place place = {.file = r->path};
    if (!read_text(r, "filetype", &filetype) || strcmp(filetype, RECOUP_RESULTS_FILETYPE) != 0)
        return recoup_fail(r->error, RECOUP_EINVALID, &place,
                           "this HDF5 file does not hold recoup results: its attribute filetype is "
                           "\"%s\", expected \"%s\"",
                           filetype ? filetype : "", RECOUP_RESULTS_FILETYPE);
    if (!read_numbers(r, "format_version", version, 2))
        return fail(r, "format_version", "the version of the format is missing or damaged");
    if (version[0] != RECOUP_RESULTS_MAJOR)
        return recoup_fail(r->error, RECOUP_EINVALID, &place,
                           "the file has format version %" PRId64 ".%" PRId64
                           ", this program reads version %d; use the release of recoup that "
                           "wrote it, or run the scenario again",
                           version[0], version[1], RECOUP_RESULTS_MAJOR);
    return RECOUP_OK;
}

static recoup_status read_attributes(const reader *r) {
    recoup_status status = RECOUP_OK;
    for (int i = 0; i < recoup_n_attributes; i++) {
        const recoup_attribute *attribute = &recoup_attributes[i];
        char *target = (char *)r->results + attribute->offset;
        char *text = NULL;
        int64_t number = 0;
        bool read = attribute->is_text ? read_text(r, attribute->name, &text)
                                       : read_numbers(r, attribute->name, &number, 1);
        if (!read)
            status = fail(r, attribute->name, "this attribute is missing or damaged");
        else if (attribute->is_text)
            memcpy(target, &text, sizeof text);
        else
            memcpy(target, &number, sizeof number);
    }
    return status;
}

/* --- dimensions ----------------------------------------------------------------------------- */

/* Opens a dataset by name; -1 when it is not there (or is no dataset). */
static hid_t open_dataset(const reader *r, const char *name) {
    return H5Lexists(r->file, name, H5P_DEFAULT) > 0 ? H5Dopen2(r->file, name, H5P_DEFAULT) : -1;
}

/* The extent of a dataset of the given rank. */
static bool read_extent(hid_t dataset, int rank, hsize_t *size) {
    hid_t space = H5Dget_space(dataset);
    bool read = space >= 0 && H5Sis_simple(space) > 0 &&
                H5Sget_simple_extent_ndims(space) == rank &&
                H5Sget_simple_extent_dims(space, size, NULL) == rank;
    if (space >= 0)
        H5Sclose(space);
    return read;
}

static recoup_status read_dimensions(const reader *r) {
    recoup_status status = RECOUP_OK;
    for (int d = 0; d < RECOUP_N_DIMENSIONS; d++) {
        const recoup_dimension *dimension = &recoup_dimensions[d];
        if (dimension->more) /* follows from another; checked with its variable */
            continue;
        hsize_t size = 0;
        hid_t dataset = open_dataset(r, dimension->name);
        bool absent = dataset < 0 && H5Lexists(r->file, dimension->name, H5P_DEFAULT) == 0;
        bool read = dataset >= 0 ? read_extent(dataset, 1, &size) && size > 0 && size <= INT64_MAX
                                 : absent && dimension->optional;
        if (dataset >= 0)
            H5Dclose(dataset);
        if (!read || !recoup_results_set_size(r->results, (recoup_dimension_id)d, (int64_t)size))
            status = fail(r, dimension->name, "this dimension is missing or damaged");
    }
    return status;
}

/* --- variables ------------------------------------------------------------------------------ */

static bool has_type(hid_t dataset, const recoup_variable *variable) {
    hid_t type = H5Dget_type(dataset);
    if (type < 0)
        return false;
    H5T_class_t class = H5Tget_class(type);
    bool fits = false;
    switch (variable->type) {
    case RECOUP_VARIABLE_DOUBLE:
        fits = class == H5T_FLOAT;
        break;
    case RECOUP_VARIABLE_INT:
    case RECOUP_VARIABLE_INT64:
        fits = class == H5T_INTEGER;
        break;
    case RECOUP_VARIABLE_TEXT:
        fits = class == H5T_STRING && H5Tis_variable_str(type) > 0;
        break;
    }
    H5Tclose(type);
    return fits;
}

static bool has_shape(const reader *r, hid_t dataset, const recoup_variable *variable) {
    hsize_t size[RECOUP_VARIABLE_MAX_RANK] = {0};
    if (variable->rank == 0) {
        hid_t space = H5Dget_space(dataset);
        bool scalar = space >= 0 && H5Sget_simple_extent_type(space) == H5S_SCALAR;
        H5Sclose(space);
        return scalar;
    }
    if (!read_extent(dataset, variable->rank, size))
        return false;
    for (int i = 0; i < variable->rank; i++)
        if (size[i] != (hsize_t)recoup_results_size(r->results, variable->dimension[i]))
            return false;
    return true;
}

static recoup_status read_variable(const reader *r, const recoup_variable *variable) {
    size_t count = recoup_variable_count(r->results, variable);
    if (count == 0) /* one of its dimensions is left out */
        return RECOUP_OK;
    hid_t dataset = open_dataset(r, variable->name);
    if (dataset < 0)
        return fail(r, variable->name, "this variable is missing or damaged");
    recoup_status status = RECOUP_OK;
    hid_t type = recoup_hdf5_memory_type(variable);
    void *values = recoup_variable_values(r->results, variable);
    if (!has_type(dataset, variable) || !has_shape(r, dataset, variable))
        status = fail(r, variable->name, "this variable has another type or shape than expected");
    else if (H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
        status = fail(r, variable->name, "the values are damaged: their checksum does not fit");
    else if (variable->type == RECOUP_VARIABLE_TEXT &&
             !recoup_hdf5_keep_texts(r->results, dataset, type, values, count))
        status = recoup_fail_memory(r->error);
    H5Tclose(type);
    H5Dclose(dataset);
    return status;
}

/* What filters do not reach (scalars, texts, attributes) is checked by the digest of the whole. */
static recoup_status check_digest(const reader *r) {
    char digest[32], *written = NULL;
    snprintf(digest, sizeof digest, "fnv1a64:%016" PRIx64, recoup_results_digest(r->results));
    if (!read_text(r, "content_digest", &written) || strcmp(written, digest) != 0)
        return fail(r, "content_digest",
                    "the contents are not those that were written: the file is damaged or was "
                    "edited; run the scenario again");
    return RECOUP_OK;
}

static recoup_status read_all(const reader *r) {
    recoup_status status = check_filetype(r);
    if (status == RECOUP_OK)
        status = read_dimensions(r);
    if (status != RECOUP_OK)
        return status;
    if (!recoup_results_allocate(r->results))
        return recoup_fail_memory(r->error);
    status = read_attributes(r);
    for (int v = 0; v < recoup_n_variables; v++) {
        recoup_status one = read_variable(r, &recoup_variables[v]);
        status = status == RECOUP_OK ? one : status;
    }
    if (status != RECOUP_ENOMEM) {
        recoup_status one = recoup_records_read(r->file, r->path, r->results, r->error);
        status = status == RECOUP_OK ? one : status;
    }
    return status == RECOUP_OK ? check_digest(r) : status;
}

recoup_status recoup_results_read(const char *path, recoup_results **results, recoup_error *error) {
    recoup_hdf5_silence silence;
    reader r = {.path = path, .file = -1, .error = error};
    char *bytes = NULL;
    size_t length = 0;
    recoup_hdf5_silence_begin(&silence);
    recoup_status status = recoup_file_read(path, &bytes, &length, error);
    if (status != RECOUP_OK)
        goto exit;
    r.results = RECOUP_NEW(recoup_results, 1);
    if (!r.results) {
        status = recoup_fail_memory(error);
        goto exit;
    }
    switch (recoup_hdf5_open(bytes, length, &r.file)) {
    case RECOUP_HDF5_OPEN:
        status = read_all(&r);
        break;
    case RECOUP_HDF5_FOREIGN:
        status = fail(&r, NULL,
                      "this is not a results file: expected an HDF5 file that recoup run wrote");
        break;
    case RECOUP_HDF5_CHANGED:
        status = fail(&r, NULL,
                      "the file is damaged: its checksum does not fit; run the scenario again");
        break;
    case RECOUP_HDF5_TRUNCATED:
        status = fail(&r, NULL, "the file is damaged or cut short; run the scenario again");
        break;
    }
    if (status != RECOUP_OK)
        goto exit;
    *results = r.results;
    r.results = NULL;
exit:
    if (r.file >= 0)
        H5Fclose(r.file);
    recoup_results_free(r.results);
    free(bytes);
    recoup_hdf5_silence_end(&silence);
    return status;
}
