/* Outcomes, stages and visits as they were known at the as-of date.
 *
 * What counts as known: an entry of the history, or a closing, when its time lies before the as-of
 * date; the stage in the row of a deal when its stage_entered does, or the deal's closing. A stage
 * without a time is like the amount: the one value that the export has. It is used when there is no
 * history to say more. */
#include "crm/builder.h"

#include <math.h>

static bool row_is_closed(const recoup_view_builder *builder, int d) {
    const recoup_dataset *dataset = builder->dataset;
    return dataset->outcome[d] != RECOUP_OPEN && dataset->closed[d] < builder->options->as_of;
}

static bool row_stage_is_known(const recoup_view_builder *builder, int d) {
    const recoup_dataset *dataset = builder->dataset;
    if (dataset->stage[d] < 0)
        return false;
    if (row_is_closed(builder, d) || dataset->stage_entered[d] < builder->options->as_of)
        return true;
    return isnan(dataset->stage_entered[d]) && !dataset->has_history;
}

static void find_entries(recoup_view_builder *builder) {
    const recoup_dataset *dataset = builder->dataset;
    const recoup_view *view = builder->view;
    int *first = recoup_builder_scratch(builder, dataset->n_deals + 1, sizeof *first);
    int *end = recoup_builder_scratch(builder, view->n_deals, sizeof *end);
    if (builder->status != RECOUP_OK)
        return;
    for (int e = 0; e < dataset->n_entries; e++)
        first[dataset->entry_deal[e] + 1]++;
    for (int d = 0; d < dataset->n_deals; d++)
        first[d + 1] += first[d];
    for (int i = 0; i < view->n_deals; i++) {
        int d = builder->deal[i];
        end[i] = first[d];
        while (end[i] < first[d + 1] && dataset->entry_time[end[i]] < view->as_of)
            end[i]++;
    }
    builder->entry_first = first;
    builder->entry_end = end;
}

/* Whether the known entries of deal i of the view name any stage. */
static bool has_stage_entry(const recoup_view_builder *builder, int i) {
    for (int e = builder->entry_first[builder->deal[i]]; e < builder->entry_end[i]; e++)
        if (builder->dataset->entry_target[e] >= 0)
            return true;
    return false;
}

/* All stages that the scenario gives; else those that are known of, in the order told by what is
 * known. */
static void add_stages(recoup_view_builder *builder) {
    const recoup_dataset *dataset = builder->dataset;
    recoup_view *view = builder->view;
    int n = dataset->stages.n;
    int *place = recoup_builder_scratch(builder, n, sizeof *place);
    uint8_t *used = recoup_builder_scratch(builder, n, sizeof *used);
    builder->stage_of = recoup_builder_scratch(builder, n, sizeof *builder->stage_of);
    recoup_stage_order order = {0};
    if (builder->status != RECOUP_OK)
        return;
    for (int s = 0; s < n; s++) {
        place[s] = s;
        used[s] = dataset->stages_given;
    }
    if (!dataset->stages_given) {
        if (!recoup_stage_order_init(&order, n)) {
            recoup_builder_fail_memory(builder);
            return;
        }
        for (int i = 0; i < view->n_deals; i++) {
            int d = builder->deal[i], first = builder->entry_first[d];
            recoup_stage_order_add(&order, dataset->entry_target + first,
                                   builder->entry_end[i] - first);
            if (!has_stage_entry(builder, i) && row_stage_is_known(builder, d))
                used[dataset->stage[d]] = 1;
        }
        for (int s = 0; s < n; s++)
            used[s] = used[s] || order.n_deals[s];
        recoup_stage_order_finish(&order, dataset->stages.name, place);
        recoup_stage_order_clear(&order);
    }
    for (int k = 0; k < n; k++) {
        int s = place[k];
        builder->stage_of[s] =
            used[s] ? recoup_names_add(&view->stages, dataset->stages.name[s]) : -1;
        if (used[s] && builder->stage_of[s] < 0)
            recoup_builder_fail_memory(builder);
    }
}

