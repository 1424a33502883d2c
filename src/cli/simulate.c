/* From inputs to results: the simulation, what `decisions` ask for, and the diagnosis. */
#include "cli.h"

#include <recoup/decide.h>
#include <recoup/diagnosis.h>
#include <stdlib.h>

static recoup_status simulate(const cli_inputs *inputs, const recoup_engine_options *options,
                              recoup_tally **tally, double *seconds, recoup_error *error) {
    cli_progress progress;
    cli_progress_start(&progress, inputs->messages->quiet);
    recoup_engine_options engine = *options;
    engine.progress = cli_progress_report;
    engine.user = &progress;
    recoup_status status =
        recoup_simulate(inputs->scenario, inputs->model, inputs->view, &engine, tally, error);
    *seconds = cli_progress_end(&progress);
    return status;
}

static recoup_status make_results(const cli_inputs *inputs, const recoup_tally *tally,
                                  recoup_results **results, recoup_error *error) {
    recoup_simulation simulation = recoup_scenario_simulation(inputs->scenario);
    recoup_period period;
    char *scenario = NULL, *model = NULL;
    uint64_t digest = 0;
    recoup_status status = recoup_scenario_format(inputs->scenario, &scenario, error);
    if (status == RECOUP_OK)
        status = recoup_model_format(inputs->model, &model, error);
    if (status == RECOUP_OK)
        status = recoup_model_digest(inputs->model, &digest, error);
    if (status == RECOUP_OK && !recoup_scenario_period(inputs->scenario, &period))
        status = RECOUP_ENOMEM;
    if (status == RECOUP_OK) {
        recoup_provenance provenance = {.title = recoup_scenario_name(inputs->scenario),
                                        .estimator = recoup_estimator_name(simulation.estimator),
                                        .isa = "any",
                                        .scenario = scenario,
                                        .model = model,
                                        .view_digest = recoup_view_digest(inputs->view),
                                        .model_digest = digest,
                                        .as_of = period.as_of,
                                        .period_start = period.start,
                                        .period_end = period.end,
                                        .seed = simulation.seed};
        status = recoup_results_create(tally, &provenance, results, error);
    }
    free(scenario);
    free(model);
    return status;
}

/* What the scenario's `decisions` ask for, and the diagnosis. */
static recoup_status extend(const cli_inputs *inputs, const recoup_engine_options *engine,
                            recoup_results *results, recoup_error *error) {
    bool asked = recoup_decide_is_asked(inputs->scenario);
    cli_step step;
    cli_step_start(&step, inputs->messages, "working out `decisions`");
    recoup_status status =
        recoup_decide(inputs->scenario, inputs->model, inputs->view, engine, results, error);
    cli_step_end(&step);
    if (status == RECOUP_OK && asked)
        cli_tell(inputs->messages, "worked out `decisions`");
    if (status != RECOUP_OK)
        return status;
    cli_step_start(&step, inputs->messages, "making the diagnosis");
    status = recoup_diagnose(inputs->scenario, inputs->model, inputs->view, engine, results, error);
    cli_step_end(&step);
    if (status == RECOUP_OK)
        cli_tell(inputs->messages, "made the diagnosis");
    return status;
}

/* What is simulated, and how. */
static void tell_of_choices(const cli_inputs *inputs, const recoup_engine_options *engine) {
    recoup_simulation simulation = recoup_scenario_simulation(inputs->scenario);
    cli_tell(inputs->messages, "estimator %s, at most %lld paths, %lld parameter draw%s, seed %lld",
             recoup_estimator_name(simulation.estimator), (long long)simulation.paths,
             (long long)simulation.parameter_draws, simulation.parameter_draws == 1 ? "" : "s",
             (long long)simulation.seed);
    cli_tell(inputs->messages, "%d thread%s, instruction set %s", engine->threads,
             engine->threads == 1 ? "" : "s", engine->isa ? engine->isa : recoup_isa_best());
}

recoup_status cli_simulate(const cli_inputs *inputs, int threads, const char *isa,
                           recoup_results **results, double *seconds, recoup_error *error) {
    const recoup_engine_options engine = {
        .threads = threads, .isa = isa, .interrupted = cli_interrupt_flag()};
    recoup_tally *tally = NULL;
    *results = NULL;
    tell_of_choices(inputs, &engine);
    recoup_status status = simulate(inputs, &engine, &tally, seconds, error);
    if (status == RECOUP_OK)
        cli_tell(inputs->messages, "simulated in %.2f s", *seconds);
    if (status == RECOUP_OK)
        status = make_results(inputs, tally, results, error);
    recoup_tally_free(tally);
    if (status == RECOUP_OK)
        status = extend(inputs, &engine, *results, error);
    return status;
}
