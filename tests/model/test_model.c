/* model.yaml: read, written, read again. */
#include "base/text.h"
#include "model/model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static recoup_model *parse(const char *text) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_model *model = NULL;
    if (recoup_model_parse("test.yaml", text, strlen(text), &model, &error) != RECOUP_OK) {
        recoup_error_print(&error, stderr);
        fail_msg("not read:\n%s", text);
    }
    assert_int_equal(error.n_problems, 0);
    return model;
}

static char *format(const recoup_model *model) {
    recoup_error error = RECOUP_ERROR_INIT;
    char *text = NULL;
    assert_int_equal(recoup_model_format(model, &text, &error), RECOUP_OK);
    return text;
}

static const recoup_exit *find_exit(const recoup_model *model, const char *stage,
                                    const char *exit) {
    const recoup_stage *found = &model->stage[recoup_model_find_stage(model, stage)];
    return &found->exit[recoup_stage_find_exit(found, exit)];
}

/* --- the reference model ------------------------------------------------------------------- */

/* Values as they stand in bench/w1/model.yaml. */
static void test_reference_model(void **state) {
    (void)state;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_model *m = NULL;
    assert_int_equal(recoup_model_load(SOURCE_DIR "/bench/w1/model.yaml", &m, &error), RECOUP_OK);
    assert_int_equal(error.n_problems, 0);
    assert_string_equal(m->currency, "USD");
    assert_int_equal(m->n_stages, 5);
    assert_int_equal(m->cohorts.n, 4);
    assert_int_equal(recoup_model_n_channels(m), 3);
    assert_int_equal(m->segments.n, 0);
    assert_null(m->segment_mix);
    assert_true(m->market_conversion == 0.25 && m->market_arrivals == 0.10);
    static const double logit[] = {-0.85, 0.05, 0.25, 0.10, 0.85};
    static const double median[] = {9, 11, 8, 10, 9}, scale[] = {18, 22, 20, 25, 30};
    for (int s = 0; s < 5; s++) {
        const recoup_stage *stage = &m->stage[s];
        assert_int_equal(stage->n_exits, 2);
        const recoup_exit *advance = &stage->exit[0], *lost = &stage->exit[1];
        assert_string_equal(advance->name, "advance");
        assert_int_equal(advance->target, s < 4 ? s + 1 : RECOUP_EXIT_WON);
        assert_true(advance->logit == logit[s]);
        assert_int_equal(advance->dwell.family, RECOUP_LOGNORMAL);
        assert_true(advance->dwell.mu == log(median[s]) && advance->dwell.shape[0] == 0.6);
        assert_true(advance->cohort_logit[0] == 0.60 && advance->cohort_logit[3] == -0.55);
        assert_true(advance->channel_logit[1] == 0.30);
        assert_true(advance->cohort_log_dwell[2] == 0.10);
        assert_null(advance->segment_logit);
        assert_int_equal(lost->target, RECOUP_EXIT_LOST);
        assert_true(lost->logit == 0);
        assert_int_equal(lost->dwell.family, RECOUP_WEIBULL);
        assert_true(lost->dwell.mu == log(scale[s]) && lost->dwell.shape[0] == 0.9);
        assert_null(lost->cohort_logit);
        assert_null(lost->cohort_log_dwell);
        assert_true(isnan(lost->fit.mu_se) && lost->fit.n_events == 0);
    }
    assert_true(m->has_new_amount && m->new_amount.mu == log(42000));
    assert_true(m->revision_sigma == 0.15 && m->size_ref == 1 && m->n_discount == 0);
    double sum = 0;
    for (int i = 0; i < 12; i++)
        sum += m->arrivals[i];
    assert_true(fabs(sum - 1.6) < 1e-15 * 12); /* "1.6 a day in all"; rounding of 12 terms */
    assert_true(m->arrivals[1 * 3 + 2] == 0.112);
    assert_null(m->arrivals_dispersion);
    recoup_model_free(m);
}

/* --- everything a model can say ------------------------------------------------------------ */

