#include "dist/dist.h"

#include "dist/family.h"
#include <math.h>
#include <string.h>

static const recoup_family_functions *const families[RECOUP_N_FAMILIES] = {
    [RECOUP_EXPONENTIAL] = &recoup_exponential,
    [RECOUP_WEIBULL] = &recoup_weibull,
    [RECOUP_GAMMA] = &recoup_gamma,
    [RECOUP_LOGNORMAL] = &recoup_lognormal,
    [RECOUP_LOGLOGISTIC] = &recoup_loglogistic,
    [RECOUP_GENGAMMA] = &recoup_gengamma,
    [RECOUP_NEVER] = &recoup_never,
};

static const char *const names[RECOUP_N_FAMILIES] = {
#define X(code, name, n_shapes) [code] = name,
    RECOUP_FAMILY_LIST(X)
#undef X
};

static const int shapes[RECOUP_N_FAMILIES] = {
#define X(code, name, n_shapes) [code] = n_shapes,
    RECOUP_FAMILY_LIST(X)
#undef X
};

const char *recoup_family_name(recoup_family family) {
    return names[family];
}

int recoup_family_find(const char *name) {
    for (int i = 0; i < RECOUP_N_FAMILIES; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

int recoup_family_n_shapes(recoup_family family) {
    return shapes[family];
}

bool recoup_dist_valid(const recoup_dist *dist) {
    if (dist->family >= RECOUP_N_FAMILIES)
        return false;
    if (dist->family == RECOUP_NEVER)
        return true;
    if (!isfinite(dist->mu))
        return false;
    int n = shapes[dist->family];
    if (n > 0 && !(isfinite(dist->shape[0]) && dist->shape[0] > 0))
        return false;
    return n < 2 || isfinite(dist->shape[1]);
}

double recoup_dist_log_density(const recoup_dist *dist, double t) {
    if (!(t > 0) || isinf(t))
        return -INFINITY;
    double log_t = log(t);
    return families[dist->family]->log_density(log_t - dist->mu, dist->shape) - log_t;
}

double recoup_dist_log_survival(const recoup_dist *dist, double t) {
    if (!(t > 0) || dist->family == RECOUP_NEVER)
        return 0;
    if (isinf(t))
        return -INFINITY;
    return families[dist->family]->log_survival(log(t) - dist->mu, dist->shape);
}

double recoup_dist_survival(const recoup_dist *dist, double t) {
    return exp(recoup_dist_log_survival(dist, t));
}

double recoup_dist_cdf(const recoup_dist *dist, double t) {
    if (!(t > 0) || dist->family == RECOUP_NEVER)
        return 0;
    if (isinf(t))
        return 1;
    return families[dist->family]->cdf(log(t) - dist->mu, dist->shape);
}

double recoup_dist_quantile(const recoup_dist *dist, double p) {
    return recoup_dist_quantile_above(dist, 0, p);
}

double recoup_dist_time_at(const recoup_dist *dist, double level) {
    if (dist->family == RECOUP_NEVER)
        return INFINITY;
    return exp(dist->mu + families[dist->family]->inverse(level, dist->shape));
}

double recoup_dist_quantile_above(const recoup_dist *dist, double a, double p) {
    if (!(p < 1) || dist->family == RECOUP_NEVER)
        return INFINITY;
    if (!(p > 0))
        return a > 0 ? a : 0;
    double level = log1p(-p);
    if (a > 0)
        level += recoup_dist_log_survival(dist, a);
    double t = recoup_dist_time_at(dist, level);
    return t > a ? t : a;
}

double recoup_dist_mean(const recoup_dist *dist) {
    if (dist->family == RECOUP_NEVER)
        return INFINITY;
    return exp(dist->mu + families[dist->family]->log_mean(dist->shape));
}

double recoup_dist_median(const recoup_dist *dist) {
    return recoup_dist_quantile(dist, .5);
}

void recoup_dist_log_density_gradient(const recoup_dist *dist, double t, double *gradient) {
    families[dist->family]->log_density_gradient(log(t) - dist->mu, dist->shape, gradient);
}

void recoup_dist_log_survival_gradient(const recoup_dist *dist, double t, double *gradient) {
    if (!(t > 0)) {
        for (int i = 0; i <= shapes[dist->family]; i++)
            gradient[i] = 0;
        return;
    }
    families[dist->family]->log_survival_gradient(log(t) - dist->mu, dist->shape, gradient);
}
