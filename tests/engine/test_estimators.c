/* `walk`, `sample` and `conditional` against each other on random books: three readings of the same
 * model, of which the first knows nothing of win tables and the last samples nothing.
 *
 * Paths of the two estimators have different seeds, so that they are independent. Thousands of
 * figures are compared, each as a z-score: the difference over its Monte Carlo standard error, less
 * what the win tables may be off by (1e-4 in each deal's probability, program/tables.h). Of n
 * comparisons n·6.3e-5 exceed 4 by chance; so the largest one may be what a normal variable exceeds
 * with probability 1e-3 / n (Bonferroni). To see small errors of all worlds too, one score a world
 * and kind of figure (those of a world depend on each other) goes into a sum and a sum of squares,
 * which are normal and chi-square. Figures that rest on less than some hundred events are left out:
 * their scores are not normal. */
#include "random_world.h"
#include "simulate.h"

#include <gsl/gsl_cdf.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define RECOUP_SANITIZED
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define RECOUP_SANITIZED
#endif
#endif
#ifdef RECOUP_SANITIZED
enum { WORLDS = 6, WALK_PATHS = 512, SAMPLE_PATHS = 2048 };
#else
enum { WORLDS = 100, WALK_PATHS = 3072, SAMPLE_PATHS = 16384 };
#endif
enum { PLANS = 2, PILOT_PATHS = 256, ENOUGH_EVENTS = 400, ENOUGH_DISCORDANT = 100 };
static const double TABLES_ERROR = 1e-4; /* of a deal's probability to be won */

/* --- scores ----------------------------------------------------------------------------------- */

/* Figures of `walk` and `sample` against `conditional`, then of `walk` against `sample`. */
typedef enum kind {
    HIT,
    GAIN,
    MEAN,
    MEAN_GAIN,
    SHORTFALL,
    QUANTILE,
    N_EXACT,
    WINS = 2 * N_EXACT,
    COHORT,
    REP,
    WEEK,
    N_KINDS
} kind;
static const char *const kind_name[] = {"P(hit)",           "gain in P(hit)", "mean",
                                        "gain in the mean", "shortfall",      "quantile"};
static const char *const other_name[] = {"wins", "cohort", "rep", "week"};

typedef struct scores {
    int n, n_above_4;
    double worst;
    char where[100]; /* of the worst */
    int n_single[N_KINDS];
    double sum[N_KINDS], squares[N_KINDS];
} scores;

/* The figure that is compared. */
typedef struct place {
    int world, plan;
    bool single; /* goes into the sums */
} place;

static void describe(char *text, size_t size, int what, place at) {
    if (what >= WINS)
        snprintf(text, size, "world %d, plan %d: %s", at.world, at.plan, other_name[what - WINS]);
    else
        snprintf(text, size, "world %d, plan %d: %s of %s", at.world, at.plan,
                 kind_name[what % N_EXACT], what < N_EXACT ? "walk" : "sample");
}

static void score(scores *all, int what, place at, double difference, double se, double allowance) {
    double z = fmax(0, fabs(difference) - allowance) / se;
    all->n++;
    all->n_above_4 += z > 4;
    if (z > 4)
        print_message("world %d, plan %d, kind %d: difference %g, standard error %g\n", at.world,
                      at.plan, what, difference, se);
    if (!(z <= all->worst)) { /* not a number, too */
        all->worst = z;
        describe(all->where, sizeof all->where, what, at);
    }
    if (at.single) {
        all->n_single[what]++;
        all->sum[what] += difference / se;
        all->squares[what] += difference / se * (difference / se);
    }
}

/* Two independent means. */
static void score_means(scores *all, int what, place at, recoup_moments a, recoup_moments b,
                        double allowance) {
    double va = a.m2 / (a.n - 1), vb = b.m2 / (b.n - 1);
    bool enough = a.n * a.mean * a.mean > ENOUGH_EVENTS * va &&
                  b.n * b.mean * b.mean > ENOUGH_EVENTS * vb && va + vb > 0;
    if (enough)
        score(all, what, at, a.mean - b.mean, sqrt(va / a.n + vb / b.n), allowance);
}

/* --- a world ---------------------------------------------------------------------------------- */

static recoup_tally *run(const world *w, recoup_estimator estimator, int64_t paths, int64_t seed) {
    recoup_simulation simulation = recoup_scenario_simulation(w->scenario);
    simulation.estimator = estimator;
    simulation.seed = seed;
    recoup_scenario_set_simulation(w->scenario, &simulation);
    return simulate(w, paths, 1);
}

/* From 3 to 60 deals; amounts all equal, spread, or with one of them half of the book, revised or
 * not. */
static random_book book_of(int number) {
    maker make = {.seed = 3000 + (uint64_t)number};
    static const double sigmas[] = {0.2, 0.05, 0.5, 0};
    random_book book = {.n_plans = PLANS, .least = 20, .most = 400};
    book.n_deals = 3 + pick(&make, 58);
    book.revision_sigma = sigmas[pick(&make, 4)];
    int amounts = pick(&make, 3);
    if (amounts == 0)
        book.least = book.most = 200;
    book.has_whale = amounts == 1;
    return book;
}

