/* The new deals' part of the characteristic function of bookings, given the parameters and Z.
 *
 * The wins of a stream are a Poisson process, thinned from its arrivals: with intensity Lambda of
 * wins and phi_W of the amount of a win, log phi = Lambda·(phi_W - 1); with dispersion delta the
 * rate has a gamma factor of mean 1 and variance delta, and phi = (1 + delta·Lambda·(1 -
 * phi_W))^(-1/delta). Lambda·phi_W is an integral over days of arrival, segments, discounts and
 * amounts; it is kept at the nodes of the win tables and interpolated in x. Arrivals are multiplied
 * by exp(market_arrivals·Z). */
#ifndef RECOUP_ENGINE_CHARACTERISTIC_ARRIVALS_H
#define RECOUP_ENGINE_CHARACTERISTIC_ARRIVALS_H

#include "engine/characteristic_axis.h"
#include "engine/characteristic_kernels.h"
#include "program/tables.h"

/* Streams without dispersion are one group; each other stream is one of its own. */
typedef struct recoup_arrivals {
    const recoup_tables *tables;
    const recoup_characteristic_kernels *kernels;
    int n_groups, n_factors, n_sizes, n_nodes;
    double *dispersion; /* [group] */
    double *factor;     /* [factor]: the levers' factors on amounts that occur */
    double *wins;       /* [group][factor][size][node]: expected wins at market_arrivals 0, their
                           probability as that of a deal of the size: the win tables' nodes */
    size_t group_size;  /* elements of wins of one group */
    double total;       /* largest expected number of wins, at any x */
    double spread;      /* standard deviation of the log amount */
    double *re, *im;    /* [group][node][frequency]: wins·(phi_W - 1) */
    double *lambda, *first, *second; /* [group][node]: wins, and moments of amounts times wins */
    int n;                           /* frequencies */
    double *scratch;                 /* [2][frequency] */
} recoup_arrivals;

/* Win intensities of a plan and their moments. To be cleared after a failure too. */
recoup_status recoup_arrivals_init(recoup_arrivals *arrivals, const recoup_tables *tables, int plan,
                                   const recoup_revision *revision, recoup_error *error);
/* The first half of that: the wins. */
recoup_status recoup_arrivals_count(recoup_arrivals *arrivals, const recoup_tables *tables,
                                    int plan, recoup_error *error);
/* Tables for n increasing frequencies. */
recoup_status recoup_arrivals_set_frequencies(recoup_arrivals *arrivals,
                                              const recoup_revision *revision,
                                              const double *frequency, int n, recoup_error *error);
void recoup_arrivals_clear(recoup_arrivals *arrivals);

/* The amount that the largest of all new deals exceeds with probability `chance` at most. */
double recoup_arrivals_largest(const recoup_arrivals *arrivals, double chance);

typedef struct recoup_arrivals_at {
    double wins; /* mean number of deals won */
    double mean, variance;
    double none; /* probability that no new deal is booked */
} recoup_arrivals_at;

/* Adds the log of the characteristic function to re + i·im [frequency]; NULL: only moments. */
void recoup_arrivals_add(const recoup_arrivals *arrivals, double x, double *re, double *im,
                         recoup_arrivals_at *at);

#endif
