/* reps.csv */
#include "crm/loader.h"

#include <string.h>
#include <strings.h>

enum { REP_ID, NAME, COHORT, TEAM, START_DATE, STATUS, QUOTA, CAPACITY, N_COLUMNS };

static const recoup_table_column columns[N_COLUMNS] = {
    [REP_ID] = {"rep_id", true},          [NAME] = {"name", false},
    [COHORT] = {"cohort", false},         [TEAM] = {"team", false},
    [START_DATE] = {"start_date", false}, [STATUS] = {"status", false},
    [QUOTA] = {"quota", false},           [CAPACITY] = {"capacity", false},
};

const recoup_table_column *recoup_reps_columns(int *n) {
    *n = N_COLUMNS;
    return columns;
}

static void allocate(recoup_loader *loader, int n) {
    recoup_dataset *dataset = loader->dataset;
    dataset->rep_name = recoup_loader_alloc(loader, n, sizeof *dataset->rep_name);
    dataset->rep_cohort = recoup_loader_indexes(loader, n);
    dataset->rep_team = recoup_loader_indexes(loader, n);
    dataset->rep_status = recoup_loader_alloc(loader, n, sizeof *dataset->rep_status);
    dataset->rep_start = recoup_loader_numbers(loader, n);
    dataset->rep_quota = recoup_loader_numbers(loader, n);
    dataset->rep_capacity = recoup_loader_numbers(loader, n);
}

static uint8_t read_status(const recoup_cell *cell) {
    static const char *const names[] = {"active", "ramping", "vacant"}; /* as recoup_rep_status */
    const char *text = recoup_cell_text(cell);
    char quote[RECOUP_QUOTE_SIZE];
    for (uint8_t i = 0; i < 3; i++)
        if (strcasecmp(text, names[i]) == 0)
            return i;
    if (*text)
        recoup_cell_fail(cell, "'%s' is not a status: expected active, ramping or vacant",
                         recoup_table_quote(quote, text));
    return RECOUP_REP_ACTIVE;
}

/* Place of the row's rep; -1 after reporting. first_line: line of each rep so far. */
static int read_id(const recoup_cell *cell, int *first_line) {
    recoup_dataset *dataset = cell->loader->dataset;
    const char *id = recoup_cell_text(cell);
    char quote[RECOUP_QUOTE_SIZE];
    int before = dataset->rep_ids.n, i;
    if (!*id) {
        recoup_cell_fail(cell, "the rep_id is missing");
        return -1;
    }
    if (!recoup_cell_name(cell, &dataset->rep_ids, &i))
        return -1;
    if (i < before) {
        recoup_cell_fail(cell,
                         "the rep_id '%s' occurs twice, first on line %d: every rep needs "
                         "its own",
                         recoup_table_quote(quote, id), first_line[i]);
        return -1;
    }
    first_line[i] = cell->table->line[cell->row];
    return i;
}

static void read_row(recoup_loader *loader, const recoup_table *table, int row, const int *index,
                     int *first_line) {
    recoup_dataset *dataset = loader->dataset;
    recoup_cell cell[N_COLUMNS];
    for (int c = 0; c < N_COLUMNS; c++)
        cell[c] = (recoup_cell){loader, table, row, index[c]};
    int i = read_id(&cell[REP_ID], first_line);
    if (loader->status != RECOUP_OK)
        return;
    if (i < 0) /* the other cells are checked all the same, in the next rep's place */
        i = dataset->rep_ids.n;
    const char *name = recoup_cell_text(&cell[NAME]);
    if (!*name)
        name = recoup_cell_text(&cell[REP_ID]);
    dataset->rep_name[i] = recoup_arena_text(&dataset->arena, name, strlen(name));
    if (!dataset->rep_name[i])
        loader->status = recoup_fail_memory(loader->error);
    recoup_cell_name(&cell[COHORT], &dataset->column_cohorts, &dataset->rep_cohort[i]);
    recoup_cell_name(&cell[TEAM], &dataset->teams, &dataset->rep_team[i]);
    recoup_cell_date(&cell[START_DATE], &dataset->rep_start[i], NULL);
    dataset->rep_status[i] = read_status(&cell[STATUS]);
    recoup_cell_amount(&cell[QUOTA], &dataset->rep_quota[i]);
    if (recoup_cell_amount(&cell[CAPACITY], &dataset->rep_capacity[i]) &&
        dataset->rep_capacity[i] == 0)
        recoup_cell_fail(&cell[CAPACITY],
                         "a capacity of 0: expected a number above 0, or the status vacant for a "
                         "rep who takes no deals");
}

void recoup_loader_read_reps(recoup_loader *loader) {
    recoup_table *table = NULL;
    int index[N_COLUMNS];
    if (!loader->source->reps)
        return;
    loader->dataset->has_reps = true;
    recoup_loader_open(loader, RECOUP_TABLE_REPS, columns, N_COLUMNS, index, &table,
                       &loader->reps_whole);
    if (!table)
        return;
    allocate(loader, table->n_rows);
    int *first_line = recoup_loader_alloc(loader, table->n_rows, sizeof *first_line);
    for (int row = 0; row < table->n_rows && loader->status == RECOUP_OK; row++)
        read_row(loader, table, row, index, first_line);
    loader->dataset->n_reps = loader->dataset->rep_ids.n;
    recoup_table_free(table);
}

void recoup_loader_complete_reps(recoup_loader *loader) {
    recoup_dataset *dataset = loader->dataset;
    if (dataset->has_reps)
        return;
    dataset->n_reps = dataset->rep_ids.n;
    allocate(loader, dataset->n_reps);
    for (int i = 0; i < dataset->n_reps && loader->status == RECOUP_OK; i++)
        dataset->rep_name[i] = dataset->rep_ids.name[i];
}
