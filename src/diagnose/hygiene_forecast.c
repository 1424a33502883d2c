/* The forecast of the first plan as is, and without the deals that hygiene would close. */
#include "decide/tries.h"
#include "diagnose/hygiene.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* As many standard errors as P(hit) by paths and without them may differ by (results/create.c). */
static const double MOST_SE = 4;

/* The view as if these deals had been closed, lost, just before the as-of date; the caller frees
 * its outcomes, all else is borrowed. What is taken out is the same as with a lever `scrub` that
 * closes them at once and frees no effort. */
static recoup_status close_deals(const recoup_diagnosing *diagnosing, const recoup_hygiene *hygiene,
                                 recoup_view *scrubbed) {
    const recoup_view *view = diagnosing->view;
    size_t n = (size_t)view->n_deals;
    *scrubbed = *view;
    scrubbed->outcome = RECOUP_NEW(uint8_t, n);
    if (!scrubbed->outcome)
        return recoup_fail_memory(diagnosing->error);
    if (n > 0)
        memcpy(scrubbed->outcome, view->outcome, n * sizeof *view->outcome);
    for (int i = 0; i < hygiene->outlooks.n_open; i++)
        if (hygiene->disposition[i] == RECOUP_CLOSE_LOST) {
            scrubbed->outcome[hygiene->outlooks.deal[i]] = RECOUP_LOST;
            scrubbed->n_open--;
        }
    return RECOUP_OK;
}

/* The first plan on all parameter draws of the run; the same random numbers whatever the view. */
static recoup_status evaluate(const recoup_diagnosing *diagnosing, const recoup_view *view,
                              recoup_evaluation **evaluation) {
    const recoup_situation situation = {.scenario = diagnosing->scenario,
                                        .model = diagnosing->model,
                                        .view = view,
                                        .engine = diagnosing->engine};
    int n_draws = (int)diagnosing->scenario->simulation.parameter_draws;
    recoup_tries tries = {0};
    recoup_status status = RECOUP_OK;
    if (recoup_tries_add(&tries, &diagnosing->scenario->plan[0], NULL) < 0)
        status = recoup_fail_memory(diagnosing->error);
    if (status == RECOUP_OK)
        status =
            recoup_tries_evaluate(&tries, &situation, n_draws, NULL, evaluation, diagnosing->error);
    recoup_tries_clear(&tries);
    return status;
}

/* Whether P(hit) without paths agrees with the simulated paths, where P(hit) comes from these: it
 * is not made for every book (engine/characteristic.h). */
static bool agrees(const recoup_results *results, const recoup_evaluation *as_is) {
    if (strcmp(results->hit_estimator, "conditional") == 0)
        return true;
    double se = hypot(results->hit_probability_se[0], as_is->hit_se[0]);
    return fabs(results->hit_probability[0] - as_is->hit[0]) <= MOST_SE * se;
}

static recoup_status add_row(const recoup_diagnosing *diagnosing, const char *pipeline,
                             const recoup_view *view, const recoup_evaluation *evaluation,
                             bool has_hit) {
    recoup_forecast_row *row = recoup_records_add(diagnosing->results, RECOUP_RECORD_FORECAST);
    if (!row)
        return recoup_fail_memory(diagnosing->error);
    row->pipeline = pipeline;
    row->n_open = view->n_open;
    row->open_amount = 0;
    for (int i = 0; i < view->n_deals; i++)
        if (view->outcome[i] == RECOUP_OPEN)
            row->open_amount += view->amount[i];
    row->expected = evaluation->mean[0];
    row->hit_probability = has_hit ? evaluation->hit[0] : NAN;
    row->hit_probability_se = has_hit ? evaluation->hit_se[0] : NAN;
    return RECOUP_OK;
}

recoup_status recoup_diagnose_forecast(const recoup_diagnosing *diagnosing,
                                       const recoup_hygiene *hygiene) {
    const recoup_view *view = diagnosing->view;
    recoup_view scrubbed;
    recoup_evaluation *as_is = NULL, *without = NULL;
    if (!hygiene->outlooks.has_tables) {
        recoup_note(diagnosing->error, NULL,
                    "the forecast without the deals to be closed is left out: there are no win "
                    "tables of this model");
        return RECOUP_OK;
    }
    recoup_status status = close_deals(diagnosing, hygiene, &scrubbed);
    if (status == RECOUP_OK)
        status = evaluate(diagnosing, view, &as_is);
    if (status == RECOUP_OK && scrubbed.n_open < view->n_open)
        status = evaluate(diagnosing, &scrubbed, &without);
    if (status == RECOUP_OK) {
        bool has_hit = agrees(diagnosing->results, as_is);
        status = add_row(diagnosing, "as is", view, as_is, has_hit);
        if (status == RECOUP_OK)
            status = add_row(diagnosing, "scrubbed", &scrubbed, without ? without : as_is, has_hit);
    }
    recoup_evaluation_free(as_is);
    recoup_evaluation_free(without);
    free(scrubbed.outcome);
    return status;
}
