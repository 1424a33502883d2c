#include "cli.h"

#include <math.h>
#include <recoup/number.h>
#include <stdlib.h>

typedef struct optimize_options {
    cli_messages messages;
    const char *scenario, *output; /* output NULL: the plan is printed */
    double budget, hours, reach;   /* NaN: as the scenario says; none */
    int threads;                   /* 0: all processors */
    bool json;
} optimize_options;

enum { KEY_BUDGET = 256, KEY_HOURS, KEY_REACH, KEY_THREADS, KEY_JSON };

static const struct argp_option option_table[] = {
    {"budget", KEY_BUDGET, "N", 0, "what the levers may cost (default: as the scenario says)", 0},
    {"hours", KEY_HOURS, "N", 0, "selling time that they may take (default: as the scenario says)",
     0},
    {"reach", KEY_REACH, "P", 0,
     "the cheapest choice with this chance of hitting quota, e.g. 60%, instead of the best", 0},
    {"output", 'o', "FILE", 0,
     "write the scenario there, with the choice as its last plan (default: print the plan)", 0},
    {"threads", KEY_THREADS, "N", 0, "default: all processors; results do not depend on it", 0},
    {"json", KEY_JSON, NULL, 0, "print as JSON", 0},
    {0}};

static double limit(const struct argp_state *state, const char *option, const char *text) {
    double x;
    if (!recoup_number_parse(text, &x) || !(x >= 0 && x <= 1e15))
        argp_error(state, "%s: `%s` is not a number from 0 to 1e15", option, text);
    return x;
}

static double probability(const struct argp_state *state, const char *option, const char *text) {
    double x;
    if (!recoup_number_parse(text, &x) || !(x > 0 && x < 1))
        argp_error(state, "%s: `%s` is not a probability above 0 and below 1, such as 60%%", option,
                   text);
    return x;
}

static error_t parse_option(int key, char *text, struct argp_state *state) {
    optimize_options *options = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->messages;
        return 0;
    case KEY_BUDGET:
        options->budget = limit(state, "--budget", text);
        return 0;
    case KEY_HOURS:
        options->hours = limit(state, "--hours", text);
        return 0;
    case KEY_REACH:
        options->reach = probability(state, "--reach", text);
        return 0;
    case KEY_THREADS:
        options->threads = (int)cli_whole_number(state, "--threads", text, 1, 4096);
        return 0;
    case KEY_JSON:
        options->json = true;
        return 0;
    case 'o':
        options->output = text;
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

const struct argp cli_optimize_parser = {
    .children = cli_common,
    .options = option_table,
    .parser = parse_option,
    .args_doc = "SCENARIO",
    .doc = "Chooses levers, and how much of each, for the best chance of hitting quota (or the "
           "highest bookings) under a budget of money and selling hours. What there is to choose "
           "from is in the scenario's section `optimize`, or the levers of its plans."};

static void report(int n_evaluated, void *user) {
    cli_progress_count(user, n_evaluated, "selections evaluated");
}

static recoup_status optimize(const cli_inputs *inputs, const optimize_options *options,
                              recoup_optimum **optimum, recoup_error *error) {
    cli_progress progress;
    cli_progress_start(&progress, options->messages.quiet);
    recoup_optimize_options choose = {.budget = options->budget,
                                      .hours = options->hours,
                                      .reach = options->reach,
                                      .threads = options->threads,
                                      .interrupted = cli_interrupt_flag(),
                                      .progress = report,
                                      .user = &progress};
    recoup_status status =
        recoup_optimize(inputs->scenario, inputs->model, inputs->view, &choose, optimum, error);
    double seconds = cli_progress_end(&progress);
    if (status == RECOUP_OK && !options->messages.quiet)
        fprintf(stderr, "%d selections evaluated in %.1f s\n", (*optimum)->n_evaluated, seconds);
    return status;
}

/* Writes the scenario, or prints the plan with the rest. */
static recoup_status print(const cli_inputs *inputs, const recoup_optimum *optimum,
                           const optimize_options *options, recoup_error *error) {
    char *plan = NULL;
    recoup_status status =
        options->output ? recoup_optimum_save(optimum, inputs->scenario, options->output, error)
                        : recoup_optimum_format(optimum, inputs->scenario, &plan, error);
    if (status == RECOUP_OK)
        status = options->json ? cli_print_optimum_json(optimum, plan, stdout)
                               : cli_print_optimum(optimum, plan, stdout);
    if (status == RECOUP_OK && options->output && !options->json)
        printf("\nThe scenario with this plan: %s (recoup run %s)\n", options->output,
               options->output);
    free(plan);
    return status;
}

int cli_optimize(int argc, char **argv) {
    optimize_options options = {.budget = NAN, .hours = NAN, .reach = NAN};
    argp_parse(&cli_optimize_parser, argc, argv, 0, NULL, &options);
    int unwritable = options.output ? cli_check_output(argv[0], options.output) : 0;
    if (unwritable)
        return unwritable;

    recoup_error error = RECOUP_ERROR_INIT;
    cli_inputs inputs = {0};
    recoup_optimum *optimum = NULL;
    cli_interrupt_at_once();
    recoup_status status =
        cli_inputs_load(&inputs, options.scenario, true, &options.messages, &error);
    if (status == RECOUP_OK)
        status = cli_inputs_resolve(&inputs, options.threads, &error);
    if (status == RECOUP_OK)
        status = optimize(&inputs, &options, &optimum, &error);
    if (status == RECOUP_OK)
        status = print(&inputs, optimum, &options, &error);
    recoup_optimum_free(optimum);
    cli_inputs_clear(&inputs);
    return cli_finish(status, &error, options.messages.quiet);
}
