#include "crm/loader.h"

#include <math.h>

void recoup_loader_open(recoup_loader *loader, const char *path, const recoup_table_column *columns,
                        int n_columns, int *index, recoup_table **table, bool *whole) {
    *whole = false;
    recoup_status status = recoup_table_read(path, table, loader->error);
    if (status == RECOUP_OK)
        *whole = true;
    else if (status == RECOUP_EINVALID)
        loader->n_errors++;
    else
        loader->status = status;
    if (!*table)
        return;
    status = recoup_table_bind(*table, columns, n_columns, index, loader->error);
    if (status == RECOUP_OK)
        return;
    if (status == RECOUP_EINVALID)
        loader->n_errors++;
    else
        loader->status = status;
    recoup_table_free(*table);
    *table = NULL;
    *whole = false;
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
