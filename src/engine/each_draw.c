#include "engine/each_draw.h"

#include "base/error.h"
#include "base/memory.h"
#include <omp.h>
#include <stdlib.h>

/* One thread's. */
typedef struct visitor {
    recoup_compiled compiled;
    recoup_error error;
    recoup_status status;
} visitor;

typedef struct round_of_visits {
    const recoup_draw_source *source;
    const recoup_engine_options *options;
    recoup_draw_visit visit;
    void *user;
} round_of_visits;

static void visit_draw(const round_of_visits *round, visitor *own, int draw) {
    if (own->status == RECOUP_OK && round->options->interrupted && *round->options->interrupted)
        own->status = recoup_fail(&own->error, RECOUP_EINTERRUPTED, NULL, "interrupted");
    if (own->status == RECOUP_OK)
        own->status = recoup_compiled_set(&own->compiled, round->source, draw, &own->error);
    if (own->status == RECOUP_OK)
        own->status = round->visit(&own->compiled, draw, round->user, &own->error);
}

/* The first failure among the visitors. */
static recoup_status gather(visitor *each, int n, recoup_error *error) {
    recoup_status status = RECOUP_OK;
    for (int i = 0; i < n; i++) {
        if (status == RECOUP_OK && each[i].status != RECOUP_OK) {
            status = each[i].status;
            recoup_error_merge(error, &each[i].error);
        }
        recoup_error_clear(&each[i].error);
        recoup_compiled_clear(&each[i].compiled);
    }
    return status;
}

recoup_status recoup_each_draw(const recoup_scenario *scenario, const recoup_model *model,
                               const recoup_view *view, const recoup_engine_options *options,
                               int n_draws, recoup_draw_visit visit, void *user,
                               recoup_error *error) {
    recoup_scenario alone = *scenario;
    alone.n_plans = 1;
    alone.simulation.estimator = RECOUP_ESTIMATOR_CONDITIONAL; /* it takes win tables */
    recoup_draw_source source = {.scenario = &alone,
                                 .model = model,
                                 .view = view,
                                 .isa = recoup_isa_find(options->isa),
                                 .is_noted = true};
    if (source.isa == RECOUP_N_ISAS)
        return recoup_fail(error, RECOUP_EUSAGE, NULL,
                           "this processor, or this build, has no kernels for %s", options->isa);
    const round_of_visits round = {&source, options, visit, user};
    int n_threads = options->threads > 0 ? options->threads : omp_get_max_threads();
    n_threads = n_threads < n_draws ? n_threads : n_draws;
    visitor *each = RECOUP_NEW(visitor, n_threads);
    if (!each)
        return recoup_fail_memory(error);
    for (int i = 0; i < n_threads; i++)
        each[i].compiled.index = -1;
    visit_draw(&round, &each[0], 0);
    recoup_tables_grid grid; /* of the first draw, for all */
    if (each[0].status == RECOUP_OK) {
        grid = each[0].compiled.tables->grid;
        source.grid = &grid;
#pragma omp parallel for schedule(dynamic, 1) num_threads(n_threads)
        for (int draw = 1; draw < n_draws; draw++)
            visit_draw(&round, &each[omp_get_thread_num()], draw);
    }
    recoup_status status = gather(each, n_threads, error);
    free(each);
    return status;
}
