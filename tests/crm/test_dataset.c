/* Loading the canonical tables: what is read, and every way in which it can be wrong. */
#include "crm_files.h"

#include <math.h>

#define DEALS "deal_id,rep_id,amount,created,stage,outcome,closed\n"
#define HISTORY "deal_id,stage,entered\n"
#define GOOD_DEAL "D1,R1,100,2026-01-01,lead,open,\n"

typedef struct bad_case {
    const char *deals, *history, *reps, *activities;
    bool with_stages; /* the scenario gives lead, demo, offer */
    const char *file; /* of the first error */
    int line;
    const char *field, *fragment;
    size_t n_errors;
} bad_case;

static const bad_case bad_cases[] = {
    /* columns */
    {"deal_id,rep_id,amount,created,stage\nD1,R1,1,2026-01-01,lead\n", NULL, NULL, NULL, false,
     "deals.csv", 1, "outcome", "the required column 'outcome' is missing", 1},
    {"Deal ID,rep_id,amnt,created,stage,outcome\n", NULL, NULL, NULL, false, "deals.csv", 1,
     "deal_id", "nearest column is 'Deal ID'", 2},
    {DEALS "D1,R1,100,2026-01-01,lead,open\n", NULL, NULL, NULL, false, "deals.csv", 2, NULL,
     "this row has 6 fields, the header on line 1 has 7", 1},
    /* ids */
    {DEALS ",R1,100,2026-01-01,lead,open,\n", NULL, NULL, NULL, false, "deals.csv", 2, "deal_id",
     "the deal_id is missing", 1},
    {DEALS GOOD_DEAL "D2,R1,1,2026-01-01,lead,open,\n" GOOD_DEAL, NULL, NULL, NULL, false,
     "deals.csv", 4, "deal_id", "'D1' occurs twice, first on line 2", 1},
    /* numbers */
    {DEALS "D1,R1,\"1,000\",2026-01-01,lead,open,\n", NULL, NULL, NULL, false, "deals.csv", 2,
     "amount", "'1,000' is not a number", 1},
    {DEALS "D1,R1,$5,2026-01-01,lead,open,\n", NULL, NULL, NULL, false, "deals.csv", 2, "amount",
     "'$5' is not a number", 1},
    {DEALS "D1,R1,-5,2026-01-01,lead,open,\n", NULL, NULL, NULL, false, "deals.csv", 2, "amount",
     "'-5' is negative", 1},
    {"deal_id,rep_id,amount,created,stage,outcome,list_amount\nD1,R1,5,2026-01-01,lead,open,x\n",
     NULL, NULL, NULL, false, "deals.csv", 2, "list_amount", "'x' is not a number", 1},
    /* dates */
    {DEALS "D1,R1,1,31.12.2026,lead,open,\n", NULL, NULL, NULL, false, "deals.csv", 2, "created",
     "'31.12.2026' is not a date: expected ISO 8601 such as 2026-12-31 or 2026-12-31T14:30:00Z", 1},
    {DEALS "D1,R1,1,2026-02-30,lead,open,\n", NULL, NULL, NULL, false, "deals.csv", 2, "created",
     "'2026-02-30' is not a date", 1},
    {DEALS "D1,R1,1,,lead,won,2026-01-03\n", NULL, NULL, NULL, false, "deals.csv", 2, "created",
     "the date of creation is missing", 1},
    {DEALS "D1,R1,1,2026-01-05,lead,won,2026-01-03\n", NULL, NULL, NULL, false, "deals.csv", 2,
     "closed", "closed on 2026-01-03, before it was created on 2026-01-05", 1},
    {DEALS "D1,R1,1,2026-01-05,lead,won,\n", NULL, NULL, NULL, false, "deals.csv", 2, "closed",
     "'D1' is won but has no closing date", 1},
    {"deal_id,rep_id,amount,created,stage,outcome\nD1,R1,1,2026-01-05,lead,lost\n", NULL, NULL,
     NULL, false, "deals.csv", 2, "outcome", "'D1' is lost but has no closing date", 1},
    {DEALS "D1,R1,1,2026-01-05,lead,open,2026-01-09\n", NULL, NULL, NULL, false, "deals.csv", 2,
     "closed", "'D1' is open but has a closing date", 1},
    {"deal_id,rep_id,amount,created,stage,outcome,stage_entered\n"
     "D1,R1,1,2026-01-05,lead,open,2026-01-04\n",
     NULL, NULL, NULL, false, "deals.csv", 2, "stage_entered",
     "entered on 2026-01-04, before the deal was created on 2026-01-05", 1},
    {"deal_id,rep_id,amount,created,stage,outcome,stage_entered,closed\n"
     "D1,R1,1,2026-01-05,lead,won,2026-01-08,2026-01-07\n",
     NULL, NULL, NULL, false, "deals.csv", 2, "stage_entered",
     "entered on 2026-01-08, after the deal was closed on 2026-01-07", 1},
    /* outcomes and stages */
    {DEALS "D1,R1,1,2026-01-05,lead,Wonn,2026-01-09\n", NULL, NULL, NULL, false, "deals.csv", 2,
     "outcome", "'Wonn' is not an outcome: expected open, won or lost", 1},
    {DEALS "D1,R1,1,2026-01-05,lead,,\n", NULL, NULL, NULL, false, "deals.csv", 2, "outcome",
     "the outcome is missing", 1},
    {DEALS "D1,R1,1,2026-01-05,dmeo,open,\n", NULL, NULL, NULL, true, "deals.csv", 2, "stage",
     "'dmeo' is not a stage of the pipeline: did you mean 'demo'?", 1},
    /* ... each wrong name once */
    {DEALS "D1,R1,1,2026-01-05,Negotiation,open,\nD2,R1,1,2026-01-05,Negotiation,open,\n"
           "D3,R1,1,2026-01-05,Legal,open,\n",
     NULL, NULL, NULL, true, "deals.csv", 2, "stage",
     "'Negotiation' is not a stage of the pipeline: add it", 2},
    {DEALS "D1,X,1,2026-01-05,lead,open,\nD2,X,1,2026-01-05,lead,open,\n"
           "D3,Y,1,2026-01-05,lead,open,\n",
     NULL, "rep_id\nR1\n", NULL, true, "deals.csv", 2, "rep_id", "unknown rep: 'X' is not in", 2},
    {DEALS "D1,R1,1,2026-01-05,,open,\n", NULL, NULL, NULL, true, "deals.csv", 2, "stage",
     "the open deal 'D1' has no stage", 1},
    {DEALS "D1,R1,1,2026-01-05,,open,\n", HISTORY, NULL, NULL, true, "deals.csv", 2, "stage",
     "and the stage history does not tell it", 1},
    {DEALS "D1,R1,1,2026-01-05,Won,lost,2026-01-09\n", NULL, NULL, NULL, true, "deals.csv", 2,
     "stage", "'Won' means won, but the outcome says otherwise", 1},
    {DEALS GOOD_DEAL "D2,R1,1,2026-01-01,demo,open,\n", NULL, NULL, NULL, false, "deals.csv", 0,
     "stage", "list them, in order, under `pipeline: stages`", 1},
    /* history */
    {DEALS GOOD_DEAL, HISTORY "D1,lead,2026-01-01\nD2,lead,2026-01-01\n", NULL, NULL, false,
     "stage_history.csv", 3, "deal_id", "unknown deal: 'D2' is not in", 1},
    {DEALS GOOD_DEAL, HISTORY "D1,lead,2025-12-30\n", NULL, NULL, false, "stage_history.csv", 2,
     "entered", "entered on 2025-12-30, before the deal 'D1' was created (line 2 of", 1},
    {DEALS "D1,R1,1,2026-01-05,lead,won,2026-01-09\n",
     HISTORY "D1,lead,2026-01-05\nD1,won,2026-01-10\n", NULL, NULL, false, "stage_history.csv", 3,
     "entered", "entered on 2026-01-10, after the deal 'D1' was closed (line 2 of", 1},
    {DEALS "D1,R1,1,2026-01-05,lead,won,2026-01-09\n",
     HISTORY "D1,lead,2026-01-05\nD1,lost,2026-01-09\n", NULL, NULL, false, "stage_history.csv", 3,
     "stage", "the history of the deal 'D1' ends with lost, but its outcome is won", 1},
    {DEALS GOOD_DEAL, HISTORY "D1,lead,2026-01-01\nD1,,2026-01-02\n,lead,2026-01-02\nD1,lead,\n",
     NULL, NULL, false, "stage_history.csv", 3, "stage", "the stage is missing", 3},
    {DEALS GOOD_DEAL, HISTORY "D1,laed,2026-01-01\n", NULL, NULL, true, "stage_history.csv", 2,
     "stage", "did you mean 'lead'?", 1},
    /* reps */
    {DEALS "D1,Ana Belo,1,2026-01-01,lead,open,\n", NULL, "rep_id\nAna Bello\n", NULL, false,
     "deals.csv", 2, "rep_id", "did you mean 'Ana Bello'?", 1},
    {DEALS GOOD_DEAL, NULL, "rep_id\nR1\nR2\nR1\n", NULL, false, "reps.csv", 4, "rep_id",
     "'R1' occurs twice, first on line 2", 1},
    {DEALS GOOD_DEAL, NULL, "rep_id,name\nR1,x\n,y\n", NULL, false, "reps.csv", 3, "rep_id",
     "the rep_id is missing", 1},
    {DEALS GOOD_DEAL, NULL, "rep_id,status,quota,capacity,start_date\nR1,gone,-1,0,soon\n", NULL,
     false, "reps.csv", 2, "start_date", "'soon' is not a date", 4},
    {DEALS GOOD_DEAL, NULL, "rep_id,status\nR1,gone\n", NULL, false, "reps.csv", 2, "status",
     "'gone' is not a status: expected active, ramping or vacant", 1},
    {DEALS GOOD_DEAL, NULL, "rep_id,capacity\nR1,0\n", NULL, false, "reps.csv", 2, "capacity",
     "expected a number above 0", 1},
    /* activities */
    {DEALS GOOD_DEAL, NULL, NULL, "rep_id,date,type,deal_id\nR1,yesterday,call,\n", false,
     "activities.csv", 2, "date", "'yesterday' is not a date", 1},
    {DEALS GOOD_DEAL, NULL, NULL, "rep_id,date,type,deal_id\nR1,2026-01-01,call,D9\n", false,
     "activities.csv", 2, "deal_id", "unknown deal: 'D9'", 1},
    {DEALS GOOD_DEAL, NULL, NULL, "rep_id,date,type\n,,\nR1,2026-01-01,\n,2026-01-01,x\nR1,,x\n",
     false, "activities.csv", 3, "type", "the type is missing", 3},
    /* a reference is not called wrong when the table that it refers to could not be read */
    {"deal_id,rep_id,amount\nD1,R1,1\n", HISTORY "D1,lead,2026-01-01\n", "id\nR1\n", NULL, false,
     "reps.csv", 1, "rep_id", "the required column 'rep_id' is missing", 4},
};

