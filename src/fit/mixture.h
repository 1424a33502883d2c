/* The law of one stage: exit e with probability pi_e, after a dwell time of law f_e given e; its
 * likelihood with open deals as right-censored and delayed entry. docs/fit.md; Larson
 * & Dinse 1985. */
#ifndef RECOUP_FIT_MIXTURE_H
#define RECOUP_FIT_MIXTURE_H

#include "dist/dist.h"
#include <stdbool.h>

/* Of one stage; "advance" is 0 and "lost", the reference with logit 0, is 1. */
enum { RECOUP_MAX_EXITS = 8, RECOUP_ADVANCE = 0, RECOUP_REFERENCE = 1 };

typedef enum recoup_stay_kind {
    RECOUP_STAY_OPEN,       /* still there at age dwell_days */
    RECOUP_STAY_CLOSED,     /* left by `exit` at dwell_days > 0 */
    RECOUP_STAY_WITHIN_DAY, /* left by `exit` in [0, 1) days */
    RECOUP_STAY_UNDATED     /* left by `exit`, nobody knows after how long */
} recoup_stay_kind;

/* One stay, or `weight` stays alike. */
typedef struct recoup_stay {
    recoup_stay_kind kind;
    int exit; /* -1: still there */
    int deal; /* of the view; -1 when several are counted together */
    double dwell_days;
    double entry_days; /* seen only from this age on; 0: from the start */
    double weight;
} recoup_stay;

typedef struct recoup_mixture {
    int n_exits; /* 1: a plain dwell law, no logits */
    double logit[RECOUP_MAX_EXITS];
    recoup_dist dwell[RECOUP_MAX_EXITS];
} recoup_mixture;

/* Weak priors; `flat` ones are exit_events 0 and standard deviations +inf. */
typedef struct recoup_prior {
    double exit_events[RECOUP_MAX_EXITS]; /* Dirichlet: events added to each exit */
    double log_median[RECOUP_MAX_EXITS], log_median_sd;
    double log_shape_sd; /* around that of a usual width (mixture.c); gengamma's q around 0 */
} recoup_prior;

/* Dirichlet 1/2 per exit, N(ln 40, 1.5²) on the log of the median, N(0, .5²) on that of the shape,
 * around ln 1.63 for a loglogistic. The median is the same thing in every family; with a prior of
 * mu an exponential time would be shorter than a lognormal one beforehand, by a factor of .69. */
recoup_prior recoup_prior_weak(void);
recoup_prior recoup_prior_flat(void);

/* Which numbers of a mixture are parameters: their index, or -1 for those that stay. */
typedef struct recoup_layout {
    int n;
    int logit[RECOUP_MAX_EXITS], mu[RECOUP_MAX_EXITS], shape[RECOUP_MAX_EXITS][2];
} recoup_layout;

/* All logits but the reference's; of each exit that is not `dwell_fixed` the location. With
 * shapes_fixed neither the shapes nor the logit of an exit of family `never`: those are the team's,
 * not a cohort's. */
recoup_layout recoup_layout_of(const recoup_mixture *mixture, const bool *dwell_fixed,
                               bool shapes_fixed);
/* Parameters are logits, mu, log shape1 and shape2. */
void recoup_layout_get(const recoup_layout *layout, const recoup_mixture *mixture, double *x);
void recoup_layout_set(const recoup_layout *layout, recoup_mixture *mixture, const double *x);

/* pi from logits, as logarithms. */
void recoup_log_shares(int n, const double *logit, double *log_share);
/* log sum_i exp(x_i), no overflow; -inf when all are. */
double recoup_log_sum(int n, const double *x);

double recoup_mixture_log_likelihood(const recoup_mixture *mixture, const recoup_stay *stay,
                                     int n_stays);
/* Likelihood plus log prior, and its gradient by the parameters of the layout. */
double recoup_mixture_log_posterior(const recoup_mixture *mixture, const recoup_layout *layout,
                                    const recoup_prior *prior, const recoup_stay *stay, int n_stays,
                                    double *gradient);

/* From the mixture as start to the maximum of the posterior. covariance: n × n of the layout, or
 * NULL. False: not converged. */
bool recoup_mixture_fit(recoup_mixture *mixture, const recoup_layout *layout,
                        const recoup_prior *prior, const recoup_stay *stay, int n_stays,
                        double *covariance);

#endif
