/* Motivation: do the reps in the middle work less since some week?
 *
 * The middle 60 % of the reps by what they had won before the weeks under test, those with
 * activities before them, without vacant seats; their activities in whole weeks back from the as-of
 * date. For each change k weeks ago the drop of the weekly mean is held against its error; the
 * largest one is held against those of random orders of the weeks (Good 2005). A week has its
 * activities of all reps in every order, so that what makes a week good or bad for all stays
 * together. Where a week resembles the one before (correlation r of neighbours, the change taken
 * out), means vary sqrt((1 + r) / (1 - r)) times as much as those of independent weeks, and the
 * drop counts for so much less. */
#include "diagnose/causes.h"

#include "base/date.h"
#include "random/random.h"
#include <math.h>
#include <stdlib.h>

enum { LEAST_AFTER = 3, LEAST_BEFORE = 8, MOST_AFTER = 26, MOST_WEEKS = 104, LEAST_REPS = 5 };
enum { SHUFFLES = 19999, SHUFFLE_ENTITY = 1 };
#define LEAST_ACTIVITIES 1. /* of a rep in a week, before */
#define MIDDLE_FROM .2
#define MIDDLE_TO .8

/* Weeks back from the as-of date, the last one first: activities for each rep. */
typedef struct weeks {
    int n, most_after; /* weeks; the earliest change that is tried */
    double count[MOST_WEEKS];
    int n_reps;
} weeks;

typedef struct ranked_rep {
    int rep;
    double won;
} ranked_rep;

static int compare_reps(const void *left, const void *right) {
    const ranked_rep *a = left, *b = right;
    if (a->won != b->won)
        return a->won < b->won ? -1 : 1;
    return a->rep - b->rep;
}

/* A day that begins 7 days before the as-of date is in the last week: 0. -1: not before it. */
static int weeks_back(const recoup_view *view, double time) {
    return (int)ceil((view->as_of - time) / 7) - 1;
}

/* How many weeks are whole, and the earliest change among them. */
static void span_of(const recoup_view *view, weeks *w) {
    double first = view->as_of;
    for (int i = 0; i < view->n_activities; i++)
        first = fmin(first, view->activity_time[i]);
    double n = floor((view->as_of - first) / 7);
    w->n = n > MOST_WEEKS ? MOST_WEEKS : (int)n;
    w->most_after = w->n - LEAST_BEFORE > MOST_AFTER ? MOST_AFTER : w->n - LEAST_BEFORE;
}

/* True: the rep is of the middle. */
static bool find_middle(const recoup_view *view, double before, bool *is_middle, int *n_middle) {
    ranked_rep *ranked = RECOUP_NEW(ranked_rep, view->n_reps);
    double *won = RECOUP_NEW(double, view->n_reps);
    bool *was_there = RECOUP_NEW(bool, view->n_reps);
    bool enough = ranked && won && was_there;
    int n = 0;
    for (int i = 0; i < view->n_activities && enough; i++)
        if (view->activity_rep[i] >= 0 && view->activity_time[i] < before)
            was_there[view->activity_rep[i]] = true;
    for (int i = 0; i < view->n_deals && enough; i++)
        if (view->rep[i] >= 0 && view->outcome[i] == RECOUP_WON && view->closed[i] < before &&
            view->amount[i] > 0)
            won[view->rep[i]] += view->amount[i];
    for (int r = 0; r < view->n_reps && enough; r++)
        if (was_there[r] && view->rep_status[r] != RECOUP_REP_VACANT)
            ranked[n++] = (ranked_rep){r, won[r]};
    if (n > 1)
        qsort(ranked, (size_t)n, sizeof *ranked, compare_reps);
    *n_middle = 0;
    for (int k = 0; k < n; k++) {
        double place = (k + .5) / n;
        bool in = place >= MIDDLE_FROM && place <= MIDDLE_TO;
        is_middle[ranked[k].rep] = in;
        *n_middle += in;
    }
    free(ranked);
    free(won);
    free(was_there);
    return enough;
}

static bool count_weeks(const recoup_view *view, weeks *w) {
    bool *is_middle = RECOUP_NEW(bool, view->n_reps);
    bool enough =
        is_middle && find_middle(view, view->as_of - 7. * w->most_after, is_middle, &w->n_reps);
    for (int i = 0; i < view->n_activities && enough; i++) {
        int week = weeks_back(view, view->activity_time[i]);
        if (week >= 0 && week < w->n && view->activity_rep[i] >= 0 &&
            is_middle[view->activity_rep[i]])
            w->count[week] += 1. / w->n_reps;
    }
    free(is_middle);
    return enough;
}

/* The largest drop in units of the error that a week's sd of 1 would give; *after: its weeks. */
static double largest_drop(const double *count, int n, int most_after, double total, int *after) {
    double recent = 0, largest = -INFINITY;
    for (int k = 1; k <= most_after; k++) {
        recent += count[k - 1];
        if (k < LEAST_AFTER)
            continue;
        double drop = ((total - recent) / (n - k) - recent / k) / sqrt(1. / k + 1. / (n - k));
        if (drop > largest) {
            largest = drop;
            *after = k;
        }
    }
    return largest;
}

static double mean_of(const double *value, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += value[i];
    return sum / n;
}

