/* The forecasts one after the other, and what changed between them. */
#include "decide/compare_numbers.h"
#include "diagnose/factors.h"
#include "diagnose/track.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const factor_names[RECOUP_FACTORS] = {"volume", "win rate", "value", "velocity"};

/* The factor's value as the period is expected, of a cohort ("": the team); NaN: not there. */
static double find_factor(const recoup_results *results, const char *cohort, const char *factor) {
    int n;
    const recoup_gap_row *row = recoup_results_records(results, RECOUP_RECORD_GAP, &n);
    for (int i = 0; i < n; i++) /* the same beside every reference */
        if (strcmp(row[i].cohort, cohort) == 0 && strcmp(row[i].factor, factor) == 0)
            return row[i].value;
    return NAN;
}

/* --- weeks ------------------------------------------------------------------------------------ */

static bool set_chance(const recoup_results *results, recoup_track_week_row *row) {
    recoup_comparison *comparison = NULL;
    if (recoup_compare(results, &comparison, NULL) != RECOUP_OK)
        return false;
    const recoup_compare_row *plan = &comparison->row[0];
    row->hit_probability = plan->hit_probability;
    row->hit_probability_se = plan->hit_probability_se;
    row->hit_probability_low = plan->hit_probability_low;
    row->hit_probability_high = plan->hit_probability_high;
    row->expected = plan->bookings_mean;
    row->low = plan->bookings_q10;
    row->high = plan->bookings_q90;
    row->quota = plan->plan_quota;
    recoup_comparison_free(comparison);
    return true;
}

static double positive_ratio(double a, double b) {
    return b > 0 ? a / b : NAN;
}

static void set_pipeline(const recoup_results *results, recoup_track_week_row *row) {
    int n;
    const recoup_standing_row *standing =
        recoup_results_records(results, RECOUP_RECORD_STANDING, &n);
    for (int i = 0; i < n; i++)
        if (strcmp(standing[i].level, "team") == 0)
            row->open_amount = standing[i].open_amount;
    row->coverage = positive_ratio(row->open_amount, row->quota - row->booked);
    row->coverage_needed = positive_ratio(row->open_amount, row->expected - row->booked);
    const recoup_inflow_row *inflow = recoup_results_records(results, RECOUP_RECORD_INFLOW, &n);
    if (n > 0)
        row->created = inflow[0].created;
}

bool recoup_track_add_weeks(recoup_track *track) {
    for (int i = 0; i < track->n_points; i++) {
        const recoup_track_point *point = &track->point[i];
        const recoup_results *results = point->results;
        recoup_track_week_row *row = recoup_track_add(track, RECOUP_TRACK_WEEK);
        if (!row || !set_chance(results, row))
            return false;
        row->source = point->source;
        row->plan = results->plan[0];
        row->as_of = point->as_of;
        row->booked = results->booked;
        row->gap = row->quota - row->expected;
        set_pipeline(results, row);
        row->volume = find_factor(results, "", "volume");
        row->win_rate = find_factor(results, "", "win rate");
        row->value = find_factor(results, "", "value");
        row->velocity = find_factor(results, "", "velocity");
    }
    return true;
}

/* --- changes ---------------------------------------------------------------------------------- */

static bool is_known(const double *factor) {
    for (int f = 0; f < RECOUP_FACTORS; f++)
        if (!isfinite(factor[f]))
            return false;
    return true;
}

static void find_factors(const recoup_results *results, const char *cohort, double *factor) {
    for (int f = 0; f < RECOUP_FACTORS; f++)
        factor[f] = find_factor(results, cohort, factor_names[f]);
}

/* A cohort that is in one of the two only comes, or goes, as a volume of 0. */
static void complete(double *factor, const double *other) {
    for (int f = 0; f < RECOUP_FACTORS; f++)
        factor[f] = f == 0 ? 0 : other[f];
}

static void add_cohort(const recoup_results *from, const recoup_results *to, const char *cohort,
                       double *effect) {
    double before[RECOUP_FACTORS], after[RECOUP_FACTORS], part[RECOUP_FACTORS];
    find_factors(from, cohort, before);
    find_factors(to, cohort, after);
    if (isnan(before[0]))
        complete(before, after);
    else if (isnan(after[0]))
        complete(after, before);
    recoup_factors_explain(before, after, part);
    for (int f = 0; f < RECOUP_FACTORS; f++)
        effect[f] += part[f];
}

/* Whether an earlier row of the records is of the same cohort. */
static bool is_repeated(const recoup_gap_row *row, int i) {
    for (int k = 0; k < i; k++)
        if (strcmp(row[k].cohort, row[i].cohort) == 0)
            return true;
    return false;
}

/* The effects on the team's expected bookings: the sums of those on its cohorts' (of the team as a
 * whole where there are none), so that a shift between cohorts is not taken for a change of their
 * win rates. False: the factors are not there. */
static bool explain(const recoup_results *from, const recoup_results *to, double *effect) {
    double before[RECOUP_FACTORS], after[RECOUP_FACTORS];
    bool any = false;
    int n;
    find_factors(from, "", before);
    find_factors(to, "", after);
    if (!is_known(before) || !is_known(after))
        return false;
    memset(effect, 0, RECOUP_FACTORS * sizeof *effect);
    for (int side = 0; side < 2; side++) {
        const recoup_gap_row *row = recoup_results_records(side ? from : to, RECOUP_RECORD_GAP, &n);
        for (int i = 0; i < n; i++) {
            if (!*row[i].cohort || is_repeated(row, i))
                continue;
            if (side == 1 && !isnan(find_factor(to, row[i].cohort, "volume")))
                continue; /* had its turn */
            add_cohort(from, to, row[i].cohort, effect);
            any = true;
        }
    }
    if (!any)
        recoup_factors_explain(before, after, effect);
    return true;
}

static bool add_change(recoup_track *track, const recoup_track_point *from,
                       const recoup_track_point *to) {
    double effect[RECOUP_FACTORS], cents[RECOUP_FACTORS];
    double before = find_factor(from->results, "", "total");
    double after = find_factor(to->results, "", "total"); /* the products of the factors */
    if (!explain(from->results, to->results, effect))
        return true;
    double total = recoup_cents_of(after) - recoup_cents_of(before);
    recoup_cents_share(effect, RECOUP_FACTORS, total, cents);
    for (int f = 0; f <= RECOUP_FACTORS; f++) {
        recoup_track_change_row *row = recoup_track_add(track, RECOUP_TRACK_CHANGE);
        if (!row)
            return false;
        bool is_total = f == RECOUP_FACTORS;
        row->from = from->as_of;
        row->to = to->as_of;
        row->factor = is_total ? "total" : factor_names[f];
        row->from_value = is_total ? before : find_factor(from->results, "", factor_names[f]);
        row->to_value = is_total ? after : find_factor(to->results, "", factor_names[f]);
        row->effect = (is_total ? total : cents[f]) / 100;
    }
    return true;
}

bool recoup_track_add_changes(recoup_track *track) {
    bool added = true;
    for (int i = 0; i + 1 < track->n_points && added; i++)
        added = add_change(track, &track->point[i], &track->point[i + 1]);
    return added;
}
