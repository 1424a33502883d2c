/* The characteristic function of the revision R of a booked amount (booked / current amount), which
 * is lognormal with mean 1: phi(s) = E exp(i·s·R), R = exp(sigma·Z - sigma²/2).
 *
 * There is no closed form. With z moved off the real axis to the saddle point z0 of the exponent
 * E(z) = -z²/2 + i·s·exp(sigma·z - sigma²/2), where z0 = i·s·sigma·exp(sigma·z0 - sigma²/2), the
 * integrand falls at least as fast as a normal density along the line through z0, and the
 * trapezoid rule is accurate to rounding (Asmussen, Jensen & Rojas-Nandayapa 2016, On the Laplace
 * transform of the lognormal distribution, Methodol. Comput. Appl. Probab. 18; Trefethen & Weideman
 * 2014, The exponentially convergent trapezoidal rule, SIAM Review 56). log phi is kept as
 * Chebyshev polynomials, one per octave of s. Absolute error of phi below 1e-9 for sigma up to 0.6,
 * 1e-8 up to 1, 1e-6 up to 1.5. */
#ifndef RECOUP_ENGINE_CHARACTERISTIC_REVISION_H
#define RECOUP_ENGINE_CHARACTERISTIC_REVISION_H

#include <math.h>

enum { RECOUP_REVISION_TERMS = 10, RECOUP_REVISION_OCTAVES = 80 };

typedef struct recoup_revision {
    double sigma;
    double variance, skew, kurtosis; /* second to fourth cumulant */
    double lowest;                   /* below: the series of cumulants */
    double highest;                  /* beyond: 0 */
    int first_octave;
    double re[RECOUP_REVISION_OCTAVES][RECOUP_REVISION_TERMS];
    double im[RECOUP_REVISION_OCTAVES][RECOUP_REVISION_TERMS];
} recoup_revision;

/* sigma >= 0; 0: R is 1. */
void recoup_revision_init(recoup_revision *revision, double sigma);

/* E R^k. */
double recoup_revision_moment(const recoup_revision *revision, int k);

/* e^(i·angle), |angle| < 1e6, made of additions and multiplications only, for loops that the
 * compiler vectorises: reduction by multiples of pi/2 in three parts (Cody & Waite 1980), Taylor's
 * series up to the 15th power. Absolute error below 1e-14. */
static inline void recoup_turn(double angle, double *cosine, double *sine) {
    const double round = 0x1.8p52; /* adding it leaves an integer in the low bits */
    double shifted = angle * 0.63661977236758134308 + round, k = shifted - round;
    double r = ((angle - k * 0x1.921fb544p0) - k * 0x1.0b4611a6p-34) - k * 0x1.3198a2e037073p-69;
    double q = r * r;
    double s =
        r + r * q *
                (-1.0 / 6 +
                 q * (1.0 / 120 +
                      q * (-1.0 / 5040 +
                           q * (1.0 / 362880 + q * (-1.0 / 39916800 +
                                                    q * (1.0 / 6227020800 - q / 1307674368000))))));
    double c =
        1 + q * (-0.5 + q * (1.0 / 24 + q * (-1.0 / 720 +
                                             q * (1.0 / 40320 +
                                                  q * (-1.0 / 3628800 +
                                                       q * (1.0 / 479001600 - q / 87178291200))))));
    double half = 0.5 * k, odd = half - (half + round - round); /* 0, or 1/2 up to sign */
    double quarter = 0.25 * (k + 0.5);
    double turns = 2 * (quarter - (quarter + round - round)); /* in (-1, 1) */
    /* k mod 4 is 0, 1, 2, 3 where turns is 1/4, 3/4, -3/4, -1/4 */
    double a = odd != 0 ? s : c, b = odd != 0 ? c : s;
    *cosine = turns > 0.5 || turns < -0.5 ? -a : a;
    *sine = turns < 0 ? -b : b;
}

#endif
