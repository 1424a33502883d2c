/* The `walk` kernels against the deal-by-deal walk (engine/walk.h), which draws the same uniforms
 * and uses other arithmetic, on random worlds. */
#include "random_world.h"

#include "engine/kernel.h"
#include "engine/kernels/walk_family.h"
#include "engine/path.h"
#include "engine/walk.h"
#include "engine/walk_prepare.h"
#include "random/random.h"
#include "tally/tally.h"

enum { WORLDS = 60, PATHS = RECOUP_CHUNK_PATHS };
static const random_book the_book = {
    .n_deals = 35, .n_plans = 5, .least = 20, .most = 400, .revision_sigma = 0.2};

/* --- random worlds ---------------------------------------------------------------------------- */

/* A world, compiled. */
typedef struct fixture {
    world world;
    recoup_program *program;
    recoup_walk_tables *tables;
    int n_weeks, n_units;
} fixture;

static void compile(fixture *f) {
    recoup_error error = RECOUP_ERROR_INIT;
    require_ok(recoup_program_create(f->world.scenario, f->world.model, f->world.view, &f->program,
                                     &error),
               &error);
    require_ok(recoup_walk_tables_create(f->program, &f->tables, &error), &error);
    f->n_weeks = (int)ceil(f->program->horizon_days / 7);
    f->n_units = f->program->n_reps + f->program->n_cohorts;
}

static fixture make_fixture(int number) {
    fixture f = {.world = make_random_world(number, &the_book)};
    compile(&f);
    return f;
}

static void free_fixture(fixture *f) {
    recoup_walk_tables_free(f->tables);
    recoup_program_free(f->program);
    free_world(&f->world);
}

/* --- kernels ---------------------------------------------------------------------------------- */

static recoup_paths new_paths(const fixture *f) {
    size_t plans = (size_t)f->program->n_plans;
    recoup_paths paths = {
        .unit = RECOUP_NEW(double, plans *(size_t)f->n_units *PATHS),
        .week = RECOUP_NEW(double, plans *(size_t)f->n_weeks *PATHS),
        .wins = RECOUP_NEW(double, plans *PATHS),
        .flow = RECOUP_NEW(recoup_flow, plans * (size_t)f->program->n_stages),
    };
    assert_true(paths.unit && paths.week && paths.wins && paths.flow);
    return paths;
}

static void free_paths(recoup_paths *paths) {
    free(paths->unit);
    free(paths->week);
    free(paths->wins);
    free(paths->flow);
}

static const recoup_kernels *best(void) {
    return &recoup_kernels_for[recoup_isa_find(NULL)];
}

static recoup_paths run(const fixture *f, const recoup_kernels *kernels, uint32_t first, int n) {
    recoup_paths paths = new_paths(f);
    double market[PATHS];
    size_t bytes = (kernels->walk_scratch(f->program) + 63) / 64 * 64;
    void *scratch = aligned_alloc(64, bytes);
    assert_non_null(scratch);
    memset(scratch, 0x5a, bytes); /* nothing may depend on what was there */
    for (int i = 0; i < n; i++)
        market[i] = recoup_path_market(7, first + (uint32_t)i);
    paths.n = n;
    recoup_job job = {.program = f->program,
                      .walk_tables = f->tables,
                      .seed = 7,
                      .first = first,
                      .n_weeks = f->n_weeks,
                      .market = market,
                      .paths = &paths,
                      .scratch = scratch};
    kernels->walk(&job);
    free(scratch);
    return paths;
}

/* --- against the deal-by-deal walk ------------------------------------------------------------ */

/* Cells that were compared and those that differ. */
typedef struct comparison {
    int64_t n, n_different;
} comparison;

/* Sums of up to 60 amounts, of which each is off by some 1e-15: the bound of 1e-9 has room for the
 * dwell times' error to change a sum only through a threshold that it crosses. */
static void compare(comparison *all, double value, double exact, double size) {
    all->n++;
    all->n_different += !(fabs(value - exact) <= 1e-9 * size);
}