static void test_malformed(void **state) {
    (void)state;
    static const char *const stages[] = {"lead", "demo", "offer"};
    for (size_t i = 0; i < sizeof bad_cases / sizeof *bad_cases; i++) {
        const bad_case *c = &bad_cases[i];
        crm_files files;
        recoup_error error = RECOUP_ERROR_INIT;
        recoup_dataset *dataset = NULL;
        crm_open(&files, c->deals, c->history, c->reps, c->activities);
        if (c->with_stages) {
            files.source.stages = stages;
            files.source.n_stages = 3;
        }
        recoup_status status = recoup_dataset_load(&files.source, &dataset, &error);
        const recoup_problem *first = error.problems;
        while (first && first->code == RECOUP_OK) /* behind the notes */
            first++;
        if (status != RECOUP_EINVALID || error.n_errors != c->n_errors ||
            !strstr(first->message, c->fragment) || first->line != c->line) {
            recoup_error_print(&error, stderr);
            fail_msg("case %zu: expected %zu errors, the first '%s' on line %d", i, c->n_errors,
                     c->fragment, c->line);
        }
        assert_null(dataset);
        assert_non_null(first->file);
        assert_string_equal(strrchr(first->file, '/') + 1, c->file);
        if (c->field)
            assert_string_equal(first->field, c->field);
        crm_close(&files);
        recoup_error_clear(&error);
    }
}

