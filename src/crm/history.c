/* stage_history.csv, and what it tells: the order of the stages, where open deals are. */
#include "crm/loader.h"

#include <math.h>
#include <stdlib.h>

enum { DEAL_ID, STAGE, ENTERED, N_COLUMNS };

static const recoup_table_column columns[N_COLUMNS] = {
    [DEAL_ID] = {"deal_id", true},
    [STAGE] = {"stage", true},
    [ENTERED] = {"entered", true},
};

const recoup_table_column *recoup_history_columns(int *n) {
    *n = N_COLUMNS;
    return columns;
}

typedef struct entry {
    double time;
    int deal, target;
    int line; /* in the file; grows with the file's order */
} entry;

static int compare_entries(const void *left, const void *right) {
    const entry *a = left, *b = right;
    if (a->deal != b->deal)
        return a->deal < b->deal ? -1 : 1;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    return (a->line > b->line) - (a->line < b->line);
}

/* Index of the row's deal; -1 after reporting, or when deals.csv itself could not be read. */
static int read_deal(const recoup_cell *cell) {
    const recoup_loader *loader = cell->loader;
    const char *id = recoup_cell_text(cell);
    int deal = *id ? recoup_names_find(&loader->dataset->deal_ids, id) : -1;
    char quote[RECOUP_QUOTE_SIZE];
    if (!*id)
        recoup_cell_fail(cell, "the deal_id is missing");
    else if (deal < 0 && loader->deals_whole)
        recoup_cell_fail(cell, "unknown deal: '%s' is not in %s", recoup_table_quote(quote, id),
                         loader->source->deals);
    return deal;
}

static void check_time(const recoup_cell *cell, int deal, double time, bool has_clock) {
    recoup_loader *loader = cell->loader;
    const recoup_dataset *dataset = loader->dataset;
    char quote[RECOUP_QUOTE_SIZE], id[RECOUP_QUOTE_SIZE];
    recoup_table_quote(quote, recoup_cell_text(cell));
    recoup_table_quote(id, dataset->deal_ids.name[deal]);
    if (time < dataset->created[deal] - 1) /* systems log the first stage a moment early */
        recoup_cell_fail(cell, "entered on %s, before the deal '%s' was created (line %d of %s)",
                         quote, id, dataset->deal_line[deal], loader->source->deals);
    if (recoup_loader_before(loader, dataset->closed[deal], loader->closed_has_clock[deal], time,
                             has_clock))
        recoup_cell_fail(cell, "entered on %s, after the deal '%s' was closed (line %d of %s)",
                         quote, id, dataset->deal_line[deal], loader->source->deals);
}

/* False when the row is of no use, or of a deal that is left out. */
static bool read_entry(recoup_loader *loader, const recoup_table *table, int row, const int *index,
                       entry *e) {
    recoup_cell deal = {loader, table, row, index[DEAL_ID]},
                stage = {loader, table, row, index[STAGE]},
                entered = {loader, table, row, index[ENTERED]};
    bool has_clock;
    if (recoup_loader_leaves_out(loader, recoup_cell_text(&deal)))
        return false;
    e->deal = read_deal(&deal);
    e->target = recoup_cell_stage(&stage);
    e->line = table->line[row];
    if (e->target == RECOUP_STAGE_EMPTY)
        recoup_cell_fail(&stage, "the stage is missing");
    if (!recoup_cell_date(&entered, &e->time, &has_clock))
        return false;
    if (isnan(e->time)) {
        recoup_cell_fail(&entered, "the date of entry is missing");
        return false;
    }
    if (has_clock)
        loader->dataset->dated_by_day = false;
    if (e->deal < 0 || e->target == RECOUP_STAGE_EMPTY || e->target == RECOUP_STAGE_BAD)
        return false;
    check_time(&entered, e->deal, e->time, has_clock);
    return true;
}

