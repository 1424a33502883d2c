/* Arrivals of new deals: rates by cohort and channel, and how they vary. */
#include "fit/inflow.h"

#include <gsl/gsl_cdf.h>
#include <stdlib.h>

enum { MONTH_DAYS = 30 };
#define LEAST_PROBABILITY .05

/* The part of the window in which a cohort had deals at all. A cohort that was hired during it
 * (ramping reps) is not diluted by the time before: its window begins with its first deal when a
 * silence that long would be a chance below 1 in 1,000 at the rate seen since. That first deal
 * (*opening; -1: none) is not counted then, which keeps n / days unbiased. */
static recoup_window window_of_cohort(recoup_fitting *fitting, int cohort, recoup_window recent,
                                      int *opening) {
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
    return (recoup_window){view->created[first], since};
}

/* The days of month m, counted back from the as-of date, that a cohort's arrivals are counted on.
 */
static double days_of_month(const recoup_fitting *fitting, int cohort, int m) {
    double end = fitting->view->as_of - MONTH_DAYS * m;
    return fmax(0, fmin(MONTH_DAYS, end - fitting->arrivals_since[cohort]));
}

/* Counts by cell and month, and the days they were counted on. */
typedef struct table {
    int n_cells, n_months;
    double *count, *days; /* [cell * n_months + month] */
    double *rate, *month; /* factors of the mean: rate[cell] · month[m] · days */
} table;

/* Poisson means with a factor for each cell and each month, by iterative proportional fitting
 * (Deming & Stephan 1940). */
static void fit_margins(table *t) {
    enum { ROUNDS = 50 };
    for (int m = 0; m < t->n_months; m++)
        t->month[m] = 1;
    for (int round = 0; round < ROUNDS; round++) {
        for (int c = 0; c < t->n_cells; c++) {
            double n = 0, exposure = 0;
            for (int m = 0; m < t->n_months; m++) {
                n += t->count[c * t->n_months + m];
                exposure += t->days[c * t->n_months + m] * t->month[m];
            }
            t->rate[c] = exposure > 0 ? n / exposure : 0;
        }
        for (int m = 0; m < t->n_months; m++) {
            double n = 0, exposure = 0;
            for (int c = 0; c < t->n_cells; c++) {
                n += t->count[c * t->n_months + m];
                exposure += t->days[c * t->n_months + m] * t->rate[c];
            }
            t->month[m] = exposure > 0 ? n / exposure : 0;
        }
    }
}

/* Pearson's statistic with the variance m + dispersion·m² of a count of mean m. */
static double pearson(const table *t, double dispersion) {
    double sum = 0;
    for (int c = 0; c < t->n_cells; c++)
        for (int m = 0; m < t->n_months; m++) {
            int i = c * t->n_months + m;
            double mean = t->rate[c] * t->month[m] * t->days[i];
            if (mean > 0)
                sum +=
                    (t->count[i] - mean) * (t->count[i] - mean) / (mean + dispersion * mean * mean);
        }
    return sum;
}

/* The dispersion at which Pearson's statistic has a value, 0 where it is below that without any. */
static double dispersion_at(const table *t, double value) {
    double low = 0, high = 1;
    if (pearson(t, 0) <= value)
        return 0;
    while (pearson(t, high) > value)
        high *= 2;
    for (int k = 0; k < 60; k++) {
        double middle = (low + high) / 2;
        if (pearson(t, middle) > value)
            low = middle;
        else
            high = middle;
    }
    return high;
}

/* The dispersion that makes Pearson's statistic equal to its degrees of freedom (Breslow 1984). */
static double dispersion_of(table *t, double *freedom) {
    fit_margins(t);
    double cells = 0, months = 0, used = 0;
    for (int c = 0; c < t->n_cells; c++)
        cells += t->rate[c] > 0;
    for (int m = 0; m < t->n_months; m++)
        months += t->month[m] > 0;
    for (int c = 0; c < t->n_cells; c++)
        for (int m = 0; m < t->n_months; m++)
            used += t->rate[c] * t->month[m] * t->days[c * t->n_months + m] > 0;
    *freedom = used - cells - months + 1;
    return cells < 2 || *freedom < 1 ? 0 : dispersion_at(t, *freedom);
}

/* At the true dispersion Pearson's statistic is chi-square: a draw is the dispersion at which it
 * is a quantile of that law. One draw is for all cells; none is less than a thousandth of the
 * estimate, which is as good as none and has a logarithm. */
static bool add_dispersion(recoup_fitting *fitting, const table *t, double dispersion,
                           double freedom) {
    recoup_model *model = fitting->model;
    int n_cells = model->cohorts.n * recoup_model_n_channels(model), n = 0;
    double **target = RECOUP_NEW(double *, n_cells);
    double *deviation = RECOUP_NEW(double, (size_t)n_cells *RECOUP_POSTERIOR_DRAWS);
    bool enough = target && deviation;
    for (int i = 0; i < n_cells && enough; i++)
        if (model->arrivals_dispersion[i] > 0)
            target[n++] = &model->arrivals_dispersion[i];
    for (int d = 0; d < RECOUP_POSTERIOR_DRAWS && enough; d++) {
        double u = recoup_posterior_uniform(fitting->view->digest, d, "arrivals.dispersion");
        double drawn = dispersion_at(t, gsl_cdf_chisq_Pinv(u, freedom));
        for (int i = 0; i < n; i++)
            deviation[d * n + i] = log(fmax(drawn / dispersion, 1e-3));
    }
    if (enough)
        recoup_posterior_add_draws(&fitting->posterior, n, target, deviation);
    free(target);
    free(deviation);
    return enough;
}

