#include "decide/decide.h"

#include <math.h>
#include <string.h>

/* As many standard errors as P(hit) by paths and without them may differ by (results/create.c). */
static const double MOST_SE = 4;

/* Mean of P(hit) by the paths of the draws that are used, and its standard error: of half a hit at
 * least. */
static double mean_of_paths(const recoup_deciding *deciding, int p, double *se) {
    const recoup_results *results = deciding->results;
    const double *hit = results->hit_probability_draw + (size_t)p * (size_t)results->n_draws;
    double paths = (double)results->paths / results->n_draws, sum = 0, variance = 0;
    for (int d = 0; d < deciding->n_draws; d++) {
        double share = fmin(fmax(hit[d], .5 / paths), 1 - .5 / paths);
        sum += hit[d];
        variance += share * (1 - share) / paths;
    }
    *se = sqrt(variance) / deciding->n_draws;
    return sum / deciding->n_draws;
}

recoup_status recoup_decide_check(const recoup_deciding *deciding, bool *agrees) {
    const recoup_results *results = deciding->results;
    recoup_tries tries = {0};
    recoup_evaluation *evaluation = NULL;
    recoup_status status = RECOUP_OK;
    *agrees = true;
    bool is_mode = deciding->n_draws == 1 && results->parameter_draws > 1; /* no draw of the run */
    if (strcmp(results->hit_estimator, "conditional") == 0 || is_mode ||
        deciding->n_draws > results->n_draws)
        return RECOUP_OK;
    for (int p = 0; p < results->n_plans && status == RECOUP_OK; p++)
        if (recoup_tries_add(&tries, recoup_deciding_plan(deciding, p), NULL) < 0)
            status = recoup_fail_memory(deciding->error);
    if (status == RECOUP_OK)
        status = recoup_tries_evaluate(&tries, &deciding->situation, deciding->n_draws, NULL,
                                       &evaluation, deciding->error);
    for (int p = 0; p < results->n_plans && status == RECOUP_OK; p++) {
        double se, mean = mean_of_paths(deciding, p, &se);
        *agrees = *agrees &&
                  fabs(mean - evaluation->hit[p]) <= MOST_SE * hypot(se, evaluation->hit_se[p]);
    }
    recoup_evaluation_free(evaluation);
    recoup_tries_clear(&tries);
    return status;
}

bool recoup_decide_is_asked(const recoup_scenario *scenario) {
    return scenario->decisions.is_given;
}

recoup_status recoup_decide(const recoup_scenario *scenario, const recoup_model *model,
                            const recoup_view *view, const recoup_engine_options *options,
                            recoup_results *results, recoup_error *error) {
    const recoup_decisions *decisions = &scenario->decisions;
    int64_t asked = decisions->draws, there = scenario->simulation.parameter_draws;
    recoup_deciding deciding = {
        .situation = {.scenario = scenario, .model = model, .view = view, .engine = options},
        .results = results,
        .n_draws = (int)(asked < there ? asked : there),
        .error = error};
    if (!decisions->is_given)
        return RECOUP_OK;
    bool agrees;
    recoup_status status = recoup_decide_check(&deciding, &agrees);
    if (status != RECOUP_OK)
        return status;
    if (!agrees) {
        recoup_note(error, NULL,
                    "'decisions' are left out: they rest on P(hit) without paths, which the "
                    "simulated paths contradict for so few or so unequal deals");
        return RECOUP_OK;
    }
    status = recoup_decide_evidence(&deciding);
    if (status == RECOUP_OK && decisions->n_delays > 0)
        status = recoup_decide_delay(&deciding);
    if (status == RECOUP_OK && decisions->sensitivity)
        status = recoup_decide_sensitivity(&deciding);
    if (status == RECOUP_OK && decisions->sensitivity)
        status = recoup_decide_sources(&deciding);
    return status;
}
