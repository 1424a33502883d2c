/* Records in a file: each kind a dimension, each field a variable along it. */
#include "base/text.h"
#include "results/hdf5.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- what a field is in a file ------------------------------------------------------------------
 */

enum { NAME_SIZE = 80 };

/* "<record>_<field>", into a buffer of NAME_SIZE bytes. */
static const char *variable_name(char *buffer, const recoup_record_type *type,
                                 const recoup_record_field *field) {
    snprintf(buffer, NAME_SIZE, "%s_%s", type->name, field->name);
    return buffer;
}

static size_t value_size(const recoup_record_field *field) {
    switch (field->type) {
    case RECOUP_RECORD_FIELD_TEXT:
        return sizeof(char *);
    case RECOUP_RECORD_FIELD_INT:
        return sizeof(int);
    case RECOUP_RECORD_FIELD_NUMBER:
    case RECOUP_RECORD_FIELD_DATE:
        break;
    }
    return sizeof(double);
}

/* To be closed by H5Tclose. */
static hid_t value_type(const recoup_record_field *field, bool in_memory) {
    switch (field->type) {
    case RECOUP_RECORD_FIELD_TEXT:
        return recoup_hdf5_text_type();
    case RECOUP_RECORD_FIELD_INT:
        return H5Tcopy(in_memory ? H5T_NATIVE_INT : H5T_STD_I32LE);
    case RECOUP_RECORD_FIELD_NUMBER:
    case RECOUP_RECORD_FIELD_DATE:
        break;
    }
    return H5Tcopy(in_memory ? H5T_NATIVE_DOUBLE : H5T_IEEE_F64LE);
}

static bool is_missable(const recoup_record_field *field) {
    return field->type == RECOUP_RECORD_FIELD_NUMBER || field->type == RECOUP_RECORD_FIELD_DATE;
}

/* Between the rows and one column of their values. */
static void gather(const recoup_record_field *field, const recoup_record_type *type,
                   const recoup_records *records, char *column) {
    size_t size = value_size(field);
    for (int i = 0; i < records->n; i++)
        memcpy(column + (size_t)i * size,
               (const char *)records->row + (size_t)i * type->size + field->offset, size);
}

static void scatter(const recoup_record_field *field, const recoup_record_type *type,
                    const char *column, const recoup_records *records) {
    size_t size = value_size(field);
    for (int i = 0; i < records->n; i++)
        memcpy((char *)records->row + (size_t)i * type->size + field->offset,
               column + (size_t)i * size, size);
}

/* --- writing ------------------------------------------------------------------------------------
 */

static bool set_storage(hid_t properties, const recoup_record_field *field, const hsize_t *size) {
    const double missing = NAN;
    if (field->type == RECOUP_RECORD_FIELD_TEXT)
        return true; /* texts lie in HDF5's heap, which filters do not reach */
    return (!is_missable(field) ||
            H5Pset_fill_value(properties, H5T_NATIVE_DOUBLE, &missing) >= 0) &&
           recoup_hdf5_pack(properties, 1, size);
}

static bool write_values(hid_t file, const char *name, const recoup_record_field *field, hsize_t n,
                         const recoup_results *results, const void *column) {
    const char *units =
        field->type == RECOUP_RECORD_FIELD_DATE ? "days since 1970-01-01 00:00:00" : field->units;
    hid_t space = H5Screate_simple(1, &n, NULL), properties = recoup_hdf5_properties();
    hid_t on_file = value_type(field, false), in_memory = value_type(field, true), dataset = -1;
    if (space >= 0 && properties >= 0 && on_file >= 0 && in_memory >= 0 &&
        set_storage(properties, field, &n))
        dataset = H5Dcreate2(file, name, on_file, space, H5P_DEFAULT, properties, H5P_DEFAULT);
    bool written = dataset >= 0 &&
                   H5Dwrite(dataset, in_memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, column) >= 0 &&
                   recoup_hdf5_write_description(dataset, results, field->long_name, units,
                                                 is_missable(field));
    H5Sclose(space);
    H5Pclose(properties);
    H5Tclose(on_file);
    H5Tclose(in_memory);
    return written;
}

static bool write_field(hid_t file, const recoup_record_type *type,
                        const recoup_record_field *field, const recoup_results *results,
                        const recoup_records *records) {
    char name[NAME_SIZE];
    char *column = recoup_new_array((size_t)records->n, value_size(field));
    if (!column)
        return false;
    gather(field, type, records, column);
    bool written = write_values(file, variable_name(name, type, field), field, (hsize_t)records->n,
                                results, column);
    free(column);
    return written;
}

/* Ties the variables to their dimension, once all of them are there. */
static bool tie(hid_t file, hid_t scale, const recoup_record_type *type) {
    recoup_hdf5_use *use = RECOUP_NEW(recoup_hdf5_use, type->n_fields);
    char(*name)[NAME_SIZE] = recoup_new_array((size_t)type->n_fields, NAME_SIZE);
    bool tied = use != NULL && name != NULL;
    for (int f = 0; tied && f < type->n_fields; f++) {
        use[f] = (recoup_hdf5_use){variable_name(name[f], type, &type->field[f]), 0};
        hid_t dataset = H5Dopen2(file, use[f].variable, H5P_DEFAULT);
        tied = dataset >= 0 && recoup_hdf5_write_dimension_list(file, dataset, &type->name, 1);
        H5Dclose(dataset);
    }
    tied = tied && recoup_hdf5_write_reference_list(file, scale, use, type->n_fields);
    free(name);
    free(use);
    return tied;
}

