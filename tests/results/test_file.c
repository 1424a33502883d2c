/* results.h5: written and read back, twice the same, damaged, on a full disk. */
#include "sample.h"

#include "base/file.h"
#include "results/schema.h"
#include <dirent.h>
#include <hdf5.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/recoup_results_XXXXXX";

static const char *in_folder(const char *name) {
    static char path[4][320];
    static int next;
    next = (next + 1) % 4;
    snprintf(path[next], sizeof path[next], "%s/%s", folder, name);
    return path[next];
}

static int make_folder(void **state) {
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int files_in(const char *path) {
    int n = 0;
    DIR *list = opendir(path);
    assert_non_null(list);
    for (struct dirent *entry; (entry = readdir(list));)
        n += entry->d_name[0] != '.';
    closedir(list);
    return n;
}

static int remove_folder(void **state) {
    (void)state;
    DIR *list = opendir(folder);
    for (struct dirent *entry; list && (entry = readdir(list));)
        unlink(in_folder(entry->d_name));
    closedir(list);
    return rmdir(folder);
}

static const sample_options plain = {.draws = 2, .paths_per_draw = 500};

static recoup_results *sample(const sample_options *options, const char *model) {
    recoup_results *results = sample_results(options, model);
    assert_non_null(results);
    return results;
}

static void write_ok(const recoup_results *results, const char *path) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_status status = recoup_results_write(results, path, &error);
    recoup_error_print(&error, stderr);
    recoup_error_clear(&error);
    assert_int_equal(status, RECOUP_OK);
}

static void put(const char *path, const char *bytes, size_t length) {
    FILE *stream = fopen(path, "wb");
    assert_non_null(stream);
    assert_int_equal(fwrite(bytes, 1, length, stream), length);
    assert_int_equal(fclose(stream), 0);
}

static char *get(const char *path, size_t *length) {
    char *bytes = NULL;
    assert_int_equal(recoup_file_read(path, &bytes, length, NULL), RECOUP_OK);
    return bytes;
}

/* --- whole files ---------------------------------------------------------------------------- */

static void check_round_trip(const sample_options *options, const char *model) {
    const char *path = in_folder("results.h5");
    recoup_results *results = sample(options, model), *back = NULL;
    write_ok(results, path);
    assert_int_equal(recoup_results_read(path, &back, NULL), RECOUP_OK);
    assert_true(recoup_results_equal(results, back));
    /* The comparison sees a change of a single bit, of a label and of a text. */
    back->hit_probability[1] = nextafter(back->hit_probability[1], 2);
    assert_false(recoup_results_equal(results, back));
    back->hit_probability[1] = results->hit_probability[1];
    back->plan[1][0] = 'C';
    assert_false(recoup_results_equal(results, back));
    back->plan[1][0] = 'c';
    back->model[0] = '#';
    assert_false(recoup_results_equal(results, back));
    back->model[0] = results->model[0];
    assert_true(recoup_results_equal(results, back));
    recoup_results_free(results);
    recoup_results_free(back);
    unlink(path);
    assert_int_equal(files_in(folder), 0); /* no temporary file is left */
}

static void test_round_trip(void **state) {
    (void)state;
    check_round_trip(&plain, NULL);
    check_round_trip(&(sample_options){.draws = 1, .paths_per_draw = 250, .no_teams = true}, NULL);
    /* More paths than fit one chunk of the file. */
    check_round_trip(&(sample_options){.draws = 1, .paths_per_draw = 70000, .keep_paths = true},
                     NULL);
    /* A model text beyond the 64 kB that an HDF5 object header can hold. */
    char *model = malloc(300001);
    assert_non_null(model);
    for (int i = 0; i < 300000; i++)
        model[i] = (char)(i % 60 == 59 ? '\n' : 'a' + i % 26);
    model[300000] = '\0';
    check_round_trip(&plain, model);
    free(model);
}

static void test_no_team_no_variable(void **state) {
    (void)state;
    const sample_options options = {.draws = 1, .paths_per_draw = 250, .no_teams = true};
    const char *path = in_folder("results.h5");
    recoup_results *results = sample(&options, NULL);
    write_ok(results, path);
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(file >= 0);
    assert_int_equal(H5Lexists(file, "team", H5P_DEFAULT), 0);
    assert_int_equal(H5Lexists(file, "team_bookings_mean", H5P_DEFAULT), 0);
    assert_int_equal(H5Lexists(file, "bookings", H5P_DEFAULT), 0); /* paths were not kept */
    assert_int_equal(H5Lexists(file, "path", H5P_DEFAULT), 0);
    assert_int_equal(H5Lexists(file, "rep_hit_probability", H5P_DEFAULT), 1);
    H5Fclose(file);
    recoup_results_free(results);
    unlink(path);
}

/* Fills the heap with rubbish and frees it, so that bytes that nobody set would differ. */
static void pollute(int byte) {
    enum { BLOCKS = 600 };
    static void *block[BLOCKS];
    for (int i = 0; i < BLOCKS; i++) {
        size_t size = (size_t)16 << (i % 14);
        block[i] = malloc(size);
        assert_non_null(block[i]);
        memset(block[i], byte, size);
    }
    for (int i = 0; i < BLOCKS; i++)
        free(block[i]);
}

