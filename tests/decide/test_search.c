/* The search against all selections there are, on made-up businesses whose values are cheap. */
#include "decide/search_climb.h"

#include "base/memory.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 40, LEVELS = 3, RULES = 12 };

/* Bookings are normal. Each candidate multiplies mean wins of some of six groups of deals, adds new
 * business and changes how much bookings spread; candidates on the same group take from each other,
 * as the win probability of a group cannot exceed 1. */
enum { GROUPS = 6 };
typedef struct business {
    double wins[GROUPS], value[GROUPS], quota, spread;
    double logit[MOST][LEVELS][GROUPS], inflow[MOST][LEVELS];
} business;

typedef struct instance {
    business business;
    recoup_search_problem problem;
    recoup_search_candidate candidate[MOST];
    recoup_search_rule exclusion[RULES], requirement[RULES];
    double cost[MOST][LEVELS], hours[MOST][LEVELS];
    long n_evaluated;
} instance;

static double uniform(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 11) * 0x1p-53;
}

static double bookings_mean(const instance *in, const uint8_t *selection, double *variance) {
    double mean = 0, inflow = 0;
    *variance = in->business.spread * in->business.spread;
    for (int g = 0; g < GROUPS; g++) {
        double logit = in->business.wins[g];
        for (int i = 0; i < in->problem.n_candidates; i++)
            logit += selection[i] ? in->business.logit[i][selection[i] - 1][g] : 0;
        double p = 1 / (1 + exp(-logit)), value = in->business.value[g];
        mean += 10 * p * value;
        *variance += 10 * p * (1 - p) * value * value;
    }
    for (int i = 0; i < in->problem.n_candidates; i++)
        inflow += selection[i] ? in->business.inflow[i][selection[i] - 1] : 0;
    mean *= 1 + inflow;
    return mean;
}

static double value_of(const instance *in, const uint8_t *selection) {
    double variance, mean = bookings_mean(in, selection, &variance);
    if (!in->problem.is_probability)
        return mean;
    return .5 * erfc((in->business.quota - mean) / sqrt(2 * variance));
}

static recoup_status evaluate(void *user, int n, const uint8_t *selection, double *value,
                              recoup_error *error) {
    (void)error;
    instance *in = user;
    for (int k = 0; k < n; k++)
        value[k] = value_of(in, selection + (size_t)k * (size_t)in->problem.n_candidates);
    in->n_evaluated += n;
    return RECOUP_OK;
}

/* n candidates of up to `levels` levels, budgets that hold about `share` of them, some rules. */
static void make_instance(instance *in, int n, int levels, double share, uint64_t seed) {
    uint64_t state = seed * 7919 + 1;
    *in = (instance){.problem = {.n_candidates = n,
                                 .candidate = in->candidate,
                                 .exclusion = in->exclusion,
                                 .requirement = in->requirement,
                                 .is_probability = uniform(&state) < .8,
                                 .evaluate = evaluate,
                                 .user = in}};
    double total = 0, hours = 0;
    for (int g = 0; g < GROUPS; g++) {
        in->business.wins[g] = 2 * uniform(&state) - 1.5;
        in->business.value[g] = exp(1.5 * uniform(&state));
    }
    for (int i = 0; i < n; i++) {
        int n_levels = 1 + (int)(uniform(&state) * levels), group = (int)(uniform(&state) * GROUPS);
        in->candidate[i] = (recoup_search_candidate){n_levels, in->cost[i], in->hours[i]};
        double size = .8 * uniform(&state) * uniform(&state), kind = uniform(&state);
        double cost = floor(1 + 20 * uniform(&state)), time = floor(10 * uniform(&state));
        for (int l = 0; l < n_levels; l++) {
            double level = (double)(l + 1) / n_levels;
            in->cost[i][l] = cost * level;
            in->hours[i][l] = time * level;
            if (kind < .7) {
                in->business.logit[i][l][group] = size * level;
                in->business.logit[i][l][(group + 1) % GROUPS] = (kind - .3) * size * level;
            } else { /* more leads, less time for the deals at hand */
                in->business.inflow[i][l] = .3 * size * level;
                for (int g = 0; g < GROUPS; g++)
                    in->business.logit[i][l][g] = -.1 * size * level;
            }
        }
        total += cost;
        hours += time;
    }
    in->problem.budget = uniform(&state) < .1 ? INFINITY : floor(share * total);
    in->problem.hours = uniform(&state) < .3 ? floor(share * hours) : INFINITY;
    for (int k = 0; k < n / 4; k++) {
        int a = (int)(uniform(&state) * n), b = (int)(uniform(&state) * n);
        if (a != b)
            in->exclusion[in->problem.n_exclusions++] = (recoup_search_rule){a, b};
        a = (int)(uniform(&state) * n), b = (int)(uniform(&state) * n);
        if (a != b)
            in->requirement[in->problem.n_requirements++] = (recoup_search_rule){a, b};
    }
    uint8_t nothing[MOST] = {0};
    double variance, mean = bookings_mean(in, nothing, &variance);
    in->business.spread = .3 * mean;
    in->business.quota = mean * (1 + .4 * uniform(&state));
}

