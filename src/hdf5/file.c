/* Whole files: made in memory, opened from there, and replaced on disk. */
#include "hdf5/hdf5.h"

#include "base/file.h"
#include "base/memory.h"
#include "hdf5/seal.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Half the width of a node of the chunk index. HDF5's own choice, 32, spends 3 kB on every dataset,
 * and nearly all have one chunk. */
enum { INDEX_HALF_WIDTH = 2, GROWTH = 1 << 20 };

/* Properties of a file that lives in memory. */
static hid_t memory_access(void) {
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

hid_t recoup_hdf5_create(void) {
    const unsigned ordered = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
    hid_t access = memory_access(), properties = H5Pcreate(H5P_FILE_CREATE), file = -1;
    if (access >= 0 && properties >= 0 && H5Pset_link_creation_order(properties, ordered) >= 0 &&
        H5Pset_attr_creation_order(properties, ordered) >= 0 &&
        H5Pset_obj_track_times(properties, 0) >= 0 &&
        H5Pset_istore_k(properties, INDEX_HALF_WIDTH) >= 0)
        file = H5Fcreate("memory", H5F_ACC_TRUNC, properties, access);
    H5Pclose(access);
    H5Pclose(properties);
    return file;
}

static recoup_status fail_making(recoup_error *error, const char *path, const char *what) {
    char doing[64];
    snprintf(doing, sizeof doing, "making %s", what);
    return recoup_hdf5_fail(error, RECOUP_EIO, path, doing);
}

recoup_status recoup_hdf5_image(hid_t file, const char *path, const char *what, char **image,
                                size_t *length, recoup_error *error) {
    ssize_t size = -1;
    if (H5Fflush(file, H5F_SCOPE_GLOBAL) < 0 || (size = H5Fget_file_image(file, NULL, 0)) < 0)
        return fail_making(error, path, what);
    char *bytes = RECOUP_NEW(char, size + RECOUP_SEAL_SIZE + 1);
    if (!bytes)
        return recoup_fail_memory(error);
    if (H5Fget_file_image(file, bytes, (size_t)size) != size) {
        free(bytes);
        return fail_making(error, path, what);
    }
    recoup_seal_make(bytes + size, bytes, (size_t)size);
    *image = bytes;
    *length = (size_t)size + RECOUP_SEAL_SIZE;
    return RECOUP_OK;
}

static recoup_status make_image(const char *path, const recoup_hdf5_content *content, char **image,
                                size_t *length, recoup_error *error) {
    hid_t file = recoup_hdf5_create();
    recoup_status status = file < 0 ? RECOUP_EIO : content->write(file, content->of);
    if (status == RECOUP_OK)
        status = recoup_hdf5_image(file, path, content->what, image, length, error);
    else if (status == RECOUP_ENOMEM)
        recoup_fail_memory(error);
    else
        status = fail_making(error, path, content->what);
    if (file >= 0)
        H5Fclose(file);
    return status;
}

/* Plain bytes into an existing file; `path` is what it will be called. */
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
    return recoup_fail(error, RECOUP_EIO, &place, "writing the file failed: %s", strerror(reason));
}

recoup_status recoup_hdf5_replace(const char *path, const recoup_hdf5_content *content,
                                  recoup_error *error) {
    recoup_hdf5_silence silence;
    recoup_replacement replacement;
    recoup_place place = {.file = path};
    char *image = NULL;
    size_t length = 0;
    recoup_hdf5_silence_begin(&silence);
    recoup_status status = make_image(path, content, &image, &length, error);
    if (status != RECOUP_OK)
        goto exit;
    status = recoup_replacement_open(&replacement, path, error);
    if (status != RECOUP_OK)
        goto exit;
    status = write_bytes(replacement.temporary, path, image, length, error);
    if (status == RECOUP_OK && !content->reads_back(replacement.temporary, content->of, error))
        status = recoup_fail(error, RECOUP_EIO, &place,
                             "what was written reads back differently; the disk or the memory may "
                             "be faulty (an older file of this name was left as it is)");
    if (status == RECOUP_OK)
        status = recoup_replacement_commit(&replacement, error);
    else
        recoup_replacement_abort(&replacement);
exit:
    free(image);
    recoup_hdf5_silence_end(&silence);
    return status;
}

recoup_hdf5_state recoup_hdf5_open(char *bytes, size_t length, hid_t *file) {
    static const char signature[8] = {'\211', 'H', 'D', 'F', '\r', '\n', '\032', '\n'};
    *file = -1;
    if (length < sizeof signature || memcmp(bytes, signature, sizeof signature) != 0)
        return RECOUP_HDF5_FOREIGN;
    if (!recoup_seal_check(bytes, &length))
        return RECOUP_HDF5_CHANGED;
    hid_t access = memory_access();
    if (access >= 0 && H5Pset_file_image(access, bytes, length) >= 0)
        *file = H5Fopen("memory", H5F_ACC_RDONLY, access);
    H5Pclose(access);
    return *file >= 0 ? RECOUP_HDF5_OPEN : RECOUP_HDF5_TRUNCATED;
}
