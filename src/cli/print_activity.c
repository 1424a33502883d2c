/* From a gap to activity, for people and as JSON. */
#include "cli.h"

#include <libsmartcols.h>
#include <math.h>
#include <recoup/number.h>
#include <string.h>
#include <time.h>

static const char *const level_names[RECOUP_ACTIVITY_LEVELS] = {"on average", "80 % sure",
                                                                "90 % sure", "95 % sure"};
static const char *const level_keys[RECOUP_ACTIVITY_LEVELS] = {"mean", "0.8", "0.9", "0.95"};

static void format_count(char cell[CLI_CELL_SIZE], double n) {
    char number[CLI_MONEY_SIZE];
    snprintf(cell, CLI_CELL_SIZE, "%s", cli_format_money(number, n, 0));
}

static void format_percent(char cell[CLI_CELL_SIZE], double share) {
    if (isnan(share))
        snprintf(cell, CLI_CELL_SIZE, "-");
    else
        snprintf(cell, CLI_CELL_SIZE, "%.1f", 100 * share);
}

/* Prints the table and frees it; false: out of memory. */
static bool end_table(struct libscols_table *table, bool filled) {
    bool done = filled && scols_print_table(table) == 0;
    scols_unref_table(table);
    return done;
}

/* --- plain inputs ----------------------------------------------------------------------------- */

recoup_status cli_print_plain_activity(const recoup_activity_inputs *inputs,
                                       const recoup_activity_plain *plain, FILE *stream) {
    static const char *const heading[] = {"", "Proposals", "Calls", "P(gap closed), %"};
    char gap[CLI_MONEY_SIZE], deal[CLI_MONEY_SIZE], deals[CLI_MONEY_SIZE];
    char rate[RECOUP_NUMBER_SIZE], calls[RECOUP_NUMBER_SIZE];
    bool has_calls = !isnan(inputs->calls_per_proposal);
    fprintf(stream, "Gap %s at %s a deal: %s deal%s; %s %% of proposals are won",
            cli_format_money(gap, inputs->gap, 0), cli_format_money(deal, inputs->deal, 0),
            cli_format_money(deals, plain->deals, 0), plain->deals == 1 ? "" : "s",
            recoup_number_format(rate, rint(1e8 * inputs->close_rate) / 1e6));
    if (has_calls)
        fprintf(stream, "; %s calls each", recoup_number_format(calls, inputs->calls_per_proposal));
    fputs("\n\n", stream);
    struct libscols_table *table = cli_table_create(heading, 4, stream);
    bool done = table != NULL;
    for (int i = 0; i < RECOUP_ACTIVITY_LEVELS && done; i++) {
        char cell[3][CLI_CELL_SIZE];
        format_count(cell[0], plain->proposals[i]);
        format_count(cell[1], plain->calls[i]);
        format_percent(cell[2], plain->probability[i]);
        done = cli_table_add(table, level_names[i], cell, 3);
    }
    return end_table(table, done) ? RECOUP_OK : RECOUP_ENOMEM;
}

static void print_number(const char *before, double x, FILE *stream) {
    char buffer[RECOUP_NUMBER_SIZE];
    fprintf(stream, "%s%s", before, isfinite(x) ? recoup_number_format(buffer, x) : "null");
}

recoup_status cli_print_plain_activity_json(const recoup_activity_inputs *inputs,
                                            const recoup_activity_plain *plain, FILE *stream) {
    print_number("{\n  \"gap\": ", inputs->gap, stream);
    print_number(",\n  \"deal\": ", inputs->deal, stream);
    print_number(",\n  \"close_rate\": ", inputs->close_rate, stream);
    print_number(",\n  \"calls_per_proposal\": ", inputs->calls_per_proposal, stream);
    print_number(",\n  \"deals\": ", plain->deals, stream);
    fputs(",\n  \"needs\": {", stream);
    for (int i = 0; i < RECOUP_ACTIVITY_LEVELS; i++) {
        fprintf(stream, "%s\n    \"%s\": {", i ? "," : "", level_keys[i]);
        print_number("\"proposals\": ", plain->proposals[i], stream);
        print_number(", \"calls\": ", plain->calls[i], stream);
        print_number(", \"probability\": ", plain->probability[i], stream);
        fputs("}", stream);
    }
    fputs("\n  }\n}\n", stream);
    return RECOUP_OK;
}

