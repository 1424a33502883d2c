#include "program/program.h"

#include "program/compile.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

void recoup_program_free(recoup_program *program) {
    if (!program)
        return;
    recoup_arena_clear(&program->arena);
    free(program);
}

/* --- names of the data -> names of the model ------------------------------------------------- */

static recoup_status map_names(recoup_compile *compile, const char *what, const recoup_names *from,
                               char *const *to, int n_to, bool required, int **map) {
    recoup_status status = RECOUP_OK;
    *map = RECOUP_COMPILE_NEW(compile, int, from->n);
    if (!*map)
        return recoup_fail_memory(compile->error);
    for (int i = 0; i < from->n; i++) {
        (*map)[i] = -1;
        for (int j = 0; j < n_to; j++)
            if (strcmp(from->name[i], to[j]) == 0)
                (*map)[i] = j;
        if ((*map)[i] >= 0)
            continue;
        recoup_place place = {.file = compile->scenario->model_path};
        const char *nearest = recoup_names_nearest(to, n_to, from->name[i]);
        if (required)
            status = recoup_fail(compile->error, RECOUP_EINVALID, &place,
                                 "the data has the %s '%s', which the model does not%s%s%s", what,
                                 from->name[i], nearest ? "; did you mean '" : "",
                                 nearest ? nearest : "", nearest ? "'?" : "");
        else if (n_to > 0)
            recoup_note(compile->error, &place,
                        "the data has the %s '%s', which the model does not: its deals take no "
                        "%s effect",
                        what, from->name[i], what);
    }
    return status;
}

static recoup_status map_all(recoup_compile *compile) {
    const recoup_view *view = compile->view;
    const recoup_model *model = compile->model;
    recoup_status status[4];
    char **stage_names = RECOUP_COMPILE_NEW(compile, char *, model->n_stages);
    if (!stage_names)
        return recoup_fail_memory(compile->error);
    for (int s = 0; s < model->n_stages; s++)
        stage_names[s] = model->stage[s].name;
    status[0] = map_names(compile, "stage", &view->stages, stage_names, model->n_stages, true,
                          &compile->stage);
    status[1] = map_names(compile, "cohort", &view->cohorts, model->cohorts.name, model->cohorts.n,
                          true, &compile->cohort);
    status[2] = map_names(compile, "channel", &view->channels, model->channels.name,
                          model->channels.n, false, &compile->channel);
    status[3] = map_names(compile, "segment", &view->segments, model->segments.name,
                          model->segments.n, false, &compile->segment);
    for (int i = 0; i < 4; i++)
        if (status[i] != RECOUP_OK)
            return status[i];
    return RECOUP_OK;
}

/* --- exits and axes of the cells ------------------------------------------------------------- */

static recoup_status compile_exits(recoup_compile *compile) {
    const recoup_model *model = compile->model;
    recoup_program *program = compile->program;
    int n = 0;
    for (int s = 0; s < model->n_stages; s++)
        n += model->stage[s].n_exits;
    int *first = RECOUP_COMPILE_NEW(compile, int, model->n_stages + 1);
    recoup_program_exit *exit = RECOUP_COMPILE_NEW(compile, recoup_program_exit, n);
    if (!first || !exit)
        return recoup_fail_memory(compile->error);
    n = 0;
    for (int s = 0; s < model->n_stages; s++) {
        const recoup_stage *stage = &model->stage[s];
        first[s] = n;
        if (stage->n_exits > RECOUP_PROGRAM_MAX_EXITS)
            return recoup_fail(compile->error, RECOUP_EINVALID, NULL,
                               "stage '%s' has %d exits: at most %d are supported", stage->name,
                               stage->n_exits, RECOUP_PROGRAM_MAX_EXITS);
        for (int e = 0; e < stage->n_exits; e++) {
            const recoup_exit *from = &stage->exit[e];
            bool wins = from->target == RECOUP_EXIT_WON || strcmp(from->name, "advance") == 0;
            exit[n++] = (recoup_program_exit){
                .target = from->target,
                .dwell = from->dwell,
                .size_logit = from->size_logit,
                .discount_logit = from->discount_logit,
                .market = wins ? model->market_conversion : 0,
            };
        }
    }
    first[model->n_stages] = n;
    program->n_stages = model->n_stages;
    program->exit_first = first;
    program->exit = exit;
    return RECOUP_OK;
}

