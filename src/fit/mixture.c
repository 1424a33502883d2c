#include "fit/mixture.h"

#include "fit/maximise.h"
#include <math.h>
#include <string.h>

enum { MAX = RECOUP_MAX_EXITS };

recoup_prior recoup_prior_weak(void) {
    recoup_prior prior = {.log_median_sd = 1.5, .log_shape_sd = .5};
    for (int e = 0; e < MAX; e++) {
        prior.exit_events[e] = .5;
        prior.log_median[e] = log(40);
    }
    return prior;
}

recoup_prior recoup_prior_flat(void) {
    return (recoup_prior){.log_median_sd = INFINITY, .log_shape_sd = INFINITY};
}

recoup_layout recoup_layout_of(const recoup_mixture *mixture, const bool *dwell_fixed,
                               bool shapes_fixed) {
    recoup_layout layout = {0};
    for (int e = 0; e < mixture->n_exits; e++) {
        bool given = shapes_fixed && mixture->dwell[e].family == RECOUP_NEVER;
        bool fixed = e == RECOUP_REFERENCE || mixture->n_exits == 1 || given;
        layout.logit[e] = fixed ? -1 : layout.n++;
    }
    for (int e = 0; e < mixture->n_exits; e++) {
        bool fixed = dwell_fixed && dwell_fixed[e];
        int n_shapes = fixed || shapes_fixed ? 0 : recoup_family_n_shapes(mixture->dwell[e].family);
        layout.mu[e] = fixed ? -1 : layout.n++;
        for (int k = 0; k < 2; k++)
            layout.shape[e][k] = k < n_shapes ? layout.n++ : -1;
    }
    return layout;
}

void recoup_layout_get(const recoup_layout *layout, const recoup_mixture *mixture, double *x) {
    for (int e = 0; e < mixture->n_exits; e++) {
        const recoup_dist *dwell = &mixture->dwell[e];
        if (layout->logit[e] >= 0)
            x[layout->logit[e]] = mixture->logit[e];
        if (layout->mu[e] >= 0)
            x[layout->mu[e]] = dwell->mu;
        if (layout->shape[e][0] >= 0)
            x[layout->shape[e][0]] = log(dwell->shape[0]);
        if (layout->shape[e][1] >= 0)
            x[layout->shape[e][1]] = dwell->shape[1];
    }
}

void recoup_layout_set(const recoup_layout *layout, recoup_mixture *mixture, const double *x) {
    for (int e = 0; e < mixture->n_exits; e++) {
        recoup_dist *dwell = &mixture->dwell[e];
        if (layout->logit[e] >= 0)
            mixture->logit[e] = x[layout->logit[e]];
        if (layout->mu[e] >= 0)
            dwell->mu = x[layout->mu[e]];
        if (layout->shape[e][0] >= 0)
            dwell->shape[0] = exp(x[layout->shape[e][0]]);
        if (layout->shape[e][1] >= 0)
            dwell->shape[1] = x[layout->shape[e][1]];
    }
}

double recoup_log_sum(int n, const double *x) {
    double top = -INFINITY, sum = 0;
    for (int i = 0; i < n; i++)
        top = fmax(top, x[i]);
    if (isinf(top))
        return top;
    for (int i = 0; i < n; i++)
        sum += exp(x[i] - top);
    return top + log(sum);
}

void recoup_log_shares(int n, const double *logit, double *log_share) {
    double sum = recoup_log_sum(n, logit);
    for (int e = 0; e < n; e++)
        log_share[e] = logit[e] - sum;
}

/* A sum over stays and its derivatives by the logits and by each exit's (mu, log shape1, shape2).
 */
typedef struct recoup_sums {
    double value, logit[MAX], dwell[MAX][3];
} recoup_sums;

