#include "hdf5/hdf5.h"

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
