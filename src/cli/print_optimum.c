/* The best plan under a budget, for people and for programs. */
#include "cli.h"

#include <libsmartcols.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

static const double z95 = 1.96;
enum { MOST_RUNNERS_UP = 5 }; /* that people are shown */

/* --- for people ------------------------------------------------------------------------------- */

static const char *money(char buffer[CLI_MONEY_SIZE], double amount) {
    return cli_format_money(buffer, amount, 0);
}

static void print_limits(const recoup_optimum *optimum, FILE *stream) {
    char budget[CLI_MONEY_SIZE], hours[CLI_MONEY_SIZE];
    const char *currency = optimum->currency ? optimum->currency : "";
    bool has_budget = isfinite(optimum->budget), has_hours = isfinite(optimum->hours);
    if (has_budget)
        fprintf(stream, " within %s%s%s", currency, *currency ? " " : "",
                money(budget, optimum->budget));
    if (has_hours)
        fprintf(stream, "%s%s hours of selling time", has_budget ? " and " : " within ",
                money(hours, optimum->hours));
    if (!has_budget && !has_hours)
        fputs(" without a limit of cost or hours", stream);
}

static void print_heading(const recoup_optimum *optimum, FILE *stream) {
    fprintf(stream, "%s\n", optimum->title);
    if (isnan(optimum->reach))
        fputs(optimum->is_bookings ? "Highest expected bookings" : "Best chance of hitting quota",
              stream);
    else
        fprintf(stream, "Cheapest choice with a chance of %.4g %% of hitting quota",
                100 * optimum->reach);
    print_limits(optimum, stream);
    fprintf(stream, ", from %d candidate%s.\n", optimum->n_candidates,
            optimum->n_candidates == 1 ? "" : "s");
    if (optimum->is_exhaustive)
        fprintf(stream, "All %d feasible selections were evaluated", optimum->n_evaluated);
    else
        fprintf(stream, "%d selections were evaluated, as a search proposed", optimum->n_evaluated);
    if (optimum->search_draws < optimum->parameter_draws)
        fprintf(stream, ", with %d parameter draws; those that may be best with up to all %d.\n\n",
                optimum->search_draws, optimum->parameter_draws);
    else if (optimum->parameter_draws > 1)
        fprintf(stream, ", with all %d parameter draws.\n\n", optimum->parameter_draws);
    else
        fputs(".\n\n", stream);
}

static bool print_choices(const recoup_selection *winner, FILE *stream) {
    const char *heading[] = {"Chosen", "Strength", "Cost", "Hours"};
    struct libscols_table *table = cli_table_create(heading, 4, stream);
    bool done = table != NULL;
    char cell[3][CLI_CELL_SIZE];
    for (int i = 0; i < winner->n_choices && done; i++) {
        const recoup_choice *choice = &winner->choice[i];
        snprintf(cell[0], CLI_CELL_SIZE, "%g", choice->strength);
        money(cell[1], choice->cost);
        money(cell[2], choice->hours);
        done = cli_table_add(table, choice->candidate, cell, 3);
    }
    snprintf(cell[0], CLI_CELL_SIZE, "%s", "");
    money(cell[1], winner->cost);
    money(cell[2], winner->hours);
    done = done && cli_table_add(table, winner->n_choices ? "all of it" : "nothing", cell, 3) &&
           scols_print_table(table) == 0;
    scols_unref_table(table);
    return done;
}

static void print_worth(const recoup_optimum *optimum, FILE *stream) {
    const recoup_selection *winner = &optimum->winner, *nothing = &optimum->nothing;
    char with[CLI_MONEY_SIZE], without[CLI_MONEY_SIZE];
    fprintf(
        stream,
        "\nP(hit quota) %.2f %%, against %.2f %% of doing nothing; expected bookings %s against "
        "%s.\n",
        100 * winner->hit_probability, 100 * nothing->hit_probability,
        money(with, winner->bookings_mean), money(without, nothing->bookings_mean));
    if (!isnan(optimum->reach)) {
        if (optimum->is_reached)
            fprintf(stream,
                    "The chance is reached, with a confidence of %.1f %% over parameter draws.\n",
                    100 * optimum->reach_confidence);
        else
            fputs("No selection that was evaluated reaches the chance: this is the best one.\n",
                  stream);
        return;
    }
    char tolerance[CLI_MONEY_SIZE];
    if (optimum->is_bookings)
        money(tolerance, optimum->tolerance);
    else
        snprintf(tolerance, sizeof tolerance, "%.3g points", 100 * optimum->tolerance);
    fprintf(stream,
            "None of the others evaluated is better with a probability of at least %.1f %%, and "
            "none is better by more than %s with %.1f %% (paired differences over parameter "
            "draws, summed by Bonferroni's inequality).\n",
            100 * optimum->correct_probability, tolerance, 100 * optimum->good_probability);
}

