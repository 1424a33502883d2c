/* One row of functions per instruction set. */
#include "engine/characteristic_kernels.h"

#define KERNELS(isa, name)                                                                         \
    [isa] = {.fill = recoup_fill_##name,                                                           \
             .multiply = recoup_multiply_##name,                                                   \
             .polynomials = recoup_polynomials_##name,                                             \
             .exponential = recoup_exponential_##name,                                             \
             .add_rows = recoup_add_rows_##name,                                                   \
             .add_floats = recoup_add_floats_##name},

const recoup_characteristic_kernels recoup_characteristic_kernels_for[RECOUP_N_ISAS] = {
    RECOUP_ISA_LIST(KERNELS)};