/* The quota is set somewhere around the mean. */
static void set_quota(world *w, int number) {
    maker make = {.seed = 4000 + (uint64_t)number};
    recoup_tally *pilot = run(w, RECOUP_ESTIMATOR_WALK, PILOT_PATHS, 77);
    w->scenario->quota = pilot->plan[0].sums.bookings.mean * between(&make, .7, 1.3);
    recoup_tally_free(pilot);
}

/* What the tables may be off by: mean wins and mean bookings, if all deals are off to one side. */
typedef struct allowance {
    double wins, booked;
    bool has_atoms; /* unrevised amounts: a quantile may be a sum that has a probability */
} allowance;

/* Factors of amounts are at most 1.1 (adjust) times .9/.6 (discount limit); new deals' amounts have
 * means of 128 and 160. */
static allowance allow(const world *w, const recoup_plan_tally *walked, int64_t n_paths) {
    double n_deals = 0, amounts = 0;
    for (int i = 0; i < w->view->n_deals; i++) {
        n_deals++;
        amounts += w->view->amount[i];
    }
    double n_new = walked->sums.flow[0].entered / (double)n_paths;
    double factor = 1.1 * .9 / .6;
    return (allowance){TABLES_ERROR * (n_deals + n_new),
                       TABLES_ERROR * factor * (amounts + 160 * n_new), false};
}

/* --- against `conditional` -------------------------------------------------------------------- */

static void compare_hits(scores *all, int what, place at, const recoup_tally *paths,
                         const recoup_exact *exact, allowance may) {
    const recoup_plan_tally *plan = &paths->plan[at.plan];
    double n = (double)paths->n_paths, p = exact->hit[at.plan], share = (double)plan->hits[0] / n;
    /* A shift of the mean moves a normal distribution by .4 / sd. */
    double shift = .4 * may.booked / exact->sd[at.plan];
    if (n * p * (1 - p) >= ENOUGH_DISCORDANT)
        score(all, what + HIT, at, share - p, hypot(sqrt(p * (1 - p) / n), exact->hit_se[at.plan]),
              shift);
    double gained = (double)plan->gained[0] / n, lost = (double)plan->lost[0] / n;
    double gain = gained - lost, variance = (gained + lost - gain * gain) / n;
    if ((gained + lost) * n < ENOUGH_DISCORDANT)
        return;
    score(all, what + GAIN, at, gain - exact->gain[at.plan],
          hypot(sqrt(variance), exact->gain_se[at.plan]), 2 * shift);
    const recoup_moments *more = &plan->sums.gain;
    score(all, what + MEAN_GAIN, at, more->mean - exact->mean_gain[at.plan],
          sqrt(more->m2 / (n - 1) / n), 2 * may.booked);
}

static void compare_exact(scores *all, int what, place at, const recoup_tally *paths,
                          const recoup_exact *exact, allowance may) {
    const recoup_plan_tally *plan = &paths->plan[at.plan];
    double n = (double)paths->n_paths;
    compare_hits(all, what, at, paths, exact, may);
    score(all, what + MEAN, at, plan->sums.bookings.mean - exact->mean[at.plan],
          exact->sd[at.plan] / sqrt(n), may.booked);
    const recoup_moments *missing = &plan->sums.shortfall;
    if (missing->mean * missing->mean * n * n > ENOUGH_EVENTS * missing->m2)
        score(all, what + SHORTFALL, at, missing->mean - exact->shortfall[at.plan],
              sqrt(missing->m2 / (n - 1) / n), may.booked);
    for (int q = 0; q < RECOUP_TALLY_QUANTILES && !may.has_atoms; q++) {
        double level = recoup_tally_quantiles[q];
        double x = exact->quantile[at.plan * RECOUP_TALLY_QUANTILES + q];
        place here = {at.world, at.plan, at.single && q == at.world % RECOUP_TALLY_QUANTILES};
        if (x > 0 && n * level * (1 - level) >= ENOUGH_DISCORDANT)
            score(all, what + QUANTILE, here, recoup_sketch_below(&plan->sketch, x) / n - level,
                  sqrt(level * (1 - level) / n), .4 * may.booked / exact->sd[at.plan]);
    }
}

/* --- `walk` against `sample` ------------------------------------------------------------------ */

/* Of the middles of the bins that values lie in: the mean of a function of the values, which is to
 * be the same for both estimators. */
static recoup_moments binned_moments(const recoup_sketch *sketch) {
    recoup_moments moments = {.n = (double)sketch->n};
    double sum = 0, squares = 0, width = ldexp(1, -sketch->bits);
    for (int octave = 0; octave < sketch->n_octaves; octave++)
        for (int bin = 0; bin < 1 << sketch->bits; bin++) {
            double middle = ldexp(1 + (bin + .5) * width, sketch->first_octave + octave);
            double count = (double)sketch->count[((size_t)octave << sketch->bits) + (size_t)bin];
            sum += count * middle;
            squares += count * middle * middle;
        }
    moments.mean = sum / moments.n;
    moments.m2 = squares - sum * moments.mean;
    return moments;
}

