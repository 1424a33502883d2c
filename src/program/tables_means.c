/* Means of values over cells, and what a stay's exits are worth. */
#include "program/tables_build.h"

#include <math.h>

/* Integrals of the polynomials through up to four neighbouring points (Adams-Moulton weights, and
 * Adams-Bashforth's before the first point). */
recoup_stencil recoup_stencil_at(int i, int lowest, int n) {
    static const double cubic[3][4] = {{9. / 24, 19. / 24, -5. / 24, 1. / 24},
                                       {-1. / 24, 13. / 24, 13. / 24, -1. / 24},
                                       {1. / 24, -5. / 24, 19. / 24, 9. / 24}};
    static const double square[2][4] = {{5. / 12, 8. / 12, -1. / 12}, {-1. / 12, 8. / 12, 5. / 12}};
    static const double line[4] = {.5, .5};
    static const double outside[4][4] = {{1},
                                         {3. / 2, -1. / 2},
                                         {23. / 12, -16. / 12, 5. / 12},
                                         {55. / 24, -59. / 24, 37. / 24, -9. / 24}};
    int n_points = n - lowest + 1, at = lowest;
    if (n_points >= 4) {
        at = i - 1 < lowest ? lowest : i - 1;
        at = at > n - 3 ? n - 3 : at;
    }
    const double *weight = i < lowest      ? outside[n_points < 4 ? n_points - 1 : 3]
                           : n_points >= 4 ? cubic[i - at]
                           : n_points == 3 ? square[i - at]
                                           : line;
    return (recoup_stencil){
        at, n_points < 4 ? n_points : 4, {weight[0], weight[1], weight[2], weight[3]}};
}

void recoup_mean_set(const double *value, double *mean, int i, int lowest, int n, int width) {
    recoup_stencil stencil = recoup_stencil_at(i, lowest, n);
    const double *w = stencil.weight, *a = value + (ptrdiff_t)stencil.at * width;
    const double *b = stencil.n > 1 ? a + width : a, *c = stencil.n > 2 ? b + width : b,
                 *d = stencil.n > 3 ? c + width : c;
    double *to = mean + (ptrdiff_t)i * width;
    for (int k = 0; k < width; k++)
        to[k] = (w[0] * a[k] + w[1] * b[k]) + (w[2] * c[k] + w[3] * d[k]);
}

void recoup_inner_means_set(const double *value, double *mean, int first, int end, int width) {
    const double *at = value + (ptrdiff_t)first * width;
    double *to = mean + (ptrdiff_t)first * width;
    for (int k = 0; k < (end - first) * width; k++)
        to[k] = (13 * (at[k] + at[k + width]) - (at[k - width] + at[k + 2 * width])) / 24;
}

double recoup_mean_error(const double *survival, int i, int lowest, int n) {
    recoup_stencil stencil = recoup_stencil_at(i, lowest, n);
    double exact = 1 - (survival[2 * i] + 4 * survival[2 * i + 1] + survival[2 * i + 2]) / 6;
    double mean = 0;
    for (int k = 0; k < stencil.n; k++)
        mean += stencil.weight[k] * (1 - survival[2 * (stencil.at + k)]);
    return exact - mean;
}

void recoup_shares_set(const recoup_build *build, int stage, const recoup_stretch *stretch,
                       double *share) {
    const recoup_program *program = build->program;
    int first = program->exit_first[stage], width = build->width;
    for (int e = first; e < program->exit_first[stage + 1]; e++, share += width) {
        const double *tilt = build->tilt + (size_t)e * (size_t)width;
        for (int i = 0; i < width; i++)
            share[i] = stretch->odds[e - first] * tilt[i];
        if (!build->course.capped || program->exit[e].target != RECOUP_EXIT_WON)
            continue;
        double per_point = stretch->cap_share * build->course.plan->cap->win_logit_per_point;
        for (int i = 0; i < width; i++)
            share[i] *= exp(-per_point * build->points[i]);
    }
}

recoup_worth recoup_worth_of(const recoup_masses *masses, int n, const double *value,
                             const double *mean, const double *slope, int width) {
    int last = n - 1;
    const double *end = value - (ptrdiff_t)last * width; /* at the start of the last cell */
    recoup_worth worth = {
        .folded = masses->folded,
        .n = n,
        .width = width,
        .first = masses->first[0],
        .curve = masses->curve,
        .value = value,
        .mean = mean,
        .after = slope ? slope : end - width,
        .before = slope ? end - width : end, /* 0 at the mark */
    };
    if (n < masses->n - 1)
        worth.end = .5 * masses->first[n];
    if (last > 0) {
        worth.last = masses->first[last];
        worth.before_last = last < masses->n - 1 ? .5 * masses->first[last] : 0;
    } else if (slope) {
        worth.last = masses->first[0];
        worth.first = worth.curve = 0;
    }
    return worth;
}