/* How much more a mean of weeks varies than one of independent weeks; their standard deviation. */
static double inflation_of(const weeks *w, int after, double *sd) {
    enum { MOST = 80 }; /* in hundredths: beyond it r is hardly known */
    double mean[2] = {mean_of(w->count, after), mean_of(w->count + after, w->n - after)};
    double squares = 0, products = 0, last = 0;
    for (int i = 0; i < w->n; i++) {
        double apart = w->count[i] - mean[i >= after];
        squares += apart * apart;
        products += i > 0 ? apart * last : 0;
        last = apart;
    }
    *sd = sqrt(squares / (w->n - 2));
    double r = squares > 0 ? fmax(0, fmin(MOST / 100., products / squares)) : 0;
    return sqrt((1 + r) / (1 - r));
}

/* Fisher and Yates, of the weeks in the order that they have. */
static void shuffle(double *count, int n, uint64_t seed, int round) {
    recoup_pair pair = {0, 0};
    for (int i = n - 1; i > 0; i--) {
        int draw = n - 1 - i;
        if (draw % 2 == 0)
            pair = recoup_random_pair(seed, (uint32_t)round, SHUFFLE_ENTITY, (uint32_t)draw / 2,
                                      RECOUP_DRAW_SHUFFLE);
        int k = (int)((draw % 2 == 0 ? pair.first : pair.second) * (i + 1));
        double kept = count[i];
        count[i] = count[k];
        count[k] = kept;
    }
}

/* One-sided. */
static double p_value_of(const weeks *w, double drop, uint64_t seed) {
    double count[MOST_WEEKS], total = 0;
    int n_larger = 0, after;
    for (int i = 0; i < w->n; i++) {
        count[i] = w->count[i];
        total += count[i];
    }
    for (int round = 0; round < SHUFFLES; round++) {
        shuffle(count, w->n, seed, round);
        n_larger += largest_drop(count, w->n, w->most_after, total, &after) >= drop;
    }
    return (n_larger + 1.) / (SHUFFLES + 1.);
}

static recoup_status describe(recoup_causes *causes, recoup_cause *cause, const weeks *w, int after,
                              double error) {
    recoup_results *results = causes->diagnosing->results;
    recoup_finding_row *row = &cause->row;
    char day[RECOUP_DATE_SIZE], comment[96];
    row->since = causes->diagnosing->view->as_of - 7. * after;
    row->n = after;
    row->n_reference = w->n - after;
    row->value = mean_of(w->count, after);
    row->reference = mean_of(w->count + after, w->n - after);
    row->effect = row->value / row->reference;
    row->effect_low = fmax(0, row->effect - 1.96 * error / row->reference);
    row->effect_high = row->effect + 1.96 * error / row->reference;
    row->unit = "times";
    cause->does_harm = row->effect < 1;
    const char *chance = recoup_chance_text(results, row->p_value);
    if (!chance)
        return recoup_fail_memory(causes->diagnosing->error);
    row->sentence = recoup_records_format(
        results,
        "Since %s the %d reps in the middle have %.3g activities a week each, %.3g in the %d weeks "
        "before (%+.0f %%, 95 %% interval %+.0f to %+.0f %%); %s.",
        recoup_date_format(day, row->since), w->n_reps, row->value, row->reference,
        row->n_reference, 100 * (row->effect - 1), 100 * (row->effect_low - 1),
        100 * (row->effect_high - 1), chance);
    if (row->effect < 1 && row->effect > 0) {
        double more = ((1 + row->effect) / 2) / row->effect - 1;
        snprintf(comment, sizeof comment, "makes good half of the drop: %.3g activities a week",
                 (row->value + row->reference) / 2);
        const recoup_lever_key keys[] = {
            {"increase", NULL, fmin(10, fmax(.01, round(100 * more) / 100))},
            {"returns", NULL, .8}};
        row->lever = recoup_lever_text(results, comment, "activity", 2, keys);
    }
    return RECOUP_OK;
}

recoup_status recoup_causes_motivation(recoup_causes *causes) {
    const recoup_diagnosing *diagnosing = causes->diagnosing;
    const recoup_view *view = diagnosing->view;
    weeks w = {.n = 0};
    if (view->n_activities == 0)
        return RECOUP_OK;
    recoup_cause *cause = recoup_cause_add(causes, "motivation", "permutation");
    if (!cause)
        return recoup_fail_memory(diagnosing->error);
    cause->row.subject = "activity of the middle 60 %";
    span_of(view, &w);
    if (w.most_after >= LEAST_AFTER && !count_weeks(view, &w))
        return recoup_fail_memory(diagnosing->error);
    double before = 0;
    if (w.most_after >= LEAST_AFTER && w.n_reps >= LEAST_REPS)
        before = mean_of(w.count + w.most_after, w.n - w.most_after);
    cause->row.n = w.n;
    if (!(before >= LEAST_ACTIVITIES)) {
        cause->row.sentence = recoup_records_format(
            diagnosing->results,
            "Not enough data: it takes %d whole weeks of activities, %d reps in the middle, and an "
            "activity of each a week.",
            LEAST_BEFORE + LEAST_AFTER, LEAST_REPS);
        return RECOUP_OK;
    }
    int after = LEAST_AFTER;
    double sd, total = mean_of(w.count, w.n) * w.n;
    double drop = largest_drop(w.count, w.n, w.most_after, total, &after);
    double inflation = inflation_of(&w, after, &sd);
    double p = p_value_of(&w, drop / inflation, (uint64_t)diagnosing->scenario->simulation.seed);
    cause->row.p_value = fmin(1, 2 * p);
    double error = sd * inflation * sqrt(1. / after + 1. / (w.n - after));
    return describe(causes, cause, &w, after, error);
}
