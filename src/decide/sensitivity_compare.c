#include "results/results.h"
#include <recoup/compare.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double swing(const recoup_sensitivity_row *row) {
    return fabs(row->hit_probability_high - row->hit_probability_low);
}

/* What moves P(hit) more comes first; of equals what moves bookings more. */
static int compare_rows(const void *left, const void *right) {
    const recoup_sensitivity_row *a = left, *b = right;
    double x = swing(a), y = swing(b);
    if (x == y) {
        x = fabs(a->bookings_mean_high - a->bookings_mean_low);
        y = fabs(b->bookings_mean_high - b->bookings_mean_low);
    }
    return (x < y) - (x > y);
}

static int compare_shares(const void *left, const void *right) {
    double a = ((const recoup_share_row *)left)->share,
           b = ((const recoup_share_row *)right)->share;
    return (a < b) - (a > b);
}

/* The factors that the plan was looked at with. */
static int add_rows(const recoup_results *results, int p, recoup_sensitivity_row *row) {
    int n = 0;
    for (int i = 0; i < results->n_factors; i++) {
        size_t at = 2 * ((size_t)p * (size_t)results->n_factors + (size_t)i);
        if (isnan(results->sensitivity_hit_probability[at]))
            continue;
        row[n++] = (recoup_sensitivity_row){
            .plan = results->plan[p],
            .factor = results->factor[i],
            .unit = results->factor_unit[i],
            .low = results->factor_value[2 * i],
            .high = results->factor_value[2 * i + 1],
            .hit_probability_low = results->sensitivity_hit_probability[at],
            .hit_probability_high = results->sensitivity_hit_probability[at + 1],
            .bookings_mean_low = results->sensitivity_bookings_mean[at],
            .bookings_mean_high = results->sensitivity_bookings_mean[at + 1],
        };
    }
    qsort(row, (size_t)n, sizeof *row, compare_rows);
    return n;
}

/* The sources that the plan has; what is not explained stays last. */
static int add_shares(const recoup_results *results, int p, recoup_share_row *row) {
    int n = 0, last = results->n_sources - 1;
    const double *share = results->variance_share + (size_t)p * (size_t)results->n_sources;
    for (int g = 0; g < last; g++)
        if (!isnan(share[g]))
            row[n++] = (recoup_share_row){results->plan[p], results->source[g], share[g]};
    qsort(row, (size_t)n, sizeof *row, compare_shares);
    if (!isnan(share[last]))
        row[n++] = (recoup_share_row){results->plan[p], results->source[last], share[last]};
    return n;
}

recoup_status recoup_compare_sensitivity(const recoup_results *results,
                                         recoup_sensitivity **sensitivity, recoup_error *error) {
    if (results->n_factors == 0)
        return recoup_fail(error, RECOUP_EINVALID, NULL,
                           "the results hold no sensitivities; expected a run of a scenario with "
                           "'decisions: {sensitivity: true}'");
    size_t n = (size_t)results->n_plans;
    recoup_sensitivity *made = RECOUP_NEW(recoup_sensitivity, 1);
    recoup_sensitivity_row *row =
        RECOUP_NEW(recoup_sensitivity_row, n * (size_t)results->n_factors);
    recoup_share_row *share = RECOUP_NEW(recoup_share_row, n * (size_t)results->n_sources);
    if (!made || !row || !share) {
        free(made);
        free(row);
        free(share);
        return recoup_fail_memory(error);
    }
    *made = (recoup_sensitivity){.currency = results->currency,
                                 .draws = results->decision_draws,
                                 .row = row,
                                 .share = share};
    for (int p = 0; p < results->n_plans; p++) {
        made->n_rows += add_rows(results, p, row + made->n_rows);
        if (results->n_sources > 0)
            made->n_shares += add_shares(results, p, share + made->n_shares);
    }
    *sensitivity = made;
    return RECOUP_OK;
}

void recoup_sensitivity_free(recoup_sensitivity *sensitivity) {
    if (!sensitivity)
        return;
    free(sensitivity->row);
    free(sensitivity->share);
    free(sensitivity);
}
