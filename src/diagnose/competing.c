#include "diagnose/competing.h"

#include "base/memory.h"
#include "fit/goodness.h"
#include <math.h>
#include <stdlib.h>

/* The curves of both exits up to tau, and what a stay's influence is made of. */
typedef struct curves {
    recoup_incidence_step *step[2]; /* of the two exits, at the same times */
    double *passed[2]; /* what being at risk up to and at a step takes from the derivative */
    int n;
} curves;

static double before(const recoup_incidence_step *step, int k) {
    return k > 0 ? step[k - 1].incidence : 0;
}

static double open_before(const curves *c, int k) {
    return k > 0 ? c->step[0][k - 1].open : 1;
}

/* What of A(tau) is lost with the deals that left at step k, per share still there after it. */
static double lost_later(const curves *c, int exit, int k) {
    const recoup_incidence_step *s = c->step[exit];
    double stays_on = s[k].open / open_before(c, k);
    double later = s[c->n - 1].incidence - s[k].incidence;
    return stays_on > 0 ? later / stays_on / s[k].at_risk : 0;
}

/* By the product rule on A = sum over t of S(t-) dN(t) / Y(t), S the product of 1 - dN/Y. */
static void add_up(const curves *c, int exit) {
    const recoup_incidence_step *s = c->step[exit];
    double sum = 0;
    for (int k = 0; k < c->n; k++) {
        double left = 1 - s[k].open / open_before(c, k);
        sum += (s[k].incidence - before(s, k)) / s[k].at_risk - left * lost_later(c, exit, k);
        c->passed[exit][k] = sum;
    }
}

/* The last step at or before an age; -1: none. */
static int find(const curves *c, double days) {
    int low = 0, high = c->n;
    while (low < high) {
        int middle = (low + high) / 2;
        if (c->step[0][middle].days <= days)
            low = middle + 1;
        else
            high = middle;
    }
    return low - 1;
}

/* The derivative of the exit's incidence at tau by the stay's weight. */
static double derivative(const curves *c, int exit, const recoup_stay *stay) {
    int end = find(c, stay->dwell_days);
    int start = stay->entry_days > 0 ? find(c, stay->entry_days) : -1;
    double sum = (start >= 0 ? c->passed[exit][start] : 0) - (end >= 0 ? c->passed[exit][end] : 0);
    if (stay->exit < 0 || end < 0 || c->step[0][end].days != stay->dwell_days)
        return sum;
    if (stay->exit == exit)
        sum += open_before(c, end) / c->step[exit][end].at_risk;
    return sum - lost_later(c, exit, end);
}

static bool plays_part(const recoup_stay *stay) {
    return stay->kind != RECOUP_STAY_UNDATED &&
           !(stay->entry_days > 0 && !(stay->entry_days < stay->dwell_days));
}

static void count(const recoup_stay *stay, int n_stays, recoup_conversion *of) {
    for (int i = 0; i < n_stays; i++)
        if (plays_part(&stay[i])) {
            of->n++;
            of->n_advanced += stay[i].exit == RECOUP_GOES_ON;
            of->n_lost += stay[i].exit == RECOUP_IS_LOST;
        }
}

static void work_out(curves *c, const recoup_stay *stay, int n_stays, recoup_conversion *of,
                     double *influence) {
    double advanced = of->advanced = c->step[0][c->n - 1].incidence;
    double lost = of->lost = c->step[1][c->n - 1].incidence, left = advanced + lost;
    of->days = c->step[0][c->n - 1].days;
    if (!(left > 0))
        return;
    add_up(c, 0);
    add_up(c, 1);
    of->value = advanced / left;
    of->variance = 0;
    for (int i = 0; i < n_stays; i++) {
        double own = 0;
        if (plays_part(&stay[i]))
            own = (lost * derivative(c, 0, &stay[i]) - advanced * derivative(c, 1, &stay[i])) /
                  (left * left);
        of->variance += own * own;
        if (influence)
            influence[i] = own * of->n;
    }
}

bool recoup_conversion_of(const recoup_stay *stay, int n_stays, recoup_conversion *conversion,
                          double *influence) {
    *conversion = (recoup_conversion){.value = NAN, .variance = NAN, .days = NAN};
    recoup_risk risk = {0};
    curves c = {.n = 0};
    bool enough = recoup_risk_create(&risk, stay, n_stays);
    for (int e = 0; e < 2; e++) {
        c.step[e] = RECOUP_NEW(recoup_incidence_step, risk.n);
        c.passed[e] = RECOUP_NEW(double, risk.n);
        enough = enough && c.step[e] && c.passed[e];
        if (enough)
            c.n = recoup_incidence(&risk, e, c.step[e]);
    }
    for (int i = 0; i < n_stays && influence; i++)
        influence[i] = 0;
    count(stay, n_stays, conversion);
    if (enough && c.n > 0)
        work_out(&c, stay, n_stays, conversion, influence);
    recoup_risk_clear(&risk);
    for (int e = 0; e < 2; e++) {
        free(c.step[e]);
        free(c.passed[e]);
    }
    return enough;
}
