#include "fit/groups.h"

#include "fit/inflow.h"

#include "fit/pool.h"
#include <float.h>
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
                               .amount = view->amount[deal],
                               .discount = recoup_discount_of(view, deal)};
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

/* log(e^(odds0 + d) + e^odds1), and the share of the first; of a stay that ended one is nothing. */
static double log_odds_sum(const double *odds, double d, double *share) {
    double both[2] = {odds[0] + d, odds[1]};
    if (both[0] == -INFINITY || both[1] == -INFINITY) {
        *share = both[0] > both[1];
        return fmax(both[0], both[1]);
    }
    double total = recoup_log_sum(2, both);
    *share = isfinite(total) ? exp(both[0] - total) : 0;
    return total;
}

typedef struct shift {
    double value, variance, log_likelihood;
} shift;

/* The most likely slope of one group (-1: all), with a prior N(centre, 1 / precision); the
 * likelihood without that. */
static shift fit_shift_around(const ratio *list, int n, int group, double precision,
                              double centre) {
    enum { MAX_ROUNDS = 100 };
    const double least_curvature = fmax(precision, 1e-3);
    shift result = {0, INFINITY, 0};
    for (int round = 0; round < MAX_ROUNDS; round++) {
        double slope = -precision * (result.value - centre), curvature = precision;
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

static shift fit_shift(const ratio *list, int n, int group, double precision) {
    return fit_shift_around(list, n, group, precision, 0);
}

/* The ratios of the stays whose deal has a group. */
static int gather(const recoup_fitting *fitting, const recoup_stage *stage,
                  const recoup_stage_data *data, const int *group, ratio *list) {
    int n = 0;
    for (int i = 0; i < data->n_stays; i++)
        if (group[data->stay[i].deal] >= 0)
            list[n++] = ratio_of(fitting, stage, &data->stay[i], group[data->stay[i].deal]);
    return n;
}

/* The cohorts were compared when no other term was known, so that what these give to a cohort's
 * deals on average is in its logit already. That is taken out of it, and the base logit fitted
 * again; settled[c]: how much was taken out before. */
static bool settle_cohorts(const recoup_fitting *fitting, recoup_stage *stage,
                           const recoup_stage_data *data, double *settled) {
    recoup_exit *advance = &stage->exit[RECOUP_ADVANCE], others = *advance;
    int n_cohorts = fitting->view->cohorts.n;
    double *sum = RECOUP_NEW(double, 2 * (size_t)n_cohorts), total = 0;
    ratio *list = RECOUP_NEW(ratio, data->n_stays);
    bool enough = sum && list;
    others.logit = 0;
    others.cohort_logit = NULL;
    for (int i = 0; i < data->n_stays && enough; i++) {
        recoup_deal_state deal = recoup_deal_state_of(fitting->view, data->stay[i].deal);
        double value = recoup_exit_logit_of(fitting->model, &others, &deal);
        sum[deal.cohort] += value;
        sum[n_cohorts + deal.cohort]++;
        total += value;
    }
    for (int c = 0; c < n_cohorts && enough && advance->cohort_logit; c++) {
        double n = sum[n_cohorts + c], mean = n > 0 ? sum[c] / n - total / data->n_stays : 0;
        advance->cohort_logit[c] += settled[c] - mean;
        settled[c] = mean;
    }
    for (int i = 0; i < data->n_stays && enough; i++)
        list[i] = ratio_of(fitting, stage, &data->stay[i], -1);
    if (enough)
        advance->logit += fit_shift(list, data->n_stays, -1, 0).value;
    free(sum);
    free(list);
    return enough;
}

/* The groups of one term by themselves, and pooled. */
typedef struct group_fit {
    int n_groups, n_seen;
    double *estimate, *variance, *of_theta, *pooled;
    double log_likelihood; /* of the groups by themselves */
} group_fit;

static double fit_groups(const ratio *list, int n, group_fit *fit) {
    fit->log_likelihood = 0;
    fit->n_seen = 0;
    for (int g = 0; g < fit->n_groups; g++)
        fit->variance[g] = INFINITY;
    for (int i = 0; i < n; i++)
        fit->variance[list[i].group] = 0;
    for (int g = 0; g < fit->n_groups; g++) {
        if (isinf(fit->variance[g]))
            continue;
        shift one = fit_shift(list, n, g, PRECISION);
        fit->estimate[g] = one.value;
        fit->variance[g] = one.variance;
        fit->log_likelihood += one.log_likelihood;
        fit->n_seen++;
    }
    return recoup_pool_posterior(fit->n_groups, fit->estimate, fit->variance, fit->pooled,
                                 fit->of_theta);
}

/* Cohorts and groups in turn: each round leaves of the error the share of the groups' differences
 * that cohorts explain, as in every backfitting (Buja, Hastie & Tibshirani 1989). */
recoup_status recoup_fit_advance_term(recoup_fitting *fitting, recoup_stage *stage,
                                      const recoup_stage_data *data, const int *group, int n_groups,
                                      int n_team, double *settled, double **term) {
    enum { ROUNDS = 8 };
    if (n_groups < 2 || data->n_stays == 0)
        return RECOUP_OK;
    recoup_status status = RECOUP_OK;
    ratio *list = RECOUP_NEW(ratio, data->n_stays);
    group_fit fit = {.n_groups = n_groups, .estimate = RECOUP_NEW(double, 3 * (size_t)n_groups)};
    fit.pooled = recoup_arena_alloc(&fitting->model->arena, (size_t)n_groups, sizeof(double));
    if (!list || !fit.estimate || !fit.pooled) {
        status = recoup_fail_memory(fitting->error);
        goto done;
    }
    fit.variance = fit.estimate + n_groups;
    fit.of_theta = fit.variance + n_groups;
    int n = gather(fitting, stage, data, group, list);
    double together = fit_shift(list, n, -1, PRECISION).log_likelihood;
    double tau2 = fit_groups(list, n, &fit);
    if (fit.n_seen < 2 || !(tau2 > 0) ||
        recoup_aicc(fit.log_likelihood, n_team + fit.n_seen - 1, n) >=
            recoup_aicc(together, n_team, n))
        goto done;
    int rounds = stage->exit[RECOUP_ADVANCE].cohort_logit ? ROUNDS : 1;
    for (int round = 0; round < rounds; round++) {
        if (round > 0) {
            *term = NULL;
            n = gather(fitting, stage, data, group, list);
            tau2 = fit_groups(list, n, &fit);
        }
        *term = fit.pooled;
        if (!settle_cohorts(fitting, stage, data, settled)) {
            status = recoup_fail_memory(fitting->error);
            goto done;
        }
    }
    recoup_posterior_add_groups(&fitting->posterior, n_groups, fit.pooled, fit.variance, tau2,
                                fit.of_theta);
done:
    free(list);
    free(fit.estimate);
    return status;
}

/* The ratios of all stays whose deal has an amount, x = ln(amount / size_ref) less `centre`. */
static int gather_sizes(const recoup_fitting *fitting, const recoup_stage *stage,
                        const recoup_stage_data *data, double centre, ratio *list) {
    int n = 0;
    for (int i = 0; i < data->n_stays; i++) {
        double amount = fitting->view->amount[data->stay[i].deal];
        if (!(amount > 0))
            continue;
        list[n] = ratio_of(fitting, stage, &data->stay[i], -1);
        list[n++].x = log(amount / fitting->model->size_ref) - centre;
    }
    return n;
}

/* The slope in turn with the cohorts and the base logit; with x centred it hardly interacts with
 * the latter. The slope as a whole has the prior, which keeps it finite where sizes tell won deals
 * from lost ones without an exception. */
recoup_status recoup_fit_size_term(recoup_fitting *fitting, recoup_stage *stage,
                                   const recoup_stage_data *data, int n_team, double *settled) {
    enum { ROUNDS = 8 };
    recoup_exit *advance = &stage->exit[RECOUP_ADVANCE];
    recoup_status status = RECOUP_OK;
    ratio *list = RECOUP_NEW(ratio, data->n_stays);
    if (!list)
        return recoup_fail_memory(fitting->error);
    int n = gather_sizes(fitting, stage, data, 0, list);
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
            n = gather_sizes(fitting, stage, data, centre, list);
            slope = fit_shift_around(list, n, -1, PRECISION, -advance->size_logit);
        }
        advance->size_logit += slope.value;
        advance->logit -= slope.value * centre;
        if (!settle_cohorts(fitting, stage, data, settled)) {
            status = recoup_fail_memory(fitting->error);
            goto done;
        }
    }
    /* The logit is known at the centre of the sizes, and the slope turns around that. */
    recoup_posterior_add(&fitting->posterior, 2,
                         (double *[2]){&advance->size_logit, &advance->logit},
                         (double[4]){slope.variance, -centre * slope.variance,
                                     -centre * slope.variance, centre * centre * slope.variance});
done:
    free(list);
    return status;
}

