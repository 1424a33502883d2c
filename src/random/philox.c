#include "random/random.h"

#include <Random123/philox.h>

/* The upper 52 bits of 64, at the centre of their cell: never 0, never 1 (with 53 bits the last
 * centre would round to 1). */
static inline double uniform(uint32_t high, uint32_t low) {
    uint64_t bits = ((uint64_t)high << 32 | low) >> 12;
    return ((double)bits + 0.5) * 0x1p-52;
}

recoup_pair recoup_random_pair(uint64_t seed, uint32_t path, uint64_t entity, uint32_t step,
                               recoup_purpose purpose) {
    philox4x32_key_t key = {{(uint32_t)seed, (uint32_t)(seed >> 32)}};
    philox4x32_ctr_t counter = {
        {path, (uint32_t)entity, (uint32_t)(entity >> 32), step << 8 | (uint32_t)purpose}};
    philox4x32_ctr_t block = philox4x32_R(10, counter, key);
    return (recoup_pair){uniform(block.v[0], block.v[1]), uniform(block.v[2], block.v[3])};
}