/* Problems of all tables come at once, as many as there are; 100 are kept, the rest is counted. */
static void test_all_problems_at_once(void **state) {
    (void)state;
    recoup_text deals = {0};
    crm_files files;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_dataset *dataset = NULL;
    recoup_text_add(&deals, DEALS);
    for (int i = 0; i < 150; i++) /* two each */
        recoup_text_add(&deals, "D%d,R1,x,someday,lead,open,\n", i);
    crm_open(&files, deals.bytes, HISTORY "D1,lead,never\n", "rep_id,quota\nR1,-1\n", NULL);
    assert_int_equal(recoup_dataset_load(&files.source, &dataset, &error), RECOUP_EINVALID);
    assert_int_equal(error.n_errors, 302);
    assert_int_equal(error.n_problems, RECOUP_ERROR_MAX);
    assert_int_equal(error.n_dropped, 202);
    crm_close(&files);
    recoup_text_clear(&deals);
    recoup_error_clear(&error);
}

static void test_columns_are_read(void **state) {
    (void)state;
    crm_files files;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_dataset *dataset = NULL;
    crm_open(&files,
             "outcome,deal_id,rep_id,amount,created,stage,stage_entered,closed,channel,segment,"
             "competitor,product,list_amount,expected_close,next_step,loss_reason,region\n"
             "open,D2,R2,1e3,2026-01-02T12:00:00+02:00,lead,,,web,,,,,2026-03-01,call,,EU\n"
             "LOST,D1,,,2026-01-01,,,2026-01-09,fair,bank,Acme,Pro,200,,,price,US\n",
             NULL,
             "rep_id,name,cohort,team,start_date,status,quota,capacity\n"
             "R1,Ana,north,blue,2025-01-01,Ramping,5000,2.5\nR2,,,,,,,\n",
             "rep_id,date,type,deal_id,outcome\nR2,2026-01-03,call,D2,reached\n"
             "X9,2026-01-03,mail,,\n");
    assert_int_equal(recoup_dataset_load(&files.source, &dataset, &error), RECOUP_OK);
    const recoup_dataset *d = dataset;
    assert_int_equal(d->n_deals, 2);
    assert_string_equal(d->deal_ids.name[0], "D2");
    assert_int_equal(d->deal_line[1], 3);
    assert_true(d->amount[0] == 1000 && isnan(d->amount[1]));
    assert_true(d->created[0] == crm_day("2026-01-02") + 10.0 / 24);
    assert_true(d->closed[1] == crm_day("2026-01-09") && isnan(d->closed[0]));
    assert_int_equal(d->outcome[1], RECOUP_LOST);
    assert_int_equal(d->stage[0], 0);
    assert_int_equal(d->stage[1], -1);
    assert_int_equal(d->rep[0], 1);
    assert_int_equal(d->rep[1], -1);
    assert_string_equal(d->channels.name[d->channel[1]], "fair");
    assert_int_equal(d->segment[0], -1);
    assert_string_equal(d->segments.name[d->segment[1]], "bank");
    assert_string_equal(d->competitors.name[d->competitor[1]], "Acme");
    assert_string_equal(d->products.name[d->product[1]], "Pro");
    assert_string_equal(d->loss_reasons.name[d->loss_reason[1]], "price");
    assert_true(d->list_amount[1] == 200);
    assert_true(d->expected_close[0] == crm_day("2026-03-01"));
    assert_true(d->has_next_step[0] && !d->has_next_step[1]);
    assert_false(d->dated_by_day);
    assert_int_equal(d->n_reps, 2);
    assert_string_equal(d->rep_name[0], "Ana");
    assert_string_equal(d->rep_name[1], "R2");
    assert_int_equal(d->rep_status[0], RECOUP_REP_RAMPING);
    assert_int_equal(d->rep_status[1], RECOUP_REP_ACTIVE);
    assert_true(d->rep_quota[0] == 5000 && isnan(d->rep_quota[1]));
    assert_true(d->rep_capacity[0] == 2.5 && isnan(d->rep_start[1]));
    assert_int_equal(d->rep_cohort[1], -1);
    assert_int_equal(d->n_activities, 2);
    assert_int_equal(d->activity_rep[0], 1);
    assert_int_equal(d->activity_rep[1], -1);
    assert_int_equal(d->activity_deal[0], 0);
    assert_string_equal(d->activity_types.name[d->activity_type[1]], "mail");
    assert_true(crm_has_note(&error, "columns that are not used: 'region'"));
    assert_true(crm_has_note(&error, "deals without an amount: 1"));
    assert_true(crm_has_note(&error, "activities of people who are not in"));
    recoup_dataset_free(dataset);
    crm_close(&files);
    recoup_error_clear(&error);
}

