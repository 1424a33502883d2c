#include "engine/path.h"

#include "engine/walk.h"
#include "random/random.h"
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>

/* Everything the parts of one path share. */
typedef struct context {
    const recoup_program *program;
    const recoup_tally_shape *shape;
    recoup_chunk *chunk;
    uint64_t seed;
    uint32_t path;
    int column;
    double market;
    const recoup_program_stream *stream; /* of the arrivals being walked */
} context;

double recoup_path_market(uint64_t seed, uint32_t path) {
    return gsl_cdf_ugaussian_Pinv(recoup_random_pair(seed, path, 0, 0, RECOUP_DRAW_MARKET).first);
}

/* --- booking ---------------------------------------------------------------------------------- */

static void add(context *at, double *values, int n_units, int plan, int unit, double amount) {
    int stride = at->shape->chunk_paths;
    values[((size_t)plan * (size_t)n_units + (size_t)unit) * (size_t)stride + (size_t)at->column] +=
        amount;
}

static void book(context *at, int plan, double day, const recoup_episode *owner, double amount) {
    const recoup_program *program = at->program;
    const recoup_tally_shape *shape = at->shape;
    int cohort = recoup_program_cohort(program, &program->plan[plan], owner->cell);
    int week = (int)(day / 7);
    if (week >= shape->n_weeks)
        week = shape->n_weeks - 1;
    add(at, at->chunk->bookings, 1, plan, 0, amount);
    add(at, at->chunk->wins, 1, plan, 0, 1);
    add(at, at->chunk->cohort, shape->n_cohorts, plan, cohort, amount);
    add(at, at->chunk->week, shape->n_weeks, plan, week, amount);
    if (owner->rep < 0)
        return;
    add(at, at->chunk->rep, shape->n_reps, plan, owner->rep, amount);
    if (program->rep_team[owner->rep] >= 0)
        add(at, at->chunk->team, shape->n_teams, plan, program->rep_team[owner->rep], amount);
}

/* Levers' factor on the amount of a deal won on `day`: log-linear ramps (scenario/change.h), and
 * for a limited discount (1 - d') / (1 - d) with d' = d - share·(d - max). */
static double amount_factor(const recoup_walker *walker, double day, int cell) {
    const recoup_program_plan *plan = walker->plan;
    double log_factor = 0;
    for (int i = 0; i < plan->n_amount_changes; i++) {
        const recoup_amount_change *change = &plan->amount_change[i];
        if (change->cell[cell])
            log_factor +=
                recoup_share(change->start_day, change->ramp_days, day) * change->log_factor;
    }
    double factor = log_factor != 0 ? exp(log_factor) : 1;
    if (walker->capped && plan->cap_cell[cell]) {
        double excess = fmax(0, walker->discount - plan->cap->max);
        double cut = excess * recoup_share(plan->cap->start_day, plan->cap->ramp_days, day);
        factor *= (1 - walker->discount + cut) / (1 - walker->discount);
    }
    return factor;
}

/* How one deal ended under one plan. */
typedef struct fate {
    const recoup_walker *walker; /* NULL: it was not in the plan */
    recoup_ending ending;
    double day;
    int episode;
} fate;

/* Whether the plan does nothing to this deal that the first one does not: then its fate is the
 * same, and walking it again would only repeat that. */
static bool same_course(const fate *first, const recoup_walker *walker) {
    const recoup_walker *other = first->walker;
    return other && walker->plan->same_laws && !walker->capped && !other->capped &&
           walker->n_episodes == other->n_episodes &&
           memcmp(walker->episode, other->episode,
                  (size_t)walker->n_episodes * sizeof *walker->episode) == 0;
}

/* Plays one deal under one plan and books it when it is won. `first` is its fate under the first
 * plan, set when this is the first plan. */
static void play(context *at, int plan, recoup_walker *walker, double amount, recoup_pair booking,
                 fate *first) {
    const recoup_program *program = at->program;
    walker->plan = &program->plan[plan];
    const recoup_cap *cap = walker->plan->cap;
    walker->capped = cap && walker->discount > cap->max && booking.second >= cap->escapes;
    fate end = *first;
    if (!same_course(first, walker))
        end.ending = recoup_walk(walker, &end.day, &end.episode);
    if (plan == 0) {
        *first = end;
        first->walker = walker;
    }
    if (end.ending != RECOUP_ENDING_WON)
        return;
    const recoup_episode *owner = &walker->episode[end.episode];
    double sigma = program->revision_sigma;
    if (sigma > 0) /* lognormal with mean 1 */
        amount *= exp(sigma * gsl_cdf_ugaussian_Pinv(booking.first) - 0.5 * sigma * sigma);
    book(at, plan, end.day, owner, amount * amount_factor(walker, end.day, owner->cell));
}

/* --- open deals ------------------------------------------------------------------------------- */

static void play_open_deal(context *at, int i) {
    const recoup_program *program = at->program;
    const recoup_program_deal *deal = &program->deal[i];
    recoup_pair booking = recoup_random_pair(at->seed, at->path, deal->key, 0, RECOUP_DRAW_BOOKING);
    fate first = {0};
    recoup_walker walkers[2]; /* the first plan's, and that of the others in turn */
    for (int p = 0; p < program->n_plans; p++) {
        const int *range = &program->plan[p].episode_first[i];
        recoup_walker *walker = &walkers[p > 0];
        *walker = (recoup_walker){
            .program = program,
            .seed = at->seed,
            .entity = deal->key,
            .path = at->path,
            .visit = RECOUP_DRAW_VISIT,
            .market = at->market,
            .stage = deal->stage,
            .age_days = deal->age_days,
            .log_size = deal->log_size,
            .discount = deal->discount,
            .episode = &program->plan[p].episode[range[0]],
            .n_episodes = range[1] - range[0],
        };
        play(at, p, walker, deal->amount, booking, &first);
    }
}

