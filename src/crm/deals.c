/* deals.csv */
#include "crm/loader.h"

#include "base/date.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    DEAL_ID,
    REP_ID,
    AMOUNT,
    CREATED,
    STAGE,
    OUTCOME,
    STAGE_ENTERED,
    CLOSED,
    CHANNEL,
    SEGMENT,
    COMPETITOR,
    PRODUCT,
    LIST_AMOUNT,
    EXPECTED_CLOSE,
    NEXT_STEP,
    LOSS_REASON,
    N_COLUMNS
};

static const recoup_table_column columns[N_COLUMNS] = {
    [DEAL_ID] = {"deal_id", true},
    [REP_ID] = {"rep_id", true},
    [AMOUNT] = {"amount", true},
    [CREATED] = {"created", true},
    [STAGE] = {"stage", true},
    [OUTCOME] = {"outcome", true},
    [STAGE_ENTERED] = {"stage_entered", false},
    [CLOSED] = {"closed", false},
    [CHANNEL] = {"channel", false},
    [SEGMENT] = {"segment", false},
    [COMPETITOR] = {"competitor", false},
    [PRODUCT] = {"product", false},
    [LIST_AMOUNT] = {"list_amount", false},
    [EXPECTED_CLOSE] = {"expected_close", false},
    [NEXT_STEP] = {"next_step", false},
    [LOSS_REASON] = {"loss_reason", false},
};

const recoup_table_column *recoup_deals_columns(int *n) {
    *n = N_COLUMNS;
    return columns;
}

typedef struct deal_reader {
    recoup_loader *loader;
    const recoup_table *table;
    int index[N_COLUMNS];
    int row;
    int n_without_amount, first_without_amount; /* line */
    int n_without_created, first_without_created;
    recoup_names unknown_reps; /* reported so far */
} deal_reader;

static recoup_cell cell_of(const deal_reader *r, int column) {
    return (recoup_cell){r->loader, r->table, r->row, r->index[column]};
}

/* Place in the dataset of the deal of this row; -1 when its id is missing or not its own. */
static int read_id(const deal_reader *r) {
    recoup_dataset *dataset = r->loader->dataset;
    recoup_cell cell = cell_of(r, DEAL_ID);
    const char *id = recoup_cell_text(&cell);
    char quote[RECOUP_QUOTE_SIZE];
    if (!*id) {
        recoup_cell_fail(&cell, "the deal_id is missing");
        return -1;
    }
    int before = dataset->deal_ids.n, i;
    if (!recoup_cell_name(&cell, &dataset->deal_ids, &i))
        return -1;
    if (i < before) {
        recoup_cell_fail(&cell,
                         "the deal_id '%s' occurs twice, first on line %d: every deal needs "
                         "its own",
                         recoup_table_quote(quote, id), dataset->deal_line[i]);
        return -1;
    }
    dataset->deal_line[i] = r->table->line[r->row];
    return i;
}

/* Each unknown rep is reported once, however many deals name it. */
static void fail_rep(deal_reader *r, const recoup_cell *cell, const char *id) {
    recoup_loader *loader = r->loader;
    char quote[RECOUP_QUOTE_SIZE];
    int before = r->unknown_reps.n, index;
    if (!recoup_cell_name(cell, &r->unknown_reps, &index) || index < before)
        return;
    const char *nearest = recoup_loader_nearest(loader, &loader->dataset->rep_ids, id);
    recoup_table_quote(quote, id);
    if (nearest)
        recoup_cell_fail(cell, "unknown rep: '%s' is not in %s; did you mean '%s'?", quote,
                         loader->source->reps, nearest);
    else
        recoup_cell_fail(cell, "unknown rep: '%s' is not in %s", quote, loader->source->reps);
}

static int read_rep(deal_reader *r) {
    recoup_loader *loader = r->loader;
    recoup_names *reps = &loader->dataset->rep_ids;
    recoup_cell cell = cell_of(r, REP_ID);
    int rep = -1;
    if (!loader->dataset->has_reps) {
        recoup_cell_name(&cell, reps, &rep);
        return rep;
    }
    const char *id = recoup_cell_text(&cell);
    if (!*id)
        return -1;
    rep = recoup_names_find(reps, id);
    if (rep < 0 && loader->reps_whole)
        fail_rep(r, &cell, id);
    return rep;
}

