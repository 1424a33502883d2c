/* The families that were not chosen. A law is estimated as if its family were known; that it is
 * not adds to what is uncertain, and an average over the families is nearer to the truth than the
 * best of them (Buckland, Burnham & Augustin 1997; Burnham & Anderson 2002, chapter 4): with Akaike
 * weights w and the estimates x of all families,
 *
 *     mean = sum w x,     covariance + sum w (x - mean)(x - mean)'.
 *
 * A rival's law is written in the chosen family, by its median and its quartiles. */
#ifndef RECOUP_FIT_RIVALS_H
#define RECOUP_FIT_RIVALS_H

#include "fit/maximise.h"
#include "fit/mixture.h"

/* The law of `family` with the same median and the same ratio of the quartiles as `law`; the median
 * alone where the family has no shape. False: it has two, or `law` has no quartiles. */
bool recoup_dist_alike(const recoup_dist *law, recoup_family family, recoup_dist *alike);

/* The last fit with each family of each exit, and what it came to by the criterion (such as AICc)
 * that families are chosen by. */
typedef struct recoup_rivals {
    recoup_mixture mixture[RECOUP_MAX_EXITS][RECOUP_N_FAMILIES];
    double criterion[RECOUP_MAX_EXITS][RECOUP_N_FAMILIES]; /* +inf: not tried */
} recoup_rivals;

void recoup_rivals_init(recoup_rivals *rivals);
void recoup_rivals_keep(recoup_rivals *rivals, int exit, const recoup_mixture *mixture,
                        double criterion);

/* What the rivals that differ from the chosen mixture in one exit's family add to the parameters of
 * the layout (`shift`), and to their covariance, n × n. */
void recoup_rivals_average(const recoup_rivals *rivals, const recoup_mixture *chosen,
                           double criterion, const recoup_layout *layout, double *shift,
                           double *covariance);

#endif
