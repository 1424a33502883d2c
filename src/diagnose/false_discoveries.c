#include "diagnose/false_discoveries.h"

#include "base/memory.h"
#include <math.h>
#include <stdlib.h>

typedef struct ranked {
    double p;
    int index;
} ranked;

static int compare(const void *left, const void *right) {
    const ranked *a = left, *b = right;
    if (a->p != b->p)
        return a->p < b->p ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

bool recoup_q_values(int n, const double *p, double *q) {
    ranked *list = RECOUP_NEW(ranked, n);
    int n_tests = 0;
    if (!list)
        return false;
    for (int i = 0; i < n; i++)
        if (!isnan(p[i]))
            list[n_tests++] = (ranked){p[i], i};
    qsort(list, (size_t)n_tests, sizeof *list, compare);
    for (int i = 0; i < n; i++)
        q[i] = NAN;
    double least = 1;
    for (int k = n_tests - 1; k >= 0; k--) {
        least = fmin(least, list[k].p * n_tests / (k + 1));
        q[list[k].index] = least;
    }
    free(list);
    return true;
}
