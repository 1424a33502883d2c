/* What the kernels compute with, against libm, GSL, Random123's known answers and plain loops.
 * Compiled once per instruction set (CMakeLists.txt). */
#include "engine/kernels/compress.h"
#include "engine/kernels/floats.h"
#include "engine/kernels/philox.h"
#include "engine/kernels/vector_float.h"
#include "random/random.h"
#include <gsl/gsl_cdf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

enum { N = 1024 };

/* --- functions of floats ---------------------------------------------------------------------- */

/* Distance in units of the last place of the exact value. */
static double ulps(float value, double exact) {
    return fabs((double)value - exact) / ldexp(1, ilogb(exact) - 23);
}

static void test_exp(void **state) {
    (void)state;
    static float x[N], y[N];
    double worst = 0;
    for (double at = -87; at < 88;) {
        for (int i = 0; i < N; i++, at += 1e-4)
            x[i] = (float)fmin(at, 88);
        for (int i = 0; i < N; i++)
            y[i] = float_exp(x[i]);
        for (int i = 0; i < N; i++)
            worst = fmax(worst, ulps(y[i], exp((double)x[i])));
    }
    assert_true(worst < 1);
    assert_true(float_exp(0) == 1);
    assert_true(float_exp(-1000) == float_exp(-87) && float_exp(1000) == float_exp(88));
}

static void test_log(void **state) {
    (void)state;
    static float x[N], y[N];
    double worst = 0;
    for (int32_t bits = 0x00800000; bits < 0x7f000000;) { /* every 1009th normal number */
        for (int i = 0; i < N; i++, bits += 1009)
            x[i] = float_of_bits(bits);
        for (int i = 0; i < N; i++)
            y[i] = float_log(x[i]);
        for (int i = 0; i < N; i++)
            if (x[i] != 1)
                worst = fmax(worst, ulps(y[i], log((double)x[i])));
    }
    assert_true(worst < 1);
    assert_true(float_log(1) == 0);
}

/* Both tails down to 2^-53, evenly in the logarithm, and the middle. Bound: PPND7's own error of
 * 1e-7 and the roundings of seven operations on floats. */
static void test_normal(void **state) {
    (void)state;
    static uint32_t high[N], low[N];
    static float z[N], tail[N];
    double worst = 0, worst_tail = 0;
    for (int block = 0; block < 400; block++) {
        for (int i = 0; i < N; i++) {
            recoup_pair draw = recoup_random_pair(1, (uint32_t)block, (uint64_t)i, 0, 1);
            uint64_t bits = (uint64_t)(draw.first * 0x1p63) >> (int)(draw.second * 62);
            if (i % 2)
                bits = ~bits;
            high[i] = (uint32_t)(bits >> 32);
            low[i] = (uint32_t)bits;
        }
        for (int i = 0; i < N; i++) {
            tail[i] = float_tail(high[i], low[i]);
            z[i] = float_normal(high[i], low[i]);
        }
        for (int i = 0; i < N; i++) {
            double u = philox_uniform(high[i], low[i]);
            double exact = u < 0.5 ? gsl_cdf_ugaussian_Pinv(u) : gsl_cdf_ugaussian_Qinv(1 - u);
            double error = fabs((double)z[i] - exact);
            worst = fmax(worst, error / fmax(1, fabs(exact)));
            worst_tail = fmax(worst_tail, fabs((double)tail[i] / fmin(u, 1 - u) - 1));
        }
    }
    assert_true(worst < 6e-7);
    assert_true(worst_tail < 0x1p-23);
}

static void test_polynomials(void **state) {
    (void)state;
    float coefficient[4 * 5], x[FLOATS], value[FLOATS];
    for (int k = 0; k < 4 * 5; k++)
        coefficient[k] = (float)(k % 7) - 2.5f;
    for (int i = 0; i < FLOATS; i++)
        x[i] = (float)i / FLOATS - 0.4f;
    floats four[4];
    floats_polynomials(coefficient, 5, floats_load(x), four);
    for (int j = 0; j < 4; j++) {
        memcpy(value, &four[j], sizeof value);
        for (int i = 0; i < FLOATS; i++) {
            const float *c = coefficient + 5 * j;
            float sum = (((c[4] * x[i] + c[3]) * x[i] + c[2]) * x[i] + c[1]) * x[i] + c[0];
            assert_true(value[i] == sum);
        }
        floats one = floats_polynomial(coefficient + 5 * j, 5, floats_load(x));
        assert_memory_equal(&one, &four[j], sizeof one);
    }
    floats constant = floats_polynomial(coefficient, 1, floats_load(x));
    assert_true(floats_below(constant, floats_load(x)) == (1u << (FLOATS - 1) << 1) - 1);
    for (int i = 0; i < FLOATS; i++)
        assert_int_equal(floats_below(floats_load(x), x[i] - (floats){0}), (1u << i) - 1);
}

/* --- random numbers --------------------------------------------------------------------------- */

