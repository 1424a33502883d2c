/* What is compiled once per instruction set. */
#ifndef RECOUP_ENGINE_KERNELS_KERNEL_NAME_H
#define RECOUP_ENGINE_KERNELS_KERNEL_NAME_H

#include "base/isa.h"
#include "base/kernel_name.h"
#include "engine/kernel.h"

#define RECOUP_KERNEL_DECLARE(isa, name)                                                           \
    void recoup_walk_##name(const recoup_job *job);                                                \
    size_t recoup_walk_scratch_##name(const recoup_program *program);                              \
    void recoup_sample_##name(const recoup_job *job);                                              \
    size_t recoup_sample_scratch_##name(const recoup_tables *tables);

RECOUP_ISA_LIST(RECOUP_KERNEL_DECLARE)

#endif
