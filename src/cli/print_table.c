/* A comparison for people: what is asked, two tables, and what they mean in a sentence. */
#include "cli.h"

#include <libsmartcols.h>
#include <math.h>
#include <string.h>

static const double z95 = 1.96; /* half-width of a 95 % interval in standard errors */

char *cli_format_money(char *buffer, double amount, int decimals) {
    char digits[CLI_MONEY_SIZE];
    int length = snprintf(digits, sizeof digits, "%.*f", decimals, fabs(amount));
    if (!isfinite(amount) || length < 0 || length > 30) { /* 30: beyond 1e27, still exact text */
        snprintf(buffer, CLI_MONEY_SIZE, isfinite(amount) ? "%.6g" : "-", amount);
        return buffer;
    }
    int whole = length - (decimals ? decimals + 1 : 0);
    bool is_zero = strspn(digits, "0.") == (size_t)length;
    char *p = buffer;
    if (amount < 0 && !is_zero)
        *p++ = '-';
    for (int i = 0; i < length; i++) {
        if (i > 0 && i < whole && (whole - i) % 3 == 0)
            *p++ = ',';
        *p++ = digits[i];
    }
    *p = '\0';
    return buffer;
}

/* Cents are noise in a quota of millions. */
static int money_decimals(const recoup_comparison *comparison) {
    return comparison->quota >= 10000 ? 0 : 2;
}

static void format_percent(char *cell, double share) {
    if (isfinite(share))
        snprintf(cell, CLI_CELL_SIZE, "%.2f", 100 * share);
    else
        snprintf(cell, CLI_CELL_SIZE, "-");
}

/* Half of a 95 % interval, in points; an error that two decimals would show as nothing is one
 * still.
 */
enum { ERROR_SIZE = 32 };
static const char *format_error(char *text, double standard_error) {
    double points = 100 * z95 * standard_error;
    if (points > 0 && points < .005)
        return "<0.01";
    snprintf(text, ERROR_SIZE, "%.2f", points);
    return text;
}

static void format_chance(char *cell, double share, double standard_error, bool sign) {
    char error[ERROR_SIZE];
    if (isfinite(share) && isfinite(standard_error))
        snprintf(cell, CLI_CELL_SIZE, sign ? "%+.2f ± %s" : "%.2f ± %s", 100 * share,
                 format_error(error, standard_error));
    else
        snprintf(cell, CLI_CELL_SIZE, "-");
}

static void format_money_gain(char *cell, double gain, double standard_error, int decimals) {
    char amount[CLI_MONEY_SIZE], error[CLI_MONEY_SIZE];
    snprintf(cell, CLI_CELL_SIZE, "%s%s ± %s", gain > 0 ? "+" : "",
             cli_format_money(amount, gain, decimals),
             cli_format_money(error, z95 * standard_error, decimals));
}

static bool has_costs(const recoup_comparison *comparison) {
    for (int i = 0; i < comparison->n_rows; i++)
        if (comparison->row[i].cost > 0)
            return true;
    return false;
}

/* --- the tables ------------------------------------------------------------------------------ */

static bool print_chances(const recoup_comparison *comparison, FILE *stream) {
    bool draws = comparison->parameter_draws > 1, costs = has_costs(comparison);
    int decimals = money_decimals(comparison);
    const char *heading[7] = {"Plan", "P(hit quota), %", "Gain, points"};
    int n = 3;
    if (draws) {
        heading[n++] = "Over draws, %";
        heading[n++] = "P(best), %";
    }
    if (costs) {
        heading[n++] = "Cost";
        heading[n++] = "Cost per point";
    }
    struct libscols_table *table = cli_table_create(heading, n, stream);
    bool done = table != NULL;
    for (int i = 0; i < comparison->n_rows && done; i++) {
        const recoup_compare_row *row = &comparison->row[i];
        char cell[6][CLI_CELL_SIZE] = {"", "-"};
        int k = 2;
        format_chance(cell[0], row->hit_probability, row->hit_probability_se, false);
        if (i > 0)
            format_chance(cell[1], row->hit_gain, row->hit_gain_se, true);
        if (draws) {
            snprintf(cell[k++], CLI_CELL_SIZE, "%.1f to %.1f", 100 * row->hit_probability_low,
                     100 * row->hit_probability_high);
            format_percent(cell[k++], row->best_probability);
        }
        if (costs) {
            cli_format_money(cell[k++], row->cost, decimals);
            cli_format_money(cell[k], row->cost_per_point, decimals);
        }
        done = cli_table_add(table, row->plan, cell, n - 1);
    }
    done = done && scols_print_table(table) == 0;
    scols_unref_table(table);
    return done;
}

