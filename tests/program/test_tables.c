/* Win tables against closed forms, quadrature, the event walk and the exact figures of W1. */
#include "../world.h"

#include "program/kernels/tables_kernel.h"
#include "program/tables.h"
#include <gsl/gsl_integration.h>

static recoup_program *compile(const world *w) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_program *program = NULL;
    require_ok(recoup_program_create(w->scenario, w->model, w->view, &program, &error), &error);
    return program;
}

static recoup_tables *make_tables(const recoup_program *program, const recoup_tables_grid *grid) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_tables *tables = NULL;
    require_ok(recoup_tables_create(program, grid, &tables, &error), &error);
    return tables;
}

/* P(won by the end of the slot | Z) of an open deal. */
static double win_of(const recoup_tables *tables, uint32_t row, int slot, double market) {
    double x = recoup_tables_x(market), sum = 0;
    const float *c = tables->coefficient + row + slot * tables->n_terms;
    for (int k = tables->n_terms - 1; k >= 0; k--)
        sum = sum * x + (double)c[k];
    return sum;
}

static const recoup_outlook *outlook_of(const recoup_tables *tables, int plan, int deal) {
    return &tables->outlook[plan * tables->program->n_deals + deal];
}

/* --- W1 --------------------------------------------------------------------------------------- */

static world load_w1(void) {
    recoup_error error = RECOUP_ERROR_INIT;
    world w = {0};
    require_ok(recoup_scenario_load(SOURCE_DIR "/bench/w1/scenario.yaml", &w.scenario, &error),
               &error);
    require_ok(recoup_model_load(SOURCE_DIR "/bench/w1/model.yaml", &w.model, &error), &error);
    recoup_dataset_source source;
    recoup_scenario_source(w.scenario, &source);
    const char **stages = recoup_model_stage_names(w.model, &source.n_stages);
    source.stages = stages;
    require_ok(recoup_dataset_load(&source, &w.dataset, &error), &error);
    free(stages);
    recoup_view_options options;
    recoup_scenario_view_options(w.scenario, &options);
    require_ok(recoup_view_create(w.dataset, &options, &w.view, &error), &error);
    require_ok(recoup_scenario_resolve(w.scenario, w.model, &error), &error);
    return w;
}

/* Expected wins and bookings of a plan at one Z: open deals, then each stream's arrivals averaged
 * over the days. */
static void add_expected(const recoup_tables *tables, int plan, double market, double weight,
                         double *wins, double *mean) {
    const recoup_program *program = tables->program;
    double node_weight[RECOUP_TABLES_MAX_TERMS], win[RECOUP_TABLES_MAX_SLOTS];
    int last = tables->n_slots - 1, n_days = 240;
    double amount = recoup_dist_mean(&program->new_amount);
    for (int i = 0; i < program->n_deals; i++) {
        double p = win_of(tables, outlook_of(tables, plan, i)->win, last, market);
        *wins += weight * p;
        *mean += weight * p * program->deal[i].amount;
    }
    recoup_tables_weights(tables, recoup_tables_x(market), node_weight);
    for (int s = 0; s < program->n_streams; s++) {
        const recoup_program_stream *stream = &program->stream[s];
        int cell = recoup_program_cell(program, stream->cohort, stream->channel, 0);
        double days = program->horizon_days / n_days;
        double rate = stream->rate * exp(program->market_arrivals * market) * days;
        for (int k = 0; k < n_days; k++) {
            recoup_tables_arrival(tables, plan, cell, false, (k + .5) * days, 0, 0, node_weight,
                                  win);
            *wins += weight * rate * win[last];
            *mean += weight * rate * win[last] * amount;
        }
    }
}

/* bench/w1/README.md: exact figures from characteristic functions. Probabilities are good to 1e-4;
 * the table's own rounding is 1e-7 relative. */
static void test_w1(void **state) {
    (void)state;
    const double exact_wins[] = {108.2915, 117.0128, 102.9139};
    const double exact_mean[] = {6392197, 6892691, 6057445};
    world w = load_w1();
    recoup_program *program = compile(&w);
    recoup_tables *tables = make_tables(program, NULL);
    gsl_integration_fixed_workspace *rule = /* weight exp(-z^2/2) */
        gsl_integration_fixed_alloc(gsl_integration_fixed_hermite, 40, 0, .5, 0, 0);
    for (int plan = 0; plan < 3; plan++) {
        double wins = 0, mean = 0;
        for (size_t i = 0; i < 40; i++)
            add_expected(tables, plan, gsl_integration_fixed_nodes(rule)[i],
                         gsl_integration_fixed_weights(rule)[i] / sqrt(2 * M_PI), &wins, &mean);
        assert_true(fabs(wins / exact_wins[plan] - 1) < 1e-4);
        assert_true(fabs(mean / exact_mean[plan] - 1) < 1e-4);
    }
    gsl_integration_fixed_free(rule);
    recoup_tables_free(tables);
    recoup_program_free(program);
    free_world(&w);
}

/* --- programs made by hand -------------------------------------------------------------------- */

enum { MAX_STAGES = 4, MAX_DEALS = 8, MAX_EPOCHS = 8, N_CELLS = 2, MAX_PLANS = 2 };

/* A program with all that it points to. */
typedef struct toy {
    recoup_program program;
    recoup_program_plan plan[MAX_PLANS];
    int exit_first[MAX_STAGES + 1];
    recoup_program_exit exit[MAX_STAGES * 4];
    int epoch_first[MAX_PLANS][N_CELLS * MAX_STAGES + 1], n_epochs, n_laws;
    recoup_epoch epoch[MAX_PLANS][N_CELLS * MAX_STAGES * MAX_EPOCHS];
    recoup_law law[MAX_PLANS][N_CELLS * MAX_STAGES * MAX_EPOCHS * 4];
    recoup_program_deal deal[MAX_DEALS];
    recoup_episode episode[MAX_PLANS][MAX_DEALS * 2], owner[MAX_DEALS];
    int episode_first[MAX_PLANS][MAX_DEALS + 1];
    recoup_program_stream stream;
    int rep_cohort[N_CELLS], rep_team[N_CELLS], stream_rep[1];
    double stream_rep_weight[1];
    recoup_cap cap;
    bool cap_cell[N_CELLS];
} toy;

