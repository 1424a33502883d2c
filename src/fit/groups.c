#include "fit/groups.h"

#include "fit/pool.h"
#include <math.h>
#include <stdlib.h>

enum { MAX = RECOUP_MAX_EXITS };

/* Of the weak prior N(0, 1.5²) on a group's difference, which keeps it finite. */
#define PRECISION (1 / (1.5 * 1.5))

recoup_deal_state recoup_deal_state_of(const recoup_view *view, int deal) {
    return (recoup_deal_state){.stage = view->stage[deal],
                               .age_days = view->as_of - view->stage_entered[deal],
                               .cohort = view->cohort[deal],
                               .channel = view->channel[deal],
                               .segment = view->segment[deal],
                               .amount = view->amount[deal]};
}

/* What one stay says of a slope d on x in the advance logit (x = 1: a shift): log of
 * (end_0·e^(d·x) + end_1) / (start_0·e^(d·x) + start_1), with the terms of all exits but advance
 * added up.
 */
typedef struct ratio {
    int group;
    double x;
    double end[2], start[2]; /* logarithms */
} ratio;

/* log(pi_e·S_e(age)) up to a common constant: advance apart, the others added up. */
static void odds_at(const recoup_model *model, const recoup_stage *stage,
                    const recoup_deal_state *deal, double age, double *odds) {
    double term[MAX] = {0};
    for (int e = 0; e < stage->n_exits; e++) {
        recoup_dist dwell = recoup_exit_dwell_of(&stage->exit[e], deal);
        term[e] = recoup_exit_logit_of(model, &stage->exit[e], deal) +
                  recoup_dist_log_survival(&dwell, age);
    }
    odds[0] = term[RECOUP_ADVANCE];
    odds[1] = recoup_log_sum(stage->n_exits - 1, term + 1);
}

static ratio ratio_of(const recoup_fitting *fitting, const recoup_stage *stage,
                      const recoup_stay *stay, int group) {
    ratio result = {.group = group, .x = 1};
    recoup_deal_state deal = recoup_deal_state_of(fitting->view, stay->deal);
    odds_at(fitting->model, stage, &deal, stay->entry_days, result.start);
    if (stay->kind == RECOUP_STAY_OPEN) {
        odds_at(fitting->model, stage, &deal, stay->dwell_days, result.end);
    } else {
        result.end[0] = stay->exit == RECOUP_ADVANCE ? 0 : -INFINITY;
        result.end[1] = stay->exit == RECOUP_ADVANCE ? -INFINITY : 0;
    }
    return result;
}

/* log(e^(odds0 + d) + e^odds1), and the share of the first. */
static double log_odds_sum(const double *odds, double d, double *share) {
    double both[2] = {odds[0] + d, odds[1]};
    double total = recoup_log_sum(2, both);
    *share = isfinite(total) ? exp(both[0] - total) : 0;
    return total;
}

typedef struct shift {
    double value, variance, log_likelihood;
} shift;

/* The most likely slope of one group (-1: all), with a prior N(0, 1 / precision); the likelihood
 * without that. */
static shift fit_shift(const ratio *list, int n, int group, double precision) {
    enum { MAX_ROUNDS = 100 };
    const double least_curvature = fmax(precision, 1e-3);
    shift result = {0, INFINITY, 0};
    for (int round = 0; round < MAX_ROUNDS; round++) {
        double slope = -precision * result.value, curvature = precision;
        result.log_likelihood = 0;
        for (int i = 0; i < n; i++) {
            if (group >= 0 && list[i].group != group)
                continue;
            double at_end, at_start, x = list[i].x;
            result.log_likelihood += log_odds_sum(list[i].end, result.value * x, &at_end);
            result.log_likelihood -= log_odds_sum(list[i].start, result.value * x, &at_start);
            slope += x * (at_end - at_start);
            curvature += x * x * (at_start * (1 - at_start) - at_end * (1 - at_end));
        }
        /* Open stays can bend the likelihood the other way; a short step up serves there. */
        double step = slope / fmax(curvature, least_curvature);
        result.variance = 1 / fmax(curvature, least_curvature);
        if (fabs(step) < 1e-10)
            break;
        result.value += fmax(-1, fmin(1, step));
    }
    return result;
}

/* All stays, or only those whose deal has a group. */
static int gather(const recoup_fitting *fitting, const recoup_stage *stage,
                  const recoup_stage_data *data, const int *group, bool all, ratio *list) {
    int n = 0;
    for (int i = 0; i < data->n_stays; i++)
        if (all || group[data->stay[i].deal] >= 0)
            list[n++] = ratio_of(fitting, stage, &data->stay[i], group[data->stay[i].deal]);
    return n;
}

