/* The errors of estimates, and whether their 95 % intervals cover the truth, over many books. */
#ifndef RECOUP_BENCH_RECOVERY_ERRORS_H
#define RECOUP_BENCH_RECOVERY_ERRORS_H

#include "book.h"

typedef enum quantity {
    CONVERSION,
    MEDIAN,
    AMOUNT,
    ARRIVALS,
    VARYING_ARRIVALS,
    N_QUANTITIES
} quantity;

/* The estimates of one book, added up; zeroed at the start. */
typedef struct book_errors {
    double n[N_QUANTITIES], sum[N_QUANTITIES], squares[N_QUANTITIES], covered[N_QUANTITIES];
} book_errors;

/* The stages of a fitted model, as its summary for people has them. False: out of memory. */
bool errors_add_stages(book_errors *errors, const truth *t, const recoup_view *view,
                       const recoup_model *model);
void errors_add_inflow(book_errors *errors, const truth *t, const recoup_model *model);

/* What the lines so far come to; zeroed at the start. */
typedef struct error_lines {
    int n, biased;                 /* lines; those with a bias beyond two of its standard errors */
    double chance;                 /* how many would be so by chance */
    double farthest, least_bias_p; /* the least likely bias: in standard errors, its probability */
    int tests;                     /* of bias, and of coverage where it is required */
    double least_p;                /* of all tests */
    double largest, largest_se; /* bias and standard error, relative to the error of one estimate */
} error_lines;

/* The line of one quantity at one size over n books. Estimates of one book share the team's
 * parameters, so the standard errors come from the books. */
void errors_print(quantity which, double deals_per_cohort, const book_errors *books, int n,
                  error_lines *lines);
void errors_print_head(void);

/* What all lines say together: how many are biased beside how many would be by chance, and whether
 * the farthest is farther than chance explains. False: a bias or a coverage departs from what is
 * required, with an error of the first kind of .001 for all lines together. */
bool errors_print_verdict(const error_lines *lines);

#endif
