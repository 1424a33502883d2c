/* The incomplete gamma functions as logarithms. GSL's own are plain numbers: they underflow, and
 * some of their paths end in the error handler. */
#include "dist/family.h"

#include <stdbool.h>

/* Shapes from here on use Temme's expansion, whose first neglected term is below 1e-12. */
#define LARGE_SHAPE 1e5
enum { MAX_TERMS = 100000 };

double recoup_log_gamma(double a) {
    int sign;
    return lgamma_r(a, &sign);
}

/* Source: Abramowitz & Stegun 6.1.41. */
double recoup_stirling_rest(double a) {
    double r = 1 / (a * a);
    return (1. / 12 - r * (1. / 360 - r * (1. / 1260 - r * (1. / 1680 - r * (1. / 1188))))) / a;
}

/* l + 1 - e^l for w = a·exp(l), free of cancellation near 0. */
static double exponent(double l) {
    if (fabs(l) > .3)
        return l - expm1(l);
    double sum = 0, term = l * l / 2;
    for (int n = 3; fabs(term) > 1e-18 * fabs(sum) && n < 40; n++) {
        sum += term;
        term *= l / n;
    }
    return -sum;
}

double recoup_gamma_log_term(double a, double l) {
    if (a < 10)
        return a * (l + log(a)) - a * exp(l) - recoup_log_gamma(a);
    return a * exponent(l) + .5 * log(a / (2 * M_PI)) - recoup_stirling_rest(a);
}

/* P = term · sum_n w^n / (a (a+1) ... (a+n)). Source: Abramowitz & Stegun 6.5.29. */
static double log_lower_series(double a, double l) {
    double w = a * exp(l), term = 1 / a, sum = term;
    for (int n = 1; n < MAX_TERMS && term > 1e-17 * sum; n++) {
        term *= w / (a + n);
        sum += term;
    }
    return recoup_gamma_log_term(a, l) + log(sum);
}

/* Q = term · continued fraction, by Lentz's method. Source: Abramowitz & Stegun 6.5.31 (even part);
 * Press et al., Numerical Recipes, 6.2. */
static double log_upper_fraction(double a, double l) {
    const double tiny = 1e-300;
    double b = a * exp(l) + 1 - a, c = 1 / tiny, d = 1 / b, h = d;
    for (int n = 1; n < MAX_TERMS; n++) {
        double numerator = -n * (n - a);
        b += 2;
        d = numerator * d + b;
        c = b + numerator / c;
        d = 1 / (fabs(d) < tiny ? tiny : d);
        c = fabs(c) < tiny ? tiny : c;
        h *= d * c;
        if (fabs(d * c - 1) < 4e-16)
            break;
    }
    return recoup_gamma_log_term(a, l) + log(h);
}

/* Q = normal tail of eta·sqrt(a) + R, with two terms of R; the lower function is its mirror image.
 * Source: Temme 1979, "The asymptotic expansion of the incomplete gamma functions", SIAM J. Math.
 * Anal. 10. */
static double log_uniform(double a, double l, bool upper) {
    double e = expm1(l), half = -exponent(l); /* eta² / 2 */
    double eta = copysign(sqrt(2 * half), e), c0, c1;
    if (fabs(e) < 7e-4) {
        c0 = -1. / 3 + e * (1. / 12 - e * (23. / 540 - e * (353. / 12960 - e * (589. / 30240))));
        c1 = -1. / 540 - e / 288;
    } else {
        double i = 1 / e, j = 1 / eta;
        c0 = i - j;
        c1 = (j * j * j) - i * (1. / 12 + i * (1 + i));
    }
    double z = (upper ? eta : -eta) * sqrt(a);
    double rest = (c0 + c1 / a) / sqrt(a) * recoup_normal_hazard(z);
    return recoup_normal_log_tail(z) + log1p(upper ? rest : -rest);
}

/* Far from w = a series and fraction are short whatever the shape. */
static bool is_near_large(double a, double l) {
    return a > LARGE_SHAPE && fabs(l) < M_LN2;
}

/* w beyond doubles: no expansion works there, and none is needed. */
static bool is_beyond(double a, double l) {
    return !(a * exp(l) < 1e300);
}

double recoup_gamma_log_upper(double a, double l) {
    if (is_beyond(a, l))
        return -INFINITY;
    if (is_near_large(a, l))
        return log_uniform(a, l, true);
    if (a * expm1(l) > 1)
        return log_upper_fraction(a, l);
    return recoup_log_complement(log_lower_series(a, l));
}

double recoup_gamma_log_lower(double a, double l) {
    if (is_beyond(a, l))
        return 0;
    if (is_near_large(a, l))
        return log_uniform(a, l, false);
    if (a * expm1(l) > 1)
        return recoup_log_complement(log_upper_fraction(a, l));
    return log_lower_series(a, l);
}

/* A start: Wilson & Hilferty's cube of a normal, good for a > .5; else, in the lower half, the root
 * of P <= w^a / Gamma(a + 1), in the upper half that of a tail nearly exponential. */
static double start(double a, double level, bool lower) {
    double cube = 1 - 1 / (9 * a) + recoup_normal_inverse(level) / (3 * sqrt(a));
    if (a > .5 && cube > .1 && isfinite(cube))
        return 3 * log(cube);
    if (lower)
        return (recoup_log_complement(level) + recoup_log_gamma(a + 1)) / a - log(a);
    return log(fmax(1, -level) / a);
}

/* Newton's method in l: log P rises and log Q falls, both concave, so that after one step it stands
 * on the side of the root from which it converges steadily. */
double recoup_gamma_inverse(double a, double level) {
    if (isinf(level))
        return INFINITY;
    bool lower = level > -M_LN2;
    double target = lower ? recoup_log_complement(level) : level;
    double l = start(a, level, lower);
    for (int i = 0; i < 200; i++) {
        double value = lower ? recoup_gamma_log_lower(a, l) : recoup_gamma_log_upper(a, l);
        double slope = exp(recoup_gamma_log_term(a, l) - value);
        double step = (value - target) / (lower ? slope : -slope);
        if (!isfinite(step))
            break;
        l -= fmax(-5, fmin(5, step));
        if (fabs(step) <= 1e-15 * (1 + fabs(l)))
            break;
    }
    return l;
}
