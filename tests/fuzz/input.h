/* Fuzzers get bytes, readers take paths: the bytes go into a file in memory that has a path. */
#ifndef RECOUP_FUZZ_INPUT_H
#define RECOUP_FUZZ_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

enum { FUZZ_PATH_SIZE = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* Replaces the content of this process's one input file. */
static inline bool fuzz_write_input(const uint8_t *bytes, size_t n, char *path) {
    static int fd = -1;
    if (fd < 0)
        fd = memfd_create("input", MFD_CLOEXEC);
    snprintf(path, FUZZ_PATH_SIZE, "/proc/self/fd/%d", fd);
    return fd >= 0 && ftruncate(fd, 0) == 0 && pwrite(fd, bytes, n, 0) == (ssize_t)n;
}

#endif
