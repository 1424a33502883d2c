/* Positive distributions of times (days) and amounts: one small file per family, one table of them.
 *
 * Every family is a location-scale family in log time (times) with a location mu = log(time scale)
 * and up to two shape parameters, so that a shift of mu stretches the time axis: T -> T·exp(shift).
 *
 *   family       survival S(t), w = t / exp(mu)                          shape1      shape2
 *   exponential  exp(-w)                                                 -           -
 *   weibull      exp(-w^k)                                               k           -
 *   gamma        Q(k, w), regularised upper incomplete gamma             k           -
 *   lognormal    Phi(-(log w) / sigma)                                   sigma       -
 *   loglogistic  1 / (1 + w^k)                                           k           -
 *   gengamma     Prentice (1974); q -> 0 is the lognormal                sigma       q
 *   never        1                                                       -           -
 *
 * All functions are pure and cannot fail: parameters were validated by recoup_dist_valid.
 */
#ifndef RECOUP_DIST_DIST_H
#define RECOUP_DIST_DIST_H

#include <stdbool.h>

#define RECOUP_FAMILY_LIST(X)                                                                      \
    X(RECOUP_EXPONENTIAL, "exponential", 0)                                                        \
    X(RECOUP_WEIBULL, "weibull", 1)                                                                \
    X(RECOUP_GAMMA, "gamma", 1)                                                                    \
    X(RECOUP_LOGNORMAL, "lognormal", 1)                                                            \
    X(RECOUP_LOGLOGISTIC, "loglogistic", 1)                                                        \
    X(RECOUP_GENGAMMA, "gengamma", 2)                                                              \
    X(RECOUP_NEVER, "never", 0)

typedef enum recoup_family {
#define X(code, name, n_shapes) code,
    RECOUP_FAMILY_LIST(X)
#undef X
        RECOUP_N_FAMILIES
} recoup_family;

typedef struct recoup_dist {
    recoup_family family;
    double mu;       /* log of the time scale, log days (or log money) */
    double shape[2]; /* see the table above; unused ones are 0 */
} recoup_dist;

const char *recoup_family_name(recoup_family family);
/* -1 when the name is not one of the families. */
int recoup_family_find(const char *name);
int recoup_family_n_shapes(recoup_family family);

/* All parameters finite, scales and shapes positive (gengamma's q: any finite number). */
bool recoup_dist_valid(const recoup_dist *dist);

/* log f(t), t > 0; -inf for `never`. */
double recoup_dist_log_density(const recoup_dist *dist, double t);
/* log S(t), t >= 0, computed directly: no underflow while log S is representable. */
double recoup_dist_log_survival(const recoup_dist *dist, double t);
/* S(t) and F(t), each to full relative accuracy where the family allows. */
double recoup_dist_survival(const recoup_dist *dist, double t);
double recoup_dist_cdf(const recoup_dist *dist, double t);
/* F^-1(p), p in [0, 1]; +inf at p = 1 and for `never`. */
double recoup_dist_quantile(const recoup_dist *dist, double p);
/* The p-quantile of T given T > a: solves S(t) = S(a)·(1 - p), stable for S(a) down to e^-700;
 * never below a. */
double recoup_dist_quantile_above(const recoup_dist *dist, double a, double p);
/* The time t at which log S(t) = level <= 0: both of the above without their checks. */
double recoup_dist_time_at(const recoup_dist *dist, double level);
double recoup_dist_mean(const recoup_dist *dist); /* +inf where there is none */
double recoup_dist_median(const recoup_dist *dist);

/* Derivatives with respect to theta = (mu, log shape1, shape2 for gengamma): the gradient of
 * log f(t) and of log S(t), 1 + n_shapes numbers each. */
void recoup_dist_log_density_gradient(const recoup_dist *dist, double t, double *gradient);
void recoup_dist_log_survival_gradient(const recoup_dist *dist, double t, double *gradient);

#endif
