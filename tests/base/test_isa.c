/* Instruction sets, against what the operating system says of the processor. */
#include "base/isa.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Those that there are: each by its name, and one after the other to the best. */
static void test_walk(void **state) {
    (void)state;
    recoup_isa best = RECOUP_N_ISAS;
    int n_supported = 0, n_walked = 0;
    for (recoup_isa isa = 0; isa < RECOUP_N_ISAS; isa++) {
        bool supported = recoup_isa_supported(isa);
        n_supported += supported;
        assert_int_equal(recoup_isa_find(recoup_isa_name(isa)), supported ? isa : RECOUP_N_ISAS);
    }
    for (recoup_isa isa = 0; isa < RECOUP_N_ISAS; isa = recoup_isa_next(isa)) {
        assert_true(recoup_isa_supported(isa));
        n_walked++;
        best = isa;
    }
    assert_int_equal(n_walked, n_supported);
    assert_int_equal(recoup_isa_find(NULL), best);
    assert_true(recoup_isa_supported(RECOUP_ISA_PORTABLE));
}

static void test_names(void **state) {
    (void)state;
    assert_string_equal(recoup_isa_name(RECOUP_ISA_PORTABLE), "portable");
    assert_string_equal(recoup_isa_name(RECOUP_ISA_AVX2), "avx2");
    assert_string_equal(recoup_isa_name(RECOUP_ISA_AVX512), "avx512");
    const char *const none[] = {"", "avx", "AVX2", "avx2 ", "sse9"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_int_equal(recoup_isa_find(none[i]), RECOUP_N_ISAS);
}

#ifdef RECOUP_X86_KERNELS
/* Whether the word is among the flags, which are parted by spaces. */
static bool has_flag(const char *flags, const char *word) {
    size_t n = strlen(word);
    for (const char *at = flags; (at = strstr(at, word)); at += n)
        if (at[-1] == ' ' && (at[n] == ' ' || at[n] == '\n'))
            return true;
    return false;
}

/* Of the first processor, as Linux writes them. */
static bool read_flags(char *line, int size) {
    FILE *file = fopen("/proc/cpuinfo", "r");
    bool found = false;
    while (file && !found && fgets(line, size, file))
        found = strncmp(line, "flags", 5) == 0;
    if (file)
        fclose(file);
    return found;
}

static void test_processor(void **state) {
    (void)state;
    static char flags[1 << 16];
    if (!read_flags(flags, sizeof flags))
        skip();
    assert_int_equal(recoup_isa_supported(RECOUP_ISA_AVX2), has_flag(flags, "avx2"));
    assert_int_equal(recoup_isa_supported(RECOUP_ISA_AVX512),
                     has_flag(flags, "avx512f") && has_flag(flags, "avx512bw") &&
                         has_flag(flags, "avx512dq") && has_flag(flags, "avx512vl"));
}
#else
static void test_processor(void **state) {
    (void)state;
    assert_false(recoup_isa_supported(RECOUP_ISA_AVX2));
    assert_false(recoup_isa_supported(RECOUP_ISA_AVX512));
}
#endif

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_walk),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_processor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
