/* One factor at a time at a low and a high value, all else as it is: what P(hit) and bookings of
 * the first plan, and of the best, depend on. */
#include "decide/decide.h"
#include "decide/sensitivity_features.h"
#include "decide/sensitivity_levers.h"
#include "model/draws.h"
#include "scenario/lever.h"

#include <math.h>
#include <string.h>

static const double Z95 = 1.645;         /* 5 and 95 % of a normal distribution */
static const double UNKNOWN_LOGIT = .2;  /* where the model stores no uncertainty */
static const double UNKNOWN_FACTOR = .1; /* 10 % down and up */

typedef enum factor_kind { FACTOR_CHANGE, FACTOR_LEVER, FACTOR_MARKET } factor_kind;

typedef struct factor {
    factor_kind kind;
    const char *name, *unit;
    double value[2];           /* low, high, in the unit */
    recoup_change change;      /* of FACTOR_CHANGE */
    double size[2];            /* the change's value at both ends */
    const recoup_lever *lever; /* of FACTOR_LEVER */
    int column;                /* in the results */
} factor;

typedef struct factors {
    int n;
    factor *factor;
    int plan[2], n_plans; /* that are looked at: the first and the best */
    recoup_arena arena;
} factors;

/* --- which ------------------------------------------------------------------------------------ */

static char *name_conversion(recoup_arena *arena, const char *stage) {
    static const char before[] = "conversion: ";
    size_t length = strlen(stage);
    char *name = recoup_arena_alloc(arena, sizeof before + length, 1);
    if (name) {
        memcpy(name, before, sizeof before);
        memcpy(name + sizeof before - 1, stage, length + 1);
    }
    return name;
}

/* A factor of all amounts or arrivals. */
static void add_factor_of(factors *all, const char *name, recoup_quantity quantity, double low,
                          double high) {
    all->factor[all->n++] = (factor){.kind = FACTOR_CHANGE,
                                     .name = name,
                                     .unit = "factor",
                                     .value = {low, high},
                                     .change = {.quantity = quantity},
                                     .size = {log(low), log(high)}};
}

static bool add_conversions(factors *all, const recoup_model *model,
                            const recoup_model_features *features) {
    for (int s = 0; s < model->n_stages; s++) {
        if (recoup_stage_find_exit(&model->stage[s], "advance") < 0)
            continue;
        bool *stage = recoup_arena_alloc(&all->arena, (size_t)model->n_stages, sizeof *stage);
        char *name = name_conversion(&all->arena, model->stage[s].name);
        if (!stage || !name)
            return false;
        stage[s] = true;
        double sd = recoup_model_features_sd(features, s);
        double shift = sd > 0 ? Z95 * sd : UNKNOWN_LOGIT;
        all->factor[all->n++] = (factor){
            .kind = FACTOR_CHANGE,
            .name = name,
            .unit = "logit",
            .value = {-shift, shift},
            .change = {.quantity = RECOUP_CHANGE_LOGIT, .stage = stage, .exit = "advance"},
            .size = {-shift, shift},
        };
    }
    return true;
}

static void add_levers(factors *all, const recoup_scenario *scenario,
                       const recoup_named_lever *named, int n) {
    for (int i = 0; i < n; i++) {
        bool is_there = false, uncertain = recoup_lever_is_uncertain(named[i].lever);
        for (int k = 0; k < all->n_plans; k++)
            is_there =
                is_there || recoup_plan_has_lever(&scenario->plan[all->plan[k]], named[i].lever);
        if (is_there)
            all->factor[all->n++] = (factor){.kind = FACTOR_LEVER,
                                             .name = named[i].name,
                                             .unit = uncertain ? "quantile" : "strength",
                                             .value = {uncertain ? .05 : 0, uncertain ? .95 : 2},
                                             .lever = named[i].lever};
    }
}