static const char full[] =
    "recoup: model/1\n"
    "currency: EUR\n"
    "stages: [first, \"second: b\", third]\n"
    "cohorts: [old, \"1\"]\n"
    "channels: [in, out]\n"
    "segments: [bank, retail, other]\n"
    "market: {conversion: 0.3, arrivals: -0.1, quarter_end: {last_days: 21, logit: 0.7}}\n"
    "defaults:\n"
    "  advance: {cohort_logit: {old: 0.5, \"1\": -0.5}, size_logit: -0.2,\n"
    "            dwell: {family: gamma, shape: 2, scale: 7.3}}\n"
    "  lost: {dwell: {family: exponential, mean: 12.7}}\n"
    "exits:\n"
    "  first:\n"
    "    skip: {to: third, logit: -3, dwell: {family: loglogistic, shape: 3, scale: 4}}\n"
    "    lost:\n"
    "    advance: {logit: 25%, size_logit: 0, events: 120, se: {logit: 0.1, log_scale: 0.05,\n"
    "              shape: [0.02]}}\n"
    "  \"second: b\":\n"
    "    advance:\n"
    "      logit: 0.1\n"
    "      cohort_logit: {\"1\": 1, old: 2}\n"
    "      channel_logit: {in: 0.1, out: -0.1}\n"
    "      segment_logit: {bank: 1, retail: 2, other: 3}\n"
    "      discount_logit: -4\n"
    "      dwell: {family: gengamma, mu: 2.1, sigma: 0.7, q: -0.4}\n"
    "      cohort_log_dwell: {old: 0.1, \"1\": 0.2}\n"
    "      events: 44\n"
    "      fit: {distance: 0.056, days: 30.5, bound: 0.01}\n"
    "      se: {log_scale: 0.21, shape: [0.3, 0.4], log_median: 0.17,\n"
    "           cohort_logit: {\"1\": 0.25, old: 0}, cohort_log_dwell: {old: 0.125, \"1\": 0.5}}\n"
    "    lost: {dwell: {family: weibull, shape: 0.8, scale: 1.9}}\n"
    "    stale: {logit: -2, dwell: {family: never}}\n"
    "    back: {to: first, dwell: {family: lognormal, median: 3.3, sigma: 1.1}}\n"
    "  third: # no exit 'lost'\n"
    "    direct: {to: won, logit: 1, dwell: {family: exponential, mean: 0.4}}\n"
    "amount:\n"
    "  size_ref: 20000\n"
    "  new: {family: weibull, shape: 1.3, scale: 31_000}\n"
    "  revision: {sigma: 0.2}\n"
    "  discount: {quantiles: [0, 0.05, 10%, 0.4]}\n"
    "mix: {segment: {other: 0.5, bank: 0.2, retail: 0.3}}\n"
    "arrivals:\n"
    "  old: {in: 0.3, out: {rate: 0.2, dispersion: 0.5}}\n"
    "  \"1\": {in: {rate: 0.1}, out: 0}\n"
    "fit:\n"
    "  stages: {first: {entered: 300, open: 17}, third: {entered: 60}}\n"
    "  amount_se: {log_scale: 0.03, shape: 0.02, log_median: 0.04}\n"
    "  arrivals_se: {old: {in: 0.01, out: ~}, \"1\": {in: 0.02, out: 0.03}}\n"
    "  notes: [\"few losses: shapes pooled\", \"few losses: shapes pooled\"]\n";

