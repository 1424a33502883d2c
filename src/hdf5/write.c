/* Attributes, storage and dimension scales. */
#include "hdf5/hdf5.h"

#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

enum { CHUNK_VALUES = 1 << 16, DEFLATE_LEVEL = 6 };

hid_t recoup_hdf5_text_type(void) {
    hid_t text = H5Tcopy(H5T_C_S1);
    if (text >= 0 &&
        (H5Tset_size(text, H5T_VARIABLE) < 0 || H5Tset_cset(text, H5T_CSET_UTF8) < 0)) {
        H5Tclose(text);
        return -1;
    }
    return text;
}

hid_t recoup_hdf5_properties(void) {
    hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    if (properties >= 0 && (H5Pset_obj_track_times(properties, 0) < 0 ||
                            H5Pset_attr_creation_order(
                                properties, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED) < 0)) {
        H5Pclose(properties);
        return -1;
    }
    return properties;
}

bool recoup_hdf5_pack(hid_t properties, int rank, const hsize_t *size) {
    hsize_t chunk[RECOUP_HDF5_MAX_RANK], values = 1;
    for (int i = rank - 1; i >= 0; i--) { /* whole rows as long as they fit */
        hsize_t room = CHUNK_VALUES / values;
        chunk[i] = size[i] < room ? size[i] : room;
        values *= chunk[i];
    }
    return H5Pset_chunk(properties, rank, chunk) >= 0 && H5Pset_shuffle(properties) >= 0 &&
           H5Pset_deflate(properties, DEFLATE_LEVEL) >= 0 && H5Pset_fletcher32(properties) >= 0;
}

/* --- attributes ----------------------------------------------------------------------------- */

static bool write_attribute(hid_t object, const char *name, hid_t type, hid_t space,
                            const void *value) {
    hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute < 0)
        return false;
    bool written = H5Awrite(attribute, type, value) >= 0;
    return H5Aclose(attribute) >= 0 && written;
}

bool recoup_hdf5_write_numbers(hid_t object, const char *name, hid_t type, const void *value,
                               hsize_t n) {
    hid_t space = n == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &n, NULL);
    bool written = space >= 0 && write_attribute(object, name, type, space, value);
    if (space >= 0)
        H5Sclose(space);
    return written;
}

bool recoup_hdf5_write_text(hid_t object, const char *name, const char *text) {
    if (!text || !*text)
        return true;
    hid_t type = H5Tcopy(H5T_C_S1);
    bool written = type >= 0 && H5Tset_size(type, strlen(text) + 1) >= 0 &&
                   H5Tset_cset(type, H5T_CSET_UTF8) >= 0 &&
                   recoup_hdf5_write_numbers(object, name, type, text, 0);
    if (type >= 0)
        H5Tclose(type);
    return written;
}

/* --- dimension scales ----------------------------------------------------------------------- */

bool recoup_hdf5_write_scale(hid_t dataset, const char *name) {
    return recoup_hdf5_write_text(dataset, "CLASS", "DIMENSION_SCALE") &&
           recoup_hdf5_write_text(dataset, "NAME", name);
}

bool recoup_hdf5_write_dimension_list(hid_t file, hid_t variable, const char *const *scale,
                                      int rank) {
    hobj_ref_t reference[RECOUP_HDF5_MAX_RANK];
    hvl_t list[RECOUP_HDF5_MAX_RANK];
    for (int i = 0; i < rank; i++) {
        if (H5Rcreate(&reference[i], file, scale[i], H5R_OBJECT, -1) < 0)
            return false;
        list[i] = (hvl_t){.len = 1, .p = &reference[i]};
    }
    hid_t type = H5Tvlen_create(H5T_STD_REF_OBJ);
    bool written = type >= 0 &&
                   recoup_hdf5_write_numbers(variable, "DIMENSION_LIST", type, list, (hsize_t)rank);
    if (type >= 0)
        H5Tclose(type);
    return written;
}

typedef struct scale_use {
    hobj_ref_t dataset;
    int dimension, padding;
} scale_use;

bool recoup_hdf5_write_reference_list(hid_t file, hid_t scale, const recoup_hdf5_use *use,
                                      int n_uses) {
    if (n_uses == 0)
        return true;
    scale_use *list = RECOUP_NEW(scale_use, n_uses);
    hid_t type = H5Tcreate(H5T_COMPOUND, sizeof(scale_use));
    bool written = list && type >= 0 &&
                   H5Tinsert(type, "dataset", HOFFSET(scale_use, dataset), H5T_STD_REF_OBJ) >= 0 &&
                   H5Tinsert(type, "dimension", HOFFSET(scale_use, dimension), H5T_STD_I32LE) >= 0;
    for (int i = 0; written && i < n_uses; i++) {
        list[i].dimension = use[i].dimension;
        written = H5Rcreate(&list[i].dataset, file, use[i].variable, H5R_OBJECT, -1) >= 0;
    }
    written =
        written && recoup_hdf5_write_numbers(scale, "REFERENCE_LIST", type, list, (hsize_t)n_uses);
    if (type >= 0)
        H5Tclose(type);
    free(list);
    return written;
}
