/* What each rep is expected to book between two days, from the win tables. */
#ifndef RECOUP_DIAGNOSE_REP_BOOKINGS_H
#define RECOUP_DIAGNOSE_REP_BOOKINGS_H

#include "model/model.h"
#include "program/tables.h"

/* expected[rep]: mean bookings won after from_day and by to_day (days after the as-of date, within
 * the tables' horizon), at the program's parameters and without any lever of its first plan:
 *
 *     sum over the rep's open deals of amount × (P(won by to) - P(won by from))
 *     + sum over streams of the rep's share of rate × integral over the days of arrival of the
 * mean, over segments, amounts and discounts, of amount × (the same)
 *
 * mean over equally likely classes of Z, whose factor exp(market.arrivals Z) weights new deals.
 * P is linear within a slot of the tables; days of arrival, amounts and discounts stand for
 * classes by their midpoints. `program` must come from a scenario without levers. False: out of
 * memory. */
bool recoup_rep_bookings_expect(const recoup_tables *tables, const recoup_model *model,
                                double from_day, double to_day, double *expected);

#endif
