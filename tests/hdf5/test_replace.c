/* Replacing a file by a new one: whole, or not at all. */
#include "base/file.h"
#include "hdf5/hdf5.h"
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/recoup-replace-XXXXXX", path[64];

/* A file that holds one text. */
typedef struct note {
    const char *text;
    recoup_status written; /* what writing is to come to */
    bool same;             /* what reading back is to come to */
} note;

static recoup_status write_note(hid_t file, const void *of) {
    const note *n = of;
    return recoup_hdf5_write_text(file, "note", n->text) ? n->written : RECOUP_EIO;
}

static bool holds_text(const char *name, const char *text) {
    recoup_error error = RECOUP_ERROR_INIT;
    char *bytes = NULL, value[64] = "";
    size_t length = 0;
    hid_t file = -1, type = H5Tcopy(H5T_C_S1);
    assert_int_equal(recoup_file_read(name, &bytes, &length, &error), RECOUP_OK);
    assert_int_equal(recoup_hdf5_open(bytes, length, &file), RECOUP_HDF5_OPEN);
    hid_t attribute = H5Aopen(file, "note", H5P_DEFAULT);
    assert_true(H5Tset_size(type, sizeof value) >= 0 && H5Tset_cset(type, H5T_CSET_UTF8) >= 0);
    assert_true(H5Aread(attribute, type, value) >= 0);
    H5Tclose(type);
    H5Aclose(attribute);
    H5Fclose(file);
    free(bytes);
    return strcmp(value, text) == 0;
}

/* What is read back is the new file, under another name in the same folder. */
static bool reads_back(const char *name, const void *of, recoup_error *error) {
    const note *n = of;
    (void)error;
    assert_string_not_equal(name, path);
    assert_memory_equal(name, path, strlen(path));
    assert_true(holds_text(name, n->text));
    return n->same;
}

static recoup_status replace(const note *n, recoup_error *error) {
    const recoup_hdf5_content content = {
        .what = "the note", .of = n, .write = write_note, .reads_back = reads_back};
    return recoup_hdf5_replace(path, &content, error);
}

static int files_in_folder(void) {
    int n = 0;
    DIR *list = opendir(folder);
    assert_non_null(list);
    for (struct dirent *entry; (entry = readdir(list));)
        n += entry->d_name[0] != '.';
    closedir(list);
    return n;
}

static void test_replaced(void **state) {
    (void)state;
    recoup_error error = RECOUP_ERROR_INIT;
    const char *const texts[] = {"first", "second"};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(replace(&(note){.text = texts[i], .same = true}, &error), RECOUP_OK);
        assert_true(holds_text(path, texts[i]));
        assert_int_equal(files_in_folder(), 1);
    }
}

/* Whatever fails, the old file stays, and nothing beside it. */
static void test_left_alone(void **state) {
    (void)state;
    recoup_error error = RECOUP_ERROR_INIT;
    const struct {
        note note;
        recoup_status status;
        const char *message;
    } cases[] = {
        {{.text = "new", .same = false}, RECOUP_EIO, "what was written reads back differently"},
        {{.text = "new", .written = RECOUP_EIO}, RECOUP_EIO, "making the note failed: HDF5 says"},
        {{.text = "new", .written = RECOUP_ENOMEM}, RECOUP_ENOMEM, "out of memory"}};
    assert_int_equal(replace(&(note){.text = "old", .same = true}, &error), RECOUP_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(replace(&cases[i].note, &error), cases[i].status);
        assert_int_equal(error.n_errors, 1);
        assert_non_null(strstr(error.problems[0].message, cases[i].message));
        recoup_error_clear(&error);
        assert_true(holds_text(path, "old"));
        assert_int_equal(files_in_folder(), 1);
    }
}

/* The caller's way to print what HDF5 reports is as it was. */
static void test_silence(void **state) {
    (void)state;
    recoup_error error = RECOUP_ERROR_INIT;
    H5E_auto2_t before, after;
    void *data;
    assert_true(H5Eget_auto2(H5E_DEFAULT, &before, &data) >= 0);
    assert_non_null(before);
    assert_int_equal(replace(&(note){.text = "x", .same = true}, &error), RECOUP_OK);
    assert_int_equal(replace(&(note){.text = "x", .written = RECOUP_EIO}, &error), RECOUP_EIO);
    recoup_error_clear(&error);
    assert_true(H5Eget_auto2(H5E_DEFAULT, &after, &data) >= 0);
    assert_ptr_equal(before, after);
}

static int set_up(void **state) {
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/note.h5", folder);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    unlink(path);
    return rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replaced),
        cmocka_unit_test(test_left_alone),
        cmocka_unit_test(test_silence),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
