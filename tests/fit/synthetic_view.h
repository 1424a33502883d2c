/* A view made of drawn deals, field by field, for the tests of the fit. */
#ifndef RECOUP_TESTS_FIT_SYNTHETIC_VIEW_H
#define RECOUP_TESTS_FIT_SYNTHETIC_VIEW_H

#include "base/quarter.h"
#include "crm/view.h"
#include "model/model.h"
#include "simulate.h"

#include <stdio.h>
#include <stdlib.h>

enum { MARKET_QUARTERS = 8 };

/* What the deals are drawn from: the model itself, with every exit but the jumps. */
typedef struct world {
    const recoup_model *model;
    int n_deals;
    double days; /* deals are created evenly over so many days before the as-of date */
    bool by_day; /* times are cut to whole days */
    uint64_t seed;
    /* Added to the logit of exit 0 of deals that enter a stage in a quarter, the as-of date's, the
     * one before and so on: [stage * MARKET_QUARTERS + quarter]; NULL: nothing. */
    const double *market;
} world;

/* How many quarters before the as-of date's. */
static inline int quarters_ago(const recoup_view *view, double time) {
    const double days = 91.3125; /* of a quarter, on average */
    double now = recoup_quarter_of(view->period_start, view->as_of).start;
    return (int)round((now - recoup_quarter_of(view->period_start, time).start) / days);
}

static inline recoup_view *empty_view(int n_stages, int n_cohorts, int n_channels, int max_deals,
                                      int max_visits) {
    recoup_view *view = calloc(1, sizeof *view);
    char name[32];
    view->as_of = 20000;
    view->first_created = view->as_of;
    for (int i = 0; i < n_stages; i++) {
        snprintf(name, sizeof name, "stage %d", i + 1);
        recoup_names_add(&view->stages, name);
    }
    for (int i = 0; i < n_cohorts; i++) {
        snprintf(name, sizeof name, "cohort %d", i + 1);
        recoup_names_add(&view->cohorts, name);
    }
    for (int i = 0; i < n_channels; i++) {
        snprintf(name, sizeof name, "channel %d", i + 1);
        recoup_names_add(&view->channels, name);
    }
    size_t n = (size_t)max_deals;
    view->rep = recoup_arena_alloc(&view->arena, n, sizeof(int));
    view->cohort = recoup_arena_alloc(&view->arena, n, sizeof(int));
    view->channel = recoup_arena_alloc(&view->arena, n, sizeof(int));
    view->segment = recoup_arena_alloc(&view->arena, n, sizeof(int));
    view->stage = recoup_arena_alloc(&view->arena, n, sizeof(int));
    view->amount = recoup_arena_alloc(&view->arena, n, sizeof(double));
    view->list_amount = recoup_arena_alloc(&view->arena, n, sizeof(double));
    view->created = recoup_arena_alloc(&view->arena, n, sizeof(double));
    view->closed = recoup_arena_alloc(&view->arena, n, sizeof(double));
    view->stage_entered = recoup_arena_alloc(&view->arena, n, sizeof(double));
    view->outcome = recoup_arena_alloc(&view->arena, n, 1);
    view->visit = recoup_arena_alloc(&view->arena, (size_t)max_visits, sizeof *view->visit);
    return view;
}

static inline void free_view(recoup_view *view) {
    recoup_names_clear(&view->stages);
    recoup_names_clear(&view->cohorts);
    recoup_names_clear(&view->channels);
    recoup_names_clear(&view->segments);
    recoup_arena_clear(&view->arena);
    free(view);
}

/* Adds a deal that waits in `stage` from `created` on; its visits follow by add_visit. */
static inline int add_deal(recoup_view *view, int cohort, int channel, double created,
                           double amount) {
    int i = view->n_deals++;
    view->rep[i] = -1;
    view->cohort[i] = cohort;
    view->channel[i] = channel;
    view->segment[i] = -1;
    view->amount[i] = amount;
    view->list_amount[i] = NAN;
    view->created[i] = view->stage_entered[i] = created;
    view->closed[i] = NAN;
    view->first_created = fmin(view->first_created, created);
    view->n_open++;
    return i;
}

static inline void add_visit(recoup_view *view, int deal, int stage, double entered, double dwell,
                             int target) {
    view->visit[view->n_visits++] = (recoup_visit){deal, stage, entered, dwell, 0, target, true};
    view->stage[deal] = stage;
    view->stage_entered[deal] = entered;
    if (target == RECOUP_TO_WON || target == RECOUP_TO_LOST) {
        view->outcome[deal] = target == RECOUP_TO_WON ? RECOUP_WON : RECOUP_LOST;
        view->closed[deal] = entered + dwell;
        view->n_open--;
    }
}

/* Draws the life of a deal until the as-of date. True: it would be won in the end. */
static inline bool live(recoup_view *view, const world *from, int deal, uint64_t *seed) {
    double now = view->created[deal];
    int stage = 0, cohort = view->cohort[deal], channel = view->channel[deal];
    bool seen = true;
    for (;;) {
        const recoup_stage *at = &from->model->stage[stage];
        double logit[RECOUP_MAX_EXITS];
        for (int e = 0; e < at->n_exits; e++) {
            const recoup_exit *exit = &at->exit[e];
            logit[e] = exit->logit + (exit->cohort_logit ? exit->cohort_logit[cohort] : 0) +
                       (exit->channel_logit ? exit->channel_logit[channel] : 0);
        }
        if (from->market && now < view->as_of)
            logit[0] += from->market[stage * MARKET_QUARTERS + quarters_ago(view, now)];
        const recoup_exit *exit = &at->exit[draw_exit(at->n_exits, logit, seed)];
        recoup_dist dwell = exit->dwell;
        dwell.mu += exit->cohort_log_dwell ? exit->cohort_log_dwell[cohort] : 0;
        double end = now + recoup_dist_quantile(&dwell, uniform(seed));
        double entered = from->by_day ? floor(now) : now, left = from->by_day ? floor(end) : end;
        if (seen)
            add_visit(view, deal, stage, entered, fmin(left, view->as_of) - entered,
                      end < view->as_of ? exit->target : RECOUP_TO_NONE);
        seen = seen && end < view->as_of;
        if (exit->target < 0)
            return exit->target == RECOUP_EXIT_WON;
        stage = exit->target;
        now = end;
    }
}

/* *wins: how many of the deals are won in the end (NULL: not wanted). */
static inline recoup_view *draw_view(const world *from, double *wins) {
    const recoup_model *model = from->model;
    int n_channels = model->channels.n;
    recoup_view *view = empty_view(model->n_stages, model->cohorts.n, n_channels, from->n_deals,
                                   from->n_deals * model->n_stages * 4);
    uint64_t seed = from->seed;
    double n_won = 0;
    for (int i = 0; i < from->n_deals; i++) {
        double created = view->as_of - from->days * uniform(&seed);
        int cohort = (int)(uniform(&seed) * model->cohorts.n);
        int channel = n_channels ? (int)(uniform(&seed) * n_channels) : -1;
        double amount = exp(9 + uniform(&seed) + uniform(&seed));
        int deal = add_deal(view, cohort, channel, created, amount);
        n_won += live(view, from, deal, &seed);
        if (from->by_day)
            view->created[deal] = floor(created);
    }
    view->dated_by_day = from->by_day;
    if (wins)
        *wins = n_won;
    return view;
}

#endif
