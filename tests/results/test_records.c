/* Records in results.h5: any text and number comes back as it was, and what is damaged is named. */
#include "sample.h"

#include "results/schema.h"
#include <hdf5.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

enum { ROWS = 3 };

static char path[] = "/tmp/recoup_records_XXXXXX";

static const char *const hostile[] = {
    "",
    "</script><script>alert(1)</script>",
    "a \"quoted\" 'text', with \\ and, commas; and\ttabs\nand\r\nlines",
    "\xF0\x9F\x99\x82 emoji, \xE2\x80\xAE right to left, \xD9\x85\xD8\xB1\xD8\xAD\xD8\xA8\xD8\xA7",
    "=1+1",
    "null",
    NULL, /* 300 characters */
};

static const char *text_of(int i) {
    static char longest[301];
    int n = (int)(sizeof hostile / sizeof *hostile);
    memset(longest, 'x', 300);
    return hostile[i % n] ? hostile[i % n] : longest;
}

static double number_of(int i) {
    static const double number[] = {0, -0.0, NAN, 1e300, 5e-324, -INFINITY, 1. / 3};
    return number[i % (int)(sizeof number / sizeof *number)];
}

/* Every field of a new row gets another value. */
static void fill(recoup_results *results, recoup_record_id id, int row) {
    const recoup_record_type *type = &recoup_record_types[id];
    void *made = recoup_records_add(results, id);
    assert_non_null(made);
    for (int f = 0; f < type->n_fields; f++) {
        int i = (int)id + 3 * row + f;
        void *place = recoup_record_place(&type->field[f], made);
        if (type->field[f].type == RECOUP_RECORD_FIELD_TEXT)
            *(const char **)place = text_of(i);
        else if (type->field[f].type == RECOUP_RECORD_FIELD_INT)
            *(int *)place = i % 2 ? -i : 2147483647;
        else
            *(double *)place = number_of(i);
    }
}

/* Of every kind, `except` one. */
static recoup_results *make(int except) {
    recoup_results *results =
        sample_results(&(sample_options){.draws = 1, .paths_per_draw = 250}, NULL);
    assert_non_null(results);
    for (int id = 0; id < RECOUP_N_RECORDS; id++)
        results->records[id].n = 0; /* those of the sample */
    for (int id = 0; id < RECOUP_N_RECORDS; id++)
        for (int row = 0; row < ROWS && id != except; row++)
            fill(results, (recoup_record_id)id, row);
    return results;
}

static recoup_results *write_and_read(const recoup_results *results) {
    recoup_results *back = NULL;
    recoup_error error = RECOUP_ERROR_INIT;
    assert_int_equal(recoup_results_write(results, path, &error), RECOUP_OK);
    recoup_status status = recoup_results_read(path, &back, &error);
    recoup_error_print(&error, stderr);
    recoup_error_clear(&error);
    assert_int_equal(status, RECOUP_OK);
    return back;
}

static void test_round_trip(void **state) {
    (void)state;
    recoup_results *results = make(-1), *back = write_and_read(results);
    assert_true(recoup_records_equal(results, back));
    assert_true(recoup_results_equal(results, back));
    for (int id = 0; id < RECOUP_N_RECORDS; id++) {
        int n;
        assert_non_null(recoup_results_records(back, (recoup_record_id)id, &n));
        assert_int_equal(n, ROWS);
    }
    const recoup_hygiene_row *row = back->records[RECOUP_RECORD_HYGIENE].row;
    const recoup_hygiene_row *original = results->records[RECOUP_RECORD_HYGIENE].row;
    for (int i = 0; i < ROWS; i++) /* bit for bit: NaN, -0 and what is not a number of the table */
        assert_memory_equal(&row[i].amount, &original[i].amount, sizeof row[i].amount);
    recoup_results_free(results);
    recoup_results_free(back);
}

