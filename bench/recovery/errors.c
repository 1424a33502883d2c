#include "errors.h"

#include <gsl/gsl_cdf.h>
#include <recoup/fit_summary.h>

/* What is required: a bias within so many of its standard errors; and of books with so many deals
 * per cohort, so many intervals that cover. */
#define BIAS_LIMIT 2
#define COVER_FROM_DEALS 100
static const double least_cover = .93, most_cover = .97;
/* Chance moves both about, and of many lines some are outside: the verdict on all of them is wrong
 * with this probability. */
#define FAMILY_ERROR .001
/* A bias matters from this part of the error of one estimate on: a 95 % interval so far off centre
 * covers 1.96 phi(1.96) .1² = .1 points less. */
#define MATTERS .1

static const char *const quantity_name[N_QUANTITIES] = {"logit of conversion", "log median dwell",
                                                        "log median amount", "arrivals, relative",
                                                        "varying arrivals"};

static void add(book_errors *errors, quantity which, double is, double estimate, double low,
                double high) {
    errors->n[which]++;
    errors->sum[which] += estimate - is;
    errors->squares[which] += (estimate - is) * (estimate - is);
    errors->covered[which] += low <= is && is <= high;
}

static double logit_of(double share) {
    return log(share) - log1p(-share);
}

bool errors_add_stages(book_errors *errors, const truth *t, const recoup_view *view,
                       const recoup_model *model) {
    recoup_fit_summary *summary;
    recoup_error error = RECOUP_ERROR_INIT;
    bool done = recoup_fit_summarise(view, model, &summary, &error) == RECOUP_OK;
    for (int s = 0; s < STAGES && done; s++)
        for (int c = 0; c < COHORTS; c++) {
            const recoup_fit_row *row = &summary->row[s * (COHORTS + 1) + 1 + c];
            const recoup_exit *advance = &t->exit[s][0];
            recoup_estimate share = row->conversion, days = row->median_days;
            add(errors, CONVERSION, advance->logit + t->logit[s][c], logit_of(share.value),
                logit_of(share.low), logit_of(share.high));
            add(errors, MEDIAN, log(recoup_dist_median(&advance->dwell)) + t->log_dwell[s][0][c],
                log(days.value), log(days.low), log(days.high));
        }
    recoup_fit_summary_free(summary);
    recoup_error_clear(&error);
    return done;
}

/* Rates are compared as they are, with an interval on the log scale: the log of an unbiased rate is
 * biased. */
void errors_add_inflow(book_errors *errors, const truth *t, const recoup_model *model) {
    const double z = 1.959963984540054;
    double amount = log(recoup_dist_median(&model->new_amount));
    double half = z * model->new_amount_se.log_median;
    add(errors, AMOUNT, log(recoup_dist_median(&t->amount)), amount, amount - half, amount + half);
    for (int c = 0; c < COHORTS; c++) {
        double rate = model->arrivals[c] / t->rate;
        double wide = exp(z * model->arrivals_se[c] / model->arrivals[c]);
        add(errors, t->dispersion > 0 ? VARYING_ARRIVALS : ARRIVALS, 1, rate, rate / wide,
            rate * wide);
    }
}

void errors_print_head(void) {
    printf("%-20s %6s %6s %9s %9s %8s %8s %10s %7s %9s %7s\n", "", "deals", "books", "estimates",
           "bias", "its SE", "bias/SE", "of one, %", "its SE", "cover, %", "its SE");
}

/* Of one line. */
typedef struct line {
    double books, estimates, bias, bias_se, one, cover, cover_se;
} line;

/* False: too few books have the quantity. */
static bool line_of(quantity which, const book_errors *books, int n, line *of) {
    double covered = 0, of_squares = 0, apart = 0, uneven = 0;
    *of = (line){.books = 0};
    for (int b = 0; b < n; b++)
        if (books[b].n[which] > 0) {
            of->books++;
            of->estimates += books[b].n[which];
            of->bias += books[b].sum[which] / books[b].n[which];
            covered += books[b].covered[which];
            of_squares += books[b].squares[which];
        }
    if (of->books < 2)
        return false;
    of->bias /= of->books;
    of->cover = covered / of->estimates;
    of->one = sqrt(of_squares / of->estimates);
    for (int b = 0; b < n; b++)
        if (books[b].n[which] > 0) {
            double mean = books[b].sum[which] / books[b].n[which];
            double rest = books[b].covered[which] - of->cover * books[b].n[which];
            apart += (mean - of->bias) * (mean - of->bias);
            uneven += rest * rest;
        }
    of->bias_se = sqrt(apart / (of->books - 1) / of->books);
    of->cover_se = sqrt(uneven * of->books / (of->books - 1)) / of->estimates;
    return true;
}

