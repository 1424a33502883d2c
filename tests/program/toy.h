/* Programs made by hand: one stream, two cohorts of one rep each, few stages. */
#ifndef RECOUP_TESTS_PROGRAM_TOY_H
#define RECOUP_TESTS_PROGRAM_TOY_H

#include "../win_tables.h"

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
static inline toy *new_toy(int n_stages, double horizon) {
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
static inline void add_stage(toy *t, int n, const recoup_program_exit *exits) {
    int stage = 0;
    while (t->exit_first[stage + 1])
        stage++;
    memcpy(t->exit + t->exit_first[stage], exits, (size_t)n * sizeof *exits);
    t->exit_first[stage + 1] = t->exit_first[stage] + n;
}

/* One epoch for ever, with the exits' own mu, in all cells of the first plan. */
static inline void set_plain_laws(toy *t, const double *logit) {
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

static inline void add_deal(toy *t, int stage, double age) {
    int n = t->program.n_deals++;
    t->deal[n] = (recoup_program_deal){.stage = stage, .age_days = age, .amount = 1};
    t->episode_first[0][n] = n;
    t->episode_first[0][n + 1] = n + 1;
}

static inline recoup_dist dist(recoup_family family, double scale, double shape) {
    return (recoup_dist){.family = family, .mu = log(scale), .shape = {shape}};
}

#define LOST(...)                                                                                  \
    { .target = RECOUP_EXIT_LOST, .dwell = dist(__VA_ARGS__) }
#define WON(...)                                                                                   \
    { .target = RECOUP_EXIT_WON, .dwell = dist(__VA_ARGS__) }
#define TO(stage, ...)                                                                             \
    { .target = stage, .dwell = dist(__VA_ARGS__) }

#endif
