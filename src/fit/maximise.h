/* The maximum of a smooth function of a few parameters: Newton's method with step control, the
 * Hessian by central differences of the analytic gradient. */
#ifndef RECOUP_FIT_MAXIMISE_H
#define RECOUP_FIT_MAXIMISE_H

#include <stdbool.h>

enum { RECOUP_MAX_PARAMETERS = 32 };

/* Value at x; fills gradient. May return -inf or NaN where x is out of reach. */
typedef double (*recoup_objective)(const double *x, double *gradient, const void *user);

/* Moves x from a start to the maximum: until the Newton decrement sqrt(g' A^-1 g), A the negative
 * Hessian, is below 1e-9, or no step increases the value any more. `covariance` (NULL: not wanted)
 * gets A^-1 at the maximum, row by row; *value (NULL: not wanted) the value there. False: not
 * converged, or A is not positive definite there. */
bool recoup_maximise(recoup_objective objective, const void *user, int n, double *x, double *value,
                     double *covariance);

#endif