/* How far outside what is required. */
static double cover_off(const line *of, double deals_per_cohort) {
    return deals_per_cohort >= COVER_FROM_DEALS
               ? fmax(least_cover - of->cover, of->cover - most_cover)
               : 0;
}

static void add_test(error_lines *lines, double p) {
    lines->least_p = lines->tests++ == 0 ? p : fmin(lines->least_p, p);
}

/* Books are independent, so that means over them have Student's t. */
static void add_line(error_lines *lines, const line *of, double deals_per_cohort) {
    double far = fabs(of->bias) / of->bias_se, freedom = of->books - 1;
    double p = 2 * gsl_cdf_tdist_Q(far, freedom);
    if (lines->n++ == 0 || p < lines->least_bias_p) {
        lines->least_bias_p = p;
        lines->farthest = far;
    }
    lines->biased += far > BIAS_LIMIT;
    lines->chance += 2 * gsl_cdf_tdist_Q(BIAS_LIMIT, freedom);
    lines->largest = fmax(lines->largest, fabs(of->bias) / of->one);
    lines->largest_se = fmax(lines->largest_se, of->bias_se / of->one);
    add_test(lines, p);
    /* A coverage of 1 has no spread: its error is then that of the limit. */
    double cover_se = fmax(of->cover_se, sqrt(most_cover * (1 - most_cover) / of->estimates));
    if (deals_per_cohort >= COVER_FROM_DEALS)
        add_test(lines, gsl_cdf_tdist_Q(cover_off(of, deals_per_cohort) / cover_se, freedom));
}

void errors_print(quantity which, double deals_per_cohort, const book_errors *books, int n,
                  error_lines *lines) {
    line of;
    if (!line_of(which, books, n, &of))
        return;
    printf("%-20s %6.0f %6.0f %9.0f %+9.4f %8.4f %+8.2f %+10.1f %7.1f %9.1f %7.2f%s%s\n",
           quantity_name[which], deals_per_cohort, of.books, of.estimates, of.bias, of.bias_se,
           of.bias / of.bias_se, 100 * of.bias / of.one, 100 * of.bias_se / of.one, 100 * of.cover,
           100 * of.cover_se, fabs(of.bias) > BIAS_LIMIT * of.bias_se ? "  bias" : "",
           cover_off(&of, deals_per_cohort) > 0 ? "  cover" : "");
    add_line(lines, &of, deals_per_cohort);
}

/* That the least of n independent p-values is p or less (Sidak 1967). */
static double least_of(int n, double p) {
    return -expm1(n * log1p(-p));
}

/* Lines of one book share deals, but their errors hardly: as good as independent. */
bool errors_print_verdict(const error_lines *lines) {
    if (lines->n == 0)
        return true;
    double as_many = 1;
    if (lines->biased > 0)
        as_many = gsl_cdf_binomial_Q((unsigned)lines->biased - 1, lines->chance / lines->n,
                                     (unsigned)lines->n);
    printf("%d of %d biases are beyond %d standard errors; without any bias it would be %.1f on "
           "average, and as many or more with a probability of %.2g\n",
           lines->biased, lines->n, BIAS_LIMIT, lines->chance, as_many);
    printf("the farthest is %.2f standard errors from 0; without any bias one of %d would be as "
           "far with a probability of %.2g\n",
           lines->farthest, lines->n, least_of(lines->n, lines->least_bias_p));
    printf("the largest bias is %.1f %% of the error of one estimate, and standard errors are %.1f "
           "%% or less; %.0f %% would take .1 points from the coverage\n",
           100 * lines->largest, 100 * lines->largest_se, 100 * MATTERS);
    bool holds = least_of(lines->tests, lines->least_p) >= FAMILY_ERROR;
    if (!holds)
        printf("chance does not explain this: a bias or a coverage is not what is required\n");
    return holds;
}
