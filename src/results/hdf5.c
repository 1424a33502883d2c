#include "results/hdf5.h"

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