/* Labels of the CRM in all three places; a stage column that says won; a zone for bare dates. */
static void test_labels_and_zone(void **state) {
    (void)state;
    static const char *const stages[] = {"lead", "demo"};
    static const char *const label[] = {"Closed Won", "1 - Lead", "2 - Demo", "Running"};
    static const char *const meaning[] = {"won", "lead", "demo", "open"};
    crm_files files;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_dataset *dataset = NULL;
    crm_open(&files,
             DEALS "D1,R1,1,2026-01-01,Closed Won,Closed Won,2026-01-09\n"
                   "D2,R1,1,2026-01-01,2 - Demo,Running,\n"
                   "D3,R1,1,2026-01-01T05:00Z,1 - Lead,1 - Lead,\n",
             HISTORY "D1,1 - Lead,2026-01-01\nD1,Closed Won,2026-01-09\n", NULL, NULL);
    files.source.stages = stages;
    files.source.n_stages = 2;
    files.source.label = label;
    files.source.meaning = meaning;
    files.source.n_labels = 4;
    files.source.zone_days = -5.0 / 24;
    assert_int_equal(recoup_dataset_load(&files.source, &dataset, &error), RECOUP_OK);
    assert_int_equal(dataset->outcome[0], RECOUP_WON);
    assert_int_equal(dataset->stage[0], -1);
    assert_int_equal(dataset->outcome[1], RECOUP_OPEN);
    assert_int_equal(dataset->stage[1], 1);
    assert_int_equal(dataset->outcome[2], RECOUP_OPEN);
    assert_int_equal(dataset->stage[2], 0);
    assert_int_equal(dataset->entry_target[1], RECOUP_TO_WON);
    assert_true(dataset->created[0] == crm_day("2026-01-01T05:00:00Z"));
    assert_true(dataset->created[0] == dataset->created[2]);
    recoup_dataset_free(dataset);
    crm_close(&files);
    recoup_error_clear(&error);
}

