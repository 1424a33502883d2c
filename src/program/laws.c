/* Epochs: the days on which any lever that acts on a (cell, stage) changes its share, and those on
 * which the last days of a quarter begin and end, cut time into stretches of constant laws. */
#include "program/compile.h"

#include "base/quarter.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

double recoup_share(double start_day, double ramp_days, double day) {
    if (day < start_day)
        return 0;
    if (ramp_days <= 0)
        return 1;
    /* The steps begin at start_day + k; rounding of that sum must not put them into step k - 1. */
    double share = (floor(day - start_day + 1e-9) + 0.5) / ramp_days;
    return share < 1 ? share : 1;
}

bool recoup_compile_selects(const recoup_compile *compile, const recoup_program_plan *plan,
                            int cell, const bool *cohort, const bool *channel,
                            const bool *segment) {
    const recoup_program *program = compile->program;
    int s = cell % program->n_segments;
    int ch = cell / program->n_segments % program->n_channels;
    if (cohort && !cohort[recoup_program_cohort(program, plan, cell)])
        return false;
    /* A collapsed axis means that nobody selects on it: the arrays are NULL then. */
    if (channel && (ch >= compile->model->channels.n || !channel[ch]))
        return false;
    return !segment || (s < compile->model->segments.n && segment[s]);
}

/* The growing tables of one plan, and the days at which the current (cell, stage) changes. */
typedef struct builder {
    recoup_epoch *epoch;
    recoup_law *law;
    double *day;
    int n_epochs, n_laws, n_days;
    size_t epoch_capacity, law_capacity, day_capacity;
} builder;

