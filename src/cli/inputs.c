#include "cli.h"

#include <recoup/fit.h>
#include <stdlib.h>

static recoup_status load_tables(cli_inputs *inputs, const recoup_dataset_source *source,
                                 recoup_error *error) {
    recoup_view_options options;
    recoup_dataset *dataset = NULL;
    recoup_status status = recoup_dataset_load(source, &dataset, error);
    if (status == RECOUP_OK) {
        recoup_scenario_view_options(inputs->scenario, &options);
        status = recoup_view_create(dataset, &options, &inputs->view, error);
    }
    recoup_dataset_free(dataset); /* the view has what is needed */
    return status;
}

/* The tables need the stages; a source that names none gets the model's. *names is to be
 * freed. False: out of memory. */
static bool complete_stages(const recoup_model *model, recoup_dataset_source *source,
                            const char ***names) {
    if (!model || source->n_stages > 0)
        return true;
    *names = recoup_model_stage_names(model, &source->n_stages);
    source->stages = *names;
    return *names != NULL;
}

static void tell_of_table(const cli_inputs *inputs, const char *name, const char *path) {
    if (path)
        cli_tell(inputs->messages, "read %s from %s", name, path);
}

/* What was read. */
static void tell_of_inputs(const cli_inputs *inputs, const recoup_dataset_source *source,
                           const char *scenario_path, const char *model_path) {
    recoup_period period;
    cli_tell(inputs->messages, "read the scenario %s", scenario_path);
    if (recoup_scenario_period(inputs->scenario, &period))
        cli_tell(inputs->messages, "as of %s, period %s to %s", period.as_of, period.start,
                 period.end);
    if (model_path)
        cli_tell(inputs->messages, "read the model %s", model_path);
    tell_of_table(inputs, "deals", source->deals);
    tell_of_table(inputs, "stage history", source->stage_history);
    tell_of_table(inputs, "reps", source->reps);
    tell_of_table(inputs, "activities", source->activities);
    cli_tell(inputs->messages, "known at the as-of date: %d deals (%d open), %d reps",
             recoup_view_n_deals(inputs->view), recoup_view_n_open(inputs->view),
             recoup_view_n_reps(inputs->view));
}

recoup_status cli_inputs_load(cli_inputs *inputs, const char *scenario_path, bool with_model,
                              const cli_messages *messages, recoup_error *error) {
    *inputs = (cli_inputs){.messages = messages};
    recoup_dataset_source source;
    const char **names = NULL;
    recoup_status status = recoup_scenario_load(scenario_path, &inputs->scenario, error);
    if (status != RECOUP_OK)
        return status;
    const char *model_path = with_model ? recoup_scenario_model_path(inputs->scenario) : NULL;
    recoup_status model_status = RECOUP_OK;
    recoup_scenario_source(inputs->scenario, &source);
    if (model_path)
        model_status = recoup_model_load(model_path, &inputs->model, error);
    if (model_status != RECOUP_OK && source.n_stages == 0)
        return model_status; /* without the stages the tables could only be misjudged */
    if (!complete_stages(inputs->model, &source, &names))
        return RECOUP_ENOMEM;
    status = load_tables(inputs, &source, error); /* problems of both are reported together */
    free(names);
    if (model_status == RECOUP_OK && status == RECOUP_OK)
        tell_of_inputs(inputs, &source, scenario_path, model_path);
    return model_status != RECOUP_OK ? model_status : status;
}

recoup_status cli_inputs_fit(cli_inputs *inputs, int threads, recoup_error *error) {
    cli_step step;
    recoup_fit_options options = {.currency = recoup_scenario_currency(inputs->scenario),
                                  .threads = threads,
                                  .progress = cli_step_count,
                                  .user = &step};
    cli_step_start(&step, inputs->messages, "fitting the model");
    recoup_status status = recoup_fit(inputs->view, &options, &inputs->model, error);
    cli_step_end(&step);
    if (status == RECOUP_OK)
        cli_tell(inputs->messages, "fitted the model to %d deals",
                 recoup_view_n_deals(inputs->view));
    return status;
}

recoup_status cli_inputs_resolve(cli_inputs *inputs, int threads, recoup_error *error) {
    recoup_status status = inputs->model ? RECOUP_OK : cli_inputs_fit(inputs, threads, error);
    if (status == RECOUP_OK)
        status = recoup_scenario_resolve(inputs->scenario, inputs->model, error);
    return status;
}

void cli_inputs_clear(cli_inputs *inputs) {
    recoup_model_free(inputs->model);
    recoup_view_free(inputs->view);
    recoup_scenario_free(inputs->scenario);
    *inputs = (cli_inputs){0};
}
