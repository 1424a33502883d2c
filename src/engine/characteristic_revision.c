#include "engine/characteristic_revision.h"

#include <complex.h>

#define NEGLIGIBLE (-30.0) /* log |phi| */

double recoup_revision_moment(const recoup_revision *revision, int k) {
    double sigma = revision->sigma;
    return exp(0.5 * sigma * sigma * k * (k - 1));
}

/* Newton's method from the saddle point of a nearby s. */
static double complex find_saddle(double sigma, double s, double complex z) {
    for (int i = 0; i < 50; i++) {
        double complex slope = I * s * sigma * cexp(sigma * z - 0.5 * sigma * sigma);
        double complex step = (z - slope) / (1 - sigma * slope);
        z -= step;
        if (cabs(step) <= 1e-13 * (1 + cabs(z)))
            break;
    }
    return z;
}

/* log phi(s) from the saddle point: the exponent relative to its value E0 = -z0²/2 + z0/sigma is
 * -z0·y - y²/2 + (z0/sigma)·(exp(sigma·y) - 1) at z0 + y. */
static double complex log_phi(double sigma, double complex z) {
    double step = 0.4 / ((1 + sigma * sigma) * sqrt(cabs(1 - sigma * z)));
    int n = (int)ceil(7 / step);
    double complex sum = 0;
    for (int j = -n; j <= n; j++) {
        double y = j * step;
        sum += cexp(-z * y - 0.5 * y * y + z / sigma * expm1(sigma * y));
    }
    return -0.5 * z * z + z / sigma + clog(sum * step / sqrt(2 * M_PI));
}

/* Chebyshev coefficients of log phi on one octave; whether phi is negligible at its start. */
static int fit_octave(recoup_revision *revision, int octave, double complex *saddle) {
    enum { N = RECOUP_REVISION_TERMS };
    double complex value[N];
    double start = ldexp(1, revision->first_octave + octave);
    for (int j = N - 1; j >= 0; j--) {
        double s = start * (1.5 + 0.5 * cos(M_PI * (j + 0.5) / N));
        *saddle = find_saddle(revision->sigma, s, *saddle);
        value[j] = log_phi(revision->sigma, *saddle);
    }
    for (int k = 0; k < N; k++) {
        double complex sum = 0;
        for (int j = 0; j < N; j++)
            sum += value[j] * cos(M_PI * k * (j + 0.5) / N);
        sum *= (k == 0 ? 1.0 : 2.0) / N;
        revision->re[octave][k] = creal(sum);
        revision->im[octave][k] = cimag(sum);
    }
    return creal(value[N - 1]) < NEGLIGIBLE;
}

void recoup_revision_init(recoup_revision *revision, double sigma) {
    *revision = (recoup_revision){.sigma = sigma, .highest = INFINITY};
    if (sigma == 0)
        return;
    /* cumulants of the lognormal with mean 1 */
    double v = expm1(sigma * sigma), w = v + 1;
    revision->variance = v;
    revision->skew = v * v * (w + 2);
    revision->kurtosis = v * v * (((w + 2) * w + 3) * w * w - 6);
    /* the lowest octave: from the term of the fifth cumulant, which is 125 v^4 for small sigma */
    double fifth = recoup_revision_moment(revision, 5) * fmin(1, 125 * v * v * v * v);
    revision->first_octave = (int)floor(log2(pow(120e-12 / fifth, 0.2)));
    if (revision->first_octave < -30)
        revision->first_octave = -30;
    revision->lowest = ldexp(1, revision->first_octave);
    double complex saddle = I * sigma * revision->lowest;
    int octave = 0;
    while (octave < RECOUP_REVISION_OCTAVES && !fit_octave(revision, octave, &saddle))
        octave++;
    revision->highest = ldexp(1, revision->first_octave + octave);
}
