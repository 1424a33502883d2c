/* Names of what is compiled once per instruction set (cmake/RecoupKernels.cmake):
 * RECOUP_KERNEL(recoup_walk) is recoup_walk_avx2 where RECOUP_ISA is avx2. */
#ifndef RECOUP_BASE_KERNEL_NAME_H
#define RECOUP_BASE_KERNEL_NAME_H

#define RECOUP_KERNEL_PASTE(name, isa) name##_##isa
#define RECOUP_KERNEL_EXPAND(name, isa) RECOUP_KERNEL_PASTE(name, isa)
#define RECOUP_KERNEL(name) RECOUP_KERNEL_EXPAND(name, RECOUP_ISA)

#endif
