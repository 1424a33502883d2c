/* Mappings: any file as a canonical table. What comes out is what the canonical table gives. */
#include "crm_files.h"

#include <math.h>

#define N(array) (int)(sizeof(array) / sizeof *(array))

typedef struct mapped {
    crm_files files;
    char joined[2][64];
    recoup_mapping mapping;
    recoup_dataset *dataset;
    recoup_error error;
} mapped;

/* Two files that may be joined, beside deals and history. */
static void open_files(mapped *m, const char *deals, const char *history, const char *first,
                       const char *second) {
    memset(m, 0, sizeof *m);
    crm_open(&m->files, deals, history, NULL, NULL);
    crm_add(m->joined[0], m->files.folder, "first.csv", first);
    crm_add(m->joined[1], m->files.folder, "second.csv", second);
    m->mapping.file = "s.yaml";
    m->files.source.mapping[RECOUP_TABLE_DEALS] = &m->mapping;
}

static recoup_status load(mapped *m) {
    return recoup_dataset_load(&m->files.source, &m->dataset, &m->error);
}

static void load_well(mapped *m) {
    if (load(m) != RECOUP_OK)
        recoup_error_print(&m->error, stderr);
    assert_non_null(m->dataset);
}

static void close_files(mapped *m) {
    for (int k = 0; k < 2; k++)
        if (*m->joined[k])
            unlink(m->joined[k]);
    recoup_dataset_free(m->dataset);
    recoup_error_clear(&m->error);
    crm_close(&m->files);
}

/* The error that says this there; NULL: none. */
static const recoup_problem *find_error(const recoup_error *error, const char *file, int line,
                                        const char *fragment) {
    for (size_t i = 0; i < error->n_problems; i++) {
        const recoup_problem *p = &error->problems[i];
        size_t length = p->file ? strlen(p->file) : 0, n = strlen(file);
        if (p->code != RECOUP_OK && p->line == line && length >= n &&
            strcmp(p->file + length - n, file) == 0 && strstr(p->message, fragment))
            return p;
    }
    return NULL;
}

static bool has_error(const recoup_error *error, const char *file, int line, const char *fragment) {
    return find_error(error, file, line, fragment) != NULL;
}

/* ... and which column it names. */
static void assert_field(const recoup_error *error, int line, const char *fragment,
                         const char *field) {
    const recoup_problem *p = find_error(error, "deals.csv", line, fragment);
    assert_non_null(p);
    assert_string_equal(p->field, field);
}

static const char *text_of(const recoup_names *names, int i) {
    return i < 0 ? "" : names->name[i];
}

/* --- the columns of the examples below ------------------------------------------------------- */

#define EXPORT "Id,Owner,Value,List price,Made,Closing,Step,Firm,Item,Gone\n"

static const char *const id[] = {"Id"}, *const owner[] = {"owner"}, *const made[] = {"Made"},
                         *const closing[] = {"Closing"}, *const step[] = {"Step"},
                         *const worth[] = {"Value", "List price"}, *const sector[] = {"Sector"},
                         *const item[] = {"Item"}, *const region[] = {"Region"};

static const recoup_mapped_column columns[] = {
    {.name = "deal_id", .source = id, .n_sources = 1, .line = 2},
    {.name = "rep_id", .source = owner, .n_sources = 1, .line = 3},
    {.name = "amount", .source = worth, .n_sources = 2, .line = 4},
    {.name = "created", .source = made, .n_sources = 1, .line = 5},
    {.name = "stage", .source = step, .n_sources = 1, .line = 6},
    {.name = "outcome", .source = step, .n_sources = 1, .line = 7},
    {.name = "closed", .source = closing, .n_sources = 1, .line = 8},
    {.name = "expected_close", .source = closing, .n_sources = 1, .line = 9},
    {.name = "product", .source = item, .n_sources = 1, .line = 10},
    {.name = "segment", .source = sector, .n_sources = 1, .line = 11},
    {.name = "channel", .source = region, .n_sources = 1, .line = 12},
};
enum { WITHOUT_JOINS = 9 };

