/* quota_relief: the plan is held against a lower quota; nobody sells more for it.
 *
 *   quota' = quota · (1 - share)   or   quota - amount, at least 0
 *
 * Several reliefs of one plan: each share is taken off what the others leave, then the amounts. The
 * quotas of teams and reps fall in the same proportion as the whole. The quota is that of the whole
 * period: it is lower from the beginning, whenever within the period the lever starts.
 *
 * Example: a quota of 1,000 under `quota_relief: {share: 10%}` and `quota_relief: {amount: 50}` is
 * 1000 · .9 - 50 = 850, and a rep's own quota of 200 is 200 · .85 = 170.
 */
#include "scenario/lever.h"

typedef struct relief_keys {
    recoup_lever_header header;
    recoup_effect amount, share;
} relief_keys;

#define KEY(name, kind, ...) RECOUP_KEY(#name, kind, relief_keys, name, __VA_ARGS__)
static const recoup_field fields[] = {
    KEY(amount, EFFECT, .max = RECOUP_MONEY_MAX, .meaning = "an amount of money from 0 to 1e15"),
    KEY(share, EFFECT, .max = 1, .meaning = "a share of the quota between 0 and 1"),
    RECOUP_LEVER_HEADER_FIELDS(relief_keys),
};

static const relief_keys defaults = {0};
static const recoup_schema schema =
    RECOUP_SCHEMA("quota_relief", relief_keys, fields, .defaults = &defaults);

static recoup_status check(const recoup_document *document, const recoup_lever *lever,
                           recoup_error *error) {
    const relief_keys *keys = lever->keys;
    bool has_amount = keys->amount.kind != RECOUP_EFFECT_ABSENT;
    bool has_share = keys->share.kind != RECOUP_EFFECT_ABSENT;
    recoup_status status = RECOUP_OK;
    if (has_amount == has_share)
        status = recoup_node_fail(
            document, lever->node, error, "'quota_relief' has %s; expected either amount or share",
            has_amount ? "both an amount and a share" : "neither an amount nor a share");
    if (lever->ramp_days > 0)
        status = recoup_node_fail(document, recoup_lever_place(lever, "ramp_days"), error,
                                  "a quota has no ramp: it is one number for the whole period; "
                                  "expected no 'ramp_days'");
    return status;
}

static recoup_status lower(const recoup_lowering *lowering, const recoup_lever *lever) {
    const recoup_scenario *scenario = lowering->scenario;
    recoup_relief *relief = &lowering->effects->relief;
    if (lever->start_day >= scenario->period_end - scenario->as_of)
        return RECOUP_OK; /* the period is over by then */
    double share = recoup_lever_effect(lowering, lever, "share", RECOUP_SCALE_PLAIN);
    relief->share += share * (1 - relief->share);
    relief->amount += recoup_lever_effect(lowering, lever, "amount", RECOUP_SCALE_PLAIN);
    return RECOUP_OK;
}

static void format(const recoup_lever *lever, recoup_writer *writer) {
    const relief_keys *keys = lever->keys;
    recoup_write_effect(writer, "amount", &keys->amount);
    recoup_write_effect(writer, "share", &keys->share);
}

const recoup_lever_type recoup_lever_quota_relief = {"quota_relief", &schema, check, lower, format};
