/* A run that asks for an instruction set has all kernels from it: the tables of kernels have no
 * others here (the linker puts those below in the place of the library's; CMakeLists.txt), so that
 * calling another one ends the test. */
#include "random_world.h"
#include "simulate.h"

#include "engine/characteristic_kernels.h"
#include "engine/kernel.h"
#include "program/kernels/tables_kernel.h"

enum { PATHS = 300 };

extern const recoup_kernels __real_recoup_kernels_for[RECOUP_N_ISAS];
extern const recoup_tables_kernels __real_recoup_tables_kernels_for[RECOUP_N_ISAS];
extern const recoup_characteristic_kernels __real_recoup_characteristic_kernels_for[RECOUP_N_ISAS];
recoup_kernels __wrap_recoup_kernels_for[RECOUP_N_ISAS];
recoup_tables_kernels __wrap_recoup_tables_kernels_for[RECOUP_N_ISAS];
recoup_characteristic_kernels __wrap_recoup_characteristic_kernels_for[RECOUP_N_ISAS];

/* Leaves one. */
static void leave(recoup_isa left) {
    for (recoup_isa isa = 0; isa < RECOUP_N_ISAS; isa++) {
        __wrap_recoup_kernels_for[isa] = (recoup_kernels){0};
        __wrap_recoup_tables_kernels_for[isa] = (recoup_tables_kernels){0};
        __wrap_recoup_characteristic_kernels_for[isa] = (recoup_characteristic_kernels){0};
    }
    __wrap_recoup_kernels_for[left] = __real_recoup_kernels_for[left];
    __wrap_recoup_tables_kernels_for[left] = __real_recoup_tables_kernels_for[left];
    __wrap_recoup_characteristic_kernels_for[left] = __real_recoup_characteristic_kernels_for[left];
}

static void run(const world *w, const char *isa) {
    static const recoup_estimator estimators[] = {RECOUP_ESTIMATOR_WALK, RECOUP_ESTIMATOR_SAMPLE,
                                                  RECOUP_ESTIMATOR_CONDITIONAL};
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_engine_options options = {.threads = 1, .isa = isa};
    recoup_simulation simulation = recoup_scenario_simulation(w->scenario);
    simulation.paths = PATHS;
    for (int i = 0; i < 3; i++) {
        recoup_tally *tally = NULL;
        simulation.estimator = estimators[i];
        recoup_scenario_set_simulation(w->scenario, &simulation);
        require_ok(recoup_simulate(w->scenario, w->model, w->view, &options, &tally, &error),
                   &error);
        recoup_tally_free(tally);
    }
    FILE *dump = tmpfile();
    assert_non_null(dump);
    require_ok(recoup_simulate_dump(w->scenario, w->model, w->view, isa, dump, &error), &error);
    fclose(dump);
}

static void test_all_kernels(void **state) {
    (void)state;
    random_book book = {
        .n_deals = 8, .n_plans = 2, .least = 20, .most = 400, .revision_sigma = 0.2};
    world w = make_random_world(8, &book);
    for (recoup_isa isa = 0; isa < RECOUP_N_ISAS; isa = recoup_isa_next(isa)) {
        leave(isa);
        run(&w, recoup_isa_name(isa));
    }
    leave(recoup_isa_find(NULL));
    run(&w, NULL);
    free_world(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_all_kernels)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