static const recoup_mapped_value values[] = {
    {"outcome", "Closed Won", "won", 20}, {"outcome", "Closed Lost", "lost", 21},
    {"outcome", "Talk", "open", 22},      {"stage", "Closed Won", "", 23},
    {"stage", "Closed Lost", "", 24},
};

static void map(mapped *m, int n_columns) {
    m->mapping.column = columns;
    m->mapping.n_columns = n_columns;
    m->mapping.value = values;
    m->mapping.n_values = N(values);
}

/* --- what is read ---------------------------------------------------------------------------- */

static void test_columns_and_values(void **state) {
    (void)state;
    mapped m;
    open_files(&m,
               EXPORT "A,Ann,500,900,2026-01-01,2026-02-01,Closed Won,F,I,\n"
                      "B,Bob,0,900,2026-01-02,2026-02-02,Closed Lost,F,I,\n"
                      "C,Bob,,700,2026-01-03,2026-03-03,Talk,F,I,\n"
                      "D,Bob,0,,2026-01-03,,Talk,F,I,\n",
               NULL, NULL, NULL);
    map(&m, WITHOUT_JOINS);
    load_well(&m);
    const recoup_dataset *d = m.dataset;
    assert_int_equal(d->n_deals, 4);
    assert_string_equal(d->deal_ids.name[2], "C");
    assert_string_equal(d->rep_ids.name[d->rep[1]], "Bob");
    /* the first that is neither empty nor 0; 0 where nothing else is there */
    assert_true(d->amount[0] == 500 && d->amount[1] == 900 && d->amount[2] == 700);
    assert_true(d->amount[3] == 0);
    assert_int_equal(d->outcome[0], RECOUP_WON);
    assert_int_equal(d->outcome[1], RECOUP_LOST);
    assert_int_equal(d->outcome[2], RECOUP_OPEN);
    assert_int_equal(d->stages.n, 1);
    assert_true(d->stage[0] == -1 && d->stage[2] == 0);
    assert_int_equal(d->deal_line[3], 5);
    /* one closing date: what was when closed, what is expected while open */
    assert_true(d->closed[0] == crm_day("2026-02-01") && isnan(d->expected_close[0]));
    assert_true(isnan(d->closed[2]) && d->expected_close[2] == crm_day("2026-03-03"));
    assert_true(isnan(d->closed[3]) && isnan(d->expected_close[3]));
    close_files(&m);
}

/* A column that is canonical by name needs no entry; letter case does not matter. */
static void test_own_names(void **state) {
    (void)state;
    static const char *const key[] = {"key"};
    static const recoup_mapped_column one[] = {{.name = "deal_id", .source = key, .n_sources = 1}};
    mapped m;
    open_files(&m,
               "KEY,Rep_Id,amount,created,stage,outcome,channel\n"
               "A,Ann,5,2026-01-01,lead,open,web\n",
               NULL, NULL, NULL);
    m.mapping.column = one;
    m.mapping.n_columns = 1;
    load_well(&m);
    assert_string_equal(m.dataset->deal_ids.name[0], "A");
    assert_string_equal(text_of(&m.dataset->channels, m.dataset->channel[0]), "web");
    close_files(&m);
}

