/* v = exp(k·y) is exponential with mean 1. */
#include "dist/family.h"

static double log_density(double y, const double *shape) {
    double x = shape[0] * y;
    return log(shape[0]) + x - exp(x);
}

static double log_survival(double y, const double *shape) {
    return -exp(shape[0] * y);
}

static double cdf(double y, const double *shape) {
    return -expm1(-exp(shape[0] * y));
}

static double inverse(double level, const double *shape) {
    return log(-level) / shape[0];
}

static double log_mean(const double *shape) {
    return recoup_log_gamma(1 + 1 / shape[0]);
}

static void log_density_gradient(double y, const double *shape, double *gradient) {
    double x = shape[0] * y, v = exp(x);
    gradient[0] = shape[0] * (v - 1);
    gradient[1] = 1 + x * (1 - v);
}

static void log_survival_gradient(double y, const double *shape, double *gradient) {
    double x = shape[0] * y, v = exp(x);
    gradient[0] = shape[0] * v;
    gradient[1] = -x * v;
}

const recoup_family_functions recoup_weibull = {
    log_density, log_survival, cdf, inverse, log_mean, log_density_gradient, log_survival_gradient};
