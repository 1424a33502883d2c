/* Reading CSV files: cells, lines, delimiters, and everything that can be wrong with the form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/text.h"
#include "table/table.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A file of the given bytes, read; the file is gone afterwards. */
static recoup_status read_bytes(const char *bytes, size_t length, recoup_table **table,
                                recoup_error *error) {
    char path[] = "/tmp/recoup_table_XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, length), (ssize_t)length);
    assert_int_equal(close(fd), 0);
    recoup_status status = recoup_table_read(path, table, error);
    unlink(path);
    return status;
}

/* Rows as `line:cell|cell` joined by blanks, to compare a whole table with one text. */
static char *rows_of(const recoup_table *table) {
    recoup_text text = {0};
    for (int row = 0; row < table->n_rows; row++) {
        recoup_text_add(&text, "%s%d:", row ? " " : "", table->line[row]);
        for (int c = 0; c < table->n_columns; c++)
            recoup_text_add(&text, "%s%s", c ? "|" : "", recoup_table_cell(table, row, c));
    }
    assert_false(text.failed);
    return text.bytes ? text.bytes : strdup("");
}

typedef struct good_case {
    const char *bytes, *rows;
} good_case;

static void test_forms(void **state) {
    (void)state;
    static const good_case cases[] = {
        {"a,b\n1,2\n3,4\n", "2:1|2 3:3|4"},
        {"a,b\n1,2\n3,4", "2:1|2 3:3|4"},         /* no line end at the end */
        {"a,b\r\n1,2\r\n3,4\r\n", "2:1|2 3:3|4"}, /* Windows */
        {"a,b\r1,2\r3,4", "2:1|2 3:3|4"},         /* old Macintosh */
        {"\xEF\xBB\xBF"
         "a,b\n1,2\n",
         "2:1|2"},                                    /* byte order mark */
        {"a;b\n1;2,5\n", "2:1|2,5"},                  /* semicolons, decimal comma */
        {"a\tb\n1\t2 3\n", "2:1|2 3"},                /* tabs */
        {"a\tb\n\t2\n", "2:|2"},                      /* a tab is no blank then */
        {"\"a,x\";b\n1;2\n", "2:1|2"},                /* delimiters within quotes don't count */
        {"a\n1\n2\n", "2:1 3:2"},                     /* one column */
        {"a,b\n\n1,2\n\n\n3,4\n\n", "3:1|2 6:3|4"},   /* blank lines */
        {"\n\na,b\n1,2\n", "4:1|2"},                  /* ... before the header */
        {"a,b\n,\n1,2\n,\n", "3:1|2"},                /* lines of empty cells */
        {"a,b\n\"x\ny\",2\n3,4\n", "2:x\ny|2 4:3|4"}, /* quoted line break */
        {"a,b\n\"x\r\n\r\ny\",2\n3,4\n", "2:x\r\n\r\ny|2 5:3|4"},
        {"a,b\n\"say \"\"hi\"\"\",\"\"\n", "2:say \"hi\"|"}, /* doubled quotes */
        {"a,b\n 1 ,\" 2 \"\n", "2:1|2"},                     /* blanks around cells */
        {"a,b\n", ""},                                       /* header without rows */
        {"a,b\nM\xC3\xBCller,\xE2\x82\xAC\xF0\x9F\x98\x80\n",
         "2:M\xC3\xBCller|\xE2\x82\xAC\xF0\x9F\x98\x80"},
        {"a,b\n5\" pipe,2\n", "2:5\" pipe|2"}, /* a quote within a plain cell */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        recoup_error error = RECOUP_ERROR_INIT;
        recoup_table *table = NULL;
        recoup_status status = read_bytes(cases[i].bytes, strlen(cases[i].bytes), &table, &error);
        if (status != RECOUP_OK)
            recoup_error_print(&error, stderr);
        assert_int_equal(status, RECOUP_OK);
        assert_int_equal(error.n_problems, 0);
        char *rows = rows_of(table);
        assert_string_equal(rows, cases[i].rows);
        free(rows);
        recoup_table_free(table);
        recoup_error_clear(&error);
    }
}