/* Two cohorts, one rep each; nothing in it yet. */
static toy *new_toy(int n_stages, double horizon) {
    toy *t = calloc(1, sizeof *t);
    assert_non_null(t);
    t->program = (recoup_program){.horizon_days = horizon,
                                  .n_stages = n_stages,
                                  .n_cells = N_CELLS,
                                  .n_plans = 1,
                                  .exit_first = t->exit_first,
                                  .exit = t->exit,
                                  .n_cohorts = N_CELLS,
                                  .n_channels = 1,
                                  .n_segments = 1,
                                  .plan = t->plan,
                                  .none = t->plan,
                                  .deal = t->deal,
                                  .owner = t->owner,
                                  .stream = &t->stream,
                                  .stream_rep = t->stream_rep,
                                  .stream_rep_weight = t->stream_rep_weight,
                                  .n_reps = N_CELLS,
                                  .rep_cohort = t->rep_cohort,
                                  .rep_team = t->rep_team};
    t->rep_cohort[1] = 1;
    for (int p = 0; p < MAX_PLANS; p++)
        t->plan[p] = (recoup_program_plan){.epoch_first = t->epoch_first[p],
                                           .epoch = t->epoch[p],
                                           .law = t->law[p],
                                           .episode_first = t->episode_first[p],
                                           .episode = t->episode[p]};
    return t;
}

/* The exits of the next stage. */
static void add_stage(toy *t, int n, const recoup_program_exit *exits) {
    int stage = 0;
    while (t->exit_first[stage + 1])
        stage++;
    memcpy(t->exit + t->exit_first[stage], exits, (size_t)n * sizeof *exits);
    t->exit_first[stage + 1] = t->exit_first[stage] + n;
}

/* One epoch for ever, with the exits' own mu, in all cells of the first plan. */
static void set_plain_laws(toy *t, const double *logit) {
    int n_laws = 0;
    for (int i = 0; i < N_CELLS * t->program.n_stages; i++) {
        int stage = i % t->program.n_stages;
        t->epoch_first[0][i] = i;
        t->epoch[0][i] = (recoup_epoch){.speed = 1, .law = n_laws};
        for (int e = t->exit_first[stage]; e < t->exit_first[stage + 1]; e++)
            t->law[0][n_laws++] = (recoup_law){logit[e], t->exit[e].dwell.mu};
    }
    t->epoch_first[0][N_CELLS * t->program.n_stages] = N_CELLS * t->program.n_stages;
    t->plan[0].n_laws = n_laws;
}

static void add_deal(toy *t, int stage, double age) {
    int n = t->program.n_deals++;
    t->deal[n] = (recoup_program_deal){.stage = stage, .age_days = age, .amount = 1};
    t->episode_first[0][n] = n;
    t->episode_first[0][n + 1] = n + 1;
}

static recoup_dist dist(recoup_family family, double scale, double shape) {
    return (recoup_dist){.family = family, .mu = log(scale), .shape = {shape}};
}

#define LOST(...)                                                                                  \
    { .target = RECOUP_EXIT_LOST, .dwell = dist(__VA_ARGS__) }
#define WON(...)                                                                                   \
    { .target = RECOUP_EXIT_WON, .dwell = dist(__VA_ARGS__) }
#define TO(stage, ...)                                                                             \
    { .target = stage, .dwell = dist(__VA_ARGS__) }

/* --- closed forms ----------------------------------------------------------------------------- */

/* One stage, exponential dwell times of both exits: of an entrant p = 1/(1 + e^-.4) win, of those
 * that are still there at age a by Bayes' rule more or less. */
static void test_one_stage(void **state) {
    (void)state;
    toy *t = new_toy(1, 40);
    const double logit[] = {.4, 0}, ages[] = {0, .3, 7, 300};
    add_stage(
        t, 2,
        (recoup_program_exit[]){WON(RECOUP_EXPONENTIAL, 12, 0), LOST(RECOUP_EXPONENTIAL, 20, 0)});
    set_plain_laws(t, logit);
    for (int i = 0; i < 4; i++)
        add_deal(t, 0, ages[i]);
    recoup_tables *tables = make_tables(&t->program, NULL);
    assert_int_equal(tables->n_terms, 1);
    assert_int_equal(tables->n_slots, 6);
    for (int i = 0; i < 4; i++)
        for (int slot = 0; slot < 6; slot++) {
            double end = slot < 5 ? 7 * (slot + 1) : 40;
            double win = exp(.4 - ages[i] / 12), lose = exp(-ages[i] / 20);
            double exact = win / (win + lose) * -expm1(-end / 12);
            assert_true(tables->slot_end[slot] == end && tables->slot_week[slot] == slot);
            assert_true(fabs(win_of(tables, outlook_of(tables, 0, i)->win, slot, 0) - exact) <
                        1e-5);
        }
    recoup_tables_free(tables);
    free(t);
}

