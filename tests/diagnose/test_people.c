/* Reps: spread, shortfall, and what they are made of. */
#include "deal_book.h"

#include "base/date.h"
#include "diagnose/courses.h"
#include "diagnose/false_discoveries.h"
#include "diagnose/leaving_curve.h"
#include "diagnose/ratio.h"
#include "diagnose/rep_effects.h"
#include "diagnose/wilson.h"

/* --- against what others say ------------------------------------------------------------------ */

/* The 15 p-values of Benjamini & Hochberg 1995, section 4.2: their procedure finds the first four
 * at 5 %. */
static void test_false_discoveries(void **state) {
    (void)state;
    enum { N = 17 };
    const double p[N] = {.0344, .0001, .0459, .0019, NAN,   .0095, .0201, .0278, .0298,
                         .0004, .3240, .4262, .5719, .6528, .7590, 1,     NAN};
    double q[N];
    int n_found = 0;
    assert_true(recoup_q_values(N, p, q));
    for (int i = 0; i < N; i++) {
        assert_int_equal(isnan(q[i]) != 0, isnan(p[i]) != 0);
        if (q[i] <= RECOUP_FALSE_DISCOVERIES) {
            assert_true(p[i] <= .0095);
            n_found++;
        }
    }
    assert_int_equal(n_found, 4);
    assert_true(fabs(q[5] - .0095 * 15 / 4) < 1e-15);
    assert_true(q[15] == 1);
}

/* Against SciPy (tests/oracle/people_scipy.py), to the rounding of its quantile. */
static void test_wilson(void **state) {
    (void)state;
    FILE *file = fopen(SOURCE_DIR "/tests/oracle/people_scipy.csv", "r");
    char line[256];
    int count = 0;
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file)) {
        double from, to;
        char *next;
        double k = strtod(line, &next), n = strtod(next + 1, &next);
        double low = strtod(next + 1, &next), high = strtod(next + 1, &next);
        recoup_wilson(k, n, &from, &to);
        assert_true(fabs(from - low) < 1e-12 && fabs(to - high) < 1e-12);
        count++;
    }
    fclose(file);
    assert_int_equal(count, 7);
}

/* Deals of many reps; wins take longer than losses. */
static recoup_view *censored_book(int n_reps, int n, uint64_t seed) {
    recoup_view *view = book_of(n_reps, n);
    for (int i = 0; i < n; i++) {
        bool won = uniform(&seed) < .3;
        double days = -log(uniform(&seed)) * (won ? 60 : 25), amount = exp(9 + normal(&seed));
        add_course(view, i % n_reps, view->as_of - 400 * uniform(&seed), days, won, amount);
    }
    return view;
}

/* G(t-) by its definition: the product, over the ages at which open ones were last seen, of the
 * share that was watched on, ends at the same age counted out. */
static double watched_before(const recoup_courses *courses, double days) {
    double watched = 1;
    for (int i = 0; i < courses->n; i++) {
        double at = courses->stay[i].dwell_days, there = 0, stop = 0;
        bool first = courses->stay[i].exit < 0 && at < days;
        for (int k = 0; k < courses->n && first; k++) {
            const recoup_stay *other = &courses->stay[k];
            bool same = other->exit < 0 && other->dwell_days == at;
            first = !(same && k < i);
            stop += same;
            there += other->dwell_days > at || same;
        }
        watched *= first ? 1 - stop / there : 1;
    }
    return watched;
}

