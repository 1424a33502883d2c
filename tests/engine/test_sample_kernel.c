/* The kernel of `sample` on tables made by hand, whose probabilities are then known, and its new
 * deals on the tables of a small world. */
#include "../world.h"

#include "engine/kernel.h"
#include "engine/kernels/philox.h"
#include "random/random.h"
#include <gsl/gsl_cdf.h>

enum {
    CHUNK = RECOUP_CHUNK_PATHS,
    DEALS = 12,
    PLANS = 4,
    SLOTS = 6,
    TERMS = 3,
    WEEKS = 4,
    UNITS = DEALS + 2, /* reps, and the deals of nobody in two cohorts */
    ROWS = 64
};
static const uint64_t SEED = 42;

/* --- tables by hand --------------------------------------------------------------------------- */

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

/* --- running ---------------------------------------------------------------------------------- */

typedef struct columns {
    int n_plans, n_units, n_weeks;
    double *unit, *week, *wins;
} columns;

static double *zeros(int n) {
    double *values = RECOUP_NEW(double, n *CHUNK);
    assert_non_null(values);
    return values;
}

static void free_columns(columns *c) {
    free(c->unit);
    free(c->week);
    free(c->wins);
}

static double *row(double *values, int n, int plan, int i) {
    return values + ((size_t)plan * (size_t)n + (size_t)i) * CHUNK;
}

static void fill_market(double *market, uint32_t first, int n) {
    for (int c = 0; c < n; c++)
        market[c] = gsl_cdf_ugaussian_Pinv(
            recoup_random_pair(SEED, first + (uint32_t)c, 0, 0, RECOUP_DRAW_MARKET).first);
}

static columns run(const recoup_kernels *kernels, const recoup_tables *tables, int n_weeks,
                   const double *market, uint32_t first, int n) {
    int n_plans = tables->program->n_plans;
    columns c = {.n_plans = n_plans, .n_units = tables->n_units, .n_weeks = n_weeks};
    c.unit = zeros(n_plans * c.n_units);
    c.week = zeros(n_plans * n_weeks);
    c.wins = zeros(n_plans);
    size_t bytes = (kernels->sample_scratch(tables) + 63) / 64 * 64;
    void *scratch = aligned_alloc(64, bytes);
    assert_non_null(scratch);
    memset(scratch, 0xa5, bytes); /* nothing may be expected of it */
    recoup_paths paths = {.n = n, .unit = c.unit, .week = c.week, .wins = c.wins};
    recoup_job job = {.program = tables->program,
                      .tables = tables,
                      .seed = SEED,
                      .first = first,
                      .n_weeks = n_weeks,
                      .market = market,
                      .paths = &paths,
                      .scratch = scratch};
    kernels->sample(&job);
    free(scratch);
    return c;
}

static columns run_hand(const hand *h, const recoup_kernels *kernels, uint32_t first, int n) {
    double market[CHUNK];
    fill_market(market, first, n);
    return run(kernels, &h->tables, WEEKS, market, first, n);
}

