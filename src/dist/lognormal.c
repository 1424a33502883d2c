/* z = y / sigma is standard normal. */
#include "dist/family.h"

#include <gsl/gsl_cdf.h>

#define LOG_SQRT_2PI 0.91893853320467274178

/* phi(z) / Q(z), the hazard. From z = 25 on by Laplace's continued fraction, of which 20 terms are
 * exact there. Source: Abramowitz & Stegun 26.2.14. */
double recoup_normal_hazard(double z) {
    if (z < 25)
        return exp(-LOG_SQRT_2PI - .5 * z * z - recoup_normal_log_tail(z));
    double fraction = z;
    for (int n = 20; n > 0; n--)
        fraction = z + n / fraction;
    return fraction;
}

/* libm's erfc is quick and exact to its last digits down to z = 25. */
double recoup_normal_log_tail(double z) {
    if (z < 0)
        return log1p(-.5 * erfc(-z * M_SQRT1_2));
    if (z < 25)
        return log(.5 * erfc(z * M_SQRT1_2));
    return -.5 * z * z - LOG_SQRT_2PI - log(recoup_normal_hazard(z));
}

/* Wichura's AS 241 (GSL) where the tail is a double; below, Newton's method on the log of the tail,
 * which is nearly a parabola there: four steps from its leading terms reach the last digits. */
double recoup_normal_inverse(double level) {
    if (level > -M_LN2)
        return gsl_cdf_ugaussian_Pinv(-expm1(level));
    if (level > -690)
        return gsl_cdf_ugaussian_Qinv(exp(level));
    if (isinf(level))
        return INFINITY;
    double z = sqrt(-2 * (level + LOG_SQRT_2PI) - log(-2 * level));
    for (int i = 0; i < 4; i++)
        z += (recoup_normal_log_tail(z) - level) / recoup_normal_hazard(z);
    return z;
}

static double log_density(double y, const double *shape) {
    double z = y / shape[0];
    return -log(shape[0]) - LOG_SQRT_2PI - .5 * z * z;
}

static double log_survival(double y, const double *shape) {
    return recoup_normal_log_tail(y / shape[0]);
}

static double cdf(double y, const double *shape) {
    return .5 * erfc(-y / shape[0] * M_SQRT1_2);
}

static double inverse(double level, const double *shape) {
    return shape[0] * recoup_normal_inverse(level);
}

static double log_mean(const double *shape) {
    return .5 * shape[0] * shape[0];
}

static void log_density_gradient(double y, const double *shape, double *gradient) {
    double z = y / shape[0];
    gradient[0] = z / shape[0];
    gradient[1] = z * z - 1;
}

static void log_survival_gradient(double y, const double *shape, double *gradient) {
    double z = y / shape[0];
    double hazard = recoup_normal_hazard(z);
    gradient[0] = hazard / shape[0];
    gradient[1] = hazard * z;
}

const recoup_family_functions recoup_lognormal = {
    log_density, log_survival, cdf, inverse, log_mean, log_density_gradient, log_survival_gradient};
