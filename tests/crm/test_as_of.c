/* Nothing at or after the as-of date shows in a view; nor does the form or the order of the files.
 *
 * A random past is given several random futures: deals created later, other outcomes and closings,
 * later entries of the history, later stages of the rows, with names, reps and clock times that the
 * past does not have. All must give the same view, array by array and in its digest. */
#include "crm_files.h"

#include <math.h>

enum {
    AS_OF_DAY = 100,
    LAST_DAY = 160,
    N_DEALS = 40,
    MAX_LINES = 1000,
    SEEDS = 60,
    FUTURES = 4,
    DATE_SIZE = 64
};

/* A small generator with a visible state; its quality does not matter here. */
static unsigned draw(uint64_t *seed, unsigned n) {
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(*seed >> 33) % n;
}

typedef struct world_options {
    bool has_history, stages_given, has_reps;
    recoup_cohort_rule cohorts;
} world_options;

typedef struct world {
    char *deals[MAX_LINES], *history[MAX_LINES]; /* lines without their ends */
    int n_deals, n_history;
} world;

static void add_line(char **lines, int *n, const char *text) {
    assert_true(*n < MAX_LINES);
    lines[*n] = strdup(text);
    assert_non_null(lines[*n]);
    ++*n;
}

static void clear_world(world *w) {
    for (int i = 0; i < w->n_deals; i++)
        free(w->deals[i]);
    for (int i = 0; i < w->n_history; i++)
        free(w->history[i]);
}

/* A day after 2026-01-01, with a clock time when asked. */
static const char *date_text(char *buffer, int day, bool clock) {
    char date[RECOUP_DATE_SIZE];
    recoup_date_format(date, crm_day("2026-01-01") + day);
    snprintf(buffer, DATE_SIZE, "%s%s", date, clock ? "T13:45:10.250Z" : "");
    return buffer;
}

typedef struct deal_life {
    int created, closed; /* closed -1: open */
    int outcome;
    int stage, stage_entered; /* of the row; -1: empty */
    bool later;               /* what the row says of the stage comes after the as-of date */
} deal_life;

static const char *const stage_names[] = {"lead", "demo", "offer", "legal", "pilot"};

static void add_entry(world *w, int deal, const char *stage, int day, bool clock) {
    char line[120], date[DATE_SIZE];
    snprintf(line, sizeof line, "D%03d,%s,%s", deal, stage, date_text(date, day, clock));
    add_line(w->history, &w->n_history, line);
}

/* The known part of a deal: stages passed and perhaps a closing, all before the as-of date. */
static void live_past(world *w, int deal, deal_life *life, uint64_t *seed) {
    int day = life->created, last = -1;
    for (int step = 0; step < 4 && day < AS_OF_DAY; step++) {
        int stage = (int)draw(seed, 3) + (step > 1);
        if (stage != last)
            add_entry(w, deal, stage_names[stage], day, false);
        last = stage;
        life->stage = stage;
        life->stage_entered = day;
        day += 1 + (int)draw(seed, 25);
        if (draw(seed, 4) == 0)
            break;
    }
    if (day < AS_OF_DAY && draw(seed, 2)) {
        life->closed = day;
        life->outcome = draw(seed, 3) == 0 ? RECOUP_WON : RECOUP_LOST;
    }
}

/* The rest of a deal that is open at the as-of date. Without a history the row keeps one stage
 * only: then `later`, which belongs to the past, says whether a later one has replaced the known.
 */
static void live_future(world *w, int deal, deal_life *life, bool has_history, int n_stages,
                        uint64_t *seed) {
    int day = AS_OF_DAY + (int)draw(seed, 10);
    bool moves = has_history ? draw(seed, 2) : life->later;
    for (int step = 0; moves && step < 3 && day < LAST_DAY; step++) {
        int stage = (int)draw(seed, (unsigned)n_stages);
        if (stage == life->stage)
            continue;
        add_entry(w, deal, stage_names[stage], day, draw(seed, 2));
        life->stage = stage;
        life->stage_entered = day;
        day += 1 + (int)draw(seed, 10);
    }
    if (!has_history && life->later && life->stage_entered < AS_OF_DAY)
        life->stage_entered = day++;
    if (draw(seed, 2)) {
        life->closed = day;
        life->outcome = draw(seed, 2) ? RECOUP_WON : RECOUP_LOST;
        if (has_history && draw(seed, 2))
            add_entry(w, deal, life->outcome == RECOUP_WON ? "won" : "lost", day, false);
    }
}

