/* Results from a tally. */
#include "results/schema.h"

#include "tally/tally.h"
#include <inttypes.h>
#include <math.h>
#include <recoup/version.h>
#include <stdlib.h>
#include <string.h>

static const double quantiles[] = {.01, .05, .1, .25, .5, .75, .9, .95, .99};
enum { N_QUANTILES = sizeof quantiles / sizeof *quantiles, N_BINS = 60 };

/* --- labels and coordinates ----------------------------------------------------------------- */

static char *copy_text(recoup_results *results, const char *text) {
    text = text ? text : "";
    return recoup_arena_text(&results->arena, text, strlen(text));
}

static bool copy_labels(recoup_results *results, char **to, char *const *from, int n) {
    for (int i = 0; i < n; i++)
        if (!(to[i] = copy_text(results, from[i])))
            return false;
    return true;
}

static bool set_attributes(recoup_results *results, const recoup_tally *tally,
                           const recoup_provenance *provenance) {
    char digest[32];
    snprintf(digest, sizeof digest, "fnv1a64:%016" PRIx64, provenance->view_digest);
    results->title = copy_text(results, provenance->title);
    results->recoup_version = copy_text(results, recoup_version());
    results->git_sha1 = copy_text(results, recoup_git_sha1());
    results->estimator = copy_text(results, provenance->estimator);
    results->isa = copy_text(results, provenance->isa);
    results->scenario = copy_text(results, provenance->scenario);
    results->model = copy_text(results, provenance->model);
    results->currency = copy_text(results, tally->shape.currency);
    results->input_digest = copy_text(results, digest);
    results->seed = provenance->seed;
    results->paths = tally->n_paths;
    results->parameter_draws = results->n_draws;
    return results->title && results->recoup_version && results->git_sha1 && results->estimator &&
           results->isa && results->scenario && results->model && results->currency &&
           results->input_digest;
}

static void set_sizes(recoup_results *results, const recoup_tally *tally) {
    const recoup_tally_shape *shape = &tally->shape;
    results->n_plans = shape->n_plans;
    results->n_quantiles = N_QUANTILES;
    results->n_cohorts = shape->n_cohorts;
    results->n_teams = shape->n_teams;
    results->n_reps = shape->n_reps;
    results->n_weeks = shape->n_weeks;
    results->n_bins = N_BINS;
    for (int d = 0; d < shape->n_draws; d++) /* a run that stops early may leave draws without */
        results->n_draws += tally->draw_paths[d] > 0;
    results->n_paths_kept = tally->kept ? tally->n_paths : 0;
}

static bool set_coordinates(recoup_results *results, const recoup_tally *tally) {
    const recoup_tally_shape *shape = &tally->shape;
    memcpy(results->quantile, quantiles, sizeof quantiles);
    memcpy(results->plan_cost, shape->plan_cost, (size_t)shape->n_plans * sizeof(double));
    for (int w = 0; w < shape->n_weeks; w++)
        results->week[w] = (int)floor(shape->week[w]);
    for (int i = 0; i < N_BINS; i++)
        results->bin[i] = i;
    for (int i = 0; i < results->n_draws; i++)
        results->draw[i] = i;
    results->booked = shape->booked;
    results->quota = shape->quota;
    return copy_labels(results, results->plan, shape->plan, shape->n_plans) &&
           copy_labels(results, results->cohort, shape->cohort, shape->n_cohorts) &&
           copy_labels(results, results->team, shape->team, shape->n_teams) &&
           copy_labels(results, results->rep, shape->rep, shape->n_reps);
}

/* --- histogram ------------------------------------------------------------------------------ */

/* N_BINS bins of one round width (1, 2, 2.5 or 5 times a power of ten) that cover [min, max], with
 * edges at multiples of the width. */
static void set_bin_edges(double *edge, double min, double max) {
    static const double mantissa[] = {1, 2, 2.5, 5};
    double range = max - min;
    if (!(range > 1e-9 * max)) /* one value, in effect: some width to draw it with */
        range = max > 0 ? 1e-3 * max : N_BINS;
    for (int power = (int)floor(log10(range / N_BINS));; power++) {
        double unit = pow(10, power);
        for (int m = 0; m < 4; m++) {
            double width = mantissa[m] * unit, first = floor(min / width);
            if ((first + N_BINS) * width < max || width * N_BINS < range)
                continue;
            for (int i = 0; i <= N_BINS; i++)
                edge[i] = (first + i) * width;
            return;
        }
    }
}

