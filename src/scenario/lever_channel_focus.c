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
#include "scenario/focus.h"

static recoup_status check(const recoup_document *document, const recoup_lever *lever,
                           recoup_error *error) {
    return recoup_focus_check(document, lever, "channel", error);
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
    const recoup_focus_keys *keys = lever->keys;
    const recoup_model *model = lowering->model;
    int n = model->cohorts.n;
    bool *moved = recoup_arena_alloc(lowering->arena, (size_t)n, sizeof *moved);
    if (!moved)
        return recoup_fail_memory(lowering->error);
    recoup_status status = RECOUP_OK;
    bool any = false;
    double share = recoup_focus_share(lowering, lever);
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
    const recoup_focus_keys *keys = lever->keys;
    const bool *cohort, *from, *to;
    recoup_status status = recoup_select_cohorts(lowering, &keys->cohort, &cohort);
    status = recoup_worse(status, recoup_select_channels(lowering, &keys->from, &from));
    status = recoup_worse(status, recoup_select_channels(lowering, &keys->to, &to));
    return status == RECOUP_OK ? add_changes(lowering, lever, cohort, from, to) : status;
}

const recoup_lever_type recoup_lever_channel_focus = {"channel_focus", &recoup_channel_focus_schema,
                                                      check, lower, recoup_focus_format};
