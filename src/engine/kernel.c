/* One table of functions per instruction set, chosen by what the processor has. */
#include "engine/kernel.h"

#include "engine/kernels/kernel_name.h"
#include <stdbool.h>
#include <string.h>

#define KERNELS(name)                                                                              \
    {                                                                                              \
#name, recoup_walk_##name, recoup_sample_##name, recoup_walk_scratch_##name,               \
            recoup_sample_scratch_##name                                                           \
    }

/* From the plainest to the best. */
static const recoup_kernels variants[] = {
    KERNELS(portable),
#ifdef RECOUP_X86_KERNELS
    KERNELS(avx2),
    KERNELS(avx512),
#endif
};
enum { N_VARIANTS = sizeof variants / sizeof *variants };

static bool is_supported(int variant) {
#ifdef RECOUP_X86_KERNELS
    if (variant == 1)
        return __builtin_cpu_supports("avx2");
    if (variant == 2)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#endif
    return variant == 0;
}

const recoup_kernels *recoup_kernels_find(const char *name) {
    const recoup_kernels *best = NULL;
    for (int i = 0; i < N_VARIANTS; i++)
        if (is_supported(i) && (!name || strcmp(name, variants[i].isa) == 0))
            best = &variants[i];
    return best;
}

const recoup_kernels *recoup_kernels_next(const recoup_kernels *before) {
    int i = before ? (int)(before - variants) + 1 : 0;
    while (i < N_VARIANTS && !is_supported(i))
        i++;
    return i < N_VARIANTS ? &variants[i] : NULL;
}
