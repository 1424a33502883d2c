/* Where team, cohorts and reps stand under the first plan (STANDING). */
#include "diagnose/diagnose.h"

#include <math.h>
#include <stdlib.h>

static const char *const status_names[] = {"active", "ramping", "vacant"};

/* Open deals and what is booked, of one level. */
typedef struct holding {
    int n_open;
    double open_amount, booked;
    double quota;    /* NaN: none */
    double expected; /* NaN: no simulated figure and no win tables */
} holding;

typedef struct standing {
    const recoup_diagnosing *diagnosing;
    int n_cohorts, n_reps;
    int *view_cohort; /* view's -> model's */
    holding team, *cohort, *rep;
    recoup_arena arena;
} standing;

/* --- what each holds ----------------------------------------------------------------------------
 */

static void hold(holding *of, const recoup_view *view, int deal) {
    if (view->outcome[deal] == RECOUP_OPEN) {
        of->n_open++;
        of->open_amount += view->amount[deal];
    } else {
        of->booked += view->amount[deal];
    }
}

static void hold_deals(standing *s) {
    const recoup_view *view = s->diagnosing->view;
    double start = s->diagnosing->scenario->period_start;
    for (int i = 0; i < view->n_deals; i++) {
        int cohort = s->view_cohort[view->cohort[i]];
        bool is_booked = view->outcome[i] == RECOUP_WON && view->closed[i] >= start;
        if (view->outcome[i] != RECOUP_OPEN && !is_booked)
            continue;
        hold(&s->team, view, i);
        if (cohort >= 0)
            hold(&s->cohort[cohort], view, i);
        if (view->rep[i] >= 0)
            hold(&s->rep[view->rep[i]], view, i);
    }
    s->team.booked = s->diagnosing->results->booked; /* the scenario may replace it */
}

/* A plan's relief takes from the reps' quotas in proportion. */
static void hold_quotas(standing *s) {
    const recoup_view *view = s->diagnosing->view;
    const recoup_results *results = s->diagnosing->results;
    double share = results->quota > 0 ? results->plan_quota[0] / results->quota : 1;
    s->team.quota = results->plan_quota[0];
    for (int c = 0; c < s->n_cohorts; c++)
        s->cohort[c].quota = NAN;
    for (int r = 0; r < s->n_reps; r++) {
        int cohort = view->rep_cohort[r] >= 0 ? s->view_cohort[view->rep_cohort[r]] : -1;
        s->rep[r].quota = share * view->rep_quota[r];
        if (cohort < 0 || isnan(view->rep_quota[r]))
            continue;
        double before = isnan(s->cohort[cohort].quota) ? 0 : s->cohort[cohort].quota;
        s->cohort[cohort].quota = before + s->rep[r].quota;
    }
}

/* Means by the win tables: of reps, and of cohorts where no path was simulated. */
static void hold_expected(standing *s) {
    const recoup_expected *expected = s->diagnosing->expected;
    const recoup_results *results = s->diagnosing->results;
    const recoup_view *view = s->diagnosing->view;
    for (int r = 0; r < s->n_reps; r++)
        s->rep[r].expected = expected ? s->rep[r].booked : NAN;
    for (int c = 0; c < s->n_cohorts; c++)
        s->cohort[c].expected = expected ? s->cohort[c].booked : NAN;
    for (int d = 0; expected && d < expected->n_draws; d++)
        for (int u = 0; u < expected->n_units; u++) {
            double bookings =
                expected->unit_bookings[(size_t)d * (size_t)expected->n_units + (size_t)u] /
                expected->n_draws;
            int cohort = u - s->n_reps;
            if (u < s->n_reps) {
                s->rep[u].expected += bookings;
                cohort = view->rep_cohort[u] >= 0 ? s->view_cohort[view->rep_cohort[u]] : -1;
            }
            if (cohort >= 0)
                s->cohort[cohort].expected += bookings;
        }
    s->team.expected = results->bookings_mean[0];
    for (int c = 0; c < results->n_cohorts; c++)
        s->cohort[c].expected = results->cohort_bookings_mean[c];
}

/* --- rows ---------------------------------------------------------------------------------------
 */

