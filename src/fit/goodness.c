#include "fit/goodness.h"

#include "base/memory.h"
#include <math.h>
#include <stdlib.h>

/* Of the largest distance times sqrt(n), exceeded in 5 % of all samples: Lilliefors 1967, for the
 * normal law with both parameters estimated (1.36 is for a law given beforehand). */
#define LIMIT .886

/* A stay comes under observation, ends, or is last seen. */
enum { ENDS, LAST_SEEN, ENTERS }; /* the order among equal times: at risk over (entry, end] */

typedef struct recoup_risk_moment {
    double days, weight;
    int kind, exit;
} moment;

static int compare_moments(const void *left, const void *right) {
    const moment *a = left, *b = right;
    if (a->days != b->days)
        return a->days < b->days ? -1 : 1;
    return a->kind - b->kind;
}

bool recoup_risk_create(recoup_risk *risk, const recoup_stay *stay, int n_stays) {
    *risk = (recoup_risk){.moment = RECOUP_NEW(moment, 2 * (size_t)n_stays)};
    if (!risk->moment)
        return false;
    for (int i = 0; i < n_stays; i++) {
        const recoup_stay *s = &stay[i];
        bool open = s->kind == RECOUP_STAY_OPEN, late = s->entry_days > 0;
        if (s->kind == RECOUP_STAY_UNDATED || (late && !(s->entry_days < s->dwell_days)))
            continue;
        risk->moment[risk->n++] =
            (moment){s->dwell_days, s->weight, open ? LAST_SEEN : ENDS, s->exit};
        if (late)
            risk->moment[risk->n++] = (moment){s->entry_days, s->weight, ENTERS, -1};
        else
            risk->at_start += s->weight;
    }
    qsort(risk->moment, (size_t)risk->n, sizeof *risk->moment, compare_moments);
    return true;
}

void recoup_risk_clear(recoup_risk *risk) {
    free(risk->moment);
    *risk = (recoup_risk){0};
}

/* The share still there, the share that left by the exit, and their covariances. */
typedef struct state {
    double open, left, open_open, open_left, left_left;
} state;

/* `at_risk` stays, of which `ended` leave, `by_exit` of these by the exit. The step is a matrix
 * with multinomial errors, and errors are carried along: Andersen, Borgan, Gill & Keiding 1993,
 * (4.4.17).
 */
static void advance(state *s, double at_risk, double ended, double by_exit) {
    double a = ended / at_risk, b = by_exit / at_risk, open = s->open;
    double var_a = a * (1 - a) / at_risk, var_b = b * (1 - b) / at_risk;
    double covariance = b * (1 - a) / at_risk;
    s->left_left += 2 * b * s->open_left + b * b * s->open_open + open * open * var_b;
    s->open_left = (1 - a) * (s->open_left + b * s->open_open) - open * open * covariance;
    s->open_open = (1 - a) * (1 - a) * s->open_open + open * open * var_a;
    s->left += open * b;
    s->open *= 1 - a;
}

int recoup_incidence(const recoup_risk *risk, int exit, recoup_incidence_step *step) {
    state at = {.open = 1};
    double at_risk = risk->at_start;
    int n = 0;
    for (int i = 0; i < risk->n;) {
        double days = risk->moment[i].days, ended = 0, by_exit = 0, change = 0;
        for (; i < risk->n && risk->moment[i].days == days; i++) {
            const moment *m = &risk->moment[i];
            ended += m->kind == ENDS ? m->weight : 0;
            by_exit += m->kind == ENDS && m->exit == exit ? m->weight : 0;
            change += m->kind == ENTERS ? m->weight : -m->weight;
        }
        if (ended > 0 && at_risk > 0) {
            advance(&at, at_risk, fmin(ended, at_risk), fmin(by_exit, at_risk));
            step[n++] = (recoup_incidence_step){days, at_risk, at.open, at.left, at.left_left};
        }
        at_risk += change;
    }
    return n;
}

/* The fitted share that left by exit e before an age. */
static double fitted_incidence(const recoup_mixture *mixture, double share, int e, double days) {
    return days > 0 ? share * recoup_dist_cdf(&mixture->dwell[e], days) : 0;
}

/* On both sides of each jump. Ages in whole days d stand for d - 1/2 to d + 1/2, and 0 for [0, 1).
 */
static void compare(const recoup_mixture *mixture, double share, int e, bool by_day,
                    const recoup_incidence_step *step, int n, recoup_goodness *goodness) {
    double before = 0, half_day = by_day ? .5 : 0, within_day = 0;
    *goodness = (recoup_goodness){NAN, NAN, NAN};
    for (int i = 0; i < n; i++) {
        const recoup_incidence_step *s = &step[i];
        double first = fmax(s->days - half_day, within_day);
        double last = by_day && s->days == 0 ? 1 : s->days + half_day;
        double below = fabs(before - fitted_incidence(mixture, share, e, first));
        double above = fabs(s->incidence - fitted_incidence(mixture, share, e, last));
        double distance = fmax(below, above);
        if (!(distance <= goodness->distance)) {
            double spread = s->incidence * (1 - s->incidence);
            *goodness = (recoup_goodness){distance, s->days, share};
            if (spread > 0)
                goodness->bound = fmin(share, LIMIT * sqrt(share * s->variance / spread));
        }
        before = s->incidence;
        within_day = by_day && s->days == 0 ? 1 : within_day;
    }
}

bool recoup_goodness_of(const recoup_mixture *mixture, const recoup_stay *stay, int n_stays,
                        recoup_goodness *goodness) {
    double log_share[RECOUP_MAX_EXITS];
    recoup_risk risk = {0};
    recoup_incidence_step *step = RECOUP_NEW(recoup_incidence_step, 2 * (size_t)n_stays);
    bool enough = step && recoup_risk_create(&risk, stay, n_stays), by_day = true;
    for (int i = 0; i < n_stays; i++)
        if (stay[i].kind == RECOUP_STAY_CLOSED)
            by_day &= stay[i].dwell_days == floor(stay[i].dwell_days);
    recoup_log_shares(mixture->n_exits, mixture->logit, log_share);
    for (int e = 0; e < mixture->n_exits && enough; e++) {
        goodness[e] = (recoup_goodness){NAN, NAN, NAN};
        if (mixture->dwell[e].family == RECOUP_NEVER)
            continue;
        int n = recoup_incidence(&risk, e, step);
        compare(mixture, exp(log_share[e]), e, by_day, step, n, &goodness[e]);
    }
    recoup_risk_clear(&risk);
    free(step);
    return enough;
}
