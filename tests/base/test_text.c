/* Numbers as text, and texts that grow. */
#include "base/text.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct number_case {
    const char *text;
    double x;
} number_case;

static const number_case numbers[] = {
    {"0", 0},
    {"7", 7},
    {"-7", -7},
    {"+7", 7},
    {"12.5", 12.5},
    {".5", 0.5},
    {"5.", 5},
    {"-.25", -0.25},
    {"1e6", 1e6},
    {"1E6", 1e6},
    {"1e+6", 1e6},
    {"2.5e-3", 0.0025},
    {"1_000_000", 1e6},
    {"1_0.5", 10.5},
    {"25%", 0.25},
    {"0.5%", 0.005},
    {"17%", 0.17},
    {"-3%", -0.03},
    {"100%", 1},
    {"1e2%", 1},
    {" 12 ", 12},
    {"\t12\t", 12},
    {"007", 7},
    {"0.1", 0.1},
    {"1e308", 1e308},
    {"1e-400", 0},
    {"4.9e-324", 4.9e-324},
    {"123456789012345678901234567890", 123456789012345678901234567890.0},
    {"9007199254740993", 9007199254740992.0}, /* 2^53 + 1 has no double */
};

static const char *const no_numbers[] = {
    "",     " ",          "x",   "1x",   "1e6x",  "1e",    "e6",    "1e+",   "1e6.5",
    ".",    "-",          "+-1", "--1",  "1,000", "1 000", "1_",    "_1",    "1__0",
    "1_.5", "1._5",       "-_1", "0x10", "inf",   "-inf",  "nan",   "1e400", "-1e400",
    "25%%", "25 %",       "%",   "%25",  "$5",    "5$",    "1.2.3", "1e5e5", "1e99999",
    "true", "2026-11-02", "1 2", "\n1",  "1\n"};

static void test_numbers_are_read(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        double x = -99;
        if (!recoup_number_parse(numbers[i].text, &x) || x != numbers[i].x)
            fail_msg("'%s' gave %.17g", numbers[i].text, x);
    }
}

static void test_other_texts_are_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof no_numbers / sizeof *no_numbers; i++) {
        double x = -99;
        if (recoup_number_parse(no_numbers[i], &x) || x != -99)
            fail_msg("'%s' gave %.17g", no_numbers[i], x);
    }
    char digits[400]; /* longer than any number that a person writes: refused, not cut */
    memset(digits, '1', sizeof digits);
    digits[sizeof digits - 1] = '\0';
    double x;
    assert_false(recoup_number_parse(digits, &x));
}

static void check_format(double x, const char *expected) {
    char buffer[RECOUP_NUMBER_SIZE];
    assert_string_equal(recoup_number_format(buffer, x), expected);
}

static void test_numbers_are_short(void **state) {
    (void)state;
    check_format(0, "0");
    check_format(-0.0, "0");
    check_format(0.1, "0.1");
    check_format(0.1 + 0.2, "0.30000000000000004");
    check_format(42000, "42000");
    check_format(1e6, "1000000");
    check_format(-12.25, "-12.25");
    check_format(1e30, "1e+30");
    check_format(1.0 / 3, "0.3333333333333333");
    check_format(123456789012345, "123456789012345");
    check_format(NAN, "nan");
    check_format(INFINITY, "inf");
    check_format(-INFINITY, "-inf");
}

/* Random bit patterns: what is written reads back to the same bits, and one digit less does not. */
static void test_numbers_read_back(void **state) {
    (void)state;
    uint64_t bits = 1; /* Knuth's MMIX generator */
    for (int i = 0; i < 20000; i++) {
        bits = bits * 6364136223846793005u + 1442695040888963407u;
        uint64_t mixed = bits ^ bits >> 29;
        double x, back;
        memcpy(&x, &mixed, sizeof x);
        if (!isfinite(x))
            continue;
        char buffer[RECOUP_NUMBER_SIZE], shorter[RECOUP_NUMBER_SIZE];
        recoup_number_format(buffer, x);
        assert_true(recoup_number_parse(buffer, &back));
        assert_memory_equal(&back, &x, sizeof x);
        int digits = 0;
        for (const char *p = buffer; *p && *p != 'e'; p++)
            digits += *p >= '0' && *p <= '9';
        if (digits > 1 && fabs(x) >= 1) { /* no leading zeros to count */
            snprintf(shorter, sizeof shorter, "%.*e", digits - 2, x);
            assert_true(strtod(shorter, NULL) != x);
        }
    }
}