static void set_histogram(recoup_results *results, const recoup_tally *tally) {
    double min = INFINITY, max = 0;
    for (int p = 0; p < results->n_plans; p++) {
        min = fmin(min, tally->plan[p].sketch.min);
        max = fmax(max, tally->plan[p].sketch.max);
    }
    set_bin_edges(results->bin_edge, min, max);
    /* Rounding the cumulative counts keeps their sum. */
    for (int p = 0; p < results->n_plans; p++) {
        int64_t *count = results->bookings_histogram + (size_t)p * N_BINS, before = 0;
        for (int i = 0; i < N_BINS; i++) {
            int64_t below =
                llround(recoup_sketch_below(&tally->plan[p].sketch, results->bin_edge[i + 1]));
            if (i == N_BINS - 1)
                below = tally->n_paths;
            below = below > before ? below : before;
            count[i] = below - before;
            before = below;
        }
    }
}

/* --- numbers of each plan ------------------------------------------------------------------- */

static double standard_deviation(const recoup_moments *moments) {
    return moments->n > 1 ? sqrt(moments->m2 / (moments->n - 1)) : 0;
}

static double mean_se(const recoup_moments *moments) {
    return standard_deviation(moments) / sqrt(moments->n);
}

/* Standard error of the paired difference of two proportions, draws fixed. In a draw of n paths
 * the difference is the mean of d = +1 (b gained paths), -1 (c lost ones) and 0, so
 *     var(d) = (b + c)/n - ((b - c)/n)²,   var(mean) = var(d)/n
 * (as in McNemar 1947; Agresti, Categorical Data Analysis, 3rd ed. 2013, section 11.1.1); the mean
 * over D draws has sqrt(sum of the draws' variances)/D. Where that is 0 it is taken from half a
 * discordant pair in all paths, as for P(hit). */
static double hit_gain_se(const recoup_tally *tally, int p) {
    if (p == 0)
        return 0;
    const recoup_plan_tally *plan = &tally->plan[p];
    double variance = 0, n_draws = 0, all = (double)tally->n_paths;
    for (int d = 0; d < tally->shape.n_draws; d++) {
        double n = (double)tally->draw_paths[d];
        if (n == 0)
            continue;
        double gained = (double)plan->gained[d] / n, lost = (double)plan->lost[d] / n;
        variance += (gained + lost - (gained - lost) * (gained - lost)) / n;
        n_draws++;
    }
    double half = .5 / all;
    return variance > 0 ? sqrt(variance) / n_draws : sqrt((half - half * half) / all);
}

static void set_quantiles(double *to, const recoup_sketch *sketch) {
    for (int q = 0; q < N_QUANTILES; q++)
        to[q] = recoup_sketch_quantile(sketch, quantiles[q]);
}

static void set_totals(recoup_results *results, const recoup_tally *tally, int p) {
    const recoup_plan_tally *plan = &tally->plan[p];
    double *hit = results->hit_probability;
    hit[p] = recoup_tally_hit(tally, p, &results->hit_probability_se[p]);
    hit[p] = fmin(fmax(hit[p], 0), 1); /* a mean of shares, up to rounding */
    results->hit_gain[p] = hit[p] - hit[0];
    results->hit_gain_se[p] = hit_gain_se(tally, p);
    const recoup_plan_sums *sums = &plan->sums;
    results->bookings_mean[p] = sums->bookings.mean;
    results->bookings_sd[p] = standard_deviation(&sums->bookings);
    results->bookings_mean_se[p] = mean_se(&sums->bookings);
    results->wins_mean[p] = sums->wins.mean;
    results->expected_shortfall[p] = sums->shortfall.mean;
    results->bookings_gain_mean[p] = sums->gain.mean;
    results->bookings_gain_se[p] = mean_se(&sums->gain);
    double *quantile = results->bookings_quantile + (size_t)p * N_QUANTILES;
    double *attainment = results->attainment_quantile + (size_t)p * N_QUANTILES;
    set_quantiles(quantile, &plan->sketch);
    for (int q = 0; q < N_QUANTILES; q++)
        attainment[q] = results->quota > 0 ? quantile[q] / results->quota : NAN;
    double *draw = results->hit_probability_draw + (size_t)p * (size_t)results->n_draws;
    for (int d = 0; d < tally->shape.n_draws; d++)
        if (tally->draw_paths[d] > 0)
            *draw++ = (double)plan->hits[d] / (double)tally->draw_paths[d];
}

