/* Win tables against the event walk: random programs made by hand, path by path. */
#include "../uniform.h"
#include "toy.h"

/* --- simulation ------------------------------------------------------------------------------- */

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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_walks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