static void test_text_grows(void **state) {
    (void)state;
    recoup_text text = {0};
    for (int i = 0; i < 1000; i++)
        recoup_text_add(&text, "%d,", i);
    recoup_text_add_bytes(&text, "end!", 3);
    recoup_text_add_number(&text, 0.5);
    assert_false(text.failed);
    assert_int_equal(text.length, 10 * 2 + 90 * 3 + 900 * 4 + 6);
    assert_int_equal(strlen(text.bytes), text.length);
    assert_string_equal(text.bytes + text.length - 10, "999,end0.5");
    recoup_text_clear(&text);
    assert_null(text.bytes);
}

static void test_digits_in_groups(void **state) {
    (void)state;
    static const char *const pair[][2] = {
        {"", ""}, {"7", "7"}, {"123", "123"}, {"1234", "1,234"}, {"1234567", "1,234,567"}};
    for (size_t i = 0; i < sizeof pair / sizeof *pair; i++) {
        char grouped[16];
        recoup_digits_group(grouped, pair[i][0]);
        assert_string_equal(grouped, pair[i][1]);
    }
}

static void test_decimal_comma(void **state) {
    (void)state;
    static const struct {
        const char *text;
        double x; /* NaN: refused */
    } cases[] = {
        {"1234,5", 1234.5},  {"1.234,50", 1234.5}, {"1.234.567", 1234567}, {"12", 12},
        {"0,25", .25},       {"-1.000", -1000},    {"12,5%", .125},        {",5", .5},
        {"1234.567,5", NAN}, {"1.23", NAN},        {"1.2345", NAN},        {"1,234.5", NAN},
        {"1,2,3", NAN},      {".234", NAN},        {"1..234", NAN},        {"1.234.", NAN},
        {"", NAN},           {",", NAN},           {"1 234,5", NAN},       {"1.234,5 EUR", NAN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double x = -99;
        bool fits = recoup_number_parse_comma(cases[i].text, &x);
        if (fits != !isnan(cases[i].x) || (fits && x != cases[i].x))
            fail_msg("'%s' gave %.17g", cases[i].text, x);
    }
}

/* RFC 4180, section 2; the marks of formulas can be taken away again. */
static void test_cells(void **state) {
    (void)state;
    static const char *const cells[][2] = {
        {"", ""},
        {"plain", "plain"},
        {"a,b", "\"a,b\""},
        {"say \"no\"", "\"say \"\"no\"\"\""},
        {"two\r\nlines", "\"two\r\nlines\""},
        {"a=1", "a=1"},
        {"=1+1", "'=1+1"},
        {"+1", "'+1"},
        {"-1,5", "\"'-1,5\""},
        {"@x", "'@x"},
        {"\tx", "'\tx"},
        {"\rx", "\"'\rx\""},
        {"'t was", "'t was"},
        {"'=1", "''=1"},
    };
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        recoup_text text = {0};
        recoup_text_add_cell(&text, cells[i][0]);
        assert_string_equal(text.bytes, cells[i][1]);
        recoup_text_clear(&text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells),
        cmocka_unit_test(test_digits_in_groups),
        cmocka_unit_test(test_decimal_comma),
        cmocka_unit_test(test_numbers_are_read),
        cmocka_unit_test(test_other_texts_are_refused),
        cmocka_unit_test(test_numbers_are_short),
        cmocka_unit_test(test_numbers_read_back),
        cmocka_unit_test(test_text_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
