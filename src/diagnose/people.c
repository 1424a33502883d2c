/* Reps: how far they differ, who falls short, the skill matrix (SPREAD, SHORTFALL, SKILL). */
#include "diagnose/people.h"

#include <stdlib.h>

static int *number_as(const recoup_names *from, const recoup_names *to, const int *index, int n,
                      recoup_arena *arena) {
    int *place = recoup_arena_alloc(arena, (size_t)from->n, sizeof *place);
    int *made = recoup_arena_alloc(arena, (size_t)n, sizeof *made);
    for (int k = 0; k < from->n && place; k++)
        place[k] = recoup_names_find(to, from->name[k]);
    for (int i = 0; i < n && place && made; i++)
        made[i] = index[i] >= 0 ? place[index[i]] : -1;
    return place ? made : NULL;
}

bool recoup_model_view_create(const recoup_view *view, const recoup_model *model,
                              recoup_model_view *made) {
    *made = (recoup_model_view){.view = *view};
    recoup_view *copy = &made->view;
    recoup_arena *arena = &made->arena;
    int n = view->n_deals;
    copy->cohort = number_as(&view->cohorts, &model->cohorts, view->cohort, n, arena);
    copy->channel = number_as(&view->channels, &model->channels, view->channel, n, arena);
    copy->segment = number_as(&view->segments, &model->segments, view->segment, n, arena);
    copy->rep_cohort =
        number_as(&view->cohorts, &model->cohorts, view->rep_cohort, view->n_reps, arena);
    copy->cohorts = model->cohorts;
    copy->channels = model->channels;
    copy->segments = model->segments;
    return copy->cohort && copy->channel && copy->segment && copy->rep_cohort;
}

void recoup_model_view_clear(recoup_model_view *made) {
    recoup_arena_clear(&made->arena);
}

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
