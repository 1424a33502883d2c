#include "diagnose/expected.h"

#include "base/error.h"
#include "decide/activity.h"
#include "engine/characteristic_arrivals.h"
#include "engine/characteristic_deals.h"
#include "engine/each_draw.h"
#include "fit/predict.h"
#include <math.h>
#include <stdlib.h>

enum {
    MARKETS = 25,                   /* points of Z: -6, -5.5, ..., 6 */
    CLASSES = 64,                   /* of new deals' amounts and discounts, by their midpoints */
    LEAD_DAYS = 16,                 /* days at which shares of leads are looked at */
    STEPS_A_DAY = 4,                /* at which rates of arrivals are */
    FEWEST_DRAWS = 40,              /* that are taken of many open deals */
    MOST_OUTLOOKS = 4 * 1000 * 1000 /* open deals times draws */
};

/* For the means of what is smooth and needs more work: Gauss-Hermite with n nodes for N(0, 1),
 * exact for polynomials up to the degree 2n - 1 (Abramowitz & Stegun 1972, table 25.10). Over log
 * sizes and discounts, and over Z. */
enum { FEW = 3, FEW_MARKETS = 5 };
static const double few_node[FEW] = {-1.7320508075688772, 0, 1.7320508075688772};
static const double few_weight[FEW] = {1. / 6, 2. / 3, 1. / 6};
static const double few_market[FEW_MARKETS] = {-2.8569700138728056, -1.3556261799742659, 0,
                                               1.3556261799742659, 2.8569700138728056};
static const double market_weight[FEW_MARKETS] = {.01125741132772071, .22207592200561266, 8. / 15,
                                                  .22207592200561266, .01125741132772071};

/* --- the market --------------------------------------------------------------------------------
 */

/* For means over Z by the trapezoid rule, which at steps of half a standard deviation is accurate
 * to rounding for smooth functions (Trefethen & Weideman 2014). */
typedef struct market_rule {
    double x[MARKETS], weight[MARKETS];
    double power[RECOUP_TABLES_MAX_TERMS]; /* mean of x^k */
} market_rule;

static market_rule make_rule(void) {
    market_rule rule = {0};
    double sum = 0;
    for (int i = 0; i < MARKETS; i++) {
        double z = (i - MARKETS / 2) * .5;
        rule.x[i] = recoup_tables_x(z);
        rule.weight[i] = exp(-.5 * z * z);
        sum += rule.weight[i];
    }
    for (int i = 0; i < MARKETS; i++) {
        double power = 1;
        rule.weight[i] /= sum;
        for (int k = 0; k < RECOUP_TABLES_MAX_TERMS; k++, power *= rule.x[i])
            rule.power[k] += rule.weight[i] * power;
    }
    return rule;
}

/* --- one draw ----------------------------------------------------------------------------------
 */

typedef struct making {
    const recoup_model *model; /* as fitted */
    const recoup_view *view;
    const recoup_expected_options *options;
    recoup_expected *of;
    market_rule rule;
} making;

/* What one draw's parts read and fill. */
typedef struct drawing {
    const making *m;
    const recoup_model *model; /* of the draw */
    const recoup_tables *tables;
    const recoup_program *program;
    const recoup_program_plan *plan;
    double *open_wins, *open_bookings, *open_eventual;
    double *new_deals, *new_eventual, *new_wins, *new_bookings, *unit;
} drawing;

static drawing start(const making *m, const recoup_compiled *compiled, int draw) {
    const recoup_expected *of = m->of;
    size_t at = (size_t)draw * (size_t)of->n_cohorts;
    return (drawing){.m = m,
                     .model = compiled->model ? compiled->model : m->model,
                     .tables = compiled->tables,
                     .program = compiled->program,
                     .plan = compiled->program->plan,
                     .open_wins = of->open_wins + at,
                     .open_bookings = of->open_bookings + at,
                     .open_eventual = of->open_eventual + at * (size_t)of->n_limits,
                     .new_deals = of->new_deals + at,
                     .new_eventual = of->new_eventual + at,
                     .new_wins = of->new_wins + at,
                     .new_bookings = of->new_bookings + at,
                     .unit = of->unit_bookings + (size_t)draw * (size_t)of->n_units};
}