/* Leaves out entries that repeat the stage before them. */
static int merge_repeats(entry *entries, int n) {
    int kept = 0;
    for (int i = 0; i < n; i++) {
        const entry *last = kept ? &entries[kept - 1] : NULL;
        if (!last || last->deal != entries[i].deal || last->target != entries[i].target)
            entries[kept++] = entries[i];
    }
    return kept;
}

/* A history that ends with won or lost must agree with the outcome in deals.csv. */
static void check_endings(recoup_loader *loader, const entry *entries, int n) {
    static const char *const names[] = {"open", "won", "lost"};
    const recoup_dataset *dataset = loader->dataset;
    for (int i = 0; i < n; i++) {
        const entry *e = &entries[i];
        bool last = i + 1 == n || entries[i + 1].deal != e->deal;
        if (!last || e->target >= 0)
            continue;
        int said = e->target == RECOUP_TO_WON ? RECOUP_WON : RECOUP_LOST;
        int outcome = dataset->outcome[e->deal];
        if (said == outcome || outcome == RECOUP_OUTCOME_BAD)
            continue;
        char id[RECOUP_QUOTE_SIZE];
        recoup_place place = {
            .file = loader->source->stage_history, .line = e->line, .field = columns[STAGE].name};
        (void)recoup_fail(loader->error, RECOUP_EINVALID, &place,
                          "the history of the deal '%s' ends with %s, but its outcome is %s (line "
                          "%d of %s)",
                          recoup_table_quote(id, dataset->deal_ids.name[e->deal]), names[said],
                          names[outcome], dataset->deal_line[e->deal], loader->source->deals);
        loader->n_errors++;
    }
}

static void store_entries(recoup_loader *loader, const entry *entries, int n) {
    recoup_dataset *dataset = loader->dataset;
    dataset->entry_deal = recoup_loader_alloc(loader, n, sizeof *dataset->entry_deal);
    dataset->entry_target = recoup_loader_alloc(loader, n, sizeof *dataset->entry_target);
    dataset->entry_time = recoup_loader_alloc(loader, n, sizeof *dataset->entry_time);
    if (loader->status != RECOUP_OK)
        return;
    for (int i = 0; i < n; i++) {
        dataset->entry_deal[i] = entries[i].deal;
        dataset->entry_target[i] = entries[i].target;
        dataset->entry_time[i] = entries[i].time;
    }
    dataset->n_entries = n;
}

static bool is_sorted(const entry *entries, int n) {
    for (int i = 1; i < n; i++)
        if (compare_entries(&entries[i - 1], &entries[i]) > 0)
            return false;
    return true;
}

static void read_entries(recoup_loader *loader, const recoup_table *table, const int *index) {
    entry *entries = RECOUP_NEW(entry, table->n_rows);
    if (!entries) {
        loader->status = recoup_fail_memory(loader->error);
        return;
    }
    int n = 0;
    for (int row = 0; row < table->n_rows && loader->status == RECOUP_OK; row++)
        n += read_entry(loader, table, row, index, &entries[n]);
    if (!is_sorted(entries, n))
        qsort(entries, (size_t)n, sizeof *entries, compare_entries);
    n = merge_repeats(entries, n);
    check_endings(loader, entries, n);
    if (loader->status == RECOUP_OK)
        store_entries(loader, entries, n);
    free(entries);
}

void recoup_loader_read_history(recoup_loader *loader) {
    recoup_table *table = NULL;
    int index[N_COLUMNS];
    if (!loader->source->stage_history) {
        loader->history_whole = true;
        return;
    }
    loader->dataset->has_history = true;
    recoup_loader_open(loader, RECOUP_TABLE_STAGE_HISTORY, columns, N_COLUMNS, index, &table,
                       &loader->history_whole);
    if (!table)
        return;
    read_entries(loader, table, index);
    recoup_table_free(table);
}

