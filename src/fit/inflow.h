/* What new deals are like, in parts: inside this module. */
#ifndef RECOUP_FIT_INFLOW_H
#define RECOUP_FIT_INFLOW_H

#include "fit/fitting.h"
#include <math.h>

/* The days that new deals are looked at. */
typedef struct recoup_window {
    double start, days;
} recoup_window;

static inline bool recoup_has_amount(const recoup_view *view, int deal) {
    return view->amount[deal] > 0 && isfinite(view->amount[deal]);
}

/* arrivals.c: rates by cohort and channel with their errors, and the days since which each cohort
 * counts; the dispersion of the rates. */
recoup_status recoup_fit_arrivals(recoup_fitting *fitting, recoup_window recent);

/* amounts.c: the reference size and the law of new amounts. Without any amount no deals arrive. */
recoup_status recoup_fit_amounts(recoup_fitting *fitting, recoup_window recent);

/* The law of a family (lognormal, gamma, weibull) by maximum likelihood, and ln L. False: the
 * family does not fit n positive amounts (all alike, fewer than two). */
bool recoup_amount_fit(const double *amount, size_t n, recoup_family family, recoup_dist *dist,
                       double *log_likelihood);

/* Of the amounts of a law: what its largest deals, one in a hundred, hold together, as a mean over
 * all deals; and the standard deviation of that for a sample of one deal (influence function). */
double recoup_amount_top(const recoup_dist *dist, double *sd);

/* discounts.c: quantiles of the discounts of new deals. */
recoup_status recoup_fit_discounts(recoup_fitting *fitting, recoup_window recent);

/* Whether amount and list amount are known, and the discount between them: at least 0, and 0 where
 * it is not known. */
static inline bool recoup_has_discount(const recoup_view *view, int deal) {
    return recoup_has_amount(view, deal) && view->list_amount[deal] > 0;
}
static inline double recoup_discount_of(const recoup_view *view, int deal) {
    return recoup_has_discount(view, deal)
               ? fmax(0, 1 - view->amount[deal] / view->list_amount[deal])
               : 0;
}

#endif
