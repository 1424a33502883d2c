/* From a scenario: gap, conversions with their uncertainty, and time. */
#include "base/error.h"
#include "base/isa.h"
#include "crm/view.h"
#include "decide/activity.h"
#include "model/draws.h"
#include "program/tables.h"
#include "scenario/scenario.h"
#include "tally/tally.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Classes of Z, and of the time within a week, by their midpoints. */
enum { MARKETS = 7, DAYS = 28 };

/* What `recoup_activity` points to; freed with it. */
typedef struct owned_activity {
    recoup_activity activity; /* first: the pointer is the caller's */
    recoup_arena arena;
} owned_activity;

/* New deals of one cohort and channel. */
typedef struct source {
    int cohort, channel;
    double rate, share;
    double *win;     /* [draw * MARKETS + class of Z]: c */
    double *entries; /* [stage]: mean over these */
    double *in_time; /* [week] */
} source;

typedef struct making {
    const recoup_scenario *scenario;
    const recoup_model *model;
    const recoup_view *view;
    const recoup_activity_options *options;
    recoup_activity *of;
    recoup_arena *arena;
    recoup_error *error;
    source *source;
    int n_sources;
} making;

static void *alloc(const making *m, int n, size_t size) {
    return recoup_arena_alloc(m->arena, (size_t)n, size);
}

/* --- the gap ---------------------------------------------------------------------------------- */

/* The scenario with its first plan alone, by `conditional`; with_levers false: without what it
 * does. Borrows everything. */
static recoup_scenario first_plan(const making *m, recoup_plan *plan, bool with_levers) {
    recoup_scenario alone = *m->scenario;
    *plan = m->scenario->plan[0];
    if (!with_levers) {
        plan->effects = (recoup_effects){0};
        plan->n_levers = 0;
    }
    alone.plan = plan;
    alone.n_plans = 1;
    alone.simulation.estimator = RECOUP_ESTIMATOR_CONDITIONAL;
    alone.simulation.precision = 0;
    alone.simulation.keep_paths = false;
    return alone;
}

static recoup_status find_gap(making *m) {
    recoup_plan plan;
    recoup_scenario alone = first_plan(m, &plan, true);
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
    m->of->deal = recoup_dist_mean(&m->model->new_amount);
    m->of->deals = recoup_activity_up(m->of->gap / m->of->deal);
    recoup_tally_free(tally);
    return RECOUP_OK;
}

/* --- stages, weeks, sources ------------------------------------------------------------------- */

static int find_proposal(const making *m) {
    const char *wanted = m->options->proposal_stage;
    for (int s = 0; s < m->model->n_stages; s++)
        if (wanted ? strcmp(m->model->stage[s].name, wanted) == 0
                   : strcasestr(m->model->stage[s].name, "propos") != NULL)
            return s;
    return wanted ? -1 : m->model->n_stages - 1;
}

static recoup_status set_stages(making *m) {
    recoup_activity *of = m->of;
    of->n_stages = m->model->n_stages;
    of->stage = alloc(m, of->n_stages, sizeof *of->stage);
    if (!of->stage)
        return recoup_fail_memory(m->error);
    recoup_text known = {0};
    for (int s = 0; s < of->n_stages; s++) {
        of->stage[s] = m->model->stage[s].name;
        recoup_text_add(&known, "%s%s", s ? ", " : "", of->stage[s]);
    }
    of->proposal_stage = find_proposal(m);
    recoup_status status = RECOUP_OK;
    if (of->proposal_stage < 0)
        status = recoup_fail(m->error, RECOUP_EINVALID, NULL,
                             "there is no stage '%s'; expected one of %s",
                             m->options->proposal_stage, known.bytes ? known.bytes : "the model's");
    recoup_text_clear(&known);
    return status;
}

static double horizon(const making *m) {
    return m->scenario->period_end - m->scenario->as_of;
}

static recoup_status set_weeks(making *m) {
    recoup_activity *of = m->of;
    double days = horizon(m), start = m->scenario->as_of + m->scenario->zone_days;
    of->n_weeks = (int)ceil(days / 7);
    of->week_end = alloc(m, of->n_weeks, sizeof *of->week_end);
    if (!of->week_end)
        return recoup_fail_memory(m->error);
    for (int w = 0; w < of->n_weeks; w++)
        of->week_end[w] = floor(start + fmin(7 * (w + 1), days)) - 1;
    return RECOUP_OK;
}