/* --- new deals -------------------------------------------------------------------------------- */

static bool is_in_some_plan(const recoup_program *program, const recoup_program_stream *stream,
                            const recoup_arrival *arrival, double height) {
    for (int p = 0; p < program->n_plans; p++)
        if (height <
            recoup_program_rate_factor(&program->plan[p], stream, arrival->segment, arrival->day))
            return true;
    return false;
}

void recoup_path_arrivals(const recoup_program *program, const recoup_program_stream *stream,
                          uint64_t seed, uint32_t path, double market,
                          void (*arrived)(void *user, const recoup_arrival *arrival, double height),
                          void *user) {
    double mean = stream->rate * program->horizon_days * exp(program->market_arrivals * market);
    for (int layer = 0; layer < program->n_layers; layer++) {
        uint64_t key = recoup_arrival_key(stream, layer);
        recoup_pair count = recoup_random_pair(seed, path, key, 0, RECOUP_DRAW_COUNT);
        double factor = recoup_arrival_dispersion(
            stream->dispersion,
            recoup_random_pair(seed, path, stream->key, 1, RECOUP_DRAW_COUNT).first);
        unsigned n = recoup_poisson_quantile(mean * factor, count.first);
        for (unsigned i = 0; i < n; i++) {
            recoup_pair place = recoup_random_pair(seed, path, key | i, 0, RECOUP_DRAW_ARRIVAL);
            double day = place.first * program->horizon_days, height = layer + place.second;
            recoup_arrival arrival = recoup_arrival_make(program, seed, path, key | i, day);
            if (is_in_some_plan(program, stream, &arrival, height))
                arrived(user, &arrival, height);
        }
    }
}

static void play_arrival(void *user, const recoup_arrival *arrival, double height) {
    context *at = user;
    const recoup_program *program = at->program;
    const recoup_program_stream *stream = at->stream;
    int first_rep = recoup_arrival_rep(program, stream, arrival->rep_draw);
    recoup_pair booking =
        recoup_random_pair(at->seed, at->path, arrival->entity, 0, RECOUP_DRAW_NEW_BOOKING);
    fate first = {0};
    recoup_walker walkers[2]; /* the first plan's, and that of the others in turn */
    recoup_episode owners[2] = {{0}};
    for (int p = 0; p < program->n_plans; p++) {
        const recoup_program_plan *plan = &program->plan[p];
        if (height >= recoup_program_rate_factor(plan, stream, arrival->segment, arrival->day))
            continue;
        int rep = recoup_arrival_owner(plan, at->seed, at->path, arrival, first_rep);
        recoup_walker *walker = &walkers[p > 0];
        owners[p > 0] = (recoup_episode){
            .rep = rep,
            .cell = recoup_arrival_cell(program, plan, stream, arrival, rep),
        };
        *walker = (recoup_walker){
            .program = program,
            .seed = at->seed,
            .entity = arrival->entity,
            .path = at->path,
            .visit = RECOUP_DRAW_NEW_VISIT,
            .market = at->market,
            .start_day = arrival->day,
            .log_size = arrival->log_size,
            .discount = arrival->discount,
            .episode = &owners[p > 0],
            .n_episodes = 1,
        };
        play(at, p, walker, arrival->amount, booking, &first);
    }
}

void recoup_path_simulate(const recoup_program *program, uint64_t seed, uint32_t path,
                          const recoup_tally_shape *shape, recoup_chunk *chunk, int column) {
    context at = {.program = program,
                  .shape = shape,
                  .chunk = chunk,
                  .seed = seed,
                  .path = path,
                  .column = column,
                  .market = recoup_path_market(seed, path)};
    for (int i = 0; i < program->n_deals; i++)
        play_open_deal(&at, i);
    for (int i = 0; i < program->n_streams; i++) {
        at.stream = &program->stream[i];
        recoup_path_arrivals(program, at.stream, seed, path, at.market, play_arrival, &at);
    }
}

static void add_booked(const recoup_tally_shape *shape, double *values, int n_units, int plan,
                       const double *booked, int n) {
    for (int unit = 0; unit < n_units; unit++) {
        double *row =
            values + ((size_t)plan * (size_t)n_units + (size_t)unit) * (size_t)shape->chunk_paths;
        for (int i = 0; i < n; i++)
            row[i] += booked[unit];
    }
}

void recoup_path_finish(const recoup_program *program, const recoup_tally_shape *shape,
                        recoup_chunk *chunk) {
    size_t stride = (size_t)shape->chunk_paths;
    for (int p = 0; p < shape->n_plans; p++) {
        double *week = chunk->week + (size_t)p * (size_t)shape->n_weeks * stride;
        add_booked(shape, chunk->bookings, 1, p, &program->booked, chunk->n);
        add_booked(shape, chunk->cohort, shape->n_cohorts, p, program->cohort_booked, chunk->n);
        add_booked(shape, chunk->team, shape->n_teams, p, program->team_booked, chunk->n);
        add_booked(shape, chunk->rep, shape->n_reps, p, program->rep_booked, chunk->n);
        for (int w = 0; w < shape->n_weeks; w++)
            for (int i = 0; i < chunk->n; i++)
                week[(size_t)w * stride + (size_t)i] +=
                    w > 0 ? week[(size_t)(w - 1) * stride + (size_t)i] : program->booked;
    }
}