/* Two exponential stages: with rates a, b the time to win has the hypoexponential law. */
static void test_two_stages(void **state) {
    (void)state;
    toy *t = new_toy(2, 40);
    const double logit[] = {1, 0, -.5, 0}, a = 1 / 6., b = 1 / 11.;
    add_stage(
        t, 2,
        (recoup_program_exit[]){TO(1, RECOUP_EXPONENTIAL, 6, 0), LOST(RECOUP_EXPONENTIAL, 6, 0)});
    add_stage(
        t, 2,
        (recoup_program_exit[]){WON(RECOUP_EXPONENTIAL, 11, 0), LOST(RECOUP_EXPONENTIAL, 30, 0)});
    set_plain_laws(t, logit);
    add_deal(t, 0, 3.7); /* equal scales: age tells nothing */
    recoup_tables *tables = make_tables(&t->program, NULL);
    double p = 1 / (1 + exp(-1)) / (1 + exp(.5)), worst = 0;
    for (int slot = 0; slot < tables->n_slots; slot++) {
        double end = tables->slot_end[slot];
        double exact = p * (1 - (b * exp(-a * end) - a * exp(-b * end)) / (b - a));
        worst = fmax(worst, fabs(win_of(tables, outlook_of(tables, 0, 0)->win, slot, 0) - exact));
    }
    assert_true(worst < 3e-5);
    recoup_tables_free(tables);
    free(t);
}

/* Share of entrants of a chain of exponential stages with different rates that are through by `end`
 * (the hypoexponential law), or its mean over the day before `end`. */
static double chain_share(const double *rate, int n, double end, bool mean) {
    double share = 1;
    for (int i = 0; i < n; i++) {
        double weight = 1;
        for (int j = 0; j < n; j++)
            if (j != i)
                weight *= rate[j] / (rate[j] - rate[i]);
        double start = end - 1 > 0 ? end - 1 : 0; /* nobody is through before entering */
        share -= weight * (mean ? (exp(-rate[i] * start) - exp(-rate[i] * end)) / rate[i]
                                : exp(-rate[i] * end));
    }
    return share;
}

/* Three stages that half of the deals advance from; both exits of each are equally quick, so that
 * age tells nothing. */
static void check_chain(const double *mean_days) {
    toy *t = new_toy(3, 30);
    const double logit[6] = {0};
    double weight[RECOUP_TABLES_MAX_TERMS], win[RECOUP_TABLES_MAX_SLOTS], rate[3], worst = 0;
    for (int stage = 0; stage < 3; stage++) {
        int target = stage < 2 ? stage + 1 : RECOUP_EXIT_WON;
        rate[stage] = 1 / mean_days[stage];
        add_stage(t, 2,
                  (recoup_program_exit[]){TO(target, RECOUP_EXPONENTIAL, mean_days[stage], 0),
                                          LOST(RECOUP_EXPONENTIAL, mean_days[stage], 0)});
        add_deal(t, stage, 0);
        add_deal(t, stage, 2.3);
    }
    set_plain_laws(t, logit);
    t->program.n_streams = 1;
    t->program.new_amount = dist(RECOUP_LOGNORMAL, 1, .4);
    t->stream = (recoup_program_stream){.rate = 1, .n_reps = 1};
    t->stream_rep_weight[0] = 1;
    recoup_tables *tables = make_tables(&t->program, NULL);
    recoup_tables_weights(tables, 0, weight);
    for (int slot = 0; slot < tables->n_slots; slot++) {
        double end = tables->slot_end[slot];
        for (int i = 0; i < 6; i++) {
            int stage = t->deal[i].stage;
            double exact = pow(.5, 3 - stage) * chain_share(rate + stage, 3 - stage, end, false);
            double got = win_of(tables, outlook_of(tables, 0, i)->win, slot, 0);
            worst = fmax(worst, fabs(got - exact));
        }
        for (int day = 0; day < end; day++) {
            double exact = .125 * chain_share(rate, 3, end - day, true);
            recoup_tables_arrival(tables, 0, 0, false, day + .5, 0, 0, weight, win);
            worst = fmax(worst, fabs(win[slot] - exact));
        }
    }
    if (!(worst < 1e-4))
        fail_msg("stages of %g, %g and %g days: %g off", mean_days[0], mean_days[1], mean_days[2],
                 worst);
    recoup_tables_free(tables);
    free(t);
}

/* Stages of minutes, hours or a day among others, and two of them in a row. */
static void test_quick_stages(void **state) {
    (void)state;
    const double quick[] = {.001, .01, .1, 1};
    for (int i = 0; i < 4; i++) {
        check_chain((const double[]){quick[i], 6, 11});
        check_chain((const double[]){6, quick[i], 11});
        check_chain((const double[]){6, 11, quick[i]});
        check_chain((const double[]){6, quick[i], 1.3 * quick[i]});
        check_chain((const double[]){quick[i], 1.3 * quick[i], 1.6 * quick[i]});
    }
}

/* --- quadrature ------------------------------------------------------------------------------- */

typedef struct integrand {
    recoup_dist first, second;
    double age, end;
} integrand;

static double density_then_cdf(double t, void *user) {
    const integrand *f = user;
    return exp(recoup_dist_log_density(&f->first, f->age + t)) *
           recoup_dist_cdf(&f->second, f->end - t);
}

/* Two stages, an aged first one: P = p2·∫ p1 f1(a + t) F2(T - t) dt / (p1 S1(a) + q1 L1(a)). */
static void check_quadrature(recoup_dist first, recoup_dist second, recoup_dist lost, double age) {
    toy *t = new_toy(2, 45);
    const double logit[] = {.3, 0, .8, 0};
    gsl_integration_cquad_workspace *space = gsl_integration_cquad_workspace_alloc(200);
    add_stage(t, 2,
              (recoup_program_exit[]){{.target = 1, .dwell = first},
                                      {.target = RECOUP_EXIT_LOST, .dwell = lost}});
    add_stage(t, 2,
              (recoup_program_exit[]){{.target = RECOUP_EXIT_WON, .dwell = second},
                                      {.target = RECOUP_EXIT_LOST, .dwell = lost}});
    set_plain_laws(t, logit);
    add_deal(t, 0, age);
    recoup_tables *tables = make_tables(&t->program, NULL);
    double worst = 0, integral, error;
    for (int slot = 0; slot < tables->n_slots; slot++) {
        integrand f = {first, second, age, tables->slot_end[slot]};
        gsl_function function = {density_then_cdf, &f};
        assert_int_equal(gsl_integration_cquad(&function, 1e-12, f.end, 1e-9, 1e-8, space,
                                               &integral, &error, NULL),
                         0);
        double alive =
            exp(.3) * recoup_dist_survival(&first, age) + recoup_dist_survival(&lost, age);
        double exact = exp(.3) * integral / alive / (1 + exp(-.8));
        worst = fmax(worst, fabs(win_of(tables, outlook_of(tables, 0, 0)->win, slot, 0) - exact));
    }
    assert_true(worst < 1e-4);
    gsl_integration_cquad_workspace_free(space);
    recoup_tables_free(tables);
    free(t);
}

