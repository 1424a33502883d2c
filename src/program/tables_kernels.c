/* One row of functions per instruction set. */
#include "program/kernels/tables_kernel.h"

#define KERNELS(isa, name)                                                                         \
    [isa] = {.add_worth = recoup_add_worth_##name, .set_products = recoup_set_products_##name},

const recoup_tables_kernels recoup_tables_kernels_for[RECOUP_N_ISAS] = {RECOUP_ISA_LIST(KERNELS)};
