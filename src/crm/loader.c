#include "crm/loader.h"

#include "crm/mapping.h"
#include <math.h>

const recoup_table_column *recoup_loader_columns(recoup_table_kind kind, int *n) {
    static const recoup_table_column *(*const columns[RECOUP_N_TABLES])(int *) = {
        [RECOUP_TABLE_DEALS] = recoup_deals_columns,
        [RECOUP_TABLE_STAGE_HISTORY] = recoup_history_columns,
        [RECOUP_TABLE_REPS] = recoup_reps_columns,
        [RECOUP_TABLE_ACTIVITIES] = recoup_activities_columns,
    };
    return columns[kind](n);
}

const char *recoup_source_path(const recoup_dataset_source *source, recoup_table_kind kind) {
    const char *const path[RECOUP_N_TABLES] = {
        [RECOUP_TABLE_DEALS] = source->deals,
        [RECOUP_TABLE_STAGE_HISTORY] = source->stage_history,
        [RECOUP_TABLE_REPS] = source->reps,
        [RECOUP_TABLE_ACTIVITIES] = source->activities,
    };
    return path[kind];
}

/* What a step made of the table: whether all of it is there, or loading must stop. */
static bool went_well(recoup_loader *loader, recoup_status status) {
    if (status == RECOUP_EINVALID)
        loader->n_errors++;
    else if (status != RECOUP_OK && loader->status == RECOUP_OK)
        loader->status = status;
    return status == RECOUP_OK;
}

void recoup_loader_open(recoup_loader *loader, recoup_table_kind kind,
                        const recoup_table_column *columns, int n_columns, int *index,
                        recoup_table **table, bool *whole) {
    const char *path = recoup_source_path(loader->source, kind);
    const recoup_mapping *mapping = loader->source->mapping[kind];
    *whole = went_well(loader, recoup_table_read(path, table, loader->error));
    if (*table && mapping) {
        recoup_status mapped =
            recoup_mapping_apply(loader, kind, mapping, columns, n_columns, table);
        *whole = went_well(loader, mapped) && *whole;
    }
    bool usable = *table && went_well(loader, recoup_table_bind(*table, columns, n_columns, index,
                                                                loader->error));
    if (usable)
        return;
    recoup_table_free(*table);
    *table = NULL;
    *whole = false;
}

bool recoup_loader_leaves_out(const recoup_loader *loader, const char *deal_id) {
    return recoup_names_find(&loader->left_out, deal_id) >= 0 &&
           recoup_names_find(&loader->dataset->deal_ids, deal_id) < 0;
}

void *recoup_loader_alloc(recoup_loader *loader, int n, size_t size) {
    void *items = recoup_arena_alloc(&loader->dataset->arena, (size_t)n, size);
    if (!items && loader->status == RECOUP_OK)
        loader->status = recoup_fail_memory(loader->error);
    return items;
}

double *recoup_loader_numbers(recoup_loader *loader, int n) {
    double *numbers = recoup_loader_alloc(loader, n, sizeof *numbers);
    for (int i = 0; numbers && i < n; i++)
        numbers[i] = NAN;
    return numbers;
}

int *recoup_loader_indexes(recoup_loader *loader, int n) {
    int *indexes = recoup_loader_alloc(loader, n, sizeof *indexes);
    for (int i = 0; indexes && i < n; i++)
        indexes[i] = -1;
    return indexes;
}

bool recoup_loader_before(const recoup_loader *loader, double a, bool a_has_clock, double b,
                          bool b_has_clock) {
    if (a_has_clock && b_has_clock)
        return a < b;
    /* Local midnight lies a zone away from the UTC one; rounding must not put it a day earlier. */
    double shift = loader->dataset->zone_days + 1e-6;
    return floor(a + shift) < floor(b + shift);
}
