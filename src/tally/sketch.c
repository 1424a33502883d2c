#include "tally/sketch.h"

#include "base/memory.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Layout of an IEEE 754 double: the bits of a positive one, read as an integer, grow with it, so
 * the exponent and the first `bits` bits of the mantissa number the bins in order. */
enum { MANTISSA_BITS = 52, EXPONENT_BIAS = 1023, SMALLEST_OCTAVE = -20 };

static double smallest(void) {
    return ldexp(1, SMALLEST_OCTAVE);
}

static uint64_t bin_number(double x, int bits) {
    uint64_t word;
    memcpy(&word, &x, sizeof word);
    return word >> (MANTISSA_BITS - bits);
}

static double bin_start(uint64_t number, int bits) {
    uint64_t word = number << (MANTISSA_BITS - bits);
    double x;
    memcpy(&x, &word, sizeof x);
    return x;
}

static uint64_t first_number(const recoup_sketch *sketch) {
    return (uint64_t)(sketch->first_octave + EXPONENT_BIAS) << sketch->bits;
}

static size_t n_bins(const recoup_sketch *sketch) {
    return (size_t)sketch->n_octaves << sketch->bits;
}

void recoup_sketch_init(recoup_sketch *sketch, int bits) {
    *sketch = (recoup_sketch){.bits = bits};
}

void recoup_sketch_clear(recoup_sketch *sketch) {
    free(sketch->count);
    recoup_sketch_init(sketch, sketch->bits);
}

/* Makes the bins reach from the octave `first` to the octave `last`. */
static bool cover(recoup_sketch *sketch, int first, int last) {
    if (sketch->n_octaves > 0) {
        int last_covered = sketch->first_octave + sketch->n_octaves - 1;
        if (first >= sketch->first_octave && last <= last_covered)
            return true;
        first = first < sketch->first_octave ? first : sketch->first_octave;
        last = last > last_covered ? last : last_covered;
    }
    int n_octaves = last - first + 1;
    uint64_t *count = RECOUP_NEW(uint64_t, (size_t)n_octaves << sketch->bits);
    if (!count)
        return false;
    if (sketch->n_octaves > 0)
        memcpy(count + ((size_t)(sketch->first_octave - first) << sketch->bits), sketch->count,
               n_bins(sketch) * sizeof *count);
    free(sketch->count);
    sketch->count = count;
    sketch->first_octave = first;
    sketch->n_octaves = n_octaves;
    return true;
}

bool recoup_sketch_add(recoup_sketch *sketch, const double *value, size_t n) {
    if (n == 0)
        return true;
    const double tiny = smallest();
    double min = value[0], max = value[0], min_binned = INFINITY;
    for (size_t i = 0; i < n; i++) {
        double x = value[i], binned = x >= tiny ? x : INFINITY;
        min = x < min ? x : min;
        max = x > max ? x : max;
        min_binned = binned < min_binned ? binned : min_binned;
    }
    if (max >= tiny && !cover(sketch, ilogb(min_binned), ilogb(max)))
        return false;
    /* Without a branch on the value: zeros come at random, and often. */
    uint64_t first = first_number(sketch), n_zero = 0;
    for (size_t i = 0; i < n && max >= tiny; i++) {
        uint64_t binned = value[i] >= tiny;
        uint64_t bin = (bin_number(value[i], sketch->bits) - first) & (0 - binned);
        sketch->count[bin] += binned;
        n_zero += 1 - binned;
    }
    sketch->n_zero += max >= tiny ? n_zero : n;
    sketch->min = sketch->n == 0 || min < sketch->min ? min : sketch->min;
    sketch->max = sketch->n == 0 || max > sketch->max ? max : sketch->max;
    sketch->n += n;
    return true;
}

bool recoup_sketch_absorb(recoup_sketch *sketch, recoup_sketch *from) {
    if (from->n == 0)
        return true;
    if (from->n_octaves > 0 &&
        !cover(sketch, from->first_octave, from->first_octave + from->n_octaves - 1))
        return false;
    if (from->n_octaves > 0) {
        uint64_t *count = sketch->count + (first_number(from) - first_number(sketch));
        for (size_t i = 0; i < n_bins(from); i++)
            count[i] += from->count[i];
        memset(from->count, 0, n_bins(from) * sizeof *from->count);
    }
    sketch->n_zero += from->n_zero;
    sketch->min = sketch->n == 0 || from->min < sketch->min ? from->min : sketch->min;
    sketch->max = sketch->n == 0 || from->max > sketch->max ? from->max : sketch->max;
    sketch->n += from->n;
    from->n = from->n_zero = 0;
    return true;
}

/* The part of a bin that values can lie in: its edges, cut to [min, max]. */
static void bin_edges(const recoup_sketch *sketch, size_t bin, double *start, double *end) {
    uint64_t number = first_number(sketch) + bin;
    *start = fmax(bin_start(number, sketch->bits), sketch->min);
    *end = fmin(bin_start(number + 1, sketch->bits), sketch->max);
}

double recoup_sketch_quantile(const recoup_sketch *sketch, double p) {
    if (sketch->n == 0)
        return 0;
    double target = p * (double)sketch->n;
    uint64_t below = sketch->n_zero;
    if (target <= (double)below && below > 0)
        return sketch->min;
    for (size_t bin = 0; bin < n_bins(sketch); bin++) {
        uint64_t count = sketch->count[bin];
        if (count > 0 && target <= (double)(below + count)) {
            double start, end;
            bin_edges(sketch, bin, &start, &end);
            double share = (target - (double)below) / (double)count;
            return fmin(fmax(start + share * (end - start), start), end);
        }
        below += count;
    }
    return sketch->max;
}

double recoup_sketch_below(const recoup_sketch *sketch, double x) {
    if (sketch->n == 0 || x <= sketch->min)
        return 0;
    if (x > sketch->max)
        return (double)sketch->n;
    if (x < smallest())
        return (double)sketch->n_zero;
    uint64_t below = sketch->n_zero;
    uint64_t number = bin_number(x, sketch->bits), first = first_number(sketch);
    if (number < first)
        return (double)below;
    size_t bin = (size_t)(number - first);
    for (size_t i = 0; i < bin; i++)
        below += sketch->count[i];
    double start, end;
    bin_edges(sketch, bin, &start, &end);
    if (x <= start)
        return (double)below;
    return (double)below + (double)sketch->count[bin] * ((x - start) / (end - start));
}
