/* Reading one cell. */
#include "crm/loader.h"

#include "base/date.h"
#include "base/text.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { MESSAGE_SIZE = 512, NEAREST_AMONG_MAX = 10000, STAGE_TEXTS_MAX = 1000 };

const char *recoup_cell_text(const recoup_cell *cell) {
    return recoup_table_cell(cell->table, cell->row, cell->column);
}

void recoup_cell_fail(const recoup_cell *cell, const char *format, ...) {
    char message[MESSAGE_SIZE]; /* quoted cells are shortened: all messages fit */
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    recoup_place place = recoup_table_place(cell->table, cell->row, cell->column);
    (void)recoup_fail(cell->loader->error, RECOUP_EINVALID, &place, "%s", message);
    cell->loader->n_errors++;
}

const char *recoup_loader_nearest(const recoup_loader *loader, const recoup_names *names,
                                  const char *text) {
    bool unseen = !loader->error || loader->error->n_problems >= RECOUP_ERROR_MAX;
    if (unseen || names->n > NEAREST_AMONG_MAX)
        return NULL;
    return recoup_names_nearest(names->name, names->n, text);
}

bool recoup_cell_date(const recoup_cell *cell, double *days, bool *has_clock) {
    static const char *const expected[] = {
        [RECOUP_DATES_ISO] = "ISO 8601 such as 2026-12-31 or 2026-12-31T14:30:00Z",
        [RECOUP_DATES_US] = "month/day/year such as 12/31/2026 or 12/31/2026 2:30 PM",
        [RECOUP_DATES_EU] = "day.month.year such as 31.12.2026 or 31/12/2026 14:30"};
    const char *text = recoup_cell_text(cell);
    *days = NAN;
    if (has_clock)
        *has_clock = false;
    if (!*text)
        return true;
    if (recoup_date_parse_as(cell->table->dates, text, cell->loader->dataset->zone_days, days,
                             has_clock))
        return true;
    char quote[RECOUP_QUOTE_SIZE];
    recoup_cell_fail(cell, "'%s' is not a date: expected %s", recoup_table_quote(quote, text),
                     expected[cell->table->dates]);
    return false;
}

bool recoup_table_number(const recoup_table *table, const char *text, double *x) {
    return table->decimal_comma ? recoup_number_parse_comma(text, x) : recoup_number_parse(text, x);
}

bool recoup_cell_amount(const recoup_cell *cell, double *amount) {
    const char *text = recoup_cell_text(cell);
    char quote[RECOUP_QUOTE_SIZE];
    double x;
    *amount = NAN;
    if (!*text)
        return true;
    if (!recoup_table_number(cell->table, text, &x)) {
        recoup_cell_fail(cell, "'%s' is not a number: expected digits with a decimal %s",
                         recoup_table_quote(quote, text),
                         cell->table->decimal_comma
                             ? "comma, without currency, such as 1234,50 or 1.234,50"
                             : "point, without currency or thousands separators, such as 1234.50");
        return false;
    }
    if (x < 0) {
        recoup_cell_fail(cell, "'%s' is negative: expected a number of 0 or more",
                         recoup_table_quote(quote, text));
        return false;
    }
    *amount = x + 0.0; /* -0 becomes 0 */
    return true;
}

static void fail_memory(const recoup_cell *cell) {
    if (cell->loader->status == RECOUP_OK)
        cell->loader->status = recoup_fail_memory(cell->loader->error);
}

bool recoup_cell_name(const recoup_cell *cell, recoup_names *names, int *index) {
    const char *text = recoup_cell_text(cell);
    *index = -1;
    if (!*text)
        return true;
    *index = recoup_names_add(names, text);
    if (*index < 0)
        fail_memory(cell);
    return *index >= 0;
}

/* What the scenario's labels make of a text; NULL when it is no label. */
static const char *label_meaning(const recoup_dataset_source *source, const char *text) {
    for (int i = 0; i < source->n_labels; i++)
        if (strcmp(source->label[i], text) == 0)
            return source->meaning[i];
    return NULL;
}

