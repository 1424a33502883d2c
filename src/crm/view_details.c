/* What only a diagnosis reads: competitors, products, reasons of losses, activities. */
#include "crm/builder.h"

#include <math.h>
#include <stdlib.h>

static void add_columns(recoup_view_builder *builder) {
    const recoup_dataset *dataset = builder->dataset;
    recoup_view *view = builder->view;
    view->competitor = recoup_builder_add_names(builder, &dataset->competitors, dataset->competitor,
                                                &view->competitors);
    view->product =
        recoup_builder_add_names(builder, &dataset->products, dataset->product, &view->products);
}

/* The reasons of deals that were lost by then; those of later losses are not known. */
static void add_loss_reasons(recoup_view_builder *builder) {
    const recoup_dataset *dataset = builder->dataset;
    const recoup_view *view = builder->view;
    int *reason = recoup_builder_scratch(builder, dataset->n_deals, sizeof *reason);
    if (!reason)
        return;
    for (int i = 0; i < view->n_deals; i++) {
        int deal = builder->deal[i];
        reason[deal] = view->outcome[i] == RECOUP_LOST ? dataset->loss_reason[deal] : -1;
    }
    builder->view->loss_reason = recoup_builder_add_names(builder, &dataset->loss_reasons, reason,
                                                          &builder->view->loss_reasons);
}

static void add_rep_starts(recoup_view_builder *builder) {
    const recoup_dataset *dataset = builder->dataset;
    recoup_view *view = builder->view;
    view->rep_start = recoup_builder_alloc(builder, view->n_reps, sizeof *view->rep_start);
    for (int r = 0; view->rep_start && r < dataset->n_reps; r++)
        if (builder->rep_of[r] >= 0)
            view->rep_start[builder->rep_of[r]] = dataset->rep_start[r];
}

typedef struct timed_activity {
    double time;
    int rep, type;
} timed_activity;

static int compare_activities(const void *left, const void *right) {
    const timed_activity *a = left, *b = right;
    if (a->rep != b->rep)
        return a->rep < b->rep ? -1 : 1;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    return (a->type > b->type) - (a->type < b->type);
}

static bool is_known(const recoup_view_builder *builder, int activity) {
    int rep = builder->dataset->activity_rep[activity];
    return rep >= 0 && builder->rep_of[rep] >= 0 &&
           builder->dataset->activity_time[activity] < builder->view->as_of;
}

/* The place of each type among those of the view's activities, sorted by name. */
static int *map_types(recoup_view_builder *builder) {
    const recoup_dataset *dataset = builder->dataset;
    int n_types = dataset->activity_types.n;
    uint8_t *used = recoup_builder_scratch(builder, n_types, sizeof *used);
    int *type_of = recoup_builder_scratch(builder, n_types, sizeof *type_of);
    if (builder->status != RECOUP_OK)
        return NULL;
    for (int k = 0; k < dataset->n_activities; k++)
        if (is_known(builder, k) && dataset->activity_type[k] >= 0)
            used[dataset->activity_type[k]] = 1;
    recoup_builder_map_names(builder, &dataset->activity_types, used,
                             &builder->view->activity_types, type_of);
    return type_of;
}

static void add_activities(recoup_view_builder *builder) {
    const recoup_dataset *dataset = builder->dataset;
    recoup_view *view = builder->view;
    int *type_of = map_types(builder);
    timed_activity *items = recoup_builder_scratch(builder, dataset->n_activities, sizeof *items);
    if (builder->status != RECOUP_OK)
        return;
    int n = 0;
    for (int k = 0; k < dataset->n_activities; k++)
        if (is_known(builder, k)) {
            int type = dataset->activity_type[k];
            items[n++] = (timed_activity){dataset->activity_time[k],
                                          builder->rep_of[dataset->activity_rep[k]],
                                          type >= 0 ? type_of[type] : -1};
        }
    qsort(items, (size_t)n, sizeof *items, compare_activities);
    view->n_activities = n;
    view->activity_rep = recoup_builder_alloc(builder, n, sizeof *view->activity_rep);
    view->activity_type = recoup_builder_alloc(builder, n, sizeof *view->activity_type);
    view->activity_time = recoup_builder_alloc(builder, n, sizeof *view->activity_time);
    if (builder->status != RECOUP_OK)
        return;
    for (int k = 0; k < n; k++) {
        view->activity_rep[k] = items[k].rep;
        view->activity_type[k] = items[k].type;
        view->activity_time[k] = items[k].time;
    }
}

void recoup_builder_add_details(recoup_view_builder *builder) {
    const recoup_dataset *dataset = builder->dataset;
    static void (*const steps[])(recoup_view_builder *) = {add_columns, add_loss_reasons,
                                                           add_rep_starts, add_activities};
    for (size_t i = 0; i < sizeof steps / sizeof *steps && builder->status == RECOUP_OK; i++)
        steps[i](builder);
    for (int d = 0; d < dataset->n_deals; d++)
        builder->view->n_undated += isnan(dataset->created[d]);
}
