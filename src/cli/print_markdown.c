/* The comparison as a summary in Markdown: a table of the plans, then what it means. Source: GitHub
 * Flavored Markdown, tables. */
#include "cli.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* A name as it is: what would be markup is escaped. */
static void print_name(const char *text, FILE *stream) {
    for (const char *p = text; *p; p++) {
        if (*p == '&')
            fputs("&amp;", stream);
        else if (*p == '<')
            fputs("&lt;", stream);
        else if (ispunct((unsigned char)*p))
            fprintf(stream, "\\%c", *p);
        else
            fputc(iscntrl((unsigned char)*p) ? ' ' : *p, stream);
    }
}

static void print_cell(FILE *stream, bool exists, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void print_cell(FILE *stream, bool exists, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputc(' ', stream);
    if (exists)
        vfprintf(stream, format, arguments);
    else
        fputs("–", stream);
    fputs(" |", stream);
    va_end(arguments);
}

static void print_money(FILE *stream, double amount) {
    char cell[CLI_MONEY_SIZE];
    print_cell(stream, isfinite(amount), "%s", cli_format_money(cell, amount, 0));
}

static void print_row(const recoup_comparison *comparison, int i, int best, FILE *stream) {
    const recoup_compare_row *row = &comparison->row[i];
    char error[CLI_ERROR_SIZE];
    bool gains = i > 0 && isfinite(row->hit_gain);
    fputs(i == best ? "| **" : "| ", stream);
    print_name(row->plan, stream);
    fputs(i == best ? "** |" : " |", stream);
    print_cell(stream, isfinite(row->hit_probability), "%.2f ± %s", 100 * row->hit_probability,
               cli_format_error(error, row->hit_probability_se));
    if (comparison->parameter_draws > 1)
        print_cell(stream, isfinite(row->hit_probability_low), "%.1f to %.1f",
                   100 * row->hit_probability_low, 100 * row->hit_probability_high);
    print_cell(stream, gains, "%+.2f ± %s", 100 * row->hit_gain,
               cli_format_error(error, row->hit_gain_se));
    print_money(stream, row->bookings_mean);
    print_cell(stream, isfinite(row->attainment_mean), "%.1f", 100 * row->attainment_mean);
    print_money(stream, row->bookings_q10);
    print_money(stream, row->bookings_q90);
    print_money(stream, row->cost);
    print_money(stream, i > 0 ? row->net_gain : NAN);
    fputc('\n', stream);
}

static void print_heading(const recoup_comparison *comparison, FILE *stream) {
    char quota[CLI_MONEY_SIZE], booked[CLI_MONEY_SIZE];
    fputs("# ", stream);
    print_name(comparison->title, stream);
    fputs("\n\nQuota ", stream);
    print_name(comparison->currency ? comparison->currency : "", stream);
    fprintf(stream, " %s, booked so far %s.\n\n", cli_format_money(quota, comparison->quota, 0),
            cli_format_money(booked, comparison->booked, 0));
}

/* The conclusion names plans: no name is to become HTML. */
static bool print_conclusion(const recoup_comparison *comparison, FILE *stream) {
    char *text = NULL;
    size_t length = 0;
    FILE *memory = open_memstream(&text, &length);
    bool done = memory && cli_print_conclusion(comparison, memory);
    done = memory && fclose(memory) == 0 && done;
    for (const char *p = text; done && *p; p++)
        fprintf(stream, "%s%c", *p == '<' ? "\\" : "", *p);
    free(text);
    return done;
}

recoup_status cli_print_markdown(const recoup_comparison *comparison, FILE *stream) {
    static const char *const heading[] = {
        "Plan",        "P(hit quota), %", "Over draws, %", "Gain, points", "Expected bookings",
        "of quota, %", "10 % below",      "10 % above",    "Cost",         "Net gain"};
    enum { DRAWS = 2, COLUMNS = sizeof heading / sizeof *heading };
    bool has_draws = comparison->parameter_draws > 1;
    int best = cli_find_best(comparison, -1);
    print_heading(comparison, stream);
    for (int k = 0; k < COLUMNS; k++)
        if (k != DRAWS || has_draws)
            fprintf(stream, "%s %s |", k ? "" : "|", heading[k]);
    fputs("\n|---|", stream);
    for (int k = 1; k < COLUMNS; k++)
        if (k != DRAWS || has_draws)
            fputs("---:|", stream);
    fputc('\n', stream);
    for (int i = 0; i < comparison->n_rows; i++)
        print_row(comparison, i, best, stream);
    fputs("\n± are 95 % Monte Carlo intervals. ", stream);
    if (has_draws)
        fprintf(stream, "Over draws: from 5 to 95 %% of %lld parameter draws. ",
                (long long)comparison->parameter_draws);
    fputs("Gains are over the first plan, on the same random futures.\n", stream);
    return print_conclusion(comparison, stream) ? RECOUP_OK : RECOUP_ENOMEM;
}