/* Weights are 1 / G(t-), and weighted shares the Aalen-Johansen estimate. */
static void test_weights(void **state) {
    (void)state;
    recoup_view *view = censored_book(10, 900, 1);
    recoup_stage_data data;
    recoup_risk risk;
    recoup_courses courses;
    assert_true(recoup_stage_data_create(view, 0, &data));
    assert_true(recoup_risk_create(&risk, data.stay, data.n_stays));
    recoup_incidence_step *step = calloc((size_t)risk.n, sizeof *step);
    assert_true(recoup_courses_of_stage(view, 0, &courses));
    assert_true(recoup_courses_weigh(&courses, NULL, 0));
    int n_steps = recoup_incidence(&risk, RECOUP_ADVANCE, step);
    double won = 0, last = 0;
    for (int i = 0; i < courses.n; i++) {
        won += courses.stay[i].exit == RECOUP_GOES_ON ? courses.weight[i] / courses.n : 0;
        assert_true(courses.weight[i] == 0 || courses.stay[i].exit >= 0);
        assert_true(courses.weight[i] <= 1 / RECOUP_LEAST_WATCHED);
        if (courses.weight[i] > 0)
            last = fmax(last, courses.stay[i].dwell_days);
        if (courses.weight[i] > 0 && i % 10 == 0) { /* it takes long */
            double watched = watched_before(&courses, courses.stay[i].dwell_days);
            assert_true(fabs(courses.weight[i] * watched - 1) < 1e-12);
        }
    }
    int k = n_steps - 1;
    while (k > 0 && step[k].days > last)
        k--;
    assert_true(fabs(won - step[k].incidence) < 1e-12);
    assert_true(won > .2 && won < .4);
    recoup_courses_clear(&courses);
    recoup_risk_clear(&risk);
    free(step);
    free(data.stay);
    free_book(view);
}

/* A mean, with its textbook standard error; and clusters of equal values, which count once each. */
static void test_ratio(void **state) {
    (void)state;
    enum { N = 60 };
    double x[N], d[N], sum = 0, squares = 0;
    int alone[N], cluster[N];
    uint64_t seed = 3;
    for (int i = 0; i < N; i++) {
        x[i] = i % 3 ? x[i - 1] : normal(&seed);
        d[i] = 1;
        alone[i] = -1;
        cluster[i] = i / 3;
        sum += x[i];
    }
    for (int i = 0; i < N; i++)
        squares += pow(x[i] - sum / N, 2);
    recoup_ratio ratio;
    recoup_ratio_data data = {N, x, d, alone, 0, NULL};
    assert_true(recoup_ratio_of(&data, &ratio));
    assert_true(fabs(ratio.value - sum / N) < 1e-14);
    assert_true(fabs(ratio.se - sqrt(squares / (N - 1) / N)) < 1e-14);
    data.cluster = cluster;
    data.n_clusters = N / 3;
    assert_true(recoup_ratio_of(&data, &ratio));
    assert_int_equal(ratio.n_clusters, N / 3);
    assert_true(fabs(ratio.se - sqrt(squares / 3 / (N / 3. - 1) / (N / 3.))) < 1e-14);
}

/* As many ends are expected as there were; the median of exponential times of mean 50 is 50 ln 2,
 * at twice the speed half of it, to 4 standard errors, 1 / sqrt(ends) of a scale. */
static void test_leaving(void **state) {
    (void)state;
    enum { N = 4000 };
    recoup_stay stay[N];
    recoup_leaving_curve curve;
    uint64_t seed = 5;
    double ended = 0, expected = 0;
    for (int i = 0; i < N; i++) {
        double days = -50 * log(uniform(&seed)), watched = 150 * uniform(&seed);
        bool open = days > watched;
        stay[i] = (recoup_stay){open ? RECOUP_STAY_OPEN : RECOUP_STAY_CLOSED,
                                open ? -1 : (int)(i % 2),
                                i,
                                fmin(days, watched),
                                0,
                                1};
        ended += !open;
    }
    assert_true(recoup_leaving_curve_create(stay, N, &curve));
    for (int i = 0; i < N; i++)
        expected += recoup_leaving_expected(&curve, &stay[i]);
    assert_true(fabs(expected - ended) < 1e-8);
    double error = 4 * 50 * M_LN2 / sqrt(ended);
    assert_true(fabs(recoup_leaving_median(&curve, 1) - 50 * M_LN2) < 2 * error);
    assert_true(fabs(recoup_leaving_median(&curve, 2) - 25 * M_LN2) < error);
    assert_true(isnan(recoup_leaving_median(&curve, .01)));
    recoup_leaving_curve_clear(&curve);
}

/* --- reps ------------------------------------------------------------------------------------- */

