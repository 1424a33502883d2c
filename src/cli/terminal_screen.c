/* Screens of a terminal: lines, paragraphs and tables that never take more than is left. */
#include "cli.h"

#include <libsmartcols.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

/* The next character of a text: its bytes, and the columns that it takes; a byte that is no
 * character counts as one. */
static size_t next_character(const char *text, int *columns, bool *is_control) {
    wchar_t wide;
    mbstate_t state = {0};
    size_t length = mbrtowc(&wide, text, strlen(text), &state);
    bool is_broken = length == 0 || length > strlen(text);
    int width = is_broken ? -1 : wcwidth(wide);
    *is_control = width < 0;
    *columns = width < 0 ? 1 : width;
    return is_broken ? 1 : length;
}

int cli_count_columns(const char *text) {
    int sum = 0, columns;
    bool is_control;
    while (*text) {
        text += next_character(text, &columns, &is_control);
        sum += columns;
    }
    return sum;
}

void cli_clip(char *cell, size_t size, const char *text, int columns) {
    static const char cut[] = "..";
    bool fits = cli_count_columns(text) <= columns;
    int room = fits ? columns : columns - (int)strlen(cut), width;
    size_t at = 0;
    bool is_control;
    while (*text) {
        size_t length = next_character(text, &width, &is_control);
        if (width > room || at + length + sizeof cut > size)
            break;
        if (is_control)
            cell[at++] = ' ';
        else
            memcpy(cell + at, text, length);
        at += is_control ? 0 : length;
        text += length;
        room -= width;
    }
    cell[at] = '\0';
    if (*text)
        memcpy(cell + at, cut, sizeof cut);
}

char *cli_format_amount(char *cell, double amount) {
    static const char *const units[] = {"", "k", "M", "G"};
    enum { UNITS = sizeof units / sizeof *units };
    char digits[CLI_MONEY_SIZE];
    int unit = 0;
    for (; unit < UNITS - 1 && fabs(amount) >= 9999999.5; unit++)
        amount /= 1000;
    if (isfinite(amount))
        snprintf(cell, CLI_CELL_SIZE, "%s%s", cli_format_money(digits, amount, 0), units[unit]);
    else
        snprintf(cell, CLI_CELL_SIZE, "-");
    return cell;
}

char *cli_format_share(char *cell, double share) {
    if (isfinite(share))
        snprintf(cell, CLI_CELL_SIZE, "%.1f", 100 * share);
    else
        snprintf(cell, CLI_CELL_SIZE, "-");
    return cell;
}

/* --- lines ------------------------------------------------------------------------------------ */

enum { LINE_SIZE = 4 * CLI_WIDTH + 8 }; /* bytes of a line of the widest characters */

static void put_line(cli_screen *screen, const char *text) {
    char line[LINE_SIZE];
    if (screen->left <= 0)
        return;
    cli_clip(line, sizeof line, text, CLI_WIDTH);
    fprintf(screen->stream, "%s\n", line);
    screen->left--;
}

void cli_screen_line(cli_screen *screen, const char *format, ...) {
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0) {
        screen->failed = true;
        return;
    }
    put_line(screen, text);
    free(text);
}

/* How much of the text goes on a line of so many columns: to the last blank that fits. */
static size_t break_line(const char *text, int room) {
    size_t at = 0, blank = 0;
    int columns;
    bool is_control;
    while (text[at]) {
        if (text[at] == ' ')
            blank = at;
        size_t length = next_character(text + at, &columns, &is_control);
        if (columns > room)
            return blank > 0 ? blank : at;
        room -= columns;
        at += length;
    }
    return at;
}

void cli_screen_paragraph(cli_screen *screen, const char *text, int most_lines) {
    char line[LINE_SIZE];
    for (int i = 0; i < most_lines && screen->left > 0 && *text; i++) {
        const char *indent = i > 0 ? "  " : "";
        bool is_last = i == most_lines - 1 || screen->left == 1;
        size_t length = break_line(text, CLI_WIDTH - (int)strlen(indent));
        if (is_last || length > LINE_SIZE - 8) {
            cli_screen_line(screen, "%s%s", indent, text); /* cut */
            return;
        }
        snprintf(line, sizeof line, "%s%.*s", indent, (int)length, text);
        put_line(screen, line);
        text += length;
        text += strspn(text, " ");
    }
}

void cli_screen_more(cli_screen *screen, int n) {
    if (n > 0)
        cli_screen_line(screen, "... and %d more (--json has all)", n);
}

/* --- tables ----------------------------------------------------------------------------------- */

struct libscols_table *cli_screen_table(cli_screen *screen, const char *const *heading, int n) {
    struct libscols_table *table = cli_table_create(heading, n, screen->stream);
    screen->failed = screen->failed || !table;
    for (int k = 0; table && k < n; k++) /* cut, never wrapped: the lines are counted */
        if (scols_column_set_flags(scols_table_get_column(table, (size_t)k),
                                   k == 0 ? SCOLS_FL_TRUNC : SCOLS_FL_TRUNC | SCOLS_FL_RIGHT))
            screen->failed = true;
    return table;
}

void cli_screen_row(cli_screen *screen, struct libscols_table *table, const char *first,
                    char (*cell)[CLI_CELL_SIZE], int n) {
    if (!table || (int)scols_table_get_nlines(table) + 1 >= screen->left)
        return;
    screen->failed = !cli_table_add(table, first, cell, n) || screen->failed;
}

void cli_screen_end(cli_screen *screen, struct libscols_table *table) {
    int n = table ? (int)scols_table_get_nlines(table) : 0;
    if (n > 0 && !screen->failed) {
        screen->failed = scols_print_table(table) != 0;
        screen->left -= n + 1;
    }
    scols_unref_table(table);
}
