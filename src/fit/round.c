/* A fitted model is rounded to six significant digits, far below any standard error, and so are its
 * standard errors: the file is readable, and a run that fits gives the same bits as one that reads
 * the file. */
#include "fit/fitting.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static double rounded(double x) {
    char text[32];
    snprintf(text, sizeof text, "%.5e", x);
    return isfinite(x) ? strtod(text, NULL) : x;
}

static void round_all(double *values, int n) {
    for (int i = 0; values && i < n; i++)
        values[i] = rounded(values[i]);
}

static void round_exit_fit(recoup_exit_fit *fit) {
    round_all(&fit->logit_se, 1);
    round_all(&fit->mu_se, 1);
    round_all(fit->shape_se, 2);
    round_all(&fit->log_median_se, 1);
    round_all(&fit->gof_distance, 1);
    round_all(&fit->gof_days, 1);
    round_all(&fit->gof_bound, 1);
}

/* The file has the time scale, not its logarithm. */
static void round_dist(recoup_dist *dist) {
    dist->mu = log(rounded(exp(dist->mu)));
    round_all(dist->shape, 2);
}

void recoup_fit_round(recoup_model *model) {
    for (int s = 0; s < model->n_stages; s++)
        for (int e = 0; e < model->stage[s].n_exits; e++) {
            recoup_exit *exit = &model->stage[s].exit[e];
            exit->logit = rounded(exit->logit);
            exit->size_logit = rounded(exit->size_logit);
            exit->discount_logit = rounded(exit->discount_logit);
            round_all(exit->cohort_logit, model->cohorts.n);
            round_all(exit->channel_logit, model->channels.n);
            round_all(exit->segment_logit, model->segments.n);
            round_all(exit->cohort_log_dwell, model->cohorts.n);
            round_dist(&exit->dwell);
            round_all(exit->cohort_logit_se, model->cohorts.n);
            round_all(exit->cohort_mu_se, model->cohorts.n);
            round_exit_fit(&exit->fit);
        }
    model->market_conversion = rounded(model->market_conversion);
    model->market_arrivals = rounded(model->market_arrivals);
    model->quarter_end_logit = rounded(model->quarter_end_logit);
    model->size_ref = rounded(model->size_ref);
    round_dist(&model->new_amount);
    round_all(&model->new_amount_se.log_scale, 1);
    round_all(&model->new_amount_se.shape, 1);
    round_all(&model->new_amount_se.log_median, 1);
    round_all(model->discount_quantile, model->n_discount);
    round_all(model->arrivals, model->cohorts.n * recoup_model_n_channels(model));
    round_all(model->arrivals_se, model->cohorts.n * recoup_model_n_channels(model));
    round_all(model->arrivals_dispersion, model->cohorts.n * recoup_model_n_channels(model));
}