static void add_row(world *w, int deal, const deal_life *life, const char *rep, const char *channel,
                    const char *amount, bool has_history, uint64_t *future) {
    static const char *const outcomes[] = {"open", "won", "lost"};
    char line[300], created[DATE_SIZE], entered[DATE_SIZE] = "", closed[DATE_SIZE] = "",
                                        expected[DATE_SIZE];
    bool is_later = life->created >= AS_OF_DAY;
    if (life->stage_entered >= 0)
        date_text(entered, life->stage_entered, false);
    if (life->closed >= 0)
        date_text(closed, life->closed, life->closed >= AS_OF_DAY && draw(future, 2));
    if (has_history && draw(future, 3) == 0)
        entered[0] = '\0'; /* the history knows better */
    date_text(expected, AS_OF_DAY + (int)draw(future, 90), false);
    snprintf(line, sizeof line, "D%03d,%s,%s,%s,%s,%s,%s,%s,%s,%s", deal, rep, amount,
             date_text(created, life->created, is_later && draw(future, 2)),
             stage_names[life->stage], entered, closed, outcomes[life->outcome], channel, expected);
    add_line(w->deals, &w->n_deals, line);
}

static void make_world(world *w, const world_options *options, uint64_t past, uint64_t future) {
    static const char *const reps[] = {"",    "r01", "r02", "r03", "r04", "r05", "r06",
                                       "r07", "r08", "r09", "r10", "r11", "r12"};
    static const char *const channels[] = {"", "web", "fair", "phone"};
    /* Where the stages come from the data, some futures have more of them than others. */
    int n_stages = options->stages_given ? 3 : 3 + (int)draw(&future, 3);
    memset(w, 0, sizeof *w);
    for (int i = 0; i < N_DEALS; i++) {
        char amount[20] = "";
        deal_life life = {.closed = -1, .stage = 0, .stage_entered = -1};
        life.created = (int)draw(&past, AS_OF_DAY);
        life.later = draw(&past, 2);
        if (draw(&past, 8))
            snprintf(amount, sizeof amount, "%u", draw(&past, 9000));
        const char *rep = reps[draw(&past, 13)], *channel = channels[draw(&past, 4)];
        /* The history of some begins late: nothing of it is known yet. */
        if (!options->has_history || draw(&past, 10))
            live_past(w, i, &life, &past);
        if (life.closed < 0)
            live_future(w, i, &life, options->has_history, n_stages, &future);
        add_row(w, i, &life, rep, channel, amount, options->has_history, &future);
    }
    int n_later = (int)draw(&future, 20);
    for (int i = 0; i < n_later; i++) { /* deals that do not exist yet */
        char amount[20], rep[20], channel[20];
        deal_life life = {.closed = -1, .stage = 0, .stage_entered = -1};
        life.created = AS_OF_DAY + (int)draw(&future, 30);
        snprintf(amount, sizeof amount, "%u", 10000 + draw(&future, 90000));
        snprintf(rep, sizeof rep, "r%02u", 1 + draw(&future, options->has_reps ? 12 : 50));
        snprintf(channel, sizeof channel, "channel %u", draw(&future, 9));
        if (draw(&future, 2)) {
            life.closed = life.created + (int)draw(&future, 20);
            life.outcome = RECOUP_WON;
        }
        add_entry(w, 500 + i, stage_names[0], life.created, true);
        add_row(w, 500 + i, &life, rep, channel, amount, options->has_history, &future);
    }
}

static char *join(const char *header, char *const *lines, int n, const char *end) {
    recoup_text text = {0};
    recoup_text_add(&text, "%s%s", header, end);
    for (int i = 0; i < n; i++)
        recoup_text_add(&text, "%s%s", lines[i], end);
    assert_false(text.failed);
    return text.bytes;
}

#define DEALS_HEADER                                                                               \
    "deal_id,rep_id,amount,created,stage,stage_entered,closed,outcome,channel,expected_close"
#define HISTORY_HEADER "deal_id,stage,entered"

