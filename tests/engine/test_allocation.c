/* The loop over paths allocates nothing: calls of the allocator are counted (the linker puts the
 * functions below in the place of malloc and its kin; CMakeLists.txt). */
#include "random_world.h"
#include "simulate.h"

#include "engine/chunks.h"

enum { CHUNKS = 5, PATHS = (CHUNKS - 1) * RECOUP_CHUNK_PATHS + 100 };
static bool is_counting;
static int n_allocations;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
int __real_posix_memalign(void **memory, size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
int __wrap_posix_memalign(void **memory, size_t alignment, size_t size);

void *__wrap_malloc(size_t size) {
    n_allocations += is_counting;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size) {
    n_allocations += is_counting;
    return __real_calloc(n, size);
}

void *__wrap_realloc(void *old, size_t size) {
    n_allocations += is_counting;
    return __real_realloc(old, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size) {
    n_allocations += is_counting;
    return __real_aligned_alloc(alignment, size);
}

int __wrap_posix_memalign(void **memory, size_t alignment, size_t size) {
    n_allocations += is_counting;
    return __real_posix_memalign(memory, alignment, size);
}

/* Allocations while some chunks are simulated, the last of them not a full one. */
static int count(recoup_worker *worker, const recoup_compiled *compiled,
                 const recoup_kernels *kernels, recoup_estimator estimator, recoup_sums *sums) {
    n_allocations = 0;
    is_counting = true;
    for (int64_t i = 0; i < CHUNKS; i++) {
        recoup_chunk_task task = {.compiled = compiled,
                                  .kernels = kernels,
                                  .estimator = estimator,
                                  .seed = 7,
                                  .index = i};
        assert_int_equal(recoup_worker_simulate(worker, &task, sums), RECOUP_OK);
    }
    is_counting = false;
    return n_allocations;
}

/* The first time the scratch is made and sketches grow; the same chunks again need nothing. */
static void check_estimator(const world *w, const recoup_tally *tally, recoup_estimator estimator) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_simulation simulation = recoup_scenario_simulation(w->scenario);
    simulation.estimator = estimator;
    recoup_scenario_set_simulation(w->scenario, &simulation);
    recoup_draw_source source = {.scenario = w->scenario, .model = w->model, .view = w->view};
    recoup_compiled compiled = {.index = -1};
    recoup_arena arena = {0};
    recoup_sums *sums = recoup_sums_new(&arena, &tally->shape, 1);
    assert_non_null(sums);
    require_ok(recoup_compiled_set(&compiled, &source, 0, &error), &error);
    for (recoup_isa isa = 0; isa < RECOUP_N_ISAS; isa = recoup_isa_next(isa)) {
        const recoup_kernels *k = &recoup_kernels_for[isa];
        recoup_worker worker;
        require_ok(recoup_worker_init(&worker, tally, &error), &error);
        assert_true(count(&worker, &compiled, k, estimator, sums) > 0);
        assert_int_equal(count(&worker, &compiled, k, estimator, sums), 0);
        recoup_worker_clear(&worker);
    }
    recoup_compiled_clear(&compiled);
    recoup_arena_clear(&arena);
}

static void test_no_allocation(void **state) {
    (void)state;
    for (int number = 0; number < 4; number++) {
        random_book book = {.n_deals = 40,
                            .n_plans = 3,
                            .least = 20,
                            .most = 400,
                            .has_whale = number % 2,
                            .revision_sigma = 0.2};
        world w = make_random_world(number, &book);
        recoup_simulation simulation = recoup_scenario_simulation(w.scenario);
        simulation.estimator = RECOUP_ESTIMATOR_WALK;
        recoup_scenario_set_simulation(w.scenario, &simulation);
        recoup_tally *tally = simulate(&w, PATHS, 1); /* its shape is wanted */
        check_estimator(&w, tally, RECOUP_ESTIMATOR_WALK);
        check_estimator(&w, tally, RECOUP_ESTIMATOR_SAMPLE);
        recoup_tally_free(tally);
        free_world(&w);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_no_allocation)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
