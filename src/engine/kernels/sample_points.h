/* New deals of the estimator `sample`, stream by stream and layer by layer: numbers of points for
 * all columns at once, their times and heights; those that some plan may accept go on to
 * recoup_arrival_play. */
#ifndef RECOUP_ENGINE_KERNELS_SAMPLE_POINTS_H
#define RECOUP_ENGINE_KERNELS_SAMPLE_POINTS_H

#include "engine/arrivals.h"
#include "engine/kernels/compress.h"
#include "engine/kernels/philox.h"
#include "engine/kernels/vector_double.h"
#include "random/random.h"

enum { POINTS_COLUMNS = RECOUP_CHUNK_PATHS, POINTS_LIST = POINTS_COLUMNS + LIST_STEP };
enum { POINTS_BATCH = 256 };

typedef struct points_space {
    /* Of the chunk, by column. */
    double rate[POINTS_LIST]; /* exp(market_arrivals·Z) × horizon */
    int32_t band[POINTS_LIST];
    uint32_t path[POINTS_LIST];
    /* Of the stream or layer. */
    uint32_t last[POINTS_LIST], block[4][POINTS_LIST];
    double mean[POINTS_LIST], none[POINTS_LIST]; /* of the number of points; P(no point) */
    double u[POINTS_LIST];
    uint8_t keep[POINTS_LIST];
    int32_t some[POINTS_LIST]; /* columns that have points */
    /* Points that wait. */
    int n;
    int32_t column[POINTS_BATCH];
    uint32_t point_path[POINTS_BATCH], index[POINTS_BATCH], key[POINTS_BATCH];
    uint32_t point_last[POINTS_BATCH], point_block[4][POINTS_BATCH];
    double day[POINTS_BATCH], height[POINTS_BATCH]; /* in units of the bound */
} points_space;

/* A layer of a stream. */
typedef struct points_layer {
    int stream, height;
    const double *bound; /* [band] */
    uint64_t key;
} points_layer;

static void points_prepare(const recoup_job *job, points_space *space) {
    for (int c = 0; c < POINTS_LIST; c++) {
        double market = c < job->paths->n ? job->market[c] : 0;
        space->rate[c] =
            job->program->horizon_days * vector_exp(job->program->market_arrivals * market);
        space->band[c] = recoup_tables_band(job->tables, recoup_tables_x(market));
        space->path[c] = job->first + (uint32_t)c;
    }
    space->n = 0;
}

/* --- points that wait ------------------------------------------------------------------------- */

static void points_draw(const recoup_job *job, points_space *space, const points_layer *of) {
    uint32_t *const block[4] = {space->point_block[0], space->point_block[1], space->point_block[2],
                                space->point_block[3]};
    for (int i = 0; i < POINTS_BATCH; i++) {
        space->key[i] = (uint32_t)(of->key >> 32);
        space->point_last[i] = philox_last(0, RECOUP_DRAW_WIN);
    }
    philox_blocks_each(job->seed, space->point_path, space->index, space->key, space->point_last,
                       space->n, block);
    for (int i = 0; i < philox_padded(space->n); i++) {
        space->day[i] = philox_uniform(block[0][i], block[1][i]) * job->program->horizon_days;
        space->height[i] = of->height + philox_uniform(block[2][i], block[3][i]);
    }
}

static void points_play(const recoup_job *job, points_space *space, const points_layer *of,
                        void *scratch) {
    const recoup_tables *tables = job->tables;
    const double *reach = tables->reach + of->stream * tables->n_reaches;
    points_draw(job, space, of);
    for (int i = 0; i < space->n; i++) {
        int day = (int)(space->day[i] / tables->reach_days);
        if (space->height[i] >= reach[day < tables->n_reaches ? day : tables->n_reaches - 1])
            continue;
        int column = space->column[i];
        recoup_point point = {
            .stream = of->stream,
            .column = column,
            .entity = of->key | space->index[i],
            .day = space->day[i],
            .height = space->height[i] * of->bound[space->band[column]],
        };
        recoup_arrival_play(job, &point, scratch);
    }
    space->n = 0;
}

