/* The binder: every type of field, every range, and what is said about what does not fit. */
#include "config/config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct inner {
    double a, b;
} inner;

typedef struct item {
    const char *name;
    double weight;
} item;

typedef struct outer {
    const char *text;
    double number, share, above, wide, low;
    int64_t integer, count;
    bool boolean;
    double date;
    int choice;
    recoup_texts texts;
    recoup_numbers numbers;
    recoup_values values;
    inner part;
    recoup_list list;
    const recoup_node *node;
} outer;

static const char *const choices[] = {"walk", "sample", "conditional", NULL};

static const recoup_field inner_fields[] = {
    {"a", RECOUP_FIELD_NUMBER, offsetof(inner, a), .required = true},
    {"b", RECOUP_FIELD_NUMBER, offsetof(inner, b), .required = false},
};
static const recoup_schema inner_schema = {"a part", sizeof(inner), NULL, inner_fields, 2};

static const item item_defaults = {.weight = 7};
static const recoup_field item_fields[] = {
    {"name", RECOUP_FIELD_TEXT, offsetof(item, name), .required = true,
     .meaning = "what it is called"},
    {"weight", RECOUP_FIELD_NUMBER, offsetof(item, weight), .max = -1},
};
static const recoup_schema item_schema = {"an item", sizeof(item), &item_defaults, item_fields, 2};

#define ROW(member, code) .key = #member, .type = code, .offset = offsetof(outer, member)
static const recoup_field outer_fields[] = {
    {ROW(text, RECOUP_FIELD_TEXT)},
    {ROW(number, RECOUP_FIELD_NUMBER)},
    {ROW(share, RECOUP_FIELD_NUMBER), .min = 0, .max = 1, .meaning = "a share between 0 and 1"},
    {ROW(above, RECOUP_FIELD_NUMBER), .open_min = true},
    {ROW(wide, RECOUP_FIELD_NUMBER), .min = -5, .max = 5},
    {ROW(low, RECOUP_FIELD_NUMBER), .min = 2, .max = 4, .open_min = true},
    {ROW(integer, RECOUP_FIELD_INTEGER)},
    {ROW(count, RECOUP_FIELD_INTEGER), .min = 1, .max = 1e9},
    {ROW(boolean, RECOUP_FIELD_BOOLEAN)},
    {ROW(date, RECOUP_FIELD_DATE)},
    {ROW(choice, RECOUP_FIELD_CHOICE), .choices = choices},
    {ROW(texts, RECOUP_FIELD_TEXTS)},
    {ROW(numbers, RECOUP_FIELD_NUMBERS), .max = -1},
    {ROW(values, RECOUP_FIELD_VALUES), .min = 0, .max = 1},
    {ROW(part, RECOUP_FIELD_STRUCT), .schema = &inner_schema},
    {ROW(list, RECOUP_FIELD_LIST), .schema = &item_schema},
    {ROW(node, RECOUP_FIELD_NODE)},
};
static const recoup_schema outer_schema = {"the file", sizeof(outer), NULL, outer_fields,
                                           sizeof outer_fields / sizeof *outer_fields};

/* The document stays alive: what was bound points into it. */
static recoup_document *bind(const char *text, outer *target, recoup_error *error) {
    recoup_document *document = NULL;
    recoup_status status = recoup_document_parse("test.yaml", text, strlen(text), &document, error);
    if (status != RECOUP_OK) {
        recoup_error_print(error, stderr);
        fail();
    }
    status = recoup_bind(document, document->root, &outer_schema, target, error);
    assert_true((status == RECOUP_OK) == (error->n_errors == 0));
    assert_true(status == RECOUP_OK || status == RECOUP_EINVALID);
    return document;
}

static void test_every_type(void **state) {
    (void)state;
    recoup_error error = RECOUP_ERROR_INIT;
    outer o = {0};
    recoup_document *d = bind("text: Q4\n"
                              "number: -1.5e3\n"
                              "share: 25%\n"
                              "above: 1_000_000\n"
                              "wide: -5\n"
                              "low: 4\n"
                              "integer: -3\n"
                              "count: 1e6\n"
                              "boolean: true\n"
                              "date: 2026-11-02\n"
                              "choice: conditional\n"
                              "texts: [a, 'b', 3]\n"
                              "numbers: {x: 1, y: 2.5}\n"
                              "values: [0, 0.5, 100%]\n"
                              "part: {a: 1, b: 2}\n"
                              "list:\n  - {name: p, weight: 3}\n  - name: q\n"
                              "node: [any, {thing: 1}]\n",
                              &o, &error);
    if (error.n_errors)
        recoup_error_print(&error, stderr);
    assert_int_equal(error.n_errors, 0);
    assert_string_equal(o.text, "Q4");
    assert_true(o.number == -1500 && o.share == 0.25 && o.above == 1e6 && o.wide == -5);
    assert_true(o.low == 4);
    assert_true(o.integer == -3 && o.count == 1000000);
    assert_true(o.boolean);
    assert_true(o.date == 20759); /* date -u -d 2026-11-02 +%s / 86400 */
    assert_int_equal(o.choice, 2);
    assert_int_equal(o.texts.n, 3);
    assert_string_equal(o.texts.text[2], "3");
    assert_int_equal(o.texts.node[1]->column, 12);
    assert_int_equal(o.numbers.n, 2);
    assert_string_equal(o.numbers.name[1], "y");
    assert_true(o.numbers.value[1] == 2.5);
    assert_int_equal(o.values.n, 3);
    assert_true(o.values.value[2] == 1);
    assert_true(o.part.a == 1 && o.part.b == 2);
    assert_int_equal(o.list.n, 2);
    const item *items = o.list.items;
    assert_string_equal(items[0].name, "p");
    assert_true(items[0].weight == 3 && items[1].weight == 7); /* the schema's default */
    assert_int_equal(o.list.node[1]->line, 18);
    assert_int_equal(o.node->n, 2);
    recoup_document_free(d);
}

