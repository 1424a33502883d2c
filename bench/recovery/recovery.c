/* Does the fit find what the data were made from? Books of deals are drawn from known parameters
 * and fitted; the errors of the estimates, and whether their 95 % intervals cover the truth, are
 * summed up by the number of deals per cohort.
 *
 *     recovery [--books N] [--most N] [--seed N] [--check]
 *
 * --books: how many, shared out among the sizes 30, 100, 300, 1000 and 2000 deals per cohort;
 * --most: leaves out the sizes above it.
 *
 * Every book has its own truth: two stages, four cohorts that differ in conversion and in speed,
 * lognormal amounts, Poisson arrivals. Estimates of one book share the team's parameters, so the
 * standard error of the bias comes from the books' means. The interval of the coverage is Wilson's
 * (1927). --check ends with exit status 1 when a bias is beyond four of its standard errors or a
 * coverage beyond four binomial standard errors of .95.
 */
#include "synthetic_view.h"

#include <getopt.h>
#include <recoup/fit.h>
#include <recoup/fit_summary.h>

enum { STAGES = 2, COHORTS = 4, SIZES = 5, MAX_DAYS = 540 };
static const double deals_per_cohort[SIZES] = {30, 100, 300, 1000, 2000};

/* --- truths ---------------------------------------------------------------------------------- */

typedef struct truth {
    recoup_exit exit[STAGES][2];
    recoup_stage stage[STAGES];
    double logit[STAGES][COHORTS], log_dwell[STAGES][2][COHORTS];
    double amount_mu, amount_sigma;
    recoup_model model; /* of the arrays above */
} truth;

