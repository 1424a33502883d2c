/* Results from a tally. */
#include "results/schema.h"

#include "tally/tally.h"
#include <inttypes.h>
#include <math.h>
#include <recoup/version.h>
#include <stdlib.h>
#include <string.h>

enum { N_QUANTILES = RECOUP_TALLY_QUANTILES, N_BINS = 60 };

/* `conditional` and the paths may differ by so many standard errors of the difference: by chance in
 * 6 of 100,000 plans. */
static const double MOST_SE = 4;

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
    results->hit_estimator = copy_text(results, "paths");
    results->isa = copy_text(results, provenance->isa);
    results->scenario = copy_text(results, provenance->scenario);
    results->model = copy_text(results, provenance->model);
    results->currency = copy_text(results, tally->shape.currency);
    results->input_digest = copy_text(results, digest);
    snprintf(digest, sizeof digest, "fnv1a64:%016" PRIx64, provenance->model_digest);
    results->model_digest = copy_text(results, digest);
    results->as_of = copy_text(results, provenance->as_of);
    results->period_start = copy_text(results, provenance->period_start);
    results->period_end = copy_text(results, provenance->period_end);
    results->seed = provenance->seed;
    results->paths = tally->n_paths;
    results->parameter_draws = results->n_draws;
    return results->title && results->recoup_version && results->git_sha1 && results->estimator &&
           results->hit_estimator && results->isa && results->scenario && results->model &&
           results->currency && results->input_digest && results->model_digest && results->as_of &&
           results->period_start && results->period_end;
}

static void set_sizes(recoup_results *results, const recoup_tally *tally) {
    const recoup_tally_shape *shape = &tally->shape;
    bool has_paths = tally->n_paths > 0; /* else only the plans' own numbers are known */
    results->n_plans = shape->n_plans;
    results->n_quantiles = N_QUANTILES;
    results->n_cohorts = has_paths ? shape->n_cohorts : 0;
    results->n_teams = has_paths ? shape->n_teams : 0;
    results->n_reps = has_paths ? shape->n_reps : 0;
    results->n_weeks = has_paths ? shape->n_weeks : 0;
    results->n_stages = has_paths ? shape->n_stages : 0;
    results->n_bins = has_paths ? N_BINS : 0;
    for (int d = 0; d < shape->n_draws; d++) /* a run that stops early may leave draws without */
        results->n_draws += !has_paths || tally->draw_paths[d] > 0;
    results->n_paths_kept = tally->kept ? tally->n_paths : 0;
}

/* The mean over the draws that there are results of. That of equal quotas is one of them, to the
 * last bit. */
static double mean_quota(const recoup_tally *tally, int p) {
    double mean = tally->shape.quota, n = 0;
    for (int d = 0; d < tally->shape.n_draws; d++) {
        double quota = tally->plan[p].quota[d];
        if (isnan(quota))
            continue;
        n++;
        mean = n == 1 ? quota : mean + (quota - mean) / n;
    }
    return mean;
}

static bool set_coordinates(recoup_results *results, const recoup_tally *tally) {
    const recoup_tally_shape *shape = &tally->shape;
    memcpy(results->quantile, recoup_tally_quantiles, sizeof recoup_tally_quantiles);
    memcpy(results->plan_cost, shape->plan_cost, (size_t)shape->n_plans * sizeof(double));
    for (int w = 0; w < results->n_weeks; w++)
        results->week[w] = (int)floor(shape->week[w]);
    for (int i = 0; i < results->n_bins; i++)
        results->bin[i] = i;
    for (int i = 0; i < results->n_draws; i++)
        results->draw[i] = i;
    for (int p = 0; p < shape->n_plans; p++)
        results->plan_quota[p] = mean_quota(tally, p);
    results->booked = shape->booked;
    results->quota = shape->quota;
    return copy_labels(results, results->plan, shape->plan, shape->n_plans) &&
           copy_labels(results, results->cohort, shape->cohort, results->n_cohorts) &&
           copy_labels(results, results->team, shape->team, results->n_teams) &&
           copy_labels(results, results->rep, shape->rep, results->n_reps) &&
           copy_labels(results, results->stage, shape->stage, results->n_stages);
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
        to[q] = recoup_sketch_quantile(sketch, recoup_tally_quantiles[q]);
}

