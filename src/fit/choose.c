#include "fit/choose.h"

#include <math.h>
#include <string.h>

/* Mean and standard deviation of log t, and log of the mean of t. */
typedef struct moments {
    double log_mean, log_sd, mean_log;
} moments;

static recoup_dist start_exponential(const moments *m) {
    return (recoup_dist){.family = RECOUP_EXPONENTIAL, .mu = m->log_mean};
}

/* The log of a Weibull time has standard deviation pi / (sqrt(6) k) and mean mu - .5772 / k. */
static recoup_dist start_weibull(const moments *m) {
    double k = fmin(5, fmax(.2, M_PI / sqrt(6) / fmax(m->log_sd, 1e-3)));
    return (recoup_dist){
        .family = RECOUP_WEIBULL, .mu = m->mean_log + .57721566490153286 / k, .shape = {k}};
}

static recoup_dist start_lognormal(const moments *m) {
    double sigma = fmin(4, fmax(.1, m->log_sd));
    return (recoup_dist){.family = RECOUP_LOGNORMAL, .mu = m->mean_log, .shape = {sigma}};
}

/* The families to choose from, the one that is tried first at the top. */
static const struct candidate {
    recoup_family family;
    recoup_dist (*start)(const moments *moments);
} candidates[] = {
    {RECOUP_LOGNORMAL, start_lognormal},
    {RECOUP_WEIBULL, start_weibull},
    {RECOUP_EXPONENTIAL, start_exponential},
};
enum { N_CANDIDATES = sizeof candidates / sizeof *candidates };

double recoup_aicc(double log_likelihood, int n_parameters, double n_observations) {
    double p = n_parameters, rest = n_observations - p - 1;
    return rest > 0 ? 2 * (p - log_likelihood) + 2 * p * (p + 1) / rest : INFINITY;
}

static recoup_dist start_of(recoup_family family, const moments *m) {
    for (int i = 0; i < N_CANDIDATES; i++)
        if (candidates[i].family == family)
            return candidates[i].start(m);
    return start_lognormal(m);
}

typedef struct weighted {
    double weight, log1, log2, time;
} weighted;

static void add_time(weighted *sum, double weight, double days) {
    double x = log(days);
    sum->weight += weight;
    sum->log1 += weight * x;
    sum->log2 += weight * x * x;
    sum->time += weight * days;
}

/* One stay that is fully known, or that is imputed from the mixture so far (`shared`). */
static void add_stay(const recoup_mixture *mixture, const recoup_stay *s, bool shared,
                     weighted *sum, double *events) {
    if (s->kind == RECOUP_STAY_UNDATED) {
        events[s->exit] += s->weight;
    } else if (s->kind != RECOUP_STAY_OPEN) {
        events[s->exit] += s->weight;
        add_time(&sum[s->exit], s->weight, s->kind == RECOUP_STAY_CLOSED ? s->dwell_days : .5);
    } else if (shared) {
        double odds[RECOUP_MAX_EXITS];
        recoup_log_shares(mixture->n_exits, mixture->logit, odds);
        for (int e = 0; e < mixture->n_exits; e++)
            odds[e] += recoup_dist_log_survival(&mixture->dwell[e], s->dwell_days);
        double total = recoup_log_sum(mixture->n_exits, odds);
        for (int e = 0; e < mixture->n_exits && isfinite(total); e++) {
            double weight = s->weight * exp(odds[e] - total);
            double days = recoup_dist_quantile_above(&mixture->dwell[e], s->dwell_days, .5);
            events[e] += weight;
            if (weight > 0 && days > 0 && isfinite(days))
                add_time(&sum[e], weight, days);
        }
    }
}

static void start_round(recoup_mixture *mixture, const bool *dwell_fixed, const recoup_stay *stay,
                        int n_stays, bool shared) {
    weighted sum[RECOUP_MAX_EXITS] = {{.weight = 0}};
    double events[RECOUP_MAX_EXITS] = {0};
    for (int i = 0; i < n_stays; i++)
        add_stay(mixture, &stay[i], shared, sum, events);
    for (int e = 0; e < mixture->n_exits; e++) {
        int reference = mixture->n_exits > 1 ? RECOUP_REFERENCE : 0;
        mixture->logit[e] = log((events[e] + .5) / (events[reference] + .5));
        if (dwell_fixed && dwell_fixed[e])
            continue;
        moments m = {log(40), 1, log(40)};
        if (sum[e].weight > 0) {
            m.mean_log = sum[e].log1 / sum[e].weight;
            m.log_mean = log(sum[e].time / sum[e].weight);
            double variance = sum[e].log2 / sum[e].weight - m.mean_log * m.mean_log;
            m.log_sd = sum[e].weight > 1 ? sqrt(fmax(0, variance)) : 1;
        }
        mixture->dwell[e] = start_of(mixture->dwell[e].family, &m);
    }
}