static bool print_bookings(const recoup_comparison *comparison, FILE *stream) {
    const char *heading[] = {"Plan",          "Expected bookings", "of quota, %",
                             "1 in 10 below", "1 in 10 above",     "Gain"};
    int decimals = money_decimals(comparison);
    struct libscols_table *table = cli_table_create(heading, 6, stream);
    bool done = table != NULL;
    for (int i = 0; i < comparison->n_rows && done; i++) {
        const recoup_compare_row *row = &comparison->row[i];
        char cell[5][CLI_CELL_SIZE] = {"", "", "", "", "-"};
        cli_format_money(cell[0], row->bookings_mean, decimals);
        format_percent(cell[1], row->attainment_mean);
        cli_format_money(cell[2], row->bookings_q10, decimals);
        cli_format_money(cell[3], row->bookings_q90, decimals);
        if (i > 0)
            format_money_gain(cell[4], row->bookings_gain_mean, row->bookings_gain_se, decimals);
        done = cli_table_add(table, row->plan, cell, 5);
    }
    done = done && scols_print_table(table) == 0;
    scols_unref_table(table);
    return done;
}

/* --- the sentences --------------------------------------------------------------------------- */

/* The plan with the highest chance among those but `skip`; the earlier of equals. */
static int find_best(const recoup_comparison *comparison, int skip) {
    int best = -1;
    for (int i = 0; i < comparison->n_rows; i++)
        if (i != skip && (best < 0 || comparison->row[i].hit_probability >
                                          comparison->row[best].hit_probability))
            best = i;
    return best;
}

/* A bound on the standard error of the difference in P(hit) of two plans. Against the first plan it
 * is the paired one. Of two others only the errors of their own gains are known, and whatever their
 * correlation: se(a - b) <= se(a) + se(b). */
static double difference_error(const recoup_comparison *comparison, int a, int b) {
    const recoup_compare_row *row = comparison->row;
    return (a == 0 ? 0 : row[a].hit_gain_se) + (b == 0 ? 0 : row[b].hit_gain_se);
}

static void print_conclusion(const recoup_comparison *comparison, FILE *stream) {
    int best = find_best(comparison, -1), second = find_best(comparison, best);
    if (second < 0)
        return;
    char text[ERROR_SIZE];
    const recoup_compare_row *row = comparison->row, *winner = &row[best];
    if (winner->hit_probability == 0) {
        fputs("\nNo plan hits quota on any of these paths.\n", stream);
        return;
    }
    if (row[second].hit_probability == 1) {
        fprintf(stream, "\n`%s` and `%s` hit quota on every path.\n", winner->plan,
                row[second].plan);
        return;
    }
    fprintf(stream, "\n`%s` has the best chance of hitting quota, %.2f %%", winner->plan,
            100 * winner->hit_probability);
    if (best > 0 && second > 0)
        fprintf(stream, ":\n%.2f ± %s points more than `%s`", 100 * winner->hit_gain,
                format_error(text, winner->hit_gain_se), row[0].plan);
    double lead = winner->hit_probability - row[second].hit_probability;
    double error = z95 * difference_error(comparison, best, second);
    fprintf(stream,
            ".\nIts lead over the runner-up `%s`, %.2f points, is %s the Monte Carlo error of "
            "± %s",
            row[second].plan, 100 * lead, lead > error ? "beyond" : "within",
            format_error(text, error / z95));
    fputs(lead > error ? ".\n" : ":\nthese paths cannot tell the two apart; more paths might.\n",
          stream);
}

static void print_heading(const recoup_comparison *comparison, FILE *stream) {
    char quota[CLI_MONEY_SIZE], booked[CLI_MONEY_SIZE], gap[CLI_MONEY_SIZE], paths[CLI_MONEY_SIZE];
    int decimals = money_decimals(comparison);
    const char *currency = comparison->currency ? comparison->currency : "";
    double missing = comparison->quota - comparison->row[0].bookings_mean;
    fprintf(stream, "%s\n", comparison->title);
    fprintf(stream, "Quota %s%s%s, booked so far %s, ", currency, *currency ? " " : "",
            cli_format_money(quota, comparison->quota, decimals),
            cli_format_money(booked, comparison->booked, decimals));
    fprintf(stream, "%s %s under `%s`\n", missing > 0 ? "expected gap" : "expected surplus",
            cli_format_money(gap, fabs(missing), decimals), comparison->row[0].plan);
    if (comparison->paths > 0)
        fprintf(stream, "%s paths, estimator %s; ",
                cli_format_money(paths, (double)comparison->paths, 0), comparison->estimator);
    else
        fprintf(stream, "Estimator %s, no paths; ", comparison->estimator);
    if (comparison->paths > 0 && strcmp(comparison->hit_estimator, "conditional") == 0)
        fputs("P(hit) by conditional; ", stream);
    fputs("± are 95 % Monte Carlo intervals\n\n", stream);
}

recoup_status cli_print_table(const recoup_comparison *comparison, FILE *stream) {
    print_heading(comparison, stream);
    bool done = print_chances(comparison, stream);
    fputc('\n', stream);
    done = done && print_bookings(comparison, stream);
    if (!done)
        return RECOUP_ENOMEM;
    print_conclusion(comparison, stream);
    if (comparison->parameter_draws > 1)
        fprintf(
            stream,
            "\nOver draws: P(hit quota) from 5 to 95 %% of %lld parameter draws, which are other "
            "models that\nthe history allows; the Monte Carlo noise of a single draw is taken "
            "out.\n",
            (long long)comparison->parameter_draws);
    else
        fputs("\nThe intervals are of the simulation alone: they hold for the model as it was "
              "fitted or given,\nwithout the uncertainty of its parameters.\n",
              stream);
    return RECOUP_OK;
}