/* Absent keys, and keys without a value, leave the caller's defaults alone. */
static void test_defaults_stay(void **state) {
    (void)state;
    recoup_error error = RECOUP_ERROR_INIT;
    outer o = {.text = "mine", .number = 5, .boolean = true, .choice = 1, .date = 3};
    recoup_document *d = bind("text:\nnumber: ~\nboolean: null\nchoice:\ndate:\nlist:\npart:\n"
                              "texts:\nnode:\n",
                              &o, &error);
    assert_int_equal(error.n_errors, 0);
    assert_string_equal(o.text, "mine");
    assert_true(o.number == 5 && o.boolean && o.choice == 1 && o.date == 3);
    assert_int_equal(o.list.n, 0);
    assert_null(o.node);
    recoup_document_free(d);
    d = bind("{texts: one}", &o, &error); /* a single name is a list of one */
    assert_int_equal(o.texts.n, 1);
    recoup_document_free(d);
}

typedef struct refusal {
    const char *text;
    int line, column;
    const char *fragment;
} refusal;

static const refusal refusals[] = {
    {"nmber: 1", 1, 1, "unknown key 'nmber' in the file; did you mean 'number'?"},
    {"zzzzzz: 1", 1, 1, "unknown key 'zzzzzz' in the file; its keys are text, number,"},
    {"text: [a]", 1, 7, "'text' is a list; expected a text"},
    {"number: 1e6x", 1, 9, "'number' is '1e6x'; expected a number such as"},
    {"number: 1,000", 1, 9, "(no commas)"},
    {"number: '12'", 1, 9, "'number' is the quoted text \"12\"; expected a number, without"},
    {"number: 25 %", 1, 9, "expected a number"},
    {"number: 0x10", 1, 9, "expected a number"},
    {"number: .inf", 1, 9, "expected a number"},
    {"number: nan", 1, 9, "expected a number"},
    {"number: 1e999", 1, 9, "expected a number"},
    {"number: $5", 1, 9, "expected a number"},
    {"number: {a: 1}", 1, 9, "'number' is a mapping; expected a number"},
    {"number: true", 1, 9, "expected a number"},
    {"share: 1.5", 1, 8, "'share' is '1.5'; expected a share between 0 and 1"},
    {"share: -0.1", 1, 8, "expected a share between 0 and 1"},
    {"share: 101%", 1, 8, "expected a share between 0 and 1"},
    {"above: 0", 1, 8, "expected a number above 0"},
    {"wide: 5.5", 1, 7, "expected a number from -5 to 5"},
    {"low: 2", 1, 6, "expected a number above 2 and up to 4"},
    {"integer: 1.5", 1, 10, "expected a whole number"},
    {"integer: 1e300", 1, 10, "at most 9007199254740992"},
    {"integer: x", 1, 10, "expected a whole number such as"},
    {"count: 0", 1, 8, "expected a whole number from 1 to 1000000000"},
    {"count: 2e9", 1, 8, "expected a whole number from 1 to 1000000000"},
    {"boolean: yes", 1, 10, "'boolean' is 'yes'; expected true or false"},
    {"boolean: 'true'", 1, 10, "expected true or false"},
    {"boolean: True", 1, 10, "expected true or false"},
    {"date: 2026-02-30", 1, 7, "expected a date such as 2026-11-02"},
    {"date: 02/11/2026", 1, 7, "expected a date"},
    {"date: '2026-11-02'", 1, 7, "expected a date, without quotation marks"},
    {"choice: smaple", 1, 9, "one of walk, sample, conditional; did you mean 'sample'?"},
    {"choice: quick", 1, 9, "expected one of walk, sample, conditional"},
    {"choice: [walk]", 1, 9, "'choice' is a list"},
    {"texts: [a, b, a]", 1, 15, "'a' is there twice in 'texts'"},
    {"texts: [a, [b]]", 1, 12, "expected a name"},
    {"texts: [a, ~]", 1, 12, "expected a name"},
    {"texts: {a: 1}", 1, 8, "expected a name or a list of names"},
    {"numbers: [1]", 1, 10, "expected a mapping of names to numbers"},
    {"numbers: {x: 1, y: z}", 1, 20, "'y' is 'z'; expected a number"},
    {"numbers: {x: -1}", 1, 14, "'x' is '-1'; expected a number of 0 or more"},
    {"numbers: {x: }", 1, 14, "'x' is empty"},
    {"values: 1", 1, 9, "expected a list of numbers"},
    {"values: [0, 2]", 1, 13, "this is '2'; expected a number from 0 to 1"},
    {"part: 1", 1, 7, "expected a part: a mapping"},
    {"part: {b: 1}", 1, 7, "a part needs the key 'a'"},
    {"part: {a: }", 1, 8, "'a' has no value; a part needs one"},
    {"part: {a: 1, c: 1}", 1, 14, "unknown key 'c' in a part"},
    {"list: {name: x}", 1, 7, "expected a list"},
    {"list:\n  - weight: 1", 2, 5, "an item needs the key 'name' (what it is called)"},
    {"list:\n  - name: a\n  - b", 3, 5, "this is 'b'; expected an item: a mapping"},
    {"list:\n  - name: a\n  -", 3, 4, "this is empty; expected an item"},
};

