/* The market factor: what the over-dispersion between past months says of a shock that all deals
 * share.
 *
 * The calendar (calendar.c) is taken out before: a rush that comes with every quarter's end is no
 * shock. Time is cut into months of 30 days, counted back from the as-of date. In each month
 * - conversion: deals that left their stage went on with probability q, that of deals that left it
 *   after as long a stay (leavings.h). The month's shift of the logit is the score step delta =
 *   sum (y - q) / sum q(1 - q), with variance 1 / sum q(1 - q);
 * - arrivals: log of new deals over their expected number, with variance 1 / n, and with what the
 *   dispersion of the single cells adds up to.
 * Their variance beyond noise is tau² (Paule & Mandel 1982); the loading is the root of
 * (2·s² + (months - 1)·tau²) / (months + 1), a scaled inverse chi-square prior of 2 degrees of
 * freedom at s: .15 for the logit, .10 for the log rate.
 */
#include "fit/fitting.h"

#include "fit/leavings.h"
#include "fit/pool.h"
#include <math.h>

enum { MAX_MONTHS = 24, MONTH_DAYS = 30, PRIOR_FREEDOM = 2 };
#define PRIOR_CONVERSION .15
#define PRIOR_ARRIVALS .10
/* Below so much information in a month the normal approximation is none. */
#define LEAST_INFORMATION 5.

/* Months back from the as-of date; MAX_MONTHS or more: too long ago. */
static int month_of(const recoup_view *view, double time) {
    double months = floor((view->as_of - time) / MONTH_DAYS);
    return months >= 0 && months < MAX_MONTHS ? (int)months : MAX_MONTHS;
}

/* The loading, from the months' estimates, and its uncertainty. */
static void set_loading(recoup_posterior *posterior, double *target, int n_months,
                        const double *estimate, const double *variance, double prior) {
    double difference[MAX_MONTHS];
    int known = 0;
    for (int m = 0; m < n_months; m++)
        known += isfinite(variance[m]) ? 1 : 0;
    double tau2 = recoup_pool(n_months, estimate, variance, difference);
    double freedom = known > 1 ? known - 1 : 0;
    recoup_posterior_add_spread(posterior, target, PRIOR_FREEDOM + freedom);
    *target = sqrt((PRIOR_FREEDOM * prior * prior + freedom * tau2) / (PRIOR_FREEDOM + freedom));
}

static recoup_status set_conversion_loading(recoup_fitting *fitting) {
    const recoup_view *view = fitting->view;
    recoup_leavings leavings;
    double score[MAX_MONTHS + 1] = {0}, information[MAX_MONTHS + 1] = {0};
    double estimate[MAX_MONTHS], variance[MAX_MONTHS];
    bool made = recoup_leavings_create(fitting, false, &leavings);
    for (int i = 0; i < leavings.n; i++) {
        const recoup_leaving *leaving = &leavings.leaving[i];
        double q = recoup_leaving_share(leaving->odds);
        int month = month_of(view, leaving->time);
        score[month] += leaving->yes - q;
        information[month] += q * (1 - q);
    }
    recoup_leavings_clear(&leavings);
    if (!made)
        return recoup_fail_memory(fitting->error);
    for (int m = 0; m < MAX_MONTHS; m++) {
        bool enough = information[m] >= LEAST_INFORMATION;
        estimate[m] = enough ? score[m] / information[m] : 0;
        variance[m] = enough ? 1 / information[m] : INFINITY;
    }
    set_loading(&fitting->posterior, &fitting->model->market_conversion, MAX_MONTHS, estimate,
                variance, PRIOR_CONVERSION);
    return RECOUP_OK;
}

static void set_arrivals_loading(recoup_fitting *fitting) {
    const recoup_view *view = fitting->view;
    const recoup_model *model = fitting->model;
    int n_channels = recoup_model_n_channels(model);
    double count[MAX_MONTHS + 1] = {0}, estimate[MAX_MONTHS], variance[MAX_MONTHS];
    for (int i = 0; i < view->n_deals; i++)
        count[month_of(view, view->created[i])]++;
    for (int m = 0; m < MAX_MONTHS; m++) {
        double start = view->as_of - MONTH_DAYS * (m + 1), expected = 0, own = 0;
        bool whole = true;
        for (int c = 0; c < view->cohorts.n; c++) {
            double days = fmin(MONTH_DAYS, start + MONTH_DAYS - fitting->arrivals_since[c]);
            for (int i = c * n_channels; i < (c + 1) * n_channels; i++) {
                double mean = model->arrivals[i] * fmax(0, days);
                expected += mean;
                own += model->arrivals_dispersion ? model->arrivals_dispersion[i] * mean * mean : 0;
            }
            whole &= fitting->arrivals_since[c] > fitting->window_start || days >= MONTH_DAYS;
        }
        bool enough = whole && expected >= LEAST_INFORMATION && count[m] >= LEAST_INFORMATION;
        estimate[m] = enough ? log(count[m] / expected) : 0;
        variance[m] = enough ? 1 / count[m] + own / expected / expected : INFINITY;
    }
    set_loading(&fitting->posterior, &fitting->model->market_arrivals, MAX_MONTHS, estimate,
                variance, PRIOR_ARRIVALS);
}

recoup_status recoup_fit_market(recoup_fitting *fitting) {
    recoup_status status = set_conversion_loading(fitting);
    if (status == RECOUP_OK)
        set_arrivals_loading(fitting);
    return status;
}
