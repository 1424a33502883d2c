/* Comparisons beside that of the plans: reps and cohorts, later starts, and what matters. */
#include "cli.h"

#include <libsmartcols.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

/* --- for programs ----------------------------------------------------------------------------- */

#define UNIT(name, type)                                                                           \
    { #name, type, offsetof(recoup_unit_row, name) }
static const cli_field unit_fields[] = {
    UNIT(unit, CLI_FIELD_TEXT),
    UNIT(plan, CLI_FIELD_TEXT),
    UNIT(hit_probability, CLI_FIELD_NUMBER),
    UNIT(hit_probability_se, CLI_FIELD_NUMBER),
    UNIT(hit_gain, CLI_FIELD_NUMBER),
    UNIT(hit_gain_se, CLI_FIELD_NUMBER),
    UNIT(bookings_mean, CLI_FIELD_NUMBER),
    UNIT(bookings_gain_mean, CLI_FIELD_NUMBER),
    UNIT(bookings_q10, CLI_FIELD_NUMBER),
    UNIT(bookings_q50, CLI_FIELD_NUMBER),
    UNIT(bookings_q90, CLI_FIELD_NUMBER),
    UNIT(bookings_gain_q50, CLI_FIELD_NUMBER),
};

#define DELAY(name, type)                                                                          \
    { #name, type, offsetof(recoup_delay_row, name) }
static const cli_field delay_fields[] = {
    DELAY(plan, CLI_FIELD_TEXT),
    DELAY(days, CLI_FIELD_INT),
    DELAY(hit_probability, CLI_FIELD_NUMBER),
    DELAY(hit_probability_se, CLI_FIELD_NUMBER),
    DELAY(hit_gain, CLI_FIELD_NUMBER),
    DELAY(hit_gain_se, CLI_FIELD_NUMBER),
    DELAY(bookings_mean, CLI_FIELD_NUMBER),
};

#define FACTOR(name, type)                                                                         \
    { #name, type, offsetof(recoup_sensitivity_row, name) }
static const cli_field factor_fields[] = {
    FACTOR(plan, CLI_FIELD_TEXT),
    FACTOR(factor, CLI_FIELD_TEXT),
    FACTOR(unit, CLI_FIELD_TEXT),
    FACTOR(low, CLI_FIELD_NUMBER),
    FACTOR(high, CLI_FIELD_NUMBER),
    FACTOR(hit_probability_low, CLI_FIELD_NUMBER),
    FACTOR(hit_probability_high, CLI_FIELD_NUMBER),
    FACTOR(bookings_mean_low, CLI_FIELD_NUMBER),
    FACTOR(bookings_mean_high, CLI_FIELD_NUMBER),
};

static const cli_field share_fields[] = {
    {"plan", CLI_FIELD_TEXT, offsetof(recoup_share_row, plan)},
    {"source", CLI_FIELD_TEXT, offsetof(recoup_share_row, source)},
    {"share", CLI_FIELD_NUMBER, offsetof(recoup_share_row, share)},
};

enum {
    N_UNIT_FIELDS = sizeof unit_fields / sizeof *unit_fields,
    N_DELAY_FIELDS = sizeof delay_fields / sizeof *delay_fields,
    N_FACTOR_FIELDS = sizeof factor_fields / sizeof *factor_fields,
    N_SHARE_FIELDS = sizeof share_fields / sizeof *share_fields
};

static recoup_status print_json(const char *key, const char *currency, const cli_field *fields,
                                int n_fields, const void *records, int n, size_t size,
                                FILE *stream) {
    fputs("{\n  \"currency\": ", stream);
    bool done = cli_print_json_text(currency ? currency : "", stream);
    fputs(",\n", stream);
    done = done && cli_print_json_records(key, fields, n_fields, records, n, size, stream);
    fputs("\n}\n", stream);
    return done ? RECOUP_OK : RECOUP_ENOMEM;
}

/* --- cells ------------------------------------------------------------------------------------ */

static void format_share(char *cell, double share, bool sign) {
    if (isfinite(share))
        snprintf(cell, CLI_CELL_SIZE, sign ? "%+.2f" : "%.2f", 100 * share);
    else
        snprintf(cell, CLI_CELL_SIZE, "-");
}

static void format_signed(char *cell, double amount) {
    char money[CLI_MONEY_SIZE];
    snprintf(cell, CLI_CELL_SIZE, "%s%s", amount > 0 ? "+" : "",
             cli_format_money(money, amount, 0));
}

static recoup_status finish(struct libscols_table *table, bool done) {
    done = done && scols_print_table(table) == 0;
    scols_unref_table(table);
    return done ? RECOUP_OK : RECOUP_ENOMEM;
}

/* --- reps and cohorts ------------------------------------------------------------------------- */

static recoup_status print_unit_table(const recoup_unit_comparison *comparison, FILE *stream) {
    bool reps = comparison->n_rows > 0 && isnan(comparison->row[0].bookings_mean);
    const char *heading[] = {reps ? "Rep, plan" : "Cohort, plan",
                             reps ? "P(hit), %" : "Expected",
                             reps ? "Gain, points" : "Gain",
                             "Median",
                             "10 % below",
                             "10 % above"};
    struct libscols_table *table = cli_table_create(heading, 6, stream);
    bool done = table != NULL;
    const char *unit = NULL;
    for (int i = 0; i < comparison->n_rows && done; i++) {
        const recoup_unit_row *row = &comparison->row[i];
        bool is_first = row->unit != unit; /* plans of a unit follow each other */
        char cell[5][CLI_CELL_SIZE] = {"", "-"}, none[5][CLI_CELL_SIZE] = {""}, name[256];
        if (reps)
            format_share(cell[0], row->hit_probability, false);
        else
            cli_format_money(cell[0], row->bookings_mean, 0);
        if (!is_first && reps)
            format_share(cell[1], row->hit_gain, true);
        else if (!is_first)
            format_signed(cell[1], row->bookings_gain_mean);
        cli_format_money(cell[2], row->bookings_q50, 0);
        cli_format_money(cell[3], row->bookings_q10, 0);
        cli_format_money(cell[4], row->bookings_q90, 0);
        snprintf(name, sizeof name, "  %s", row->plan);
        done = (!is_first || cli_table_add(table, row->unit, none, 5)) &&
               cli_table_add(table, name, cell, 5);
        unit = row->unit;
    }
    return finish(table, done);
}

recoup_status cli_print_units(const recoup_unit_comparison *comparison, cli_format format,
                              FILE *stream) {
    if (format == CLI_JSON)
        return print_json("units", comparison->currency, unit_fields, N_UNIT_FIELDS,
                          comparison->row, comparison->n_rows, sizeof *comparison->row, stream);
    if (format == CLI_TABLE)
        return print_unit_table(comparison, stream);
    cli_print_csv_records(unit_fields, N_UNIT_FIELDS, comparison->row, comparison->n_rows,
                          sizeof *comparison->row, stream);
    return RECOUP_OK;
}

/* --- later starts ----------------------------------------------------------------------------- */

enum { DELAYS_A_TABLE = 7 };

/* P(hit) of the delays [first, end), a column each. */
static recoup_status print_delay_table(const recoup_delays *delays, int first, int end,
                                       FILE *stream) {
    char days[DELAYS_A_TABLE][32];
    const char *heading[DELAYS_A_TABLE + 1] = {"Plan"};
    for (int k = first; k < end; k++) {
        snprintf(days[k - first], sizeof days[0], delays->row[k].days ? "+%d days" : "as planned",
                 delays->row[k].days);
        heading[k - first + 1] = days[k - first];
    }
    struct libscols_table *table = cli_table_create(heading, end - first + 1, stream);
    bool done = table != NULL;
    for (int p = 0; p < delays->n_plans && done; p++) {
        const recoup_delay_row *row = delays->row + (size_t)p * (size_t)delays->n_delays;
        char cell[DELAYS_A_TABLE][CLI_CELL_SIZE];
        for (int k = first; k < end; k++)
            format_share(cell[k - first], row[k].hit_probability, false);
        done = cli_table_add(table, row->plan, cell, end - first);
    }
    return finish(table, done);
}

/* What the best plan loses by the first delay. */
static recoup_status print_delay_cost(const recoup_delays *delays, FILE *stream) {
    const recoup_delay_row *best = delays->row;
    for (int i = 0; i < delays->n_rows; i += delays->n_delays)
        if (delays->row[i].hit_probability > best->hit_probability)
            best = &delays->row[i];
    cli_text text;
    if (!cli_text_open(&text))
        return RECOUP_ENOMEM;
    fprintf(text.stream, "\n`%s` loses", best->plan);
    for (int k = 1; k < delays->n_delays; k++)
        fprintf(text.stream, "%s %.2f points when it starts %d days later", k > 1 ? "," : "",
                100 * (best[0].hit_probability - best[k].hit_probability), best[k].days);
    fprintf(text.stream, ". By %d of the parameter draws.\n", delays->draws);
    return cli_text_print(&text, stream) ? RECOUP_OK : RECOUP_ENOMEM;
}

static recoup_status print_delay_tables(const recoup_delays *delays, FILE *stream) {
    recoup_status status = RECOUP_OK;
    fputs("P(hit quota), %, when all levers of a plan start later\n\n", stream);
    for (int k = 0; k < delays->n_delays && status == RECOUP_OK; k += DELAYS_A_TABLE) {
        int end = k + DELAYS_A_TABLE < delays->n_delays ? k + DELAYS_A_TABLE : delays->n_delays;
        if (k > 0)
            fputc('\n', stream);
        status = print_delay_table(delays, k, end, stream);
    }
    return status == RECOUP_OK ? print_delay_cost(delays, stream) : status;
}

recoup_status cli_print_delays(const recoup_delays *delays, cli_format format, FILE *stream) {
    if (format == CLI_JSON)
        return print_json("delays", delays->currency, delay_fields, N_DELAY_FIELDS, delays->row,
                          delays->n_rows, sizeof *delays->row, stream);
    if (format == CLI_TABLE)
        return print_delay_tables(delays, stream);
    cli_print_csv_records(delay_fields, N_DELAY_FIELDS, delays->row, delays->n_rows,
                          sizeof *delays->row, stream);
    return RECOUP_OK;
}

/* --- what matters ----------------------------------------------------------------------------- */

/* Rows [first, end) of one plan. */
static recoup_status print_factor_table(const recoup_sensitivity *sensitivity, int first, int end,
                                        FILE *stream) {
    const char *heading[] = {"Factor", "from", "to", "P(hit), %", "to", "Bookings"};
    struct libscols_table *table = cli_table_create(heading, 6, stream);
    bool done = table != NULL;
    for (int i = first; i < end && done; i++) {
        const recoup_sensitivity_row *row = &sensitivity->row[i];
        char cell[5][CLI_CELL_SIZE];
        snprintf(cell[0], CLI_CELL_SIZE, "%.3g", row->low);
        snprintf(cell[1], CLI_CELL_SIZE, "%.3g %s", row->high, row->unit);
        format_share(cell[2], row->hit_probability_low, false);
        format_share(cell[3], row->hit_probability_high, false);
        format_signed(cell[4], row->bookings_mean_high - row->bookings_mean_low);
        done = cli_table_add(table, row->factor, cell, 5);
    }
    return finish(table, done);
}

static recoup_status print_share_table(const recoup_sensitivity *sensitivity, const char *plan,
                                       FILE *stream) {
    const char *heading[] = {"Source", "Share of the variance of P(hit) over draws, %"};
    struct libscols_table *table = cli_table_create(heading, 2, stream);
    bool done = table != NULL;
    for (int i = 0; i < sensitivity->n_shares && done; i++) {
        const recoup_share_row *row = &sensitivity->share[i];
        char cell[1][CLI_CELL_SIZE];
        if (strcmp(row->plan, plan) != 0)
            continue;
        snprintf(cell[0], CLI_CELL_SIZE, "%.1f", 100 * row->share);
        done = cli_table_add(table, row->source, cell, 1);
    }
    return finish(table, done);
}

/* False where P(hit) does not vary over the draws. */
static bool has_shares(const recoup_sensitivity *sensitivity, const char *plan) {
    for (int i = 0; i < sensitivity->n_shares; i++)
        if (strcmp(sensitivity->share[i].plan, plan) == 0)
            return true;
    return false;
}

static recoup_status print_notes(const recoup_sensitivity *sensitivity, FILE *stream) {
    cli_text text;
    if (!cli_text_open(&text))
        return RECOUP_ENOMEM;
    fprintf(
        text.stream,
        "\nOne factor at a time, by %d of the parameter draws: conversions (logit) and arrivals "
        "from 5 to 95 %% of what the "
        "history allows, where the model stores it, else ± 0.2 and ± 10 %%; amounts ± 10 %%; the "
        "market at -1.645 and 1.645 standard deviations; effects at their 5 and 95 %% quantiles, "
        "or none and twice a fixed one (shares stay at 1). Bookings: their mean at the high value "
        "less that at the low one.\n",
        sensitivity->draws);
    if (sensitivity->n_shares == 0)
        fputs("\nP(hit) does not vary over the parameter draws, or they are too few to tell why.\n",
              text.stream);
    return cli_text_print(&text, stream) ? RECOUP_OK : RECOUP_ENOMEM;
}

static recoup_status print_sensitivity_tables(const recoup_sensitivity *sensitivity, FILE *stream) {
    recoup_status status = RECOUP_OK;
    for (int first = 0, end; first < sensitivity->n_rows && status == RECOUP_OK; first = end) {
        const char *plan = sensitivity->row[first].plan;
        for (end = first; end < sensitivity->n_rows && sensitivity->row[end].plan == plan;)
            end++;
        fprintf(stream, "%s`%s`\n\n", first > 0 ? "\n" : "", plan);
        status = print_factor_table(sensitivity, first, end, stream);
        if (status == RECOUP_OK && has_shares(sensitivity, plan)) {
            fputc('\n', stream);
            status = print_share_table(sensitivity, plan, stream);
        }
    }
    return status == RECOUP_OK ? print_notes(sensitivity, stream) : status;
}

static recoup_status print_sensitivity_json(const recoup_sensitivity *sensitivity, FILE *stream) {
    fputs("{\n  \"currency\": ", stream);
    bool done = cli_print_json_text(sensitivity->currency ? sensitivity->currency : "", stream);
    fputs(",\n", stream);
    done = done &&
           cli_print_json_records("sensitivity", factor_fields, N_FACTOR_FIELDS, sensitivity->row,
                                  sensitivity->n_rows, sizeof *sensitivity->row, stream);
    fputs(",\n", stream);
    done = done && cli_print_json_records("variance_shares", share_fields, N_SHARE_FIELDS,
                                          sensitivity->share, sensitivity->n_shares,
                                          sizeof *sensitivity->share, stream);
    fputs("\n}\n", stream);
    return done ? RECOUP_OK : RECOUP_ENOMEM;
}

recoup_status cli_print_sensitivity(const recoup_sensitivity *sensitivity, cli_format format,
                                    FILE *stream) {
    if (format == CLI_JSON)
        return print_sensitivity_json(sensitivity, stream);
    if (format == CLI_TABLE)
        return print_sensitivity_tables(sensitivity, stream);
    cli_print_csv_records(factor_fields, N_FACTOR_FIELDS, sensitivity->row, sensitivity->n_rows,
                          sizeof *sensitivity->row, stream);
    return RECOUP_OK;
}