/* One of the results' quantiles of bookings; NaN: not there. */
static double quantile_of(const recoup_results *results, const double *bookings, double p) {
    for (int q = 0; q < results->n_quantiles && bookings; q++)
        if (fabs(results->quantile[q] - p) < 1e-9)
            return bookings[q];
    return NAN;
}

/* quantiles: of the row's bookings, NULL: none. NULL: out of memory. */
static recoup_standing_row *add_row(const standing *s, const char *level, const char *name,
                                    const holding *of, const double *quantiles) {
    recoup_results *results = s->diagnosing->results;
    recoup_standing_row *row = recoup_records_add(results, RECOUP_RECORD_STANDING);
    if (!row || !(name = recoup_records_text(results, name)))
        return NULL;
    row->level = level;
    row->name = name;
    row->quota = of->quota;
    row->booked = of->booked;
    row->n_open = of->n_open;
    row->open_amount = of->open_amount;
    row->expected = of->expected;
    row->low = quantile_of(results, quantiles, .1);
    row->high = quantile_of(results, quantiles, .9);
    row->gap = of->quota - of->expected;
    row->gap_low = of->quota - row->high;
    row->gap_high = of->quota - row->low;
    return row;
}

static bool add_cohorts(const standing *s) {
    const recoup_results *results = s->diagnosing->results;
    bool enough = true;
    for (int c = 0; c < s->n_cohorts && enough; c++) {
        const double *quantiles = NULL;
        if (results->n_cohorts > 0)
            quantiles = results->cohort_bookings_quantile + c * results->n_quantiles;
        enough = add_row(s, "cohort", s->diagnosing->model->cohorts.name[c], &s->cohort[c],
                         quantiles) != NULL;
    }
    return enough;
}

static bool add_reps(const standing *s) {
    const recoup_view *view = s->diagnosing->view;
    recoup_results *results = s->diagnosing->results;
    for (int r = 0; r < s->n_reps; r++) {
        const double *quantiles = NULL;
        if (results->n_reps > 0)
            quantiles = results->rep_bookings_quantile + r * results->n_quantiles;
        recoup_standing_row *row = add_row(s, "rep", view->rep_id[r], &s->rep[r], quantiles);
        if (!row)
            return false;
        row->status = status_names[view->rep_status[r]];
        if (view->rep_cohort[r] >= 0)
            row->cohort = recoup_records_text(results, view->cohorts.name[view->rep_cohort[r]]);
        if (results->n_reps > 0)
            row->hit_probability = results->rep_hit_probability[r];
        if (!row->cohort)
            return false;
    }
    return true;
}

recoup_status recoup_diagnose_standing(const recoup_diagnosing *diagnosing) {
    const recoup_view *view = diagnosing->view;
    recoup_results *results = diagnosing->results;
    standing s = {.diagnosing = diagnosing,
                  .n_cohorts = diagnosing->model->cohorts.n,
                  .n_reps = view->n_reps};
    s.view_cohort = recoup_arena_alloc(&s.arena, (size_t)view->cohorts.n, sizeof(int));
    s.cohort = recoup_arena_alloc(&s.arena, (size_t)s.n_cohorts, sizeof *s.cohort);
    s.rep = recoup_arena_alloc(&s.arena, (size_t)s.n_reps, sizeof *s.rep);
    recoup_status status = RECOUP_OK;
    recoup_standing_row *team = NULL;
    if (!s.view_cohort || !s.cohort || !s.rep) {
        status = recoup_fail_memory(diagnosing->error);
        goto exit;
    }
    for (int c = 0; c < view->cohorts.n; c++)
        s.view_cohort[c] = recoup_names_find(&diagnosing->model->cohorts, view->cohorts.name[c]);
    hold_deals(&s);
    hold_quotas(&s);
    hold_expected(&s);
    team = add_row(&s, "team", "team", &s.team, results->bookings_quantile);
    if (team)
        team->hit_probability = results->hit_probability[0];
    if (!team || !add_cohorts(&s) || !add_reps(&s))
        status = recoup_fail_memory(diagnosing->error);
exit:
    recoup_arena_clear(&s.arena);
    return status;
}