static void test_quadrature(void **state) {
    (void)state;
    const double ages[] = {0, .4, 5.3, 31, 200};
    for (int i = 0; i < 5; i++) {
        check_quadrature(dist(RECOUP_LOGNORMAL, 9, .6), dist(RECOUP_WEIBULL, 8, 1.6),
                         dist(RECOUP_WEIBULL, 18, .9), ages[i]);
        check_quadrature(dist(RECOUP_LOGNORMAL, 2, 1.5), dist(RECOUP_LOGNORMAL, 1, 1),
                         dist(RECOUP_EXPONENTIAL, 20, 0), ages[i]);
        check_quadrature(dist(RECOUP_WEIBULL, 6, .6), dist(RECOUP_WEIBULL, 9, .5),
                         dist(RECOUP_LOGLOGISTIC, 18, 1.5), ages[i]);
        check_quadrature(dist(RECOUP_GAMMA, 20, 6), dist(RECOUP_LOGNORMAL, 4, .2),
                         dist(RECOUP_WEIBULL, 18, 2), ages[i]);
    }
}

/* --- simulation ------------------------------------------------------------------------------- */

/* Sebastiano Vigna's SplitMix64, public domain: next number in (0, 1). */
static double uniform(uint64_t *seed) {
    uint64_t z = *seed += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return ((double)((z ^ (z >> 31)) >> 11) + .5) * 0x1p-53;
}

static double between(uint64_t *seed, double low, double high) {
    return low + uniform(seed) * (high - low);
}

/* How a deal goes on. */
typedef struct walker {
    const recoup_program *program;
    const recoup_program_plan *plan;
    const recoup_episode *episode;
    int n_episodes, stage;
    double age, day, log_size, discount, market;
    bool capped;
} walker;

static double logit_of(const walker *w, const recoup_program_exit *exit, double logit,
                       double cap_share) {
    logit += exit->market * w->market + exit->size_logit * w->log_size +
             exit->discount_logit * w->discount;
    if (w->capped && exit->target == RECOUP_EXIT_WON)
        logit -= cap_share * w->plan->cap->win_logit_per_point * 100 *
                 fmax(0, w->discount - w->plan->cap->max);
    return logit;
}

/* Goes on to the next change of the laws or to the exit; an exit and a dwell time are drawn anew
 * after each change from what the survivors' odds are then. True: it is decided, *won says how. */
static bool step(walker *w, uint64_t *seed, bool *won) {
    const recoup_program *program = w->program;
    int k = w->n_episodes - 1;
    while (k > 0 && w->episode[k].start_day > w->day)
        k--;
    double change = k + 1 < w->n_episodes ? w->episode[k + 1].start_day : INFINITY;
    *won = false;
    if (w->episode[k].still_until > w->day) {
        w->day = fmin(change, w->episode[k].still_until);
        return w->day > program->horizon_days;
    }
    const int *range = &w->plan->epoch_first[w->episode[k].cell * program->n_stages + w->stage];
    int i = range[1] - 1;
    while (i > range[0] && w->plan->epoch[i].start_day > w->day)
        i--;
    const recoup_epoch *epoch = &w->plan->epoch[i];
    if (i + 1 < range[1])
        change = fmin(change, epoch[1].start_day);
    int first = program->exit_first[w->stage], n = program->exit_first[w->stage + 1] - first, e = 0;
    double odds[RECOUP_PROGRAM_MAX_EXITS], highest = -INFINITY, sum = 0;
    recoup_dist dwell[RECOUP_PROGRAM_MAX_EXITS];
    for (e = 0; e < n; e++) {
        const recoup_program_exit *exit = &program->exit[first + e];
        dwell[e] = exit->dwell;
        dwell[e].mu = w->plan->law[epoch->law + e].mu;
        odds[e] = logit_of(w, exit, w->plan->law[epoch->law + e].logit, epoch->cap_share) +
                  recoup_dist_log_survival(&dwell[e], w->age);
        highest = fmax(highest, odds[e]);
    }
    for (e = 0; e < n; e++)
        sum += odds[e] = exp(odds[e] - highest);
    double u = uniform(seed) * sum;
    for (e = 0; e + 1 < n && u >= odds[e]; e++)
        u -= odds[e];
    double age = recoup_dist_time_at(&dwell[e], recoup_dist_log_survival(&dwell[e], w->age) +
                                                    log(uniform(seed)));
    double day = w->day + (fmax(age, w->age) - w->age) / epoch->speed;
    if (day > change && change <= program->horizon_days) {
        w->age += (change - w->day) * epoch->speed;
        w->day = change;
        return false;
    }
    int target = program->exit[first + e].target;
    w->day = day;
    w->age = 0;
    *won = target == RECOUP_EXIT_WON;
    w->stage = target;
    return day > program->horizon_days || target < 0;
}

/* Shares of n paths that are won by the end of each slot; arrival: the day is drawn uniformly from
 * the day that begins there. */
