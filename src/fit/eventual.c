/* The predictive distribution of the eventual win rate.
 *
 * Deals that are closed stay as they are. Given the parameters and the market factor Z of the time
 * to come, the open ones are won independently with the probabilities p_i of
 * recoup_predict_win_given, so that their number W has the mean sum p_i and the variance sum p_i(1
 * - p_i), and is taken as normal with a continuity correction. What is reported is the mixture over
 * the joint draws of the parameters, each with a Z of its own: its mean, and the 2.5 and 97.5 %
 * quantiles of W. */
#include "fit/eventual.h"

#include "fit/groups.h"
#include "fit/predict.h"
#include "model/draws.h"
#include "random/random.h"
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

/* Of more open deals every second, third ... stands for them all: the mean of p is then off by a
 * standard error of less than .5 / sqrt(MOST_DEALS / 2) < .01, which with the share of deals that
 * are open is little beside what the market does to them. */
enum { MOST_DEALS = 10000 };

bool recoup_eventual_wins(const recoup_view *view, const recoup_model *model, double z,
                          double *mean, double *variance) {
    bool enough = true;
    int every = 1 + (view->n_open - 1) / MOST_DEALS, n_open = 0, n_taken = 0;
    *mean = *variance = 0;
    for (int i = 0; i < view->n_deals && enough; i++) {
        if (view->outcome[i] != RECOUP_OPEN || n_open++ % every != 0)
            continue;
        recoup_deal_state deal = recoup_deal_state_of(view, i);
        double p = recoup_predict_win_given(model, &deal, z);
        enough = !isnan(p);
        *mean += p;
        *variance += p * (1 - p);
        n_taken++;
    }
    if (n_taken > 0) {
        *mean *= (double)n_open / n_taken;
        *variance *= (double)n_open / n_taken;
    }
    return enough;
}

/* Means and variances of W by draw. */
typedef struct mixture {
    int n;
    double *mean, *variance;
} mixture;

/* P(W <= k). */
static double probability(const mixture *of, double k) {
    double sum = 0;
    for (int d = 0; d < of->n; d++) {
        double sd = sqrt(of->variance[d]), distance = k + .5 - of->mean[d];
        sum += sd > 0 ? gsl_cdf_ugaussian_P(distance / sd) : distance >= 0;
    }
    return sum / of->n;
}

/* The least k of 0 ... most with P(W <= k) >= level. */
static double quantile(const mixture *of, double most, double level) {
    double low = -1, high = most;
    while (high - low > 1) {
        double middle = floor((low + high) / 2);
        if (probability(of, middle) >= level)
            high = middle;
        else
            low = middle;
    }
    return high;
}

static recoup_status fill(const recoup_view *view, const recoup_model *model, mixture *to,
                          recoup_error *error) {
    for (int d = 0; d < to->n; d++) {
        recoup_model *drawn = NULL;
        /* As in a simulation, where the market of a path is that of (seed, path). */
        double z = gsl_cdf_ugaussian_Pinv(
            recoup_random_pair(view->digest, (uint32_t)d, 0, 0, RECOUP_DRAW_MARKET).first);
        recoup_status status = recoup_model_draw(model, d, &drawn, error);
        if (status == RECOUP_OK &&
            !recoup_eventual_wins(view, drawn, z, &to->mean[d], &to->variance[d]))
            status = recoup_fail_memory(error);
        recoup_model_free(drawn);
        if (status != RECOUP_OK)
            return status;
    }
    return RECOUP_OK;
}

recoup_status recoup_fit_eventual(const recoup_view *view, const recoup_model *model,
                                  recoup_eventual *eventual, recoup_error *error) {
    recoup_status status = RECOUP_OK;
    mixture wins = {.n = model->draws ? model->draws->n_draws : 0};
    double won = 0, n = view->n_deals, n_open = view->n_open, sum = 0;
    for (int i = 0; i < view->n_deals; i++)
        won += view->outcome[i] == RECOUP_WON;
    *eventual = (recoup_eventual){n, n_open, {NAN, NAN, NAN}, won / (n - n_open)};
    wins.mean = RECOUP_NEW(double, wins.n);
    wins.variance = RECOUP_NEW(double, wins.n);
    if (!wins.mean || !wins.variance)
        status = recoup_fail_memory(error);
    else
        status = fill(view, model, &wins, error);
    for (int d = 0; d < wins.n && status == RECOUP_OK; d++)
        sum += wins.mean[d] / wins.n;
    if (status == RECOUP_OK && wins.n > 0 && n > 0)
        eventual->win_rate =
            (recoup_estimate){(won + sum) / n, (won + quantile(&wins, n_open, .025)) / n,
                              (won + quantile(&wins, n_open, .975)) / n};
    free(wins.mean);
    free(wins.variance);
    return status;
}
