/* What the differences between the parameter draws' P(hit) come from. */
#include "decide/decide.h"
#include "decide/sensitivity_features.h"
#include "decide/sensitivity_levers.h"
#include "decide/sensitivity_shares.h"
#include "model/draws.h"
#include "scenario/lever.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Features of the model and of uncertain levers, by source. */
typedef struct sources {
    int n_draws, n_sources, n_features;
    size_t name_room, feature_room, group_room;
    const char **name; /* [source] */
    const recoup_lever **lever;
    size_t lever_room;
    int *group;     /* [feature]: a source */
    double **value; /* [feature][draw] */
    recoup_arena arena;
} sources;

static bool add_source(sources *all, const char *name, const recoup_lever *lever) {
    if (!RECOUP_GROW(all->name, all->n_sources, all->name_room) ||
        !RECOUP_GROW(all->lever, all->n_sources, all->lever_room))
        return false;
    all->name[all->n_sources] = name;
    all->lever[all->n_sources++] = lever;
    return true;
}

static bool add_feature(sources *all, int source, double *value) {
    if (!RECOUP_GROW(all->group, all->n_features, all->group_room) ||
        !RECOUP_GROW(all->value, all->n_features, all->feature_room))
        return false;
    all->group[all->n_features] = source;
    all->value[all->n_features++] = value;
    return true;
}

/* Whether it is finite and not the same in all draws. */
static bool varies(const double *value, int n) {
    double low = INFINITY, high = -INFINITY;
    for (int d = 0; d < n; d++) {
        if (!isfinite(value[d]))
            return false;
        low = fmin(low, value[d]);
        high = fmax(high, value[d]);
    }
    return high - low > 1e-9 * fmax(fabs(low), fabs(high));
}

/* --- the model -------------------------------------------------------------------------------- */

static const char *name_group(sources *all, const recoup_model *model, int group) {
    static const char *const rest[] = {
        [RECOUP_FEATURE_DWELL] = "dwell times",      [RECOUP_FEATURE_AMOUNT] = "amounts",
        [RECOUP_FEATURE_ARRIVALS] = "arrivals",      [RECOUP_FEATURE_MARKET] = "market loadings",
        [RECOUP_FEATURE_CALENDAR] = "quarter's end",
    };
    static const char before[] = "conversion: ";
    if (group >= model->n_stages)
        return rest[group - model->n_stages];
    const char *stage = model->stage[group].name;
    size_t length = sizeof before + strlen(stage);
    char *name = recoup_arena_alloc(&all->arena, length, 1);
    if (name) {
        memcpy(name, before, sizeof before);
        memcpy(name + sizeof before - 1, stage, strlen(stage) + 1);
    }
    return name;
}

static recoup_status add_model(sources *all, const recoup_deciding *deciding) {
    const recoup_situation *situation = &deciding->situation;
    const recoup_scenario *scenario = situation->scenario;
    const recoup_model *model = situation->model;
    recoup_model_features features;
    recoup_status status =
        recoup_model_features_make(model, situation->view, scenario->period_end - scenario->as_of,
                                   all->n_draws, &all->arena, &features, deciding->error);
    for (int g = 0; g < model->n_stages + RECOUP_N_FEATURE_GROUPS && status == RECOUP_OK; g++) {
        int source = -1;
        for (int i = 0; i < features.n && status == RECOUP_OK; i++) {
            double *value = features.value + (size_t)i * (size_t)all->n_draws;
            if (features.group[i] != g || !varies(value, all->n_draws))
                continue;
            const char *name = source < 0 ? name_group(all, model, g) : "";
            if (source < 0 && name && add_source(all, name, NULL))
                source = all->n_sources - 1;
            if (source < 0 || !add_feature(all, source, value))
                status = recoup_fail_memory(deciding->error);
        }
    }
    return status;
}

/* --- levers ----------------------------------------------------------------------------------- */

enum { MOST_NUMBERS = 64 }; /* of one lever; more would say the same again */