typedef struct bad_case {
    const char *bytes;
    size_t length; /* 0: up to the closing NUL */
    int line;
    const char *fragment;
    int n_rows; /* -1: no table; else rows read in spite of it */
} bad_case;

static void test_malformed(void **state) {
    (void)state;
    static const bad_case cases[] = {
        {"", 0, 0, "the file is empty", -1},
        {"\xEF\xBB\xBF", 0, 0, "the file is empty", -1},
        {"\n\n  \n,,\n", 0, 0, "the file is empty", -1},
        {"\xFF\xFE"
         "a\0,\0b\0\n\0",
         10, 0, "this file is UTF-16; save it as UTF-8", -1},
        {"\xFE\xFF\0a\0,\0b\0\n", 10, 0, "this file is UTF-16", -1},
        {"a\0,\0b\0\n\0"
         "1\0,\0"
         "2\0\n\0",
         16, 0, "this file is UTF-16", -1},
        {"\xFF\xFE\0\0a\0\0\0", 8, 0, "this file is UTF-32", -1},
        {"a\0\0\0,\0\0\0b\0\0\0\n\0\0\0", 16, 0, "this file is UTF-32", -1},
        {"PK\3\4whatever", 0, 0, "workbook", -1},
        {"a,b\n1,2\nM\xFCller,3\n", 0, 3, "the byte 0xFC here is not UTF-8", -1},
        {"a,b\n1,\xC0\xAF\n", 0, 2, "0xC0", -1},         /* overlong */
        {"a,b\n1,\xED\xA0\x80\n", 0, 2, "0xED", -1},     /* surrogate */
        {"a,b\n1,\xF4\x90\x80\x80\n", 0, 2, "0xF4", -1}, /* beyond U+10FFFF */
        {"a,b\n1,\xE2\x82", 0, 2, "0xE2", -1},           /* cut short */
        {"a,b\n1,2\n1,\0"
         "2\n3,4\n",
         17, 3, "a zero byte", -1},
        {"a,b\n1,\"x\n2,3\n", 0, 2, "never closed", 0},
        {"a,b\n1,2\n1,\"x\ny\",\"z\n2,3\n", 0, 4, "never closed", 1},
        {"a,b\n1,2\n\"x", 0, 3, "never closed", 1},
        {"a,b\n1,2\n1\n3,4\n", 0, 3, "this row has 1 fields, the header on line 1 has 2", 2},
        {"a,b\n\"p\nq\",2\n1,2,3\n", 0, 4, "this row has 3 fields", 1},
        {"a,b,A\n1,2,3\n", 0, 1, "the columns 1 and 3 are both called 'A'", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const bad_case *c = &cases[i];
        recoup_error error = RECOUP_ERROR_INIT;
        recoup_table *table = NULL;
        recoup_status status =
            read_bytes(c->bytes, c->length ? c->length : strlen(c->bytes), &table, &error);
        assert_int_equal(status, RECOUP_EINVALID);
        assert_int_equal(error.n_errors, 1);
        if (!strstr(error.problems[0].message, c->fragment))
            fail_msg("case %zu: '%s' lacks '%s'", i, error.problems[0].message, c->fragment);
        assert_int_equal(error.problems[0].line, c->line);
        assert_non_null(error.problems[0].file);
        assert_int_equal(table ? table->n_rows : -1, c->n_rows);
        recoup_table_free(table);
        recoup_error_clear(&error);
    }
}

static void test_every_row_is_reported(void **state) {
    (void)state;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_table *table = NULL;
    const char *bytes = "a,b\n1\n1,2\n1,2,3\n\n1,2\n4\n";
    assert_int_equal(read_bytes(bytes, strlen(bytes), &table, &error), RECOUP_EINVALID);
    assert_int_equal(error.n_errors, 3);
    assert_int_equal(error.problems[0].line, 2);
    assert_int_equal(error.problems[1].line, 4);
    assert_int_equal(error.problems[2].line, 7);
    assert_int_equal(table->n_rows, 2);
    recoup_table_free(table);
    recoup_error_clear(&error);
}

static void test_no_file(void **state) {
    (void)state;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_table *table = NULL;
    assert_int_equal(recoup_table_read("/nowhere/deals.csv", &table, &error), RECOUP_EINVALID);
    assert_null(table);
    assert_string_equal(error.problems[0].file, "/nowhere/deals.csv");
    recoup_error_clear(&error);
}

static void test_columns(void **state) {
    (void)state;
    static const recoup_table_column columns[] = {
        {"deal_id", true}, {"amount", true}, {"channel", false}, {"segment", false}};
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_table *table = NULL;
    int index[4];
    const char *bytes = "Region,chanel, AMOUNT ,Deal_ID,,\n1,2,3,4,5,6\n";
    assert_int_equal(read_bytes(bytes, strlen(bytes), &table, &error), RECOUP_OK);
    assert_int_equal(recoup_table_bind(table, columns, 4, index, &error), RECOUP_OK);
    assert_int_equal(index[0], 3);
    assert_int_equal(index[1], 2);
    assert_int_equal(index[2], -1);
    assert_int_equal(index[3], -1);
    assert_string_equal(recoup_table_cell(table, 0, index[0]), "4");
    assert_string_equal(recoup_table_cell(table, 0, index[2]), "");
    assert_int_equal(error.n_problems, 1); /* one note names what is not used */
    assert_int_equal(error.n_errors, 0);
    assert_string_equal(error.problems[0].message,
                        "columns that are not used: 'Region', 'chanel' (did you mean 'channel'?)");
    recoup_place place = recoup_table_place(table, 0, 2);
    assert_int_equal(place.line, 2);
    assert_string_equal(place.field, "AMOUNT");
    recoup_table_free(table);
    recoup_error_clear(&error);

    bytes = "\ndeal id,amuont,x\n";
    assert_int_equal(read_bytes(bytes, strlen(bytes), &table, &error), RECOUP_OK);
    assert_int_equal(recoup_table_bind(table, columns, 4, index, &error), RECOUP_EINVALID);
    assert_int_equal(error.n_errors, 2);
    assert_non_null(strstr(error.problems[0].message, "nearest column is 'deal id'"));
    assert_non_null(strstr(error.problems[1].message, "nearest column is 'amuont'"));
    assert_string_equal(error.problems[0].field, "deal_id");
    assert_int_equal(error.problems[0].line, 2);
    recoup_table_free(table);
    recoup_error_clear(&error);
}

static void test_quote(void **state) {
    (void)state;
    char buffer[RECOUP_QUOTE_SIZE], text[200];
    assert_string_equal(recoup_table_quote(buffer, "a\nb"), "a b");
    memset(text, 'x', 59);
    strcpy(text + 59, "\xE2\x82\xAC\xE2\x82\xAC"); /* a character that does not fit whole */
    recoup_table_quote(buffer, text);
    assert_int_equal(strlen(buffer), 62);
    assert_string_equal(buffer + 59, "...");
}

/* A table written by rule, with quotes and line breaks, reads back as the rule says. */
static void test_many_rows(void **state) {
    (void)state;
    enum { ROWS = 5000 };
    recoup_text text = {0};
    recoup_text_add(&text, "n,text,square\n");
    for (int i = 0; i < ROWS; i++)
        recoup_text_add(&text, i % 7 == 0 ? "%d,\"line\n%d, \"\"q\"\"\",%d\n" : "%d,plain %d,%d\n",
                        i, i, i * i);
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_table *table = NULL;
    assert_int_equal(read_bytes(text.bytes, text.length, &table, &error), RECOUP_OK);
    recoup_text_clear(&text);
    assert_int_equal(table->n_rows, ROWS);
    int line = 2;
    for (int i = 0; i < ROWS; i++) {
        char expected[64];
        assert_int_equal(table->line[i], line);
        assert_int_equal(atoi(recoup_table_cell(table, i, 0)), i);
        assert_int_equal(atoi(recoup_table_cell(table, i, 2)), i * i);
        snprintf(expected, sizeof expected, i % 7 == 0 ? "line\n%d, \"q\"" : "plain %d", i);
        assert_string_equal(recoup_table_cell(table, i, 1), expected);
        line += i % 7 == 0 ? 2 : 1;
    }
    recoup_table_free(table);
    recoup_error_clear(&error);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_every_row_is_reported),
        cmocka_unit_test(test_no_file),
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_quote),
        cmocka_unit_test(test_many_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
