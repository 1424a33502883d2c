/* What is said about malformed models, and where. Each case changes one part of a good file; an @
 * in the new part marks the place that the message must name. */
#include "base/text.h"
#include "model/model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char good[] =
    "recoup: model/1\n"
    "stages: [demo, offer]\n"
    "cohorts: [top, middle]\n"
    "channels: [inbound, outbound]\n"
    "segments: [bank, retail]\n"
    "market: {conversion: 0.3}\n"
    "defaults:\n"
    "  advance: {cohort_logit: {top: 1, middle: 0}}\n"
    "exits:\n"
    "  demo:\n"
    "    advance: {dwell: {family: lognormal, median: 9, sigma: 0.6}}\n"
    "    lost: {dwell: {family: weibull, shape: 0.9, scale: 18}}\n"
    "  offer:\n"
    "    advance: {dwell: {family: exponential, mean: 9}}\n"
    "    back: {to: demo, logit: -1, dwell: {family: exponential, mean: 5}}\n"
    "amount:\n"
    "  new: {family: gamma, shape: 2, scale: 9000}\n"
    "  revision: {sigma: 0.1}\n"
    "mix: {segment: {bank: 0.4, retail: 0.6}}\n"
    "arrivals:\n"
    "  top: {inbound: 0.1, outbound: 0.2}\n"
    "  middle: {inbound: 0.1, outbound: 0.2}\n";

typedef struct change {
    const char *from, *to;
    const char *fragment;
} change;

