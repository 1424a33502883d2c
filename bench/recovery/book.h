/* Books of deals drawn from known parameters. */
#ifndef RECOUP_BENCH_RECOVERY_BOOK_H
#define RECOUP_BENCH_RECOVERY_BOOK_H

#include "synthetic_view.h"

enum { STAGES = 2, COHORTS = 4 };

/* Two stages, four cohorts that differ in conversion and in speed. */
typedef struct truth {
    recoup_exit exit[STAGES][2];
    recoup_stage stage[STAGES];
    double logit[STAGES][COHORTS], log_dwell[STAGES][2][COHORTS]; /* added to the exits' own */
    recoup_dist amount;
    double rate;       /* deals per day of each cohort, in an average month and quarter */
    double dispersion; /* variance of the gamma factor (mean 1) of a cohort's month; 0: none */
    double conversion_loading, arrivals_loading; /* on the quarter's Z ~ N(0, 1); 0: no market */
    recoup_model model;                          /* of the arrays above */
} truth;

typedef enum truth_kind {
    TRUTH_STEADY,  /* Poisson arrivals, every quarter like the other */
    TRUTH_VARYING, /* arrivals vary from month to month */
    TRUTH_MARKET   /* quarters differ, in conversions and in arrivals */
} truth_kind;

/* The prior of every truth:
 *
 *     team's logit of advance   N(0, .7²), by stage; a cohort's distance from it N(0, .5²)
 *     dwell time, by exit       lognormal, Weibull, gamma or loglogistic, a fourth each; log median
 *                               N(ln 40, .5²); log shape N(0, .2²), of a loglogistic N(ln 1.63,
 *                               .2²), where it is as wide as a lognormal; a cohort's distance from
 *                               the log median N(0, .25²)
 *     amounts                   lognormal, Weibull or gamma, a third each; log median N(9, 1);
 *                               ln(upper / lower quartile) uniform in (.7, 2)
 *     dispersion, if any        uniform in (.05, .3)
 *     loadings, if any          half-normal with median .15 (conversion), .10 (arrivals)
 *
 * and deals_per_cohort expected in the days of a book. These are the families that the fit chooses
 * from, and its own priors of the loadings; its other priors are wider, with the same centres.
 * Arrivals and the conversion of each stage have a Z of their own. With one for all, as the
 * simulation has it, the average deal enters a stage in a better quarter than the average one: its
 * logit is higher by the product of the loadings on arrivals and conversion, .02 on average, and
 * that the fit does not take out. */
void truth_draw(truth *t, double deals_per_cohort, truth_kind kind, uint64_t *seed);

/* The deals of 540 days, with their lives up to the as-of date or, where only how many came and how
 * big they are matters, without. To be freed by free_view. */
recoup_view *book_draw(const truth *t, bool with_lives, uint64_t *seed);

/* The start of the random numbers of one book: a function of its arguments alone. */
uint64_t book_seed(uint64_t seed, int size, int book);

double draw_normal(uint64_t *seed);

#endif
