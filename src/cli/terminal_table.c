/* Tables on a terminal or in a file, as wide as a page. */
#include "cli.h"

#include <libsmartcols.h>

struct libscols_table *cli_table_create(const char *const *heading, int n_headings, FILE *stream) {
    struct libscols_table *table = scols_new_table();
    if (!table)
        return NULL;
    bool failed = scols_table_set_termforce(table, SCOLS_TERMFORCE_ALWAYS) ||
                  scols_table_set_termwidth(table, CLI_WIDTH) ||
                  scols_table_set_stream(table, stream) ||
                  scols_table_set_column_separator(table, "  ");
    for (int k = 0; k < n_headings && !failed; k++)
        failed =
            !scols_table_new_column(table, heading[k], 0, k == 0 ? SCOLS_FL_WRAP : SCOLS_FL_RIGHT);
    if (failed) {
        scols_unref_table(table);
        return NULL;
    }
    return table;
}

bool cli_table_add(struct libscols_table *table, const char *first, char (*cell)[CLI_CELL_SIZE],
                   int n) {
    struct libscols_line *line = scols_table_new_line(table, NULL);
    bool done = line && scols_line_set_data(line, 0, first) == 0;
    for (int k = 0; k < n && done; k++)
        done = scols_line_set_data(line, (size_t)k + 1, cell[k]) == 0;
    return done;
}

void cli_table_color(struct libscols_table *table, const char *color, FILE *stream) {
    size_t n = scols_table_get_nlines(table);
    if (n > 0 && cli_has_color(stream) && scols_table_enable_colors(table, 1) == 0)
        scols_line_set_color(scols_table_get_line(table, n - 1), color);
}
