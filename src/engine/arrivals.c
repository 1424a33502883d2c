#include "engine/arrivals.h"

#include "random/random.h"
#include <math.h>

/* The k-th of the equally spaced quantiles, linear between. */
static double discount_at(const recoup_program *program, double u) {
    if (program->n_discount < 2)
        return 0;
    double x = u * (program->n_discount - 1);
    int i = (int)x;
    if (i > program->n_discount - 2)
        i = program->n_discount - 2;
    const double *q = &program->discount_quantile[i];
    return q[0] + (x - i) * (q[1] - q[0]);
}

int recoup_arrival_rep(const recoup_program *program, const recoup_program_stream *stream,
                       double u) {
    const double *weight = &program->stream_rep_weight[stream->first_rep];
    int i = 0, end = stream->n_reps - 1; /* the rep is in [i, end]; weights are cumulative */
    if (stream->n_reps == 0)
        return -1;
    while (i < end) {
        int middle = (i + end) / 2;
        if (u >= weight[middle])
            i = middle + 1;
        else
            end = middle;
    }
    return program->stream_rep[stream->first_rep + i];
}

recoup_arrival recoup_arrival_make(const recoup_program *program, uint64_t seed, uint32_t path,
                                   uint64_t entity, double day) {
    recoup_pair deal = recoup_random_pair(seed, path, entity, 0, RECOUP_DRAW_DEAL);
    recoup_pair mix = recoup_random_pair(seed, path, entity, 0, RECOUP_DRAW_MIX);
    recoup_arrival arrival = {
        .entity = entity,
        .day = day,
        .amount = recoup_dist_quantile(&program->new_amount, deal.first),
        .discount = discount_at(program, mix.second),
        .segment = -1,
        .rep_draw = deal.second,
    };
    arrival.log_size = log(arrival.amount) - program->log_size_ref;
    if (program->n_mix > 0) {
        arrival.segment = 0;
        while (arrival.segment + 1 < program->n_mix && mix.first >= program->mix[arrival.segment])
            arrival.segment++;
    }
    return arrival;
}

int recoup_arrival_owner(const recoup_program_plan *plan, uint64_t seed, uint32_t path,
                         const recoup_arrival *arrival, int rep) {
    for (int i = 0; i < plan->n_lead_moves && rep >= 0; i++) {
        const recoup_lead_move *move = &plan->lead_move[i];
        double share = move->share * recoup_share(move->start_day, move->ramp_days, arrival->day);
        if (share == 0 || !move->from[rep])
            continue;
        recoup_pair draw =
            recoup_random_pair(seed, path, arrival->entity, (uint32_t)i, RECOUP_DRAW_LEAD);
        if (draw.first < share)
            rep = move->to[(int)(draw.second * move->n_to)];
    }
    return rep;
}

int recoup_arrival_cell(const recoup_program *program, const recoup_program_plan *plan,
                        const recoup_program_stream *stream, const recoup_arrival *arrival,
                        int rep) {
    int channel = program->n_channels == 1 ? 0 : stream->channel;
    int segment = program->n_segments == 1 ? 0
                  : arrival->segment >= 0  ? arrival->segment
                                           : program->n_segments - 1;
    int crew = rep >= 0 ? recoup_program_crews(program, plan)[rep] : stream->cohort;
    return recoup_program_cell(program, crew, channel, segment);
}

uint64_t recoup_arrival_key(const recoup_program_stream *stream, int layer) {
    return (stream->key + (uint64_t)layer * 0x9e3779b97f4a7c15u) & ~0xffffffffULL;
}

double recoup_arrival_dispersion(double dispersion, double u) {
    if (dispersion <= 0)
        return 1;
    /* GSL's inverse does not converge for shapes of some 10,000 and more. */
    const recoup_dist gamma = {RECOUP_GAMMA, log(dispersion), {1 / dispersion}};
    return recoup_dist_quantile(&gamma, u);
}