static double normal(uint64_t *seed) {
    double u = uniform(seed), v = uniform(seed); /* Box & Muller 1958 */
    return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

/* Conversions around even odds, medians around 40 days (where the fit's weak priors are centred,
 * but much closer together than these say); cohorts half a logit and a quarter of the time apart.
 */
static void draw_truth(truth *t, uint64_t *seed) {
    *t = (truth){.amount_mu = 9 + normal(seed), .amount_sigma = .5 + uniform(seed)};
    for (int s = 0; s < STAGES; s++) {
        recoup_exit *advance = &t->exit[s][0], *lost = &t->exit[s][1];
        *advance = (recoup_exit){.target = s + 1 < STAGES ? s + 1 : RECOUP_EXIT_WON,
                                 .logit = .7 * normal(seed),
                                 .cohort_logit = t->logit[s],
                                 .cohort_log_dwell = t->log_dwell[s][0]};
        *lost = (recoup_exit){.target = RECOUP_EXIT_LOST, .cohort_log_dwell = t->log_dwell[s][1]};
        advance->dwell = (recoup_dist){
            RECOUP_LOGNORMAL, log(40) + .5 * normal(seed), {exp(log(.7) + .2 * normal(seed))}};
        lost->dwell =
            (recoup_dist){RECOUP_WEIBULL, log(50) + .5 * normal(seed), {exp(.2 * normal(seed))}};
        for (int c = 0; c < COHORTS; c++) {
            t->logit[s][c] = .5 * normal(seed);
            t->log_dwell[s][0][c] = .25 * normal(seed);
            t->log_dwell[s][1][c] = .25 * normal(seed);
        }
        t->stage[s] = (recoup_stage){.n_exits = 2, .exit = t->exit[s]};
    }
    t->model.n_stages = STAGES;
    t->model.stage = t->stage;
}

/* Each cohort's deals arrive as a Poisson process over MAX_DAYS; n of them are expected. */
static recoup_view *draw_book(const truth *t, double n, uint64_t *seed) {
    int most = (int)(COHORTS * (n + 8 * sqrt(n)));
    world from = {.model = &t->model};
    recoup_view *view = empty_view(STAGES, COHORTS, 0, most, most * STAGES);
    for (int c = 0; c < COHORTS; c++)
        for (double day = -log(uniform(seed)) * MAX_DAYS / n; day < MAX_DAYS;
             day += -log(uniform(seed)) * MAX_DAYS / n) {
            double amount = exp(t->amount_mu + t->amount_sigma * normal(seed));
            if (view->n_deals < most)
                live(view, &from, add_deal(view, c, -1, view->as_of - MAX_DAYS + day, amount),
                     seed);
        }
    view->first_created = view->as_of - MAX_DAYS;
    return view;
}

/* --- errors ---------------------------------------------------------------------------------- */

typedef enum quantity { CONVERSION, MEDIAN, AMOUNT, ARRIVALS, N_QUANTITIES } quantity;
static const char *const quantity_name[N_QUANTITIES] = {"logit of conversion", "log median dwell",
                                                        "log median amount", "arrivals, relative"};

typedef struct errors {
    double n, covered;
    double books, sum, squares; /* of the books' mean errors */
    double of_book, n_of_book;
} errors;

static void add_error(errors *to, double estimate, double low, double high, double is) {
    to->n++;
    to->covered += low <= is && is <= high;
    to->of_book += estimate - is;
    to->n_of_book++;
}

static void end_book(errors *to) {
    double mean = to->of_book / to->n_of_book;
    to->books++;
    to->sum += mean;
    to->squares += mean * mean;
    to->of_book = to->n_of_book = 0;
}

static double logit_of(double share) {
    return log(share) - log1p(-share);
}

static void compare_stages(const truth *t, const recoup_fit_summary *summary, errors *list) {
    for (int s = 0; s < STAGES; s++)
        for (int c = 0; c < COHORTS; c++) {
            const recoup_fit_row *row = &summary->row[s * (COHORTS + 1) + 1 + c];
            const recoup_exit *advance = &t->exit[s][0];
            add_error(&list[CONVERSION], logit_of(row->conversion.value),
                      logit_of(row->conversion.low), logit_of(row->conversion.high),
                      advance->logit + t->logit[s][c]);
            add_error(&list[MEDIAN], log(row->median_days.value), log(row->median_days.low),
                      log(row->median_days.high), advance->dwell.mu + t->log_dwell[s][0][c]);
        }
}

/* The model keeps no standard error of the amounts: that of a mean of logs serves. Rates are
 * compared as they are, with an interval on the log scale: the log of an unbiased rate is biased.
 */
static void compare_inflow(const truth *t, const recoup_view *view, const recoup_model *model,
                           double n, errors *list) {
    double recent = 0, amount = log(recoup_dist_median(&model->new_amount));
    for (int i = 0; i < view->n_deals; i++)
        recent += view->created[i] >= view->as_of - 365;
    double half = 1.96 * t->amount_sigma / sqrt(recent);
    add_error(&list[AMOUNT], amount, amount - half, amount + half, t->amount_mu);
    for (int c = 0; c < COHORTS; c++) {
        double is = n / MAX_DAYS, rate = model->arrivals[c] / is;
        double wide = exp(1.96 * model->arrivals_se[c] / model->arrivals[c]);
        add_error(&list[ARRIVALS], rate, rate / wide, rate * wide, 1);
    }
}

static bool run_book(double n, uint64_t *seed, errors *list) {
    truth t;
    recoup_model *model = NULL;
    recoup_fit_summary *summary = NULL;
    recoup_error error = RECOUP_ERROR_INIT;
    draw_truth(&t, seed);
    recoup_view *view = draw_book(&t, n, seed);
    bool done = recoup_fit(view, NULL, &model, &error) == RECOUP_OK &&
                recoup_fit_summarise(view, model, &summary, &error) == RECOUP_OK;
    if (done) {
        compare_stages(&t, summary, list);
        compare_inflow(&t, view, model, n, list);
        for (int q = 0; q < N_QUANTITIES; q++)
            end_book(&list[q]);
    } else {
        recoup_error_print(&error, stderr);
    }
    recoup_fit_summary_free(summary);
    recoup_model_free(model);
    recoup_error_clear(&error);
    free_view(view);
    return done;
}

/* --- the table ------------------------------------------------------------------------------- */

/* Prints one line; false when it departs by more than chance explains. */
static bool print_errors(const char *name, double n, const errors *of) {
    const double z = 1.96;
    double bias = of->sum / of->books;
    double se = sqrt(fmax(0, of->squares / of->books - bias * bias) / (of->books - 1));
    double share = of->covered / of->n, centre = (share + z * z / (2 * of->n));
    double half = z * sqrt(share * (1 - share) / of->n + z * z / (4 * of->n * of->n));
    double scale = 1 + z * z / of->n;
    printf("%-20s %6.0f %8.0f %+9.4f %8.4f %8.2f %9.1f  %5.1f to %5.1f\n", name, n, of->n, bias, se,
           bias / se, 100 * share, 100 * (centre - half) / scale, 100 * (centre + half) / scale);
    return fabs(bias) <= 4 * se && fabs(share - .95) <= 4 * sqrt(.95 * .05 / of->n);
}

int main(int argc, char **argv) {
    static const struct option options[] = {{"books", required_argument, NULL, 'b'},
                                            {"most", required_argument, NULL, 'm'},
                                            {"seed", required_argument, NULL, 's'},
                                            {"check", no_argument, NULL, 'c'},
                                            {0}};
    int books = 200, n_sizes = SIZES, key;
    uint64_t seed = 1;
    bool check = false, done = true, right = true;
    while ((key = getopt_long(argc, argv, "", options, NULL)) != -1)
        if (key == 'b')
            books = atoi(optarg);
        else if (key == 'm')
            for (n_sizes = 1; n_sizes < SIZES && deals_per_cohort[n_sizes] <= atof(optarg);)
                n_sizes++;
        else if (key == 's')
            seed = strtoull(optarg, NULL, 10);
        else if (key == 'c')
            check = true;
        else
            return 2;
    if (books < 2 * n_sizes) {
        fprintf(stderr, "--books: at least %d\n", 2 * n_sizes);
        return 2;
    }
    errors list[SIZES][N_QUANTITIES] = {0};
    for (int b = 0; b < books && done; b++)
        done = run_book(deals_per_cohort[b % n_sizes], &seed, list[b % n_sizes]);
    printf("%-20s %6s %8s %9s %8s %8s %9s  %s\n", "", "deals", "estimates", "bias", "its SE",
           "bias/SE", "cover, %", "95 % interval");
    for (int q = 0; q < N_QUANTITIES; q++)
        for (int k = 0; k < n_sizes; k++)
            right &= print_errors(quantity_name[q], deals_per_cohort[k], &list[k][q]);
    return done && (right || !check) ? 0 : 1;
}
