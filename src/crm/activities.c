/* activities.csv */
#include "crm/loader.h"

#include <math.h>

enum { REP_ID, DATE, TYPE, DEAL_ID, OUTCOME, N_COLUMNS };

static const recoup_table_column columns[N_COLUMNS] = {
    [REP_ID] = {"rep_id", true},    [DATE] = {"date", true},        [TYPE] = {"type", true},
    [DEAL_ID] = {"deal_id", false}, [OUTCOME] = {"outcome", false},
};

const recoup_table_column *recoup_activities_columns(int *n) {
    *n = N_COLUMNS;
    return columns;
}

typedef struct activity_reader {
    recoup_loader *loader;
    const recoup_table *table;
    int index[N_COLUMNS];
    int row;
    int n_strangers, first_stranger; /* activities of reps that reps.csv does not have; line */
} activity_reader;

static recoup_cell cell_of(const activity_reader *r, int column) {
    return (recoup_cell){r->loader, r->table, r->row, r->index[column]};
}

/* People who own no deals (support, assistants) are active too: an unknown rep is no error here. */
static int read_rep(activity_reader *r) {
    recoup_dataset *dataset = r->loader->dataset;
    recoup_cell cell = cell_of(r, REP_ID);
    const char *id = recoup_cell_text(&cell);
    int rep = -1;
    if (!*id) {
        recoup_cell_fail(&cell, "the rep_id is missing");
    } else if (!dataset->has_reps) {
        recoup_cell_name(&cell, &dataset->rep_ids, &rep);
    } else {
        rep = recoup_names_find(&dataset->rep_ids, id);
        if (rep < 0 && r->loader->reps_whole && r->n_strangers++ == 0)
            r->first_stranger = r->table->line[r->row];
    }
    return rep;
}

static int read_deal(const activity_reader *r) {
    recoup_cell cell = cell_of(r, DEAL_ID);
    const char *id = recoup_cell_text(&cell);
    char quote[RECOUP_QUOTE_SIZE];
    if (!*id)
        return -1;
    int deal = recoup_names_find(&r->loader->dataset->deal_ids, id);
    if (deal < 0 && r->loader->deals_whole && !recoup_loader_leaves_out(r->loader, id))
        recoup_cell_fail(&cell, "unknown deal: '%s' is not in %s", recoup_table_quote(quote, id),
                         r->loader->source->deals);
    return deal;
}

static void read_row(activity_reader *r) {
    recoup_dataset *dataset = r->loader->dataset;
    recoup_cell date = cell_of(r, DATE), type = cell_of(r, TYPE);
    int i = r->row;
    dataset->activity_rep[i] = read_rep(r);
    dataset->activity_deal[i] = read_deal(r);
    if (recoup_cell_date(&date, &dataset->activity_time[i], NULL) &&
        isnan(dataset->activity_time[i]))
        recoup_cell_fail(&date, "the date is missing");
    recoup_cell_name(&type, &dataset->activity_types, &dataset->activity_type[i]);
    if (!*recoup_cell_text(&type))
        recoup_cell_fail(&type, "the type is missing, such as call, email or meeting");
}

void recoup_loader_read_activities(recoup_loader *loader) {
    recoup_dataset *dataset = loader->dataset;
    recoup_table *table = NULL;
    activity_reader r = {.loader = loader};
    bool whole;
    if (!loader->source->activities)
        return;
    recoup_loader_open(loader, RECOUP_TABLE_ACTIVITIES, columns, N_COLUMNS, r.index, &table,
                       &whole);
    if (!table)
        return;
    r.table = table;
    dataset->activity_rep = recoup_loader_indexes(loader, table->n_rows);
    dataset->activity_type = recoup_loader_indexes(loader, table->n_rows);
    dataset->activity_deal = recoup_loader_indexes(loader, table->n_rows);
    dataset->activity_time = recoup_loader_numbers(loader, table->n_rows);
    for (r.row = 0; r.row < table->n_rows && loader->status == RECOUP_OK; r.row++)
        read_row(&r);
    dataset->n_activities = table->n_rows;
    if (r.n_strangers) {
        recoup_place place = {
            .file = table->file, .line = r.first_stranger, .field = columns[REP_ID].name};
        recoup_note(loader->error, &place,
                    "activities of people who are not in %s: %d, the first on this line; they "
                    "count for no rep",
                    loader->source->reps, r.n_strangers);
    }
    recoup_table_free(table);
}
