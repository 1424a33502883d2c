/* Draws as an HDF5 file after the netCDF-4 conventions: value(draw, parameter), mode(parameter). */
#include "model/draws.h"

#include "base/file.h"
#include "hdf5/hdf5.h"
#include <math.h>
#include <recoup/version.h>
#include <stdlib.h>
#include <string.h>

#define FILETYPE "recoup uncertainty"
enum { MAJOR = 1, MINOR = 0, MAX_DRAWS = 1000000, MAX_PARAMETERS = 1000000 };

/* --- writing ---------------------------------------------------------------------------------- */

/* One dataset; it stays open until the file is closed. -1: failed. */
static hid_t write_dataset(hid_t file, const char *name, hid_t on_file, hid_t in_memory, int rank,
                           const hsize_t *size, bool pack, const void *values) {
    hid_t space = H5Screate_simple(rank, size, NULL), properties = recoup_hdf5_properties();
    hid_t dataset = -1;
    if (space >= 0 && properties >= 0 && (!pack || recoup_hdf5_pack(properties, rank, size)))
        dataset = H5Dcreate2(file, name, on_file, space, H5P_DEFAULT, properties, H5P_DEFAULT);
    if (dataset >= 0 && H5Dwrite(dataset, in_memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
        dataset = -1;
    H5Sclose(space);
    H5Pclose(properties);
    return dataset;
}

/* The dimensions, which are tied to the variables once those are there. */
static bool write_coordinates(hid_t file, const recoup_draws *draws, hid_t *draw,
                              hid_t *parameter) {
    hsize_t n_draws = (hsize_t)draws->n_draws, n_parameters = (hsize_t)draws->n_parameters;
    int *number = RECOUP_NEW(int, draws->n_draws);
    hid_t text = recoup_hdf5_text_type();
    bool written = number && text >= 0;
    for (int d = 0; written && d < draws->n_draws; d++)
        number[d] = d;
    if (written) {
        *draw =
            write_dataset(file, "draw", H5T_STD_I32LE, H5T_NATIVE_INT, 1, &n_draws, true, number);
        *parameter =
            write_dataset(file, "parameter", text, text, 1, &n_parameters, false, draws->name);
        written = *draw >= 0 && *parameter >= 0 && recoup_hdf5_write_scale(*draw, "draw") &&
                  recoup_hdf5_write_scale(*parameter, "parameter") &&
                  recoup_hdf5_write_text(*draw, "long_name", "parameter draw") &&
                  recoup_hdf5_write_text(*parameter, "long_name",
                                         "parameter of the model, on the scale in its name");
    }
    if (text >= 0)
        H5Tclose(text);
    free(number);
    return written;
}

static bool write_variables(hid_t file, const recoup_draws *draws) {
    static const recoup_hdf5_use of_draw[] = {{"value", 0}};
    static const recoup_hdf5_use of_parameter[] = {{"mode", 0}, {"value", 1}};
    const hsize_t size[2] = {(hsize_t)draws->n_draws, (hsize_t)draws->n_parameters};
    const char *const scale[2] = {"draw", "parameter"};
    hid_t draw = -1, parameter = -1, mode, value;
    if (!write_coordinates(file, draws, &draw, &parameter))
        return false;
    mode = write_dataset(file, "mode", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, 1, size + 1, true,
                         draws->mode);
    value = write_dataset(file, "value", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, 2, size, true,
                          draws->value);
    return mode >= 0 && value >= 0 &&
           recoup_hdf5_write_text(mode, "long_name",
                                  "the fitted model, which the draws surround") &&
           recoup_hdf5_write_text(value, "long_name", "draws from the joint posterior") &&
           recoup_hdf5_write_dimension_list(file, mode, scale + 1, 1) &&
           recoup_hdf5_write_dimension_list(file, value, scale, 2) &&
           recoup_hdf5_write_reference_list(file, draw, of_draw, 1) &&
           recoup_hdf5_write_reference_list(file, parameter, of_parameter, 2);
}

static recoup_status write_all(hid_t file, const void *draws) {
    const int version[] = {MAJOR, MINOR};
    bool written = recoup_hdf5_write_text(file, "filetype", FILETYPE) &&
                   recoup_hdf5_write_numbers(file, "format_version", H5T_STD_I32LE, version, 2) &&
                   recoup_hdf5_write_text(file, "Conventions", "CF-1.10") &&
                   recoup_hdf5_write_text(file, "recoup_version", recoup_version()) &&
                   write_variables(file, draws);
    return written ? RECOUP_OK : RECOUP_EIO;
}

static bool same_draws(const recoup_draws *a, const recoup_draws *b) {
    size_t n = (size_t)a->n_parameters;
    if (a->n_draws != b->n_draws || a->n_parameters != b->n_parameters ||
        memcmp(a->mode, b->mode, n * sizeof *a->mode) != 0 ||
        memcmp(a->value, b->value, n * (size_t)a->n_draws * sizeof *a->value) != 0)
        return false;
    for (int i = 0; i < a->n_parameters; i++)
        if (strcmp(a->name[i], b->name[i]) != 0)
            return false;
    return true;
}

static recoup_status read_file(recoup_model *model, const char *path, recoup_draws **draws,
                               recoup_error *error);

static bool reads_back(const char *path, const void *draws, recoup_error *error) {
    recoup_model scratch = {.draws = NULL}; /* the arena that the copy lives in */
    recoup_draws *back = NULL;
    bool same = read_file(&scratch, path, &back, error) == RECOUP_OK && same_draws(back, draws);
    recoup_arena_clear(&scratch.arena);
    return same;
}

recoup_status recoup_draws_write(const recoup_draws *draws, const char *path, recoup_error *error) {
    const recoup_hdf5_content content = {
        .what = "the uncertainty file", .of = draws, .write = write_all, .reads_back = reads_back};
    return recoup_hdf5_replace(path, &content, error);
}

/* --- reading ---------------------------------------------------------------------------------- */

typedef struct reader {
    const char *path;
    hid_t file;
    recoup_model *model; /* whose arena is used */
    recoup_draws *draws;
    recoup_error *error;
} reader;

static recoup_status fail(const reader *r, const char *field, const char *what) {
    recoup_place place = {.file = r->path, .field = field};
    return recoup_fail(r->error, RECOUP_EINVALID, &place, "%s", what);
}

/* Whether a root attribute is this text. */
static bool has_text(const reader *r, const char *name, const char *expected) {
    char text[64] = "";
    if (H5Aexists(r->file, name) <= 0)
        return false;
    hid_t attribute = H5Aopen(r->file, name, H5P_DEFAULT), type = H5Aget_type(attribute);
    hid_t memory = H5Tcopy(H5T_C_S1), space = H5Aget_space(attribute);
    bool same = H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0 &&
                H5Sget_simple_extent_npoints(space) == 1 && H5Tget_size(type) < sizeof text &&
                H5Tset_size(memory, sizeof text) >= 0 &&
                H5Tset_cset(memory, H5Tget_cset(type)) >= 0 &&
                H5Aread(attribute, memory, text) >= 0 && strcmp(text, expected) == 0;
    H5Sclose(space);
    H5Tclose(memory);
    H5Tclose(type);
    H5Aclose(attribute);
    return same;
}

static bool has_version(const reader *r) {
    int version[2] = {0, 0};
    if (H5Aexists(r->file, "format_version") <= 0)
        return false;
    hid_t attribute = H5Aopen(r->file, "format_version", H5P_DEFAULT);
    hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    bool known = H5Tget_class(type) == H5T_INTEGER && H5Sget_simple_extent_npoints(space) == 2 &&
                 H5Aread(attribute, H5T_NATIVE_INT, version) >= 0 && version[0] == MAJOR;
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(attribute);
    return known;
}

/* Opens a dataset of a class and rank; its extent into size. -1 when there is none such. */
static hid_t open_dataset(const reader *r, const char *name, H5T_class_t class, int rank,
                          hsize_t *size) {
    hid_t dataset =
        H5Lexists(r->file, name, H5P_DEFAULT) > 0 ? H5Dopen2(r->file, name, H5P_DEFAULT) : -1;
    if (dataset < 0)
        return -1;
    hid_t space = H5Dget_space(dataset), type = H5Dget_type(dataset);
    bool fits = space >= 0 && type >= 0 && H5Tget_class(type) == class &&
                (class != H5T_STRING || H5Tis_variable_str(type) > 0) &&
                H5Sget_simple_extent_type(space) == H5S_SIMPLE &&
                H5Sget_simple_extent_ndims(space) == rank &&
                H5Sget_simple_extent_dims(space, size, NULL) == rank;
    if (space >= 0)
        H5Sclose(space);
    if (type >= 0)
        H5Tclose(type);
    if (fits)
        return dataset;
    H5Dclose(dataset);
    return -1;
}

/* Finite numbers of a dataset of this shape. */
static recoup_status read_numbers(const reader *r, const char *name, int rank,
                                  const hsize_t *expected, double *values) {
    hsize_t size[2] = {0, 0}, count = 1;
    hid_t dataset = open_dataset(r, name, H5T_FLOAT, rank, size);
    if (dataset < 0 || memcmp(size, expected, (size_t)rank * sizeof *size) != 0) {
        if (dataset >= 0)
            H5Dclose(dataset);
        return fail(r, name,
                    rank == 2 ? "numbers of the dimensions (draw, parameter) are expected here"
                              : "one number for each parameter is expected here");
    }
    bool read = H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0;
    H5Dclose(dataset);
    if (!read)
        return fail(r, name, "the values are damaged: their checksum does not fit");
    for (int i = 0; i < rank; i++)
        count *= size[i];
    for (hsize_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return fail(r, name, "a value is not a finite number");
    return RECOUP_OK;
}

/* HDF5 makes texts of its own; they move into the arena. */
static recoup_status read_names(const reader *r, hid_t dataset) {
    recoup_status status = RECOUP_OK;
    hid_t type = recoup_hdf5_text_type(), space = H5Dget_space(dataset);
    char **text = RECOUP_NEW(char *, r->draws->n_parameters);
    if (!text) {
        status = recoup_fail_memory(r->error);
    } else if (H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text) < 0) {
        status = fail(r, "parameter", "the names of the parameters are damaged");
    } else {
        for (int i = 0; i < r->draws->n_parameters && status == RECOUP_OK; i++) {
            const char *name = text[i] ? text[i] : "";
            r->draws->name[i] = recoup_arena_text(&r->model->arena, name, strlen(name));
            if (!r->draws->name[i])
                status = recoup_fail_memory(r->error);
        }
        H5Dvlen_reclaim(type, space, H5P_DEFAULT, text);
    }
    free(text);
    H5Sclose(space);
    H5Tclose(type);
    return status;
}

static recoup_status read_all(reader *r) {
    hsize_t n_parameters = 0, size[2] = {0, 0};
    if (!has_text(r, "filetype", FILETYPE))
        return fail(r, "filetype",
                    "this HDF5 file does not hold the uncertainty of a model: its attribute "
                    "filetype should be \"" FILETYPE "\"");
    if (!has_version(r))
        return fail(r, "format_version", "this program reads version 1 of the format; fit again");
    hid_t names = open_dataset(r, "parameter", H5T_STRING, 1, &n_parameters);
    hid_t values = open_dataset(r, "value", H5T_FLOAT, 2, size);
    recoup_status status = RECOUP_OK;
    if (values >= 0)
        H5Dclose(values);
    if (names < 0 || n_parameters == 0 || n_parameters > MAX_PARAMETERS)
        status = fail(r, "parameter", "the names of the parameters are missing");
    else if (values < 0 || size[0] == 0 || size[0] > MAX_DRAWS || size[1] != n_parameters)
        status = fail(r, "value", "numbers of the dimensions (draw, parameter) are expected here");
    else if (!(r->draws = recoup_draws_new(r->model, (int)size[0], (int)n_parameters)))
        status = recoup_fail_memory(r->error);
    else
        status = read_names(r, names);
    if (names >= 0)
        H5Dclose(names);
    if (status == RECOUP_OK)
        status = read_numbers(r, "mode", 1, &n_parameters, r->draws->mode);
    if (status == RECOUP_OK)
        status = read_numbers(r, "value", 2, size, r->draws->value);
    return status;
}

static recoup_status read_file(recoup_model *model, const char *path, recoup_draws **draws,
                               recoup_error *error) {
    reader r = {.path = path, .file = -1, .model = model, .error = error};
    char *bytes = NULL;
    size_t length = 0;
    recoup_status status = recoup_file_read(path, &bytes, &length, error);
    if (status != RECOUP_OK)
        return status;
    switch (recoup_hdf5_open(bytes, length, &r.file)) {
    case RECOUP_HDF5_OPEN:
        status = read_all(&r);
        break;
    case RECOUP_HDF5_FOREIGN:
        status = fail(&r, NULL,
                      "this is not the uncertainty of a model: expected an HDF5 file that recoup "
                      "fit wrote");
        break;
    case RECOUP_HDF5_CHANGED:
        status = fail(&r, NULL, "the file is damaged: its checksum does not fit; fit again");
        break;
    case RECOUP_HDF5_TRUNCATED:
        status = fail(&r, NULL, "the file is damaged or cut short; fit again");
        break;
    }
    if (r.file >= 0)
        H5Fclose(r.file);
    free(bytes);
    if (status == RECOUP_OK)
        *draws = r.draws;
    return status;
}

recoup_status recoup_draws_read(recoup_model *model, const char *path, recoup_error *error) {
    recoup_hdf5_silence silence;
    recoup_draws *draws = NULL;
    recoup_hdf5_silence_begin(&silence);
    recoup_status status = read_file(model, path, &draws, error);
    recoup_hdf5_silence_end(&silence);
    if (status == RECOUP_OK)
        status = recoup_draws_check(draws, model, path, error);
    if (status == RECOUP_OK)
        model->draws = draws;
    return status;
}