recoup_status recoup_fit_advance_term(recoup_fitting *fitting, recoup_stage *stage,
                                      const recoup_stage_data *data, const int *group, int n_groups,
                                      int n_team, double **term) {
    if (n_groups < 2 || data->n_stays == 0)
        return RECOUP_OK;
    recoup_status status = RECOUP_OK;
    ratio *list = RECOUP_NEW(ratio, data->n_stays);
    double *estimate = RECOUP_NEW(double, 2 * (size_t)n_groups), *variance = estimate + n_groups;
    double *pooled = recoup_arena_alloc(&fitting->model->arena, (size_t)n_groups, sizeof(double));
    bool *seen = RECOUP_NEW(bool, n_groups);
    if (!list || !estimate || !pooled || !seen) {
        status = recoup_fail_memory(fitting->error);
        goto done;
    }
    int n = gather(fitting, stage, data, group, false, list), n_seen = 0;
    for (int i = 0; i < n; i++) {
        n_seen += !seen[list[i].group];
        seen[list[i].group] = true;
    }
    if (n_seen < 2)
        goto done;
    double apart = 0, together = fit_shift(list, n, -1, PRECISION).log_likelihood;
    for (int g = 0; g < n_groups; g++) {
        shift one = fit_shift(list, n, g, PRECISION);
        estimate[g] = one.value;
        variance[g] = seen[g] ? one.variance : INFINITY;
        apart += seen[g] ? one.log_likelihood : 0;
    }
    if (recoup_aicc(apart, n_team + n_seen - 1, n) < recoup_aicc(together, n_team, n) &&
        recoup_pool(n_groups, estimate, variance, pooled) > 0) {
        *term = pooled;
        n = gather(fitting, stage, data, group, true, list);
        stage->exit[RECOUP_ADVANCE].logit += fit_shift(list, n, -1, 0).value;
    }
done:
    free(list);
    free(estimate);
    free(seen);
    return status;
}

/* The ratios of all stays whose deal has an amount, x = ln(amount / size_ref) less `centre` or 1.
 */
static int gather_sizes(const recoup_fitting *fitting, const recoup_stage *stage,
                        const recoup_stage_data *data, bool as_slope, double centre, ratio *list) {
    int n = 0;
    for (int i = 0; i < data->n_stays; i++) {
        double amount = fitting->view->amount[data->stay[i].deal];
        if (!(amount > 0))
            continue;
        list[n] = ratio_of(fitting, stage, &data->stay[i], -1);
        list[n++].x = as_slope ? log(amount / fitting->model->size_ref) - centre : 1;
    }
    return n;
}

/* Slope and base logit in turn; with x centred they hardly interact, so a few rounds suffice. */
recoup_status recoup_fit_size_term(recoup_fitting *fitting, recoup_stage *stage,
                                   const recoup_stage_data *data, int n_team) {
    enum { ROUNDS = 4 };
    recoup_exit *advance = &stage->exit[RECOUP_ADVANCE];
    ratio *list = RECOUP_NEW(ratio, data->n_stays);
    if (!list)
        return recoup_fail_memory(fitting->error);
    int n = gather_sizes(fitting, stage, data, true, 0, list);
    double centre = 0, spread = 0, unused, without = 0;
    for (int i = 0; i < n; i++)
        centre += list[i].x / n;
    for (int i = 0; i < n; i++) {
        spread += (list[i].x - centre) * (list[i].x - centre);
        without += log_odds_sum(list[i].end, 0, &unused) - log_odds_sum(list[i].start, 0, &unused);
    }
    for (int i = 0; i < n; i++)
        list[i].x -= centre;
    shift slope = fit_shift(list, n, -1, PRECISION);
    if (!(spread > 0) ||
        recoup_aicc(slope.log_likelihood, n_team + 1, n) >= recoup_aicc(without, n_team, n))
        goto done;
    for (int round = 0; round < ROUNDS; round++) {
        if (round > 0) {
            n = gather_sizes(fitting, stage, data, true, centre, list);
            slope = fit_shift(list, n, -1, 0);
        }
        advance->size_logit += slope.value;
        advance->logit -= slope.value * centre;
        n = gather_sizes(fitting, stage, data, false, 0, list);
        advance->logit += fit_shift(list, n, -1, 0).value;
    }
done:
    free(list);
    return RECOUP_OK;
}
