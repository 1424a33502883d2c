/* A comparison for programs: one table of fields serves JSON and CSV, so that both say the same. */
#include "cli.h"

#include <jansson.h>
#include <math.h>
#include <recoup/date.h>
#include <recoup/export.h>
#include <recoup/number.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define RUN_FIELD(name, type)                                                                      \
    { #name, type, offsetof(recoup_comparison, name) }
static const cli_field run_fields[] = {
    RUN_FIELD(title, CLI_FIELD_TEXT),          RUN_FIELD(currency, CLI_FIELD_TEXT),
    RUN_FIELD(quota, CLI_FIELD_NUMBER),        RUN_FIELD(booked, CLI_FIELD_NUMBER),
    RUN_FIELD(paths, CLI_FIELD_COUNT),         RUN_FIELD(parameter_draws, CLI_FIELD_COUNT),
    RUN_FIELD(estimator, CLI_FIELD_TEXT),      RUN_FIELD(hit_estimator, CLI_FIELD_TEXT),
    RUN_FIELD(margin, CLI_FIELD_NUMBER),       RUN_FIELD(target, CLI_FIELD_NUMBER),
    RUN_FIELD(decision_draws, CLI_FIELD_COUNT)};

#define PLAN_FIELD(name)                                                                           \
    { #name, CLI_FIELD_NUMBER, offsetof(recoup_compare_row, name) }
static const cli_field plan_fields[] = {
    {"plan", CLI_FIELD_TEXT, offsetof(recoup_compare_row, plan)},
    PLAN_FIELD(hit_probability),
    PLAN_FIELD(hit_probability_se),
    PLAN_FIELD(hit_probability_low),
    PLAN_FIELD(hit_probability_high),
    PLAN_FIELD(hit_probability_paths),
    PLAN_FIELD(hit_probability_paths_se),
    PLAN_FIELD(hit_gain),
    PLAN_FIELD(hit_gain_se),
    PLAN_FIELD(bookings_mean),
    PLAN_FIELD(bookings_mean_se),
    PLAN_FIELD(bookings_sd),
    PLAN_FIELD(bookings_q10),
    PLAN_FIELD(bookings_q50),
    PLAN_FIELD(bookings_q90),
    PLAN_FIELD(bookings_gain_mean),
    PLAN_FIELD(bookings_gain_se),
    PLAN_FIELD(plan_quota),
    PLAN_FIELD(attainment_mean),
    PLAN_FIELD(wins_mean),
    PLAN_FIELD(expected_shortfall),
    PLAN_FIELD(best_probability),
    PLAN_FIELD(expected_regret),
    PLAN_FIELD(cost),
    PLAN_FIELD(cost_per_point),
    PLAN_FIELD(net_gain),
    PLAN_FIELD(hit_probability_stated),
    PLAN_FIELD(hit_probability_centered),
    PLAN_FIELD(best_probability_centered),
    PLAN_FIELD(break_even),
    PLAN_FIELD(break_even_effect),
    {"break_even_unit", CLI_FIELD_TEXT, offsetof(recoup_compare_row, break_even_unit)}};

/* The last fields are those of the scenario's `decisions`, and only there when it has any. */
enum { DECISION_RUN_FIELDS = 2, DECISION_PLAN_FIELDS = 6 };

static int count_run_fields(const recoup_comparison *comparison) {
    int n = sizeof run_fields / sizeof *run_fields;
    return comparison->decision_draws > 0 ? n : n - DECISION_RUN_FIELDS;
}

static int count_plan_fields(const recoup_comparison *comparison) {
    int n = sizeof plan_fields / sizeof *plan_fields;
    return comparison->decision_draws > 0 ? n : n - DECISION_PLAN_FIELDS;
}

#define PAIR_FIELD(name, type)                                                                     \
    { #name, type, offsetof(recoup_compare_pair, name) }
static const cli_field pair_fields[] = {
    PAIR_FIELD(plan, CLI_FIELD_TEXT),         PAIR_FIELD(other, CLI_FIELD_TEXT),
    PAIR_FIELD(hit_gain, CLI_FIELD_NUMBER),   PAIR_FIELD(hit_gain_se, CLI_FIELD_NUMBER),
    PAIR_FIELD(low, CLI_FIELD_NUMBER),        PAIR_FIELD(high, CLI_FIELD_NUMBER),
    PAIR_FIELD(differs, CLI_FIELD_FLAG),      PAIR_FIELD(draws_low, CLI_FIELD_NUMBER),
    PAIR_FIELD(draws_high, CLI_FIELD_NUMBER), PAIR_FIELD(differs_over_draws, CLI_FIELD_FLAG)};
enum { N_PAIR_FIELDS = sizeof pair_fields / sizeof *pair_fields };

/* A text as JSON writes it; false: out of memory. */
bool cli_print_json_text(const char *text, FILE *stream) {
    json_t *value = json_string(text);
    char *quoted = value ? json_dumps(value, JSON_ENCODE_ANY) : NULL;
    bool done = quoted != NULL;
    if (done)
        fputs(quoted, stream);
    free(quoted);
    json_decref(value);
    return done;
}

/* Numbers are written as in every file of recoup, the shortest that reads back the same; jansson
 * would print 17 digits of each. What is not finite is null, or an empty cell. */
static void print_number(double x, cli_format format, FILE *stream) {
    char buffer[RECOUP_NUMBER_SIZE];
    if (isfinite(x))
        fputs(recoup_number_format(buffer, x), stream);
    else if (format == CLI_JSON)
        fputs("null", stream);
}

static void print_date(double days, cli_format format, FILE *stream) {
    char buffer[RECOUP_DATE_SIZE];
    const char *quote = format == CLI_JSON ? "\"" : "";
    if (isfinite(days))
        fprintf(stream, "%s%s%s", quote, recoup_date_format(buffer, days), quote);
    else if (format == CLI_JSON)
        fputs("null", stream);
}

static bool print_value(const cli_field *of, const void *record, cli_format format, FILE *stream) {
    const void *place = (const char *)record + of->offset;
    const char *text;
    double x;
    int64_t count;
    int number;
    bool flag;
    switch (of->type) {
    case CLI_FIELD_TEXT:
        memcpy(&text, place, sizeof text);
        if (format == CLI_JSON)
            return cli_print_json_text(text ? text : "", stream);
        return recoup_csv_print(text ? text : "", stream);
    case CLI_FIELD_NUMBER:
        memcpy(&x, place, sizeof x);
        print_number(x, format, stream);
        return true;
    case CLI_FIELD_DATE:
        memcpy(&x, place, sizeof x);
        print_date(x, format, stream);
        return true;
    case CLI_FIELD_COUNT:
        memcpy(&count, place, sizeof count);
        fprintf(stream, "%lld", (long long)count);
        return true;
    case CLI_FIELD_INT:
        memcpy(&number, place, sizeof number);
        fprintf(stream, "%d", number);
        return true;
    case CLI_FIELD_FLAG:
        memcpy(&flag, place, sizeof flag);
        fputs(flag ? "true" : "false", stream);
        return true;
    }
    return true;
}

bool cli_print_json_fields(const cli_field *fields, int n, const void *record, const char *indent,
                           FILE *stream) {
    bool done = true;
    for (int i = 0; i < n && done; i++) {
        fprintf(stream, "%s%s\"%s\": ", i ? ",\n" : "", indent, fields[i].key);
        done = print_value(&fields[i], record, CLI_JSON, stream);
    }
    return done;
}

bool cli_print_json_records(const char *key, const cli_field *fields, int n_fields,
                            const void *records, int n, size_t size, FILE *stream) {
    bool done = true;
    fprintf(stream, "  \"%s\": [", key);
    for (int i = 0; i < n && done; i++) {
        fputs(i ? ",\n    {\n" : "\n    {\n", stream);
        done = cli_print_json_fields(fields, n_fields, (const char *)records + (size_t)i * size,
                                     "      ", stream);
        fputs("\n    }", stream);
    }
    fputs(n ? "\n  ]" : "]", stream);
    return done;
}

void cli_print_csv_records(const cli_field *fields, int n_fields, const void *records, int n,
                           size_t size, FILE *stream) {
    for (int k = 0; k < n_fields; k++)
        fprintf(stream, "%s%s", k ? "," : "", fields[k].key);
    fputc('\n', stream);
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < n_fields; k++) {
            if (k)
                fputc(',', stream);
            print_value(&fields[k], (const char *)records + (size_t)i * size, CLI_CSV, stream);
        }
        fputc('\n', stream);
    }
}

/* A kind's own fields, as the printers above take them (free it); NULL: out of memory. */
static cli_field *fields_of(const recoup_record_type *type) {
    static const cli_field_type types[] = {[RECOUP_RECORD_FIELD_TEXT] = CLI_FIELD_TEXT,
                                           [RECOUP_RECORD_FIELD_NUMBER] = CLI_FIELD_NUMBER,
                                           [RECOUP_RECORD_FIELD_DATE] = CLI_FIELD_DATE,
                                           [RECOUP_RECORD_FIELD_INT] = CLI_FIELD_INT};
    cli_field *fields = calloc((size_t)type->n_fields, sizeof *fields);
    for (int f = 0; fields && f < type->n_fields; f++)
        fields[f] =
            (cli_field){type->field[f].name, types[type->field[f].type], type->field[f].offset};
    return fields;
}

bool cli_print_json_type(const recoup_record_type *type, const void *rows, int n, FILE *stream) {
    cli_field *fields = fields_of(type);
    bool done = fields && cli_print_json_records(type->name, fields, type->n_fields, rows, n,
                                                 type->size, stream);
    free(fields);
    return done;
}

bool cli_print_json_kind(const recoup_results *results, recoup_record_id id, FILE *stream) {
    int n;
    const void *rows = recoup_results_records(results, id, &n);
    return cli_print_json_type(&recoup_record_types[id], rows, n, stream);
}

bool cli_print_csv_kind(const recoup_results *results, recoup_record_id id, FILE *stream) {
    const recoup_record_type *type = &recoup_record_types[id];
    int n;
    const void *rows = recoup_results_records(results, id, &n);
    cli_field *fields = fields_of(type);
    if (fields)
        cli_print_csv_records(fields, type->n_fields, rows, n, type->size, stream);
    free(fields);
    return fields != NULL;
}

recoup_status cli_print_json(const recoup_comparison *comparison, FILE *stream) {
    fputs("{\n", stream);
    bool done =
        cli_print_json_fields(run_fields, count_run_fields(comparison), comparison, "  ", stream);
    fputs(",\n", stream);
    done = done && cli_print_json_records("plans", plan_fields, count_plan_fields(comparison),
                                          comparison->row, comparison->n_rows,
                                          sizeof *comparison->row, stream);
    fputs(",\n", stream);
    done = done && cli_print_json_records("pairs", pair_fields, N_PAIR_FIELDS, comparison->pair,
                                          comparison->n_pairs, sizeof *comparison->pair, stream);
    fputs("\n}\n", stream);
    return done ? RECOUP_OK : RECOUP_ENOMEM;
}

recoup_status cli_print_csv(const recoup_comparison *comparison, FILE *stream) {
    int n_plan_fields = count_plan_fields(comparison), n_run_fields = count_run_fields(comparison);
    for (int k = 0; k < n_plan_fields; k++)
        fprintf(stream, "%s,", plan_fields[k].key);
    for (int k = 0; k < n_run_fields; k++)
        fprintf(stream, "%s%s", k ? "," : "", run_fields[k].key);
    fputc('\n', stream);
    for (int i = 0; i < comparison->n_rows; i++) {
        for (int k = 0; k < n_plan_fields; k++) {
            print_value(&plan_fields[k], &comparison->row[i], CLI_CSV, stream);
            fputc(',', stream);
        }
        for (int k = 0; k < n_run_fields; k++) {
            if (k)
                fputc(',', stream);
            print_value(&run_fields[k], comparison, CLI_CSV, stream);
        }
        fputc('\n', stream);
    }
    return RECOUP_OK;
}

recoup_status cli_print_comparison(const recoup_comparison *comparison, cli_format format,
                                   FILE *stream) {
    switch (format) {
    case CLI_JSON:
        return cli_print_json(comparison, stream);
    case CLI_CSV:
        return cli_print_csv(comparison, stream);
    case CLI_MARKDOWN:
        return cli_print_markdown(comparison, stream);
    case CLI_TABLE:
        break;
    }
    return cli_print_table(comparison, stream);
}
