/* The best plan under a budget, against evaluations of every selection of a small book. */
#include "../world.h"

#include "decide/evaluate.h"
#include "decide/optimize_rank.h"
#include "decide/search.h"
#include "scenario/lever.h"
#include "scenario/optimize.h"
#include <gsl/gsl_cdf.h>
#include <recoup/optimize.h>

static const char model[] =
    "recoup: model/1\n"
    "stages: [first, second]\n"
    "cohorts: [old, new]\n"
    "channels: [web, event]\n"
    "market: {conversion: 0.2, arrivals: 0.1}\n"
    "exits:\n"
    "  first:\n"
    "    advance: {logit: -0.2, cohort_logit: {old: 0.3, new: -0.3}, dwell: {family: lognormal,"
    " median: 7, sigma: 0.6}}\n"
    "    lost: {dwell: {family: exponential, mean: 12}}\n"
    "  second:\n"
    "    advance: {logit: 0.1, dwell: {family: weibull, shape: 1.3, scale: 11}}\n"
    "    lost: {dwell: {family: exponential, mean: 15}}\n"
    "amount: {size_ref: 200, new: {family: lognormal, median: 200, sigma: 0.5}, revision: {sigma:"
    " 0.1}}\n"
    "arrivals:\n"
    "  old: {web: 0.10, event: 0.06}\n"
    "  new: {web: 0.08, event: 0.04}\n";
static const char reps[] = "rep_id,cohort,status\nr1,old,active\nr2,new,active\nr3,new,vacant\n";
static const char deals[] = "deal_id,rep_id,amount,created,stage,outcome,channel\n"
                            "a,r1,300,2025-12-11,second,open,web\n"
                            "b,r1,260,2025-12-20,first,open,event\n"
                            "c,r2,340,2025-12-15,second,open,web\n"
                            "d,r2,120,2025-12-28,first,open,web\n"
                            "e,r3,310,2025-12-05,second,open,event\n"
                            "f,r3,150,2025-12-30,first,open,web\n"
                            "g,r2,220,2025-12-22,first,open,event\n";

#ifdef __SANITIZE_ADDRESS__ /* ten times slower: a sixteenth of the selections */
enum { N = 8, N_SELECTIONS = 1 << N };
#else
enum { N = 12, N_SELECTIONS = 1 << N };
#endif

/* Twelve levers, most of them on the same deals. */
static const char levers[] =
    "plans:\n"
    "  - name: baseline\n"
    "  - name: some\n"
    "    levers:\n"
    "      - coach: {cohort: old, stage: first, logit: 0.3}\n"
    "      - coach: {cohort: new, logit: 0.5}\n"
    "      - coach: {stage: second, logit: 0.25, start: +5d}\n"
    "      - unblock: {stage: first, speed: 1.5}\n"
    "      - unblock: {stage: second, speed: 1.3, start: +4d}\n"
    "      - activity: {channel: web, increase: 0.4, returns: 0.8}\n"
    "      - activity: {channel: event, increase: 0.5, returns: 0.7}\n"
    "      - reassign: {from: {status: vacant}, to: {cohort: old}, handover_days: 2}\n"
    "      - adjust: {stage: second, exit: advance, logit: 0.2}\n"
    "      - adjust: {amount: 1.06}\n"
    "      - adjust: {amount: 1.15, start: +20d}\n"
    "      - adjust: {rate: 1.3, channel: event}\n";

/* --- the search on effects that the model has ---------------------------------------------------
 */

typedef struct table {
    double value[N_SELECTIONS];
    int n_looked_up;
} table;

