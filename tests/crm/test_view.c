/* What a view holds: visits, the rules of the as-of date one by one, cohorts. */
#include "crm_files.h"

#include <math.h>

static const char *const stages[] = {"lead", "demo", "offer"};

/* One deal's row and history, and what is known of it at an as-of date. Days: 1 is 2026-01-01,
 * the visits count from there as day 0. */
typedef struct as_of_case {
    const char *row;     /* stage,stage_entered,closed,outcome; created on 2026-01-01 */
    const char *history; /* NULL: no table */
    const char *as_of;
    recoup_outcome outcome;
    const char *stage;  /* NULL: none */
    const char *visits; /* as crm_visits writes them */
} as_of_case;

#define FULL_HISTORY "D,lead,2026-01-01\nD,demo,2026-01-05\nD,offer,2026-01-11\nD,won,2026-01-21\n"
#define FULL_ROW "offer,2026-01-11,2026-01-21,won"

static const as_of_case as_of_cases[] = {
    /* with a history: what it says up to the day before */
    {FULL_ROW, FULL_HISTORY, "2026-02-01", RECOUP_WON, "offer",
     "lead@0+4>demo demo@4+6>offer offer@10+10>won"},
    {FULL_ROW, FULL_HISTORY, "2026-01-21", RECOUP_OPEN, "offer",
     "lead@0+4>demo demo@4+6>offer offer@10+10>-"},
    {FULL_ROW, FULL_HISTORY, "2026-01-22", RECOUP_WON, "offer",
     "lead@0+4>demo demo@4+6>offer offer@10+10>won"},
    {FULL_ROW, FULL_HISTORY, "2026-01-11", RECOUP_OPEN, "demo", "lead@0+4>demo demo@4+6>-"},
    {FULL_ROW, FULL_HISTORY, "2026-01-02", RECOUP_OPEN, "lead", "lead@0+1>-"},
    /* the closing of the row ends a history that does not tell it */
    {"demo,,2026-01-09,lost", "D,lead,2026-01-01\nD,demo,2026-01-05\n", "2026-02-01", RECOUP_LOST,
     "demo", "lead@0+4>demo demo@4+4>lost"},
    /* jumps: won from the first stage, back, and over a stage */
    {",,2026-01-04,won", "D,lead,2026-01-01\nD,won,2026-01-04\n", "2026-02-01", RECOUP_WON, "lead",
     "lead@0+3>won"},
    {"lead,,,open", "D,offer,2026-01-01\nD,lead,2026-01-03\n", "2026-01-06", RECOUP_OPEN, "lead",
     "offer@0+2>lead lead@2+3>-"},
    {"offer,,,open", "D,lead,2026-01-01\nD,offer,2026-01-03\n", "2026-01-06", RECOUP_OPEN, "offer",
     "lead@0+2>offer offer@2+3>-"},
    /* opened again: lost until then */
    {"demo,,,open", "D,lead,2026-01-01\nD,lost,2026-01-03\nD,demo,2026-01-10\n", "2026-01-05",
     RECOUP_LOST, "lead", "lead@0+2>lost"},
    {"demo,,,open", "D,lead,2026-01-01\nD,lost,2026-01-03\nD,demo,2026-01-10\n", "2026-01-15",
     RECOUP_OPEN, "demo", "lead@0+2>lost demo@9+5>-"},
    /* a history, but nothing of this deal before the date: the first stage, unless the row dates
     * its stage */
    {"demo,,,open", "D,demo,2026-01-10\n", "2026-01-05", RECOUP_OPEN, "lead", "lead@0?+4>-"},
    {"demo,2026-01-03,,open", "D,offer,2026-01-10\n", "2026-01-05", RECOUP_OPEN, "demo",
     "demo@2+2>-"},
    /* without a history: the dated stage of the row */
    {FULL_ROW, NULL, "2026-02-01", RECOUP_WON, "offer", "offer@10+10>won"},
    {FULL_ROW, NULL, "2026-01-15", RECOUP_OPEN, "offer", "offer@10+4>-"},
    {FULL_ROW, NULL, "2026-01-11", RECOUP_OPEN, "lead", "lead@0?+10>-"}, /* not entered yet */
    {"demo,2026-01-11,,open", NULL, "2026-01-05", RECOUP_OPEN, "lead", "lead@0?+4>-"},
    /* an undated stage: since the creation if it is the first, else since when is not known */
    {"lead,,,open", NULL, "2026-01-05", RECOUP_OPEN, "lead", "lead@0+4>-"},
    {"demo,,,open", NULL, "2026-01-05", RECOUP_OPEN, "demo", "demo@0?+4>-"},
    {"demo,,2026-01-09,lost", NULL, "2026-02-01", RECOUP_LOST, "demo", "demo@0?+8>lost"},
    /* no stage at all: nothing can be said of a closed deal */
    {",,2026-01-09,lost", NULL, "2026-02-01", RECOUP_LOST, NULL, ""},
    {",,2026-01-09,lost", NULL, "2026-01-05", RECOUP_OPEN, "lead", "lead@0?+4>-"},
};

