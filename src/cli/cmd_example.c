#include "cli.h"

#include <recoup/example.h>

typedef struct example_arguments {
    cli_messages messages;
    const char *folder;
    recoup_example_options options;
} example_arguments;

enum { KEY_SEED = 256, KEY_DEALS };

static const struct argp_option option_table[] = {
    {"seed", KEY_SEED, "N", 0, "another company for another seed (default: 1)", 0},
    {"deals", KEY_DEALS, "N", 0, "about how many deals the history holds (default: 4000)", 0},
    {0}};

static error_t parse_option(int key, char *text, struct argp_state *state) {
    example_arguments *arguments = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &arguments->messages;
        return 0;
    case KEY_SEED:
        arguments->options.seed = cli_whole_number(state, "--seed", text, 0, (int64_t)1 << 53);
        return 0;
    case KEY_DEALS:
        arguments->options.deals = cli_whole_number(state, "--deals", text, 1, 100000000);
        return 0;
    case ARGP_KEY_ARG:
        cli_take_argument(state, &arguments->folder, text);
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "into which DIR?");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp cli_example_parser = {
    .children = cli_common,
    .options = option_table,
    .parser = parse_option,
    .args_doc = "DIR",
    .doc = "Writes the tables of a made-up company, a scenario with recovery plans, and the "
           "parameters that the history was generated from (truth.yaml). Files that are already "
           "there are left alone and reported."};

int cli_example(int argc, char **argv) {
    example_arguments arguments = {.options = RECOUP_EXAMPLE_DEFAULT};
    argp_parse(&cli_example_parser, argc, argv, 0, NULL, &arguments);

    recoup_error error = RECOUP_ERROR_INIT;
    recoup_status status = recoup_example_write(arguments.folder, &arguments.options, &error);
    if (status == RECOUP_OK)
        cli_tell(&arguments.messages, "made about %lld deals with seed %lld",
                 (long long)arguments.options.deals, (long long)arguments.options.seed);
    if (status == RECOUP_OK && !arguments.messages.quiet)
        fprintf(stderr, "%s: written; next: recoup run %s/scenario.yaml\n", arguments.folder,
                arguments.folder);
    return cli_finish(status, &error, arguments.messages.quiet);
}
