/* The distribution of bookings after the as-of date given the parameters and Z, from its
 * characteristic function: no deal is sampled.
 *
 * Given Z, deals are independent, so the characteristic function phi(t; x) is a product over open
 * deals (characteristic_deals.h) and streams of new ones (characteristic_arrivals.h). P(B >= y)
 * comes from Gil-Pelaez's integral (1951, Note on the inversion theorem, Biometrika 38) by the
 * midpoint rule with step 2·pi/L,
 *
 *     P(B >= y) = 1/2 + sum_k Im(phi(t_k)·e^(-i·t_k·y)) / (pi·(k + 1/2)),  t_k = (k + 1/2)·2·pi/L,
 *
 * whose error is at most P(B < y - L) + P(B > y + L) (Davies 1973, Numerical inversion of a
 * characteristic function, Biometrika 60): L spans all of the distribution but some 1e-6, of which
 * little counts. The sum ends where |phi| is below 1e-7. The probability that nothing at all is
 * booked is kept apart. All in all P(B >= y) is accurate to 1e-6 given |Z| < 1, and so is its mean
 * over Z: where Z is rarer, less is asked for.
 *
 * Where phi does not die down (few deals whose amounts are hardly revised) three things are done:
 *   - amounts that are not revised, up to some 26 open deals: all their sums (exact;
 *     characteristic_sums.h) where no new deal is won, and the integral for the rest;
 *   - amounts that are not revised, more deals: when they are multiples of some step, the inversion
 *     for lattice distributions, in the middle between two multiples; else there are too many sums
 *     for any of them to matter, and they get a normal kernel with standard deviation `resolution`
 *     (0 where not needed), at most L/1250 for up to 150 deals;
 *   - phi is cut at RECOUP_CHARACTERISTIC_MAX frequencies (less for many large deals: 1e6 over
 *     their number). Revised amounts have a density; they get the filter exp(-18·(t/T)^8), which
 *     leaves what is smooth on the scale of `resolution` as it is (Gottlieb & Shu 1997, On the
 *     Gibbs phenomenon and its resolution, SIAM Review 39). */
#ifndef RECOUP_ENGINE_CHARACTERISTIC_H
#define RECOUP_ENGINE_CHARACTERISTIC_H

#include "engine/characteristic_arrivals.h"
#include "engine/characteristic_deals.h"
#include "engine/characteristic_sums.h"

enum { RECOUP_CHARACTERISTIC_MAX = 8192 };

typedef struct recoup_characteristic {
    const recoup_characteristic_kernels *kernels;
    recoup_deals deals;
    recoup_arrivals arrivals;
    const recoup_revision *revision;
    bool varies;      /* with x */
    bool certain;     /* nothing is random, n is 0 */
    double level;     /* the plan's quota less what is booked already */
    double low, high; /* practically all of the distribution, for all x */
    int n;            /* frequencies */
    double step;
    double *frequency; /* [n] */
    double resolution;
    double lattice; /* every amount is a multiple of it, and the frequencies are all of a lattice's;
                       0: not so */
    double *cosine, *sine;           /* of t_k·level */
    double *atom_cosine, *atom_sine; /* where sums of unrevised amounts are looked at, with the
                                        lattice's factor */
    double *damping;                 /* [frequency] the kernel's transform */
    bool atoms;                      /* those differ */
    bool countable;                  /* the sums of open deals are: sums is used for them */
    bool few;                        /* and there are no new deals: for everything */
    recoup_deal_sums sums;
    double *open_re, *open_im; /* scratch [frequency] */
} recoup_characteristic;

/* What holds at one x. */
typedef struct recoup_characteristic_at {
    double hit;  /* P(bookings >= quota) */
    double none; /* P(nothing is booked after the as-of date) */
    double wins; /* mean number of deals won after the as-of date */
    double mean, variance;
} recoup_characteristic_at;

/* For one plan. Borrows tables and revision. all_large: no deal enters by cumulants (for tests).
 * NULL on failure. Not to be used by two threads at once. */
recoup_status recoup_characteristic_create(const recoup_tables *tables, int plan,
                                           const recoup_revision *revision, bool all_large,
                                           recoup_characteristic **characteristic,
                                           recoup_error *error);
void recoup_characteristic_free(recoup_characteristic *characteristic);

/* re + i·im [n]: phi - none, damped. */
void recoup_characteristic_evaluate(recoup_characteristic *characteristic, double x, double *re,
                                    double *im, recoup_characteristic_at *at);

#endif