/* Entries are sorted by deal and time; equal times keep the order of the file; repeats are one. */
static void test_history_is_sorted(void **state) {
    (void)state;
    crm_files files;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_dataset *dataset = NULL;
    crm_open(&files, DEALS GOOD_DEAL "D2,R1,1,2026-01-01,demo,open,\n",
             HISTORY "D2,demo,2026-01-05\nD1,lead,2026-01-01\nD2,lead,2026-01-01\n"
                     "D2,demo,2026-01-06\nD2,offer,2026-01-05\nD2,demo,2026-01-05\n",
             NULL, NULL);
    assert_int_equal(recoup_dataset_load(&files.source, &dataset, &error), RECOUP_OK);
    static const char *const expected[] = {"lead", "lead", "demo", "offer", "demo"};
    assert_int_equal(dataset->n_entries, 5);
    for (int i = 0; i < 5; i++) {
        assert_string_equal(dataset->stages.name[dataset->entry_target[i]], expected[i]);
        assert_int_equal(dataset->entry_deal[i], i > 0);
    }
    recoup_dataset_free(dataset);
    crm_close(&files);
    recoup_error_clear(&error);
}

/* Stages in the order in which most deals pass them, wherever their names first appear. */
static void test_stage_order(void **state) {
    (void)state;
    crm_files files;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_dataset *dataset = NULL;
    crm_open(&files,
             DEALS "A,R,1,2026-01-01,offer,open,\nB,R,1,2026-01-01,demo,open,\n"
                   "C,R,1,2026-01-01,offer,open,\nE,R,1,2026-01-01,legal,open,\n",
             /* A: lead demo offer; B: lead offer demo (against the majority); C: demo offer;
              * legal after offer once; demo before offer in two of three */
             HISTORY "A,lead,2026-01-01\nA,demo,2026-01-02\nA,offer,2026-01-03\n"
                     "B,lead,2026-01-01\nB,offer,2026-01-02\nB,demo,2026-01-03\n"
                     "C,demo,2026-01-01\nC,offer,2026-01-02\n"
                     "E,offer,2026-01-01\nE,legal,2026-01-02\n",
             NULL, NULL);
    assert_int_equal(recoup_dataset_load(&files.source, &dataset, &error), RECOUP_OK);
    static const char *const expected[] = {"lead", "demo", "offer", "legal"};
    assert_int_equal(dataset->stages.n, 4);
    for (int i = 0; i < 4; i++)
        assert_string_equal(dataset->stages.name[i], expected[i]);
    assert_int_equal(dataset->stage[0], 2);
    assert_int_equal(dataset->stage[3], 3);
    recoup_dataset_free(dataset);
    crm_close(&files);
    recoup_error_clear(&error);
}

