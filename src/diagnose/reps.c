/* Reps: how far they differ, who falls short, the skill matrix (SPREAD, SHORTFALL, SKILL). */
#include "diagnose/people.h"

recoup_status recoup_diagnose_reps(const recoup_diagnosing *diagnosing) {
    recoup_rep_summary *reps = NULL;
    recoup_model_view translated = {0};
    recoup_diagnosing own = *diagnosing;
    recoup_status status = recoup_diagnose_shortfall(diagnosing);
    if (status != RECOUP_OK || diagnosing->view->n_reps == 0)
        return status;
    own.view = &translated.view;
    if (!recoup_model_view_create(diagnosing->view, diagnosing->model, &translated))
        status = recoup_fail_memory(diagnosing->error);
    if (status == RECOUP_OK)
        status = recoup_fit_reps(own.view, own.model, &reps, own.error);
    if (status == RECOUP_OK)
        status = recoup_diagnose_spread(&own, reps);
    if (status == RECOUP_OK)
        status = recoup_diagnose_skill(&own, reps);
    recoup_rep_summary_free(reps);
    recoup_model_view_clear(&translated);
    return status;
}
