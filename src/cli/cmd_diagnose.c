#include "cli.h"

#include <recoup/results.h>
#include <string.h>

typedef struct diagnose_options {
    cli_messages messages;
    const char *scenario;
    bool json;
    int threads;
    cli_topic topic; /* CLI_N_TOPICS: all */
} diagnose_options;

enum { KEY_THREADS = 256, KEY_JSON, KEY_TOPIC };

static const struct argp_option option_table[] = {
    {"json", KEY_JSON, NULL, 0, "print everything as JSON", 0},
    {"topic", KEY_TOPIC, "gap|causes|reps|skills|swot|hygiene|quality", 0, "default: all of them",
     0},
    {"threads", KEY_THREADS, "N", 0, "default: all processors; the diagnosis does not depend on it",
     0},
    {0}};

static cli_topic find_topic(const struct argp_state *state, const char *name) {
    for (int t = 0; t < CLI_N_TOPICS; t++)
        if (strcmp(name, cli_topic_names[t]) == 0)
            return (cli_topic)t;
    argp_error(state,
               "--topic: `%s` is none; there are gap, causes, reps, skills, swot, hygiene and "
               "quality",
               name);
    return CLI_N_TOPICS;
}

static void check_combination(struct argp_state *state) {
    const diagnose_options *options = state->input;
    if (options->json && options->topic != CLI_N_TOPICS)
        argp_error(state, "--json has every topic; --topic or --json, not both");
}

static error_t parse_option(int key, char *text, struct argp_state *state) {
    diagnose_options *options = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->messages;
        return 0;
    case KEY_THREADS:
        options->threads = (int)cli_whole_number(state, "--threads", text, 1, 4096);
        return 0;
    case KEY_JSON:
        options->json = true;
        return 0;
    case KEY_TOPIC:
        options->topic = find_topic(state, text);
        return 0;
    case ARGP_KEY_ARG:
        cli_take_argument(state, &options->scenario, text);
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "which SCENARIO?");
        return 0;
    case ARGP_KEY_END:
        check_combination(state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp cli_diagnose_parser = {
    .children = cli_common,
    .options = option_table,
    .parser = parse_option,
    .args_doc = "SCENARIO",
    .doc = "Tells where the gap comes from under the first plan: its parts by volume, win rate, "
           "value and velocity, four causes with their evidence, the reps, and the hygiene of the "
           "pipeline. `recoup run` stores the same in the results file."};

int cli_diagnose(int argc, char **argv) {
    diagnose_options options = {.threads = cli_count_processors(), .topic = CLI_N_TOPICS};
    argp_parse(&cli_diagnose_parser, argc, argv, 0, NULL, &options);
    recoup_error error = RECOUP_ERROR_INIT;
    cli_inputs inputs = {0};
    recoup_results *results = NULL;
    double seconds;
    cli_interrupt_at_once();
    recoup_status status =
        cli_inputs_load(&inputs, options.scenario, true, &options.messages, &error);
    if (status == RECOUP_OK) {
        recoup_scenario_keep_first(inputs.scenario);
        status = cli_inputs_resolve(&inputs, options.threads, &error);
    }
    if (status == RECOUP_OK)
        status = cli_simulate(&inputs, options.threads, NULL, &results, &seconds, &error);
    if (status == RECOUP_OK)
        status = options.json ? cli_print_diagnosis_json(results, stdout)
                              : cli_print_diagnosis(results, options.topic, stdout);
    recoup_results_free(results);
    cli_inputs_clear(&inputs);
    return cli_finish(status, &error, options.messages.quiet);
}