/* log of the probability to end within the days that a stay was under observation. */
static double log_ended(const recoup_dist *dwell, const recoup_stay *stay, double follow_up) {
    if (stay->kind == RECOUP_STAY_UNDATED)
        return 0;
    double share = recoup_dist_cdf(dwell, fmax(1, follow_up));
    if (stay->entry_days > 0)
        share -= recoup_dist_cdf(dwell, stay->entry_days);
    return log(fmax(share, DBL_MIN));
}

/* What the end of a stay says, given that it has ended by now. */
static ratio end_ratio_of(const recoup_view *view, const recoup_model *model,
                          const recoup_stage *stage, const recoup_stay *stay, double follow_up,
                          int group) {
    ratio result = {.group = group, .x = 1};
    double term[MAX] = {0};
    recoup_deal_state deal = recoup_deal_state_of(view, stay->deal);
    for (int e = 0; e < stage->n_exits && e < MAX; e++) {
        recoup_dist dwell = recoup_exit_dwell_of(&stage->exit[e], &deal);
        term[e] = recoup_exit_logit_of(model, &stage->exit[e], &deal) +
                  log_ended(&dwell, stay, follow_up);
    }
    result.start[0] = term[RECOUP_ADVANCE];
    result.start[1] = recoup_log_sum(stage->n_exits - 1, term + 1);
    result.end[0] = stay->exit == RECOUP_ADVANCE ? 0 : -INFINITY;
    result.end[1] = stay->exit == RECOUP_ADVANCE ? -INFINITY : 0;
    return result;
}