static void test_every_key(void **state) {
    (void)state;
    recoup_model *m = parse(full);
    const recoup_stage *first = &m->stage[0];
    assert_int_equal(first->n_exits, 3);
    assert_string_equal(first->exit[0].name, "advance"); /* first, wherever it was written */
    assert_string_equal(first->exit[1].name, "lost");
    assert_string_equal(first->exit[2].name, "skip");
    const recoup_exit *advance = &first->exit[0];
    assert_true(advance->logit == 0.25 && advance->size_logit == 0); /* own 0 replaces -0.2 */
    assert_true(advance->cohort_logit[0] == 0.5 && advance->cohort_logit[1] == -0.5);
    assert_true(advance->dwell.family == RECOUP_GAMMA && advance->dwell.mu == log(7.3));
    assert_true(advance->fit.n_events == 120 && advance->fit.logit_se == 0.1);
    assert_true(advance->fit.shape_se[0] == 0.02 && isnan(advance->fit.shape_se[1]));
    assert_true(first->exit[1].dwell.family == RECOUP_EXPONENTIAL); /* `lost:` alone */
    assert_int_equal(first->exit[2].target, 2);
    assert_true(first->n_entered == 300 && first->n_open == 17);
    const recoup_exit *second = find_exit(m, "second: b", "advance");
    assert_true(second->cohort_logit[0] == 2 && second->cohort_logit[1] == 1); /* replaced */
    assert_true(second->size_logit == -0.2 && second->discount_logit == -4);
    assert_true(second->fit.gof_distance == 0.056 && second->fit.gof_days == 30.5);
    assert_true(second->fit.gof_bound == 0.01 && isnan(advance->fit.gof_distance));
    assert_true(second->dwell.mu == 2.1 && second->dwell.shape[0] == 0.7 &&
                second->dwell.shape[1] == -0.4);
    assert_true(second->segment_logit[2] == 3 && second->cohort_log_dwell[1] == 0.2);
    assert_int_equal(find_exit(m, "second: b", "stale")->target, RECOUP_EXIT_NEVER);
    assert_int_equal(find_exit(m, "second: b", "back")->target, 0);
    assert_true(find_exit(m, "second: b", "back")->logit == 0);
    assert_int_equal(find_exit(m, "third", "direct")->target, RECOUP_EXIT_WON);
    assert_int_equal(recoup_stage_find_exit(&m->stage[2], "lost"), -1);
    assert_int_equal(recoup_model_find_stage(m, "fourth"), -1);
    assert_true(m->size_ref == 20000 && m->new_amount.mu == log(31000));
    assert_int_equal(m->n_discount, 4);
    assert_true(m->discount_quantile[2] == 0.1);
    assert_true(m->segment_mix[0] == 0.2 && m->segment_mix[2] == 0.5);
    assert_true(m->arrivals[1] == 0.2 && m->arrivals[2] == 0.1 && m->arrivals[3] == 0);
    assert_true(m->arrivals_dispersion[0] == 0 && m->arrivals_dispersion[1] == 0.5);
    assert_true(isnan(m->arrivals_se[1]) && m->arrivals_se[3] == 0.03);
    assert_true(m->new_amount_se.log_scale == 0.03 && m->new_amount_se.shape == 0.02);
    assert_true(m->new_amount_se.log_median == 0.04);
    assert_int_equal(m->n_fit_notes, 2);
    recoup_model_free(m);
}

static void test_no_channels(void **state) {
    (void)state;
    recoup_model *m = parse("recoup: model/1\nstages: [a]\ncohorts: [x, y]\n"
                            "exits: {a: {advance: {dwell: {family: exponential, mean: 3}}}}\n"
                            "amount: {new: {family: gamma, shape: 2, scale: 5000}}\n"
                            "arrivals: {y: {rate: 2, dispersion: 1}, x: 1}\n");
    assert_int_equal(recoup_model_n_channels(m), 1);
    assert_true(m->arrivals[0] == 1 && m->arrivals[1] == 2);
    assert_true(m->arrivals_dispersion[0] == 0 && m->arrivals_dispersion[1] == 1);
    assert_int_equal(m->stage[0].exit[0].target, RECOUP_EXIT_WON);
    assert_string_equal(m->currency, "");
    recoup_model_free(m);
    m = parse("recoup: model/1\nstages: a\ncohorts: x\nsegments: [s, t]\n"
              "exits: {a: {advance: {dwell: {family: exponential, mean: 3}}}}\n");
    assert_false(m->has_new_amount);
    assert_true(isnan(m->new_amount_se.log_scale)); /* not estimated */
    assert_true(m->arrivals[0] == 0);               /* no new deals */
    assert_true(m->segment_mix[0] == 0.5 && m->segment_mix[1] == 0.5);
    recoup_model_free(m);
}

/* Shares that sum to 1 only nearly are scaled to do so. */
static void test_mix_is_normalised(void **state) {
    (void)state;
    recoup_model *m = parse("recoup: model/1\nstages: a\ncohorts: x\nsegments: [s, t, u]\n"
                            "exits: {a: {advance: {dwell: {family: exponential, mean: 3}}}}\n"
                            "mix: {segment: {s: 0.3333333, t: 0.3333333, u: 0.3333333}}\n");
    double sum = m->segment_mix[0] + m->segment_mix[1] + m->segment_mix[2];
    assert_true(fabs(sum - 1) <= 3 * 2.3e-16); /* an ulp each */
    recoup_model_free(m);
}

/* --- round trip ---------------------------------------------------------------------------- */

static void same_array(const double *a, const double *b, int n) {
    assert_true((a == NULL) == (b == NULL));
    if (a)
        assert_memory_equal(a, b, (size_t)n * sizeof *a);
}

static void same_number(double a, double b) {
    assert_true(isnan(a) ? isnan(b) : memcmp(&a, &b, sizeof a) == 0);
}

static void same_names(const recoup_names *a, const recoup_names *b) {
    assert_int_equal(a->n, b->n);
    for (int i = 0; i < a->n; i++)
        assert_string_equal(a->name[i], b->name[i]);
}

