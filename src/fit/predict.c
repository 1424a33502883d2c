#include "fit/predict.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double term(const double *value, int index) {
    return value && index >= 0 ? value[index] : 0;
}

double recoup_exit_logit_of(const recoup_model *model, const recoup_exit *exit,
                            const recoup_deal_state *deal) {
    if (exit->target == RECOUP_EXIT_LOST)
        return 0;
    double logit = exit->logit + term(exit->cohort_logit, deal->cohort) +
                   term(exit->channel_logit, deal->channel) +
                   term(exit->segment_logit, deal->segment) + exit->discount_logit * deal->discount;
    if (exit->size_logit != 0 && deal->amount > 0)
        logit += exit->size_logit * log(deal->amount / model->size_ref);
    return logit;
}

recoup_dist recoup_exit_dwell_of(const recoup_exit *exit, const recoup_deal_state *deal) {
    recoup_dist dwell = exit->dwell;
    dwell.mu += term(exit->cohort_log_dwell, deal->cohort);
    return dwell;
}

/* log of e^a + e^b. */
static double log_add(double a, double b) {
    double top = fmax(a, b);
    return isinf(top) ? top : top + log1p(exp(fmin(a, b) - top));
}

/* log of e^logit·S_e(age) of one exit. */
static double log_odds(const recoup_model *model, const recoup_exit *exit,
                       const recoup_deal_state *deal, double age_days, double market) {
    double logit = recoup_exit_logit_of(model, exit, deal);
    if (market != 0 && (exit->target == RECOUP_EXIT_WON || strcmp(exit->name, "advance") == 0))
        logit += model->market_conversion * market;
    if (age_days > 0) {
        recoup_dist dwell = recoup_exit_dwell_of(exit, deal);
        logit += recoup_dist_log_survival(&dwell, age_days);
    }
    return logit;
}

/* log of sum_e e^logit·S_e(age). */
static double log_odds_open(const recoup_model *model, const recoup_stage *stage,
                            const recoup_deal_state *deal, double age_days, double market) {
    double total = -INFINITY;
    for (int e = 0; e < stage->n_exits; e++)
        total = log_add(total, log_odds(model, &stage->exit[e], deal, age_days, market));
    return total;
}

/* The probability to be won from a stage at an age, given that of every stage at its start. Where
 * the age is beyond what any law can tell apart, the shares at the start stand. */
static double win_from(const recoup_model *model, const recoup_stage *stage,
                       const recoup_deal_state *deal, double age_days, double market,
                       const double *win) {
    double total = log_odds_open(model, stage, deal, age_days, market), sum = 0;
    if (isinf(total)) {
        age_days = 0;
        total = log_odds_open(model, stage, deal, 0, market);
    }
    for (int e = 0; e < stage->n_exits; e++) {
        const recoup_exit *exit = &stage->exit[e];
        double value = exit->target >= 0 ? win[exit->target] : exit->target == RECOUP_EXIT_WON;
        if (value > 0)
            sum += value * exp(log_odds(model, exit, deal, age_days, market) - total);
    }
    return sum;
}

/* Whether an exit leads back, or to its own stage. */
static bool has_way_back(const recoup_model *model) {
    for (int s = 0; s < model->n_stages; s++)
        for (int e = 0; e < model->stage[s].n_exits; e++) {
            int target = model->stage[s].exit[e].target;
            if (target >= 0 && target <= s)
                return true;
        }
    return false;
}

double recoup_predict_win(const recoup_model *model, const recoup_deal_state *deal) {
    return recoup_predict_win_given(model, deal, 0);
}

double recoup_predict_win_given(const recoup_model *model, const recoup_deal_state *deal,
                                double market) {
    enum { MAX_ROUNDS = 100000 };
    double *win = RECOUP_NEW(double, model->n_stages);
    if (!win)
        return NAN;
    /* Back to front, once through the stages ahead where no exit leads back; until nothing moves
     * in any where some do. */
    bool around = has_way_back(model);
    double change = 1;
    for (int round = 0; round < (around ? MAX_ROUNDS : 1) && change > 1e-14; round++) {
        change = 0;
        for (int s = model->n_stages - 1; s >= (around ? 0 : deal->stage + 1); s--) {
            double value = win_from(model, &model->stage[s], deal, 0, market, win);
            change = fmax(change, fabs(value - win[s]));
            win[s] = value;
        }
    }
    double result = win_from(model, &model->stage[deal->stage], deal, deal->age_days, market, win);
    free(win);
    return result;
}
