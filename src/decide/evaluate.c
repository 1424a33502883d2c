#include "decide/evaluate.h"

#include "base/memory.h"
#include "tally/tally.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static double *copy(const double *from, size_t n) {
    double *to = RECOUP_NEW(double, n);
    if (to)
        memcpy(to, from, n * sizeof *to);
    return to;
}

static recoup_status take(const recoup_tally *tally, recoup_evaluation **evaluation,
                          recoup_error *error) {
    const recoup_exact *exact = tally->exact;
    size_t n = (size_t)tally->shape.n_plans;
    recoup_evaluation *made = RECOUP_NEW(recoup_evaluation, 1);
    if (!made)
        return recoup_fail_memory(error);
    *made = (recoup_evaluation){
        .n_variants = tally->shape.n_plans,
        .n_draws = tally->shape.n_draws,
        .n_replicates = exact->n_replicates,
        .quota = tally->shape.quota,
        .hit = copy(exact->hit, n),
        .hit_se = copy(exact->hit_se, n),
        .hit_draw = copy(exact->hit_draw, n * (size_t)tally->shape.n_draws),
        .hit_replicate = copy(exact->hit_replicate, n * (size_t)exact->n_replicates),
        .mean = copy(exact->mean, n),
        .mean_draw = copy(exact->mean_draw, n * (size_t)tally->shape.n_draws),
        .sd = copy(exact->sd, n),
        .shortfall = copy(exact->shortfall, n),
    };
    if (!made->hit || !made->hit_se || !made->hit_draw || !made->hit_replicate || !made->mean ||
        !made->mean_draw || !made->sd || !made->shortfall) {
        recoup_evaluation_free(made);
        return recoup_fail_memory(error);
    }
    *evaluation = made;
    return RECOUP_OK;
}

recoup_status recoup_evaluate(const recoup_situation *situation, const recoup_variant *variant,
                              int n_variants, int n_draws, const double *market,
                              recoup_evaluation **evaluation, recoup_error *error) {
    recoup_scenario varied;
    recoup_tally *tally = NULL;
    recoup_engine_options engine = *situation->engine;
    engine.market = market;
    engine.progress = NULL; /* it would tell of paths */
    recoup_status status = recoup_scenario_vary(situation->scenario, situation->model, variant,
                                                n_variants, &varied, error);
    recoup_simulation *simulation = &varied.simulation;
    simulation->estimator = RECOUP_ESTIMATOR_CONDITIONAL;
    simulation->precision = 0;
    simulation->keep_paths = false;
    if (n_draws < simulation->parameter_draws)
        simulation->parameter_draws = n_draws;
    if (status == RECOUP_OK)
        status =
            recoup_simulate(&varied, situation->model, situation->view, &engine, &tally, error);
    if (status == RECOUP_OK)
        status = take(tally, evaluation, error);
    recoup_tally_free(tally);
    recoup_scenario_drawn_clear(&varied);
    return status;
}

void recoup_evaluation_free(recoup_evaluation *evaluation) {
    if (!evaluation)
        return;
    free(evaluation->hit);
    free(evaluation->hit_se);
    free(evaluation->hit_draw);
    free(evaluation->hit_replicate);
    free(evaluation->mean);
    free(evaluation->mean_draw);
    free(evaluation->sd);
    free(evaluation->shortfall);
    free(evaluation);
}

double recoup_evaluation_gain(const recoup_evaluation *evaluation, int variant, int other,
                              double *se) {
    int n = evaluation->n_replicates;
    const double *of = evaluation->hit_replicate + (size_t)variant * (size_t)n;
    const double *against = evaluation->hit_replicate + (size_t)other * (size_t)n;
    double mean = 0, square = 0;
    for (int r = 0; r < n; r++) {
        double gain = of[r] - against[r], delta = gain - mean;
        mean += delta / (r + 1);
        square += delta * (gain - mean);
    }
    if (se)
        *se = n > 1 ? sqrt(square / (n - 1) / n) : NAN;
    return mean;
}
