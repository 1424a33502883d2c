/* What recoup_simulate promises for each estimator: the same bits on any number of threads, to stop
 * by precision, to end when it is interrupted. tests/cli/invariance.py looks at results files. */
#include "random_world.h"
#include "simulate.h"

#include "engine/conditional.h"
#include <gsl/gsl_cdf.h>

static const recoup_estimator estimators[] = {RECOUP_ESTIMATOR_WALK, RECOUP_ESTIMATOR_SAMPLE,
                                              RECOUP_ESTIMATOR_CONDITIONAL};
enum { N_ESTIMATORS = 3 };

static world make(recoup_estimator estimator, double precision) {
    const random_book book = {
        .n_deals = 8, .n_plans = 2, .least = 20, .most = 400, .revision_sigma = .5};
    world w = make_random_world(2, &book);
    recoup_simulation simulation = recoup_scenario_simulation(w.scenario);
    simulation.estimator = estimator;
    simulation.precision = precision;
    recoup_scenario_set_simulation(w.scenario, &simulation);
    return w;
}

/* --- threads ---------------------------------------------------------------------------------- */

static void assert_same_plans(const recoup_tally *x, const recoup_tally *y) {
    const recoup_tally_shape *shape = &x->shape;
    for (int p = 0; p < shape->n_plans; p++) {
        const recoup_plan_tally *a = &x->plan[p], *b = &y->plan[p];
        size_t cohorts = (size_t)shape->n_cohorts * sizeof *a->sums.cohort;
        assert_memory_equal(&a->sums.bookings, &b->sums.bookings, sizeof a->sums.bookings);
        assert_memory_equal(&a->sums.wins, &b->sums.wins, sizeof a->sums.wins);
        assert_memory_equal(&a->sums.gain, &b->sums.gain, sizeof a->sums.gain);
        assert_memory_equal(a->sums.cohort, b->sums.cohort, cohorts);
        assert_int_equal(a->hits[0], b->hits[0]);
        assert_int_equal(a->sketch.n, b->sketch.n);
        for (int i = 1; i < 20; i++)
            assert_true(recoup_sketch_quantile(&a->sketch, i / 20.) ==
                        recoup_sketch_quantile(&b->sketch, i / 20.));
    }
    if (!x->exact)
        return;
    size_t size = (size_t)shape->n_plans * sizeof(double);
    assert_memory_equal(x->exact->hit, y->exact->hit, size);
    assert_memory_equal(x->exact->hit_se, y->exact->hit_se, size);
    assert_memory_equal(x->exact->quantile, y->exact->quantile, size * RECOUP_TALLY_QUANTILES);
}

static void test_threads(void **state) {
    (void)state;
    enum { PATHS = 5000 };
    for (int e = 0; e < N_ESTIMATORS; e++) {
        world w = make(estimators[e], 0);
        recoup_tally *one = simulate(&w, PATHS, 1);
        for (int threads = 2; threads <= 4; threads++) {
            recoup_tally *more = simulate(&w, PATHS, threads);
            assert_same_plans(one, more);
            recoup_tally_free(more);
        }
        recoup_tally_free(one);
        free_world(&w);
    }
}

/* --- precision -------------------------------------------------------------------------------- */

/* The widest half-width of a plan's P(hit). */
static double half_width(const recoup_tally *tally) {
    double widest = 0;
    for (int p = 0; p < tally->shape.n_plans; p++) {
        double se;
        recoup_tally_hit(tally, p, &se);
        widest = fmax(widest, 1.959964 * se);
    }
    return widest;
}

/* Looks after 16,384 paths and at each doubling, until the precision holds at two looks in a row
 * (docs/simulation.md): three quarters of the half-width of the first look are reached at the
 * second one (1 / sqrt(2)), so that the third is the last. */
static void test_precision_of_paths(void **state) {
    (void)state;
    enum { FIRST_LOOK = 16384, MOST_PATHS = 1 << 20 };
    for (int e = 0; estimators[e] != RECOUP_ESTIMATOR_CONDITIONAL; e++) {
        world w = make(estimators[e], 0);
        recoup_tally *first = simulate(&w, FIRST_LOOK, 2);
        double precision = .75 * half_width(first);
        recoup_simulation simulation = recoup_scenario_simulation(w.scenario);
        simulation.precision = precision;
        recoup_scenario_set_simulation(w.scenario, &simulation);
        recoup_tally *last = simulate(&w, MOST_PATHS, 2);
        assert_int_equal(last->n_paths, 4 * FIRST_LOOK);
        assert_true(half_width(last) <= precision);
        recoup_tally_free(first);
        recoup_tally_free(last);
        free_world(&w);
    }
}

/* Without paths: points are doubled until Student's half-width is small enough. */
static void test_precision_without_paths(void **state) {
    (void)state;
    double t = gsl_cdf_tdist_Pinv(.975, RECOUP_CONDITIONAL_REPLICATES - 1), widest[2] = {0};
    for (int i = 0; i < 2; i++) {
        world w = make(RECOUP_ESTIMATOR_CONDITIONAL, i == 0 ? 0 : widest[0] / 2);
        recoup_tally *tally = simulate(&w, 1, 2);
        assert_int_equal(tally->n_paths, 0);
        for (int p = 0; p < tally->shape.n_plans; p++)
            widest[i] = fmax(widest[i], t * tally->exact->hit_se[p]);
        recoup_tally_free(tally);
        free_world(&w);
    }
    assert_true(widest[0] > 0 && widest[1] <= widest[0] / 2);
}

/* --- interruption ----------------------------------------------------------------------------- */

typedef struct watch {
    volatile int interrupted;
    int64_t done, total; /* paths at the first report */
} watch;

static void interrupt(const recoup_progress *progress, void *user) {
    watch *at = user;
    if (!at->interrupted) {
        at->done = progress->paths_done;
        at->total = progress->paths_total;
    }
    at->interrupted = 1;
}

static void check_interrupted(const world *w, watch *at) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_engine_options options = {
        .threads = 2, .progress = interrupt, .user = at, .interrupted = &at->interrupted};
    recoup_tally *tally = NULL;
    assert_int_equal(recoup_simulate(w->scenario, w->model, w->view, &options, &tally, &error),
                     RECOUP_EINTERRUPTED);
    assert_null(tally);
    recoup_error_clear(&error);
}

/* Before it begins, and after the first of many batches. */
static void test_interruption(void **state) {
    (void)state;
    for (int e = 0; e < N_ESTIMATORS; e++) {
        world w = make(estimators[e], 0);
        recoup_simulation simulation = recoup_scenario_simulation(w.scenario);
        simulation.paths = 100000000; /* hours */
        recoup_scenario_set_simulation(w.scenario, &simulation);
        watch before = {.interrupted = 1}, during = {0};
        check_interrupted(&w, &before);
        if (estimators[e] != RECOUP_ESTIMATOR_CONDITIONAL) {
            check_interrupted(&w, &during);
            assert_true(during.done > 0 && during.done < during.total / 1000);
        }
        free_world(&w);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_precision_of_paths),
        cmocka_unit_test(test_precision_without_paths),
        cmocka_unit_test(test_interruption),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
