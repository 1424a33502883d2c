/* The kernels of win tables, against plain loops and one another. */
#include "../uniform.h"
#include "program/kernels/tables_kernel.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* Every instruction set gives the bits of the plainest. */
static void test_kernels(void **state) {
    (void)state;
    enum { WIDTH = 24, N = 61 };
    double rows[(N + 2) * WIDTH], folded[N], chance[WIDTH], sum[2][WIDTH];
    float fast_rows[N * WIDTH], fast_weight[N], fast_sum[2][WIDTH];
    uint64_t seed = 3;
    for (int i = 0; i < (N + 2) * WIDTH; i++)
        rows[i] = uniform(&seed);
    for (int i = 0; i < N * WIDTH; i++)
        fast_rows[i] = (float)uniform(&seed);
    for (int i = 0; i < WIDTH; i++)
        chance[i] = uniform(&seed);
    for (int i = 0; i < N; i++)
        fast_weight[i] = (float)(folded[i] = uniform(&seed));
    for (int n = 1; n <= N; n++) {
        recoup_worth worth = {.folded = folded,
                              .n = n,
                              .width = WIDTH,
                              .first = uniform(&seed),
                              .curve = uniform(&seed),
                              .last = uniform(&seed),
                              .before_last = uniform(&seed),
                              .end = uniform(&seed),
                              .value = rows + (ptrdiff_t)n * WIDTH,
                              .mean = rows + (ptrdiff_t)(n - 1) * WIDTH,
                              .after = rows,
                              .before = rows + WIDTH};
        for (recoup_isa isa = 0; isa < RECOUP_N_ISAS; isa = recoup_isa_next(isa)) {
            const recoup_tables_kernels *kernels = &recoup_tables_kernels_for[isa];
            int k = isa != RECOUP_ISA_PORTABLE;
            memset(sum[k], 0, sizeof sum[k]);
            kernels->add_worth(sum[k], chance, &worth);
            kernels->set_products(fast_sum[k], fast_weight, n,
                                  fast_rows + (ptrdiff_t)(n - 1) * WIDTH, WIDTH);
            assert_memory_equal(sum[k], sum[0], sizeof sum[0]);
            assert_memory_equal(fast_sum[k], fast_sum[0], sizeof fast_sum[0]);
        }
        for (int i = 0; i < WIDTH; i++) {
            double plain = 0, fast = 0;
            for (int j = 0; j < n; j++) {
                plain += folded[j] * worth.mean[i - j * WIDTH];
                fast += (double)(fast_weight[j] * fast_rows[(n - 1 - j) * WIDTH + i]);
            }
            const double *value = worth.value + i, *mean = worth.mean + i;
            plain += worth.first * (value[-WIDTH] - *value) +
                     worth.curve * (*value + value[-WIDTH] - 2 * *mean) +
                     worth.last * (worth.after[i] - worth.before[i]) +
                     worth.end * mean[-(n - 1) * WIDTH] +
                     (n > 1 ? worth.before_last * mean[-(n - 2) * WIDTH] : 0);
            assert_true(fabs(sum[0][i] - chance[i] * plain) < 1e-13 * N);
            assert_true(fabs((double)fast_sum[0][i] - fast) < 1e-6 * N);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kernels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