static void test_flags(void **state) {
    (void)state;
    static const recoup_mapped_column flags[] = {
        {.name = "outcome", .won = "IsWon", .closed = "IsClosed", .line = 3}};
    mapped m;
    open_files(&m,
               "deal_id,rep_id,amount,created,stage,closed,IsWon,IsClosed\n"
               "A,R,1,2026-01-01,lead,2026-01-05,TRUE,true\n"
               "B,R,1,2026-01-01,lead,2026-01-05,false,1\n"
               "C,R,1,2026-01-01,lead,,no,\n",
               NULL, NULL, NULL);
    m.mapping.column = flags;
    m.mapping.n_columns = 1;
    load_well(&m);
    assert_int_equal(m.dataset->outcome[0], RECOUP_WON);
    assert_int_equal(m.dataset->outcome[1], RECOUP_LOST);
    assert_int_equal(m.dataset->outcome[2], RECOUP_OPEN);
    close_files(&m);
    open_files(&m,
               "deal_id,rep_id,amount,created,stage,IsWon,IsClosed\n"
               "A,R,1,2026-01-01,lead,maybe,false\n"
               "B,R,many,2026-01-01,lead,false,false\n",
               NULL, NULL, NULL);
    m.mapping.column = flags;
    m.mapping.n_columns = 1;
    assert_int_equal(load(&m), RECOUP_EINVALID);
    assert_field(&m.error, 2, "'maybe' is neither true nor false", "IsWon");
    assert_field(&m.error, 3, "'many' is not a number", "amount");
    assert_int_equal(m.error.n_errors, 2);
    close_files(&m);
}

static void test_dates_and_decimals(void **state) {
    (void)state;
    mapped m;
    open_files(&m,
               "Id;Owner;Value;List price;Made;Closing;Step;Firm;Item;Gone\n"
               "A;Ann;1.234,50;;31.12.2025;1/2/2026;Closed Won;F;I;\n"
               "B;Ann;0,00;12,5;1.1.26 14:30;;Talk;F;I;\n",
               NULL, NULL, NULL);
    map(&m, WITHOUT_JOINS);
    m.mapping.dates = RECOUP_DATES_EU;
    m.mapping.decimal_comma = true;
    load_well(&m);
    assert_true(m.dataset->amount[0] == 1234.5 && m.dataset->amount[1] == 12.5);
    assert_true(m.dataset->created[0] == crm_day("2025-12-31"));
    assert_true(m.dataset->closed[0] == crm_day("2026-02-01"));
    assert_true(m.dataset->created[1] == crm_day("2026-01-01T14:30Z"));
    close_files(&m);
    open_files(&m, EXPORT "A,Ann,1.5,,12/31/2025,2/1/2026,Closed Won,F,I,\n", NULL, NULL, NULL);
    map(&m, WITHOUT_JOINS);
    m.mapping.dates = RECOUP_DATES_EU;
    m.mapping.decimal_comma = true;
    assert_int_equal(load(&m), RECOUP_EINVALID);
    /* what a person finds in the file: its columns and its texts */
    assert_field(&m.error, 2, "'12/31/2025' is not a date: expected day.month.year", "Made");
    assert_field(&m.error, 2, "'1.5' is not a number: expected digits with a decimal comma",
                 "Value, List price");
    close_files(&m);
}

/* --- joins ----------------------------------------------------------------------------------- */

#define DEALS                                                                                      \
    EXPORT "A,Ann,5,,2026-01-01,2026-02-01,Closed Won,f1,Old,\n"                                   \
           "B,Ann,5,,2026-01-02,2026-02-02,Closed Won,f9,New,\n"                                   \
           "C,Ann,5,,2026-01-03,,Talk,,Old,\n"

