/* What the model says of one deal, without simulation and without a time limit. */
#ifndef RECOUP_FIT_PREDICT_H
#define RECOUP_FIT_PREDICT_H

#include "model/model.h"

typedef struct recoup_deal_state {
    int stage;
    double age_days;              /* in the stage */
    int cohort, channel, segment; /* -1: unknown, no term */
    double amount;                /* NaN: unknown, no size term */
    double discount;              /* share; 0 when unknown */
} recoup_deal_state;

/* Logit of an exit for a deal (0 for "lost"), and its dwell law for the deal's cohort. */
double recoup_exit_logit_of(const recoup_model *model, const recoup_exit *exit,
                            const recoup_deal_state *deal);
recoup_dist recoup_exit_dwell_of(const recoup_exit *exit, const recoup_deal_state *deal);

/* The probability that an open deal is won in the end: P(e | age) ∝ pi_e·S_e(age) in its stage,
 * pi_e in those that follow. NaN: out of memory. */
double recoup_predict_win(const recoup_model *model, const recoup_deal_state *deal);
/* The same given the market Z, which moves the logits of "advance" and of exits to won. */
double recoup_predict_win_given(const recoup_model *model, const recoup_deal_state *deal,
                                double market);

#endif
