/* What is compiled once per instruction set. */
#ifndef RECOUP_ENGINE_KERNELS_KERNEL_NAME_H
#define RECOUP_ENGINE_KERNELS_KERNEL_NAME_H

#include "base/kernel_name.h"
#include "engine/kernel.h"

/* The functions of one variant. */
#define RECOUP_KERNEL_DECLARE(isa)                                                                 \
    void recoup_walk_##isa(const recoup_job *job);                                                 \
    size_t recoup_walk_scratch_##isa(const recoup_program *program);                               \
    void recoup_sample_##isa(const recoup_job *job);                                               \
    size_t recoup_sample_scratch_##isa(const recoup_tables *tables);

RECOUP_KERNEL_DECLARE(portable)
#ifdef RECOUP_X86_KERNELS
RECOUP_KERNEL_DECLARE(avx2)
RECOUP_KERNEL_DECLARE(avx512)
#endif

#endif