static void check_case(const as_of_case *c, size_t number) {
    crm_files files;
    recoup_error error = RECOUP_ERROR_INIT;
    char deals[256], history[256];
    snprintf(deals, sizeof deals,
             "deal_id,rep_id,amount,created,stage,stage_entered,closed,outcome\n"
             "D,R1,10,2026-01-01,%s\n",
             c->row);
    snprintf(history, sizeof history, "deal_id,stage,entered\n%s", c->history ? c->history : "");
    crm_open(&files, deals, c->history ? history : NULL, NULL, NULL);
    files.source.stages = stages;
    files.source.n_stages = 3;
    recoup_view_options options = crm_options(c->as_of);
    recoup_view *view = crm_view(&files.source, &options, &error);
    char *visits = crm_visits(view, "D");
    if (strcmp(visits, c->visits) != 0)
        fail_msg("case %zu: '%s' instead of '%s'", number, visits, c->visits);
    assert_int_equal(view->outcome[0], c->outcome);
    assert_int_equal(view->n_open, c->outcome == RECOUP_OPEN);
    assert_int_equal(isnan(view->closed[0]) != 0, c->outcome == RECOUP_OPEN);
    if (c->stage) {
        const recoup_visit *last = &view->visit[view->n_visits - 1];
        assert_string_equal(view->stages.name[view->stage[0]], c->stage);
        assert_int_equal(view->stage[0], last->stage);
        assert_true(view->stage_entered[0] == last->entered);
    } else {
        assert_int_equal(view->stage[0], -1);
        assert_true(isnan(view->stage_entered[0]));
    }
    assert_true(view->dated_by_day);
    free(visits);
    recoup_view_free(view);
    crm_close(&files);
    recoup_error_clear(&error);
}

static void test_as_of_rules(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof as_of_cases / sizeof *as_of_cases; i++)
        check_case(&as_of_cases[i], i);
}

/* Who is in the view: created before the date. Names, reps and the median of what is in it only. */
static void test_only_what_is_known(void **state) {
    (void)state;
    crm_files files;
    recoup_error error = RECOUP_ERROR_INIT;
    crm_open(&files,
             "deal_id,rep_id,amount,created,stage,outcome,closed,channel,segment\n"
             "b,zoe,30,2026-01-02,lead,open,,web,bank\n"
             "a,,,2026-01-03T10:30:00Z,lead,open,,fair,\n"
             "c,ann,10,2026-01-04,lead,won,2026-01-05,web,shop\n"
             "d,ann,50,2026-01-10,lead,open,,phone,farm\n" /* on the day itself: not yet */
             "e,bob,9000,2026-01-11,later,open,,mail,mine\n"
             "f,bob,7,,lead,open,,mail,mine\n", /* when? */
             "deal_id,stage,entered\nb,lead,2026-01-02\na,lead,2026-01-03T10:30:00Z\n"
             "c,lead,2026-01-04\nd,lead,2026-01-10\ne,lead,2026-01-11\ne,later,2026-01-12\n",
             NULL, NULL);
    recoup_view_options options = crm_options("2026-01-10");
    recoup_view *view = crm_view(&files.source, &options, &error);
    assert_int_equal(view->n_deals, 3);
    assert_int_equal(recoup_view_n_deals(view), 3);
    assert_int_equal(recoup_view_n_open(view), 2);
    assert_int_equal(recoup_view_n_reps(view), 2);
    assert_string_equal(view->deal_id[0], "a");
    assert_string_equal(view->deal_id[2], "c");
    assert_int_equal(view->stages.n, 1);
    assert_int_equal(view->channels.n, 2); /* fair, web */
    assert_int_equal(view->channel[0], 0);
    assert_int_equal(view->channel[1], 1);
    assert_int_equal(view->segments.n, 2); /* bank, shop */
    assert_int_equal(view->segment[0], -1);
    assert_int_equal(view->segment[2], 1);
    assert_string_equal(view->rep_id[0], "ann");
    assert_string_equal(view->rep_id[1], "zoe");
    assert_int_equal(view->rep[0], -1);
    assert_int_equal(view->rep[1], 1);
    assert_true(view->amount[0] == 20); /* median of 10 and 30 */
    assert_true(isnan(view->list_amount[0]));
    assert_true(view->first_created == crm_day("2026-01-02"));
    assert_false(view->dated_by_day);
    assert_string_equal(view->cohorts.name[0], "all");
    assert_int_equal(view->cohorts.n, 1);
    assert_int_equal(view->cohort[0], 0);
    assert_true(crm_has_note(&error, "taken as 20, the median of the others"));
    assert_true(crm_has_note(&error, "open deals without a date of creation: 1"));
    recoup_view_free(view);

    options = crm_options("2026-01-01"); /* before everything: an empty view is a view */
    view = crm_view(&files.source, &options, &error);
    assert_int_equal(view->n_deals + view->n_visits + view->n_reps, 0);
    assert_true(view->first_created == options.as_of);
    recoup_view_free(view);
    crm_close(&files);
    recoup_error_clear(&error);
}

