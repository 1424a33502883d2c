/* A histogram of non-negative numbers whose bins follow the bits of a double: each octave is cut
 * into 2^bits bins, so a bin's relative width is at most 2^-bits. Counts are integers, hence the
 * same whatever the order in which values come; memory depends on the range of the values, not on
 * their number. */
#ifndef RECOUP_TALLY_SKETCH_H
#define RECOUP_TALLY_SKETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct recoup_sketch {
    int bits;
    int first_octave, n_octaves; /* exponents covered: 2^first_octave ... */
    uint64_t *count;             /* [octave][2^bits] */
    uint64_t n, n_zero;          /* all values; those below 2^-20, taken as 0 */
    double min, max;             /* exact */
} recoup_sketch;

void recoup_sketch_init(recoup_sketch *sketch, int bits);
void recoup_sketch_clear(recoup_sketch *sketch);
/* False: out of memory; nothing was added. */
bool recoup_sketch_add(recoup_sketch *sketch, const double *value, size_t n);
/* Adds the counts of another sketch of the same bits, which is empty afterwards. False: as above.
 */
bool recoup_sketch_absorb(recoup_sketch *sketch, recoup_sketch *from);
/* The p-quantile, linear within a bin and clamped to [min, max]; 0 when empty. */
double recoup_sketch_quantile(const recoup_sketch *sketch, double p);
/* Number of values below x, linear within a bin. */
double recoup_sketch_below(const recoup_sketch *sketch, double x);

#endif
