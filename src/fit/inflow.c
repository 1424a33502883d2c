/* New deals: how many, how big, of which segment, at which discount. */
#include "fit/fitting.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

/* The last year, so that every season counts once. */
#define WINDOW_DAYS 365.
enum { DISCOUNT_DEALS = 20, DISCOUNT_POINTS = 21 };
/* All amounts equal: a spread of .1 % keeps the law a law. */
#define LEAST_SIGMA 1e-3

typedef struct window {
    double start, days;
} window;

static window window_of(const recoup_view *view) {
    double start = fmax(view->as_of - WINDOW_DAYS, view->first_created);
    return (window){start, fmax(1, view->as_of - start)};
}

static bool has_amount(const recoup_view *view, int deal) {
    return view->amount[deal] > 0 && isfinite(view->amount[deal]);
}

/* The part of the window in which a cohort had deals at all. A cohort that was hired during it
 * (ramping reps) is not diluted by the time before: its window begins with its first deal when a
 * silence that long would be a chance below 1 in 1,000 at the rate seen since. That first deal
 * (*opening; -1: none) is not counted then, which keeps n / days unbiased. */
static window window_of_cohort(recoup_fitting *fitting, int cohort, window recent, int *opening) {
    const recoup_view *view = fitting->view;
    double n = 0;
    int first = -1;
    for (int i = 0; i < view->n_deals; i++)
        if (view->cohort[i] == cohort && view->created[i] >= recent.start) {
            if (first < 0 || view->created[i] < view->created[first])
                first = i;
            n++;
        }
    *opening = -1;
    if (first < 0)
        return recent;
    double since = view->as_of - view->created[first];
    double silence = view->created[first] - recent.start;
    if (n < 2 || since < 1 || exp(-(n - 1) / since * silence) >= 1e-3)
        return recent;
    recoup_remark(fitting,
                  "cohort \"%s\" has no deals before the last %.0f days: its arrivals are counted "
                  "since then",
                  view->cohorts.name[cohort], since);
    *opening = first;
    return (window){view->created[first], since};
}

/* Counts by cohort and channel. A deal without a channel, where others have one, is shared out in
 * the proportions of its cohort (of all cohorts when it has no other deal). */
static recoup_status fit_arrivals(recoup_fitting *fitting, window recent) {
    const recoup_view *view = fitting->view;
    recoup_model *model = fitting->model;
    int n_channels = recoup_model_n_channels(model), n_cohorts = view->cohorts.n;
    size_t n_cells = (size_t)n_cohorts * (size_t)n_channels;
    double *count = recoup_arena_alloc(&model->arena, n_cells, sizeof *count);
    double *error = recoup_arena_alloc(&model->arena, n_cells, sizeof *error);
    double *unknown = recoup_arena_alloc(&model->arena, (size_t)n_cohorts, sizeof *unknown);
    double *by_channel = recoup_arena_alloc(&model->arena, (size_t)n_channels, sizeof(double));
    window *own = recoup_arena_alloc(&model->arena, (size_t)n_cohorts, sizeof *own);
    int *opening = recoup_arena_alloc(&model->arena, (size_t)n_cohorts, sizeof *opening);
    double *since = recoup_arena_alloc(&model->arena, (size_t)n_cohorts, sizeof *since);
    if (!count || !error || !unknown || !by_channel || !own || !opening || !since)
        return recoup_fail_memory(fitting->error);
    fitting->window_start = recent.start;
    fitting->arrivals_since = since;
    for (int c = 0; c < n_cohorts; c++) {
        own[c] = window_of_cohort(fitting, c, recent, &opening[c]);
        since[c] = own[c].start;
    }
    double n_known = 0, n_unknown = 0;
    for (int i = 0; i < view->n_deals; i++) {
        if (view->created[i] < recent.start || i == opening[view->cohort[i]])
            continue;
        if (view->channel[i] >= 0) {
            count[view->cohort[i] * n_channels + view->channel[i]]++;
            by_channel[view->channel[i]]++;
            n_known++;
        } else {
            unknown[view->cohort[i]]++;
            n_unknown++;
        }
    }
    for (int c = 0; c < n_cohorts; c++) {
        double *row = count + c * n_channels, total = 0;
        for (int k = 0; k < n_channels; k++)
            total += row[k];
        for (int k = 0; k < n_channels; k++) {
            double share = total > 0 ? row[k] / total
                                     : (n_known > 0 ? by_channel[k] / n_known : 1. / n_channels);
            row[k] += unknown[c] * share;
            error[c * n_channels + k] = sqrt(row[k]) / own[c].days;
            row[k] /= own[c].days;
        }
    }
    if (view->channels.n > 0 && n_unknown > 0)
        recoup_remark(fitting,
                      "%.0f new deals name no channel; they are shared out among the channels in "
                      "the proportions of the others",
                      n_unknown);
    model->arrivals = count;
    model->arrivals_se = error;
    return RECOUP_OK;
}

