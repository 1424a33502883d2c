/* Elementary functions without branches, for loops that the compiler vectorises. They consist of
 * additions, multiplications, divisions, square roots and operations on bits only, so that every
 * instruction set gives the same bits; the library's exp and log do not.
 *
 * Polynomials: for log and for Mills' ratio the Chebyshev interpolants of the given degree,
 * computed with 60 digits (Clenshaw & Norton 1963; the truncation errors are at the functions).
 * Reduction of arguments: Cody & Waite 1980. */
#ifndef RECOUP_ENGINE_KERNELS_VECTOR_DOUBLE_H
#define RECOUP_ENGINE_KERNELS_VECTOR_DOUBLE_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#define VECTOR_LN2_HIGH 0x1.62e42fefa3800p-1 /* ln 2 = high + low; high has 42 bits: k·high is */
#define VECTOR_LN2_LOW 0x1.ef35793c76730p-45 /* exact for |k| < 2^11 */
#define VECTOR_LOG_SQRT_2PI 0.91893853320467274178

static inline uint64_t vector_bits(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline double vector_from_bits(uint64_t bits) {
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* The smaller and the larger of two numbers; fmin and fmax, which know NaN, are calls. */
static inline double vector_min(double a, double b) {
    return a < b ? a : b;
}
static inline double vector_max(double a, double b) {
    return a > b ? a : b;
}

/* The choice by bits: where both ends of a clamp are constants, the compiler makes branches of the
 * other. */
static inline double vector_clamp(double x, double low, double high) {
    uint64_t above = -(uint64_t)(x > low), below = -(uint64_t)(x < high);
    uint64_t bits = (vector_bits(x) & above & below) | (vector_bits(low) & ~above) |
                    (vector_bits(high) & ~below);
    return vector_from_bits(bits);
}

/* e^x for |x| <= 708; beyond, e^-708 or e^709. x = k·ln 2 + r, Taylor's series of e^r up
 * to r^13 / 13! (truncation 4e-18 for |r| <= ln 2 / 2). Error below 1.1 ulp. */
static inline double vector_exp(double x) {
    const double round = 0x1.8p52; /* adding it leaves an integer in the low bits */
    double within = vector_clamp(x, -708, 709);
    double shifted = within * 1.4426950408889634 + round, k = shifted - round;
    double r = (within - k * VECTOR_LN2_HIGH) - k * VECTOR_LN2_LOW;
    double p = 1.0 / 6227020800;
    p = p * r + 1.0 / 479001600;
    p = p * r + 1.0 / 39916800;
    p = p * r + 1.0 / 3628800;
    p = p * r + 1.0 / 362880;
    p = p * r + 1.0 / 40320;
    p = p * r + 1.0 / 5040;
    p = p * r + 1.0 / 720;
    p = p * r + 1.0 / 120;
    p = p * r + 1.0 / 24;
    p = p * r + 1.0 / 6;
    p = p * r + 0.5;
    p = 1 + (r + r * r * p);

    return vector_from_bits(vector_bits(p) + (vector_bits(shifted) << 52));
}

/* log x for x > 0; of 0 and of subnormal numbers about -709. x = 2^k·(1 + f), s = f / (2 + f),
 * log(1 + f) = 2·atanh(s) with atanh(s) = s + s^3·P(s^2); P of degree 6, truncation 5e-18 of s.
 * Error below 1 ulp. */
static inline double vector_log(double x) {
    const uint64_t one = UINT64_C(0x3ff0000000000000);
    const uint64_t half_root = UINT64_C(0x3fe6a09e667f3bcd); /* sqrt(1/2): f lies around 0 */
    uint64_t bits = vector_bits(x) + (one - half_root);
    double k = vector_from_bits(bits >> 52 | UINT64_C(0x4330000000000000)) - (0x1p52 + 1023);
    double f = vector_from_bits((bits & UINT64_C(0xfffffffffffff)) + half_root) - 1;
    double s = f / (2 + f), t = s * s;
    double p = 0.07308292712444311;
    p = p * t + 0.07665855309105386;
    p = p * t + 0.09091444727837474;
    p = p * t + 0.11111105565129939;
    p = p * t + 0.14285714313001635;
    p = p * t + 0.19999999999949722;
    p = p * t + 0.3333333333333335;
    /* 2s = f - s·f; f - (f²/2 - s·(f²/2 + 2·t·P)) keeps f, the largest part, exact. */
    double square = 0.5 * f * f;
    double rest = s * (square + 2 * t * p) + k * VECTOR_LN2_LOW;
    return k * VECTOR_LN2_HIGH + (f - (square - rest));
}

/* log(1 + x), x > -1: what rounding of 1 + x lost is put back. Error below 2 ulp. */
static inline double vector_log1p(double x) {
    double whole = 1 + x;
    double lost = x > 1 ? 1 - (whole - x) : x - (whole - 1);
    double value = vector_log(whole) + lost / whole;
    return whole == 1 ? x : value;
}

/* (1 + z)·Q(z) / phi(z) for z >= 0, Q the upper tail of the standard normal law: Mills' ratio as a
 * polynomial of degree 23 in (z - 5) / (z + 5) (the substitution of Shepherd & Laframboise 1981),
 * truncation 3e-17. */
static inline double vector_mills(double z) {
    static const double coefficient[24] = {
        1.1568486282918946,      -0.2294875382521129,    0.07778159886873764,
        0.02507217930161715,     -0.06617760077909461,   0.06150504584074597,
        -0.03802659218586716,    0.016348231274349995,   -0.0042012903289861386,
        1.9530682704042314e-05,  0.00045704392266072,    -0.00013437445842160464,
        -2.4805835828998953e-05, 2.2710081536644496e-05, -1.7633721137504215e-07,
        -3.2780889332747656e-06, 3.2054886338682205e-07, 4.92889412763629e-07,
        -6.589393318333421e-08,  -7.821049220473805e-08, 9.094218432472913e-09,
        1.1281645525139734e-08,  -7.077031841982677e-10, -9.99802240829343e-10};
    double v = (z - 5) / (z + 5), p = coefficient[23];
#pragma GCC unroll 23
    for (int i = 22; i >= 0; i--)
        p = p * v + coefficient[i];
    return p;
}

/* log Q(z), without underflow. Relative error below 1e-15, for z < 0 times 1 + z²/2. */
static inline double vector_normal_log_tail(double z) {
    double above = z < 0 ? -z : z;
    double tail =
        vector_log(vector_mills(above) / (1 + above)) - 0.5 * above * above - VECTOR_LOG_SQRT_2PI;
    double complement = vector_log1p(-vector_exp(tail));
    return z < 0 ? complement : tail;
}

/* The standard normal quantile in its parts, for callers that seldom need the tails.
 * Source: Wichura 1988, "Algorithm AS 241", PPND16 (relative error 1e-16). */

/* At p = 1/2 + q, |q| <= .425. */
static inline double vector_normal_centre(double q) {
    double r = 0.180625 - q * q;
    double a = 2.5090809287301226727e+3, b = 5.2264952788528545610e+3;
    a = a * r + 3.3430575583588128105e+4, b = b * r + 2.8729085735721942674e+4;
    a = a * r + 6.7265770927008700853e+4, b = b * r + 3.9307895800092710610e+4;
    a = a * r + 4.5921953931549871457e+4, b = b * r + 2.1213794301586595867e+4;
    a = a * r + 1.3731693765509461125e+4, b = b * r + 5.3941960214247511077e+3;
    a = a * r + 1.9715909503065514427e+3, b = b * r + 6.8718700749205790830e+2;
    a = a * r + 1.3314166789178437745e+2, b = b * r + 4.2313330701600911252e+1;
    a = a * r + 3.3871328727963666080e+0, b = b * r + 1;
    return q * a / b;
}

/* The z > 0 with log Q(z) = -r², for r <= 5: Q >= 1.4e-11. */
static inline double vector_normal_tail(double root) {
    double r = root - 1.6;
    double c = 7.74545014278341407640e-4, d = 1.05075007164441684324e-9;
    c = c * r + 2.27238449892691845833e-2, d = d * r + 5.47593808499534494600e-4;
    c = c * r + 2.41780725177450611770e-1, d = d * r + 1.51986665636164571966e-2;
    c = c * r + 1.27045825245236838258e+0, d = d * r + 1.48103976427480074590e-1;
    c = c * r + 3.64784832476320460504e+0, d = d * r + 6.89767334985100004550e-1;
    c = c * r + 5.76949722146069140550e+0, d = d * r + 1.67638483018380384940e+0;
    c = c * r + 4.63033784615654529590e+0, d = d * r + 2.05319162663775882187e+0;
    c = c * r + 1.42343711074968357734e+0, d = d * r + 1;
    return c / d;
}

/* For r > 5: AS 241 up to r = 27 (Q = 1e-316), whose value two of Newton's steps on log Q carry on
 * from there. */
static inline double vector_normal_far_tail(double root) {
    double r = vector_min(root, 27) - 5;
    double e = 2.01033439929228813265e-7, f = 2.04426310338993978564e-15;
    e = e * r + 2.71155556874348757815e-5, f = f * r + 1.42151175831644588870e-7;
    e = e * r + 1.24266094738807843860e-3, f = f * r + 1.84631831751005468180e-5;
    e = e * r + 2.65321895265761230930e-2, f = f * r + 7.86869131145613259100e-4;
    e = e * r + 2.96560571828504891230e-1, f = f * r + 1.48753612908506148525e-2;
    e = e * r + 1.78482653991729133580e+0, f = f * r + 1.36929880922735805310e-1;
    e = e * r + 5.46378491116411436990e+0, f = f * r + 5.99832206555887937690e-1;
    e = e * r + 6.65790464350110377720e+0, f = f * r + 1;
    double level = -root * root, z = 1.4142135623730951 * root;
    for (int i = 0; i < 4; i++) /* hazard phi / Q = (1 + z) / mills */
        z += (vector_normal_log_tail(z) - level) * vector_mills(z) / (1 + z);
    return root > 27 ? z : e / f;
}

/* At any p in (0, 1). */
static inline double vector_normal_quantile(double p) {
    double q = p - 0.5, smaller = vector_min(p, 1 - p);
    double root = sqrt(-vector_log(smaller));
    double tail = root <= 5 ? vector_normal_tail(root) : vector_normal_far_tail(root);
    double centre = vector_normal_centre(vector_clamp(q, -0.425, 0.425));
    double signed_tail = q < 0 ? -tail : tail;
    return q >= -0.425 && q <= 0.425 ? centre : signed_tail;
}

#endif
