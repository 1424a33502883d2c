/* The kernel of `sample` on tables made by hand, whose probabilities are then known. */
#include "sample_columns.h"

#include "engine/kernels/philox.h"

enum {
    DEALS = 12,
    PLANS = 4,
    SLOTS = 6,
    TERMS = 3,
    WEEKS = 4,
    UNITS = DEALS + 2, /* reps, and the deals of nobody in two cohorts */
    ROWS = 64
};

typedef struct hand {
    recoup_program program;
    recoup_tables tables;
    recoup_program_plan plan[PLANS];
    recoup_program_deal deal[DEALS];
    recoup_cap cap;
    recoup_outlook outlook[PLANS * DEALS];
    float coefficient[ROWS * SLOTS * TERMS], factor[ROWS * SLOTS];
    int slot_unit[ROWS * SLOTS], slot_week[SLOTS];
    double slot_end[SLOTS];
    int n_rows;
} hand;

/* P(won by the end of slot s | x) = highest·(s + 1) / SLOTS·(1 + x / 2 + x² / 4) / 1.75, with
 * shifts that tell rows apart: at most `highest`. */
static uint32_t add_win(hand *h, double highest) {
    int row = h->n_rows++;
    for (int s = 0; s < SLOTS; s++) {
        float *c = &h->coefficient[(row * SLOTS + s) * TERMS];
        double level = highest * pow((s + 1.0) / SLOTS, 1 + row % 3) / 1.75;
        c[0] = (float)level;
        c[1] = (float)(level / 2);
        c[2] = (float)(level / 4);
    }
    return (uint32_t)(row * SLOTS * TERMS);
}

/* All deals alike: unit = deal; one rep per deal. */
static void make_hand(hand *h, int n_deals, int n_plans, double sigma) {
    memset(h, 0, sizeof *h);
    h->program = (recoup_program){.horizon_days = 25,
                                  .n_plans = n_plans,
                                  .n_deals = n_deals,
                                  .n_reps = DEALS,
                                  .n_cohorts = 2,
                                  .n_channels = 1,
                                  .n_segments = 1,
                                  .n_cells = 2,
                                  .n_layers = 1,
                                  .revision_sigma = sigma,
                                  .plan = h->plan,
                                  .deal = h->deal};
    h->tables = (recoup_tables){.program = &h->program,
                                .n_slots = SLOTS,
                                .slot_end = h->slot_end,
                                .slot_week = h->slot_week,
                                .n_units = UNITS,
                                .slot_unit = h->slot_unit,
                                .n_terms = TERMS,
                                .coefficient = h->coefficient,
                                .factor = h->factor,
                                .outlook = h->outlook,
                                .n_bands = 1,
                                .n_layers = 1,
                                .n_nodes = 1};
    for (int s = 0; s < SLOTS; s++) {
        h->slot_end[s] = (s + 1) * 25.0 / SLOTS;
        h->slot_week[s] = s < 2 ? 0 : s / 2 + (s == 5);
    }
    for (int unit = 0; unit < UNITS; unit++)
        for (int s = 0; s < SLOTS; s++)
            h->slot_unit[unit * SLOTS + s] = unit;
    for (int i = 0; i < ROWS * SLOTS; i++)
        h->factor[i] = 0.5f + (float)(i % 11) / 10;
    for (int d = 0; d < n_deals; d++)
        h->deal[d] = (recoup_program_deal){.key = 0x9e3779b97f4a7c15u * (uint64_t)(d + 1),
                                           .amount = 1000 * (d + 1)};
    for (int p = 0; p < n_plans; p++)
        for (int d = 0; d < n_deals; d++)
            h->outlook[p * n_deals + d] =
                (recoup_outlook){.factor = -1, .capped_factor = -1, .unit = d * SLOTS};
}

static recoup_outlook *outlook(hand *h, int plan, int deal) {
    return &h->outlook[plan * h->program.n_deals + deal];
}

static void set_win(hand *h, int plan, int deal, uint32_t win) {
    outlook(h, plan, deal)->win = outlook(h, plan, deal)->capped_win = win;
}

/* Four plans that do everything at once: other odds, a discount limit with escapes, factors, units
 * that change with time; some deals as under the first plan, one that nobody can win. */
