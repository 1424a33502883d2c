/* What each rep needs (PACE): for the period, and for the next calendar month. */
#include "base/date.h"
#include "base/error.h"
#include "crm/view.h"
#include "decide/activity.h"
#include "diagnose/diagnose.h"
#include "diagnose/expected.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* How far parameters are known moves an 80 % count little: so many draws will do. */
enum { DRAWS = 40, MONTH_DRAWS = 10, WEEKS_BACK = 4 };

/* The rep of one row. */
typedef struct paced {
    const recoup_standing_row *standing;
    int rep;    /* of the view */
    int cohort; /* of the model; -1: not known there */
} paced;

typedef struct work {
    const recoup_diagnosing *of;
    int n;
    paced *rep;
    double *calls_now; /* [rep of the view]; NULL: no activities */
    recoup_activity_goal *goal;
    double *number, *expected; /* [row] */
} work;

/* --- who -------------------------------------------------------------------------------------- */

static int find_rep(const recoup_view *view, const char *id) {
    int low = 0, high = view->n_reps - 1; /* sorted by rep_id */
    while (low <= high) {
        int middle = (low + high) / 2, order = strcmp(view->rep_id[middle], id);
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle - 1;
    }
    return -1;
}

/* Reps with a quota who are at work. */
static recoup_status find_reps(work *w) {
    int n;
    const recoup_view *view = w->of->view;
    const recoup_standing_row *row =
        recoup_results_records(w->of->results, RECOUP_RECORD_STANDING, &n);
    w->rep = RECOUP_NEW(paced, n);
    if (!w->rep)
        return recoup_fail_memory(w->of->error);
    for (int i = 0; i < n; i++) {
        int rep = strcmp(row[i].level, "rep") == 0 ? find_rep(view, row[i].name) : -1;
        if (rep < 0 || !(row[i].quota > 0) || view->rep_status[rep] == RECOUP_REP_VACANT)
            continue;
        int cohort = view->rep_cohort[rep];
        w->rep[w->n++] = (paced){
            &row[i], rep,
            cohort >= 0 ? recoup_names_find(&w->of->model->cohorts, view->cohorts.name[cohort])
                        : -1};
    }
    return RECOUP_OK;
}

static recoup_status count_calls(work *w) {
    const recoup_view *view = w->of->view;
    if (view->n_activities == 0)
        return RECOUP_OK;
    w->calls_now = RECOUP_NEW(double, view->n_reps);
    if (!w->calls_now)
        return recoup_fail_memory(w->of->error);
    for (int i = 0; i < view->n_activities; i++)
        if (recoup_activity_is_call(view, i) &&
            view->activity_time[i] >= view->as_of - 7 * WEEKS_BACK)
            w->calls_now[view->activity_rep[i]] += 1. / WEEKS_BACK;
    return RECOUP_OK;
}

/* --- rows ------------------------------------------------------------------------------------- */

static bool add_row(const work *w, int i, const char *goal, double until,
                    const recoup_activity_row *need) {
    const paced *rep = &w->rep[i];
    recoup_pace_row *row = recoup_records_add(w->of->results, RECOUP_RECORD_PACE);
    if (!row)
        return false;
    row->rep = rep->standing->name;
    row->cohort = rep->standing->cohort;
    row->goal = goal;
    row->until = until;
    row->number = w->number[i];
    row->expected = w->expected[i];
    row->gap = row->number - row->expected;
    row->calls_now = w->calls_now ? w->calls_now[rep->rep] : NAN;
    row->n_deals = (int)fmin(need->deals, 1e9);
    row->verdict = row->gap <= 0                             ? "on track"
                   : need->n_weeks == 0 || need->is_too_late ? "too late"
                                                             : "behind";
    if (need->n_weeks == 0)
        return true;
    row->win = need->win_by_end;
    row->n_weeks = need->n_weeks;
    row->created = need->need[0].created_a_week;
    row->created_sure = need->need[1].created_a_week;
    row->calls = need->need[0].calls_a_week;
    row->calls_sure = need->need[1].calls_a_week;
    return true;
}

/* What the goals take, by the end of the scenario's period. */
static recoup_status add_rows(work *w, const recoup_scenario *scenario, const char *name) {
    const recoup_diagnosing *of = w->of;
    const recoup_activity_options options = {.calls_per_proposal = NAN, .engine = of->engine};
    recoup_activity *activity = NULL;
    for (int i = 0; i < w->n; i++)
        w->goal[i] = (recoup_activity_goal){w->rep[i].cohort, w->number[i] - w->expected[i]};
    recoup_status status = recoup_activity_make_goals(scenario, of->model, of->view, &options,
                                                      w->goal, w->n, &activity, of->error);
    for (int i = 0; i < w->n && status == RECOUP_OK; i++)
        if (w->rep[i].cohort >= 0 &&
            !add_row(w, i, name, floor(scenario->period_end + scenario->zone_days) - 1,
                     &activity->row[i]))
            status = recoup_fail_memory(of->error);
    recoup_activity_free(activity);
    return status;
}