/* --- open deals --------------------------------------------------------------------------------
 */

/* Mean over Z of P(won by the end of a slot). */
static double win_by(const drawing *at, uint32_t row, int slot) {
    const float *c = at->tables->coefficient + row + slot * at->tables->n_terms;
    double sum = 0;
    for (int k = 0; k < at->tables->n_terms; k++)
        sum += (double)c[k] * at->m->rule.power[k];
    return sum;
}

/* What a deal brings with the chance `share`, by one of its two outlooks. */
static void add_outlook(const drawing *at, const recoup_outlook *outlook, bool capped, double share,
                        int cohort, double amount) {
    const recoup_tables *tables = at->tables;
    uint32_t row = capped ? outlook->capped_win : outlook->win;
    int32_t factors = capped ? outlook->capped_factor : outlook->factor;
    double before = 0;
    for (int s = 0; s < tables->n_slots; s++) {
        double win = win_by(at, row, s), factor = 1;
        if (factors >= 0)
            factor = (double)tables->factor[factors + s];
        double bookings = share * (win - before) * amount * factor;
        at->open_bookings[cohort] += bookings;
        at->unit[tables->slot_unit[outlook->unit + s]] += bookings;
        before = win;
    }
    at->open_wins[cohort] += share * before;
}

/* What predict wants to know of an open deal. */
static recoup_deal_state state_of(const drawing *at, int deal) {
    const recoup_program *program = at->program;
    const recoup_program_deal *of = &program->deal[deal];
    int cell = program->owner[deal].cell;
    int segment = cell % program->n_segments;
    int channel = cell / program->n_segments % program->n_channels;
    return (recoup_deal_state){
        .stage = of->stage,
        .age_days = of->age_days,
        .cohort = recoup_program_cohort(program, at->plan, cell),
        .channel = channel < program->n_channels - 1 ? channel : -1,
        .segment = segment < program->n_segments - 1 ? segment : -1,
        .amount = exp(of->log_size + program->log_size_ref),
        .discount = of->discount,
    };
}

/* P(won in the end), mean over Z; NaN: out of memory. */
static double eventual_win(const recoup_model *model, const recoup_deal_state *deal) {
    double sum = 0;
    if (model->market_conversion == 0)
        return recoup_predict_win(model, deal);
    for (int z = 0; z < FEW_MARKETS; z++)
        sum += market_weight[z] * recoup_predict_win_given(model, deal, few_market[z]);
    return sum;
}

static recoup_status add_open_deals(const drawing *at, recoup_error *error) {
    const recoup_view *view = at->m->view;
    const recoup_expected_options *options = at->m->options;
    int deal = 0; /* of the program: the view's open ones, in order */
    for (int i = 0; i < view->n_deals; i++) {
        if (view->outcome[i] != RECOUP_OPEN)
            continue;
        const recoup_outlook *outlook = &at->tables->outlook[deal];
        double escapes = recoup_deal_escapes(at->tables, 0, deal);
        double amount = fmax(0, at->program->deal[deal].amount);
        recoup_deal_state state = state_of(at, deal);
        double eventual = eventual_win(at->model, &state);
        if (isnan(eventual))
            return recoup_fail_memory(error);
        add_outlook(at, outlook, false, escapes, state.cohort, amount);
        if (escapes < 1)
            add_outlook(at, outlook, true, 1 - escapes, state.cohort, amount);
        for (int k = 0; k < options->n_limits; k++)
            if (view->created[i] < options->limit[k])
                at->open_eventual[k * at->m->of->n_cohorts + state.cohort] += eventual;
        deal++;
    }
    return RECOUP_OK;
}

