/* Arrivals of new deals: one stream per cohort and channel, with the reps who get them. */
#include "program/compile.h"

#include <math.h>

double recoup_program_rate_factor(const recoup_program_plan *plan,
                                  const recoup_program_stream *stream, double day) {
    double log_factor = 0;
    for (int i = 0; i < plan->n_rate_changes; i++) {
        const recoup_change *change = plan->rate_change[i];
        if (change->cohort && !change->cohort[stream->cohort])
            continue;
        if (change->channel && !change->channel[stream->channel])
            continue;
        double share = recoup_share(change->start_day, change->ramp_days, day);
        if (share > 0) /* 0 × log 0 is no change */
            log_factor += share * change->value;
    }
    return log_factor == 0 ? 1 : exp(log_factor);
}

/* Number of layers of unit height that some plan's factor reaches at some time: factors are
 * products of f^share, so the largest is at most the product of those above 1. */
static int count_layers(const recoup_program *program) {
    double highest = 1;
    for (int p = 0; p < program->n_plans; p++) {
        const recoup_program_plan *plan = &program->plan[p];
        for (int s = 0; s < program->n_streams; s++) {
            const recoup_program_stream *stream = &program->stream[s];
            double log_factor = 0;
            for (int i = 0; i < plan->n_rate_changes; i++) {
                const recoup_change *change = plan->rate_change[i];
                bool selected = (!change->cohort || change->cohort[stream->cohort]) &&
                                (!change->channel || change->channel[stream->channel]);
                if (selected && change->value > 0)
                    log_factor += change->value;
            }
            highest = fmax(highest, exp(log_factor));
        }
    }
    return (int)ceil(fmin(highest, 1e6));
}

/* The reps of a cohort who get its new deals: not vacant, by capacity where given. */
static void add_reps(recoup_compile *compile, int *stream_rep, double *weight, int *n_stream_reps,
                     int cohort, int *first, int *count) {
    const recoup_view *view = compile->view;
    const recoup_program *program = compile->program;
    double total = 0;
    *first = *n_stream_reps;
    for (int rep = 0; rep < view->n_reps; rep++) {
        if (program->rep_cohort[rep] != cohort || view->rep_status[rep] == RECOUP_REP_VACANT)
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
