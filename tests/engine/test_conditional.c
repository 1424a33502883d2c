/* The estimator `conditional` against enumeration, against the exact answers of bench/w1, against
 * plain sampling from the same tables, and its own statement of its error. */
#include "../world.h"

#include "engine/characteristic.h"
#include "engine/characteristic_kernels.h"
#include "engine/conditional.h"
#include "tally/tally.h"
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <recoup/engine.h>

/* Sanitizers make all of this some five to ten times slower. Fewer samples, seeds and worlds show
 * the same accesses; unrevised worlds with new deals, which take the most frequencies, are left
 * out. */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
enum { LESS = 8, FIRST_WORLD = 2, NEXT_WORLD = 3, ATTRIBUTE_WORLDS = 1 };
#else
enum { LESS = 1, FIRST_WORLD = 0, NEXT_WORLD = 1, ATTRIBUTE_WORLDS = 2 };
#endif

/* What characteristic.h says of the inversion: less where Z is rare. */
static double inversion_error(double x) {
    return 1e-6 / fmax(exp(-12.5 * x * x), 0.01);
}

/* --- books by hand ---------------------------------------------------------------------------- */

enum { MAX_DEALS = 200, SLOTS = 3, TERMS = 3 };

/* Open deals whose probabilities to be won by the end of each of three slots are polynomials. */
typedef struct book {
    recoup_program program;
    recoup_program_plan plan;
    recoup_cap cap;
    recoup_program_deal deal[MAX_DEALS];
    recoup_tables tables;
    recoup_outlook outlook[MAX_DEALS];
    float coefficient[2 * MAX_DEALS * SLOTS * TERMS];
    float factor[2 * SLOTS];
    int n_rows;
} book;

static void start_book(book *b, double sigma, double quota) {
    memset(b, 0, sizeof *b);
    b->program.n_plans = 1;
    b->program.plan = &b->plan;
    b->program.deal = b->deal;
    b->program.revision_sigma = sigma;
    b->program.quota = quota;
    b->tables.program = &b->program;
    b->tables.n_slots = SLOTS;
    b->tables.n_terms = TERMS;
    b->tables.n_nodes = TERMS;
    b->tables.coefficient = b->coefficient;
    b->tables.factor = b->factor;
    b->tables.outlook = b->outlook;
    for (int s = 0; s < 2 * SLOTS; s++)
        b->factor[s] = s < SLOTS ? 1 + .1f * (float)s : 1.5f;
}

/* p + slope·x + bend·x², a third of it by the end of the first slot, two thirds of the second. */
static uint32_t add_row(book *b, double p, double slope, double bend) {
    const double value[TERMS] = {p, slope, bend};
    int first = b->n_rows++ * SLOTS * TERMS;
    for (int s = 0; s < SLOTS; s++)
        for (int k = 0; k < TERMS; k++)
            b->coefficient[first + s * TERMS + k] = (float)(value[k] * (s + 1) / SLOTS);
    return (uint32_t)first;
}

static int add_deal(book *b, double amount, double p, double slope) {
    int i = b->program.n_deals++;
    uint32_t row = add_row(b, p, slope, 0.1 * slope);
    b->deal[i].amount = amount;
    b->outlook[i] =
        (recoup_outlook){.win = row, .capped_win = row, .factor = -1, .capped_factor = -1};
    return i;
}

