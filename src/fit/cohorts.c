#include "fit/groups.h"

#include "fit/expect.h"
#include "fit/pool.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX = RECOUP_MAX_EXITS };

/* Estimates of one cohort and their variances; infinite where the cohort says nothing. */
typedef struct cohort_fit {
    double logit[MAX], logit_variance[MAX], mu[MAX], mu_variance[MAX];
} cohort_fit;

static void forget(cohort_fit *fit) {
    *fit = (cohort_fit){.logit = {0}};
    for (int e = 0; e < MAX; e++)
        fit->logit_variance[e] = fit->mu_variance[e] = INFINITY;
}

/* The weak priors centred at the team: as many events as the team's fit got, in the team's shares.
 */
static recoup_prior prior_around(const recoup_mixture *team) {
    recoup_prior prior = recoup_prior_weak();
    double log_share[MAX];
    recoup_log_shares(team->n_exits, team->logit, log_share);
    for (int e = 0; e < team->n_exits; e++) {
        prior.exit_events[e] = .5 * team->n_exits * exp(log_share[e]);
        prior.log_median[e] = log(recoup_dist_median(&team->dwell[e]));
    }
    return prior;
}

static void fit_cohort(const recoup_mixture *team, const bool *dwell_fixed, const recoup_stay *stay,
                       int n_stays, cohort_fit *fit) {
    double covariance[RECOUP_MAX_PARAMETERS * RECOUP_MAX_PARAMETERS];
    recoup_mixture mixture = *team;
    recoup_layout layout = recoup_layout_of(team, dwell_fixed, true);
    recoup_prior prior = prior_around(team);
    if (n_stays == 0 || !recoup_mixture_fit(&mixture, &layout, &prior, stay, n_stays, covariance))
        return;
    const recoup_mixture_posterior of = {&mixture, &layout, &prior, stay, n_stays};
    double mode[RECOUP_MAX_PARAMETERS], mean[RECOUP_MAX_PARAMETERS];
    recoup_layout_get(&layout, &mixture, mode);
    recoup_posterior_mean(recoup_mixture_objective, &of, layout.n, mode, covariance, mean);
    for (int e = 0; e < team->n_exits; e++) {
        int logit = layout.logit[e], mu = layout.mu[e];
        if (logit >= 0) {
            fit->logit[e] = mixture.logit[e] - team->logit[e];
            fit->logit_variance[e] = covariance[logit * layout.n + logit];
        }
        if (mu >= 0) {
            fit->mu[e] = mean[mu] - team->dwell[e].mu;
            fit->mu_variance[e] = covariance[mu * layout.n + mu];
        }
    }
}

/* The stays of each cohort, grouped: those of cohort c are stay[first[c] .. first[c] + n[c]). */
typedef struct cohort_stays {
    recoup_stay *stay;
    int *first, *n;
} cohort_stays;

static bool split(const recoup_view *view, const recoup_stage_data *data, cohort_stays *parts) {
    parts->stay = RECOUP_NEW(recoup_stay, data->n_stays);
    parts->first = RECOUP_NEW(int, view->cohorts.n);
    parts->n = RECOUP_NEW(int, view->cohorts.n);
    if (!parts->stay || !parts->first || !parts->n)
        return false;
    int filled = 0;
    for (int c = 0; c < view->cohorts.n; c++) {
        parts->first[c] = filled;
        for (int i = 0; i < data->n_stays; i++)
            if (view->cohort[data->stay[i].deal] == c)
                parts->stay[filled++] = data->stay[i];
        parts->n[c] = recoup_stays_round(parts->stay + parts->first[c], filled - parts->first[c],
                                         RECOUP_STAYS_PRECISION);
    }
    return true;
}

/* Takes the mean, weighted by exits seen, out of the cohorts' dwell differences. */
static void centre_dwell(const recoup_view *view, const recoup_stage_data *data, int e,
                         double *difference) {
    double sum = 0, n = 0;
    for (int i = 0; i < data->n_stays; i++)
        if (data->stay[i].exit == e && data->stay[i].kind != RECOUP_STAY_UNDATED) {
            sum += difference[view->cohort[data->stay[i].deal]];
            n++;
        }
    for (int c = 0; c < view->cohorts.n; c++)
        difference[c] -= n > 0 ? sum / n : 0;
}

/* Pools one term, with its standard errors, and adds it to the posterior, where one is wanted (not
 * NULL). The team's value is the mean of the cohorts weighted by what each tells, with variance
 * 1 / sum(1 / v), so that it and a cohort's distance from it are uncorrelated (exactly so at both
 * ends, where nothing is pooled and where everything is): var(difference) = var(own) - var(team).
 */