static const change changes[] = {
    {"recoup: model/1\n", "", "the line 'recoup: model/1' is missing"},
    {"model/1", "@model/2", "'model/2' is not supported; this version reads 'model/1'"},
    {"model/1", "@scenario/1", "a model file is expected here"},
    {"market:", "@markte:", "unknown key 'markte' in the model; did you mean 'market'?"},
    {"market:", "uncertainty: @[draws.h5]\nmarket:", "'uncertainty'"},
    {"stages: [demo, offer]\n", "", "the model needs the key 'stages'"},
    {"[demo, offer]", "@[]", "'stages' is empty; it needs a name"},
    {"[top, middle]", "[top, @top]", "'top' is there twice in 'cohorts'"},
    {"[top, middle]", "[top, @'']", "this name is empty"},
    {"[demo, offer]", "[demo, @won]", "a stage cannot be called 'won'"},
    {"conversion: 0.3", "conversion: @0.3.1", "'conversion' is '0.3.1'; expected a number"},
    {"{top: 1, middle: 0}", "@{top: 1}", "'cohort_logit' leaves out 'middle'"},
    {"{top: 1, middle: 0}", "{top: 1, middle: 0, @midle: 0}",
     "the model has no cohort 'midle'; did you mean 'middle'?"},
    {"{top: 1, middle: 0}", "@3", "'cohort_logit' is a mapping that names every cohort"},
    {"{top: 1, middle: 0}", "{top: 1, middle: @1_}", "expected a number such as"},
    {"  advance: {cohort_logit", "  @advnce: {cohort_logit", "no stage has an exit 'advnce'"},
    {"{cohort_logit: {top: 1, middle: 0}}", "{@se: {logit: 1}}",
     "unknown key 'se' in the defaults of an exit"},
    {"  demo:\n", "  @dmeo:\n", "the model has no stage 'dmeo'; did you mean 'demo'?"},
    {"    lost: {dwell", "    lost: {@logit: 0.5, dwell",
     "'lost' is the exit that the others are measured against"},
    {"    lost: {dwell", "    lost: {@cohort_logit: {top: 1, middle: 1}, dwell",
     "and it has no 'cohort_logit'"},
    {"    lost: {dwell: {family: weibull, shape: 0.9, scale: 18}}",
     "    @lost:", "the exit 'lost' of the stage 'demo' needs 'dwell'"},
    {"    lost: {dwell", "    lost: {to: @offer, dwell", "the target of 'lost' is known"},
    {"    lost: {dwell", "    lost: {@dwel",
     "unknown key 'dwel' in an exit; did you mean 'dwell'?"},
    {"family: weibull", "family: @weibul", "did you mean 'weibull'?"},
    {"family: weibull", "family: @[weibull]",
     "this is not a family; expected one of exponential, weibull,"},
    {"{family: weibull, shape: 0.9, scale: 18}", "@{shape: 0.9, scale: 18}",
     "the key 'family' is missing"},
    {"{family: weibull, shape: 0.9, scale: 18}", "@18", "a family with its parameters is expected"},
    {"shape: 0.9, scale: 18", "@shpae: 0.9, scale: 18",
     "unknown key 'shpae' in the family weibull; did you mean 'shape'?"},
    {"median: 9, sigma: 0.6", "@mean: 9, median: 9, sigma: 0.6",
     "unknown key 'mean' in the family lognormal"},
    {"{family: lognormal, median: 9, sigma: 0.6}", "@{family: lognormal, median: 9}",
     "the family lognormal needs the key 'sigma' (a number above 0)"},
    {"median: 9", "median: @0", "'median' is '0'; expected a number above 0"},
    {"median: 9", "median: @9 days", "'median' is '9 days'; expected a number such as"},
    {"sigma: 0.6", "sigma: @-0.6", "expected a number above 0"},
    {"{dwell: {family: exponential, mean: 9}}",
     "{to: @demo, dwell: {family: exponential, mean: 9}}",
     "the target of 'advance' is known; remove 'to'"},
    {"{family: exponential, mean: 9}}\n    back", "{family: never}}\n    back", /* place: below */
     "'advance' ends a stay in the stage, so its dwell cannot be 'never'"},
    {"to: demo", "to: @dmo", "'to' is 'dmo'; expected another stage or won; did you mean 'demo'?"},
    {"to: demo", "to: @offer", "'to' is 'offer'; expected another stage or won"},
    {"to: demo", "to: @lost", "expected another stage or won"},
    {"    back: {to: demo, logit", "    @back: {logit", "the exit 'back' needs 'to'"},
    {"to: demo, logit: -1, dwell: {family: exponential, mean: 5}",
     "to: @demo, logit: -1, dwell: {family: never}", "leads nowhere; remove 'to'"},
    {"back: {to: demo,", "back: {to: demo, se: @{shape: [0.1]},",
     "has 1 standard errors, but the family exponential has 0 shape parameters"},
    {"back: {to: demo,", "back: {to: demo, se: {logit: @-1},", "a number of 0 or more"},
    {"back: {to: demo,", "back: {to: demo, se: {cohort_logit: @{top: 1, middle: -1}},",
     "the standard error of 'middle' is -1; expected a number of 0 or more"},
    {"back: {to: demo,", "back: {to: demo, se: {cohort_log_dwell: @{top: 1}},",
     "'cohort_log_dwell' leaves out 'middle'"},
    {"scale: 9000}", "@scael: 9000}", "did you mean 'scale'?"},
    {"{family: gamma, shape: 2, scale: 9000}", "@{family: never}",
     "'never' is no distribution of amounts"},
    {"sigma: 0.1", "sigma: @-0.1", "a number of 0 or more"},
    {"sigma: 0.1}", "sigma: 0.1}\n  size_ref: @0", "an amount above 0"},
    {"sigma: 0.1}", "sigma: 0.1}\n  discount: {quantiles: @[0.2]}", "at least two discounts"},
    {"sigma: 0.1}", "sigma: 0.1}\n  discount: {quantiles: @[0.2, 0.1]}", "that never fall"},
    {"sigma: 0.1}", "sigma: 0.1}\n  discount: {quantiles: @[0.2, 1]}", "to below 1"},
    {"sigma: 0.1}", "sigma: 0.1}\n  discount: {quantiles: [@-1, 0.1]}",
     "'-1'; expected a discount"},
    {"{bank: 0.4, retail: 0.6}", "@{bank: 0.4, retail: 0.7}", "sum to 1; these sum to 1.1"},
    {"{bank: 0.4, retail: 0.6}", "@{bank: 1.4, retail: -0.4}", "from 0 to 1"},
    {"{bank: 0.4, retail: 0.6}", "@{bank: 1}", "'segment' leaves out 'retail'"},
    {"mix: {segment", "mix: {@segmnt", "unknown key 'segmnt' in 'mix'"},
    {"segments: [bank, retail]\n", "", "'segment' has no meaning here: the model has no segments"},
    {"  middle: {inbound: 0.1, outbound: 0.2}\n", "", "'arrivals' leaves out 'middle'"},
    {"  middle: {inbound: 0.1, outbound: 0.2}", "  middle: @3",
     "'middle' is a mapping that names every channel"},
    {"  middle: {inbound: 0.1, outbound: 0.2}", "  middle: {inbound: @-1, outbound: 0.2}",
     "a rate of new deals per day is 0 or more"},
    {"  middle: {inbound: 0.1,", "  middle: {inbound: @{dispersion: 1},",
     "an arrival rate needs the key 'rate'"},
    {"  middle: {inbound: 0.1,", "  middle: {inbound: {rate: 1, @dispresion: 1},",
     "did you mean 'dispersion'?"},
    {"  middle: {inbound: 0.1,", "  middle: {@inboud: 0.1,", "did you mean 'inbound'?"},
    {"  new: {family: gamma, shape: 2, scale: 9000}\n", "",
     "new deals arrive, but 'amount' has no 'new'"},
    {"mix: {segment: {bank: 0.4, retail: 0.6}}\n", "", "'mix' has no 'segment'"},
    {"arrivals:", "fit: {stages: {@dem: {entered: 1}}}\narrivals:", "the model has no stage 'dem'"},
    {"arrivals:", "fit: {stages: {demo: {entered: @-1}}}\narrivals:", "a number of 0 or more"},
    {"arrivals:", "fit: {amount_se: @{log_scale: 1, shape: 1}}\narrivals:",
     "'amount_se' needs the key 'log_median'"},
    {"arrivals:", "fit: {amount_se: {log_scale: @-1, shape: 1, log_median: 1}}\narrivals:",
     "a number of 0 or more"},
    {"arrivals:", "fit: {notes: @one}\narrivals:", "'notes' is a list of texts"},
    {"arrivals:", "fit: {arrivals_se: @{top: {inbound: 1, outbound: 1}}}\narrivals:",
     "leaves out 'middle'"},
    {"    advance: {dwell: {family: exponential, mean: 9}}\n    back: {to: demo, logit: -1,",
     "    back: {to: demo, logit: -1,", "can be won: no exits lead from it to won"},
    {"  demo:\n    advance: {dwell: {family: lognormal, median: 9, sigma: 0.6}}\n"
     "    lost: {dwell: {family: weibull, shape: 0.9, scale: 18}}\n",
     "  @demo:\n", "the stage 'demo' needs at least one exit"},
    {"    lost: {dwell", "    @advance: {dwell", "the key 'advance' is there twice"},
    {"    lost: {dwell", "    @\tlost: {dwell", "a tab indents this line"},
};

