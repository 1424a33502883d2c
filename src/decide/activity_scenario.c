/* From a scenario: the gap, and what closes it. */
#include "base/error.h"
#include "decide/activity.h"
#include "model/draws.h"
#include "tally/tally.h"

#include <math.h>
#include <stdlib.h>

/* What `recoup_activity` points to; freed with it. */
typedef struct owned_activity {
    recoup_activity activity; /* first: the pointer is the caller's */
    recoup_arena arena;
} owned_activity;

static void *alloc(const recoup_activity_making *m, int n, size_t size) {
    return recoup_arena_alloc(m->arena, (size_t)n, size);
}

/* --- the gap ---------------------------------------------------------------------------------- */

static recoup_status find_gap(recoup_activity_making *m) {
    recoup_plan plan;
    recoup_scenario alone = recoup_activity_first_plan(m, &plan, true);
    recoup_engine_options engine = *m->options->engine;
    recoup_tally *tally = NULL;
    engine.progress = NULL;
    recoup_status status = recoup_simulate(&alone, m->model, m->view, &engine, &tally, m->error);
    if (status != RECOUP_OK)
        return status;
    m->of->quota = tally->shape.quota;
    m->of->booked = tally->shape.booked;
    m->of->expected = tally->exact->mean[0];
    m->of->gap = fmax(0, m->of->quota - m->of->expected);
    m->of->deals = recoup_activity_up(m->of->gap / m->of->deal);
    recoup_tally_free(tally);
    return RECOUP_OK;
}

/* --- rows ------------------------------------------------------------------------------------- */