/* What paths alone say. */
static void set_totals(recoup_results *results, const recoup_tally *tally, int p) {
    const recoup_plan_tally *plan = &tally->plan[p];
    const recoup_plan_sums *sums = &plan->sums;
    double *hit = results->hit_probability;
    hit[p] = recoup_tally_hit(tally, p, &results->hit_probability_se[p]);
    hit[p] = fmin(fmax(hit[p], 0), 1); /* a mean of shares, up to rounding */
    results->hit_probability_paths[p] = hit[p];
    results->hit_probability_paths_se[p] = results->hit_probability_se[p];
    results->hit_gain[p] = hit[p] - hit[0];
    results->hit_gain_se[p] = hit_gain_se(tally, p);
    results->bookings_mean[p] = sums->bookings.mean;
    results->bookings_sd[p] = standard_deviation(&sums->bookings);
    results->bookings_mean_se[p] = mean_se(&sums->bookings);
    results->wins_mean[p] = sums->wins.mean;
    results->expected_shortfall[p] = sums->shortfall.mean;
    results->bookings_gain_mean[p] = sums->gain.mean;
    results->bookings_gain_se[p] = mean_se(&sums->gain);
    set_quantiles(results->bookings_quantile + (size_t)p * N_QUANTILES, &plan->sketch);
    double *draw = results->hit_probability_draw + (size_t)p * (size_t)results->n_draws;
    for (int d = 0; d < tally->shape.n_draws; d++)
        if (tally->draw_paths[d] > 0)
            *draw++ = (double)plan->hits[d] / (double)tally->draw_paths[d];
}

static void set_attainment(recoup_results *results) {
    for (int i = 0; i < results->n_plans * N_QUANTILES; i++) {
        double quota = results->plan_quota[i / N_QUANTILES];
        results->attainment_quantile[i] = quota > 0 ? results->bookings_quantile[i] / quota : NAN;
    }
}

/* Whether the paths contradict `conditional` for some plan. */
static bool is_contradicted(const recoup_results *results, const recoup_exact *exact) {
    for (int p = 0; p < results->n_plans; p++) {
        double se = hypot(results->hit_probability_paths_se[p], exact->hit_se[p]);
        if (fabs(results->hit_probability_paths[p] - exact->hit[p]) > MOST_SE * se)
            return true;
    }
    return false;
}

/* P(hit) and its gains as `conditional` has them: of all draws that there are results of. */
static bool set_exact_hits(recoup_results *results, const recoup_tally *tally) {
    const recoup_exact *exact = tally->exact;
    int n_draws = tally->shape.n_draws;
    for (int p = 0; p < results->n_plans; p++) {
        results->hit_probability[p] = exact->hit[p];
        results->hit_probability_se[p] = exact->hit_se[p];
        results->hit_gain[p] = exact->gain[p];
        results->hit_gain_se[p] = exact->gain_se[p];
        memcpy(results->hit_probability_draw + (size_t)p * (size_t)results->n_draws,
               exact->hit_draw + (size_t)p * (size_t)n_draws,
               (size_t)results->n_draws * sizeof(double));
    }
    results->hit_estimator = copy_text(results, "conditional");
    results->n_replicates = exact->n_replicates;
    if (!results->hit_estimator || !recoup_results_extend(results, RECOUP_DIMENSION_REPLICATE))
        return false;
    for (int r = 0; r < exact->n_replicates; r++)
        results->replicate[r] = r;
    memcpy(results->hit_probability_replicate, exact->hit_replicate,
           (size_t)results->n_plans * (size_t)exact->n_replicates * sizeof(double));
    return true;
}

/* Where no path was simulated, the plans' other numbers too. */
static void set_exact_totals(recoup_results *results, const recoup_tally *tally) {
    const recoup_exact *exact = tally->exact;
    for (int p = 0; p < results->n_plans; p++) {
        results->hit_probability_paths[p] = results->hit_probability_paths_se[p] = NAN;
        results->bookings_mean[p] = exact->mean[p];
        results->bookings_mean_se[p] = exact->mean_se[p];
        results->bookings_sd[p] = exact->sd[p];
        results->wins_mean[p] = exact->wins[p];
        results->expected_shortfall[p] = exact->shortfall[p];
        results->bookings_gain_mean[p] = exact->mean_gain[p];
        results->bookings_gain_se[p] = exact->mean_gain_se[p];
    }
    memcpy(results->bookings_quantile, exact->quantile,
           (size_t)results->n_plans * N_QUANTILES * sizeof(double));
}

static void set_flows(recoup_results *results, const recoup_tally *tally, int p) {
    double n = (double)tally->n_paths;
    for (int s = 0; s < results->n_stages; s++) {
        const recoup_flow *flow = &tally->plan[p].sums.flow[s];
        int at = p * results->n_stages + s;
        results->stage_entered_mean[at] = flow->entered / n;
        results->stage_advanced_mean[at] = flow->advanced / n;
        results->stage_lost_mean[at] = flow->lost / n;
        results->stage_open_mean[at] = flow->open / n;
        results->stage_open_amount_mean[at] = flow->open_amount / n;
    }
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
    if (tally->n_paths == 0 && !tally->exact)
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
    if (tally->n_paths > 0)
        set_histogram(results, tally);
    for (int p = 0; p < results->n_plans && tally->n_paths > 0; p++) {
        set_totals(results, tally, p);
        set_units(results, tally, p);
        set_flows(results, tally, p);
    }
    if (tally->n_paths == 0)
        set_exact_totals(results, tally);
    if (tally->exact && !(tally->n_paths > 0 && is_contradicted(results, tally->exact)) &&
        !set_exact_hits(results, tally)) {
        recoup_results_free(results);
        return recoup_fail_memory(error);
    }
    set_attainment(results);
    set_best(results);
    *created = results;
    return RECOUP_OK;
}