/* P(hit) of every subset of the levers, once. */
static void tabulate(const world *w, double *value) {
    enum { BATCH = 64 };
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_engine_options options = {.threads = 2};
    recoup_situation situation = {w->scenario, w->model, w->view, &options};
    static recoup_lever lever[BATCH][N];
    const recoup_plan *plan = &w->scenario->plan[1];
    assert_true(plan->n_levers >= N);
    for (int first = 0; first < N_SELECTIONS; first += BATCH) {
        recoup_variant variant[BATCH];
        for (int k = 0; k < BATCH; k++) {
            variant[k] = (recoup_variant){.name = "subset", .lever = lever[k]};
            for (int i = 0; i < N; i++)
                if ((first + k) >> i & 1)
                    lever[k][variant[k].n_levers++] = plan->lever[i];
        }
        recoup_evaluation *evaluation = NULL;
        require_ok(recoup_evaluate(&situation, variant, BATCH, 1, NULL, &evaluation, &error),
                   &error);
        memcpy(value + first, evaluation->hit, BATCH * sizeof *value);
        recoup_evaluation_free(evaluation);
    }
}

static recoup_status look_up(void *user, int n, const uint8_t *selection, double *value,
                             recoup_error *error) {
    (void)error;
    table *t = user;
    for (int k = 0; k < n; k++, selection += N) {
        int index = 0;
        for (int i = 0; i < N; i++)
            index |= selection[i] ? 1 << i : 0;
        value[k] = t->value[index];
        t->n_looked_up++;
    }
    return RECOUP_OK;
}

static double uniform(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 11) * 0x1p-53;
}

/* 60 instances: random costs, hours, budgets and rules over the same effects. */
static void test_search(void **state) {
    (void)state;
    static table t;
    world w = make_world(model, deals, reps, levers);
    tabulate(&w, t.value);
    int n_evaluated = 0, n_feasible = 0;
    for (uint64_t k = 0; k < 60; k++) {
        uint64_t random = k * 7919 + 3;
        recoup_search_candidate candidate[N];
        recoup_search_rule exclusion[3], requirement[3];
        double cost[N], hours[N], total = 0, time = 0;
        for (int i = 0; i < N; i++) {
            cost[i] = floor(1 + 20 * uniform(&random));
            hours[i] = floor(10 * uniform(&random));
            total += cost[i];
            time += hours[i];
            candidate[i] = (recoup_search_candidate){1, &cost[i], &hours[i]};
        }
        for (int i = 0; i < 3; i++) {
            int a = (int)(uniform(&random) * N), b = (int)(uniform(&random) * (N - 1));
            exclusion[i] = (recoup_search_rule){a, (a + 1 + b) % N};
            a = (int)(uniform(&random) * N), b = (int)(uniform(&random) * (N - 1));
            requirement[i] = (recoup_search_rule){a, (a + 1 + b) % N};
        }
        recoup_search_problem problem = {.n_candidates = N,
                                         .candidate = candidate,
                                         .n_exclusions = (int)(k % 4),
                                         .exclusion = exclusion,
                                         .n_requirements = (int)(k / 4 % 4),
                                         .requirement = requirement,
                                         .budget = floor((.25 + .5 * uniform(&random)) * total),
                                         .hours = k % 3 ? INFINITY : floor(.6 * time),
                                         .is_probability = true,
                                         .evaluate = look_up,
                                         .user = &t};
        recoup_search_options options = {
            .max_exhaustive = N_SELECTIONS, .max_evaluations = 600, .batch = 64, .seed = k};
        recoup_search *all = NULL, *some = NULL;
        assert_int_equal(recoup_search_create(&problem, &options, &all, NULL), RECOUP_OK);
        options.max_exhaustive = 0;
        t.n_looked_up = 0;
        assert_int_equal(recoup_search_create(&problem, &options, &some, NULL), RECOUP_OK);
        assert_true(recoup_search_is_exhaustive(all) && !recoup_search_is_exhaustive(some));
        double best = recoup_search_value(all, recoup_search_best(all, INFINITY));
        double found = recoup_search_value(some, recoup_search_best(some, INFINITY));
        if (!(found == best))
            fail_msg("instance %d: %.9f of %.9f", (int)k, found, best);
        n_evaluated += t.n_looked_up;
        n_feasible += recoup_search_n(all);
        recoup_search_free(all);
        recoup_search_free(some);
    }
    print_message("%d evaluations of %d feasible selections\n", n_evaluated, n_feasible);
    free_world(&w);
}

/* --- all of it ---------------------------------------------------------------------------------
 */