/* Keys are what makes a deal's randomness: equal ids, equal keys, whatever else is in the file. */
static void test_keys(void **state) {
    (void)state;
    recoup_text deals = {0};
    crm_files files;
    recoup_error error = RECOUP_ERROR_INIT;
    enum { N = 20000 };
    recoup_text_add(&deals, "deal_id,rep_id,amount,created,stage,outcome\n");
    for (int i = 0; i < N; i++)
        recoup_text_add(&deals, "D%d,,1,2026-01-01,lead,open\n", i);
    crm_open(&files, deals.bytes, NULL, NULL, NULL);
    recoup_view_options options = crm_options("2026-02-01");
    recoup_view *view = crm_view(&files.source, &options, &error);
    int bits[64] = {0};
    for (int i = 0; i < N; i++) {
        for (int b = 0; b < 64; b++)
            bits[b] += (int)(view->key[i] >> b & 1);
        for (int k = i + 1; k < i + 5 && k < N; k++)
            assert_true(view->key[i] != view->key[k]);
        if (i)
            assert_true(strcmp(view->deal_id[i - 1], view->deal_id[i]) < 0);
    }
    /* Every bit is set in half the keys: 5.5 standard deviations of a binomial (N, 1/2), which one
     * of 64 fair bits exceeds with a probability below 3e-6. */
    for (int b = 0; b < 64; b++)
        assert_true(fabs(bits[b] - N / 2.0) < 5.5 * sqrt(N) / 2);
    uint64_t key = view->key[crm_find(view, "D17")];
    recoup_view_free(view);
    crm_close(&files);
    crm_open(&files, "deal_id,rep_id,amount,created,stage,outcome\nD17,,1,2026-01-01,x,open\n",
             NULL, NULL, NULL);
    view = crm_view(&files.source, &options, &error);
    assert_true(view->key[0] == key);
    recoup_view_free(view);
    crm_close(&files);
    recoup_text_clear(&deals);
    recoup_error_clear(&error);
}

static const char *cohort_of(const recoup_view *view, const char *rep) {
    return view->cohorts.name[view->rep_cohort[recoup_names_find(&view->rep_ids, rep)]];
}

static const char *deal_cohort(const recoup_view *view, const char *deal) {
    return view->cohorts.name[view->cohort[crm_find(view, deal)]];
}

#define TWO_DEALS                                                                                  \
    "deal_id,rep_id,amount,created,stage,outcome\nA,r1,1,2026-01-01,lead,open\n"                   \
    "B,,1,2026-01-01,lead,open\n"

