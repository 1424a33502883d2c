/* The market factor: what the differences between past quarters say of a shock that all deals
 * share.
 *
 * Z is one number for each quarter, and so the quarters are what can be compared: those of the
 * scenario's calendar, the first and the last in part. The calendar's own effect (calendar.c) is
 * taken out before: a rush that comes with every quarter's end is no shock. In each quarter
 * - conversion: deals that left their stage went on with probability q, that of deals that left it
 *   after as long a stay (leavings.h). The quarter's shift of the logit is the score step
 *   sum (y - q) / sum q(1 - q), with variance 1 / sum q(1 - q);
 * - arrivals: log of new deals over their expected number, with variance 1 / n, and with what the
 *   dispersion of the single cells adds up to.
 * The loading is their standard deviation beyond that noise. Few quarters know it badly: its
 * posterior is worked out on a grid (market.h), the model has its mean, and the draws are drawn
 * from it.
 *
 * What the market was in the past is unknown as well. A parameter estimated from quarters with the
 * weights w (shares of the information) has the mean of their shocks in it, N(0, loading²·sum w²):
 * this much, with the loading of the draw, all that the market acts on deviates alike.
 */
#include "fit/market.h"

#include "base/quarter.h"
#include "fit/fitting.h"
#include "fit/leavings.h"
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

enum { RECENT_QUARTERS = 8 };
#define QUARTER_DAYS 91.3125 /* a year of 365.25 days in four */
/* Judgements: an ordinary quarter is as likely as not to be apart from the average by less than so
 * much, in the logit and in the log rate. */
#define ORDINARY_CONVERSION .15
#define ORDINARY_ARRIVALS .10
/* Below so much information in a quarter the normal approximation is none. */
#define LEAST_INFORMATION 5.

/* Quarters, the as-of date's first and then back. */
typedef struct quarters {
    int n;
    double *score, *information; /* [quarter]; of arrivals: counts, expected counts */
    double *estimate, *variance; /* [quarter] */
    double *own;                 /* [quarter]: variance of arrivals by the cells' dispersion */
} quarters;

static int quarter_of(const recoup_view *view, double time) {
    recoup_quarter now = recoup_quarter_of(view->period_start, view->as_of);
    recoup_quarter then = recoup_quarter_of(view->period_start, time);
    return (int)round((now.start - then.start) / QUARTER_DAYS);
}

static bool quarters_create(const recoup_view *view, quarters *of) {
    of->n = quarter_of(view, fmin(view->first_created, view->as_of)) + 1;
    of->score = RECOUP_NEW(double, 5 * (size_t)of->n);
    if (!of->score)
        return false;
    of->information = of->score + of->n;
    of->estimate = of->information + of->n;
    of->variance = of->estimate + of->n;
    of->own = of->variance + of->n;
    return true;
}

/* The loading, and the draws: of it, and of what it did to the targets in the past. */
static bool set_loading(recoup_fitting *fitting, const quarters *of, double *target,
                        double ordinary, const char *name, int n_moved, double *const *moved) {
    recoup_loading loading;
    double sum = 0, squares = 0;
    double *own = RECOUP_NEW(double, RECOUP_POSTERIOR_DRAWS);
    double *shared = RECOUP_NEW(double, RECOUP_POSTERIOR_DRAWS *(size_t)n_moved);
    bool enough = own && shared;
    int recent = of->n < RECENT_QUARTERS ? of->n : RECENT_QUARTERS;
    recoup_loading_posterior(recent, of->estimate, of->variance, ordinary, &loading);
    for (int q = 0; q < of->n; q++) {
        sum += of->information[q];
        squares += of->information[q] * of->information[q];
    }
    double past = sum > 0 ? sqrt(squares) / sum : 1;
    *target = loading.mean;
    for (int d = 0; d < RECOUP_POSTERIOR_DRAWS && enough; d++) {
        char label[64];
        uint64_t seed = fitting->view->digest;
        snprintf(label, sizeof label, "%s.loading", name);
        double drawn = recoup_loading_quantile(&loading, recoup_posterior_uniform(seed, d, label));
        own[d] = log(drawn / loading.mean);
        double z = gsl_cdf_ugaussian_Pinv(recoup_posterior_uniform(seed, d, name));
        for (int i = 0; i < n_moved; i++)
            shared[d * n_moved + i] = drawn * past * z;
    }
    if (enough) {
        recoup_posterior_add_draws(&fitting->posterior, 1, &target, own);
        recoup_posterior_add_draws(&fitting->posterior, n_moved, moved, shared);
    }
    free(own);
    free(shared);
    return enough;
}