enum { ALL = 1000000 }; /* more than any instance here has */

/* max_exhaustive 0: the heuristic, whatever there is. */
static recoup_search *search_by(instance *in, int max_exhaustive) {
    recoup_search_options options = {
        .max_exhaustive = max_exhaustive, .max_evaluations = 600, .batch = 64, .seed = 1};
    recoup_search *search = NULL;
    in->n_evaluated = 0;
    assert_int_equal(recoup_search_create(&in->problem, &options, &search, NULL), RECOUP_OK);
    assert_int_equal(in->n_evaluated, recoup_search_n(search)); /* none twice */
    return search;
}

static double best_value(const recoup_search *search, double budget) {
    return recoup_search_value(search, recoup_search_best(search, budget));
}

/* Counts feasible selections like an odometer, by the rules as a person reads them. */
static int count_feasible(const instance *in) {
    uint8_t selection[MOST] = {0};
    int n = in->problem.n_candidates, count = 0;
    for (int i = 0; i < n;) {
        bool feasible = true;
        double cost = 0, hours = 0;
        for (int k = 0; k < n; k++) {
            cost += selection[k] ? in->cost[k][selection[k] - 1] : 0;
            hours += selection[k] ? in->hours[k][selection[k] - 1] : 0;
        }
        feasible = cost <= in->problem.budget + 1e-9 && hours <= in->problem.hours + 1e-9;
        for (int k = 0; k < in->problem.n_exclusions; k++)
            feasible = feasible && !(selection[in->exclusion[k].candidate] &&
                                     selection[in->exclusion[k].other]);
        for (int k = 0; k < in->problem.n_requirements; k++)
            feasible = feasible && (!selection[in->requirement[k].candidate] ||
                                    selection[in->requirement[k].other]);
        count += feasible;
        for (i = 0; i < n && selection[i] == in->candidate[i].n_levels; i++)
            selection[i] = 0;
        if (i < n)
            selection[i]++;
    }
    return count;
}

static void test_list(void **state) {
    (void)state;
    instance in;
    for (uint64_t seed = 0; seed < 20; seed++) {
        make_instance(&in, 6, 3, .4, seed);
        uint8_t *list = NULL;
        int n = 0, expected = count_feasible(&in);
        assert_true(recoup_search_list(&in.problem, ALL, &list, &n));
        assert_int_equal(n, expected);
        for (int i = 0; i < in.problem.n_candidates; i++)
            assert_int_equal(list[i], 0); /* nothing chosen comes first */
        free(list);
        assert_true(recoup_search_list(&in.problem, expected - 1, &list, &n));
        assert_int_equal(n, -1);
        assert_null(list);
    }
}

/* The heuristic, forced, finds what all selections there are have as their best, the cheapest that
 * reaches a target, and nearly always the best of smaller budgets, which have a share of its
 * evaluations only. */
