#include "diagnose/sample.h"

#include "base/memory.h"
#include "base/quarter.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_QUARTERS = 12 };
#define QUARTER_DAYS 91.3125 /* a year of 365.25 days in four */
#define GIVEN_SHARE .8

static bool create(int most, recoup_sample *sample) {
    *sample = (recoup_sample){.n = 0};
    sample->stay = RECOUP_NEW(recoup_stay, most);
    sample->entered = RECOUP_NEW(double, most);
    sample->outcome = RECOUP_NEW(double, most);
    sample->is_in = RECOUP_NEW(bool, most);
    sample->rep = RECOUP_NEW(int, most);
    bool enough =
        sample->stay && sample->entered && sample->outcome && sample->is_in && sample->rep;
    for (int t = 0; t < RECOUP_N_TRAITS; t++) {
        sample->level[t] = RECOUP_NEW(int, most);
        enough = enough && sample->level[t];
    }
    return enough;
}

static bool create_for(const recoup_view *view, int most, recoup_sample *sample) {
    bool enough = create(most, sample);
    sample->n_reps = view->n_reps;
    sample->n_levels[RECOUP_BY_COHORT] = view->cohorts.n;
    sample->n_levels[RECOUP_BY_CHANNEL] = view->channels.n;
    sample->n_levels[RECOUP_BY_SEGMENT] = view->segments.n;
    sample->n_levels[RECOUP_BY_COMPETITOR] = view->competitors.n;
    sample->n_levels[RECOUP_BY_QUARTER] = MAX_QUARTERS;
    return enough;
}

void recoup_sample_clear(recoup_sample *sample) {
    free(sample->stay);
    free(sample->entered);
    free(sample->outcome);
    free(sample->is_in);
    free(sample->rep);
    for (int t = 0; t < RECOUP_N_TRAITS; t++)
        free(sample->level[t]);
}

static int quarter_of(const recoup_view *view, double time) {
    double now = recoup_quarter_of(view->period_start, view->as_of).start;
    double then = recoup_quarter_of(view->period_start, time).start;
    int back = (int)round((now - then) / QUARTER_DAYS);
    return back < 0 ? 0 : back >= MAX_QUARTERS ? MAX_QUARTERS - 1 : back;
}

static void add(const recoup_view *view, recoup_sample *sample, recoup_stay stay, double entered) {
    int i = sample->n++, deal = stay.deal;
    sample->stay[i] = stay;
    sample->entered[i] = entered;
    sample->rep[i] = view->rep[deal];
    sample->level[RECOUP_BY_COHORT][i] = view->cohort[deal];
    sample->level[RECOUP_BY_CHANNEL][i] = view->channel[deal];
    sample->level[RECOUP_BY_SEGMENT][i] = view->segment[deal];
    sample->level[RECOUP_BY_COMPETITOR][i] = view->competitor ? view->competitor[deal] : -1;
    sample->level[RECOUP_BY_QUARTER][i] = quarter_of(view, entered);
}

bool recoup_sample_of_stage(const recoup_view *view, int stage, recoup_sample *sample) {
    int n = 0, known = 0;
    for (int i = 0; i < view->n_visits; i++) {
        const recoup_visit *visit = &view->visit[i];
        n += visit->stage == stage;
        known += visit->stage == stage && visit->target != RECOUP_TO_NONE && visit->entry_known;
    }
    if (!create_for(view, n, sample))
        return false;
    for (int i = 0; i < view->n_visits; i++) {
        const recoup_visit *visit = &view->visit[i];
        if (visit->stage != stage || (known > 0 && !visit->entry_known))
            continue;
        double entered = visit->entry_known ? visit->entered : view->created[visit->deal];
        add(view, sample, recoup_stay_of_visit(visit, entered), entered);
    }
    return true;
}

bool recoup_sample_of_deals(const recoup_view *view, recoup_sample *sample) {
    if (!create_for(view, view->n_deals, sample))
        return false;
    for (int i = 0; i < view->n_deals; i++)
        add(view, sample, recoup_stay_of_deal(view, i), view->created[i]);
    return true;
}