static recoup_status list_factors(const recoup_deciding *deciding, factors *all) {
    const recoup_situation *situation = &deciding->situation;
    const recoup_scenario *scenario = situation->scenario;
    const recoup_model *model = situation->model;
    recoup_model_features features;
    int n_levers, best = 0;
    for (int p = 1; p < deciding->results->n_plans; p++)
        if (deciding->results->hit_probability[p] > deciding->results->hit_probability[best])
            best = p;
    all->plan[0] = 0;
    all->plan[1] = best;
    all->n_plans = best > 0 ? 2 : 1;
    recoup_named_lever *named = recoup_named_levers(scenario, &all->arena, &n_levers);
    all->factor = recoup_arena_alloc(&all->arena, (size_t)model->n_stages + (size_t)n_levers + 3,
                                     sizeof *all->factor);
    if (!named || !all->factor)
        return recoup_fail_memory(deciding->error);
    recoup_status status = recoup_model_features_make(
        model, situation->view, scenario->period_end - scenario->as_of,
        model->draws ? model->draws->n_draws : 1, &all->arena, &features, deciding->error);
    if (status != RECOUP_OK)
        return status;
    if (!add_conversions(all, model, &features))
        return recoup_fail_memory(deciding->error);
    add_factor_of(all, "amounts", RECOUP_CHANGE_LOG_AMOUNT, 1 - UNKNOWN_FACTOR, 1 + UNKNOWN_FACTOR);
    double sd = recoup_model_features_sd(&features, model->n_stages + RECOUP_FEATURE_ARRIVALS);
    add_factor_of(all, "arrivals", RECOUP_CHANGE_LOG_RATE,
                  sd > 0 ? exp(-Z95 * sd) : 1 - UNKNOWN_FACTOR,
                  sd > 0 ? exp(Z95 * sd) : 1 + UNKNOWN_FACTOR);
    if (model->market_conversion != 0 || model->market_arrivals != 0)
        all->factor[all->n++] =
            (factor){.kind = FACTOR_MARKET, .name = "market", .unit = "sd", .value = {-Z95, Z95}};
    add_levers(all, scenario, named, n_levers);
    return RECOUP_OK;
}

/* --- what they do ----------------------------------------------------------------------------- */

/* The plan with a factor at one of its ends. */
static recoup_status add_end(const recoup_deciding *deciding, recoup_tries *tries, int p,
                             const factor *of, int end) {
    const recoup_plan *plan = recoup_deciding_plan(deciding, p);
    recoup_lever *lever;
    int i = recoup_tries_add(tries, plan, &lever);
    if (i < 0)
        return recoup_fail_memory(deciding->error);
    for (int k = 0; k < plan->n_levers && of->kind == FACTOR_LEVER; k++) {
        if (!recoup_same_lever(&lever[k], of->lever))
            continue;
        if (recoup_lever_is_uncertain(&lever[k]))
            lever[k].quantile = of->value[end];
        else
            lever[k].strength *= of->value[end];
    }
    recoup_change change = of->change;
    change.value = of->size[end];
    if (of->kind == FACTOR_CHANGE && !recoup_tries_change(tries, i, &change))
        return recoup_fail_memory(deciding->error);
    return RECOUP_OK;
}

/* Whether the plan is looked at with this factor. */
static bool concerns(const recoup_deciding *deciding, const factor *of, int p) {
    return of->kind != FACTOR_LEVER ||
           recoup_plan_has_lever(recoup_deciding_plan(deciding, p), of->lever);
}

static size_t place_of(const recoup_results *results, int p, int column, int end) {
    return ((size_t)p * (size_t)results->n_factors + (size_t)column) * 2 + (size_t)end;
}