/* --- their numbers ---------------------------------------------------------------------------- */

/* recoup_poisson_quantile(mean, u) for u > none = exp(-mean), without the library's exp. */
static uint32_t points_count(double mean, double none, double u) {
    const double negligible = 0x1p-70; /* terms that can no longer move a sum near 1 */
    double term = none, sum = none;
    uint32_t k = 0;
    if (mean >= 64) /* exp(-mean) loses its place */
        return recoup_poisson_quantile(mean, u);
    while (sum < u && (k < mean || term > negligible)) {
        k++;
        term *= mean / k;
        sum += term;
    }
    return k;
}

static void points_blocks(const recoup_job *job, points_space *space, uint64_t entity,
                          uint32_t step) {
    uint32_t *const block[4] = {space->block[0], space->block[1], space->block[2], space->block[3]};
    for (int c = 0; c < POINTS_COLUMNS; c++)
        space->last[c] = philox_last(step, RECOUP_DRAW_WIN_COUNT);
    philox_blocks(job->seed, space->path, entity, space->last, job->paths->n, block);
    for (int c = 0; c < philox_padded(job->paths->n); c++)
        space->u[c] = philox_uniform(block[0][c], block[1][c]);
}

/* The mean number of points of a column in each layer of the stream. */
static void points_means(const recoup_job *job, points_space *space, int index,
                         const double *bound) {
    const recoup_program_stream *stream = &job->program->stream[index];
    for (int c = 0; c < POINTS_COLUMNS; c++)
        space->mean[c] = stream->rate * space->rate[c] * bound[space->band[c]];
    if (stream->dispersion > 0) {
        points_blocks(job, space, stream->key, 1);
        for (int c = 0; c < job->paths->n; c++)
            space->mean[c] *= recoup_arrival_dispersion(stream->dispersion, space->u[c]);
    }
    for (int c = 0; c < POINTS_COLUMNS; c++)
        space->none[c] = vector_exp(-space->mean[c]);
}

static void points_of_layer(const recoup_job *job, points_space *space, const points_layer *of,
                            void *scratch) {
    points_blocks(job, space, of->key, 0);
    for (int c = 0; c < philox_padded(job->paths->n); c++)
        space->keep[c] = space->u[c] > space->none[c];
    int n = list_compress(NULL, space->keep, job->paths->n, space->some);
    for (int i = 0; i < n; i++) {
        int32_t c = space->some[i];
        uint32_t count = points_count(space->mean[c], space->none[c], space->u[c]);
        for (uint32_t k = 0; k < count; k++) {
            if (space->n == POINTS_BATCH)
                points_play(job, space, of, scratch);
            space->column[space->n] = c;
            space->point_path[space->n] = space->path[c];
            space->index[space->n++] = k;
        }
    }
    points_play(job, space, of, scratch);
}

/* The last layer of which any day reaches a part, and one. */
static int points_layers(const recoup_tables *tables, int stream) {
    const double *reach = tables->reach + stream * tables->n_reaches;
    double highest = 0;
    for (int i = 0; i < tables->n_reaches; i++)
        highest = reach[i] > highest ? reach[i] : highest;
    return highest < tables->n_layers ? (int)ceil(highest) : tables->n_layers;
}

/* All new deals of the chunk; scratch of recoup_arrival_scratch bytes. */
static void points_sample(const recoup_job *job, points_space *space, void *scratch) {
    const recoup_tables *tables = job->tables;
    if (job->program->n_streams == 0)
        return;
    points_prepare(job, space);
    for (int s = 0; s < job->program->n_streams; s++) {
        points_layer layer = {.stream = s, .bound = tables->bound + s * tables->n_bands};
        points_means(job, space, s, layer.bound);
        int n_layers = points_layers(tables, s);
        for (; layer.height < n_layers; layer.height++) {
            layer.key = recoup_arrival_key(&job->program->stream[s], layer.height);
            points_of_layer(job, space, &layer, scratch);
        }
    }
}

#endif
