#include "decide/evidence_effect.h"

#include "base/error.h"
#include "scenario/lever.h"
#include <math.h>

static const struct {
    const char *unit;
    bool of_log;
} quantities[] = {
    [RECOUP_CHANGE_LOGIT] = {"logit", false},
    [RECOUP_CHANGE_LOG_DWELL] = {"factor of dwell times", true},
    [RECOUP_CHANGE_LOG_SPEED] = {"factor of speed", true},
    [RECOUP_CHANGE_LOG_RATE] = {"factor of arrivals", true},
    [RECOUP_CHANGE_LOG_AMOUNT] = {"factor of amounts", true},
    [RECOUP_CHANGE_HIRES] = {"reps", false},
};

static bool has_one_effect(const recoup_plan *plan) {
    const recoup_effect *effect;
    if (plan->n_levers != 1)
        return false;
    const recoup_field *field = recoup_lever_next_effect(&plan->lever[0], NULL, &effect);
    return field && !recoup_lever_next_effect(&plan->lever[0], field, &effect);
}

/* Whether all changes are the same number on the same scale. */
static bool is_one_number(const recoup_effects *effects) {
    for (int i = 1; i < effects->n_changes; i++)
        if (effects->change[i].quantity != effects->change[0].quantity ||
            effects->change[i].value != effects->change[0].value)
            return false;
    return effects->n_changes > 0;
}

/* Of one kind only, or there is no single number. */
static void set_size(const recoup_effects *effects, double *size, const char **unit) {
    const recoup_relief *relief = &effects->relief;
    bool relieves = relief->share != 0 || relief->amount != 0;
    if (effects->n_moves > 0 || effects->n_caps > 0 || effects->n_closures > 0)
        return;
    if (!relieves && is_one_number(effects)) {
        const recoup_change *change = &effects->change[0];
        *size = quantities[change->quantity].of_log ? exp(change->value) : change->value;
        *unit = quantities[change->quantity].unit;
    } else if (relieves && effects->n_changes == 0) {
        *size = relief->share != 0 ? relief->share : relief->amount;
        *unit = relief->share != 0 ? "share of the quota" : "off the quota";
    }
}

recoup_status recoup_single_effect(const recoup_situation *situation, const recoup_plan *plan,
                                   double strength, double *size, const char **unit,
                                   recoup_error *error) {
    *size = NAN;
    *unit = "";
    if (isnan(strength) || !has_one_effect(plan))
        return RECOUP_OK;
    recoup_error own = RECOUP_ERROR_INIT; /* the plans' notes were made already */
    recoup_scenario varied;
    recoup_lever lever = plan->lever[0];
    recoup_variant variant = {.name = plan->name, .n_levers = 1, .lever = &lever};
    lever.strength *= strength;
    recoup_status status =
        recoup_scenario_vary(situation->scenario, situation->model, &variant, 1, &varied, &own);
    if (status == RECOUP_OK)
        set_size(&varied.plan[0].effects, size, unit);
    else
        recoup_error_merge(error, &own);
    recoup_error_clear(&own);
    recoup_scenario_drawn_clear(&varied);
    return status;
}
