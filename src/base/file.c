#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static recoup_status fail_errno(recoup_error *error, const char *path, const char *doing) {
    recoup_place place = {.file = path};
    return recoup_fail(error, RECOUP_EIO, &place, "%s failed: %s", doing, strerror(errno));
}

recoup_status recoup_file_read(const char *path, char **bytes, size_t *length,
                               recoup_error *error) {
    recoup_place place = {.file = path};
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) /* a file that the input names and that is not there is wrong input */
        return recoup_fail(error,
                           errno == ENOENT || errno == ENOTDIR ? RECOUP_EINVALID : RECOUP_EIO,
                           &place, "cannot open the file: %s", strerror(errno));
    recoup_status status = RECOUP_OK;
    char *buffer = NULL;
    size_t n = 0, capacity = 0;
    if (fstat(fd, &info) == 0 && S_ISDIR(info.st_mode)) {
        status =
            recoup_fail(error, RECOUP_EINVALID, &place, "this is a folder, a file is expected");
        goto exit;
    }
    capacity = info.st_size > 0 ? (size_t)info.st_size + 1 : 65536;
    for (;;) {
        if (!buffer || n + 1 >= capacity) {
            if (buffer)
                capacity *= 2;
            char *grown = realloc(buffer, capacity);
            if (!grown) {
                status = recoup_fail_memory(error);
                goto exit;
            }
            buffer = grown;
        }
        ssize_t got = read(fd, buffer + n, capacity - n - 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            status = fail_errno(error, path, "reading");
            goto exit;
        }
        if (got == 0)
            break;
        n += (size_t)got;
    }
    buffer[n] = '\0';
    *bytes = buffer;
    *length = n;
    buffer = NULL;
exit:
    free(buffer);
    close(fd);
    return status;
}

char *recoup_path_beside(const char *path, const char *name) {
    const char *slash = strrchr(path, '/');
    if (name[0] == '/' || !slash)
        return strdup(name);
    size_t folder = (size_t)(slash - path) + 1;
    char *joined = malloc(folder + strlen(name) + 1);
    if (joined) {
        memcpy(joined, path, folder);
        strcpy(joined + folder, name);
    }
    return joined;
}

recoup_status recoup_replacement_open(recoup_replacement *replacement, const char *path,
                                      recoup_error *error) {
    *replacement = (recoup_replacement){.path = strdup(path)};
    size_t size = strlen(path) + sizeof ".XXXXXX";
    replacement->temporary = malloc(size);
    if (!replacement->path || !replacement->temporary) {
        recoup_replacement_abort(replacement);
        return recoup_fail_memory(error);
    }
    snprintf(replacement->temporary, size, "%s.XXXXXX", path);
    int fd = mkstemp(replacement->temporary);
    if (fd < 0) {
        recoup_status status = fail_errno(error, path, "creating a file in this folder");
        free(replacement->temporary);
        replacement->temporary = NULL;
        recoup_replacement_abort(replacement);
        return status;
    }
    /* mkstemp makes files private; give the file the mode that open() would have. */
    mode_t mask = umask(0);
    umask(mask);
    int failed = fchmod(fd, 0666 & ~mask);
    if (close(fd) != 0 || failed) {
        recoup_status status = fail_errno(error, path, "creating a file in this folder");
        recoup_replacement_abort(replacement);
        return status;
    }
    return RECOUP_OK;
}

/* Syncs a file or a folder by name. */
static int sync_path(const char *path, int flags) {
    int fd = path ? open(path, flags | O_CLOEXEC) : -1;
    if (fd < 0)
        return -1;
    int failed = fsync(fd);
    return close(fd) != 0 || failed ? -1 : 0;
}

recoup_status recoup_replacement_commit(recoup_replacement *replacement, recoup_error *error) {
    recoup_status status = RECOUP_OK;
    char *folder = NULL;
    if (sync_path(replacement->temporary, O_RDONLY) != 0) {
        status = fail_errno(error, replacement->path, "writing to disk");
        goto exit;
    }
    if (rename(replacement->temporary, replacement->path) != 0) {
        status = fail_errno(error, replacement->path, "replacing the file");
        goto exit;
    }
    free(replacement->temporary);
    replacement->temporary = NULL;
    /* The new name survives a crash only once its folder is synced; some file systems cannot. */
    folder = strdup(replacement->path);
    if (folder)
        (void)sync_path(dirname(folder), O_RDONLY | O_DIRECTORY);
exit:
    free(folder);
    recoup_replacement_abort(replacement);
    return status;
}

void recoup_replacement_abort(recoup_replacement *replacement) {
    if (replacement->temporary)
        unlink(replacement->temporary);
    free(replacement->temporary);
    free(replacement->path);
    *replacement = (recoup_replacement){0};
}

recoup_status recoup_file_write(const char *path, const char *bytes, size_t length,
                                recoup_error *error) {
    recoup_replacement replacement;
    recoup_status status = recoup_replacement_open(&replacement, path, error);
    if (status != RECOUP_OK)
        return status;
    FILE *stream = fopen(replacement.temporary, "wb");
    bool written = stream && fwrite(bytes, 1, length, stream) == length && fflush(stream) == 0;
    int write_errno = errno;
    if (stream && fclose(stream) != 0)
        written = false;
    if (!written) {
        errno = write_errno;
        status = fail_errno(error, path, "writing");
        recoup_replacement_abort(&replacement);
        return status;
    }
    return recoup_replacement_commit(&replacement, error);
}