static void check_search(int n, int levels, int n_instances, double least_share) {
    int n_frontier = 0, n_found = 0;
    instance in;
    for (int k = 0; k < n_instances; k++) {
        make_instance(&in, n, levels, .3 + .15 * (k % 3), (uint64_t)k);
        recoup_search *all = search_by(&in, ALL), *some = search_by(&in, 0);
        assert_true(recoup_search_is_exhaustive(all) && !recoup_search_is_exhaustive(some));
        double best = best_value(all, INFINITY), nothing = recoup_search_value(all, 0);
        if (!(best_value(some, INFINITY) == best))
            fail_msg("instance %d: %.9g of %.9g", k, best_value(some, INFINITY), best);
        double target = nothing + .6 * (best - nothing);
        assert_int_equal(recoup_search_reach(some, target, NULL), RECOUP_OK);
        int cheapest = recoup_search_cheapest(some, target);
        assert_true(cheapest >= 0 && recoup_search_value(some, cheapest) >= target);
        assert_true(recoup_search_is_feasible(some, cheapest));
        assert_true(recoup_search_cost(some, cheapest) ==
                    recoup_search_cost(all, recoup_search_cheapest(all, target)));
        for (int fifth = 1; fifth < 5 && isfinite(in.problem.budget); fifth++) {
            double budget = in.problem.budget * fifth / 5;
            n_frontier++;
            n_found += best_value(some, budget) == best_value(all, budget);
        }
        recoup_search_free(all);
        recoup_search_free(some);
    }
    if (!(n_found >= least_share * n_frontier))
        fail_msg("%d of %d points of frontiers", n_found, n_frontier);
}

static void test_single_level(void **state) {
    (void)state;
    check_search(12, 1, 60, .95);
}

static void test_levels(void **state) {
    (void)state;
    check_search(7, 3, 60, .95);
}

/* 30 candidates of 3 levels have no list of all. What is found is at least as good as 20,000 random
 * selections that fill the budget, and no change of one or two candidates is better. */
static bool improves(const instance *in, uint8_t *selection, double value) {
    const recoup_search_problem *problem = &in->problem;
    int n = problem->n_candidates;
    bool better = false;
    for (int i = 0; i < n; i++)
        for (int a = 0; a <= in->candidate[i].n_levels; a++)
            for (int j = 0; j <= i; j++)
                for (int b = 0; b <= in->candidate[j].n_levels; b++) {
                    uint8_t old_i = selection[i], old_j = selection[j];
                    selection[i] = (uint8_t)a;
                    selection[j] = j == i ? (uint8_t)a : (uint8_t)b;
                    better =
                        better || (recoup_search_cost_of(problem, selection) <= problem->budget &&
                                   recoup_search_hours_of(problem, selection) <= problem->hours &&
                                   recoup_search_is_allowed(problem, selection) &&
                                   value_of(in, selection) > value * (1 + 1e-12));
                    selection[j] = old_j;
                    selection[i] = old_i;
                }
    return better;
}

static void test_large(void **state) {
    (void)state;
    instance in;
    uint8_t selection[MOST];
    for (uint64_t seed = 0; seed < 5; seed++) {
        make_instance(&in, 30, 3, .4, seed);
        recoup_search *search = search_by(&in, 256);
        assert_false(recoup_search_is_exhaustive(search));
        assert_true(recoup_search_n(search) <= 600);
        int best = recoup_search_best(search, INFINITY);
        double value = recoup_search_value(search, best);
        memcpy(selection, recoup_search_selection(search, best), 30);
        assert_false(improves(&in, selection, value));
        uint64_t random = seed;
        for (int k = 0; k < 20000; k++) {
            assert_true(recoup_search_fill(&in.problem, in.problem.budget, &random, selection));
            assert_true(value_of(&in, selection) <= value);
        }
        recoup_search_free(search);
    }
}

/* Same problem, same options: the same evaluations in the same order. */
static void test_repeats(void **state) {
    (void)state;
    instance in;
    make_instance(&in, 12, 3, .4, 5);
    recoup_search *first = search_by(&in, 0), *second = search_by(&in, 0);
    assert_int_equal(recoup_search_n(first), recoup_search_n(second));
    for (int i = 0; i < recoup_search_n(first); i++)
        assert_memory_equal(recoup_search_selection(first, i), recoup_search_selection(second, i),
                            12);
    recoup_search_free(first);
    recoup_search_free(second);
}

/* Where nothing is worth anything the cheapest is the answer: nothing. */
static recoup_status evaluate_flat(void *user, int n, const uint8_t *selection, double *value,
                                   recoup_error *error) {
    (void)user, (void)selection, (void)error;
    for (int i = 0; i < n; i++)
        value[i] = .5;
    return RECOUP_OK;
}

static recoup_status evaluate_not(void *user, int n, const uint8_t *selection, double *value,
                                  recoup_error *error) {
    (void)user, (void)n, (void)selection, (void)value, (void)error;
    return RECOUP_EINTERRUPTED;
}

