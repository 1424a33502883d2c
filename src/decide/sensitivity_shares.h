/* How much of the variance of an outcome comes from which source: a linear regression on features
 * that belong to groups, and the groups' parts of its R².
 *
 * Features that are correlated share what they explain by Johnson's relative weights (Johnson 2000,
 * A heuristic method for estimating the relative weight of predictor variables in multiple
 * regression, Multivariate Behavioral Research 35; the decomposition of Genizi 1993, Statistica
 * Sinica 3): with the symmetric square root S of the correlation matrix of the features, the
 * orthonormal features closest to them have the correlations b = S^-1 r with the outcome, r being
 * the features' own, and feature j gets sum_k S_jk² b_k². They are not negative and sum to R²;
 * where features are uncorrelated they are r². As the Shapley values of R² (Lindeman, Merenda &
 * Gold 1980), which they are close to, they do not depend on an order of the features.
 *
 * A feature without effect has a part of (1 - R²)/(n - k - 1) on average, k being the rank of the
 * features and n the number of observations. That is taken off each part, which leaves the adjusted
 * R² (Ezekiel 1930) in sum; what is below 0 then is 0. */
#ifndef RECOUP_DECIDE_SENSITIVITY_SHARES_H
#define RECOUP_DECIDE_SENSITIVITY_SHARES_H

#include "base/error.h"

typedef struct recoup_features {
    int n; /* observations */
    int n_features, n_groups;
    const double *value; /* [feature][n] */
    const int *group;    /* [feature] */
} recoup_features;

/* share: [group]; they sum to 1 at most, and what is missing from 1 is not explained: other
 * sources, curvature, interactions. All NaN where the outcome does not vary, or where there are
 * fewer than two observations more than features. Features that do not vary count as absent. */
recoup_status recoup_variance_shares(const recoup_features *features, const double *outcome,
                                     double *share, recoup_error *error);

#endif