/* Fills the table with the cells that have a deal a month, so that its statistic has a chi-square
 * law; their number. */
static int fill_table(const recoup_fitting *fitting, table *t) {
    const recoup_view *view = fitting->view;
    int n_channels = recoup_model_n_channels(fitting->model), M = t->n_months, n = 0;
    for (int i = 0; i < view->n_deals; i++) {
        int channel = view->channels.n ? view->channel[i] : 0;
        int m = (int)floor((view->as_of - view->created[i]) / MONTH_DAYS);
        if (channel >= 0 && m >= 0 && m < M &&
            view->created[i] > fitting->arrivals_since[view->cohort[i]])
            t->count[(view->cohort[i] * n_channels + channel) * M + m]++;
    }
    for (int c = 0; c < t->n_cells; c++) {
        double total = 0;
        for (int m = 0; m < M; m++)
            total += t->count[c * M + m];
        if (total < M)
            continue;
        for (int m = 0; m < M; m++) {
            t->count[n * M + m] = t->count[c * M + m];
            t->days[n * M + m] = days_of_month(fitting, c / n_channels, m);
        }
        n++;
    }
    return n;
}

/* Of months that vary by factors of their own, each of variance `dispersion`, the mean rate varies
 * by the weights of their days: rate² · dispersion · sum days² / (sum days)². The dispersion was
 * estimated with so many degrees of freedom: the variance of Student's t. */
static void widen_errors(recoup_fitting *fitting, double dispersion, double freedom) {
    recoup_model *model = fitting->model;
    int n_channels = recoup_model_n_channels(model);
    dispersion *= freedom / fmax(1, freedom - 2);
    for (int c = 0; c < model->cohorts.n; c++) {
        double days = 0, squares = 0;
        for (int m = 0; days_of_month(fitting, c, m) > 0; m++) {
            days += days_of_month(fitting, c, m);
            squares += days_of_month(fitting, c, m) * days_of_month(fitting, c, m);
        }
        for (int i = c * n_channels; i < (c + 1) * n_channels && days > 0; i++)
            model->arrivals_se[i] = hypot(model->arrivals_se[i],
                                          model->arrivals[i] * sqrt(dispersion * squares) / days);
    }
}

/* One dispersion for all cells, from counts by month. What all cells of a month have in common is
 * taken out: that is the market's. */
static recoup_status fit_dispersion(recoup_fitting *fitting) {
    recoup_model *model = fitting->model;
    int n_cells = model->cohorts.n * recoup_model_n_channels(model);
    int n_months = (int)((fitting->view->as_of - fitting->window_start) / MONTH_DAYS);
    recoup_status status = RECOUP_OK;
    if (n_months < 2)
        return RECOUP_OK;
    size_t size = (size_t)n_cells * (size_t)n_months;
    table t = {.n_cells = n_cells, .n_months = n_months};
    t.count = RECOUP_NEW(double, size);
    t.days = RECOUP_NEW(double, size);
    t.rate = RECOUP_NEW(double, n_cells);
    t.month = RECOUP_NEW(double, n_months);
    if (!t.count || !t.days || !t.rate || !t.month) {
        status = recoup_fail_memory(fitting->error);
        goto done;
    }
    t.n_cells = fill_table(fitting, &t);
    double freedom, dispersion = dispersion_of(&t, &freedom);
    if (dispersion > 0)
        widen_errors(fitting, dispersion, freedom);
    if (!(dispersion > 0) || gsl_cdf_chisq_Q(pearson(&t, 0), freedom) > LEAST_PROBABILITY)
        goto done;
    model->arrivals_dispersion = recoup_arena_alloc(&model->arena, (size_t)n_cells, sizeof(double));
    if (!model->arrivals_dispersion) {
        status = recoup_fail_memory(fitting->error);
        goto done;
    }
    for (int i = 0; i < n_cells; i++)
        model->arrivals_dispersion[i] = model->arrivals[i] > 0 ? dispersion : 0;
    if (!add_dispersion(fitting, &t, dispersion, freedom)) {
        status = recoup_fail_memory(fitting->error);
        goto done;
    }
    recoup_remark(
        fitting,
        "the arrivals of a cohort%s vary from month to month by %.0f %% beyond chance and "
        "beyond what all have in common: dispersion %.3g",
        model->channels.n ? " and channel" : "", 100 * sqrt(dispersion), dispersion);
done:
    free(t.count);
    free(t.days);
    free(t.rate);
    free(t.month);
    return status;
}

/* Counts by cohort and channel. A deal without a channel, where others have one, is shared out in
 * the proportions of its cohort (of all cohorts when it has no other deal). */
recoup_status recoup_fit_arrivals(recoup_fitting *fitting, recoup_window recent) {
    const recoup_view *view = fitting->view;
    recoup_model *model = fitting->model;
    int n_channels = recoup_model_n_channels(model), n_cohorts = view->cohorts.n;
    size_t n_cells = (size_t)n_cohorts * (size_t)n_channels;
    double *count = recoup_arena_alloc(&model->arena, n_cells, sizeof *count);
    double *error = recoup_arena_alloc(&model->arena, n_cells, sizeof *error);
    double *unknown = recoup_arena_alloc(&model->arena, (size_t)n_cohorts, sizeof *unknown);
    double *by_channel = recoup_arena_alloc(&model->arena, (size_t)n_channels, sizeof(double));
    recoup_window *own = recoup_arena_alloc(&model->arena, (size_t)n_cohorts, sizeof *own);
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
    return fit_dispersion(fitting);
}
