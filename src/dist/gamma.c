#include "dist/family.h"

#include <gsl/gsl_sf_psi.h>

static double log_density(double y, const double *shape) {
    return recoup_gamma_log_term(shape[0], y - log(shape[0]));
}

static double log_survival(double y, const double *shape) {
    return recoup_gamma_log_upper(shape[0], y - log(shape[0]));
}

static double cdf(double y, const double *shape) {
    return exp(recoup_gamma_log_lower(shape[0], y - log(shape[0])));
}

static double inverse(double level, const double *shape) {
    return recoup_gamma_inverse(shape[0], level) + log(shape[0]);
}

static double log_mean(const double *shape) {
    return log(shape[0]);
}

/* psi has no error case for positive arguments. */
static void log_density_gradient(double y, const double *shape, double *gradient) {
    gsl_sf_result psi;
    gsl_sf_psi_e(shape[0], &psi);
    gradient[0] = exp(y) - shape[0];
    gradient[1] = shape[0] * (y - psi.val);
}

/* The derivative by the shape has no closed form: differences of log shape by 1e-3, good to 1e-10.
 */
static void log_survival_gradient(double y, const double *shape, double *gradient) {
    const double h = 1e-3;
    double at[5];
    for (int i = -2; i <= 2; i++) {
        double log_shape = log(shape[0]) + i * h;
        at[i + 2] = recoup_gamma_log_upper(exp(log_shape), y - log_shape);
    }
    gradient[0] = exp(recoup_gamma_log_term(shape[0], y - log(shape[0])) - at[2]);
    gradient[1] = recoup_five_point(at[0], at[1], at[3], at[4], h);
}

const recoup_family_functions recoup_gamma = {
    log_density, log_survival, cdf, inverse, log_mean, log_density_gradient, log_survival_gradient};
