/* Effects of levers in a parameter draw. They belong to the lever, not to the plan: levers with the
 * same kind and own keys share their draws, whenever they start and in whichever plans they are.
 * Over the draws each is spread by a scrambled Sobol sequence of its own (random/sobol.h) in an
 * order of its own: the same points in the same order would be correlated, whatever their
 * scrambling. The order is a nested scrambling of the index, so that 2^m draws from a multiple of
 * 2^m on still lie one in each interval of length 2^-m (Burley 2020, Practical hash-based Owen
 * scrambling, J. Computer Graphics Techniques 9(4), section 3.2). */
#include "base/names.h"
#include "random/sobol.h"
#include "scenario/effect.h"
#include "scenario/lever.h"
#include <gsl/gsl_cdf.h>
#include <stdlib.h>
#include <string.h>

const char *const recoup_evidence_names[RECOUP_N_EVIDENCES + 1] = {"experiment", "before_after",
                                                                   "association", "opinion"};
static const double evidence_spread[RECOUP_N_EVIDENCES] = {0, .25, .5, 1};

recoup_status recoup_lever_set_key(recoup_lever *lever, recoup_error *error) {
    const recoup_lever_type *type = recoup_lever_type_of(lever);
    recoup_writer writer = {0};
    type->format(lever, &writer);
    lever->key = recoup_hash_text(RECOUP_HASH_START, type->name);
    if (writer.text.bytes)
        lever->key = recoup_hash_text(lever->key, writer.text.bytes);
    bool failed = writer.text.failed;
    recoup_text_clear(&writer.text);
    return failed ? recoup_fail_memory(error) : RECOUP_OK;
}

static uint32_t reverse_bits(uint32_t x) {
    uint32_t reversed = 0;
    for (int i = 0; i < 32; i++, x >>= 1)
        reversed = reversed << 1 | (x & 1);
    return reversed;
}

static double uniform(const recoup_lowering *lowering, const recoup_lever *lever,
                      const char *what) {
    uint64_t seed = (uint64_t)lowering->scenario->simulation.seed;
    uint64_t key = recoup_hash(recoup_hash_text(lever->key, what), &seed, sizeof seed);
    /* Unscrambled, point reverse_bits(i) of dimension 0 is i / 2^32. */
    double order = recoup_sobol(key, 0, 0, reverse_bits((uint32_t)lowering->draw));
    return recoup_sobol(key, 1, 0, (uint32_t)ldexp(order, 32));
}

/* The field of an EFFECT key, and what was given for it. */
static const recoup_field *find_effect(const recoup_lever *lever, const char *key,
                                       const recoup_effect **effect) {
    const recoup_schema *schema = recoup_lever_type_of(lever)->schema;
    const recoup_field *field = schema->fields;
    while (strcmp(field->key, key) != 0)
        field++;
    *effect = (const recoup_effect *)(const void *)((const char *)lever->keys + field->offset);
    return field;
}

/* The limits of a field; see recoup_field. */
static void find_limits(const recoup_field *field, double *min, double *max) {
    bool none = field->min == 0 && field->max == 0;
    *min = none && !field->open_min ? -INFINITY : field->min;
    *max = none || field->max < field->min ? INFINITY : field->max;
}

double recoup_lever_draw(const recoup_lowering *lowering, const recoup_lever *lever,
                         const char *key) {
    const recoup_effect *effect;
    const recoup_field *field = find_effect(lever, key, &effect);
    double min, max;
    find_limits(field, &min, &max);
    if (!recoup_effect_is_uncertain(effect) || (lowering->draw < 0 && lever->quantile <= 0))
        return recoup_effect_mean(effect, RECOUP_SCALE_PLAIN, min, max);
    double u = lever->quantile > 0 ? lever->quantile : uniform(lowering, lever, key);
    return recoup_effect_quantile(effect, u, min, max);
}

/* strength · adoption */
static double adopted(const recoup_lowering *lowering, const recoup_lever *lever) {
    bool is_given = lever->adoption.kind != RECOUP_EFFECT_ABSENT;
    return lever->strength * (is_given ? recoup_lever_draw(lowering, lever, "adoption") : 1);
}

