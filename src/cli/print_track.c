/* Tracking on a stream: for people in 80 columns, or as JSON. */
#include "cli.h"

#include <libsmartcols.h>
#include <math.h>
#include <recoup/date.h>
#include <stdlib.h>
#include <string.h>

enum { NAME = 14, MOST_PACE = 12, MOST_DUE = 10, MOST_LINES = 1 << 20 };

static char *format_number(char *cell, double x, const char *format) {
    if (isfinite(x))
        snprintf(cell, CLI_CELL_SIZE, format, x);
    else
        snprintf(cell, CLI_CELL_SIZE, "-");
    return cell;
}

static const char *day_of(char *buffer, double days) {
    return isfinite(days) ? recoup_date_format(buffer, days) : "-";
}

/* --- the forecasts ---------------------------------------------------------------------------- */

static void print_weeks(const recoup_track *track, cli_screen *screen) {
    static const char *const heading[] = {"As of", "Booked", "Expected", "10 %",
                                          "90 %",  "Gap",    "P(hit), %"};
    int n;
    const recoup_track_week_row *row = recoup_track_rows(track, RECOUP_TRACK_WEEK, &n);
    struct libscols_table *table = cli_screen_table(screen, heading, 7);
    for (int i = 0; i < n; i++) {
        char cell[6][CLI_CELL_SIZE], day[RECOUP_DATE_SIZE];
        cli_format_amount(cell[0], row[i].booked);
        cli_format_amount(cell[1], row[i].expected);
        cli_format_amount(cell[2], row[i].low);
        cli_format_amount(cell[3], row[i].high);
        cli_format_amount(cell[4], row[i].gap);
        snprintf(cell[5], CLI_CELL_SIZE, "%.1f (%.0f-%.0f)", 100 * row[i].hit_probability,
                 100 * row[i].hit_probability_low, 100 * row[i].hit_probability_high);
        cli_screen_row(screen, table, day_of(day, row[i].as_of), cell, 6);
    }
    cli_screen_end(screen, table);
    cli_screen_line(screen, "In brackets: P(hit) from 5 to 95 %% of what the history leaves open.");
}

static void print_factors(const recoup_track *track, cli_screen *screen) {
    static const char *const heading[] = {"As of",      "Deals", "Won, %",   "Value",
                                          "In time, %", "Open",  "Coverage", "Needed"};
    int n;
    bool any = false;
    const recoup_track_week_row *row = recoup_track_rows(track, RECOUP_TRACK_WEEK, &n);
    for (int i = 0; i < n; i++)
        any = any || isfinite(row[i].volume) || isfinite(row[i].open_amount);
    if (!any)
        return;
    cli_screen_line(screen, "%s", "");
    struct libscols_table *table = cli_screen_table(screen, heading, 8);
    for (int i = 0; i < n; i++) {
        char cell[7][CLI_CELL_SIZE], day[RECOUP_DATE_SIZE];
        format_number(cell[0], row[i].volume, "%.1f");
        cli_format_share(cell[1], row[i].win_rate);
        cli_format_amount(cell[2], row[i].value);
        cli_format_share(cell[3], row[i].velocity);
        cli_format_amount(cell[4], row[i].open_amount);
        format_number(cell[5], row[i].coverage, "%.2f");
        format_number(cell[6], row[i].coverage_needed, "%.2f");
        cli_screen_row(screen, table, day_of(day, row[i].as_of), cell, 7);
    }
    cli_screen_end(screen, table);
}

static void print_changes(const recoup_track *track, cli_screen *screen) {
    static const char *const heading[] = {"Change to", "Volume",   "Win rate",
                                          "Value",     "Velocity", "Total"};
    enum { FACTORS = 5 };
    int n;
    const recoup_track_change_row *row = recoup_track_rows(track, RECOUP_TRACK_CHANGE, &n);
    if (n == 0)
        return;
    cli_screen_line(screen, "%s", "");
    struct libscols_table *table = cli_screen_table(screen, heading, 1 + FACTORS);
    for (int i = 0; i + FACTORS <= n; i += FACTORS) {
        char cell[FACTORS][CLI_CELL_SIZE], to[RECOUP_DATE_SIZE];
        for (int f = 0; f < FACTORS; f++)
            cli_format_amount(cell[f], row[i + f].effect);
        cli_screen_row(screen, table, day_of(to, row[i].to), cell, FACTORS);
    }
    cli_screen_end(screen, table);
}

static void print_coverage(const recoup_track_summary *of, cli_screen *screen) {
    char score[CLI_MONEY_SIZE];
    cli_screen_line(screen,
                    "%d of %d within 10 to 90 %% (right would be 80 %%; chance allows for %.0f to "
                    "%.0f %%).",
                    of->n_covered, of->n_forecasts, 100 * of->coverage_low,
                    100 * of->coverage_high);
    cli_screen_line(screen, "Mean score %s (CRPS; the error of a forecast without spread).",
                    cli_format_money(score, of->score, 0));
}

