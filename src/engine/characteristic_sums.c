#include "engine/characteristic_sums.h"

#include "base/error.h"
#include "base/memory.h"
#include <stdlib.h>

#define ROUNDING 1e-9 /* relative: amounts have cents */

/* --- lattice ---------------------------------------------------------------------------------- */

/* Euclid's algorithm; remainders below `least` end it without a result unless they are rounding. */
double recoup_deal_sums_lattice(const recoup_deals *deals, double least) {
    double step = 0;
    for (size_t o = 0; o < deals->n_bookings; o++) {
        double a = deals->booking[o].amount, b = step;
        double rounding = ROUNDING * fmax(a, b);
        while (b > rounding) {
            double rest = fabs(remainder(a, b));
            if (rest > rounding && rest < least)
                return 0;
            a = b;
            b = rest;
        }
        step = a;
    }
    return step >= least ? step : 0;
}

/* --- sums ------------------------------------------------------------------------------------- */

/* Combinations of the deals first <= i < end, in a fixed order: the value of each, by adding
 * amounts (p NULL) or by multiplying probabilities at x. */
static void combine(const recoup_deals *deals, int first, int end, const double *x, double *value) {
    size_t n = 1;
    value[0] = x ? 1 : 0;
    for (int i = first; i < end; i++) {
        double stays = 1;
        size_t old = n;
        for (size_t o = deals->first[i]; o < deals->first[i + 1]; o++) {
            const recoup_booking *booking = &deals->booking[o];
            double p = x ? recoup_booking_win(booking, deals->n_terms, *x) : 0;
            stays -= p;
            for (size_t j = 0; j < old; j++)
                value[n + j] = x ? value[j] * p : value[j] + booking->amount;
            n += old;
        }
        for (size_t j = 0; j < old && x; j++)
            value[j] *= stays;
    }
}

static int compare_falling(const void *a, const void *b, void *values) {
    double x = ((const double *)values)[*(const size_t *)a];
    double y = ((const double *)values)[*(const size_t *)b];
    return (x < y) - (x > y);
}

static size_t count_results(const recoup_deals *deals, int first, int end) {
    size_t n = 1;
    for (int i = first; i < end; i++)
        n *= deals->first[i + 1] - deals->first[i] + 1;
    return n;
}

/* How many combinations of the second half reach the level with each of the first. */
static void set_reach(recoup_deal_sums *sums, double level) {
    double rounding = ROUNDING * fabs(level);
    const double *first = sums->chance[0], *second = sums->chance[1]; /* sums, for now */
    for (size_t i = 0; i < sums->n[0]; i++) {
        size_t low = 0, high = sums->n[1];
        while (low < high) {
            size_t middle = (low + high) / 2;
            if (first[i] + second[sums->order[middle]] >= level - rounding)
                low = middle + 1;
            else
                high = middle;
        }
        sums->reach[i] = low;
    }
}

recoup_status recoup_deal_sums_init(recoup_deal_sums *sums, const recoup_deals *deals, double level,
                                    recoup_error *error) {
    int n = deals->n_large, half = 0;
    *sums = (recoup_deal_sums){.deals = deals};
    while (half < n && count_results(deals, 0, half + 1) <= count_results(deals, half + 1, n))
        half++;
    sums->half = half;
    sums->n[0] = count_results(deals, 0, half);
    sums->n[1] = count_results(deals, half, n);
    sums->chance[0] = RECOUP_NEW(double, sums->n[0]);
    sums->chance[1] = RECOUP_NEW(double, sums->n[1]);
    sums->order = RECOUP_NEW(size_t, sums->n[1]);
    sums->reach = RECOUP_NEW(size_t, sums->n[0]);
    sums->tail = RECOUP_NEW(double, sums->n[1] + 1);
    if (!sums->chance[0] || !sums->chance[1] || !sums->order || !sums->reach || !sums->tail)
        return recoup_fail_memory(error);
    combine(deals, 0, half, NULL, sums->chance[0]);
    combine(deals, half, n, NULL, sums->chance[1]);
    for (size_t i = 0; i < sums->n[1]; i++)
        sums->order[i] = i;
    qsort_r(sums->order, sums->n[1], sizeof *sums->order, compare_falling, sums->chance[1]);
    set_reach(sums, level);
    return RECOUP_OK;
}

double recoup_deal_sums_reach(recoup_deal_sums *sums, double x) {
    double reach = 0;
    combine(sums->deals, 0, sums->half, &x, sums->chance[0]);
    combine(sums->deals, sums->half, sums->deals->n_large, &x, sums->chance[1]);
    sums->tail[0] = 0;
    for (size_t i = 0; i < sums->n[1]; i++)
        sums->tail[i + 1] = sums->tail[i] + sums->chance[1][sums->order[i]];
    for (size_t i = 0; i < sums->n[0]; i++)
        reach += sums->chance[0][i] * sums->tail[sums->reach[i]];
    return reach;
}

void recoup_deal_sums_clear(recoup_deal_sums *sums) {
    free(sums->chance[0]);
    free(sums->chance[1]);
    free(sums->order);
    free(sums->reach);
    free(sums->tail);
    *sums = (recoup_deal_sums){0};
}