static void simulate_wins(walker from, const recoup_tables *tables, bool arrival, int n,
                          uint64_t *seed, double *share) {
    memset(share, 0, (size_t)tables->n_slots * sizeof *share);
    for (int path = 0; path < n; path++) {
        walker w = from;
        bool won = false;
        w.day += arrival ? uniform(seed) : 0;
        while (!step(&w, seed, &won))
            ;
        for (int slot = 0; won && slot < tables->n_slots; slot++)
            share[slot] += w.day <= tables->slot_end[slot];
    }
    for (int slot = 0; slot < tables->n_slots; slot++)
        share[slot] /= n;
}

/* --- random programs -------------------------------------------------------------------------- */

static recoup_dist random_dist(uint64_t *seed) {
    double scale = exp(between(seed, log(3), log(25)));
    switch ((int)(uniform(seed) * 5)) {
    case 0:
        return dist(RECOUP_EXPONENTIAL, scale, 0);
    case 1:
        return dist(RECOUP_WEIBULL, scale, between(seed, .8, 2.5));
    case 2:
        return dist(RECOUP_GAMMA, scale, between(seed, .8, 4));
    case 3:
        return dist(RECOUP_LOGLOGISTIC, scale, between(seed, 1, 3));
    default:
        return dist(RECOUP_LOGNORMAL, scale, between(seed, .4, 1.2));
    }
}

/* Advance, lost, and now and then a jump ahead or back, or never. */
static void add_random_stage(toy *t, int stage, uint64_t *seed) {
    int last = t->program.n_stages - 1, n = 2;
    recoup_program_exit exit[4] = {{.target = stage < last ? stage + 1 : RECOUP_EXIT_WON,
                                    .dwell = random_dist(seed),
                                    .size_logit = between(seed, -.3, .3),
                                    .discount_logit = between(seed, -2, 3),
                                    .market = .3},
                                   {.target = RECOUP_EXIT_LOST, .dwell = random_dist(seed)}};
    if (uniform(seed) < .6) {
        int target = (int)(uniform(seed) * (last + 2)) - 1; /* -1: won */
        exit[n++] = (recoup_program_exit){.target = target,
                                          .dwell = random_dist(seed),
                                          .size_logit = between(seed, -.2, .2),
                                          .market = target < 0 ? .3 : 0};
    }
    if (uniform(seed) < .3)
        exit[n++] =
            (recoup_program_exit){.target = RECOUP_EXIT_NEVER, .dwell = {.family = RECOUP_NEVER}};
    add_stage(t, n, exit);
}

/* Plan 0 has one epoch each; plan 1 changes odds, time scales, speed and the share of its limit at
 * random times, of which some are not at the start of a day. */
static void set_random_laws(toy *t, int p, uint64_t *seed) {
    int n_epochs = 0, n_laws = 0;
    for (int i = 0; i < N_CELLS * t->program.n_stages; i++) {
        int stage = i % t->program.n_stages, n = p ? 1 + (int)(uniform(seed) * 3) : 1;
        double day = 0;
        t->epoch_first[p][i] = n_epochs;
        for (int k = 0; k < n; k++) {
            t->epoch[p][n_epochs++] = (recoup_epoch){
                day, p && k ? exp(between(seed, -.5, .5)) : 1,
                t->cap_cell[i / t->program.n_stages] && p ? uniform(seed) : 0, n_laws};
            for (int e = t->exit_first[stage]; e < t->exit_first[stage + 1]; e++)
                t->law[p][n_laws++] = (recoup_law){between(seed, -1, 1),
                                                   t->exit[e].dwell.mu + between(seed, -.3, .3)};
            day += uniform(seed) < .7 ? ceil(between(seed, 0, 12)) : between(seed, .1, 9);
        }
    }
    t->epoch_first[p][N_CELLS * t->program.n_stages] = n_epochs;
    t->plan[p].n_laws = n_laws;
}

static toy *random_toy(uint64_t *seed, double horizon) {
    toy *t = new_toy(2 + (int)(uniform(seed) * 2), horizon);
    int n_episodes = 0;
    t->program.n_plans = 2;
    t->cap = (recoup_cap){.max = .1, .win_logit_per_point = .03};
    t->plan[1].cap = &t->cap;
    t->plan[1].cap_cell = t->cap_cell;
    t->cap_cell[1] = true;
    for (int stage = 0; stage < t->program.n_stages; stage++)
        add_random_stage(t, stage, seed);
    set_random_laws(t, 0, seed);
    set_random_laws(t, 1, seed);
    for (int i = 0; i < MAX_DEALS; i++) {
        int cell = i % N_CELLS;
        add_deal(t, (int)(uniform(seed) * t->program.n_stages), exp(between(seed, -3, 4)));
        t->deal[i].log_size = between(seed, -2, 2);
        t->deal[i].discount = between(seed, 0, .3);
        t->episode[0][i] = (recoup_episode){.rep = cell, .cell = cell};
        t->episode_first[1][i] = n_episodes;
        t->episode[1][n_episodes++] = t->episode[0][i];
        if (i < 4) { /* changes hands and stands still for a while */
            double day = ceil(between(seed, 0, 15));
            t->episode[1][n_episodes++] =
                (recoup_episode){day, day + (i % 2 ? 0 : between(seed, 0, 6)), 1 - cell, 1 - cell};
        }
        t->episode_first[1][i + 1] = n_episodes;
    }
    t->program.n_streams = 1;
    t->program.new_amount = dist(RECOUP_LOGNORMAL, 1, .4);
    t->stream = (recoup_program_stream){.rate = 1, .n_reps = 1};
    t->stream_rep_weight[0] = 1;
    return t;
}

enum { N_PATHS = 20000 };

/* 4.5 standard errors (7e-6 of all), and the accuracy of the tables. */
static void check_share(double share, double exact) {
    double bound = 4.5 * sqrt(fmax(exact * (1 - exact), 1. / N_PATHS) / N_PATHS) + 1e-4;
    if (!(fabs(share - exact) <= bound))
        fail_msg("simulated %.5f, table %.5f, more than %.5f apart", share, exact, bound);
}