enum { REPS = 20, DEALS = 15 };

/* Exponential times of reps whose speeds are lognormal with mean 1 and the given standard
 * deviation, watched for up to 100 days. */
static bool draw_stays(const recoup_view *view, double sd, uint64_t *seed,
                       recoup_observations *to) {
    recoup_stay stay[REPS * DEALS] = {{0}};
    recoup_leaving_curve curve;
    double sigma = sqrt(log1p(sd * sd));
    for (int r = 0, i = 0; r < view->n_reps; r++) {
        double speed = exp(sigma * normal(seed) - sigma * sigma / 2);
        for (int k = 0; k < DEALS; k++, i++) {
            double days = -30 * log(uniform(seed)) / speed, watched = 100 * uniform(seed);
            bool open = days > watched;
            stay[i] = (recoup_stay){open ? RECOUP_STAY_OPEN : RECOUP_STAY_CLOSED,
                                    open ? -1 : 0,
                                    r,
                                    fmin(days, watched),
                                    0,
                                    1};
        }
    }
    bool enough = recoup_leaving_curve_create(stay, REPS * DEALS, &curve);
    to->n = REPS * DEALS;
    for (int i = 0; i < to->n; i++) {
        to->rep[i] = stay[i].deal;
        to->information[i] = recoup_leaving_expected(&curve, &stay[i]);
        to->score[i] = stay[i].kind == RECOUP_STAY_CLOSED;
    }
    recoup_leaving_curve_clear(&curve);
    return enough;
}

static void draw_amounts(const recoup_view *view, double sd, uint64_t *seed,
                         recoup_observations *to) {
    const double within = .7;
    to->n = 0;
    for (int r = 0; r < view->n_reps; r++) {
        double mean = sd * normal(seed);
        for (int k = 0; k < DEALS; k++) {
            to->rep[to->n] = r;
            to->score[to->n] = (10 + mean + within * normal(seed)) / (within * within);
            to->information[to->n++] = 1 / (within * within);
        }
    }
}

typedef struct outcome {
    int n_found;       /* of both, by Benjamini & Hochberg */
    double sd[2];      /* means of the estimates */
    double p_small[2]; /* p <= .05 */
} outcome;

static outcome run_books(int n_books, double sd, uint64_t seed) {
    recoup_view *view = book_of(REPS, 1);
    recoup_observations observed;
    double value[REPS], p[2], q[2];
    outcome all = {0};
    assert_true(recoup_observations_create(REPS * DEALS, &observed));
    for (int b = 0; b < n_books; b++) {
        for (int kind = 0; kind < 2; kind++) {
            recoup_rep_effects effects = {.value = value};
            if (kind == 0)
                assert_true(draw_stays(view, sd, &seed, &observed));
            else
                draw_amounts(view, sd, &seed, &observed);
            assert_true(recoup_rep_effects_of(view, &observed, kind == 0,
                                              (unsigned long)(2 * b + kind), &effects));
            assert_int_equal(effects.n_reps, REPS);
            p[kind] = effects.p_value;
            all.sd[kind] += effects.sd / n_books;
            all.p_small[kind] += (p[kind] <= .05) / (double)n_books;
        }
        assert_true(recoup_q_values(2, p, q));
        all.n_found += q[0] <= RECOUP_FALSE_DISCOVERIES || q[1] <= RECOUP_FALSE_DISCOVERIES;
    }
    recoup_observations_clear(&observed);
    free_book(view);
    return all;
}

/* Where reps do not differ, "individual" is said of at most one book in twenty: of 200, no more
 * than 5 % and three standard errors of that. */
static void test_no_difference(void **state) {
    (void)state;
    enum { BOOKS = 200 };
    double most = .05 + 3 * sqrt(.05 * .95 / BOOKS);
    outcome none = run_books(BOOKS, 0, 11);
    print_message("reps that are alike: found in %d of %d books; p <= .05 in %.3f and %.3f\n",
                  none.n_found, BOOKS, none.p_small[0], none.p_small[1]);
    assert_true(none.n_found <= most * BOOKS);
    assert_true(none.p_small[0] <= most && none.p_small[1] <= most);
    assert_true(none.p_small[0] >= .05 - 3 * sqrt(.05 * .95 / BOOKS));
}