static const char section[] =
    "simulation: {parameter_draws: 24, seed: 3}\n"
    "plans:\n"
    "  - name: baseline\n"
    "  - {name: optimized, levers: [adjust: {exit: advance, logit: 0.1}]}\n"
    "optimize:\n"
    "  budget: 100\n"
    "  hours: 50\n"
    "  candidates:\n"
    "    - {name: coach, levels: [0.5, {strength: 1, cost: 1.5}],\n"
    "       levers: [coach: {cohort: new, logit: {normal: [0.5, 0.2]}, cost: 30, hours: 10}]}\n"
    "    - {name: faster, levels: [0.4, 1], excludes: [dearer],\n"
    "       levers: [unblock: {stage: second, speed: {lognormal: [1.4, 0.1]}, cost: 40}]}\n"
    "    - {name: dearer, levers: [adjust: {amount: 1.2, cost: 45, hours: 30}]}\n"
    "    - {name: more, requires: [coach],\n"
    "       levers: [activity: {channel: web, increase: 0.5, returns: 0.8, cost: 35,\n"
    "       hours: 25}]}\n"
    "    - {name: hand over, levers: [\n"
    "       reassign: {from: {status: vacant}, to: {cohort: old}, cost: 10, hours: 5},\n"
    "       adjust: {exit: advance, logit: 0.05, cost: 5, hours: 2}]}\n";

static recoup_optimum *optimize(const world *w, double budget, double reach, int threads) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_optimum *optimum = NULL;
    recoup_optimize_options options = {
        .budget = budget, .hours = NAN, .reach = reach, .threads = threads};
    require_ok(recoup_optimize(w->scenario, w->model, w->view, &options, &optimum, &error), &error);
    return optimum;
}

/* What the section says, worked out by hand: 3 x 3 x 2 x 2 x 2 selections. */
typedef struct by_hand {
    int level[5];
    double cost, hours, hit, mean;
    bool feasible;
} by_hand;
enum { N_BY_HAND = 72 };

static void enumerate(const world *w, by_hand list[N_BY_HAND]) {
    static const int n_levels[5] = {2, 2, 1, 1, 1};
    static const double strength[5][2] = {{.5, 1}, {.4, 1}, {1}, {1}, {1}};
    static const double cost[5][2] = {{15, 45}, {16, 40}, {45}, {35}, {15}};
    static const double hours[5][2] = {{5, 10}, {0, 0}, {30}, {25}, {7}};
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_engine_options options = {.threads = 1};
    recoup_situation situation = {w->scenario, w->model, w->view, &options};
    recoup_evaluation *evaluation = NULL;
    recoup_variant variant[N_BY_HAND];
    static recoup_lever lever[N_BY_HAND][6];
    int level[5] = {0};
    for (int k = 0; k < N_BY_HAND; k++) {
        by_hand *of = &list[k];
        *of = (by_hand){0};
        variant[k] = (recoup_variant){.name = "selection", .lever = lever[k]};
        for (int i = 0; i < 5; i++) {
            int l = of->level[i] = level[i];
            const recoup_candidate *candidate = &w->scenario->optimization->candidate[i];
            for (int j = 0; l > 0 && j < candidate->n_levers; j++) {
                recoup_lever *to = &lever[k][variant[k].n_levers++];
                *to = candidate->lever[j];
                to->strength = strength[i][l - 1];
            }
            of->cost += l > 0 ? cost[i][l - 1] : 0;
            of->hours += l > 0 ? hours[i][l - 1] : 0;
        }
        of->feasible = of->cost <= 100 && of->hours <= 50 && !(level[1] && level[2]) &&
                       (!level[3] || level[0]);
        for (int i = 0; i < 5 && ++level[i] > n_levels[i]; i++)
            level[i] = 0;
    }
    require_ok(recoup_evaluate(&situation, variant, N_BY_HAND, 24, NULL, &evaluation, &error),
               &error);
    for (int k = 0; k < N_BY_HAND; k++) {
        list[k].hit = evaluation->hit[k];
        list[k].mean = evaluation->mean[k];
    }
    recoup_evaluation_free(evaluation);
}