static void assert_same_columns(const columns *a, const columns *b) {
    size_t column = CHUNK * sizeof(double), plans = (size_t)a->n_plans;
    assert_memory_equal(a->unit, b->unit, plans * (size_t)a->n_units * column);
    assert_memory_equal(a->week, b->week, plans * (size_t)a->n_weeks * column);
    assert_memory_equal(a->wins, b->wins, plans * column);
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
        columns c = run(recoup_kernels_find(NULL), &h.tables, WEEKS, market, first, CHUNK);
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
        const recoup_kernels *plainest = recoup_kernels_next(NULL);
        columns expected = run_hand(&h, plainest, 1024, sizes[i]);
        for (const recoup_kernels *k = recoup_kernels_next(plainest); k;
             k = recoup_kernels_next(k)) {
            columns c = run_hand(&h, k, 1024, sizes[i]);
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
    columns whole = run_hand(&h, recoup_kernels_find(NULL), 0, CHUNK);
    columns first = run_hand(&h, recoup_kernels_find(NULL), 0, 100);
    columns rest = run_hand(&h, recoup_kernels_find(NULL), 100, CHUNK - 100);
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
        columns c = run(recoup_kernels_find(NULL), &h.tables, SLOTS, market, i * CHUNK, CHUNK);
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
        columns c = run_hand(&h, recoup_kernels_find(NULL), i * CHUNK, CHUNK);
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
    columns among = run_hand(&all, recoup_kernels_find(NULL), 512, CHUNK);
    for (int p = 0; p < PLANS; p++) {
        alone = all;
        alone.program.n_plans = 1;
        alone.program.plan = &all.plan[p];
        alone.tables.program = &alone.program;
        alone.tables.outlook = &all.outlook[p * DEALS];
        columns c = run_hand(&alone, recoup_kernels_find(NULL), 512, CHUNK);
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
    columns with = run_hand(&all, recoup_kernels_find(NULL), 0, CHUNK);
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
    columns without = run_hand(&fewer, recoup_kernels_find(NULL), 0, CHUNK);
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
        columns c = run_hand(&h, recoup_kernels_find(NULL), i * CHUNK, CHUNK);
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

/* --- new deals -------------------------------------------------------------------------------- */

#define MODEL                                                                                      \
    "recoup: model/1\nstages: [talk, close]\ncohorts: [a, b]\nchannels: [x, y]\n"                  \
    "market: {conversion: 0.3, arrivals: 0.2}\n"                                                   \
    "amount: {new: {family: lognormal, median: 1000, sigma: 0.5}, revision: {sigma: 0.2}, "        \
    "discount: {quantiles: [0, 0.2, 0.4]}}\n"                                                      \
    "exits:\n"                                                                                     \
    "  talk:\n"                                                                                    \
    "    advance: {logit: 0.4, cohort_logit: {a: 0.5, b: -0.2}, dwell: {family: "                  \
    "weibull, shape: 1.4, scale: 6}}\n"                                                            \
    "    lost: {dwell: {family: lognormal, median: 5, sigma: 0.8}}\n"                              \
    "  close:\n"                                                                                   \
    "    advance: {logit: 0.2, dwell: {family: lognormal, median: 4, sigma: 0.6}}\n"               \
    "    lost: {dwell: {family: exponential, mean: 9}}\n"
#define DEALS_FILE                                                                                 \
    "deal_id,rep_id,amount,created,stage,outcome,stage_entered\n"                                  \
    "d1,r1,1000,2025-12-20,talk,open,2025-12-20\n"                                                 \
    "d2,r2,3000,2025-12-21,close,open,2025-12-29\n"
#define REPS_FILE "rep_id,cohort\nr1,a\nr2,b\nr3,b\n"
#define PLANS_TEXT                                                                                 \
    "plans:\n  - name: baseline\n"                                                                 \
    "  - name: more\n    levers:\n"                                                                \
    "      - adjust: {rate: 1.5}\n"                                                                \
    "      - adjust: {cohort: [b], exit: advance, logit: 0.4, start: +10d}\n"                      \
    "  - name: coach\n    levers:\n"                                                               \
    "      - adjust: {cohort: [b], exit: advance, logit: 0.6, start: +5d}\n"                       \
    "  - name: leads\n    levers:\n"                                                               \
    "      - reassign: {from: {rep: r2}, to: {rep: r1}, leads: true, start: +6d}\n"                \
    "  - name: fewer\n    levers:\n      - adjust: {rate: 0.6}\n"
#define LIMIT_TEXT                                                                                 \
    "plans:\n  - name: baseline\n  - name: limit\n    levers:\n"                                   \
    "      - discount_limit: {max: 10%, win_logit_per_point: 0.03, escapes: 40%}\n"
enum { MOST_WEEKS = 8, WORLD_PLANS = 5, MOST_UNITS = 8 };

typedef struct compiled {
    world world;
    recoup_program *program;
    recoup_tables *tables;
} compiled;

static compiled compile(const char *arrivals, const char *plans) {
    recoup_error error = RECOUP_ERROR_INIT;
    char model[4096];
    snprintf(model, sizeof model, MODEL "%s", arrivals);
    compiled c = {.world = make_world(model, DEALS_FILE, REPS_FILE, plans)};
    require_ok(
        recoup_program_create(c.world.scenario, c.world.model, c.world.view, &c.program, &error),
        &error);
    require_ok(recoup_tables_create(c.program, NULL, &c.tables, &error), &error);
    return c;
}

static void free_compiled(compiled *c) {
    recoup_tables_free(c->tables);
    recoup_program_free(c->program);
    free_world(&c->world);
}

static int n_weeks_of(const recoup_tables *tables) {
    return tables->slot_week[tables->n_slots - 1] + 1;
}

/* Who has the leads of a rep on a day: moves in this file have no ramp and one target. */
static int owner_on(const recoup_program_plan *plan, int rep, double day) {
    for (int i = 0; i < plan->n_lead_moves; i++)
        if (plan->lead_move[i].from[rep] && day >= plan->lead_move[i].start_day)
            rep = plan->lead_move[i].to[0];
    return rep;
}

/* Mean number of new deals won at one Z by week and by unit, integrating over the day of arrival.
 * Each stream's deals go to its reps in equal shares. */
static void integrate_wins(const compiled *c, int plan, double market, double *week, double *unit) {
    enum { STEPS = 1500 };
    const recoup_program *program = c->program;
    const recoup_program_plan *of = &program->plan[plan];
    const recoup_tables *tables = c->tables;
    double weight[RECOUP_TABLES_MAX_TERMS], win[64];
    assert_true(tables->n_slots <= 64);
    recoup_tables_weights(tables, recoup_tables_x(market), weight);
    for (int i = 0; i < program->n_streams * STEPS; i++) {
        const recoup_program_stream *stream = &program->stream[i / STEPS];
        double day = (i % STEPS + 0.5) * program->horizon_days / STEPS;
        double rate = stream->rate * exp(program->market_arrivals * market) *
                      recoup_program_rate_factor(of, stream, day) * program->horizon_days / STEPS;
        for (int r = 0; r < stream->n_reps; r++) {
            int rep = owner_on(of, program->stream_rep[stream->first_rep + r], day);
            int cell = recoup_program_cell(program, program->rep_cohort[rep],
                                           program->n_channels == 1 ? 0 : stream->channel,
                                           program->n_segments - 1);
            recoup_tables_arrival(tables, plan, cell, false, day, 0, 0, weight, win);
            for (int slot = 0; slot < tables->n_slots; slot++) {
                double wins = rate / stream->n_reps * (win[slot] - (slot ? win[slot - 1] : 0));
                week[tables->slot_week[slot]] += wins;
                unit[rep] += wins;
            }
        }
    }
}

/* What all paths of one Z come to: wins and bookings, by plan and week. The open deals are removed
 * from the program. */
enum { ARRIVAL_CHUNKS = 400, ARRIVAL_PATHS = ARRIVAL_CHUNKS * CHUNK };
typedef struct totals {
    double wins, wins_squared, booked, week[MOST_WEEKS], unit[MOST_UNITS];
} totals;

/* Amounts are 1 where they are to count wins. */
static void add_up(const compiled *c, double market_value, totals total[WORLD_PLANS]) {
    double market[CHUNK];
    int n_weeks = n_weeks_of(c->tables);
    for (int i = 0; i < CHUNK; i++)
        market[i] = market_value;
    for (uint32_t i = 0; i < ARRIVAL_CHUNKS; i++) {
        columns at = run(recoup_kernels_find(NULL), c->tables, n_weeks, market, i * CHUNK, CHUNK);
        for (int p = 0; p < c->program->n_plans; p++)
            for (int column = 0; column < CHUNK; column++) {
                double wins = row(at.wins, 1, p, 0)[column];
                total[p].wins += wins;
                total[p].wins_squared += wins * wins;
                for (int w = 0; w < n_weeks; w++) {
                    total[p].booked += row(at.week, n_weeks, p, w)[column];
                    total[p].week[w] += row(at.week, n_weeks, p, w)[column];
                }
                for (int u = 0; u < at.n_units; u++)
                    total[p].unit[u] += row(at.unit, at.n_units, p, u)[column];
            }
        free_columns(&at);
    }
}

/* Wins of a week are Poisson with the mean of the integral; the variance of their number on a path
 * is their mean (its standard error: fourth moment of the Poisson law, mean + 3 mean²). */
static void test_arrival_counts(void **state) {
    (void)state;
    compiled c = compile("arrivals: {a: {x: 0.05, y: 0.02}, b: {x: 0.04, y: 0.06}}\n", PLANS_TEXT);
    c.program->n_deals = 0;
    c.program->new_amount = (recoup_dist){.family = RECOUP_LOGNORMAL, .shape = {1e-9, 0}};
    c.program->revision_sigma = 0; /* every amount is 1 */
    /* Just below the ends of bands, where the bounds are tight. */
    for (double market = -1.01; market < 1.5; market += 2) {
        totals total[WORLD_PLANS] = {0};
        add_up(&c, market, total);
        for (int p = 0; p < WORLD_PLANS; p++) {
            double week[MOST_WEEKS] = {0}, unit[MOST_UNITS] = {0}, mean = 0;
            integrate_wins(&c, p, market, week, unit);
            for (int w = 0; w < n_weeks_of(c.tables); w++) {
                assert_within(total[p].week[w] / ARRIVAL_PATHS, week[w],
                              sqrt(week[w] / ARRIVAL_PATHS));
                mean += week[w];
            }
            for (int i = 0; i < c.tables->n_units; i++)
                assert_within(total[p].unit[i] / ARRIVAL_PATHS, unit[i],
                              sqrt(unit[i] / ARRIVAL_PATHS));
            double sampled = total[p].wins / ARRIVAL_PATHS;
            double variance = total[p].wins_squared / ARRIVAL_PATHS - sampled * sampled;
            assert_within(sampled, mean, sqrt(mean / ARRIVAL_PATHS));
            assert_within(variance, mean, sqrt((mean + 2 * mean * mean) / ARRIVAL_PATHS));
        }
        assert_true(total[1].wins > 1.5 * total[0].wins);
    }
    free_compiled(&c);
}

/* Amounts are lognormal and independent of winning here; the revision has mean 1. */
static void test_arrival_amounts(void **state) {
    (void)state;
    compiled c = compile("arrivals: {a: {x: 0.05, y: 0.02}, b: {x: 0.04, y: 0.06}}\n", PLANS_TEXT);
    c.program->n_deals = 0;
    totals total[WORLD_PLANS] = {0};
    add_up(&c, 0.5, total);
    double s = 0.5 * 0.5, exact = 1000 * exp(s / 2); /* mean of a lognormal */
    double spread = exact * sqrt(exp(s + 0.2 * 0.2) - 1);
    for (int p = 0; p < WORLD_PLANS; p++)
        assert_within(total[p].booked / total[p].wins, exact, spread / sqrt(total[p].wins));
    free_compiled(&c);
}

/* One stream with a gamma factor of variance k: wins are negative binomial with variance
 * v = m + k·m². Their fourth central moment, for the standard error of the sample variance, is
 * v (1 + 3v + 6kv). */
static void test_arrival_dispersion(void **state) {
    (void)state;
    const double k = 0.5;
    compiled c = compile("arrivals: {a: {x: {rate: 0.3, dispersion: 0.5}, y: 0}, "
                         "b: {x: 0, y: 0}}\n",
                         PLANS_TEXT);
    c.program->n_deals = 0;
    assert_int_equal(c.program->n_streams, 1);
    assert_true(c.program->stream[0].dispersion == k);
    totals total[WORLD_PLANS] = {0};
    add_up(&c, 0.5, total);
    for (int p = 0; p < WORLD_PLANS; p++) {
        double week[MOST_WEEKS] = {0}, unit[MOST_UNITS] = {0}, mean = 0;
        integrate_wins(&c, p, 0.5, week, unit);
        for (int w = 0; w < n_weeks_of(c.tables); w++)
            mean += week[w];
        double exact = mean + k * mean * mean;
        double fourth = exact * (1 + 3 * exact + 6 * k * exact);
        double sampled = total[p].wins / ARRIVAL_PATHS;
        double variance = total[p].wins_squared / ARRIVAL_PATHS - sampled * sampled;
        assert_within(sampled, mean, sqrt(exact / ARRIVAL_PATHS));
        assert_within(variance, exact, sqrt((fourth - exact * exact) / ARRIVAL_PATHS));
    }
    free_compiled(&c);
}

/* Discounts are uniform on [0, .4]: above .1 they are cut to it unless they escape, and then the
 * amount rises by .9 / (1 - discount) where the deal is won. Given the path's Z, bookings are
 * compound Poisson: the variance is (wins) × E(amount²). */
static void test_arrival_discounts(void **state) {
    (void)state;
    enum { DAYS = 300, DISCOUNTS = 40 };
    compiled c = compile("arrivals: {a: {x: 0.4, y: 0}, b: {x: 0, y: 0}}\n", LIMIT_TEXT);
    const recoup_program *program = c.program;
    int cell = recoup_program_cell(program, 0, 0, program->n_segments - 1);
    double weight[RECOUP_TABLES_MAX_TERMS], win[64], wins = 0, factors = 0, squares = 0;
    c.program->n_deals = 0;
    recoup_tables_weights(c.tables, recoup_tables_x(0.5), weight);
    for (int i = 0; i < DAYS * DISCOUNTS; i++) {
        double day = (i / DISCOUNTS + 0.5) * program->horizon_days / DAYS;
        double discount = (i % DISCOUNTS + 0.5) * 0.4 / DISCOUNTS;
        double rate =
            0.4 * exp(program->market_arrivals * 0.5) * program->horizon_days / DAYS / DISCOUNTS;
        for (int capped = 0; capped < 2; capped++) {
            double share = capped ? 0.6 : 0.4;
            bool is_cut = capped && discount > 0.1;
            recoup_tables_arrival(c.tables, 1, cell, is_cut, day, 0, discount, weight, win);
            double factor = is_cut ? 0.9 / (1 - discount) : 1;
            double mean = rate * share * win[c.tables->n_slots - 1];
            wins += mean;
            factors += mean * factor;
            squares += mean * factor * factor;
        }
    }
    totals total[WORLD_PLANS] = {0};
    add_up(&c, 0.5, total);
    double s = 0.5 * 0.5, amount = 1000 * exp(s / 2), square = 1e6 * exp(2 * s + 0.2 * 0.2);
    assert_within(total[1].wins / ARRIVAL_PATHS, wins, sqrt(wins / ARRIVAL_PATHS));
    assert_within(total[1].booked / ARRIVAL_PATHS, amount * factors,
                  sqrt(squares * square / ARRIVAL_PATHS));
    assert_true(total[1].wins < total[0].wins);
    free_compiled(&c);
}

/* With real tables, open and new deals: the instruction sets agree, a plan is the same alone, and
 * chunks do not matter. */
static void test_world(void **state) {
    (void)state;
    compiled c = compile("arrivals: {a: {x: {rate: 0.5, dispersion: 0.3}, y: 2}, "
                         "b: {x: 0.4, y: 4.5}}\n",
                         PLANS_TEXT);
    int n_weeks = n_weeks_of(c.tables);
    const recoup_kernels *plainest = recoup_kernels_next(NULL);
    double market[CHUNK];
    fill_market(market, 512, CHUNK);
    columns whole = run(plainest, c.tables, n_weeks, market, 512, CHUNK);
    for (const recoup_kernels *k = recoup_kernels_next(plainest); k; k = recoup_kernels_next(k)) {
        columns other = run(k, c.tables, n_weeks, market, 512, CHUNK);
        assert_same_columns(&whole, &other);
        free_columns(&other);
    }
    columns rest = run(plainest, c.tables, n_weeks, market + 100, 612, CHUNK - 100);
    for (int i = 0; i < WORLD_PLANS * n_weeks; i++)
        assert_memory_equal(whole.week + i * CHUNK + 100, rest.week + i * CHUNK,
                            (CHUNK - 100) * sizeof(double));
    c.program->n_plans = 1;
    columns alone = run(plainest, c.tables, n_weeks, market, 512, CHUNK);
    assert_memory_equal(whole.unit, alone.unit, (size_t)whole.n_units * CHUNK * sizeof(double));
    double more = 0;
    for (int i = 0; i < CHUNK; i++) {
        assert_true(row(whole.wins, 1, 1, 0)[i] >= row(whole.wins, 1, 0, 0)[i]);
        more += row(whole.wins, 1, 1, 0)[i] - row(whole.wins, 1, 0, 0)[i];
    }
    assert_true(more > 0);
    free_columns(&whole);
    free_columns(&rest);
    free_columns(&alone);
    free_compiled(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_reading),
        cmocka_unit_test(test_same_bits),
        cmocka_unit_test(test_chunks),
        cmocka_unit_test(test_slot_shares),
        cmocka_unit_test(test_revision),
        cmocka_unit_test(test_plan_alone),
        cmocka_unit_test(test_removed_deal),
        cmocka_unit_test(test_superset),
        cmocka_unit_test(test_arrival_counts),
        cmocka_unit_test(test_arrival_amounts),
        cmocka_unit_test(test_arrival_dispersion),
        cmocka_unit_test(test_arrival_discounts),
        cmocka_unit_test(test_world),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