static void test_cohorts_by_column(void **state) {
    (void)state;
    crm_files files;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_view_options options = crm_options("2026-02-01");
    crm_open(&files, TWO_DEALS, NULL, "rep_id,cohort,team\nr3,south,b\nr1,north,a\nr2,,\n", NULL);
    recoup_view *view = crm_view(&files.source, &options, &error);
    assert_int_equal(view->cohorts.n, 3); /* in the order of the file, unassigned at the end */
    assert_string_equal(view->cohorts.name[0], "south");
    assert_string_equal(cohort_of(view, "r1"), "north");
    assert_string_equal(cohort_of(view, "r2"), "unassigned");
    assert_string_equal(deal_cohort(view, "A"), "north");
    assert_string_equal(deal_cohort(view, "B"), "unassigned");
    assert_string_equal(view->rep_id[0], "r1");
    assert_int_equal(view->rep_team[0], 0);
    assert_int_equal(view->rep_team[1], -1);
    assert_int_equal(view->rep_team[2], 1);
    recoup_view_free(view);
    crm_close(&files);
    crm_open(&files, TWO_DEALS, NULL, "rep_id,cohort\nr1,north\n", NULL);
    view = crm_view(&files.source, &options, &error);
    assert_int_equal(view->cohorts.n, 1); /* one for all, nobody's deals too */
    assert_string_equal(deal_cohort(view, "B"), "north");
    recoup_view_free(view);
    crm_close(&files);
    crm_open(&files, TWO_DEALS, NULL, "rep_id,cohort\nr1,\n", NULL);
    view = crm_view(&files.source, &options, &error);
    assert_int_equal(view->cohorts.n, 1);
    assert_string_equal(deal_cohort(view, "B"), "all");
    recoup_view_free(view);
    crm_close(&files);
    recoup_error_clear(&error);
}

static void test_cohorts_by_tenure(void **state) {
    (void)state;
    crm_files files;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_view_options options = crm_options("2026-02-01");
    options.cohorts = RECOUP_COHORTS_TENURE;
    options.ramp_days = 31; /* since 2026-01-01 */
    crm_open(&files, TWO_DEALS, NULL,
             "rep_id,start_date,status\nr1,2026-01-01,\nr2,2026-01-02,\nr3,,ramping\nr4,,\n", NULL);
    recoup_view *view = crm_view(&files.source, &options, &error);
    assert_string_equal(cohort_of(view, "r1"), "tenured"); /* just at the limit */
    assert_string_equal(cohort_of(view, "r2"), "ramping");
    assert_string_equal(cohort_of(view, "r3"), "ramping");
    assert_string_equal(cohort_of(view, "r4"), "tenured");
    assert_string_equal(deal_cohort(view, "B"), "unassigned");
    recoup_view_free(view);
    crm_close(&files);
    recoup_error_clear(&error);
}

/* 20 reps; rep k books 10·k before the period, quotas turn the order round. */
static void test_cohorts_by_performance(void **state) {
    (void)state;
    recoup_text deals = {0}, reps = {0}, reps_with_quota = {0};
    crm_files files;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_text_add(&deals, "deal_id,rep_id,amount,created,stage,outcome,closed\n");
    recoup_text_add(&reps, "rep_id\n");
    recoup_text_add(&reps_with_quota, "rep_id,quota\n");
    for (int k = 1; k <= 20; k++) {
        recoup_text_add(&deals, "P%02d,r%02d,%d,2026-01-01,lead,won,2026-01-05\n", k, k, 10 * k);
        /* in the period, and after the as-of date: neither counts */
        recoup_text_add(&deals, "Q%02d,r%02d,%d,2026-01-01,lead,won,2026-02-05\n", k, k, 1000 / k);
        recoup_text_add(&deals, "L%02d,r%02d,%d,2026-01-01,lead,won,2026-04-05\n", k, k, 9000 / k);
        recoup_text_add(&reps, "r%02d\n", k);
        recoup_text_add(&reps_with_quota, "r%02d,%d\n", k, k * k);
    }
    recoup_view_options options = crm_options("2026-03-01");
    options.period_start = crm_day("2026-02-01");
    options.cohorts = RECOUP_COHORTS_PERFORMANCE;
    for (int with_quota = 0; with_quota < 2; with_quota++) {
        crm_open(&files, deals.bytes, NULL, with_quota ? reps_with_quota.bytes : reps.bytes, NULL);
        recoup_view *view = crm_view(&files.source, &options, &error);
        assert_int_equal(view->cohorts.n, 3);
        assert_string_equal(view->cohorts.name[0], "top");
        assert_string_equal(view->cohorts.name[2], "bottom");
        for (int i = 0; i < 20; i++) { /* bookings 10k rise with k, attainment 10/k falls */
            int rank = with_quota ? i : 19 - i;
            assert_int_equal(view->rep_cohort[i], rank < 2 ? 0 : rank < 18 ? 1 : 2);
        }
        recoup_view_free(view);
        crm_close(&files);
    }
    crm_open(&files, TWO_DEALS, NULL, "rep_id\nr1\nr2\n", NULL);
    recoup_view *view = crm_view(&files.source, &options, &error);
    assert_int_equal(view->cohorts.n, 1);
    assert_string_equal(view->cohorts.name[0], "all");
    assert_true(crm_has_note(&error, "need at least 10 reps and there are 2"));
    recoup_view_free(view);
    crm_close(&files);
    recoup_text_clear(&deals);
    recoup_text_clear(&reps);
    recoup_text_clear(&reps_with_quota);
    recoup_error_clear(&error);
}