/* Dates by day alone beside timestamps of the same day are in order, not in error. */
static void test_days_beside_clocks(void **state) {
    (void)state;
    crm_files files;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_dataset *dataset = NULL;
    crm_open(&files,
             "deal_id,rep_id,amount,created,stage,outcome,stage_entered,closed\n"
             "D1,R1,1,2026-01-05T14:00:00Z,lead,won,2026-01-05,2026-01-05\n",
             HISTORY "D1,lead,2026-01-05T14:00:00Z\nD1,won,2026-01-05T16:00:00Z\n", NULL, NULL);
    assert_int_equal(recoup_dataset_load(&files.source, &dataset, &error), RECOUP_OK);
    assert_true(dataset->closed[0] == dataset->created[0]);
    assert_true(dataset->stage_entered[0] == dataset->created[0]);
    recoup_dataset_free(dataset);
    crm_close(&files);
    recoup_error_clear(&error);
}

static void test_too_many_stages(void **state) {
    (void)state;
    recoup_text deals = {0};
    crm_files files;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_dataset *dataset = NULL;
    recoup_text_add(&deals, DEALS);
    for (int i = 0; i < 500; i++)
        recoup_text_add(&deals, "D%d,R1,1,2026-01-01,stage %d,open,\n", i, i);
    crm_open(&files, deals.bytes, NULL, NULL, NULL);
    assert_int_equal(recoup_dataset_load(&files.source, &dataset, &error), RECOUP_EINVALID);
    assert_int_equal(error.n_errors, 1);
    assert_int_equal(error.problems[0].line, 66);
    crm_close(&files);
    recoup_text_clear(&deals);
    recoup_error_clear(&error);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_malformed),          cmocka_unit_test(test_all_problems_at_once),
        cmocka_unit_test(test_columns_are_read),   cmocka_unit_test(test_labels_and_zone),
        cmocka_unit_test(test_history_is_sorted),  cmocka_unit_test(test_stage_order),
        cmocka_unit_test(test_days_beside_clocks), cmocka_unit_test(test_too_many_stages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
