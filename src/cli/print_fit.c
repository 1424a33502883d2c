/* What a fit found: tables of stages, cohorts and reps, and what to know about them. */
#include "cli.h"

#include <libsmartcols.h>
#include <math.h>
#include <string.h>

static void format_count(char *cell, double n) {
    char digits[CLI_MONEY_SIZE];
    snprintf(cell, CLI_CELL_SIZE, "%s", cli_format_money(digits, n, 0));
}

/* A paragraph in lines of the page's width. False: out of memory. */
static bool print_paragraph(const char *before, const char *words, FILE *stream) {
    cli_text text;
    if (!cli_text_open(&text))
        return false;
    fprintf(text.stream, "%s%s\n", before, words);
    return cli_text_print(&text, stream);
}

/* "44.5 (42.1 to 46.8)"; as a share in percent or in its own unit. */
static void format_estimate(char *cell, const recoup_estimate *estimate, double unit) {
    double value = estimate->value / unit, low = estimate->low / unit, high = estimate->high / unit;
    int decimals = value < 1000 ? 1 : 0;
    if (!isfinite(value))
        snprintf(cell, CLI_CELL_SIZE, "-");
    else if (isfinite(low) && isfinite(high))
        snprintf(cell, CLI_CELL_SIZE, "%.*f (%.*f–%.*f)", decimals, value, decimals, low, decimals,
                 high);
    else
        snprintf(cell, CLI_CELL_SIZE, "%.*f", decimals, value);
}

/* A name beneath its stage, or the stage itself; an over-long one is cut. */
static void format_name(char *cell, const char *stage, const char *under) {
    snprintf(cell, CLI_CELL_SIZE, under ? "  %s" : "%s", under ? under : stage);
}

static bool has_other(const recoup_fit_summary *summary) {
    for (int i = 0; i < summary->n_rows; i++)
        if (summary->row[i].n_other > 0)
            return true;
    return false;
}

static bool print_stages(const recoup_fit_summary *summary, FILE *stream) {
    bool other = has_other(summary);
    const char *heading[8] = {"Stage, cohort", "Entered", "Advance", "Lost"};
    int n = 4;
    if (other)
        heading[n++] = "Other";
    heading[n++] = "Open";
    heading[n++] = "Conversion, %";
    heading[n++] = "Median days";
    struct libscols_table *table = cli_table_create(heading, n, stream);
    bool done = table != NULL;
    for (int i = 0; i < summary->n_rows && done; i++) {
        const recoup_fit_row *row = &summary->row[i];
        char name[CLI_CELL_SIZE], cell[7][CLI_CELL_SIZE];
        int k = 0;
        format_name(name, row->stage, row->cohort);
        format_count(cell[k++], row->n_entered);
        format_count(cell[k++], row->n_advance);
        format_count(cell[k++], row->n_lost);
        if (other)
            format_count(cell[k++], row->n_other);
        format_count(cell[k++], row->n_open);
        format_estimate(cell[k++], &row->conversion, .01);
        format_estimate(cell[k++], &row->median_days, 1);
        done = cli_table_add(table, name, cell, n - 1);
    }
    done = done && scols_print_table(table) == 0;
    scols_unref_table(table);
    return done &&
           print_paragraph("\n",
                           "Conversion is P(advance) of a deal that enters, median days the time "
                           "until it advances; in brackets 95 % intervals. Deals that are still "
                           "open count as such, not as lost.",
                           stream);
}

static void format_points(char *cell, double share) {
    snprintf(cell, CLI_CELL_SIZE, isfinite(share) ? "%.1f" : "-", 100 * share);
}

/* How well the law of each exit follows what was seen. */
static bool print_exits(const recoup_fit_summary *summary, FILE *stream) {
    const char *heading[] = {"Stage, exit",    "Seen",   "Dwell family",
                             "Off by, points", "at day", "by chance"};
    struct libscols_table *table = cli_table_create(heading, 6, stream);
    bool done = table != NULL;
    const char *stage = NULL;
    for (int i = 0; i < summary->n_exits && done; i++) {
        const recoup_fit_exit *exit = &summary->exit[i];
        char name[CLI_CELL_SIZE], cell[5][CLI_CELL_SIZE] = {"", "", "", "", ""};
        if (exit->stage != stage)
            done = cli_table_add(table, exit->stage, cell, 5);
        stage = exit->stage;
        format_name(name, stage, exit->exit);
        format_count(cell[0], exit->n_events);
        snprintf(cell[1], CLI_CELL_SIZE, "%s", exit->family);
        format_points(cell[2], exit->gof_distance);
        snprintf(cell[3], CLI_CELL_SIZE, isfinite(exit->gof_days) ? "%.3g" : "-", exit->gof_days);
        format_points(cell[4], exit->gof_bound);
        done = done && cli_table_add(table, name, cell, 5);
    }
    fputc('\n', stream);
    done = done && scols_print_table(table) == 0;
    scols_unref_table(table);
    return done &&
           print_paragraph("\n",
                           "Off by: the largest distance between the fitted share of deals that "
                           "left by an exit and the share seen, and at what day of their stay it "
                           "is. By chance: the distance that an exact law would rarely exceed; "
                           "beyond it the dwell family misses something that happens there.",
                           stream);
}