/* Random123's kat_vectors for philox4x32-10: zeros, ones, the digits of pi. */
static void test_known_answers(void **state) {
    (void)state;
    static const uint32_t known[3][10] = {
        {0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
        {~0u, ~0u, ~0u, ~0u, ~0u, ~0u, 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
        {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09,
         0x94fdcceb, 0x5001e420, 0x24126ea1},
    };
    for (int i = 0; i < 3; i++) {
        const uint32_t *at = known[i];
        uint64_t seed = (uint64_t)at[5] << 32 | at[4], entity = (uint64_t)at[2] << 32 | at[1];
        uint32_t path[16], low[16], high[16], last[16], word[64], into[4][16];
        uint32_t *const out[4] = {into[0], into[1], into[2], into[3]};
        for (int j = 0; j < 16; j++) {
            path[j] = at[0];
            low[j] = at[1];
            high[j] = at[2];
            last[j] = at[3];
        }
        philox_blocks(seed, path, entity, last, 13, out);
        for (int j = 0; j < 16; j++)
            for (int k = 0; k < 4; k++)
                assert_int_equal(out[k][j], at[6 + k]);
        memset(into, 0, sizeof into);
        philox_blocks_each(seed, path, low, high, last, 16, out);
        for (int k = 0; k < 4; k++)
            assert_int_equal(out[k][7], at[6 + k]);
        philox_words(seed, at[0], entity, at[3], 4, word);
        for (int k = 0; k < 4; k++)
            assert_int_equal(word[k], at[6 + k]);
    }
}

static void test_uniforms(void **state) {
    (void)state;
    static uint32_t path[N], low[N], high[N], last[N], block[4][N], each[4][N], word[4 * N];
    uint32_t *const out[4] = {block[0], block[1], block[2], block[3]};
    uint32_t *const out_each[4] = {each[0], each[1], each[2], each[3]};
    const uint64_t seed = 0x0123456789abcdef, entity = 0xfedcba9876543210;
    for (int i = 0; i < N; i++) {
        path[i] = (uint32_t)(i * 7919);
        low[i] = (uint32_t)i * 2654435761u;
        high[i] = ~low[i] + (uint32_t)i;
        last[i] = philox_last((uint32_t)i, RECOUP_DRAW_VISIT);
    }
    philox_blocks(seed, path, entity, last, N, out);
    philox_blocks_each(seed, path, low, high, last, N, out_each);
    philox_words(seed, 5, entity, last[3], 4 * N, word);
    for (int i = 0; i < N; i++) {
        recoup_pair pair =
            recoup_random_pair(seed, path[i], entity, (uint32_t)i, RECOUP_DRAW_VISIT);
        assert_true(pair.first == philox_uniform(block[0][i], block[1][i]));
        assert_true(pair.second == philox_uniform(block[2][i], block[3][i]));
        pair = recoup_random_pair(seed, path[i], (uint64_t)high[i] << 32 | low[i], (uint32_t)i,
                                  RECOUP_DRAW_VISIT);
        assert_true(pair.first == philox_uniform(each[0][i], each[1][i]));
        assert_true(pair.second == philox_uniform(each[2][i], each[3][i]));
        pair = recoup_random_pair(seed, 5 + (uint32_t)i, entity, 3, RECOUP_DRAW_VISIT);
        assert_true(pair.first == philox_uniform(word[4 * i], word[4 * i + 1]));
        assert_true(pair.second == philox_uniform(word[4 * i + 2], word[4 * i + 3]));
    }
    assert_true(philox_uniform(0, 0) == 0x1p-53 && philox_uniform(~0u, ~0u) == 1 - 0x1p-53);
}

/* --- lists ------------------------------------------------------------------------------------ */

static void test_compress(void **state) {
    (void)state;
    enum { MOST = 100 };
    uint8_t keep[MOST + LIST_STEP];
    int32_t list[MOST + LIST_STEP], expected[MOST];
    for (int round = 0; round < 2000; round++) {
        double share = recoup_random_pair(2, (uint32_t)round, 0, 0, 1).first;
        int n = round % (MOST + 1), count = 0;
        for (int i = 0; i < MOST + LIST_STEP; i++) /* beyond n too: that must not matter */
            keep[i] = recoup_random_pair(2, (uint32_t)round, 1, (uint32_t)i, 1).first < share;
        for (int i = 0; i < n; i++)
            if (keep[i])
                expected[count++] = i;
        assert_int_equal(list_compress(NULL, keep, n, list), count);
        assert_memory_equal(list, expected, (size_t)count * sizeof *list);
        for (int i = count; i < count + LIST_STEP; i++)
            assert_int_equal(list[i], 0);
        int fewer = 0;
        for (int i = 0; i < count; i++)
            if (keep[i])
                expected[fewer++] = expected[i];
        assert_int_equal(list_compress(list, keep, count, list), fewer);
        assert_memory_equal(list, expected, (size_t)fewer * sizeof *list);
    }
}

int main(void) {
#if defined __AVX512F__
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
        !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512vl"))
        return puts("not run: this processor has no AVX-512") < 0;
#elif defined __AVX2__
    if (!__builtin_cpu_supports("avx2"))
        return puts("not run: this processor has no AVX2") < 0;
#endif
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exp),           cmocka_unit_test(test_log),
        cmocka_unit_test(test_normal),        cmocka_unit_test(test_polynomials),
        cmocka_unit_test(test_known_answers), cmocka_unit_test(test_uniforms),
        cmocka_unit_test(test_compress),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
