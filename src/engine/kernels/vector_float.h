/* Functions of floats made of + - × / and the operations of integers alone, without branches: loops
 * that call them are vectorised, and every instruction set gives the same bits. Errors are those
 * measured by tests/engine/test_vector_float.c.
 *
 * Polynomials: minimax by Remez' exchange algorithm on the reduced interval, coefficients then
 * rounded to float. */
#ifndef RECOUP_ENGINE_KERNELS_VECTOR_FLOAT_H
#define RECOUP_ENGINE_KERNELS_VECTOR_FLOAT_H

#include <math.h>
#include <stdint.h>
#include <string.h>

/* log 2 in two parts (Cody & Waite 1980): 355 / 512, whose multiples by exponents are exact, and
 * what is missing. */
#define FLOAT_LOG2_HIGH 0x1.63p-1f
#define FLOAT_LOG2_LOW (-2.12194440e-4f)

static inline float float_of_bits(int32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline int32_t float_bits(float value) {
    int32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* mask: all ones or 0. Conditions that are used often would become branches. */
static inline float float_choose(int32_t mask, float yes, float no) {
    return float_of_bits((float_bits(yes) & mask) | (float_bits(no) & ~mask));
}

/* e^x within 1 ulp; x is clamped to [-87, 88], where the result is a normal number.
 * e^r = 1 + r + r²·Q(r) on |r| <= log(2)/2, relative error of Q's part below 2^-28. */
static inline float float_exp(float x) {
    const float round = 0x1.8p23f; /* adding it rounds to a whole number */
    x = float_choose(-(x > -87), x, -87);
    x = float_choose(-(x < 88), x, 88);
    float n = (x * 0x1.715476p0f + round) - round;
    float r = (x - n * FLOAT_LOG2_HIGH) - n * FLOAT_LOG2_LOW;
    float q = 1.38131448e-3f;
    q = q * r + 8.36941879e-3f;
    q = q * r + 4.1668456e-2f;
    q = q * r + 0.166665152f;
    q = q * r + 0.49999994f;
    return (1 + (r + r * r * q)) * float_of_bits(((int32_t)n + 127) << 23);
}

/* log x within 1 ulp (2^-24 absolute near x = 1), x a positive normal number. x = m·2^e with m in
 * [sqrt(1/2), sqrt(2)), f = m - 1: log(1 + f) = f - f²/2 + f³·P(f), relative error of P's part
 * below 2^-27. */
static inline float float_log(float x) {
    const int32_t half = 0x3f3504f3; /* sqrt(1/2) */
    int32_t above = float_bits(x) - half;
    float e = (float)(above >> 23);
    float f = float_of_bits((above & 0x7fffff) + half) - 1;
    float p = -7.85962418e-2f;
    p = p * f + 0.128816485f;
    p = p * f - 0.1312875f;
    p = p * f + 0.141811922f;
    p = p * f - 0.16624555f;
    p = p * f + 0.200022861f;
    p = p * f - 0.250008106f;
    p = p * f + 0.333333164f;
    float rest = f * f * f * p + e * FLOAT_LOG2_LOW - 0.5f * (f * f);
    return (f + rest) + e * FLOAT_LOG2_HIGH;
}

/* min(u, 1 - u) of the uniform u that recoup_random_pair makes of the two words: in (0, 1/2], to
 * full relative accuracy. */
static inline float float_tail(uint32_t high, uint32_t low) {
    uint32_t upper = (uint32_t) - (int32_t)(high >> 31); /* all ones where u >= 1/2 */
    uint32_t first = high ^ upper, second = ((low ^ upper) >> 12 << 11) | 0x400;
    return ((float)(int32_t)first + (float)(int32_t)second * 0x1p-31f) * 0x1p-32f;
}

/* The z with P(N(0, 1) < z) = u, for the same u: relative error 4e-7, that of its source: Wichura
 * 1988, Algorithm AS 241 (PPND7), Applied Statistics 37: a ratio of polynomials around the centre
 * and two in sqrt(-log min(u, 1 - u)) in the tails. */
static inline float float_normal(uint32_t high, uint32_t low) {
    float tail = float_tail(high, low);
    float q = 0.5f - tail;
    float root = sqrtf(-float_log(tail));
    int32_t centre = -(q <= 0.425f), near = -(root <= 5);
#define CHOOSE(in_centre, in_near, in_far)                                                         \
    float_choose(centre, in_centre, float_choose(near, in_near, in_far))
    float r = CHOOSE(0.180625f - q * q, root - 1.6f, root - 5);
    float n0 = CHOOSE(3.3871327179f, 1.4234372777f, 6.6579051150f);
    float n1 = CHOOSE(5.0434271938e1f, 2.7568153900f, 3.0812263860f);
    float n2 = CHOOSE(1.5929113202e2f, 1.3067284816f, 4.2868294337e-1f);
    float n3 = CHOOSE(5.9109374720e1f, 1.7023821103e-1f, 1.7337203997e-2f);
    float d1 = CHOOSE(1.7895169469e1f, 7.3700164250e-1f, 2.4197894225e-1f);
    float d2 = CHOOSE(7.8757757664e1f, 1.2021132975e-1f, 1.2258202635e-2f);
    float d3 = CHOOSE(6.7187563600e1f, 0, 0);
#undef CHOOSE
    float above = ((n3 * r + n2) * r + n1) * r + n0;
    float below = ((d3 * r + d2) * r + d1) * r + 1;
    float z = float_choose(centre, q, 1) * above / below;
    return float_of_bits(float_bits(z) ^ (int32_t)(~high & 0x80000000));
}

#endif