static void print_forecasts(const recoup_track *track, cli_screen *screen) {
    static const char *const heading[] = {"Forecast for", "Booked",   "Median",   "10 %",
                                          "90 %",         "Quantile", "New deals"};
    const recoup_track_summary of = recoup_track_summarise(track);
    int n;
    const recoup_track_forecast_row *row = recoup_track_rows(track, RECOUP_TRACK_FORECAST, &n);
    if (n == 0)
        return;
    cli_screen_line(screen, "%s", "");
    struct libscols_table *table = cli_screen_table(screen, heading, 7);
    for (int i = 0; i < n; i++) {
        char cell[6][CLI_CELL_SIZE], due[RECOUP_DATE_SIZE];
        cli_format_amount(cell[0], row[i].actual);
        cli_format_amount(cell[1], row[i].median);
        cli_format_amount(cell[2], row[i].low);
        cli_format_amount(cell[3], row[i].high);
        format_number(cell[4], row[i].position, "%.2f");
        snprintf(cell[5], CLI_CELL_SIZE, "-");
        if (isfinite(row[i].created))
            snprintf(cell[5], CLI_CELL_SIZE, "%.0f of %.0f", row[i].created,
                     row[i].created_expected);
        cli_screen_row(screen, table, day_of(due, row[i].due), cell, 6);
    }
    cli_screen_end(screen, table);
    print_coverage(&of, screen);
}

/* --- what to do ------------------------------------------------------------------------------- */

static void print_flags(const recoup_track *track, cli_screen *screen) {
    int n;
    const recoup_track_flag_row *row = recoup_track_rows(track, RECOUP_TRACK_FLAG, &n);
    cli_screen_line(screen, "%s", "");
    if (n == 0)
        cli_screen_line(screen, "No early warning.");
    for (int i = 0; i < n && !screen->failed; i++) {
        char *text = NULL;
        screen->failed = asprintf(&text, "! %s: %s", row[i].flag, row[i].evidence) < 0;
        if (!screen->failed)
            cli_screen_paragraph(screen, text, 4);
        free(text);
    }
}

/* The two counts, on average and 80 % sure. */
static void format_counts(char *cell, double mean, double sure) {
    if (isfinite(mean) && isfinite(sure))
        snprintf(cell, CLI_CELL_SIZE, "%.0f to %.0f", mean, sure);
    else
        snprintf(cell, CLI_CELL_SIZE, "-");
}

/* Those who need something for a goal, the largest gap first. */
static int compare_gaps(const void *left, const void *right) {
    const recoup_pace_row *a = *(const recoup_pace_row *const *)left;
    const recoup_pace_row *b = *(const recoup_pace_row *const *)right;
    if (a->gap != b->gap)
        return a->gap > b->gap ? -1 : 1;
    return strcmp(a->rep, b->rep);
}

static void print_needs(const recoup_pace_row **row, int n, const char *title, cli_screen *screen) {
    const char *heading[] = {title, "Number", "Gap", "To win", "Weeks", "New", "Calls", "Now"};
    struct libscols_table *table = n > 0 ? cli_screen_table(screen, heading, 8) : NULL;
    bool any_late = false;
    for (int i = 0; i < n && i < MOST_PACE; i++) {
        char cell[7][CLI_CELL_SIZE], name[CLI_CELL_SIZE];
        bool is_late = strcmp(row[i]->verdict, "too late") == 0;
        any_late = any_late || is_late;
        cli_clip(name, sizeof name, row[i]->rep, NAME);
        cli_format_amount(cell[0], row[i]->number);
        cli_format_amount(cell[1], row[i]->gap);
        snprintf(cell[2], CLI_CELL_SIZE, "%d", row[i]->n_deals);
        snprintf(cell[3], CLI_CELL_SIZE, "%d%s", row[i]->n_weeks, is_late ? "*" : "");
        format_counts(cell[4], row[i]->created, row[i]->created_sure);
        format_counts(cell[5], row[i]->calls, row[i]->calls_sure);
        format_number(cell[6], row[i]->calls_now, "%.1f");
        cli_screen_row(screen, table, name, cell, 7);
    }
    cli_screen_end(screen, table);
    cli_screen_more(screen, n - MOST_PACE);
    if (any_late)
        cli_screen_line(screen, "* Most new deals of this week come too late: look at open ones "
                                "first.");
}