static recoup_status set_sources(making *m) {
    const recoup_model *model = m->model;
    int n_channels = recoup_model_n_channels(model);
    double sum = 0;
    m->source = alloc(m, model->cohorts.n * n_channels, sizeof *m->source);
    if (!m->source)
        return recoup_fail_memory(m->error);
    for (int c = 0; c < model->cohorts.n; c++)
        for (int h = 0; h < n_channels; h++) {
            double rate = model->arrivals ? model->arrivals[c * n_channels + h] : 0;
            if (rate <= 0)
                continue;
            m->source[m->n_sources++] = (source){.cohort = c, .channel = h, .rate = rate};
            sum += rate;
        }
    if (m->n_sources == 0 || !model->has_new_amount)
        return recoup_fail(m->error, RECOUP_EINVALID, NULL,
                           "no new deals arrive in the model, so that nothing is known of how they "
                           "convert; expected arrivals");
    for (int i = 0; i < m->n_sources; i++)
        m->source[i].share = m->source[i].rate / sum;
    return RECOUP_OK;
}

/* --- conversions ------------------------------------------------------------------------------ */

/* One draw of the parameters, every source and market. */
static bool add_draw(making *m, const recoup_model *model, int d, double *entries) {
    int n_stages = model->n_stages;
    double weight = 1.0 / (m->of->n_draws * MARKETS);
    for (int i = 0; i < m->n_sources; i++)
        for (int z = 0; z < MARKETS; z++) {
            source *of = &m->source[i];
            recoup_funnel funnel = {.entries = entries};
            if (!recoup_funnel_make(model, of->cohort, of->channel,
                                    gsl_cdf_ugaussian_Pinv((z + .5) / MARKETS), &funnel))
                return false;
            of->win[d * MARKETS + z] = funnel.win;
            for (int s = 0; s < n_stages; s++)
                of->entries[s] += weight * entries[s];
        }
    return true;
}

static recoup_status set_conversions(making *m) {
    int n_draws = m->of->n_draws;
    double *entries = RECOUP_NEW(double, m->of->n_stages);
    recoup_status status = entries ? RECOUP_OK : recoup_fail_memory(m->error);
    for (int i = 0; i < m->n_sources && status == RECOUP_OK; i++) {
        m->source[i].win = alloc(m, n_draws * MARKETS, sizeof(double));
        m->source[i].entries = alloc(m, m->of->n_stages, sizeof(double));
        if (!m->source[i].win || !m->source[i].entries)
            status = recoup_fail_memory(m->error);
    }
    for (int d = 0; d < n_draws && status == RECOUP_OK; d++) {
        recoup_model *drawn = NULL;
        if (n_draws > 1)
            status = recoup_model_draw(m->model, d, &drawn, m->error);
        if (status == RECOUP_OK && !add_draw(m, drawn ? drawn : m->model, d, entries))
            status = recoup_fail_memory(m->error);
        recoup_model_free(drawn);
    }
    free(entries);
    return status;
}

/* --- time ------------------------------------------------------------------------------------- */

/* P(won by the end | created on `day`) at Z = 0, mean over the kinds of new deals. */
static double win_by_end(const making *m, const recoup_tables *tables, const source *of, double day,
                         double *room) {
    const recoup_program *program = tables->program;
    double log_size[RECOUP_FUNNEL_NODES], discount[RECOUP_FUNNEL_NODES], sum = 0;
    double *weight = room, *win = room + tables->n_nodes;
    int n_sizes =
        recoup_funnel_sizes(m->model, log_size, RECOUP_FUNNEL_NODES) ? RECOUP_FUNNEL_NODES : 1;
    int n_discounts =
        recoup_funnel_discounts(m->model, discount, RECOUP_FUNNEL_NODES) ? RECOUP_FUNNEL_NODES : 1;
    int n_segments = program->n_segments > 1 && program->n_mix > 0 ? program->n_mix : 1;
    int first = program->n_segments > 1 && program->n_mix == 0 ? program->n_segments - 1 : 0;
    recoup_tables_weights(tables, recoup_tables_x(0), weight);
    for (int k = 0; k < n_segments; k++) {
        int cell = recoup_program_cell(program, of->cohort,
                                       program->n_channels == 1 ? 0 : of->channel, first + k);
        double share = n_segments > 1 ? m->model->segment_mix[k] : 1;
        for (int i = 0; i < n_sizes; i++)
            for (int j = 0; j < n_discounts; j++) {
                recoup_tables_arrival(tables, 0, cell, false, day, log_size[i], discount[j], weight,
                                      win);
                sum += share * win[tables->n_slots - 1] / (n_sizes * n_discounts);
            }
    }
    return sum;
}