static void set_units(recoup_results *results, const recoup_tally *tally, int p) {
    const recoup_plan_tally *plan = &tally->plan[p];
    const recoup_tally_shape *shape = &tally->shape;
    double n = (double)tally->n_paths;
    for (int c = 0; c < shape->n_cohorts; c++) {
        size_t at = (size_t)p * (size_t)shape->n_cohorts + (size_t)c;
        results->cohort_bookings_mean[at] = plan->sums.cohort[c].mean;
        set_quantiles(results->cohort_bookings_quantile + at * N_QUANTILES,
                      &plan->cohort_sketch[c]);
    }
    for (int t = 0; t < shape->n_teams; t++) {
        size_t at = (size_t)p * (size_t)shape->n_teams + (size_t)t;
        bool has_quota = !isnan(shape->team_quota[t]);
        results->team_bookings_mean[at] = plan->sums.team[t].mean;
        results->team_hit_probability[at] = has_quota ? (double)plan->team_hits[t] / n : NAN;
        set_quantiles(results->team_bookings_quantile + at * N_QUANTILES, &plan->team_sketch[t]);
    }
    for (int r = 0; r < shape->n_reps; r++) {
        size_t at = (size_t)p * (size_t)shape->n_reps + (size_t)r;
        bool has_quota = !isnan(shape->rep_quota[r]);
        results->rep_hit_probability[at] = has_quota ? (double)plan->rep_hits[r] / n : NAN;
        set_quantiles(results->rep_bookings_quantile + at * N_QUANTILES, &plan->rep_sketch[r]);
    }
    for (int w = 0; w < shape->n_weeks; w++) {
        size_t at = (size_t)p * (size_t)shape->n_weeks + (size_t)w;
        set_quantiles(results->cumulative_bookings_quantile + at * N_QUANTILES,
                      &plan->week_sketch[w]);
    }
    if (results->n_paths_kept > 0) {
        size_t room = (size_t)shape->n_draws * (size_t)shape->paths_per_draw;
        double *to = results->bookings + (size_t)p * (size_t)results->n_paths_kept;
        for (int d = 0; d < shape->n_draws; d++) { /* a run that stops early fills none */
            memcpy(to, tally->kept + (size_t)p * room + (size_t)d * (size_t)shape->paths_per_draw,
                   (size_t)tally->draw_paths[d] * sizeof *to);
            to += tally->draw_paths[d];
        }
    }
}

/* Which plan is best in each parameter draw (plans that tie share it), and what the others lose. */
static void set_best(recoup_results *results) {
    int n_plans = results->n_plans, n_draws = results->n_draws;
    for (int d = 0; d < n_draws; d++) {
        const double *hit = results->hit_probability_draw + d; /* [plan][draw] */
        double best = 0;
        int n_best = 0;
        for (int p = 0; p < n_plans; p++)
            best = fmax(best, hit[(size_t)p * (size_t)n_draws]);
        for (int p = 0; p < n_plans; p++)
            n_best += hit[(size_t)p * (size_t)n_draws] == best;
        for (int p = 0; p < n_plans; p++) {
            double mine = hit[(size_t)p * (size_t)n_draws];
            results->best_probability[p] += mine == best ? 1. / n_best / n_draws : 0;
            results->expected_regret[p] += (best - mine) / n_draws;
        }
    }
}

recoup_status recoup_results_create(const recoup_tally *tally, const recoup_provenance *provenance,
                                    recoup_results **created, recoup_error *error) {
    if (tally->n_paths == 0)
        return recoup_fail(error, RECOUP_EINVALID, NULL,
                           "no path was simulated, so there are no results");
    recoup_results *results = RECOUP_NEW(recoup_results, 1);
    if (!results)
        return recoup_fail_memory(error);
    set_sizes(results, tally);
    if (!recoup_results_allocate(results) || !set_attributes(results, tally, provenance) ||
        !set_coordinates(results, tally)) {
        recoup_results_free(results);
        return recoup_fail_memory(error);
    }
    set_histogram(results, tally);
    for (int p = 0; p < results->n_plans; p++) {
        set_totals(results, tally, p);
        set_units(results, tally, p);
    }
    set_best(results);
    *created = results;
    return RECOUP_OK;
}
