/* A comparison for people: what is asked, some tables, and what they mean in a sentence. */
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

const char *cli_format_error(char *text, double standard_error) {
    double points = 100 * z95 * standard_error;
    if (points > 0 && points < .005)
        return "<0.01";
    snprintf(text, CLI_ERROR_SIZE, "%.2f", points);
    return text;
}

static void format_chance(char *cell, double share, double standard_error, bool sign) {
    char error[CLI_ERROR_SIZE];
    if (isfinite(share) && isfinite(standard_error))
        snprintf(cell, CLI_CELL_SIZE, sign ? "%+.2f ± %s" : "%.2f ± %s", 100 * share,
                 cli_format_error(error, standard_error));
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
    const char *heading[] = {"Plan", "P(hit quota), %", "Gain, points", "Over draws, %",
                             "P(best), %"};
    bool draws = comparison->parameter_draws > 1;
    int n = draws ? 5 : 3, best = comparison->n_rows > 1 ? cli_find_best(comparison, -1) : -1;
    struct libscols_table *table = cli_table_create(heading, n, stream);
    bool done = table != NULL;
    for (int i = 0; i < comparison->n_rows && done; i++) {
        const recoup_compare_row *row = &comparison->row[i];
        char cell[4][CLI_CELL_SIZE] = {"", "-"};
        format_chance(cell[0], row->hit_probability, row->hit_probability_se, false);
        if (i > 0)
            format_chance(cell[1], row->hit_gain, row->hit_gain_se, true);
        snprintf(cell[2], CLI_CELL_SIZE, "%.1f to %.1f", 100 * row->hit_probability_low,
                 100 * row->hit_probability_high);
        format_percent(cell[3], row->best_probability);
        done = cli_table_add(table, row->plan, cell, n - 1);
        if (i == best)
            cli_table_color(table, CLI_GOOD, stream);
    }
    done = done && scols_print_table(table) == 0;
    scols_unref_table(table);
    return done;
}

