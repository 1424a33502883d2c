#include "engine/draws.h"

#include "model/draws.h"
#include "scenario/scenario.h"

void recoup_compiled_clear(recoup_compiled *compiled) {
    recoup_walk_tables_free(compiled->walk_tables);
    if (compiled->shelf && compiled->tables && compiled->index >= 0)
        recoup_shelf_put(compiled->shelf, compiled->index, compiled->tables);
    else
        recoup_tables_free(compiled->tables);
    recoup_program_free(compiled->program);
    recoup_scenario_drawn_clear(&compiled->scenario);
    recoup_model_free(compiled->model);
    *compiled = (recoup_compiled){.index = -1};
}

/* The model of the draw, unless it stores none and only effects vary; the scenario resolved against
 * it. */
static recoup_status draw_model(recoup_compiled *compiled, const recoup_draw_source *source, int d,
                                recoup_error *error) {
    recoup_status status = RECOUP_OK;
    if (source->model->draws)
        status = recoup_model_draw(source->model, d, &compiled->model, error);
    if (status == RECOUP_OK)
        status = recoup_scenario_redraw(source->scenario,
                                        compiled->model ? compiled->model : source->model, d,
                                        &compiled->scenario, error);
    return status;
}

static recoup_status set_tables(recoup_compiled *compiled, const recoup_draw_source *source, int d,
                                recoup_error *error) {
    compiled->shelf = source->shelf;
    if (source->shelf)
        compiled->tables = recoup_shelf_take(source->shelf, d, source->isa, compiled->program);
    return compiled->tables ? RECOUP_OK
                            : recoup_tables_create(compiled->program, source->grid, source->isa,
                                                   &compiled->tables, error);
}

recoup_status recoup_compiled_set(recoup_compiled *compiled, const recoup_draw_source *source,
                                  int d, recoup_error *error) {
    bool is_drawn = source->scenario->simulation.parameter_draws > 1;
    recoup_error repeated = RECOUP_ERROR_INIT; /* the same notes again, and what fails */
    recoup_error *report = source->is_noted ? &repeated : error;
    recoup_status status = RECOUP_OK;
    if (compiled->index == d)
        return RECOUP_OK;
    recoup_compiled_clear(compiled);
    if (is_drawn)
        status = draw_model(compiled, source, d, report);
    if (status == RECOUP_OK)
        status = recoup_program_create(is_drawn ? &compiled->scenario : source->scenario,
                                       compiled->model ? compiled->model : source->model,
                                       source->view, &compiled->program, report);
    if (status == RECOUP_OK && source->scenario->simulation.estimator == RECOUP_ESTIMATOR_WALK)
        status = recoup_walk_tables_create(compiled->program, &compiled->walk_tables, report);
    else if (status == RECOUP_OK)
        status = set_tables(compiled, source, d, report);
    if (status != RECOUP_OK && source->is_noted) {
        recoup_fail(error, status, NULL, "parameter draw %d cannot be simulated:", d);
        recoup_error_merge(error, &repeated);
    }
    recoup_error_clear(&repeated);
    if (status == RECOUP_OK)
        compiled->index = d;
    else
        recoup_compiled_clear(compiled);
    return status;
}