/* Whether the model or any plan tells channels (segments) apart. */
static void compile_axes(recoup_compile *compile) {
    const recoup_model *model = compile->model;
    recoup_program *program = compile->program;
    bool channel = false, segment = false;
    for (int s = 0; s < model->n_stages; s++)
        for (int e = 0; e < model->stage[s].n_exits; e++) {
            channel |= model->stage[s].exit[e].channel_logit != NULL;
            segment |= model->stage[s].exit[e].segment_logit != NULL;
        }
    for (int p = 0; p < compile->scenario->n_plans; p++) {
        const recoup_effects *effects = &compile->scenario->plan[p].effects;
        for (int i = 0; i < effects->n_changes; i++) { /* that change anything */
            channel |= effects->change[i].channel && effects->change[i].value != 0;
            segment |= effects->change[i].segment && effects->change[i].value != 0;
        }
        for (int i = 0; i < effects->n_moves; i++) {
            channel |= effects->move[i].channel != NULL;
            segment |= effects->move[i].segment != NULL;
        }
        for (int i = 0; i < effects->n_caps; i++) {
            channel |= effects->cap[i].channel != NULL;
            segment |= effects->cap[i].segment != NULL;
        }
    }
    program->n_cohorts = model->cohorts.n;
    program->n_channels = channel ? model->channels.n + 1 : 1;
    program->n_segments = segment ? model->segments.n + 1 : 1;
    program->n_cells = program->n_cohorts * program->n_channels * program->n_segments;
}

/* --- open deals, reps, what is booked --------------------------------------------------------- */

/* Index on an axis of `n` values of which the last is "none". */
static int axis(const int *map, int i, int n) {
    return n == 1 ? 0 : i >= 0 && map[i] >= 0 ? map[i] : n - 1;
}

static double discount_of(double amount, double list_amount) {
    return list_amount > 0 ? fmax(0, 1 - amount / list_amount) : 0;
}

static recoup_status compile_deals(recoup_compile *compile) {
    const recoup_view *view = compile->view;
    recoup_program *program = compile->program;
    recoup_program_deal *deal = RECOUP_COMPILE_NEW(compile, recoup_program_deal, view->n_open);
    recoup_episode *owner = RECOUP_COMPILE_NEW(compile, recoup_episode, view->n_open);
    if (!deal || !owner)
        return recoup_fail_memory(compile->error);
    int n = 0;
    for (int i = 0; i < view->n_deals; i++) {
        if (view->outcome[i] != RECOUP_OPEN)
            continue;
        double amount = view->amount[i];
        deal[n] = (recoup_program_deal){
            .key = view->key[i],
            .stage = compile->stage[view->stage[i]],
            .age_days = fmax(0, view->as_of - view->stage_entered[i]),
            .amount = amount,
            .log_size = amount > 0 ? log(amount) - program->log_size_ref : 0,
            .discount = discount_of(amount, view->list_amount[i]),
        };
        int channel = axis(compile->channel, view->channel[i], program->n_channels);
        int segment = axis(compile->segment, view->segment[i], program->n_segments);
        owner[n++] = (recoup_episode){
            .rep = view->rep[i],
            .cell =
                recoup_program_cell(program, compile->cohort[view->cohort[i]], channel, segment),
        };
    }
    program->n_deals = n;
    program->deal = deal;
    program->owner = owner;
    return RECOUP_OK;
}

static recoup_status compile_reps(recoup_compile *compile) {
    const recoup_view *view = compile->view;
    recoup_program *program = compile->program;
    int n = view->n_reps, n_teams = view->teams.n;
    int *cohort = RECOUP_COMPILE_NEW(compile, int, n);
    double *team_quota = RECOUP_COMPILE_NEW(compile, double, n_teams);
    if (!cohort || !team_quota)
        return recoup_fail_memory(compile->error);
    for (int rep = 0; rep < n; rep++) {
        cohort[rep] = view->rep_cohort[rep] >= 0 ? compile->cohort[view->rep_cohort[rep]] : -1;
        int team = view->rep_team[rep];
        if (team >= 0 && !isnan(view->rep_quota[rep]))
            team_quota[team] += view->rep_quota[rep];
    }
    for (int t = 0; t < n_teams; t++)
        if (team_quota[t] == 0)
            team_quota[t] = NAN;
    program->n_reps = n;
    program->n_teams = n_teams;
    program->rep_cohort = cohort;
    program->rep_team = view->rep_team;
    program->rep_quota = view->rep_quota;
    program->team_quota = team_quota;
    return RECOUP_OK;
}

static recoup_status compile_quota(recoup_compile *compile) {
    const recoup_scenario *scenario = compile->scenario;
    const recoup_view *view = compile->view;
    double quota = scenario->quota;
    if (scenario->quota_from_reps) {
        quota = 0;
        for (int rep = 0; rep < view->n_reps; rep++)
            quota += isnan(view->rep_quota[rep]) ? 0 : view->rep_quota[rep];
    }
    if (!(quota > 0)) {
        recoup_place place = {.file = scenario->document->file, .field = "quota"};
        return recoup_fail(
            compile->error, RECOUP_EINVALID, &place,
            "quota is `from: reps`, but no rep has one: expected a column `quota` in the "
            "reps table, or a number");
    }
    compile->program->quota = quota;
    return RECOUP_OK;
}