static void check_random_deals(const toy *t, const recoup_tables *tables, int p, uint64_t *seed) {
    const double markets[] = {-1.5, 0, 2};
    double share[RECOUP_TABLES_MAX_SLOTS];
    for (int i = 0; i < t->program.n_deals; i++) {
        const recoup_outlook *look = outlook_of(tables, p, i);
        const recoup_program_plan *plan = &t->plan[p];
        walker from = {.program = &t->program,
                       .plan = plan,
                       .episode = &plan->episode[plan->episode_first[i]],
                       .n_episodes = plan->episode_first[i + 1] - plan->episode_first[i],
                       .stage = t->deal[i].stage,
                       .age = t->deal[i].age_days,
                       .log_size = t->deal[i].log_size,
                       .discount = t->deal[i].discount,
                       .market = markets[i % 3],
                       .capped = plan->cap && t->deal[i].discount > plan->cap->max && i % 4 < 3};
        uint32_t row = from.capped ? look->capped_win : look->win;
        simulate_wins(from, tables, false, N_PATHS, seed, share);
        for (int slot = 0; slot < tables->n_slots; slot++)
            check_share(share[slot], win_of(tables, row, slot, from.market));
    }
}

static void check_random_arrivals(const toy *t, const recoup_tables *tables, int p,
                                  uint64_t *seed) {
    double share[RECOUP_TABLES_MAX_SLOTS], win[RECOUP_TABLES_MAX_SLOTS];
    double weight[RECOUP_TABLES_MAX_TERMS];
    for (int day = 0; day < 25; day += 8) {
        const recoup_episode owner = {0};
        walker from = {.program = &t->program,
                       .plan = &t->plan[p],
                       .episode = &owner,
                       .n_episodes = 1,
                       .day = day,
                       .log_size = between(seed, -1, 1),
                       .market = 1};
        simulate_wins(from, tables, true, N_PATHS, seed, share);
        recoup_tables_weights(tables, recoup_tables_x(1), weight);
        recoup_tables_arrival(tables, p, 0, false, day + .5, from.log_size, 0, weight, win);
        for (int slot = 0; slot < tables->n_slots; slot++)
            check_share(share[slot], win[slot]);
    }
}

static void test_walks(void **state) {
    (void)state;
    for (uint64_t program = 1; program <= 6; program++) {
        uint64_t seed = program;
        toy *t = random_toy(&seed, program % 2 ? 30 : 27.4);
        recoup_tables *tables = make_tables(&t->program, NULL);
        for (int p = 0; p < 2; p++) {
            check_random_deals(t, tables, p, &seed);
            check_random_arrivals(t, tables, p, &seed);
        }
        recoup_tables_free(tables);
        free(t);
    }
}

/* --- rows, slots, bounds ---------------------------------------------------------------------- */

#define MODEL                                                                                      \
    "recoup: model/1\nstages: [one, two]\ncohorts: [weak, strong]\nmarket: {conversion: 0.2}\n"    \
    "exits:\n"                                                                                     \
    "  one: {advance: {logit: 0.5, discount_logit: 1, cohort_logit: {weak: -1, strong: 0}, "       \
    "dwell: {family: "                                                                             \
    "exponential, mean: 10}}, lost: {dwell: {family: exponential, mean: 10}}}\n"                   \
    "  two: {advance: {logit: 0, dwell: {family: weibull, shape: 2, scale: 10}}, lost: {dwell: "   \
    "{family: exponential, mean: 10}}}\n"                                                          \
    "amount: {new: {family: lognormal, median: 100, sigma: 1}}\n"                                  \
    "arrivals: {weak: 0.5, strong: 0.2}\n"
#define DEALS                                                                                      \
    "deal_id,rep_id,amount,list_amount,created,stage,outcome,stage_entered\n"                      \
    "a,w1,900,1000,2025-12-01,one,open,2025-12-01\nb,s1,500,800,2025-12-01,two,open,2025-12-22\n"  \
    "c,w1,700,700,2025-12-01,one,open,2025-12-30\n"
#define REPS "rep_id,cohort,status\nw1,weak,active\ns1,strong,active\n"
#define PLANS                                                                                      \
    "plans:\n  - name: baseline\n"                                                                 \
    "  - name: coach\n    levers:\n      - adjust: {cohort: strong, stage: one, exit: advance, "   \
    "logit: 0.6, start: +3d}\n      - adjust: {cohort: weak, amount: 1.1, start: +10d, "           \
    "ramp_days: 4}\n"                                                                              \
    "  - name: move\n    levers:\n      - reassign: {from: {rep: w1}, to: {cohort: strong}, "      \
    "start: +4d, handover_days: 2, leads: true}\n"                                                 \
    "  - name: limit\n    levers:\n      - discount_limit: {max: 10%, win_logit_per_point: 0.02, " \
    "cohort: strong, start: +5d}\n"

static bool same_row(const recoup_outlook *a, const recoup_outlook *b) {
    return a->win == b->win && a->capped_win == b->capped_win;
}