static bool set_conversion_loading(recoup_fitting *fitting) {
    recoup_model *model = fitting->model;
    quarters of = {.n = 0};
    recoup_leavings leavings = {.n = 0};
    int n_moved = 0;
    double **moved = RECOUP_NEW(double *, (size_t)model->n_stages *RECOUP_MAX_EXITS);
    bool enough = moved && quarters_create(fitting->view, &of) &&
                  recoup_leavings_create(fitting, false, &leavings);
    for (int i = 0; i < leavings.n && enough; i++) {
        const recoup_leaving *leaving = &leavings.leaving[i];
        double p = recoup_leaving_share(leaving->odds);
        int q = quarter_of(fitting->view, leaving->time);
        of.score[q] += leaving->yes - p;
        of.information[q] += p * (1 - p);
    }
    for (int q = 0; q < of.n && enough; q++) {
        bool known = of.information[q] >= LEAST_INFORMATION;
        of.estimate[q] = known ? of.score[q] / of.information[q] : 0;
        of.variance[q] = known ? 1 / of.information[q] : INFINITY;
    }
    for (int s = 0; s < model->n_stages && enough; s++)
        for (int e = 0; e < model->stage[s].n_exits; e++) {
            recoup_exit *exit = &model->stage[s].exit[e];
            if (e == RECOUP_ADVANCE || exit->target == RECOUP_EXIT_WON)
                moved[n_moved++] = &exit->logit;
        }
    enough = enough && set_loading(fitting, &of, &model->market_conversion, ORDINARY_CONVERSION,
                                   "market.conversion", n_moved, moved);
    recoup_leavings_clear(&leavings);
    free(of.score);
    free(moved);
    return enough;
}

/* Counts, what was expected, and how the dispersion of the cells makes that vary. */
static void count_arrivals(const recoup_fitting *fitting, quarters *of) {
    const recoup_view *view = fitting->view;
    const recoup_model *model = fitting->model;
    int n_channels = recoup_model_n_channels(model);
    recoup_quarter quarter = recoup_quarter_of(view->period_start, view->as_of);
    for (int i = 0; i < view->n_deals; i++)
        if (view->created[i] > fitting->arrivals_since[view->cohort[i]])
            of->score[quarter_of(view, view->created[i])]++;
    for (int q = 0; q < of->n; q++) {
        double end = fmin(quarter.end, view->as_of);
        for (int c = 0; c < view->cohorts.n; c++) {
            double start = fmax(quarter.start, fitting->arrivals_since[c]);
            for (int i = c * n_channels; i < (c + 1) * n_channels; i++) {
                double mean = model->arrivals[i] * fmax(0, end - start);
                of->information[q] += mean;
                of->own[q] +=
                    model->arrivals_dispersion ? model->arrivals_dispersion[i] * mean * mean : 0;
            }
        }
        quarter = recoup_quarter_of(view->period_start, quarter.start - 1);
    }
}

static bool set_arrivals_loading(recoup_fitting *fitting) {
    recoup_model *model = fitting->model;
    quarters of = {.n = 0};
    int n_cells = model->cohorts.n * recoup_model_n_channels(model), n_moved = 0;
    double **moved = RECOUP_NEW(double *, n_cells);
    bool enough = moved && quarters_create(fitting->view, &of);
    if (enough)
        count_arrivals(fitting, &of);
    for (int q = 0; q < of.n && enough; q++) {
        double count = of.score[q], expected = of.information[q];
        bool known = count >= LEAST_INFORMATION && expected >= LEAST_INFORMATION;
        of.estimate[q] = known ? log(count / expected) : 0;
        of.variance[q] = known ? 1 / count + of.own[q] / expected / expected : INFINITY;
    }
    for (int i = 0; i < n_cells && enough; i++)
        if (model->arrivals[i] > 0)
            moved[n_moved++] = &model->arrivals[i];
    enough = enough && set_loading(fitting, &of, &model->market_arrivals, ORDINARY_ARRIVALS,
                                   "market.arrivals", n_moved, moved);
    free(of.score);
    free(moved);
    return enough;
}

recoup_status recoup_fit_market(recoup_fitting *fitting) {
    return set_conversion_loading(fitting) && set_arrivals_loading(fitting)
               ? RECOUP_OK
               : recoup_fail_memory(fitting->error);
}
