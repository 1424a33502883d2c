/* What a look at the cells tells: how dates and numbers are written, which stages there are. */
#include "crm/suggest.h"

#include "base/date.h"
#include "base/names.h"
#include "base/text.h"
#include "crm/stages.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* --- dates and numbers ----------------------------------------------------------------------- */

/* How many cells each way of writing reads. */
typedef struct style_counts {
    int n_dates, dates[3];
    int n_numbers, point, comma;
    const char *bad_date, *bad_number;
} style_counts;

static void count_date(style_counts *counts, const char *text) {
    double ignored;
    bool any = false;
    for (int order = RECOUP_DATES_ISO; order <= RECOUP_DATES_EU; order++) {
        bool fits = recoup_date_parse_as((recoup_date_order)order, text, 0, &ignored, NULL);
        counts->dates[order] += fits;
        any = any || fits;
    }
    counts->n_dates++;
    if (!any && !counts->bad_date)
        counts->bad_date = text;
}

static void count_number(style_counts *counts, const char *text) {
    double ignored;
    bool point = recoup_number_parse(text, &ignored),
         comma = recoup_number_parse_comma(text, &ignored);
    counts->point += point;
    counts->comma += comma;
    if (!point && !comma && !counts->bad_number)
        counts->bad_number = text;
}