/* Adds weight · log sum_e pi_e·S_e(age), the probability of being still there. */
static void add_open(const recoup_mixture *mixture, const double *log_share, double age,
                     double weight, bool with_gradient, recoup_sums *sums) {
    if (!(age > 0))
        return;
    int n = mixture->n_exits;
    double term[MAX];
    for (int e = 0; e < n; e++)
        term[e] = log_share[e] + recoup_dist_log_survival(&mixture->dwell[e], age);
    double total = recoup_log_sum(n, term);
    sums->value += weight * total;
    if (!with_gradient || isinf(total))
        return;
    for (int e = 0; e < n; e++) {
        double share = exp(term[e] - total), gradient[3];
        sums->logit[e] += weight * (share - exp(log_share[e]));
        if (share == 0)
            continue;
        recoup_dist_log_survival_gradient(&mixture->dwell[e], age, gradient);
        for (int k = 0; k <= recoup_family_n_shapes(mixture->dwell[e].family); k++)
            sums->dwell[e][k] += weight * share * gradient[k];
    }
}

/* Adds weight · log f(t), or log F(1) for a stay that ended within its first day. */
static void add_end(const recoup_dist *dwell, const recoup_stay *stay, bool with_gradient,
                    recoup_sums *sums, int exit) {
    double gradient[3], factor = stay->weight;
    if (stay->kind == RECOUP_STAY_UNDATED)
        return;
    if (stay->kind == RECOUP_STAY_CLOSED)
        sums->value += stay->weight * recoup_dist_log_density(dwell, stay->dwell_days);
    else
        sums->value += stay->weight * log(recoup_dist_cdf(dwell, 1));
    if (!with_gradient)
        return;
    if (stay->kind == RECOUP_STAY_CLOSED) {
        recoup_dist_log_density_gradient(dwell, stay->dwell_days, gradient);
    } else {
        recoup_dist_log_survival_gradient(dwell, 1, gradient);
        factor *= -recoup_dist_survival(dwell, 1) / recoup_dist_cdf(dwell, 1);
    }
    for (int k = 0; k <= recoup_family_n_shapes(dwell->family); k++)
        sums->dwell[exit][k] += factor * gradient[k];
}

static recoup_sums likelihood(const recoup_mixture *mixture, const recoup_stay *stay, int n_stays,
                              bool with_gradient) {
    recoup_sums sums = {0};
    double log_share[MAX], closed[MAX] = {0}, n_closed = 0;
    recoup_log_shares(mixture->n_exits, mixture->logit, log_share);
    for (int i = 0; i < n_stays; i++) {
        const recoup_stay *s = &stay[i];
        if (s->kind == RECOUP_STAY_OPEN) {
            add_open(mixture, log_share, s->dwell_days, s->weight, with_gradient, &sums);
        } else {
            closed[s->exit] += s->weight;
            n_closed += s->weight;
            add_end(&mixture->dwell[s->exit], s, with_gradient, &sums, s->exit);
        }
        add_open(mixture, log_share, s->entry_days, -s->weight, with_gradient, &sums);
    }
    for (int e = 0; e < mixture->n_exits; e++) {
        if (closed[e] > 0)
            sums.value += closed[e] * log_share[e];
        sums.logit[e] += closed[e] - n_closed * exp(log_share[e]);
    }
    return sums;
}

double recoup_mixture_log_likelihood(const recoup_mixture *mixture, const recoup_stay *stay,
                                     int n_stays) {
    return likelihood(mixture, stay, n_stays, false).value;
}

/* The loglogistic shape with which the quartiles are as far apart, 2 ln 3 / k on the log scale, as
 * those of a lognormal with sigma 1. Shapes of 1 are of about that width in the other families. */
#define LOGLOGISTIC_SHAPE (1.0986122886681098 / .67448975019608171)

/* Adds the prior of one exit's median and shapes. The median's derivatives follow from S(median) =
 * 1/2: those of log S by the parameters over that by mu. */
