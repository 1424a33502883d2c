/* channel_focus: effort moves from some channels to others, with diminishing returns.
 *
 * Effort of a channel is taken proportional to its arrivals λ, and arrivals ∝ effort^returns. When
 * a share s of the effort in the channels `from` goes to the channels `to`, in proportion to
 * theirs, then in each cohort
 *
 *   rate of a `from` channel × (1 - s)^returns
 *   rate of a `to` channel   × (1 + s · Σλ_from / Σλ_to)^returns
 *
 * A cohort without arrivals in either group has no effort to move, or nothing that tells how it
 * would pay: it is left alone.
 *
 * Example: λ outbound .12, inbound .072, partner .048; `{from: outbound, to: [inbound, partner],
 * share: .5, returns: .5}`: outbound × .5^.5 = .7071; the others × (1 + .5 · .12 / .12)^.5 =
 * 1.5^.5 = 1.2247.
 */
#include "scenario/lever.h"
#include <string.h>

typedef struct focus_keys {
    recoup_lever_header header;
    recoup_texts from, to, cohort;
    recoup_effect share;
    double returns;
} focus_keys;

#define KEY(name, kind, ...) RECOUP_KEY(#name, kind, focus_keys, name, __VA_ARGS__)
static const recoup_field fields[] = {
    KEY(from, TEXTS, .required = true),
    KEY(to, TEXTS, .required = true),
    KEY(share, EFFECT, .required = true, .max = 1, .open_min = true,
        .meaning = "a share of the effort above 0, at most 1"),
    KEY(returns, NUMBER, .required = true, .max = 1, .open_min = true,
        .meaning = "the elasticity of arrivals to effort, above 0, at most 1"),
    KEY(cohort, TEXTS),
    RECOUP_LEVER_HEADER_FIELDS(focus_keys),
};

static const focus_keys defaults = {0};
static const recoup_schema schema =
    RECOUP_SCHEMA("channel_focus", focus_keys, fields, .defaults = &defaults);

static recoup_status check(const recoup_document *document, const recoup_lever *lever,
                           recoup_error *error) {
    const focus_keys *keys = lever->keys;
    recoup_status status = RECOUP_OK;
    for (int i = 0; i < keys->to.n; i++)
        for (int k = 0; k < keys->from.n; k++)
            if (strcmp(keys->to.text[i], keys->from.text[k]) == 0)
                status = recoup_node_fail(document, keys->to.node[i], error,
                                          "channel '%s' is in 'from' as well as in 'to'; expected "
                                          "it in one of them",
                                          keys->to.text[i]);
    if (keys->share.kind == RECOUP_EFFECT_FIXED && keys->share.a == 1 && lever->ramp_days > 0)
        status = recoup_node_fail(document, recoup_lever_place(lever, "ramp_days"), error,
                                  "'share: 1' stops arrivals of 'from' at once; expected no "
                                  "'ramp_days', or a share below 1");
    return status;
}

/* Arrivals of a cohort in the channels of the mask, deals a day. */
static double sum_arrivals(const recoup_model *model, int cohort, const bool *channel) {
    int n = recoup_model_n_channels(model);
    double sum = 0;
    for (int c = 0; c < n; c++)
        if (channel[c])
            sum += model->arrivals[cohort * n + c];
    return sum;
}

/* One change for the channels left, one for each cohort's factor of the channels reinforced. */
static recoup_status add_changes(const recoup_lowering *lowering, const recoup_lever *lever,
                                 const bool *cohort, const bool *from, const bool *to) {
    const focus_keys *keys = lever->keys;
    const recoup_model *model = lowering->model;
    int n = model->cohorts.n;
    bool *moved = recoup_arena_alloc(lowering->arena, (size_t)n, sizeof *moved);
    if (!moved)
        return recoup_fail_memory(lowering->error);
    recoup_status status = RECOUP_OK;
    bool any = false;
    double share = recoup_lever_effect(lowering, lever, "share", RECOUP_SCALE_PLAIN);
    if (lever->ramp_days > 0) /* all effort may leave at once, but not bit by bit (change.h) */
        share = fmin(share, 1 - 1e-9);
    for (int k = 0; k < n && status == RECOUP_OK; k++) {
        double rate_from = sum_arrivals(model, k, from), rate_to = sum_arrivals(model, k, to);
        if ((cohort && !cohort[k]) || !(rate_from > 0) || !(rate_to > 0))
            continue;
        bool *only = recoup_arena_alloc(lowering->arena, (size_t)n, sizeof *only);
        if (!only)
            return recoup_fail_memory(lowering->error);
        any = moved[k] = only[k] = true;
        recoup_change change = {.quantity = RECOUP_CHANGE_LOG_RATE, .cohort = only, .channel = to};
        change.value = keys->returns * log1p(share * rate_from / rate_to);
        status = recoup_add_change(lowering, lever, change);
    }
    if (!any)
        recoup_node_note(lowering->scenario->document, lever->node, lowering->error,
                         "no cohort has arrivals both in 'from' and in 'to': this lever changes "
                         "nothing");
    if (!any || status != RECOUP_OK)
        return status;
    recoup_change change = {.quantity = RECOUP_CHANGE_LOG_RATE, .cohort = moved, .channel = from};
    change.value = keys->returns * log1p(-share); /* -inf when all effort leaves */
    return recoup_add_change(lowering, lever, change);
}

static recoup_status lower(const recoup_lowering *lowering, const recoup_lever *lever) {
    const focus_keys *keys = lever->keys;
    const bool *cohort, *from, *to;
    recoup_status status = recoup_select_cohorts(lowering, &keys->cohort, &cohort);
    status = recoup_worse(status, recoup_select_channels(lowering, &keys->from, &from));
    status = recoup_worse(status, recoup_select_channels(lowering, &keys->to, &to));
    return status == RECOUP_OK ? add_changes(lowering, lever, cohort, from, to) : status;
}

static void format(const recoup_lever *lever, recoup_writer *writer) {
    const focus_keys *keys = lever->keys;
    recoup_write_texts(writer, "from", &keys->from);
    recoup_write_texts(writer, "to", &keys->to);
    recoup_write_effect(writer, "share", &keys->share);
    recoup_write_number(writer, "returns", keys->returns);
    recoup_write_texts(writer, "cohort", &keys->cohort);
}

const recoup_lever_type recoup_lever_channel_focus = {"channel_focus", &schema, check, lower,
                                                      format};