static void compare_path(const fixture *f, const recoup_paths *paths, const recoup_chunk *chunk,
                         int plan, int column, comparison *all) {
    const recoup_program *program = f->program;
    size_t p = (size_t)plan, c = (size_t)column, n_units = (size_t)f->n_units;
    size_t n_reps = (size_t)program->n_reps, n_cohorts = (size_t)program->n_cohorts;
    double size = 1 + chunk->bookings[p * PATHS + c], cohort[3] = {0};
    compare(all, paths->wins[p * PATHS + c], chunk->wins[p * PATHS + c], 1);
    for (size_t r = 0; r < n_reps; r++) {
        double value = paths->unit[(p * n_units + r) * PATHS + c];
        compare(all, value, chunk->rep[(p * n_reps + r) * PATHS + c], size);
        cohort[program->rep_cohort[r]] += value;
    }
    for (size_t k = 0; k < n_cohorts; k++)
        compare(all, cohort[k] + paths->unit[(p * n_units + n_reps + k) * PATHS + c],
                chunk->cohort[(p * n_cohorts + k) * PATHS + c], size);
    for (size_t w = 0; w < (size_t)f->n_weeks; w++)
        compare(all, paths->week[(p * (size_t)f->n_weeks + w) * PATHS + c],
                chunk->week[(p * (size_t)f->n_weeks + w) * PATHS + c], size);
}

static void compare_world(const fixture *f, comparison *all) {
    const recoup_program *program = f->program;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_paths paths = run(f, best(), 0, PATHS);
    recoup_tally_shape shape = {.n_plans = program->n_plans,
                                .n_cohorts = program->n_cohorts,
                                .n_teams = program->n_teams,
                                .n_reps = program->n_reps,
                                .n_weeks = f->n_weeks,
                                .n_draws = 1,
                                .chunk_paths = PATHS,
                                .paths_per_draw = PATHS,
                                .quota = 1};
    recoup_chunk chunk;
    require_ok(recoup_chunk_init(&chunk, &shape, &error), &error);
    for (int i = 0; i < PATHS; i++)
        recoup_path_simulate(program, 7, (uint32_t)i, &shape, &chunk, i);
    for (int p = 0; p < program->n_plans; p++)
        for (int i = 0; i < PATHS; i++)
            compare_path(f, &paths, &chunk, p, i, all);
    recoup_chunk_clear(&chunk);
    free_paths(&paths);
}

/* The two differ only where a time lies so near to a threshold (end of a week, of the period, of an
 * epoch) that an error decides: at most 1e-8 of the time (test_families). A deal has some 5 times
 * of up to 30 days and 20 thresholds, so that about 5·20·1e-8 = 1e-6 of the deals may differ, and a
 * hundred cells hold some 40 deals. */
static void test_twin(void **state) {
    (void)state;
    comparison all = {0};
    for (int number = 0; number < WORLDS; number++) {
        fixture f = make_fixture(number);
        comparison one = {0};
        compare_world(&f, &one);
        if (one.n_different)
            print_message("world %d: %lld of %lld differ\n", number, (long long)one.n_different,
                          (long long)one.n);
        all.n += one.n;
        all.n_different += one.n_different;
        free_fixture(&f);
    }
    print_message("%lld of %lld cells differ\n", (long long)all.n_different, (long long)all.n);
    assert_true(all.n > 1000000);
    assert_true((double)all.n_different <= 1e-4 * (double)all.n);
}

/* --- flows ------------------------------------------------------------------------------------ */

/* The story of one deal, told by the deal-by-deal walk. */
typedef struct story {
    recoup_flow *flow; /* [stage] */
    int stage;
} story;

static void enter(void *user, double day, int stage) {
    story *told = user;
    (void)day;
    told->flow[told->stage].advanced++;
    told->flow[stage].entered++;
    told->stage = stage;
}

static void tell(recoup_walker *walker, recoup_flow *flow, double amount) {
    story told = {.flow = flow, .stage = walker->stage};
    double day;
    int episode;
    walker->entered = enter;
    walker->user = &told;
    recoup_ending ending = recoup_walk(walker, &day, &episode);
    flow[told.stage].advanced += ending == RECOUP_ENDING_WON;
    flow[told.stage].lost += ending == RECOUP_ENDING_LOST;
    flow[told.stage].open += ending == RECOUP_ENDING_OPEN;
    flow[told.stage].open_amount += ending == RECOUP_ENDING_OPEN ? amount : 0;
}

static bool is_capped(const recoup_walker *walker, recoup_purpose purpose) {
    const recoup_cap *cap = walker->plan->cap;
    return cap && walker->discount > cap->max &&
           recoup_random_pair(walker->seed, walker->path, walker->entity, 0, purpose).second >=
               cap->escapes;
}