/* Sums of the same numbers in another batch: up to rounding. */
static void assert_same(double value, double exact) {
    if (!(fabs(value - exact) <= 1e-12 * (1 + fabs(exact))))
        fail_msg("%.17g, expected %.17g", value, exact);
}

static void test_whole(void **state) {
    (void)state;
    world w = make_world(model, deals, reps, section);
    by_hand list[N_BY_HAND];
    enumerate(&w, list);
    const by_hand *best = NULL, *cheapest = NULL, *within[6] = {NULL};
    int n_feasible = 0;
    for (int k = 0; k < N_BY_HAND; k++) {
        n_feasible += list[k].feasible;
        if (list[k].feasible && (!best || list[k].hit > best->hit))
            best = &list[k];
        for (int f = 0; f < 6; f++)
            if (list[k].feasible && list[k].cost <= 20 * f &&
                (!within[f] || list[k].hit > within[f]->hit))
                within[f] = &list[k];
    }
    recoup_optimum *optimum = optimize(&w, NAN, NAN, 2);
    assert_true(optimum->is_exhaustive);
    assert_int_equal(optimum->n_evaluated, n_feasible);
    assert_same(optimum->winner.hit_probability, best->hit);
    assert_same(optimum->winner.bookings_mean, best->mean);
    assert_true(optimum->winner.cost == best->cost && optimum->winner.hours == best->hours);
    assert_same(optimum->nothing.hit_probability, list[0].hit);
    assert_string_equal(optimum->nothing.name, "nothing");
    assert_int_equal(optimum->winner.parameter_draws, 24);
    /* Rungs of the frontier stand where the best changes. */
    int rung = 0;
    for (int f = 0; f < 6; f++) {
        if (f > 0 && within[f] == within[f - 1])
            continue;
        assert_true(optimum->frontier[rung].budget == 20 * f);
        assert_same(optimum->frontier[rung].selection.hit_probability, within[f]->hit);
        assert_true(optimum->frontier[rung++].selection.cost == within[f]->cost);
    }
    assert_int_equal(optimum->n_frontier, rung);

    double target = .5 * (list[0].hit + best->hit);
    for (int k = 0; k < N_BY_HAND; k++)
        if (list[k].feasible && list[k].hit >= target &&
            (!cheapest || list[k].cost < cheapest->cost))
            cheapest = &list[k];
    recoup_optimum *reached = optimize(&w, NAN, target, 2);
    assert_true(reached->is_reached && reached->winner.cost == cheapest->cost);
    assert_true(reached->winner.hit_probability >= target);
    assert_true(reached->reach_confidence >= .5);
    recoup_optimum_free(reached);
    reached = optimize(&w, NAN, .5 * (1 + best->hit), 2);
    assert_true(!reached->is_reached && reached->winner.cost == best->cost);
    recoup_optimum_free(reached);

    /* Any number of threads; another budget. */
    recoup_optimum *alone = optimize(&w, NAN, NAN, 1);
    assert_true(alone->winner.hit_probability == optimum->winner.hit_probability);
    assert_true(alone->correct_probability == optimum->correct_probability);
    recoup_optimum_free(alone);
    recoup_optimum *poor = optimize(&w, 40, NAN, 2);
    assert_same(poor->winner.hit_probability, within[2]->hit);
    recoup_optimum_free(poor);
    recoup_optimum_free(optimum);
    free_world(&w);
}

/* The written plan is the winner: the scenario reads back, and its last plan has the same levers,
 * strengths, costs and P(hit). */