static int compare_numbers(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* c of the row: of its sources by their shares; `win` is [draw * RECOUP_ACTIVITY_MARKETS + class].
 */
static bool set_win(const recoup_activity_making *m, recoup_activity_row *row, const double *win) {
    int n = m->of->n_draws;
    double *draw = RECOUP_NEW(double, n);
    if (!draw)
        return false;
    row->win = 0;
    for (int d = 0; d < n; d++) {
        for (int z = 0; z < RECOUP_ACTIVITY_MARKETS; z++)
            draw[d] += win[d * RECOUP_ACTIVITY_MARKETS + z] / RECOUP_ACTIVITY_MARKETS;
        row->win += draw[d] / n;
    }
    qsort(draw, (size_t)n, sizeof *draw, compare_numbers);
    row->win_low = draw[(int)(.05 * (n - 1) + .5)];
    row->win_high = draw[(int)(.95 * (n - 1) + .5)];
    free(draw);
    return true;
}

/* To the last week in which at least half of the later wins come in time. */
static double set_time(const recoup_activity_making *m, recoup_activity_row *row) {
    double sum = 0;
    row->n_weeks = 0;
    for (int w = 0; w < m->of->n_weeks; w++)
        if (row->in_time[w] >= .5)
            row->n_weeks = w + 1;
    row->is_too_late = row->n_weeks == 0;
    row->n_weeks = row->is_too_late ? 1 : row->n_weeks;
    for (int w = 0; w < row->n_weeks; w++)
        sum += row->in_time[w] / row->n_weeks;
    return sum;
}

static bool set_need(const recoup_activity_making *m, const recoup_activity_row *row,
                     const double *p, int n_p, int level, recoup_activity_need *need) {
    const recoup_activity *of = m->of;
    double confidence = recoup_activity_confidence[level], k = row->deals;
    need->entered = alloc(m, of->n_stages, sizeof *need->entered);
    if (!need->entered)
        return false;
    if (!isnan(confidence))
        need->created = recoup_activity_smallest(p, n_p, k, confidence);
    else
        need->created = row->win_by_end > 0 ? recoup_activity_up(k / row->win_by_end) : NAN;
    if (need->created > 1e9)
        need->created = NAN;
    for (int s = 0; s < of->n_stages; s++)
        need->entered[s] = recoup_activity_up(need->created * row->entries[s]);
    need->proposals = need->entered[of->proposal_stage];
    need->calls = recoup_activity_up(need->proposals * of->calls_per_proposal);
    need->created_a_week = recoup_activity_up(need->created / row->n_weeks);
    need->calls_a_week = recoup_activity_up(need->calls / row->n_weeks);
    need->probability =
        isnan(need->created) ? NAN : recoup_activity_probability(need->created, p, n_p, k);
    return true;
}

/* The sources [first, end) by their shares; row->deals is set. */
static bool set_row(const recoup_activity_making *m, recoup_activity_row *row, int first, int end) {
    const recoup_activity *of = m->of;
    int n_p = of->n_draws * RECOUP_ACTIVITY_MARKETS;
    double *p = RECOUP_NEW(double, n_p), share = 0, won = 0;
    row->entries = alloc(m, of->n_stages, sizeof *row->entries);
    row->in_time = alloc(m, of->n_weeks, sizeof *row->in_time);
    bool enough = p && row->entries && row->in_time;
    for (int i = first; i < end && enough; i++)
        share += m->source[i].share;
    for (int i = first; i < end && enough; i++) {
        const recoup_activity_source *from = &m->source[i];
        double weight = from->share / share, mean = 0;
        row->arrivals_a_week += 7 * from->rate;
        for (int k = 0; k < n_p; k++) {
            p[k] += weight * from->win[k];
            mean += from->win[k] / n_p;
        }
        won += weight * mean;
        for (int s = 0; s < of->n_stages; s++)
            row->entries[s] += weight * from->entries[s];
        for (int w = 0; w < of->n_weeks; w++)
            row->in_time[w] += weight * mean * from->in_time[w];
    }
    for (int w = 0; w < of->n_weeks && enough; w++)
        row->in_time[w] = won > 0 ? row->in_time[w] / won : 0;
    enough = enough && set_win(m, row, p);
    double in_time = enough ? set_time(m, row) : 0;
    for (int k = 0; k < n_p && enough; k++)
        p[k] *= in_time;
    row->win_by_end = row->win * in_time;
    for (int i = 0; i < m->n_levels && enough; i++)
        enough = set_need(m, row, p, n_p, i, &row->need[i]);
    free(p);
    return enough;
}

static recoup_status set_rows(recoup_activity_making *m) {
    recoup_activity *of = m->of;
    if (of->gap <= 0)
        return RECOUP_OK;
    bool has_channels = m->model->channels.n > 0;
    of->row = alloc(m, m->n_sources + 1, sizeof *of->row);
    for (int i = 0; of->row && i < m->n_sources + 1; i++)
        of->row[i].deals = of->deals;
    bool enough = of->row && set_row(m, &of->row[0], 0, m->n_sources);
    for (int i = 0; i < m->n_sources && enough; i++) {
        recoup_activity_row *row = &of->row[1 + i];
        row->cohort = m->model->cohorts.name[m->source[i].cohort];
        row->channel = has_channels ? m->model->channels.name[m->source[i].channel] : NULL;
        enough = set_row(m, row, i, i + 1);
    }
    of->n_rows = enough ? m->n_sources + 1 : 0;
    return enough ? RECOUP_OK : recoup_fail_memory(m->error);
}

/* --- all of it -------------------------------------------------------------------------------- */

static recoup_status make(recoup_activity_making *m) {
    recoup_activity *of = m->of;
    recoup_status status = recoup_activity_set_arrivals(m);
    if (status == RECOUP_OK)
        status = find_gap(m);
    if (status == RECOUP_OK && of->gap > 0)
        status = recoup_activity_set_outcomes(m);
    if (status == RECOUP_OK && isnan(of->calls_per_proposal))
        recoup_activity_count_calls(m);
    return status == RECOUP_OK ? set_rows(m) : status;
}

static recoup_status set_goals(recoup_activity_making *m, const recoup_activity_goal *goal, int n) {
    recoup_activity *of = m->of;
    bool enough = (of->row = alloc(m, n, sizeof *of->row)) != NULL;
    for (int g = 0; g < n && enough; g++) {
        recoup_activity_row *row = &of->row[g];
        int first = 0, end = m->n_sources;
        while (goal[g].cohort >= 0 && first < end && m->source[first].cohort != goal[g].cohort)
            first++;
        while (goal[g].cohort >= 0 && end > first && m->source[end - 1].cohort != goal[g].cohort)
            end--;
        row->cohort = goal[g].cohort >= 0 ? m->model->cohorts.name[goal[g].cohort] : NULL;
        row->deals = recoup_activity_up(fmax(0, goal[g].gap) / of->deal);
        if (first < end)
            enough = set_row(m, row, first, end);
    }
    of->n_rows = enough ? n : 0;
    return enough ? RECOUP_OK : recoup_fail_memory(m->error);
}

static recoup_status make_goals(recoup_activity_making *m, const recoup_activity_goal *goal,
                                int n) {
    m->of->quota = m->of->booked = m->of->expected = m->of->gap = m->of->deals = NAN;
    recoup_status status = recoup_activity_set_arrivals(m);
    if (status == RECOUP_OK)
        status = recoup_activity_set_outcomes(m);
    if (status == RECOUP_OK && isnan(m->of->calls_per_proposal))
        recoup_activity_count_calls(m);
    return status == RECOUP_OK ? set_goals(m, goal, n) : status;
}

/* Of everything but the rows. NULL: out of memory. */
static owned_activity *start(recoup_activity_making *m) {
    owned_activity *owned = RECOUP_NEW(owned_activity, 1);
    if (!owned)
        return NULL;
    recoup_activity *of = m->of = &owned->activity;
    m->arena = &owned->arena;
    of->title = m->scenario->name;
    of->currency = m->scenario->currency[0] ? m->scenario->currency : m->model->currency;
    of->plan = m->scenario->plan[0].name;
    of->n_draws = 1;
    if (m->model->draws && m->scenario->simulation.parameter_draws > 1)
        of->n_draws =
            (int)fmin((double)m->scenario->simulation.parameter_draws, m->model->draws->n_draws);
    of->deal = m->model->has_new_amount ? recoup_dist_mean(&m->model->new_amount) : NAN;
    of->calls_per_proposal = m->options->calls_per_proposal;
    return owned;
}

static recoup_status finish(owned_activity *owned, recoup_status status,
                            recoup_activity **activity) {
    if (status == RECOUP_OK)
        *activity = &owned->activity;
    else
        recoup_activity_free(&owned->activity);
    return status;
}

recoup_status recoup_activity_make(const recoup_scenario *scenario, const recoup_model *model,
                                   const recoup_view *view, const recoup_activity_options *options,
                                   recoup_activity **activity, recoup_error *error) {
    recoup_activity_making m = {.scenario = scenario,
                                .model = model,
                                .view = view,
                                .options = options,
                                .error = error,
                                .n_levels = RECOUP_ACTIVITY_LEVELS};
    owned_activity *owned = start(&m);
    *activity = NULL;
    return owned ? finish(owned, make(&m), activity) : recoup_fail_memory(error);
}

recoup_status recoup_activity_make_goals(const recoup_scenario *scenario, const recoup_model *model,
                                         const recoup_view *view,
                                         const recoup_activity_options *options,
                                         const recoup_activity_goal *goal, int n_goals,
                                         recoup_activity **activity, recoup_error *error) {
    recoup_activity_making m = {.scenario = scenario,
                                .model = model,
                                .view = view,
                                .options = options,
                                .error = error,
                                .n_levels = RECOUP_ACTIVITY_GOAL_LEVELS};
    owned_activity *owned = start(&m);
    *activity = NULL;
    return owned ? finish(owned, make_goals(&m, goal, n_goals), activity)
                 : recoup_fail_memory(error);
}

void recoup_activity_free(recoup_activity *activity) {
    owned_activity *owned = (owned_activity *)activity;
    if (!owned)
        return;
    recoup_arena_clear(&owned->arena);
    free(owned);
}
