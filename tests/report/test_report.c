/* The page as a text: its data in the template, escapes, rounding, columns of records. A browser
 * looks at it in tests/cli/report.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "report/report.h"
#include "sample.h"
#include <unistd.h>

static const recoup_report_options plain_options = {0};

/* The data of a page, parsed. */
static json_t *page_data(const char *html) {
    const char *start = strstr(html, "<script id=\"data\" type=\"application/json\">");
    assert_non_null(start);
    start = strchr(start, '>') + 1;
    const char *end = strstr(start, "</script>");
    assert_non_null(end);
    json_error_t where;
    json_t *data = json_loadb(start, (size_t)(end - start), JSON_REJECT_DUPLICATES, &where);
    assert_non_null(data);
    return data;
}

/* To be freed by the caller. */
static void make_page(const char *kind, const recoup_report_options *options, char **html,
                      size_t *length) {
    recoup_results *results = sample_results(kind);
    assert_non_null(results);
    assert_int_equal(recoup_report_format(results, options, html, length, NULL), RECOUP_OK);
    recoup_results_free(results);
}

static void test_same_bytes(void **state) {
    (void)state;
    size_t n_first, n_again;
    char *first = NULL;
    make_page("full", &plain_options, &first, &n_first);
    char *again = NULL;
    make_page("full", &plain_options, &again, &n_again);
    assert_int_equal(n_first, n_again);
    assert_memory_equal(first, again, n_first);
    assert_true(n_first < 2000000);
    free(first);
    free(again);
}

static const char *text_at(json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    assert_non_null(text);
    return text;
}

/* The hostile page has as many elements as the plain one, and holds every name as it is. */
static void test_hostile_names(void **state) {
    (void)state;
    size_t length;
    char *html = NULL;
    make_page("hostile", &plain_options, &html, &length);
    const char *start = strstr(html, "<script id=\"data\"");
    const char *end = strstr(start, "</script>");
    for (const char *p = strchr(start, '>') + 1; p < end; p++) {
        assert_false(*p == '<' || *p == '>' || *p == '&');
        assert_true(strncmp(p, "\xe2\x80\xa8", 3) != 0 && strncmp(p, "\xe2\x80\xa9", 3) != 0);
    }
    json_t *data = page_data(html), *plans = json_object_get(data, "plans");
    assert_int_equal(json_array_size(plans), SAMPLE_HOSTILE);
    for (size_t p = 0; p < SAMPLE_HOSTILE; p++) {
        char expected[512];
        (void)snprintf(expected, sizeof expected, "%s %zu", sample_hostile[p], p + 1);
        assert_string_equal(text_at(json_array_get(plans, p), "plan"), expected);
    }
    json_decref(data);
    free(html);
}

static void test_plan_of_the_document(void **state) {
    (void)state;
    size_t length;
    char *html = NULL;
    make_page("full", &(recoup_report_options){.plan = "plan 2"}, &html, &length);
    json_t *data = page_data(html);
    assert_int_equal(json_integer_value(json_object_get(data, "documented")), 1);
    assert_int_equal(json_integer_value(json_object_get(data, "best")), 3); /* lifts by plan */
    /* 2026-11-02, as the scenario says */
    assert_int_equal(json_integer_value(json_object_get(data, "as_of")), 20759);
    assert_int_equal(json_integer_value(json_object_get(data, "period_end")), 20818);
    json_decref(data);
    free(html);

    recoup_results *results = sample_results("full");
    recoup_error error = RECOUP_ERROR_INIT;
    assert_int_equal(recoup_report_format(results, &(recoup_report_options){.plan = "plan 9"},
                                          &html, &length, &error),
                     RECOUP_EINVALID);
    assert_non_null(strstr(error.problems[0].message, "plan 9"));
    recoup_error_clear(&error);
    recoup_results_free(results);
}

/* A column as plain values, whichever way it is written. */
static json_t *column_at(json_t *column, size_t i) {
    if (json_is_array(column))
        return json_array_get(column, i);
    json_t *place = json_array_get(json_object_get(column, "at"), i);
    return json_array_get(json_object_get(column, "texts"), (size_t)json_integer_value(place));
}

