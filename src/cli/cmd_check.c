#include "cli.h"

#include <stdlib.h>

typedef struct check_options {
    const char *scenario;
    bool resolved;
} check_options;

enum { KEY_RESOLVED = 256 };

static const struct argp_option option_table[] = {
    {"resolved", KEY_RESOLVED, NULL, 0,
     "print the scenario with every default and every date written out", 0},
    {0}};

static error_t parse_option(int key, char *text, struct argp_state *state) {
    check_options *options = state->input;
    switch (key) {
    case KEY_RESOLVED:
        options->resolved = true;
        return 0;
    case ARGP_KEY_ARG:
        cli_take_argument(state, &options->scenario, text);
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "which SCENARIO?");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {
    .options = option_table,
    .parser = parse_option,
    .args_doc = "SCENARIO",
    .doc = "Checks the scenario, its tables, its model (or that one can be fitted) and its plans "
           "as `recoup run` would, and simulates nothing."};

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

int cli_check(int argc, char **argv) {
    check_options options = {0};
    argp_parse(&parser, argc, argv, 0, NULL, &options);

    recoup_error error = RECOUP_ERROR_INIT;
    cli_inputs inputs = {0};
    recoup_status status = cli_inputs_load(&inputs, options.scenario, true, &error);
    if (status == RECOUP_OK)
        status = cli_inputs_resolve(&inputs, 0, &error);
    if (status == RECOUP_OK)
        status = recoup_simulate_check(inputs.scenario, inputs.model, inputs.view, &error);
    if (status == RECOUP_OK)
        status = print_checked(&inputs, &options, &error);
    cli_inputs_clear(&inputs);
    return cli_finish(status, &error, false);
}