/* The numbers that a lever has come down to. */
static int list_numbers(const recoup_effects *effects, double *number) {
    int n = 0;
    for (int i = 0; i < effects->n_changes && n < MOST_NUMBERS / 2; i++)
        number[n++] = effects->change[i].value;
    for (int i = 0; i < effects->n_moves && n < MOST_NUMBERS / 2 + 8; i++)
        number[n++] = effects->move[i].share;
    for (int i = 0; i < effects->n_closures && n < MOST_NUMBERS / 2 + 16; i++)
        number[n++] = effects->closure[i].share;
    for (int i = 0; i < effects->n_caps && n < MOST_NUMBERS - 4; i++) {
        number[n++] = effects->cap[i].win_logit_per_point;
        number[n++] = effects->cap[i].escapes;
    }
    number[n++] = effects->relief.share;
    number[n++] = effects->relief.amount;
    return n;
}

/* Whether b is a straight line of a. */
static bool is_line(const double *a, const double *b, int n) {
    double mean_a = 0, mean_b = 0, aa = 0, bb = 0, ab = 0;
    for (int d = 0; d < n; d++) {
        mean_a += a[d] / n;
        mean_b += b[d] / n;
    }
    for (int d = 0; d < n; d++) {
        aa += (a[d] - mean_a) * (a[d] - mean_a);
        bb += (b[d] - mean_b) * (b[d] - mean_b);
        ab += (a[d] - mean_a) * (b[d] - mean_b);
    }
    return ab * ab > (1 - 1e-9) * aa * bb;
}

/* What varies over the draws and is not said by another of its numbers already. */
static bool add_lever(sources *all, const recoup_named_lever *named, double *number, int n) {
    int first = all->n_features, source = -1;
    for (int i = 0; i < n; i++) {
        double *value = number + (size_t)i * (size_t)all->n_draws;
        bool is_new = varies(value, all->n_draws);
        for (int k = first; k < all->n_features && is_new; k++)
            is_new = !is_line(all->value[k], value, all->n_draws);
        if (!is_new)
            continue;
        if (source < 0 && add_source(all, named->name, named->lever))
            source = all->n_sources - 1;
        if (source < 0 || !add_feature(all, source, value))
            return false;
    }
    return true;
}

/* Each lever as a plan of its own, drawn as the plans are: number[lever][MOST_NUMBERS][draw]. */
static recoup_status draw_levers(const sources *all, const recoup_deciding *deciding,
                                 const recoup_scenario *varied, int *n_numbers, double *number) {
    const recoup_model *model = deciding->situation.model;
    recoup_status status = RECOUP_OK;
    for (int d = 0; d < all->n_draws && status == RECOUP_OK; d++) {
        recoup_model *drawn = NULL;
        recoup_scenario scenario = {0};
        bool is_drawn = model->draws && d < model->draws->n_draws;
        if (is_drawn)
            status = recoup_model_draw(model, d, &drawn, deciding->error);
        if (status == RECOUP_OK)
            status = recoup_scenario_redraw(varied, is_drawn ? drawn : model, d, &scenario,
                                            deciding->error);
        for (int i = 0; i < varied->n_plans && status == RECOUP_OK; i++) {
            double of_draw[MOST_NUMBERS];
            n_numbers[i] = list_numbers(&scenario.plan[i].effects, of_draw);
            for (int k = 0; k < n_numbers[i]; k++)
                number[((size_t)i * MOST_NUMBERS + (size_t)k) * (size_t)all->n_draws + (size_t)d] =
                    of_draw[k];
        }
        recoup_scenario_drawn_clear(&scenario);
        recoup_model_free(drawn);
    }
    return status;
}