static void same_dist(const recoup_dist *a, const recoup_dist *b) {
    assert_int_equal(a->family, b->family);
    same_number(a->mu, b->mu);
    same_number(a->shape[0], b->shape[0]);
    same_number(a->shape[1], b->shape[1]);
}

static void same_exit(const recoup_model *m, const recoup_exit *a, const recoup_exit *b) {
    assert_string_equal(a->name, b->name);
    assert_int_equal(a->target, b->target);
    same_number(a->logit, b->logit);
    same_array(a->cohort_logit, b->cohort_logit, m->cohorts.n);
    same_array(a->channel_logit, b->channel_logit, m->channels.n);
    same_array(a->segment_logit, b->segment_logit, m->segments.n);
    same_number(a->size_logit, b->size_logit);
    same_number(a->discount_logit, b->discount_logit);
    same_dist(&a->dwell, &b->dwell);
    same_array(a->cohort_log_dwell, b->cohort_log_dwell, m->cohorts.n);
    same_number(a->fit.logit_se, b->fit.logit_se);
    same_number(a->fit.mu_se, b->fit.mu_se);
    same_number(a->fit.shape_se[0], b->fit.shape_se[0]);
    same_number(a->fit.shape_se[1], b->fit.shape_se[1]);
    same_number(a->fit.log_median_se, b->fit.log_median_se);
    same_array(a->cohort_logit_se, b->cohort_logit_se, m->cohorts.n);
    same_array(a->cohort_mu_se, b->cohort_mu_se, m->cohorts.n);
    same_number(a->fit.n_events, b->fit.n_events);
    same_number(a->fit.gof_distance, b->fit.gof_distance);
    same_number(a->fit.gof_days, b->fit.gof_days);
    same_number(a->fit.gof_bound, b->fit.gof_bound);
}

static void same_model(const recoup_model *a, const recoup_model *b) {
    int n_cells = a->cohorts.n * recoup_model_n_channels(a);
    assert_string_equal(a->currency, b->currency);
    same_names(&a->cohorts, &b->cohorts);
    same_names(&a->channels, &b->channels);
    same_names(&a->segments, &b->segments);
    assert_int_equal(a->n_stages, b->n_stages);
    for (int s = 0; s < a->n_stages; s++) {
        assert_string_equal(a->stage[s].name, b->stage[s].name);
        same_number(a->stage[s].n_entered, b->stage[s].n_entered);
        same_number(a->stage[s].n_open, b->stage[s].n_open);
        assert_int_equal(a->stage[s].n_exits, b->stage[s].n_exits);
        for (int e = 0; e < a->stage[s].n_exits; e++)
            same_exit(a, &a->stage[s].exit[e], &b->stage[s].exit[e]);
    }
    same_number(a->market_conversion, b->market_conversion);
    same_number(a->market_arrivals, b->market_arrivals);
    same_number(a->quarter_end_days, b->quarter_end_days);
    same_number(a->quarter_end_logit, b->quarter_end_logit);
    same_number(a->size_ref, b->size_ref);
    assert_int_equal(a->has_new_amount, b->has_new_amount);
    if (a->has_new_amount)
        same_dist(&a->new_amount, &b->new_amount);
    same_number(a->new_amount_se.log_scale, b->new_amount_se.log_scale);
    same_number(a->new_amount_se.shape, b->new_amount_se.shape);
    same_number(a->new_amount_se.log_median, b->new_amount_se.log_median);
    same_number(a->revision_sigma, b->revision_sigma);
    assert_int_equal(a->n_discount, b->n_discount);
    same_array(a->discount_quantile, b->discount_quantile, a->n_discount);
    same_array(a->segment_mix, b->segment_mix, a->segments.n);
    same_array(a->arrivals, b->arrivals, n_cells);
    same_array(a->arrivals_dispersion, b->arrivals_dispersion, n_cells);
    assert_true((a->arrivals_se == NULL) == (b->arrivals_se == NULL));
    for (int i = 0; a->arrivals_se && i < n_cells; i++)
        same_number(a->arrivals_se[i], b->arrivals_se[i]);
    assert_int_equal(a->n_fit_notes, b->n_fit_notes);
    for (int i = 0; i < a->n_fit_notes; i++)
        assert_string_equal(a->fit_note[i], b->fit_note[i]);
}

static void check_round_trip(const recoup_model *m) {
    char *text = format(m);
    recoup_model *back = parse(text);
    char *again = format(back);
    same_model(m, back);
    assert_string_equal(text, again);
    free(text);
    free(again);
    recoup_model_free(back);
}