/* The second is joined by a column of the first; a canonical key has its values replaced. */
static void test_joins(void **state) {
    (void)state;
    mapped m;
    static const recoup_mapped_value renamed[] = {{"outcome", "Closed Won", "won", 1},
                                                  {"outcome", "Talk", "open", 1},
                                                  {"stage", "Closed Won", "", 1},
                                                  {"product", "Old", "New", 1},
                                                  {"segment", "bnak", "bank", 1}};
    open_files(&m, DEALS, NULL, "Firm,Place,Id\nf1,p2,x\n,p1,\nf2,p1,y\n",
               "Product,Region,Sector\nNew,north,bnak\n");
    recoup_mapped_join joins[] = {{m.joined[0], "Firm", "firm", 30},
                                  {m.joined[1], "product", "Product", 31}};
    map(&m, N(columns));
    m.mapping.value = renamed;
    m.mapping.n_values = N(renamed);
    m.mapping.join = joins;
    m.mapping.n_joins = 2;
    load_well(&m);
    for (int i = 0; i < 3; i++) { /* both products are New by now */
        assert_string_equal(text_of(&m.dataset->products, m.dataset->product[i]), "New");
        assert_string_equal(text_of(&m.dataset->channels, m.dataset->channel[i]), "north");
        assert_string_equal(text_of(&m.dataset->segments, m.dataset->segment[i]), "bank");
    }
    /* f9 has no row; an empty key misses none; the file's own column goes before a joined one */
    assert_true(crm_has_note(&m.error, "has no 'firm' for: 1, the first on this line"));
    assert_string_equal(m.dataset->deal_ids.name[0], "A");
    close_files(&m);

    open_files(&m, DEALS, NULL, "Firm,Place\nf1,p2\n", "Place,Region,Sector\np2,south,bank\n");
    joins[0] = (recoup_mapped_join){m.joined[0], "Firm", "Firm", 30};
    joins[1] = (recoup_mapped_join){m.joined[1], "Place", "Place", 31};
    map(&m, N(columns));
    m.mapping.join = joins;
    m.mapping.n_joins = 2;
    load_well(&m);
    assert_string_equal(text_of(&m.dataset->channels, m.dataset->channel[0]), "south");
    assert_string_equal(text_of(&m.dataset->channels, m.dataset->channel[1]), "");
    assert_string_equal(text_of(&m.dataset->segments, m.dataset->segment[2]), "");
    close_files(&m);
}

static void test_keys_that_occur_twice(void **state) {
    (void)state;
    mapped m;
    open_files(&m, DEALS, NULL,
               "Firm,Region,Sector\nf1,north,a\n\"\",x,y\nf2,north,a\nf1,south,b\n", NULL);
    recoup_mapped_join join = {m.joined[0], "Firm", "Firm", 30};
    map(&m, N(columns));
    m.mapping.join = &join;
    m.mapping.n_joins = 1;
    assert_int_equal(load(&m), RECOUP_EINVALID);
    assert_true(has_error(&m.error, "first.csv", 5, "'f1' occurs twice, first on line 2"));
    assert_int_equal(m.error.n_errors, 1);
    close_files(&m);
}

/* --- rows left out --------------------------------------------------------------------------- */

/* The history of a deal that is left out is left out with it. */
static void test_skip(void **state) {
    (void)state;
    mapped m;
    static const recoup_mapped_skip skips[] = {{"Gone", "true", 1}, {"Step", "Test", 1}};
    open_files(&m,
               EXPORT "A,Ann,7,,2025-01-01,,Test,F,I,\n" /* an older version of it */
                      "A,Ann,5,,2026-01-01,,Talk,F,I,FALSE\n"
                      "B,Ann,x,,someday,,Talk,F,I,True\n"
                      "C,Ann,5,,2026-01-01,,Test,F,I,\n",
               "deal_id,stage,entered\nA,Talk,2026-01-01\nB,Talk,2026-01-01\nC,Talk,2026-01-01\n",
               NULL, NULL);
    map(&m, WITHOUT_JOINS);
    m.mapping.skip = skips;
    m.mapping.n_skips = 2;
    load_well(&m);
    assert_int_equal(m.dataset->n_deals, 1);
    assert_int_equal(m.dataset->n_entries, 1);
    assert_true(crm_has_note(&m.error, "rows left out by 'skip': 3 of 4"));
    close_files(&m);
}

static void test_notes(void **state) {
    (void)state;
    mapped m;
    open_files(&m, EXPORT "A,Ann,5,,2026-01-01,,Talk,F,,\n", NULL, NULL, NULL);
    map(&m, WITHOUT_JOINS);
    load_well(&m);
    assert_true(crm_has_note(&m.error, "'Closed Won' (stage), 'Closed Lost' (stage), 'Closed Won' "
                                       "(outcome), 'Closed Lost' (outcome)"));
    assert_true(crm_has_note(&m.error, "empty in every row: closed (Closing), product (Item), "
                                       "expected_close (Closing)"));
    assert_false(crm_has_note(&m.error, "not used"));
    close_files(&m);
}

