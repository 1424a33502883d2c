#include "fit/rivals.h"

#include <math.h>
#include <string.h>

/* Log of the upper over the lower quartile. */
static double spread_of(const recoup_dist *law) {
    return log(recoup_dist_quantile(law, .75) / recoup_dist_quantile(law, .25));
}

bool recoup_dist_alike(const recoup_dist *law, recoup_family family, recoup_dist *alike) {
    int n_shapes = recoup_family_n_shapes(family);
    double spread = spread_of(law), low = -7, high = 7; /* of the log of the shape */
    *alike = (recoup_dist){.family = family};
    if (n_shapes > 1 || family == RECOUP_NEVER || !isfinite(spread))
        return false;
    for (int k = 0; n_shapes == 1 && k < 40; k++) { /* a lognormal is wider with its shape, the */
        double middle = (low + high) / 2;           /* others are narrower */
        alike->shape[0] = exp(middle);
        if ((spread_of(alike) < spread) == (family == RECOUP_LOGNORMAL))
            low = middle;
        else
            high = middle;
    }
    alike->mu = log(recoup_dist_median(law)) - log(recoup_dist_median(alike));
    return isfinite(alike->mu);
}

void recoup_rivals_init(recoup_rivals *rivals) {
    for (int e = 0; e < RECOUP_MAX_EXITS; e++)
        for (int f = 0; f < RECOUP_N_FAMILIES; f++)
            rivals->criterion[e][f] = INFINITY;
}

void recoup_rivals_keep(recoup_rivals *rivals, int exit, const recoup_mixture *mixture,
                        double criterion) {
    recoup_family family = mixture->dwell[exit].family;
    rivals->mixture[exit][family] = *mixture;
    rivals->criterion[exit][family] = criterion;
}

/* Differs from the chosen mixture in the family of this exit and of no other. */
static bool is_rival(const recoup_mixture *mixture, const recoup_mixture *chosen, int exit) {
    for (int e = 0; e < chosen->n_exits; e++)
        if ((mixture->dwell[e].family == chosen->dwell[e].family) == (e == exit))
            return false;
    return mixture->n_exits == chosen->n_exits;
}

/* Those of one exit. */
static void add_exit(const recoup_rivals *rivals, const recoup_mixture *chosen, double criterion,
                     const recoup_layout *layout, int exit, double *shift, double *covariance) {
    double x[RECOUP_MAX_PARAMETERS], at[RECOUP_MAX_PARAMETERS], mean[RECOUP_MAX_PARAMETERS] = {0};
    double weight[RECOUP_N_FAMILIES] = {0}, sum = 1;
    recoup_mixture rival[RECOUP_N_FAMILIES];
    int n = layout->n;
    recoup_layout_get(layout, chosen, at);
    for (int f = 0; f < RECOUP_N_FAMILIES; f++) {
        rival[f] = rivals->mixture[exit][f];
        if (isfinite(rivals->criterion[exit][f]) && is_rival(&rival[f], chosen, exit) &&
            recoup_dist_alike(&rivals->mixture[exit][f].dwell[exit], chosen->dwell[exit].family,
                              &rival[f].dwell[exit]))
            sum += weight[f] = exp((criterion - rivals->criterion[exit][f]) / 2);
    }
    for (int f = 0; f < RECOUP_N_FAMILIES; f++) {
        if (!(weight[f] > 0))
            continue;
        recoup_layout_get(layout, &rival[f], x);
        for (int i = 0; i < n; i++) {
            mean[i] += weight[f] / sum * (x[i] - at[i]);
            for (int k = 0; k < n; k++)
                covariance[i * n + k] += weight[f] / sum * (x[i] - at[i]) * (x[k] - at[k]);
        }
    }
    for (int i = 0; i < n; i++) {
        shift[i] += mean[i];
        for (int k = 0; k < n; k++)
            covariance[i * n + k] -= mean[i] * mean[k];
    }
}

void recoup_rivals_average(const recoup_rivals *rivals, const recoup_mixture *chosen,
                           double criterion, const recoup_layout *layout, double *shift,
                           double *covariance) {
    int n = layout->n;
    memset(shift, 0, (size_t)n * sizeof *shift);
    memset(covariance, 0, (size_t)(n * n) * sizeof *covariance);
    for (int e = 0; e < chosen->n_exits; e++)
        add_exit(rivals, chosen, criterion, layout, e, shift, covariance);
}
