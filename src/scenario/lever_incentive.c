/* incentive: a bonus or a contest that runs for some time; while it runs more deals advance, or
 * sooner.
 *
 *   logit x: logit' of the exit `advance` in every stage = logit + share in force · x
 *   speed f: v(t) of every stage = f^(share in force)
 *
 * for the named cohorts and segments (all without). From `until` on nothing of it is left, whether
 * its ramp was done or not: what deals did before stays, and those that are left go on as they
 * would have without it, at the age that they have reached.
 *
 * Example: an exponential stay of 10 days on average under `incentive: {speed: 2, start: +4d,
 * until: +10d}`: by day 12 a deal has gone through 4 + 2 · 6 + 2 = 18 days' worth of the stage, and
 * 1 - e^(-18/10) = .8347 of the deals have left it.
 */
#include "scenario/lever.h"
#include "scenario/moment.h"

typedef struct incentive_keys {
    recoup_lever_header header;
    recoup_texts cohort, segment;
    recoup_effect logit, speed;
    const recoup_node *until; /* NULL: the end of the period */
} incentive_keys;

#define KEY(name, kind, ...) RECOUP_KEY(#name, kind, incentive_keys, name, __VA_ARGS__)
static const recoup_field fields[] = {
    KEY(cohort, TEXTS),
    KEY(segment, TEXTS),
    KEY(logit, EFFECT, .min = -100, .max = 100),
    KEY(speed, EFFECT, .min = RECOUP_SPEED_MIN, .max = RECOUP_SPEED_MAX,
        .meaning = RECOUP_SPEED_MEANING),
    KEY(until, NODE),
    RECOUP_LEVER_HEADER_FIELDS(incentive_keys),
};

static const incentive_keys defaults = {0};
static const recoup_schema schema =
    RECOUP_SCHEMA("incentive", incentive_keys, fields, .defaults = &defaults);

static recoup_status check(const recoup_document *document, const recoup_lever *lever,
                           recoup_error *error) {
    const incentive_keys *keys = lever->keys;
    recoup_status status = RECOUP_OK;
    double ignored; /* the as-of date is not known here: whether it is a date at all */
    if (keys->logit.kind == RECOUP_EFFECT_ABSENT && keys->speed.kind == RECOUP_EFFECT_ABSENT)
        status = recoup_node_fail(document, lever->node, error,
                                  "'incentive' changes nothing; expected at least one of logit "
                                  "and speed");
    if (keys->until)
        status = recoup_worse(
            status, recoup_start_read(document, keys->until, "until", 0, 0, &ignored, error));
    return status;
}

/* For how many days it runs; 0: to the end of the period and beyond. */
static recoup_status find_end(const recoup_lowering *lowering, const recoup_lever *lever,
                              double *lasts_days, bool *is_over) {
    const incentive_keys *keys = lever->keys;
    const recoup_scenario *scenario = lowering->scenario;
    *lasts_days = 0;
    *is_over = false;
    if (!keys->until)
        return RECOUP_OK;
    double until;
    recoup_status status =
        recoup_start_read(scenario->document, keys->until, "until", scenario->as_of,
                          scenario->zone_days, &until, lowering->error);
    if (status != RECOUP_OK)
        return status;
    *lasts_days = recoup_start_day(until, scenario->as_of) - lever->start_day;
    *is_over = *lasts_days <= 0;
    if (*is_over)
        recoup_node_note(scenario->document, keys->until, lowering->error,
                         "this incentive ends before it starts: it changes nothing");
    return RECOUP_OK;
}

/* What does nothing must not part segments (program.h). */
static recoup_status add(const recoup_lowering *lowering, const recoup_lever *lever,
                         const recoup_change *change) {
    return change->value != 0 ? recoup_add_change(lowering, lever, *change) : RECOUP_OK;
}

static recoup_status lower(const recoup_lowering *lowering, const recoup_lever *lever) {
    const incentive_keys *keys = lever->keys;
    recoup_change change = {0};
    bool is_over = false;
    recoup_status status = recoup_select_cohorts(lowering, &keys->cohort, &change.cohort);
    status =
        recoup_worse(status, recoup_select_segments(lowering, &keys->segment, &change.segment));
    status = recoup_worse(status, find_end(lowering, lever, &change.lasts_days, &is_over));
    if (status != RECOUP_OK || is_over)
        return status;
    change.quantity = RECOUP_CHANGE_LOGIT;
    change.exit = "advance";
    change.value = recoup_lever_effect(lowering, lever, "logit", RECOUP_SCALE_PLAIN);
    status = add(lowering, lever, &change);
    change.quantity = RECOUP_CHANGE_LOG_SPEED;
    change.exit = NULL;
    change.value = recoup_lever_effect(lowering, lever, "speed", RECOUP_SCALE_LOG);
    return status == RECOUP_OK ? add(lowering, lever, &change) : status;
}

static void format(const recoup_lever *lever, recoup_writer *writer) {
    const incentive_keys *keys = lever->keys;
    recoup_write_texts(writer, "cohort", &keys->cohort);
    recoup_write_texts(writer, "segment", &keys->segment);
    recoup_write_effect(writer, "logit", &keys->logit);
    recoup_write_effect(writer, "speed", &keys->speed);
    if (keys->until)
        recoup_write_plain(writer, "until", keys->until->text);
}

const recoup_lever_type recoup_lever_incentive = {"incentive", &schema, check, lower, format};