/* The outcome as it was known; a history that ends with won or lost tells it as well as the row,
 * and tells it even when the deal was opened again later. */
static void settle_outcome(recoup_view_builder *builder, int i) {
    const recoup_dataset *dataset = builder->dataset;
    recoup_view *view = builder->view;
    int d = builder->deal[i], end = builder->entry_end[i];
    bool has_entries = end > builder->entry_first[d];
    int target = has_entries ? dataset->entry_target[end - 1] : 0;
    view->outcome[i] = RECOUP_OPEN;
    view->closed[i] = NAN;
    if (row_is_closed(builder, d)) {
        view->outcome[i] = dataset->outcome[d];
        view->closed[i] = dataset->closed[d];
    } else if (target < 0) {
        view->outcome[i] = target == RECOUP_TO_WON ? RECOUP_WON : RECOUP_LOST;
        view->closed[i] = fmax(dataset->entry_time[end - 1], dataset->created[d]);
    }
    view->n_open += view->outcome[i] == RECOUP_OPEN;
}

static void add_visit(recoup_view *view, int i, int stage, double entered, double left, int target,
                      bool entry_known) {
    view->visit[view->n_visits++] = (recoup_visit){.deal = i,
                                                   .stage = stage,
                                                   .entered = entered,
                                                   .dwell = fmax(left - entered, 0),
                                                   .target = target,
                                                   .entry_known = entry_known};
    view->stage[i] = stage;
    view->stage_entered[i] = entered;
}

/* How the last visit ended, or that it has not. */
static int last_target(const recoup_view *view, int i, double *left) {
    *left = view->outcome[i] == RECOUP_OPEN ? view->as_of : view->closed[i];
    if (view->outcome[i] == RECOUP_OPEN)
        return RECOUP_TO_NONE;
    return view->outcome[i] == RECOUP_WON ? RECOUP_TO_WON : RECOUP_TO_LOST;
}

static void add_visits_of_history(recoup_view_builder *builder, int i) {
    const recoup_dataset *dataset = builder->dataset;
    int end = builder->entry_end[i];
    for (int e = builder->entry_first[builder->deal[i]]; e < end; e++) {
        double left;
        int target = last_target(builder->view, i, &left);
        if (dataset->entry_target[e] < 0)
            continue; /* closed; if another entry follows, it was opened again */
        if (e + 1 < end) {
            left = dataset->entry_time[e + 1];
            target = dataset->entry_target[e + 1];
            if (target >= 0)
                target = builder->stage_of[target];
        }
        add_visit(builder->view, i, builder->stage_of[dataset->entry_target[e]],
                  dataset->entry_time[e], left, target, true);
    }
}

typedef struct visit_counts {
    int n_undated; /* the stage of the row is used without knowing since when */
    int n_unknown; /* open deals whose stage is not known: taken to be in the first */
    int n_nowhere; /* closed deals of which nothing tells where they were last */
} visit_counts;

static void add_visit_of_row(recoup_view_builder *builder, int i, visit_counts *counts) {
    const recoup_dataset *dataset = builder->dataset;
    recoup_view *view = builder->view;
    int d = builder->deal[i];
    double entered = dataset->stage_entered[d], left;
    int target = last_target(view, i, &left);
    int stage = row_stage_is_known(builder, d) ? builder->stage_of[dataset->stage[d]] : -1;
    bool entry_known = true;
    if (stage < 0) {
        bool single = view->stages.n == 1;
        if (target != RECOUP_TO_NONE && !single) {
            counts->n_nowhere++;
            return;
        }
        counts->n_unknown += !single;
        stage = 0;
        entered = view->created[i];
        entry_known = single;
    } else if (isnan(entered)) {
        entered = view->created[i];
        entry_known = stage == 0;
        counts->n_undated += !entry_known && target == RECOUP_TO_NONE;
    }
    add_visit(view, i, stage, entered, left, target, entry_known);
}

