/* The screens of the reps: how far they differ, who is short, and the skill matrix. */
#include "cli.h"

#include <math.h>
#include <recoup/date.h>
#include <stdlib.h>
#include <string.h>

#define ROWS(results, ID, name, n)                                                                 \
    const recoup_##name##_row *name = recoup_results_records(results, RECOUP_RECORD_##ID, n)

/* --- how far reps differ -----------------------------------------------------------------------
 */

enum { MOST_SPREADS = 11, MOST_PERIODS = 3, MEASURE = 18, NAME = 24 };

static void format_value(char *cell, double value, const char *unit) {
    bool is_share = strcmp(unit, "share") == 0;
    if (!isfinite(value))
        snprintf(cell, CLI_CELL_SIZE, "-");
    else if (is_share)
        cli_format_share(cell, value);
    else if (fabs(value) >= 1000)
        cli_format_amount(cell, value);
    else
        snprintf(cell, CLI_CELL_SIZE, "%.3g", value);
}

static void print_spreads(const recoup_spread_row *row, int n, cli_screen *screen) {
    static const char *const heading[] = {"Measure", "Reps",   "Team", "Top",
                                          "Middle",  "Bottom", "p",    "Verdict"};
    struct libscols_table *table = n > 0 ? cli_screen_table(screen, heading, 8) : NULL;
    for (int i = 0; i < n && i < MOST_SPREADS; i++) {
        char text[2 * CLI_CELL_SIZE], name[CLI_CELL_SIZE], cell[7][CLI_CELL_SIZE];
        snprintf(text, sizeof text, "%.40s%s%.90s", row[i].measure, *row[i].stage ? ", " : "",
                 row[i].stage);
        cli_clip(name, sizeof name, text, MEASURE);
        snprintf(cell[0], CLI_CELL_SIZE, "%d", row[i].n_reps);
        format_value(cell[1], row[i].team, row[i].unit);
        format_value(cell[2], row[i].top, row[i].unit);
        format_value(cell[3], row[i].middle, row[i].unit);
        format_value(cell[4], row[i].bottom, row[i].unit);
        snprintf(cell[5], CLI_CELL_SIZE, "-");
        if (isfinite(row[i].p_value))
            snprintf(cell[5], CLI_CELL_SIZE, "%.2f", row[i].p_value);
        snprintf(cell[6], CLI_CELL_SIZE, "%.15s", row[i].verdict);
        cli_screen_row(screen, table, name, cell, 7);
    }
    cli_screen_end(screen, table);
    cli_screen_more(screen, n - MOST_SPREADS);
}

/* The last periods. */
static void print_shortfalls(const recoup_shortfall_row *row, int n, cli_screen *screen) {
    for (int i = n > MOST_PERIODS ? n - MOST_PERIODS : 0; i < n; i++) {
        char start[RECOUP_DATE_SIZE], again[CLI_CELL_SIZE] = "";
        if (isfinite(row[i].again))
            snprintf(again, sizeof again, "; %.0f %% of those short before (chance %.0f %%)",
                     100 * row[i].again, 100 * row[i].again_expected);
        cli_screen_line(screen, "From %s %d of %d reps short%s",
                        recoup_date_format(start, row[i].start), row[i].n_short, row[i].n_reps,
                        again);
    }
}

static int compare_gaps(const void *left, const void *right) {
    const recoup_standing_row *a = *(const recoup_standing_row *const *)left;
    const recoup_standing_row *b = *(const recoup_standing_row *const *)right;
    if (a->gap != b->gap)
        return a->gap > b->gap ? -1 : 1;
    return strcmp(a->name, b->name);
}

/* Reps with the largest gaps to their own quotas. */
static void print_behind(const recoup_standing_row *row, int n, cli_screen *screen) {
    static const char *const heading[] = {"Furthest behind", "Quota", "Booked",
                                          "Expected",        "Gap",   "P(hit), %"};
    const recoup_standing_row **rep = calloc((size_t)n + 1, sizeof *rep);
    int n_reps = 0, shown = 0, room = screen->left - 2;
    if (!rep) {
        screen->failed = true;
        return;
    }
    for (int i = 0; i < n; i++)
        if (strcmp(row[i].level, "rep") == 0 && row[i].gap > 0)
            rep[n_reps++] = &row[i];
    qsort(rep, (size_t)n_reps, sizeof *rep, compare_gaps);
    struct libscols_table *table =
        n_reps > 0 && room > 0 ? cli_screen_table(screen, heading, 6) : NULL;
    for (; shown < n_reps && shown < room; shown++) {
        char name[CLI_CELL_SIZE], cell[5][CLI_CELL_SIZE];
        cli_clip(name, sizeof name, rep[shown]->name, NAME);
        cli_format_amount(cell[0], rep[shown]->quota);
        cli_format_amount(cell[1], rep[shown]->booked);
        cli_format_amount(cell[2], rep[shown]->expected);
        cli_format_amount(cell[3], rep[shown]->gap);
        cli_format_share(cell[4], rep[shown]->hit_probability);
        cli_screen_row(screen, table, name, cell, 5);
    }
    cli_screen_end(screen, table);
    cli_screen_more(screen, n_reps - shown);
    free(rep);
}

