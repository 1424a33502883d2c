#include "diagnose/slowing.h"

#include "base/memory.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Something that happens at an age: an exit, an end of being watched, a beginning. At equal ages in
 * this order: at risk over (entry, end]. */
enum { ENDS, LAST_SEEN, ENTERS };

typedef struct moment {
    double days;
    int stratum, kind, group;
} moment;

static int compare_moments(const void *left, const void *right) {
    const moment *a = left, *b = right;
    if (a->stratum != b->stratum)
        return a->stratum - b->stratum;
    if (a->days != b->days)
        return a->days < b->days ? -1 : 1;
    if (a->kind != b->kind)
        return a->kind - b->kind;
    return a->group - b->group;
}

/* From an age to another, in a group. */
static int watch(moment *list, int n, int stratum, int group, double from, double to, bool ends) {
    if (to < from || (to == from && !(ends && from == 0)))
        return n;
    /* what ends on its first day was at risk then: entries at 0 come before everything */
    list[n++] = (moment){from > 0 ? from : -1, stratum, ENTERS, group};
    list[n++] = (moment){to, stratum, ends ? ENDS : LAST_SEEN, group};
    return n;
}

/* The moments of all stays, by stratum and age. `since` +inf: all in the first group; what is only
 * watched after `until` is left out. */
static moment *moments_create(const recoup_slowing_data *data, double since, double until, int *n) {
    moment *list = RECOUP_NEW(moment, 4 * (size_t)data->n);
    *n = 0;
    for (int i = 0; i < data->n && list; i++) {
        const recoup_stay *stay = &data->stay[i];
        double last = until - data->entered[i], split = since - data->entered[i];
        double end = fmin(stay->dwell_days, last), start = fmax(0, stay->entry_days);
        bool ends = stay->exit >= 0 && stay->dwell_days <= last;
        if (split < end || (split <= end && !ends)) {
            *n = watch(list, *n, data->stratum[i], RECOUP_LEFT_EARLIER, start, fmax(0, split),
                       false);
            *n =
                watch(list, *n, data->stratum[i], RECOUP_LEFT_SINCE, fmax(start, split), end, ends);
        } else {
            *n = watch(list, *n, data->stratum[i], RECOUP_LEFT_EARLIER, start, end, ends);
        }
    }
    if (list && *n > 1)
        qsort(list, (size_t)*n, sizeof *list, compare_moments);
    return list;
}

bool recoup_slowing_score(const recoup_slowing_data *data, double since, double *score,
                          double *variance, double left[2]) {
    int n;
    moment *list = moments_create(data, since, INFINITY, &n);
    if (!list)
        return false;
    left[0] = left[1] = 0;
    for (int k = 0; k < data->n_strata; k++)
        score[k] = variance[k] = 0;
    double at_risk[2] = {0, 0};
    for (int i = 0; i < n;) {
        const moment *first = &list[i];
        double ended[2] = {0, 0}, change[2] = {0, 0};
        if (i == 0 || first->stratum != list[i - 1].stratum)
            at_risk[0] = at_risk[1] = 0;
        for (; i < n && list[i].stratum == first->stratum && list[i].days == first->days; i++) {
            ended[list[i].group] += list[i].kind == ENDS;
            change[list[i].group] += list[i].kind == ENTERS ? 1 : -1;
        }
        double all = at_risk[0] + at_risk[1], both = ended[0] + ended[1];
        if (both > 0 && all > 0) {
            score[first->stratum] += ended[1] - both * at_risk[1] / all;
            if (all > 1)
                variance[first->stratum] +=
                    both * at_risk[0] * at_risk[1] / (all * all) * (all - both) / (all - 1);
            left[0] += ended[0];
            left[1] += ended[1];
        }
        at_risk[0] += change[0];
        at_risk[1] += change[1];
    }
    free(list);
    return true;
}

/* Cumulative hazards by stratum: steps at ages. */
typedef struct hazards {
    int *first; /* [n_strata + 1] */
    double *days, *sum;
} hazards;

static void hazards_clear(hazards *h) {
    free(h->first);
    free(h->days);
    free(h->sum);
}

/* Of the time before `until`, by Nelson and Aalen. */
static bool hazards_create(const recoup_slowing_data *data, double until, hazards *h) {
    int n, n_steps = 0;
    moment *list = moments_create(data, INFINITY, until, &n);
    *h = (hazards){RECOUP_NEW(int, data->n_strata + 1), RECOUP_NEW(double, data->n),
                   RECOUP_NEW(double, data->n)};
    bool enough = list && h->first && h->days && h->sum;
    for (int k = 0, i = 0; k < data->n_strata && enough; k++) {
        double at_risk = 0, sum = 0;
        h->first[k] = n_steps;
        while (i < n && list[i].stratum == k) {
            double days = list[i].days, ended = 0, change = 0;
            for (; i < n && list[i].stratum == k && list[i].days == days; i++) {
                ended += list[i].kind == ENDS;
                change += list[i].kind == ENTERS ? 1 : -1;
            }
            if (ended > 0 && at_risk > 0) {
                sum += ended / at_risk;
                h->days[n_steps] = days;
                h->sum[n_steps++] = sum;
            }
            at_risk += change;
        }
        h->first[k + 1] = n_steps;
    }
    free(list);
    return enough;
}