static void print_behind(const recoup_selection *selection, bool is_bookings, FILE *stream) {
    char behind[CLI_MONEY_SIZE], error[CLI_MONEY_SIZE];
    if (is_bookings)
        fprintf(stream, "%s ± %s", money(behind, selection->behind),
                money(error, z95 * selection->behind_se));
    else
        fprintf(stream, "%+.2f ± %.2f points", 100 * selection->behind,
                100 * z95 * selection->behind_se);
}

static void print_runners_up(const recoup_optimum *optimum, FILE *stream) {
    char cost[CLI_MONEY_SIZE];
    int n = optimum->n_runners_up < MOST_RUNNERS_UP ? optimum->n_runners_up : MOST_RUNNERS_UP;
    if (n == 0)
        return;
    fputs(isnan(optimum->reach) ? "\nThe draws cannot tell these from it:\n"
                                : "\nThese are cheaper and may reach it too:\n",
          stream);
    for (int i = 0; i < n; i++) {
        const recoup_selection *selection = &optimum->runner_up[i];
        fprintf(stream, "- %.2f %% (", 100 * selection->hit_probability);
        print_behind(selection, optimum->is_bookings, stream);
        fprintf(stream, ") for %s: %s\n", money(cost, selection->cost), selection->name);
    }
    if (n < optimum->n_runners_up)
        fprintf(stream, "- and %d more (--json has them all)\n", optimum->n_runners_up - n);
}

static void print_frontier(const recoup_optimum *optimum, FILE *stream) {
    char budget[CLI_MONEY_SIZE], bookings[CLI_MONEY_SIZE];
    if (optimum->n_frontier == 0)
        return;
    fputs("\nThe best choice of each budget:\n", stream);
    for (int i = 0; i < optimum->n_frontier; i++) {
        const recoup_selection *selection = &optimum->frontier[i].selection;
        fprintf(stream, "- %s: P(hit) %.2f %%, bookings %s: %s\n",
                money(budget, optimum->frontier[i].budget), 100 * selection->hit_probability,
                money(bookings, selection->bookings_mean), selection->name);
    }
}

recoup_status cli_print_optimum(const recoup_optimum *optimum, const char *plan, FILE *stream) {
    cli_text text;
    if (!cli_text_open(&text))
        return RECOUP_ENOMEM;
    print_heading(optimum, text.stream);
    bool done = cli_text_print(&text, stream) && print_choices(&optimum->winner, stream);
    if (!done || !cli_text_open(&text))
        return RECOUP_ENOMEM;
    print_worth(optimum, text.stream);
    print_runners_up(optimum, text.stream);
    print_frontier(optimum, text.stream);
    done = cli_text_print(&text, stream);
    if (plan)
        fprintf(stream, "\nAs a plan of the scenario:\n\n%s", plan);
    return done ? RECOUP_OK : RECOUP_ENOMEM;
}

/* --- for programs ----------------------------------------------------------------------------- */

