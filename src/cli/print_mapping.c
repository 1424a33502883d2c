/* A suggested mapping as YAML, ready to be pasted into a scenario. */
#include "cli.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static const char *const table_names[RECOUP_N_TABLES] = {
    [RECOUP_TABLE_DEALS] = "deals",
    [RECOUP_TABLE_STAGE_HISTORY] = "stage_history",
    [RECOUP_TABLE_REPS] = "reps",
    [RECOUP_TABLE_ACTIVITIES] = "activities",
};

/* Whether a text can stand without quotation marks: fewer than YAML allows. */
static bool is_plain(const char *text) {
    static const char *const words[] = {"true", "false", "null", "yes", "no",
                                        "on",   "off",   "y",    "n"};
    size_t length = strlen(text);
    if (length == 0 || (!isalpha((unsigned char)*text) && !strchr("_/.", *text)) ||
        text[length - 1] == ' ' || strcmp(text, ".") == 0 || strncmp(text, "..", 2) == 0)
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(text, words[i]) == 0)
            return false;
    for (const char *p = text; *p; p++)
        if (!isalnum((unsigned char)*p) && !strchr("_/. -", *p))
            return false;
    return true;
}

/* A JSON text is a YAML one. False: out of memory. */
static bool print_scalar(const char *text, FILE *stream) {
    if (is_plain(text))
        return fputs(text, stream), true;
    return cli_print_json_text(text, stream);
}

static bool print_pair(const char *before, const char *key, const char *value, FILE *stream) {
    fputs(before, stream);
    bool done = print_scalar(key, stream);
    fputs(": ", stream);
    return done && print_scalar(value, stream);
}

static bool print_source(const recoup_mapped_column *column, FILE *stream) {
    bool done = true;
    if (column->won) {
        done = print_pair("{", "won", column->won, stream) &&
               print_pair(", ", "closed", column->closed, stream);
        fputs("}\n", stream);
        return done;
    }
    fputs(column->n_sources > 1 ? "[" : "", stream);
    for (int i = 0; i < column->n_sources && done; i++) {
        fputs(i ? ", " : "", stream);
        done = print_scalar(column->source[i], stream);
    }
    fputs(column->n_sources > 1 ? "]\n" : "\n", stream);
    return done;
}

static bool print_columns(const recoup_mapping *mapping, FILE *stream) {
    bool done = true;
    if (mapping->n_columns)
        fputs("    columns:\n", stream);
    for (int i = 0; i < mapping->n_columns && done; i++) {
        fprintf(stream, "      %s: ", mapping->column[i].name);
        done = print_source(&mapping->column[i], stream);
    }
    return done;
}

static bool print_values(const recoup_mapping *mapping, FILE *stream) {
    const char *column = "";
    bool done = true;
    if (mapping->n_values)
        fputs("    values:\n", stream);
    for (int i = 0; i < mapping->n_values && done; i++) {
        const recoup_mapped_value *value = &mapping->value[i];
        if (strcmp(value->column, column) != 0)
            fprintf(stream, "      %s:\n", value->column);
        column = value->column;
        done = print_pair("        ", value->from, value->to, stream);
        fputc('\n', stream);
    }
    return done;
}

static bool print_joins(const recoup_mapping *mapping, FILE *stream) {
    bool done = true;
    if (mapping->n_joins)
        fputs("    join:\n", stream);
    for (int i = 0; i < mapping->n_joins && done; i++) {
        const recoup_mapped_join *join = &mapping->join[i];
        done = print_pair("      - {", "file", join->file, stream);
        fputs(", on: ", stream);
        done = done && print_pair("{", join->key, join->joined_key, stream);
        fputs("}}\n", stream);
    }
    return done;
}

static bool print_skips(const recoup_mapping *mapping, FILE *stream) {
    bool done = true;
    for (int i = 0; i < mapping->n_skips && done; i++) {
        fputs(i ? ", " : "    skip: {", stream);
        done = print_scalar(mapping->skip[i].column, stream);
        fprintf(stream, ": %s", mapping->skip[i].text);
    }
    fputs(mapping->n_skips ? "}\n" : "", stream);
    return done;
}

/* As comments: what nothing was found for, and what to look at. */
static void print_comments(const recoup_suggested_table *table, FILE *stream) {
    for (int i = 0; i < table->n_absent; i++) {
        if (i == 0 && table->n_required)
            fputs("    # required, and not found: ", stream);
        else if (i == table->n_required)
            fprintf(stream, "%s    # not found: ", i ? "\n" : "");
        else
            fputs(", ", stream);
        fputs(table->absent[i], stream);
    }
    fputs(table->n_absent ? "\n" : "", stream);
    for (int i = 0; i < table->n_remarks; i++)
        fprintf(stream, "    # %s\n", table->remark[i]);
}

static bool print_table(const recoup_suggested_table *table, FILE *stream) {
    static const char *const orders[] = {
        [RECOUP_DATES_ISO] = "iso", [RECOUP_DATES_US] = "us", [RECOUP_DATES_EU] = "eu"};
    const recoup_mapping *mapping = &table->mapping;
    fprintf(stream, "  %s:\n", table_names[table->kind]);
    bool done = print_pair("    ", "file", table->file, stream);
    fputc('\n', stream);
    done = done && print_columns(mapping, stream) && print_values(mapping, stream) &&
           print_joins(mapping, stream) && print_skips(mapping, stream);
    if (mapping->dates != RECOUP_DATES_ISO)
        fprintf(stream, "    dates: %s\n", orders[mapping->dates]);
    if (mapping->decimal_comma)
        fputs("    decimal: comma\n", stream);
    print_comments(table, stream);
    return done;
}

static bool print_pipeline(const recoup_suggestion *suggestion, FILE *stream) {
    bool done = true;
    if (suggestion->n_stages + suggestion->n_labels == 0)
        return true;
    fputs("# The open stages: are all of them there, and is this their order?\npipeline:\n",
          stream);
    if (suggestion->n_stages)
        fputs("  stages:\n", stream);
    for (int i = 0; i < suggestion->n_stages && done; i++) {
        fputs("    - ", stream);
        done = print_scalar(suggestion->stage[i], stream);
        fputc('\n', stream);
    }
    if (suggestion->n_labels)
        fputs("  labels:\n", stream);
    for (int i = 0; i < suggestion->n_labels && done; i++) {
        done = print_pair("    ", suggestion->label[i], suggestion->meaning[i], stream);
        fputc('\n', stream);
    }
    return done;
}

recoup_status cli_print_mapping(const recoup_suggestion *suggestion, FILE *stream) {
    bool done = true;
    fputs("# Suggested by the names of the columns and a look at the cells; a person has to check "
          "it.\n# Paths in a scenario are relative to it.\ndata:\n",
          stream);
    for (int kind = 0; kind < RECOUP_N_TABLES && done; kind++)
        if (suggestion->table[kind].file)
            done = print_table(&suggestion->table[kind], stream);
    if (!suggestion->table[RECOUP_TABLE_DEALS].file)
        fputs("  # deals: none of the files holds them, and they are required\n", stream);
    done = done && print_pipeline(suggestion, stream);
    return done ? RECOUP_OK : RECOUP_ENOMEM;
}
