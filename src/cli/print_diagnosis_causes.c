/* The screens of the four causes, and of strengths and weaknesses. */
#include "cli.h"

#include <math.h>
#include <recoup/date.h>
#include <stdlib.h>
#include <string.h>

#define ROWS(results, ID, name, n)                                                                 \
    const recoup_##name##_row *name = recoup_results_records(results, RECOUP_RECORD_##ID, n)

/* --- causes ----------------------------------------------------------------------------------- */

enum { CAUSES = 4, SENTENCE_LINES = 3 };
static const char *const causes[CAUSES] = {"skill", "process", "motivation", "market"};

static bool is_found(const recoup_finding_row *row) {
    return strcmp(row->verdict, "found") == 0;
}

static void print_count(const recoup_finding_row *row, int n, const char *cause,
                        cli_screen *screen) {
    int n_found = 0, n_tested = 0, n_short = 0;
    for (int i = 0; i < n; i++) {
        if (strcmp(row[i].cause, cause) != 0)
            continue;
        bool is_short = strcmp(row[i].verdict, "not enough data") == 0;
        n_found += is_found(&row[i]);
        n_tested += !is_short;
        n_short += is_short;
    }
    cli_screen_line(screen, "%-10s  %d found of %d tested; not enough data for %d", cause, n_found,
                    n_tested, n_short);
}

/* A lever in one line, without its comments: `- coach:` and lines of its keys become
 * `coach: {cohort: x, stage: y}`. NULL: out of memory. */
static char *format_lever(const char *yaml) {
    char *text = NULL;
    size_t size;
    int n = 0;
    FILE *stream = open_memstream(&text, &size);
    if (!stream)
        return NULL;
    for (const char *line = yaml; *line;) {
        size_t length = strcspn(line, "\n"), blanks = strspn(line, " -");
        if (blanks < length && line[blanks] != '#') {
            fprintf(stream, "%s%.*s",
                    n == 0   ? ""
                    : n == 1 ? " {"
                             : ", ",
                    (int)(length - blanks), line + blanks);
            n++;
        }
        line += length + (line[length] == '\n');
    }
    fputs(n > 1 ? "}" : "", stream);
    if (fclose(stream) == 0)
        return text;
    free(text);
    return NULL;
}

static void print_finding(const recoup_finding_row *row, cli_screen *screen) {
    char *text = NULL, *lever = format_lever(row->lever);
    if (!lever || asprintf(&text, "- %s: %s", row->cause, row->sentence) < 0) {
        screen->failed = true;
        free(lever);
        return;
    }
    cli_screen_paragraph(screen, text, SENTENCE_LINES);
    if (*lever)
        cli_screen_line(screen, "  try %s", lever);
    free(text);
    free(lever);
}

void cli_print_causes(const recoup_results *results, cli_screen *screen) {
    int n, n_found = 0, n_shown = 0;
    ROWS(results, FINDING, finding, &n);
    for (int i = 0; i < n; i++)
        n_found += is_found(&finding[i]);
    cli_screen_line(screen, "CAUSES  %s",
                    n_found > 0 ? "the surest first"
                    : n > 0     ? "nothing was found"
                                : "nothing was tested");
    for (int i = 0; i < n; i++) {
        if (!is_found(&finding[i]) || screen->left < CAUSES + 3 + SENTENCE_LINES)
            continue; /* so much is kept for the lines below */
        print_finding(&finding[i], screen);
        n_shown++;
    }
    cli_screen_more(screen, n_found - n_shown);
    cli_screen_line(screen, "%s", "");
    for (int c = 0; c < CAUSES; c++)
        print_count(finding, n, causes[c], screen);
}

/* --- strengths and weaknesses ------------------------------------------------------------------
 */

enum { MOST_LOSSES = 5, MOST_BENCHMARKS = 5, MOST_NOTES = 3 };

