#include "cli.h"

#include <stdlib.h>
#include <string.h>

typedef struct fit_options {
    cli_messages messages;
    const char *scenario, *output;
    bool json, reps;
} fit_options;

enum { KEY_JSON = 256, KEY_REPS };

static const struct argp_option option_table[] = {
    {"output", 'o', "FILE", 0, "model file (default: model.yaml; - prints it)", 0},
    {"reps", KEY_REPS, NULL, 0, "print the conversion of each rep too", 0},
    {"json", KEY_JSON, NULL, 0, "print what was found as JSON", 0},
    {0}};

static error_t parse_option(int key, char *text, struct argp_state *state) {
    fit_options *options = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->messages;
        return 0;
    case 'o':
        options->output = text;
        return 0;
    case KEY_JSON:
        options->json = true;
        return 0;
    case KEY_REPS:
        options->reps = true;
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

const struct argp cli_fit_parser = {
    .children = cli_common,
    .options = option_table,
    .parser = parse_option,
    .args_doc = "SCENARIO",
    .doc = "Fits the model to what was known at the scenario's as-of date and writes it as YAML "
           "that can be read and edited; name it as `model:` in a scenario to simulate with it. "
           "Prints counts, conversions and dwell times of each stage and cohort, with 95 % "
           "intervals. "
           "Plans and a model that the scenario already names play no part."};

static recoup_status print_model(const recoup_model *model, recoup_error *error) {
    char *text = NULL;
    recoup_status status = recoup_model_format(model, &text, error);
    if (status == RECOUP_OK)
        fputs(text, stdout);
    free(text);
    return status;
}

/* What was found; the notes of the fit are part of it. */
static recoup_status print_found(const cli_inputs *inputs, const fit_options *options,
                                 recoup_error *error) {
    recoup_fit_summary *summary = NULL;
    recoup_rep_summary *reps = NULL;
    recoup_eventual eventual;
    recoup_status status = recoup_fit_summarise(inputs->view, inputs->model, &summary, error);
    if (status == RECOUP_OK && options->reps)
        status = recoup_fit_reps(inputs->view, inputs->model, &reps, error);
    if (status == RECOUP_OK)
        status = recoup_fit_eventual(inputs->view, inputs->model, &eventual, error);
    if (status == RECOUP_OK)
        status = options->json ? cli_print_fit_json(summary, reps, &eventual, stdout)
                               : cli_print_fit(summary, reps, &eventual, stdout);
    recoup_fit_summary_free(summary);
    recoup_rep_summary_free(reps);
    return status;
}

int cli_fit(int argc, char **argv) {
    fit_options options = {.output = "model.yaml"};
    argp_parse(&cli_fit_parser, argc, argv, 0, NULL, &options);
    bool to_stdout = strcmp(options.output, "-") == 0;
    if (to_stdout && (options.json || options.reps)) {
        fprintf(stderr, "%s: `-o -` prints the model; name a file to have --json or --reps\n",
                argv[0]);
        return recoup_status_exit(RECOUP_EUSAGE);
    }
    int unwritable = to_stdout ? 0 : cli_check_output(argv[0], options.output);
    if (unwritable)
        return unwritable;

    recoup_error error = RECOUP_ERROR_INIT;
    cli_inputs inputs = {0};
    cli_interrupt_at_once();
    recoup_status status =
        cli_inputs_load(&inputs, options.scenario, false, &options.messages, &error);
    if (status == RECOUP_OK && !to_stdout) { /* notes on the tables; those of the fit are printed */
        if (!options.messages.quiet)
            recoup_error_print(&error, stderr);
        recoup_error_clear(&error);
    }
    if (status == RECOUP_OK)
        status = cli_inputs_fit(&inputs, 0, &error);
    if (status == RECOUP_OK) {
        cli_interrupt_flag(); /* a file is being written: let it be finished */
        status = to_stdout ? print_model(inputs.model, &error)
                           : recoup_model_save(inputs.model, options.output, &error);
    }
    if (status == RECOUP_OK && !to_stdout && !options.messages.quiet)
        fprintf(stderr, "%s: fitted to %d deals (%d of them open) of %d reps\n", options.output,
                recoup_view_n_deals(inputs.view), recoup_view_n_open(inputs.view),
                recoup_view_n_reps(inputs.view));
    if (status == RECOUP_OK && !to_stdout) {
        recoup_error_clear(&error);
        status = print_found(&inputs, &options, &error);
    }
    cli_inputs_clear(&inputs);
    return cli_finish(status, &error, options.messages.quiet);
}
