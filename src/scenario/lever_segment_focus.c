/* segment_focus: effort moves from some segments to others, with diminishing returns.
 *
 * As channel_focus does by channel: effort for a segment is taken proportional to its share m of
 * the new deals (`mix.segment` of the model), and arrivals ∝ effort^returns. When a share s of the
 * effort for the segments `from` goes to the segments `to`, in proportion to theirs, then
 *
 *   arrivals of a `from` segment × (1 - s)^returns
 *   arrivals of a `to` segment   × (1 + s · Σm_from / Σm_to)^returns
 *
 * The mix is the same in all cohorts and channels, and so are the factors. Nothing tells what
 * effort for a segment would pay that has no new deals: without any in `from` or in `to` nothing
 * changes.
 *
 * Example: m bank .2, retail .5, software .3; `{from: retail, to: [bank, software], share: .4,
 * returns: .5}`: retail × .6^.5 = .7746; the others × (1 + .4 · .5 / .5)^.5 = 1.4^.5 = 1.1832, so
 * that all arrivals are multiplied by .5 · .7746 + .5 · 1.1832 = .9789.
 */
#include "scenario/focus.h"

static recoup_status check(const recoup_document *document, const recoup_lever *lever,
                           recoup_error *error) {
    return recoup_focus_check(document, lever, "segment", error);
}

/* Share of the segments of the mask in new deals. */
static double sum_mix(const recoup_model *model, const bool *segment) {
    double sum = 0;
    for (int k = 0; k < model->segments.n && model->segment_mix; k++)
        if (segment[k])
            sum += model->segment_mix[k];
    return sum;
}

static recoup_status lower(const recoup_lowering *lowering, const recoup_lever *lever) {
    const recoup_focus_keys *keys = lever->keys;
    const bool *from, *to;
    recoup_change change = {.quantity = RECOUP_CHANGE_LOG_RATE};
    recoup_status status = recoup_select_cohorts(lowering, &keys->cohort, &change.cohort);
    status = recoup_worse(status, recoup_select_segments(lowering, &keys->from, &from));
    status = recoup_worse(status, recoup_select_segments(lowering, &keys->to, &to));
    if (status != RECOUP_OK)
        return status;
    double of_from = sum_mix(lowering->model, from), of_to = sum_mix(lowering->model, to);
    if (!(of_from > 0) || !(of_to > 0)) {
        recoup_node_note(lowering->scenario->document, lever->node, lowering->error,
                         "no new deals come from 'from', or none from 'to': this lever changes "
                         "nothing");
        return RECOUP_OK;
    }
    double share = recoup_focus_share(lowering, lever);
    change.segment = to;
    change.value = keys->returns * log1p(share * of_from / of_to);
    status = recoup_add_change(lowering, lever, change);
    if (status != RECOUP_OK)
        return status;
    change.segment = from;
    change.value = keys->returns * log1p(-share); /* -inf when all effort leaves */
    return recoup_add_change(lowering, lever, change);
}

const recoup_lever_type recoup_lever_segment_focus = {"segment_focus", &recoup_segment_focus_schema,
                                                      check, lower, recoup_focus_format};
