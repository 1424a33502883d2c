/* Sobol points with Owen's scrambling: quasi-random numbers for integrals over few dimensions.
 *
 * The points are Sobol's sequence in base 2 with the primitive polynomials and initial direction
 * numbers "new-joe-kuo-6" (Joe & Kuo 2008, Constructing Sobol sequences with better
 * two-dimensional projections, SIAM J. Sci. Comput. 30), in natural order (not by Gray code). The
 * scrambling is Owen's nested uniform one (Owen 1995), drawn exactly: whether a binary digit is
 * flipped is a random bit of its own for every string of higher digits of the unscrambled number.
 *
 * A value is a pure function of (seed, replicate, dimension, index); nothing is stored. Over
 * replicates
 *   - every value is uniform in (0, 1), so a mean over points is unbiased for any number of points;
 *   - any 2^m consecutive points that start at a multiple of 2^m are a scrambled (t, m, s)-net: one
 *     point in each dyadic interval of length 2^-m of every dimension, and t = 0 also for the
 *     rectangles of dimensions 0 and 1;
 *   - replicates are independent: their spread gives the standard error. The points of one
 *     replicate are not, and their spread says nothing about the error.
 * The variance of a mean over n = 2^m points falls nearly as n^-3 for a smooth integrand (Owen
 * 1997). Early dimensions are spread best: give them to what matters most.
 */
#ifndef RECOUP_RANDOM_SOBOL_H
#define RECOUP_RANDOM_SOBOL_H

#include <stddef.h>
#include <stdint.h>

#define RECOUP_SOBOL_DIMENSIONS 32

/* Uniform in (0, 1): an odd multiple of 2^-53. dimension < RECOUP_SOBOL_DIMENSIONS. */
double recoup_sobol(uint64_t seed, uint32_t replicate, uint32_t dimension, uint32_t index);

/* Coordinate `dimension` of the n points from index `first` on, first + n <= 2^32; the same values
 * at less cost each. */
void recoup_sobol_fill(uint64_t seed, uint32_t replicate, uint32_t dimension, uint32_t first,
                       size_t n, double values[]);

/* The unscrambled coordinate times 2^32. */
uint32_t recoup_sobol_unscrambled(uint32_t dimension, uint32_t index);

#endif
