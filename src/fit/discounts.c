/* The discounts that new deals are given, and how they go with winning. */
#include "fit/choose.h"
#include "fit/inflow.h"
#include "fit/leavings.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <stdlib.h>

enum { DISCOUNT_DEALS = 20, DISCOUNT_POINTS = 21 };

/* Quantiles of 1 - amount / list amount, none below 0, of the deals won in the window. */
recoup_status recoup_fit_discounts(recoup_fitting *fitting, recoup_window recent) {
    const recoup_view *view = fitting->view;
    recoup_model *model = fitting->model;
    recoup_status status = RECOUP_OK;
    size_t n = 0;
    double *discount = RECOUP_NEW(double, view->n_deals);
    if (!discount)
        return recoup_fail_memory(fitting->error);
    for (int i = 0; i < view->n_deals; i++)
        if (view->outcome[i] == RECOUP_WON && view->closed[i] >= recent.start &&
            recoup_has_amount(view, i) && view->list_amount[i] > 0)
            discount[n++] = fmax(0, 1 - view->amount[i] / view->list_amount[i]);
    if (n < DISCOUNT_DEALS) {
        if (n > 0)
            recoup_remark(fitting,
                          "only %zu deals won name a list amount, %d are needed: the discounts of "
                          "new deals are not fitted",
                          n, DISCOUNT_DEALS);
        goto done;
    }
    model->discount_quantile =
        recoup_arena_alloc(&model->arena, DISCOUNT_POINTS, sizeof *model->discount_quantile);
    if (!model->discount_quantile) {
        status = recoup_fail_memory(fitting->error);
        goto done;
    }
    gsl_sort(discount, 1, n);
    model->n_discount = DISCOUNT_POINTS;
    for (int k = 0; k < DISCOUNT_POINTS; k++)
        model->discount_quantile[k] =
            gsl_stats_quantile_from_sorted_data(discount, 1, n, k / (DISCOUNT_POINTS - 1.));
done:
    free(discount);
    return status;
}

/* Prior of the slope: N(0, 10²), so that ten points of discount change the odds by a factor of e at
 * most about as often as not; the ridge of Hoerl & Kennard 1970. */
#define PRECISION (1 / (10. * 10))
/* Closed deals whose discount is known, of all. */
#define KNOWN_SHARE .9

/* log L of a·1 + b·d added to the odds, its gradient and information (aa, ab, bb). */
static double add_up(const recoup_fitting *fitting, const recoup_leaving *list, int n, double a,
                     double b, double *gradient, double *information) {
    double value = 0;
    gradient[0] = 0;
    gradient[1] = -PRECISION * b;
    information[0] = 1e-9; /* not quite singular where all are won */
    information[1] = 0;
    information[2] = PRECISION;
    for (int i = 0; i < n; i++) {
        double d = recoup_discount_of(fitting->view, list[i].deal);
        double odds = list[i].odds + a + b * d, q = recoup_leaving_share(odds);
        value -= log1p(exp(list[i].yes ? -odds : odds));
        gradient[0] += list[i].yes - q;
        gradient[1] += (list[i].yes - q) * d;
        information[0] += q * (1 - q);
        information[1] += q * (1 - q) * d;
        information[2] += q * (1 - q) * d * d;
    }
    return value;
}

/* The most likely slope, its variance and log L, by Newton's method; with_slope false: a alone. */
static double fit_slope(const recoup_fitting *fitting, const recoup_leaving *list, int n,
                        bool with_slope, double *slope, double *variance) {
    enum { MAX_ROUNDS = 100 };
    double a = 0, b = 0, value = 0, g[2], h[3], step[2] = {1, 1};
    for (int round = 0; round < MAX_ROUNDS && fabs(step[0]) + fabs(step[1]) > 1e-9; round++) {
        value = add_up(fitting, list, n, a, b, g, h);
        double determinant = h[0] * h[2] - h[1] * h[1];
        step[0] = with_slope ? (h[2] * g[0] - h[1] * g[1]) / determinant : g[0] / h[0];
        step[1] = with_slope ? (h[0] * g[1] - h[1] * g[0]) / determinant : 0;
        a += fmax(-1, fmin(1, step[0]));
        b += fmax(-5, fmin(5, step[1]));
        *variance = h[0] / determinant;
    }
    *slope = b;
    return value;
}

/* Where lost deals stand at their list amount and won ones do not, the discount says how the table
 * is kept, not what wins. */
static bool is_bookkeeping(const recoup_view *view, const recoup_leaving *list, int n) {
    double seen[2] = {0}, apart[2] = {0};
    for (int i = 0; i < n; i++) {
        seen[list[i].yes]++;
        apart[list[i].yes] += view->amount[list[i].deal] != view->list_amount[list[i].deal];
    }
    return apart[0] / fmax(1, seen[0]) < .5 * apart[1] / fmax(1, seen[1]);
}

static void keep_slope(recoup_fitting *fitting, recoup_exit *exit, const recoup_leaving *list,
                       int n, double slope, double variance) {
    double weights = 0, mean = 0;
    for (int i = 0; i < n; i++) {
        double q = recoup_leaving_share(list[i].odds);
        weights += q * (1 - q);
        mean += q * (1 - q) * recoup_discount_of(fitting->view, list[i].deal);
    }
    mean = weights > 0 ? mean / weights : 0;
    exit->discount_logit = slope;
    exit->logit -= slope * mean;
    /* The line turns around the mean discount, where its height is what the stage's fit says. */
    recoup_posterior_add(
        &fitting->posterior, 2, (double *[2]){&exit->discount_logit, &exit->logit},
        (double[4]){variance, -mean * variance, -mean * variance, mean * mean * variance});
    recoup_remark(
        fitting,
        "with each point of discount the odds of winning go by a factor of %.3f (standard "
        "error %.3f of its logarithm): an association in closed deals, not what a "
        "discount does",
        exp(slope / 100), sqrt(variance) / 100);
}

recoup_status recoup_fit_discount_slope(recoup_fitting *fitting) {
    const recoup_view *view = fitting->view;
    int last = fitting->model->n_stages - 1, n = 0, n_known = 0;
    recoup_exit *exit = &fitting->model->stage[last].exit[RECOUP_ADVANCE];
    recoup_leavings leavings;
    recoup_status status = RECOUP_OK;
    if (!recoup_leavings_create(fitting, true, &leavings)) {
        status = recoup_fail_memory(fitting->error);
        goto done;
    }
    recoup_leaving *list = leavings.leaving;
    for (int i = 0; i < leavings.n; i++)
        if (list[i].stage == last) { /* those of the last stage to the front */
            n_known += recoup_has_discount(view, list[i].deal);
            list[n++] = list[i];
        }
    double slope = 0, variance = 0, unused;
    if (n_known < DISCOUNT_DEALS || n_known < KNOWN_SHARE * n)
        goto done;
    if (is_bookkeeping(view, list, n)) {
        recoup_remark(fitting, "deals that are lost stand at their list amount, deals that are won "
                               "do not: how discounts go with winning cannot be told");
        goto done;
    }
    double with = fit_slope(fitting, list, n, true, &slope, &variance);
    double without = fit_slope(fitting, list, n, false, &unused, &unused);
    if (recoup_aicc(with, 2, n) < recoup_aicc(without, 1, n))
        keep_slope(fitting, exit, list, n, slope, variance);
done:
    recoup_leavings_clear(&leavings);
    return status;
}