/* --- the next month --------------------------------------------------------------------------- */

/* The first day of the month that comes `months` after that of a day. */
static double month_start(double day, int months) {
    int year, month, of_month;
    recoup_civil_from_days((int)floor(day), &year, &month, &of_month);
    month += months - 1;
    return recoup_days_from_civil(year + month / 12, month % 12 + 1, 1);
}

/* Adds `sign` times what each row books from now to the day, by the first plan with its levers. */
static recoup_status expect_until(work *w, double day, double sign) {
    const recoup_diagnosing *of = w->of;
    const recoup_expected_options options = {0};
    recoup_error repeated = RECOUP_ERROR_INIT; /* its notes were told with the simulation */
    recoup_scenario longer = *of->scenario;
    recoup_expected *expected = NULL;
    longer.period_end = day;
    if (longer.simulation.parameter_draws > MONTH_DRAWS)
        longer.simulation.parameter_draws = MONTH_DRAWS;
    recoup_status status = recoup_expected_create(&longer, of->model, of->view, of->engine,
                                                  &options, &expected, &repeated);
    for (int d = 0; status == RECOUP_OK && d < expected->n_draws; d++)
        for (int i = 0; i < w->n; i++)
            w->expected[i] += sign / expected->n_draws *
                              expected->unit_bookings[d * expected->n_units + w->rep[i].rep];
    if (status != RECOUP_OK)
        recoup_error_merge(of->error, &repeated);
    recoup_error_clear(&repeated);
    recoup_expected_free(expected);
    return status;
}

static recoup_status add_month(work *w, const recoup_scenario *alone) {
    recoup_scenario longer = *alone;
    double today = alone->as_of + alone->zone_days, zone = alone->zone_days;
    double start = month_start(today, 1), end = month_start(today, 2);
    longer.period_end = end - zone;
    for (int i = 0; i < w->n; i++) {
        w->number[i] =
            w->rep[i].standing->quota * (end - start) / (alone->period_end - alone->period_start);
        w->expected[i] = 0;
    }
    recoup_status status = expect_until(w, end - zone, 1);
    if (status == RECOUP_OK)
        status = expect_until(w, start - zone, -1);
    return status == RECOUP_OK ? add_rows(w, &longer, "next month") : status;
}

/* --- all of it -------------------------------------------------------------------------------- */

/* The scenario with its first plan alone and without what that does: levers play no part. */
static recoup_scenario without_levers(const recoup_scenario *scenario, recoup_plan *plan) {
    recoup_scenario alone = *scenario;
    *plan = scenario->plan[0];
    plan->effects = (recoup_effects){0};
    plan->n_levers = 0;
    alone.plan = plan;
    alone.n_plans = 1;
    if (alone.simulation.parameter_draws > DRAWS)
        alone.simulation.parameter_draws = DRAWS;
    return alone;
}

static bool gets_deals(const recoup_model *model) {
    int n = model->cohorts.n * recoup_model_n_channels(model);
    for (int i = 0; model->arrivals && i < n; i++)
        if (model->arrivals[i] > 0)
            return model->has_new_amount;
    return false;
}

recoup_status recoup_diagnose_pace(const recoup_diagnosing *of) {
    work w = {.of = of};
    recoup_plan plan;
    recoup_scenario alone = without_levers(of->scenario, &plan);
    if (!gets_deals(of->model))
        return RECOUP_OK; /* nothing tells what new deals would bring */
    recoup_status status = find_reps(&w);
    if (status == RECOUP_OK && w.n > 0)
        status = count_calls(&w);
    w.goal = RECOUP_NEW(recoup_activity_goal, w.n);
    w.number = RECOUP_NEW(double, w.n);
    w.expected = RECOUP_NEW(double, w.n);
    if (!w.goal || !w.number || !w.expected)
        status = recoup_fail_memory(of->error);
    for (int i = 0; i < w.n && status == RECOUP_OK; i++) {
        w.number[i] = w.rep[i].standing->quota;
        w.expected[i] = w.rep[i].standing->expected;
    }
    if (status == RECOUP_OK && w.n > 0)
        status = add_rows(&w, &alone, "period");
    if (status == RECOUP_OK && w.n > 0 && of->expected)
        status = add_month(&w, &alone);
    free(w.rep);
    free(w.calls_now);
    free(w.goal);
    free(w.number);
    free(w.expected);
    return status;
}