/* The stages in their new order, in place of the old ones. */
static void reorder(recoup_loader *loader, const int *place) {
    recoup_dataset *dataset = loader->dataset;
    recoup_names ordered = {0};
    int index[RECOUP_STAGES_MAX];
    for (int k = 0; k < dataset->stages.n; k++) {
        index[place[k]] = k;
        if (recoup_names_add(&ordered, dataset->stages.name[place[k]]) < 0) {
            loader->status = recoup_fail_memory(loader->error);
            recoup_names_clear(&ordered);
            return;
        }
    }
    recoup_names_clear(&dataset->stages);
    dataset->stages = ordered;
    for (int i = 0; i < dataset->n_deals; i++)
        if (dataset->stage[i] >= 0)
            dataset->stage[i] = index[dataset->stage[i]];
    for (int i = 0; i < dataset->n_entries; i++)
        if (dataset->entry_target[i] >= 0)
            dataset->entry_target[i] = index[dataset->entry_target[i]];
}

static void fail_order(recoup_loader *loader) {
    char *const *name = loader->dataset->stages.name;
    char first[RECOUP_QUOTE_SIZE], second[RECOUP_QUOTE_SIZE];
    recoup_place place = {.file = loader->source->deals, .field = "stage"};
    (void)recoup_fail(loader->error, RECOUP_EINVALID, &place,
                      "without a stage history the order of the %d stages ('%s', '%s'%s) cannot be "
                      "told: list them, in order, under `pipeline: stages` in the scenario",
                      loader->dataset->stages.n, recoup_table_quote(first, name[0]),
                      recoup_table_quote(second, name[1]),
                      loader->dataset->stages.n > 2 ? ", ..." : "");
    loader->n_errors++;
}

void recoup_loader_order_stages(recoup_loader *loader) {
    recoup_dataset *dataset = loader->dataset;
    recoup_stage_order order;
    int place[RECOUP_STAGES_MAX];
    if (dataset->stages_given || dataset->stages.n < 2 || loader->too_many_stages)
        return;
    if (dataset->n_entries == 0) {
        if (loader->history_whole)
            fail_order(loader);
        return;
    }
    if (!recoup_stage_order_init(&order, dataset->stages.n)) {
        loader->status = recoup_fail_memory(loader->error);
        return;
    }
    for (int first = 0, next; first < dataset->n_entries; first = next) {
        for (next = first;
             next < dataset->n_entries && dataset->entry_deal[next] == dataset->entry_deal[first];)
            next++;
        recoup_stage_order_add(&order, dataset->entry_target + first, next - first);
    }
    recoup_stage_order_finish(&order, dataset->stages.name, place);
    for (int i = 0; i < dataset->stages.n; i++)
        if (!order.n_deals[i]) {
            recoup_place where = {.file = loader->source->deals, .field = "stage"};
            recoup_note(loader->error, &where,
                        "the stage '%s' never occurs in the stage history, so its place is not "
                        "known and it is put last: better list the stages under `pipeline: stages`",
                        dataset->stages.name[i]);
        }
    recoup_stage_order_clear(&order);
    reorder(loader, place);
}

void recoup_loader_check_open_stages(recoup_loader *loader) {
    recoup_dataset *dataset = loader->dataset;
    if (dataset->stages.n == 1 || !loader->history_whole || !loader->deals_whole)
        return;
    uint8_t *has_entry = RECOUP_NEW(uint8_t, dataset->n_deals);
    if (!has_entry) {
        loader->status = recoup_fail_memory(loader->error);
        return;
    }
    for (int i = 0; i < dataset->n_entries; i++)
        has_entry[dataset->entry_deal[i]] = 1;
    for (int i = 0; i < dataset->n_deals; i++) {
        if (dataset->outcome[i] != RECOUP_OPEN || dataset->stage[i] != -1 || has_entry[i])
            continue;
        char id[RECOUP_QUOTE_SIZE];
        recoup_place place = {
            .file = loader->source->deals, .line = dataset->deal_line[i], .field = "stage"};
        (void)recoup_fail(loader->error, RECOUP_EINVALID, &place,
                          "the open deal '%s' has no stage%s",
                          recoup_table_quote(id, dataset->deal_ids.name[i]),
                          dataset->has_history ? ", and the stage history does not tell it" : "");
        loader->n_errors++;
    }
    free(has_entry);
}