static void test_save(void **state) {
    (void)state;
    recoup_error error = RECOUP_ERROR_INIT;
    world w = make_world(model, deals, reps, section);
    recoup_optimum *optimum = optimize(&w, 70, NAN, 2);
    char *text = NULL;
    require_ok(recoup_optimum_format(optimum, w.scenario, &text, &error), &error);
    assert_non_null(strstr(text, "name: optimized 2")); /* the first name is taken */
    assert_null(strstr(text, "baseline"));
    free(text);
    /* The world's own files are gone: the scenario is written where they were, and read alone. */
    char folder[] = "/tmp/recoup-optimum-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/scenario.yaml", folder);
    w.scenario->document->file = path;
    require_ok(recoup_optimum_save(optimum, w.scenario, path, &error), &error);
    recoup_scenario *read = NULL;
    require_ok(recoup_scenario_load(path, &read, &error), &error);
    assert_int_equal(read->n_plans, 3);
    const recoup_plan *plan = &read->plan[2];
    assert_string_equal(plan->name, "optimized 2");
    assert_true(plan->cost == optimum->winner.cost && plan->hours == optimum->winner.hours);
    assert_int_equal(read->optimization->n_candidates, 5);
    assert_true(read->optimization->budget == 100); /* as written; the 70 was asked for once */
    assert_int_equal(read->optimization->candidate[0].n_levels, 2);
    assert_true(read->optimization->candidate[0].level[1].cost == 1.5);
    require_ok(recoup_scenario_resolve(read, w.model, &error), &error);
    recoup_variant variant = {.name = "read", .n_levers = plan->n_levers, .lever = plan->lever};
    recoup_engine_options options = {.threads = 1};
    recoup_situation situation = {read, w.model, w.view, &options};
    recoup_evaluation *evaluation = NULL;
    require_ok(recoup_evaluate(&situation, &variant, 1, 24, NULL, &evaluation, &error), &error);
    assert_same(evaluation->hit[0], optimum->winner.hit_probability);
    recoup_evaluation_free(evaluation);
    recoup_scenario_free(read);
    unlink(path);
    rmdir(folder);
    recoup_optimum_free(optimum);
    free_world(&w);
}

/* Without candidates the levers of the plans are: each once, however often it is written; those
 * that differ in their shared keys alone exclude each other. */
static void test_levers_of_plans(void **state) {
    (void)state;
    world w = make_world(model, deals, reps,
                         "plans:\n"
                         "  - name: baseline\n"
                         "  - {name: one, levers: [coach: {logit: 0.5, cost: 9}]}\n"
                         "  - name: two\n"
                         "    levers:\n"
                         "      - coach: {logit: 0.5, cost: 9}\n"
                         "      - coach: {logit: 0.5, cost: 8, start: +9d}\n"
                         "      - discount_limit: {max: 10%, cost: 1}\n"
                         "  - {name: three, levers: [discount_limit: {max: 20%, cost: 1}]}\n"
                         "optimize: {objective: bookings, tolerance: 0.001}\n");
    const recoup_optimization *optimization = w.scenario->optimization;
    assert_int_equal(optimization->n_candidates, 4);
    static const char *const name[] = {"one", "two: coach", "two: discount_limit", "three"};
    for (int i = 0; i < 4; i++)
        assert_string_equal(optimization->candidate[i].name, name[i]);
    recoup_optimum *optimum = optimize(&w, NAN, NAN, 1);
    assert_int_equal(optimum->n_evaluated, 9); /* of 16: not both coaches, not both limits */
    assert_true(optimum->is_bookings && optimum->tolerance == .001 * 1000);
    assert_int_equal(optimum->winner.n_choices, 1); /* there is no discount to limit */
    assert_string_equal(optimum->winner.name, "one");
    assert_true(optimum->winner.bookings_mean > optimum->nothing.bookings_mean);
    recoup_optimum_free(optimum);
    free_world(&w);
}

static void test_nothing_to_choose(void **state) {
    (void)state;
    recoup_error error = RECOUP_ERROR_INIT;
    world w = make_world(model, deals, reps, "plans: [name: baseline]\n");
    recoup_optimize_options options = {.budget = NAN, .hours = NAN, .reach = NAN, .threads = 1};
    recoup_optimum *optimum = NULL;
    assert_int_equal(recoup_optimize(w.scenario, w.model, w.view, &options, &optimum, &error),
                     RECOUP_EINVALID);
    recoup_error_clear(&error);
    free_world(&w);
}

/* --- the probability of correct selection --------------------------------------------------------
 */

