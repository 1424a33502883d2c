/* Scrambled Sobol points: the sequence against SciPy, the net property by counting, the scrambling
 * against the exact variance of Owen-scrambled nets. Statistics are held to 4 of their standard
 * errors. */
#include "random/sobol.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { DIMENSIONS = RECOUP_SOBOL_DIMENSIONS, MAX_POINTS = 1 << 12 };

static void test_scipy(void **state) {
    (void)state;
    FILE *file = fopen(SOURCE_DIR "/tests/oracle/sobol_scipy.csv", "r");
    assert_non_null(file);
    char line[1024];
    assert_non_null(fgets(line, sizeof line, file));
    int n = 0;
    for (; fgets(line, sizeof line, file); n++) {
        char *place = line;
        uint32_t index = (uint32_t)strtoul(place, &place, 10);
        for (uint32_t d = 0; d < DIMENSIONS; d++) {
            assert_int_equal(*place, ',');
            assert_int_equal(recoup_sobol_unscrambled(d, index), strtoul(place + 1, &place, 10));
        }
    }
    assert_int_equal(n, 32 + 5 + 32);
    assert_int_equal(fclose(file), 0);
}

/* One value at a time and many at once are the same bits, also at the end of the sequence. */
static void test_fill(void **state) {
    (void)state;
    const uint32_t firsts[] = {0, 5, 1023, UINT32_MAX - 99};
    double values[100];
    for (uint32_t d = 0; d < DIMENSIONS; d++)
        for (size_t f = 0; f < sizeof firsts / sizeof *firsts; f++) {
            recoup_sobol_fill(9, 3, d, firsts[f], 100, values);
            for (uint32_t i = 0; i < 100; i++) {
                assert_true(values[i] == recoup_sobol(9, 3, d, firsts[f] + i));
                assert_true(values[i] > 0 && values[i] < 1);
            }
        }
    recoup_sobol_fill(9, 3, 0, 0, 0, NULL);
    double base = recoup_sobol(9, 3, 2, 7);
    assert_true(base != recoup_sobol(10, 3, 2, 7));
    assert_true(base != recoup_sobol(9 | 1ULL << 40, 3, 2, 7));
    assert_true(base != recoup_sobol(9, 4, 2, 7));
    assert_true(base != recoup_sobol(9, 3, 3, 7));
    assert_true(base != recoup_sobol(9, 3, 2, 8));
}

/* Each of the 2^m intervals of length 2^-m holds one of 2^m points, wherever the block starts. */
static void test_one_dimension(void **state) {
    (void)state;
    static double values[MAX_POINTS];
    static unsigned char count[MAX_POINTS];
    for (uint32_t d = 0; d < DIMENSIONS; d++)
        for (unsigned m = 0; m <= 12; m++)
            for (uint32_t block = 0; block < 4; block += 3) {
                size_t n = (size_t)1 << m;
                recoup_sobol_fill(1, d + m, d, block << m, n, values);
                memset(count, 0, n);
                for (size_t i = 0; i < n; i++)
                    assert_int_equal(count[(size_t)(values[i] * (double)n)]++, 0);
            }
}

/* Dimensions 0 and 1 are a (0, 2)-sequence: every rectangle 2^-a by 2^-(m - a) holds one point. */
static void test_two_dimensions(void **state) {
    (void)state;
    static double x[MAX_POINTS], y[MAX_POINTS];
    static unsigned char count[MAX_POINTS];
    for (unsigned m = 1; m <= 12; m++)
        for (uint32_t block = 0; block < 4; block += 3) {
            size_t n = (size_t)1 << m;
            recoup_sobol_fill(2, m, 0, block << m, n, x);
            recoup_sobol_fill(2, m, 1, block << m, n, y);
            for (unsigned a = 0; a <= m; a++) {
                memset(count, 0, n);
                for (size_t i = 0; i < n; i++) {
                    size_t column = (size_t)ldexp(x[i], (int)a);
                    size_t row = (size_t)ldexp(y[i], (int)(m - a));
                    assert_int_equal(count[column << (m - a) | row]++, 0);
                }
            }
        }
}

/* Two numbers agree in as many leading digits after scrambling as before: that is nesting. */
static void test_nested(void **state) {
    (void)state;
    for (uint32_t d = 0; d < DIMENSIONS; d++)
        for (uint32_t i = 0; i < 200; i++) {
            uint32_t j = i + 1 + (i * 2654435761u >> 8);
            uint32_t before = recoup_sobol_unscrambled(d, i) ^ recoup_sobol_unscrambled(d, j);
            uint32_t after = (uint32_t)ldexp(recoup_sobol(3, 1, d, i), 32) ^
                             (uint32_t)ldexp(recoup_sobol(3, 1, d, j), 32);
            assert_int_equal(ilogb(before), ilogb(after));
        }
}

