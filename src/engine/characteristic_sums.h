/* All sums that few open deals of unrevised amounts can come to: P(sum >= level) exactly, in the
 * square root of the number of combinations, by halving the deals (Horowitz & Sahni 1974, Computing
 * partitions with applications to the knapsack problem, J. ACM 21). */
#ifndef RECOUP_ENGINE_CHARACTERISTIC_SUMS_H
#define RECOUP_ENGINE_CHARACTERISTIC_SUMS_H

#include "engine/characteristic_deals.h"

#define RECOUP_DEAL_SUMS_MAX_RESULTS 0x1p26

typedef struct recoup_deal_sums {
    const recoup_deals *deals;
    int half; /* deals before it are in the first half */
    size_t n[2];
    double *chance[2]; /* scratch: probability of each combination */
    size_t *order;     /* of the second half's combinations, by falling sum */
    size_t *reach;     /* [first half's combination]: how many of these reach the level */
    double *tail;      /* scratch [n[1] + 1] */
} recoup_deal_sums;

/* Of all deals, which must be large ones; a sum within rounding of `level` reaches it. Borrows the
 * deals. To be cleared after a failure too. */
recoup_status recoup_deal_sums_init(recoup_deal_sums *sums, const recoup_deals *deals, double level,
                                    recoup_error *error);
/* P(sum >= level | x). */
double recoup_deal_sums_reach(recoup_deal_sums *sums, double x);
void recoup_deal_sums_clear(recoup_deal_sums *sums);

/* The largest step that all amounts are multiples of, when it is at least `least`; else 0. */
double recoup_deal_sums_lattice(const recoup_deals *deals, double least);

#endif
