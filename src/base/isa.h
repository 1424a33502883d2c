/* The instruction sets that kernels are compiled for (cmake/RecoupKernels.cmake), from the plainest
 * to the best. A table of kernels is an array indexed by recoup_isa. */
#ifndef RECOUP_BASE_ISA_H
#define RECOUP_BASE_ISA_H

#include <stdbool.h>

typedef enum recoup_isa {
    RECOUP_ISA_PORTABLE,
    RECOUP_ISA_AVX2,
    RECOUP_ISA_AVX512,
    RECOUP_N_ISAS
} recoup_isa;

/* X(instruction set, what the names of its functions end with) for those of this build. */
#ifdef RECOUP_X86_KERNELS
#define RECOUP_ISA_LIST(X)                                                                         \
    X(RECOUP_ISA_PORTABLE, portable)                                                               \
    X(RECOUP_ISA_AVX2, avx2)                                                                       \
    X(RECOUP_ISA_AVX512, avx512)
#else
#define RECOUP_ISA_LIST(X) X(RECOUP_ISA_PORTABLE, portable)
#endif

/* "portable", "avx2", "avx512". */
const char *recoup_isa_name(recoup_isa isa);
/* Whether this build has it and this processor runs it: `portable` always. */
bool recoup_isa_supported(recoup_isa isa);
/* The supported one of that name; NULL: the best. RECOUP_N_ISAS: there is none. */
recoup_isa recoup_isa_find(const char *name);
/* The supported one after it; RECOUP_N_ISAS ends. */
recoup_isa recoup_isa_next(recoup_isa isa);

#endif
