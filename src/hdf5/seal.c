#include "hdf5/seal.h"

#include "base/names.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SEAL_TAG "recoup:fnv1a64:"

void recoup_seal_make(char seal[RECOUP_SEAL_SIZE + 1], const char *bytes, size_t length) {
    snprintf(seal, RECOUP_SEAL_SIZE + 1, SEAL_TAG "%016" PRIx64 "\n",
             recoup_hash(RECOUP_HASH_START, bytes, length));
}

bool recoup_seal_check(const char *bytes, size_t *length) {
    if (*length < RECOUP_SEAL_SIZE)
        return true;
    size_t sealed = *length - RECOUP_SEAL_SIZE;
    if (memcmp(bytes + sealed, SEAL_TAG, strlen(SEAL_TAG)) != 0)
        return true;
    char seal[RECOUP_SEAL_SIZE + 1];
    recoup_seal_make(seal, bytes, sealed);
    if (memcmp(bytes + sealed, seal, RECOUP_SEAL_SIZE) != 0)
        return false;
    *length = sealed;
    return true;
}