/* --- a scenario ------------------------------------------------------------------------------- */

/* The last day of a week as text: days since 1970. */
static void format_day(char cell[CLI_CELL_SIZE], double days) {
    time_t seconds = (time_t)(days * 86400);
    struct tm day;
    if (!gmtime_r(&seconds, &day) || strftime(cell, CLI_CELL_SIZE, "%Y-%m-%d", &day) == 0)
        snprintf(cell, CLI_CELL_SIZE, "-");
}

static void print_heading(const recoup_activity *activity, FILE *stream) {
    char quota[CLI_MONEY_SIZE], expected[CLI_MONEY_SIZE], gap[CLI_MONEY_SIZE], deal[CLI_MONEY_SIZE],
        deals[CLI_MONEY_SIZE], calls[CLI_MONEY_SIZE], n[CLI_MONEY_SIZE];
    const char *currency = activity->currency ? activity->currency : "";
    fprintf(stream, "%s\nQuota %s%s%s, expected %s under `%s`: ", activity->title, currency,
            *currency ? " " : "", cli_format_money(quota, activity->quota, 0),
            cli_format_money(expected, activity->expected, 0), activity->plan);
    if (activity->gap <= 0) {
        fputs("no gap to close\n", stream);
        return;
    }
    fprintf(stream, "gap %s\nA new deal is worth %s on average: %s more deal%s\n",
            cli_format_money(gap, activity->gap, 0), cli_format_money(deal, activity->deal, 0),
            cli_format_money(deals, activity->deals, 0), activity->deals == 1 ? "" : "s");
    const char *stage = activity->stage[activity->proposal_stage];
    if (isnan(activity->calls_per_proposal))
        fputs("How many calls a proposal takes is not known: --calls-per-proposal says it\n",
              stream);
    else if (activity->n_proposals > 0)
        fprintf(stream, "%.2f calls for each deal that came to `%s` (%s calls, %s deals)\n",
                activity->calls_per_proposal, stage,
                cli_format_money(calls, (double)activity->n_calls, 0),
                cli_format_money(n, (double)activity->n_proposals, 0));
    else
        fprintf(stream, "%.2f calls for each deal that comes to `%s`\n",
                activity->calls_per_proposal, stage);
}

/* One line of numbers, one for each level; `offset` is that of a double in a need. */
static bool add_counts(struct libscols_table *table, const char *name,
                       const recoup_activity_row *row, size_t offset) {
    char cell[RECOUP_ACTIVITY_LEVELS][CLI_CELL_SIZE];
    for (int i = 0; i < RECOUP_ACTIVITY_LEVELS; i++) {
        double x;
        memcpy(&x, (const char *)&row->need[i] + offset, sizeof x);
        format_count(cell[i], x);
    }
    return cli_table_add(table, name, cell, RECOUP_ACTIVITY_LEVELS);
}

static bool add_stages(struct libscols_table *table, const recoup_activity *activity,
                       const recoup_activity_row *row) {
    bool done = true;
    for (int s = 1; s < activity->n_stages && done; s++) {
        char name[2 * CLI_CELL_SIZE], cell[RECOUP_ACTIVITY_LEVELS][CLI_CELL_SIZE];
        snprintf(name, sizeof name, "entering %.90s", activity->stage[s]);
        for (int i = 0; i < RECOUP_ACTIVITY_LEVELS; i++)
            format_count(cell[i], row->need[i].entered[s]);
        done = cli_table_add(table, name, cell, RECOUP_ACTIVITY_LEVELS);
    }
    return done;
}

