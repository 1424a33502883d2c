/* One table of functions per instruction set, chosen by what the processor has. */
#include "program/kernels/tables_kernel.h"

#include <stdbool.h>
#include <stddef.h>

/* From the plainest to the best. */
static const recoup_tables_kernels variants[] = {
    {"portable", recoup_add_worth_portable, recoup_set_products_portable},
#ifdef RECOUP_X86_KERNELS
    {"avx2", recoup_add_worth_avx2, recoup_set_products_avx2},
    {"avx512", recoup_add_worth_avx512, recoup_set_products_avx512},
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

const recoup_tables_kernels *recoup_tables_kernels_find(void) {
    int best = N_VARIANTS - 1;
    while (!is_supported(best))
        best--;
    return &variants[best];
}

const recoup_tables_kernels *recoup_tables_kernels_next(const recoup_tables_kernels *before) {
    int i = before ? (int)(before - variants) + 1 : 0;
    while (i < N_VARIANTS && !is_supported(i))
        i++;
    return i < N_VARIANTS ? &variants[i] : NULL;
}
