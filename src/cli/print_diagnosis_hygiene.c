/* The screens of the pipeline's hygiene, and of the tables' quality. */
#include "cli.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROWS(results, ID, name, n)                                                                 \
    const recoup_##name##_row *name = recoup_results_records(results, RECOUP_RECORD_##ID, n)

enum { MOST_RULES = 8 };

static void print_forecasts(const recoup_forecast_row *row, int n, cli_screen *screen) {
    static const char *const heading[] = {"Pipeline", "Open deals", "Open", "Expected",
                                          "P(hit), %"};
    struct libscols_table *table = n > 0 ? cli_screen_table(screen, heading, 5) : NULL;
    for (int i = 0; i < n; i++) {
        char cell[4][CLI_CELL_SIZE];
        snprintf(cell[0], CLI_CELL_SIZE, "%d", row[i].n_open);
        cli_format_amount(cell[1], row[i].open_amount);
        cli_format_amount(cell[2], row[i].expected);
        snprintf(cell[3], CLI_CELL_SIZE, "%.1f ± %.1f", 100 * row[i].hit_probability,
                 196 * row[i].hit_probability_se);
        cli_screen_row(screen, table, row[i].pipeline, cell, 4);
    }
    cli_screen_end(screen, table);
}

static void print_rules(const recoup_rule_row *row, int n, cli_screen *screen) {
    static const char *const heading[] = {"Rule", "Deals", "Share, %", "Amount", "Expected"};
    struct libscols_table *table = n > 0 ? cli_screen_table(screen, heading, 5) : NULL;
    for (int i = 0; i < n && i < MOST_RULES; i++) {
        char name[CLI_CELL_SIZE], cell[4][CLI_CELL_SIZE];
        cli_clip(name, sizeof name, row[i].rule, 28);
        for (int k = 1; k < 4; k++)
            snprintf(cell[k], CLI_CELL_SIZE, "-");
        if (row[i].n_deals < 0) {
            char lacking[CLI_CELL_SIZE];
            cli_clip(lacking, sizeof lacking, row[i].missing, 18);
            snprintf(cell[0], CLI_CELL_SIZE, "no %.80s", lacking);
        } else {
            snprintf(cell[0], CLI_CELL_SIZE, "%d", row[i].n_deals);
            cli_format_share(cell[1], row[i].share);
            cli_format_amount(cell[2], row[i].amount);
            cli_format_amount(cell[3], row[i].expected);
        }
        cli_screen_row(screen, table, name, cell, 4);
    }
    cli_screen_end(screen, table);
    cli_screen_more(screen, n - MOST_RULES);
}

static void print_deals(const recoup_hygiene_row *row, int n, cli_screen *screen) {
    static const char *const heading[] = {"Deal",   "Rep",         "Stage", "Amount",
                                          "Win, %", "Disposition", "Rules"};
    int room = screen->left - 2, shown = 0;
    struct libscols_table *table = n > 0 && room > 0 ? cli_screen_table(screen, heading, 7) : NULL;
    for (; shown < n && shown < room; shown++) {
        char name[CLI_CELL_SIZE], cell[6][CLI_CELL_SIZE];
        cli_clip(name, sizeof name, row[shown].deal, 11);
        cli_clip(cell[0], CLI_CELL_SIZE, row[shown].rep, 8);
        cli_clip(cell[1], CLI_CELL_SIZE, row[shown].stage, 10);
        cli_format_amount(cell[2], row[shown].amount);
        cli_format_share(cell[3], row[shown].win_probability);
        snprintf(cell[4], CLI_CELL_SIZE, "%.11s", row[shown].disposition);
        cli_clip(cell[5], CLI_CELL_SIZE, row[shown].rules, 16);
        cli_screen_row(screen, table, name, cell, 6);
    }
    cli_screen_end(screen, table);
    cli_screen_more(screen, n - shown);
}

void cli_print_hygiene(const recoup_results *results, cli_screen *screen) {
    int n_deals, n_rules, n_forecasts;
    ROWS(results, HYGIENE, hygiene, &n_deals);
    ROWS(results, RULE, rule, &n_rules);
    ROWS(results, FORECAST, forecast, &n_forecasts);
    cli_screen_line(screen, "HYGIENE  %d open deal%s to look at", n_deals, n_deals == 1 ? "" : "s");
    print_forecasts(forecast, n_forecasts, screen);
    print_rules(rule, n_rules, screen);
    print_deals(hygiene, n_deals, screen);
}

void cli_print_quality(const recoup_results *results, cli_screen *screen) {
    int n, shown = 0;
    ROWS(results, QUALITY, quality, &n);
    cli_screen_line(screen, "DATA QUALITY  %s",
                    n > 0 ? "what the tables lack" : "the tables lack nothing");
    for (; shown < n && screen->left > 3; shown++) {
        const recoup_quality_row *row = &quality[shown];
        char *text = NULL;
        int length = asprintf(&text, "- %s%s%s: %s, %d of %d (%.1f %%). %s", row->table,
                              *row->column ? "." : "", row->column, row->problem, row->n,
                              row->n_rows, 100 * row->share, row->meaning);
        screen->failed = screen->failed || length < 0;
        if (length < 0)
            return;
        cli_screen_paragraph(screen, text, 2);
        free(text);
    }
    cli_screen_more(screen, n - shown);
}
