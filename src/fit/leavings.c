#include "fit/leavings.h"

#include "fit/calendar.h"
#include "fit/groups.h"
#include "fit/predict.h"
#include <math.h>
#include <stdlib.h>

enum { STRATA = 20, STRATUM_STAYS = 50 };
/* Of the weak prior N(0, 1.5²) on a stratum's odds, which keeps them finite. */
#define PRECISION (1 / (1.5 * 1.5))

double recoup_leaving_share(double odds) {
    return 1 / (1 + exp(-odds));
}

/* The exit that the question is about; NULL: none of the stage's. */
static const recoup_exit *exit_of(const recoup_stage *stage, bool to_won) {
    for (int e = 0; e < stage->n_exits; e++)
        if (e == RECOUP_ADVANCE ? !to_won || stage->exit[e].target == RECOUP_EXIT_WON
                                : to_won && stage->exit[e].target == RECOUP_EXIT_WON)
            return &stage->exit[e];
    return NULL;
}

/* By stage, then by dwell time; the rest makes the order one. */
static int compare(const void *left, const void *right) {
    const recoup_leaving *a = left, *b = right;
    if (a->stage != b->stage)
        return a->stage < b->stage ? -1 : 1;
    if (a->dwell_days != b->dwell_days)
        return a->dwell_days < b->dwell_days ? -1 : 1;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    return (a->deal > b->deal) - (a->deal < b->deal);
}

static int gather(const recoup_fitting *fitting, bool to_won, recoup_leaving *list) {
    const recoup_view *view = fitting->view;
    const recoup_model *model = fitting->model;
    int n = 0;
    for (int i = 0; i < view->n_visits; i++) {
        const recoup_visit *visit = &view->visit[i];
        const recoup_exit *exit = exit_of(&model->stage[visit->stage], to_won);
        if (visit->target == RECOUP_TO_NONE || !visit->entry_known || !exit)
            continue;
        double time = visit->entered + visit->dwell;
        recoup_deal_state deal = recoup_deal_state_of(view, visit->deal);
        bool won = visit->target == RECOUP_TO_WON;
        list[n++] =
            (recoup_leaving){.deal = visit->deal,
                             .stage = visit->stage,
                             .time = time,
                             .dwell_days = visit->dwell,
                             .odds = recoup_exit_logit_of(model, exit, &deal) - exit->logit +
                                     recoup_calendar_logit(model, view, exit, time),
                             .yes = won || (!to_won && visit->target > visit->stage)};
    }
    return n;
}

/* Adds the odds of the stratum, so that as many are expected as there were. */
static void set_odds(recoup_leaving *list, int n, int stratum) {
    enum { MAX_ROUNDS = 50 };
    double common = 0, step = 1;
    for (int round = 0; round < MAX_ROUNDS && fabs(step) > 1e-10; round++) {
        double score = -PRECISION * common, information = PRECISION;
        for (int i = 0; i < n; i++) {
            double q = recoup_leaving_share(list[i].odds + common);
            score += list[i].yes - q;
            information += q * (1 - q);
        }
        step = fmax(-1, fmin(1, score / information));
        common += step;
    }
    for (int i = 0; i < n; i++) {
        list[i].odds += common;
        list[i].stratum = stratum;
    }
}

bool recoup_leavings_create(const recoup_fitting *fitting, bool to_won, recoup_leavings *leavings) {
    *leavings = (recoup_leavings){.n = 0};
    recoup_leaving *list = leavings->leaving = RECOUP_NEW(recoup_leaving, fitting->view->n_visits);
    if (!list)
        return false;
    int n = leavings->n = gather(fitting, to_won, list);
    if (n > 1)
        qsort(list, (size_t)n, sizeof *list, compare);
    for (int first = 0, end; first < n; first = end) {
        end = first;
        while (end < n && list[end].stage == list[first].stage)
            end++;
        int size = end - first, n_strata = size / STRATUM_STAYS;
        n_strata = n_strata < 1 ? 1 : n_strata > STRATA ? STRATA : n_strata;
        for (int k = 0; k < n_strata; k++) {
            int from = (int)((long)size * k / n_strata),
                to = (int)((long)size * (k + 1) / n_strata);
            set_odds(list + first + from, to - from, leavings->n_strata++);
        }
    }
    return true;
}

void recoup_leavings_clear(recoup_leavings *leavings) {
    free(leavings->leaving);
}
