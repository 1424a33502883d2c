#include "errors.h"

#include <gsl/gsl_cdf.h>
#include <recoup/fit_summary.h>

/* What is required: a bias within so many of its standard errors; and of books with so many deals
 * per cohort, so many intervals that cover. */
#define BIAS_LIMIT 2
#define COVER_FROM_DEALS 100
static const double least_cover = .93, most_cover = .97;
/* Chance moves both about: only a figure so many of its standard errors outside fails. */
#define CHANCE 4

static const char *const quantity_name[N_QUANTITIES] = {"logit of conversion", "log median dwell",
                                                        "log median amount", "arrivals, relative",
                                                        "varying arrivals"};

static void add(book_errors *errors, quantity which, double is, double estimate, double low,
                double high) {
    errors->n[which]++;
    errors->sum[which] += estimate - is;
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
    printf("%-20s %6s %6s %9s %9s %8s %8s %9s %7s\n", "", "deals", "books", "estimates", "bias",
           "its SE", "bias/SE", "cover, %", "its SE");
}

bool errors_print(quantity which, double deals_per_cohort, const book_errors *books, int n,
                  error_lines *lines) {
    double all = 0, covered = 0, bias = 0, squares = 0, uneven = 0, n_books = 0;
    for (int b = 0; b < n; b++)
        if (books[b].n[which] > 0) {
            n_books++;
            all += books[b].n[which];
            covered += books[b].covered[which];
            bias += books[b].sum[which] / books[b].n[which];
        }
    if (n_books < 2)
        return true;
    double share = covered / all;
    bias /= n_books;
    for (int b = 0; b < n; b++)
        if (books[b].n[which] > 0) {
            double mean = books[b].sum[which] / books[b].n[which];
            double rest = books[b].covered[which] - share * books[b].n[which];
            squares += (mean - bias) * (mean - bias);
            uneven += rest * rest;
        }
    double bias_se = sqrt(squares / (n_books - 1) / n_books);
    double share_se = sqrt(uneven * n_books / (n_books - 1)) / all;
    bool held = deals_per_cohort >= COVER_FROM_DEALS;
    double off = held ? fmax(least_cover - share, share - most_cover) : 0;
    printf("%-20s %6.0f %6.0f %9.0f %+9.4f %8.4f %+8.2f %9.1f %7.2f%s%s\n", quantity_name[which],
           deals_per_cohort, n_books, all, bias, bias_se, bias / bias_se, 100 * share,
           100 * share_se, fabs(bias) > BIAS_LIMIT * bias_se ? "  bias" : "",
           off > 0 ? "  cover" : "");
    lines->n++;
    lines->biased += fabs(bias) > BIAS_LIMIT * bias_se;
    /* A coverage of 1 has no spread: its error is then that of the limit. */
    double cover_se = fmax(share_se, sqrt(most_cover * (1 - most_cover) / all));
    return fabs(bias) <= CHANCE * bias_se && off <= CHANCE * cover_se;
}

/* Lines of one book share deals, but their errors hardly: as good as independent. */
void errors_print_count(const error_lines *lines) {
    double chance = 2 * gsl_cdf_ugaussian_Q(BIAS_LIMIT);
    if (lines->n == 0)
        return;
    double as_many = lines->biased > 0 ? gsl_cdf_binomial_Q((unsigned)lines->biased - 1, chance,
                                                            (unsigned)lines->n)
                                       : 1;
    printf("%d of %d biases are beyond %d standard errors; without any bias it would be %.1f on "
           "average, and as many or more with a probability of %.2g\n",
           lines->biased, lines->n, BIAS_LIMIT, chance * lines->n, as_many);
}
