/* The market factor: what the over-dispersion between past months says of a shock that all deals
 * share.
 *
 * Time is cut into months of 30 days, counted back from the as-of date. In each month
 * - conversion: given that a deal left its stage at dwell time t, it went on with probability
 *   q = pi_w f_w(t) / sum_e pi_e f_e(t) (w: advance, and every exit to won); that holds whatever is
 * still open. The month's shift of the logit is the score step delta = sum (y - q) / sum q(1 - q),
 * with variance 1 / sum q(1 - q);
 * - arrivals: log of new deals over their expected number, with variance 1 / n.
 * Their variance beyond noise is tau² (Paule & Mandel 1982); the loading is the root of
 * (2·s² + (months - 1)·tau²) / (months + 1), a scaled inverse chi-square prior of 2 degrees of
 * freedom at s: .15 for the logit, .10 for the log rate.
 */
#include "fit/fitting.h"

#include "fit/pool.h"
#include "fit/predict.h"
#include "fit/stays.h"
#include <math.h>
#include <string.h>

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

static bool is_win_side(const recoup_exit *exit) {
    return exit->target == RECOUP_EXIT_WON || strcmp(exit->name, "advance") == 0;
}

/* The probability that a deal that left at this dwell time went on. NaN: the laws say nothing. */
static double share_going_on(const recoup_model *model, const recoup_stage *stage,
                             const recoup_deal_state *deal, double dwell_days) {
    double weight[RECOUP_MAX_EXITS], highest = -INFINITY, on = 0, all = 0;
    for (int e = 0; e < stage->n_exits; e++) {
        recoup_dist dwell = recoup_exit_dwell_of(&stage->exit[e], deal);
        weight[e] = recoup_exit_logit_of(model, &stage->exit[e], deal) +
                    recoup_dist_log_density(&dwell, dwell_days);
        highest = fmax(highest, weight[e]);
    }
    for (int e = 0; e < stage->n_exits; e++) {
        double w = exp(weight[e] - highest);
        all += w;
        on += is_win_side(&stage->exit[e]) ? w : 0;
    }
    return on / all;
}

/* The loading, from the months' estimates. */
static double loading(int n_months, const double *estimate, const double *variance, double prior) {
    double difference[MAX_MONTHS];
    int known = 0;
    for (int m = 0; m < n_months; m++)
        known += isfinite(variance[m]) ? 1 : 0;
    double tau2 = recoup_pool(n_months, estimate, variance, difference);
    double freedom = known > 1 ? known - 1 : 0;
    return sqrt((PRIOR_FREEDOM * prior * prior + freedom * tau2) / (PRIOR_FREEDOM + freedom));
}

static double conversion_loading(const recoup_fitting *fitting) {
    const recoup_view *view = fitting->view;
    double score[MAX_MONTHS + 1] = {0}, information[MAX_MONTHS + 1] = {0};
    double estimate[MAX_MONTHS], variance[MAX_MONTHS];
    for (int i = 0; i < view->n_visits; i++) {
        const recoup_visit *visit = &view->visit[i];
        if (visit->target == RECOUP_TO_NONE || !visit->entry_known || !(visit->dwell > 0))
            continue;
        recoup_deal_state deal = {.stage = visit->stage,
                                  .cohort = view->cohort[visit->deal],
                                  .channel = view->channel[visit->deal],
                                  .segment = view->segment[visit->deal],
                                  .amount = view->amount[visit->deal]};
        double q = share_going_on(fitting->model, &fitting->model->stage[visit->stage], &deal,
                                  visit->dwell);
        if (!(q > 0 && q < 1))
            continue;
        int month = month_of(view, visit->entered + visit->dwell);
        bool went_on = visit->target == RECOUP_TO_WON || visit->target > visit->stage;
        score[month] += went_on - q;
        information[month] += q * (1 - q);
    }
    for (int m = 0; m < MAX_MONTHS; m++) {
        bool enough = information[m] >= LEAST_INFORMATION;
        estimate[m] = enough ? score[m] / information[m] : 0;
        variance[m] = enough ? 1 / information[m] : INFINITY;
    }
    return loading(MAX_MONTHS, estimate, variance, PRIOR_CONVERSION);
}

static double arrivals_loading(const recoup_fitting *fitting) {
    const recoup_view *view = fitting->view;
    const recoup_model *model = fitting->model;
    int n_channels = recoup_model_n_channels(model);
    double count[MAX_MONTHS + 1] = {0}, estimate[MAX_MONTHS], variance[MAX_MONTHS];
    for (int i = 0; i < view->n_deals; i++)
        count[month_of(view, view->created[i])]++;
    for (int m = 0; m < MAX_MONTHS; m++) {
        double start = view->as_of - MONTH_DAYS * (m + 1), expected = 0;
        bool whole = true;
        for (int c = 0; c < view->cohorts.n; c++) {
            double rate = 0;
            for (int ch = 0; ch < n_channels; ch++)
                rate += model->arrivals[c * n_channels + ch];
            double days = fmin(MONTH_DAYS, start + MONTH_DAYS - fitting->arrivals_since[c]);
            expected += rate * fmax(0, days);
            whole &= fitting->arrivals_since[c] > fitting->window_start || days >= MONTH_DAYS;
        }
        bool enough = whole && expected >= LEAST_INFORMATION && count[m] >= LEAST_INFORMATION;
        estimate[m] = enough ? log(count[m] / expected) : 0;
        variance[m] = enough ? 1 / count[m] : INFINITY;
    }
    return loading(MAX_MONTHS, estimate, variance, PRIOR_ARRIVALS);
}

void recoup_fit_market(recoup_fitting *fitting) {
    fitting->model->market_conversion = conversion_loading(fitting);
    fitting->model->market_arrivals = arrivals_loading(fitting);
}
