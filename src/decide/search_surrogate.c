#include "decide/search_surrogate.h"

#include "base/memory.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Prior standard deviations, in units of the effects seen alone. Pairs: levers on the same deals
 * can take from each other about what the weaker one does, others hardly anything. */
static const double PAIR_SD = .25, EFFECT_SD = .25, NOISE_SD = .02;
/* No effect is taken for less than this share of the mean one: none alone can be some beside
 * others. */
static const double LEAST_EFFECT = .02;

double recoup_surrogate_scale(const recoup_search_problem *problem, double value) {
    if (!problem->is_probability)
        return value;
    double p = fmin(1 - 1e-9, fmax(1e-9, value));
    return log(p / (1 - p));
}

/* --- prior ------------------------------------------------------------------------------------ */

static bool allocate(recoup_surrogate *s, int n_levels) {
    int n = s->problem->n_candidates;
    s->prior_effect = RECOUP_NEW(double, n_levels);
    s->effect_sd = RECOUP_NEW(double, n_levels);
    s->size = RECOUP_NEW(double, n_levels);
    s->effect = RECOUP_NEW(double, n_levels);
    s->strength = RECOUP_NEW(double, n);
    s->pair = RECOUP_NEW(double, n *n);
    return s->prior_effect && s->effect_sd && s->size && s->effect && s->strength && s->pair;
}

/* The candidate's strongest effect alone, at least `least`. */
static double strongest(const recoup_surrogate *s, int i, double least) {
    double most = least;
    for (int k = s->first[i]; k < s->first[i + 1]; k++)
        most = fmax(most, fabs(s->prior_effect[k]));
    return most;
}

static void set_prior(recoup_surrogate *s) {
    int n = s->problem->n_candidates;
    double mean = 0;
    for (int i = 0; i < n; i++)
        mean += strongest(s, i, 0) / n;
    mean = mean > 0 ? mean : 1; /* nothing does anything: any scale will do */
    double least = LEAST_EFFECT * mean;
    s->noise_sd = NOISE_SD * mean;
    s->base_sd = EFFECT_SD * mean;
    for (int i = 0; i < n; i++) {
        double most = strongest(s, i, least);
        s->strength[i] = PAIR_SD * most;
        for (int k = s->first[i]; k < s->first[i + 1]; k++) {
            double effect = fmax(least, fabs(s->prior_effect[k]));
            s->size[k] = effect / most;
            s->effect_sd[k] = EFFECT_SD * effect;
        }
    }
}

bool recoup_surrogate_init(recoup_surrogate *s, const recoup_search_problem *problem,
                           double nothing, const double *alone) {
    int n = problem->n_candidates;
    *s = (recoup_surrogate){.problem = problem, .first = RECOUP_NEW(int, n + 1)};
    if (!s->first)
        return false;
    for (int i = 0; i < n; i++)
        s->first[i + 1] = s->first[i] + problem->candidate[i].n_levels;
    if (!allocate(s, s->first[n]))
        return false;
    s->base = s->prior_base = recoup_surrogate_scale(problem, nothing);
    for (int k = 0; k < s->first[n]; k++)
        s->effect[k] = s->prior_effect[k] =
            recoup_surrogate_scale(problem, alone[k]) - s->prior_base;
    set_prior(s);
    return true;
}

void recoup_surrogate_clear(recoup_surrogate *s) {
    free(s->first);
    free(s->prior_effect);
    free(s->effect_sd);
    free(s->size);
    free(s->effect);
    free(s->strength);
    free(s->pair);
    free(s->selection);
    free(s->residual);
    free(s->factor);
    free(s->weight);
    free(s->work);
    *s = (recoup_surrogate){0};
}

/* --- evaluations ------------------------------------------------------------------------------ */

/* Prior covariance of f(a) and f(b). With u_i = strength_i x_i(a) x_i(b), the sum over pairs of
 * u_i u_j is ((sum u)^2 - sum u^2) / 2. */
static double covariance(const recoup_surrogate *s, const uint8_t *a, const uint8_t *b) {
    double sum = s->base_sd * s->base_sd, u_sum = 0, u_squares = 0;
    for (int i = 0; i < s->problem->n_candidates; i++) {
        if (!a[i] || !b[i])
            continue;
        int k = s->first[i] + a[i] - 1, l = s->first[i] + b[i] - 1;
        double u = s->strength[i] * s->size[k] * s->size[l];
        u_sum += u;
        u_squares += u * u;
        if (k == l)
            sum += s->effect_sd[k] * s->effect_sd[k];
    }
    return sum + (u_sum * u_sum - u_squares) / 2;
}

static size_t row_of(int i) {
    return (size_t)i * ((size_t)i + 1) / 2;
}

static const uint8_t *selection_of(const recoup_surrogate *s, int index) {
    return s->selection + (size_t)index * (size_t)s->problem->n_candidates;
}

