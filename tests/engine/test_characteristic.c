/* P(hit | x) from characteristic functions: against enumeration, and with small deals one by one.
 */
#include "book.h"

#include "engine/characteristic.h"
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

/* What characteristic.h says of the inversion: less where Z is rare. */
static double inversion_error(double x) {
    return 1e-6 / fmax(exp(-12.5 * x * x), 0.01);
}

/* P(hit | x) and the book's P(nothing is booked). */
static double hit_at(const recoup_tables *tables, int plan, double x, bool all_large,
                     double *none) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_characteristic *c = NULL;
    recoup_revision revision;
    recoup_characteristic_at at;
    recoup_revision_init(&revision, tables->program->revision_sigma);
    require_ok(recoup_characteristic_create(tables, plan, &revision, all_large, &c, &error),
               &error);
    double *re = malloc(sizeof *re * (size_t)(c->n + 1)),
           *im = malloc(sizeof *im * (size_t)(c->n + 1));
    recoup_characteristic_evaluate(c, x, re, im, &at);
    free(re);
    free(im);
    recoup_characteristic_free(c);
    if (none)
        *none = at.none;
    return at.hit;
}

static double chance_of(const book *b, uint32_t row, int slot, double x) {
    const float *c = &b->coefficient[row + (uint32_t)(slot * TERMS)];
    return (double)c[0] + x * ((double)c[1] + x * (double)c[2]);
}

/* P(sum of the amounts won >= quota | x) over all subsets. `reach` says it for one subset. */
static double enumerate(const book *b, double x,
                        double (*reach)(const book *, const double *, int)) {
    int n = b->program.n_deals;
    double total = 0;
    for (int subset = 0; subset < 1 << n; subset++) {
        double chance = 1, amounts[16];
        int count = 0;
        for (int i = 0; i < n; i++) {
            double p = chance_of(b, b->outlook[i].win, SLOTS - 1, x);
            chance *= subset >> i & 1 ? p : 1 - p;
            if (subset >> i & 1)
                amounts[count++] = b->deal[i].amount;
        }
        total += chance * reach(b, amounts, count);
    }
    return total;
}

static double reach_unrevised(const book *b, const double *amounts, int n) {
    double sum = b->program.booked;
    for (int i = 0; i < n; i++)
        sum += amounts[i];
    return sum >= b->program.quota;
}

/* By the trapezoid rule over the normal deviates of all revisions but the last, the largest
 * amount's.
 */
static double reach_from(double sigma, double level, const double *amounts, int n) {
    if (level <= 0)
        return 1;
    if (n == 0)
        return 0;
    if (n == 1)
        return gsl_cdf_ugaussian_Q((log(level / amounts[0]) + sigma * sigma / 2) / sigma);
    const int steps = 400;
    double sum = 0, h = 16. / steps;
    for (int i = 0; i <= steps; i++) {
        double z = -8 + i * h;
        double r = amounts[0] * exp(sigma * z - sigma * sigma / 2);
        sum += gsl_ran_ugaussian_pdf(z) * reach_from(sigma, level - r, amounts + 1, n - 1);
    }
    return sum * h;
}

static double reach_revised(const book *b, const double *amounts, int n) {
    return reach_from(b->program.revision_sigma, b->program.quota - b->program.booked, amounts, n);
}

static void check_hit(const book *b, double x, double (*reach)(const book *, const double *, int),
                      double tolerance) {
    double exact = enumerate(b, x, reach), hit = hit_at(&b->tables, 0, x, false, NULL);
    if (!(fabs(hit - exact) <= tolerance))
        fail_msg("P(hit | x = %g) is %.9f, expected %.9f; sigma %g, quota %g", x, hit, exact,
                 b->program.revision_sigma, b->program.quota);
}

static const double places[] = {-1, -0.37, 0, 0.5, 1};
enum { N_PLACES = sizeof places / sizeof *places };

/* --- enumeration ------------------------------------------------------------------------------ */

static void test_unrevised(void **state) {
    (void)state;
    static book b;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    for (int n = 1; n <= 12; n++) {
        start_book(&b, 0, 100000);
        b.program.booked = 7000;
        for (int i = 0; i < n; i++)
            add_deal(&b, floor(100 * exp(10 + gsl_ran_gaussian(rng, 0.8))) / 100,
                     0.1 + 0.8 * gsl_rng_uniform(rng), 0.1 * gsl_rng_uniform(rng));
        for (int i = 0; i < N_PLACES; i++)
            check_hit(&b, places[i], reach_unrevised, 1e-12);
    }
    gsl_rng_free(rng);
}

