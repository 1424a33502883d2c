#include "ranks.h"

#include "model/draws.h"
#include <gsl/gsl_cdf.h>

#define LEAST_PROBABILITY .001

static const char *const ranked_name[N_RANKED] = {
    [RANKED_CONVERSION] = "logit of conversion, stage 1",
    [RANKED_CONVERSION + 1] = "logit of conversion, stage 2",
    [RANKED_MEDIAN] = "log median dwell, stage 1",
    [RANKED_MEDIAN + 1] = "log median dwell, stage 2",
    [RANKED_SPREAD] = "spread of dwell, stage 1",
    [RANKED_SPREAD + 1] = "spread of dwell, stage 2",
    [RANKED_AMOUNT] = "log median amount",
    [RANKED_AMOUNT_SPREAD] = "spread of amounts",
    [RANKED_ARRIVALS] = "log arrival rate",
};

/* Upper over lower quartile: increasing in a lognormal's sigma, and known of every family. */
static double spread_of(const recoup_dist *dist) {
    return recoup_dist_quantile(dist, .75) / recoup_dist_quantile(dist, .25);
}

static double term(const double *by_cohort, int cohort) {
    return by_cohort ? by_cohort[cohort] : 0;
}

/* Advance against all other exits together. */
static double conversion_of(const recoup_stage *stage, int cohort) {
    double odds[2] = {0};
    for (int e = 0; e < stage->n_exits; e++)
        odds[e > 0] += exp(stage->exit[e].logit + term(stage->exit[e].cohort_logit, cohort));
    return log(odds[0] / odds[1]);
}

static void values_of(const recoup_stage *stage, const int *cohort, const recoup_dist *amount,
                      double rate, double *value) {
    for (int s = 0; s < STAGES; s++) {
        const recoup_exit *advance = &stage[s].exit[0];
        value[RANKED_CONVERSION + s] = conversion_of(&stage[s], cohort[s]);
        value[RANKED_MEDIAN + s] =
            log(recoup_dist_median(&advance->dwell)) + term(advance->cohort_log_dwell, cohort[s]);
        value[RANKED_SPREAD + s] = spread_of(&advance->dwell);
    }
    value[RANKED_AMOUNT] = recoup_dist_median(amount);
    value[RANKED_AMOUNT_SPREAD] = spread_of(amount);
    value[RANKED_ARRIVALS] = rate;
}

bool ranks_take(book_ranks *ranks, const truth *t, const recoup_model *model, uint64_t *seed) {
    double is[N_RANKED], drawn[N_RANKED];
    int cohort[STAGES], of_rate = (int)(COHORTS * uniform(seed));
    recoup_error error = RECOUP_ERROR_INIT;
    bool done = true;
    for (int s = 0; s < STAGES; s++)
        cohort[s] = (int)(COHORTS * uniform(seed));
    values_of(t->stage, cohort, &t->amount, t->rate, is);
    *ranks = (book_ranks){{0}};
    for (int d = 0; d < RANKS - 1 && done; d++) {
        recoup_model *one;
        done = recoup_model_draw(model, d, &one, &error) == RECOUP_OK;
        if (!done)
            break;
        values_of(one->stage, cohort, &one->new_amount, one->arrivals[of_rate], drawn);
        for (int q = 0; q < N_RANKED; q++)
            ranks->rank[q] += drawn[q] < is[q];
        recoup_model_free(one);
    }
    recoup_error_clear(&error);
    return done;
}

bool ranks_print(const book_ranks *books, int n) {
    enum { MOST_BINS = 20, LEAST_IN_BIN = 5 };
    int bins = MOST_BINS;
    while (bins > 2 && (n < bins * LEAST_IN_BIN || RANKS % bins != 0))
        bins--;
    bool uniform_all = true;
    printf("\n%-30s %6s %5s %6s %8s  %s\n", "ranks of the truth", "books", "bins", "chi2", "p",
           "books by bin");
    for (int q = 0; q < N_RANKED; q++) {
        int count[MOST_BINS] = {0};
        double chi2 = 0, expected = (double)n / bins;
        for (int b = 0; b < n; b++)
            count[books[b].rank[q] * bins / RANKS]++;
        for (int k = 0; k < bins; k++)
            chi2 += (count[k] - expected) * (count[k] - expected) / expected;
        double p = gsl_cdf_chisq_Q(chi2, bins - 1);
        printf("%-30s %6d %5d %6.1f %8.4f ", ranked_name[q], n, bins, chi2, p);
        for (int k = 0; k < bins; k++)
            printf(" %d", count[k]);
        printf("%s\n", p < LEAST_PROBABILITY ? "  not uniform" : "");
        uniform_all &= p >= LEAST_PROBABILITY;
    }
    printf("each p is to be .001 or more; that one of the %d is below is a chance of %.1f %% at "
           "most\n",
           N_RANKED, 100 * LEAST_PROBABILITY * N_RANKED);
    return uniform_all;
}
