#include "fit/fitting.h"

#include "fit/choose.h"
#include "fit/goodness.h"
#include "fit/groups.h"
#include "fit/stays.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Above this share of deals still open at the longest follow-up, conversion rests on the tail of
 * the dwell families rather than on what was seen (docs/fit.md). */
#define OPEN_SHARE_WARNING .15
/* A fitted curve off the one seen by more than this, and by more than chance explains, is worth a
 * remark: with many deals chance explains next to nothing, and every family is a little wrong. */
#define DISTANCE_WARNING .05

/* The law of a stage: the team's, and what is not estimated of it. */
typedef struct team_fit {
    recoup_choice choice;
    bool dwell_fixed[RECOUP_MAX_EXITS];
    recoup_dist pooled;          /* of all exits together, where some exit was never seen */
    double pooled_covariance[9]; /* of its parameters */
    int pooled_n;
    recoup_goodness goodness[RECOUP_MAX_EXITS];
} team_fit;

/* The law of the time to any exit. */
static bool fit_pooled(const recoup_stay *stay, int n_stays, recoup_stay *scratch, team_fit *fit) {
    const bool free_dwell[RECOUP_MAX_EXITS] = {false};
    recoup_prior prior = recoup_prior_weak();
    recoup_choice choice;
    memcpy(scratch, stay, (size_t)n_stays * sizeof *stay);
    for (int i = 0; i < n_stays; i++)
        scratch[i].exit = scratch[i].exit < 0 ? -1 : 0;
    if (!recoup_choose(1, free_dwell, NULL, &prior, scratch, n_stays, &choice))
        return false;
    fit->pooled = choice.mixture.dwell[0];
    fit->pooled_n = choice.has_covariance ? choice.layout.n : 0;
    for (int i = 0; i < fit->pooled_n * fit->pooled_n; i++)
        fit->pooled_covariance[i] = choice.covariance[i];
    return true;
}

/* data gets one more exit where deals go stale. */
static bool fit_team(recoup_stage_data *data, const recoup_stay *stay, int n_stays,
                     recoup_stay *scratch, team_fit *fit) {
    recoup_dist fixed[RECOUP_MAX_EXITS];
    recoup_prior prior = recoup_prior_weak();
    bool any = false;
    for (int e = 0; e < data->n_exits; e++)
        any |= fit->dwell_fixed[e] = data->dated[e] == 0;
    if (any && !fit_pooled(stay, n_stays, scratch, fit))
        return false;
    for (int e = 0; e < data->n_exits; e++)
        fixed[e] = fit->pooled;
    if (!recoup_choose(data->n_exits, fit->dwell_fixed, fixed, &prior, stay, n_stays, &fit->choice))
        return false;
    if (recoup_choose_stale(fit->dwell_fixed, &prior, stay, n_stays, &fit->choice)) {
        fit->dwell_fixed[data->n_exits] = true;
        data->target[data->n_exits++] = RECOUP_TO_NONE;
    }
    return true;
}

/* NaN: not a parameter. */
static double standard_error(const double *covariance, int n, int i) {
    return i >= 0 ? sqrt(fmax(0, covariance[i * n + i])) : NAN;
}

/* Of the log of the median, whose derivatives follow from S(median) = 1/2: those of log S by the
 * parameters over that by mu. index: of mu and the shapes among the n parameters, -1: given. */
static double log_median_error(const recoup_dist *dwell, const double *covariance, int n,
                               const int *index) {
    enum { MAX_PARAMETERS = 3 };
    double gradient[MAX_PARAMETERS] = {0}, variance = 0;
    int n_parameters = 1 + recoup_family_n_shapes(dwell->family);
    if (index[0] < 0 || n_parameters > MAX_PARAMETERS)
        return NAN;
    recoup_dist_log_survival_gradient(dwell, recoup_dist_median(dwell), gradient);
    for (int i = 0; i < n_parameters; i++)
        for (int j = 0; j < n_parameters; j++)
            if (index[i] >= 0 && index[j] >= 0)
                variance += gradient[i] * gradient[j] / (gradient[0] * gradient[0]) *
                            covariance[index[i] * n + index[j]];
    return sqrt(fmax(0, variance));
}

