#include "results/hdf5.h"

void recoup_hdf5_silence_begin(recoup_hdf5_silence *silence) {
    if (H5Eget_auto2(H5E_DEFAULT, &silence->print, &silence->data) < 0)
        *silence = (recoup_hdf5_silence){0};
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

void recoup_hdf5_silence_end(const recoup_hdf5_silence *silence) {
    H5Eset_auto2(H5E_DEFAULT, silence->print, silence->data);
}

static herr_t first_reason(unsigned depth, const H5E_error2_t *entry, void *reason) {
    (void)depth;
    snprintf(reason, 256, "%s", entry->desc ? entry->desc : "no reason given");
    return 1; /* the innermost is enough */
}

recoup_status recoup_hdf5_fail(recoup_error *error, recoup_status code, const char *path,
                               const char *doing) {
    char reason[256] = "no reason given";
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, first_reason, reason);
    recoup_place place = {.file = path};
    return recoup_fail(error, code, &place, "%s failed: HDF5 says: %s", doing, reason);
}

hid_t recoup_hdf5_memory_file(void) {
    enum { GROWTH = 1 << 20 };
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    /* The superblock has to be of the oldest version: H5Fget_file_image spoils the checksum of
     * later ones (HDF5 issue 1915, mended in 2025). Objects whose creation order is tracked carry
     * checksums in any case. Closing the file closes everything in it. */
    if (access >= 0 && (H5Pset_fapl_core(access, GROWTH, 0) < 0 ||
                        H5Pset_libver_bounds(access, H5F_LIBVER_EARLIEST, H5F_LIBVER_V18) < 0 ||
                        H5Pset_fclose_degree(access, H5F_CLOSE_STRONG) < 0)) {
        H5Pclose(access);
        return -1;
    }
    return access;
}

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
    hid_t text = H5Tcopy(H5T_C_S1);
    if (text >= 0 &&
        (H5Tset_size(text, H5T_VARIABLE) < 0 || H5Tset_cset(text, H5T_CSET_UTF8) < 0)) {
        H5Tclose(text);
        return -1;
    }
    return text;
}
