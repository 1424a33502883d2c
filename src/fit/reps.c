#include "fit/reps.h"

#include "fit/conversion.h"
#include "fit/pool.h"

#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* So many exchanges; with many stays fewer, so that a stage takes no more than some seconds: their
 * number times that of the stays is at most WORK, but at least LEAST_SHUFFLES are made. */
enum { SHUFFLES = 999, LEAST_SHUFFLES = 199 };
#define WORK 1e8

/* --- the test -------------------------------------------------------------------------------- */

/* One stay: its score less the cohort's mean, and its information. */
typedef struct evidence {
    double score, information;
} evidence;

/* Stays sorted by cohort: evidence[i] of the stay that group[i] has; an exchange moves evidence. */
typedef struct pools {
    int n_cohorts, n_groups;
    evidence *stay;
    int *group, *first; /* first: [n_cohorts + 1] */
    evidence *sum;      /* [group] */
} pools;

static void fill(pools *to, const recoup_group_shifts *shifts, const int *cohort) {
    int n = 0;
    for (int c = 0; c < to->n_cohorts; c++) {
        double score = 0, information = 0;
        to->first[c] = n;
        for (int i = 0; i < shifts->n; i++)
            if (cohort[i] == c) {
                to->group[n] = shifts->stay_group[i];
                to->stay[n++] = (evidence){shifts->score[i], shifts->information[i]};
                score += shifts->score[i];
                information += shifts->information[i];
            }
        for (int i = to->first[c]; i < n && information > 0; i++)
            to->stay[i].score -= to->stay[i].information * score / information;
    }
    to->first[to->n_cohorts] = n;
}

static void add_to_group(pools *of, int i) {
    evidence *sum = &of->sum[of->group[i]];
    sum->score += of->stay[i].score;
    sum->information += of->stay[i].information;
}

/* Exchanges the stays of each cohort (Fisher & Yates 1938) and adds them up. 32 random bits make
 * an index (Lemire 2019); its bias, n / 2^32, is nothing beside the error of the whole. */
static void exchange(pools *of, gsl_rng *random) {
    for (int c = 0; c < of->n_cohorts; c++)
        for (int first = of->first[c], i = of->first[c + 1] - 1; i >= first; i--) {
            uint64_t bits = gsl_rng_get(random);
            int other = first + (int)(bits * (uint64_t)(i - first + 1) >> 32);
            evidence moved = of->stay[other];
            of->stay[other] = of->stay[i];
            of->stay[i] = moved;
            add_to_group(of, i);
        }
}

/* Of the sums, which are set to 0 again. */
static double take_statistic(pools *of) {
    double sum = 0;
    for (int g = 0; g < of->n_groups; g++)
        if (of->sum[g].information > 1e-9) /* open stays alone can say nothing, or less */
            sum += of->sum[g].score * of->sum[g].score / of->sum[g].information;
    memset(of->sum, 0, (size_t)of->n_groups * sizeof *of->sum);
    return sum;
}

static int count_groups(const recoup_group_shifts *shifts) {
    int n = 0;
    for (int g = 0; g < shifts->n_groups; g++)
        n += isfinite(shifts->variance[g]);
    return n;
}

double recoup_reps_p_value(const recoup_group_shifts *shifts, const int *cohort, int n_cohorts,
                           int shuffles, unsigned long seed) {
    double result = -1;
    if (count_groups(shifts) < 2)
        return NAN;
    pools all = {.n_cohorts = n_cohorts,
                 .n_groups = shifts->n_groups,
                 .stay = RECOUP_NEW(evidence, shifts->n),
                 .group = RECOUP_NEW(int, shifts->n),
                 .first = RECOUP_NEW(int, n_cohorts + 1),
                 .sum = RECOUP_NEW(evidence, shifts->n_groups)};
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937); /* of 32 bits a call */
    if (all.stay && all.group && all.first && all.sum && random) {
        int as_large = 1;
        gsl_rng_set(random, seed);
        fill(&all, shifts, cohort);
        for (int i = 0; i < all.first[n_cohorts]; i++)
            add_to_group(&all, i);
        /* Equal exchanges must count as equal: rounding of sums in another order is forgiven. */
        double seen = take_statistic(&all) * (1 - 1e-12);
        for (int k = 0; k < shuffles; k++) {
            exchange(&all, random);
            as_large += take_statistic(&all) >= seen;
        }
        result = as_large / (shuffles + 1.);
    }
    gsl_rng_free(random);
    free(all.stay);
    free(all.group);
    free(all.first);
    free(all.sum);
    return result;
}

/* --- the table ------------------------------------------------------------------------------- */