/* The i-th of one becomes the k-th of the other. */
static void move(const recoup_sample *from, int i, recoup_sample *to, int k) {
    to->stay[k] = from->stay[i];
    to->entered[k] = from->entered[i];
    to->outcome[k] = from->outcome[i];
    to->is_in[k] = from->is_in[i];
    to->rep[k] = from->rep[i];
    for (int t = 0; t < RECOUP_N_TRAITS; t++)
        to->level[t][k] = from->level[t][i];
}

void recoup_sample_keep(recoup_sample *sample, const bool *keep) {
    int n = 0;
    for (int i = 0; i < sample->n; i++)
        if (keep[i])
            move(sample, i, sample, n++);
    sample->n = n;
}

bool recoup_sample_copy(const recoup_sample *sample, const bool *keep, recoup_sample *copy) {
    if (!create(sample->n, copy))
        return false;
    copy->n_reps = sample->n_reps;
    memcpy(copy->n_levels, sample->n_levels, sizeof copy->n_levels);
    for (int i = 0; i < sample->n; i++)
        if (keep[i])
            move(sample, i, copy, copy->n++);
    return true;
}

/* One level's stays: their conversion and pseudo-values. `part`, `influence`: room for all. */
static bool convert_level(recoup_sample *sample, recoup_trait by, int level, recoup_stay *part,
                          double *influence, recoup_conversion *conversion) {
    int n = 0;
    for (int i = 0; i < sample->n; i++)
        if (sample->level[by][i] == level)
            part[n++] = sample->stay[i];
    if (!recoup_conversion_of(part, n, conversion, influence))
        return false;
    n = 0;
    for (int i = 0; i < sample->n; i++)
        if (sample->level[by][i] == level)
            sample->outcome[i] = conversion->value + influence[n++];
    return true;
}

bool recoup_sample_convert(recoup_sample *sample, recoup_trait by, recoup_conversion *conversion) {
    recoup_stay *part = RECOUP_NEW(recoup_stay, sample->n);
    double *influence = RECOUP_NEW(double, sample->n);
    bool *keep = RECOUP_NEW(bool, sample->n);
    bool enough = part && influence && keep;
    for (int k = 0; k < sample->n_levels[by] && enough; k++)
        enough = convert_level(sample, by, k, part, influence, &conversion[k]);
    for (int i = 0; i < sample->n && enough; i++)
        keep[i] = sample->level[by][i] >= 0 && isfinite(sample->outcome[i]);
    if (enough)
        recoup_sample_keep(sample, keep);
    free(part);
    free(influence);
    free(keep);
    return enough;
}

bool recoup_sample_tells(const recoup_sample *sample, recoup_trait trait) {
    int given = 0, first = -1;
    bool differ = false;
    for (int i = 0; i < sample->n; i++) {
        int level = sample->level[trait][i];
        if (level < 0)
            continue;
        given++;
        differ = differ || (first >= 0 && level != first);
        first = first < 0 ? level : first;
    }
    return differ && given >= GIVEN_SHARE * sample->n;
}

bool recoup_sample_compare(const recoup_sample *sample, recoup_trait by, int n_more,
                           const recoup_factor *more, recoup_contrast *contrast) {
    recoup_contrast_data data = {.n = sample->n,
                                 .outcome = sample->outcome,
                                 .is_in = sample->is_in,
                                 .rep = sample->rep,
                                 .n_reps = sample->n_reps};
    int *level[RECOUP_N_TRAITS] = {0};
    bool enough = true;
    for (int k = 0; k < n_more; k++)
        data.factor[data.n_factors++] = more[k];
    for (int t = 0; t < RECOUP_N_TRAITS && enough; t++) {
        if ((t == (int)by && by != RECOUP_BY_COHORT) || !recoup_sample_tells(sample, t))
            continue;
        level[t] = RECOUP_NEW(int, sample->n);
        enough = level[t] != NULL;
        for (int i = 0; i < sample->n && enough; i++)
            level[t][i] = sample->level[t][i] + 1; /* 0: not given */
        data.factor[data.n_factors++] =
            (recoup_factor){level[t], sample->n_levels[t] + 1, t == (int)by};
    }
    enough = enough && recoup_contrast_of(&data, contrast);
    for (int t = 0; t < RECOUP_N_TRAITS; t++)
        free(level[t]);
    return enough;
}
