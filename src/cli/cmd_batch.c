#include "cli.h"

#include <math.h>
#include <recoup/batch.h>
#include <recoup/number.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef struct batch_arguments {
    cli_messages messages;
    const char **path, **sweep; /* of argv */
    int n_paths;
    recoup_batch_options options;
    bool json;
} batch_arguments;

enum { KEY_SWEEP = 256, KEY_RESUME, KEY_THREADS, KEY_JSON };

static const struct argp_option option_table[] = {
    {"output", 'o', "DIR", 0, "where to write; made when absent", 0},
    {"sweep", KEY_SWEEP, "KEY=V1,V2,...", 0,
     "run every scenario with each of these values; several --sweep give every combination", 0},
    {"resume", KEY_RESUME, NULL, 0, "keep results files that are there from the same inputs", 0},
    {"threads", KEY_THREADS, "N", 0, "default: all processors; results do not depend on it", 0},
    {"json", KEY_JSON, NULL, 0, "print the summary as JSON", 0},
    {0}};

static error_t parse_option(int key, char *text, struct argp_state *state) {
    batch_arguments *arguments = state->input;
    recoup_batch_options *options = &arguments->options;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &arguments->messages;
        return 0;
    case 'o':
        options->folder = text;
        return 0;
    case KEY_SWEEP:
        arguments->sweep[options->n_sweeps++] = text;
        return 0;
    case KEY_RESUME:
        options->resume = true;
        return 0;
    case KEY_THREADS:
        options->threads = (int)cli_whole_number(state, "--threads", text, 1, 4096);
        return 0;
    case KEY_JSON:
        arguments->json = true;
        return 0;
    case ARGP_KEY_ARG:
        arguments->path[arguments->n_paths++] = text;
        return 0;
    case ARGP_KEY_END:
        if (arguments->n_paths == 0)
            argp_error(state, "which SCENARIO or DIR?");
        if (!options->folder)
            argp_error(state, "into which folder? Name it with -o");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp cli_batch_parser = {
    .children = cli_common,
    .options = option_table,
    .parser = parse_option,
    .args_doc = "SCENARIO|DIR...",
    .doc = "Runs many scenarios: files, folders (their *.yaml that are scenarios), and every "
           "combination of the values of --sweep, or of `sweep` in a scenario. A KEY is a path "
           "such as quota, simulation.seed or plans.NAME.levers.0.discount_limit.max.\v"
           "Writes one results file each, as `recoup run` would, and summary.csv and summary.h5. "
           "Equal tables are read and fitted once. A scenario that is wrong is reported and does "
           "not stop the others: the exit status is then 1, or 3 when all were wrong."};

/* --- progress --------------------------------------------------------------------------------- */

static const char *const state_names[] = {"waiting", "written", "kept", "failed"};

typedef struct batch_watch {
    cli_progress progress;
    const cli_messages *messages;
    int n_ended; /* simulated or kept by now; those that failed at once take no time */
} batch_watch;

static void print_problems(const recoup_batch_scenario *scenario) {
    if (scenario->state == RECOUP_BATCH_FAILED)
        fprintf(stderr, "%s: failed\n", scenario->name);
    recoup_error_print(&scenario->problems, stderr);
    if (scenario->state == RECOUP_BATCH_FAILED && scenario->problems.n_errors == 0)
        fprintf(stderr, "error: %s\n", recoup_status_text(scenario->status));
}

/* Signals end the program at once while nothing is written, and between paths later. */
static void watch(const recoup_batch_progress *state, void *user) {
    batch_watch *watch = user;
    const recoup_batch *batch = state->batch;
    const recoup_batch_scenario *scenario = state->scenario;
    if (state->step == RECOUP_BATCH_READING || state->step == RECOUP_BATCH_FITTING)
        cli_interrupt_at_once();
    else
        cli_interrupt_flag();
    if (state->step == RECOUP_BATCH_FINISHED) {
        bool failed = scenario->state == RECOUP_BATCH_FAILED;
        watch->n_ended += !failed;
        if (watch->messages->verbose)
            cli_progress_wipe(&watch->progress);
        cli_tell(watch->messages, "%s: %s", scenario->name, state_names[scenario->state]);
        if (failed ||
            (!watch->messages->quiet && scenario->is_first && scenario->problems.n_problems > 0)) {
            cli_progress_wipe(&watch->progress);
            print_problems(scenario);
        }
    }
    int n_ended = batch->n_written + batch->n_kept + batch->n_failed;
    double share = state->step == RECOUP_BATCH_FINISHED ? 0 : state->share;
    cli_progress_batch(
        &watch->progress,
        &(cli_batch_state){.n_done = n_ended,
                           .n_total = batch->n_scenarios,
                           .n_failed = batch->n_failed,
                           .n_timed = watch->n_ended,
                           .share = share,
                           .doing = state->step == RECOUP_BATCH_FITTING ? "fitting " : "",
                           .name = scenario->name});
}

/* --- results ---------------------------------------------------------------------------------- */

static void print_number(double x) {
    char buffer[RECOUP_NUMBER_SIZE];
    fputs(isfinite(x) ? recoup_number_format(buffer, x) : "null", stdout);
}

static bool print_pair(const char *key, const char *text, const char *before) {
    fputs(before, stdout);
    bool done = cli_print_json_text(key, stdout);
    fputs(": ", stdout);
    if (!text)
        fputs("null", stdout);
    return done && (!text || cli_print_json_text(text, stdout));
}

static bool print_plan(const recoup_batch_plan *plan) {
    bool done = print_pair("plan", plan->name, "        {");
    for (int i = 0; i < recoup_n_batch_fields; i++) {
        printf(", \"%s\": ", recoup_batch_fields[i].name);
        print_number(plan->value[i]);
    }
    fputs("}", stdout);
    return done;
}

static bool print_scenario(const recoup_batch *batch, const recoup_batch_scenario *scenario) {
    bool done =
        print_pair("scenario", scenario->name, "    {\n      ") &&
        print_pair("file", scenario->file, ",\n      ") &&
        print_pair("state", state_names[scenario->state], ",\n      ") &&
        print_pair("results", scenario->n_plans > 0 ? scenario->results : NULL, ",\n      ");
    fputs(",\n      \"sweep\": {", stdout);
    const char *before = "";
    for (int k = 0; k < batch->n_keys && done; k++) {
        if (scenario->value[k])
            done = print_pair(batch->key[k], scenario->value[k], before);
        before = scenario->value[k] ? ", " : before;
    }
    fputs("},\n      \"quota\": ", stdout);
    print_number(scenario->n_plans > 0 ? scenario->quota : NAN);
    fputs(",\n      \"booked\": ", stdout);
    print_number(scenario->n_plans > 0 ? scenario->booked : NAN);
    done = done && print_pair("currency", scenario->currency, ",\n      ");
    fputs(",\n      \"plans\": [", stdout);
    for (int p = 0; p < scenario->n_plans && done; p++) {
        fputs(p ? ",\n" : "\n", stdout);
        done = print_plan(&scenario->plan[p]);
    }
    fputs(scenario->n_plans > 0 ? "\n      ]\n    }" : "]\n    }", stdout);
    return done;
}

static bool print_json(const recoup_batch *batch) {
    bool done = true;
    printf("{\n  \"n_scenarios\": %d,\n  \"n_written\": %d,\n  \"n_kept\": %d,\n"
           "  \"n_failed\": %d,\n  \"n_tables_read\": %d,\n  \"n_fits\": %d,\n  \"scenarios\": [",
           batch->n_scenarios, batch->n_written, batch->n_kept, batch->n_failed,
           batch->n_tables_read, batch->n_fits);
    for (int s = 0; s < batch->n_scenarios && done; s++) {
        fputs(s ? ",\n" : "\n", stdout);
        done = print_scenario(batch, &batch->scenario[s]);
    }
    fputs("\n  ]\n}\n", stdout);
    return done;
}

static void print_count(FILE *stream, int n, const char *what) {
    fprintf(stream, "%d %s%s", n, what, n == 1 ? "" : "s");
}

/* For people: what is there now, and which plan is best how often. */
static void print_outcome(const recoup_batch *batch, const char *folder) {
    print_count(stdout, batch->n_scenarios, "scenario");
    printf(": %d simulated, %d kept, %d failed\n", batch->n_written, batch->n_kept,
           batch->n_failed);
    for (int s = 0; s < batch->n_scenarios; s++)
        if (batch->scenario[s].state == RECOUP_BATCH_FAILED)
            printf("  failed: %s\n", batch->scenario[s].name);
    if (batch->n_failed < batch->n_scenarios)
        printf("Results: %s/NAME.h5 (recoup compare), %s/summary.csv, %s/summary.h5\n", folder,
               folder, folder);
}

static void print_wall_clock(const recoup_batch *batch, double seconds, int threads) {
    print_count(stderr, batch->n_written, "scenario");
    fprintf(stderr, " simulated in %.2f s (%.2f a second, ", seconds,
            batch->n_written / (seconds > 0 ? seconds : 1e-9));
    print_count(stderr, threads, "thread");
    fputs("); tables read ", stderr);
    print_count(stderr, batch->n_tables_read, "time");
    fputs(", fitted ", stderr);
    print_count(stderr, batch->n_fits, "time");
    fputc('\n', stderr);
}

int cli_batch(int argc, char **argv) {
    batch_arguments arguments = {.options = {.threads = cli_count_processors()}};
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_batch *batch = NULL;
    arguments.path = calloc((size_t)argc, sizeof *arguments.path);
    arguments.sweep = calloc((size_t)argc, sizeof *arguments.sweep);
    if (!arguments.path || !arguments.sweep) {
        free(arguments.path);
        free(arguments.sweep);
        return cli_finish(RECOUP_ENOMEM, &error, true);
    }
    argp_parse(&cli_batch_parser, argc, argv, 0, NULL, &arguments);
    batch_watch user = {.messages = &arguments.messages};
    recoup_batch_options *options = &arguments.options;
    options->sweep = arguments.sweep;
    options->report = watch;
    options->user = &user;
    options->interrupted = cli_interrupt_flag();
    cli_progress_start(&user.progress, arguments.messages.quiet);
    recoup_status status =
        recoup_batch_run(arguments.path, arguments.n_paths, options, &batch, &error);
    double seconds = cli_progress_end(&user.progress);
    if (status == RECOUP_OK && arguments.json && !print_json(batch))
        status = RECOUP_ENOMEM;
    else if (status == RECOUP_OK && !arguments.json)
        print_outcome(batch, options->folder);
    if (status == RECOUP_OK && !arguments.messages.quiet)
        print_wall_clock(batch, seconds, options->threads);
    bool some_failed = batch && batch->n_failed > 0;
    bool all_failed = batch && batch->n_failed == batch->n_scenarios;
    if (all_failed && error.n_errors == 0)
        fputs("error: no scenario could be run\n", stderr);
    recoup_batch_free(batch);
    free(arguments.path);
    free(arguments.sweep);
    if (all_failed && error.n_errors == 0)
        return recoup_status_exit(status);
    int exit_status = cli_finish(status, &error, arguments.messages.quiet);
    return exit_status == 0 && some_failed ? recoup_status_exit(RECOUP_EIO) : exit_status;
}