/* Deals that a plan does nothing to have the row of the first plan; others have their own. */
static void test_rows(void **state) {
    (void)state;
    enum { A, B, C };
    world w = make_world(MODEL, DEALS, REPS, PLANS);
    recoup_program *program = compile(&w);
    recoup_tables *tables = make_tables(program, NULL);
    int w1 = recoup_names_find(&w.view->rep_ids, "w1"),
        s1 = recoup_names_find(&w.view->rep_ids, "s1");
    /* slots: weeks, the limit on day 5, the hand-over on day 4, the amounts on day 10 */
    const double ends[] = {4, 5, 7, 10, 14, 21, 28, 30};
    const int weeks[] = {0, 0, 0, 1, 1, 2, 3, 4};
    assert_int_equal(tables->n_slots, 8);
    for (int slot = 0; slot < 8; slot++) {
        assert_true(tables->slot_end[slot] == ends[slot]);
        assert_int_equal(tables->slot_week[slot], weeks[slot]);
    }
    /* coach acts on the odds of b's cell, and moves nobody */
    assert_true(same_row(outlook_of(tables, 1, A), outlook_of(tables, 0, A)));
    assert_false(same_row(outlook_of(tables, 1, B), outlook_of(tables, 0, B)));
    assert_true(same_row(outlook_of(tables, 1, C), outlook_of(tables, 0, C)));
    /* move: a and c change hands, from weak to strong, as units do */
    assert_false(same_row(outlook_of(tables, 2, A), outlook_of(tables, 0, A)));
    assert_true(same_row(outlook_of(tables, 2, B), outlook_of(tables, 0, B)));
    const int *unit = tables->slot_unit + outlook_of(tables, 2, A)->unit;
    assert_int_equal(unit[0], w1);
    for (int slot = 1; slot < 8; slot++)
        assert_int_equal(unit[slot], s1);
    assert_int_equal(tables->slot_unit[outlook_of(tables, 0, A)->unit + 7], w1);
    /* while a stands still, on days 4 and 5, it is not won */
    uint32_t moved = outlook_of(tables, 2, A)->win;
    assert_true(fabs(win_of(tables, moved, 1, 0) - win_of(tables, moved, 0, 0)) < 1e-6);
    assert_true(win_of(tables, moved, 2, 0) - win_of(tables, moved, 1, 0) > 1e-3);
    /* limit: b's 37.5 % and a's 10 %, but a is not of the cohort */
    const recoup_outlook *limited = outlook_of(tables, 3, B);
    assert_int_equal(outlook_of(tables, 3, A)->capped_win, outlook_of(tables, 3, A)->win);
    assert_int_not_equal(limited->capped_win, limited->win);
    assert_int_equal(limited->win, outlook_of(tables, 0, B)->win);
    assert_true(win_of(tables, limited->capped_win, 7, 0) < win_of(tables, limited->win, 7, 0));
    assert_int_equal(limited->factor, -1);
    for (int slot = 0; slot < 8; slot++) /* (1 - .1) / (1 - .375) from day 5 on */
        assert_true(fabs((double)tables->factor[limited->capped_factor + slot] -
                         (slot < 2 ? 1 : .9 / .625)) < 1e-6);
    /* amounts: shares 1/8, 3/8, 5/8, 7/8 on days 10 to 13 */
    const float *factor = tables->factor + outlook_of(tables, 1, A)->factor;
    double mean = (pow(1.1, .125) + pow(1.1, .375) + pow(1.1, .625) + pow(1.1, .875)) / 4;
    assert_true(factor[3] == 1 && fabs((double)factor[4] - mean) < 1e-6);
    assert_true(fabs((double)factor[5] - 1.1) < 1e-6);
    assert_int_equal(outlook_of(tables, 1, B)->factor, -1);
    assert_int_equal(tables->cell_factor[program->n_cells + program->owner[A].cell],
                     outlook_of(tables, 1, A)->factor);
    recoup_tables_free(tables);
    recoup_program_free(program);
    free_world(&w);
}

/* The bounds are those of the scenario without levers, hold there, and leave room for the plans. */
static void test_bounds(void **state) {
    (void)state;
    world w = make_world(MODEL, DEALS, REPS, PLANS);
    world bare = make_world(MODEL, DEALS, REPS, "plans:\n  - name: baseline\n");
    world coached = make_world(MODEL, DEALS, REPS,
                               "plans:\n  - name: coach\n    levers:\n      - adjust: {exit: "
                               "advance, logit: 0.9}\n      - adjust: {rate: 1.5}\n");
    recoup_program *program = compile(&w), *plain = compile(&bare), *strong = compile(&coached);
    recoup_tables *tables = make_tables(program, NULL);
    recoup_tables *other = make_tables(plain, &tables->grid);
    recoup_tables *third = make_tables(strong, &tables->grid);
    assert_int_equal(tables->n_bands, other->n_bands);
    assert_true(strong->none != strong->plan && plain->none == plain->plan);
    for (int i = 0; i < program->n_streams * tables->n_bands; i++) {
        /* the slots differ, and with them the order of additions in floats */
        assert_true(fabs(tables->bound[i] / other->bound[i] - 1) < 1e-5);
        assert_true(fabs(third->bound[i] / other->bound[i] - 1) < 1e-5);
    }
    assert_int_equal(other->n_layers, 1);
    uint64_t seed = 5;
    double weight[RECOUP_TABLES_MAX_TERMS], win[RECOUP_TABLES_MAX_SLOTS];
    for (int i = 0; i < 2000; i++) {
        double x = between(&seed, -1, 1), day = between(&seed, 0, 30);
        double log_size = between(&seed, -3, 3), discount = between(&seed, 0, .375);
        int cell = i % 2;
        recoup_tables_weights(third, x, weight);
        double bound = third->bound[cell * third->n_bands + recoup_tables_band(third, x)];
        recoup_tables_arrival(other, 0, cell, false, day, log_size, discount, weight, win);
        assert_true(win[other->n_slots - 1] <= bound);
        recoup_tables_arrival(third, 0, cell, false, day, log_size, discount, weight, win);
        assert_true(1.5 * win[third->n_slots - 1] <= third->n_layers * bound);
    }
    assert_true(third->n_layers > 1 && third->n_layers < 100);
    recoup_tables *all[] = {tables, other, third};
    recoup_program *programs[] = {program, plain, strong};
    world *worlds[] = {&w, &bare, &coached};
    for (int i = 0; i < 3; i++) {
        recoup_tables_free(all[i]);
        recoup_program_free(programs[i]);
        free_world(worlds[i]);
    }
}