static void make_mixed(hand *h) {
    make_hand(h, DEALS, PLANS, 0.3);
    h->cap = (recoup_cap){.escapes = 0.3};
    h->plan[2].cap = &h->cap;
    for (int d = 0; d < DEALS; d++)
        for (int p = 0; p < PLANS; p++) {
            bool is_same = p > 0 && d % 3 == 0;
            set_win(h, p, d,
                    is_same ? outlook(h, 0, d)->win : add_win(h, d == 5 ? 0 : 0.1 + 0.05 * d));
            if (is_same)
                continue;
            if (p == 1) {
                outlook(h, p, d)->factor = outlook(h, p, d)->capped_factor = d * SLOTS;
                outlook(h, p, d)->unit = UNITS * SLOTS; /* from one rep to nobody */
            }
            if (p == 2 && d % 2) {
                outlook(h, p, d)->capped_win = add_win(h, 0.4);
                outlook(h, p, d)->capped_factor = SLOTS;
            }
        }
    for (int s = 0; s < SLOTS; s++)
        h->slot_unit[UNITS * SLOTS + s] = s < 3 ? 1 : DEALS + 1;
}

static columns run_hand(const hand *h, const recoup_kernels *kernels, uint32_t first, int n) {
    double market[CHUNK];
    fill_market(market, first, n);
    return run(kernels, &h->tables, WEEKS, market, first, n);
}

/* --- against the plain reading ---------------------------------------------------------------- */

static double polynomial(const hand *h, uint32_t win, int slot, double x) {
    const float *c = &h->coefficient[win + (uint32_t)(slot * TERMS)];
    return (double)c[0] + x * ((double)c[1] + x * (double)c[2]);
}

/* The slot of a deal's win; SLOTS: none. *margin: how far u is from any probability. */
static int plain_slot(const hand *h, uint32_t win, double x, double u, double *margin) {
    int slot = 0;
    for (int s = 0; s < SLOTS; s++) {
        double p = polynomial(h, win, s, x);
        *margin = fmin(*margin, fabs(p - u));
        slot += p <= u;
    }
    return slot;
}

/* Everything again, path by path, in doubles. What a column comes to differs by the roundings of
 * floats: of the revision (6e-7·sigma·|z| and three roundings of 2^-24) at most. Where u is within
 * rounding of a probability the column is not compared. */
static void test_plain_reading(void **state) {
    (void)state;
    hand h;
    make_mixed(&h);
    double sigma = h.program.revision_sigma;
    int compared = 0;
    for (uint32_t first = 0; first < 4 * CHUNK; first += CHUNK) {
        double market[CHUNK];
        fill_market(market, first, CHUNK);
        columns c = run(best(), &h.tables, WEEKS, market, first, CHUNK);
        for (int column = 0; column < CHUNK; column++) {
            double unit[PLANS][UNITS] = {0}, week[PLANS][WEEKS] = {0}, wins[PLANS] = {0};
            double x = recoup_tables_x(market[column]), margin = 1;
            uint32_t path = first + (uint32_t)column;
            for (int d = 0; d < DEALS; d++) {
                uint64_t key = h.deal[d].key;
                uint32_t word[64];
                philox_words(SEED, path / 4, key, philox_last(0, RECOUP_DRAW_FATE), 4, word);
                double u = word[path % 4] * 0x1p-32;
                recoup_pair booking = recoup_random_pair(SEED, path, key, 0, RECOUP_DRAW_BOOKING);
                double z = gsl_cdf_ugaussian_Pinv(booking.first);
                double amount = h.deal[d].amount * exp(sigma * z - sigma * sigma / 2);
                for (int p = 0; p < PLANS; p++) {
                    const recoup_outlook *o = outlook(&h, p, d);
                    bool capped = h.plan[p].cap && booking.second >= h.cap.escapes;
                    int slot = plain_slot(&h, capped ? o->capped_win : o->win, x, u, &margin);
                    int factor = capped ? o->capped_factor : o->factor;
                    if (slot == SLOTS)
                        continue;
                    double booked = factor < 0 ? amount : amount * (double)h.factor[factor + slot];
                    unit[p][h.slot_unit[o->unit + slot]] += booked;
                    week[p][h.slot_week[slot]] += booked;
                    wins[p]++;
                }
            }
            if (margin < 1e-6)
                continue;
            compared++;
            for (int p = 0; p < PLANS; p++) {
                assert_true(row(c.wins, 1, p, 0)[column] == wins[p]);
                for (int i = 0; i < UNITS; i++) {
                    double booked = row(c.unit, UNITS, p, i)[column];
                    assert_true(fabs(booked - unit[p][i]) <= 2e-6 * unit[p][i]);
                }
                for (int i = 0; i < WEEKS; i++) {
                    double booked = row(c.week, WEEKS, p, i)[column];
                    assert_true(fabs(booked - week[p][i]) <= 2e-6 * week[p][i]);
                }
            }
        }
        free_columns(&c);
    }
    assert_true(compared > 4 * CHUNK * 0.95);
}

/* --- sizes of chunks, instruction sets -------------------------------------------------------- */