void cli_print_reps(const recoup_results *results, cli_screen *screen) {
    int n_spreads, n_periods, n_standing;
    ROWS(results, SPREAD, spread, &n_spreads);
    ROWS(results, SHORTFALL, shortfall, &n_periods);
    ROWS(results, STANDING, standing, &n_standing);
    cli_screen_line(
        screen, "REPS  how far they differ, chance taken out: top and bottom 10 %%; rates in %%");
    print_spreads(spread, n_spreads, screen);
    print_shortfalls(shortfall, n_periods, screen);
    print_behind(standing, n_standing, screen);
}

/* --- skill matrix ------------------------------------------------------------------------------
 */

enum { MOST_STAGES = 6, REP = 16, STAGE = 9 };

/* The rows sorted by rep, so that those of one rep are together. */
typedef struct matrix {
    const recoup_skill_row **row;
    int n, n_stages;
    const char *stage[MOST_STAGES];
} matrix;

static int compare_reps(const void *left, const void *right) {
    const recoup_skill_row *a = *(const recoup_skill_row *const *)left;
    const recoup_skill_row *b = *(const recoup_skill_row *const *)right;
    int order = strcmp(a->rep, b->rep);
    return order != 0 ? order : (a > b) - (a < b); /* as in the records */
}

static int find_stage(const matrix *of, const char *stage) {
    for (int s = 0; s < of->n_stages; s++)
        if (strcmp(of->stage[s], stage) == 0)
            return s;
    return -1;
}

/* The stages by first appearance; the last ones where there are too many. False: some are left
 * out. */
static bool find_stages(matrix *of) {
    bool all = true;
    for (int i = 0; i < of->n; i++) {
        if (find_stage(of, of->row[i]->stage) >= 0)
            continue;
        if (of->n_stages < MOST_STAGES)
            of->stage[of->n_stages++] = of->row[i]->stage;
        else
            all = false;
    }
    return all;
}

static int rows_of_rep(const matrix *of, int first) {
    int n = 0;
    while (first + n < of->n && strcmp(of->row[first + n]->rep, of->row[first]->rep) == 0)
        n++;
    return n;
}

/* How much there is to say about a rep. */
static int count_marks(const matrix *of, int first) {
    int n = rows_of_rep(of, first), marks = 0;
    for (int i = 0; i < n; i++)
        marks += strcmp(of->row[first + i]->verdict, "above") == 0 ||
                 strcmp(of->row[first + i]->verdict, "below") == 0;
    return marks;
}

static void add_rep(const matrix *of, int first, struct libscols_table *table, cli_screen *screen) {
    char name[CLI_CELL_SIZE], cell[MOST_STAGES][CLI_CELL_SIZE];
    int n = rows_of_rep(of, first);
    for (int s = 0; s < of->n_stages; s++)
        snprintf(cell[s], CLI_CELL_SIZE, "-");
    for (int i = 0; i < n; i++) {
        const recoup_skill_row *row = of->row[first + i];
        int s = find_stage(of, row->stage);
        if (s < 0 || !isfinite(row->conversion) || strcmp(row->verdict, "not enough data") == 0)
            continue;
        const char *mark = strcmp(row->verdict, "above") == 0   ? "+"
                           : strcmp(row->verdict, "below") == 0 ? "-"
                                                                : " ";
        snprintf(cell[s], CLI_CELL_SIZE, "%.0f%s", 100 * row->conversion, mark);
    }
    cli_clip(name, sizeof name, of->row[first]->rep, REP);
    cli_screen_row(screen, table, name, cell, of->n_stages);
}

/* Those with most marks first, then by name. */
static void print_matrix(const matrix *of, cli_screen *screen) {
    char text[MOST_STAGES][CLI_CELL_SIZE];
    const char *heading[1 + MOST_STAGES] = {"Rep"};
    int room = screen->left - 2, shown = 0, n_reps = 0;
    for (int s = 0; s < of->n_stages; s++) {
        cli_clip(text[s], sizeof text[s], of->stage[s], STAGE);
        heading[1 + s] = text[s];
    }
    for (int i = 0; i < of->n; i += rows_of_rep(of, i))
        n_reps++;
    struct libscols_table *table = cli_screen_table(screen, heading, 1 + of->n_stages);
    for (int marks = MOST_STAGES; marks >= 0; marks--)
        for (int i = 0; i < of->n; i += rows_of_rep(of, i)) {
            int own = count_marks(of, i);
            if ((own < MOST_STAGES ? own : MOST_STAGES) != marks || shown == room)
                continue;
            add_rep(of, i, table, screen);
            shown++;
        }
    cli_screen_end(screen, table);
    cli_screen_more(screen, n_reps - shown);
}

void cli_print_skills(const recoup_results *results, cli_screen *screen) {
    int n;
    ROWS(results, SKILL, skill, &n);
    matrix of = {.row = calloc((size_t)n + 1, sizeof *of.row), .n = n};
    if (n == 0 || !of.row) {
        screen->failed = screen->failed || !of.row;
        cli_screen_line(screen, "SKILLS  no rep's conversions are known");
        free(of.row);
        return;
    }
    for (int i = 0; i < n; i++)
        of.row[i] = &skill[i];
    bool all = find_stages(&of);
    qsort(of.row, (size_t)n, sizeof *of.row, compare_reps);
    cli_screen_line(screen,
                    "SKILLS  deals that advance, %%, shrunk to the cohort; + above, - below "
                    "the team%s",
                    all ? "" : "; first stages");
    print_matrix(&of, screen);
    free(of.row);
}