static bool write_kind(hid_t file, const recoup_record_type *type, const recoup_results *results,
                       const recoup_records *records) {
    hid_t scale = recoup_hdf5_write_bare(file, type->name, (hsize_t)records->n);
    bool written = scale >= 0;
    for (int f = 0; written && f < type->n_fields; f++)
        written = write_field(file, type, &type->field[f], results, records);
    written = written && tie(file, scale, type);
    H5Dclose(scale);
    return written;
}

bool recoup_records_write(hid_t file, const recoup_results *results) {
    for (int id = 0; id < RECOUP_N_RECORDS; id++)
        if (results->records[id].n > 0 &&
            !write_kind(file, &recoup_record_types[id], results, &results->records[id]))
            return false;
    return true;
}

/* --- reading ------------------------------------------------------------------------------------
 */

static bool has_type(hid_t dataset, const recoup_record_field *field) {
    hid_t type = H5Dget_type(dataset);
    bool fits = false;
    switch (field->type) {
    case RECOUP_RECORD_FIELD_TEXT:
        fits = H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) > 0;
        break;
    case RECOUP_RECORD_FIELD_INT:
        fits = H5Tget_class(type) == H5T_INTEGER;
        break;
    case RECOUP_RECORD_FIELD_NUMBER:
    case RECOUP_RECORD_FIELD_DATE:
        fits = H5Tget_class(type) == H5T_FLOAT;
        break;
    }
    H5Tclose(type);
    return fits;
}

/* The length of a dataset of one dimension; 0: it is not one, or longer than an int tells. */
static int read_length(hid_t dataset) {
    hsize_t size = 0;
    hid_t space = H5Dget_space(dataset);
    if (H5Sget_simple_extent_ndims(space) != 1 ||
        H5Sget_simple_extent_dims(space, &size, NULL) != 1 || size > INT_MAX)
        size = 0;
    H5Sclose(space);
    return (int)size;
}

typedef struct reader {
    hid_t file;
    const char *path;
    recoup_results *results;
    recoup_error *error;
} reader;

static recoup_status fail(const reader *r, const char *variable) {
    const recoup_place place = {.file = r->path, .field = variable};
    return recoup_fail(r->error, RECOUP_EINVALID, &place, "this variable is missing or damaged");
}

static recoup_status read_values(const reader *r, hid_t dataset, const char *name,
                                 const recoup_record_type *type, const recoup_record_field *field,
                                 const recoup_records *records) {
    size_t n = (size_t)records->n;
    hid_t memory = value_type(field, true);
    char *column = recoup_new_array(n, value_size(field));
    recoup_status status = column ? RECOUP_OK : recoup_fail_memory(r->error);
    if (column && H5Dread(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, column) < 0)
        status = fail(r, name);
    else if (column && field->type == RECOUP_RECORD_FIELD_TEXT &&
             !recoup_hdf5_keep_texts(r->results, dataset, memory, (char **)(void *)column, n))
        status = recoup_fail_memory(r->error);
    if (status == RECOUP_OK)
        scatter(field, type, column, records);
    free(column);
    H5Tclose(memory);
    return status;
}

static recoup_status read_field(const reader *r, const recoup_record_type *type,
                                const recoup_record_field *field, const recoup_records *records) {
    char name[NAME_SIZE];
    hid_t dataset = H5Dopen2(r->file, variable_name(name, type, field), H5P_DEFAULT);
    bool fits = dataset >= 0 && has_type(dataset, field) && read_length(dataset) == records->n;
    recoup_status status =
        fits ? read_values(r, dataset, name, type, field, records) : fail(r, name);
    H5Dclose(dataset);
    return status;
}

static bool add_rows(recoup_results *results, recoup_record_id id, int n) {
    for (int i = 0; i < n; i++)
        if (!recoup_records_add(results, id))
            return false;
    return true;
}

static recoup_status read_kind(const reader *r, recoup_record_id id) {
    const recoup_record_type *type = &recoup_record_types[id];
    hid_t dimension = H5Dopen2(r->file, type->name, H5P_DEFAULT);
    int n = dimension >= 0 ? read_length(dimension) : 0;
    H5Dclose(dimension);
    if (n == 0)
        return fail(r, type->name);
    if (!add_rows(r->results, id, n))
        return recoup_fail_memory(r->error);
    recoup_status status = RECOUP_OK;
    for (int f = 0; f < type->n_fields && status != RECOUP_ENOMEM; f++) {
        recoup_status one = read_field(r, type, &type->field[f], &r->results->records[id]);
        status = one != RECOUP_OK ? one : status;
    }
    return status;
}

recoup_status recoup_records_read(hid_t file, const char *path, recoup_results *results,
                                  recoup_error *error) {
    const reader r = {file, path, results, error};
    recoup_status status = RECOUP_OK;
    for (int id = 0; id < RECOUP_N_RECORDS && status != RECOUP_ENOMEM; id++) {
        if (H5Lexists(file, recoup_record_types[id].name, H5P_DEFAULT) == 0)
            continue;
        recoup_status one = read_kind(&r, (recoup_record_id)id);
        status = one != RECOUP_OK ? one : status;
    }
    return status;
}