typedef struct deal_dates {
    double created, stage_entered, closed;
    bool created_clock, stage_clock, closed_clock;
    bool has_created, has_closed; /* neither missing nor wrong */
} deal_dates;

static void check_closed(const deal_reader *r, int outcome, const deal_dates *d) {
    recoup_cell cell = cell_of(r, CLOSED);
    const char *id = recoup_table_cell(r->table, r->row, r->index[DEAL_ID]);
    char quote[RECOUP_QUOTE_SIZE];
    if (outcome < 0)
        return;
    if (outcome == RECOUP_OPEN && d->has_closed)
        recoup_cell_fail(&cell,
                         "the deal '%s' is open but has a closing date: expected none, or "
                         "the outcome won or lost",
                         recoup_table_quote(quote, id));
    else if (outcome != RECOUP_OPEN && !*recoup_cell_text(&cell)) {
        if (cell.column < 0) /* then the message is to name the column all the same */
            cell.column = r->index[OUTCOME];
        recoup_cell_fail(&cell,
                         "the deal '%s' is %s but has no closing date in the column "
                         "'closed'",
                         recoup_table_quote(quote, id), outcome == RECOUP_WON ? "won" : "lost");
    }
}

static void check_order(const deal_reader *r, const deal_dates *d) {
    const recoup_loader *loader = r->loader;
    recoup_cell entered = cell_of(r, STAGE_ENTERED), closed = cell_of(r, CLOSED);
    char a[RECOUP_QUOTE_SIZE], b[RECOUP_QUOTE_SIZE];
    const char *created_text =
        recoup_table_quote(a, recoup_table_cell(r->table, r->row, r->index[CREATED]));
    if (d->has_created && d->has_closed &&
        recoup_loader_before(loader, d->closed, d->closed_clock, d->created, d->created_clock))
        recoup_cell_fail(&closed, "closed on %s, before it was created on %s",
                         recoup_table_quote(b, recoup_cell_text(&closed)), created_text);
    if (isnan(d->stage_entered))
        return;
    if (d->has_created && recoup_loader_before(loader, d->stage_entered, d->stage_clock, d->created,
                                               d->created_clock))
        recoup_cell_fail(&entered, "the stage was entered on %s, before the deal was created on %s",
                         recoup_table_quote(b, recoup_cell_text(&entered)), created_text);
    if (d->has_closed &&
        recoup_loader_before(loader, d->closed, d->closed_clock, d->stage_entered, d->stage_clock))
        recoup_cell_fail(&entered, "the stage was entered on %s, after the deal was closed on %s",
                         recoup_table_quote(b, recoup_cell_text(&entered)),
                         recoup_table_quote(a, recoup_cell_text(&closed)));
}

/* created <= stage_entered <= closed, where a day alone stands for its first moment. */
static void raise_days(deal_dates *d) {
    if (d->closed < d->created)
        d->closed = d->created;
    if (d->stage_entered < d->created)
        d->stage_entered = d->created;
    if (d->stage_entered > d->closed)
        d->stage_entered = d->closed;
}