/* --- new deals: wins and bookings within the period --------------------------------------------
 */

/* The streams of a cohort are next to each other. */
static int find_streams(const recoup_program *program, int cohort, int *n) {
    int first = 0;
    while (first < program->n_streams && program->stream[first].cohort != cohort)
        first++;
    *n = 0;
    while (first + *n < program->n_streams && program->stream[first + *n].cohort == cohort)
        ++*n;
    return first;
}

/* P(won by the end | a deal of the stream's cohort and channel that arrives on the day), at Z = 0,
 * of the reference size and without discount. */
static double win_on(const drawing *at, const recoup_program_stream *stream, double day,
                     double *win) {
    const recoup_program *program = at->program;
    double weight[RECOUP_TABLES_MAX_TERMS];
    int channel = program->n_channels == 1 ? 0 : stream->channel;
    int cell = recoup_program_cell(program, stream->cohort, channel, program->n_segments - 1);
    if (program->n_segments > 1 && program->n_mix > 0)
        cell = recoup_program_cell(program, stream->cohort, channel, 0);
    recoup_tables_weights(at->tables, 0, weight);
    recoup_tables_arrival(at->tables, 0, cell, false, day, 0, 0, weight, win);
    return win[at->tables->n_slots - 1];
}

/* Who gets what new deals of a cohort book: in proportion to the leads; where leads move, of those
 * days whose deals are won in time. */
static recoup_status add_to_units(const drawing *at, int cohort, int first, int n, double bookings,
                                  recoup_error *error) {
    const recoup_program *program = at->program;
    int n_days = at->plan->n_lead_moves > 0 ? LEAD_DAYS : 1;
    if (program->stream[first].n_reps == 0) {
        at->unit[program->n_reps + cohort] += bookings;
        return RECOUP_OK;
    }
    double *share = RECOUP_NEW(double, program->n_reps), *sum = RECOUP_NEW(double, program->n_reps);
    double *win = RECOUP_NEW(double, at->tables->n_slots), total = 0;
    bool enough = share && sum && win;
    for (int s = first; s < first + n && enough; s++)
        for (int k = 0; k < n_days; k++) {
            const recoup_program_stream *stream = &program->stream[s];
            double day = (k + .5) / n_days * program->horizon_days;
            double weight = stream->rate * (n_days > 1 ? win_on(at, stream, day, win) : 1);
            recoup_program_share_leads(program, at->plan, stream, day, share);
            total += weight;
            for (int rep = 0; rep < program->n_reps; rep++)
                sum[rep] += weight * share[rep];
        }
    for (int rep = 0; rep < program->n_reps && enough && total > 0; rep++)
        at->unit[rep] += bookings * sum[rep] / total;
    free(share);
    free(sum);
    free(win);
    return enough ? RECOUP_OK : recoup_fail_memory(error);
}

/* By the characteristic function's own sums, of a program with these streams alone. */
static recoup_status add_new_wins(const drawing *at, int cohort, int first, int n,
                                  const recoup_revision *revision, recoup_error *error) {
    recoup_program program = *at->program;
    recoup_tables tables = *at->tables;
    recoup_arrivals arrivals;
    program.stream += first;
    program.n_streams = n;
    tables.program = &program;
    recoup_status status = recoup_arrivals_init(&arrivals, &tables, 0, revision, error);
    for (int i = 0; i < MARKETS && status == RECOUP_OK; i++) {
        recoup_arrivals_at found;
        recoup_arrivals_add(&arrivals, at->m->rule.x[i], NULL, NULL, &found);
        at->new_wins[cohort] += at->m->rule.weight[i] * found.wins;
        at->new_bookings[cohort] += at->m->rule.weight[i] * found.mean;
    }
    recoup_arrivals_clear(&arrivals);
    if (status == RECOUP_OK)
        status = add_to_units(at, cohort, first, n, at->new_bookings[cohort], error);
    return status;
}