/* Pearson's statistic of counts against equal probabilities. Its mean is bins - 1, its variance
 * nearly 2 (bins - 1). */
static void assert_uniform(const unsigned count[], unsigned bins, unsigned n) {
    double expected = (double)n / bins, statistic = 0;
    for (unsigned b = 0; b < bins; b++)
        statistic += (count[b] - expected) * (count[b] - expected) / expected;
    assert_true(fabs(statistic - (bins - 1)) < 4 * sqrt(2. * (bins - 1)));
}

/* Over replicates a value is uniform, in its high digits, in those about digit 20, and in those
 * beyond digit 32; so is the pair of one point's neighbouring dimensions, and the pair of the
 * digits below the first in which two numbers of one dimension differ, near it and beyond digit 32.
 */
static void test_uniform(void **state) {
    (void)state;
    enum { N = 1 << 14, BINS = 64 };
    const uint32_t dimensions[] = {0, 1, 2, 17, 31}, indices[] = {0, 1, 6, 4095, UINT32_MAX};
    for (size_t a = 0; a < 5; a++)
        for (size_t b = 0; b < 5; b++) {
            unsigned count[6][BINS] = {{0}};
            uint32_t d = dimensions[a], i = indices[b];
            for (uint32_t r = 0; r < N; r++) {
                double x = recoup_sobol(4, r, d, i), y = recoup_sobol(4, r, (d + 1) % 32, i);
                double z = recoup_sobol(4, r, d, i ^ 1); /* differs in the first digit */
                count[0][(int)(x * BINS)]++;
                count[1][(uint64_t)ldexp(x, 20) % BINS]++;
                count[2][(uint64_t)ldexp(x, 39) % BINS]++;
                count[3][(int)(x * 8) * 8 + (int)(y * 8)]++;
                count[4][(uint64_t)ldexp(x, 4) % 8 * 8 + (uint64_t)ldexp(z, 4) % 8]++;
                count[5][(uint64_t)ldexp(x, 39) % 8 * 8 + (uint64_t)ldexp(z, 39) % 8]++;
            }
            for (int k = 0; k < 6; k++)
                assert_uniform(count[k], BINS, N);
        }
}

/* Values of the same point in replicates r and r + 1, in two seeds, and in two dimensions are
 * uncorrelated; so are the errors of the means of 64 points of replicates r and r + 1. */
static void test_independent(void **state) {
    (void)state;
    enum { N = 1 << 14, POINTS = 64, MEANS = 1 << 12 };
    for (uint32_t d = 0; d < DIMENSIONS; d += 5) {
        double replicate = 0, seed = 0, dimension = 0;
        for (uint32_t r = 0; r < N; r++) {
            double x = recoup_sobol(5, r, d, 11) - .5;
            replicate += x * (recoup_sobol(5, r + 1, d, 11) - .5);
            seed += x * (recoup_sobol(6, r, d, 11) - .5);
            dimension += x * (recoup_sobol(5, r, (d + 1) % DIMENSIONS, 11) - .5);
        }
        double error = sqrt(1. / 144 / N);
        assert_true(fabs(replicate / N) < 4 * error);
        assert_true(fabs(seed / N) < 4 * error);
        assert_true(fabs(dimension / N) < 4 * error);
    }
    double last = 0, product = 0, square = 0, values[POINTS];
    for (uint32_t r = 0; r <= MEANS; r++) {
        recoup_sobol_fill(5, r, 3, 0, POINTS, values);
        double mean = 0;
        for (int i = 0; i < POINTS; i++)
            mean += (values[i] - .5) / POINTS;
        product += last * mean;
        square += mean * mean;
        last = mean;
    }
    assert_true(fabs(product / square) < 4 / sqrt(MEANS));
}

/* Covariance of a number's scrambled value with another's that agrees with it in the first c
 * digits: these are equal random digits, the next are opposite, all others independent; digit k of
 * a uniform number has variance 4^-k / 4. */
static double covariance(uint32_t a, uint32_t b) {
    if (a == b)
        return 1. / 12;
    double next = 0.25; /* 4^-(c + 1) */
    for (uint32_t bit = 1u << 31; !((a ^ b) & bit); bit >>= 1)
        next /= 4;
    return ((1 - 4 * next) / 3 - next) / 4;
}

/* Exact variance of the mean of prod_j (1 + x_j - 1/2) over the first n scrambled points: the mean
 * over pairs of points of prod_j (1 + covariance) - 1, since dimensions are scrambled
 * independently. In one dimension it is 1 / (12 n^3), one uniform point in each stratum. */
