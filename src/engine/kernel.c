/* One row of functions per instruction set. */
#include "engine/kernel.h"

#include "engine/kernels/kernel_name.h"

#define KERNELS(isa, name)                                                                         \
    [isa] = {.walk = recoup_walk_##name,                                                           \
             .sample = recoup_sample_##name,                                                       \
             .walk_scratch = recoup_walk_scratch_##name,                                           \
             .sample_scratch = recoup_sample_scratch_##name},

const recoup_kernels recoup_kernels_for[RECOUP_N_ISAS] = {RECOUP_ISA_LIST(KERNELS)};
