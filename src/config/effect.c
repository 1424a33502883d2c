/* Reading an effect. */
#include "config/effect.h"

#include "base/names.h"
#include "config/value.h"
#include <math.h>
#include <string.h>

const char *const recoup_effect_names[RECOUP_N_EFFECTS] = {
    [RECOUP_EFFECT_NORMAL] = "normal",   [RECOUP_EFFECT_LOGNORMAL] = "lognormal",
    [RECOUP_EFFECT_UNIFORM] = "uniform", [RECOUP_EFFECT_TRIANGULAR] = "triangular",
    [RECOUP_EFFECT_BETA] = "beta",
};
const int recoup_effect_sizes[RECOUP_N_EFFECTS] = {0, 1, 2, 2, 2, 3, 2};

static const char *const written[RECOUP_N_EFFECTS] = {
    [RECOUP_EFFECT_NORMAL] = "normal: [mean, standard deviation], the latter above 0",
    [RECOUP_EFFECT_LOGNORMAL] = "lognormal: [median, sigma], both above 0",
    [RECOUP_EFFECT_UNIFORM] = "uniform: [a, b] with a below b",
    [RECOUP_EFFECT_TRIANGULAR] = "triangular: [a, mode, b] with a <= mode <= b and a below b",
    [RECOUP_EFFECT_BETA] = "beta: [alpha, beta], both above 0",
};

static recoup_status fail_kind(const recoup_document *document, const recoup_node *key,
                               recoup_error *error) {
    char *known[RECOUP_N_EFFECTS - RECOUP_EFFECT_NORMAL];
    for (int k = RECOUP_EFFECT_NORMAL; k < RECOUP_N_EFFECTS; k++)
        known[k - RECOUP_EFFECT_NORMAL] = (char *)recoup_effect_names[k]; /* only read */
    const char *nearest =
        recoup_names_nearest(known, RECOUP_N_EFFECTS - RECOUP_EFFECT_NORMAL, key->text);
    if (nearest)
        return recoup_node_fail(document, key, error,
                                "unknown distribution '%s'; did you mean '%s'?", key->text,
                                nearest);
    return recoup_node_fail(document, key, error,
                            "unknown distribution '%s'; expected one of normal, lognormal, "
                            "uniform, triangular, beta",
                            key->text);
}

static bool is_sound(const recoup_effect *effect) {
    switch (effect->kind) {
    case RECOUP_EFFECT_NORMAL:
        return effect->b > 0;
    case RECOUP_EFFECT_UNIFORM:
        return effect->a < effect->b;
    case RECOUP_EFFECT_TRIANGULAR:
        return effect->a <= effect->b && effect->b <= effect->c && effect->a < effect->c;
    case RECOUP_EFFECT_LOGNORMAL:
    case RECOUP_EFFECT_BETA:
        return effect->a > 0 && effect->b > 0;
    default:
        return true;
    }
}

/* Ends of what it may turn out to be. */
static void find_range(const recoup_effect *effect, double *low, double *high) {
    *low = -INFINITY;
    *high = INFINITY;
    if (effect->kind == RECOUP_EFFECT_LOGNORMAL || effect->kind == RECOUP_EFFECT_BETA)
        *low = 0;
    if (effect->kind == RECOUP_EFFECT_BETA)
        *high = 1;
    if (effect->kind == RECOUP_EFFECT_UNIFORM || effect->kind == RECOUP_EFFECT_TRIANGULAR) {
        *low = effect->a;
        *high = effect->kind == RECOUP_EFFECT_UNIFORM ? effect->b : effect->c;
    }
}

/* What can be outside of the key's limits by any of its values is a slip, unless the tail of the
 * distribution has no end. */
static recoup_status check_range(const recoup_document *document, const recoup_node *node,
                                 const recoup_field *field, const recoup_effect *effect,
                                 recoup_error *error) {
    double low, high, ends[2];
    int n = 0;
    recoup_field closed = *field; /* a limit that is not allowed itself may bound a distribution */
    if (field->min == 0 && field->max == 0 && field->open_min)
        closed.max = -1;
    closed.open_min = false;
    find_range(effect, &low, &high);
    if (effect->kind == RECOUP_EFFECT_NORMAL || effect->kind == RECOUP_EFFECT_LOGNORMAL)
        ends[n++] = effect->a;
    else {
        ends[n++] = low;
        ends[n++] = high;
    }
    for (int i = 0; i < n; i++) {
        recoup_status status =
            recoup_value_range(document, node, field->key, &closed, ends[i], error);
        if (status != RECOUP_OK)
            return status;
    }
    return RECOUP_OK;
}

recoup_status recoup_value_effect(recoup_document *document, const recoup_node *node,
                                  const recoup_field *field, recoup_effect *effect,
                                  recoup_error *error) {
    recoup_effect made = {RECOUP_EFFECT_FIXED, 0, 0, 0};
    recoup_status status;
    if (node->kind != RECOUP_NODE_MAPPING) {
        status = recoup_value_number(document, node, field->key, field, &made.a, error);
        if (status == RECOUP_OK)
            *effect = made;
        return status;
    }
    if (node->n != 1)
        return recoup_value_fail(document, node, field->key, error,
                                 "a number, or one distribution such as {normal: [0.2, 0.05]}");
    int kind = RECOUP_EFFECT_NORMAL;
    while (kind < RECOUP_N_EFFECTS && strcmp(recoup_effect_names[kind], node->key[0]->text) != 0)
        kind++;
    if (kind == RECOUP_N_EFFECTS)
        return fail_kind(document, node->key[0], error);
    made.kind = (recoup_effect_kind)kind;
    recoup_values values = {0};
    const recoup_field numbers = {.key = recoup_effect_names[kind]};
    status = recoup_value_values(document, node->item[0], &numbers, &values, error);
    if (status != RECOUP_OK)
        return status;
    if (values.n == recoup_effect_sizes[kind]) {
        made.a = values.value[0];
        made.b = values.value[1];
        made.c = values.n > 2 ? values.value[2] : 0;
    }
    if (values.n != recoup_effect_sizes[kind] || !is_sound(&made))
        return recoup_node_fail(document, node->item[0], error, "expected %s", written[kind]);
    status = check_range(document, node, field, &made, error);
    if (status == RECOUP_OK)
        *effect = made;
    return status;
}