/* What a stage is entered at is of no use where the stage only says that the deal is closed. */
static void read_dates(deal_reader *r, int i, int outcome, bool stage_is_end) {
    recoup_dataset *dataset = r->loader->dataset;
    deal_dates d;
    recoup_cell created = cell_of(r, CREATED), entered = cell_of(r, STAGE_ENTERED),
                closed = cell_of(r, CLOSED), expected = cell_of(r, EXPECTED_CLOSE);
    bool created_fine = recoup_cell_date(&created, &d.created, &d.created_clock);
    recoup_cell_date(&entered, &d.stage_entered, &d.stage_clock);
    if (stage_is_end)
        d.stage_entered = NAN;
    recoup_cell_date(&closed, &d.closed, &d.closed_clock);
    recoup_cell_date(&expected, &dataset->expected_close[i], NULL);
    d.has_created = !isnan(d.created);
    d.has_closed = !isnan(d.closed);
    if (created_fine && !d.has_created) {
        if (outcome == RECOUP_OPEN) {
            if (r->n_without_created++ == 0)
                r->first_without_created = r->table->line[r->row];
        } else {
            recoup_cell_fail(&created, "the date of creation is missing");
        }
    }
    check_closed(r, outcome, &d);
    check_order(r, &d);
    raise_days(&d);
    dataset->created[i] = d.created;
    dataset->closed[i] = d.closed;
    dataset->stage_entered[i] = d.stage_entered;
    r->loader->created_has_clock[i] = d.created_clock;
    r->loader->closed_has_clock[i] = d.closed_clock;
    if (d.created_clock || d.stage_clock || d.closed_clock)
        dataset->dated_by_day = false;
}

/* The next step is free text. A date is what it is, or begins with. */
static void read_next_step(deal_reader *r, int i) {
    enum { DAY_SIZE = 11 }; /* 2026-12-31 */
    recoup_dataset *dataset = r->loader->dataset;
    recoup_cell cell = cell_of(r, NEXT_STEP);
    const char *text = recoup_cell_text(&cell);
    char day[DAY_SIZE];
    double time;
    bool has_clock;
    snprintf(day, sizeof day, "%.*s", (int)strspn(text, "0123456789./-"), text);
    dataset->has_next_step[i] = *text != '\0';
    recoup_date_order order = r->table->dates;
    if (recoup_date_parse_as(order, text, dataset->zone_days, &time, &has_clock) ||
        recoup_date_parse_as(order, day, dataset->zone_days, &time, &has_clock))
        dataset->next_step_end[i] = has_clock ? time : time + 1;
}

/* A terminal name in the stage column says no more than the outcome, and must say the same. */
static void store_stage(const deal_reader *r, int i, int outcome, int stage) {
    recoup_dataset *dataset = r->loader->dataset;
    recoup_cell cell = cell_of(r, STAGE);
    dataset->stage[i] = stage == RECOUP_STAGE_EMPTY ? -1 : stage;
    if (stage != RECOUP_TO_WON && stage != RECOUP_TO_LOST)
        return;
    int said = stage == RECOUP_TO_WON ? RECOUP_WON : RECOUP_LOST;
    dataset->stage[i] = -1;
    if (outcome >= 0 && said != outcome) {
        char quote[RECOUP_QUOTE_SIZE];
        dataset->stage[i] = RECOUP_STAGE_BAD;
        recoup_cell_fail(&cell, "the stage '%s' means %s, but the outcome says otherwise",
                         recoup_table_quote(quote, recoup_cell_text(&cell)),
                         said == RECOUP_WON ? "won" : "lost");
    }
}

static void read_row(deal_reader *r) {
    recoup_dataset *dataset = r->loader->dataset;
    int i = read_id(r);
    bool kept = i >= 0;
    if (!kept) /* the other cells are checked all the same, in the next deal's place */
        i = dataset->deal_ids.n;
    if (r->loader->status != RECOUP_OK)
        return;
    recoup_cell outcome_cell = cell_of(r, OUTCOME), stage_cell = cell_of(r, STAGE),
                amount = cell_of(r, AMOUNT), list_amount = cell_of(r, LIST_AMOUNT),
                channel = cell_of(r, CHANNEL), segment = cell_of(r, SEGMENT),
                competitor = cell_of(r, COMPETITOR), product = cell_of(r, PRODUCT),
                loss_reason = cell_of(r, LOSS_REASON);
    int outcome = recoup_cell_outcome(&outcome_cell);
    dataset->outcome[i] = (uint8_t)(outcome < 0 ? RECOUP_OUTCOME_BAD : outcome);
    dataset->rep[i] = read_rep(r);
    if (recoup_cell_amount(&amount, &dataset->amount[i]) && isnan(dataset->amount[i]) &&
        r->n_without_amount++ == 0)
        r->first_without_amount = r->table->line[r->row];
    recoup_cell_amount(&list_amount, &dataset->list_amount[i]);
    int stage = recoup_cell_stage(&stage_cell);
    read_dates(r, i, outcome, stage == RECOUP_TO_WON || stage == RECOUP_TO_LOST);
    store_stage(r, i, outcome, stage);
    recoup_cell_name(&channel, &dataset->channels, &dataset->channel[i]);
    recoup_cell_name(&segment, &dataset->segments, &dataset->segment[i]);
    recoup_cell_name(&competitor, &dataset->competitors, &dataset->competitor[i]);
    recoup_cell_name(&product, &dataset->products, &dataset->product[i]);
    recoup_cell_name(&loss_reason, &dataset->loss_reasons, &dataset->loss_reason[i]);
    read_next_step(r, i);
}