void recoup_mixture_start(recoup_mixture *mixture, const bool *dwell_fixed, const recoup_stay *stay,
                          int n_stays) {
    enum { ROUNDS = 4 };
    for (int round = 0; round < ROUNDS; round++)
        start_round(mixture, dwell_fixed, stay, n_stays, round > 0);
}

/* Fits with the families of choice->mixture, exits that are not `started` from a fresh start; false
 * when that does not converge. */
static bool fit_families(recoup_choice *choice, const bool *dwell_fixed, const bool *started,
                         const recoup_prior *prior, const recoup_stay *stay, int n_stays) {
    choice->layout = recoup_layout_of(&choice->mixture, dwell_fixed, false);
    recoup_mixture_start(&choice->mixture, started, stay, n_stays);
    if (!recoup_mixture_fit(&choice->mixture, &choice->layout, prior, stay, n_stays, NULL))
        return false;
    choice->log_likelihood = recoup_mixture_log_likelihood(&choice->mixture, stay, n_stays);
    choice->aicc = recoup_aicc(choice->log_likelihood, choice->layout.n, choice->n_stays);
    return true;
}

/* Better by AICc; among those with too few observations for it, the one with fewer parameters. */
static bool is_better(const recoup_choice *a, const recoup_choice *b) {
    if (isinf(a->aicc) && isinf(b->aicc))
        return a->layout.n < b->layout.n;
    return a->aicc < b->aicc;
}

/* One family at a time is exchanged while that helps: exits interact only through the stays that
 * are open. Two rounds at most. */
static void improve(recoup_choice *choice, bool *fitted, const bool *dwell_fixed,
                    const bool *may_have_shape, const recoup_prior *prior, const recoup_stay *stay,
                    int n_stays) {
    bool changed = true;
    for (int round = 0; round < 2 && changed; round++) {
        changed = false;
        for (int e = 0; e < choice->mixture.n_exits; e++) {
            for (int c = 0; c < N_CANDIDATES && may_have_shape[e] && !dwell_fixed[e]; c++) {
                recoup_choice other = *choice;
                bool started[RECOUP_MAX_EXITS] = {false};
                if (candidates[c].family == choice->mixture.dwell[e].family)
                    continue;
                other.mixture.dwell[e].family = candidates[c].family;
                for (int k = 0; k < choice->mixture.n_exits; k++)
                    started[k] = dwell_fixed[k] || (*fitted && k != e);
                if (!fit_families(&other, dwell_fixed, started, prior, stay, n_stays))
                    continue;
                if (!*fitted || is_better(&other, choice)) {
                    *choice = other;
                    *fitted = changed = true;
                }
            }
        }
    }
}

bool recoup_choose(int n_exits, const bool *dwell_fixed, const recoup_dist *fixed_dwell,
                   const recoup_prior *prior, const recoup_stay *stay, int n_stays,
                   recoup_choice *choice) {
    double dated[RECOUP_MAX_EXITS] = {0};
    bool may_have_shape[RECOUP_MAX_EXITS] = {false};
    *choice = (recoup_choice){.mixture.n_exits = n_exits};
    for (int i = 0; i < n_stays; i++) {
        choice->n_stays += stay[i].weight;
        if (stay[i].kind == RECOUP_STAY_CLOSED || stay[i].kind == RECOUP_STAY_WITHIN_DAY)
            dated[stay[i].exit] += stay[i].weight;
    }
    for (int e = 0; e < n_exits; e++) {
        may_have_shape[e] = dated[e] >= RECOUP_SHAPE_EVENTS;
        if (dwell_fixed[e])
            choice->mixture.dwell[e] = fixed_dwell[e];
        else
            choice->mixture.dwell[e].family =
                may_have_shape[e] ? candidates[0].family : RECOUP_EXPONENTIAL;
    }
    bool fitted = fit_families(choice, dwell_fixed, dwell_fixed, prior, stay, n_stays);
    improve(choice, &fitted, dwell_fixed, may_have_shape, prior, stay, n_stays);
    choice->has_covariance = fitted && recoup_mixture_fit(&choice->mixture, &choice->layout, prior,
                                                          stay, n_stays, choice->covariance);
    return fitted;
}
