#include "cli.h"

#include <math.h>
#include <recoup/activity.h>
#include <string.h>

typedef struct activity_options {
    cli_messages messages;
    const char *scenario, *proposal;
    double gap, deal, close_rate, calls; /* NaN: not given */
    int threads;
    bool json;
} activity_options;

enum { KEY_GAP = 256, KEY_DEAL, KEY_RATE, KEY_CALLS, KEY_PROPOSAL, KEY_THREADS, KEY_JSON };

static const struct argp_option option_table[] = {
    {"gap", KEY_GAP, "AMOUNT", 0, "what is missing (without a scenario)", 0},
    {"deal", KEY_DEAL, "AMOUNT", 0, "amount of a deal (without a scenario)", 0},
    {"close-rate", KEY_RATE, "SHARE", 0, "of proposals that are won (without a scenario)", 0},
    {"calls-per-proposal", KEY_CALLS, "N", 0,
     "calls that a proposal takes (default with a scenario: as counted in its activities)", 0},
    {"proposal", KEY_PROPOSAL, "STAGE", 0,
     "where calls are counted (default: the stage with `propos` in its name, else the last)", 0},
    {"threads", KEY_THREADS, "N", 0, "default: all processors; results do not depend on it", 0},
    {"json", KEY_JSON, NULL, 0, "print as JSON", 0},
    {0}};

static void check_combination(struct argp_state *state) {
    const activity_options *options = state->input;
    bool has_inputs = !isnan(options->gap) || !isnan(options->deal) || !isnan(options->close_rate);
    if (options->scenario && has_inputs)
        argp_error(state, "--gap, --deal and --close-rate come from the scenario");
    if (!options->scenario && options->proposal)
        argp_error(state, "--proposal is a stage of a SCENARIO; which one?");
    if (!options->scenario &&
        (isnan(options->gap) || isnan(options->deal) || isnan(options->close_rate)))
        argp_error(state, "which SCENARIO? Or all of --gap, --deal and --close-rate");
}

static error_t parse_option(int key, char *text, struct argp_state *state) {
    activity_options *options = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->messages;
        return 0;
    case KEY_GAP:
        options->gap = cli_number(state, "--gap", text, 1e-6, 1e15);
        return 0;
    case KEY_DEAL:
        options->deal = cli_number(state, "--deal", text, 1e-6, 1e15);
        return 0;
    case KEY_RATE:
        options->close_rate = cli_number(state, "--close-rate", text, 1e-9, 1);
        return 0;
    case KEY_CALLS:
        options->calls = cli_number(state, "--calls-per-proposal", text, 0, 1e6);
        return 0;
    case KEY_PROPOSAL:
        options->proposal = text;
        return 0;
    case KEY_THREADS:
        options->threads = (int)cli_whole_number(state, "--threads", text, 1, 4096);
        return 0;
    case KEY_JSON:
        options->json = true;
        return 0;
    case ARGP_KEY_ARG:
        cli_take_argument(state, &options->scenario, text);
        return 0;
    case ARGP_KEY_END:
        check_combination(state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp cli_activity_parser = {
    .children = cli_common,
    .options = option_table,
    .parser = parse_option,
    .args_doc = "[SCENARIO]",
    .doc = "Turns a gap into activity: the deals, proposals and calls that close it, on average "
           "and with 80, 90 and 95 % confidence. With a scenario the gap, the conversions and "
           "their uncertainty, and the time that deals take are the fitted ones."};

static recoup_status run_plain(const activity_options *options, recoup_error *error) {
    recoup_activity_inputs inputs = {options->gap, options->deal, options->close_rate,
                                     options->calls};
    recoup_activity_plain plain;
    recoup_status status = recoup_activity_plain_make(&inputs, &plain, error);
    if (status == RECOUP_OK)
        status = options->json ? cli_print_plain_activity_json(&inputs, &plain, stdout)
                               : cli_print_plain_activity(&inputs, &plain, stdout);
    return status;
}

static recoup_status run_scenario(const activity_options *options, recoup_error *error) {
    cli_inputs inputs = {0};
    recoup_activity *activity = NULL;
    cli_step step;
    recoup_engine_options engine = {.threads = options->threads};
    recoup_activity_options wanted = {.proposal_stage = options->proposal,
                                      .calls_per_proposal = options->calls,
                                      .engine = &engine};
    cli_interrupt_at_once(); /* nothing is written */
    recoup_status status =
        cli_inputs_load(&inputs, options->scenario, true, &options->messages, error);
    if (status == RECOUP_OK)
        status = cli_inputs_resolve(&inputs, options->threads, error);
    if (status == RECOUP_OK) {
        cli_step_start(&step, &options->messages, "working out the activity");
        status = recoup_activity_make(inputs.scenario, inputs.model, inputs.view, &wanted,
                                      &activity, error);
        cli_step_end(&step);
    }
    if (status == RECOUP_OK)
        status = options->json ? cli_print_activity_json(activity, stdout)
                               : cli_print_activity(activity, stdout);
    recoup_activity_free(activity);
    cli_inputs_clear(&inputs);
    return status;
}

int cli_activity(int argc, char **argv) {
    activity_options options = {.gap = NAN,
                                .deal = NAN,
                                .close_rate = NAN,
                                .calls = NAN,
                                .threads = cli_count_processors()};
    argp_parse(&cli_activity_parser, argc, argv, 0, NULL, &options);
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_status status =
        options.scenario ? run_scenario(&options, &error) : run_plain(&options, &error);
    return cli_finish(status, &error, options.messages.quiet);
}