static void tell_open_deals(const recoup_program *program, int p, uint32_t path,
                            recoup_flow *flow) {
    const recoup_program_plan *plan = &program->plan[p];
    for (int i = 0; i < program->n_deals; i++) {
        const recoup_program_deal *deal = &program->deal[i];
        recoup_walker walker = {.program = program,
                                .plan = plan,
                                .seed = 7,
                                .entity = deal->key,
                                .path = path,
                                .visit = RECOUP_DRAW_VISIT,
                                .market = recoup_path_market(7, path),
                                .stage = deal->stage,
                                .age_days = deal->age_days,
                                .log_size = deal->log_size,
                                .discount = deal->discount,
                                .episode = &plan->episode[plan->episode_first[i]],
                                .n_episodes = plan->episode_first[i + 1] - plan->episode_first[i]};
        walker.capped = is_capped(&walker, RECOUP_DRAW_BOOKING);
        tell(&walker, flow, deal->amount);
    }
}

typedef struct arrival_teller {
    const recoup_program *program;
    const recoup_program_stream *stream;
    int plan;
    uint32_t path;
    recoup_flow *flow;
} arrival_teller;

static void tell_arrival(void *user, const recoup_arrival *arrival, double height) {
    arrival_teller *teller = user;
    const recoup_program *program = teller->program;
    const recoup_program_plan *plan = &program->plan[teller->plan];
    if (height >= recoup_program_rate_factor(plan, teller->stream, arrival->segment, arrival->day))
        return;
    int rep = recoup_arrival_rep(program, teller->stream, arrival->rep_draw);
    rep = recoup_arrival_owner(plan, 7, teller->path, arrival, rep);
    recoup_episode owner = {
        .rep = rep, .cell = recoup_arrival_cell(program, plan, teller->stream, arrival, rep)};
    recoup_walker walker = {.program = program,
                            .plan = plan,
                            .seed = 7,
                            .entity = arrival->entity,
                            .path = teller->path,
                            .visit = RECOUP_DRAW_NEW_VISIT,
                            .market = recoup_path_market(7, teller->path),
                            .start_day = arrival->day,
                            .log_size = arrival->log_size,
                            .discount = arrival->discount,
                            .episode = &owner,
                            .n_episodes = 1};
    walker.capped = is_capped(&walker, RECOUP_DRAW_NEW_BOOKING);
    teller->flow[0].entered++;
    tell(&walker, teller->flow, arrival->amount);
}

static void tell_path(const recoup_program *program, int p, uint32_t path, recoup_flow *flow) {
    tell_open_deals(program, p, path, flow);
    for (int i = 0; i < program->n_streams; i++) {
        arrival_teller teller = {program, &program->stream[i], p, path, flow};
        recoup_path_arrivals(program, teller.stream, 7, path, recoup_path_market(7, path),
                             tell_arrival, &teller);
    }
}

/* Counts differ by no more than the few deals at a threshold (test_twin). */
static void check_flow(const recoup_flow *flow, const recoup_flow *told) {
    double tolerance = 1 + 1e-4 * (told->entered + told->open);
    assert_true(fabs(flow->entered - told->entered) <= tolerance);
    assert_true(fabs(flow->advanced - told->advanced) <= tolerance);
    assert_true(fabs(flow->lost - told->lost) <= tolerance);
    assert_true(fabs(flow->open - told->open) <= tolerance);
    if (flow->open == told->open && flow->lost == told->lost)
        assert_true(fabs(flow->open_amount - told->open_amount) <= 1e-9 * (1 + told->open_amount));
}

static void test_flows(void **state) {
    (void)state;
    enum { FLOW_PATHS = 60 };
    for (int number = 0; number < WORLDS; number += 5) {
        fixture f = make_fixture(number);
        const recoup_program *program = f.program;
        recoup_paths paths = run(&f, best(), 0, FLOW_PATHS);
        for (int p = 0; p < program->n_plans; p++) {
            recoup_flow told[8] = {{0}};
            for (uint32_t path = 0; path < FLOW_PATHS; path++)
                tell_path(program, p, path, told);
            for (int s = 0; s < program->n_stages; s++) {
                const recoup_flow *flow = &paths.flow[p * program->n_stages + s];
                double at_start = 0;
                for (int i = 0; i < program->n_deals; i++)
                    at_start += program->deal[i].stage == s ? FLOW_PATHS : 0;
                assert_true(at_start + flow->entered == flow->advanced + flow->lost + flow->open);
                check_flow(flow, &told[s]);
            }
        }
        free_paths(&paths);
        free_fixture(&f);
    }
}