static bool print_reps(const recoup_rep_summary *reps, FILE *stream) {
    const char *heading[] = {"Stage, rep", "Cohort", "Entered", "Conversion, %"};
    struct libscols_table *table = cli_table_create(heading, 4, stream);
    bool done = table != NULL;
    const char *stage = NULL;
    for (int i = 0; i < reps->n_rows && done; i++) {
        const recoup_rep_row *row = &reps->row[i];
        char name[CLI_CELL_SIZE], cell[3][CLI_CELL_SIZE] = {"", "", ""};
        if (row->stage != stage)
            done = cli_table_add(table, row->stage, cell, 3);
        stage = row->stage;
        format_name(name, stage, row->rep);
        snprintf(cell[0], CLI_CELL_SIZE, "%s", row->cohort);
        format_count(cell[1], row->n_entered);
        format_estimate(cell[2], &row->conversion, .01);
        done = done && cli_table_add(table, name, cell, 3);
    }
    fputc('\n', stream);
    done = done && scols_print_table(table) == 0;
    scols_unref_table(table);
    done = done &&
           print_paragraph("\n",
                           "Differences between the reps of a cohort, as the standard deviation of "
                           "the logit of advance, with the probability of a spread like this if "
                           "reps did not differ:",
                           stream);
    for (int s = 0; s < reps->n_stages; s++) {
        const recoup_rep_spread *spread = &reps->spread[s];
        if (isfinite(spread->p_value))
            fprintf(stream, "  %s: %.2f, p = %.3f (%d reps)\n", spread->stage, spread->sd,
                    spread->p_value, spread->n_reps);
        else
            fprintf(stream, "  %s: fewer than two reps to compare\n", spread->stage);
    }
    return done;
}

static void print_eventual(const recoup_eventual *eventual, FILE *stream) {
    char n_deals[CLI_CELL_SIZE], n_open[CLI_CELL_SIZE], rate[CLI_CELL_SIZE], naive[CLI_CELL_SIZE];
    if (!isfinite(eventual->win_rate.value))
        return;
    format_count(n_deals, eventual->n_deals);
    format_count(n_open, eventual->n_open);
    format_estimate(rate, &eventual->win_rate, .01);
    format_estimate(naive, &(recoup_estimate){eventual->naive, NAN, NAN}, .01);
    fprintf(stream,
            "\nOf the %s deals created so far (%s open), %s %% will be won in\n"
            "the end; of those closed %s %% were.\n",
            n_deals, n_open, rate, naive);
}

recoup_status cli_print_fit(const recoup_fit_summary *summary, const recoup_rep_summary *reps,
                            const recoup_eventual *eventual, FILE *stream) {
    bool done = print_stages(summary, stream) && print_exits(summary, stream);
    if (done)
        print_eventual(eventual, stream);
    if (done && reps)
        done = print_reps(reps, stream);
    if (summary->n_notes)
        fputs("\nTo know about this fit:\n", stream);
    for (int i = 0; i < summary->n_notes && done; i++)
        done = print_paragraph("- ", summary->note[i], stream);
    return done ? RECOUP_OK : RECOUP_ENOMEM;
}

/* --- JSON ------------------------------------------------------------------------------------ */

