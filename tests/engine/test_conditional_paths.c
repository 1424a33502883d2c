/* The estimator `conditional` against paths: sampled from the same win tables, and played event by
 * event. */
#include "book.h"

#include "engine/conditional.h"
#include "tally/tally.h"
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <recoup/engine.h>

/* Fewer worlds for sanitizers (book.h); unrevised ones with new deals, which take the most
 * frequencies, are left out. */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
enum { FIRST_WORLD = 2, NEXT_WORLD = 3, ATTRIBUTE_WORLDS = 1 };
#else
enum { FIRST_WORLD = 0, NEXT_WORLD = 1, ATTRIBUTE_WORLDS = 2 };
#endif

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
                recoup_program_rate_factor(&program->plan[plan], stream, -1, day))
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
        snprintf(model, sizeof model, HEAD, i % 2 ? ", size_logit: -0.5" : "", i < 3 ? 0.05 : 0.7,
                 i < 3 ? 0.1 : 0.4, i % 3 == 0 ? 0. : 0.2);
        world w = make_world(model, DEALS, REPS, PLANS);
        w.scenario->quota = i < 3 ? 200 : 1000;
        recoup_program *program = make_program(&w);
        recoup_program_stream *stream = RECOUP_NEW(recoup_program_stream, program->n_streams);
        memcpy(stream, program->stream, sizeof *stream * (size_t)program->n_streams);
        stream[0].dispersion = i >= 2 ? 0.4 : 0;
        program->stream = stream;
        recoup_tables *tables = make_tables(program, NULL);
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
    recoup_conditional *c = NULL;
    recoup_tally *tally = NULL;
    const recoup_engine_options one_thread = {.threads = 1};
    w->scenario->simulation.estimator = RECOUP_ESTIMATOR_WALK;
    w->scenario->simulation.paths = paths;
    require_ok(recoup_simulate(w->scenario, w->model, w->view, &one_thread, &tally, &error),
               &error);
    recoup_program *program = make_program(w);
    recoup_tables *tables = make_tables(program, NULL);
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open_deals),
        cmocka_unit_test(test_new_deals),
        cmocka_unit_test(test_attributes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
