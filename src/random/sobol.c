#include "random/sobol.h"

#include <Random123/philox.h>

#include "random/random.h"

enum { DIGITS = 32, MAX_DEGREE = 7 };

/* Dimensions 1 to 31 as in the file new-joe-kuo-6.21201 of Joe & Kuo (there d = 2 to 32): degree s
 * of the primitive polynomial, its inner coefficients a as binary digits, and m_1 to m_s. */
static const struct {
    uint8_t degree, coefficients, initial[MAX_DEGREE];
} generators[RECOUP_SOBOL_DIMENSIONS - 1] = {
    {1, 0, {1}},
    {2, 1, {1, 3}},
    {3, 1, {1, 3, 1}},
    {3, 2, {1, 1, 1}},
    {4, 1, {1, 1, 3, 3}},
    {4, 4, {1, 3, 5, 13}},
    {5, 2, {1, 1, 5, 5, 17}},
    {5, 4, {1, 1, 5, 5, 5}},
    {5, 7, {1, 1, 7, 11, 19}},
    {5, 11, {1, 1, 5, 1, 1}},
    {5, 13, {1, 1, 1, 3, 11}},
    {5, 14, {1, 3, 5, 5, 31}},
    {6, 1, {1, 3, 3, 9, 7, 49}},
    {6, 13, {1, 1, 1, 15, 21, 21}},
    {6, 16, {1, 3, 1, 13, 27, 49}},
    {6, 19, {1, 1, 1, 15, 7, 5}},
    {6, 22, {1, 3, 1, 15, 13, 25}},
    {6, 25, {1, 1, 5, 5, 19, 61}},
    {7, 1, {1, 3, 7, 11, 23, 15, 103}},
    {7, 4, {1, 3, 7, 13, 13, 15, 69}},
    {7, 7, {1, 1, 3, 13, 7, 35, 63}},
    {7, 8, {1, 3, 5, 9, 1, 25, 53}},
    {7, 14, {1, 3, 1, 13, 9, 35, 107}},
    {7, 19, {1, 3, 1, 5, 27, 61, 31}},
    {7, 21, {1, 1, 5, 11, 19, 41, 61}},
    {7, 28, {1, 3, 5, 3, 3, 13, 69}},
    {7, 31, {1, 1, 7, 13, 1, 19, 1}},
    {7, 32, {1, 3, 7, 5, 13, 19, 59}},
    {7, 37, {1, 1, 3, 9, 25, 29, 41}},
    {7, 41, {1, 3, 5, 13, 23, 1, 55}},
    {7, 42, {1, 3, 7, 3, 13, 59, 17}},
};

/* The first n direction numbers times 2^32: digit k of the index, counted from 0 at the lowest,
 * brings in v[k] (Bratley & Fox 1988; Joe & Kuo 2008). */
static void directions(uint32_t dimension, unsigned n, uint32_t v[]) {
    if (dimension == 0) { /* van der Corput's sequence */
        for (unsigned k = 0; k < n; k++)
            v[k] = 1u << (DIGITS - 1 - k);
        return;
    }
    const uint8_t *initial = generators[dimension - 1].initial;
    unsigned degree = generators[dimension - 1].degree;
    unsigned coefficients = generators[dimension - 1].coefficients;
    for (unsigned k = 0; k < n && k < degree; k++)
        v[k] = (uint32_t)initial[k] << (DIGITS - 1 - k);
    for (unsigned k = degree; k < n; k++) {
        /* Set above or in an earlier turn: degree is at least 1.
         * NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult) */
        v[k] = v[k - degree] ^ v[k - degree] >> degree;
        for (unsigned j = 1; j < degree; j++)
            if (coefficients >> (degree - 1 - j) & 1)
                v[k] ^= v[k - j];
    }
}

/* The sum modulo 2 of the direction numbers of the ones of the index. */
static uint32_t combine(const uint32_t v[], uint32_t index) {
    uint32_t point = 0;
    for (unsigned k = 0; index; k++, index >>= 1)
        if (index & 1)
            point ^= v[k];
    return point;
}

typedef struct scrambling {
    uint64_t seed;
    uint32_t replicate, dimension;
} scrambling;

/* 128 random bits of a node of the binary tree of numbers: 2^k + the first k digits. The counter is
 * laid out as in recoup_random_pair, with a purpose of its own. */
static philox4x32_ctr_t node_bits(const scrambling *s, uint64_t node) {
    philox4x32_key_t key = {{(uint32_t)s->seed, (uint32_t)(s->seed >> 32)}};
    philox4x32_ctr_t counter = {{s->replicate, (uint32_t)node, (uint32_t)(node >> 32),
                                 s->dimension << 8 | (uint32_t)RECOUP_DRAW_SOBOL}};
    return philox4x32_R(10, counter, key);
}

/* Owen's nested uniform scrambling. The digit after the first k is flipped by a random bit of the
 * node of these k digits. 7 levels of the tree below one node have 127 nodes: the bits 1 to 127 of
 * its block, numbered as in a heap. Below digit 32 the unscrambled digits are zeros, and each has a
 * node that no other point reaches: fresh random bits. */
static double scramble(const scrambling *s, uint32_t point) {
    enum { LEVELS = 7 };
    uint64_t top = 1ULL << DIGITS | point; /* node of k digits: top >> (DIGITS - k) */
    uint32_t flips = 0;
    for (unsigned k = 0; k < DIGITS; k += LEVELS) {
        philox4x32_ctr_t block = node_bits(s, top >> (DIGITS - k));
        for (unsigned level = 0; level < LEVELS && k + level < DIGITS; level++) {
            unsigned rest = DIGITS - k - level; /* digits from this one on */
            uint32_t below = (uint32_t)(top >> rest) & ((1u << level) - 1);
            uint32_t place = 1u << level | below;
            flips |= (block.v[place / 32] >> place % 32 & 1) << (rest - 1);
        }
    }
    uint64_t low = node_bits(s, top).v[0] >> 12;
    return ((double)((uint64_t)(point ^ flips) << 20 | low) + 0.5) * 0x1p-52;
}

uint32_t recoup_sobol_unscrambled(uint32_t dimension, uint32_t index) {
    uint32_t v[DIGITS];
    unsigned n = 0;
    while (n < DIGITS && index >> n)
        n++;
    directions(dimension, n, v);
    return combine(v, index);
}

double recoup_sobol(uint64_t seed, uint32_t replicate, uint32_t dimension, uint32_t index) {
    scrambling s = {seed, replicate, dimension};
    return scramble(&s, recoup_sobol_unscrambled(dimension, index));
}

void recoup_sobol_fill(uint64_t seed, uint32_t replicate, uint32_t dimension, uint32_t first,
                       size_t n, double values[]) {
    scrambling s = {seed, replicate, dimension};
    uint32_t v[DIGITS];
    directions(dimension, DIGITS, v);
    for (size_t i = 0; i < n; i++)
        values[i] = scramble(&s, combine(v, first + (uint32_t)i));
}
