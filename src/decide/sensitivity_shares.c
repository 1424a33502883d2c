#include "decide/sensitivity_shares.h"

#include "base/memory.h"
#include <gsl/gsl_eigen.h>
#include <math.h>
#include <stdlib.h>

/* What varies less than this, relative to its size, is rounding; so is an eigenvalue of a
 * correlation matrix below it. */
static const double NOTHING = 1e-10;

/* Standardised to mean 0 and sum of squares 1; false: it does not vary. */
static bool standardise(const double *from, int n, double *to) {
    double mean = 0, square = 0, size = 0;
    for (int i = 0; i < n; i++) {
        mean += from[i] / n;
        size = fmax(size, fabs(from[i]));
    }
    for (int i = 0; i < n; i++) {
        to[i] = from[i] - mean;
        square += to[i] * to[i];
    }
    if (!(sqrt(square / n) > NOTHING * size))
        return false;
    for (int i = 0; i < n; i++)
        to[i] /= sqrt(square);
    return true;
}

static double product(const double *a, const double *b, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* The regression on k standardised features. */
typedef struct regression {
    int k, rank;
    const double *x;              /* [k][n] */
    double *r;                    /* [k] correlation with the outcome */
    double *along;                /* [k] scratch: b along the eigenvectors */
    double *part;                 /* [k] */
    gsl_matrix *matrix, *vectors; /* correlations; eigenvectors in columns */
    gsl_vector *values;
    gsl_eigen_symmv_workspace *work;
} regression;

/* S and b by the eigenvectors V and eigenvalues l of the correlations: S = V sqrt(l) V', and
 * b = V 1/sqrt(l) V' r, eigenvalues that are 0 left out. Returns R². */
static double set_parts(regression *fit) {
    int k = fit->k;
    double explained = 0;
    gsl_eigen_symmv(fit->matrix, fit->values, fit->vectors, fit->work);
    fit->rank = 0;
    for (int m = 0; m < k; m++) {
        double value = gsl_vector_get(fit->values, (size_t)m), sum = 0;
        for (int j = 0; j < k; j++)
            sum += gsl_matrix_get(fit->vectors, (size_t)j, (size_t)m) * fit->r[j];
        bool counts = value > NOTHING * k;
        fit->along[m] = counts ? sum / sqrt(value) : 0;
        fit->rank += counts;
    }
    for (int j = 0; j < k; j++)
        fit->part[j] = 0;
    for (int i = 0; i < k; i++) {
        double b = 0;
        for (int m = 0; m < k; m++)
            b += gsl_matrix_get(fit->vectors, (size_t)i, (size_t)m) * fit->along[m];
        explained += b * b;
        for (int j = 0; j < k; j++) {
            double root = 0;
            for (int m = 0; m < k; m++)
                root += gsl_matrix_get(fit->vectors, (size_t)i, (size_t)m) *
                        gsl_matrix_get(fit->vectors, (size_t)j, (size_t)m) *
                        sqrt(fmax(0, gsl_vector_get(fit->values, (size_t)m)));
            fit->part[j] += root * root * b * b;
        }
    }
    return explained;
}

static void free_regression(regression *fit) {
    free(fit->r);
    free(fit->along);
    free(fit->part);
    gsl_matrix_free(fit->matrix);
    gsl_matrix_free(fit->vectors);
    gsl_vector_free(fit->values);
    gsl_eigen_symmv_free(fit->work);
}

static bool make_regression(regression *fit, int k, const double *x, const double *y, int n) {
    size_t size = (size_t)k;
    *fit = (regression){.k = k,
                        .x = x,
                        .r = RECOUP_NEW(double, k),
                        .along = RECOUP_NEW(double, k),
                        .part = RECOUP_NEW(double, k),
                        .matrix = gsl_matrix_alloc(size, size),
                        .vectors = gsl_matrix_alloc(size, size),
                        .values = gsl_vector_alloc(size),
                        .work = gsl_eigen_symmv_alloc(size)};
    if (!fit->r || !fit->along || !fit->part || !fit->matrix || !fit->vectors || !fit->values ||
        !fit->work)
        return false;
    for (int i = 0; i < k; i++) {
        fit->r[i] = product(x + (size_t)i * (size_t)n, y, n);
        for (int j = 0; j < k; j++)
            gsl_matrix_set(fit->matrix, (size_t)i, (size_t)j,
                           product(x + (size_t)i * (size_t)n, x + (size_t)j * (size_t)n, n));
    }
    return true;
}

/* Parts of the k kept features into the shares of their groups. */
static void add_shares(const regression *fit, double explained, const int *group, int n,
                       double *share, int n_groups) {
    double noise = fmax(0, 1 - explained) / (n - fit->rank - 1) * fit->rank / fit->k;
    double sum = 0;
    for (int j = 0; j < fit->k; j++)
        share[group[j]] += fit->part[j] - noise;
    for (int g = 0; g < n_groups; g++) {
        share[g] = fmax(0, share[g]);
        sum += share[g];
    }
    for (int g = 0; g < n_groups && sum > 1; g++)
        share[g] /= sum;
}

recoup_status recoup_variance_shares(const recoup_features *features, const double *outcome,
                                     double *share, recoup_error *error) {
    int n = features->n, k = 0;
    recoup_status status = RECOUP_OK;
    regression fit = {0};
    double *x = RECOUP_NEW(double, (size_t)features->n_features *(size_t)n);
    double *y = RECOUP_NEW(double, n);
    int *group = RECOUP_NEW(int, features->n_features);
    if (!x || !y || !group) {
        status = recoup_fail_memory(error);
        goto exit;
    }
    bool varies = standardise(outcome, n, y);
    for (int i = 0; i < features->n_features; i++)
        if (standardise(features->value + (size_t)i * (size_t)n, n, x + (size_t)k * (size_t)n))
            group[k++] = features->group[i];
    for (int g = 0; g < features->n_groups; g++)
        share[g] = varies && n >= k + 2 ? 0 : NAN;
    if (!varies || n < k + 2 || k == 0)
        goto exit;
    if (make_regression(&fit, k, x, y, n))
        add_shares(&fit, set_parts(&fit), group, n, share, features->n_groups);
    else
        status = recoup_fail_memory(error);
exit:
    free_regression(&fit);
    free(x);
    free(y);
    free(group);
    return status;
}
