/* Simulation-based calibration (Talts, Betancourt, Simpson, Vehtari & Gelman 2018): the truth's
 * rank among the posterior draws of a model that was fitted to data made from it is uniform when
 * the posterior is right, the truth being drawn from the prior. */
#ifndef RECOUP_BENCH_RECOVERY_RANKS_H
#define RECOUP_BENCH_RECOVERY_RANKS_H

#include "book.h"

typedef enum ranked {
    RANKED_CONVERSION, /* of one cohort, drawn at random; by stage */
    RANKED_MEDIAN = RANKED_CONVERSION + STAGES,
    RANKED_SPREAD = RANKED_MEDIAN + STAGES,
    RANKED_AMOUNT = RANKED_SPREAD + STAGES,
    RANKED_AMOUNT_SPREAD,
    RANKED_ARRIVALS,
    N_RANKED
} ranked;

/* One rank per quantity and book, so that ranks are independent: 0 to RANKS - 1. */
enum { RANKS = 400 };
typedef struct book_ranks {
    int rank[N_RANKED];
} book_ranks;

/* False: the draws could not be taken. */
bool ranks_take(book_ranks *ranks, const truth *t, const recoup_model *model, uint64_t *seed);

/* The table: chi-square of the ranks of n books, in 20 bins or as many as leave five books to each;
 * false where a quantity's p-value is below .001. */
bool ranks_print(const book_ranks *books, int n);

#endif
