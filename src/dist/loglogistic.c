/* k·y has the standard logistic law. */
#include "dist/family.h"

static double log_density(double y, const double *shape) {
    double x = shape[0] * y;
    return log(shape[0]) + x - 2 * recoup_softplus(x);
}

static double log_survival(double y, const double *shape) {
    return -recoup_softplus(shape[0] * y);
}

static double cdf(double y, const double *shape) {
    return 1 / (1 + exp(-shape[0] * y));
}

/* log(e^-level - 1), which is -level where e^-level is beyond double. */
static double inverse(double level, const double *shape) {
    return (level < -40 ? -level : log(expm1(-level))) / shape[0];
}

/* (pi/k) / sin(pi/k); there is no mean for k <= 1. */
static double log_mean(const double *shape) {
    double b = M_PI / shape[0];
    return shape[0] > 1 ? log(b / sin(b)) : INFINITY;
}

static void log_density_gradient(double y, const double *shape, double *gradient) {
    double x = shape[0] * y, s = 1 / (1 + exp(-x));
    gradient[0] = shape[0] * (2 * s - 1);
    gradient[1] = 1 + x * (1 - 2 * s);
}

static void log_survival_gradient(double y, const double *shape, double *gradient) {
    double x = shape[0] * y, s = 1 / (1 + exp(-x));
    gradient[0] = shape[0] * s;
    gradient[1] = -x * s;
}

const recoup_family_functions recoup_loglogistic = {
    log_density, log_survival, cdf, inverse, log_mean, log_density_gradient, log_survival_gradient};