/* Maximum likelihood of the lognormal: mean and standard deviation of log amount. */
static bool fit_new_amount(recoup_fitting *fitting, double since) {
    const recoup_view *view = fitting->view;
    double n = 0, sum = 0, squares = 0;
    for (int i = 0; i < view->n_deals; i++)
        if (view->created[i] >= since && has_amount(view, i)) {
            n++;
            sum += log(view->amount[i]);
        }
    if (n < 2)
        return false;
    for (int i = 0; i < view->n_deals; i++)
        if (view->created[i] >= since && has_amount(view, i))
            squares += (log(view->amount[i]) - sum / n) * (log(view->amount[i]) - sum / n);
    fitting->model->new_amount = (recoup_dist){
        .family = RECOUP_LOGNORMAL, .mu = sum / n, .shape = {fmax(LEAST_SIGMA, sqrt(squares / n))}};
    return true;
}

static recoup_status fit_amounts(recoup_fitting *fitting, window recent) {
    const recoup_view *view = fitting->view;
    recoup_model *model = fitting->model;
    double *amount = RECOUP_NEW(double, view->n_deals);
    size_t n = 0;
    if (!amount)
        return recoup_fail_memory(fitting->error);
    for (int i = 0; i < view->n_deals; i++)
        if (has_amount(view, i))
            amount[n++] = view->amount[i];
    gsl_sort(amount, 1, n);
    model->has_new_amount = n > 0;
    model->new_amount = (recoup_dist){.family = RECOUP_LOGNORMAL, .shape = {1}};
    if (n > 0) {
        model->size_ref = gsl_stats_median_from_sorted_data(amount, 1, n);
        model->new_amount.mu = log(model->size_ref);
        if (!fit_new_amount(fitting, recent.start) && !fit_new_amount(fitting, -INFINITY))
            recoup_remark(fitting,
                          "only one deal has an amount: new deals get a lognormal around it with "
                          "sigma 1: edit the model");
    } else {
        recoup_remark(fitting, "no deal has an amount above 0: no new deals are simulated");
        for (int i = 0; i < model->cohorts.n * recoup_model_n_channels(model); i++)
            model->arrivals[i] = model->arrivals_se[i] = 0;
    }
    free(amount);
    return RECOUP_OK;
}

static recoup_status fit_segment_mix(recoup_fitting *fitting, window recent) {
    const recoup_view *view = fitting->view;
    recoup_model *model = fitting->model;
    int n = view->segments.n;
    if (n == 0)
        return RECOUP_OK;
    model->segment_mix = recoup_arena_alloc(&model->arena, (size_t)n, sizeof(double));
    if (!model->segment_mix)
        return recoup_fail_memory(fitting->error);
    double total = 0;
    for (int k = 0; k < n; k++) { /* the Dirichlet prior of model.md: half a deal each */
        model->segment_mix[k] = .5;
        total += .5;
    }
    for (int i = 0; i < view->n_deals; i++)
        if (view->created[i] >= recent.start && view->segment[i] >= 0) {
            model->segment_mix[view->segment[i]]++;
            total++;
        }
    for (int k = 0; k < n; k++)
        model->segment_mix[k] /= total;
    return RECOUP_OK;
}

/* Quantiles of 1 - amount / list amount, none below 0, of the deals won in the window. */
static recoup_status fit_discounts(recoup_fitting *fitting, window recent) {
    const recoup_view *view = fitting->view;
    recoup_model *model = fitting->model;
    recoup_status status = RECOUP_OK;
    size_t n = 0;
    double *discount = RECOUP_NEW(double, view->n_deals);
    if (!discount)
        return recoup_fail_memory(fitting->error);
    for (int i = 0; i < view->n_deals; i++)
        if (view->outcome[i] == RECOUP_WON && view->closed[i] >= recent.start &&
            has_amount(view, i) && view->list_amount[i] > 0)
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

recoup_status recoup_fit_inflow(recoup_fitting *fitting) {
    window recent = window_of(fitting->view);
    recoup_status status = fit_arrivals(fitting, recent);
    if (status == RECOUP_OK)
        status = fit_amounts(fitting, recent);
    if (status == RECOUP_OK)
        status = fit_segment_mix(fitting, recent);
    if (status == RECOUP_OK)
        status = fit_discounts(fitting, recent);
    if (recent.days < 90)
        recoup_remark(fitting,
                      "arrivals rest on %.0f days of history only: no season is seen twice",
                      recent.days);
    return status;
}
