/* Blocks of the posterior that are not normal: they bring their own draws. */
#include "fit/posterior.h"

#include "random/random.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

void recoup_posterior_add_draws(recoup_posterior *posterior, int n, double *const *target,
                                const double *deviation) {
    size_t size = (size_t)n, n_values = size * RECOUP_POSTERIOR_DRAWS;
    if (n == 0)
        return;
    recoup_posterior_block block = {
        .n = n,
        .target = recoup_arena_alloc(&posterior->arena, size, sizeof *block.target),
        .deviation = recoup_arena_alloc(&posterior->arena, n_values, sizeof *block.deviation)};
    if (!block.target || !block.deviation ||
        !RECOUP_GROW(posterior->block, posterior->n_blocks, posterior->capacity)) {
        posterior->failed = true;
        return;
    }
    memcpy(block.target, target, size * sizeof *block.target);
    memcpy(block.deviation, deviation, n_values * sizeof *block.deviation);
    posterior->block[posterior->n_blocks++] = block;
}

double recoup_posterior_uniform(uint64_t seed, int draw, const char *name) {
    uint64_t entity = recoup_hash_text(RECOUP_HASH_START, name);
    return recoup_random_pair(seed, (uint32_t)draw, entity, 0, RECOUP_DRAW_PARAMETER).first;
}

/* Gamma variates over their sum, each by inversion (Devroye 1986, chapter XI, theorem 4.1). */
void recoup_posterior_add_shares(recoup_posterior *posterior, uint64_t seed, int n, double *share,
                                 const double *parameter) {
    double *deviation = RECOUP_NEW(double, (size_t)n *RECOUP_POSTERIOR_DRAWS);
    double **target = RECOUP_NEW(double *, n), whole = 0;
    if (!deviation || !target) {
        posterior->failed = true;
        goto done;
    }
    for (int i = 0; i < n; i++) {
        target[i] = &share[i];
        whole += parameter[i];
    }
    for (int d = 0; d < RECOUP_POSTERIOR_DRAWS; d++) {
        double *row = deviation + (size_t)d * (size_t)n, sum = 0;
        for (int i = 0; i < n; i++) {
            char name[40];
            snprintf(name, sizeof name, "mix.segment %d", i);
            /* GSL's inverse does not converge for shapes of some 10,000 and more. */
            const recoup_dist gamma = {RECOUP_GAMMA, 0, {parameter[i]}};
            row[i] = recoup_dist_quantile(&gamma, recoup_posterior_uniform(seed, d, name));
            sum += row[i];
        }
        for (int i = 0; i < n; i++)
            row[i] = log(row[i] / sum) - log(parameter[i] / whole);
    }
    recoup_posterior_add_draws(posterior, n, target, deviation);
done:
    free(deviation);
    free(target);
}