static recoup_exit_fit errors_of(const team_fit *fit, int e, double n_events) {
    const recoup_layout *layout = &fit->choice.layout;
    const double *covariance = fit->choice.covariance;
    const recoup_dist *dwell = &fit->choice.mixture.dwell[e];
    const recoup_goodness *goodness = &fit->goodness[e];
    recoup_exit_fit result = {.logit_se = NAN,
                              .mu_se = NAN,
                              .shape_se = {NAN, NAN},
                              .log_median_se = NAN,
                              .n_events = n_events,
                              .gof_distance = goodness->distance,
                              .gof_days = goodness->days,
                              .gof_bound = goodness->bound};
    if (fit->choice.has_covariance) {
        result.logit_se = standard_error(covariance, layout->n, layout->logit[e]);
        result.mu_se = standard_error(covariance, layout->n, layout->mu[e]);
        for (int k = 0; k < 2; k++)
            result.shape_se[k] = standard_error(covariance, layout->n, layout->shape[e][k]);
        const int index[3] = {layout->mu[e], layout->shape[e][0], layout->shape[e][1]};
        result.log_median_se = log_median_error(dwell, covariance, layout->n, index);
    }
    if (fit->dwell_fixed[e] && fit->pooled_n > 0 && dwell->family != RECOUP_NEVER) {
        result.mu_se = standard_error(fit->pooled_covariance, fit->pooled_n, 0);
        for (int k = 0; k < 2; k++)
            result.shape_se[k] = standard_error(fit->pooled_covariance, fit->pooled_n,
                                                k + 1 < fit->pooled_n ? k + 1 : -1);
        const int index[3] = {0, 1, 2}; /* of the pooled law alone: no more than it has shapes */
        result.log_median_se =
            log_median_error(dwell, fit->pooled_covariance, fit->pooled_n, index);
    }
    return result;
}

/* "advance", "lost", "won", "stale" or "to <stage>". */
static char *exit_name(recoup_model *model, const recoup_view *view, const recoup_stage_data *data,
                       int e) {
    const char *name = e == RECOUP_ADVANCE ? "advance" : e == RECOUP_REFERENCE ? "lost" : "won";
    if (data->target[e] == RECOUP_TO_NONE)
        name = "stale";
    if (e <= RECOUP_REFERENCE || data->target[e] < 0)
        return recoup_arena_text(&model->arena, name, strlen(name));
    const char *to = view->stages.name[data->target[e]];
    char *text = recoup_arena_alloc(&model->arena, strlen(to) + 4, 1);
    if (text) {
        memcpy(text, "to ", 3);
        memcpy(text + 3, to, strlen(to));
    }
    return text;
}

/* Targets below 0 of the view and of the model are the same numbers. */
_Static_assert((int)RECOUP_TO_WON == (int)RECOUP_EXIT_WON &&
                   (int)RECOUP_TO_LOST == (int)RECOUP_EXIT_LOST &&
                   (int)RECOUP_TO_NONE == (int)RECOUP_EXIT_NEVER,
               "targets");

static recoup_status set_exits(recoup_fitting *fitting, recoup_stage *stage,
                               const recoup_stage_data *data) {
    recoup_model *model = fitting->model;
    stage->n_exits = data->n_exits;
    stage->exit = recoup_arena_alloc(&model->arena, (size_t)data->n_exits, sizeof *stage->exit);
    if (!stage->exit)
        return recoup_fail_memory(fitting->error);
    for (int e = 0; e < data->n_exits; e++) {
        stage->exit[e].name = exit_name(model, fitting->view, data, e);
        stage->exit[e].target = data->target[e];
        if (!stage->exit[e].name)
            return recoup_fail_memory(fitting->error);
    }
    return RECOUP_OK;
}

static void set_team(recoup_stage *stage, const recoup_stage_data *data, const team_fit *fit) {
    for (int e = 0; e < data->n_exits; e++) {
        recoup_exit *exit = &stage->exit[e];
        exit->logit = fit->choice.mixture.logit[e];
        exit->dwell = fit->choice.mixture.dwell[e];
        exit->fit = errors_of(fit, e, data->events[e]);
    }
}

