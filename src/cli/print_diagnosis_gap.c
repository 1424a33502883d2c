/* The screen of the gap: where team and cohorts stand, and the gap to references by factor. */
#include "cli.h"

#include <math.h>
#include <string.h>

enum { NAME = 16 };

/* The rows of one kind of record. */
#define ROWS(results, ID, name, n)                                                                 \
    const recoup_##name##_row *name = recoup_results_records(results, RECOUP_RECORD_##ID, n)

static void print_heading(const recoup_standing_row *team, cli_screen *screen) {
    char gap[CLI_MONEY_SIZE], low[CLI_MONEY_SIZE], high[CLI_MONEY_SIZE], hit[CLI_CELL_SIZE];
    cli_screen_line(screen, "GAP  quota less expected bookings %s (10 to 90 %%: %s to %s)",
                    cli_format_money(gap, team->gap, 0), cli_format_money(low, team->gap_low, 0),
                    cli_format_money(high, team->gap_high, 0));
    cli_screen_line(screen, "P(hit) %s %%", cli_format_share(hit, team->hit_probability));
}

/* Team and cohorts, in at most so many lines with the heading. */
static void print_standing(const recoup_standing_row *row, int n, int lines, cli_screen *screen) {
    static const char *const heading[] = {"",     "Quota",    "Booked", "Open deals",
                                          "Open", "Expected", "Gap"};
    struct libscols_table *table = cli_screen_table(screen, heading, 7);
    int shown = 1, more = 0;
    for (int i = 0; i < n; i++) {
        char name[CLI_CELL_SIZE], cell[6][CLI_CELL_SIZE];
        if (strcmp(row[i].level, "rep") == 0)
            continue;
        if (shown++ >= lines - 1) {
            more++;
            continue;
        }
        cli_clip(name, sizeof name, row[i].name, NAME);
        cli_format_amount(cell[0], row[i].quota);
        cli_format_amount(cell[1], row[i].booked);
        snprintf(cell[2], CLI_CELL_SIZE, "%d", row[i].n_open);
        cli_format_amount(cell[3], row[i].open_amount);
        cli_format_amount(cell[4], row[i].expected);
        cli_format_amount(cell[5], row[i].gap);
        cli_screen_row(screen, table, name, cell, 6);
    }
    cli_screen_end(screen, table);
    cli_screen_more(screen, more);
}

static void format_value(char *cell, double value, const char *unit) {
    if (strcmp(unit, "share") == 0)
        snprintf(cell, CLI_CELL_SIZE, "%.1f %%", 100 * value);
    else if (strcmp(unit, "currency") == 0)
        cli_format_amount(cell, value);
    else
        snprintf(cell, CLI_CELL_SIZE, "%.1f", value);
    if (!isfinite(value))
        snprintf(cell, CLI_CELL_SIZE, "-");
}

/* Of a reference, so that the table fits. */
static const char *short_name(const char *reference) {
    return strcmp(reference, "same period last year") == 0 ? "last year" : reference;
}

static void print_factors(const recoup_gap_row *row, int n, cli_screen *screen) {
    static const char *const heading[] = {"Held against", "Factor", "Then",
                                          "Now",          "Effect", "95 % interval"};
    struct libscols_table *table = cli_screen_table(screen, heading, 6);
    for (int i = 0; i < n; i++) {
        char cell[5][CLI_CELL_SIZE], low[CLI_CELL_SIZE], high[CLI_CELL_SIZE];
        if (*row[i].cohort)
            continue;
        snprintf(cell[0], CLI_CELL_SIZE, "%s", row[i].factor);
        format_value(cell[1], row[i].reference_value, row[i].unit);
        format_value(cell[2], row[i].value, row[i].unit);
        cli_format_amount(cell[3], row[i].effect);
        snprintf(cell[4], CLI_CELL_SIZE, "-");
        if (isfinite(row[i].effect_low))
            snprintf(cell[4], CLI_CELL_SIZE, "%.30s to %.30s",
                     cli_format_amount(low, row[i].effect_low),
                     cli_format_amount(high, row[i].effect_high));
        bool is_first = strcmp(row[i].factor, "volume") == 0;
        cli_screen_row(screen, table, is_first ? short_name(row[i].reference) : "", cell, 5);
    }
    cli_screen_end(screen, table);
}

void cli_print_gap(const recoup_results *results, cli_screen *screen) {
    int n_standing, n_gap, n_factors = 0;
    ROWS(results, STANDING, standing, &n_standing);
    ROWS(results, GAP, gap, &n_gap);
    for (int i = 0; i < n_gap; i++)
        n_factors += !*gap[i].cohort;
    if (n_standing > 0)
        print_heading(&standing[0], screen);
    else
        cli_screen_line(screen, "GAP");
    int below = n_factors > 0 ? n_factors + 2 : 1;
    print_standing(standing, n_standing, screen->left - below, screen);
    if (n_factors == 0) {
        cli_screen_line(screen, "No period before this one is covered whole: nothing to hold it "
                                "against.");
        return;
    }
    cli_screen_line(screen, "%s", "");
    print_factors(gap, n_gap, screen);
}
