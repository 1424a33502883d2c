#include "crm/loader.h"

#include <stdlib.h>

void recoup_dataset_free(recoup_dataset *dataset) {
    if (!dataset)
        return;
    recoup_names *const names[] = {
        &dataset->stages,         &dataset->channels,      &dataset->segments,
        &dataset->competitors,    &dataset->products,      &dataset->loss_reasons,
        &dataset->teams,          &dataset->deal_ids,      &dataset->rep_ids,
        &dataset->column_cohorts, &dataset->activity_types};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        recoup_names_clear(names[i]);
    recoup_arena_clear(&dataset->arena);
    free(dataset);
}

static void take_stages(recoup_loader *loader) {
    const recoup_dataset_source *source = loader->source;
    recoup_dataset *dataset = loader->dataset;
    dataset->stages_given = source->n_stages > 0;
    for (int i = 0; i < source->n_stages && loader->status == RECOUP_OK; i++)
        if (recoup_names_add(&dataset->stages, source->stages[i]) < 0)
            loader->status = recoup_fail_memory(loader->error);
}

static void read_all(recoup_loader *loader) {
    static void (*const steps[])(recoup_loader *) = {
        take_stages,
        recoup_loader_read_reps,
        recoup_loader_read_deals,
        recoup_loader_read_history,
        recoup_loader_order_stages,
        recoup_loader_check_open_stages,
        recoup_loader_read_activities,
        recoup_loader_complete_reps,
    };
    for (size_t i = 0; i < sizeof steps / sizeof *steps && loader->status == RECOUP_OK; i++)
        steps[i](loader);
}

recoup_status recoup_dataset_load(const recoup_dataset_source *source, recoup_dataset **dataset,
                                  recoup_error *error) {
    *dataset = NULL;
    recoup_loader loader = {.source = source, .error = error};
    loader.dataset = RECOUP_NEW(recoup_dataset, 1);
    if (!loader.dataset)
        return recoup_fail_memory(error);
    loader.dataset->zone_days = source->zone_days;
    read_all(&loader);
    if (loader.status == RECOUP_OK && loader.n_errors)
        loader.status = RECOUP_EINVALID;
    if (loader.status == RECOUP_OK) {
        *dataset = loader.dataset;
        loader.dataset = NULL;
    }
    recoup_names_clear(&loader.stage_texts);
    recoup_names_clear(&loader.left_out);
    free(loader.stage_meaning);
    recoup_dataset_free(loader.dataset);
    return loader.status;
}