static void place_of(const char *text, const char *at, int *line, int *column) {
    *line = *column = 1;
    for (const char *p = text; p < at; p++) {
        *column = *p == '\n' ? 1 : *column + 1;
        *line += *p == '\n';
    }
}

/* The good file with the change, and the place of the @, which is taken out; 0:0 without one. */
static char *apply(const change *c, int *line, int *column) {
    const char *from = strstr(good, c->from);
    assert_non_null(from);
    recoup_text text = {0};
    recoup_text_add_bytes(&text, good, (size_t)(from - good));
    recoup_text_add(&text, "%s%s", c->to, from + strlen(c->from));
    assert_false(text.failed);
    char *mark = strchr(text.bytes, '@');
    *line = *column = 0;
    if (mark) {
        place_of(text.bytes, mark, line, column);
        memmove(mark, mark + 1, strlen(mark));
    }
    return text.bytes;
}

static bool says(const recoup_error *error, const char *fragment, int line, int column) {
    for (size_t i = 0; i < error->n_problems; i++) {
        const recoup_problem *p = &error->problems[i];
        if (strstr(p->message, fragment) && p->line > 0 && p->column > 0 &&
            (line == 0 || (p->line == line && p->column == column)))
            return true;
    }
    return false;
}

static void test_good(void **state) {
    (void)state;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_model *model = NULL;
    assert_int_equal(recoup_model_parse("good.yaml", good, strlen(good), &model, &error),
                     RECOUP_OK);
    assert_int_equal(error.n_problems, 0);
    recoup_model_free(model);
}