static double win_of(const book *b, uint32_t row, int slot, double x) {
    const float *c = &b->coefficient[row + (uint32_t)(slot * TERMS)];
    return (double)c[0] + x * ((double)c[1] + x * (double)c[2]);
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

/* P(sum of the amounts won >= quota | x) over all subsets. `reach` says it for one subset. */
static double enumerate(const book *b, double x,
                        double (*reach)(const book *, const double *, int)) {
    int n = b->program.n_deals;
    double total = 0;
    for (int subset = 0; subset < 1 << n; subset++) {
        double chance = 1, amounts[16];
        int count = 0;
        for (int i = 0; i < n; i++) {
            double p = win_of(b, b->outlook[i].win, SLOTS - 1, x);
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

/* --- plain sampling from the same tables ------------------------------------------------------ */

/* Bookings of one path of the plan: a categorical draw per open deal. */
static double sample_open(const recoup_tables *tables, int plan, double x, gsl_rng *rng) {
    const recoup_program *program = tables->program;
    const recoup_cap *cap = program->plan[plan].cap;
    double sum = 0, sigma = program->revision_sigma;
    for (int i = 0; i < program->n_deals; i++) {
        const recoup_outlook *o = &tables->outlook[plan * program->n_deals + i];
        bool capped =
            cap && program->deal[i].discount > cap->max && gsl_rng_uniform(rng) >= cap->escapes;
        const float *row = tables->coefficient + (capped ? o->capped_win : o->win);
        int factor = capped ? o->capped_factor : o->factor, slot = 0;
        double u = gsl_rng_uniform(rng);
        for (; slot < tables->n_slots; slot++) {
            double p = 0;
            for (int k = tables->n_terms - 1; k >= 0; k--)
                p = p * x + (double)row[slot * tables->n_terms + k];
            if (u < p)
                break;
        }
        if (slot == tables->n_slots)
            continue;
        double amount = program->deal[i].amount;
        if (factor >= 0)
            amount *= (double)tables->factor[factor + slot];
        sum += amount * exp(gsl_ran_gaussian(rng, sigma) - sigma * sigma / 2);
    }
    return sum;
}

static double sample_new(const recoup_tables *tables, int plan, double z, const double *weight,
                         gsl_rng *rng) {
    const recoup_program *program = tables->program;
    double sum = 0, sigma = program->revision_sigma, win[RECOUP_TABLES_MAX_SLOTS];
    for (int i = 0; i < program->n_streams; i++) {
        const recoup_program_stream *stream = &program->stream[i];
        double mean = 2 * stream->rate * program->horizon_days * exp(program->market_arrivals * z);
        if (stream->dispersion > 0)
            mean *= gsl_ran_gamma(rng, 1 / stream->dispersion, stream->dispersion);
        unsigned n = gsl_ran_poisson(rng, mean); /* of twice the rate, to be thinned */
        for (unsigned j = 0; j < n; j++) {
            double day = program->horizon_days * gsl_rng_uniform(rng);
            if (2 * gsl_rng_uniform(rng) >=
                recoup_program_rate_factor(&program->plan[plan], stream, day))
                continue;
            double amount = recoup_dist_quantile(&program->new_amount, gsl_rng_uniform_pos(rng));
            int cell = recoup_program_cell(program, stream->cohort,
                                           program->n_channels > 1 ? stream->channel : 0, 0);
            int row = tables->cell_factor[plan * program->n_cells + cell], slot = 0;
            recoup_tables_arrival(tables, plan, cell, false, day,
                                  log(amount) - program->log_size_ref, 0, weight, win);
            double u = gsl_rng_uniform(rng);
            while (slot < tables->n_slots && u >= win[slot])
                slot++;
            if (slot == tables->n_slots)
                continue;
            if (row >= 0)
                amount *= (double)tables->factor[row + slot];
            sum += amount * exp(gsl_ran_gaussian(rng, sigma) - sigma * sigma / 2);
        }
    }
    return sum;
}

/* P(hit), mean and median of all plans within 4.5 standard errors of n sampled paths. */
static void check_sampled(const recoup_tables *tables, int n, gsl_rng *rng) {
    const recoup_program *program = tables->program;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_conditional *c = NULL;
    recoup_conditional_options options = recoup_conditional_defaults(1, program->n_plans, 1);
    require_ok(recoup_conditional_create(&options, &c, &error), &error);
    require_ok(recoup_conditional_draw(c, tables, 0, &error), &error);
    for (int plan = 0; plan < program->n_plans; plan++) {
        double hits = 0, mean = 0, square = 0, below = 0, short_by = 0, short_square = 0;
        double median = recoup_conditional_quantile(c, plan, 0.5);
        for (int path = 0; path < n; path++) {
            double z = gsl_ran_ugaussian(rng), x = recoup_tables_x(z),
                   weight[RECOUP_TABLES_MAX_TERMS];
            if (program->n_streams > 0)
                recoup_tables_weights(tables, x, weight);
            double bookings = program->booked + sample_open(tables, plan, x, rng) +
                              sample_new(tables, plan, z, weight, rng);
            double missing = fmax(0, program->quota - bookings);
            hits += bookings >= program->quota;
            below += bookings <= median;
            mean += bookings / n;
            square += bookings * bookings / n;
            short_by += missing / n;
            short_square += missing * missing / n;
        }
        double p = recoup_conditional_hit(c, plan, NULL);
        double middle = recoup_conditional_below(c, plan, median);
        double more = 4.5 / 4; /* assert_within has 4 standard errors */
        assert_within(hits / n, p, more * sqrt((p * (1 - p) + 1e-9) / n));
        if (program->revision_sigma > 0) /* else the median may be a sum that has a probability */
            assert_within(below / n, middle, more * sqrt(middle * (1 - middle) / n));
        assert_within(mean, recoup_conditional_mean(c, plan),
                      more * recoup_conditional_sd(c, plan) / sqrt(n));
        assert_within(short_by, recoup_conditional_shortfall(c, plan),
                      more * sqrt((short_square - short_by * short_by) / n));
        assert_true(fabs(recoup_conditional_exact(c, plan) - p) < 1e-4);
    }
    recoup_conditional_free(c);
}

/* Random books of open deals, of all sizes, with factors on amounts and with a discount limit. */
static void test_open_deals(void **state) {
    (void)state;
    static book b;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    const double sigmas[] = {0.15, 0.4, 0.02, 0};
    for (int i = 0; i < 16; i++) {
        int n = 3 + (int)(gsl_rng_uniform(rng) * (i % 2 ? 30 : MAX_DEALS / 2 - 3));
        start_book(&b, sigmas[i % 4], 0.25 * n * 42000);
        b.cap = (recoup_cap){.max = 0.1, .escapes = 0.3};
        if (i % 3 == 0)
            b.plan.cap = &b.cap;
        for (int j = 0; j < n; j++) {
            double p = 0.05 + 0.4 * gsl_rng_uniform(rng);
            int deal = add_deal(&b, exp(10.6 + gsl_ran_gaussian(rng, 0.8)), p, 0.6 * p);
            b.deal[deal].discount = 0.2 * gsl_rng_uniform(rng);
            if (gsl_rng_uniform(rng) < 0.3)
                b.outlook[deal].factor = 0;
            b.outlook[deal].capped_win = add_row(&b, 0.7 * p, 0.4 * p, 0);
            b.outlook[deal].capped_factor = SLOTS;
            if (b.deal[deal].discount <= b.cap.max) {
                b.outlook[deal].capped_win = b.outlook[deal].win;
                b.outlook[deal].capped_factor = b.outlook[deal].factor;
            }
        }
        check_sampled(&b.tables, 16000 / LESS, rng);
    }
    gsl_rng_free(rng);
}

#define HEAD                                                                                       \
    "recoup: model/1\nstages: [talk, sign]\ncohorts: [old, new]\nmarket: {conversion: 0.4, "       \
    "arrivals: 0.3}\nexits:\n  talk: {advance: {logit: 0.4%s, dwell: {family: weibull, shape: "    \
    "1.4, scale: 9}}, lost: {dwell: {family: exponential, mean: 12}}}\n  sign: {advance: {logit: " \
    "0.2, dwell: {family: lognormal, median: 5, sigma: 0.6}}, lost: {dwell: {family: "             \
    "exponential, mean: 9}}}\narrivals: {old: %g, new: %g}\namount: {new: {family: lognormal, "    \
    "median: 130, sigma: 0.7}, revision: {sigma: %g}}\n"
#define DEALS                                                                                      \
    "deal_id,rep_id,amount,created,stage,outcome,stage_entered\n"                                  \
    "a,r,300,2025-12-20,talk,open,2025-12-20\nb,r,200,2025-12-20,sign,open,2025-12-24\n"
#define REPS "rep_id,cohort\nr,old\ns,new\n"
#define PLANS                                                                                      \
    "plans:\n  - name: baseline\n  - name: more\n    levers:\n      - adjust: {rate: 1.8, start: " \
    "+4d, ramp_days: 9}\n  - name: dearer\n    levers:\n      - adjust: {amount: 1.3, start: "     \
    "+10d, ramp_days: 8}\n"

/* New deals: few and many, overdispersed, unrevised, their chances depending on their size. */
static void test_new_deals(void **state) {
    (void)state;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    for (int i = FIRST_WORLD; i < 6; i += NEXT_WORLD) {
        char model[4096];
        recoup_error error = RECOUP_ERROR_INIT;
        recoup_program *program = NULL;
        recoup_tables *tables = NULL;
        snprintf(model, sizeof model, HEAD, i % 2 ? ", size_logit: -0.5" : "", i < 3 ? 0.05 : 0.7,
                 i < 3 ? 0.1 : 0.4, i % 3 == 0 ? 0. : 0.2);
        world w = make_world(model, DEALS, REPS, PLANS);
        require_ok(recoup_program_create(w.scenario, w.model, w.view, &program, &error), &error);
        recoup_program_stream *stream = RECOUP_NEW(recoup_program_stream, program->n_streams);
        memcpy(stream, program->stream, sizeof *stream * (size_t)program->n_streams);
        stream[0].dispersion = i >= 2 ? 0.4 : 0;
        program->stream = stream;
        program->quota = i < 3 ? 200 : 1000;
        require_ok(recoup_tables_create(program, NULL, recoup_isa_find(NULL), &tables, &error),
                   &error);
        check_sampled(tables, 10000 / LESS, rng);
        recoup_tables_free(tables);
        recoup_program_free(program);
        free(stream);
        free_world(&w);
    }
    gsl_rng_free(rng);
}

/* --- the estimator `walk` --------------------------------------------------------------------- */

/* Everything that a new deal can have: channel, segment, discount, size, owner, an overdispersed
 * rate; %g: sigma of the revision. */
static const char attributes[] =
    "recoup: model/1\nstages: [talk, sign]\ncohorts: [x, y]\nchannels: [in, out]\n"
    "segments: [small, large]\nmarket: {conversion: 0.4, arrivals: 0.3}\n"
    "defaults: {advance: {cohort_logit: {x: 0.9, y: -0.9}, channel_logit: {in: 0.3, out: 0},\n"
    "  segment_logit: {small: 0, large: -1}, size_logit: -0.2, discount_logit: 4,\n"
    "  cohort_log_dwell: {x: 0, y: 0.3}}}\nexits:\n"
    "  talk: {advance: {logit: 0.2, dwell: {family: weibull, shape: 1.4, scale: 6}},\n"
    "    lost: {dwell: {family: exponential, mean: 12}}}\n"
    "  sign: {advance: {logit: 0.2, dwell: {family: lognormal, median: 4, sigma: 0.6}},\n"
    "    lost: {dwell: {family: exponential, mean: 9}}}\n"
    "arrivals: {x: {in: {rate: 0.3, dispersion: 0.5}, out: 0.2}, y: {in: 0.4, out: 0.3}}\n"
    "amount: {new: {family: lognormal, median: 130, sigma: 0.7}, size_ref: 150,\n"
    "  discount: {quantiles: [0, 0.05, 0.15, 0.4]}, revision: {sigma: %g}}\n"
    "mix: {segment: {small: 0.7, large: 0.3}}\n";
static const char attribute_plans[] =
    "plans:\n  - name: baseline\n"
    "  - name: limit\n    levers:\n      - discount_limit: {max: 10%, win_logit_per_point: 0.06, "
    "escapes: 30%}\n"
    "  - name: late limit\n    levers:\n      - discount_limit: {max: 20%, "
    "win_logit_per_point: 0.02, segment: small, start: +6.5d, ramp_days: 9}\n"
    "  - name: leads\n    levers:\n      - reassign: {from: {cohort: y}, to: {cohort: x}, "
    "leads: true}\n"
    "  - name: some leads\n    levers:\n      - reassign: {from: {rep: s}, to: {rep: [r, t]}, "
    "leads: true, start: +3.5d, ramp_days: 14}\n      - reassign: {from: {rep: t}, to: {rep: r}, "
    "leads: true, start: +9d}\n"
    "  - name: channel\n    levers:\n      - channel_focus: {from: out, to: in, share: 0.6, "
    "returns: 0.9, start: +2d, ramp_days: 6}\n"
    "  - name: all\n    levers:\n      - discount_limit: {max: 10%, win_logit_per_point: 0.03, "
    "escapes: 20%, start: +4d}\n      - reassign: {from: {cohort: y}, to: {cohort: x}, leads: "
    "true, start: +2d}\n      - adjust: {amount: 1.4, cohort: x, start: +7d, ramp_days: 5}\n"
    "      - channel_focus: {from: out, to: in, share: 0.5, returns: 0.8, start: +1d}\n";

/* All plans of a world within 4.5 standard errors of paths played event by event, which know
 * neither win tables nor characteristic functions. On top comes what the tables say of their error:
 * 1e-4 of every probability, and so of the expected number of deals; of the largest density of the
 * number of standard deviations, 0.4, in P(hit). */
static void check_walked(world *w, int paths) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_program *program = NULL;
    recoup_tables *tables = NULL;
    recoup_conditional *c = NULL;
    recoup_tally *tally = NULL;
    const recoup_engine_options one_thread = {.threads = 1};
    w->scenario->simulation.estimator = RECOUP_ESTIMATOR_WALK;
    w->scenario->simulation.paths = paths;
    require_ok(recoup_simulate(w->scenario, w->model, w->view, &one_thread, &tally, &error),
               &error);
    require_ok(recoup_program_create(w->scenario, w->model, w->view, &program, &error), &error);
    require_ok(recoup_tables_create(program, NULL, recoup_isa_find(NULL), &tables, &error), &error);
    recoup_conditional_options options = recoup_conditional_defaults(1, program->n_plans, 1);
    require_ok(recoup_conditional_create(&options, &c, &error), &error);
    require_ok(recoup_conditional_draw(c, tables, 0, &error), &error);
    double n = (double)tally->n_paths, arrivals = 0, more = 4.5 / 4;
    for (int i = 0; i < program->n_streams; i++)
        arrivals += 3 * program->stream[i].rate * program->horizon_days; /* factors are below 3 */
    double bias = 1e-4 * (arrivals + program->n_deals) / 4;
    for (int plan = 0; plan < program->n_plans; plan++) {
        const recoup_plan_sums *sums = &tally->plan[plan].sums;
        double p = recoup_conditional_hit(c, plan, NULL), se = 0;
        double sd = recoup_conditional_sd(c, plan), walked = recoup_tally_hit(tally, plan, &se);
        double mean = recoup_conditional_mean(c, plan);
        double wins_sd = sqrt(sums->wins.m2 / n), each = mean / recoup_conditional_wins(c, plan);
        assert_within(walked, p, more * sqrt(p * (1 - p) / n) + 0.4 * bias * each / sd);
        assert_within(sums->wins.mean, recoup_conditional_wins(c, plan),
                      more * wins_sd / sqrt(n) + bias);
        assert_within(sums->bookings.mean, mean, more * sd / sqrt(n) + bias * each);
        /* the variance of a squared deviation is at most 12 sd^4 here: kurtosis below 13 */
        assert_within(sums->bookings.m2 / n / (sd * sd), 1,
                      more * sqrt(12 / n) + 2 * bias * each / sd);
        assert_within(sums->shortfall.mean, recoup_conditional_shortfall(c, plan),
                      more * sqrt(sums->shortfall.m2) / n + bias * each);
    }
    recoup_conditional_free(c);
    recoup_tables_free(tables);
    recoup_program_free(program);
    recoup_tally_free(tally);
}

static void test_attributes(void **state) {
    (void)state;
    for (int i = 0; i < ATTRIBUTE_WORLDS; i++) {
        char model[4096];
        snprintf(model, sizeof model, attributes, i == 0 ? 0.25 : 0.);
        world w = make_world(model,
                             "deal_id,rep_id,amount,list_amount,created,stage,outcome,"
                             "stage_entered,channel,segment\n"
                             "a,r,300,340,2025-12-20,talk,open,2025-12-20,in,small\n"
                             "b,s,200,300,2025-12-20,sign,open,2025-12-24,out,large\n",
                             "rep_id,cohort\nr,x\ns,y\nt,y\n", attribute_plans);
        check_walked(&w, 60000 / LESS);
        free_world(&w);
    }
}

/* --- the reference instance ------------------------------------------------------------------- */

typedef struct reference {
    recoup_scenario *scenario;
    recoup_model *model;
    recoup_dataset *dataset;
    recoup_view *view;
    recoup_program *program;
    recoup_tables *tables;
} reference;

static void load_reference(reference *w) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_dataset_source source;
    recoup_view_options options;
    require_ok(recoup_scenario_load(SOURCE_DIR "/bench/w1/scenario.yaml", &w->scenario, &error),
               &error);
    require_ok(recoup_model_load(recoup_scenario_model_path(w->scenario), &w->model, &error),
               &error);
    recoup_scenario_source(w->scenario, &source);
    const char **stages = recoup_model_stage_names(w->model, &source.n_stages);
    source.stages = stages;
    require_ok(recoup_dataset_load(&source, &w->dataset, &error), &error);
    free(stages);
    recoup_scenario_view_options(w->scenario, &options);
    require_ok(recoup_view_create(w->dataset, &options, &w->view, &error), &error);
    require_ok(recoup_scenario_resolve(w->scenario, w->model, &error), &error);
    require_ok(recoup_program_create(w->scenario, w->model, w->view, &w->program, &error), &error);
    require_ok(recoup_tables_create(w->program, NULL, recoup_isa_find(NULL), &w->tables, &error),
               &error);
}

static void clear_reference(reference *w) {
    recoup_tables_free(w->tables);
    recoup_program_free(w->program);
    recoup_scenario_free(w->scenario);
    recoup_model_free(w->model);
    recoup_dataset_free(w->dataset);
    recoup_view_free(w->view);
}

/* bench/w1/README.md: P(hit), mean, sd and quantiles by another method (FFT on a money grid). On
 * top of 4 standard errors come 1e-6 of the inversion and half a digit of the recorded figures (of
 * a gain two halves: a difference of two). */
static void test_reference(void **state) {
    (void)state;
    static const double exact[3][8] = {
        {0.575586, 6392197, 1515757, 4095164, 5314635, 6284194, 7353506, 9058552},
        {0.694532, 6892691, 1598539, 4459312, 5757069, 6784233, 7911754, 9697035},
        {0.482448, 6057445, 1550148, 3738130, 4951014, 5931973, 7028698, 8805762}};
    static const double wins[3] = {108.2915, 117.0128, 102.9139};
    static const double gain[3] = {0, 0.118946, -0.093138};
    static const double level[5] = {0.05, 0.25, 0.5, 0.75, 0.95};
    reference w;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_conditional *c = NULL;
    load_reference(&w);
    recoup_conditional_options options = recoup_conditional_defaults(1, 3, 1);
    require_ok(recoup_conditional_create(&options, &c, &error), &error);
    require_ok(recoup_conditional_draw(c, w.tables, 0, &error), &error);
    for (int plan = 0; plan < 3; plan++) {
        double se, gain_se, p = recoup_conditional_hit(c, plan, &se), e = exact[plan][0];
        double plain = e * (1 - e) / (options.n_replicates * options.n_points);
        print_message("plan %d: P %.6f, standard error %.1e, variance %.0f times below that of "
                      "plain paths\n",
                      plan, p, se, plain / (se * se));
        assert_true(fabs(p - e) <= 4 * se + 1.5e-6);
        assert_true(se <= 1e-4);
        assert_true(fabs(recoup_conditional_gain(c, plan, &gain_se) - gain[plan]) <=
                    4 * gain_se + 2.5e-6);
        assert_true(fabs(recoup_conditional_mean(c, plan) / exact[plan][1] - 1) <= 1.5e-6);
        assert_true(fabs(recoup_conditional_wins(c, plan) / wins[plan] - 1) <= 1.5e-6);
        assert_true(fabs(recoup_conditional_sd(c, plan) / exact[plan][2] - 1) <= 1.5e-6);
        for (int i = 0; i < 5; i++)
            assert_true(fabs(recoup_conditional_quantile(c, plan, level[i]) / exact[plan][3 + i] -
                             1) <= 1.5e-6);
    }
    recoup_conditional_free(c);
    clear_reference(&w);
}

/* Small deals by their cumulants, or none of them. */
static void test_cumulants(void **state) {
    (void)state;
    reference w;
    load_reference(&w);
    for (int plan = 0; plan < 3; plan++)
        for (int i = 0; i < N_PLACES; i++) {
            double hybrid = hit_at(w.tables, plan, places[i], false, NULL);
            double full = hit_at(w.tables, plan, places[i], true, NULL);
            if (!(fabs(hybrid - full) <= inversion_error(places[i])))
                fail_msg("plan %d, x %g: %.9f, all deals one by one %.9f", plan, places[i], hybrid,
                         full);
        }
    clear_reference(&w);
}

static void test_order_of_draws(void **state) {
    (void)state;
    enum { DRAWS = 5 };
    reference w;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_conditional *c[2] = {NULL, NULL};
    load_reference(&w);
    recoup_conditional_options options = recoup_conditional_defaults(7, 3, DRAWS);
    for (int i = 0; i < 2; i++) {
        require_ok(recoup_conditional_create(&options, &c[i], &error), &error);
        for (int d = 0; d < DRAWS; d++)
            require_ok(recoup_conditional_draw(c[i], w.tables, i ? DRAWS - 1 - d : d, &error),
                       &error);
    }
    for (int plan = 0; plan < 3; plan++) {
        double se[2], gain_se[2];
        assert_true(recoup_conditional_hit(c[0], plan, &se[0]) ==
                    recoup_conditional_hit(c[1], plan, &se[1]));
        assert_true(recoup_conditional_gain(c[0], plan, &gain_se[0]) ==
                    recoup_conditional_gain(c[1], plan, &gain_se[1]));
        assert_true(se[0] == se[1] && gain_se[0] == gain_se[1]);
        assert_true(recoup_conditional_quantile(c[0], plan, 0.3) ==
                    recoup_conditional_quantile(c[1], plan, 0.3));
        assert_true(recoup_conditional_sd(c[0], plan) == recoup_conditional_sd(c[1], plan));
        assert_true(recoup_conditional_draw_hit(c[0], plan, 0, NULL) !=
                    recoup_conditional_draw_hit(c[0], plan, 1, NULL));
    }
    recoup_conditional_free(c[0]);
    recoup_conditional_free(c[1]);
    clear_reference(&w);
}

/* --- what it says of its error ---------------------------------------------------------------- */

/* 95 % intervals cover P(hit) by deterministic integration in 95 % of the seeds, within 4 binomial
 * standard errors (1.5 % each for 200). */
static void test_coverage(void **state) {
    (void)state;
    enum { SEEDS = 200 / LESS };
    static book b;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    recoup_error error = RECOUP_ERROR_INIT;
    int covered = 0;
    start_book(&b, 0.15, 0.22 * 80 * 57000);
    for (int i = 0; i < 80; i++)
        add_deal(&b, exp(10.6 + gsl_ran_gaussian(rng, 0.8)), 0.25, 0.2);
    double t = gsl_cdf_tdist_Pinv(0.975, RECOUP_CONDITIONAL_REPLICATES - 1);
    for (int seed = 0; seed < SEEDS; seed++) {
        recoup_conditional *c = NULL;
        recoup_conditional_options options = recoup_conditional_defaults((uint64_t)seed, 1, 1);
        options.n_points = 16;
        require_ok(recoup_conditional_create(&options, &c, &error), &error);
        require_ok(recoup_conditional_draw(c, &b.tables, 0, &error), &error);
        double se, p = recoup_conditional_hit(c, 0, &se);
        covered += fabs(p - recoup_conditional_exact(c, 0)) <= t * se;
        recoup_conditional_free(c);
    }
    gsl_rng_free(rng);
    print_message("covered: %d of %d\n", covered, SEEDS);
    assert_true(fabs(covered - 0.95 * SEEDS) <= 4 * sqrt(SEEDS * 0.95 * 0.05));
}

/* phi of the revision against its integral with very small steps. */
static void test_revision(void **state) {
    (void)state;
    const recoup_characteristic_kernels *best =
        &recoup_characteristic_kernels_for[recoup_isa_find(NULL)];
    const double sigmas[] = {0.02, 0.15, 0.6};
    for (int i = 0; i < 3; i++) {
        recoup_revision revision;
        double sigma = sigmas[i];
        recoup_revision_init(&revision, sigma);
        for (double s = 1e-4; s < 12 / sigma; s *= 1.3) {
            double re = -1, im = 0, a, b, one = 1;
            for (int j = -20000; j <= 20000; j++) {
                double z = j * 9. / 20000, weight = gsl_ran_ugaussian_pdf(z) * 9 / 20000;
                double angle = s * exp(sigma * z - sigma * sigma / 2);
                re += weight * cos(angle);
                im += weight * sin(angle);
            }
            best->fill(&revision, s, &one, 1, &a, &b);
            assert_true(hypot(a - re, b - im) < 1e-9);
        }
    }
}

/* --- kernels ---------------------------------------------------------------------------------- */

enum { FREQUENCIES = 77, FACTORS = 5, STRIDE = 80, TABLES = 6 };

/* Whatever the kernels compute from the same random numbers. */
static void run_kernels(const recoup_characteristic_kernels *kernels, double sigma,
                        double result[TABLES][FREQUENCIES]) {
    static double re[FACTORS * STRIDE], im[FACTORS * STRIDE], p[FACTORS], frequency[FREQUENCIES];
    static float row[FACTORS * STRIDE];
    const size_t first[] = {0, 1, 4, 5};
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    recoup_revision revision;
    recoup_revision_init(&revision, sigma);
    memset(result, 0, sizeof(double[TABLES][FREQUENCIES]));
    for (int i = 0; i < FACTORS * STRIDE; i++)
        row[i] = (float)gsl_rng_uniform(rng);
    for (int k = 0; k < FREQUENCIES; k++)
        frequency[k] = 1e-6 * (k + 0.5);
    for (int o = 0; o < FACTORS; o++) {
        p[o] = 0.2 * gsl_rng_uniform(rng);
        kernels->fill(&revision, exp(10 + 1.5 * o), frequency, FREQUENCIES, re + o * STRIDE,
                      im + o * STRIDE);
        for (int k = FREQUENCIES; k < STRIDE; k++)
            re[o * STRIDE + k] = im[o * STRIDE + k] = 0;
    }
    recoup_factors factors = {
        .n_deals = 3, .first = first, .p = p, .re = re, .im = im, .stride = STRIDE};
    for (int k = 0; k < FREQUENCIES; k++) {
        result[0][k] = -gsl_rng_uniform(rng);
        result[1][k] = 100 * gsl_rng_uniform(rng);
    }
    kernels->exponential(FREQUENCIES, result[0], result[1]);
    kernels->multiply(&factors, FREQUENCIES, result[0], result[1]);
    kernels->add_rows(FREQUENCIES, FACTORS, STRIDE, p, re, result[2]);
    kernels->add_floats(FREQUENCIES, FACTORS, STRIDE, p, row, result[3]);
    kernels->polynomials(FREQUENCIES, FACTORS, im, 0.7, result[4]);
    memcpy(result[5], im + (FACTORS - 1) * STRIDE, sizeof result[5]);
    gsl_rng_free(rng);
}

/* All instruction sets give the same bits; the plainest against complex arithmetic. */
static void test_kernels(void **state) {
    (void)state;
    static double plain[TABLES][FREQUENCIES], other[TABLES][FREQUENCIES];
    const recoup_characteristic_kernels *kernels =
        &recoup_characteristic_kernels_for[RECOUP_ISA_PORTABLE];
    for (int s = 0; s < 3; s++) {
        run_kernels(kernels, 0.3 * s, plain);
        for (recoup_isa isa = 0; isa < RECOUP_N_ISAS; isa = recoup_isa_next(isa)) {
            run_kernels(&recoup_characteristic_kernels_for[isa], 0.3 * s, other);
            assert_memory_equal(plain, other, sizeof plain);
        }
    }
    const double a[5 * 16] = {[0] = -0.5, [16] = 0.25, [32] = -1, [48] = 0.125, [64] = 2};
    const double b[5 * 16] = {[0] = 1, [16] = -0.5, [32] = 0.75, [48] = 0, [64] = -3};
    const double p[] = {0.5, 0.25, 0.5, 0.125, 0.25}, x = 0.5;
    const size_t first[] = {0, 1, 5};
    const recoup_factors factors = {
        .n_deals = 2, .first = first, .p = p, .re = a, .im = b, .stride = 16};
    double re = 1, im = -2, value = 0, rows = 1;
    kernels->multiply(&factors, 1, &re, &im);
    /* (1 - 2i)·(0.75 + 0.5i)·(1.078125 - 0.5i), from p·(a + ib): -1/4 + i/2; 0.0625 - 0.125i,
     * -0.5 + 0.375i, 0.015625, 0.5 - 0.75i */
    assert_true(fabs(re - (1.75 * 1.078125 - 1.0 * 0.5)) < 1e-14);
    assert_true(fabs(im - (-1.0 * 1.078125 - 1.75 * 0.5)) < 1e-14);
    kernels->polynomials(1, 5, p, x, &value);
    assert_true(value == 0.5 + x * (0.25 + x * (0.5 + x * (0.125 + x * 0.25))));
    kernels->add_rows(1, 5, 16, p, a, &rows);
    assert_true(rows == 1 - 0.25 + 0.0625 - 0.5 + 0.015625 + 0.5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_revision),  cmocka_unit_test(test_unrevised),
        cmocka_unit_test(test_atoms),     cmocka_unit_test(test_lattice),
        cmocka_unit_test(test_whale),     cmocka_unit_test(test_revised),
        cmocka_unit_test(test_certain),   cmocka_unit_test(test_open_deals),
        cmocka_unit_test(test_new_deals), cmocka_unit_test(test_attributes),
        cmocka_unit_test(test_kernels),   cmocka_unit_test(test_reference),
        cmocka_unit_test(test_cumulants), cmocka_unit_test(test_order_of_draws),
        cmocka_unit_test(test_coverage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
