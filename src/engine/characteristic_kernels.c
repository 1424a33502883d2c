/* One table of functions per instruction set, chosen by what the processor has. */
#include "engine/characteristic_kernels.h"

#include "engine/kernel.h"
#include <string.h>

#define KERNELS(name)                                                                              \
    {                                                                                              \
#name, recoup_fill_##name, recoup_multiply_##name, recoup_polynomials_##name,              \
            recoup_exponential_##name, recoup_add_rows_##name, recoup_add_floats_##name            \
    }

static const recoup_characteristic_kernels variants[] = {
    KERNELS(portable),
#ifdef RECOUP_X86_KERNELS
    KERNELS(avx2),
    KERNELS(avx512),
#endif
};
enum { N_VARIANTS = sizeof variants / sizeof *variants };

/* The variant of the same name; NULL for NULL. */
static const recoup_characteristic_kernels *variant_of(const recoup_kernels *kernels) {
    for (int i = 0; kernels && i < N_VARIANTS; i++)
        if (strcmp(variants[i].isa, kernels->isa) == 0)
            return &variants[i];
    return NULL;
}

const recoup_characteristic_kernels *recoup_characteristic_kernels_find(void) {
    return variant_of(recoup_kernels_find(NULL));
}

const recoup_characteristic_kernels *
recoup_characteristic_kernels_next(const recoup_characteristic_kernels *before) {
    return variant_of(recoup_kernels_next(before ? recoup_kernels_find(before->isa) : NULL));
}
