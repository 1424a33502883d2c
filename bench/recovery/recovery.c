/* Does the fit find what the data were made from, and do its statements of uncertainty hold? Books
 * of deals are drawn from known parameters and fitted.
 *
 *     recovery [--books N] [--inflows N] [--ranked N] [--least N] [--most N] [--seed N] [--check]
 *
 * First table: errors of the estimates, and how many of their 95 % intervals cover the truth, for
 * books of 30, 100, 300, 1000 and 2000 deals per cohort (--least, --most: only the sizes between),
 * --books of each. Amounts and arrivals, of which a book has few estimates and which are fitted
 * apart from the stages, come from --inflows books of each size in which only they are drawn and
 * fitted: these with Poisson arrivals, and as many in which arrivals vary from month to month. The
 * numbers are such that a line's bias is known to 3 % or less of the error of one estimate; a bias
 * of 10 % would take .1 points from the coverage. One line may be looked at more closely, with
 * other books: conversions at 100 deals a cohort in 7,000 of them by
 *
 *     recovery --books 7000 --inflows 0 --ranked 0 --least 100 --most 100 --seed 2
 *
 * With 25 lines, one is beyond two standard errors by chance in two runs of three: the lines below
 * the table say how many are and how far the farthest is, and what chance makes of that.
 *
 * Second table: ranks of the truth among the parameter draws (ranks.h), from --ranked books of 300
 * deals per cohort. Its truths have a market, since draws say what holds in an average quarter; the
 * intervals of the first table are about the quarters that were.
 *
 * Each book's random numbers follow from --seed, its size and its number, so the tables are the
 * same on any number of threads. --check: exit status 1 when a figure misses what is required of it
 * by more than chance explains: with a probability of .001 for the first table, at most .009 for
 * the second, when nothing is wrong.
 */
#include "errors.h"
#include "ranks.h"

#include "fit/fitting.h"
#include <getopt.h>
#include <recoup/fit.h>

enum { SIZES = 5, RANKED_SIZE = 2 };
static const double deals_per_cohort[SIZES] = {30, 100, 300, 1000, 2000};

typedef struct options {
    int books, inflows, ranked, first, last; /* sizes from the first to the last */
    uint64_t seed;
    bool check;
} options;

/* What a book is for; all books of one size, kind after kind. */
typedef enum book_kind { WHOLE, STEADY_INFLOW, VARYING_INFLOW, RANKED, N_KINDS } book_kind;
typedef struct results {
    int of_kind[N_KINDS], n;
    book_errors *errors; /* [book] */
    book_ranks *ranks;   /* [book of kind RANKED] */
} results;

static bool results_create(results *to, const options *with, int size) {
    int n_ranked = size == RANKED_SIZE ? with->ranked : 0;
    *to = (results){.of_kind = {with->books, with->inflows, with->inflows, n_ranked}};
    for (int k = 0; k < N_KINDS; k++)
        to->n += to->of_kind[k];
    to->errors = RECOUP_NEW(book_errors, to->n);
    to->ranks = RECOUP_NEW(book_ranks, to->of_kind[RANKED]);
    return to->errors && to->ranks;
}

/* Of a book, and its number within its kind. */
static book_kind kind_of(const results *of, int *book) {
    book_kind kind = WHOLE;
    while (*book >= of->of_kind[kind])
        *book -= of->of_kind[kind++];
    return kind;
}

static bool read_options(int argc, char **argv, options *to) {
    static const struct option known[] = {
        {"books", required_argument, NULL, 'b'},  {"inflows", required_argument, NULL, 'i'},
        {"ranked", required_argument, NULL, 'r'}, {"least", required_argument, NULL, 'l'},
        {"most", required_argument, NULL, 'm'},   {"seed", required_argument, NULL, 's'},
        {"check", no_argument, NULL, 'c'},        {0}};
    for (int key; (key = getopt_long(argc, argv, "", known, NULL)) != -1;)
        if (key == 'b')
            to->books = atoi(optarg);
        else if (key == 'i')
            to->inflows = atoi(optarg);
        else if (key == 'r')
            to->ranked = atoi(optarg);
        else if (key == 'l')
            while (to->first < SIZES - 1 && deals_per_cohort[to->first] < atof(optarg))
                to->first++;
        else if (key == 'm')
            while (to->last > 0 && deals_per_cohort[to->last] > atof(optarg))
                to->last--;
        else if (key == 's')
            to->seed = strtoull(optarg, NULL, 10);
        else if (key == 'c')
            to->check = true;
        else
            return false;
    return to->books >= 0 && to->inflows >= 0 && to->ranked >= 0 && to->first <= to->last;
}

