/* Draws of a model: names, what a draw changes, the file beside model.yaml and its damages. */
#include "base/file.h"
#include "hdf5/hdf5.h"
#include "model/draws.h"
#include "model/parameters.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char text[] =
    "recoup: model/1\n"
    "stages: [demo, of.fer]\n"
    "cohorts: [top, rest]\n"
    "market: {conversion: 0.2}\n"
    "exits:\n"
    "  demo:\n"
    "    advance: {logit: 0.5, cohort_logit: {top: 0.3, rest: -0.1},\n"
    "              dwell: {family: lognormal, median: 9, sigma: 0.6}}\n"
    "    lost: {dwell: {family: weibull, shape: 0.9, scale: 18}}\n"
    "  of.fer:\n"
    "    advance: {logit: 1, dwell: {family: gengamma, mu: 2, sigma: 0.5, q: -0.3}}\n"
    "    lost: {dwell: {family: exponential, mean: 20}}\n"
    "    stale: {logit: -2, dwell: {family: never}}\n"
    "amount: {new: {family: lognormal, median: 9000, sigma: 0.7}}\n"
    "arrivals: {top: 0.5, rest: 0}\n";

static char folder[] = "/tmp/recoup-draws-XXXXXX";
static char model_path[64], draws_path[64];

static void require_ok(recoup_status status, recoup_error *error) {
    if (status != RECOUP_OK)
        recoup_error_print(error, stderr);
    assert_int_equal(status, RECOUP_OK);
    recoup_error_clear(error);
}

static recoup_model *parse(void) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_model *model;
    require_ok(recoup_model_parse("m.yaml", text, strlen(text), &model, &error), &error);
    return model;
}

/* Three draws of two parameters: a logit and an arrival rate. */
static recoup_model *with_draws(void) {
    static const double values[6] = {0.4, log(.25), 0.7, log(.5), 0.5, log(2)};
    recoup_model *model = parse();
    recoup_draws *draws = model->draws = recoup_draws_new(model, 3, 2);
    assert_non_null(draws);
    draws->name[0] = recoup_arena_text(&model->arena, "exits.demo.advance.logit", 24);
    draws->name[1] = recoup_arena_text(&model->arena, "arrivals.top.log_rate", 21);
    draws->mode[0] = .5;
    draws->mode[1] = log(.5);
    memcpy(draws->value, values, sizeof values);
    return model;
}

static void test_names(void **state) {
    (void)state;
    static const char *const expected[] = {
        "market.conversion.log_loading",
        "exits.demo.advance.logit",
        "exits.demo.advance.cohort_logit.top",
        "exits.demo.advance.cohort_logit.rest",
        "exits.demo.advance.size_logit",
        "exits.demo.advance.discount_logit",
        "exits.demo.advance.dwell.lognormal.log_median",
        "exits.demo.advance.dwell.lognormal.log_sigma",
        "exits.demo.lost.dwell.weibull.log_scale",
        "exits.demo.lost.dwell.weibull.log_shape",
        "exits.of\\.fer.advance.logit",
        "exits.of\\.fer.advance.size_logit",
        "exits.of\\.fer.advance.discount_logit",
        "exits.of\\.fer.advance.dwell.gengamma.mu",
        "exits.of\\.fer.advance.dwell.gengamma.log_sigma",
        "exits.of\\.fer.advance.dwell.gengamma.q",
        "exits.of\\.fer.lost.dwell.exponential.log_mean",
        "exits.of\\.fer.stale.logit",
        "exits.of\\.fer.stale.size_logit",
        "exits.of\\.fer.stale.discount_logit",
        "amount.new.lognormal.log_median",
        "amount.new.lognormal.log_sigma",
        "arrivals.top.log_rate", /* rest: no rate, no logarithm */
    };
    recoup_model *model = parse();
    recoup_parameters list;
    assert_true(recoup_parameters_list(model, &list));
    assert_int_equal(list.names.n, sizeof expected / sizeof *expected);
    for (int i = 0; i < list.names.n; i++)
        assert_string_equal(list.names.name[i], expected[i]);
    assert_true(recoup_parameters_get(&list, 6) == log(9));
    assert_true(recoup_parameters_get(&list, 7) == log(.6));
    assert_true(recoup_parameters_get(&list, 15) == -.3);
    recoup_parameters_clear(&list);
    recoup_model_free(model);
}

static void test_draw(void **state) {
    (void)state;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_model *model = with_draws(), *drawn;
    require_ok(recoup_model_draw(model, 0, &drawn, &error), &error);
    /* exp and log each err by an ulp or two */
    assert_true(fabs(drawn->stage[0].exit[0].logit - .4) < 1e-15);
    assert_true(fabs(drawn->arrivals[0] - .25) < 1e-15);
    /* nothing else moved, and nothing of the model did */
    assert_true(drawn->arrivals[1] == 0 && drawn->stage[1].exit[0].logit == 1);
    assert_true(drawn->stage[0].exit[0].cohort_logit[0] == .3);
    assert_true(model->stage[0].exit[0].logit == .5 && model->arrivals[0] == .5);
    recoup_model_free(drawn);
    /* A number that was edited after the fit is uncertain around what was written. */
    model->stage[0].exit[0].logit = 2;
    require_ok(recoup_model_draw(model, 1, &drawn, &error), &error);
    assert_true(fabs(drawn->stage[0].exit[0].logit - 2.2) < 1e-15);
    recoup_model_free(drawn);
    assert_int_equal(recoup_model_draw(model, 3, &drawn, &error), RECOUP_EUSAGE);
    assert_null(drawn);
    recoup_error_clear(&error);
    recoup_model_free(model);
}