static recoup_view *view_of(const world *w, const world_options *options, const char *line_end,
                            char delimiter, const char *mark) {
    static const char reps[] = "rep_id,cohort,quota\nr01,a,100\nr02,b,200\nr03,a,100\nr04,,100\n"
                               "r05,b,300\nr06,a,100\nr07,b,100\nr08,b,100\nr09,a,500\nr10,a,100\n"
                               "r11,a,100\nr12,b,100\n";
    crm_files files;
    recoup_error error = RECOUP_ERROR_INIT;
    char *texts[2] = {join(DEALS_HEADER, w->deals, w->n_deals, line_end),
                      join(HISTORY_HEADER, w->history, w->n_history, line_end)};
    for (int i = 0; i < 2; i++) {
        for (char *p = texts[i]; *p; p++)
            *p = *p == ',' ? delimiter : *p;
        recoup_text marked = {0};
        recoup_text_add(&marked, "%s%s", mark, texts[i]);
        free(texts[i]);
        texts[i] = marked.bytes;
    }
    crm_open(&files, texts[0], options->has_history ? texts[1] : NULL,
             options->has_reps ? reps : NULL, NULL);
    if (options->stages_given) {
        files.source.stages = stage_names;
        files.source.n_stages = 4;
    }
    char as_of[DATE_SIZE];
    recoup_view_options view_options = crm_options(date_text(as_of, AS_OF_DAY, false));
    view_options.period_start -= 30;
    view_options.cohorts = options->cohorts;
    recoup_view *view = crm_view(&files.source, &view_options, &error);
    crm_close(&files);
    free(texts[0]);
    free(texts[1]);
    recoup_error_clear(&error);
    return view;
}

static void assert_same_names(const recoup_names *a, const recoup_names *b) {
    assert_int_equal(a->n, b->n);
    for (int i = 0; i < a->n; i++)
        assert_string_equal(a->name[i], b->name[i]);
}

#define ASSERT_SAME(a, b, field, n)                                                                \
    assert_memory_equal((a)->field, (b)->field, (size_t)(n) * sizeof *(a)->field)

static void assert_same_views(const recoup_view *a, const recoup_view *b) {
    assert_same_names(&a->stages, &b->stages);
    assert_same_names(&a->cohorts, &b->cohorts);
    assert_same_names(&a->channels, &b->channels);
    assert_same_names(&a->segments, &b->segments);
    assert_same_names(&a->teams, &b->teams);
    assert_same_names(&a->rep_ids, &b->rep_ids);
    assert_int_equal(a->n_deals, b->n_deals);
    assert_int_equal(a->n_open, b->n_open);
    for (int i = 0; i < a->n_deals; i++)
        assert_string_equal(a->deal_id[i], b->deal_id[i]);
    ASSERT_SAME(a, b, rep, a->n_deals);
    ASSERT_SAME(a, b, cohort, a->n_deals);
    ASSERT_SAME(a, b, channel, a->n_deals);
    ASSERT_SAME(a, b, segment, a->n_deals);
    ASSERT_SAME(a, b, amount, a->n_deals);
    ASSERT_SAME(a, b, list_amount, a->n_deals);
    ASSERT_SAME(a, b, created, a->n_deals);
    ASSERT_SAME(a, b, closed, a->n_deals);
    ASSERT_SAME(a, b, outcome, a->n_deals);
    ASSERT_SAME(a, b, stage, a->n_deals);
    ASSERT_SAME(a, b, stage_entered, a->n_deals);
    ASSERT_SAME(a, b, key, a->n_deals);
    ASSERT_SAME(a, b, visit_first, a->n_deals + 1);
    assert_int_equal(a->n_visits, b->n_visits);
    for (int k = 0; k < a->n_visits; k++) {
        const recoup_visit *x = &a->visit[k], *y = &b->visit[k];
        assert_int_equal(x->deal, y->deal);
        assert_int_equal(x->stage, y->stage);
        assert_true(x->entered == y->entered && x->dwell == y->dwell);
        assert_true(x->entry_age == y->entry_age);
        assert_int_equal(x->target, y->target);
        assert_int_equal(x->entry_known, y->entry_known);
    }
    assert_int_equal(a->n_reps, b->n_reps);
    ASSERT_SAME(a, b, rep_cohort, a->n_reps);
    ASSERT_SAME(a, b, rep_team, a->n_reps);
    ASSERT_SAME(a, b, rep_status, a->n_reps);
    ASSERT_SAME(a, b, rep_quota, a->n_reps);
    ASSERT_SAME(a, b, rep_capacity, a->n_reps);
    assert_int_equal(a->dated_by_day, b->dated_by_day);
    assert_true(a->first_created == b->first_created);
    assert_true(a->digest == b->digest);
}

static world_options options_of(uint64_t seed) {
    world_options options = {.has_history = seed % 3 != 0,
                             .stages_given = seed % 2 == 0,
                             .has_reps = seed % 5 < 3,
                             .cohorts = (recoup_cohort_rule)(seed % 3)};
    if (!options.has_history) /* then the order of the stages must be given */
        options.stages_given = true;
    return options;
}

