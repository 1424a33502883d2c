#include "base/isa.h"

#include <string.h>

static const char *const names[RECOUP_N_ISAS] = {
    [RECOUP_ISA_PORTABLE] = "portable",
    [RECOUP_ISA_AVX2] = "avx2",
    [RECOUP_ISA_AVX512] = "avx512",
};

const char *recoup_isa_name(recoup_isa isa) {
    return names[isa];
}

/* The compiler's flags of cmake/RecoupKernels.cmake. */
bool recoup_isa_supported(recoup_isa isa) {
#ifdef RECOUP_X86_KERNELS
    if (isa == RECOUP_ISA_AVX2)
        return __builtin_cpu_supports("avx2");
    if (isa == RECOUP_ISA_AVX512)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#endif
    return isa == RECOUP_ISA_PORTABLE;
}

recoup_isa recoup_isa_next(recoup_isa isa) {
    do
        isa++;
    while (isa < RECOUP_N_ISAS && !recoup_isa_supported(isa));
    return isa;
}

recoup_isa recoup_isa_find(const char *name) {
    recoup_isa found = RECOUP_N_ISAS;
    for (recoup_isa isa = RECOUP_ISA_PORTABLE; isa < RECOUP_N_ISAS; isa = recoup_isa_next(isa))
        if (!name || strcmp(name, names[isa]) == 0)
            found = isa;
    return found;
}