static void test_round_trip(void **state) {
    (void)state;
    recoup_model *m = parse(full);
    check_round_trip(m);
    recoup_model_free(m);
    recoup_error error = RECOUP_ERROR_INIT;
    assert_int_equal(recoup_model_load(SOURCE_DIR "/bench/w1/model.yaml", &m, &error), RECOUP_OK);
    check_round_trip(m);
    char *text = format(m); /* as a person would write it: terms in common are defaults */
    assert_non_null(strstr(text, "\ndefaults:\n  advance:\n    cohort_logit: {top: 0.6, "));
    assert_non_null(
        strstr(text, "    advance: {logit: 0.05, dwell: {family: lognormal, median: 11, sigma: "
                     "0.6}}\n"));
    assert_non_null(strstr(text, "    lost: {dwell: {family: weibull, shape: 0.9, scale: 30}}\n"));
    free(text);
    recoup_model_free(m);
}

static double next_uniform(uint64_t *x) {
    *x = *x * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX generator */
    return (double)(*x >> 11) * 0x1p-53;
}

/* Numbers as a fit makes them, with all their digits. The logarithm of a scale of 4 or more has
 * coarser doubles than the scale: one of these always reads back to it. Below, the file is what it
 * reads back to. */
static void test_round_trip_of_any_scale(void **state) {
    (void)state;
    recoup_model *m = parse(full);
    recoup_dist *dwell = &m->stage[0].exit[0].dwell;
    uint64_t x = 3;
    for (int i = 0; i < 400; i++) {
        dwell->mu = log(4) + 8 * next_uniform(&x);
        dwell->shape[0] = 3 * next_uniform(&x) + 1e-3;
        m->stage[0].exit[0].logit = 4 * next_uniform(&x) - 2;
        m->arrivals[0] = next_uniform(&x);
        check_round_trip(m);
    }
    for (int i = 0; i < 400; i++) {
        dwell->mu = 4 * next_uniform(&x) - 3;
        char *text = format(m);
        recoup_model *back = parse(text);
        char *again = format(back);
        assert_string_equal(text, again);
        /* exp and log err by an ulp of 20 at most: 20 days are log 3 */
        assert_true(fabs(back->stage[0].exit[0].dwell.mu - dwell->mu) < 1e-15);
        free(text);
        free(again);
        recoup_model_free(back);
    }
    recoup_model_free(m);
}

/* Standard errors are written with six digits, as a fit rounds them. */
static void test_errors_are_short(void **state) {
    (void)state;
    recoup_model *m = parse(full);
    m->stage[0].exit[0].fit.logit_se = 0.123456789;
    m->stage[0].exit[0].fit.n_events = 1234;
    char *text = format(m);
    assert_non_null(strstr(text, "events: 1234"));
    assert_non_null(strstr(text, "se: {logit: 0.123457, log_scale: 0.05, shape: [0.02]}"));
    free(text);
    recoup_model_free(m);
}

static void test_save(void **state) {
    (void)state;
    char folder[] = "/tmp/recoup-test-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/model.yaml", folder);
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_model *m = parse(full), *back = NULL;
    assert_int_equal(recoup_model_save(m, path, &error), RECOUP_OK);
    assert_int_equal(recoup_model_load(path, &back, &error), RECOUP_OK);
    same_model(m, back);
    recoup_model_free(back);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
    assert_int_equal(recoup_model_save(m, path, &error), RECOUP_EIO); /* no such folder */
    assert_int_equal(recoup_model_load(path, &back, &error), RECOUP_EINVALID);
    assert_null(back);
    recoup_error_clear(&error);
    recoup_model_free(m);
    recoup_model_free(NULL);
}

static void test_new_model(void **state) {
    (void)state;
    recoup_model *m = recoup_model_new();
    assert_non_null(m);
    assert_true(m->size_ref == 1);
    assert_string_equal(m->currency, "");
    assert_int_equal(recoup_model_n_channels(m), 1);
    assert_int_equal(recoup_model_find_stage(m, "a"), -1);
    recoup_model_free(m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reference_model),  cmocka_unit_test(test_every_key),
        cmocka_unit_test(test_no_channels),      cmocka_unit_test(test_mix_is_normalised),
        cmocka_unit_test(test_round_trip),       cmocka_unit_test(test_round_trip_of_any_scale),
        cmocka_unit_test(test_errors_are_short), cmocka_unit_test(test_save),
        cmocka_unit_test(test_new_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