static recoup_status add_levers(sources *all, const recoup_deciding *deciding) {
    const recoup_situation *situation = &deciding->situation;
    int n_named, n = 0;
    recoup_named_lever *named = recoup_named_levers(situation->scenario, &all->arena, &n_named);
    recoup_variant *variant = recoup_arena_alloc(&all->arena, (size_t)n_named, sizeof *variant);
    int *n_numbers = recoup_arena_alloc(&all->arena, (size_t)n_named, sizeof *n_numbers);
    if (!named || !variant || !n_numbers)
        return recoup_fail_memory(deciding->error);
    for (int i = 0; i < n_named; i++) {
        if (!recoup_lever_is_uncertain(named[i].lever))
            continue;
        variant[n] =
            (recoup_variant){.name = named[i].name, .n_levers = 1, .lever = named[i].lever};
        named[n++] = named[i];
    }
    if (n == 0)
        return RECOUP_OK;
    double *number = recoup_arena_alloc(&all->arena, (size_t)n * MOST_NUMBERS,
                                        (size_t)all->n_draws * sizeof(double));
    if (!number)
        return recoup_fail_memory(deciding->error);
    recoup_scenario varied = {0};
    recoup_error own = RECOUP_ERROR_INIT; /* the plans' notes were made by the run already */
    recoup_status status =
        recoup_scenario_vary(situation->scenario, situation->model, variant, n, &varied, &own);
    if (status == RECOUP_OK)
        status = draw_levers(all, deciding, &varied, n_numbers, number);
    else
        recoup_error_merge(deciding->error, &own);
    for (int i = 0; i < n && status == RECOUP_OK; i++)
        if (!add_lever(all, &named[i], number + (size_t)i * MOST_NUMBERS * (size_t)all->n_draws,
                       n_numbers[i]))
            status = recoup_fail_memory(deciding->error);
    recoup_error_clear(&own);
    recoup_scenario_drawn_clear(&varied);
    return status;
}

/* --- shares ----------------------------------------------------------------------------------- */

/* The sources of one plan: levers that it does not have are none of it. */
static recoup_status set_plan(const sources *all, const recoup_deciding *deciding, int p) {
    const recoup_results *results = deciding->results;
    const recoup_plan *plan = recoup_deciding_plan(deciding, p);
    size_t n_draws = (size_t)all->n_draws, n_shares = (size_t)all->n_sources + 1;
    double *share = results->variance_share + (size_t)p * n_shares;
    double *value = RECOUP_NEW(double, (size_t)all->n_features *n_draws);
    int *group = RECOUP_NEW(int, all->n_features);
    recoup_status status = value && group ? RECOUP_OK : recoup_fail_memory(deciding->error);
    recoup_features features = {
        .n = all->n_draws, .n_groups = all->n_sources, .value = value, .group = group};
    for (int i = 0; i < all->n_features && status == RECOUP_OK; i++) {
        const recoup_lever *lever = all->lever[all->group[i]];
        if (lever && !recoup_plan_has_lever(plan, lever))
            continue;
        memcpy(value + (size_t)features.n_features * n_draws, all->value[i],
               n_draws * sizeof *value);
        group[features.n_features++] = all->group[i];
    }
    if (status == RECOUP_OK)
        status = recoup_variance_shares(
            &features, results->hit_probability_draw + (size_t)p * n_draws, share, deciding->error);
    double rest = 1;
    for (int g = 0; g < all->n_sources; g++) {
        rest -= share[g];
        if (all->lever[g] && !recoup_plan_has_lever(plan, all->lever[g]))
            share[g] = NAN;
    }
    share[all->n_sources] = rest < 0 ? 0 : rest; /* below 0 by rounding */
    free(value);
    free(group);
    return status;
}

recoup_status recoup_decide_sources(const recoup_deciding *deciding) {
    recoup_results *results = deciding->results;
    sources all = {.n_draws = results->n_draws};
    recoup_status status = RECOUP_OK;
    if (results->n_draws < 2)
        return RECOUP_OK;
    status = add_model(&all, deciding);
    if (status == RECOUP_OK)
        status = add_levers(&all, deciding);
    if (status == RECOUP_OK && all.n_features > 0) {
        results->n_sources = all.n_sources + 1;
        if (!recoup_results_extend(results, RECOUP_DIMENSION_SOURCE))
            status = recoup_fail_memory(deciding->error);
        for (int g = 0; g < results->n_sources && status == RECOUP_OK; g++) {
            const char *name = g < all.n_sources ? all.name[g] : "not explained";
            results->source[g] = recoup_arena_text(&results->arena, name, strlen(name));
            if (!results->source[g])
                status = recoup_fail_memory(deciding->error);
        }
    }
    for (int p = 0; p < results->n_plans && status == RECOUP_OK && all.n_features > 0; p++)
        status = set_plan(&all, deciding, p);
    free(all.name);
    free(all.lever);
    free(all.group);
    free(all.value);
    recoup_arena_clear(&all.arena);
    return status;
}