/* All factors but the market. */
static recoup_status try_factors(const recoup_deciding *deciding, const factors *all) {
    recoup_results *results = deciding->results;
    recoup_tries tries = {0};
    recoup_evaluation *evaluation = NULL;
    recoup_status status = RECOUP_OK;
    for (int keep = 0; keep < 2 && status == RECOUP_OK; keep++) { /* collect, then keep */
        for (int i = 0, v = 0; i < 2 * all->n_plans * all->n && status == RECOUP_OK; i++) {
            int end = i % 2, p = all->plan[i / 2 % all->n_plans];
            const factor *of = &all->factor[i / 2 / all->n_plans];
            if (of->kind == FACTOR_MARKET || !concerns(deciding, of, p))
                continue;
            if (!keep) {
                status = add_end(deciding, &tries, p, of, end);
                continue;
            }
            size_t at = place_of(results, p, of->column, end);
            results->sensitivity_hit_probability[at] = evaluation->hit[v];
            results->sensitivity_bookings_mean[at] = evaluation->mean[v++];
        }
        if (!keep && status == RECOUP_OK)
            status = recoup_tries_evaluate(&tries, &deciding->situation, deciding->n_draws, NULL,
                                           &evaluation, deciding->error);
    }
    recoup_evaluation_free(evaluation);
    recoup_tries_clear(&tries);
    return status;
}

static recoup_status try_market(const recoup_deciding *deciding, const factors *all,
                                const factor *market) {
    recoup_results *results = deciding->results;
    recoup_tries tries = {0};
    recoup_status status = RECOUP_OK;
    for (int k = 0; k < all->n_plans; k++)
        if (recoup_tries_add(&tries, recoup_deciding_plan(deciding, all->plan[k]), NULL) < 0)
            status = recoup_fail_memory(deciding->error);
    for (int end = 0; end < 2 && status == RECOUP_OK; end++) {
        recoup_evaluation *evaluation = NULL;
        status = recoup_tries_evaluate(&tries, &deciding->situation, deciding->n_draws,
                                       &market->value[end], &evaluation, deciding->error);
        for (int k = 0; k < all->n_plans && status == RECOUP_OK; k++) {
            size_t at = place_of(results, all->plan[k], market->column, end);
            results->sensitivity_hit_probability[at] = evaluation->hit[k];
            results->sensitivity_bookings_mean[at] = evaluation->mean[k];
        }
        recoup_evaluation_free(evaluation);
    }
    recoup_tries_clear(&tries);
    return status;
}

/* --- results ---------------------------------------------------------------------------------- */

static char *copy_text(recoup_results *results, const char *text) {
    return recoup_arena_text(&results->arena, text, strlen(text));
}

/* Names and values of the factors; their numbers are missing so far. */
static bool make_room(recoup_results *results, factors *all) {
    static const char *const ends[2] = {"low", "high"};
    results->n_factors = all->n;
    results->n_ends = 2;
    if (!recoup_results_extend(results, RECOUP_DIMENSION_END) ||
        !recoup_results_extend(results, RECOUP_DIMENSION_FACTOR))
        return false;
    for (int end = 0; end < 2; end++)
        if (!(results->end[end] = copy_text(results, ends[end])))
            return false;
    for (int i = 0; i < all->n; i++) {
        factor *of = &all->factor[i];
        of->column = i;
        results->factor[i] = copy_text(results, of->name);
        results->factor_unit[i] = copy_text(results, of->unit);
        memcpy(results->factor_value + 2 * (size_t)i, of->value, sizeof of->value);
        if (!results->factor[i] || !results->factor_unit[i])
            return false;
    }
    for (size_t i = 0; i < place_of(results, results->n_plans, 0, 0); i++)
        results->sensitivity_hit_probability[i] = results->sensitivity_bookings_mean[i] = NAN;
    return true;
}

recoup_status recoup_decide_sensitivity(const recoup_deciding *deciding) {
    factors all = {0};
    recoup_status status = list_factors(deciding, &all);
    if (status == RECOUP_OK && !make_room(deciding->results, &all))
        status = recoup_fail_memory(deciding->error);
    if (status == RECOUP_OK)
        status = try_factors(deciding, &all);
    for (int i = 0; i < all.n && status == RECOUP_OK; i++)
        if (all.factor[i].kind == FACTOR_MARKET)
            status = try_market(deciding, &all, &all.factor[i]);
    recoup_arena_clear(&all.arena);
    return status;
}