static int compare_days(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The days on which the share changes, within the horizon. */
static bool add_days(builder *build, double start_day, double ramp_days, double horizon) {
    int n_steps = ramp_days > 0 ? (int)fmin(ceil(ramp_days + 0.5), horizon + 1) : 1;
    for (int k = 0; k < n_steps; k++) {
        if (start_day + k >= horizon)
            break;
        if (!RECOUP_GROW(build->day, build->n_days, build->day_capacity))
            return false;
        build->day[build->n_days++] = start_day + k;
    }
    return true;
}

/* Whether a stage has exits that the end of a quarter acts on. */
static bool has_calendar(const recoup_model *model, const recoup_stage *stage) {
    for (int e = 0; e < stage->n_exits; e++)
        if (stage->exit[e].target == RECOUP_EXIT_WON)
            return model->quarter_end_logit != 0;
    return false;
}

/* The days on which the last days of a quarter begin and end, within the horizon. */
static bool add_calendar(const recoup_compile *compile, builder *build, double horizon) {
    const recoup_view *view = compile->view;
    double day = 0;
    while (day < horizon) {
        recoup_quarter quarter = recoup_quarter_of(view->period_start, view->as_of + day);
        double end = quarter.end - view->as_of;
        double last = end - compile->model->quarter_end_days;
        if ((last > 0 && !add_days(build, last, 0, horizon)) || !add_days(build, end, 0, horizon))
            return false;
        day = end + .5; /* well within the next quarter, whatever the rounding */
    }
    return true;
}

/* What the calendar adds to the logit of an exit to won on `day`, which may be the very start of a
 * stretch: rounding must not put it before. */
static double calendar_logit(const recoup_compile *compile, double day) {
    const recoup_view *view = compile->view;
    const recoup_model *model = compile->model;
    return model->quarter_end_logit * recoup_quarter_end_contrast(view->period_start,
                                                                  model->quarter_end_days,
                                                                  view->as_of + day + 1e-9);
}

static bool acts_on(const recoup_compile *compile, const recoup_program_plan *plan,
                    const recoup_change *change, int cell, int stage) {
    if (change->quantity != RECOUP_CHANGE_LOGIT && change->quantity != RECOUP_CHANGE_LOG_DWELL &&
        change->quantity != RECOUP_CHANGE_LOG_SPEED)
        return false;
    return change->value != 0 && (!change->stage || change->stage[stage]) &&
           recoup_compile_selects(compile, plan, cell, change->cohort, change->channel,
                                  change->segment);
}

static double term(const double *values, int i, int n) {
    return values && i < n ? values[i] : 0;
}

/* The law of an exit without levers. */
static recoup_law base_law(const recoup_compile *compile, const recoup_program_plan *plan,
                           const recoup_exit *exit, int cell) {
    const recoup_program *program = compile->program;
    const recoup_model *model = compile->model;
    int s = cell % program->n_segments;
    int ch = cell / program->n_segments % program->n_channels;
    int c = recoup_program_cohort(program, plan, cell);
    recoup_law law = {.logit = exit->logit, .mu = exit->dwell.mu};
    law.logit += term(exit->cohort_logit, c, model->cohorts.n);
    law.logit += term(exit->channel_logit, ch, model->channels.n);
    law.logit += term(exit->segment_logit, s, model->segments.n);
    law.mu += term(exit->cohort_log_dwell, c, model->cohorts.n);
    return law;
}

/* The share of a change in force on `day`. */
static double share_of(const recoup_change *change, double day) {
    if (change->lasts_days > 0 && day >= change->start_day + change->lasts_days)
        return 0;
    return recoup_share(change->start_day, change->ramp_days, day);
}

/* The crew that the cell is of; NULL: all of a cohort. */
static const recoup_crew *crew_of(const recoup_program *program, const recoup_program_plan *plan,
                                  int cell) {
    int own = cell / (program->n_channels * program->n_segments) - program->n_cohorts;
    return own >= 0 && own < plan->n_crews ? &plan->crew[own] : NULL;
}

/* Adds the epoch that starts on `day`, unless it equals the one before it. */
static bool add_epoch(recoup_compile *compile, const recoup_effects *effects,
                      const recoup_program_plan *plan, builder *build, int cell, int stage,
                      double day, bool capped, bool is_first) {
    const recoup_stage *model_stage = &compile->model->stage[stage];
    recoup_law law[RECOUP_PROGRAM_MAX_EXITS];
    const recoup_crew *crew = crew_of(compile->program, plan, cell);
    double log_speed = crew && day >= crew->from_day ? log(crew->speed) : 0;
    double calendar = has_calendar(compile->model, model_stage) ? calendar_logit(compile, day) : 0;
    for (int e = 0; e < model_stage->n_exits; e++) {
        law[e] = base_law(compile, plan, &model_stage->exit[e], cell);
        law[e].logit += model_stage->exit[e].target == RECOUP_EXIT_WON ? calendar : 0;
    }
    for (int i = 0; i < effects->n_changes; i++) {
        const recoup_change *change = &effects->change[i];
        double share = share_of(change, day);
        if (share == 0 || !acts_on(compile, plan, change, cell, stage))
            continue;
        double value = share * change->value;
        if (change->quantity == RECOUP_CHANGE_LOG_SPEED)
            log_speed += value;
        for (int e = 0; e < model_stage->n_exits; e++) {
            if (change->exit && strcmp(change->exit, model_stage->exit[e].name) != 0)
                continue;
            if (change->quantity == RECOUP_CHANGE_LOGIT)
                law[e].logit += value;
            else if (change->quantity == RECOUP_CHANGE_LOG_DWELL)
                law[e].mu += value;
        }
    }
    recoup_epoch epoch = {.start_day = day, .speed = exp(log_speed), .law = build->n_laws};
    if (capped)
        epoch.cap_share = recoup_share(effects->cap->start_day, effects->cap->ramp_days, day);
    if (!is_first) {
        const recoup_epoch *before = &build->epoch[build->n_epochs - 1];
        if (before->speed == epoch.speed && before->cap_share == epoch.cap_share &&
            memcmp(&build->law[before->law], law, (size_t)model_stage->n_exits * sizeof *law) == 0)
            return true;
    }
    if (!RECOUP_GROW(build->epoch, build->n_epochs, build->epoch_capacity))
        return false;
    build->epoch[build->n_epochs++] = epoch;
    for (int e = 0; e < model_stage->n_exits; e++) {
        if (!RECOUP_GROW(build->law, build->n_laws, build->law_capacity))
            return false;
        build->law[build->n_laws++] = law[e];
    }
    return true;
}

static bool add_stage(recoup_compile *compile, const recoup_effects *effects,
                      const recoup_program_plan *plan, builder *build, int cell, int stage) {
    const recoup_cap *cap = effects->n_caps ? effects->cap : NULL;
    const recoup_crew *crew = crew_of(compile->program, plan, cell);
    bool capped =
        cap && recoup_compile_selects(compile, plan, cell, cap->cohort, cap->channel, cap->segment);
    double horizon = compile->program->horizon_days;
    build->n_days = 0;
    if (!add_days(build, 0, 0, horizon) || (crew && !add_days(build, crew->from_day, 0, horizon)))
        return false;
    for (int i = 0; i < effects->n_changes; i++) {
        const recoup_change *change = &effects->change[i];
        if (!acts_on(compile, plan, change, cell, stage))
            continue;
        if (!add_days(build, change->start_day, change->ramp_days, horizon) ||
            (change->lasts_days > 0 &&
             !add_days(build, change->start_day + change->lasts_days, 0, horizon)))
            return false;
    }
    if (capped && !add_days(build, cap->start_day, cap->ramp_days, horizon))
        return false;
    if (has_calendar(compile->model, &compile->model->stage[stage]) &&
        !add_calendar(compile, build, horizon))
        return false;
    if (build->n_days > 1)
        qsort(build->day, (size_t)build->n_days, sizeof *build->day, compare_days);
    for (int i = 0; i < build->n_days; i++) {
        if (i > 0 && build->day[i] == build->day[i - 1])
            continue;
        if (!add_epoch(compile, effects, plan, build, cell, stage, build->day[i], capped, i == 0))
            return false;
    }
    return true;
}

/* Epochs are compared by member: they have padding. */
static bool equal_laws(const recoup_program *program, const recoup_program_plan *a,
                       const recoup_program_plan *b) {
    int n = program->n_cells * program->n_stages;
    if (a->n_laws != b->n_laws ||
        memcmp(a->epoch_first, b->epoch_first, ((size_t)n + 1) * sizeof *a->epoch_first) != 0)
        return false;
    for (int i = 0; i < a->epoch_first[n]; i++) {
        const recoup_epoch *x = &a->epoch[i], *y = &b->epoch[i];
        if (x->start_day != y->start_day || x->speed != y->speed || x->cap_share != y->cap_share)
            return false;
    }
    return memcmp(a->law, b->law, (size_t)a->n_laws * sizeof *a->law) == 0;
}

recoup_status recoup_compile_laws(recoup_compile *compile, const recoup_effects *effects,
                                  recoup_program_plan *plan) {
    recoup_program *program = compile->program;
    recoup_status status = RECOUP_OK;
    builder build = {0};
    int *first = RECOUP_COMPILE_NEW(compile, int, program->n_cells * program->n_stages + 1);
    recoup_epoch *epoch = NULL;
    recoup_law *law = NULL;
    if (!first)
        goto memory;
    for (int i = 0; i < program->n_cells * program->n_stages; i++) {
        first[i] = build.n_epochs;
        if (!add_stage(compile, effects, plan, &build, i / program->n_stages,
                       i % program->n_stages))
            goto memory;
    }
    first[program->n_cells * program->n_stages] = build.n_epochs;
    epoch = RECOUP_COMPILE_NEW(compile, recoup_epoch, build.n_epochs);
    law = RECOUP_COMPILE_NEW(compile, recoup_law, build.n_laws);
    if (!epoch || !law)
        goto memory;
    for (int i = 0; i < build.n_epochs; i++)
        epoch[i] = build.epoch[i];
    for (int i = 0; i < build.n_laws; i++)
        law[i] = build.law[i];
    plan->epoch_first = first;
    plan->epoch = epoch;
    plan->law = law;
    plan->n_laws = build.n_laws;
    plan->same_laws = equal_laws(program, plan, &program->plan[0]);
    goto exit;
memory:
    status = recoup_fail_memory(compile->error);
exit:
    free(build.epoch);
    free(build.law);
    free(build.day);
    return status;
}