/* --- mistakes -------------------------------------------------------------------------------- */

static void test_mistakes(void **state) {
    (void)state;
    static const char *const wrong[] = {"Onwer"}, *const nothing[] = {"xyzzy"};
    static const recoup_mapped_column bad[] = {
        {.name = "deal_idd", .source = id, .n_sources = 1, .line = 2},
        {.name = "rep_id", .source = wrong, .n_sources = 1, .line = 3},
        {.name = "stage", .source = nothing, .n_sources = 1, .line = 4},
        {.name = "qqq", .source = id, .n_sources = 1, .line = 5},
        {.name = "amount", .source = worth, .n_sources = 2, .line = 6},
        {.name = "outcome", .won = "Gone", .closed = "gnoe", .line = 7},
    };
    static const recoup_mapped_value bad_values[] = {{"stagee", "a", "b", 8},
                                                     {"loss_reason", "a", "b", 9}};
    static const recoup_mapped_skip skip = {"gone?", "true", 10};
    mapped m;
    open_files(&m, DEALS, NULL, "Firm,Region\nf1,north\n", NULL);
    recoup_mapped_join joins[] = {{m.joined[0], "Frim", "Firm", 11},
                                  {m.joined[0], "Firm", "Frim", 12}};
    m.mapping.column = bad;
    m.mapping.n_columns = N(bad);
    m.mapping.value = bad_values;
    m.mapping.n_values = N(bad_values);
    m.mapping.skip = &skip;
    m.mapping.n_skips = 1;
    m.mapping.join = joins;
    m.mapping.n_joins = 2;
    assert_int_equal(load(&m), RECOUP_EINVALID);
    const recoup_error *e = &m.error;
    assert_true(has_error(e, "s.yaml", 2,
                          "'deal_idd' is no column of this table; did you mean "
                          "'deal_id'?"));
    assert_true(has_error(e, "s.yaml", 3, "no column 'Onwer'; did you mean 'Owner'?"));
    assert_true(has_error(e, "s.yaml", 4, "no column 'xyzzy'"));
    assert_true(has_error(e, "s.yaml", 5, "'qqq' is no column of this table; they are deal_id, "));
    assert_true(has_error(e, "s.yaml", 7, "no column 'gnoe'; did you mean 'Gone'?"));
    assert_true(has_error(e, "s.yaml", 8, "did you mean 'stage'?"));
    assert_true(has_error(e, "s.yaml", 9, "values of a column that has no source"));
    assert_true(has_error(e, "s.yaml", 10, "no column 'gone?'; did you mean 'Gone'?"));
    assert_true(has_error(e, "s.yaml", 11, "no column 'Frim'; did you mean 'Firm'?"));
    assert_true(has_error(e, "s.yaml", 12, "no column 'Frim'; did you mean 'Firm'?"));
    assert_true(has_error(e, "deals.csv", 1, "the required column 'deal_id' is missing"));
    assert_true(has_error(e, "deals.csv", 1, "the required column 'created' is missing"));
    assert_int_equal(e->n_errors, 12);
    close_files(&m);

    open_files(&m, DEALS, NULL, NULL, NULL);
    map(&m, N(columns));
    m.mapping.join = &(recoup_mapped_join){"/nowhere.csv", "Firm", "Firm", 1};
    m.mapping.n_joins = 1;
    assert_int_equal(load(&m), RECOUP_EINVALID); /* and Region and Sector may be in it */
    assert_true(has_error(e, "/nowhere.csv", 0, "No such file"));
    assert_int_equal(e->n_errors, 1);
    close_files(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns_and_values),
        cmocka_unit_test(test_own_names),
        cmocka_unit_test(test_flags),
        cmocka_unit_test(test_dates_and_decimals),
        cmocka_unit_test(test_joins),
        cmocka_unit_test(test_keys_that_occur_twice),
        cmocka_unit_test(test_skip),
        cmocka_unit_test(test_notes),
        cmocka_unit_test(test_mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
