#include "cli.h"

#include <recoup/report.h>
#include <string.h>

typedef struct report_arguments {
    cli_messages messages;
    const char *results, *output;
    bool is_pdf;
    recoup_report_options options;
} report_arguments;

enum { KEY_PDF = 256, KEY_PLAN, KEY_PAPER };

static const struct argp_option option_table[] = {
    {"output", 'o', "FILE", 0, "default: report.html, with --pdf report.pdf", 0},
    {"pdf", KEY_PDF, NULL, 0, "print the plan document as PDF (by Chromium or Chrome)", 0},
    {"plan", KEY_PLAN, "NAME", 0, "that the plan document is of (default: the best one)", 0},
    {"paper", KEY_PAPER, "a4|letter", 0, "of the plan document (default: a4)", 0},
    {0}};

static error_t parse_option(int key, char *text, struct argp_state *state) {
    report_arguments *arguments = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &arguments->messages;
        return 0;
    case 'o':
        arguments->output = text;
        return 0;
    case KEY_PDF:
        arguments->is_pdf = true;
        return 0;
    case KEY_PLAN:
        arguments->options.plan = text;
        return 0;
    case KEY_PAPER:
        if (strcmp(text, "a4") != 0 && strcmp(text, "letter") != 0)
            argp_error(state, "--paper: `%s` is none; there are a4 and letter", text);
        arguments->options.paper =
            strcmp(text, "letter") == 0 ? RECOUP_PAPER_LETTER : RECOUP_PAPER_A4;
        return 0;
    case ARGP_KEY_ARG:
        cli_take_argument(state, &arguments->results, text);
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "which RESULTS file?");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp cli_report_parser = {
    .children = cli_common,
    .options = option_table,
    .parser = parse_option,
    .args_doc = "RESULTS",
    .doc =
        "Writes a results file as one HTML page that opens in any browser, without a network: "
        "the chance of each plan with its errors, the diagnosis, and the plan document, which is "
        "what the browser prints. With --pdf the plan document alone."};

int cli_report(int argc, char **argv) {
    report_arguments arguments = {.output = NULL};
    argp_parse(&cli_report_parser, argc, argv, 0, NULL, &arguments);
    if (!arguments.output)
        arguments.output = arguments.is_pdf ? "report.pdf" : "report.html";
    int refused = cli_check_output(argv[0], arguments.output);
    if (refused)
        return refused;

    recoup_error error = RECOUP_ERROR_INIT;
    recoup_results *results = NULL;
    recoup_status status = recoup_results_read(arguments.results, &results, &error);
    if (status == RECOUP_OK) {
        cli_tell(&arguments.messages, "read %s", arguments.results);
        status = arguments.is_pdf
                     ? recoup_report_print(results, &arguments.options, arguments.output, &error)
                     : recoup_report_write(results, &arguments.options, arguments.output, &error);
    }
    if (status == RECOUP_OK)
        cli_tell(&arguments.messages, "wrote %s", arguments.output);
    recoup_results_free(results);
    return cli_finish(status, &error, arguments.messages.quiet);
}
