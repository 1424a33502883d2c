#include "fit/posterior.h"

#include "fit/maximise.h"
#include "model/draws.h"
#include "model/parameters.h"
#include "random/random.h"
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void recoup_posterior_clear(recoup_posterior *posterior) {
    free(posterior->block);
    recoup_arena_clear(&posterior->arena);
    *posterior = (recoup_posterior){0};
}

/* --- blocks ----------------------------------------------------------------------------------- */

static bool all_finite(int n, const double *covariance) {
    for (int i = 0; i < n * n; i++)
        if (!isfinite(covariance[i]))
            return false;
    return true;
}

void recoup_posterior_add(recoup_posterior *posterior, int n, double *const *target,
                          const double *covariance) {
    size_t size = (size_t)n;
    if (n == 0 || !all_finite(n, covariance))
        return;
    recoup_posterior_block block = {
        .n = n,
        .target = recoup_arena_alloc(&posterior->arena, size, sizeof *block.target),
        .covariance = recoup_arena_alloc(&posterior->arena, size * size, sizeof(double))};
    if (!block.target || !block.covariance ||
        !RECOUP_GROW(posterior->block, posterior->n_blocks, posterior->capacity)) {
        posterior->failed = true;
        return;
    }
    memcpy(block.target, target, size * sizeof *block.target);
    memcpy(block.covariance, covariance, size * size * sizeof *block.covariance);
    posterior->block[posterior->n_blocks++] = block;
}

void recoup_posterior_add_one(recoup_posterior *posterior, double *target, double variance) {
    if (variance > 0)
        recoup_posterior_add(posterior, 1, &target, &variance);
}

void recoup_posterior_add_team(recoup_posterior *posterior, recoup_stage *stage,
                               const recoup_layout *layout, const double *covariance) {
    double *target[RECOUP_MAX_PARAMETERS] = {NULL};
    for (int e = 0; e < stage->n_exits; e++) {
        recoup_exit *exit = &stage->exit[e];
        if (layout->logit[e] >= 0)
            target[layout->logit[e]] = &exit->logit;
        if (layout->mu[e] >= 0)
            target[layout->mu[e]] = &exit->dwell.mu;
        for (int k = 0; k < 2; k++)
            if (layout->shape[e][k] >= 0)
                target[layout->shape[e][k]] = &exit->dwell.shape[k];
    }
    recoup_posterior_add(posterior, layout->n, target, covariance);
}

/* The covariance of the groups' values theta, as the header says; *weights: those of the mean. */
static void group_covariance(int n, const double *variance, double tau2,
                             const double *theta_variance, double *covariance, double *weights) {
    double sum = 0, known = 0;
    for (int i = 0; i < n; i++) {
        sum += isfinite(variance[i]) ? 1 / (tau2 + variance[i]) : 0;
        known += isfinite(variance[i]) ? 1 / variance[i] : 0;
    }
    for (int i = 0; i < n; i++) {
        double b = isfinite(variance[i]) ? variance[i] / (tau2 + variance[i]) : 1;
        weights[i] = isfinite(variance[i]) ? 1 / variance[i] / known : 0;
        for (int j = 0; j < n; j++) {
            double other = isfinite(variance[j]) ? variance[j] / (tau2 + variance[j]) : 1;
            covariance[i * n + j] = b * other / sum + (i == j ? tau2 * b : 0);
        }
    }
    for (int i = 0; theta_variance && i < n; i++) {
        double scale = sqrt(theta_variance[i] / covariance[i * n + i]);
        for (int j = 0; j < n; j++) {
            covariance[i * n + j] *= scale;
            covariance[j * n + i] *= scale;
        }
    }
}

/* Of x - w'x, from that of x. */
static void centre(int n, const double *weights, double *covariance) {
    for (int pass = 0; pass < 2; pass++) /* rows, then columns */
        for (int i = 0; i < n; i++) {
            int row = pass == 0 ? i : i * n, step = pass == 0 ? n : 1;
            double mean = 0;
            for (int j = 0; j < n; j++)
                mean += weights[j] * covariance[row + j * step];
            for (int j = 0; j < n; j++)
                covariance[row + j * step] -= mean;
        }
}