static bool test_reps(const recoup_view *view, const recoup_group_shifts *shifts, int stage,
                      recoup_rep_spread *spread) {
    int *cohort = RECOUP_NEW(int, shifts->n);
    if (!cohort)
        return false;
    for (int i = 0; i < shifts->n; i++)
        cohort[i] = view->cohort[shifts->stay_deal[i]];
    int shuffles = (int)fmax(LEAST_SHUFFLES, fmin(SHUFFLES, WORK / (shifts->n + 1.)));
    spread->n_reps = count_groups(shifts);
    spread->p_value = recoup_reps_p_value(shifts, cohort, view->cohorts.n, shuffles,
                                          (unsigned long)view->digest + (unsigned long)stage);
    free(cohort);
    return spread->p_value != -1;
}

static void add_rows(const recoup_view *view, const recoup_model *model,
                     const recoup_stage_data *data, const recoup_group_shifts *shifts,
                     const double *difference, const double *variance,
                     recoup_conversion *conversion, recoup_rep_summary *summary) {
    const recoup_stage *of = &model->stage[data->stage];
    double known = 0; /* of the mean of all reps, which the cohort's own error covers */
    for (int r = 0; r < view->n_reps; r++)
        known += isfinite(shifts->variance[r]) ? 1 / shifts->variance[r] : 0;
    for (int i = 0; i < data->n_stays; i++) {
        recoup_deal_state deal = recoup_deal_state_of(view, data->stay[i].deal);
        int rep = view->rep[data->stay[i].deal];
        if (rep >= 0)
            recoup_conversion_add(&conversion[rep], model, of, &deal, difference[rep]);
    }
    for (int r = 0; r < view->n_reps; r++) {
        if (conversion[r].n == 0)
            continue;
        int cohort = view->rep_cohort[r];
        double own = known > 0 ? fmax(0, variance[r] - 1 / known) : 0;
        summary->row[summary->n_rows++] = (recoup_rep_row){
            of->name, view->rep_id[r], cohort >= 0 ? view->cohorts.name[cohort] : "",
            conversion[r].n, recoup_conversion_mean(&conversion[r], of, cohort, own)};
    }
}

/* Days since the entry of each stay. Stays follow the visits of the stage in their order; a visit
 * that was left out is the last one of its deal. */
static void measure_follow_up(const recoup_view *view, const recoup_stage_data *data,
                              double *follow_up_days) {
    const recoup_visit *visit = view->visit;
    for (int i = 0; i < data->n_stays; i++, visit++) {
        while (visit->stage != data->stage || visit->deal != data->stay[i].deal)
            visit++;
        bool known = visit->entry_known;
        follow_up_days[i] = view->as_of - (known ? visit->entered : view->created[visit->deal]);
    }
}

static bool add_stage(const recoup_view *view, const recoup_model *model, int stage,
                      recoup_rep_summary *summary) {
    recoup_stage_data data;
    recoup_group_shifts shifts = {.n = 0};
    recoup_rep_spread *spread = &summary->spread[stage];
    double *difference = RECOUP_NEW(double, view->n_reps);
    double *variance = RECOUP_NEW(double, view->n_reps);
    recoup_conversion *conversion = RECOUP_NEW(recoup_conversion, view->n_reps);
    bool enough = recoup_stage_data_create(view, stage, &data);
    double *follow_up_days = RECOUP_NEW(double, enough ? data.n_stays : 0);
    enough = enough && difference && variance && conversion && follow_up_days;
    if (enough)
        measure_follow_up(view, &data, follow_up_days);
    enough = enough && recoup_group_shifts_create(view, model, &model->stage[stage], &data,
                                                  follow_up_days, view->rep, view->n_reps, &shifts);
    spread->stage = model->stage[stage].name;
    if (enough) {
        spread->sd = sqrt(recoup_pool_posterior(view->n_reps, shifts.value, shifts.variance,
                                                difference, variance));
        enough = test_reps(view, &shifts, stage, spread);
        add_rows(view, model, &data, &shifts, difference, variance, conversion, summary);
    }
    recoup_group_shifts_clear(&shifts);
    free(data.stay);
    free(follow_up_days);
    free(difference);
    free(variance);
    free(conversion);
    return enough;
}

recoup_status recoup_fit_reps(const recoup_view *view, const recoup_model *model,
                              recoup_rep_summary **summary, recoup_error *error) {
    recoup_rep_summary *made = RECOUP_NEW(recoup_rep_summary, 1);
    bool enough = made != NULL;
    *summary = NULL;
    if (enough) {
        made->n_stages = model->n_stages;
        made->row = RECOUP_NEW(recoup_rep_row, (size_t)model->n_stages * (size_t)view->n_reps);
        made->spread = RECOUP_NEW(recoup_rep_spread, model->n_stages);
        enough = made->row && made->spread;
    }
    for (int s = 0; s < model->n_stages && enough; s++)
        enough = add_stage(view, model, s, made);
    if (!enough) {
        recoup_rep_summary_free(made);
        return recoup_fail_memory(error);
    }
    *summary = made;
    return RECOUP_OK;
}

void recoup_rep_summary_free(recoup_rep_summary *summary) {
    if (!summary)
        return;
    free(summary->row);
    free(summary->spread);
    free(summary);
}
