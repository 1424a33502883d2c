/* What a family supplies. Every family is written for the standardised log time y = log t - mu, so
 * that the location needs no code: d/dmu = -d/dy. `shape` is recoup_dist.shape. */
#ifndef RECOUP_DIST_FAMILY_H
#define RECOUP_DIST_FAMILY_H

#include <math.h>

typedef struct recoup_family_functions {
    double (*log_density)(double y, const double *shape); /* of y: log g(y) = log f(t) + log t */
    double (*log_survival)(double y, const double *shape);
    double (*cdf)(double y, const double *shape);
    /* The y whose log survival is `level` < 0. */
    double (*inverse)(double level, const double *shape);
    double (*log_mean)(const double *shape); /* of exp(y) */
    /* With respect to mu, log shape1, shape2. */
    void (*log_density_gradient)(double y, const double *shape, double *gradient);
    void (*log_survival_gradient)(double y, const double *shape, double *gradient);
} recoup_family_functions;

extern const recoup_family_functions recoup_exponential, recoup_weibull, recoup_gamma,
    recoup_lognormal, recoup_loglogistic, recoup_gengamma, recoup_never;

/* The normal law: log P(Z > z), its negative derivative, and the z whose log P(Z > z) is `level`.
 */
double recoup_normal_log_tail(double z);
double recoup_normal_hazard(double z);
double recoup_normal_inverse(double level);

/* The gamma law of shape a at w = a·exp(l): log P(W > w), log P(W <= w), log(w^a e^-w / Gamma(a)),
 * and the l whose log P(W > w) is `level`. */
double recoup_gamma_log_upper(double a, double l);
double recoup_gamma_log_lower(double a, double l);
double recoup_gamma_log_term(double a, double l);
double recoup_gamma_inverse(double a, double level);
/* log Gamma(a) - [(a - 1/2) log a - a + log(2 pi)/2], for a >= 10. */
double recoup_stirling_rest(double a);
double recoup_log_gamma(double a); /* a > 0; lgamma without its global */

/* log(1 - e^level), level <= 0. Source: Maechler 2012, "Accurately computing log(1 - exp(-|a|))".
 */
static inline double recoup_log_complement(double level) {
    return level > -0.6931471805599453 ? log(-expm1(level)) : log1p(-exp(level));
}
/* log(1 + e^x). */
static inline double recoup_softplus(double x) {
    return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

/* Derivative of function(x) by the five-point rule with step h: error O(h^4). */
static inline double recoup_five_point(double m2, double m1, double p1, double p2, double h) {
    return (8 * (p1 - m1) - (p2 - m2)) / (12 * h);
}

#endif
