/* discount_limit: no discount above `max`, except for a share `escapes` of the deals.
 *
 * A deal with discount d = 1 - amount / list amount above max keeps its customer's list price and
 * gets d' = max: booked amount' = amount · (1 - max) / (1 - d), and the logit of every winning exit
 * falls by win_logit_per_point · 100 (d - max). Deals without a known discount are left alone.
 *
 * With `adoption` below 1 the limit holds for that share of those that do not escape.
 *
 * Example: a deal of 70,000 with list amount 100,000 (d = .30) under `{max: 0.2,
 * win_logit_per_point: 0.03}` is worth 70,000 · .8 / .7 = 80,000 when won, and its winning logits
 * fall by 10 points · .03 = .3.
 */
#include "scenario/lever.h"

typedef struct limit_keys {
    recoup_lever_header header;
    double max, escapes;
    recoup_effect win_logit_per_point; /* a side effect: drawn, neither scaled nor widened */
    recoup_texts cohort, channel, segment;
} limit_keys;

#define KEY(name, kind, ...) RECOUP_KEY(#name, kind, limit_keys, name, __VA_ARGS__)
static const recoup_field fields[] = {
    KEY(max, NUMBER, .required = true, .max = 1,
        .meaning = "the highest discount, from 0 to below 1, such as 20%"),
    KEY(win_logit_per_point, EFFECT, .max = 10,
        .meaning =
            "what a point (1 %) less of discount takes off the logit of winning, from 0 to 10"),
    KEY(escapes, NUMBER, .max = 1, .meaning = "a share of the deals between 0 and 1"),
    KEY(cohort, TEXTS),
    KEY(channel, TEXTS),
    KEY(segment, TEXTS),
    RECOUP_LEVER_HEADER_FIELDS(limit_keys),
};

static const limit_keys defaults = {0};
static const recoup_schema schema =
    RECOUP_SCHEMA("discount_limit", limit_keys, fields, .defaults = &defaults);

static recoup_status check(const recoup_document *document, const recoup_lever *lever,
                           recoup_error *error) {
    const limit_keys *keys = lever->keys;
    if (keys->max == 1)
        return recoup_node_fail(document, recoup_lever_place(lever, "max"), error,
                                "'max' is 1, which limits nothing; expected a discount from 0 to "
                                "below 1, such as 20%%");
    return RECOUP_OK;
}

static recoup_status lower(const recoup_lowering *lowering, const recoup_lever *lever) {
    const limit_keys *keys = lever->keys;
    recoup_cap cap = {
        .max = keys->max,
        .win_logit_per_point = recoup_lever_draw(lowering, lever, "win_logit_per_point"),
        .escapes =
            keys->escapes + (1 - keys->escapes) * (1 - recoup_lever_strength(lowering, lever)),
    };
    recoup_status status = recoup_select_cohorts(lowering, &keys->cohort, &cap.cohort);
    status = recoup_worse(status, recoup_select_channels(lowering, &keys->channel, &cap.channel));
    status = recoup_worse(status, recoup_select_segments(lowering, &keys->segment, &cap.segment));
    return status == RECOUP_OK ? recoup_add_cap(lowering, lever, cap) : status;
}

static void format(const recoup_lever *lever, recoup_writer *writer) {
    const limit_keys *keys = lever->keys;
    recoup_write_number(writer, "max", keys->max);
    recoup_write_effect(writer, "win_logit_per_point", &keys->win_logit_per_point);
    recoup_write_number(writer, "escapes", keys->escapes);
    recoup_write_texts(writer, "cohort", &keys->cohort);
    recoup_write_texts(writer, "channel", &keys->channel);
    recoup_write_texts(writer, "segment", &keys->segment);
}

const recoup_lever_type recoup_lever_discount_limit = {"discount_limit", &schema, check, lower,
                                                       format};