/* factor^-1 of the covariances with a selection; the sum of the squares. */
static double solve_forward(const recoup_surrogate *s, const uint8_t *selection, double *row) {
    double squares = 0;
    for (int j = 0; j < s->n; j++) {
        const double *factor = s->factor + row_of(j);
        double sum = covariance(s, selection_of(s, j), selection);
        for (int k = 0; k < j; k++)
            sum -= factor[k] * row[k];
        row[j] = sum / factor[j];
        squares += row[j] * row[j];
    }
    return squares;
}

/* Room for one more evaluation. */
static bool reserve(recoup_surrogate *s) {
    size_t n = (size_t)s->n + 1;
    while (s->capacity[0] < n * (size_t)s->problem->n_candidates)
        if (!RECOUP_GROW(s->selection, s->capacity[0], s->capacity[0]))
            return false;
    while (s->capacity[1] < row_of(s->n + 1))
        if (!RECOUP_GROW(s->factor, s->capacity[1], s->capacity[1]))
            return false;
    if (n <= s->capacity[2])
        return true;
    size_t larger = 2 * n;
    double **vector[] = {&s->residual, &s->weight, &s->work};
    for (int v = 0; v < 3; v++) {
        double *grown = realloc(*vector[v], larger * sizeof *grown);
        if (!grown)
            return false;
        *vector[v] = grown;
    }
    s->capacity[2] = larger;
    return true;
}

static double prior_mean(const recoup_surrogate *s, const uint8_t *selection) {
    double sum = s->prior_base;
    for (int i = 0; i < s->problem->n_candidates; i++)
        sum += selection[i] ? s->prior_effect[s->first[i] + selection[i] - 1] : 0;
    return sum;
}

bool recoup_surrogate_add(recoup_surrogate *s, const uint8_t *selection, double value) {
    if (!reserve(s))
        return false;
    double *row = s->factor + row_of(s->n);
    double noise = s->noise_sd * s->noise_sd;
    double rest = covariance(s, selection, selection) + noise - solve_forward(s, selection, row);
    row[s->n] = sqrt(fmax(rest, noise / 2)); /* never less than the noise but for rounding */
    size_t size = (size_t)s->problem->n_candidates;
    memcpy(s->selection + (size_t)s->n * size, selection, size);
    s->residual[s->n] = recoup_surrogate_scale(s->problem, value) - prior_mean(s, selection);
    s->n++;
    return true;
}

static void solve_weights(recoup_surrogate *s) {
    double *w = s->weight;
    for (int i = 0; i < s->n; i++) {
        const double *factor = s->factor + row_of(i);
        double sum = s->residual[i];
        for (int k = 0; k < i; k++)
            sum -= factor[k] * w[k];
        w[i] = sum / factor[i];
    }
    for (int i = s->n - 1; i >= 0; i--) {
        const double *factor = s->factor + row_of(i);
        w[i] /= factor[i];
        for (int k = 0; k < i; k++)
            w[k] -= factor[k] * w[i];
    }
}

void recoup_surrogate_fit(recoup_surrogate *s) {
    int n = s->problem->n_candidates;
    solve_weights(s);
    s->base = s->prior_base;
    memcpy(s->effect, s->prior_effect, (size_t)s->first[n] * sizeof *s->effect);
    memset(s->pair, 0, (size_t)n * (size_t)n * sizeof *s->pair);
    for (int a = 0; a < s->n; a++) {
        const uint8_t *selection = selection_of(s, a);
        s->base += s->base_sd * s->base_sd * s->weight[a];
        for (int i = 0; i < n; i++) {
            if (!selection[i])
                continue;
            int k = s->first[i] + selection[i] - 1;
            s->effect[k] += s->effect_sd[k] * s->effect_sd[k] * s->weight[a];
            for (int j = 0; j < i; j++)
                if (selection[j])
                    s->pair[i * n + j] +=
                        s->weight[a] * s->size[k] * s->size[s->first[j] + selection[j] - 1];
        }
    }
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++) {
            s->pair[i * n + j] *= s->strength[i] * s->strength[j];
            s->pair[j * n + i] = s->pair[i * n + j];
        }
}

double recoup_surrogate_mean(const recoup_surrogate *s, const uint8_t *selection) {
    int n = s->problem->n_candidates;
    double sum = s->base;
    for (int i = 0; i < n; i++) {
        if (!selection[i])
            continue;
        int k = s->first[i] + selection[i] - 1;
        sum += s->effect[k];
        for (int j = 0; j < i; j++)
            if (selection[j])
                sum += s->pair[i * n + j] * s->size[k] * s->size[s->first[j] + selection[j] - 1];
    }
    return sum;
}

double recoup_surrogate_sd(recoup_surrogate *s, const uint8_t *selection) {
    double variance = covariance(s, selection, selection) - solve_forward(s, selection, s->work);
    return sqrt(fmax(0, variance));
}
