#include "crm/ranking.h"

#include <math.h>
#include <stdlib.h>

typedef struct ranked_rep {
    double performance;
    int rep; /* by id */
} ranked_rep;

static int compare_reps(const void *left, const void *right) {
    const ranked_rep *a = left, *b = right;
    if (a->performance != b->performance)
        return a->performance > b->performance ? -1 : 1;
    return (a->rep > b->rep) - (a->rep < b->rep);
}

/* Bookings of each rep before the period, or before the as-of date for one who had no deal before
 * the period. */
static void add_bookings(const recoup_view *view, double *bookings, uint8_t *has_past) {
    for (int i = 0; i < view->n_deals; i++)
        if (view->rep[i] >= 0 && view->created[i] < view->period_start)
            has_past[view->rep[i]] = 1;
    for (int i = 0; i < view->n_deals; i++) {
        int rep = view->rep[i];
        if (rep >= 0 && view->outcome[i] == RECOUP_WON &&
            (!has_past[rep] || view->closed[i] < view->period_start))
            bookings[rep] += view->amount[i];
    }
}

int recoup_reps_rank(const recoup_view *view, int *ranked) {
    double *bookings = RECOUP_NEW(double, view->n_reps);
    uint8_t *has_past = RECOUP_NEW(uint8_t, view->n_reps);
    ranked_rep *list = RECOUP_NEW(ranked_rep, view->n_reps);
    bool by_quota = true, enough = bookings && has_past && list;
    int n = 0;
    if (enough)
        add_bookings(view, bookings, has_past);
    for (int i = 0; i < view->n_reps && enough; i++) {
        if (view->rep_status[i] == RECOUP_REP_VACANT)
            continue;
        list[n++].rep = i;
        by_quota = by_quota && view->rep_quota[i] > 0;
    }
    for (int k = 0; k < n; k++) {
        int i = list[k].rep;
        list[k].performance = by_quota ? bookings[i] / view->rep_quota[i] : bookings[i];
    }
    if (n > 1)
        qsort(list, (size_t)n, sizeof *list, compare_reps);
    for (int k = 0; k < n; k++)
        ranked[k] = list[k].rep;
    free(bookings);
    free(has_past);
    free(list);
    return enough ? n : -1;
}

/* share·n is whole but for the rounding of the share (.1 of 30). */
int recoup_reps_share(double share, int n) {
    return (int)ceil(share * n - 1e-9);
}
