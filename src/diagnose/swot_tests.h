/* The tests behind strengths and weaknesses. */
#ifndef RECOUP_DIAGNOSE_SWOT_TESTS_H
#define RECOUP_DIAGNOSE_SWOT_TESTS_H

#include "diagnose/diagnose.h"
#include "diagnose/ratio.h"

typedef struct recoup_swot_test {
    const char *dimension, *name; /* name: of the view; tests of one group have the same pointer */
    const char *test;             /* recoup_swot_row.test */
    int n;
    recoup_ratio_difference value;
    double elsewhere;  /* of a change: that of the others; NaN: of a stage */
    double open_share; /* of the open amount; of a level */
    double p_value, q_value;
} recoup_swot_test;

typedef struct recoup_swot_tests {
    recoup_swot_test *test; /* group by group */
    int n;
    size_t capacity;
} recoup_swot_tests;

/* Of each segment, competitor, channel and product: its win rate against that of the others with
 * one; its change between the recent window and before, less that of the others; its share of new
 * deals, recently against before. Of each stage: the change of its conversion. Made where both
 * sides have 30 ended deals, 5 won and 5 lost among them, and 5 reps (or deals without one). False:
 * out of memory. To be cleared, also then. */
bool recoup_swot_tests_create(const recoup_diagnosing *diagnosing, recoup_swot_tests *tests);
void recoup_swot_tests_clear(recoup_swot_tests *tests);

#endif