/* --- families --------------------------------------------------------------------------------- */

static double relative(double value, double exact) {
    return fabs(value - exact) / fabs(exact);
}

/* Worst relative errors of times and of log survivals of an exit, for deals aged 0 to 50 days. */
static void check_family(const recoup_walk_exit *exit, const recoup_dist *dist, walk_stay *stay,
                         walk_family_work *work, double worst[2]) {
    double age[WALK_ROOM] = {0}, log_survival[WALK_ROOM];
    for (int i = 0; i < WALK_ROOM; i++) {
        age[i] = .1 * (i % 500 + 1);
        stay->scale[i] = exp(dist->mu);
        stay->dwell[i] = ((i * 197) % WALK_ROOM + .5) / WALK_ROOM;
        stay->log_survival[i] = i % 2 ? recoup_dist_log_survival(dist, age[i]) : 0;
        stay->survival[i] = exp(stay->log_survival[i]);
    }
    walk_times(exit, stay, WALK_BLOCK, work);
    walk_log_survival(exit, age, stay->scale, WALK_BLOCK, log_survival);
    for (int i = 0; i < WALK_BLOCK; i++) {
        double level = stay->log_survival[i] + log1p(-stay->dwell[i]);
        double time = recoup_dist_time_at(dist, level);
        double exact = recoup_dist_log_survival(dist, age[i]);
        worst[0] = fmax(worst[0], relative(stay->time[i], time));
        if (exact < -1e-9) /* nearer to 0 the difference from it is what counts */
            worst[1] = fmax(worst[1], relative(log_survival[i], exact));
        else
            assert_true(fabs(log_survival[i] - exact) < 1e-14);
    }
}

/* Closed forms to rounding: some steps of 2^-53, which small shapes and levels near 0 multiply by
 * up to a thousand. Gamma and gengamma by polynomials of degree 5 on steps of 1/16: at most
 * .005·(1/16)^6·|sixth derivative| (the largest product of the six distances within the middle
 * interval, 225/64, over 6!, is .005): below 1e-8 for derivatives up to 30. */
static void test_families(void **state) {
    (void)state;
    walk_stay *stay = RECOUP_NEW(walk_stay, 1);
    walk_family_work *work = RECOUP_NEW(walk_family_work, 1);
    double closed[2] = {0}, by_table[2] = {0};
    assert_true(stay && work);
    for (int number = 0; number < WORLDS; number++) {
        fixture f = make_fixture(number);
        for (int e = 0; e < f.program->exit_first[f.program->n_stages]; e++)
            if (f.program->exit[e].dwell.family != RECOUP_NEVER)
                check_family(&f.tables->exit[e], &f.program->exit[e].dwell, stay, work,
                             f.tables->exit[e].quantile ? by_table : closed);
        free_fixture(&f);
    }
    print_message("closed forms: time %.2g, log survival %.2g; by tables %.2g, %.2g\n", closed[0],
                  closed[1], by_table[0], by_table[1]);
    assert_true(closed[0] < 1e-12 && closed[1] < 1e-12);
    assert_true(by_table[0] < 1e-8 && by_table[1] < 1e-8);
    free(stay);
    free(work);
}

/* --- bits ------------------------------------------------------------------------------------- */

static void test_instruction_sets(void **state) {
    (void)state;
    for (int number = 0; number < WORLDS; number += 3) {
        fixture f = make_fixture(number);
        size_t plans = (size_t)f.program->n_plans;
        recoup_paths x = run(&f, &recoup_kernels_for[RECOUP_ISA_PORTABLE], 256, 250);
        for (recoup_isa isa = 0; isa < RECOUP_N_ISAS; isa = recoup_isa_next(isa)) {
            recoup_paths y = run(&f, &recoup_kernels_for[isa], 256, 250);
            assert_memory_equal(x.unit, y.unit, plans * (size_t)f.n_units * PATHS * 8);
            assert_memory_equal(x.week, y.week, plans * (size_t)f.n_weeks * PATHS * 8);
            assert_memory_equal(x.wins, y.wins, plans * PATHS * 8);
            assert_memory_equal(x.flow, y.flow,
                                plans * (size_t)f.program->n_stages * sizeof *x.flow);
            free_paths(&y);
        }
        free_paths(&x);
        free_fixture(&f);
    }
}

