/* Values put into a document by path. */
#include "config/override.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char text[] = "quota: 10\n"
                           "empty:\n"
                           "a.b: old\n"
                           "simulation: {seed: 1}\n"
                           "plans:\n"
                           "  - name: as is\n"
                           "  - name: limit 5.5\n"
                           "    levers:\n"
                           "      - discount_limit: {max: 10%}\n";

static recoup_document *parse(const char *source) {
    recoup_document *document = NULL;
    assert_int_equal(recoup_document_parse("test.yaml", source, strlen(source), &document, NULL),
                     RECOUP_OK);
    return document;
}

/* The value is that of the key `value` of a document of its own, which may go before. */
static recoup_status set(recoup_document *document, const char *path, const char *yaml,
                         recoup_error *error) {
    recoup_document *other = parse(yaml);
    recoup_status status =
        recoup_document_override(document, path, recoup_node_find(other->root, "value"), error);
    recoup_document_free(other);
    return status;
}

static const recoup_node *item(const recoup_node *list, int i) {
    return list->item[i];
}

static void test_values(void **state) {
    (void)state;
    recoup_document *d = parse(text);
    const recoup_node *root = d->root;
    assert_int_equal(set(d, "quota", "value: 4e6", NULL), RECOUP_OK);
    assert_string_equal(recoup_node_find(root, "quota")->text, "4e6");
    assert_int_equal(set(d, "quota", "value: {from: reps}", NULL), RECOUP_OK);
    assert_string_equal(recoup_node_find(recoup_node_find(root, "quota"), "from")->text, "reps");
    assert_int_equal(set(d, "simulation.seed", "value: 7", NULL), RECOUP_OK);
    assert_string_equal(recoup_node_find(recoup_node_find(root, "simulation"), "seed")->text, "7");
    /* what is not there is added, with the mappings on the way */
    assert_int_equal(set(d, "simulation.paths", "value: 8", NULL), RECOUP_OK);
    assert_int_equal(set(d, "empty.new.key", "value: \"9\"", NULL), RECOUP_OK);
    const recoup_node *added =
        recoup_node_find(recoup_node_find(recoup_node_find(root, "empty"), "new"), "key");
    assert_string_equal(added->text, "9");
    assert_true(added->quoted);
    assert_int_equal(recoup_node_find(root, "simulation")->n, 2);
    /* a dot within a name */
    assert_int_equal(set(d, "a\\.b", "value: new", NULL), RECOUP_OK);
    assert_string_equal(recoup_node_find(root, "a.b")->text, "new");
    recoup_document_free(d);
}

static void test_items(void **state) {
    (void)state;
    recoup_document *d = parse(text);
    const recoup_node *plans = recoup_node_find(d->root, "plans");
    const char *const path[] = {"plans.limit 5\\.5.levers.0.discount_limit.max",
                                "plans.1.levers.0.discount_limit.max"};
    const char *const value[] = {"value: 5%", "value: 6%"};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(set(d, path[i], value[i], NULL), RECOUP_OK);
        const recoup_node *lever = item(recoup_node_find(item(plans, 1), "levers"), 0);
        assert_string_equal(
            recoup_node_find(recoup_node_find(lever, "discount_limit"), "max")->text,
            value[i] + strlen("value: "));
    }
    assert_int_equal(set(d, "plans.0", "value: {name: other}", NULL), RECOUP_OK);
    assert_string_equal(recoup_node_find(item(plans, 0), "name")->text, "other");
    recoup_document_free(d);
}

static void test_errors(void **state) {
    (void)state;
    static const struct {
        const char *path, *fragment;
    } cases[] = {{"quota.from", "single value"},  {"plans.limit 55.start", "did you mean"},
                 {"plans.2.name", "no item '2'"}, {"plans.-1.name", "no item '-1'"},
                 {"simulation..seed", "no path"}, {"", "no path"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        recoup_document *d = parse(text);
        recoup_error error = RECOUP_ERROR_INIT;
        assert_int_equal(set(d, cases[i].path, "value: 1", &error), RECOUP_EINVALID);
        assert_non_null(strstr(error.problems[0].message, cases[i].fragment));
        recoup_error_clear(&error);
        recoup_document_free(d);
    }
}

static void test_remove(void **state) {
    (void)state;
    recoup_document *d = parse(text);
    int n = d->root->n;
    recoup_document_remove(d, "quota");
    recoup_document_remove(d, "plans");
    recoup_document_remove(d, "nothing");
    assert_int_equal(d->root->n, n - 2);
    assert_null(recoup_node_find(d->root, "quota"));
    assert_non_null(recoup_node_find(d->root, "simulation"));
    recoup_document_free(d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_items),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
