/* P(hit) of each plan when all its levers start later; and reading it back. */
#include "decide/decide.h"

#include <recoup/compare.h>
#include <stdlib.h>

static recoup_status collect(const recoup_deciding *deciding, recoup_tries *tries) {
    const recoup_decisions *decisions = &deciding->situation.scenario->decisions;
    for (int p = 0; p < deciding->results->n_plans; p++) {
        const recoup_plan *plan = recoup_deciding_plan(deciding, p);
        for (int k = 0; k < decisions->n_delays; k++) {
            recoup_lever *lever;
            if (recoup_tries_add(tries, plan, &lever) < 0)
                return recoup_fail_memory(deciding->error);
            for (int i = 0; i < plan->n_levers; i++)
                lever[i].start_day += decisions->delay[k];
        }
    }
    return RECOUP_OK;
}

static void keep(const recoup_deciding *deciding, const recoup_evaluation *evaluation) {
    recoup_results *results = deciding->results;
    for (int v = 0; v < evaluation->n_variants; v++) {
        results->delay_hit_probability[v] = evaluation->hit[v];
        results->delay_hit_probability_se[v] = evaluation->hit_se[v];
        results->delay_hit_gain[v] =
            recoup_evaluation_gain(evaluation, v, 0, &results->delay_hit_gain_se[v]);
        results->delay_bookings_mean[v] = evaluation->mean[v];
    }
}

recoup_status recoup_decide_delay(const recoup_deciding *deciding) {
    const recoup_decisions *decisions = &deciding->situation.scenario->decisions;
    recoup_results *results = deciding->results;
    recoup_tries tries = {0};
    recoup_evaluation *evaluation = NULL;
    results->n_delays = decisions->n_delays;
    recoup_status status = recoup_results_extend(results, RECOUP_DIMENSION_DELAY)
                               ? collect(deciding, &tries)
                               : recoup_fail_memory(deciding->error);
    if (status == RECOUP_OK)
        status = recoup_tries_evaluate(&tries, &deciding->situation, deciding->n_draws, NULL,
                                       &evaluation, deciding->error);
    if (status == RECOUP_OK) {
        for (int k = 0; k < decisions->n_delays; k++)
            results->delay[k] = (int)decisions->delay[k];
        keep(deciding, evaluation);
    }
    recoup_evaluation_free(evaluation);
    recoup_tries_clear(&tries);
    return status;
}

/* --- reading ---------------------------------------------------------------------------------- */

recoup_status recoup_compare_delays(const recoup_results *results, recoup_delays **delays,
                                    recoup_error *error) {
    if (results->n_delays == 0)
        return recoup_fail(error, RECOUP_EINVALID, NULL,
                           "the results hold no later starts; expected a run of a scenario with, "
                           "for example, 'decisions: {delay: [7, 14, 21]}'");
    recoup_delays *made = RECOUP_NEW(recoup_delays, 1);
    int n = results->n_plans * results->n_delays;
    recoup_delay_row *row = RECOUP_NEW(recoup_delay_row, n);
    if (!made || !row) {
        free(made);
        free(row);
        return recoup_fail_memory(error);
    }
    *made = (recoup_delays){.currency = results->currency,
                            .n_plans = results->n_plans,
                            .n_delays = results->n_delays,
                            .n_rows = n,
                            .draws = results->decision_draws,
                            .row = row};
    for (int i = 0; i < n; i++)
        row[i] = (recoup_delay_row){
            .plan = results->plan[i / results->n_delays],
            .days = results->delay[i % results->n_delays],
            .hit_probability = results->delay_hit_probability[i],
            .hit_probability_se = results->delay_hit_probability_se[i],
            .hit_gain = results->delay_hit_gain[i],
            .hit_gain_se = results->delay_hit_gain_se[i],
            .bookings_mean = results->delay_bookings_mean[i],
        };
    *delays = made;
    return RECOUP_OK;
}

void recoup_delays_free(recoup_delays *delays) {
    if (!delays)
        return;
    free(delays->row);
    free(delays);
}
