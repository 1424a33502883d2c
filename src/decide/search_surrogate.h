/* What a selection is worth, learnt from those that were evaluated: effects that add up, and pairs
 * of candidates that do more or less together than apart.
 *
 *     f(S) = b + sum_i e_i(l_i) + sum_{i<j} g_ij x_i(l_i) x_j(l_j)
 *
 * on the scale of f = logit(value) for probabilities, f = value otherwise; l_i is candidate i's
 * level (its terms are absent at 0). x_i(l) is what level l does alone as a share of what
 * the candidate's strongest level does alone.
 *
 * b, e and g have independent normal priors: b and e around what was seen of nothing chosen and of
 * each level alone, g_ij around 0 with a standard deviation that grows with the geometric mean of
 * both candidates' effects. Given evaluations with normal noise (what pairs cannot express), the
 * posterior means are those of Bayesian linear regression (Rasmussen & Williams 2006, Gaussian
 * Processes for Machine Learning, section 2.1), computed in the space of the evaluations, whose
 * number stays small while that of the pairs need not.
 */
#ifndef RECOUP_DECIDE_SEARCH_SURROGATE_H
#define RECOUP_DECIDE_SEARCH_SURROGATE_H

#include "decide/search.h"

typedef struct recoup_surrogate {
    const recoup_search_problem *problem;
    int *first; /* candidate i's levels are first[i] .. first[i + 1] - 1 */
    /* prior */
    double prior_base, base_sd, noise_sd;
    double *prior_effect, *effect_sd; /* [level of all] */
    double *size;                     /* [level of all]: x */
    double *strength;                 /* [candidate]: sd of g_ij = sqrt(strength_i strength_j) */
    /* evaluations */
    int n;
    size_t capacity[3];
    uint8_t *selection;
    double *residual; /* f less its prior mean */
    double *factor;   /* Cholesky's of their covariance, by rows: row i has i + 1 numbers */
    double *weight;   /* covariance^-1 residual */
    double *work;
    /* posterior means, after recoup_surrogate_fit */
    double base;
    double *effect; /* [level of all] */
    double *pair;   /* [candidate][candidate], symmetric, 0 on the diagonal */
} recoup_surrogate;

/* The scale on which effects add: values of probabilities within 1e-9 of 0 and 1 count as that. */
double recoup_surrogate_scale(const recoup_search_problem *problem, double value);

/* `alone`: the value of each level of each candidate alone, one after the other. To be cleared by
 * recoup_surrogate_clear, after a failure too. False: out of memory. */
bool recoup_surrogate_init(recoup_surrogate *surrogate, const recoup_search_problem *problem,
                           double nothing, const double *alone);
void recoup_surrogate_clear(recoup_surrogate *surrogate);

bool recoup_surrogate_add(recoup_surrogate *surrogate, const uint8_t *selection, double value);
void recoup_surrogate_fit(recoup_surrogate *surrogate);

/* Posterior mean and standard deviation of f(S). */
double recoup_surrogate_mean(const recoup_surrogate *surrogate, const uint8_t *selection);
double recoup_surrogate_sd(recoup_surrogate *surrogate, const uint8_t *selection);

#endif