static void allocate(recoup_loader *loader, int n) {
    recoup_dataset *dataset = loader->dataset;
    dataset->deal_line = recoup_loader_alloc(loader, n, sizeof *dataset->deal_line);
    dataset->rep = recoup_loader_indexes(loader, n);
    dataset->channel = recoup_loader_indexes(loader, n);
    dataset->segment = recoup_loader_indexes(loader, n);
    dataset->competitor = recoup_loader_indexes(loader, n);
    dataset->product = recoup_loader_indexes(loader, n);
    dataset->loss_reason = recoup_loader_indexes(loader, n);
    dataset->stage = recoup_loader_indexes(loader, n);
    dataset->amount = recoup_loader_numbers(loader, n);
    dataset->list_amount = recoup_loader_numbers(loader, n);
    dataset->created = recoup_loader_numbers(loader, n);
    dataset->stage_entered = recoup_loader_numbers(loader, n);
    dataset->closed = recoup_loader_numbers(loader, n);
    dataset->expected_close = recoup_loader_numbers(loader, n);
    dataset->outcome = recoup_loader_alloc(loader, n, sizeof *dataset->outcome);
    dataset->has_next_step = recoup_loader_alloc(loader, n, sizeof *dataset->has_next_step);
    dataset->next_step_end = recoup_loader_numbers(loader, n);
    loader->created_has_clock = recoup_loader_alloc(loader, n, sizeof *loader->created_has_clock);
    loader->closed_has_clock = recoup_loader_alloc(loader, n, sizeof *loader->closed_has_clock);
}

static void add_notes(const deal_reader *r) {
    recoup_place place = {.file = r->table->file};
    if (r->n_without_amount) {
        place.line = r->first_without_amount;
        place.field = columns[AMOUNT].name;
        recoup_note(r->loader->error, &place,
                    "deals without an amount: %d, the first on this line; they are given the "
                    "median amount of the others",
                    r->n_without_amount);
    }
    if (r->n_without_created) {
        place.line = r->first_without_created;
        place.field = columns[CREATED].name;
        recoup_note(r->loader->error, &place,
                    "open deals without a date of creation: %d, the first on this line; they are "
                    "left out, because it is not known since when they exist",
                    r->n_without_created);
    }
}

void recoup_loader_read_deals(recoup_loader *loader) {
    recoup_table *table = NULL;
    deal_reader r = {.loader = loader};
    loader->dataset->dated_by_day = true;
    recoup_loader_open(loader, RECOUP_TABLE_DEALS, columns, N_COLUMNS, r.index, &table,
                       &loader->deals_whole);
    if (!table)
        return;
    r.table = table;
    loader->dataset->has_expected_closes = r.index[EXPECTED_CLOSE] >= 0;
    loader->dataset->has_next_steps = r.index[NEXT_STEP] >= 0;
    allocate(loader, table->n_rows);
    for (r.row = 0; r.row < table->n_rows && loader->status == RECOUP_OK; r.row++)
        read_row(&r);
    loader->dataset->n_deals = loader->dataset->deal_ids.n;
    if (loader->status == RECOUP_OK)
        add_notes(&r);
    recoup_names_clear(&r.unknown_reps);
    recoup_table_free(table);
}