static void pool_term(recoup_posterior *posterior, int n_cohorts, const double *estimate,
                      const double *variance, double *term, double *se) {
    double known = 0, tau2 = recoup_pool_posterior(n_cohorts, estimate, variance, term, se);
    if (posterior)
        recoup_posterior_add_groups(posterior, n_cohorts, term, variance, tau2, se);
    for (int c = 0; c < n_cohorts; c++)
        known += isfinite(variance[c]) ? 1 / variance[c] : 0;
    for (int c = 0; c < n_cohorts; c++)
        se[c] = known > 0 ? sqrt(fmax(0, se[c] - 1 / known)) : 0;
}

/* Each cohort's fit given the team's shapes, and the pooled differences into the exits' terms. */
static bool pool_cohorts(recoup_posterior *posterior, const recoup_view *view, recoup_stage *stage,
                         const recoup_stage_data *data, const recoup_mixture *team,
                         const bool *dwell_fixed, const cohort_stays *parts) {
    int n_cohorts = view->cohorts.n;
    cohort_fit *fit = RECOUP_NEW(cohort_fit, n_cohorts);
    double *estimate = RECOUP_NEW(double, n_cohorts), *variance = RECOUP_NEW(double, n_cohorts);
    bool enough = fit && estimate && variance;
    for (int c = 0; c < n_cohorts && enough; c++) {
        forget(&fit[c]);
        fit_cohort(team, dwell_fixed, parts->stay + parts->first[c], parts->n[c], &fit[c]);
    }
    for (int e = 0; e < team->n_exits && enough; e++) {
        recoup_exit *exit = &stage->exit[e];
        for (int c = 0; c < n_cohorts; c++) {
            estimate[c] = fit[c].logit[e];
            variance[c] = fit[c].logit_variance[e];
        }
        if (exit->cohort_logit)
            pool_term(posterior, n_cohorts, estimate, variance, exit->cohort_logit,
                      exit->cohort_logit_se);
        for (int c = 0; c < n_cohorts; c++) {
            estimate[c] = fit[c].mu[e];
            variance[c] = fit[c].mu_variance[e];
        }
        if (exit->cohort_log_dwell) {
            pool_term(posterior, n_cohorts, estimate, variance, exit->cohort_log_dwell,
                      exit->cohort_mu_se);
            centre_dwell(view, data, e, exit->cohort_log_dwell);
        }
    }
    free(fit);
    free(estimate);
    free(variance);
    return enough;
}

/* The posterior of the team's parameters with the cohorts' differences as given. */
typedef struct joint {
    const recoup_choice *team;
    const recoup_prior *prior;
    const recoup_stage *stage;
    const cohort_stays *parts;
    int n_cohorts;
} joint;

/* The law of a cohort with its difference `moved` (of the logit of exit e: e; of its location: MAX
 * + e; none: -1) so many standard errors from what it was found to be. */
static recoup_mixture cohort_law(const joint *j, const recoup_mixture *base, int cohort, int moved,
                                 double by) {
    recoup_mixture law = *base;
    for (int e = 0; e < base->n_exits; e++) {
        const recoup_exit *exit = &j->stage->exit[e];
        if (exit->cohort_logit)
            law.logit[e] += exit->cohort_logit[cohort];
        if (exit->cohort_log_dwell)
            law.dwell[e].mu += exit->cohort_log_dwell[cohort];
        if (moved == e)
            law.logit[e] += by * exit->cohort_logit_se[cohort];
        if (moved == MAX + e)
            law.dwell[e].mu += by * exit->cohort_mu_se[cohort];
    }
    return law;
}

/* Adds a cohort's log likelihood, and its gradient by the team's parameters, with a weight. */
static double add_cohort(const joint *j, const recoup_mixture *base, int cohort, int moved,
                         double by, double weight, double *gradient) {
    const recoup_layout *layout = &j->team->layout;
    const recoup_prior flat = recoup_prior_flat();
    const recoup_mixture law = cohort_law(j, base, cohort, moved, by);
    double part[RECOUP_MAX_PARAMETERS];
    double value = recoup_mixture_log_posterior(
        &law, layout, &flat, j->parts->stay + j->parts->first[cohort], j->parts->n[cohort], part);
    for (int i = 0; i < layout->n; i++)
        gradient[i] += weight * part[i];
    return weight * value;
}

static double joint_posterior(const double *x, double *gradient, const void *user) {
    const joint *j = user;
    const recoup_layout *layout = &j->team->layout;
    recoup_mixture base = j->team->mixture;
    recoup_layout_set(layout, &base, x);
    for (int e = 0; e < base.n_exits; e++)
        if (!recoup_dist_valid(&base.dwell[e]))
            return -INFINITY;
    double value = recoup_mixture_log_posterior(&base, layout, j->prior, NULL, 0, gradient);
    for (int c = 0; c < j->n_cohorts; c++)
        value += add_cohort(j, &base, c, -1, 0, 1, gradient);
    return value;
}

/* The cohorts' differences are not known exactly, and shapes found with them as given are too
 * narrow by the degrees of freedom that they take. In the expectation over them (the E step of EM
 * for random effects, Laird & Ware 1982) the gradient has another half variance times third
 * derivative for each, here as a second difference over one standard error; the maximum moves by
 * that times the covariance, one step of Newton's. */