static void test_equal_bytes(void **state) {
    (void)state;
    const sample_options options = {.draws = 2, .paths_per_draw = 500, .keep_paths = true};
    size_t first_length = 0;
    char *first = NULL;
    for (int i = 0; i < 4; i++) {
        pollute(85 * i);
        recoup_results *results = sample(&options, NULL);
        pollute(85 * i + 1);
        write_ok(results, in_folder("again.h5"));
        recoup_results_free(results);
        size_t length = 0;
        char *bytes = get(in_folder("again.h5"), &length);
        if (first) {
            assert_int_equal(length, first_length);
            assert_memory_equal(bytes, first, length);
            free(bytes);
        } else {
            first = bytes;
            first_length = length;
        }
        if (i == 2)
            sleep(1); /* a time of day inside would show */
    }
    free(first);
    unlink(in_folder("again.h5"));
}

/* --- damaged files -------------------------------------------------------------------------- */

/* Reads a file that is expected to be refused, with a message. */
static void assert_refused(const char *path, const char *says) {
    recoup_results *results = NULL;
    recoup_error error = RECOUP_ERROR_INIT;
    assert_int_equal(recoup_results_read(path, &results, &error), RECOUP_EINVALID);
    assert_null(results);
    assert_true(error.n_problems > 0);
    assert_string_equal(error.problems[0].file, path);
    assert_non_null(strstr(error.problems[0].message, says));
    recoup_error_clear(&error);
}

static void test_flipped_bytes(void **state) {
    (void)state;
    const char *path = in_folder("flipped.h5");
    recoup_results *results = sample(&plain, NULL);
    write_ok(results, path);
    size_t length = 0, n_unnoticed = 0;
    char *bytes = get(path, &length);
    for (size_t at = 0; at < length; at += at < 100 || at + 100 > length ? 1 : 97) {
        char flip = (char)(at % 2 ? 0xff : 1 << (at / 97 % 8));
        bytes[at] ^= flip;
        put(path, bytes, length);
        bytes[at] ^= flip;
        recoup_results *back = NULL;
        recoup_status status = recoup_results_read(path, &back, NULL);
        if (status == RECOUP_OK) {
            assert_true(recoup_results_equal(results, back));
            n_unnoticed++;
        } else {
            assert_int_equal(status, RECOUP_EINVALID);
        }
        recoup_results_free(back);
    }
    assert_true(n_unnoticed <= strlen("recoup:fnv1a64:")); /* the mark of the checksum's line */
    free(bytes);
    recoup_results_free(results);
    unlink(path);
}

static void test_cut_short(void **state) {
    (void)state;
    const char *path = in_folder("short.h5");
    recoup_results *results = sample(&plain, NULL);
    write_ok(results, path);
    size_t length = 0;
    char *bytes = get(path, &length);
    for (size_t n = 0; n + RECOUP_VARIABLE_MAX_RANK < length; n += 1009) {
        put(path, bytes, n);
        assert_refused(path, n < 8 ? "not a results file" : "damaged or cut short");
    }
    put(path, bytes, length - 33); /* one byte of HDF5 missing */
    assert_refused(path, "damaged or cut short");
    free(bytes);
    recoup_results_free(results);
    unlink(path);
}

/* Changes a written file through HDF5, as another program would; the line with the checksum goes
 * with it. */
static void edit(const char *path, void (*change)(hid_t file)) {
    recoup_results *results = sample(&plain, NULL);
    write_ok(results, path);
    recoup_results_free(results);
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    assert_true(file >= 0);
    change(file);
    assert_true(H5Fclose(file) >= 0);
}

static void change_number(hid_t file) {
    const double quota = 1;
    hid_t dataset = H5Dopen2(file, "quota", H5P_DEFAULT);
    assert_true(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, &quota) >= 0);
    H5Dclose(dataset);
}

static void change_version(hid_t file) {
    const int version[] = {RECOUP_RESULTS_MAJOR + 1, 0};
    hid_t attribute = H5Aopen(file, "format_version", H5P_DEFAULT);
    assert_true(H5Awrite(attribute, H5T_NATIVE_INT, version) >= 0);
    H5Aclose(attribute);
}

static void change_filetype(hid_t file) {
    assert_true(H5Adelete(file, "filetype") >= 0);
}

static void remove_variable(hid_t file) {
    assert_true(H5Ldelete(file, "wins_mean", H5P_DEFAULT) >= 0);
    assert_true(H5Ldelete(file, "hit_gain", H5P_DEFAULT) >= 0);
}

