#include "cli.h"

#include <recoup/results.h>

typedef struct compare_options {
    const char *results;
    cli_format format;
} compare_options;

enum { KEY_JSON = 256, KEY_CSV };

static const struct argp_option option_table[] = {
    {"json", KEY_JSON, NULL, 0, "print as JSON", 0},
    {"csv", KEY_CSV, NULL, 0, "print as CSV, one line per plan", 0},
    {0}};

static void set_format(const struct argp_state *state, cli_format format) {
    compare_options *options = state->input;
    if (options->format != CLI_TABLE && options->format != format)
        argp_error(state, "--json or --csv, not both");
    options->format = format;
}

static error_t parse_option(int key, char *text, struct argp_state *state) {
    compare_options *options = state->input;
    switch (key) {
    case KEY_JSON:
        set_format(state, CLI_JSON);
        return 0;
    case KEY_CSV:
        set_format(state, CLI_CSV);
        return 0;
    case ARGP_KEY_ARG:
        cli_take_argument(state, &options->results, text);
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "which RESULTS file?");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {
    .options = option_table,
    .parser = parse_option,
    .args_doc = "RESULTS",
    .doc = "Compares the plans of a results file that `recoup run` wrote: the chance of hitting "
           "quota, expected bookings, and paired gains over the first plan, with 95 % Monte Carlo "
           "intervals."};

int cli_compare(int argc, char **argv) {
    compare_options options = {.format = CLI_TABLE};
    argp_parse(&parser, argc, argv, 0, NULL, &options);

    recoup_error error = RECOUP_ERROR_INIT;
    recoup_results *results = NULL;
    recoup_comparison *comparison = NULL;
    recoup_status status = recoup_results_read(options.results, &results, &error);
    if (status == RECOUP_OK)
        status = recoup_compare(results, &comparison, &error);
    if (status == RECOUP_OK)
        status = cli_print_comparison(comparison, options.format, stdout);
    recoup_comparison_free(comparison);
    recoup_results_free(results);
    return cli_finish(status, &error, false);
}
