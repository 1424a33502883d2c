/* The joint posterior of all fitted numbers: blocks that are independent of each other, on the
 * scale of model/parameters.h, and draws from them. A block is normal, or brings its own draws.
 * Every part of the fit adds its blocks. */
#ifndef RECOUP_FIT_POSTERIOR_H
#define RECOUP_FIT_POSTERIOR_H

#include "fit/mixture.h"
#include "model/model.h"
#include <stdint.h>

/* Draws that are stored with a fitted model. */
enum { RECOUP_POSTERIOR_DRAWS = 400 };

typedef struct recoup_posterior_block {
    int n;
    double **target;    /* the numbers of the model */
    double *covariance; /* n × n, on their scale; NULL: the block has its own draws */
    double *deviation;  /* then: from the fitted value, [draw][number] */
} recoup_posterior_block;

typedef struct recoup_posterior {
    recoup_posterior_block *block;
    int n_blocks;
    size_t capacity;
    recoup_arena arena;
    bool failed; /* out of memory */
} recoup_posterior;

void recoup_posterior_clear(recoup_posterior *posterior);

/* Adds n numbers of the model with their covariance. A number that is in several blocks deviates by
 * the sum of what they say. Both arrays are copied; running out of memory shows when drawing. */
void recoup_posterior_add(recoup_posterior *posterior, int n, double *const *target,
                          const double *covariance);
/* One number and its variance; nothing unless that is positive and finite. */
void recoup_posterior_add_one(recoup_posterior *posterior, double *target, double variance);

/* The team's law of one stage: the parameters of the layout, n × n. */
void recoup_posterior_add_team(recoup_posterior *posterior, recoup_stage *stage,
                               const recoup_layout *layout, const double *covariance);

/* The pooled differences of n groups that stand in `term`: of estimates with `variance` (infinite:
 * nothing known) and groups of variance tau2. The values theta_i of the groups given the estimates
 * have, tau² known and their mean m unknown,
 *     cov(theta_i, theta_j) = [i = j] tau²·v_i / (tau² + v_i) + b_i·b_j·var(m),
 *     b_i = v_i / (tau² + v_i),   var(m) = 1 / sum 1 / (tau² + v_i)
 * (Gelman et al., Bayesian Data Analysis, 3rd ed. 2013, section 5.4). Their mean with weights 1/v,
 * which is the team's own parameter, is independent of their distances from it; these distances
 * are what is added. theta_variance (NULL: as above) replaces the diagonal where tau was integrated
 * out. */
void recoup_posterior_add_groups(recoup_posterior *posterior, int n, double *term,
                                 const double *variance, double tau2, const double *theta_variance);

/* The log rates of arrivals, from their standard errors: those of a Poisson rate have the variance
 * 1 / count. */
void recoup_posterior_add_arrivals(recoup_posterior *posterior, recoup_model *model);

/* The covariance of mu and log shape of a law that n values were fitted with: the inverse of the
 * observed information, which for a lognormal is sigma²/n for mu and 1/(2n) for log sigma. False:
 * not a law with one shape, or no maximum. */
bool recoup_sample_covariance(const recoup_dist *dist, const double *value, size_t n,
                              double covariance[4]);

/* n numbers by their deviations from the fitted values, [draw * n + number], where these follow no
 * normal law. Both arrays are copied. */
void recoup_posterior_add_draws(recoup_posterior *posterior, int n, double *const *target,
                                const double *deviation);

/* Shares of a whole whose posterior is Dirichlet with these parameters: their logarithms. */
void recoup_posterior_add_shares(recoup_posterior *posterior, uint64_t seed, int n, double *share,
                                 const double *parameter);

/* The uniform number of a draw by the name of what it is for. */
double recoup_posterior_uniform(uint64_t seed, int draw, const char *name);

/* Draws around the model as it stands now (last: rounding is part of it), into model->draws. They
 * are a function of the blocks and of the seed. Nothing without blocks. */
recoup_status recoup_posterior_draw(const recoup_posterior *posterior, recoup_model *model,
                                    uint64_t seed, recoup_error *error);

#endif