static int new_stage(const recoup_cell *cell, const char *name) {
    recoup_loader *loader = cell->loader;
    recoup_names *stages = &loader->dataset->stages;
    int stage = recoup_names_find(stages, name);
    if (stage >= 0 || loader->too_many_stages)
        return stage >= 0 ? stage : RECOUP_STAGE_BAD;
    if (stages->n == RECOUP_STAGES_MAX) {
        loader->too_many_stages = true;
        recoup_cell_fail(cell,
                         "more than %d different stages: is this the column of the stages? If it "
                         "is, map them to fewer under `pipeline` in the scenario",
                         RECOUP_STAGES_MAX);
        return RECOUP_STAGE_BAD;
    }
    stage = recoup_names_add(stages, name);
    if (stage < 0)
        fail_memory(cell);
    return stage >= 0 ? stage : RECOUP_STAGE_BAD;
}

static int stage_meaning(const recoup_cell *cell, const char *text) {
    const recoup_dataset *dataset = cell->loader->dataset;
    const char *meaning = label_meaning(cell->loader->source, text);
    if (!meaning)
        meaning = text;
    if (strcasecmp(meaning, "won") == 0)
        return RECOUP_TO_WON;
    if (strcasecmp(meaning, "lost") == 0)
        return RECOUP_TO_LOST;
    if (!dataset->stages_given)
        return new_stage(cell, meaning);
    int stage = recoup_names_find(&dataset->stages, meaning);
    return stage >= 0 ? stage : RECOUP_STAGE_BAD;
}

static void fail_stage(const recoup_cell *cell, const char *text) {
    if (!cell->loader->dataset->stages_given)
        return; /* too many stages, reported once; or out of memory */
    char quote[RECOUP_QUOTE_SIZE];
    recoup_table_quote(quote, text);
    const char *nearest = recoup_loader_nearest(cell->loader, &cell->loader->dataset->stages, text);
    if (nearest)
        recoup_cell_fail(cell, "'%s' is not a stage of the pipeline: did you mean '%s'?", quote,
                         nearest);
    else
        recoup_cell_fail(cell,
                         "'%s' is not a stage of the pipeline: add it, or map it to a stage, under "
                         "`pipeline` in the scenario",
                         quote);
}

int recoup_cell_stage(const recoup_cell *cell) {
    recoup_loader *loader = cell->loader;
    const char *text = recoup_cell_text(cell);
    if (!*text)
        return RECOUP_STAGE_EMPTY;
    int known = recoup_names_find(&loader->stage_texts, text);
    if (known >= 0)
        return loader->stage_meaning[known]; /* a wrong one was reported where it first occurred */
    int meaning = stage_meaning(cell, text);
    if (meaning == RECOUP_STAGE_BAD)
        fail_stage(cell, text);
    if (loader->stage_texts.n == STAGE_TEXTS_MAX)
        return meaning;
    if (!RECOUP_GROW(loader->stage_meaning, loader->stage_texts.n,
                     loader->stage_meaning_capacity) ||
        (known = recoup_names_add(&loader->stage_texts, text)) < 0) {
        fail_memory(cell);
        return RECOUP_STAGE_BAD;
    }
    loader->stage_meaning[known] = meaning;
    return meaning;
}

int recoup_outcome_meaning(const recoup_dataset_source *source, const char *text) {
    static const char *const names[] = {"open", "won", "lost"}; /* as recoup_outcome counts */
    const char *label = label_meaning(source, text);
    const char *meaning = label ? label : text;
    for (int i = 0; i < 3; i++)
        if (strcasecmp(meaning, names[i]) == 0)
            return i;
    return label ? RECOUP_OPEN : -1; /* a label that means a stage: the deal is in it */
}

int recoup_cell_outcome(const recoup_cell *cell) {
    const char *text = recoup_cell_text(cell);
    int outcome = recoup_outcome_meaning(cell->loader->source, text);
    if (outcome >= 0)
        return outcome;
    char quote[RECOUP_QUOTE_SIZE];
    if (*text)
        recoup_cell_fail(cell, "'%s' is not an outcome: expected open, won or lost",
                         recoup_table_quote(quote, text));
    else
        recoup_cell_fail(cell, "the outcome is missing: expected open, won or lost");
    return -1;
}
