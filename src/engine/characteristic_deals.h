/* The open deals' part of the characteristic function of bookings, given the parameters and Z.
 *
 * A deal has a few possible *bookings*: an amount (its own times the levers' factor), booked times
 * the revision R with a probability that is a polynomial in x. Deals are independent: log phi is a
 * sum over deals of log(1 + sum_o p_o(x)·(phi_R(t·a_o) - 1)). *Large* deals enter by this factor;
 * the others, whose sum is nearly normal, by cumulants 1 to 6 of their sum, which are interpolated
 * between Chebyshev points of x. */
#ifndef RECOUP_ENGINE_CHARACTERISTIC_DEALS_H
#define RECOUP_ENGINE_CHARACTERISTIC_DEALS_H

#include "engine/characteristic_axis.h"
#include "engine/characteristic_kernels.h"
#include "program/tables.h"

enum {
    RECOUP_DEALS_ORDER = 6, /* cumulants taken */
    RECOUP_DEALS_BINS = 512,
    RECOUP_DEALS_PROBES = 5,
    RECOUP_DEALS_MAX_BOOKINGS = 2 * RECOUP_TABLES_MAX_SLOTS
};

/* Values of x at which ranges and errors are looked at: Z = -5, -3, 0, 3, 5. */
extern const double recoup_deals_probe[RECOUP_DEALS_PROBES];

typedef struct recoup_booking {
    double amount;                       /* > 0 */
    double win[RECOUP_TABLES_MAX_TERMS]; /* probability: sum_k win[k]·x^k */
} recoup_booking;

/* The chance that the plan's discount limit leaves an open deal alone. */
double recoup_deal_escapes(const recoup_tables *tables, int plan, int deal);
/* Outcomes of an open deal with some chance to be booked; 0: none. */
int recoup_deal_bookings(const recoup_tables *tables, int plan, int deal, recoup_booking *booking);

/* Adds the deal's probability to be won within the period, whatever its amount: wins[k] of x^k. */
void recoup_deal_add_wins(const recoup_tables *tables, int plan, int deal, double *wins);

static inline double recoup_booking_win(const recoup_booking *booking, int n_terms, double x) {
    double p = 0;
    for (int k = n_terms - 1; k >= 0; k--)
        p = p * x + booking->win[k];
    return p < 0 ? 0 : p;
}

/* What choosing scales takes. */
typedef struct recoup_deals_survey {
    int n_deals;      /* with a chance */
    double n_results; /* product of the numbers of results of each deal */
    double largest;   /* amount */
    double mean[RECOUP_DEALS_PROBES], variance[RECOUP_DEALS_PROBES];
    double power[RECOUP_DEALS_BINS]; /* sum of p·a^7·E R^7, by the deal's amount */
} recoup_deals_survey;

void recoup_deals_look(const recoup_tables *tables, int plan, const recoup_revision *revision,
                       recoup_deals_survey *survey);
/* The largest amount such that smaller deals' powers sum to at most `allowed`; *rest: their sum. */
double recoup_deals_threshold(const recoup_deals_survey *survey, double allowed, double *rest);

typedef struct recoup_deals {
    const recoup_characteristic_kernels *kernels;
    int n_terms, n_nodes;
    double node[RECOUP_CHARACTERISTIC_NODES];
    double cumulant[RECOUP_DEALS_ORDER][RECOUP_CHARACTERISTIC_NODES]; /* of small deals */
    double mean[RECOUP_CHARACTERISTIC_NODES], variance[RECOUP_CHARACTERISTIC_NODES]; /* of all */
    double wins[RECOUP_TABLES_MAX_TERMS]; /* mean number of wins: sum_k wins[k]·x^k */
    int n_large;
    size_t *first; /* [n_large + 1] into booking */
    size_t n_bookings, first_capacity, booking_capacity;
    recoup_booking *booking;
    double *coefficient; /* [term][booking] of their probabilities */
    double *p;           /* [booking] at the x last looked at */
    int n;               /* frequencies */
    size_t stride;       /* n, padded */
    double *re, *im;     /* [booking][stride]: phi_R(t·amount) - 1 */
} recoup_deals;

/* Deals of at least `threshold` are large. To be cleared after a failure too. */
recoup_status recoup_deals_init(recoup_deals *deals, const recoup_tables *tables, int plan,
                                const recoup_revision *revision, double threshold,
                                recoup_error *error);
/* Tables for n increasing frequencies. */
recoup_status recoup_deals_set_frequencies(recoup_deals *deals, const recoup_revision *revision,
                                           const double *frequency, int n, recoup_error *error);
void recoup_deals_clear(recoup_deals *deals);

/* What holds at one x. */
typedef struct recoup_deals_at {
    double wins;           /* mean number of deals won */
    double mean, variance; /* of all deals */
    double none;           /* probability that no deal is booked; 0 when below 1e-15 */
    double cumulant[RECOUP_DEALS_ORDER];
} recoup_deals_at;

void recoup_deals_moments(recoup_deals *deals, double x, recoup_deals_at *at);
/* Multiplies re + i·im [frequency] by the large deals' factors at the x of the last call of
 * recoup_deals_moments. */
void recoup_deals_multiply(const recoup_deals *deals, double *re, double *im);

#endif
