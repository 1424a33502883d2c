#include "cli.h"

#include <recoup/results.h>
#include <string.h>

/* What is compared; one of them at a time. */
typedef enum compare_view {
    VIEW_PLANS,
    VIEW_REPS,
    VIEW_COHORTS,
    VIEW_DELAYS,
    VIEW_SENSITIVITY
} compare_view;

typedef struct compare_options {
    cli_messages messages;
    const char *results;
    cli_format format;
    compare_view view;
} compare_options;

enum { KEY_JSON = 256, KEY_CSV, KEY_MARKDOWN, KEY_BY, KEY_DELAY, KEY_SENSITIVITY };

static const struct argp_option option_table[] = {
    {"by", KEY_BY, "rep|cohort", 0, "each rep or cohort by itself", 0},
    {"delay", KEY_DELAY, NULL, 0, "what starting later costs (scenario: `decisions`)", 0},
    {"sensitivity", KEY_SENSITIVITY, NULL, 0,
     "what P(hit) depends on, and where its uncertainty comes from (scenario: `decisions`)", 0},
    {"json", KEY_JSON, NULL, 0, "print as JSON", 0},
    {"csv", KEY_CSV, NULL, 0, "print as CSV, one line per plan (or plan and rep, ...)", 0},
    {"markdown", KEY_MARKDOWN, NULL, 0, "print a summary in Markdown", 0},
    {0}};

static void set_format(const struct argp_state *state, cli_format format) {
    compare_options *options = state->input;
    if (options->format != CLI_TABLE && options->format != format)
        argp_error(state, "one of --json, --csv and --markdown, not both");
    options->format = format;
}

static void set_view(const struct argp_state *state, compare_view view) {
    compare_options *options = state->input;
    if (options->view != VIEW_PLANS && options->view != view)
        argp_error(state, "one of --by, --delay and --sensitivity");
    options->view = view;
}

static error_t parse_option(int key, char *text, struct argp_state *state) {
    compare_options *options = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->messages;
        return 0;
    case KEY_JSON:
        set_format(state, CLI_JSON);
        return 0;
    case KEY_CSV:
        set_format(state, CLI_CSV);
        return 0;
    case KEY_MARKDOWN:
        set_format(state, CLI_MARKDOWN);
        return 0;
    case KEY_BY:
        if (strcmp(text, "rep") != 0 && strcmp(text, "cohort") != 0)
            argp_error(state, "--by: `%s` is none; there are rep and cohort", text);
        set_view(state, strcmp(text, "rep") == 0 ? VIEW_REPS : VIEW_COHORTS);
        return 0;
    case KEY_DELAY:
        set_view(state, VIEW_DELAYS);
        return 0;
    case KEY_SENSITIVITY:
        set_view(state, VIEW_SENSITIVITY);
        return 0;
    case ARGP_KEY_ARG:
        cli_take_argument(state, &options->results, text);
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "which RESULTS file?");
        return 0;
    case ARGP_KEY_END:
        if (options->format == CLI_MARKDOWN && options->view != VIEW_PLANS)
            argp_error(state, "--markdown is of the plans, without --by, --delay, --sensitivity");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp cli_compare_parser = {
    .children = cli_common,
    .options = option_table,
    .parser = parse_option,
    .args_doc = "RESULTS",
    .doc = "Compares the plans of a results file that `recoup run` wrote: the chance of hitting "
           "quota, expected bookings, and paired gains over the first plan, with 95 % Monte Carlo "
           "intervals; what they cost and how certain their order is."};

static recoup_status print_plans(const recoup_results *results, cli_format format,
                                 recoup_error *error) {
    recoup_comparison *comparison = NULL;
    recoup_status status = recoup_compare(results, &comparison, error);
    if (status == RECOUP_OK)
        status = cli_print_comparison(comparison, format, stdout);
    if (status == RECOUP_OK && format == CLI_TABLE)
        status = cli_print_attainment(results, stdout, error);
    recoup_comparison_free(comparison);
    return status;
}

static recoup_status print_units(const recoup_results *results, recoup_unit_kind kind,
                                 cli_format format, recoup_error *error) {
    recoup_unit_comparison *comparison = NULL;
    recoup_status status = recoup_compare_units(results, kind, &comparison, error);
    if (status == RECOUP_OK)
        status = cli_print_units(comparison, format, stdout);
    recoup_unit_comparison_free(comparison);
    return status;
}

static recoup_status print_delays(const recoup_results *results, cli_format format,
                                  recoup_error *error) {
    recoup_delays *delays = NULL;
    recoup_status status = recoup_compare_delays(results, &delays, error);
    if (status == RECOUP_OK)
        status = cli_print_delays(delays, format, stdout);
    recoup_delays_free(delays);
    return status;
}

static recoup_status print_sensitivity(const recoup_results *results, cli_format format,
                                       recoup_error *error) {
    recoup_sensitivity *sensitivity = NULL;
    recoup_status status = recoup_compare_sensitivity(results, &sensitivity, error);
    if (status == RECOUP_OK)
        status = cli_print_sensitivity(sensitivity, format, stdout);
    recoup_sensitivity_free(sensitivity);
    return status;
}

static recoup_status print_view(const recoup_results *results, const compare_options *options,
                                recoup_error *error) {
    switch (options->view) {
    case VIEW_REPS:
        return print_units(results, RECOUP_UNIT_REP, options->format, error);
    case VIEW_COHORTS:
        return print_units(results, RECOUP_UNIT_COHORT, options->format, error);
    case VIEW_DELAYS:
        return print_delays(results, options->format, error);
    case VIEW_SENSITIVITY:
        return print_sensitivity(results, options->format, error);
    case VIEW_PLANS:
        break;
    }
    return print_plans(results, options->format, error);
}

int cli_compare(int argc, char **argv) {
    compare_options options = {.format = CLI_TABLE};
    argp_parse(&cli_compare_parser, argc, argv, 0, NULL, &options);

    recoup_error error = RECOUP_ERROR_INIT;
    recoup_results *results = NULL;
    recoup_status status = recoup_results_read(options.results, &results, &error);
    if (status == RECOUP_OK)
        cli_tell(&options.messages, "read %s", options.results);
    if (status == RECOUP_OK)
        status = print_view(results, &options, &error);
    recoup_results_free(results);
    return cli_finish(status, &error, options.messages.quiet);
}