static void add_dwell_prior(const recoup_dist *dwell, const recoup_prior *prior, int exit,
                            recoup_sums *sums) {
    double by[3] = {0}, median = recoup_dist_median(dwell);
    double centre = dwell->family == RECOUP_LOGLOGISTIC ? log(LOGLOGISTIC_SHAPE) : 0;
    double apart = (log(median) - prior->log_median[exit]) / prior->log_median_sd;
    double from_shape[2] = {log(dwell->shape[0]) - centre, dwell->shape[1]};
    recoup_dist_log_survival_gradient(dwell, median, by);
    sums->value -= .5 * apart * apart;
    sums->dwell[exit][0] -= apart / prior->log_median_sd;
    for (int k = 0; k < 2 && k < recoup_family_n_shapes(dwell->family); k++) {
        double away = from_shape[k] / prior->log_shape_sd;
        sums->value -= .5 * away * away;
        sums->dwell[exit][k + 1] -= away / prior->log_shape_sd;
        sums->dwell[exit][k + 1] -= apart / prior->log_median_sd * by[k + 1] / by[0];
    }
}

/* The Dirichlet prior as a density of the logits: exit_events · log pi, so that the mode of each
 * share is (events + exit_events) / sum. */
static void add_prior(const recoup_mixture *mixture, const recoup_prior *prior, recoup_sums *sums) {
    double log_share[MAX], total = 0;
    recoup_log_shares(mixture->n_exits, mixture->logit, log_share);
    for (int e = 0; e < mixture->n_exits; e++)
        total += prior->exit_events[e];
    for (int e = 0; e < mixture->n_exits; e++) {
        if (prior->exit_events[e] > 0)
            sums->value += prior->exit_events[e] * log_share[e];
        sums->logit[e] += prior->exit_events[e] - total * exp(log_share[e]);
        if (mixture->dwell[e].family != RECOUP_NEVER && isfinite(prior->log_median_sd))
            add_dwell_prior(&mixture->dwell[e], prior, e, sums);
    }
}

double recoup_mixture_log_posterior(const recoup_mixture *mixture, const recoup_layout *layout,
                                    const recoup_prior *prior, const recoup_stay *stay, int n_stays,
                                    double *gradient) {
    recoup_sums sums = likelihood(mixture, stay, n_stays, true);
    add_prior(mixture, prior, &sums);
    for (int e = 0; e < mixture->n_exits; e++) {
        if (layout->logit[e] >= 0)
            gradient[layout->logit[e]] = sums.logit[e];
        if (layout->mu[e] >= 0)
            gradient[layout->mu[e]] = sums.dwell[e][0];
        for (int k = 0; k < 2; k++)
            if (layout->shape[e][k] >= 0)
                gradient[layout->shape[e][k]] = sums.dwell[e][k + 1];
    }
    return sums.value;
}

typedef struct stage_problem {
    const recoup_mixture *mixture;
    const recoup_layout *layout;
    const recoup_prior *prior;
    const recoup_stay *stay;
    int n_stays;
} stage_problem;

static double objective(const double *x, double *gradient, const void *user) {
    const stage_problem *p = user;
    recoup_mixture mixture = *p->mixture;
    recoup_layout_set(p->layout, &mixture, x);
    for (int e = 0; e < mixture.n_exits; e++)
        if (!recoup_dist_valid(&mixture.dwell[e]))
            return -INFINITY;
    return recoup_mixture_log_posterior(&mixture, p->layout, p->prior, p->stay, p->n_stays,
                                        gradient);
}

bool recoup_mixture_fit(recoup_mixture *mixture, const recoup_layout *layout,
                        const recoup_prior *prior, const recoup_stay *stay, int n_stays,
                        double *covariance) {
    double x[RECOUP_MAX_PARAMETERS];
    stage_problem problem = {mixture, layout, prior, stay, n_stays};
    recoup_layout_get(layout, mixture, x);
    bool converged = recoup_maximise(objective, &problem, layout->n, x, NULL, covariance);
    recoup_layout_set(layout, mixture, x);
    return converged;
}