static void test_future_does_not_show(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        world_options options = options_of(seed);
        world w;
        make_world(&w, &options, seed, 1000);
        recoup_view *first = view_of(&w, &options, "\n", ',', "");
        assert_int_equal(first->n_deals, N_DEALS);
        assert_true(first->n_open > 0 && first->n_open < N_DEALS);
        assert_true(first->dated_by_day);
        clear_world(&w);
        for (uint64_t future = 1; future < FUTURES; future++) {
            make_world(&w, &options, seed, 1000 + seed * FUTURES + future);
            recoup_view *other = view_of(&w, &options, "\n", ',', "");
            assert_same_views(first, other);
            recoup_view_free(other);
            clear_world(&w);
        }
        recoup_view_free(first);
    }
}

/* The counterpart, without which the test above would pass on an empty view: every change of the
 * known past does show. */
static void test_past_shows(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        {"D1,r1,10,2026-01-01,lead,,2026-01-05,won,web,",
         "D1,r1,11,2026-01-01,lead,,2026-01-05,won,web,"},
        {"D1,r1,10,2026-01-01,lead,,2026-01-05,won,web,",
         "D1,r1,10,2026-01-01,lead,,2026-01-06,won,web,"},
        {"D1,r1,10,2026-01-01,lead,,2026-01-05,won,web,",
         "D1,r1,10,2026-01-01,lead,,2026-01-05,lost,web,"},
        {"D1,r1,10,2026-01-01,lead,,2026-01-05,won,web,",
         "D1,r1,10,2026-01-01,lead,,2026-01-05,won,fair,"},
        {"D1,r1,10,2026-01-01,lead,,2026-01-05,won,web,",
         "D1,r2,10,2026-01-01,lead,,2026-01-05,won,web,"},
        {"D1,r1,10,2026-01-01,lead,,2026-01-05,won,web,",
         "D2,r1,10,2026-01-01,lead,,2026-01-05,won,web,"},
        {"D1,r1,10,2026-01-01,lead,,,open,web,", "D1,r1,10,2026-01-01,demo,2026-01-01,,open,web,"},
        {"D1,r1,10,2026-01-02,lead,,,open,web,", "D1,r1,10,2026-01-02T09:00Z,lead,,,open,web,"},
    };
    world_options options = {.stages_given = true};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t digest[2];
        for (int k = 0; k < 2; k++) {
            world w = {.n_deals = 0};
            add_line(w.deals, &w.n_deals, rows[i][k]);
            recoup_view *view = view_of(&w, &options, "\n", ',', "");
            digest[k] = view->digest;
            recoup_view_free(view);
            clear_world(&w);
        }
        assert_true(digest[0] != digest[1]);
    }
}

static void test_form_does_not_show(void **state) {
    (void)state;
    static const char bom[] = "\xEF\xBB\xBF";
    world_options options = {.has_history = true, .has_reps = true};
    world w;
    make_world(&w, &options, 7, 8);
    recoup_view *plain = view_of(&w, &options, "\n", ',', "");
    recoup_view *others[] = {
        view_of(&w, &options, "\r\n", ',', ""), view_of(&w, &options, "\n", ';', ""),
        view_of(&w, &options, "\n", '\t', ""),  view_of(&w, &options, "\n", ',', bom),
        view_of(&w, &options, "\r", ',', ""),   view_of(&w, &options, "\r\n\r\n", ';', bom),
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_same_views(plain, others[i]);
        recoup_view_free(others[i]);
    }
    recoup_view_free(plain);
    clear_world(&w);
}

static void shuffle(char **lines, int n, uint64_t *seed) {
    for (int i = n - 1; i > 0; i--) {
        int k = (int)draw(seed, (unsigned)i + 1);
        char *line = lines[i];
        lines[i] = lines[k];
        lines[k] = line;
    }
}

static void test_row_order_does_not_show(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        world_options options = options_of(seed);
        world w;
        uint64_t order = seed;
        make_world(&w, &options, seed, seed);
        recoup_view *sorted = view_of(&w, &options, "\n", ',', "");
        shuffle(w.deals, w.n_deals, &order);
        shuffle(w.history, w.n_history, &order);
        recoup_view *shuffled = view_of(&w, &options, "\n", ',', "");
        assert_same_views(sorted, shuffled);
        recoup_view_free(sorted);
        recoup_view_free(shuffled);
        clear_world(&w);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_future_does_not_show),
        cmocka_unit_test(test_past_shows),
        cmocka_unit_test(test_form_does_not_show),
        cmocka_unit_test(test_row_order_does_not_show),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