static void allow_for_differences(const joint *j, double *x, const double *covariance) {
    const recoup_layout *layout = &j->team->layout;
    recoup_mixture base = j->team->mixture;
    double gradient[RECOUP_MAX_PARAMETERS] = {0}, moved[RECOUP_MAX_PARAMETERS];
    recoup_layout_set(layout, &base, x);
    for (int c = 0; c < j->n_cohorts; c++)
        for (int k = 0; k < 2 * MAX; k++) {
            int e = k % MAX;
            const recoup_exit *exit = &j->stage->exit[e];
            if (e >= base.n_exits || !(k < MAX ? exit->cohort_logit : exit->cohort_log_dwell))
                continue;
            add_cohort(j, &base, c, k, 1, .5, gradient);
            add_cohort(j, &base, c, k, -1, .5, gradient);
            add_cohort(j, &base, c, -1, 0, -1, gradient);
        }
    memcpy(moved, x, (size_t)layout->n * sizeof *x);
    for (int i = 0; i < layout->n; i++)
        for (int k = 0; k < layout->n; k++)
            moved[i] += covariance[i * layout->n + k] * gradient[k];
    recoup_layout_set(layout, &base, moved);
    for (int e = 0; e < base.n_exits; e++)
        if (!recoup_dist_valid(&base.dwell[e]))
            return;
    memcpy(x, moved, (size_t)layout->n * sizeof *x);
}

/* Fits the team's parameters once more, the cohorts' differences given. Cohorts that differ in
 * speed and in conversion make the plain team's fit lean towards the quick ones, whose deals are
 * over; and pooled differences do not average out by themselves. The last time, what the choice
 * states is set from it. Left alone where that does not converge. */
static void refit_team(recoup_choice *team, const recoup_stage *stage, const cohort_stays *parts,
                       int n_cohorts, bool last) {
    const recoup_prior prior = recoup_prior_weak();
    joint j = {team, &prior, stage, parts, n_cohorts};
    double x[RECOUP_MAX_PARAMETERS], covariance[RECOUP_MAX_PARAMETERS * RECOUP_MAX_PARAMETERS];
    recoup_layout_get(&team->layout, &team->mixture, x);
    if (!recoup_maximise(joint_posterior, &j, team->layout.n, x, NULL, covariance))
        return;
    if (!last) {
        recoup_layout_set(&team->layout, &team->mixture, x);
        return;
    }
    allow_for_differences(&j, x, covariance);
    if (recoup_choice_set(team, joint_posterior, &j, x, covariance))
        team->has_covariance = true;
}

/* The arrays of the cohort terms, all 0; none of a stale exit. */
static bool add_terms(recoup_arena *arena, recoup_stage *stage, size_t n_cohorts) {
    bool enough = true;
    for (int e = 0; e < stage->n_exits && enough; e++) {
        recoup_exit *exit = &stage->exit[e];
        if (exit->dwell.family ==
            RECOUP_NEVER) /* the team's: deals too few to tell cohorts apart */
            continue;
        exit->cohort_log_dwell = recoup_arena_alloc(arena, n_cohorts, sizeof(double));
        exit->cohort_mu_se = recoup_arena_alloc(arena, n_cohorts, sizeof(double));
        enough = exit->cohort_log_dwell && exit->cohort_mu_se;
        if (e != RECOUP_REFERENCE && enough) {
            exit->cohort_logit = recoup_arena_alloc(arena, n_cohorts, sizeof(double));
            exit->cohort_logit_se = recoup_arena_alloc(arena, n_cohorts, sizeof(double));
            enough = exit->cohort_logit && exit->cohort_logit_se;
        }
    }
    return enough;
}

recoup_status recoup_fit_cohorts(recoup_fitting *fitting, recoup_stage *stage,
                                 const recoup_stage_data *data, recoup_choice *team,
                                 const bool *dwell_fixed) {
    enum { ROUNDS = 2 }; /* the second with the shapes that the cohorts' differences leave */
    const recoup_view *view = fitting->view;
    recoup_arena *arena = &fitting->model->arena;
    size_t n_cohorts = (size_t)view->cohorts.n;
    if (n_cohorts < 2)
        return RECOUP_OK;
    cohort_stays parts = {NULL, NULL, NULL};
    bool enough = split(view, data, &parts) && add_terms(arena, stage, n_cohorts);
    for (int round = 0; round < ROUNDS && enough; round++) {
        bool last = round == ROUNDS - 1;
        enough = pool_cohorts(last ? &fitting->posterior : NULL, view, stage, data, &team->mixture,
                              dwell_fixed, &parts);
        if (enough)
            refit_team(team, stage, &parts, view->cohorts.n, last);
    }
    free(parts.stay);
    free(parts.first);
    free(parts.n);
    return enough ? RECOUP_OK : recoup_fail_memory(fitting->error);
}
