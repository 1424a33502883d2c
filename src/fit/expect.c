#include "fit/expect.h"

#include <math.h>
#include <string.h>

enum { MAX = RECOUP_MAX_PARAMETERS };
#define FARTHEST .5 /* standard errors */

/* Column k of the Cholesky factor of a covariance; 0 in a direction without variance. */
static void factorise(int n, const double *covariance, double factor[MAX][MAX]) {
    for (int j = 0; j < n; j++)
        for (int i = j; i < n; i++) {
            double sum = covariance[i * n + j];
            for (int k = 0; k < j; k++)
                sum -= factor[k][i] * factor[k][j];
            if (i == j)
                factor[j][j] = sqrt(fmax(0, sum));
            else
                factor[j][i] = factor[j][j] > 0 ? sum / factor[j][j] : 0;
        }
}

void recoup_posterior_mean(recoup_objective objective, const void *user, int n, const double *mode,
                           const double *covariance, double *mean) {
    double factor[MAX][MAX] = {{0}}, at[MAX], up[MAX], down[MAX], here[MAX] = {0}, sum[MAX] = {0};
    memcpy(mean, mode, (size_t)n * sizeof *mode);
    factorise(n, covariance, factor);
    objective(mode, here, user);
    for (int k = 0; k < n; k++) {
        for (int i = 0; i < n; i++)
            at[i] = mode[i] + factor[k][i];
        double above = objective(at, up, user);
        for (int i = 0; i < n; i++)
            at[i] = mode[i] - factor[k][i];
        double below = objective(at, down, user);
        if (!isfinite(above) || !isfinite(below))
            return;
        for (int i = 0; i < n; i++)
            sum[i] += (up[i] + down[i]) / 2 - here[i];
    }
    for (int i = 0; i < n; i++) {
        double move = 0;
        for (int k = 0; k < n; k++)
            move += covariance[i * n + k] * sum[k];
        if (fabs(move) <= FARTHEST * sqrt(covariance[i * n + i]))
            mean[i] += move;
    }
}

double recoup_mixture_objective(const double *x, double *gradient, const void *user) {
    const recoup_mixture_posterior *p = user;
    recoup_mixture mixture = *p->mixture;
    recoup_layout_set(p->layout, &mixture, x);
    for (int e = 0; e < mixture.n_exits; e++)
        if (!recoup_dist_valid(&mixture.dwell[e]))
            return -INFINITY;
    return recoup_mixture_log_posterior(&mixture, p->layout, p->prior, p->stay, p->n_stays,
                                        gradient);
}

void recoup_layout_move_dwell(const recoup_layout *layout, int n_exits, const double *mean,
                              double *x) {
    for (int e = 0; e < n_exits; e++) {
        const int index[3] = {layout->mu[e], layout->shape[e][0], layout->shape[e][1]};
        for (int k = 0; k < 3; k++)
            if (index[k] >= 0)
                x[index[k]] = mean[index[k]];
    }
}
