/* unblock: what holds deals up in a stage is put right; they leave it sooner, by whichever exit.
 *
 *   speed f: v(t) of the stage = f^(share in force)
 *
 * in the named stages (all without `stage`) for the named cohorts (all without `cohort`). Twice the
 * speed halves the rest of the stay of a deal that is in the stage already; the shares of the exits
 * stay what they are.
 *
 * Example: an exponential stay of 10 days on average under `unblock: {stage: legal, speed: 2}`: 1 -
 * e^(-2 · 5/10) = .6321 of the deals have left after 5 days instead of 1 - e^(-5/10) = .3935.
 */
#include "scenario/lever.h"

typedef struct unblock_keys {
    recoup_lever_header header;
    recoup_texts stage, cohort;
    recoup_effect speed;
} unblock_keys;

#define KEY(name, kind, ...) RECOUP_KEY(#name, kind, unblock_keys, name, __VA_ARGS__)
static const recoup_field fields[] = {
    KEY(stage, TEXTS),
    KEY(cohort, TEXTS),
    KEY(speed, EFFECT, .required = true, .min = RECOUP_SPEED_MIN, .max = RECOUP_SPEED_MAX,
        .meaning = RECOUP_SPEED_MEANING),
    RECOUP_LEVER_HEADER_FIELDS(unblock_keys),
};

static const unblock_keys defaults = {0};
static const recoup_schema schema =
    RECOUP_SCHEMA("unblock", unblock_keys, fields, .defaults = &defaults);

static recoup_status lower(const recoup_lowering *lowering, const recoup_lever *lever) {
    const unblock_keys *keys = lever->keys;
    recoup_change change = {.quantity = RECOUP_CHANGE_LOG_SPEED};
    recoup_status status = recoup_select_stages(lowering, &keys->stage, &change.stage);
    status = recoup_worse(status, recoup_select_cohorts(lowering, &keys->cohort, &change.cohort));
    change.value = recoup_lever_effect(lowering, lever, "speed", RECOUP_SCALE_LOG);
    return status == RECOUP_OK ? recoup_add_change(lowering, lever, change) : status;
}

static void format(const recoup_lever *lever, recoup_writer *writer) {
    const unblock_keys *keys = lever->keys;
    recoup_write_texts(writer, "stage", &keys->stage);
    recoup_write_texts(writer, "cohort", &keys->cohort);
    recoup_write_effect(writer, "speed", &keys->speed);
}

const recoup_lever_type recoup_lever_unblock = {"unblock", &schema, NULL, lower, format};