static const char *plural(int n) {
    return n == 1 ? "" : "s";
}

static void remark_on_data(recoup_fitting *fitting, const recoup_stage *stage,
                           const recoup_stage_data *data) {
    if (data->n_ahead)
        recoup_remark(fitting, "stage \"%s\": %d rare jump%s ahead counted as advance", stage->name,
                      data->n_ahead, plural(data->n_ahead));
    if (data->n_back)
        recoup_remark(fitting,
                      "stage \"%s\": %d rare jump%s back: the deal counts as still open when it "
                      "went back, and as a new stay afterwards",
                      stage->name, data->n_back, plural(data->n_back));
    if (data->from_created)
        recoup_remark(fitting,
                      "stage \"%s\": no time of entry is recorded for the deals that left it; the "
                      "dwell times count from the creation of the deal and are too long for a "
                      "later stage",
                      stage->name);
    if (data->n_undated)
        recoup_remark(fitting,
                      "stage \"%s\": %d deal%s without a recorded time of entry count for "
                      "conversion, not for dwell times",
                      stage->name, data->n_undated, plural(data->n_undated));
    if (data->n_left_out)
        recoup_remark(fitting,
                      "stage \"%s\": %d open deal%s without a recorded time of entry left out",
                      stage->name, data->n_left_out, plural(data->n_left_out));
}

static void remark_on_goodness(recoup_fitting *fitting, const recoup_stage *stage,
                               const team_fit *fit) {
    double log_share[RECOUP_MAX_EXITS];
    recoup_log_shares(stage->n_exits, fit->choice.mixture.logit, log_share);
    for (int e = 0; e < stage->n_exits; e++) {
        const recoup_goodness *g = &fit->goodness[e];
        if (stage->exit[e].target == RECOUP_EXIT_NEVER)
            recoup_remark(fitting,
                          "stage \"%s\": %.1f %% of the deals that enter it go stale: they neither "
                          "advance nor are lost, and stay open",
                          stage->name, 100 * exp(log_share[e]));
        else if (g->distance > fmax(g->bound, DISTANCE_WARNING))
            recoup_remark(fitting,
                          "stage \"%s\", exit \"%s\": fitted and observed shares are %.1f points "
                          "apart at %.3g days, where chance explains %.1f: no dwell family follows "
                          "what happens there",
                          stage->name, stage->exit[e].name, 100 * g->distance, g->days,
                          100 * g->bound);
    }
}

static recoup_status remark_on_fit(recoup_fitting *fitting, const recoup_stage *stage,
                                   const recoup_stage_data *data, const team_fit *fit) {
    double days, open_share = recoup_stays_open_share(data->stay, data->n_stays, &days);
    if (isnan(open_share))
        return recoup_fail_memory(fitting->error);
    for (int e = 0; e < data->n_exits; e++)
        if (fit->dwell_fixed[e] && data->target[e] != RECOUP_TO_NONE)
            recoup_remark(fitting,
                          "stage \"%s\": no dwell time of exit \"%s\" was ever seen: it has the "
                          "dwell law of all exits together",
                          stage->name, stage->exit[e].name);
    if (open_share > OPEN_SHARE_WARNING)
        recoup_remark(fitting,
                      "stage \"%s\": %.0f %% of the deals are still open at the longest follow-up "
                      "(%.0f days): what becomes of them rests on the tail of the dwell family, "
                      "not on data",
                      stage->name, 100 * open_share, days);
    remark_on_goodness(fitting, stage, fit);
    return RECOUP_OK;
}

/* No deal was ever in the stage: even odds, and the prior's days as the mean. */
static void assume(recoup_fitting *fitting, const recoup_stage *stage, team_fit *fit) {
    fit->choice = (recoup_choice){.mixture.n_exits = 2};
    for (int e = 0; e < 2; e++) {
        fit->goodness[e] = (recoup_goodness){NAN, NAN, NAN};
        fit->choice.mixture.dwell[e].mu = recoup_prior_weak().log_median[e];
        fit->choice.mixture.dwell[e].family = RECOUP_EXPONENTIAL;
    }
    recoup_remark(fitting,
                  "stage \"%s\": no deal was ever in it; set to P(advance) .5 after a mean of 40 "
                  "days: edit the model",
                  stage->name);
}