static void test_wrong_options(void **state) {
    (void)state;
    crm_files files;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_dataset *dataset = NULL;
    recoup_view *view = NULL;
    crm_open(&files, TWO_DEALS, NULL, NULL, NULL);
    assert_int_equal(recoup_dataset_load(&files.source, &dataset, &error), RECOUP_OK);
    recoup_view_options options = crm_options("2026-03-01");
    options.as_of = NAN;
    assert_int_equal(recoup_view_create(dataset, &options, &view, &error), RECOUP_EINVALID);
    options = crm_options("2026-03-01");
    options.cohorts = RECOUP_COHORTS_PERFORMANCE;
    options.top_share = 0.7;
    options.bottom_share = 0.5;
    assert_int_equal(recoup_view_create(dataset, &options, &view, &error), RECOUP_EINVALID);
    assert_null(view);
    recoup_dataset_free(dataset);
    crm_close(&files);
    recoup_error_clear(&error);
}

/* Stages that only later records name are not known; an open deal must be in one. */
static void test_no_stage_known(void **state) {
    (void)state;
    crm_files files;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_dataset *dataset = NULL;
    recoup_view *view = NULL;
    crm_open(&files, "deal_id,rep_id,amount,created,stage,outcome\nA,,1,2026-01-01,lead,open\n",
             "deal_id,stage,entered\nA,lead,2026-01-09\n", NULL, NULL);
    assert_int_equal(recoup_dataset_load(&files.source, &dataset, &error), RECOUP_OK);
    recoup_view_options options = crm_options("2026-01-05");
    assert_int_equal(recoup_view_create(dataset, &options, &view, &error), RECOUP_EINVALID);
    assert_null(view);
    assert_non_null(strstr(error.problems[0].message, "no stage of any deal is known"));
    recoup_dataset_free(dataset);
    crm_close(&files);
    recoup_error_clear(&error);
}

/* The reference instance: 600 open deals of 40 reps in four cohorts, on 2026-11-02. */
static void test_reference_instance(void **state) {
    (void)state;
    static const char *const names[] = {"prospecting", "discovery", "demo", "proposal",
                                        "negotiation"};
    recoup_dataset_source source = {.deals = SOURCE_DIR "/bench/w1/deals.csv",
                                    .reps = SOURCE_DIR "/bench/w1/reps.csv",
                                    .stages = names,
                                    .n_stages = 5};
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_view_options options = crm_options("2026-11-02");
    recoup_view *view = crm_view(&source, &options, &error);
    assert_int_equal(view->n_deals, 600);
    assert_int_equal(view->n_open, 600);
    assert_int_equal(view->n_visits, 600);
    assert_int_equal(view->cohorts.n, 4);
    for (int k = 0; k < view->n_visits; k++) {
        assert_true(view->visit[k].entry_known);
        assert_true(view->visit[k].dwell == view->as_of - view->stage_entered[k]);
    }
    recoup_view_free(view);
    recoup_error_clear(&error);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_of_rules),
        cmocka_unit_test(test_only_what_is_known),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_cohorts_by_column),
        cmocka_unit_test(test_cohorts_by_tenure),
        cmocka_unit_test(test_cohorts_by_performance),
        cmocka_unit_test(test_wrong_options),
        cmocka_unit_test(test_no_stage_known),
        cmocka_unit_test(test_reference_instance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
