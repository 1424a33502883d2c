/* What the estimator `conditional` keeps of one plan and draw: P(hit) as a function of x, and the
 * distribution of bookings after the as-of date, mixed over Z. */
#ifndef RECOUP_ENGINE_CONDITIONAL_LAW_H
#define RECOUP_ENGINE_CONDITIONAL_LAW_H

#include "engine/characteristic.h"

/* Chebyshev series on pieces of [-1, 1], in increasing order. */
typedef struct recoup_hit_piece {
    double start, end;
    double coefficient[RECOUP_CHARACTERISTIC_NODES];
} recoup_hit_piece;

typedef struct recoup_hit_curve {
    int n_pieces;
    size_t capacity;
    recoup_hit_piece *piece;
} recoup_hit_curve;

/* In [0, 1]. */
double recoup_hit_curve_at(const recoup_hit_curve *curve, double x);
void recoup_hit_curve_clear(recoup_hit_curve *curve);

typedef struct recoup_law_of_bookings {
    double booked, quota;
    double hit;
    double wins; /* mean number of deals */
    double mean, variance, none;
    double low, high; /* practically all of the distribution */
    double lattice;   /* 0: none (characteristic.h) */
    int n;            /* frequencies (k + 1/2)·step */
    double step;
    double *re, *im; /* [n] characteristic function less `none` */
} recoup_law_of_bookings;

/* Evaluates the characteristic function where needed. x: the law given that x; NULL: mixed over Z.
 * Curve and law to be cleared by the caller, after a failure too; booked and quota are the
 * caller's. */
recoup_status recoup_law_of_bookings_set(recoup_law_of_bookings *law,
                                         recoup_characteristic *characteristic, const double *x,
                                         recoup_hit_curve *curve, recoup_error *error);
void recoup_law_of_bookings_clear(recoup_law_of_bookings *law);

/* P(bookings <= amount). */
double recoup_law_of_bookings_below(const recoup_law_of_bookings *law, double amount);
/* Mean of max(0, quota - bookings); `unused` is not read. */
double recoup_law_of_bookings_shortfall(const recoup_law_of_bookings *law, double unused);

#endif