static double mean_adopted(const recoup_lever *lever) {
    bool is_given = lever->adoption.kind != RECOUP_EFFECT_ABSENT;
    return lever->strength *
           (is_given ? recoup_effect_mean(&lever->adoption, RECOUP_SCALE_PLAIN, 0, 1) : 1);
}

double recoup_lever_strength(const recoup_lowering *lowering, const recoup_lever *lever) {
    return fmin(1, fmax(0, adopted(lowering, lever)));
}

static double effect_of_draw(const recoup_lowering *lowering, const recoup_lever *lever,
                             const char *key, recoup_scale scale) {
    const recoup_effect *effect;
    const recoup_field *field = find_effect(lever, key, &effect);
    double min, max, spread = evidence_spread[lever->evidence];
    if (effect->kind == RECOUP_EFFECT_ABSENT)
        return 0;
    find_limits(field, &min, &max);
    bool is_drawn = lowering->draw >= 0 && recoup_effect_is_uncertain(effect);
    double mean = 0, value;
    if (!is_drawn || lever->is_centered)
        mean = recoup_effect_mean(effect, scale, min, max);
    value = mean;
    if (is_drawn) {
        value = recoup_effect_quantile(effect, uniform(lowering, lever, key), min, max);
        value = recoup_scale_of(scale, value);
    }
    double factor = adopted(lowering, lever);
    if (lowering->draw >= 0 && spread > 0)
        factor *= 1 + spread * gsl_cdf_ugaussian_Pinv(uniform(lowering, lever, "evidence"));
    value *= factor;
    if (lever->is_centered) /* the factors are independent, and that of the evidence has mean 1 */
        value -= mean * mean_adopted(lever);
    if (isnan(value)) /* log(0) · 0 */
        return 0;
    return fmin(recoup_scale_of(scale, max), fmax(recoup_scale_of(scale, min), value));
}

static int compare_numbers(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* The quantile of what it would be over many draws: there is no closed form of the product. */
static double quantile_of_draws(const recoup_lowering *lowering, const recoup_lever *lever,
                                const char *key, recoup_scale scale) {
    enum { N = 1024 };
    recoup_lowering of_draw = *lowering;
    recoup_lever drawn = *lever;
    double value[N];
    drawn.quantile = 0;
    for (int i = 0; i < N; i++) {
        of_draw.draw = i;
        value[i] = effect_of_draw(&of_draw, &drawn, key, scale);
    }
    qsort(value, N, sizeof *value, compare_numbers);
    return value[(int)(lever->quantile * N)];
}

double recoup_lever_effect(const recoup_lowering *lowering, const recoup_lever *lever,
                           const char *key, recoup_scale scale) {
    return lever->quantile > 0 ? quantile_of_draws(lowering, lever, key, scale)
                               : effect_of_draw(lowering, lever, key, scale);
}

static bool is_shared(const recoup_field *field) {
    return strcmp(field->key, "adoption") == 0;
}

const recoup_field *recoup_lever_next_effect(const recoup_lever *lever, const recoup_field *after,
                                             const recoup_effect **effect) {
    const recoup_schema *schema = recoup_lever_type_of(lever)->schema;
    const recoup_field *field = after ? after + 1 : schema->fields;
    for (; field < schema->fields + schema->n_fields; field++) {
        if (field->type != RECOUP_FIELD_EFFECT || is_shared(field))
            continue;
        find_effect(lever, field->key, effect);
        if ((*effect)->kind != RECOUP_EFFECT_ABSENT)
            return field;
    }
    return NULL;
}

bool recoup_lever_is_uncertain(const recoup_lever *lever) {
    const recoup_effect *effect;
    const recoup_field *field = recoup_lever_next_effect(lever, NULL, &effect);
    bool has_effect = field != NULL;
    for (; field; field = recoup_lever_next_effect(lever, field, &effect))
        if (recoup_effect_is_uncertain(effect))
            return true;
    return recoup_effect_is_uncertain(&lever->adoption) ||
           (has_effect && evidence_spread[lever->evidence] > 0);
}
