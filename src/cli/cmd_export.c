#include "cli.h"

#include <recoup/export.h>
#include <recoup/results.h>

typedef struct export_options {
    cli_messages messages;
    const char *results, *folder;
} export_options;

static const struct argp_option option_table[] = {
    {"output", 'o', "DIR", 0, "where to write; made when absent", 0}, {0}};

static error_t parse_option(int key, char *text, struct argp_state *state) {
    export_options *options = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->messages;
        return 0;
    case 'o':
        options->folder = text;
        return 0;
    case ARGP_KEY_ARG:
        cli_take_argument(state, &options->results, text);
        return 0;
    case ARGP_KEY_END:
        if (!options->results)
            argp_error(state, "which RESULTS file?");
        if (!options->folder)
            argp_error(state, "into which folder? Name it with -o");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp cli_export_parser = {
    .children = cli_common,
    .options = option_table,
    .parser = parse_option,
    .args_doc = "RESULTS",
    .doc = "Writes every table of a results file that `recoup run` wrote as CSV: one file for each "
           "set of dimensions (plan.csv, plan_week_quantile.csv ...) and each kind of record "
           "(standing.csv, finding.csv ...), run.csv for what has no dimension, and columns.csv, "
           "which says what every column means.\vTexts that a spreadsheet would take for a formula "
           "(they begin with = + - or @) get an apostrophe before them."};

int cli_export(int argc, char **argv) {
    export_options options = {.results = NULL};
    argp_parse(&cli_export_parser, argc, argv, 0, NULL, &options);
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_results *results = NULL;
    int n_files = 0;
    cli_interrupt_at_once(); /* files are replaced as a whole */
    recoup_status status = recoup_results_read(options.results, &results, &error);
    if (status == RECOUP_OK) {
        cli_tell(&options.messages, "read %s", options.results);
        status = recoup_export(results, options.folder, &n_files, &error);
    }
    if (status == RECOUP_OK && !options.messages.quiet)
        fprintf(stderr, "%s: %d files written; columns.csv says what their columns mean\n",
                options.folder, n_files);
    recoup_results_free(results);
    return cli_finish(status, &error, options.messages.quiet);
}
