/* Ratios of sums over observations that come in clusters (the deals of a rep):
 *
 *     R = sum x / sum d,     residuals x - R d.
 *
 * A conversion is one (x: advanced or not; d: ended or not; both weighted against censoring:
 * diagnose/courses.h), so are a mean (d: 1) and a speed of leaving (x: left or not; d: as
 * expected). The variance is that of the linearised ratio, with the residuals of a cluster summed
 * before they are squared, so that what is common to a cluster counts (Cochran 1977, Sampling
 * Techniques, 6.3 and 9A.4), but no less than if each stood alone: deals of a rep have no reason to
 * be less alike than those of others. Times c / (c - 1) for c clusters; Student's t with c - 1
 * degrees of freedom. */
#ifndef RECOUP_DIAGNOSE_RATIO_H
#define RECOUP_DIAGNOSE_RATIO_H

#include <stdbool.h>
#include <stdint.h>

typedef struct recoup_ratio_data {
    int n;
    const double *x, *d;
    const int *cluster; /* 0 ... n_clusters - 1; -1: a cluster of its own */
    int n_clusters;
    const int8_t *side; /* 1: in, 0: those it is held against, -1: neither; NULL: all are in */
} recoup_ratio_data;

typedef struct recoup_ratio {
    double value, se, low, high; /* 95 %; NaN with fewer than two clusters */
    int n_clusters;
} recoup_ratio;

/* Of those that are in. False: out of memory. */
bool recoup_ratio_of(const recoup_ratio_data *data, recoup_ratio *ratio);

/* A difference: clusters may have observations on both sides. Degrees of freedom are those of the
 * side with fewer clusters. */
typedef struct recoup_ratio_difference {
    recoup_ratio in, out;
    double value, se, low, high, p_value; /* in less out; two-sided */
} recoup_ratio_difference;

bool recoup_ratio_compare(const recoup_ratio_data *data, recoup_ratio_difference *difference);

#endif
