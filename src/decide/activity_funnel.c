/* The fitted chain of exits as an absorbing Markov chain. */
#include "decide/activity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One kind of new deal. */
typedef struct kind {
    int cohort, channel, segment; /* segment -1: none */
    double log_size, discount, market;
} kind;

static double logit_of(const recoup_model *model, const recoup_exit *exit, const kind *deal) {
    if (strcmp(exit->name, "lost") == 0)
        return 0;
    double logit =
        exit->logit + exit->size_logit * deal->log_size + exit->discount_logit * deal->discount;
    if (exit->cohort_logit)
        logit += exit->cohort_logit[deal->cohort];
    if (exit->channel_logit)
        logit += exit->channel_logit[deal->channel];
    if (exit->segment_logit && deal->segment >= 0)
        logit += exit->segment_logit[deal->segment];
    if (strcmp(exit->name, "advance") == 0 || exit->target == RECOUP_EXIT_WON)
        logit += model->market_conversion * deal->market;
    return logit;
}

/* Row s of the chain: to[t] from stage s to stage t; what is won at once is returned. */
static double fill_row(const recoup_model *model, int s, const kind *deal, double *to) {
    const recoup_stage *stage = &model->stage[s];
    double most = 0, sum = 0, won = 0;
    for (int e = 0; e < stage->n_exits; e++)
        most = fmax(most, logit_of(model, &stage->exit[e], deal));
    for (int e = 0; e < stage->n_exits; e++)
        sum += exp(logit_of(model, &stage->exit[e], deal) - most);
    for (int e = 0; e < stage->n_exits; e++) {
        const recoup_exit *exit = &stage->exit[e];
        double p = exp(logit_of(model, exit, deal) - most) / sum;
        if (exit->target >= 0)
            to[exit->target] += p;
        else if (exit->target == RECOUP_EXIT_WON)
            won += p;
    }
    return won;
}

/* Solves x = start + Q' x for the mean numbers of entries by elimination; I - Q' is an M-matrix, so
 * that no pivoting is needed (Berman & Plemmons 1994, chapter 6). `a` holds I - Q', x the start. */
static void solve(double *a, double *x, int n) {
    for (int k = 0; k < n; k++)
        for (int i = k + 1; i < n; i++) {
            double factor = a[i * n + k] / a[k * n + k];
            for (int j = k; j < n && factor != 0; j++)
                a[i * n + j] -= factor * a[k * n + j];
            x[i] -= factor * x[k];
        }
    for (int i = n - 1; i >= 0; i--) {
        for (int j = i + 1; j < n; j++)
            x[i] -= a[i * n + j] * x[j];
        x[i] /= a[i * n + i];
    }
}

/* Adds one kind with its weight; `room` holds 2 n² + 2 n numbers. */
static void add_kind(const recoup_model *model, const kind *deal, double weight, double *room,
                     recoup_funnel *funnel) {
    int n = model->n_stages;
    size_t square = (size_t)n * (size_t)n;
    double *to = room, *a = to + square, *x = a + square, *won = x + n;
    memset(to, 0, square * sizeof *to);
    for (int s = 0; s < n; s++)
        won[s] = fill_row(model, s, deal, to + (size_t)s * (size_t)n);
    for (int s = 0; s < n; s++)
        for (int t = 0; t < n; t++)
            a[t * n + s] = (s == t) - to[s * n + t];
    for (int s = 0; s < n; s++)
        x[s] = s == 0;
    solve(a, x, n);
    for (int s = 0; s < n; s++) {
        funnel->entries[s] += weight * x[s];
        funnel->win += weight * x[s] * won[s];
    }
}

bool recoup_funnel_sizes(const recoup_model *model, double *log_size, int n) {
    bool matters = false;
    for (int s = 0; s < model->n_stages; s++)
        for (int e = 0; e < model->stage[s].n_exits; e++)
            matters |= model->stage[s].exit[e].size_logit != 0;
    for (int i = 0; i < n; i++)
        log_size[i] =
            matters && model->has_new_amount
                ? log(recoup_dist_quantile(&model->new_amount, (i + .5) / n) / model->size_ref)
                : 0;
    return matters && model->has_new_amount;
}

bool recoup_funnel_discounts(const recoup_model *model, double *discount, int n) {
    bool matters = false;
    for (int s = 0; s < model->n_stages; s++)
        for (int e = 0; e < model->stage[s].n_exits; e++)
            matters |= model->stage[s].exit[e].discount_logit != 0;
    for (int i = 0; i < n; i++) {
        double at = (i + .5) / n * (model->n_discount - 1);
        int below = (int)at;
        discount[i] = 0;
        if (model->n_discount > 0) {
            int above = below + 1 < model->n_discount ? below + 1 : below;
            const double *quantile = model->discount_quantile;
            discount[i] = quantile[below] + (at - below) * (quantile[above] - quantile[below]);
        }
    }
    return matters && model->n_discount > 0;
}

bool recoup_funnel_make(const recoup_model *model, int cohort, int channel, double market,
                        recoup_funnel *funnel) {
    double log_size[RECOUP_FUNNEL_NODES], discount[RECOUP_FUNNEL_NODES];
    int n_sizes =
        recoup_funnel_sizes(model, log_size, RECOUP_FUNNEL_NODES) ? RECOUP_FUNNEL_NODES : 1;
    int n_discounts =
        recoup_funnel_discounts(model, discount, RECOUP_FUNNEL_NODES) ? RECOUP_FUNNEL_NODES : 1;
    int n_segments = model->segment_mix ? model->segments.n : 1;
    size_t n = (size_t)model->n_stages;
    double *room = RECOUP_NEW(double, 2 * n * n + 2 * n);
    if (!room)
        return false;
    funnel->win = 0;
    memset(funnel->entries, 0, n * sizeof *funnel->entries);
    for (int k = 0; k < n_segments; k++)
        for (int i = 0; i < n_sizes; i++)
            for (int j = 0; j < n_discounts; j++) {
                kind deal = {cohort,      channel,     model->segment_mix ? k : -1,
                             log_size[i], discount[j], market};
                double weight =
                    (model->segment_mix ? model->segment_mix[k] : 1) / (n_sizes * n_discounts);
                add_kind(model, &deal, weight, room, funnel);
            }
    free(room);
    return true;
}
