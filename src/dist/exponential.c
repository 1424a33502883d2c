#include "dist/family.h"

static double log_density(double y, const double *shape) {
    (void)shape;
    return y - exp(y);
}

static double log_survival(double y, const double *shape) {
    (void)shape;
    return -exp(y);
}

static double cdf(double y, const double *shape) {
    (void)shape;
    return -expm1(-exp(y));
}

static double inverse(double level, const double *shape) {
    (void)shape;
    return log(-level);
}

static double log_mean(const double *shape) {
    (void)shape;
    return 0;
}

static void log_density_gradient(double y, const double *shape, double *gradient) {
    (void)shape;
    gradient[0] = exp(y) - 1;
}

static void log_survival_gradient(double y, const double *shape, double *gradient) {
    (void)shape;
    gradient[0] = exp(y);
}

const recoup_family_functions recoup_exponential = {
    log_density, log_survival, cdf, inverse, log_mean, log_density_gradient, log_survival_gradient};
