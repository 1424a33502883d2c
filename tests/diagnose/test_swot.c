/* Strengths and weaknesses, benchmarks, losses and the review, on books of which all is known. */
#include "deal_book.h"

enum { REPS = 20, CREATED_DAYS = 500 };

static recoup_view *grouped_book(int n_deals) {
    recoup_view *view = book_of(REPS, n_deals);
    static const char *const segments[] = {"a", "b", "c", "d"};
    static const char *const competitors[] = {"x", "y", "z"};
    for (int k = 0; k < 4; k++)
        recoup_names_add(&view->segments, segments[k]);
    for (int k = 0; k < 3; k++)
        recoup_names_add(&view->competitors, competitors[k]);
    return view;
}

/* Reps differ a little; `lift` is added to the win rate of segment b, `fall` taken from that of
 * competitor z in the last 184 days (two quarters), when segment b has `growth` more deals. */
static recoup_view *draw_book(int n_deals, double lift, double fall, double growth,
                              uint64_t *seed) {
    recoup_view *view = grouped_book(n_deals);
    double of_rep[REPS];
    for (int r = 0; r < REPS; r++)
        of_rep[r] = .03 * normal(seed);
    for (int i = 0; i < n_deals; i++) {
        double created = view->as_of - CREATED_DAYS * uniform(seed);
        bool recent = created >= view->as_of - 2 * (QUARTER_END - QUARTER_START);
        int rep = (int)(REPS * uniform(seed)), segment = (int)(4 * uniform(seed));
        int competitor = (int)(3 * uniform(seed));
        if (recent && segment != 1 && uniform(seed) < growth)
            segment = 1;
        double share =
            .3 + of_rep[rep] + (segment == 1 ? lift : 0) - (recent && competitor == 2 ? fall : 0);
        bool won = uniform(seed) < share;
        double days = -log(uniform(seed)) * (won ? 50 : 25);
        int deal = add_course(view, rep, created, days, won, exp(9 + normal(seed)));
        view->segment[deal] = segment;
        view->competitor[deal] = competitor;
    }
    return view;
}

static const recoup_swot_row *find(const recoup_results *results, const char *quadrant,
                                   const char *name) {
    int n;
    const recoup_swot_row *row = recoup_results_records(results, RECOUP_RECORD_SWOT, &n);
    for (int i = 0; i < n; i++)
        if (strcmp(row[i].quadrant, quadrant) == 0 && strcmp(row[i].name, name) == 0)
            return &row[i];
    return NULL;
}

/* Without differences a row comes in at most one book in twenty, and three standard errors. */
static void test_nothing(void **state) {
    (void)state;
    enum { BOOKS = 100 };
    recoup_scenario scenario = quarter();
    uint64_t seed = 21;
    int n_books = 0, n;
    for (int b = 0; b < BOOKS; b++) {
        recoup_view *view = draw_book(1500, 0, 0, 0, &seed);
        recoup_results *results = diagnose(view, &scenario, recoup_diagnose_swot);
        recoup_results_records(results, RECOUP_RECORD_SWOT, &n);
        n_books += n > 0;
        recoup_results_free(results);
        free_book(view);
    }
    print_message("nothing planted: rows in %d of %d books\n", n_books, BOOKS);
    assert_true(n_books <= BOOKS * .05 + 3 * sqrt(BOOKS * .05 * .95));
}

/* Twenty points, eight standard errors of the difference (sqrt(.25 / 600) of a segment, some .02),
 * are found in every book, with what follows from them; the true values are in the intervals of
 * all but a few of 20 (95 %: at most 4 outside in 997 of 1000 such runs). */
static void test_planted(void **state) {
    (void)state;
    enum { BOOKS = 20 };
    recoup_scenario scenario = quarter();
    uint64_t seed = 22;
    int n_outside = 0;
    for (int b = 0; b < BOOKS; b++) {
        recoup_view *view = draw_book(3000, .2, .2, .3, &seed);
        recoup_results *results = diagnose(view, &scenario, recoup_diagnose_swot);
        const recoup_swot_row *strength = find(results, "strength", "b");
        const recoup_swot_row *growth = find(results, "opportunity", "b");
        const recoup_swot_row *fall = find(results, "threat", "z");
        assert_non_null(strength);
        assert_non_null(growth);
        assert_non_null(fall);
        assert_string_equal(strength->test, "level");
        assert_string_equal(growth->test, "share");
        assert_string_equal(fall->test, "change");
        assert_true(strength->value > strength->reference && fall->value < fall->reference);
        assert_non_null(strstr(strength->sentence, "segment b: "));
        /* a quarter, and three in ten of the others' three quarters since */
        n_outside += growth->low > .25 + .3 * .75 || growth->high < .25 + .3 * .75;
        recoup_results_free(results);
        free_book(view);
    }
    assert_true(n_outside <= 4);
}

