/* Random numbers for tests, independent of the library's: Sebastiano Vigna's SplitMix64, public
 * domain. */
#ifndef RECOUP_TESTS_UNIFORM_H
#define RECOUP_TESTS_UNIFORM_H

#include <stdint.h>

/* The next number in (0, 1). */
static inline double uniform(uint64_t *seed) {
    uint64_t z = *seed += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return ((double)((z ^ (z >> 31)) >> 11) + .5) * 0x1p-53;
}

static inline double between(uint64_t *seed, double low, double high) {
    return low + uniform(seed) * (high - low);
}

#endif
