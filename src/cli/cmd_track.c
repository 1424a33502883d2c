#include "cli.h"

#include <errno.h>
#include <recoup/results.h>
#include <recoup/track.h>
#include <stdlib.h>
#include <string.h>

typedef struct track_options {
    cli_messages messages;
    const char **input; /* as many as there are arguments, at most */
    int n_inputs;
    bool json;
    int threads;
} track_options;

enum { KEY_THREADS = 256, KEY_JSON };

static const struct argp_option option_table[] = {
    {"json", KEY_JSON, NULL, 0, "print everything as JSON", 0},
    {"threads", KEY_THREADS, "N", 0,
     "of scenarios that are run; default: all processors; results do not depend on it", 0},
    {0}};

static error_t parse_option(int key, char *text, struct argp_state *state) {
    track_options *options = state->input;
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
    case ARGP_KEY_ARG:
        options->input[options->n_inputs++] = text;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "which RESULTS files or SCENARIOs?");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp cli_track_parser = {
    .children = cli_common,
    .options = option_table,
    .parser = parse_option,
    .args_doc = "RESULTS|SCENARIO...",
    .doc = "Holds the forecasts of one period, made at different as-of dates, against what was "
           "booked and against each other: how good they were, what changed and why, early "
           "warnings, what each rep needs from now on, and which actions of the plans are due. "
           "A scenario is run with its first plan; results files are what `recoup run` wrote."};

/* The first bytes of every HDF5 file. Source: HDF5 file format specification, "Superblock". */
static bool is_results(const char *path) {
    static const char signature[] = "\211HDF\r\n\032\n";
    char first[sizeof signature - 1];
    FILE *file = fopen(path, "rb");
    if (!file)
        return false; /* said by whoever reads it as a scenario */
    size_t n = fread(first, 1, sizeof first, file);
    fclose(file);
    return n == sizeof first && memcmp(first, signature, sizeof first) == 0;
}

static recoup_status run_first_plan(const char *path, const track_options *options,
                                    recoup_results **results, recoup_error *error) {
    cli_inputs inputs = {0};
    double seconds;
    recoup_status status = cli_inputs_load(&inputs, path, true, &options->messages, error);
    if (status == RECOUP_OK) {
        recoup_scenario_keep_first(inputs.scenario);
        status = cli_inputs_resolve(&inputs, options->threads, error);
    }
    if (status == RECOUP_OK)
        status = cli_simulate(&inputs, options->threads, NULL, results, &seconds, error);
    cli_inputs_clear(&inputs);
    return status;
}

/* All of them, so that every problem is told. */
static recoup_status load(const track_options *options, recoup_results **results,
                          recoup_error *error) {
    recoup_status status = RECOUP_OK;
    for (int i = 0; i < options->n_inputs; i++) {
        const char *path = options->input[i];
        recoup_status one = is_results(path) ? recoup_results_read(path, &results[i], error)
                                             : run_first_plan(path, options, &results[i], error);
        if (one == RECOUP_OK)
            cli_tell(&options->messages, "the forecast of %s is there", path);
        status = status == RECOUP_OK ? one : status;
        if (one != RECOUP_OK && one != RECOUP_EINVALID)
            break;
    }
    return status;
}

static recoup_status track(const track_options *options, const recoup_results *const *results,
                           recoup_error *error) {
    recoup_track *track = NULL;
    recoup_status status =
        recoup_track_make(results, options->input, options->n_inputs, &track, error);
    if (status == RECOUP_OK)
        status =
            options->json ? cli_print_track_json(track, stdout) : cli_print_track(track, stdout);
    recoup_track_free(track);
    return status;
}

int cli_track(int argc, char **argv) {
    track_options options = {.threads = cli_count_processors()};
    recoup_error error = RECOUP_ERROR_INIT;
    options.input = calloc((size_t)argc, sizeof *options.input);
    recoup_results **results = calloc((size_t)argc, sizeof *results);
    recoup_status status = options.input && results ? RECOUP_OK : RECOUP_ENOMEM;
    if (status == RECOUP_OK)
        argp_parse(&cli_track_parser, argc, argv, 0, NULL, &options);
    cli_interrupt_at_once(); /* nothing is written */
    if (status == RECOUP_OK)
        status = load(&options, results, &error);
    if (status == RECOUP_OK)
        status = track(&options, (const recoup_results *const *)results, &error);
    for (int i = 0; results && i < options.n_inputs; i++)
        recoup_results_free(results[i]);
    free(results);
    free(options.input);
    return cli_finish(status, &error, options.messages.quiet);
}