/* Two deals of 600 of which both are needed: P(hit) = p², where p is the chance to advance times
 * that to do so within 30 days. So a lever's mean P(hit) over all draws is an integral over its
 * effect. */
static const char small_model[] =
    "recoup: model/1\n"
    "stages: [first]\n"
    "cohorts: [all]\n"
    "exits:\n"
    "  first:\n"
    "    advance: {logit: -0.2, dwell: {family: exponential, mean: 10}}\n"
    "    lost: {dwell: {family: exponential, mean: 10}}\n"
    "amount: {size_ref: 1000, new: {family: lognormal, median: 1000, sigma: 0.5}}\n"
    "arrivals: {all: 0}\n";
static const char small_reps[] = "rep_id,cohort\nr,all\n";
static const char small_deals[] = "deal_id,rep_id,amount,created,stage,outcome\n"
                                  "a,r,600,2025-12-31,first,open\nb,r,600,2025-12-31,first,open\n";

/* Effects: normal, times 1 + c z with c = 1 for an opinion and .5 for an association. */
static const char race[] =
    "simulation: {parameter_draws: 12, seed: 0}\n"
    "plans:\n"
    "  - name: baseline\n"
    "  - {name: a, levers: [adjust: {exit: advance, logit: {normal: [0.5, 0.4]},"
    " evidence: opinion, cost: 1}]}\n"
    "  - {name: b, levers: [coach: {logit: {normal: [%g, 0.2]}, evidence: association,"
    " cost: 1}]}\n"
    "  - {name: c, levers: [coach: {stage: first, logit: {normal: [%g, 0.3]},"
    " evidence: association, cost: 1}]}\n"
    "optimize: {budget: 1}\n";

static double mean_hit(double mean, double sd, double spread) {
    enum { POINTS = 400 };
    double sum = 0;
    for (int i = 0; i < POINTS; i++)
        for (int k = 0; k < POINTS; k++) {
            double effect = mean + sd * gsl_cdf_ugaussian_Pinv((i + .5) / POINTS);
            effect *= 1 + spread * gsl_cdf_ugaussian_Pinv((k + .5) / POINTS);
            double p = (1 - exp(-30 / 10.)) / (1 + exp(.2 - effect));
            sum += p * p / (POINTS * POINTS);
        }
    return sum;
}

/* Races from close to decided, by the levers' means over all draws, which 12 of them tell apart
 * only so well: over seeds, the winner is wrong no more often than is stated. */
static void test_race(void **state) {
    (void)state;
    enum { SEEDS = 200, RACES = 3 };
    static const double second[RACES] = {.5, .3, 0}, third[RACES] = {.45, .2, -.2};
    int n_sure = 0, n_wrong_at_all = 0;
    for (int r = 0; r < RACES; r++) {
        char text[1024];
        snprintf(text, sizeof text, race, second[r], third[r]);
        world w = make_world(small_model, small_deals, small_reps, text);
        double best = mean_hit(.5, .4, 1);
        assert_true(best > mean_hit(second[r], .2, .5) && best > mean_hit(third[r], .3, .5));
        int n_wrong = 0, n_sure_and_wrong = 0;
        double stated = 0;
        for (int seed = 1; seed <= SEEDS; seed++) {
            w.scenario->simulation.seed = seed;
            recoup_optimum *optimum = optimize(&w, NAN, NAN, 1);
            bool wrong = strcmp(optimum->winner.name, "a") != 0;
            bool sure = optimum->correct_probability >= .9;
            n_wrong += wrong;
            n_sure += sure;
            n_sure_and_wrong += wrong && sure;
            stated += 1 - optimum->correct_probability;
            recoup_optimum_free(optimum);
        }
        print_message("race %d: %d of %d wrong, stated %.1f\n", r, n_wrong, SEEDS, stated);
        n_wrong_at_all += n_wrong;
        /* No more than stated, on average and where 10 % are allowed, up to three standard
         * deviations of a count of as many. */
        assert_true(n_wrong <= stated + 3 * sqrt(stated));
        assert_true(n_sure_and_wrong <= .1 * SEEDS + 3 * sqrt(.09 * SEEDS));
        free_world(&w);
    }
    print_message("%d sure\n", n_sure);
    assert_true(n_wrong_at_all > 0 && n_sure > 0);
}