/* The same bits whenever the tables are made, with the grid found or given. */
static void test_repeatable(void **state) {
    (void)state;
    world w = load_w1();
    recoup_program *program = compile(&w);
    recoup_tables *a = make_tables(program, NULL), *b = make_tables(program, &a->grid);
    int n = program->n_plans * program->n_deals, n_numbers = a->n_slots * a->n_terms;
    assert_memory_equal(a->outlook, b->outlook, (size_t)n * sizeof *a->outlook);
    for (int i = 0; i < n; i++)
        assert_memory_equal(a->coefficient + a->outlook[i].win, b->coefficient + b->outlook[i].win,
                            (size_t)n_numbers * sizeof(float));
    assert_memory_equal(a->bound, b->bound,
                        (size_t)(program->n_streams * a->n_bands) * sizeof(double));
    recoup_tables_free(a);
    recoup_tables_free(b);
    recoup_program_free(program);
    free_world(&w);
}

/* Every instruction set gives the bits of the plainest. */
static void test_kernels(void **state) {
    (void)state;
    enum { WIDTH = 24, N = 61 };
    double rows[(N + 2) * WIDTH], folded[N], chance[WIDTH], sum[2][WIDTH];
    float fast_rows[N * WIDTH], fast_weight[N], fast_sum[2][WIDTH];
    uint64_t seed = 3;
    for (int i = 0; i < (N + 2) * WIDTH; i++)
        rows[i] = uniform(&seed);
    for (int i = 0; i < N * WIDTH; i++)
        fast_rows[i] = (float)uniform(&seed);
    for (int i = 0; i < WIDTH; i++)
        chance[i] = uniform(&seed);
    for (int i = 0; i < N; i++)
        fast_weight[i] = (float)(folded[i] = uniform(&seed));
    for (int n = 1; n <= N; n++) {
        recoup_worth worth = {.folded = folded,
                              .n = n,
                              .width = WIDTH,
                              .first = uniform(&seed),
                              .curve = uniform(&seed),
                              .last = uniform(&seed),
                              .before_last = uniform(&seed),
                              .end = uniform(&seed),
                              .value = rows + (ptrdiff_t)n * WIDTH,
                              .mean = rows + (ptrdiff_t)(n - 1) * WIDTH,
                              .after = rows,
                              .before = rows + WIDTH};
        const recoup_tables_kernels *kernels = recoup_tables_kernels_next(NULL);
        for (int k = 0; kernels; k = 1, kernels = recoup_tables_kernels_next(kernels)) {
            memset(sum[k], 0, sizeof sum[k]);
            kernels->add_worth(sum[k], chance, &worth);
            kernels->set_products(fast_sum[k], fast_weight, n,
                                  fast_rows + (ptrdiff_t)(n - 1) * WIDTH, WIDTH);
            assert_memory_equal(sum[k], sum[0], sizeof sum[0]);
            assert_memory_equal(fast_sum[k], fast_sum[0], sizeof fast_sum[0]);
        }
        for (int i = 0; i < WIDTH; i++) {
            double plain = 0, fast = 0;
            for (int j = 0; j < n; j++) {
                plain += folded[j] * worth.mean[i - j * WIDTH];
                fast += (double)(fast_weight[j] * fast_rows[(n - 1 - j) * WIDTH + i]);
            }
            const double *value = worth.value + i, *mean = worth.mean + i;
            plain += worth.first * (value[-WIDTH] - *value) +
                     worth.curve * (*value + value[-WIDTH] - 2 * *mean) +
                     worth.last * (worth.after[i] - worth.before[i]) +
                     worth.end * mean[-(n - 1) * WIDTH] +
                     (n > 1 ? worth.before_last * mean[-(n - 2) * WIDTH] : 0);
            assert_true(fabs(sum[0][i] - chance[i] * plain) < 1e-13 * N);
            assert_true(fabs((double)fast_sum[0][i] - fast) < 1e-6 * N);
        }
    }
}

/* What is written can be read: one line of numbers per deal, plan and Z, unless rows are shared. */
static void test_dump(void **state) {
    (void)state;
    recoup_error error = RECOUP_ERROR_INIT;
    world w = make_world(MODEL, DEALS, REPS, PLANS);
    recoup_program *program = compile(&w);
    recoup_tables *tables = make_tables(program, NULL);
    char *const ids[] = {"a", "b", "c"};
    char *text = NULL;
    size_t length = 0;
    int n_lines = 0;
    FILE *stream = open_memstream(&text, &length);
    assert_non_null(stream);
    require_ok(recoup_tables_dump(tables,
                                  (const char *const[]){"baseline", "coach", "move", "limit"}, ids,
                                  stream, &error),
               &error);
    fclose(stream);
    assert_non_null(strstr(text, "plan limit\n"));
    assert_non_null(strstr(text, "slots end on day 4 5 7 10 14 21 28 30\n"));
    assert_non_null(strstr(
        text, "cell 1 stage 0 from day 3: speed 1, limit 0; to stage 1 logit 1.1, log days 2.3"));
    for (const char *at = text; (at = strstr(at, "    Z ")); at++)
        n_lines++;
    assert_int_equal(n_lines, 3 * (3 + 1 + 2 + 2)); /* limit: b with and without it */
    free(text);
    recoup_tables_free(tables);
    recoup_program_free(program);
    free_world(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_w1),         cmocka_unit_test(test_one_stage),
        cmocka_unit_test(test_two_stages), cmocka_unit_test(test_quick_stages),
        cmocka_unit_test(test_quadrature), cmocka_unit_test(test_walks),
        cmocka_unit_test(test_rows),       cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_repeatable), cmocka_unit_test(test_kernels),
        cmocka_unit_test(test_dump),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