static void test_same_bits(void **state) {
    (void)state;
    static const int sizes[] = {CHUNK, 100, 37, 1};
    hand h;
    make_mixed(&h);
    for (int i = 0; i < 4; i++) {
        columns expected = run_hand(&h, plainest, 1024, sizes[i]);
        for (recoup_isa isa = 0; isa < RECOUP_N_ISAS; isa = recoup_isa_next(isa)) {
            columns c = run_hand(&h, &recoup_kernels_for[isa], 1024, sizes[i]);
            assert_same_columns(&expected, &c);
            free_columns(&c);
        }
        free_columns(&expected);
    }
}

static void test_chunks(void **state) {
    (void)state;
    hand h;
    make_mixed(&h);
    columns whole = run_hand(&h, best(), 0, CHUNK);
    columns first = run_hand(&h, best(), 0, 100);
    columns rest = run_hand(&h, best(), 100, CHUNK - 100);
    for (int i = 0; i < PLANS * UNITS; i++) {
        const double *at = whole.unit + i * CHUNK;
        assert_memory_equal(at, first.unit + i * CHUNK, 100 * sizeof(double));
        assert_memory_equal(at + 100, rest.unit + i * CHUNK, (CHUNK - 100) * sizeof(double));
        for (int c = 100; c < CHUNK; c++) /* nothing beyond the paths */
            assert_true(first.unit[i * CHUNK + c] == 0);
    }
    for (int i = 0; i < PLANS * WEEKS; i++) {
        const double *at = whole.week + i * CHUNK;
        assert_memory_equal(at, first.week + i * CHUNK, 100 * sizeof(double));
        assert_memory_equal(at + 100, rest.week + i * CHUNK, (CHUNK - 100) * sizeof(double));
    }
    free_columns(&whole);
    free_columns(&first);
    free_columns(&rest);
}

/* --- shares ----------------------------------------------------------------------------------- */

/* One deal of amount 1 on n_chunks chunks: its wins by slot (as weeks) against the probabilities
 * of each path, given Z; the count's variance is the sum of p (1 - p). */
static void test_slot_shares(void **state) {
    (void)state;
    enum { CHUNKS = 512 };
    hand h;
    make_hand(&h, 1, 2, 0);
    h.deal[0].amount = 1;
    h.cap = (recoup_cap){.escapes = 0.3};
    h.plan[1].cap = &h.cap;
    for (int s = 0; s < SLOTS; s++)
        h.slot_week[s] = s;
    set_win(&h, 0, 0, add_win(&h, 0.7));
    set_win(&h, 1, 0, add_win(&h, 0.9));
    outlook(&h, 1, 0)->capped_win = add_win(&h, 0.35);
    double count[2][SLOTS] = {0}, mean[2][SLOTS] = {0}, variance[2][SLOTS] = {0};
    for (uint32_t i = 0; i < CHUNKS; i++) {
        double market[CHUNK];
        fill_market(market, i * CHUNK, CHUNK);
        columns c = run(best(), &h.tables, SLOTS, market, i * CHUNK, CHUNK);
        for (int p = 0; p < 2; p++)
            for (int s = 0; s < SLOTS; s++)
                for (int column = 0; column < CHUNK; column++) {
                    const recoup_outlook *o = outlook(&h, p, 0);
                    double escapes = p ? 0.3 : 1, x = recoup_tables_x(market[column]);
                    double by = escapes * polynomial(&h, o->win, s, x) +
                                (1 - escapes) * polynomial(&h, o->capped_win, s, x);
                    double before = s ? escapes * polynomial(&h, o->win, s - 1, x) +
                                            (1 - escapes) * polynomial(&h, o->capped_win, s - 1, x)
                                      : 0;
                    count[p][s] += row(c.week, SLOTS, p, s)[column];
                    mean[p][s] += by - before;
                    variance[p][s] += (by - before) * (1 - (by - before));
                }
        free_columns(&c);
    }
    for (int p = 0; p < 2; p++)
        for (int s = 0; s < SLOTS; s++) /* 4.5 standard errors: 12 comparisons */
            assert_within(count[p][s], mean[p][s], 4.5 / 4 * sqrt(variance[p][s]));
}

/* Revision: lognormal with mean 1. Its variance is exp(sigma²) - 1; the standard error of a sample
 * variance comes from the fourth moment, kurtosis e^4s + 2 e^3s + 3 e^2s - 3 with s = sigma². */