static void print_goal(const recoup_track_summary *of, const char *goal, const char *title,
                       cli_screen *screen) {
    const recoup_pace_row **row = calloc((size_t)of->n_pace + 1, sizeof *row);
    int n = 0, n_on_track = 0;
    screen->failed = screen->failed || !row;
    for (int i = 0; i < of->n_pace && row; i++) {
        if (strcmp(of->pace[i].goal, goal) != 0)
            continue;
        if (strcmp(of->pace[i].verdict, "on track") == 0)
            n_on_track++;
        else
            row[n++] = &of->pace[i];
    }
    if (n + n_on_track > 0)
        cli_screen_line(screen, "%s", "");
    if (n > 0)
        qsort(row, (size_t)n, sizeof *row, compare_gaps);
    print_needs(row, n, title, screen);
    if (n + n_on_track > 0)
        cli_screen_line(screen, "%d rep%s on track for the %s.", n_on_track,
                        n_on_track == 1 ? " is" : "s are", goal);
    free(row);
}

static void print_pace(const recoup_track *track, cli_screen *screen) {
    const recoup_track_summary of = recoup_track_summarise(track);
    print_goal(&of, "period", "For the period", screen);
    print_goal(&of, "next month", "For next month", screen);
    if (of.n_pace > 0)
        cli_screen_paragraph(screen,
                             "New: deals to create a week beside those expected anyway, and calls "
                             "for them, from on average to 80 % sure. Now: calls a week of late.",
                             2);
}

static void print_due(const recoup_track *track, cli_screen *screen) {
    int n;
    const recoup_track_due_row *row = recoup_track_rows(track, RECOUP_TRACK_DUE, &n);
    if (n > 0) {
        cli_screen_line(screen, "%s", "");
        cli_screen_line(screen, "Actions and reviews");
    }
    for (int i = 0; i < n && i < MOST_DUE; i++) {
        char day[RECOUP_DATE_SIZE];
        cli_screen_line(screen, "%-9s  %s  %s (%s%s%s)", row[i].state, day_of(day, row[i].due),
                        row[i].what, row[i].plan, *row[i].owner ? ", " : "", row[i].owner);
    }
    cli_screen_more(screen, n - MOST_DUE);
}

recoup_status cli_print_track(const recoup_track *track, FILE *stream) {
    const recoup_track_summary of = recoup_track_summarise(track);
    char start[RECOUP_DATE_SIZE], end[RECOUP_DATE_SIZE];
    cli_screen screen = {.stream = stream, .left = MOST_LINES};
    cli_screen_line(&screen, "%s", of.title);
    cli_screen_line(&screen, "%s to %s%s%s", day_of(start, of.period_start),
                    day_of(end, of.period_end), *of.currency ? ", " : "", of.currency);
    cli_screen_line(&screen, "%s", "");
    print_weeks(track, &screen);
    print_factors(track, &screen);
    print_changes(track, &screen);
    print_forecasts(track, &screen);
    print_flags(track, &screen);
    print_pace(track, &screen);
    print_due(track, &screen);
    return screen.failed ? RECOUP_ENOMEM : RECOUP_OK;
}

/* --- JSON ------------------------------------------------------------------------------------- */

#define FIELD(name, type)                                                                          \
    { #name, type, offsetof(recoup_track_summary, name) }
static const cli_field summary_fields[] = {
    FIELD(title, CLI_FIELD_TEXT),           FIELD(currency, CLI_FIELD_TEXT),
    FIELD(period_start, CLI_FIELD_DATE),    FIELD(period_end, CLI_FIELD_DATE),
    FIELD(n_forecasts, CLI_FIELD_INT),      FIELD(n_covered, CLI_FIELD_INT),
    FIELD(coverage, CLI_FIELD_NUMBER),      FIELD(coverage_low, CLI_FIELD_NUMBER),
    FIELD(coverage_high, CLI_FIELD_NUMBER), FIELD(score, CLI_FIELD_NUMBER)};

recoup_status cli_print_track_json(const recoup_track *track, FILE *stream) {
    const recoup_track_summary of = recoup_track_summarise(track);
    fputs("{\n", stream);
    bool done = cli_print_json_fields(
        summary_fields, sizeof summary_fields / sizeof *summary_fields, &of, "  ", stream);
    for (int id = 0; id < RECOUP_N_TRACK && done; id++) {
        int n;
        const void *rows = recoup_track_rows(track, (recoup_track_id)id, &n);
        fputs(",\n", stream);
        done = cli_print_json_type(&recoup_track_types[id], rows, n, stream);
    }
    fputs(",\n", stream);
    done = done && cli_print_json_type(&recoup_record_types[RECOUP_RECORD_PACE], of.pace, of.n_pace,
                                       stream);
    fputs("\n}\n", stream);
    return done ? RECOUP_OK : RECOUP_ENOMEM;
}