static recoup_status fill_in_time(making *m, const recoup_tables *tables) {
    double *room = RECOUP_NEW(double, tables->n_nodes + tables->n_slots + m->of->n_stages);
    recoup_status status = room ? RECOUP_OK : recoup_fail_memory(m->error);
    for (int i = 0; i < m->n_sources && status == RECOUP_OK; i++) {
        source *of = &m->source[i];
        recoup_funnel funnel = {.entries = room + tables->n_nodes + tables->n_slots};
        of->in_time = alloc(m, m->of->n_weeks, sizeof *of->in_time);
        if (!of->in_time || !recoup_funnel_make(m->model, of->cohort, of->channel, 0, &funnel)) {
            status = recoup_fail_memory(m->error);
            break;
        }
        for (int w = 0; w < m->of->n_weeks; w++) {
            double start = 7 * w, days = fmin(7, horizon(m) - start), won = 0;
            for (int k = 0; k < DAYS; k++)
                won += win_by_end(m, tables, of, start + (k + .5) / DAYS * days, room) / DAYS;
            of->in_time[w] = funnel.win > 0 ? fmin(1, won / funnel.win) : 0;
        }
    }
    free(room);
    return status;
}

static recoup_status set_in_time(making *m) {
    recoup_plan plan;
    recoup_scenario alone = first_plan(m, &plan, false);
    recoup_program *program = NULL;
    recoup_tables *tables = NULL;
    recoup_error repeated = RECOUP_ERROR_INIT; /* its notes were told with the gap */
    recoup_status status = recoup_program_create(&alone, m->model, m->view, &program, &repeated);
    if (status == RECOUP_OK)
        status = recoup_tables_create(program, NULL, recoup_isa_find(m->options->engine->isa),
                                      &tables, &repeated);
    if (status != RECOUP_OK)
        recoup_error_merge(m->error, &repeated);
    else
        status = fill_in_time(m, tables);
    recoup_error_clear(&repeated);
    recoup_tables_free(tables);
    recoup_program_free(program);
    return status;
}

/* --- calls ------------------------------------------------------------------------------------ */

static bool is_call(const recoup_view *view, int activity) {
    int type = view->activity_type[activity];
    const char *name = type >= 0 ? view->activity_types.name[type] : "";
    return strcasecmp(name, "call") == 0 || strcasecmp(name, "calls") == 0;
}

static void count_calls(making *m) {
    recoup_activity *of = m->of;
    const recoup_view *view = m->view;
    double first = INFINITY;
    for (int i = 0; i < view->n_activities; i++)
        if (is_call(view, i)) {
            of->n_calls++;
            first = fmin(first, view->activity_time[i]);
        }
    int stage = recoup_names_find(&view->stages, of->stage[of->proposal_stage]), last = -1;
    for (int i = 0; i < view->n_visits && stage >= 0; i++) {
        const recoup_visit *visit = &view->visit[i];
        if (visit->stage != stage || visit->deal == last)
            continue;
        last = visit->deal; /* its first stay there */
        of->n_proposals += visit->entered >= first && visit->entered < view->as_of;
    }
    if (of->n_calls > 0 && of->n_proposals > 0)
        of->calls_per_proposal = (double)of->n_calls / (double)of->n_proposals;
}

/* --- rows ------------------------------------------------------------------------------------- */