/* A path's numbers do not depend on the chunk that it is in. */
static void test_chunks(void **state) {
    (void)state;
    for (int number = 1; number < WORLDS; number += 7) {
        fixture f = make_fixture(number);
        size_t rows = (size_t)f.program->n_plans * (size_t)f.n_units;
        recoup_paths whole = run(&f, best(), 0, 256);
        recoup_paths left = run(&f, best(), 0, 100);
        recoup_paths right = run(&f, best(), 100, 156);
        for (size_t row = 0; row < rows; row++) {
            const double *unit = whole.unit + row * PATHS;
            assert_memory_equal(unit, left.unit + row * PATHS, 100 * sizeof *unit);
            assert_memory_equal(unit + 100, right.unit + row * PATHS, 156 * sizeof *unit);
        }
        free_paths(&whole);
        free_paths(&left);
        free_paths(&right);
        free_fixture(&f);
    }
}

/* A plan's numbers do not depend on the other plans. */
static void test_alone(void **state) {
    (void)state;
    for (int lever = 0; lever < N_LEVERS; lever++) {
        maker model = {.seed = 5}, deals = {.seed = 6};
        make_model(&model, 4, the_book.revision_sigma);
        make_deals(&deals, 4, &the_book);
        char alone[1000], both[2000];
        snprintf(alone, sizeof alone, "  - name: lever\n    levers:\n      - %s\n",
                 lever_text[lever]);
        snprintf(both, sizeof both, "plans:\n  - name: baseline\n%s", alone);
        fixture x = {.world = make_world(model.text, deals.text, rep_text, both)};
        snprintf(both, sizeof both, "plans:\n%s", alone);
        fixture y = {.world = make_world(model.text, deals.text, rep_text, both)};
        compile(&x);
        compile(&y);
        recoup_paths among = run(&x, best(), 0, PATHS);
        recoup_paths single = run(&y, best(), 0, PATHS);
        size_t units = (size_t)x.n_units * PATHS, weeks = (size_t)x.n_weeks * PATHS;
        assert_memory_equal(among.unit + units, single.unit, units * sizeof *single.unit);
        assert_memory_equal(among.week + weeks, single.week, weeks * sizeof *single.week);
        assert_memory_equal(among.wins + PATHS, single.wins, PATHS * sizeof *single.wins);
        free_paths(&among);
        free_paths(&single);
        free_fixture(&x);
        free_fixture(&y);
    }
}

/* More plans than a set of plans holds: those beyond share nothing, which shows in no number. */
static void test_many_plans(void **state) {
    (void)state;
    enum { MANY = RECOUP_WALK_SETS + 4 };
    maker model = {.seed = 5}, deals = {.seed = 6}, plans = {.seed = 7};
    make_model(&model, 4, the_book.revision_sigma);
    make_deals(&deals, 4, &the_book);
    add(&plans, "plans:\n  - name: baseline\n");
    for (int p = 1; p < MANY; p++)
        add(&plans, "  - name: plan%d\n    levers:\n      - %s\n", p,
            lever_text[(p - 1) % (MANY / 2) % N_LEVERS]);
    fixture f = {.world = make_world(model.text, deals.text, rep_text, plans.text)};
    compile(&f);
    recoup_paths paths = run(&f, best(), 0, PATHS);
    size_t units = (size_t)f.n_units * PATHS, stages = (size_t)f.program->n_stages;
    for (size_t p = 1; p + MANY / 2 < MANY; p++) {
        size_t same = p + MANY / 2;
        assert_memory_equal(paths.unit + p * units, paths.unit + same * units,
                            units * sizeof *paths.unit);
        assert_memory_equal(paths.flow + p * stages, paths.flow + same * stages,
                            stages * sizeof *paths.flow);
    }
    free_paths(&paths);
    free_fixture(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_twin),     cmocka_unit_test(test_flows),
        cmocka_unit_test(test_chunks),   cmocka_unit_test(test_instruction_sets),
        cmocka_unit_test(test_alone),    cmocka_unit_test(test_many_plans),
        cmocka_unit_test(test_families),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