/* --- new deals: their number, and wins in the end ----------------------------------------------
 */

/* Arrivals of a stream (and segment, -1: any) within the period at Z = 0. */
static double count_arrivals(const drawing *at, const recoup_program_stream *stream, int segment) {
    double horizon = at->program->horizon_days, sum = 0;
    if (at->plan->n_rate_changes == 0)
        return stream->rate * horizon;
    int n = (int)ceil(horizon * STEPS_A_DAY);
    for (int k = 0; k < n; k++)
        sum += recoup_program_rate_factor(at->plan, stream, segment, (k + .5) / n * horizon);
    return stream->rate * horizon * sum / n;
}

/* Mean and standard deviation over the new deals of what matters for their conversion; sd 0: it
 * does not. */
typedef struct spread {
    double mean, sd;
} spread;

typedef struct kinds {
    spread log_size, discount;
} kinds;

static spread spread_of(bool (*classes)(const recoup_model *, double *, int),
                        const recoup_model *model) {
    double value[CLASSES], square = 0;
    spread of = {0};
    if (!classes(model, value, CLASSES))
        return of;
    for (int i = 0; i < CLASSES; i++)
        of.mean += value[i] / CLASSES;
    for (int i = 0; i < CLASSES; i++)
        square += (value[i] - of.mean) * (value[i] - of.mean) / CLASSES;
    of.sd = sqrt(square);
    return of;
}

/* P(won in the end) of a new deal given Z, mean over its size and discount; NaN: out of memory. */
static double new_win(const recoup_model *model, recoup_deal_state deal, const kinds *of,
                      double market) {
    double sum = 0;
    for (int i = 0; i < FEW; i++) {
        if (of->log_size.sd == 0 && i != FEW / 2)
            continue;
        deal.amount = model->size_ref * exp(of->log_size.mean + few_node[i] * of->log_size.sd);
        for (int j = 0; j < FEW; j++) {
            if (of->discount.sd == 0 && j != FEW / 2)
                continue;
            deal.discount = of->discount.mean + few_node[j] * of->discount.sd;
            sum += (of->log_size.sd == 0 ? 1 : few_weight[i]) *
                   (of->discount.sd == 0 ? 1 : few_weight[j]) *
                   recoup_predict_win_given(model, &deal, market);
        }
    }
    return sum;
}

/* P(won in the end) of a new deal times exp(market.arrivals·Z), mean over Z; NaN: out of memory. */
static double new_eventual(const drawing *at, const recoup_program_stream *stream, int segment,
                           const kinds *of) {
    const recoup_model *model = at->model;
    const recoup_deal_state deal = {.cohort = stream->cohort,
                                    .channel = model->channels.n > 0 ? stream->channel : -1,
                                    .segment = segment};
    double sum = 0;
    for (int z = 0; z < FEW_MARKETS; z++)
        sum += market_weight[z] * exp(model->market_arrivals * few_market[z]) *
               new_win(model, deal, of, few_market[z]);
    return sum;
}

static recoup_status add_stream(const drawing *at, const recoup_program_stream *stream,
                                const kinds *of, recoup_error *error) {
    const recoup_program *program = at->program;
    int n_segments = program->n_mix > 0 ? program->n_mix : 1;
    double rate = 0; /* mean of exp(market.arrivals·Z) */
    for (int z = 0; z < FEW_MARKETS; z++)
        rate += market_weight[z] * exp(at->model->market_arrivals * few_market[z]);
    for (int i = 0; i < n_segments; i++) {
        int segment = program->n_mix > 0 ? i : -1;
        double mix = 1;
        if (program->n_mix > 0)
            mix = program->mix[i] - (i > 0 ? program->mix[i - 1] : 0);
        double deals = mix * count_arrivals(at, stream, segment);
        double eventual = new_eventual(at, stream, segment, of);
        if (isnan(eventual))
            return recoup_fail_memory(error);
        at->new_deals[stream->cohort] += deals * rate;
        at->new_eventual[stream->cohort] += deals * eventual;
    }
    return RECOUP_OK;
}