static void check_value(const recoup_record_field *field, const void *row, json_t *value) {
    const void *place = recoup_record_place(field, row);
    double x;
    switch (field->type) {
    case RECOUP_RECORD_FIELD_TEXT:
        assert_string_equal(json_string_value(value), *(const char *const *)place);
        return;
    case RECOUP_RECORD_FIELD_INT:
        assert_int_equal(json_integer_value(value), *(const int *)place);
        return;
    case RECOUP_RECORD_FIELD_NUMBER:
    case RECOUP_RECORD_FIELD_DATE:
        break;
    }
    memcpy(&x, place, sizeof x);
    /* Six significant digits, or a whole number above 1,000: half of the last one. */
    assert_true(fabs(json_number_value(value) - x) <= fmax(.5 * (fabs(x) >= 1000), 5e-6 * fabs(x)));
}

static void test_records(void **state) {
    (void)state;
    size_t length;
    recoup_results *results = sample_results("full");
    char *html = NULL;
    make_page("full", &plain_options, &html, &length);
    json_t *data = page_data(html), *records = json_object_get(data, "records");
    for (int id = 0; id < RECOUP_N_RECORDS; id++) {
        const recoup_record_type *type = &recoup_record_types[id];
        int n;
        const char *rows = recoup_results_records(results, (recoup_record_id)id, &n);
        json_t *kind = json_object_get(records, type->name);
        json_t *columns = json_object_get(kind, "columns");
        assert_true(n > 0);
        assert_int_equal(json_integer_value(json_object_get(kind, "n")), n);
        assert_int_equal(json_integer_value(json_object_get(kind, "total")), n);
        for (int f = 0; f < type->n_fields; f++) {
            json_t *column = json_object_get(columns, type->field[f].name);
            for (int i = 0; i < n; i++)
                check_value(&type->field[f], rows + (size_t)i * type->size,
                            column_at(column, (size_t)i));
        }
    }
    json_decref(data);
    free(html);
    recoup_results_free(results);
}

static void check_number(json_t *value, const char *expected) {
    size_t length;
    json_t *array = json_array();
    recoup_json json = {0};
    recoup_json_append(&json, array, value);
    char *text = recoup_json_format(array, &length);
    assert_false(json.failed);
    assert_non_null(text);
    assert_int_equal(length, strlen(text));
    assert_string_equal(text, expected);
    free(text);
    json_decref(array);
}

static void test_numbers(void **state) {
    (void)state;
    check_number(recoup_json_number(NAN), "[null]");
    check_number(recoup_json_number(-INFINITY), "[null]");
    check_number(recoup_json_number(0), "[0]");
    check_number(recoup_json_number(1234567.5), "[1234568]");
    check_number(recoup_json_number(-1234.5), "[-1235]");
    check_number(recoup_json_number(.123456789), "[0.123457]");
    check_number(recoup_json_number(999.25), "[999.25]");
    check_number(recoup_json_rounded(.123456789, 4), "[0.1235]");
    check_number(recoup_json_rounded(123456, 4), "[123500]");
    check_number(recoup_json_date(20759.9), "[20759]");
    check_number(recoup_json_date(-.5), "[-1]");
    check_number(recoup_json_text("a<b>&c"), "[\"a\\u003cb\\u003e\\u0026c\"]");
    check_number(recoup_json_text("\xff"), "[\"\xef\xbf\xbd\"]");
}

/* No browser on an empty PATH: the message says what to do, and nothing is written. */
static void test_no_browser(void **state) {
    (void)state;
    recoup_results *results = sample_results("single");
    recoup_error error = RECOUP_ERROR_INIT;
    char *path = strdup(getenv("PATH"));
    assert_int_equal(setenv("PATH", "/nowhere", 1), 0);
    assert_int_equal(recoup_report_print(results, &plain_options, "never-written.pdf", &error),
                     RECOUP_EIO);
    assert_int_equal(setenv("PATH", path, 1), 0);
    assert_non_null(strstr(error.problems[0].message, "chromium"));
    assert_int_not_equal(access("never-written.pdf", F_OK), 0);
    recoup_error_clear(&error);
    recoup_results_free(results);
    free(path);
}

int main(void) {
    if (!recoup_report_before) /* -DRECOUP_REPORT=OFF */
        return 0;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_same_bytes),
                                       cmocka_unit_test(test_hostile_names),
                                       cmocka_unit_test(test_plan_of_the_document),
                                       cmocka_unit_test(test_records),
                                       cmocka_unit_test(test_numbers),
                                       cmocka_unit_test(test_no_browser)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
