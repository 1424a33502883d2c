/* YAML as a tree with places: what is accepted, and what is said about the rest. */
#include "config/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static recoup_document *parse(const char *text) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_document *document = NULL;
    recoup_status status =
        recoup_document_parse("test.yaml", text, strlen(text), &document, &error);
    if (status != RECOUP_OK)
        recoup_error_print(&error, stderr);
    assert_int_equal(status, RECOUP_OK);
    assert_int_equal(error.n_problems, 0);
    return document;
}

static void test_tree_and_places(void **state) {
    (void)state;
    recoup_document *d = parse("# a comment\n"
                               "name: Q4 forecast   # behind a value\n"
                               "period: {start: 2026-10-01, end: '2026-12-31'}\n"
                               "plans:\n"
                               "  - name: \"b\\tc\"\n"
                               "    note: |\n"
                               "      two\n"
                               "      lines\n"
                               "  -\n"
                               "empty:\n");
    const recoup_node *root = d->root;
    assert_int_equal(root->kind, RECOUP_NODE_MAPPING);
    assert_int_equal(root->n, 4);
    assert_int_equal(root->line, 2);
    const recoup_node *name = recoup_node_find(root, "name");
    assert_string_equal(name->text, "Q4 forecast");
    assert_false(name->quoted);
    assert_int_equal(name->line, 2);
    assert_int_equal(name->column, 7);
    const recoup_node *end = recoup_node_find(recoup_node_find(root, "period"), "end");
    assert_string_equal(end->text, "2026-12-31");
    assert_true(end->quoted);
    assert_int_equal(end->line, 3);
    assert_int_equal(end->column, 34);
    const recoup_node *plans = recoup_node_find(root, "plans");
    assert_int_equal(plans->kind, RECOUP_NODE_SEQUENCE);
    assert_int_equal(plans->n, 2);
    assert_int_equal(plans->item[0]->line, 5);
    assert_int_equal(plans->item[0]->column, 5);
    assert_string_equal(recoup_node_find(plans->item[0], "name")->text, "b\tc");
    assert_string_equal(recoup_node_find(plans->item[0], "note")->text, "two\nlines\n");
    assert_true(recoup_node_find(plans->item[0], "note")->quoted);
    assert_string_equal(plans->item[1]->text, "");
    assert_null(recoup_node_find(root, "empty"));
    assert_null(recoup_node_find(root, "absent"));
    assert_null(recoup_node_find(name, "name"));
    assert_null(recoup_node_find(NULL, "name"));
    recoup_document_free(d);
    recoup_document_free(NULL);
}

static void test_accepted_forms(void **state) {
    (void)state;
    /* byte order mark, CRLF, a document start, no line end at the end, letters beyond ASCII */
    recoup_document *d = parse("\xEF\xBB\xBF---\r\nteam: K\xC3\xB6ln\r\nn: 2");
    assert_string_equal(recoup_node_find(d->root, "team")->text, "K\xC3\xB6ln");
    assert_int_equal(recoup_node_find(d->root, "n")->line, 3);
    recoup_document_free(d);
    d = parse("{a: [1, [2, 3]], b: {}, c: [], d: '~', e: a#b, f: http://x.org/y}");
    assert_int_equal(recoup_node_find(d->root, "a")->item[1]->n, 2);
    assert_int_equal(recoup_node_find(d->root, "b")->n, 0);
    assert_int_equal(recoup_node_find(d->root, "c")->n, 0);
    assert_non_null(recoup_node_find(d->root, "d")); /* quoted: a text, not nothing */
    assert_string_equal(recoup_node_find(d->root, "e")->text, "a#b");
    assert_string_equal(recoup_node_find(d->root, "f")->text, "http://x.org/y");
    recoup_document_free(d);
}

typedef struct refusal {
    const char *text;
    int line, column;
    const char *fragment;
} refusal;