static int compare_numbers(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* c of the row: of its sources by their shares; `win` is [draw * MARKETS + class]. */
static bool set_win(const making *m, recoup_activity_row *row, const double *win) {
    int n = m->of->n_draws;
    double *draw = RECOUP_NEW(double, n);
    if (!draw)
        return false;
    row->win = 0;
    for (int d = 0; d < n; d++) {
        for (int z = 0; z < MARKETS; z++)
            draw[d] += win[d * MARKETS + z] / MARKETS;
        row->win += draw[d] / n;
    }
    qsort(draw, (size_t)n, sizeof *draw, compare_numbers);
    row->win_low = draw[(int)(.05 * (n - 1) + .5)];
    row->win_high = draw[(int)(.95 * (n - 1) + .5)];
    free(draw);
    return true;
}

/* To the last week in which at least half of the later wins come in time. */
static double set_time(const making *m, recoup_activity_row *row) {
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

static bool set_need(const making *m, const recoup_activity_row *row, const double *p, int n_p,
                     int level, recoup_activity_need *need) {
    const recoup_activity *of = m->of;
    double confidence = recoup_activity_confidence[level], k = of->deals;
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

/* The sources [first, end) by their shares. */
static bool set_row(const making *m, recoup_activity_row *row, int first, int end) {
    const recoup_activity *of = m->of;
    int n_p = of->n_draws * MARKETS;
    double *p = RECOUP_NEW(double, n_p), share = 0, won = 0;
    row->entries = alloc(m, of->n_stages, sizeof *row->entries);
    row->in_time = alloc(m, of->n_weeks, sizeof *row->in_time);
    bool enough = p && row->entries && row->in_time;
    for (int i = first; i < end && enough; i++)
        share += m->source[i].share;
    for (int i = first; i < end && enough; i++) {
        const source *from = &m->source[i];
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
    for (int i = 0; i < RECOUP_ACTIVITY_LEVELS && enough; i++)
        enough = set_need(m, row, p, n_p, i, &row->need[i]);
    free(p);
    return enough;
}

static recoup_status set_rows(making *m) {
    recoup_activity *of = m->of;
    if (of->gap <= 0)
        return RECOUP_OK;
    bool has_channels = m->model->channels.n > 0;
    of->row = alloc(m, m->n_sources + 1, sizeof *of->row);
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

static recoup_status make(making *m) {
    recoup_activity *of = m->of;
    of->title = m->scenario->name;
    of->currency = m->scenario->currency[0] ? m->scenario->currency : m->model->currency;
    of->plan = m->scenario->plan[0].name;
    of->n_draws = 1;
    if (m->model->draws && m->scenario->simulation.parameter_draws > 1)
        of->n_draws =
            (int)fmin((double)m->scenario->simulation.parameter_draws, m->model->draws->n_draws);
    of->calls_per_proposal = m->options->calls_per_proposal;
    recoup_status status = set_stages(m);
    if (status == RECOUP_OK)
        status = set_weeks(m);
    if (status == RECOUP_OK)
        status = set_sources(m);
    if (status == RECOUP_OK)
        status = find_gap(m);
    if (status == RECOUP_OK && of->gap > 0)
        status = set_conversions(m);
    if (status == RECOUP_OK && of->gap > 0)
        status = set_in_time(m);
    if (status == RECOUP_OK && isnan(of->calls_per_proposal))
        count_calls(m);
    return status == RECOUP_OK ? set_rows(m) : status;
}

recoup_status recoup_activity_make(const recoup_scenario *scenario, const recoup_model *model,
                                   const recoup_view *view, const recoup_activity_options *options,
                                   recoup_activity **activity, recoup_error *error) {
    owned_activity *owned = RECOUP_NEW(owned_activity, 1);
    *activity = NULL;
    if (!owned)
        return recoup_fail_memory(error);
    making m = {.scenario = scenario,
                .model = model,
                .view = view,
                .options = options,
                .of = &owned->activity,
                .arena = &owned->arena,
                .error = error};
    recoup_status status = make(&m);
    if (status == RECOUP_OK)
        *activity = &owned->activity;
    else
        recoup_activity_free(&owned->activity);
    return status;
}

void recoup_activity_free(recoup_activity *activity) {
    owned_activity *owned = (owned_activity *)activity;
    if (!owned)
        return;
    recoup_arena_clear(&owned->arena);
    free(owned);
}