static void test_revision(void **state) {
    (void)state;
    enum { CHUNKS = 1024, PATHS = CHUNKS * CHUNK };
    hand h;
    make_hand(&h, 1, 1, 0.4);
    h.deal[0].amount = 1;
    set_win(&h, 0, 0, add_win(&h, 1));
    for (int s = 0; s < SLOTS; s++) { /* surely won */
        float *c = &h.coefficient[outlook(&h, 0, 0)->win + (uint32_t)(s * TERMS)];
        c[0] = 1.01f;
        c[1] = c[2] = 0;
    }
    double sum = 0, squares = 0;
    for (uint32_t i = 0; i < CHUNKS; i++) {
        columns c = run_hand(&h, best(), i * CHUNK, CHUNK);
        for (int column = 0; column < CHUNK; column++) {
            sum += c.unit[column];
            squares += c.unit[column] * c.unit[column];
        }
        free_columns(&c);
    }
    double mean = sum / PATHS, variance = squares / PATHS - mean * mean;
    double s = 0.4 * 0.4, exact = exp(s) - 1;
    double kurtosis = exp(4 * s) + 2 * exp(3 * s) + 3 * exp(2 * s) - 3;
    assert_within(mean, 1, sqrt(exact / PATHS));
    assert_within(variance, exact, exact * sqrt((kurtosis - 1) / PATHS));
}

/* --- common random numbers -------------------------------------------------------------------- */

static void test_plan_alone(void **state) {
    (void)state;
    static hand all, alone;
    make_mixed(&all);
    columns among = run_hand(&all, best(), 512, CHUNK);
    for (int p = 0; p < PLANS; p++) {
        alone = all;
        alone.program.n_plans = 1;
        alone.program.plan = &all.plan[p];
        alone.tables.program = &alone.program;
        alone.tables.outlook = &all.outlook[p * DEALS];
        columns c = run_hand(&alone, best(), 512, CHUNK);
        size_t column = CHUNK * sizeof(double);
        assert_memory_equal(c.unit, row(among.unit, UNITS, p, 0), UNITS * column);
        assert_memory_equal(c.week, row(among.week, WEEKS, p, 0), WEEKS * column);
        assert_memory_equal(c.wins, row(among.wins, 1, p, 0), column);
        free_columns(&c);
    }
    free_columns(&among);
}

/* Every deal has a unit of its own. */
static void test_removed_deal(void **state) {
    (void)state;
    static hand all, fewer;
    make_mixed(&all);
    all.program.n_plans = 1;
    columns with = run_hand(&all, best(), 0, CHUNK);
    fewer = all;
    fewer.program.plan = fewer.plan;
    fewer.program.deal = fewer.deal;
    fewer.program.n_deals = DEALS - 1;
    fewer.tables.program = &fewer.program;
    fewer.tables.outlook = fewer.outlook;
    for (int d = 4; d + 1 < DEALS; d++) { /* without the fifth */
        fewer.deal[d] = all.deal[d + 1];
        fewer.outlook[d] = all.outlook[d + 1];
    }
    columns without = run_hand(&fewer, best(), 0, CHUNK);
    double lost = 0;
    for (int d = 0; d < UNITS; d++)
        for (int c = 0; c < CHUNK; c++) {
            if (d == 4)
                lost += row(with.unit, UNITS, 0, d)[c] - row(without.unit, UNITS, 0, d)[c];
            else
                assert_true(row(with.unit, UNITS, 0, d)[c] == row(without.unit, UNITS, 0, d)[c]);
        }
    assert_true(lost > 0);
    free_columns(&with);
    free_columns(&without);
}

/* More likely by the end of every slot: every win of the first plan is one of the second, at the
 * same amount and not later. */
static void test_superset(void **state) {
    (void)state;
    hand h;
    make_hand(&h, 1, 2, 0.3);
    set_win(&h, 0, 0, add_win(&h, 0.5));
    set_win(&h, 1, 0, add_win(&h, 0.5));
    for (uint32_t i = 0; i < SLOTS * TERMS; i++)
        h.coefficient[outlook(&h, 1, 0)->win + i] =
            1.1f * h.coefficient[outlook(&h, 0, 0)->win + i];
    int more = 0;
    for (uint32_t i = 0; i < 64; i++) {
        columns c = run_hand(&h, best(), i * CHUNK, CHUNK);
        for (int column = 0; column < CHUNK; column++) {
            double first = 0, second = 0;
            for (int w = 0; w < WEEKS; w++) {
                first += row(c.week, WEEKS, 0, w)[column];
                second += row(c.week, WEEKS, 1, w)[column];
                assert_true(first == 0 || first == second);
            }
            more += second > first;
        }
        free_columns(&c);
    }
    assert_true(more > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_reading), cmocka_unit_test(test_same_bits),
        cmocka_unit_test(test_chunks),        cmocka_unit_test(test_slot_shares),
        cmocka_unit_test(test_revision),      cmocka_unit_test(test_plan_alone),
        cmocka_unit_test(test_removed_deal),  cmocka_unit_test(test_superset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
