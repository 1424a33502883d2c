/* Means over the market factor Z, which is N(0, 1), and of the win tables (program/tables.h) what
 * an open deal brings on such a mean. Pure; nothing here can fail. */
#ifndef RECOUP_DIAGNOSE_MARKET_RULE_H
#define RECOUP_DIAGNOSE_MARKET_RULE_H

#include "program/tables.h"

enum { RECOUP_MARKET_POINTS = 25 };

/* The trapezoid rule at Z = -6, -5.5 ... 6, which for smooth functions is accurate to rounding
 * (Trefethen & Weideman 2014, The exponentially convergent trapezoidal rule, SIAM Review 56). The
 * tables take Z beyond 5 as 5: that corner costs 2e-7 of a mean of x^k at most, where the tables
 * are off by 1e-4. */
typedef struct recoup_market_rule {
    double x[RECOUP_MARKET_POINTS];        /* as the tables take Z */
    double weight[RECOUP_MARKET_POINTS];   /* they sum to 1 */
    double power[RECOUP_TABLES_MAX_TERMS]; /* mean of x^k */
} recoup_market_rule;

recoup_market_rule recoup_market_rule_make(void);

/* Mean over Z of P(an open deal of the program is won within the period) under a plan, its discount
 * limit included. bookings: [slot] overwritten by the mean of what it books by a win in the slot,
 * money; 0 of a deal without an amount. */
double recoup_market_rule_deal(const recoup_market_rule *rule, const recoup_tables *tables,
                               int plan, int deal, double *bookings);

#endif