static bool is_one_of(const char *name, const char *const *names, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static void count_column(style_counts *counts, const recoup_table *table, const char *name,
                         int column) {
    static const char *const dates[] = {
        "created", "closed", "expected_close", "stage_entered", "entered", "start_date", "date"};
    static const char *const numbers[] = {"amount", "list_amount", "quota", "capacity"};
    bool is_date = is_one_of(name, dates, sizeof dates / sizeof *dates);
    bool is_number = is_one_of(name, numbers, sizeof numbers / sizeof *numbers);
    for (int row = 0; (is_date || is_number) && row < table->n_rows; row++) {
        const char *text = recoup_table_cell(table, row, column);
        if (*text && is_date)
            count_date(counts, text);
        else if (*text)
            count_number(counts, text);
    }
}

void recoup_suggester_add_style(recoup_suggester *suggester, recoup_table_kind kind) {
    const recoup_table *table = suggester->table[kind];
    recoup_mapping *mapping = &suggester->suggestion.table[kind].mapping;
    style_counts counts = {0};
    char quote[RECOUP_QUOTE_SIZE];
    for (int i = 0; i < recoup_n_synonyms; i++) {
        const recoup_synonym *synonym = &recoup_synonyms[i];
        int column = synonym->source == (int)kind
                         ? recoup_suggester_find(suggester, kind, synonym->column)
                         : -1;
        if (column >= 0)
            count_column(&counts, table, synonym->column, column);
    }
    int us = counts.dates[RECOUP_DATES_US], eu = counts.dates[RECOUP_DATES_EU];
    if (counts.dates[RECOUP_DATES_ISO] < us || counts.dates[RECOUP_DATES_ISO] < eu)
        mapping->dates = us >= eu ? RECOUP_DATES_US : RECOUP_DATES_EU;
    if (mapping->dates != RECOUP_DATES_ISO && us == eu)
        recoup_suggester_remark(suggester, kind,
                                "no date tells whether the month or the day comes first: is it us "
                                "or eu?");
    if (counts.bad_date)
        recoup_suggester_remark(suggester, kind,
                                recoup_suggester_text(suggester,
                                                      "some dates cannot be read, such as '%s'",
                                                      recoup_table_quote(quote, counts.bad_date)));
    mapping->decimal_comma = counts.comma > counts.point;
    if (counts.bad_number)
        recoup_suggester_remark(
            suggester, kind,
            recoup_suggester_text(suggester, "some amounts cannot be read, such as '%s'",
                                  recoup_table_quote(quote, counts.bad_number)));
}

/* --- stages ---------------------------------------------------------------------------------- */

enum { N_MAX = RECOUP_STAGES_MAX };

typedef struct stage_list {
    recoup_names names;
    int n_rows[N_MAX], n_closed[N_MAX], n_won[N_MAX];
    double order[N_MAX]; /* sum over its rows of what the file orders stages by */
    int n_ordered[N_MAX];
    bool too_many, failed;
} stage_list;

static bool has_word(const char *text, const char *const words[2]) {
    return strcasestr(text, words[0]) || strcasestr(text, words[1]);
}

/* 1 won, -1 lost, 0 open: as all rows of the stage say, else as its name does. */
static int meaning_of(const stage_list *list, int i) {
    if (list->n_closed[i] > 0 && list->n_closed[i] == list->n_rows[i])
        return 2 * list->n_won[i] >= list->n_rows[i] ? 1 : -1;
    if (has_word(list->names.name[i], recoup_won_words))
        return 1;
    return has_word(list->names.name[i], recoup_lost_words) ? -1 : 0;
}

static bool says_true(const recoup_table *table, int row, int column) {
    const char *text = recoup_table_cell(table, row, column);
    return strcasecmp(text, "true") == 0 || strcasecmp(text, "yes") == 0 || strcmp(text, "1") == 0;
}

/* Whether the suggested mapping leaves the row out. */
static bool is_skipped(const recoup_suggester *suggester, int source, int row) {
    const recoup_table *table = suggester->table[source];
    const recoup_mapping *mapping =
        source < RECOUP_N_TABLES ? &suggester->suggestion.table[source].mapping : NULL;
    for (int i = 0; mapping && i < mapping->n_skips; i++)
        if (strcasecmp(
                recoup_table_cell(table, row, recoup_table_find(table, mapping->skip[i].column)),
                mapping->skip[i].text) == 0)
            return true;
    return false;
}

static void add_rows(stage_list *list, const recoup_suggester *suggester, int source, int stage) {
    const recoup_table *table = suggester->table[source];
    int won = recoup_suggester_find(suggester, source, RECOUP_FLAG_WON),
        closed = recoup_suggester_find(suggester, source, RECOUP_FLAG_CLOSED),
        order = recoup_suggester_find(suggester, source,
                                      source == RECOUP_SOURCE_STAGE_NAMES ? RECOUP_DISPLAY_ORDER
                                                                          : RECOUP_PROBABILITY);
    for (int row = 0; stage >= 0 && row < table->n_rows; row++) {
        const char *text = recoup_table_cell(table, row, stage);
        int i = *text ? recoup_names_find(&list->names, text) : -1;
        double x;
        if (!*text || is_skipped(suggester, source, row))
            continue;
        if (i < 0 && list->names.n == N_MAX) {
            list->too_many = true;
            return;
        }
        if (i < 0 && (i = recoup_names_add(&list->names, text)) < 0) {
            list->failed = true;
            return;
        }
        list->n_rows[i]++;
        list->n_closed[i] += says_true(table, row, closed) || says_true(table, row, won);
        list->n_won[i] += says_true(table, row, won);
        if (recoup_number_parse(recoup_table_cell(table, row, order), &x)) {
            list->order[i] += x;
            list->n_ordered[i]++;
        }
    }
}

/* Place in the usual order; what is not in it comes last. */
static int usual_place(const char *text) {
    char name[RECOUP_NAME_SIZE];
    recoup_suggester_name(name, text);
    int k = 0;
    while (k < recoup_n_usual_stages && strcmp(name, recoup_usual_stages[k]) != 0)
        k++;
    return k;
}

/* By the file's own order where it has one for all stages, then by the usual one. */
static bool comes_after(const stage_list *list, int a, int b) {
    bool has_order = true;
    for (int k = 0; k < list->names.n; k++)
        has_order = has_order && list->n_ordered[k] > 0;
    if (has_order) {
        double x = list->order[a] / list->n_ordered[a], y = list->order[b] / list->n_ordered[b];
        if (x != y)
            return x > y;
    }
    return usual_place(list->names.name[a]) > usual_place(list->names.name[b]);
}

/* The indexes by place, equals as they occur: an insertion sort of a few. */
static void sort_stages(const stage_list *list, int *sorted) {
    for (int i = 0; i < list->names.n; i++) {
        int k = i;
        for (; k > 0 && comes_after(list, sorted[k - 1], i); k--)
            sorted[k] = sorted[k - 1];
        sorted[k] = i;
    }
}

static void write_stages(recoup_suggester *suggester, const stage_list *list) {
    recoup_suggestion *suggestion = &suggester->suggestion;
    int sorted[N_MAX], n = list->names.n;
    const char ***lists[] = {&suggestion->stage, &suggestion->label, &suggestion->meaning};
    for (int k = 0; k < 3; k++) {
        *lists[k] = recoup_arena_alloc(&suggester->arena, (size_t)n, sizeof(char *));
        suggester->is_out_of_memory = suggester->is_out_of_memory || !*lists[k];
    }
    if (suggester->is_out_of_memory)
        return;
    sort_stages(list, sorted);
    for (int k = 0; k < n; k++) {
        const char *name = recoup_suggester_text(suggester, "%s", list->names.name[sorted[k]]);
        int meaning = meaning_of(list, sorted[k]);
        if (meaning == 0) {
            suggestion->stage[suggestion->n_stages++] = name;
            continue;
        }
        suggestion->label[suggestion->n_labels] = name;
        suggestion->meaning[suggestion->n_labels++] = meaning > 0 ? "won" : "lost";
    }
}

void recoup_suggester_add_stages(recoup_suggester *suggester) {
    static const int sources[] = {RECOUP_TABLE_DEALS, RECOUP_TABLE_STAGE_HISTORY};
    stage_list list = {0};
    if (suggester->table[RECOUP_SOURCE_STAGE_NAMES]) {
        add_rows(&list, suggester, RECOUP_SOURCE_STAGE_NAMES,
                 recoup_suggester_find(suggester, RECOUP_SOURCE_STAGE_NAMES, "stage"));
    } else {
        for (size_t k = 0; k < 2; k++)
            if (suggester->table[sources[k]])
                add_rows(&list, suggester, sources[k],
                         recoup_suggester_find(suggester, sources[k], "stage"));
    }
    suggester->is_out_of_memory = suggester->is_out_of_memory || list.failed;
    if (list.too_many && suggester->table[RECOUP_TABLE_DEALS])
        recoup_suggester_remark(suggester, RECOUP_TABLE_DEALS,
                                "there are more stages than a pipeline can have: list the open "
                                "ones under `pipeline: stages`");
    if (!list.too_many && !list.failed)
        write_stages(suggester, &list);
    recoup_names_clear(&list.names);
}

/* --- texts that mean something --------------------------------------------------------------- */

void recoup_suggester_add_outcomes(recoup_suggester *suggester, int column) {
    static const char *const outcomes[] = {"lost", "open", "won"};
    stage_list list = {0};
    add_rows(&list, suggester, RECOUP_TABLE_DEALS, column);
    suggester->is_out_of_memory = suggester->is_out_of_memory || list.failed;
    if (list.too_many)
        recoup_suggester_remark(suggester, RECOUP_TABLE_DEALS,
                                "the column of the stages has so many texts that it can hardly be "
                                "that: say under 'values' which outcome means won, lost and open");
    for (int i = 0; i < list.names.n && !list.too_many; i++)
        recoup_suggester_value(suggester, RECOUP_TABLE_DEALS, "outcome", list.names.name[i],
                               outcomes[meaning_of(&list, i) + 1]);
    recoup_names_clear(&list.names);
}

void recoup_suggester_add_statuses(recoup_suggester *suggester) {
    const recoup_table *table = suggester->table[RECOUP_TABLE_REPS];
    int column = recoup_suggester_find(suggester, RECOUP_TABLE_REPS, "status");
    recoup_names seen = {0};
    for (int row = 0; column >= 0 && row < table->n_rows; row++) {
        const char *text = recoup_table_cell(table, row, column);
        bool is_flag = says_true(table, row, column) || strcasecmp(text, "false") == 0 ||
                       strcasecmp(text, "no") == 0 || strcmp(text, "0") == 0;
        if (!is_flag || recoup_names_find(&seen, text) >= 0)
            continue;
        if (recoup_names_add(&seen, text) < 0)
            suggester->is_out_of_memory = true;
        recoup_suggester_value(suggester, RECOUP_TABLE_REPS, "status", text,
                               says_true(table, row, column) ? "active" : "vacant");
    }
    recoup_names_clear(&seen);
}
