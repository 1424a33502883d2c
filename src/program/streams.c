/* Arrivals of new deals: one stream per cohort and channel, with the reps who get them. */
#include "program/compile.h"

#include <math.h>

static bool selects(const recoup_change *change, const recoup_program_stream *stream, int segment) {
    return (!change->cohort || change->cohort[stream->cohort]) &&
           (!change->channel || change->channel[stream->channel]) &&
           (!change->segment || (segment >= 0 && change->segment[segment]));
}

double recoup_program_rate_factor(const recoup_program_plan *plan,
                                  const recoup_program_stream *stream, int segment, double day) {
    double log_factor = 0, joined = 0;
    for (int i = 0; i < plan->n_rate_changes; i++) {
        const recoup_change *change = plan->rate_change[i];
        if (!selects(change, stream, segment))
            continue;
        double share = recoup_share(change->start_day, change->ramp_days, day);
        if (share > 0) /* 0 × log 0 is no change */
            *(change->quantity == RECOUP_CHANGE_HIRES ? &joined : &log_factor) +=
                share * change->value;
    }
    double factor = log_factor == 0 ? 1 : exp(log_factor);
    return joined > 0 ? factor * (1 + joined) : factor;
}

void recoup_program_share_leads(const recoup_program *program, const recoup_program_plan *plan,
                                const recoup_program_stream *stream, double day, double *share) {
    double before = 0;
    for (int rep = 0; rep < program->n_reps; rep++)
        share[rep] = 0;
    for (int i = 0; i < stream->n_reps; i++) {
        double upto = program->stream_rep_weight[stream->first_rep + i];
        share[program->stream_rep[stream->first_rep + i]] += upto - before;
        before = upto;
    }
    for (int i = 0; i < plan->n_lead_moves; i++) {
        const recoup_lead_move *move = &plan->lead_move[i];
        double part = move->share * recoup_share(move->start_day, move->ramp_days, day), moved = 0;
        for (int rep = 0; rep < program->n_reps; rep++)
            if (move->from[rep]) {
                moved += part * share[rep];
                share[rep] *= 1 - part;
            }
        for (int j = 0; j < move->n_to; j++)
            share[move->to[j]] += moved / move->n_to;
    }
}

/* Factors are products of f^share, so the largest at any time is at most the product of those above
 * 1. */
static double highest_factor(const recoup_program_plan *plan, const recoup_program_stream *stream,
                             int segment) {
    double log_factor = 0, joined = 0;
    for (int i = 0; i < plan->n_rate_changes; i++) {
        const recoup_change *change = plan->rate_change[i];
        if (selects(change, stream, segment) && change->value > 0)
            *(change->quantity == RECOUP_CHANGE_HIRES ? &joined : &log_factor) += change->value;
    }
    return exp(log_factor) * (1 + joined);
}

/* Number of layers of unit height that some plan's factor reaches at some time. */
static int count_layers(const recoup_program *program) {
    double highest = 1;
    for (int p = 0; p < program->n_plans; p++) {
        const recoup_program_plan *plan = &program->plan[p];
        int n_segments = plan->has_segment_rates ? program->n_mix : 0;
        for (int s = 0; s < program->n_streams; s++)
            for (int segment = n_segments > 0 ? 0 : -1; segment < n_segments; segment++)
                highest = fmax(highest, highest_factor(plan, &program->stream[s], segment));
    }
    return (int)ceil(fmin(highest, 1e6));
}

/* Whether a rep gets new deals of the cohort. */
static bool gets_deals(const recoup_compile *compile, int rep, int cohort) {
    return compile->program->rep_cohort[rep] == cohort &&
           compile->view->rep_status[rep] != RECOUP_REP_VACANT;
}

recoup_status recoup_compile_hires(recoup_compile *compile, const recoup_change *hires,
                                   const recoup_change **change) {
    const recoup_program *program = compile->program;
    int n = 0;
    for (int rep = 0; rep < program->n_reps; rep++)
        for (int c = 0; c < program->n_cohorts; c++)
            n += hires->cohort[c] && gets_deals(compile, rep, c);
    if (n == 0)
        return recoup_node_fail(compile->scenario->document, hires->node, compile->error,
                                "the cohort has no active rep, so nothing tells what a new one "
                                "would bring; expected a cohort with active reps");
    recoup_change *relative = RECOUP_COMPILE_NEW(compile, recoup_change, 1);
    if (!relative)
        return recoup_fail_memory(compile->error);
    *relative = *hires;
    relative->value = hires->value / n;
    *change = relative;
    return RECOUP_OK;
}

/* The reps of a cohort who get its new deals: not vacant, by capacity where given. */
static void add_reps(recoup_compile *compile, int *stream_rep, double *weight, int *n_stream_reps,
                     int cohort, int *first, int *count) {
    const recoup_view *view = compile->view;
    double total = 0;
    *first = *n_stream_reps;
    for (int rep = 0; rep < view->n_reps; rep++) {
        if (!gets_deals(compile, rep, cohort))
            continue;
        total += isnan(view->rep_capacity[rep]) ? 1 : view->rep_capacity[rep];
        stream_rep[*n_stream_reps] = rep;
        weight[(*n_stream_reps)++] = total;
    }
    *count = *n_stream_reps - *first;
    for (int i = *first; i < *n_stream_reps; i++)
        weight[i] /= total;
}

recoup_status recoup_compile_streams(recoup_compile *compile) {
    const recoup_model *model = compile->model;
    recoup_program *program = compile->program;
    int n_channels = recoup_model_n_channels(model), n_stream_reps = 0;
    recoup_program_stream *stream =
        RECOUP_COMPILE_NEW(compile, recoup_program_stream, model->cohorts.n * n_channels);
    int *stream_rep = RECOUP_COMPILE_NEW(compile, int, compile->view->n_reps);
    double *weight = RECOUP_COMPILE_NEW(compile, double, compile->view->n_reps);
    if (!stream || !stream_rep || !weight)
        return recoup_fail_memory(compile->error);
    for (int c = 0; c < model->cohorts.n; c++) {
        int first, count;
        add_reps(compile, stream_rep, weight, &n_stream_reps, c, &first, &count);
        for (int ch = 0; ch < n_channels; ch++) {
            int cell = c * n_channels + ch;
            if (!(model->arrivals[cell] > 0))
                continue; /* nothing to multiply: a plan's factor leaves 0 at 0 */
            const char *channel = model->channels.n ? model->channels.name[ch] : "";
            uint64_t hash = recoup_hash_text(RECOUP_HASH_START, model->cohorts.name[c]);
            stream[program->n_streams++] = (recoup_program_stream){
                .key = recoup_hash_text(hash, channel),
                .cohort = c,
                .channel = model->channels.n ? ch : 0,
                .rate = model->arrivals[cell],
                .dispersion = model->arrivals_dispersion ? model->arrivals_dispersion[cell] : 0,
                .first_rep = first,
                .n_reps = count,
            };
        }
    }
    program->stream = stream;
    program->stream_rep = stream_rep;
    program->stream_rep_weight = weight;
    program->n_layers = count_layers(program);
    return RECOUP_OK;
}