static recoup_status add_new_deals(const drawing *at, recoup_error *error) {
    const recoup_program *program = at->program;
    recoup_revision *revision = RECOUP_NEW(recoup_revision, 1);
    recoup_status status = revision ? RECOUP_OK : recoup_fail_memory(error);
    const kinds of = {spread_of(recoup_funnel_sizes, at->model),
                      spread_of(recoup_funnel_discounts, at->model)};
    if (revision)
        recoup_revision_init(revision, program->revision_sigma);
    for (int cohort = 0; cohort < program->n_cohorts && status == RECOUP_OK; cohort++) {
        int n, first = find_streams(program, cohort, &n);
        for (int i = 0; i < n && status == RECOUP_OK; i++)
            status = add_stream(at, &program->stream[first + i], &of, error);
        if (n > 0 && status == RECOUP_OK)
            status = add_new_wins(at, cohort, first, n, revision, error);
    }
    free(revision);
    return status;
}

static recoup_status visit(const recoup_compiled *compiled, int draw, void *user,
                           recoup_error *error) {
    const drawing at = start(user, compiled, draw);
    recoup_status status = add_open_deals(&at, error);
    return status == RECOUP_OK ? add_new_deals(&at, error) : status;
}

/* --- all draws ---------------------------------------------------------------------------------
 */

static int count_draws(const recoup_scenario *scenario, const recoup_view *view) {
    int64_t n = scenario->simulation.parameter_draws, most = MOST_OUTLOOKS;
    if (view->n_open > 0)
        most = MOST_OUTLOOKS / view->n_open;
    most = most > FEWEST_DRAWS ? most : FEWEST_DRAWS;
    return (int)(n < most ? n : most);
}

static bool allocate(recoup_expected *of) {
    size_t n = (size_t)of->n_draws * (size_t)of->n_cohorts;
    double **const array[] = {&of->open_wins,    &of->open_bookings, &of->new_deals,
                              &of->new_eventual, &of->new_wins,      &of->new_bookings};
    bool enough = true;
    for (size_t i = 0; i < sizeof array / sizeof *array; i++) {
        *array[i] = recoup_arena_alloc(&of->arena, n, sizeof(double));
        enough = enough && *array[i];
    }
    of->open_eventual = recoup_arena_alloc(&of->arena, n * (size_t)of->n_limits, sizeof(double));
    of->unit_bookings =
        recoup_arena_alloc(&of->arena, (size_t)of->n_draws * (size_t)of->n_units, sizeof(double));
    return enough && of->open_eventual && of->unit_bookings;
}

recoup_status recoup_expected_create(const recoup_scenario *scenario, const recoup_model *model,
                                     const recoup_view *view, const recoup_engine_options *engine,
                                     const recoup_expected_options *options,
                                     recoup_expected **expected, recoup_error *error) {
    recoup_expected *of = RECOUP_NEW(recoup_expected, 1);
    if (!of)
        return recoup_fail_memory(error);
    *of = (recoup_expected){.n_draws = count_draws(scenario, view),
                            .n_cohorts = model->cohorts.n,
                            .n_limits = options->n_limits,
                            .n_units = view->n_reps + model->cohorts.n};
    making m = {.model = model, .view = view, .options = options, .of = of, .rule = make_rule()};
    recoup_status status = allocate(of) ? RECOUP_OK : recoup_fail_memory(error);
    if (status == RECOUP_OK)
        status = recoup_each_draw(scenario, model, view, engine, of->n_draws, visit, &m, error);
    if (status == RECOUP_OK)
        *expected = of;
    else
        recoup_expected_free(of);
    return status;
}

void recoup_expected_free(recoup_expected *expected) {
    if (!expected)
        return;
    recoup_arena_clear(&expected->arena);
    free(expected);
}
