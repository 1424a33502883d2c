#include "random/random.h"

#include <math.h>

/* Below this mean exp(-mean) is far from underflow and the search from 0 is short. */
static const double SMALL_MEAN = 64;
/* Terms that can no longer move a sum near 1: it may round to just below the largest u. */
static const double NEGLIGIBLE = 0x1p-70;

/* P(N <= k) summed outwards from the largest term: mean large, relative error about k·2^-53. */
static double cumulative(double mean, double k) {
    double log_term = k * log(mean) - mean - lgamma(k + 1);
    double sum = 0, term = 1;
    if (k < mean) { /* terms fall from k down */
        for (double i = k; i >= 0 && term > sum * 0x1p-60; i--) {
            sum += term;
            term *= i / mean;
        }
        return sum * exp(log_term);
    }
    for (double i = k + 1; term > sum * 0x1p-60 || i < mean; i++) { /* 1 - the upper tail */
        term *= mean / i;
        sum += term;
    }
    return 1 - sum * exp(log_term);
}

unsigned recoup_poisson_quantile(double mean, double u) {
    if (mean <= 0)
        return 0;
    if (mean < SMALL_MEAN) {
        double term = exp(-mean), sum = term;
        unsigned k = 0;
        while (sum < u && (k < mean || term > NEGLIGIBLE)) {
            k++;
            term *= mean / k;
            sum += term;
        }
        return k;
    }
    double k = floor(mean), sum = cumulative(mean, k);
    double term = exp(k * log(mean) - mean - lgamma(k + 1));
    if (sum >= u) { /* down to the smallest k that still holds */
        while (k > 0 && sum - term >= u && term > NEGLIGIBLE) {
            sum -= term;
            term *= k / mean;
            k--;
        }
    } else {
        while (sum < u && term > NEGLIGIBLE) {
            k++;
            term *= mean / k;
            sum += term;
        }
    }
    return (unsigned)k;
}