/* Equal amounts, and sums that come to the quota to the cent. */
static void test_atoms(void **state) {
    (void)state;
    static book b;
    start_book(&b, 0, 100000);
    for (int i = 0; i < 10; i++)
        add_deal(&b, 20000, 0.3 + 0.04 * i, 0.1);
    check_hit(&b, 0.4, reach_unrevised, 1e-12);
    start_book(&b, 0, 0.30);
    for (int i = 0; i < 5; i++)
        add_deal(&b, i < 3 ? 0.10 : 0.07, 0.4, 0.1);
    /* three times 0.1 is 0.3 up to rounding: a hit */
    check_hit(&b, 0, reach_unrevised, 1e-12);
}

/* Too many deals for all sums, on a lattice: the binomial distribution. */
static void test_lattice(void **state) {
    (void)state;
    static book b;
    for (int n = 60; n <= 180; n += 60) {
        start_book(&b, 0, 1000 * 0.3 * n);
        for (int i = 0; i < n; i++)
            add_deal(&b, 1000, 0.25, 0);
        double exact = gsl_cdf_binomial_Q((unsigned)(n * 3 / 10 - 1), .25, (unsigned)n);
        assert_true(fabs(hit_at(&b.tables, 0, 0, false, NULL) - exact) <= inversion_error(0));
    }
}

static void test_whale(void **state) {
    (void)state;
    static book b;
    for (int sigma = 0; sigma <= 1; sigma++) {
        start_book(&b, 0.2 * sigma, 900000);
        add_deal(&b, 250, 0.2, 0.1);
        add_deal(&b, 1000, 0.5, 0.1);
        add_deal(&b, 1000000, 0.3, 0.1);
        for (int i = 0; i < N_PLACES; i++)
            check_hit(&b, places[i], sigma ? reach_revised : reach_unrevised,
                      sigma ? inversion_error(places[i]) : 1e-12);
    }
}

static void test_revised(void **state) {
    (void)state;
    static book b;
    const double sigmas[] = {0.03, 0.15, 0.5, 1};
    for (int s = 0; s < 4; s++)
        for (int quota = 20000; quota <= 120000; quota += 50000) {
            start_book(&b, sigmas[s], quota);
            add_deal(&b, 30000, 0.6, -0.1);
            add_deal(&b, 42000, 0.1, 0.05);
            add_deal(&b, 50000, 0.4, 0.1);
            for (int i = 0; i < N_PLACES; i += 2)
                check_hit(&b, places[i], reach_revised, inversion_error(places[i]));
        }
}

/* No deals, certain deals, a quota that is reached already. */
static void test_certain(void **state) {
    (void)state;
    static book b;
    double none;
    start_book(&b, 0.1, 1000);
    assert_true(hit_at(&b.tables, 0, 0, false, &none) == 0 && none == 1);
    b.program.booked = 1000;
    assert_true(hit_at(&b.tables, 0, 0, false, NULL) == 1);
    start_book(&b, 0, 1000);
    add_deal(&b, 600, 1, 0);
    assert_true(hit_at(&b.tables, 0, 0, false, NULL) == 0);
    add_deal(&b, 400, 1, 0);
    assert_true(hit_at(&b.tables, 0, 0, false, NULL) == 1);
    start_book(&b, 0.1, 1000);
    add_deal(&b, 600, 0, 0);
    assert_true(hit_at(&b.tables, 0, 0, false, NULL) == 0);
}

/* Small deals by their cumulants, or none of them. */
static void test_cumulants(void **state) {
    (void)state;
    compiled w = compile(load_w1());
    for (int plan = 0; plan < 3; plan++)
        for (int i = 0; i < N_PLACES; i++) {
            double hybrid = hit_at(w.tables, plan, places[i], false, NULL);
            double full = hit_at(w.tables, plan, places[i], true, NULL);
            if (!(fabs(hybrid - full) <= inversion_error(places[i])))
                fail_msg("plan %d, x %g: %.9f, all deals one by one %.9f", plan, places[i], hybrid,
                         full);
        }
    free_compiled(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unrevised), cmocka_unit_test(test_atoms),
        cmocka_unit_test(test_lattice),   cmocka_unit_test(test_whale),
        cmocka_unit_test(test_revised),   cmocka_unit_test(test_certain),
        cmocka_unit_test(test_cumulants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