static recoup_status fit_terms(recoup_fitting *fitting, recoup_stage *stage,
                               const recoup_stage_data *data, team_fit *fit) {
    const recoup_view *view = fitting->view;
    int n_team = fit->choice.layout.n;
    recoup_exit *advance = &stage->exit[RECOUP_ADVANCE];
    double *settled = RECOUP_NEW(double, view->cohorts.n);
    if (!settled)
        return recoup_fail_memory(fitting->error);
    recoup_status status = recoup_fit_cohorts(fitting, stage, data, &fit->choice, fit->dwell_fixed);
    set_team(stage, data, fit);
    if (status == RECOUP_OK)
        status = recoup_fit_advance_term(fitting, stage, data, view->channel, view->channels.n,
                                         n_team, settled, &advance->channel_logit);
    if (status == RECOUP_OK)
        status = recoup_fit_advance_term(fitting, stage, data, view->segment, view->segments.n,
                                         n_team, settled, &advance->segment_logit);
    if (status == RECOUP_OK)
        status = recoup_fit_size_term(fitting, stage, data, n_team, settled);
    free(settled);
    return status;
}

/* Of the team's law; the pooled law of an exit whose dwell was never seen has its own. */
static void add_posterior(recoup_posterior *posterior, recoup_stage *stage, const team_fit *fit) {
    if (fit->choice.has_covariance)
        recoup_posterior_add_team(posterior, stage, &fit->choice.layout, fit->choice.covariance);
    for (int e = 0; e < stage->n_exits; e++) {
        recoup_dist *dwell = &stage->exit[e].dwell;
        double *target[3] = {&dwell->mu, &dwell->shape[0], &dwell->shape[1]};
        if (fit->dwell_fixed[e] && dwell->family != RECOUP_NEVER)
            recoup_posterior_add(posterior, fit->pooled_n, target, fit->pooled_covariance);
    }
}

recoup_status recoup_fit_stage(recoup_fitting *fitting, int index) {
    recoup_stage *stage = &fitting->model->stage[index];
    recoup_stage_data data;
    recoup_stay *grouped = NULL, *scratch = NULL;
    recoup_status status = RECOUP_OK;
    team_fit fit = {.pooled_n = 0};
    if (!recoup_stage_data_create(fitting->view, index, &data))
        return recoup_fail_memory(fitting->error);
    grouped = RECOUP_NEW(recoup_stay, data.n_stays);
    scratch = RECOUP_NEW(recoup_stay, data.n_stays);
    if (!grouped || !scratch) {
        status = recoup_fail_memory(fitting->error);
        goto done;
    }
    memcpy(grouped, data.stay, (size_t)data.n_stays * sizeof *grouped);
    int n_grouped = recoup_stays_group(grouped, data.n_stays);
    stage->n_entered = data.n_stays + data.n_left_out;
    stage->n_open = data.n_open + data.n_left_out;
    remark_on_data(fitting, stage, &data);
    if (n_grouped == 0) {
        assume(fitting, stage, &fit);
    } else if (!fit_team(&data, grouped, n_grouped, scratch, &fit)) {
        status = recoup_fail(fitting->error, RECOUP_ENUMERIC, NULL,
                             "stage \"%s\": no dwell family could be fitted to its %d stays",
                             stage->name, data.n_stays);
        goto done;
    } else if (!recoup_goodness_of(&fit.choice.mixture, grouped, n_grouped, fit.goodness)) {
        status = recoup_fail_memory(fitting->error);
        goto done;
    }
    status = set_exits(fitting, stage, &data);
    if (status == RECOUP_OK)
        set_team(stage, &data, &fit);
    if (status == RECOUP_OK && n_grouped > 0)
        status = remark_on_fit(fitting, stage, &data, &fit);
    if (status == RECOUP_OK && n_grouped > 0)
        status = fit_terms(fitting, stage, &data, &fit);
    if (status == RECOUP_OK)
        add_posterior(&fitting->posterior, stage, &fit);
done:
    free(data.stay);
    free(grouped);
    free(scratch);
    return status;
}