/* The same of the bound alone, on normal draws that two selections share a part of: 20,000 races of
 * five selections, at gaps from none to four standard errors. */
static void test_bound(void **state) {
    (void)state;
    enum { K = 5, DRAWS = 20, RACES = 4000 };
    uint64_t random = 11;
    for (int gap = 0; gap <= 4; gap++) {
        int n_wrong = 0, n_sure_and_wrong = 0;
        double stated = 0;
        for (int race_number = 0; race_number < RACES; race_number++) {
            double value[K][DRAWS];
            recoup_trial trial[K];
            for (int d = 0; d < DRAWS; d++) {
                double common = 3 * uniform(&random);
                for (int k = 0; k < K; k++) {
                    double normal =
                        sqrt(-2 * log(1 - uniform(&random))) * cos(2 * M_PI * uniform(&random));
                    value[k][d] = common + normal + (k == 0 ? gap * sqrt(2. / DRAWS) : 0);
                }
            }
            int best = 0;
            for (int k = 0; k < K; k++) {
                trial[k] = (recoup_trial){.n_draws = DRAWS, .value = value[k]};
                if (recoup_trial_mean(&trial[k]) > recoup_trial_mean(&trial[best]))
                    best = k;
            }
            double wrong = 0;
            for (int k = 0; k < K; k++) {
                recoup_difference lead = recoup_trial_difference(&trial[best], &trial[k], 0);
                wrong += k == best ? 0 : recoup_difference_doubt(&lead, 0);
            }
            wrong = fmin(1, wrong);
            stated += wrong;
            n_wrong += best != 0;
            n_sure_and_wrong += best != 0 && wrong <= .05;
        }
        assert_true(n_wrong <= stated + 3 * sqrt(stated));
        assert_true(n_sure_and_wrong <= .05 * RACES);
    }
}

static void test_difference(void **state) {
    (void)state;
    double a[] = {3, 5, 4, 8}, b[] = {1, 2, 4, 1}, replicate[] = {0, 0};
    recoup_trial first = {4, 0, a, replicate}, second = {3, 0, b, replicate};
    /* 2, 3, 0 on the draws of both: mean 5/3, variance 7/3. */
    recoup_difference lead = recoup_trial_difference(&first, &second, 0);
    assert_same(lead.mean, 5. / 3);
    assert_same(lead.se, sqrt(7. / 9));
    assert_int_equal(lead.freedom, 2);
    /* Student's t with 2 degrees of freedom: P(T > t) = 1/2 - t / (2 sqrt(2 + t^2)). */
    double t = lead.mean / lead.se, wide = (lead.mean + 1) / lead.se;
    assert_same(recoup_difference_doubt(&lead, 0), 1 - t / sqrt(2 + t * t));
    assert_same(recoup_difference_doubt(&lead, 1), 1 - wide / sqrt(2 + wide * wide));
    lead.mean = -1;
    assert_same(recoup_difference_doubt(&lead, 0), 1);
    /* Equal in every draw: neither is better. */
    lead = recoup_trial_difference(&first, &first, 1e-6);
    assert_true(lead.se == 0 && recoup_difference_doubt(&lead, 0) == 0);
    /* One draw: only the scramblings tell. */
    double x[] = {.5}, y[] = {.4}, rx[] = {.49, .51, .50}, ry[] = {.41, .39, .40};
    recoup_trial one = {1, 3, x, rx}, other = {1, 3, y, ry};
    lead = recoup_trial_difference(&one, &other, 0);
    assert_same(lead.mean, .1);
    assert_same(lead.se, .02 / sqrt(3));
    assert_int_equal(lead.freedom, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_search),
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_save),
        cmocka_unit_test(test_levers_of_plans),
        cmocka_unit_test(test_nothing_to_choose),
        cmocka_unit_test(test_race),
        cmocka_unit_test(test_bound),
        cmocka_unit_test(test_difference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
