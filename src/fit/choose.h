/* Fitting the law of one stage with the dwell families that its data support. */
#ifndef RECOUP_FIT_CHOOSE_H
#define RECOUP_FIT_CHOOSE_H

#include "fit/maximise.h"
#include "fit/mixture.h"

/* Exits with fewer dwell times than the first get a family without shape, and only they: a shape
 * that the data do not tell from 1 is uncertain, and an exponential would state that it is 1. With
 * fewer than the second none gets two: the third parameter of a generalised gamma is a matter of
 * tails. Below the third the likelihood of open stays may have several modes, and several starts
 * are made. */
enum { RECOUP_SHAPE_EVENTS = 5, RECOUP_SECOND_SHAPE_EVENTS = 200, RECOUP_FEW_EVENTS = 20 };

typedef struct recoup_choice {
    recoup_mixture mixture;
    recoup_layout layout;
    /* n × n of the layout. `shift` and `between` are the parts of the parameters and of the
     * covariance that are there because the families are not known (rivals.h). */
    double covariance[RECOUP_MAX_PARAMETERS * RECOUP_MAX_PARAMETERS];
    double shift[RECOUP_MAX_PARAMETERS], between[RECOUP_MAX_PARAMETERS * RECOUP_MAX_PARAMETERS];
    double log_likelihood, aicc;
    double n_stays; /* by weight */
    bool has_covariance;
} recoup_choice;

/* Akaike's criterion with the correction for small samples (Hurvich & Tsai 1989); +inf when there
 * are too few observations for so many parameters. */
double recoup_aicc(double log_likelihood, int n_parameters, double n_observations);

/* A start: mixture->dwell[e].family are given, logits and dwell parameters are set from the closed
 * stays, then from a few rounds in which open stays are shared out among the exits at the odds of
 * the round before (a rough EM). Exits that are dwell_fixed keep their dwell. */
void recoup_mixture_start(recoup_mixture *mixture, const bool *dwell_fixed, const recoup_stay *stay,
                          int n_stays);

/* From the mode of a posterior x, with its covariance, to what the choice states: of the dwell
 * parameters their mean and the average over the families, and the covariance with what these add.
 * False: the laws would not be valid, and the choice is left alone. */
bool recoup_choice_set(recoup_choice *choice, recoup_objective objective, const void *user,
                       const double *x, const double *covariance);

/* Chooses the families of n_exits exits by AICc and fits. dwell_fixed exits have the law
 * fixed_dwell. False: no fit converged. */
bool recoup_choose(int n_exits, const bool *dwell_fixed, const recoup_dist *fixed_dwell,
                   const recoup_prior *prior, const recoup_stay *stay, int n_stays,
                   recoup_choice *choice);

/* Adds one more exit, the last, of family `never` where that lowers AICc, the families chosen anew;
 * dwell_fixed as above. True: it was added. */
bool recoup_choose_stale(const bool *dwell_fixed, const recoup_prior *prior,
                         const recoup_stay *stay, int n_stays, recoup_choice *choice);

#endif