/* With every deal closed there is nothing to correct: shares and means are the plain ones. */
static void test_benchmarks(void **state) {
    (void)state;
    enum { N = 200 };
    recoup_view *view = grouped_book(N);
    recoup_benchmark list[] = {{RECOUP_BENCHMARK_WIN_RATE, .9, "a report", NULL, NULL},
                               {RECOUP_BENCHMARK_CYCLE_DAYS, 10, NULL, NULL, NULL},
                               {RECOUP_BENCHMARK_DEAL, 1000, NULL, NULL, NULL},
                               {RECOUP_BENCHMARK_CONVERSION, .25, NULL, "stage 1", NULL}};
    recoup_scenario scenario = quarter();
    scenario.benchmarks = (recoup_benchmarks){4, list};
    uint64_t seed = 23;
    double won = 0, days = 0, amounts = 0;
    for (int i = 0; i < N; i++) {
        bool is_won = i % 4 == 0;
        double own = 20 + 40 * uniform(&seed), amount = 1000 * (.5 + uniform(&seed));
        add_course(view, i % REPS, view->as_of - 300 + i, own, is_won, amount);
        won += is_won;
        days += is_won ? own : 0;
        amounts += is_won ? amount : 0;
    }
    recoup_results *results = diagnose(view, &scenario, recoup_diagnose_outside);
    int n;
    const recoup_benchmark_row *row = recoup_results_records(results, RECOUP_RECORD_BENCHMARK, &n);
    assert_int_equal(n, 4);
    assert_true(fabs(row[0].value - won / N) < 1e-12 && row[0].n == N);
    assert_string_equal(row[0].verdict, "below");
    assert_string_equal(row[0].source, "a report");
    assert_true(fabs(row[1].value - days / won) < 1e-9 && row[1].n == (int)won);
    assert_string_equal(row[1].verdict, "above");
    assert_true(fabs(row[2].value - amounts / won) < 1e-9);
    assert_string_equal(row[2].verdict, "no clear difference");
    assert_true(row[3].value == row[0].value);
    assert_string_equal(row[3].stage, "stage 1");
    assert_string_equal(row[3].verdict, "no clear difference");
    recoup_results_free(results);
    free_book(view);
}

/* Wins that take long are missing among the closed: what is plain is too short, and too low. */
static void test_censoring(void **state) {
    (void)state;
    enum { N = 6000 };
    recoup_view *view = book_of(REPS, N);
    recoup_benchmark list[] = {{RECOUP_BENCHMARK_WIN_RATE, .9, NULL, NULL, NULL},
                               {RECOUP_BENCHMARK_CYCLE_DAYS, 10, NULL, NULL, NULL},
                               {RECOUP_BENCHMARK_DEAL, 10, NULL, NULL, NULL}};
    recoup_scenario scenario = quarter();
    scenario.benchmarks = (recoup_benchmarks){3, list};
    uint64_t seed = 24;
    double won = 0, closed = 0, days = 0;
    for (int i = 0; i < N; i++) {
        bool is_won = uniform(&seed) < .4;
        double own = is_won ? 40 + 80 * uniform(&seed) : 30 * uniform(&seed);
        double created = view->as_of - 160 * uniform(&seed); /* the longest wins can be seen */
        add_course(view, i % REPS, created, own, is_won, own);
        if (created + own < view->as_of) {
            closed++;
            won += is_won;
            days += is_won ? own : 0;
        }
    }
    recoup_results *results = diagnose(view, &scenario, recoup_diagnose_outside);
    int n;
    const recoup_benchmark_row *row = recoup_results_records(results, RECOUP_RECORD_BENCHMARK, &n);
    print_message("win rate %.3f of .4 (of those closed %.3f), cycle %.1f of 80 (%.1f)\n",
                  row[0].value, won / closed, row[1].value, days / won);
    const double truth[] = {.4, 80, 80}; /* amounts are the days */
    for (int k = 0; k < n; k++)          /* 1.96 standard errors to the ends: within four */
        assert_true(fabs(row[k].value - truth[k]) < (row[k].high - row[k].low) / 1.96 * 2);
    assert_true(won / closed < row[0].low && days / won < row[1].low);
    recoup_results_free(results);
    free_book(view);
}

static void test_losses_and_review(void **state) {
    (void)state;
    recoup_view *view = grouped_book(10);
    static const char *texts[] = {"slow", "friendly"};
    const char *groups[] = {"partners"};
    recoup_texts notes[] = {{2, texts, NULL}};
    recoup_scenario scenario = quarter();
    scenario.review = (recoup_review){1, groups, notes};
    recoup_names_add(&view->loss_reasons, "price");
    recoup_names_add(&view->loss_reasons, "timing");
    const int reason[] = {0, 1, 1, -1, -1, -1, 1};
    for (int i = 0; i < 7; i++) /* the first two are lost before the last two quarters */
        view->loss_reason[add_course(view, 0, view->as_of - (i < 2 ? 300 : 100), 10, false,
                                     100 * (i + 1))] = reason[i];
    add_course(view, 0, view->as_of - 50, 10, true, 1000);
    recoup_results *results = diagnose(view, &scenario, recoup_diagnose_outside);
    int n;
    const recoup_loss_row *row = recoup_results_records(results, RECOUP_RECORD_LOSS, &n);
    assert_int_equal(n, 3);
    assert_string_equal(row[0].reason, "timing");
    assert_string_equal(row[1].reason, "price");
    assert_string_equal(row[2].reason, "not given");
    assert_int_equal(row[0].n, 3);
    assert_true(row[0].share == 3 / 7. && row[0].amount == 200 + 300 + 700);
    assert_true(row[0].before == .5 && row[0].recent == .4 && row[0].n_recent == 2);
    assert_true(row[1].n_before == 1 && row[1].recent == 0);
    const recoup_review_row *review = recoup_results_records(results, RECOUP_RECORD_REVIEW, &n);
    assert_int_equal(n, 2);
    assert_string_equal(review[1].group, "partners");
    assert_string_equal(review[1].note, "friendly");
    recoup_results_free(results);
    free_book(view);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing),           cmocka_unit_test(test_planted),
        cmocka_unit_test(test_benchmarks),        cmocka_unit_test(test_censoring),
        cmocka_unit_test(test_losses_and_review),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