static int compare_ratios(const void *left, const void *right) {
    const ratio *a = left, *b = right;
    return (a->group > b->group) - (a->group < b->group);
}

/* Takes the prior that kept it finite out of a group's difference again. */
static void set_shift(recoup_group_shifts *shifts, int group, const ratio *list, int n) {
    shift one = fit_shift(list, n, -1, PRECISION);
    double information = 1 / one.variance - PRECISION;
    if (information > 1e-6) {
        shifts->value[group] = one.value * (information + PRECISION) / information;
        shifts->variance[group] = 1 / information;
    }
}

bool recoup_group_shifts_create(const recoup_view *view, const recoup_model *model,
                                const recoup_stage *stage, const recoup_stage_data *data,
                                const double *follow_up_days, const int *group, int n_groups,
                                recoup_group_shifts *shifts) {
    *shifts = (recoup_group_shifts){.n_groups = n_groups,
                                    .value = RECOUP_NEW(double, n_groups),
                                    .variance = RECOUP_NEW(double, n_groups),
                                    .stay_group = RECOUP_NEW(int, data->n_stays),
                                    .stay_deal = RECOUP_NEW(int, data->n_stays),
                                    .score = RECOUP_NEW(double, data->n_stays),
                                    .information = RECOUP_NEW(double, data->n_stays)};
    ratio *list = RECOUP_NEW(ratio, data->n_stays);
    bool enough = list && shifts->value && shifts->variance && shifts->stay_group &&
                  shifts->stay_deal && shifts->score && shifts->information;
    for (int i = 0; i < data->n_stays && enough; i++) {
        int deal = data->stay[i].deal, k = shifts->n;
        double at_end, at_start;
        if (group[deal] < 0 || data->stay[i].exit < 0)
            continue;
        list[k] = end_ratio_of(view, model, stage, &data->stay[i], follow_up_days[i], group[deal]);
        log_odds_sum(list[k].end, 0, &at_end);
        log_odds_sum(list[k].start, 0, &at_start);
        shifts->stay_group[k] = group[deal];
        shifts->stay_deal[k] = deal;
        shifts->score[k] = at_end - at_start;
        shifts->information[k] = at_start * (1 - at_start) - at_end * (1 - at_end);
        shifts->n++;
    }
    for (int g = 0; g < n_groups && enough; g++)
        shifts->variance[g] = INFINITY;
    if (enough)
        qsort(list, (size_t)shifts->n, sizeof *list, compare_ratios);
    for (int first = 0, next; enough && first < shifts->n; first = next) {
        next = first;
        while (next < shifts->n && list[next].group == list[first].group)
            next++;
        set_shift(shifts, list[first].group, list + first, next - first);
    }
    free(list);
    return enough;
}

void recoup_group_shifts_clear(recoup_group_shifts *shifts) {
    free(shifts->value);
    free(shifts->variance);
    free(shifts->stay_group);
    free(shifts->stay_deal);
    free(shifts->score);
    free(shifts->information);
}
