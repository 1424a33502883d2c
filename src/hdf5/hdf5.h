/* What all readers and writers of HDF5 files share. The library is not thread-safe: neither are
 * these.
 *
 * Files are made in memory and written as plain bytes: a full disk shows where it happens, with the
 * system's own reason (HDF5 1.10 can report success for a file that it could not write). They carry
 * no times, so that equal contents are equal bytes, and a checksum of the whole (hdf5/seal.h).
 */
#ifndef RECOUP_HDF5_HDF5_H
#define RECOUP_HDF5_HDF5_H

#include "base/error.h"
#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>

/* HDF5 prints its errors unless told otherwise; begin() silences it, end() gives the caller's
 * setting back. */
typedef struct recoup_hdf5_silence {
    H5E_auto2_t print;
    void *data;
} recoup_hdf5_silence;

void recoup_hdf5_silence_begin(recoup_hdf5_silence *silence);
void recoup_hdf5_silence_end(const recoup_hdf5_silence *silence);

/* Reports that HDF5 failed, with the innermost reason that it gives. */
recoup_status recoup_hdf5_fail(recoup_error *error, recoup_status code, const char *path,
                               const char *doing);

/* --- whole files ------------------------------------------------------------------------------ */

/* A new file in memory; -1: failed. To be closed by H5Fclose. */
hid_t recoup_hdf5_create(void);
/* The file as bytes (free them), sealed; `what` ("the results file") is for messages about `path`.
 */
recoup_status recoup_hdf5_image(hid_t file, const char *path, const char *what, char **image,
                                size_t *length, recoup_error *error);

/* What a file is to hold. */
typedef struct recoup_hdf5_content {
    const char *what; /* "the results file", for messages */
    const void *of;   /* given to the functions */
    /* Fills a new file. RECOUP_ENOMEM, or RECOUP_EIO: HDF5 failed; the caller reports either. */
    recoup_status (*write)(hid_t file, const void *of);
    /* Reads a file as anyone would: whether it holds the same. */
    bool (*reads_back)(const char *path, const void *of, recoup_error *error);
} recoup_hdf5_content;

/* Makes a file in memory, writes it beside `path`, reads it back, and only then lets it replace an
 * older file of this name, which stays as it was when anything fails. */
recoup_status recoup_hdf5_replace(const char *path, const recoup_hdf5_content *content,
                                  recoup_error *error);

typedef enum recoup_hdf5_state {
    RECOUP_HDF5_OPEN,
    RECOUP_HDF5_FOREIGN,  /* no HDF5 file */
    RECOUP_HDF5_CHANGED,  /* the checksum does not fit */
    RECOUP_HDF5_TRUNCATED /* HDF5 cannot open it */
} recoup_hdf5_state;

/* Opens the bytes of a file, which must outlive it. */
recoup_hdf5_state recoup_hdf5_open(char *bytes, size_t length, hid_t *file);

/* --- writing ---------------------------------------------------------------------------------- */

/* UTF-8 texts of any length (to be closed by H5Tclose). */
hid_t recoup_hdf5_text_type(void);
/* Properties of a dataset without times and with attributes in the order of their making, as
 * netCDF-4 wants them (to be closed by H5Pclose). */
hid_t recoup_hdf5_properties(void);
/* Packs a dataset of `rank` dimensions and gives it checksums: chunks hold at most 65,536 values,
 * so that a reader of a few need not unpack them all. */
bool recoup_hdf5_pack(hid_t properties, int rank, const hsize_t *size);

/* An attribute of n numbers, n = 0: a scalar. */
bool recoup_hdf5_write_numbers(hid_t object, const char *name, hid_t type, const void *value,
                               hsize_t n);
/* An empty text is left out: netCDF has no scalar for it. */
bool recoup_hdf5_write_text(hid_t object, const char *name, const char *text);

/* Dimensions of variables, by the HDF5 Dimension Scale Specification. These are written here, not
 * by the library's H5DSattach_scale, because that copies the padding of its structs into the file:
 * equal contents would give different bytes. */
enum { RECOUP_HDF5_MAX_RANK = 3 };
/* Makes a dataset a dimension; `name` is its own name, or what netCDF calls a bare dimension. */
bool recoup_hdf5_write_scale(hid_t dataset, const char *name);
/* In a variable: the scale of each of its dimensions, by name. */
bool recoup_hdf5_write_dimension_list(hid_t file, hid_t variable, const char *const *scale,
                                      int rank);
/* In a scale: the variables that use it, and as which of their dimensions. */
typedef struct recoup_hdf5_use {
    const char *variable;
    int dimension;
} recoup_hdf5_use;
bool recoup_hdf5_write_reference_list(hid_t file, hid_t scale, const recoup_hdf5_use *use,
                                      int n_uses);

#endif