/* All new deals as they arrive. */
static bool print_whole(const recoup_activity *activity, FILE *stream) {
    static const char *const heading[] = {"More new deals, in today's mix", "On average",
                                          "80 % sure", "90 % sure", "95 % sure"};
    const recoup_activity_row *row = &activity->row[0];
    char name[2 * CLI_CELL_SIZE], until[CLI_CELL_SIZE], cell[RECOUP_ACTIVITY_LEVELS][CLI_CELL_SIZE];
    struct libscols_table *table = cli_table_create(heading, 5, stream);
    bool done = table != NULL;
    format_day(until, activity->week_end[row->n_weeks - 1]);
    snprintf(name, sizeof name, "to create until %s", until);
    done = done && add_counts(table, name, row, offsetof(recoup_activity_need, created));
    snprintf(name, sizeof name, "  a week (%.0f come anyway)", row->arrivals_a_week);
    done = done && add_counts(table, name, row, offsetof(recoup_activity_need, created_a_week));
    done = done && add_stages(table, activity, row);
    if (!isnan(activity->calls_per_proposal)) {
        done = done && add_counts(table, "calls", row, offsetof(recoup_activity_need, calls));
        done = done &&
               add_counts(table, "  a week", row, offsetof(recoup_activity_need, calls_a_week));
    }
    for (int i = 0; i < RECOUP_ACTIVITY_LEVELS; i++)
        format_percent(cell[i], row->need[i].probability);
    done = done && cli_table_add(table, "P(gap closed), %", cell, RECOUP_ACTIVITY_LEVELS);
    return end_table(table, done);
}

/* Each cohort and channel alone. */
static bool print_each(const recoup_activity *activity, FILE *stream) {
    static const char *const heading[] = {"Deals to create", "Won, %", "In time, %", "Until",
                                          "Average",         "80 %",   "90 %",       "95 %"};
    enum { N = sizeof heading / sizeof *heading };
    struct libscols_table *table = cli_table_create(heading, N, stream);
    bool done = table != NULL;
    for (int r = 1; r < activity->n_rows && done; r++) {
        const recoup_activity_row *row = &activity->row[r];
        char name[2 * CLI_CELL_SIZE], cell[N - 1][CLI_CELL_SIZE], until[CLI_CELL_SIZE];
        snprintf(name, sizeof name, "%s%s%s", row->cohort, row->channel ? ", " : "",
                 row->channel ? row->channel : "");
        format_percent(cell[0], row->win);
        format_percent(cell[1], row->win > 0 ? row->win_by_end / row->win : NAN);
        format_day(until, activity->week_end[row->n_weeks - 1]);
        snprintf(cell[2], sizeof cell[2], "%.12s%s", until, row->is_too_late ? "*" : "");
        for (int i = 0; i < RECOUP_ACTIVITY_LEVELS; i++)
            format_count(cell[3 + i], row->need[i].created);
        done = cli_table_add(table, name, cell, N - 1);
    }
    return end_table(table, done);
}

/* What the numbers are of. False: out of memory. */
static bool print_meaning(const recoup_activity *activity, bool any_late, FILE *stream) {
    const recoup_activity_row *all = &activity->row[0];
    cli_text text;
    if (!cli_text_open(&text))
        return false;
    fprintf(text.stream,
            "\n%.1f %% of new deals are won, whenever that is (as fitted, without levers), and of "
            "those %.1f %% by the end of the period, where deals are created evenly until the day "
            "named: the end of the last week in which at least half of the later wins still come "
            "in time.\n",
            100 * all->win, all->win > 0 ? 100 * all->win_by_end / all->win : 0);
    if (any_late)
        fputs("* Less than half do so already now: new deals come too late; the numbers are for "
              "deals of this week.\n",
              text.stream);
    if (all->is_too_late && activity->n_rows > 1)
        fputs("That is so for all new deals taken together: look at the open pipeline first.\n",
              text.stream);
    fprintf(text.stream,
            "Confidence is over the luck of the deals, the market and %d parameter draw%s.\n",
            activity->n_draws, activity->n_draws == 1 ? "" : "s");
    return cli_text_print(&text, stream);
}

recoup_status cli_print_activity(const recoup_activity *activity, FILE *stream) {
    print_heading(activity, stream);
    if (activity->n_rows == 0)
        return RECOUP_OK;
    bool any_late = false;
    for (int r = 0; r < activity->n_rows; r++)
        any_late |= activity->row[r].is_too_late;
    fputc('\n', stream);
    bool done = print_whole(activity, stream);
    if (activity->n_rows > 2) { /* else it is the same */
        fputs("\nOne cohort and channel alone:\n", stream);
        done = done && print_each(activity, stream);
    }
    done = done && print_meaning(activity, any_late, stream);
    return done ? RECOUP_OK : RECOUP_ENOMEM;
}

