/* A deal that stays for ever. */
#include "dist/family.h"

static double log_density(double y, const double *shape) {
    (void)y, (void)shape;
    return -INFINITY;
}

static double log_survival(double y, const double *shape) {
    (void)y, (void)shape;
    return 0;
}

static double cdf(double y, const double *shape) {
    (void)y, (void)shape;
    return 0;
}

static double inverse(double level, const double *shape) {
    (void)level, (void)shape;
    return INFINITY;
}

static double log_mean(const double *shape) {
    (void)shape;
    return INFINITY;
}

static void gradient_of(double y, const double *shape, double *gradient) {
    (void)y, (void)shape;
    gradient[0] = 0;
}

const recoup_family_functions recoup_never = {log_density, log_survival, cdf,        inverse,
                                              log_mean,    gradient_of,  gradient_of};
