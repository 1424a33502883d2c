/* New deals: what they are when they arrive, whose they are, and the estimator `sample` of them.
 *
 * Compiled once, so that what the mathematical library says here is the same for all kernels. */
#ifndef RECOUP_ENGINE_ARRIVALS_H
#define RECOUP_ENGINE_ARRIVALS_H

#include "engine/kernel.h"

/* A new deal of the model, as it arrives. */
typedef struct recoup_arrival {
    uint64_t entity;
    double day, amount, log_size, discount;
    int segment; /* -1: none */
    double rep_draw;
} recoup_arrival;

recoup_arrival recoup_arrival_make(const recoup_program *program, uint64_t seed, uint32_t path,
                                   uint64_t entity, double day);

/* The rep whose weight interval holds u; -1 when the stream has none. */
int recoup_arrival_rep(const recoup_program *program, const recoup_program_stream *stream,
                       double u);
/* The rep who has the lead of `rep` (-1: nobody) after the plan's moves. */
int recoup_arrival_owner(const recoup_program_plan *plan, uint64_t seed, uint32_t path,
                         const recoup_arrival *arrival, int rep);
/* The cell of a new deal whose owner under the plan is `rep`. */
int recoup_arrival_cell(const recoup_program *program, const recoup_program_plan *plan,
                        const recoup_program_stream *stream, const recoup_arrival *arrival,
                        int rep);

/* Layers are streams of their own, since their number may not matter to the first ones: the
 * entities of a layer's deals are key | 0, key | 1, ... */
uint64_t recoup_arrival_key(const recoup_program_stream *stream, int layer);
/* The gamma factor (mean 1) that makes counts negative binomial. */
double recoup_arrival_dispersion(double dispersion, double u);

/* A new deal of `sample`. Their number and times are points of a Poisson process with
 * (rate × bound) per day and unit of height; a plan wins a point by the first slot for which
 *     rate factor × P(won by its end) / bound > height
 * (program/tables.h): as many as in `walk` on average, of the same kinds at the same times. */
typedef struct recoup_point {
    int stream, column;
    uint64_t entity;
    double day, height; /* height × bound */
} recoup_point;

/* Adds what the deal brings under every plan to the job's paths. scratch: of
 * recoup_arrival_scratch bytes, aligned as doubles are. */
size_t recoup_arrival_scratch(const recoup_tables *tables);
void recoup_arrival_play(const recoup_job *job, const recoup_point *point, void *scratch);

#endif
