/* Philox4x32-10 (Salmon et al. 2011; Random123) of many counters at once: the same blocks as
 * recoup_random_pair. GCC spends three instructions too many on the wide products when it
 * vectorises them by itself; hence lanes.h.
 *
 * All functions work on n rounded up to a multiple of 16: arrays have that many elements to read
 * and to write. */
#ifndef RECOUP_ENGINE_KERNELS_PHILOX_H
#define RECOUP_ENGINE_KERNELS_PHILOX_H

#include "engine/kernels/lanes.h"

enum { PHILOX_STEP = 16 }; /* n is rounded up to its multiples; LANES divides it */

static inline int philox_padded(int n) {
    return (n + PHILOX_STEP - 1) / PHILOX_STEP * PHILOX_STEP;
}

/* The last word of the counter. */
static inline uint32_t philox_last(uint32_t step, uint32_t purpose) {
    return step << 8 | purpose;
}

/* Counters in, blocks out, in the lower halves of the lanes; the upper ones are of no meaning. */
static inline void philox_rounds(lanes word[4], uint64_t seed) {
    const lanes m0 = lanes_fill(0xD2511F53), m1 = lanes_fill(0xCD9E8D57);
    uint32_t key0 = (uint32_t)seed, key1 = (uint32_t)(seed >> 32);
#pragma GCC unroll 10
    for (int round = 0; round < 10; round++) {
        lanes p0 = lanes_multiply(m0, word[0]), p1 = lanes_multiply(m1, word[2]);
        word[0] = lanes_high(p1) ^ word[1] ^ lanes_fill(key0);
        word[1] = p1;
        word[2] = lanes_high(p0) ^ word[3] ^ lanes_fill(key1);
        word[3] = p0;
        key0 += 0x9E3779B9; /* Weyl sequences: the golden ratio, sqrt(3) - 1 */
        key1 += 0xBB67AE85;
    }
}

/* The blocks of (path[i], entity, last[i]): word k of each into out[k]. */
static inline void philox_blocks(uint64_t seed, const uint32_t *path, uint64_t entity,
                                 const uint32_t *last, int n, uint32_t *const out[4]) {
    for (int i = 0; i < philox_padded(n); i += LANES) {
        lanes word[4] = {lanes_widen(path + i), lanes_fill((uint32_t)entity),
                         lanes_fill(entity >> 32), lanes_widen(last + i)};
        philox_rounds(word, seed);
        for (int k = 0; k < 4; k++)
            lanes_narrow(out[k] + i, word[k]);
    }
}

/* The same when the entities differ too: low[i] and high[i] are their halves. */
static inline void philox_blocks_each(uint64_t seed, const uint32_t *path, const uint32_t *low,
                                      const uint32_t *high, const uint32_t *last, int n,
                                      uint32_t *const out[4]) {
    for (int i = 0; i < philox_padded(n); i += LANES) {
        lanes word[4] = {lanes_widen(path + i), lanes_widen(low + i), lanes_widen(high + i),
                         lanes_widen(last + i)};
        philox_rounds(word, seed);
        for (int k = 0; k < 4; k++)
            lanes_narrow(out[k] + i, word[k]);
    }
}

/* out[4·i + k] = word k of the block of (first + i, entity, last), for 4·i < n, which is a multiple
 * of 4 here; out has room for n rounded up to a multiple of 4·PHILOX_STEP. */
static inline void philox_words(uint64_t seed, uint32_t first, uint64_t entity, uint32_t last,
                                int n, uint32_t *out) {
    for (int i = 0; i < philox_padded(n / 4); i += LANES) {
        lanes word[4] = {lanes_number() + lanes_fill(first + (uint32_t)i),
                         lanes_fill((uint32_t)entity), lanes_fill(entity >> 32), lanes_fill(last)};
        philox_rounds(word, seed);
        lanes_zip(out + 4 * i, lanes_join(word[1], word[0]), lanes_join(word[3], word[2]));
    }
}

/* The two uniforms of a block as recoup_random_pair makes them: the upper 52 of 64 bits, at the
 * centre of their cell. All steps are exact. */
static inline double philox_uniform(uint32_t high, uint32_t low) {
    uint64_t bits = ((uint64_t)high << 32 | low) >> 12 | UINT64_C(0x3ff0000000000000);
    double value; /* 1 + bits·2^-52 */
    memcpy(&value, &bits, sizeof value);
    return (value - 1) + 0x1p-53;
}

#endif
