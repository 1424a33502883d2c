#include "model/family.h"

#include "base/names.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What was read: value[0] is the location, then the shapes. */
typedef struct family_keys {
    const char *family;
    double value[3];
} family_keys;

#define FAMILY                                                                                     \
    { "family", RECOUP_FIELD_TEXT, offsetof(family_keys, family), .required = true }
#define POSITIVE(name, i)                                                                          \
    {                                                                                              \
        name, RECOUP_FIELD_NUMBER, offsetof(family_keys, value) + (i) * sizeof(double),            \
            .required = true, .open_min = true, .meaning = "a number above 0"                      \
    }
#define ANY(name, i)                                                                               \
    {                                                                                              \
        name, RECOUP_FIELD_NUMBER, offsetof(family_keys, value) + (i) * sizeof(double),            \
            .required = true, .meaning = "a number"                                                \
    }

static const recoup_field exponential_fields[] = {FAMILY, POSITIVE("mean", 0)};
static const recoup_field shape_scale_fields[] = {FAMILY, POSITIVE("shape", 1),
                                                  POSITIVE("scale", 0)};
static const recoup_field lognormal_fields[] = {FAMILY, POSITIVE("median", 0),
                                                POSITIVE("sigma", 1)};
static const recoup_field gengamma_fields[] = {FAMILY, ANY("mu", 0), POSITIVE("sigma", 1),
                                               ANY("q", 2)};
static const recoup_field never_fields[] = {FAMILY};

#define SCHEMA(name, table)                                                                        \
    { name, sizeof(family_keys), NULL, table, sizeof table / sizeof *(table) }

static const recoup_schema schemas[RECOUP_N_FAMILIES] = {
    [RECOUP_EXPONENTIAL] = SCHEMA("the family exponential", exponential_fields),
    [RECOUP_WEIBULL] = SCHEMA("the family weibull", shape_scale_fields),
    [RECOUP_GAMMA] = SCHEMA("the family gamma", shape_scale_fields),
    [RECOUP_LOGNORMAL] = SCHEMA("the family lognormal", lognormal_fields),
    [RECOUP_LOGLOGISTIC] = SCHEMA("the family loglogistic", shape_scale_fields),
    [RECOUP_GENGAMMA] = SCHEMA("the family gengamma", gengamma_fields),
    [RECOUP_NEVER] = SCHEMA("the family never", never_fields),
};

static recoup_status fail_family(const recoup_document *document, const recoup_node *node,
                                 recoup_error *error) {
    const char *names[RECOUP_N_FAMILIES];
    recoup_text list = {0};
    for (int i = 0; i < RECOUP_N_FAMILIES; i++) {
        names[i] = recoup_family_name((recoup_family)i);
        recoup_text_add(&list, "%s%s", i ? ", " : "", names[i]);
    }
    recoup_status status;
    const char *known = list.bytes ? list.bytes : "";
    const char *nearest =
        node->kind == RECOUP_NODE_SCALAR
            ? recoup_names_nearest((char *const *)names, RECOUP_N_FAMILIES, node->text)
            : NULL;
    if (nearest)
        status = recoup_node_fail(document, node, error, "'%s' is not a family; did you mean '%s'?",
                                  node->text, nearest);
    else
        status = recoup_node_fail(document, node, error, "this is not a family; expected one of %s",
                                  known);
    recoup_text_clear(&list);
    return status;
}

recoup_status recoup_dist_read(recoup_document *document, const recoup_node *node,
                               recoup_dist *dist, recoup_error *error) {
    if (node->kind != RECOUP_NODE_MAPPING)
        return recoup_node_fail(document, node, error,
                                "a family with its parameters is expected, such as {family: "
                                "lognormal, median: 9, sigma: 0.6}");
    const recoup_node *name = recoup_node_find(node, "family");
    if (!name)
        return recoup_node_fail(document, node, error,
                                "the key 'family' is missing, such as {family: lognormal, median: "
                                "9, sigma: 0.6}");
    int family = name->kind == RECOUP_NODE_SCALAR ? recoup_family_find(name->text) : -1;
    if (family < 0)
        return fail_family(document, name, error);
    family_keys keys = {0};
    recoup_status status = recoup_bind(document, node, &schemas[family], &keys, error);
    if (status != RECOUP_OK)
        return status;
    recoup_dist made = {.family = (recoup_family)family};
    int n_shapes = recoup_family_n_shapes(made.family);
    if (family != RECOUP_NEVER)
        made.mu = family == RECOUP_GENGAMMA ? keys.value[0] : log(keys.value[0]);
    for (int i = 0; i < n_shapes; i++)
        made.shape[i] = keys.value[1 + i];
    if (!recoup_dist_valid(&made))
        return recoup_node_fail(document, node, error,
                                "the parameters make no %s distribution; expected finite numbers, "
                                "scales and shapes above 0",
                                name->text);
    *dist = made;
    return RECOUP_OK;
}

/* The k-th double of exp(mu), its neighbour below, above, two below, ... */
static double neighbour(double x, int k) {
    double towards = k % 2 ? 0 : INFINITY;
    for (int i = 0; i < (k + 1) / 2; i++)
        x = nextafter(x, towards);
    return x;
}

/* A double whose logarithm is just mu; 0 when none is near exp(mu). */
static double exact_scale(double mu) {
    enum { NEIGHBOURS = 64 }; /* exp and log err by an ulp each, one of log is many of exp */
    double x = exp(mu);
    for (int k = 0; k < NEIGHBOURS; k++) {
        double near = neighbour(x, k);
        if (log(near) == mu)
            return near;
    }
    return 0;
}

/* exp(mu) such that reading it back and writing it again changes nothing: the value depends only on
 * the logarithm that it is read back as. */
static double readable_scale(double mu) {
    double scale = exact_scale(mu);
    if (scale == 0) {
        scale = exp(mu);
        mu = log(scale);
    }
    double x = exp(mu);
    for (int digits = 1; digits <= 17; digits++) {
        char buffer[RECOUP_NUMBER_SIZE];
        snprintf(buffer, sizeof buffer, "%.*g", digits, x);
        double rounded = strtod(buffer, NULL);
        if (log(rounded) == mu)
            return rounded;
    }
    double again = exact_scale(mu);
    return again > 0 ? again : scale;
}

void recoup_dist_add(recoup_text *text, const recoup_dist *dist) {
    const recoup_schema *schema = &schemas[dist->family];
    double value[3] = {0, dist->shape[0], dist->shape[1]};
    if (dist->family != RECOUP_NEVER)
        value[0] = dist->family == RECOUP_GENGAMMA ? dist->mu : readable_scale(dist->mu);
    recoup_text_add(text, "{family: %s", recoup_family_name(dist->family));
    for (int i = 1; i < schema->n_fields; i++) {
        size_t index = (schema->fields[i].offset - offsetof(family_keys, value)) / sizeof(double);
        recoup_text_add(text, ", %s: ", schema->fields[i].key);
        recoup_text_add_number(text, value[index]);
    }
    recoup_text_add(text, "}");
}