void recoup_posterior_add_groups(recoup_posterior *posterior, int n, double *term,
                                 const double *variance, double tau2,
                                 const double *theta_variance) {
    int known = 0;
    for (int i = 0; i < n; i++)
        known += isfinite(variance[i]) ? 1 : 0;
    if (known < 2 || !(tau2 > 0))
        return;
    double *covariance = RECOUP_NEW(double, (size_t)n *(size_t)n);
    double *weights = RECOUP_NEW(double, n), **target = RECOUP_NEW(double *, n);
    if (covariance && weights && target) {
        for (int i = 0; i < n; i++)
            target[i] = &term[i];
        group_covariance(n, variance, tau2, theta_variance, covariance, weights);
        centre(n, weights, covariance);
        recoup_posterior_add(posterior, n, target, covariance);
    } else {
        posterior->failed = true;
    }
    free(covariance);
    free(weights);
    free(target);
}

/* --- inflow ----------------------------------------------------------------------------------- */

void recoup_posterior_add_arrivals(recoup_posterior *posterior, recoup_model *model) {
    int n = model->cohorts.n * recoup_model_n_channels(model);
    for (int i = 0; model->arrivals && model->arrivals_se && i < n; i++) {
        double relative = model->arrivals_se[i] / model->arrivals[i];
        if (model->arrivals[i] > 0)
            recoup_posterior_add_one(posterior, &model->arrivals[i], relative * relative);
    }
}

/* Gradient of the log likelihood by mu and log shape. */
static void sample_gradient(const recoup_dist *dist, const double *value, size_t n,
                            double *gradient) {
    double each[3];
    gradient[0] = gradient[1] = 0;
    for (size_t i = 0; i < n; i++) {
        recoup_dist_log_density_gradient(dist, value[i], each);
        gradient[0] += each[0];
        gradient[1] += each[1];
    }
}

bool recoup_sample_covariance(const recoup_dist *dist, const double *value, size_t n,
                              double covariance[4]) {
    const double step = 1e-4; /* as in maximise.c */
    double information[2][2] = {{0}}, up[2], down[2];
    if (recoup_family_n_shapes(dist->family) != 1 || n < 2)
        return false;
    for (int i = 0; i < 2; i++) {
        recoup_dist above = *dist, below = *dist;
        above.mu += i == 0 ? step : 0;
        below.mu -= i == 0 ? step : 0;
        above.shape[0] *= i == 1 ? exp(step) : 1;
        below.shape[0] *= i == 1 ? exp(-step) : 1;
        sample_gradient(&above, value, n, up);
        sample_gradient(&below, value, n, down);
        for (int j = 0; j < 2; j++)
            information[i][j] = (down[j] - up[j]) / (2 * step);
    }
    double cross = (information[0][1] + information[1][0]) / 2;
    double determinant = information[0][0] * information[1][1] - cross * cross;
    if (!(information[0][0] > 0 && determinant > 0))
        return false;
    covariance[0] = information[1][1] / determinant;
    covariance[1] = covariance[2] = -cross / determinant;
    covariance[3] = information[0][0] / determinant;
    return true;
}

/* --- draws ------------------------------------------------------------------------------------ */

/* The Cholesky factor in the lower triangle, in place; a direction without variance gets none. */
static void factorise(int n, double *a) {
    for (int j = 0; j < n; j++) {
        double whole = a[j * n + j], pivot = whole;
        for (int k = 0; k < j; k++)
            pivot -= a[j * n + k] * a[j * n + k];
        double root = pivot > 1e-12 * whole ? sqrt(pivot) : 0;
        a[j * n + j] = root;
        for (int i = j + 1; i < n; i++) {
            double sum = a[i * n + j];
            for (int k = 0; k < j; k++)
                sum -= a[i * n + k] * a[j * n + k];
            a[i * n + j] = root > 0 ? sum / root : 0;
        }
    }
}

/* A standard normal of (draw, parameter, how many blocks had the parameter before). */
static double normal(uint64_t seed, int draw, const char *name, int before) {
    uint64_t entity =
        recoup_hash(recoup_hash_text(RECOUP_HASH_START, name), &before, sizeof before);
    return gsl_cdf_ugaussian_Pinv(
        recoup_random_pair(seed, (uint32_t)draw, entity, 0, RECOUP_DRAW_PARAMETER).first);
}

typedef struct drawing {
    uint64_t seed;
    const recoup_parameters *list;
    int *column; /* [parameter of the list]: of the draws; -1: it is certain */
    int *before; /* [column]: blocks that it was in */
    recoup_draws *draws;
    double *scratch; /* as many as the largest block has */
    double *factor;  /* the square of it */
} drawing;

/* Which of the list's parameters a target is; -1: none (an arrival rate of 0, say). */
static int find(const recoup_parameters *list, const double *target) {
    for (int i = 0; i < list->names.n; i++)
        if (list->value[i] == target)
            return i;
    return -1;
}

