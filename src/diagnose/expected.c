#include "diagnose/expected.h"

#include "base/error.h"
#include "decide/activity.h"
#include "diagnose/lasting_model.h"
#include "diagnose/market_rule.h"
#include "engine/characteristic_arrivals.h"
#include "engine/each_draw.h"
#include "fit/predict.h"
#include <math.h>
#include <stdlib.h>

enum {
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

/* --- one draw ----------------------------------------------------------------------------------
 */

typedef struct making {
    const recoup_model *model; /* as fitted */
    const recoup_view *view;
    const recoup_expected_options *options;
    recoup_expected *of;
    recoup_market_rule rule;
} making;

/* What one draw's parts read and fill. */
typedef struct drawing {
    const making *m;
    const recoup_model *model; /* of the draw */
    const recoup_tables *tables;
    const recoup_program *program;
    const recoup_program_plan *plan;
    const recoup_model **lasting; /* [cell]; NULL: not made yet */
    recoup_arena *arena;
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

/* NULL: out of memory. */
static const recoup_model *lasting_of(const drawing *at, int cell) {
    if (!at->lasting[cell])
        at->lasting[cell] =
            recoup_lasting_model(at->program, at->model, at->m->view, cell, at->arena);
    return at->lasting[cell];
}

/* P(won in the end) of an open deal, at least that within the period, mean over Z; NaN: out of
 * memory. A deal that the plan closes has only the latter. */
static double eventual_win(const drawing *at, int deal, double win) {
    const recoup_program *program = at->program;
    const recoup_program_deal *of = &program->deal[deal];
    const recoup_episode *last = &at->plan->episode[at->plan->episode_first[deal + 1] - 1];
    const recoup_deal_state state = {.stage = of->stage,
                                     .age_days = of->age_days,
                                     .cohort = -1,
                                     .channel = -1,
                                     .segment = -1,
                                     .amount = exp(of->log_size + program->log_size_ref),
                                     .discount = of->discount};
    double sum = 0;
    if (at->plan->closed_day && isfinite(at->plan->closed_day[deal]))
        return win;
    const recoup_model *model = lasting_of(at, last->cell);
    if (!model)
        return NAN;
    for (int z = 0; z < FEW_MARKETS; z++)
        if (model->market_conversion != 0 || z == FEW_MARKETS / 2)
            sum += (model->market_conversion != 0 ? market_weight[z] : 1) *
                   recoup_predict_win_given(model, &state, few_market[z]);
    return isnan(sum) ? sum : fmax(sum, win);
}

static recoup_status add_open_deals(const drawing *at, recoup_error *error) {
    const recoup_view *view = at->m->view;
    const recoup_expected_options *options = at->m->options;
    double bookings[RECOUP_TABLES_MAX_SLOTS];
    int deal = 0; /* of the program: the view's open ones, in order */
    for (int i = 0; i < view->n_deals; i++) {
        if (view->outcome[i] != RECOUP_OPEN)
            continue;
        const int *unit = at->tables->slot_unit + at->tables->outlook[deal].unit;
        int cohort = recoup_program_cohort(at->program, at->plan, at->program->owner[deal].cell);
        double win = recoup_market_rule_deal(&at->m->rule, at->tables, 0, deal, bookings);
        at->open_wins[cohort] += win;
        for (int slot = 0; slot < at->tables->n_slots; slot++) {
            at->open_bookings[cohort] += bookings[slot];
            at->unit[unit[slot]] += bookings[slot];
        }
        double eventual = eventual_win(at, deal, win);
        if (isnan(eventual))
            return recoup_fail_memory(error);
        for (int k = 0; k < options->n_limits; k++)
            if (view->created[i] < options->limit[k])
                at->open_eventual[k * at->m->of->n_cohorts + cohort] += eventual;
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

/* [crew]: P(won by the end | a deal of the channel that arrives on the day), at Z = 0, of the
 * reference size and without discount. win: room for the slots. */
static void win_on(const drawing *at, const recoup_program_stream *stream, double day, double *win,
                   double *by_crew) {
    const recoup_program *program = at->program;
    double weight[RECOUP_TABLES_MAX_TERMS];
    bool is_mixed = program->n_segments > 1 && program->n_mix > 0;
    int channel = program->n_channels == 1 ? 0 : stream->channel;
    recoup_tables_weights(at->tables, 0, weight);
    for (int crew = 0; crew < recoup_program_n_crews(program); crew++) {
        int cell =
            recoup_program_cell(program, crew, channel, is_mixed ? 0 : program->n_segments - 1);
        recoup_tables_arrival(at->tables, 0, cell, false, day, 0, 0, weight, win);
        by_crew[crew] = win[at->tables->n_slots - 1];
    }
}

/* Who gets what new deals of a cohort book: in proportion to the leads; where leads move, of those
 * days and crews whose deals are won in time. */
static recoup_status add_to_units(const drawing *at, int cohort, int first, int n, double bookings,
                                  recoup_error *error) {
    const recoup_program *program = at->program;
    const int *rep_crew = recoup_program_crews(program, at->plan);
    bool is_moved = at->plan->n_lead_moves > 0;
    int n_days = is_moved ? LEAD_DAYS : 1;
    size_t n_reps = (size_t)program->n_reps;
    if (program->stream[first].n_reps == 0) {
        at->unit[n_reps + (size_t)cohort] += bookings;
        return RECOUP_OK;
    }
    double *share = recoup_arena_alloc(at->arena, n_reps, sizeof *share);
    double *sum = recoup_arena_alloc(at->arena, n_reps, sizeof *sum), total = 0;
    double *win = recoup_arena_alloc(at->arena, (size_t)at->tables->n_slots, sizeof *win);
    double *by_crew =
        recoup_arena_alloc(at->arena, (size_t)recoup_program_n_crews(program), sizeof *by_crew);
    if (!share || !sum || !win || !by_crew)
        return recoup_fail_memory(error);
    for (int s = first; s < first + n; s++)
        for (int k = 0; k < n_days; k++) {
            const recoup_program_stream *stream = &program->stream[s];
            double day = (k + .5) / n_days * program->horizon_days;
            if (is_moved)
                win_on(at, stream, day, win, by_crew);
            recoup_program_share_leads(program, at->plan, stream, day, share);
            for (int rep = 0; rep < program->n_reps; rep++) {
                if (share[rep] == 0)
                    continue;
                double weight = stream->rate * share[rep] * (is_moved ? by_crew[rep_crew[rep]] : 1);
                sum[rep] += weight;
                total += weight;
            }
        }
    for (int rep = 0; rep < program->n_reps && total > 0; rep++)
        at->unit[rep] += bookings * sum[rep] / total;
    return RECOUP_OK;
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
    for (int i = 0; i < RECOUP_MARKET_POINTS && status == RECOUP_OK; i++) {
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
static double new_win(const recoup_model *model, const kinds *of, double market) {
    recoup_deal_state deal = {.cohort = -1, .channel = -1, .segment = -1};
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

/* P(won in the end) of a new deal of the cell times exp(market.arrivals·Z), mean over Z; NaN: out
 * of memory. */
static double new_eventual(const drawing *at, int cell, const kinds *of) {
    const recoup_model *model = lasting_of(at, cell);
    double sum = model ? 0 : NAN;
    for (int z = 0; z < FEW_MARKETS && model; z++)
        sum += market_weight[z] * exp(model->market_arrivals * few_market[z]) *
               new_win(model, of, few_market[z]);
    return sum;
}

/* [crew]: shares in the leads of a stream in the middle of the period. */
static bool share_crews(const drawing *at, const recoup_program_stream *stream, double *by_crew) {
    const recoup_program *program = at->program;
    const int *rep_crew = recoup_program_crews(program, at->plan);
    if (stream->n_reps == 0 || (at->plan->n_lead_moves == 0 && at->plan->n_crews == 0)) {
        by_crew[stream->cohort] = 1;
        return true;
    }
    double *share = recoup_arena_alloc(at->arena, (size_t)program->n_reps, sizeof *share);
    if (!share)
        return false;
    recoup_program_share_leads(program, at->plan, stream, .5 * program->horizon_days, share);
    for (int rep = 0; rep < program->n_reps; rep++)
        if (share[rep] > 0)
            by_crew[rep_crew[rep]] += share[rep];
    return true;
}

static recoup_status add_stream(const drawing *at, const recoup_program_stream *stream,
                                const kinds *of, recoup_error *error) {
    const recoup_program *program = at->program;
    bool is_mixed = program->n_segments > 1 && program->n_mix > 0;
    int n_crews = recoup_program_n_crews(program), n_segments = is_mixed ? program->n_mix : 1;
    int channel = program->n_channels == 1 ? 0 : stream->channel;
    double *by_crew = recoup_arena_alloc(at->arena, (size_t)n_crews, sizeof *by_crew);
    double rate = 0; /* mean of exp(market.arrivals·Z) */
    if (!by_crew || !share_crews(at, stream, by_crew))
        return recoup_fail_memory(error);
    for (int z = 0; z < FEW_MARKETS; z++)
        rate += market_weight[z] * exp(at->model->market_arrivals * few_market[z]);
    for (int i = 0; i < n_segments; i++) {
        int segment = is_mixed ? i : program->n_segments - 1;
        double mix = is_mixed ? program->mix[i] - (i > 0 ? program->mix[i - 1] : 0) : 1;
        double deals = mix * count_arrivals(at, stream, is_mixed ? i : -1);
        at->new_deals[stream->cohort] += deals * rate;
        for (int crew = 0; crew < n_crews; crew++) {
            if (by_crew[crew] == 0)
                continue;
            double eventual =
                new_eventual(at, recoup_program_cell(program, crew, channel, segment), of);
            if (isnan(eventual))
                return recoup_fail_memory(error);
            at->new_eventual[stream->cohort] += deals * by_crew[crew] * eventual;
        }
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
        at->new_eventual[cohort] = fmax(at->new_eventual[cohort], at->new_wins[cohort]);
    }
    free(revision);
    return status;
}

static recoup_status visit(const recoup_compiled *compiled, int draw, void *user,
                           recoup_error *error) {
    recoup_arena arena = {0};
    drawing at = start(user, compiled, draw);
    at.arena = &arena;
    at.lasting = recoup_arena_alloc(&arena, (size_t)at.program->n_cells, sizeof *at.lasting);
    recoup_status status = at.lasting ? add_open_deals(&at, error) : recoup_fail_memory(error);
    if (status == RECOUP_OK)
        status = add_new_deals(&at, error);
    recoup_arena_clear(&arena);
    return status;
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
    making m = {.model = model,
                .view = view,
                .options = options,
                .of = of,
                .rule = recoup_market_rule_make()};
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
