/* The estimator `conditional`: bookings by their characteristic functions given the parameter draw
 * and the market factor Z, integrated over Z. No deal is sampled, so the only Monte Carlo error is
 * that of the integral over Z.
 *
 * P(hit | draw, x) is computed at Chebyshev nodes of x = Z/5, on pieces that are halved until the
 * polynomial through the nodes is accurate to 1e-8 or the piece has less than 1e-9 of all Z; a
 * point then costs a polynomial. Z comes from Sobol points with Owen's scrambling (random/sobol.h):
 * draw d has the points d·n_points to (d + 1)·n_points - 1 of each of R replicates, which are
 * independent. With P_dr the mean over the points of one draw and replicate,
 *
 *     P(hit) = mean of P_dr over draws and replicates,
 *     standard error = standard deviation over replicates of their means over draws / sqrt(R);
 *
 * an interval takes quantiles of Student's t with R - 1 degrees of freedom. Draws are equally
 * weighted. The error is that of Z alone: on top come at most 1e-6 of the inversion (but see
 * characteristic.h for few unrevised deals) and 1e-4 of the win tables, which the estimator
 * `sample` has too.
 *
 * The means, deviations, quantiles and shortfalls integrate Z by Clenshaw & Curtis's rule (1960, A
 * method for numerical integration on an automatic computer, Numer. Math. 2) on the same pieces:
 * they have no Monte Carlo error. recoup_conditional_exact is P(hit) by that rule. Beyond |Z| = 5
 * (6e-7 of all paths) Z is taken as 5. */
#ifndef RECOUP_ENGINE_CONDITIONAL_H
#define RECOUP_ENGINE_CONDITIONAL_H

#include "program/tables.h"
#include <recoup/error.h>

typedef struct recoup_conditional_options {
    uint64_t seed;
    int n_plans, n_draws;
    int n_replicates; /* at least 2 */
    int n_points;     /* of each draw and replicate: a power of two */
    /* Everything given Z = *market instead of over all Z: there is no Monte Carlo error then, and
     * beyond |Z| = 1 the inversion is less accurate, the rarer such a Z is. NULL: over all Z. */
    const double *market;
} recoup_conditional_options;

/* What P(hit) by inversion is accurate to (characteristic.h): an error of 0 would claim more. */
#define RECOUP_CONDITIONAL_ERROR 1e-6

enum { RECOUP_CONDITIONAL_REPLICATES = 16, RECOUP_CONDITIONAL_POINTS = 1024 };

/* 16 replicates of max(16, 1024 / n_draws) points, that rounded down to a power of two. */
recoup_conditional_options recoup_conditional_defaults(uint64_t seed, int n_plans, int n_draws);

typedef struct recoup_conditional recoup_conditional;

recoup_status recoup_conditional_create(const recoup_conditional_options *options,
                                        recoup_conditional **conditional, recoup_error *error);
void recoup_conditional_free(recoup_conditional *conditional); /* NULL is fine */

/* All plans of one parameter draw. Different draws may be done by different threads at once, in any
 * order: results are the same, bit for bit. ENOMEM. */
recoup_status recoup_conditional_draw(recoup_conditional *conditional, const recoup_tables *tables,
                                      int draw, recoup_error *error);

/* After all draws. se: Monte Carlo standard error; may be NULL. */
double recoup_conditional_hit(const recoup_conditional *conditional, int plan, double *se);
/* P(hit) less that of the first plan, on the same points. */
double recoup_conditional_gain(const recoup_conditional *conditional, int plan, double *se);
/* P(hit | draw): mean over replicates, and its standard error from them. */
double recoup_conditional_draw_hit(const recoup_conditional *conditional, int plan, int draw,
                                   double *se);
/* P(hit) by one of the replicates: the mean over them is P(hit), and the paired differences of two
 * plans are independent. */
double recoup_conditional_replicate_hit(const recoup_conditional *conditional, int plan,
                                        int replicate);
/* P(hit), P(hit | draw) by deterministic integration. */
double recoup_conditional_exact(const recoup_conditional *conditional, int plan);
double recoup_conditional_draw_exact(const recoup_conditional *conditional, int plan, int draw);

/* Of bookings in the period, what is booked already included. */
double recoup_conditional_mean(const recoup_conditional *conditional, int plan);
double recoup_conditional_draw_mean(const recoup_conditional *conditional, int plan, int draw);
double recoup_conditional_sd(const recoup_conditional *conditional, int plan);
/* Mean number of deals won after the as-of date. */
double recoup_conditional_wins(const recoup_conditional *conditional, int plan);
/* P(bookings <= amount), to 1e-6 in probability where the resolution is 0 (characteristic.h). */
double recoup_conditional_below(const recoup_conditional *conditional, int plan, double amount);
/* Where that is p, to 1e-6 of the range. */
double recoup_conditional_quantile(const recoup_conditional *conditional, int plan, double p);
/* That the plan is held against in a draw. */
double recoup_conditional_quota(const recoup_conditional *conditional, int plan, int draw);
/* Mean of max(0, quota - bookings). */
double recoup_conditional_shortfall(const recoup_conditional *conditional, int plan);

#endif
