#include "diagnose/lasting_model.h"

#include "base/quarter.h"

/* What the calendar has in the logits of exits to won of an epoch (program/laws.c). */
static double calendar_of(const recoup_model *model, const recoup_view *view,
                          const recoup_epoch *epoch) {
    const double behind = 1e-9; /* days: the epoch starts where the calendar changes */
    if (model->quarter_end_logit == 0)
        return 0;
    return model->quarter_end_logit *
           recoup_quarter_end_contrast(view->period_start, model->quarter_end_days,
                                       view->as_of + epoch->start_day + behind);
}

static bool set_stage(const recoup_program *program, const recoup_model *model,
                      const recoup_view *view, int cell, int s, recoup_stage *stage,
                      recoup_arena *arena) {
    const recoup_program_plan *plan = program->plan;
    const recoup_stage *from = &model->stage[s];
    const recoup_epoch *last =
        &plan->epoch[plan->epoch_first[cell * program->n_stages + s + 1] - 1];
    recoup_exit *exit = recoup_arena_alloc(arena, (size_t)from->n_exits, sizeof *exit);
    if (!exit)
        return false;
    for (int e = 0; e < from->n_exits; e++) {
        const recoup_law *law = &plan->law[last->law + e];
        exit[e] = from->exit[e];
        exit[e].logit = law->logit;
        if (exit[e].target == RECOUP_EXIT_WON)
            exit[e].logit -= calendar_of(model, view, last);
        exit[e].dwell.mu = law->mu;
        exit[e].cohort_logit = exit[e].channel_logit = exit[e].segment_logit = NULL;
        exit[e].cohort_log_dwell = NULL;
    }
    *stage = *from;
    stage->exit = exit;
    return true;
}

const recoup_model *recoup_lasting_model(const recoup_program *program, const recoup_model *model,
                                         const recoup_view *view, int cell, recoup_arena *arena) {
    recoup_model *made = recoup_arena_alloc(arena, 1, sizeof *made);
    recoup_stage *stage = recoup_arena_alloc(arena, (size_t)model->n_stages, sizeof *stage);
    if (!made || !stage)
        return NULL;
    *made = *model;
    made->stage = stage;
    for (int s = 0; s < model->n_stages; s++)
        if (!set_stage(program, model, view, cell, s, &stage[s], arena))
            return NULL;
    return made;
}
