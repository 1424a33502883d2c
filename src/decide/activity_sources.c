/* What becomes of new deals: how many arrive, which share of them is won, and when; and how many
 * calls they take. */
#include "base/error.h"
#include "base/isa.h"
#include "crm/view.h"
#include "decide/activity.h"
#include "model/draws.h"
#include "program/tables.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { DAYS = 28 }; /* classes of the time within a week, by their midpoints */

static void *alloc(const recoup_activity_making *m, int n, size_t size) {
    return recoup_arena_alloc(m->arena, (size_t)n, size);
}

recoup_scenario recoup_activity_first_plan(const recoup_activity_making *m, recoup_plan *plan,
                                           bool with_levers) {
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

/* --- stages, weeks, sources ------------------------------------------------------------------- */

static int find_proposal(const recoup_activity_making *m) {
    const char *wanted = m->options->proposal_stage;
    for (int s = 0; s < m->model->n_stages; s++)
        if (wanted ? strcmp(m->model->stage[s].name, wanted) == 0
                   : strcasestr(m->model->stage[s].name, "propos") != NULL)
            return s;
    return wanted ? -1 : m->model->n_stages - 1;
}

static recoup_status set_stages(recoup_activity_making *m) {
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

static double horizon(const recoup_activity_making *m) {
    return m->scenario->period_end - m->scenario->as_of;
}

static recoup_status set_weeks(recoup_activity_making *m) {
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

static recoup_status set_sources(recoup_activity_making *m) {
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
            m->source[m->n_sources++] =
                (recoup_activity_source){.cohort = c, .channel = h, .rate = rate};
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
static bool add_draw(recoup_activity_making *m, const recoup_model *model, int d, double *entries) {
    int n_stages = model->n_stages;
    double weight = 1.0 / (m->of->n_draws * RECOUP_ACTIVITY_MARKETS);
    for (int i = 0; i < m->n_sources; i++)
        for (int z = 0; z < RECOUP_ACTIVITY_MARKETS; z++) {
            recoup_activity_source *of = &m->source[i];
            recoup_funnel funnel = {.entries = entries};
            if (!recoup_funnel_make(model, of->cohort, of->channel,
                                    gsl_cdf_ugaussian_Pinv((z + .5) / RECOUP_ACTIVITY_MARKETS),
                                    &funnel))
                return false;
            of->win[d * RECOUP_ACTIVITY_MARKETS + z] = funnel.win;
            for (int s = 0; s < n_stages; s++)
                of->entries[s] += weight * entries[s];
        }
    return true;
}

static recoup_status set_conversions(recoup_activity_making *m) {
    int n_draws = m->of->n_draws;
    double *entries = RECOUP_NEW(double, m->of->n_stages);
    recoup_status status = entries ? RECOUP_OK : recoup_fail_memory(m->error);
    for (int i = 0; i < m->n_sources && status == RECOUP_OK; i++) {
        m->source[i].win = alloc(m, n_draws * RECOUP_ACTIVITY_MARKETS, sizeof(double));
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
static double win_by_end(const recoup_activity_making *m, const recoup_tables *tables,
                         const recoup_activity_source *of, double day, double *room) {
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

static recoup_status fill_in_time(recoup_activity_making *m, const recoup_tables *tables) {
    double *room = RECOUP_NEW(double, tables->n_nodes + tables->n_slots + m->of->n_stages);
    recoup_status status = room ? RECOUP_OK : recoup_fail_memory(m->error);
    for (int i = 0; i < m->n_sources && status == RECOUP_OK; i++) {
        recoup_activity_source *of = &m->source[i];
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

static recoup_status set_in_time(recoup_activity_making *m) {
    recoup_plan plan;
    recoup_scenario alone = recoup_activity_first_plan(m, &plan, false);
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

bool recoup_activity_is_call(const recoup_view *view, int activity) {
    int type = view->activity_type[activity];
    const char *name = type >= 0 ? view->activity_types.name[type] : "";
    return strcasecmp(name, "call") == 0 || strcasecmp(name, "calls") == 0;
}

void recoup_activity_count_calls(recoup_activity_making *m) {
    recoup_activity *of = m->of;
    const recoup_view *view = m->view;
    double first = INFINITY;
    for (int i = 0; i < view->n_activities; i++)
        if (recoup_activity_is_call(view, i)) {
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

recoup_status recoup_activity_set_arrivals(recoup_activity_making *m) {
    recoup_status status = set_stages(m);
    if (status == RECOUP_OK)
        status = set_weeks(m);
    return status == RECOUP_OK ? set_sources(m) : status;
}

recoup_status recoup_activity_set_outcomes(recoup_activity_making *m) {
    recoup_status status = set_conversions(m);
    return status == RECOUP_OK ? set_in_time(m) : status;
}
