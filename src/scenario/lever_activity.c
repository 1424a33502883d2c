/* activity: more (or less) of the work that brings new deals, with diminishing returns.
 *
 *   arrivals' = arrivals · (1 + increase)^(returns · share in force)
 *
 * of the named cohorts and channels (all without). Strength, adoption and evidence act on the
 * logarithm of 1 + increase.
 *
 * Example: `activity: {channel: outbound, increase: 0.3, returns: 0.5, ramp_days: 10}`: on day 4 of
 * the ramp 4.5/10 is in force, arrivals are 1.3^(.5 · .45) = 1.0608 times as many; from day 10 on
 * 1.3^.5 = 1.1402.
 */
#include "scenario/lever.h"

typedef struct activity_keys {
    recoup_lever_header header;
    recoup_texts cohort, channel;
    recoup_effect increase;
    double returns;
} activity_keys;

#define KEY(name, kind, ...) RECOUP_KEY(#name, kind, activity_keys, name, __VA_ARGS__)
static const recoup_field fields[] = {
    KEY(cohort, TEXTS),
    KEY(channel, TEXTS),
    KEY(increase, EFFECT, .required = true, .min = -1, .max = 10, .open_min = true,
        .meaning = "a share more, above -1 and at most 10, such as 20%"),
    KEY(returns, NUMBER, .required = true, .max = 1, .open_min = true,
        .meaning = "the elasticity of arrivals to effort, above 0, at most 1"),
    RECOUP_LEVER_HEADER_FIELDS(activity_keys),
};

static const activity_keys defaults = {0};
static const recoup_schema schema =
    RECOUP_SCHEMA("activity", activity_keys, fields, .defaults = &defaults);

/* An uncertain increase may reach -1, where the logarithm ends: so little counts as none. */
static const double LEAST = 1e-9;

static recoup_status lower(const recoup_lowering *lowering, const recoup_lever *lever) {
    const activity_keys *keys = lever->keys;
    recoup_change change = {.quantity = RECOUP_CHANGE_LOG_RATE};
    recoup_status status = recoup_select_cohorts(lowering, &keys->cohort, &change.cohort);
    status =
        recoup_worse(status, recoup_select_channels(lowering, &keys->channel, &change.channel));
    double effort = recoup_lever_effect(lowering, lever, "increase", RECOUP_SCALE_LOG_ONE);
    change.value = keys->returns * fmax(effort, log(LEAST));
    return status == RECOUP_OK ? recoup_add_change(lowering, lever, change) : status;
}

static void format(const recoup_lever *lever, recoup_writer *writer) {
    const activity_keys *keys = lever->keys;
    recoup_write_texts(writer, "cohort", &keys->cohort);
    recoup_write_texts(writer, "channel", &keys->channel);
    recoup_write_effect(writer, "increase", &keys->increase);
    recoup_write_number(writer, "returns", keys->returns);
}

const recoup_lever_type recoup_lever_activity = {"activity", &schema, NULL, lower, format};