/* Reps with a spread of .6: found, and estimated. The estimate of one book has a standard error of
 * about sd / sqrt(2 (REPS - 1)) · (1 + chance² / sd²), here .12 (chance: 1 / sqrt(11 ends) and .7 /
 * sqrt(15)); four of those of the mean of 40 are .077. */
static void test_spread_found(void **state) {
    (void)state;
    enum { BOOKS = 40 };
    outcome some = run_books(BOOKS, .6, 12);
    print_message("reps that differ by .6: found in %d of %d books, sd %.3f and %.3f\n",
                  some.n_found, BOOKS, some.sd[0], some.sd[1]);
    assert_true(some.n_found >= 38);
    assert_true(fabs(some.sd[0] - .6) < .077 && fabs(some.sd[1] - .6) < .077);
}

/* --- quotas ----------------------------------------------------------------------------------- */

static double day(int year, int month, int day_of_month) {
    return recoup_days_from_civil(year, month, day_of_month);
}

/* Five reps with a quota of 10 each, counted by hand: quarter by quarter those who sell, sell 12.
 */
static void test_shortfall(void **state) {
    (void)state;
    enum { N = 7, QUARTERS = 4 };
    static const bool sells[QUARTERS][N] = {
        {1, 1, 0, 0, 0, 1, 1}, {1, 0, 0, 0, 1, 1, 1}, {1, 1, 0, 1, 0, 1, 1}, {0, 1, 0, 1, 1, 1, 0}};
    const double start[QUARTERS] = {day(2023, 10, 1), day(2024, 1, 1), day(2024, 4, 1),
                                    day(2024, 7, 1)};
    recoup_view *view = book_of(N, 2000);
    recoup_scenario scenario = quarter();
    int n;
    for (int r = 0; r < N; r++) {
        view->rep_quota[r] = 10;
        view->rep_start[r] = r == 5 ? day(2024, 5, 15) : day(2020, 1, 1); /* 5: later */
    }
    view->rep_status[6] = RECOUP_REP_VACANT;
    for (int i = 0; i < 40; i++) /* wins take 30 days; the history begins 30 days before October */
        add_course(view, 2, start[0] - 60 + i, 30, true, .001);
    view->first_created = start[0] - 30;
    for (int k = 0; k < QUARTERS; k++)
        for (int r = 0; r < N; r++)
            if (sells[k][r])
                add_course(view, r, start[k], 30, true, 12);
    view->first_created = start[0] - 30; /* as if those before were imported */
    recoup_results *results = diagnose(view, &scenario, recoup_diagnose_shortfall);
    const recoup_shortfall_row *row = recoup_results_records(results, RECOUP_RECORD_SHORTFALL, &n);
    assert_int_equal(n, QUARTERS);
    for (int k = 0; k < n; k++)
        assert_true(row[k].start == start[k]);
    assert_true(row[n - 1].end == QUARTER_START);
    assert_int_equal(row[0].n_reps, 5);
    assert_int_equal(row[0].n_short, 3);
    assert_true(isnan(row[0].again));
    assert_int_equal(row[1].n_short, 3); /* 1, 2, 3: of 2, 3, 4 before two again */
    assert_int_equal(row[1].n_again, 2);
    assert_true(row[1].again == 2 / 3. && row[1].again_expected == .6);
    assert_int_equal(row[2].n_short, 2);
    assert_int_equal(row[3].n_reps, 6); /* 5 is there now, but was not before */
    assert_int_equal(row[3].n_short, 2);
    assert_true(row[3].again == .5 && row[3].again_expected == .4);
    recoup_results_free(results);
    free_book(view);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_false_discoveries), cmocka_unit_test(test_wilson),
        cmocka_unit_test(test_weights),           cmocka_unit_test(test_ratio),
        cmocka_unit_test(test_leaving),           cmocka_unit_test(test_no_difference),
        cmocka_unit_test(test_spread_found),      cmocka_unit_test(test_shortfall),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