static void test_edges(void **state) {
    (void)state;
    instance in;
    make_instance(&in, 12, 2, .4, 3);
    in.problem.evaluate = evaluate_flat;
    recoup_search_options options = {
        .max_exhaustive = 0, .max_evaluations = 100, .batch = 7, .seed = 1};
    recoup_search *search = NULL;
    assert_int_equal(recoup_search_create(&in.problem, &options, &search, NULL), RECOUP_OK);
    assert_int_equal(recoup_search_best(search, INFINITY), 0);
    assert_int_equal(recoup_search_cheapest(search, .5), 0);
    assert_int_equal(recoup_search_cheapest(search, .6), -1);
    assert_int_equal(recoup_search_reach(search, .6, NULL), RECOUP_OK);
    recoup_search_free(search);
    in.problem.evaluate = evaluate_not;
    search = NULL;
    assert_int_equal(recoup_search_create(&in.problem, &options, &search, NULL),
                     RECOUP_EINTERRUPTED);
    assert_null(search);
    /* 0.1 + 0.2 is not more than 0.3. */
    assert_true(recoup_search_is_within(.1 + .2, .3) && !recoup_search_is_within(.3001, .3));
    make_instance(&in, 5, 1, .4, 3);
    in.problem.budget = 0;
    recoup_search *none = search_by(&in, ALL);
    for (int i = 0; i < recoup_search_n(none); i++)
        assert_true(recoup_search_cost(none, i) == 0);
    recoup_search_free(none);
}

/* Effects that add up with pairs on the scale of the surrogate are what it assumes: told of all
 * pairs of candidates it knows the value of all together, up to the noise that it allows for. */
static void test_surrogate(void **state) {
    (void)state;
    enum { N = 5 };
    static const double effect[N] = {1, -.5, 2, .7, 1.5}, hours[1] = {0}, cost[1] = {1};
    double alone[N], pair[N][N] = {{0}}, f = .3;
    recoup_search_candidate candidate[N];
    for (int i = 0; i < N; i++) {
        candidate[i] = (recoup_search_candidate){1, cost, hours};
        alone[i] = .3 + effect[i];
        for (int j = 0; j < i; j++)
            pair[i][j] = .1 * (i - 2 * j);
    }
    recoup_search_problem problem = {.n_candidates = N, .candidate = candidate};
    recoup_surrogate surrogate;
    assert_true(recoup_surrogate_init(&surrogate, &problem, .3, alone));
    for (int i = 0; i < N; i++)
        for (int j = 0; j <= i; j++) {
            uint8_t selection[N] = {0};
            selection[i] = selection[j] = 1;
            double value = .3 + effect[i] + (j < i ? effect[j] + pair[i][j] : 0);
            assert_true(recoup_surrogate_add(&surrogate, selection, value));
        }
    recoup_surrogate_fit(&surrogate);
    uint8_t all[N] = {1, 1, 1, 1, 1};
    for (int i = 0; i < N; i++) {
        f += effect[i];
        for (int j = 0; j < i; j++)
            f += pair[i][j];
    }
    double mean = recoup_surrogate_mean(&surrogate, all), sd = recoup_surrogate_sd(&surrogate, all);
    assert_true(fabs(mean - f) <= 3 * sd && sd < .5);
    /* Told of it, it knows it to within the noise. */
    assert_true(recoup_surrogate_add(&surrogate, all, f));
    recoup_surrogate_fit(&surrogate);
    assert_true(recoup_surrogate_sd(&surrogate, all) <= surrogate.noise_sd);
    assert_true(fabs(recoup_surrogate_mean(&surrogate, all) - f) <= 3 * surrogate.noise_sd);
    recoup_surrogate_clear(&surrogate);
    /* Probabilities are taken to the logit scale. */
    problem.is_probability = true;
    assert_true(fabs(recoup_surrogate_scale(&problem, .75) - log(3)) < 1e-12);
    assert_true(isfinite(recoup_surrogate_scale(&problem, 1)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list),      cmocka_unit_test(test_single_level),
        cmocka_unit_test(test_levels),    cmocka_unit_test(test_large),
        cmocka_unit_test(test_repeats),   cmocka_unit_test(test_edges),
        cmocka_unit_test(test_surrogate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