/* Places by counting characters; a place 0:0 is the whole file. */
static const refusal refusals[] = {
    {"", 0, 0, "the file is empty"},
    {"# only a comment\n", 0, 0, "the file is empty"},
    {"---\n", 0, 0, "the file is empty"},
    {"hello\n", 1, 1, "single text"},
    {"quota:6000\n", 1, 1, "with a blank after the ':'"},
    {"- a\n- b\n", 1, 1, "this is a list"},
    {"a: 1\nb: 2\na: 3\n", 3, 1, "the key 'a' is there twice; first on line 1"},
    {"x:\n  k: 1\n  \"k\": 2\n", 3, 3, "first on line 2"},
    {"a:\n\tb: 1\n", 2, 1, "a tab indents this line; indent with blanks"},
    {"a:\n  b: 1\n  \tc: 1\n\td: 2\n", 3, 3, "and 1 others"},
    {"a: &x 1\n", 1, 4, "anchors (&)"},
    {"a: *x\n", 1, 4, "aliases (*)"},
    {"a: * x\n", 1, 4, "cannot start with '&' or '*'"},
    {"a: !!str 1\n", 1, 4, "tags (!)"},
    {"a: !local 1\n", 1, 4, "tags (!)"},
    {"a: !u!x 1\n", 1, 4, "tags (!)"},
    {"a: 1\n---\nb: 2\n", 2, 1, "a second document"},
    {"a: [1, 2\nb: 3\n", 1, 4, "the '[' that opens here is not closed"},
    {"a: {x: 1 y: 2}\n", 1, 4, "the '{' that opens here is not closed, or a ',' is missing"},
    {"a: 'x\nb: 2\n", 1, 4, "quotation mark that opens here is not closed"},
    {"a: b: c\n", 1, 5, "a ':' cannot stand here"},
    {"a: %x\n", 1, 4, "cannot start with this character"},
    {"a: @x\n", 1, 4, "cannot start with this character"},
    {"a: 1\n b: 2\n", 2, 3, "a ':' cannot stand here"},
    {"a:\n  b: 1\n c: 2\n", 3, 2, "check the indentation"},
    {"a: 1\n- b\n", 2, 1, "a key is expected here"},
    {"a:\n  - b\n  c: 2\n", 3, 3, "a list item '- ' is expected here"},
    {"a: - b\n", 1, 4, "put it on its own line"},
    {"a: \"\\q\"\n", 1, 5, "unknown escape"},
    {"a: \"\\xZZ\"\n", 1, 7, "hexadecimal digits"},
    {"a: \"\\uD800\"\n", 1, 7, "not a Unicode character"},
    {"a: \"\\0\"\n", 1, 4, "cannot hold the character \\0"},
    {"a: [x:?, y]\n", 1, 6, "is to be quoted here"},
    {"a: [1,,2]\n", 1, 7, "a value is missing here"},
    {"a: ]\n", 1, 4, "a value is missing here"},
    {"a: |x\n y\n", 1, 5, "starts on the next line"},
    {"? [a]\n: 1\n", 1, 3, "a key is a name"},
    {"?\n: 1\n", 1, 2, "a key is missing before the ':'"},
    {"key: 1\nword\n", 2, 1, "a key needs ':'"},
    {"a: \"x\" y\n", 1, 8, "nothing follows a closing quotation mark"},
    {"%YAML 9.9\n---\na: 1\n", 1, 1, "version of YAML"},
    {"%x\na: 1\n", 1, 3, "YAML directive"},
    {"\xFF\xFE"
     "a",
     0, 0, "the file is UTF-16; save it as UTF-8"},
    {"\xFE\xFF"
     "a",
     0, 0, "the file is UTF-16; save it as UTF-8"},
    {"a: 1\nb: caf\xE9\n", 2, 7, "the byte 0xE9 is not UTF-8"},
    {"a: \xC0\xAF\n", 1, 4, "the byte 0xC0 is not UTF-8"},
    {"a: \xED\xA0\x80\n", 1, 4, "the byte 0xED is not UTF-8"},
    {"a: \xF4\x90\x80\x80\n", 1, 4, "the byte 0xF4 is not UTF-8"},
    {"a: x\x01y\n", 1, 5, "the control character U+0001"},
    {"\xC3\xA4: x\xC2\x80y\n", 1, 5, "the control character U+0080"}, /* columns are characters */
};

static void test_refusals(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const refusal *r = &refusals[i];
        recoup_error error = RECOUP_ERROR_INIT;
        recoup_document *document = NULL;
        recoup_status status =
            recoup_document_parse("test.yaml", r->text, strlen(r->text), &document, &error);
        if (status != RECOUP_EINVALID || error.n_problems == 0 ||
            error.problems[0].line != r->line || error.problems[0].column != r->column ||
            !strstr(error.problems[0].message, r->fragment)) {
            recoup_error_print(&error, stderr);
            fail_msg("case %zu: %s", i, r->text);
        }
        assert_null(document);
        assert_string_equal(error.problems[0].file, "test.yaml");
        recoup_error_clear(&error);
    }
}

static void test_utf16_without_mark(void **state) {
    (void)state;
    static const char little[] = "a\0:\0 \0"
                                 "1";
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_document *document = NULL;
    assert_int_equal(recoup_document_parse("test.yaml", little, sizeof little, &document, &error),
                     RECOUP_EINVALID);
    assert_non_null(strstr(error.problems[0].message, "UTF-16"));
    recoup_error_clear(&error);
}