/* Up to an age, that included; beyond the last step as fast as on average before. */
static double hazard_at(const hazards *h, int stratum, double days) {
    int low = h->first[stratum], high = h->first[stratum + 1], last = high - 1;
    if (low == high)
        return 0;
    if (days > h->days[last])
        return h->days[last] > 0 ? h->sum[last] * days / h->days[last] : h->sum[last];
    int first = low;
    while (low < high) {
        int middle = (low + high) / 2;
        if (h->days[middle] <= days)
            low = middle + 1;
        else
            high = middle;
    }
    return low > first ? h->sum[low - 1] : 0;
}

/* From one age (that left out unless it is 0) to another. */
static double hazard_between(const hazards *h, int stratum, double from, double to) {
    return hazard_at(h, stratum, to) - (from > 0 ? hazard_at(h, stratum, from) : 0);
}

double recoup_slowing_dispersion(const recoup_slowing_data *data, double until, double days,
                                 int *n_spans) {
    double earliest = until, sum = 0;
    hazards h;
    *n_spans = 0;
    for (int i = 0; i < data->n; i++)
        earliest = fmin(earliest, data->entered[i] + fmax(0, data->stay[i].entry_days));
    int most = (int)floor((until - earliest) / days);
    double *seen = RECOUP_NEW(double, most), *expected = RECOUP_NEW(double, most);
    bool enough = hazards_create(data, until, &h) && seen && expected;
    for (int i = 0; i < data->n && enough; i++) {
        const recoup_stay *stay = &data->stay[i];
        double start = fmax(0, stay->entry_days), end = stay->dwell_days;
        double entered = data->entered[i];
        for (int b = (int)floor((until - entered - start) / days); b >= 0; b--) {
            double from = until - (b + 1) * days - entered, to = from + days;
            if (b >= most || to <= start)
                continue;
            if (from > end || (from == end && end > 0))
                break;
            expected[b] += hazard_between(&h, data->stratum[i], fmax(start, from), fmin(end, to));
            seen[b] += stay->exit >= 0 && end > (from < 0 ? -1 : from) && end <= to;
        }
    }
    for (int b = 0; b < most && enough; b++)
        if (expected[b] >= 5) {
            sum += (seen[b] - expected[b]) * (seen[b] - expected[b]) / expected[b];
            ++*n_spans;
        }
    hazards_clear(&h);
    free(seen);
    free(expected);
    if (!enough)
        return NAN;
    return *n_spans > 1 ? fmax(1, sum / (*n_spans - 1)) : 1;
}

/* What was watched of a stay after the date. */
typedef struct rest {
    double then;     /* its age at the date; 0: it began later */
    double from, to; /* ages between which it was watched since */
    double before;   /* the hazard of its stratum up to `from`, where that is `then` */
    int stratum;
} rest;

static rest *rests_create(const recoup_slowing_data *data, double since, const hazards *h, int *n) {
    rest *list = RECOUP_NEW(rest, data->n);
    *n = 0;
    for (int i = 0; i < data->n && list; i++) {
        const recoup_stay *stay = &data->stay[i];
        double then = fmax(0, since - data->entered[i]);
        double from = fmax(then, stay->entry_days), to = stay->dwell_days;
        if (to < from || (to == from && to > 0))
            continue;
        double before = then > 0 ? hazard_at(h, data->stratum[i], then) : 0;
        list[(*n)++] = (rest){then, from, to, before, data->stratum[i]};
    }
    return list;
}

/* How many leave after the date at a speed. */
static double expected_at(const rest *list, int n, const hazards *h, double speed) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
        const rest *r = &list[i];
        double before = r->before;
        if (r->from > r->then)
            before = hazard_at(h, r->stratum, r->then + speed * (r->from - r->then));
        sum += hazard_at(h, r->stratum, r->then + speed * (r->to - r->then)) - before;
    }
    return sum;
}

/* The speed at which so many leave, to six digits. */
static double speed_of(const rest *list, int n, const hazards *h, double left) {
    double low = log(1e-3), high = log(1e3);
    for (int k = 0; k < 24; k++) {
        double middle = (low + high) / 2;
        if (expected_at(list, n, h, exp(middle)) < left)
            low = middle;
        else
            high = middle;
    }
    return exp((low + high) / 2);
}

/* The age by which half have left, of all strata together. */
static bool median_of(const recoup_slowing_data *data, double since, double *median) {
    int *one = RECOUP_NEW(int, data->n);
    recoup_slowing_data all = *data;
    hazards h = {0};
    all.stratum = one;
    all.n_strata = 1;
    bool enough = one && hazards_create(&all, since, &h);
    *median = NAN;
    for (int k = enough ? h.first[1] - 1 : -1; k >= 0 && h.sum[k] >= log(2); k--)
        *median = h.days[k];
    hazards_clear(&h);
    free(one);
    return enough;
}

bool recoup_slowing_of(const recoup_slowing_data *data, double since, double dispersion,
                       recoup_slowing *slowing) {
    hazards h;
    rest *list = NULL;
    int n = 0;
    double left[2] = {0, 0};
    bool enough = hazards_create(data, since, &h) && median_of(data, since, &slowing->median_days);
    if (enough)
        list = rests_create(data, since, &h, &n);
    for (int i = 0; i < data->n; i++)
        if (data->stay[i].exit >= 0)
            left[data->entered[i] + data->stay[i].dwell_days > since]++;
    if (list) {
        double off = 1.96 * sqrt(dispersion * (left[1] + left[1] * left[1] / fmax(1, left[0])));
        slowing->times = 1 / speed_of(list, n, &h, left[1]);
        slowing->low = 1 / speed_of(list, n, &h, left[1] + off);
        slowing->high = 1 / speed_of(list, n, &h, fmax(.5, left[1] - off)); /* not without end */
    }
    hazards_clear(&h);
    enough = list != NULL;
    free(list);
    return enough;
}
