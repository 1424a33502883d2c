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

recoup_status cli_inputs_load(cli_inputs *inputs, const char *scenario_path, bool with_model,
                              recoup_error *error) {
    *inputs = (cli_inputs){0};
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
    return model_status != RECOUP_OK ? model_status : status;
}

recoup_status cli_inputs_fit(cli_inputs *inputs, int threads, recoup_error *error) {
    recoup_fit_options options = {.currency = recoup_scenario_currency(inputs->scenario),
                                  .threads = threads};
    return recoup_fit(inputs->view, &options, &inputs->model, error);
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