/* errors or ranks NULL: they are not wanted. */
static bool fit_book(const truth *t, const recoup_view *view, uint64_t *seed, book_errors *errors,
                     book_ranks *ranks, recoup_error *error) {
    recoup_model *model = NULL;
    bool done = recoup_fit(view, NULL, &model, error) == RECOUP_OK &&
                (!errors || errors_add_stages(errors, t, view, model)) &&
                (!ranks || ranks_take(ranks, t, model, seed));
    recoup_model_free(model);
    return done;
}

static bool fit_inflow(const truth *t, const recoup_view *view, book_errors *errors,
                       recoup_error *error) {
    recoup_fitting fitting = {.view = view, .error = error, .model = recoup_model_new()};
    bool done = fitting.model != NULL;
    for (int c = 0; c < COHORTS && done; c++)
        done = recoup_names_add(&fitting.model->cohorts, view->cohorts.name[c]) == c;
    done = done && recoup_fit_inflow(&fitting) == RECOUP_OK;
    if (done)
        errors_add_inflow(errors, t, fitting.model);
    recoup_posterior_clear(&fitting.posterior);
    free(fitting.remark);
    recoup_model_free(fitting.model);
    return done;
}

static bool run_book(const options *with, int size, int book, results *to) {
    static const truth_kind truth_of[N_KINDS] = {TRUTH_STEADY, TRUTH_STEADY, TRUTH_VARYING,
                                                 TRUTH_MARKET};
    truth t;
    recoup_error error = RECOUP_ERROR_INIT;
    uint64_t seed = book_seed(with->seed, size, book);
    int number = book;
    book_kind kind = kind_of(to, &number);
    truth_draw(&t, deals_per_cohort[size], truth_of[kind], &seed);
    recoup_view *view = book_draw(&t, kind == WHOLE || kind == RANKED, &seed);
    bool done = kind == WHOLE    ? fit_book(&t, view, &seed, &to->errors[book], NULL, &error)
                : kind == RANKED ? fit_book(&t, view, &seed, NULL, &to->ranks[number], &error)
                                 : fit_inflow(&t, view, &to->errors[book], &error);
    if (!done)
#pragma omp critical
        recoup_error_print(&error, stderr);
    recoup_error_clear(&error);
    free_view(view);
    return done;
}

static bool print_tables(const options *with, const results *list) {
    const results *calibrated = &list[RANKED_SIZE];
    error_lines lines = {.n = 0};
    bool right = true;
    errors_print_head();
    for (int q = 0; q < N_QUANTITIES; q++)
        for (int k = with->first; k <= with->last; k++)
            errors_print((quantity)q, deals_per_cohort[k], list[k].errors, list[k].n, &lines);
    right &= errors_print_verdict(&lines);
    if (calibrated->of_kind[RANKED] > 0)
        right &= ranks_print(calibrated->ranks, calibrated->of_kind[RANKED]);
    return right;
}

int main(int argc, char **argv) {
    options with = {.books = 400, .inflows = 1000, .ranked = 500, .last = SIZES - 1, .seed = 1};
    results list[SIZES] = {{.n = 0}};
    bool right = false;
    int failed = 0;
    if (!read_options(argc, argv, &with))
        return 2;
    for (int k = with.first; k <= with.last; k++)
        failed += !results_create(&list[k], &with, k);
    for (int k = with.last; k >= with.first && !failed; k--) { /* long ones first */
#pragma omp parallel for schedule(dynamic) reduction(+ : failed)
        for (int b = 0; b < list[k].n; b++)
            failed += !run_book(&with, k, b, &list[k]);
    }
    if (!failed)
        right = print_tables(&with, list);
    for (int k = 0; k < SIZES; k++) {
        free(list[k].errors);
        free(list[k].ranks);
    }
    return failed || (with.check && !right) ? 1 : 0;
}