static void change_shape(hid_t file) {
    hsize_t size = 7;
    assert_true(H5Ldelete(file, "wins_mean", H5P_DEFAULT) >= 0);
    hid_t space = H5Screate_simple(1, &size, NULL);
    hid_t dataset =
        H5Dcreate2(file, "wins_mean", H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(dataset >= 0);
    H5Dclose(dataset);
    H5Sclose(space);
}

static void add_attribute(hid_t file) {
    const int seen = 1;
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t attribute = H5Acreate2(file, "reviewed", H5T_NATIVE_INT, space, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Awrite(attribute, H5T_NATIVE_INT, &seen) >= 0);
    H5Aclose(attribute);
    H5Sclose(space);
}

static void test_edited(void **state) {
    (void)state;
    const char *path = in_folder("edited.h5");
    edit(path, change_number);
    assert_refused(path, "not those that were written");
    edit(path, change_version);
    assert_refused(path, "format version 2.0");
    edit(path, change_filetype);
    assert_refused(path, "does not hold recoup results");
    edit(path, change_shape);
    assert_refused(path, "another type or shape");
    edit(path, remove_variable);
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_results *results = NULL;
    assert_int_equal(recoup_results_read(path, &results, &error), RECOUP_EINVALID);
    assert_int_equal(error.n_errors, 2); /* both are named */
    recoup_error_clear(&error);
    edit(path, add_attribute); /* harms nothing */
    assert_int_equal(recoup_results_read(path, &results, NULL), RECOUP_OK);
    recoup_results_free(results);
    unlink(path);
}

static void test_other_files(void **state) {
    (void)state;
    const char *path = in_folder("other.h5");
    put(path, "", 0);
    assert_refused(path, "not a results file");
    put(path, "deal_id,rep_id\n", 15);
    assert_refused(path, "not a results file");
    put(path, "\211HDF\r\n\032\n", 8);
    assert_refused(path, "damaged or cut short");
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(file >= 0 && H5Fclose(file) >= 0);
    assert_refused(path, "does not hold recoup results");
    assert_refused(in_folder("absent.h5"), "cannot open");
    unlink(path);
}

/* The caller's own HDF5 settings come back. */
static void test_silence_ends(void **state) {
    (void)state;
    H5E_auto2_t before = NULL, after = NULL;
    void *data = NULL;
    assert_true(H5Eget_auto2(H5E_DEFAULT, &before, &data) >= 0);
    recoup_results *results = NULL;
    assert_int_equal(recoup_results_read("/nowhere", &results, NULL), RECOUP_EINVALID);
    assert_true(H5Eget_auto2(H5E_DEFAULT, &after, &data) >= 0);
    assert_true(before == after && before != NULL);
}

/* --- writing that fails --------------------------------------------------------------------- */

static void test_no_such_folder(void **state) {
    (void)state;
    recoup_results *results = sample(&plain, NULL);
    recoup_error error = RECOUP_ERROR_INIT;
    assert_int_equal(recoup_results_write(results, "/nowhere/results.h5", &error), RECOUP_EIO);
    assert_int_equal(error.n_errors, 1);
    assert_non_null(strstr(error.problems[0].message, "No such file or directory"));
    recoup_error_clear(&error);
    recoup_results_free(results);
}

/* On a file system of 512 kB: the old file stays as it was, and nothing else stays. */
static void test_full_disk(void **state) {
    (void)state;
    char disk[320];
    snprintf(disk, sizeof disk, "%s", in_folder("disk"));
    assert_int_equal(mkdir(disk, 0700), 0);
    if (mount("tmpfs", disk, "tmpfs", 0, "size=512k") != 0) {
        rmdir(disk);
        print_message("skipped: mounting a small disk takes the rights of root\n");
        skip();
    }
    char path[360];
    snprintf(path, sizeof path, "%s/results.h5", disk);
    const sample_options large = {.draws = 1, .paths_per_draw = 40000, .keep_paths = true};
    recoup_results *old = sample(&plain, NULL), *results = sample(&large, NULL), *back = NULL;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_status written = recoup_results_write(old, path, NULL);
    recoup_status status = recoup_results_write(results, path, &error);
    bool explains = error.n_problems == 1 &&
                    strstr(error.problems[0].message, "No space left on device") != NULL;
    recoup_status read = recoup_results_read(path, &back, NULL);
    bool intact = read == RECOUP_OK && recoup_results_equal(old, back);
    int n_files = files_in(disk);
    umount(disk); /* first, so that a failure below leaves none mounted */
    rmdir(disk);
    recoup_error_clear(&error);
    recoup_results_free(old);
    recoup_results_free(results);
    recoup_results_free(back);
    assert_int_equal(written, RECOUP_OK);
    assert_int_equal(status, RECOUP_EIO);
    assert_true(explains);
    assert_true(intact);
    assert_int_equal(n_files, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),     cmocka_unit_test(test_no_team_no_variable),
        cmocka_unit_test(test_equal_bytes),    cmocka_unit_test(test_flipped_bytes),
        cmocka_unit_test(test_cut_short),      cmocka_unit_test(test_edited),
        cmocka_unit_test(test_other_files),    cmocka_unit_test(test_silence_ends),
        cmocka_unit_test(test_no_such_folder), cmocka_unit_test(test_full_disk),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