static void draw_block(drawing *to, const recoup_posterior_block *block, const int *index) {
    recoup_draws *draws = to->draws;
    int n = block->n;
    if (!block->covariance) {
        for (int d = 0; d < draws->n_draws; d++)
            for (int i = 0; i < n; i++)
                if (index[i] >= 0)
                    draws->value[(size_t)d * (size_t)draws->n_parameters +
                                 (size_t)to->column[index[i]]] +=
                        block->deviation[(size_t)d * (size_t)n + (size_t)i];
        return;
    }
    memcpy(to->factor, block->covariance, (size_t)n * (size_t)n * sizeof *to->factor);
    factorise(n, to->factor);
    for (int d = 0; d < draws->n_draws; d++) {
        double *row = draws->value + (size_t)d * (size_t)draws->n_parameters;
        for (int i = 0; i < n; i++)
            to->scratch[i] = index[i] < 0 ? 0
                                          : normal(to->seed, d, to->list->names.name[index[i]],
                                                   to->before[to->column[index[i]]]);
        for (int i = 0; i < n; i++) {
            double deviation = 0;
            for (int k = 0; k <= i; k++)
                deviation += to->factor[i * n + k] * to->scratch[k];
            if (index[i] >= 0)
                row[to->column[index[i]]] += deviation;
        }
    }
    for (int i = 0; i < n; i++)
        if (index[i] >= 0)
            to->before[to->column[index[i]]]++;
}

/* Names, mode, and every draw at the mode. */
static void start_draws(drawing *to) {
    recoup_draws *draws = to->draws;
    for (int i = 0; i < to->list->names.n; i++)
        if (to->column[i] >= 0)
            draws->mode[to->column[i]] = recoup_parameters_get(to->list, i);
    for (int d = 0; d < draws->n_draws; d++)
        memcpy(draws->value + (size_t)d * (size_t)draws->n_parameters, draws->mode,
               (size_t)draws->n_parameters * sizeof *draws->mode);
}

/* The targets of all blocks, one after the other, as indices of the list; columns in the order of
 * the list. Returns the number of columns. */
static int number(const recoup_posterior *posterior, const recoup_parameters *list, int *index,
                  int *column) {
    int n = 0;
    for (int i = 0; i < list->names.n; i++)
        column[i] = -1;
    for (int b = 0; b < posterior->n_blocks; b++)
        for (int i = 0; i < posterior->block[b].n; i++, index++) {
            *index = find(list, posterior->block[b].target[i]);
            if (*index >= 0)
                column[*index] = 0;
        }
    for (int i = 0; i < list->names.n; i++)
        if (column[i] == 0)
            column[i] = n++;
    return n;
}

recoup_status recoup_posterior_draw(const recoup_posterior *posterior, recoup_model *model,
                                    uint64_t seed, recoup_error *error) {
    recoup_parameters list;
    recoup_status status = RECOUP_OK;
    int n_targets = 0, largest = 0;
    for (int b = 0; b < posterior->n_blocks; b++) {
        n_targets += posterior->block[b].n;
        if (posterior->block[b].covariance && posterior->block[b].n > largest)
            largest = posterior->block[b].n;
    }
    bool enough = recoup_parameters_list(model, &list) && !posterior->failed;
    int *index = RECOUP_NEW(int, n_targets), *column = RECOUP_NEW(int, list.names.n);
    int *before = RECOUP_NEW(int, list.names.n);
    double *scratch = RECOUP_NEW(double, largest);
    double *factor = RECOUP_NEW(double, (size_t)largest *(size_t)largest);
    drawing to = {seed, &list, column, before, NULL, scratch, factor};
    int n = enough && index && column ? number(posterior, &list, index, column) : 0;
    if (n > 0)
        to.draws = recoup_draws_new(model, RECOUP_POSTERIOR_DRAWS, n);
    enough = enough && index && column && before && scratch && factor && (to.draws || n == 0);
    for (int i = 0; i < list.names.n && enough && n > 0; i++)
        if (column[i] >= 0)
            enough = (to.draws->name[column[i]] = recoup_arena_text(
                          &model->arena, list.names.name[i], strlen(list.names.name[i]))) != NULL;
    if (!enough) {
        status = recoup_fail_memory(error);
    } else if (n > 0) {
        start_draws(&to);
        for (int b = 0, at = 0; b < posterior->n_blocks; at += posterior->block[b++].n)
            draw_block(&to, &posterior->block[b], index + at);
        model->draws = to.draws;
    }
    free(index);
    free(column);
    free(before);
    free(scratch);
    free(factor);
    recoup_parameters_clear(&list);
    return status;
}
