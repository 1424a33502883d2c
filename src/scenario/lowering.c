#include "base/names.h"
#include "scenario/lever.h"

#include <string.h>

/* --- names -> masks --------------------------------------------------------------------------- */

recoup_status recoup_fail_name(const recoup_lowering *lowering, const recoup_node *node,
                               const char *what, const char *where, char *const *known, int n) {
    const recoup_document *document = lowering->scenario->document;
    if (n == 0)
        return recoup_node_fail(document, node, lowering->error,
                                "unknown %s '%s'; there are no %ss in %s, so leave it out", what,
                                node->text, what, where);
    const char *nearest = recoup_names_nearest(known, n, node->text);
    if (nearest)
        return recoup_node_fail(document, node, lowering->error,
                                "unknown %s '%s' in %s; did you mean '%s'?", what, node->text,
                                where, nearest);
    recoup_text list = {0};
    for (int i = 0; i < n; i++)
        recoup_text_add(&list, "%s%s", i ? ", " : "", known[i]);
    recoup_status status = recoup_node_fail(
        document, node, lowering->error, "unknown %s '%s' in %s; expected one of %s", what,
        node->text, where, list.failed ? "the existing ones" : list.bytes);
    recoup_text_clear(&list);
    return status;
}

static recoup_status select_names(const recoup_lowering *lowering, const char *what,
                                  char *const *known, int n, const recoup_texts *names,
                                  const bool **mask) {
    *mask = NULL;
    if (names->n == 0)
        return RECOUP_OK;
    bool *selected = recoup_arena_alloc(lowering->arena, (size_t)n, sizeof *selected);
    if (!selected)
        return recoup_fail_memory(lowering->error);
    recoup_status status = RECOUP_OK;
    for (int i = 0; i < names->n; i++) {
        int k = 0;
        while (k < n && strcmp(known[k], names->text[i]) != 0)
            k++;
        if (k < n)
            selected[k] = true;
        else
            status = recoup_fail_name(lowering, names->node[i], what, "the model", known, n);
    }
    *mask = selected;
    return status;
}

recoup_status recoup_select_cohorts(const recoup_lowering *lowering, const recoup_texts *names,
                                    const bool **mask) {
    const recoup_names *known = &lowering->model->cohorts;
    return select_names(lowering, "cohort", known->name, known->n, names, mask);
}

recoup_status recoup_select_channels(const recoup_lowering *lowering, const recoup_texts *names,
                                     const bool **mask) {
    const recoup_names *known = &lowering->model->channels;
    return select_names(lowering, "channel", known->name, known->n, names, mask);
}

recoup_status recoup_select_segments(const recoup_lowering *lowering, const recoup_texts *names,
                                     const bool **mask) {
    const recoup_names *known = &lowering->model->segments;
    return select_names(lowering, "segment", known->name, known->n, names, mask);
}

recoup_status recoup_select_stages(const recoup_lowering *lowering, const recoup_texts *names,
                                   const bool **mask) {
    return select_names(lowering, "stage", lowering->stage_name, lowering->model->n_stages, names,
                        mask);
}

/* --- effects ---------------------------------------------------------------------------------- */

/* Room for one more element at items[n]; arrays in the arena double when n is a power of two. */
static void *make_room(recoup_arena *arena, void *items, int n, size_t size) {
    bool full = (n & (n - 1)) == 0;
    if (!full)
        return items;
    void *grown = recoup_arena_alloc(arena, n ? 2 * (size_t)n : 1, size);
    if (grown && n)
        memcpy(grown, items, (size_t)n * size);
    return grown;
}

recoup_status recoup_append_change(const recoup_lowering *lowering, const recoup_change *change) {
    recoup_effects *effects = lowering->effects;
    recoup_change *items =
        make_room(lowering->arena, effects->change, effects->n_changes, sizeof *items);
    if (!items)
        return recoup_fail_memory(lowering->error);
    items[effects->n_changes++] = *change;
    effects->change = items;
    return RECOUP_OK;
}

recoup_status recoup_add_change(const recoup_lowering *lowering, const recoup_lever *lever,
                                recoup_change change) {
    change.start_day = lever->start_day;
    change.ramp_days = lever->ramp_days;
    return recoup_append_change(lowering, &change);
}

recoup_status recoup_add_move(const recoup_lowering *lowering, const recoup_lever *lever,
                              recoup_move move) {
    recoup_effects *effects = lowering->effects;
    recoup_move *items = make_room(lowering->arena, effects->move, effects->n_moves, sizeof *items);
    if (!items)
        return recoup_fail_memory(lowering->error);
    move.node = lever->node;
    move.start_day = lever->start_day;
    move.ramp_days = lever->ramp_days;
    items[effects->n_moves++] = move;
    effects->move = items;
    return RECOUP_OK;
}

recoup_status recoup_add_closure(const recoup_lowering *lowering, const recoup_lever *lever,
                                 recoup_closure closure) {
    recoup_effects *effects = lowering->effects;
    recoup_closure *items =
        make_room(lowering->arena, effects->closure, effects->n_closures, sizeof *items);
    if (!items)
        return recoup_fail_memory(lowering->error);
    closure.key = lever->key;
    closure.start_day = lever->start_day;
    closure.ramp_days = lever->ramp_days;
    items[effects->n_closures++] = closure;
    effects->closure = items;
    return RECOUP_OK;
}

recoup_status recoup_add_cap(const recoup_lowering *lowering, const recoup_lever *lever,
                             recoup_cap cap) {
    recoup_effects *effects = lowering->effects;
    recoup_cap *items = make_room(lowering->arena, effects->cap, effects->n_caps, sizeof *items);
    if (!items)
        return recoup_fail_memory(lowering->error);
    cap.start_day = lever->start_day;
    cap.ramp_days = lever->ramp_days;
    items[effects->n_caps++] = cap;
    effects->cap = items;
    return RECOUP_OK;
}