/* Deals won in the period before the as-of date, at their amount. */
static recoup_status compile_booked(recoup_compile *compile) {
    const recoup_scenario *scenario = compile->scenario;
    const recoup_view *view = compile->view;
    recoup_program *program = compile->program;
    program->cohort_booked = RECOUP_COMPILE_NEW(compile, double, program->n_cohorts);
    program->team_booked = RECOUP_COMPILE_NEW(compile, double, program->n_teams);
    program->rep_booked = RECOUP_COMPILE_NEW(compile, double, program->n_reps);
    if (!program->cohort_booked || !program->team_booked || !program->rep_booked)
        return recoup_fail_memory(compile->error);
    for (int i = 0; i < view->n_deals; i++) {
        if (view->outcome[i] != RECOUP_WON || view->closed[i] < scenario->period_start)
            continue;
        int rep = view->rep[i];
        program->booked += view->amount[i];
        program->n_booked++;
        program->cohort_booked[compile->cohort[view->cohort[i]]] += view->amount[i];
        if (rep >= 0) {
            program->rep_booked[rep] += view->amount[i];
            if (program->rep_team[rep] >= 0)
                program->team_booked[program->rep_team[rep]] += view->amount[i];
        }
    }
    if (!isnan(scenario->booked)) {
        if (scenario->booked != program->booked)
            recoup_note(compile->error, NULL,
                        "`booked` of the scenario (%.2f) replaces what the tables say (%.2f); "
                        "cohorts, teams and reps keep what the tables say",
                        scenario->booked, program->booked);
        program->booked = scenario->booked;
    }
    return RECOUP_OK;
}

/* --- new deals -------------------------------------------------------------------------------- */

static recoup_status compile_new_deals(recoup_compile *compile) {
    const recoup_model *model = compile->model;
    recoup_program *program = compile->program;
    program->market_arrivals = model->market_arrivals;
    program->new_amount = model->new_amount;
    program->revision_sigma = model->revision_sigma;
    program->n_discount = model->n_discount;
    program->discount_quantile = model->discount_quantile;
    if (model->segments.n && model->segment_mix) {
        double *mix = RECOUP_COMPILE_NEW(compile, double, model->segments.n), sum = 0;
        if (!mix)
            return recoup_fail_memory(compile->error);
        for (int i = 0; i < model->segments.n; i++)
            mix[i] = sum += model->segment_mix[i];
        mix[model->segments.n - 1] = 1;
        program->mix = mix;
        program->n_mix = model->segments.n;
    }
    return recoup_compile_streams(compile);
}

/* --- plans ------------------------------------------------------------------------------------ */

static void add_rate(recoup_program_plan *plan, const recoup_change **rates,
                     const recoup_change *change) {
    rates[plan->n_rate_changes++] = change;
    plan->has_segment_rates |= change->segment != NULL;
}

static recoup_status compile_amounts(recoup_compile *compile, const recoup_effects *effects,
                                     recoup_program_plan *plan) {
    const recoup_program *program = compile->program;
    recoup_amount_change *amounts =
        RECOUP_COMPILE_NEW(compile, recoup_amount_change, effects->n_changes);
    const recoup_change **rates =
        RECOUP_COMPILE_NEW(compile, const recoup_change *, effects->n_changes + plan->n_freed);
    if (!amounts || !rates)
        return recoup_fail_memory(compile->error);
    for (int i = 0; i < effects->n_changes; i++) {
        const recoup_change *change = &effects->change[i];
        recoup_status hired = RECOUP_OK;
        if (change->quantity == RECOUP_CHANGE_HIRES)
            hired = recoup_compile_hires(compile, change, &change);
        if (hired != RECOUP_OK)
            return hired;
        if ((change->quantity == RECOUP_CHANGE_LOG_RATE ||
             change->quantity == RECOUP_CHANGE_HIRES) &&
            change->value != 0)
            add_rate(plan, rates, change);
        if (change->quantity != RECOUP_CHANGE_LOG_AMOUNT || change->value == 0)
            continue;
        bool *cells = RECOUP_COMPILE_NEW(compile, bool, program->n_cells);
        if (!cells)
            return recoup_fail_memory(compile->error);
        for (int cell = 0; cell < program->n_cells; cell++)
            cells[cell] = recoup_compile_selects(compile, plan, cell, change->cohort,
                                                 change->channel, change->segment);
        amounts[plan->n_amount_changes++] =
            (recoup_amount_change){cells, change->start_day, change->ramp_days, change->value};
    }
    for (int i = 0; i < plan->n_freed; i++)
        add_rate(plan, rates, &plan->freed[i]);
    plan->amount_change = amounts;
    plan->rate_change = rates;
    if (effects->n_caps) {
        bool *cells = RECOUP_COMPILE_NEW(compile, bool, program->n_cells);
        if (!cells)
            return recoup_fail_memory(compile->error);
        plan->cap = effects->cap;
        plan->cap_cell = cells;
        for (int cell = 0; cell < program->n_cells; cell++)
            cells[cell] = recoup_compile_selects(compile, plan, cell, plan->cap->cohort,
                                                 plan->cap->channel, plan->cap->segment);
    }
    return RECOUP_OK;
}