static bool print_bookings(const recoup_comparison *comparison, FILE *stream) {
    const char *heading[] = {"Plan", "Expected", "Quota, %", "10 % below", "10 % above", "Gain"};
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

/* What it costs, and what is lost by choosing a plan that another turns out to beat. */
static bool print_worth(const recoup_comparison *comparison, FILE *stream) {
    const char *heading[6] = {"Plan", "Shortfall"};
    bool costs = has_costs(comparison), draws = comparison->parameter_draws > 1;
    int decimals = money_decimals(comparison), n = 2;
    if (costs) {
        heading[n++] = "Cost";
        heading[n++] = "Cost per point";
        heading[n++] = "Net gain";
    }
    if (draws)
        heading[n++] = "Regret, points";
    struct libscols_table *table = cli_table_create(heading, n, stream);
    bool done = table != NULL;
    for (int i = 0; i < comparison->n_rows && done; i++) {
        const recoup_compare_row *row = &comparison->row[i];
        char cell[5][CLI_CELL_SIZE] = {"", "", "", "-", ""};
        int k = 1;
        cli_format_money(cell[0], row->expected_shortfall, decimals);
        if (costs) {
            cli_format_money(cell[k++], row->cost, decimals);
            cli_format_money(cell[k++], row->cost_per_point, decimals);
            if (i > 0)
                cli_format_money(cell[k], row->net_gain, decimals);
            k++;
        }
        if (draws)
            format_percent(cell[k], row->expected_regret);
        done = cli_table_add(table, row->plan, cell, n - 1);
    }
    done = done && scols_print_table(table) == 0;
    scols_unref_table(table);
    return done;
}

static void format_break_even(char *cell, const recoup_compare_row *row) {
    if (row->break_even == 0)
        snprintf(cell, CLI_CELL_SIZE, "none needed");
    else if (isfinite(row->break_even))
        snprintf(cell, CLI_CELL_SIZE, "× %.2f", row->break_even);
    else
        snprintf(cell, CLI_CELL_SIZE, "out of reach");
}

/* What rests on the stated effects. */
static bool print_evidence(const recoup_comparison *comparison, FILE *stream) {
    char break_even[CLI_CELL_SIZE];
    snprintf(break_even, sizeof break_even, "For %.3g %%", 100 * comparison->target);
    const char *heading[] = {"Plan", "As stated, %", "Centered, %", "P(best), %", break_even};
    struct libscols_table *table = cli_table_create(heading, 5, stream);
    bool done = table != NULL;
    for (int i = 0; i < comparison->n_rows && done; i++) {
        const recoup_compare_row *row = &comparison->row[i];
        char cell[4][CLI_CELL_SIZE];
        format_percent(cell[0], row->hit_probability_stated);
        format_percent(cell[1], row->hit_probability_centered);
        format_percent(cell[2], row->best_probability_centered);
        format_break_even(cell[3], row);
        done = cli_table_add(table, row->plan, cell, 4);
    }
    done = done && scols_print_table(table) == 0;
    scols_unref_table(table);
    return done;
}

/* --- what they mean --------------------------------------------------------------------------- */

int cli_find_best(const recoup_comparison *comparison, int skip) {
    int best = -1;
    for (int i = 0; i < comparison->n_rows; i++)
        if (i != skip && (best < 0 || comparison->row[i].hit_probability >
                                          comparison->row[best].hit_probability))
            best = i;
    return best;
}

/* The pair of two plans; its sign is that of the later one less the earlier. */
static const recoup_compare_pair *find_pair(const recoup_comparison *comparison, int a, int b) {
    for (int i = 0; i < comparison->n_pairs; i++) {
        const recoup_compare_pair *pair = &comparison->pair[i];
        if ((pair->a == a && pair->b == b) || (pair->a == b && pair->b == a))
            return pair;
    }
    return NULL; /* not of two plans */
}

static void print_lead(const recoup_comparison *comparison, int best, int second, FILE *text) {
    char error[CLI_ERROR_SIZE];
    const recoup_compare_row *row = comparison->row;
    const recoup_compare_pair *pair = find_pair(comparison, best, second);
    double lead = row[best].hit_probability - row[second].hit_probability;
    fprintf(text,
            "Its lead over the runner-up `%s`, %.2f points, is %s the Monte Carlo error of "
            "± %s",
            row[second].plan, 100 * lead, pair->differs ? "beyond" : "within",
            cli_format_error(error, (pair->high - pair->low) / 2 / z95));
    fprintf(text,
            pair->differs ? "." : ": these paths cannot tell the two apart; more paths might.");
}

static void add_conclusion(const recoup_comparison *comparison, FILE *text) {
    char error[CLI_ERROR_SIZE];
    int best = cli_find_best(comparison, -1), second = cli_find_best(comparison, best);
    const recoup_compare_row *row = comparison->row, *winner = &row[best];
    if (second < 0)
        return;
    if (winner->hit_probability == 0) {
        fprintf(text, "No plan hits quota on any of these paths.\n");
        return;
    }
    if (row[second].hit_probability == 1) {
        fprintf(text, "`%s` and `%s` hit quota on every path.\n", winner->plan, row[second].plan);
        return;
    }
    fprintf(text, "`%s` has the best chance of hitting quota, %.2f %%", winner->plan,
            100 * winner->hit_probability);
    if (best > 0 && second > 0)
        fprintf(text, ": %.2f ± %s points more than `%s`", 100 * winner->hit_gain,
                cli_format_error(error, winner->hit_gain_se), row[0].plan);
    fprintf(text, ". ");
    print_lead(comparison, best, second, text);
    fprintf(text, "\n");
}

static bool is_alike(const recoup_compare_pair *pair, bool over_draws) {
    return pair && !(over_draws ? pair->differs_over_draws : pair->differs);
}

/* The plans that one cannot be told apart from. */
static void add_alike(const recoup_comparison *comparison, int plan, bool over_draws, FILE *text) {
    const char *before = comparison->row[plan].plan, *between = ": ";
    for (int other = 0; other < comparison->n_rows; other++)
        if (is_alike(find_pair(comparison, plan, other), over_draws)) {
            fprintf(text, "%s%s%s%s", *before ? "- " : "", before, between,
                    comparison->row[other].plan);
            before = "";
            between = ", ";
        }
    if (!*before)
        fputc('\n', text);
}

static void add_apart(const recoup_comparison *comparison, bool over_draws, FILE *text) {
    int n = 0;
    for (int i = 0; i < comparison->n_pairs; i++)
        n += is_alike(&comparison->pair[i], over_draws);
    fputs(over_draws ? "\nOver the draws " : "\nWithin the Monte Carlo error ", text);
    if (n == 0) {
        fputs("all plans are told apart.\n", text);
        return;
    }
    fputs("these are not told apart (intervals that hold for all pairs at once in 95 %)", text);
    fputs(over_draws ? "; which of them is better depends on what the history leaves open:\n"
                     : ":\n",
          text);
    for (int plan = 0; plan < comparison->n_rows; plan++)
        add_alike(comparison, plan, over_draws, text);
}

static void add_heading(const recoup_comparison *comparison, FILE *text) {
    char quota[CLI_MONEY_SIZE], booked[CLI_MONEY_SIZE], gap[CLI_MONEY_SIZE], paths[CLI_MONEY_SIZE];
    int decimals = money_decimals(comparison);
    const char *currency = comparison->currency ? comparison->currency : "";
    double missing = comparison->row[0].plan_quota - comparison->row[0].bookings_mean;
    fprintf(text, "%s\nQuota %s%s%s, booked so far %s, ", comparison->title, currency,
            *currency ? " " : "", cli_format_money(quota, comparison->quota, decimals),
            cli_format_money(booked, comparison->booked, decimals));
    fprintf(text, "%s %s under `%s`\n", missing > 0 ? "expected gap" : "expected surplus",
            cli_format_money(gap, fabs(missing), decimals), comparison->row[0].plan);
    if (comparison->paths > 0)
        fprintf(text, "%s paths, estimator %s; ",
                cli_format_money(paths, (double)comparison->paths, 0), comparison->estimator);
    else
        fprintf(text, "Estimator %s, no paths; ", comparison->estimator);
    if (comparison->paths > 0 && strcmp(comparison->hit_estimator, "conditional") == 0)
        fprintf(text, "P(hit) by conditional; ");
    fprintf(text, "± are 95 %% Monte Carlo intervals\n");
}

/* Plans with a lower quota are to be seen as such. */
static void add_reliefs(const recoup_comparison *comparison, FILE *text) {
    char quota[CLI_MONEY_SIZE];
    for (int i = 0; i < comparison->n_rows; i++)
        if (comparison->row[i].plan_quota != comparison->quota)
            fprintf(
                text, "\n`%s` is held against a quota of %s.\n", comparison->row[i].plan,
                cli_format_money(quota, comparison->row[i].plan_quota, money_decimals(comparison)));
}

/* How far the order of the plans, and the target, rest on what was stated about effects. */
static void add_evidence(const recoup_comparison *comparison, FILE *text) {
    const recoup_compare_row *best = &comparison->row[cli_find_best(comparison, -1)];
    fprintf(text,
            "\nAs stated, and centered: the plan's effects less their means, so that only their "
            "uncertainty is left; P(best) is that of the centered plan against the others as they "
            "are. For %.3g %%: the smallest multiple of the stated effects, up to 4, that brings "
            "P(hit quota) there. By %lld of the parameter draws.\n",
            100 * comparison->target, (long long)comparison->decision_draws);
    if (isfinite(best->best_probability_centered))
        fprintf(text,
                "\nThat `%s` is best in %.0f %% of the draws rests on its stated effects: "
                "centered it is best in %.0f %%.\n",
                best->plan, 100 * best->best_probability, 100 * best->best_probability_centered);
    for (int i = 0; i < comparison->n_rows; i++) {
        const recoup_compare_row *row = &comparison->row[i];
        if (isfinite(row->break_even_effect) && row->break_even > 0)
            fprintf(text, "\n`%s` reaches %.3g %% with an effect of %.3g (%s).\n", row->plan,
                    100 * comparison->target, row->break_even_effect, row->break_even_unit);
    }
}

static void add_remarks(const recoup_comparison *comparison, FILE *text) {
    long long draws = (long long)comparison->parameter_draws;
    if (draws > 1)
        fprintf(text,
                "\nOver draws: P(hit quota) from 5 to 95 %% of %lld parameter draws, which "
                "are other models that the history allows; the Monte Carlo noise of a "
                "single draw is taken out. Regret: the mean loss against the plan that is "
                "best in each draw; that of the best plan is what knowing the parameters "
                "would be worth.\n",
                draws);
    else
        fprintf(text, "\nThe intervals are of the simulation alone: they hold for the "
                      "model as it was fitted or given, without the uncertainty of its "
                      "parameters.\n");
    if (comparison->decision_draws > 0)
        add_evidence(comparison, text);
}

static void add_meaning(const recoup_comparison *comparison, FILE *text) {
    fputc('\n', text);
    add_conclusion(comparison, text);
    if (comparison->n_rows > 1)
        add_apart(comparison, false, text);
    if (comparison->n_rows > 1 && comparison->parameter_draws > 1)
        add_apart(comparison, true, text);
    add_reliefs(comparison, text);
}

bool cli_print_conclusion(const recoup_comparison *comparison, FILE *stream) {
    cli_text text;
    if (!cli_text_open(&text))
        return false;
    add_meaning(comparison, text.stream);
    return cli_text_print(&text, stream);
}

recoup_status cli_print_table(const recoup_comparison *comparison, FILE *stream) {
    cli_text text;
    if (!cli_text_open(&text))
        return RECOUP_ENOMEM;
    add_heading(comparison, text.stream);
    fputc('\n', text.stream);
    bool done = cli_text_print(&text, stream) && print_chances(comparison, stream);
    fputc('\n', stream);
    done = done && print_bookings(comparison, stream);
    fputc('\n', stream);
    done = done && print_worth(comparison, stream);
    if (done && comparison->decision_draws > 0) {
        fputc('\n', stream);
        done = print_evidence(comparison, stream);
    }
    if (!done || !cli_text_open(&text))
        return RECOUP_ENOMEM;
    add_meaning(comparison, text.stream);
    add_remarks(comparison, text.stream);
    return cli_text_print(&text, stream) ? RECOUP_OK : RECOUP_ENOMEM;
}
