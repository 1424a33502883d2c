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
    double n[N_QUANTITIES], sum[N_QUANTITIES], covered[N_QUANTITIES];
} book_errors;

/* The stages of a fitted model, as its summary for people has them. False: out of memory. */
bool errors_add_stages(book_errors *errors, const truth *t, const recoup_view *view,
                       const recoup_model *model);
void errors_add_inflow(book_errors *errors, const truth *t, const recoup_model *model);

/* What the lines so far come to; zeroed at the start. */
typedef struct error_lines {
    int n, biased; /* bias beyond two of its standard errors */
} error_lines;

/* The line of one quantity at one size over n books; false when it departs from what is required by
 * more than chance explains. Estimates of one book share the team's parameters, so the standard
 * errors come from the books. */
bool errors_print(quantity which, double deals_per_cohort, const book_errors *books, int n,
                  error_lines *lines);
void errors_print_head(void);
/* How many lines are biased beside how many would be by chance, did none have a bias. */
void errors_print_count(const error_lines *lines);

#endif
