/* From the maximum of a log posterior to its mean. */
#ifndef RECOUP_FIT_EXPECT_H
#define RECOUP_FIT_EXPECT_H

#include "fit/maximise.h"
#include "fit/mixture.h"

/* To second order (Lindley 1980),
 *
 *     E(x) - mode = C · 1/2 sum_k (gradient of u_k' H u_k),     C = sum_k u_k u_k',
 *
 * H the Hessian: the mean of the gradient over a normal law around the mode is taken back by one
 * step of Newton's. The scale of a law with n events, whose log posterior is n·(-x) - S·e^-x, gets
 * 1/(2n) more, which makes its logarithm unbiased. mean[i] is the mode's own where that is farther
 * than half a standard error away, or not finite: no such expansion holds there. */
void recoup_posterior_mean(recoup_objective objective, const void *user, int n, const double *mode,
                           const double *covariance, double *mean);

/* The log posterior of a mixture as an objective. */
typedef struct recoup_mixture_posterior {
    const recoup_mixture *mixture; /* gives the families and what is no parameter */
    const recoup_layout *layout;
    const recoup_prior *prior;
    const recoup_stay *stay;
    int n_stays;
} recoup_mixture_posterior;
double recoup_mixture_objective(const double *x, double *gradient, const void *user);

/* Moves the dwell parameters of n_exits exits in x to their mean; logits keep the mode, which half
 * an event for each exit makes unbiased (Anscombe 1956). */
void recoup_layout_move_dwell(const recoup_layout *layout, int n_exits, const double *mean,
                              double *x);

#endif
