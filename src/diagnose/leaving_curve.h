/* How soon deals leave a stage, by any exit. */
#ifndef RECOUP_DIAGNOSE_LEAVING_CURVE_H
#define RECOUP_DIAGNOSE_LEAVING_CURVE_H

#include "fit/goodness.h"

typedef struct recoup_leaving_curve {
    int n;
    recoup_incidence_step *step;
    double *hazard; /* cumulative, after each step: Nelson 1972, Aalen 1978 */
} recoup_leaving_curve;

/* Of all stays; to be cleared, after a failure too. False: out of memory. */
bool recoup_leaving_curve_create(const recoup_stay *stay, int n_stays, recoup_leaving_curve *curve);
void recoup_leaving_curve_clear(recoup_leaving_curve *curve);

/* How many ends the curve expects of a stay while it was watched; 0 for one without a known time,
 * or that was watched for none. */
double recoup_leaving_expected(const recoup_leaving_curve *curve, const recoup_stay *stay);

/* The median days in the stage of deals that leave `speed` times as fast: where the share still
 * there, to the power of the speed, is one half; straight between steps. NaN: not reached. */
double recoup_leaving_median(const recoup_leaving_curve *curve, double speed);

#endif
