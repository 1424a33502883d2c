/* The kernel of `sample` on the tables of a small world: its new deals. */
#include "sample_columns.h"

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

static compiled compile_with(const char *arrivals, const char *plans) {
    char model[4096];
    snprintf(model, sizeof model, MODEL "%s", arrivals);
    return compile(make_world(model, DEALS_FILE, REPS_FILE, plans));
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
                      recoup_program_rate_factor(of, stream, -1, day) * program->horizon_days /
                      STEPS;
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
        columns at = run(best(), c->tables, n_weeks, market, i * CHUNK, CHUNK);
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
    compiled c =
        compile_with("arrivals: {a: {x: 0.05, y: 0.02}, b: {x: 0.04, y: 0.06}}\n", PLANS_TEXT);
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
    compiled c =
        compile_with("arrivals: {a: {x: 0.05, y: 0.02}, b: {x: 0.04, y: 0.06}}\n", PLANS_TEXT);
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
    compiled c = compile_with("arrivals: {a: {x: {rate: 0.3, dispersion: 0.5}, y: 0}, "
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
    compiled c = compile_with("arrivals: {a: {x: 0.4, y: 0}, b: {x: 0, y: 0}}\n", LIMIT_TEXT);
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
    compiled c = compile_with("arrivals: {a: {x: {rate: 0.5, dispersion: 0.3}, y: 2}, "
                              "b: {x: 0.4, y: 4.5}}\n",
                              PLANS_TEXT);
    int n_weeks = n_weeks_of(c.tables);
    double market[CHUNK];
    fill_market(market, 512, CHUNK);
    columns whole = run(plainest, c.tables, n_weeks, market, 512, CHUNK);
    for (recoup_isa isa = 0; isa < RECOUP_N_ISAS; isa = recoup_isa_next(isa)) {
        columns other = run(&recoup_kernels_for[isa], c.tables, n_weeks, market, 512, CHUNK);
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
        cmocka_unit_test(test_arrival_counts),
        cmocka_unit_test(test_arrival_amounts),
        cmocka_unit_test(test_arrival_dispersion),
        cmocka_unit_test(test_arrival_discounts),
        cmocka_unit_test(test_world),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