static void test_malformed(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        recoup_error error = RECOUP_ERROR_INIT;
        recoup_model *model = NULL;
        int line, column;
        char *text = apply(&changes[i], &line, &column);
        recoup_status status = recoup_model_parse("bad.yaml", text, strlen(text), &model, &error);
        if (status != RECOUP_EINVALID || model ||
            !says(&error, changes[i].fragment, line, column)) {
            recoup_error_print(&error, stderr);
            fail_msg("case %zu (%d:%d expected): %s", i, line, column, changes[i].to);
        }
        free(text);
        recoup_error_clear(&error);
    }
}

/* One wrong number does not hide the next. */
static void test_all_are_reported(void **state) {
    (void)state;
    static const char text[] =
        "recoup: model/1\nstages: [a]\ncohorts: [x]\nmarket: {conversion: z}\n"
        "exits:\n  a: {advance: {dwell: {family: gamma, shape: -1}}}\n"
        "amount: {revision: {}}\narrivals: {x: w}\n";
    static const int lines[] = {4, 6, 6, 7, 8};
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_model *model = NULL;
    assert_int_equal(recoup_model_parse("bad.yaml", text, strlen(text), &model, &error),
                     RECOUP_EINVALID);
    assert_int_equal(error.n_errors, 5);
    for (int i = 0; i < 5; i++)
        assert_int_equal(error.problems[i].line, lines[i]);
    recoup_error_clear(&error);
}

/* Every line left out, and every byte replaced by each of a few: refused with a place or read,
 * never a crash, and what is read can be written and read again. */
static void check_any(const char *text, size_t length) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_model *model = NULL, *back = NULL;
    char *written = NULL;
    recoup_status status = recoup_model_parse("any.yaml", text, length, &model, &error);
    assert_true((status == RECOUP_OK) == (model != NULL));
    assert_true((status == RECOUP_OK) == (error.n_errors == 0));
    if (model) {
        assert_int_equal(recoup_model_format(model, &written, &error), RECOUP_OK);
        if (recoup_model_parse("again.yaml", written, strlen(written), &back, &error) !=
            RECOUP_OK) {
            recoup_error_print(&error, stderr);
            fail_msg("%s", written);
        }
    }
    free(written);
    recoup_model_free(back);
    recoup_model_free(model);
    recoup_error_clear(&error);
}

static void test_mutations(void **state) {
    (void)state;
    static const char bytes[] = "\n \"#*:-[}~9x";
    char text[sizeof good];
    for (size_t at = 0; at < sizeof good - 1; at++)
        for (size_t k = 0; k < sizeof bytes - 1; k++) {
            memcpy(text, good, sizeof good);
            text[at] = bytes[k];
            check_any(text, sizeof good - 1);
        }
    for (const char *p = good; *p;) {
        const char *end = strchr(p, '\n') + 1;
        size_t before = (size_t)(p - good), after = strlen(end);
        memcpy(text, good, before);
        memcpy(text + before, end, after);
        check_any(text, before + after);
        p = end;
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_all_are_reported),
        cmocka_unit_test(test_mutations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