/* The comparison and the checksum see a single field of any type. */
static void test_every_field_counts(void **state) {
    (void)state;
    recoup_results *a = make(-1), *b = make(-1);
    assert_true(recoup_records_equal(a, b));
    uint64_t hash = recoup_records_hash(1, a);
    assert_true(recoup_records_hash(1, b) == hash);
    for (int id = 0; id < RECOUP_N_RECORDS; id++)
        for (int f = 0; f < recoup_record_types[id].n_fields; f++) {
            const recoup_record_field *field = &recoup_record_types[id].field[f];
            void *place = recoup_record_place(field, b->records[id].row);
            union {
                const char *text;
                double number;
                int whole;
            } other = {.text = "other"}, kept;
            size_t size = sizeof(double);
            if (field->type == RECOUP_RECORD_FIELD_TEXT)
                size = sizeof(char *);
            else if (field->type == RECOUP_RECORD_FIELD_INT)
                size = sizeof(int), other.whole = 12345;
            else
                other.number = 12345;
            memcpy(&kept, place, size);
            memcpy(place, &other, size);
            assert_false(recoup_records_equal(a, b));
            assert_true(recoup_records_hash(1, b) != hash);
            memcpy(place, &kept, size);
        }
    assert_true(recoup_records_equal(a, b));
    recoup_results_free(a);
    recoup_results_free(b);
}

static void test_kind_without_rows(void **state) {
    (void)state;
    recoup_results *results = make(RECOUP_RECORD_GAP), *back = write_and_read(results);
    int n = -1;
    recoup_results_records(back, RECOUP_RECORD_GAP, &n);
    assert_int_equal(n, 0);
    assert_true(recoup_results_equal(results, back));
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(file >= 0);
    assert_int_equal(H5Lexists(file, "gap", H5P_DEFAULT), 0);
    assert_int_equal(H5Lexists(file, "gap_effect", H5P_DEFAULT), 0);
    assert_int_equal(H5Lexists(file, "swot_sentence", H5P_DEFAULT), 1);
    H5Fclose(file);
    recoup_results_free(results);
    recoup_results_free(back);
}

/* --- damaged ------------------------------------------------------------------------------------
 */

static void replace(hid_t file, const char *name, hid_t type, hsize_t n) {
    assert_true(H5Ldelete(file, name, H5P_DEFAULT) >= 0);
    hid_t space = H5Screate_simple(1, &n, NULL);
    hid_t dataset = H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(dataset >= 0);
    H5Dclose(dataset);
    H5Sclose(space);
}

/* Reads a file that was changed; the problems are about these variables, in this order. */
static void assert_names(const char *const *names, int n) {
    recoup_results *back = NULL;
    recoup_error error = RECOUP_ERROR_INIT;
    assert_int_equal(recoup_results_read(path, &back, &error), RECOUP_EINVALID);
    assert_null(back);
    assert_int_equal(error.n_errors, n);
    for (int i = 0; i < n; i++) {
        assert_string_equal(error.problems[i].field, names[i]);
        assert_string_equal(error.problems[i].file, path);
        assert_non_null(strstr(error.problems[i].message, "missing or damaged"));
    }
    recoup_error_clear(&error);
}

static void test_damaged(void **state) {
    (void)state;
    static const char *const all[] = {"action_due", "hygiene_deal", "hygiene_amount",
                                      "rule_n_deals", "quality"};
    recoup_results *results = make(-1);
    assert_int_equal(recoup_results_write(results, path, NULL), RECOUP_OK);
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    assert_true(file >= 0);
    assert_true(H5Ldelete(file, "action_due", H5P_DEFAULT) >= 0); /* missing */
    replace(file, "hygiene_amount", H5T_IEEE_F64LE, ROWS + 1);    /* another length */
    replace(file, "hygiene_deal", H5T_IEEE_F64LE, ROWS);          /* another type */
    replace(file, "rule_n_deals", H5T_IEEE_F64LE, ROWS);
    replace(file, "quality", H5T_IEEE_F32BE, 0); /* no rows at all */
    assert_true(H5Fclose(file) >= 0);
    assert_names(all, 5);
    /* A value that fits is told by the checksum. */
    assert_int_equal(recoup_results_write(results, path, NULL), RECOUP_OK);
    const int n_deals[ROWS] = {1, 2, 3};
    file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    hid_t dataset = H5Dopen2(file, "rule_n_deals", H5P_DEFAULT);
    assert_true(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, n_deals) >= 0);
    H5Dclose(dataset);
    assert_true(H5Fclose(file) >= 0);
    recoup_results *back = NULL;
    assert_int_equal(recoup_results_read(path, &back, NULL), RECOUP_EINVALID);
    assert_null(back);
    recoup_results_free(results);
}

static int make_file(void **state) {
    (void)state;
    int file = mkstemp(path);
    return file < 0 ? -1 : close(file);
}

static int remove_file(void **state) {
    (void)state;
    return unlink(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_every_field_counts),
        cmocka_unit_test(test_kind_without_rows),
        cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