/* --- JSON ------------------------------------------------------------------------------------- */

static void print_list(const char *before, const double *x, int n, FILE *stream) {
    fprintf(stream, "%s[", before);
    for (int i = 0; i < n; i++)
        print_number(i ? ", " : "", x[i], stream);
    fputs("]", stream);
}

static void print_need(const recoup_activity *activity, const recoup_activity_need *need,
                       FILE *stream) {
    print_number("{\"created\": ", need->created, stream);
    print_number(", \"created_a_week\": ", need->created_a_week, stream);
    print_list(", \"entered\": ", need->entered, activity->n_stages, stream);
    print_number(", \"proposals\": ", need->proposals, stream);
    print_number(", \"calls\": ", need->calls, stream);
    print_number(", \"calls_a_week\": ", need->calls_a_week, stream);
    print_number(", \"probability\": ", need->probability, stream);
    fputs("}", stream);
}

static bool print_text(const char *before, const char *text, FILE *stream) {
    fputs(before, stream);
    if (text)
        return cli_print_json_text(text, stream);
    fputs("null", stream);
    return true;
}

static bool print_row(const recoup_activity *activity, const recoup_activity_row *row,
                      FILE *stream) {
    bool done = print_text("    {\"cohort\": ", row->cohort, stream) &&
                print_text(", \"channel\": ", row->channel, stream);
    print_number(", \"arrivals_a_week\": ", row->arrivals_a_week, stream);
    print_number(",\n     \"win\": ", row->win, stream);
    print_number(", \"win_low\": ", row->win_low, stream);
    print_number(", \"win_high\": ", row->win_high, stream);
    print_number(", \"win_by_end\": ", row->win_by_end, stream);
    fprintf(stream, ", \"n_weeks\": %d, \"is_too_late\": %s", row->n_weeks,
            row->is_too_late ? "true" : "false");
    print_list(",\n     \"entries\": ", row->entries, activity->n_stages, stream);
    print_list(",\n     \"in_time\": ", row->in_time, activity->n_weeks, stream);
    fputs(",\n     \"needs\": {", stream);
    for (int i = 0; i < RECOUP_ACTIVITY_LEVELS; i++) {
        fprintf(stream, "%s\n       \"%s\": ", i ? "," : "", level_keys[i]);
        print_need(activity, &row->need[i], stream);
    }
    fputs("}}", stream);
    return done;
}

recoup_status cli_print_activity_json(const recoup_activity *activity, FILE *stream) {
    bool done = print_text("{\n  \"title\": ", activity->title, stream) &&
                print_text(",\n  \"currency\": ", activity->currency, stream) &&
                print_text(",\n  \"plan\": ", activity->plan, stream);
    print_number(",\n  \"quota\": ", activity->quota, stream);
    print_number(",\n  \"booked\": ", activity->booked, stream);
    print_number(",\n  \"expected\": ", activity->expected, stream);
    print_number(",\n  \"gap\": ", activity->gap, stream);
    print_number(",\n  \"deal\": ", activity->deal, stream);
    print_number(",\n  \"deals\": ", activity->deals, stream);
    fprintf(stream, ",\n  \"parameter_draws\": %d,\n  \"stages\": [", activity->n_draws);
    for (int s = 0; s < activity->n_stages && done; s++)
        done = print_text(s ? ", " : "", activity->stage[s], stream);
    done =
        done &&
        print_text("],\n  \"proposal_stage\": ", activity->stage[activity->proposal_stage], stream);
    print_number(",\n  \"calls_per_proposal\": ", activity->calls_per_proposal, stream);
    fputs(",\n  \"week_end\": [", stream);
    for (int w = 0; w < activity->n_weeks && done; w++) {
        char day[CLI_CELL_SIZE];
        format_day(day, activity->week_end[w]);
        done = print_text(w ? ", " : "", day, stream);
    }
    fputs("],\n  \"rows\": [", stream);
    for (int r = 0; r < activity->n_rows && done; r++) {
        fputs(r ? ",\n" : "\n", stream);
        done = print_row(activity, &activity->row[r], stream);
    }
    fputs(activity->n_rows ? "\n  ]\n}\n" : "]\n}\n", stream);
    return done ? RECOUP_OK : RECOUP_ENOMEM;
}
