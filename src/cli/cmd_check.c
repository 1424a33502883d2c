#include "cli.h"

#include <stdlib.h>

typedef struct check_options {
    cli_messages messages;
    const char *scenario;
    bool resolved, suggests;
    const char **file; /* all plain arguments */
    int n_files;
} check_options;

enum { KEY_RESOLVED = 256, KEY_SUGGEST };

static const struct argp_option option_table[] = {
    {"resolved", KEY_RESOLVED, NULL, 0,
     "print the scenario with every default and every date written out", 0},
    {"suggest-mapping", KEY_SUGGEST, NULL, 0,
     "print a `data:` section for these tables of Salesforce, HubSpot or another CRM", 0},
    {0}};

static error_t parse_option(int key, char *text, struct argp_state *state) {
    check_options *options = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->messages;
        return 0;
    case KEY_RESOLVED:
        options->resolved = true;
        return 0;
    case KEY_SUGGEST:
        options->suggests = true;
        return 0;
    case ARGP_KEY_ARG:
        options->file[options->n_files++] = text;
        return 0;
    case ARGP_KEY_END:
        if (options->n_files == 0)
            argp_error(state, options->suggests ? "which FILE?" : "which SCENARIO?");
        if (options->suggests && options->resolved)
            argp_error(state, "--resolved is for a scenario, --suggest-mapping for tables");
        if (!options->suggests)
            for (int i = 0; i < options->n_files; i++)
                cli_take_argument(state, &options->scenario, (char *)options->file[i]);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp cli_check_parser = {
    .children = cli_common,
    .options = option_table,
    .parser = parse_option,
    .args_doc = "SCENARIO\n--suggest-mapping FILE...",
    .doc = "Checks the scenario, its tables, its model (or that one can be fitted) and its plans "
           "as `recoup run` would, and simulates nothing. With --suggest-mapping: prints how the "
           "columns of CSV files (deals, stage history, users, activities; stages by their ids, "
           "accounts) could be mapped."};

static recoup_status print_checked(const cli_inputs *inputs, const check_options *options,
                                   recoup_error *error) {
    if (!options->resolved) {
        const char *model = recoup_scenario_model_path(inputs->scenario);
        printf("%s: valid\n%d deals known at the as-of date (%d open), %d reps; model: %s\n",
               options->scenario, recoup_view_n_deals(inputs->view),
               recoup_view_n_open(inputs->view), recoup_view_n_reps(inputs->view),
               model ? model : "fitted");
        return RECOUP_OK;
    }
    char *text = NULL;
    recoup_status status = recoup_scenario_format(inputs->scenario, &text, error);
    if (status == RECOUP_OK)
        fputs(text, stdout);
    free(text);
    return status;
}

static int suggest(const check_options *options) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_suggestion *suggestion = NULL;
    recoup_status status =
        recoup_mapping_suggest(options->file, options->n_files, &suggestion, &error);
    if (status == RECOUP_OK)
        status = cli_print_mapping(suggestion, stdout);
    recoup_suggestion_free(suggestion);
    return cli_finish(status, &error, options->messages.quiet);
}

static int check(const check_options *options) {
    recoup_error error = RECOUP_ERROR_INIT;
    cli_inputs inputs = {0};
    recoup_status status =
        cli_inputs_load(&inputs, options->scenario, true, &options->messages, &error);
    if (status == RECOUP_OK)
        status = cli_inputs_resolve(&inputs, 0, &error);
    if (status == RECOUP_OK)
        status = recoup_simulate_check(inputs.scenario, inputs.model, inputs.view, &error);
    if (status == RECOUP_OK)
        status = print_checked(&inputs, options, &error);
    cli_inputs_clear(&inputs);
    return cli_finish(status, &error, options->messages.quiet);
}

int cli_check(int argc, char **argv) {
    check_options options = {.file = calloc((size_t)argc, sizeof *options.file)};
    if (!options.file) {
        fprintf(stderr, "%s: out of memory\n", argv[0]);
        return recoup_status_exit(RECOUP_ENOMEM);
    }
    argp_parse(&cli_check_parser, argc, argv, 0, NULL, &options);
    int status = options.suggests ? suggest(&options) : check(&options);
    free(options.file);
    return status;
}
