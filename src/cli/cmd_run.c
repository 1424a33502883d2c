#include "cli.h"

#include <recoup/results.h>
#include <recoup/version.h>
#include <string.h>

typedef struct run_options {
    cli_messages messages;
    const char *scenario, *output;
    int64_t paths, seed; /* paths 0, has_seed false: as the scenario says */
    bool has_seed, json;
    double precision; /* 0: as the scenario says */
    int threads;      /* 0: all processors that this process may use */
    const char *isa;  /* NULL: the best */
    recoup_estimator estimator;
    bool has_estimator, dump_program;
} run_options;

enum {
    KEY_PATHS = 256,
    KEY_PRECISION,
    KEY_ESTIMATOR,
    KEY_SEED,
    KEY_THREADS,
    KEY_ISA,
    KEY_DUMP,
    KEY_JSON
};

static const struct argp_option option_table[] = {
    {"output", 'o', "FILE", 0, "results file (default: results.h5)", 0},
    {"paths", KEY_PATHS, "N", 0, "simulated futures (1e6, 1_000_000)", 0},
    {"precision", KEY_PRECISION, "HALFWIDTH", 0,
     "stop when P(hit) of every plan is known to ± HALFWIDTH (95 %); paths are then the limit", 0},
    {"estimator", KEY_ESTIMATOR, "sample|walk|conditional", 0,
     "sample (default): one draw a deal; walk: event by event; conditional: no paths at all", 0},
    {"seed", KEY_SEED, "N", 0, "equal seeds give equal results", 0},
    {"threads", KEY_THREADS, "N", 0, "default: all processors; results do not depend on it", 0},
    {"isa", KEY_ISA, "portable|avx2|avx512", 0, "default: the best; results do not depend on it",
     0},
    {"dump-program", KEY_DUMP, NULL, 0,
     "print what the plans are compiled to, deal by deal, and simulate nothing", 0},
    {"json", KEY_JSON, NULL, 0, "print the comparison as JSON", 0},
    {0}};

static error_t parse_option(int key, char *text, struct argp_state *state) {
    run_options *options = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->messages;
        return 0;
    case 'o':
        options->output = text;
        return 0;
    case KEY_PATHS:
        options->paths = cli_whole_number(state, "--paths", text, 1, 4000000000);
        return 0;
    case KEY_PRECISION:
        options->precision = cli_half_width(state, "--precision", text);
        return 0;
    case KEY_ESTIMATOR:
        options->has_estimator = true;
        if (!recoup_estimator_find(text, &options->estimator))
            argp_error(state, "--estimator: `%s` is none; there are walk, sample and conditional",
                       text);
        return 0;
    case KEY_ISA:
        options->isa = text;
        if (!recoup_isa_exists(text))
            argp_error(state,
                       "--isa: there are no kernels for `%s` here; the best that there are is `%s`",
                       text, recoup_isa_best());
        return 0;
    case KEY_DUMP:
        options->dump_program = true;
        return 0;
    case KEY_SEED: /* whole numbers are exact up to 2^53 */
        options->seed = cli_whole_number(state, "--seed", text, 0, (int64_t)1 << 53);
        options->has_seed = true;
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
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "which SCENARIO?");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp cli_run_parser = {
    .children = cli_common,
    .options = option_table,
    .parser = parse_option,
    .args_doc = "SCENARIO",
    .doc = "Simulates the period under every plan of the scenario, on the same random futures, "
           "writes the distributions to the results file and prints the comparison of the plans. "
           "A scenario that names no model gets one fitted to its history."};

static void override_simulation(recoup_scenario *scenario, const run_options *options) {
    recoup_simulation simulation = recoup_scenario_simulation(scenario);
    if (options->paths)
        simulation.paths = options->paths;
    if (options->has_seed)
        simulation.seed = options->seed;
    if (options->precision > 0)
        simulation.precision = options->precision;
    if (options->has_estimator)
        simulation.estimator = options->estimator;
    recoup_scenario_set_simulation(scenario, &simulation);
}

/* What this run took, apart from its results: they are the same on any machine. */
static void print_wall_clock(const recoup_comparison *comparison, double seconds,
                             const run_options *options) {
    char paths[CLI_MONEY_SIZE], rate[CLI_MONEY_SIZE];
    const char *isa = options->isa ? options->isa : recoup_isa_best();
    if (comparison->paths == 0) {
        fprintf(stderr, "%d plan%s without paths in %.2f s (%d thread%s)\n", comparison->n_rows,
                comparison->n_rows == 1 ? "" : "s", seconds, options->threads,
                options->threads == 1 ? "" : "s");
        return;
    }
    fprintf(stderr, "%s paths of %d plan%s in %.2f s (%s paths/s, %d thread%s, %s)\n",
            cli_format_money(paths, (double)comparison->paths, 0), comparison->n_rows,
            comparison->n_rows == 1 ? "" : "s", seconds,
            cli_format_money(rate, (double)comparison->paths / (seconds > 0 ? seconds : 1e-9), 0),
            options->threads, options->threads == 1 ? "" : "s", isa);
}

static recoup_status print_results(const recoup_results *results, const run_options *options,
                                   double seconds, recoup_error *error) {
    recoup_comparison *comparison = NULL;
    recoup_status status = recoup_compare(results, &comparison, error);
    if (status == RECOUP_OK)
        status = cli_print_comparison(comparison, options->json ? CLI_JSON : CLI_TABLE, stdout);
    if (status == RECOUP_OK && !options->json)
        status = cli_print_attainment(results, stdout, error);
    if (status == RECOUP_OK && !options->json)
        printf("\nResults: %s\n(recoup compare, export, report; xarray.open_dataset, ncdump -h)\n",
               options->output);
    if (status == RECOUP_OK && !options->messages.quiet)
        print_wall_clock(comparison, seconds, options);
    recoup_comparison_free(comparison);
    return status;
}

int cli_run(int argc, char **argv) {
    run_options options = {.output = "results.h5", .threads = cli_count_processors()};
    argp_parse(&cli_run_parser, argc, argv, 0, NULL, &options);
    int unwritable = cli_check_output(argv[0], options.output);
    if (unwritable)
        return unwritable;

    recoup_error error = RECOUP_ERROR_INIT;
    cli_inputs inputs = {0};
    recoup_results *results = NULL;
    double seconds = 0;
    cli_interrupt_at_once();
    recoup_status status =
        cli_inputs_load(&inputs, options.scenario, true, &options.messages, &error);
    if (status == RECOUP_OK) {
        override_simulation(inputs.scenario, &options);
        status = cli_inputs_resolve(&inputs, options.threads, &error);
    }
    if (status == RECOUP_OK && options.dump_program) {
        status = recoup_simulate_dump(inputs.scenario, inputs.model, inputs.view, options.isa,
                                      stdout, &error);
        cli_inputs_clear(&inputs);
        return cli_finish(status, &error, options.messages.quiet);
    }
    if (status == RECOUP_OK)
        status = cli_simulate(&inputs, options.threads, options.isa, &results, &seconds, &error);
    if (status == RECOUP_OK)
        status = recoup_results_write(results, options.output, &error);
    if (status == RECOUP_OK)
        cli_tell(&options.messages, "wrote %s", options.output);
    if (status == RECOUP_OK)
        status = print_results(results, &options, seconds, &error);
    recoup_results_free(results);
    cli_inputs_clear(&inputs);
    return cli_finish(status, &error, options.messages.quiet);
}