static void compare_paths(scores *all, place at, const recoup_tally *walked,
                          const recoup_tally *sampled, allowance may) {
    const recoup_plan_tally *x = &walked->plan[at.plan], *y = &sampled->plan[at.plan];
    const recoup_tally_shape *shape = &walked->shape;
    score_means(all, WINS, at, x->sums.wins, y->sums.wins, may.wins);
    place here = at;
    for (int i = 0; i < shape->n_cohorts; i++) {
        here.single = at.single && i == at.world % shape->n_cohorts;
        score_means(all, COHORT, here, x->sums.cohort[i], y->sums.cohort[i], may.booked);
    }
    for (int i = 0; i < shape->n_reps; i++) {
        here.single = at.single && i == at.world % shape->n_reps;
        score_means(all, REP, here, binned_moments(&x->rep_sketch[i]),
                    binned_moments(&y->rep_sketch[i]), may.booked);
    }
    for (int i = 0; i < shape->n_weeks; i++) {
        here.single = at.single && i == at.world % shape->n_weeks;
        score_means(all, WEEK, here, binned_moments(&x->week_sketch[i]),
                    binned_moments(&y->week_sketch[i]), may.booked);
    }
}

/* --- the books -------------------------------------------------------------------------------- */

/* By itself `conditional` finds what it finds beside `sample`. */
static void check_alone(const world *w, const recoup_exact *exact) {
    recoup_tally *alone =
        run(w, RECOUP_ESTIMATOR_CONDITIONAL, 1, recoup_scenario_simulation(w->scenario).seed);
    size_t size = PLANS * sizeof(double);
    assert_int_equal(alone->n_paths, 0);
    assert_memory_equal(alone->exact->hit, exact->hit, size);
    assert_memory_equal(alone->exact->hit_se, exact->hit_se, size);
    assert_memory_equal(alone->exact->gain, exact->gain, size);
    assert_memory_equal(alone->exact->mean, exact->mean, size);
    assert_memory_equal(alone->exact->quantile, exact->quantile, size * RECOUP_TALLY_QUANTILES);
    recoup_tally_free(alone);
}

static void compare_world(scores *all, int number) {
    random_book book = book_of(number);
    world w = make_random_world(number, &book);
    set_quota(&w, number);
    recoup_tally *walked = run(&w, RECOUP_ESTIMATOR_WALK, WALK_PATHS, 10 + number);
    recoup_tally *sampled = run(&w, RECOUP_ESTIMATOR_SAMPLE, SAMPLE_PATHS, 5000 + number);
    assert_non_null(sampled->exact);
    if (number % 10 == 0)
        check_alone(&w, sampled->exact);
    for (int p = 0; p < PLANS; p++) {
        place at = {number, p, p == PLANS - 1};
        allowance may = allow(&w, &walked->plan[p], walked->n_paths);
        may.has_atoms = book.revision_sigma == 0;
        compare_exact(all, 0, at, walked, sampled->exact, may);
        compare_exact(all, N_EXACT, at, sampled, sampled->exact, may);
        compare_paths(all, at, walked, sampled, may);
    }
    recoup_tally_free(walked);
    recoup_tally_free(sampled);
    free_world(&w);
}

/* Each of some 30 sums by the bounds of probability 1e-5: 1e-3 in all. */
static void check_sums(const scores *all) {
    const double tail = .5e-5;
    for (int what = 0; what < N_KINDS; what++) {
        int n = all->n_single[what];
        if (n < 2)
            continue;
        char name[100];
        describe(name, sizeof name, what, (place){0});
        double mean = all->sum[what] / sqrt(n), squares = all->squares[what];
        print_message("%-28s %3d scores, sum %5.2f standard errors, mean square %.3f\n",
                      strchr(name, ':') + 2, n, mean, squares / n);
        if (!(fabs(mean) <= gsl_cdf_ugaussian_Qinv(tail)))
            fail_msg("%s: scores are off by %.2f standard errors in the mean", name, mean);
        if (!(squares >= gsl_cdf_chisq_Pinv(tail, n) && squares <= gsl_cdf_chisq_Qinv(tail, n)))
            fail_msg("%s: mean square of %d scores is %.3f", name, n, squares / n);
    }
}

static void test_random_books(void **state) {
    (void)state;
    scores all = {0};
    for (int number = 0; number < WORLDS; number++)
        compare_world(&all, number);
    double most = gsl_cdf_ugaussian_Qinv(1e-3 / 2 / all.n);
    print_message("%d comparisons, %d above 4 standard errors (%.1f by chance); the largest %.2f "
                  "of %.2f (%s)\n",
                  all.n, all.n_above_4, all.n * 2 * gsl_cdf_ugaussian_Q(4), all.worst, most,
                  all.where);
    check_sums(&all);
    assert_true(all.n > 30 * WORLDS);
    if (!(all.worst <= most))
        fail_msg("%s: %.2f standard errors", all.where, all.worst);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_books)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