static char *read_bytes(const char *path, size_t *length) {
    recoup_error error = RECOUP_ERROR_INIT;
    char *bytes;
    require_ok(recoup_file_read(path, &bytes, length, &error), &error);
    return bytes;
}

static void put(const char *path, const char *bytes, size_t length) {
    recoup_error error = RECOUP_ERROR_INIT;
    require_ok(recoup_file_write(path, bytes, length, &error), &error);
}

static void test_file(void **state) {
    (void)state;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_model *model = with_draws(), *back;
    size_t length[2];
    char *bytes[2];
    for (int i = 0; i < 2; i++) {
        require_ok(recoup_model_save(model, model_path, &error), &error);
        bytes[i] = read_bytes(draws_path, &length[i]);
    }
    assert_int_equal(length[0], length[1]);
    assert_memory_equal(bytes[0], bytes[1], length[0]);
    free(bytes[0]);
    free(bytes[1]);
    require_ok(recoup_model_load(model_path, &back, &error), &error);
    assert_string_equal(back->uncertainty, "m1.h5");
    assert_int_equal(back->draws->n_draws, 3);
    assert_int_equal(back->draws->n_parameters, 2);
    for (int i = 0; i < 2; i++)
        assert_string_equal(back->draws->name[i], model->draws->name[i]);
    assert_memory_equal(back->draws->mode, model->draws->mode, 2 * sizeof(double));
    assert_memory_equal(back->draws->value, model->draws->value, 6 * sizeof(double));
    recoup_model_free(back);
    recoup_model_free(model);
}

/* Loads the model beside a spoilt file of draws; the message must hold the fragment. */
static void expect_refusal(const char *fragment) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_model *model = NULL;
    assert_int_equal(recoup_model_load(model_path, &model, &error), RECOUP_EINVALID);
    assert_null(model);
    bool found = false;
    for (size_t i = 0; i < error.n_problems; i++)
        found |= strstr(error.problems[i].message, fragment) != NULL;
    if (!found) {
        recoup_error_print(&error, stderr);
        fail_msg("no message with: %s", fragment);
    }
    recoup_error_clear(&error);
}

static void test_damages(void **state) {
    (void)state;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_model *model = with_draws();
    require_ok(recoup_model_save(model, model_path, &error), &error);
    size_t length;
    char *bytes = read_bytes(draws_path, &length);
    bytes[length / 2] ^= 1;
    put(draws_path, bytes, length);
    expect_refusal("its checksum does not fit");
    bytes[length / 2] ^= 1;
    put(draws_path, bytes, length / 2);
    expect_refusal("damaged or cut short");
    put(draws_path, "draw,parameter\n", 15);
    expect_refusal("this is not the uncertainty of a model");
    unlink(draws_path);
    expect_refusal("which is not there");
    free(bytes);
    model->draws->value[3] = NAN;
    assert_int_equal(recoup_draws_write(model->draws, draws_path, &error), RECOUP_EIO);
    recoup_error_clear(&error);
    model->draws->value[3] = 0;
    model->draws->name[0] = recoup_arena_text(&model->arena, "exits.trial.advance.logit", 25);
    require_ok(recoup_draws_write(model->draws, draws_path, &error), &error);
    expect_refusal("the model has no such parameter");
    recoup_model_free(model);
}

/* An HDF5 file with other contents. */
static void put_other(const char *filetype, int version, const char *dataset) {
    recoup_error error = RECOUP_ERROR_INIT;
    const int versions[2] = {version, 0};
    const double values[2] = {1, 2};
    hsize_t size = 2;
    char *image;
    size_t length;
    hid_t file = recoup_hdf5_create();
    assert_true(recoup_hdf5_write_text(file, "filetype", filetype));
    assert_true(recoup_hdf5_write_numbers(file, "format_version", H5T_NATIVE_INT, versions, 2));
    hid_t space = H5Screate_simple(1, &size, NULL);
    hid_t made =
        H5Dcreate2(file, dataset, H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Dwrite(made, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Sclose(space);
    require_ok(recoup_hdf5_image(file, draws_path, "a file", &image, &length, &error), &error);
    H5Fclose(file);
    put(draws_path, image, length);
    free(image);
}

static void test_other_contents(void **state) {
    (void)state;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_model *model = with_draws();
    require_ok(recoup_model_save(model, model_path, &error), &error);
    put_other("recoup results", 1, "value");
    expect_refusal("does not hold the uncertainty of a model");
    put_other("recoup uncertainty", 2, "value");
    expect_refusal("reads version 1");
    put_other("recoup uncertainty", 1, "value");
    expect_refusal("the names of the parameters are missing");
    put_other("recoup uncertainty", 1, "parameter"); /* numbers where names should be */
    expect_refusal("the names of the parameters are missing");
    recoup_model_free(model);
}

static int set_up(void **state) {
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(model_path, sizeof model_path, "%s/m1.yaml", folder);
    snprintf(draws_path, sizeof draws_path, "%s/m1.h5", folder);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    unlink(model_path);
    unlink(draws_path);
    return rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),          cmocka_unit_test(test_draw),
        cmocka_unit_test(test_file),           cmocka_unit_test(test_damages),
        cmocka_unit_test(test_other_contents),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
