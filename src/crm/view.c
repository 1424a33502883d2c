#include "crm/view.h"

#include "crm/builder.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

void recoup_view_free(recoup_view *view) {
    if (!view)
        return;
    recoup_names_clear(&view->stages);
    recoup_names_clear(&view->cohorts);
    recoup_names_clear(&view->channels);
    recoup_names_clear(&view->segments);
    recoup_names_clear(&view->teams);
    recoup_names_clear(&view->rep_ids);
    recoup_names_clear(&view->competitors);
    recoup_names_clear(&view->products);
    recoup_names_clear(&view->loss_reasons);
    recoup_names_clear(&view->activity_types);
    recoup_arena_clear(&view->arena);
    free(view);
}

int recoup_view_n_deals(const recoup_view *view) {
    return view->n_deals;
}

int recoup_view_n_open(const recoup_view *view) {
    return view->n_open;
}

int recoup_view_n_reps(const recoup_view *view) {
    return view->n_reps;
}

void recoup_builder_fail_memory(recoup_view_builder *builder) {
    if (builder->status == RECOUP_OK)
        builder->status = recoup_fail_memory(builder->error);
}

static void *alloc(recoup_view_builder *builder, recoup_arena *arena, int n, size_t size) {
    void *items = recoup_arena_alloc(arena, (size_t)n, size);
    if (!items)
        recoup_builder_fail_memory(builder);
    return items;
}

void *recoup_builder_alloc(recoup_view_builder *builder, int n, size_t size) {
    return alloc(builder, &builder->view->arena, n, size);
}

void *recoup_builder_scratch(recoup_view_builder *builder, int n, size_t size) {
    return alloc(builder, &builder->scratch, n, size);
}

typedef struct indexed_name {
    const char *name;
    int index;
} indexed_name;

static int compare_names(const void *left, const void *right) {
    return strcmp(((const indexed_name *)left)->name, ((const indexed_name *)right)->name);
}

void recoup_builder_map_names(recoup_view_builder *builder, const recoup_names *from,
                              const uint8_t *used, recoup_names *to, int *index_of) {
    indexed_name *names = recoup_builder_scratch(builder, from->n, sizeof *names);
    int n = 0;
    if (!names)
        return;
    for (int i = 0; i < from->n; i++) {
        index_of[i] = -1;
        if (used[i])
            names[n++] = (indexed_name){from->name[i], i};
    }
    qsort(names, (size_t)n, sizeof *names, compare_names);
    for (int k = 0; k < n; k++) {
        int index = recoup_names_add(to, names[k].name);
        if (index < 0)
            recoup_builder_fail_memory(builder);
        index_of[names[k].index] = index;
    }
}

static bool options_are_sound(const recoup_view_options *options, recoup_error *error) {
    bool shares = options->top_share >= 0 && options->bottom_share >= 0 &&
                  options->top_share + options->bottom_share <= 1;
    if (!isfinite(options->as_of) || !isfinite(options->period_start))
        (void)recoup_fail(error, RECOUP_EINVALID, NULL,
                          "the as-of date and the start of the period must be dates");
    else if (options->cohorts == RECOUP_COHORTS_PERFORMANCE && !shares)
        (void)recoup_fail(error, RECOUP_EINVALID, NULL,
                          "the shares of top and bottom reps must be 0 or more and at most 1 "
                          "together");
    else if (options->cohorts == RECOUP_COHORTS_TENURE && !(options->ramp_days >= 0))
        (void)recoup_fail(error, RECOUP_EINVALID, NULL, "ramp_days must be 0 or more");
    else
        return true;
    return false;
}

recoup_status recoup_view_create(const recoup_dataset *dataset, const recoup_view_options *options,
                                 recoup_view **view, recoup_error *error) {
    static void (*const steps[])(recoup_view_builder *) = {
        recoup_builder_add_deals, recoup_builder_add_visits, recoup_builder_add_reps,
        recoup_builder_add_details, recoup_builder_add_digest};
    *view = NULL;
    if (!options_are_sound(options, error))
        return RECOUP_EINVALID;
    recoup_view_builder builder = {.dataset = dataset, .options = options, .error = error};
    builder.view = RECOUP_NEW(recoup_view, 1);
    if (!builder.view)
        return recoup_fail_memory(error);
    builder.view->as_of = options->as_of;
    builder.view->period_start = options->period_start;
    for (size_t i = 0; i < sizeof steps / sizeof *steps && builder.status == RECOUP_OK; i++)
        steps[i](&builder);
    if (builder.status == RECOUP_OK)
        *view = builder.view;
    else
        recoup_view_free(builder.view);
    recoup_arena_clear(&builder.scratch);
    return builder.status;
}