static void test_refusals(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const refusal *r = &refusals[i];
        recoup_error error = RECOUP_ERROR_INIT;
        outer o = {0};
        recoup_document *d = bind(r->text, &o, &error);
        if (error.n_errors != 1 || error.problems[0].line != r->line ||
            error.problems[0].column != r->column ||
            !strstr(error.problems[0].message, r->fragment)) {
            recoup_error_print(&error, stderr);
            fail_msg("case %zu: %s", i, r->text);
        }
        recoup_document_free(d);
        recoup_error_clear(&error);
    }
}

/* Binding goes on: everything that is wrong is told, and what is right is bound. */
static void test_all_are_reported(void **state) {
    (void)state;
    recoup_error error = RECOUP_ERROR_INIT;
    outer o = {0};
    recoup_document *d = bind("number: x\nshare: 2\ntext: fine\nlist:\n  - wieght: 1\n  - 3\n"
                              "part: {a: y, b: z}\n",
                              &o, &error);
    assert_int_equal(error.n_errors, 7);
    static const int lines[] = {1, 2, 5, 5, 6, 7, 7};
    for (size_t i = 0; i < 7; i++)
        assert_int_equal(error.problems[i].line, lines[i]);
    assert_string_equal(error.problems[1].excerpt, "share: 2");
    assert_string_equal(o.text, "fine");
    recoup_document_free(d);
    recoup_error_clear(&error);
}

static void test_single_nodes(void **state) {
    (void)state;
    const char text[] = "n: 12.5\nt: [a, b]\nm: {a: 1, b: 2}\nx: no\n";
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_document *d = NULL;
    assert_int_equal(recoup_document_parse("t", text, strlen(text), &d, &error), RECOUP_OK);
    double x = 0;
    recoup_texts texts;
    recoup_numbers numbers;
    const recoup_node *root = d->root;
    assert_int_equal(recoup_bind_number(d, recoup_node_find(root, "n"), &x, &error), RECOUP_OK);
    assert_true(x == 12.5);
    assert_int_equal(recoup_bind_texts(d, recoup_node_find(root, "t"), &texts, &error), RECOUP_OK);
    assert_int_equal(texts.n, 2);
    assert_int_equal(recoup_bind_numbers(d, recoup_node_find(root, "m"), &numbers, &error),
                     RECOUP_OK);
    assert_int_equal(numbers.node[1]->column, 11);
    assert_int_equal(recoup_bind_number(d, recoup_node_find(root, "x"), &x, &error),
                     RECOUP_EINVALID);
    assert_true(x == 12.5);
    assert_string_equal(error.problems[0].message,
                        "this is 'no'; expected a number such as 1000, 1e6, 1_000_000 or 25%");
    recoup_node_note(d, root, &error, "a note %d", 1);
    assert_int_equal(error.n_errors, 1);
    assert_int_equal(error.problems[1].code, RECOUP_OK);
    recoup_error_clear(&error);
    recoup_document_free(d);
}

/* A long value is not repeated whole, and not cut within a character. */
static void test_long_values_are_cut(void **state) {
    (void)state;
    recoup_text text = {0};
    recoup_text_add(&text, "number: x");
    for (int i = 0; i < 200; i++)
        recoup_text_add(&text, "\xC3\xA4");
    recoup_error error = RECOUP_ERROR_INIT;
    outer o = {0};
    recoup_document *d = bind(text.bytes, &o, &error);
    const char *cut = strstr(error.problems[0].message, "...");
    assert_non_null(cut);
    assert_true(strlen(error.problems[0].message) < 200);
    assert_int_equal((unsigned char)cut[-1], 0xA4);
    recoup_document_free(d);
    recoup_error_clear(&error);
    recoup_text_clear(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_type),   cmocka_unit_test(test_defaults_stay),
        cmocka_unit_test(test_refusals),     cmocka_unit_test(test_all_are_reported),
        cmocka_unit_test(test_single_nodes), cmocka_unit_test(test_long_values_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