static double relieved(double quota, const recoup_relief *relief) {
    return fmax(0, quota * (1 - relief->share) - relief->amount);
}

/* Who has which deals, and so which crews there are. */
static recoup_status compile_owners(recoup_compile *compile, recoup_program_plan *plans) {
    recoup_program *program = compile->program;
    recoup_status status = RECOUP_OK;
    int n_crews = 0;
    for (int p = 0; p < program->n_plans; p++) {
        const recoup_effects *effects = &compile->scenario->plan[p].effects;
        recoup_status each = recoup_compile_closures(compile, effects, &plans[p]);
        if (each == RECOUP_OK)
            each = recoup_compile_moves(compile, effects, &plans[p]);
        if (plans[p].n_crews > n_crews)
            n_crews = plans[p].n_crews;
        if (each != RECOUP_OK)
            status = each; /* go on: the problems of all plans are reported */
    }
    program->n_cells += n_crews * program->n_channels * program->n_segments;
    return status;
}

static recoup_status compile_plans(recoup_compile *compile) {
    const recoup_scenario *scenario = compile->scenario;
    recoup_program *program = compile->program;
    recoup_program_plan *plans =
        RECOUP_COMPILE_NEW(compile, recoup_program_plan, scenario->n_plans);
    recoup_status status = RECOUP_OK;
    if (!plans)
        return recoup_fail_memory(compile->error);
    program->plan = plans;
    program->n_plans = scenario->n_plans;
    status = compile_owners(compile, plans);
    for (int p = 0; p < scenario->n_plans; p++) {
        const recoup_effects *effects = &scenario->plan[p].effects;
        recoup_status each = recoup_compile_laws(compile, effects, &plans[p]);
        if (each == RECOUP_OK)
            each = compile_amounts(compile, effects, &plans[p]);
        plans[p].quota = relieved(program->quota, &effects->relief);
        if (each != RECOUP_OK)
            status = each; /* go on: the problems of all plans are reported */
    }
    return status;
}

/* The laws of no plan: those of the first when it has no lever on them. */
static recoup_status compile_none(recoup_compile *compile) {
    const recoup_effects *first = &compile->scenario->plan[0].effects;
    recoup_program *program = compile->program;
    const recoup_effects nothing = {0};
    program->none = program->plan;
    if (first->n_changes == 0 && first->n_caps == 0 && program->plan->n_crews == 0)
        return RECOUP_OK;
    recoup_program_plan *none = RECOUP_COMPILE_NEW(compile, recoup_program_plan, 1);
    if (!none)
        return recoup_fail_memory(compile->error);
    program->none = none;
    return recoup_compile_laws(compile, &nothing, none);
}

recoup_status recoup_program_create(const recoup_scenario *scenario, const recoup_model *model,
                                    const recoup_view *view, recoup_program **result,
                                    recoup_error *error) {
    recoup_status status = RECOUP_OK;
    recoup_program *program = RECOUP_NEW(recoup_program, 1);
    if (!program)
        return recoup_fail_memory(error);
    recoup_compile compile = {
        .scenario = scenario, .model = model, .view = view, .program = program, .error = error};
    program->horizon_days = scenario->period_end - scenario->as_of;
    program->log_size_ref = log(model->size_ref);
    if ((status = map_all(&compile)) != RECOUP_OK ||
        (status = compile_exits(&compile)) != RECOUP_OK)
        goto exit;
    compile_axes(&compile);
    if ((status = compile_reps(&compile)) != RECOUP_OK ||
        (status = compile_quota(&compile)) != RECOUP_OK ||
        (status = compile_booked(&compile)) != RECOUP_OK ||
        (status = compile_deals(&compile)) != RECOUP_OK ||
        (status = compile_plans(&compile)) != RECOUP_OK ||
        (status = compile_none(&compile)) != RECOUP_OK ||
        (status = compile_new_deals(&compile)) != RECOUP_OK)
        goto exit;
    *result = program;
    program = NULL;
exit:
    recoup_program_free(program);
    return status;
}