#define OF(struct_type, name, type)                                                                \
    { #name, type, offsetof(struct_type, name) }
static const cli_field optimum_fields[] = {
    OF(recoup_optimum, title, CLI_FIELD_TEXT),
    OF(recoup_optimum, currency, CLI_FIELD_TEXT),
    OF(recoup_optimum, budget, CLI_FIELD_NUMBER),
    OF(recoup_optimum, hours, CLI_FIELD_NUMBER),
    OF(recoup_optimum, reach, CLI_FIELD_NUMBER),
    OF(recoup_optimum, is_reached, CLI_FIELD_FLAG),
    OF(recoup_optimum, reach_confidence, CLI_FIELD_NUMBER),
    OF(recoup_optimum, tolerance, CLI_FIELD_NUMBER),
    OF(recoup_optimum, n_candidates, CLI_FIELD_INT),
    OF(recoup_optimum, is_exhaustive, CLI_FIELD_FLAG),
    OF(recoup_optimum, n_evaluated, CLI_FIELD_INT),
    OF(recoup_optimum, search_draws, CLI_FIELD_INT),
    OF(recoup_optimum, parameter_draws, CLI_FIELD_INT),
    OF(recoup_optimum, correct_probability, CLI_FIELD_NUMBER),
    OF(recoup_optimum, good_probability, CLI_FIELD_NUMBER),
};

#define OF_SELECTION(name, type) OF(recoup_selection, name, type)
static const cli_field selection_fields[] = {
    OF_SELECTION(name, CLI_FIELD_TEXT),
    OF_SELECTION(cost, CLI_FIELD_NUMBER),
    OF_SELECTION(hours, CLI_FIELD_NUMBER),
    OF_SELECTION(hit_probability, CLI_FIELD_NUMBER),
    OF_SELECTION(hit_probability_se, CLI_FIELD_NUMBER),
    OF_SELECTION(bookings_mean, CLI_FIELD_NUMBER),
    OF_SELECTION(parameter_draws, CLI_FIELD_INT),
    OF_SELECTION(behind, CLI_FIELD_NUMBER),
    OF_SELECTION(behind_se, CLI_FIELD_NUMBER),
    OF_SELECTION(doubt, CLI_FIELD_NUMBER),
};

#define OF_POINT(name, type)                                                                       \
    { #name, type, offsetof(recoup_frontier_point, selection.name) }
static const cli_field frontier_fields[] = {
    OF(recoup_frontier_point, budget, CLI_FIELD_NUMBER),
    OF_POINT(name, CLI_FIELD_TEXT),
    OF_POINT(cost, CLI_FIELD_NUMBER),
    OF_POINT(hours, CLI_FIELD_NUMBER),
    OF_POINT(hit_probability, CLI_FIELD_NUMBER),
    OF_POINT(hit_probability_se, CLI_FIELD_NUMBER),
    OF_POINT(bookings_mean, CLI_FIELD_NUMBER),
};

static const cli_field choice_fields[] = {
    OF(recoup_choice, candidate, CLI_FIELD_TEXT),
    OF(recoup_choice, strength, CLI_FIELD_NUMBER),
    OF(recoup_choice, cost, CLI_FIELD_NUMBER),
    OF(recoup_choice, hours, CLI_FIELD_NUMBER),
};

#define COUNT_OF(fields) ((int)(sizeof fields / sizeof *fields))

static bool print_selection(const char *key, const recoup_selection *selection, FILE *stream) {
    fprintf(stream, "  \"%s\": {\n", key);
    bool done = cli_print_json_fields(selection_fields, COUNT_OF(selection_fields), selection,
                                      "    ", stream);
    fputs("\n  },\n", stream);
    return done;
}

recoup_status cli_print_optimum_json(const recoup_optimum *optimum, const char *plan,
                                     FILE *stream) {
    fputs("{\n", stream);
    bool done =
        cli_print_json_fields(optimum_fields, COUNT_OF(optimum_fields), optimum, "  ", stream);
    fprintf(stream, ",\n  \"objective\": \"%s\",\n",
            optimum->is_bookings ? "bookings" : "hit_probability");
    done = done && print_selection("nothing", &optimum->nothing, stream);
    done = done && print_selection("winner", &optimum->winner, stream);
    done = done && cli_print_json_records("chosen", choice_fields, COUNT_OF(choice_fields),
                                          optimum->winner.choice, optimum->winner.n_choices,
                                          sizeof *optimum->winner.choice, stream);
    fputs(",\n", stream);
    done =
        done && cli_print_json_records("runners_up", selection_fields, COUNT_OF(selection_fields),
                                       optimum->runner_up, optimum->n_runners_up,
                                       sizeof *optimum->runner_up, stream);
    fputs(",\n", stream);
    done = done && cli_print_json_records("frontier", frontier_fields, COUNT_OF(frontier_fields),
                                          optimum->frontier, optimum->n_frontier,
                                          sizeof *optimum->frontier, stream);
    if (plan) {
        fputs(",\n  \"plan\": ", stream);
        done = done && cli_print_json_text(plan, stream);
    }
    fputs("\n}\n", stream);
    return done ? RECOUP_OK : RECOUP_ENOMEM;
}