static void test_several_problems_at_once(void **state) {
    (void)state;
    const char text[] = "a: &x 1\na: 2\nb: !t 3\n";
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_document *document = NULL;
    assert_int_equal(recoup_document_parse("test.yaml", text, strlen(text), &document, &error),
                     RECOUP_EINVALID);
    assert_int_equal(error.n_errors, 3);
    assert_string_equal(error.problems[0].excerpt, "a: &x 1");
    recoup_error_clear(&error);
}

/* The source line is shown as it is, without its CR; what a terminal cannot show becomes '?'. */
static void test_excerpt(void **state) {
    (void)state;
    const char text[] = "a: 1\r\nb: \xC3\xA4 &\r\nb: 2\r\n";
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_document *document = NULL;
    recoup_document_parse("test.yaml", text, strlen(text), &document, &error);
    assert_string_equal(error.problems[0].excerpt, "b: 2");
    recoup_error_clear(&error);
    recoup_document_parse("test.yaml", "x: \xE9!\n", 7, &document, &error);
    assert_string_equal(error.problems[0].excerpt, "x: ?!");
    recoup_error_clear(&error);
}

static char *repeat(const char *head, const char *unit, int n) {
    recoup_text text = {0};
    recoup_text_add(&text, "%s", head);
    for (int i = 0; i < n; i++)
        recoup_text_add(&text, "%s", unit);
    assert_false(text.failed);
    return text.bytes;
}

static recoup_status status_of(char *text, recoup_error *error) {
    recoup_document *document = NULL;
    recoup_status status = recoup_document_parse("test.yaml", text, strlen(text), &document, error);
    recoup_document_free(document);
    free(text);
    return status;
}

static void test_depth(void **state) {
    (void)state;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_text nested = {0}; /* the root and 63 lists: 64 levels */
    recoup_text_add(&nested, "a: ");
    for (int i = 0; i < 63; i++)
        recoup_text_add(&nested, "[");
    for (int i = 0; i < 63; i++)
        recoup_text_add(&nested, "]");
    assert_int_equal(status_of(strdup(nested.bytes), &error), RECOUP_OK);
    recoup_text_clear(&nested);
    static const char *const units[] = {"[", "{a: ", "- ", "? "};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(status_of(repeat(i < 2 ? "a: " : "a:\n  ", units[i], 20000), &error),
                         RECOUP_EINVALID);
        assert_non_null(strstr(error.problems[0].message, "nested too deeply"));
        recoup_error_clear(&error);
    }
}

/* Many keys take the dictionary; the report is the same. */
static void test_duplicates_among_many(void **state) {
    (void)state;
    recoup_text text = {0};
    for (int i = 1; i <= 5000; i++)
        recoup_text_add(&text, "k%d: 1\n", i);
    recoup_text_add(&text, "k77: 2\nk78: 2\n");
    recoup_error error = RECOUP_ERROR_INIT;
    assert_int_equal(status_of(text.bytes, &error), RECOUP_EINVALID);
    assert_int_equal(error.n_errors, 2);
    assert_int_equal(error.problems[1].line, 5002);
    assert_string_equal(error.problems[1].message,
                        "the key 'k78' is there twice; first on line 78");
    recoup_error_clear(&error);
}

/* Every single-byte change of a document is either read or refused with a place inside it. */
static void test_mutations(void **state) {
    (void)state;
    static const char source[] =
        "a: {b: [1, 'x'], \"c\": 2}\nd:\n  - e: f # g\n    h: |\n      i\n";
    static const char bytes[] = "\0\t\n \"'#&*!|>%@`,:?-[]{}\\\x80\xC3\xFFz";
    for (size_t at = 0; at < sizeof source - 1; at++)
        for (size_t k = 0; k < sizeof bytes - 1; k++) {
            char text[sizeof source];
            memcpy(text, source, sizeof source);
            text[at] = bytes[k];
            recoup_error error = RECOUP_ERROR_INIT;
            recoup_document *document = NULL;
            recoup_status status =
                recoup_document_parse("test.yaml", text, sizeof source - 1, &document, &error);
            assert_true((status == RECOUP_OK) == (document != NULL));
            assert_true((status == RECOUP_OK) == (error.n_errors == 0));
            for (size_t i = 0; i < error.n_problems; i++) {
                assert_in_range(error.problems[i].line, 0, 7);
                if (error.problems[i].excerpt)
                    assert_in_range(error.problems[i].column, 1,
                                    strlen(error.problems[i].excerpt) + 1);
            }
            recoup_document_free(document);
            recoup_error_clear(&error);
        }
}

static void test_load(void **state) {
    (void)state;
    char path[] = "/tmp/recoup-test-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "a: 1\n", 5), 5);
    assert_int_equal(close(fd), 0);
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_document *document = NULL;
    assert_int_equal(recoup_document_load(path, &document, &error), RECOUP_OK);
    assert_string_equal(document->file, path);
    assert_string_equal(document->source, "a: 1\n");
    recoup_document_free(document);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(recoup_document_load(path, &document, &error), RECOUP_EINVALID);
    assert_null(document);
    assert_string_equal(error.problems[0].file, path);
    recoup_error_clear(&error);
    assert_int_equal(recoup_document_load("/tmp", &document, &error), RECOUP_EINVALID);
    recoup_error_clear(&error);
}