static void add_notes(const recoup_view_builder *builder, const visit_counts *counts) {
    if (counts->n_undated)
        recoup_note(builder->error, NULL,
                    "open deals without a date of entry into their stage: %d; how long they have "
                    "been there is not known, and if the export is later than the as-of date "
                    "neither is whether they already were",
                    counts->n_undated);
    if (counts->n_unknown)
        recoup_note(builder->error, NULL,
                    "deals open at the as-of date of which no stage is known from before it: %d; "
                    "they are taken to be in the first stage since their creation",
                    counts->n_unknown);
    if (counts->n_nowhere)
        recoup_note(builder->error, NULL,
                    "closed deals of which no stage is known: %d; they teach nothing of any stage. "
                    "To learn from them, see all stages as one: `pipeline: {stages: [deal], "
                    "labels: {<each stage>: deal}}`",
                    counts->n_nowhere);
}

static bool is_whole_day(const recoup_dataset *dataset, double time) {
    double local = time + dataset->zone_days;
    return !(fabs(local - rint(local)) > 1e-6); /* rounding of the zone; true for NaN */
}

/* Told from what is known: a clock time in a later record must not show. */
static void find_dating(recoup_view_builder *builder) {
    const recoup_dataset *dataset = builder->dataset;
    recoup_view *view = builder->view;
    view->dated_by_day = true;
    for (int i = 0; i < view->n_deals && view->dated_by_day; i++)
        view->dated_by_day =
            is_whole_day(dataset, view->created[i]) && is_whole_day(dataset, view->closed[i]);
    for (int k = 0; k < view->n_visits && view->dated_by_day; k++)
        view->dated_by_day = is_whole_day(dataset, view->visit[k].entered);
}

static void allocate(recoup_view_builder *builder) {
    recoup_view *view = builder->view;
    int n = view->n_deals;
    size_t n_visits = (size_t)n;
    for (int i = 0; i < n; i++)
        n_visits += (size_t)(builder->entry_end[i] - builder->entry_first[builder->deal[i]]);
    view->outcome = recoup_builder_alloc(builder, n, sizeof *view->outcome);
    view->closed = recoup_builder_alloc(builder, n, sizeof *view->closed);
    view->stage = recoup_builder_alloc(builder, n, sizeof *view->stage);
    view->stage_entered = recoup_builder_alloc(builder, n, sizeof *view->stage_entered);
    view->visit_first = recoup_builder_alloc(builder, n + 1, sizeof *view->visit_first);
    view->visit = recoup_arena_alloc(&view->arena, n_visits, sizeof *view->visit);
    if (!view->visit)
        recoup_builder_fail_memory(builder);
}

void recoup_builder_add_visits(recoup_view_builder *builder) {
    recoup_view *view = builder->view;
    visit_counts counts = {0};
    find_entries(builder);
    if (builder->status == RECOUP_OK)
        add_stages(builder);
    if (builder->status == RECOUP_OK)
        allocate(builder);
    if (builder->status != RECOUP_OK)
        return;
    for (int i = 0; i < view->n_deals; i++)
        settle_outcome(builder, i);
    if (view->n_open && view->stages.n == 0) {
        builder->status = recoup_fail(builder->error, RECOUP_EINVALID, NULL,
                                      "no stage of any deal is known at the as-of date: list the "
                                      "stages under `pipeline: stages` in the scenario");
        return;
    }
    for (int i = 0; i < view->n_deals; i++) {
        view->visit_first[i] = view->n_visits;
        view->stage[i] = -1;
        view->stage_entered[i] = NAN;
        if (has_stage_entry(builder, i))
            add_visits_of_history(builder, i);
        else
            add_visit_of_row(builder, i, &counts);
    }
    view->visit_first[view->n_deals] = view->n_visits;
    view->has_history = builder->dataset->has_history;
    find_dating(builder);
    add_notes(builder, &counts);
}
