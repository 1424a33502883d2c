/* Counter-based random numbers: a value is a pure function of (seed, path, entity, step, purpose),
 * so that nothing depends on the order in which paths, deals or plans are simulated, nor on
 * threads. Every plan sees the same values: common random numbers.
 *
 * Philox4x32-10 of Salmon et al. 2011 (Random123), key = seed, counter = (path, entity, step and
 * purpose). One block of 128 bits gives two uniforms.
 */
#ifndef RECOUP_RANDOM_RANDOM_H
#define RECOUP_RANDOM_RANDOM_H

#include <stdint.h>

/* What a block is used for; never reuse a number, since results depend on it. */
typedef enum recoup_purpose {
    RECOUP_DRAW_MARKET = 1,      /* entity 0: Z */
    RECOUP_DRAW_VISIT = 2,       /* open deal, step = visit: exit, dwell */
    RECOUP_DRAW_BOOKING = 3,     /* open deal: revision, escape from a discount limit */
    RECOUP_DRAW_COUNT = 4,       /* stream and layer: number of arrivals, rate factor */
    RECOUP_DRAW_ARRIVAL = 5,     /* new deal: time, height in its layer */
    RECOUP_DRAW_DEAL = 6,        /* new deal: amount, rep */
    RECOUP_DRAW_MIX = 7,         /* new deal: segment, discount */
    RECOUP_DRAW_NEW_VISIT = 8,   /* new deal, step = visit: exit, dwell */
    RECOUP_DRAW_NEW_BOOKING = 9, /* new deal: revision, escape from a discount limit */
    RECOUP_DRAW_LEAD = 10,       /* new deal, step = move: whether and to whom a lead goes */
    RECOUP_DRAW_PARAMETER = 11,  /* path = parameter draw, entity = parameter: posterior draws */
    RECOUP_DRAW_SOBOL = 12,      /* path = replicate, step = dimension: the scrambling (sobol.h) */
    RECOUP_DRAW_FATE = 13,       /* open deal of `sample`, path / 4: slot of its win, four paths */
    RECOUP_DRAW_WIN_COUNT = 14,  /* stream and layer of `sample`: points, rate factor */
    RECOUP_DRAW_WIN = 15,        /* point of `sample`: time, height in its layer */
    RECOUP_DRAW_MOVE = 16,   /* open deal, seed = lever: whether it is in the share that moves */
    RECOUP_DRAW_SHUFFLE = 17 /* path = shuffle, step = place: permutation tests */
} recoup_purpose;

typedef struct recoup_pair {
    double first, second; /* independent, uniform in (0, 1): odd multiples of 2^-53 */
} recoup_pair;

/* step < 2^24. */
recoup_pair recoup_random_pair(uint64_t seed, uint32_t path, uint64_t entity, uint32_t step,
                               recoup_purpose purpose);

/* The smallest k with P(N <= k) >= u for N ~ Poisson(mean), mean >= 0; monotone in u and in mean.
 */
unsigned recoup_poisson_quantile(double mean, double u);

#endif
