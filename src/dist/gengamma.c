/* Prentice's generalised gamma: with z = y / sigma and a = q^-2, a·exp(q·z) has the gamma law of
 * shape a; q < 0 mirrors it, q -> 0 is the lognormal, q = 1 the Weibull, q = sigma the gamma.
 * Source: Prentice 1974, "A log gamma model and its maximum likelihood estimation", Biometrika 61.
 */
#include "dist/family.h"

#include <gsl/gsl_sf_psi.h>
#include <stdbool.h>

/* Below this |q| the lognormal is the same to 1e-10. */
static bool is_lognormal(double q) {
    return fabs(q) < 1e-10;
}

static double log_density_at(double z, double sigma, double q) {
    if (is_lognormal(q))
        return recoup_lognormal.log_density(z * sigma, &sigma);
    return recoup_gamma_log_term(1 / (q * q), q * z) + log(fabs(q)) - log(sigma);
}

static double log_survival_at(double z, double q) {
    if (is_lognormal(q))
        return recoup_normal_log_tail(z);
    double a = 1 / (q * q);
    return q > 0 ? recoup_gamma_log_upper(a, q * z) : recoup_gamma_log_lower(a, q * z);
}

static double log_density(double y, const double *shape) {
    return log_density_at(y / shape[0], shape[0], shape[1]);
}

static double log_survival(double y, const double *shape) {
    return log_survival_at(y / shape[0], shape[1]);
}

static double cdf(double y, const double *shape) {
    double z = y / shape[0], q = shape[1];
    if (is_lognormal(q))
        return recoup_lognormal.cdf(y, shape);
    double a = 1 / (q * q);
    return exp(q > 0 ? recoup_gamma_log_lower(a, q * z) : recoup_gamma_log_upper(a, q * z));
}

static double inverse(double level, const double *shape) {
    double q = shape[1];
    if (is_lognormal(q))
        return shape[0] * recoup_normal_inverse(level);
    double a = 1 / (q * q);
    return shape[0] / q * recoup_gamma_inverse(a, q > 0 ? level : recoup_log_complement(level));
}

/* E exp(sigma·z) = Gamma(a + d) / Gamma(a) · a^-d with d = sigma / q; none for a + d <= 0. Large a:
 * by Stirling's formula, whose leading parts cancel exactly. */
static double log_mean(const double *shape) {
    double sigma = shape[0], q = shape[1];
    if (is_lognormal(q))
        return .5 * sigma * sigma;
    double a = 1 / (q * q), d = sigma / q, b = a + d;
    if (!(b > 0))
        return INFINITY;
    if (a < 10 || b < 10)
        return recoup_log_gamma(b) - recoup_log_gamma(a) - d * log(a);
    return (b - .5) * log1p(d / a) - d + recoup_stirling_rest(b) - recoup_stirling_rest(a);
}

/* The derivative by q: closed form (digamma) for |q| > .1, below which its parts cancel;
 * differences of q by 1e-3 there, good to 1e-9. */
static void log_density_gradient(double y, const double *shape, double *gradient) {
    double sigma = shape[0], q = shape[1], z = y / sigma, e = exp(q * z);
    double by_z = is_lognormal(q) ? -z : -expm1(q * z) / q;
    gradient[0] = -by_z / sigma;
    gradient[1] = -1 - z * by_z;
    if (fabs(q) > .1) {
        gsl_sf_result psi;
        double a = 1 / (q * q);
        gsl_sf_psi_e(a, &psi);
        gradient[2] =
            1 / q - 2 / (q * q * q) * (log(a) + 1 - psi.val + q * z - e) + a * z * (1 - e);
        return;
    }
    const double h = 1e-3;
    gradient[2] =
        recoup_five_point(log_density_at(z, sigma, q - 2 * h), log_density_at(z, sigma, q - h),
                          log_density_at(z, sigma, q + h), log_density_at(z, sigma, q + 2 * h), h);
}

/* The derivative by q has no closed form: differences of q by 1e-3, good to 1e-9. */
static void log_survival_gradient(double y, const double *shape, double *gradient) {
    double sigma = shape[0], q = shape[1], z = y / sigma;
    double hazard =
        exp(log_density_at(z, sigma, q) + log(sigma) - log_survival_at(z, q)); /* of z */
    gradient[0] = hazard / sigma;
    gradient[1] = hazard * z;
    const double h = 1e-3;
    gradient[2] = recoup_five_point(log_survival_at(z, q - 2 * h), log_survival_at(z, q - h),
                                    log_survival_at(z, q + h), log_survival_at(z, q + 2 * h), h);
}

const recoup_family_functions recoup_gengamma = {
    log_density, log_survival, cdf, inverse, log_mean, log_density_gradient, log_survival_gradient};