static void print_quadrants(const recoup_swot_row *row, int n, int lines, cli_screen *screen) {
    int shown = 0;
    int stop = screen->left - lines + 1; /* one for what is left out */
    for (; shown < n && screen->left > stop + 1; shown++) {
        char *text = NULL;
        screen->failed =
            asprintf(&text, "- %s: %s", row[shown].quadrant, row[shown].sentence) < 0 ||
            screen->failed;
        if (screen->failed)
            return;
        cli_screen_paragraph(screen, text, 2);
        free(text);
    }
    cli_screen_more(screen, n - shown);
}

static void print_losses(const recoup_loss_row *row, int n, int most, cli_screen *screen) {
    static const char *const heading[] = {"Lost for", "Deals", "Share, %", "Amount", "Before, %"};
    struct libscols_table *table = n > 0 ? cli_screen_table(screen, heading, 5) : NULL;
    for (int i = 0; i < n && i < most; i++) {
        char name[CLI_CELL_SIZE], cell[4][CLI_CELL_SIZE];
        cli_clip(name, sizeof name, row[i].reason, 28);
        snprintf(cell[0], CLI_CELL_SIZE, "%d", row[i].n);
        cli_format_share(cell[1], row[i].share);
        cli_format_amount(cell[2], row[i].amount);
        cli_format_share(cell[3], row[i].before);
        cli_screen_row(screen, table, name, cell, 4);
    }
    cli_screen_end(screen, table);
    cli_screen_more(screen, n - most);
}

static void format_measure(char *cell, double value, const char *unit) {
    bool is_share = strcmp(unit, "share") == 0;
    if (isfinite(value))
        snprintf(cell, CLI_CELL_SIZE, "%.4g%s", is_share ? 100 * value : value,
                 is_share ? " %" : "");
    else
        snprintf(cell, CLI_CELL_SIZE, "-");
}

static void print_benchmarks(const recoup_benchmark_row *row, int n, int most, cli_screen *screen) {
    static const char *const heading[] = {"Measure", "Ours", "Benchmark", "Verdict"};
    struct libscols_table *table = n > 0 ? cli_screen_table(screen, heading, 4) : NULL;
    for (int i = 0; i < n && i < most; i++) {
        char name[CLI_CELL_SIZE], cell[3][CLI_CELL_SIZE];
        cli_clip(name, sizeof name, row[i].measure, 28);
        format_measure(cell[0], row[i].value, row[i].unit);
        format_measure(cell[1], row[i].benchmark, row[i].unit);
        snprintf(cell[2], CLI_CELL_SIZE, "%.24s", row[i].verdict);
        cli_screen_row(screen, table, name, cell, 3);
    }
    cli_screen_end(screen, table);
    cli_screen_more(screen, n - most);
}

/* Lines of a table with so many rows, its heading and what is left out included. */
static int lines_of(int n, int most) {
    return n == 0 ? 0 : n > most ? most + 2 : n + 1;
}

void cli_print_swot(const recoup_results *results, cli_screen *screen) {
    int n_swot, n_losses, n_benchmarks, n_notes;
    ROWS(results, SWOT, swot, &n_swot);
    ROWS(results, LOSS, loss, &n_losses);
    ROWS(results, BENCHMARK, benchmark, &n_benchmarks);
    ROWS(results, REVIEW, review, &n_notes);
    int below = lines_of(n_losses, MOST_LOSSES) + lines_of(n_benchmarks, MOST_BENCHMARKS) +
                lines_of(n_notes, MOST_NOTES);
    cli_screen_line(screen, "SWOT  %s",
                    n_swot > 0 ? "what stands clearly above or below the rest"
                               : "nothing stands clearly above or below the rest");
    print_quadrants(swot, n_swot, screen->left - below, screen);
    print_losses(loss, n_losses, MOST_LOSSES, screen);
    print_benchmarks(benchmark, n_benchmarks, MOST_BENCHMARKS, screen);
    for (int i = 0; i < n_notes && i < MOST_NOTES; i++)
        cli_screen_line(screen, "%s: %s", review[i].group, review[i].note);
    cli_screen_more(screen, n_notes - MOST_NOTES);
}
