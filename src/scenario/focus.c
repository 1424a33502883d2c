#include "scenario/focus.h"

#include <string.h>

#define KEY(name, kind, ...) RECOUP_KEY(#name, kind, recoup_focus_keys, name, __VA_ARGS__)
static const recoup_field fields[] = {
    KEY(from, TEXTS, .required = true),
    KEY(to, TEXTS, .required = true),
    KEY(share, EFFECT, .required = true, .max = 1, .open_min = true,
        .meaning = "a share of the effort above 0, at most 1"),
    KEY(returns, NUMBER, .required = true, .max = 1, .open_min = true,
        .meaning = "the elasticity of arrivals to effort, above 0, at most 1"),
    KEY(cohort, TEXTS),
    RECOUP_LEVER_HEADER_FIELDS(recoup_focus_keys),
};

static const recoup_focus_keys defaults = {0};
const recoup_schema recoup_channel_focus_schema =
    RECOUP_SCHEMA("channel_focus", recoup_focus_keys, fields, .defaults = &defaults);
const recoup_schema recoup_segment_focus_schema =
    RECOUP_SCHEMA("segment_focus", recoup_focus_keys, fields, .defaults = &defaults);

recoup_status recoup_focus_check(const recoup_document *document, const recoup_lever *lever,
                                 const char *what, recoup_error *error) {
    const recoup_focus_keys *keys = lever->keys;
    recoup_status status = RECOUP_OK;
    for (int i = 0; i < keys->to.n; i++)
        for (int k = 0; k < keys->from.n; k++)
            if (strcmp(keys->to.text[i], keys->from.text[k]) == 0)
                status = recoup_node_fail(document, keys->to.node[i], error,
                                          "%s '%s' is in 'from' as well as in 'to'; expected "
                                          "it in one of them",
                                          what, keys->to.text[i]);
    if (keys->share.kind == RECOUP_EFFECT_FIXED && keys->share.a == 1 && lever->ramp_days > 0)
        status = recoup_node_fail(document, recoup_lever_place(lever, "ramp_days"), error,
                                  "'share: 1' stops arrivals of 'from' at once; expected no "
                                  "'ramp_days', or a share below 1");
    return status;
}

double recoup_focus_share(const recoup_lowering *lowering, const recoup_lever *lever) {
    double share = recoup_lever_effect(lowering, lever, "share", RECOUP_SCALE_PLAIN);
    /* all effort may leave at once, but not bit by bit (change.h) */
    return lever->ramp_days > 0 ? fmin(share, 1 - 1e-9) : share;
}

void recoup_focus_format(const recoup_lever *lever, recoup_writer *writer) {
    const recoup_focus_keys *keys = lever->keys;
    recoup_write_texts(writer, "from", &keys->from);
    recoup_write_texts(writer, "to", &keys->to);
    recoup_write_effect(writer, "share", &keys->share);
    recoup_write_number(writer, "returns", keys->returns);
    recoup_write_texts(writer, "cohort", &keys->cohort);
}
