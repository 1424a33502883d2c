#include "scenario/effect.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

/* By inversion: F(x) = (x - a)^2 / ((c - a)(b - a)) up to the mode b, and from above alike. */
static double triangular_quantile(const recoup_effect *effect, double u) {
    double a = effect->a, mode = effect->b, c = effect->c;
    double below = (mode - a) / (c - a);
    return u < below ? a + sqrt(u * (c - a) * (mode - a))
                     : c - sqrt((1 - u) * (c - a) * (c - mode));
}

static double quantile(const recoup_effect *effect, double u) {
    switch (effect->kind) {
    case RECOUP_EFFECT_NORMAL:
        return effect->a + gsl_cdf_gaussian_Pinv(u, effect->b);
    case RECOUP_EFFECT_LOGNORMAL:
        return effect->a * exp(gsl_cdf_gaussian_Pinv(u, effect->b));
    case RECOUP_EFFECT_UNIFORM:
        return effect->a + u * (effect->b - effect->a);
    case RECOUP_EFFECT_TRIANGULAR:
        return triangular_quantile(effect, u);
    case RECOUP_EFFECT_BETA:
        return gsl_cdf_beta_Pinv(u, effect->a, effect->b);
    default:
        return effect->a;
    }
}

double recoup_effect_quantile(const recoup_effect *effect, double u, double min, double max) {
    return fmin(max, fmax(min, quantile(effect, u)));
}

double recoup_scale_of(recoup_scale scale, double x) {
    return scale == RECOUP_SCALE_LOG ? log(x) : scale == RECOUP_SCALE_LOG_ONE ? log1p(x) : x;
}

double recoup_effect_mean(const recoup_effect *effect, recoup_scale scale, double min, double max) {
    enum { N = 1024 };
    int n = recoup_effect_is_uncertain(effect) ? N : 1;
    double sum = 0;
    for (int i = 0; i < n; i++) {
        sum += recoup_scale_of(scale, recoup_effect_quantile(effect, (i + .5) / n, min, max));
    }
    return sum / n;
}