static double exact_variance(unsigned dimensions, uint32_t n) {
    double sum = 0;
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < n; k++) {
            double product = 1;
            for (uint32_t d = 0; d < dimensions; d++)
                product *=
                    1 + covariance(recoup_sobol_unscrambled(d, i), recoup_sobol_unscrambled(d, k));
            sum += product - 1;
        }
    return sum / n / n;
}

static double product_of(const double x[3]) {
    return (x[0] + .5) * (x[1] + .5) * (x[2] + .5);
}

static double normal_cdf(double x) {
    return erfc(-x * M_SQRT1_2) / 2;
}

/* The chance of a target as a function of three uniform drivers. */
static const double slopes[3] = {2, 1, .7};
static const double centre = -2;

static double hit(const double x[3]) {
    return normal_cdf(centre + slopes[0] * x[0] + slopes[1] * x[1] + slopes[2] * x[2]);
}

/* The integral of Phi three times over, from -infinity. */
static double third_integral(double x) {
    double density = exp(-x * x / 2) / sqrt(2 * M_PI);
    return ((x * x * x + 3 * x) * normal_cdf(x) + (x * x + 2) * density) / 6;
}

/* Integral of `hit` over the unit cube: third_integral's mixed difference over its corners. */
static double hit_mean(void) {
    double sum = 0;
    for (unsigned corner = 0; corner < 8; corner++) {
        double x = centre, sign = -1;
        for (unsigned j = 0; j < 3; j++)
            if (corner >> j & 1) {
                x += slopes[j];
                sign = -sign;
            }
        sum += sign * third_integral(x);
    }
    return sum / (slopes[0] * slopes[1] * slopes[2]);
}

enum { REPLICATES = 400 };

/* Mean over n points in each of the replicates: their mean and variance. */
static void replicate_means(uint64_t seed, double (*f)(const double[3]), uint32_t n, double *mean,
                            double *variance) {
    static double x[3][MAX_POINTS];
    double sum = 0, square = 0, first = 0;
    for (uint32_t r = 0; r < REPLICATES; r++) {
        for (uint32_t d = 0; d < 3; d++)
            recoup_sobol_fill(seed, r, d, 0, n, x[d]);
        double total = 0;
        for (uint32_t i = 0; i < n; i++)
            total += f((const double[3]){x[0][i], x[1][i], x[2][i]});
        if (r == 0)
            first = total / n;
        double difference = total / n - first; /* the spread is 1e-6 of the mean */
        sum += difference;
        square += difference * difference;
    }
    *mean = first + sum / REPLICATES;
    *variance = (square - sum * sum / REPLICATES) / (REPLICATES - 1);
}

/* The variance over replicates is the exact one. A variance of R nearly normal means has a relative
 * standard error of sqrt(2 / R). */
static void test_exact_variance(void **state) {
    (void)state;
    assert_true(fabs(exact_variance(1, 64) * 12 * 64 * 64 * 64 - 1) < 1e-9);
    for (uint32_t n = 1; n <= 256; n *= 2) {
        double mean, variance;
        replicate_means(7, product_of, n, &mean, &variance);
        double ratio = variance / exact_variance(3, n);
        assert_true(fabs(ratio - 1) < 4 * sqrt(2. / REPLICATES));
    }
}

/* Means are unbiased, and log2 of the variance falls by nearly 3 for each doubling of n from 2^6 to
 * 2^12 (Owen 1997: n^-3 (log n)^2 in three dimensions; independent points: 1). The slope's standard
 * error is that of a least-squares line through log2 variances with error sqrt(2 / R) / ln 2. */
static void assert_rate(uint64_t seed, double (*f)(const double[3]), double expected) {
    double covered = 0, spread = 0;
    for (int m = 6; m <= 12; m++) {
        uint32_t n = 1u << m;
        double mean, variance;
        replicate_means(seed + n, f, n, &mean, &variance);
        assert_true(fabs(mean - expected) < 4 * sqrt(variance / REPLICATES));
        covered += (m - 9) * log2(variance);
        spread += (m - 9) * (m - 9);
    }
    double slope = covered / spread;
    double error = sqrt(2. / REPLICATES) / M_LN2 / sqrt(spread);
    print_message("slope %.3f, standard error %.3f\n", slope, error);
    assert_true(slope + 4 * error < -2.5);
    assert_true(slope + 4 * error > -3); /* main effects fall as n^-3, the others later */
}

static void test_rate(void **state) {
    (void)state;
    assert_rate(8, product_of, 1);
    assert_rate(9, hit, hit_mean());
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scipy),         cmocka_unit_test(test_fill),
        cmocka_unit_test(test_one_dimension), cmocka_unit_test(test_two_dimensions),
        cmocka_unit_test(test_nested),        cmocka_unit_test(test_uniform),
        cmocka_unit_test(test_independent),   cmocka_unit_test(test_exact_variance),
        cmocka_unit_test(test_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
