#include "decide/compare_numbers.h"

#include <math.h>
#include <stdlib.h>

/* What the rows of one kind of unit come from. */
typedef struct units {
    int n;
    char *const *name;
    const double *hit, *mean, *quantile; /* [plan][unit]; NULL: not known */
    int q10, q50, q90;
} units;

static double share_se(double share, double n) {
    return sqrt(share * (1 - share) / n);
}

static recoup_unit_row make_row(const recoup_results *results, const units *of, int u, int p) {
    size_t at = (size_t)p * (size_t)of->n + (size_t)u, nq = (size_t)results->n_quantiles;
    const double *quantile = of->quantile + at * nq, *first = of->quantile + (size_t)u * nq;
    double n = (double)results->paths;
    recoup_unit_row row = {
        .unit = of->name[u],
        .plan = results->plan[p],
        .hit_probability = of->hit ? of->hit[at] : NAN,
        .bookings_mean = of->mean ? of->mean[at] : NAN,
        .bookings_q10 = quantile[of->q10],
        .bookings_q50 = quantile[of->q50],
        .bookings_q90 = quantile[of->q90],
        .bookings_gain_q50 = quantile[of->q50] - first[of->q50],
    };
    double without = of->hit ? of->hit[u] : NAN;
    row.hit_probability_se = share_se(row.hit_probability, n);
    row.hit_gain = row.hit_probability - without;
    row.hit_gain_se = p == 0 ? 0 : hypot(row.hit_probability_se, share_se(without, n));
    row.bookings_gain_mean = of->mean ? row.bookings_mean - of->mean[u] : NAN;
    return row;
}

static bool find_quantiles(const recoup_results *results, units *of) {
    of->q10 = recoup_results_find_quantile(results, .1);
    of->q50 = recoup_results_find_quantile(results, .5);
    of->q90 = recoup_results_find_quantile(results, .9);
    return of->q10 >= 0 && of->q50 >= 0 && of->q90 >= 0;
}

recoup_status recoup_compare_units(const recoup_results *results, recoup_unit_kind kind,
                                   recoup_unit_comparison **compared, recoup_error *error) {
    bool reps = kind == RECOUP_UNIT_REP;
    units of = {.n = reps ? results->n_reps : results->n_cohorts,
                .name = reps ? results->rep : results->cohort,
                .hit = reps ? results->rep_hit_probability : NULL,
                .mean = reps ? NULL : results->cohort_bookings_mean,
                .quantile =
                    reps ? results->rep_bookings_quantile : results->cohort_bookings_quantile};
    if (of.n == 0)
        return recoup_fail(error, RECOUP_EINVALID, NULL,
                           "the results hold no %s: expected a run with the table reps.csv and an "
                           "estimator that simulates paths (sample or walk)",
                           reps ? "reps" : "cohorts");
    if (!find_quantiles(results, &of))
        return recoup_fail(error, RECOUP_EINVALID, NULL,
                           "the results do not hold the quantiles .1, .5 and .9, which the "
                           "comparison shows");
    recoup_unit_comparison *comparison = RECOUP_NEW(recoup_unit_comparison, 1);
    recoup_unit_row *row = RECOUP_NEW(recoup_unit_row, (size_t)of.n * (size_t)results->n_plans);
    if (!comparison || !row) {
        free(comparison);
        free(row);
        return recoup_fail_memory(error);
    }
    *comparison = (recoup_unit_comparison){.currency = results->currency, .row = row};
    for (int u = 0; u < of.n; u++)
        for (int p = 0; p < results->n_plans; p++)
            row[comparison->n_rows++] = make_row(results, &of, u, p);
    *compared = comparison;
    return RECOUP_OK;
}

void recoup_unit_comparison_free(recoup_unit_comparison *comparison) {
    if (!comparison)
        return;
    free(comparison->row);
    free(comparison);
}
