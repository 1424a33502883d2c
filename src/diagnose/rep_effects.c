#include "diagnose/rep_effects.h"

#include "fit/pool.h"
#include "fit/reps.h"

#include <math.h>
#include <stdlib.h>

/* As in fit/reps.c: as many exchanges as make p-values that can be found among some ten, fewer with
 * many observations. */
enum { SHUFFLES = 999, LEAST_SHUFFLES = 199 };
#define WORK 1e8
#define SLOWEST .05 /* a speed is above 0 */

bool recoup_observations_create(int n, recoup_observations *observations) {
    *observations =
        (recoup_observations){0, RECOUP_NEW(int, n), RECOUP_NEW(double, n), RECOUP_NEW(double, n)};
    return observations->rep && observations->score && observations->information;
}

void recoup_observations_clear(recoup_observations *observations) {
    free(observations->rep);
    free(observations->score);
    free(observations->information);
    *observations = (recoup_observations){0};
}

/* Sums by group, as estimates with variances, pooled. */
typedef struct groups {
    int n;
    double *score, *information, *estimate, *variance, *difference, *own_variance;
} groups;

static bool groups_create(int n, groups *of) {
    *of = (groups){n,
                   RECOUP_NEW(double, n),
                   RECOUP_NEW(double, n),
                   RECOUP_NEW(double, n),
                   RECOUP_NEW(double, n),
                   RECOUP_NEW(double, n),
                   RECOUP_NEW(double, n)};
    return of->score && of->information && of->estimate && of->variance && of->difference &&
           of->own_variance;
}

static void groups_clear(groups *of) {
    free(of->score);
    free(of->information);
    free(of->estimate);
    free(of->variance);
    free(of->difference);
    free(of->own_variance);
}

/* tau². */
static double pool(groups *of) {
    for (int g = 0; g < of->n; g++) {
        bool known = of->information[g] > 0;
        of->estimate[g] = known ? of->score[g] / of->information[g] : 0;
        of->variance[g] = known ? 1 / of->information[g] : INFINITY;
    }
    return recoup_pool_posterior(of->n, of->estimate, of->variance, of->difference,
                                 of->own_variance);
}

static int cohort_of(const recoup_view *view, int rep) {
    return view->rep_cohort[rep] >= 0 ? view->rep_cohort[rep] : view->cohorts.n;
}

/* Scores less what the cohort makes of them: a sum of 0 in each. For ratios the information is that
 * of the cohort's own speed. */
static void centre(const recoup_view *view, const recoup_observations *observations, bool is_ratio,
                   const groups *cohorts, recoup_group_shifts *shifts, int *cohort) {
    for (int i = 0; i < observations->n; i++) {
        int c = cohort[i] = cohort_of(view, observations->rep[i]);
        double mean = cohorts->information[c] > 0 ? cohorts->estimate[c] : 0;
        shifts->stay_group[i] = observations->rep[i];
        shifts->information[i] = observations->information[i] * (is_ratio ? mean : 1);
        shifts->score[i] = observations->score[i] - mean * observations->information[i];
    }
}

/* The reps' own estimates of what they are beside their cohort, pooled. */
static double pool_reps(const recoup_group_shifts *shifts, groups *reps) {
    for (int i = 0; i < shifts->n; i++) {
        reps->score[shifts->stay_group[i]] += shifts->score[i];
        reps->information[shifts->stay_group[i]] += shifts->information[i];
    }
    double variance = pool(reps);
    for (int r = 0; r < reps->n; r++)
        shifts->variance[r] = reps->variance[r];
    return variance;
}

static void set_values(const recoup_view *view, const groups *cohorts, const groups *reps,
                       double team, bool is_ratio, recoup_rep_effects *effects) {
    for (int r = 0; r < view->n_reps; r++) {
        double of_cohort = team + cohorts->difference[cohort_of(view, r)];
        double own = reps->difference[r];
        effects->value[r] = NAN;
        if (!(reps->information[r] > 0))
            continue;
        effects->n_reps++;
        effects->value[r] =
            is_ratio ? fmax(SLOWEST, of_cohort) * fmax(SLOWEST, 1 + own) : of_cohort + own;
    }
}

static bool shifts_create(int n_reps, int n, recoup_group_shifts *shifts) {
    *shifts = (recoup_group_shifts){.n_groups = n_reps,
                                    .n = n,
                                    .variance = RECOUP_NEW(double, n_reps),
                                    .stay_group = RECOUP_NEW(int, n),
                                    .score = RECOUP_NEW(double, n),
                                    .information = RECOUP_NEW(double, n)};
    return shifts->variance && shifts->stay_group && shifts->score && shifts->information;
}

bool recoup_rep_effects_of(const recoup_view *view, const recoup_observations *observations,
                           bool is_ratio, unsigned long seed, recoup_rep_effects *effects) {
    groups cohorts = {0}, reps = {0};
    recoup_group_shifts shifts = {.n = 0};
    int n = observations->n, n_cohorts = view->cohorts.n + 1;
    int *cohort = RECOUP_NEW(int, n);
    double score = 0, information = 0;
    bool enough = groups_create(n_cohorts, &cohorts) && groups_create(view->n_reps, &reps) &&
                  shifts_create(view->n_reps, n, &shifts) && cohort;
    effects->n_reps = 0;
    for (int i = 0; i < n && enough; i++) {
        int c = cohort_of(view, observations->rep[i]);
        cohorts.score[c] += observations->score[i];
        cohorts.information[c] += observations->information[i];
        score += observations->score[i];
        information += observations->information[i];
    }
    if (enough) {
        pool(&cohorts);
        centre(view, observations, is_ratio, &cohorts, &shifts, cohort);
        effects->sd = sqrt(pool_reps(&shifts, &reps));
        double team = information > 0 ? score / information : NAN;
        set_values(view, &cohorts, &reps, team, is_ratio, effects);
        int shuffles = (int)fmax(LEAST_SHUFFLES, fmin(SHUFFLES, WORK / (n + 1.)));
        effects->p_value = recoup_reps_p_value(&shifts, cohort, n_cohorts, shuffles, seed);
        enough = effects->p_value != -1;
    }
    recoup_group_shifts_clear(&shifts);
    groups_clear(&cohorts);
    groups_clear(&reps);
    free(cohort);
    return enough;
}