#define FIT_FIELD(name, type)                                                                      \
    { #name, type, offsetof(recoup_fit_row, name) }
#define ESTIMATE_FIELDS(record, name)                                                              \
    {#name, CLI_FIELD_NUMBER, offsetof(record, name.value)},                                       \
        {#name "_low", CLI_FIELD_NUMBER, offsetof(record, name.low)}, {                            \
#name "_high", CLI_FIELD_NUMBER, offsetof(record, name.high)                               \
    }
static const cli_field fit_fields[] = {FIT_FIELD(stage, CLI_FIELD_TEXT),
                                       FIT_FIELD(cohort, CLI_FIELD_TEXT),
                                       FIT_FIELD(n_entered, CLI_FIELD_NUMBER),
                                       FIT_FIELD(n_advance, CLI_FIELD_NUMBER),
                                       FIT_FIELD(n_lost, CLI_FIELD_NUMBER),
                                       FIT_FIELD(n_other, CLI_FIELD_NUMBER),
                                       FIT_FIELD(n_open, CLI_FIELD_NUMBER),
                                       ESTIMATE_FIELDS(recoup_fit_row, conversion),
                                       ESTIMATE_FIELDS(recoup_fit_row, median_days),
                                       FIT_FIELD(family, CLI_FIELD_TEXT)};

#define EXIT_FIELD(name, type)                                                                     \
    { #name, type, offsetof(recoup_fit_exit, name) }
static const cli_field exit_fields[] = {
    EXIT_FIELD(stage, CLI_FIELD_TEXT),          EXIT_FIELD(exit, CLI_FIELD_TEXT),
    EXIT_FIELD(n_events, CLI_FIELD_NUMBER),     EXIT_FIELD(family, CLI_FIELD_TEXT),
    EXIT_FIELD(gof_distance, CLI_FIELD_NUMBER), EXIT_FIELD(gof_days, CLI_FIELD_NUMBER),
    EXIT_FIELD(gof_bound, CLI_FIELD_NUMBER)};

#define REP_FIELD(name, type)                                                                      \
    { #name, type, offsetof(recoup_rep_row, name) }
static const cli_field rep_fields[] = {
    REP_FIELD(stage, CLI_FIELD_TEXT), REP_FIELD(rep, CLI_FIELD_TEXT),
    REP_FIELD(cohort, CLI_FIELD_TEXT), REP_FIELD(n_entered, CLI_FIELD_NUMBER),
    ESTIMATE_FIELDS(recoup_rep_row, conversion)};

#define SPREAD_FIELD(name, type)                                                                   \
    { #name, type, offsetof(recoup_rep_spread, name) }
static const cli_field spread_fields[] = {
    SPREAD_FIELD(stage, CLI_FIELD_TEXT), SPREAD_FIELD(n_reps, CLI_FIELD_INT),
    SPREAD_FIELD(sd, CLI_FIELD_NUMBER), SPREAD_FIELD(p_value, CLI_FIELD_NUMBER)};

#define EVENTUAL_FIELD(name)                                                                       \
    { #name, CLI_FIELD_NUMBER, offsetof(recoup_eventual, name) }
static const cli_field eventual_fields[] = {EVENTUAL_FIELD(n_deals), EVENTUAL_FIELD(n_open),
                                            ESTIMATE_FIELDS(recoup_eventual, win_rate),
                                            EVENTUAL_FIELD(naive)};

#define COUNT_OF(fields) ((int)(sizeof fields / sizeof *fields))

recoup_status cli_print_fit_json(const recoup_fit_summary *summary, const recoup_rep_summary *reps,
                                 const recoup_eventual *eventual, FILE *stream) {
    fputs("{\n", stream);
    bool done = cli_print_json_records("stages", fit_fields, COUNT_OF(fit_fields), summary->row,
                                       summary->n_rows, sizeof *summary->row, stream);
    fputs(",\n", stream);
    done =
        done && cli_print_json_records("exits", exit_fields, COUNT_OF(exit_fields), summary->exit,
                                       summary->n_exits, sizeof *summary->exit, stream);
    fputs(",\n  \"eventual\": {\n", stream);
    done = done && cli_print_json_fields(eventual_fields, COUNT_OF(eventual_fields), eventual,
                                         "    ", stream);
    fputs("\n  }", stream);
    if (reps && done) {
        fputs(",\n", stream);
        done = cli_print_json_records("reps", rep_fields, COUNT_OF(rep_fields), reps->row,
                                      reps->n_rows, sizeof *reps->row, stream);
        fputs(",\n", stream);
        done = done &&
               cli_print_json_records("rep_spread", spread_fields, COUNT_OF(spread_fields),
                                      reps->spread, reps->n_stages, sizeof *reps->spread, stream);
    }
    fputs(",\n  \"notes\": [", stream);
    for (int i = 0; i < summary->n_notes && done; i++) {
        fputs(i ? ",\n    " : "\n    ", stream);
        done = cli_print_json_text(summary->note[i], stream);
    }
    fputs(summary->n_notes ? "\n  ]\n}\n" : "]\n}\n", stream);
    return done ? RECOUP_OK : RECOUP_ENOMEM;
}