/* Texts that YAML or the binder would take for something else are quoted, and every text reads back
 * as it was, as a key and as a value, in block and in flow. */
static void check_scalar(const char *scalar) {
    recoup_text text = {0};
    recoup_text_add(&text, "k: ");
    recoup_yaml_add_scalar(&text, scalar);
    recoup_text_add(&text, "\nl: [");
    recoup_yaml_add_scalar(&text, scalar);
    recoup_text_add(&text, ", x]\nm: {");
    recoup_yaml_add_scalar(&text, scalar);
    recoup_text_add(&text, ": 1}\nn:\n  ");
    recoup_yaml_add_scalar(&text, scalar);
    recoup_text_add(&text, ": 2\no:\n  - ");
    recoup_yaml_add_scalar(&text, scalar);
    recoup_text_add(&text, "\n");
    recoup_document *d = parse(text.bytes);
    const recoup_node *value = recoup_node_find(d->root, "k");
    assert_non_null(value);
    assert_string_equal(value->text, scalar);
    assert_string_equal(recoup_node_find(d->root, "l")->item[0]->text, scalar);
    assert_string_equal(recoup_node_find(d->root, "m")->key[0]->text, scalar);
    assert_string_equal(recoup_node_find(d->root, "n")->key[0]->text, scalar);
    assert_string_equal(recoup_node_find(d->root, "o")->item[0]->text, scalar);
    double ignored;
    if (!value->quoted)
        assert_int_not_equal(recoup_bind_number(d, value, &ignored, NULL), RECOUP_OK);
    recoup_document_free(d);
    recoup_text_clear(&text);
}

static void test_scalars_read_back(void **state) {
    (void)state;
    static const char *const scalars[] = {"plain",
                                          "two words",
                                          "",
                                          " ",
                                          " x",
                                          "x ",
                                          "~",
                                          "null",
                                          "Null",
                                          "true",
                                          "No",
                                          "1",
                                          "1e6",
                                          "1_000",
                                          "25%",
                                          "2026-11-02",
                                          "a: b",
                                          "a:",
                                          ":a",
                                          "a #b",
                                          "a#b",
                                          "# a",
                                          "- a",
                                          "-a",
                                          "-",
                                          "? a",
                                          "[a",
                                          "a]",
                                          "{a",
                                          "a}",
                                          "a,b",
                                          "&a",
                                          "*a",
                                          "!a",
                                          "|",
                                          ">",
                                          "%a",
                                          "@a",
                                          "`a",
                                          "'a'",
                                          "\"a\"",
                                          "a\"b",
                                          "it's",
                                          "back\\slash",
                                          "a\nb",
                                          "a\tb",
                                          "\ta",
                                          "a\rb",
                                          "\x01",
                                          "\x7F",
                                          "K\xC3\xB6ln",
                                          "\xC2\x80",
                                          "\xC2\x85",
                                          "\xE2\x80\xA8",
                                          "\xEF\xBB\xBF",
                                          "\xEF\xBF\xBF",
                                          "\xF0\x9F\x98\x80",
                                          "...",
                                          "---",
                                          "<<",
                                          "=",
                                          "a  b",
                                          "http://x.org/a?b=c&d",
                                          ".inf"};
    for (size_t i = 0; i < sizeof scalars / sizeof *scalars; i++)
        check_scalar(scalars[i]);
}

static void test_random_scalars_read_back(void **state) {
    (void)state;
    static const char alphabet[] = " \t\n\"'#&*!|>%@`,:?-[]{}\\~.=01eabz";
    uint64_t x = 1; /* Knuth's MMIX generator */
    for (int i = 0; i < 3000; i++) {
        char scalar[12];
        size_t n = 1 + (size_t)i % (sizeof scalar - 1);
        for (size_t k = 0; k < n; k++) {
            x = x * 6364136223846793005u + 1442695040888963407u;
            scalar[k] = alphabet[(x >> 33) % (sizeof alphabet - 1)];
        }
        scalar[n] = '\0';
        check_scalar(scalar);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree_and_places),
        cmocka_unit_test(test_accepted_forms),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_utf16_without_mark),
        cmocka_unit_test(test_several_problems_at_once),
        cmocka_unit_test(test_excerpt),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_duplicates_among_many),
        cmocka_unit_test(test_mutations),
        cmocka_unit_test(test_load),
        cmocka_unit_test(test_scalars_read_back),
        cmocka_unit_test(test_random_scalars_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
