/* The estimator `walk`: deals followed from event to event, a batch of them on all paths of a chunk
 * at a time. */
#include "engine/kernels/kernel_name.h"

#include "engine/kernels/walk_first.h"
#include "engine/kernels/walk_new.h"

enum { MAX_VISITS = 10000 }; /* of one deal: a guard against cycles of instant exits */

/* --- memory ----------------------------------------------------------------------------------- */

static size_t rounded(size_t bytes) {
    return (bytes + 63) / 64 * 64;
}

/* The next `bytes` of the scratch; counts them only while `memory` is NULL. */
static void *take(char *memory, size_t *used, size_t bytes) {
    void *start = memory ? memory + *used : NULL;
    *used += rounded(bytes);
    return start;
}

static void lay_out_queues(char *memory, size_t *used, int n_stages, walk_queue **queues) {
    walk_queue *queue = take(memory, used, (size_t)n_stages * sizeof *queue);
    for (int s = 0; s < n_stages; s++) {
        int32_t *lane = take(memory, used, WALK_ALL_ROOM * sizeof *lane);
        double *day = take(memory, used, WALK_ALL_ROOM * sizeof *day);
        if (queue)
            queue[s] = (walk_queue){.lane = lane, .day = day};
    }
    *queues = queue;
}

static void lay_out_forks(const recoup_program *program, char *memory, size_t *used,
                          walk_batch *to) {
    size_t n_stages = (size_t)program->n_stages, n_plans = (size_t)program->n_plans;
    size_t n_rows = ((size_t)program->n_cells + WALK_DEALS) * n_stages;
    to->fork = take(memory, used, n_rows * sizeof *to->fork);
    to->may_fork = take(memory, used, n_stages * sizeof *to->may_fork);
    to->forks = take(memory, used, n_plans * sizeof *to->forks);
    to->entered = take(memory, used, n_plans * n_stages * sizeof *to->entered);
}

/* The batch and all that it points to; returns the bytes. */
static size_t lay_out(const recoup_program *program, int n_exits, int n_loadings, char *memory,
                      walk_batch **batch) {
    size_t used = 0;
    walk_batch own;
    walk_batch *to = take(memory, &used, sizeof *to);
    *batch = to;
    if (!to) /* only counting */
        to = &own;
    lay_out_queues(memory, &used, program->n_stages, &to->queue);
    lay_out_queues(memory, &used, program->n_stages, &to->entering);
    lay_out_forks(program, memory, &used, to);
    to->work.weight = take(memory, &used, (size_t)n_exits * sizeof *to->work.weight);
    to->work.choice = take(memory, &used, (size_t)n_exits * sizeof *to->work.choice);
    to->work.scale_of = take(memory, &used, (size_t)n_exits * sizeof *to->work.scale_of);
    to->work.log_survival = take(memory, &used, (size_t)n_exits * sizeof *to->work.log_survival);
    to->rate_after = take(memory, &used, ((size_t)program->n_mix + 1) * sizeof *to->rate_after);
    to->market_odds = take(memory, &used, (size_t)n_loadings * sizeof *to->market_odds);
    return used;
}

size_t RECOUP_KERNEL(recoup_walk_scratch)(const recoup_program *program) {
    walk_batch *batch;
    int n = program->exit_first[program->n_stages];
    return lay_out(program, n, n + 1, NULL, &batch);
}

/* --- plans ------------------------------------------------------------------------------------ */

/* Whether lanes that the discount limit binds are walked, or the others. */
static void set_capped(walk_batch *batch, bool is_capped) {
    batch->is_capped = is_capped;
    batch->epochs = &batch->laws->epochs[is_capped];
}

static void set_plan(walk_batch *batch, int plan) {
    batch->plan = plan;
    batch->rules = &batch->program->plan[plan];
    batch->laws = &batch->tables->plan[plan];
    set_capped(batch, false);
    batch->fate = plan == 0 ? &batch->first_fates : &batch->fates;
}

/* Before the batch is walked under any plan. */
static void clear_batch(walk_batch *batch) {
    size_t n_stages = (size_t)batch->program->n_stages, n_plans = (size_t)batch->program->n_plans;
    memset(batch->entered, 0, n_plans * n_stages * sizeof *batch->entered);
    memset(batch->may_fork, 0, n_stages * sizeof *batch->may_fork);
    memset(batch->forked, 0, sizeof batch->forked);
    memset(batch->is_revised, 0, sizeof batch->is_revised);
    batch->any_forked = 0;
    batch->has_escapes = false;
    for (size_t p = 0; p < n_plans; p++)
        batch->forks[p].n = batch->forks[p].n_runs = 0;
}

/* Until the plan's own walk says otherwise. */
static void take_first_fates(walk_batch *batch) {
    if (batch->plan > 0)
        memcpy(batch->fates.end, batch->first_fates.end,
               (size_t)batch->n_lanes * sizeof *batch->fates.end);
}

/* All lanes fare as under the first plan. */
static bool shares_all(const walk_batch *batch) {
    return batch->plan > 0 && batch->plan < RECOUP_WALK_SETS &&
           !(batch->any_forked >> batch->plan & 1);
}

/* Where the item's lanes part from the first plan: as its cell does, or in a row of its own. */
static void set_fork_row(walk_batch *batch, int item, int row) {
    int n_stages = batch->program->n_stages;
    batch->fork_row[item] = row * n_stages;
    for (int s = 0; s < n_stages; s++)
        batch->may_fork[s] |= batch->fork[row * n_stages + s];
}

/* The uniforms that decide on escapes from a discount limit, whatever the plan. */
static void draw_escapes(walk_batch *batch) {
    walk_work *work = &batch->work;
    if (batch->has_escapes)
        return;
    batch->has_escapes = true;
    for (int first = 0; first < batch->n_lanes; first += WALK_BLOCK) {
        int left = batch->n_lanes - first, n = left < WALK_BLOCK ? left : WALK_BLOCK;
#pragma omp simd
        for (int i = 0; i < list_padded(n); i++)
            work->place[i] = first + i;
        walk_counters(batch, work->place, n, work);
        walk_uniforms(batch, work, n, philox_last(0, batch->booking_purpose), work->low,
                      batch->escape + first);
    }
}

/* Which lanes the plan's discount limit binds: those with a higher discount that do not escape. */
static void find_capped(walk_batch *batch) {
    const recoup_cap *cap = batch->rules->cap;
    int n_above = 0, shift = batch->item_shift;
    batch->has_capped = false;
    if (!cap)
        return;
    for (int i = 0; i < batch->n_items; i++)
        n_above += batch->discount[i] > cap->max;
    memset(batch->capped, 0, sizeof batch->capped);
    if (n_above == 0)
        return;
    batch->has_capped = true;
    draw_escapes(batch);
#pragma omp simd
    for (int i = 0; i < batch->n_lanes; i++)
        batch->capped[i] =
            (batch->discount[i >> shift] > cap->max) & (batch->escape[i] >= cap->escapes);
}

/* --- booking ---------------------------------------------------------------------------------- */

/* Levers' factor on the amount of a deal won on `day`: log-linear ramps (scenario/change.h), and
 * for a limited discount (1 - d') / (1 - d) with d' = d - share·(d - max). */
static double amount_factor(const walk_batch *batch, int lane, double day, int cell) {
    const recoup_program_plan *rules = batch->rules;
    double log_factor = 0;
    for (int i = 0; i < rules->n_amount_changes; i++) {
        const recoup_amount_change *change = &rules->amount_change[i];
        if (change->cell[cell])
            log_factor +=
                recoup_share(change->start_day, change->ramp_days, day) * change->log_factor;
    }
    double factor = log_factor != 0 ? vector_exp(log_factor) : 1;
    if (batch->has_capped && batch->capped[lane] && rules->cap_cell[cell]) {
        double discount = batch->discount[walk_item(batch, lane)];
        double excess = vector_max(0, discount - rules->cap->max);
        double cut = excess * recoup_share(rules->cap->start_day, rules->cap->ramp_days, day);
        factor *= (1 - discount + cut) / (1 - discount);
    }
    return factor;
}

/* Amounts of the lanes place[0..n) with the revision, lognormal with mean 1: the same under all
 * plans. */
static void revise(walk_batch *batch, int n) {
    walk_work *work = &batch->work;
    walk_stay *stay = &work->fresh;
    double sigma = batch->program->revision_sigma, drift = 0.5 * sigma * sigma;
    const int32_t *lane = work->place;
#pragma omp simd
    for (int i = 0; i < list_padded(n); i++)
        work->total[i] = batch->amount[lane[i] >> batch->item_shift];
    if (sigma > 0) {
        walk_counters(batch, lane, n, work);
        walk_uniforms(batch, work, n, philox_last(0, batch->booking_purpose), stay->dwell,
                      work->low);
        walk_normal(stay, n, &work->family);
#pragma omp simd
        for (int i = 0; i < list_padded(n); i++)
            work->total[i] *= vector_exp(sigma * work->family.z[i] - drift);
    }
    for (int i = 0; i < n; i++) {
        batch->booked[lane[i]] = work->total[i];
        batch->is_revised[lane[i]] = 1;
    }
}

/* Those of the winners that no plan before has won. */
static void revise_winners(walk_batch *batch, int n_won) {
    int32_t *place = batch->work.place;
    int n = 0;
    for (int i = 0; i < n_won; i++) {
        place[n] = batch->win_lane[i];
        n += !batch->is_revised[batch->win_lane[i]];
        if (n == WALK_BLOCK || (i == n_won - 1 && n > 0)) {
            list_pad(place, n);
            revise(batch, n);
            n = 0;
        }
    }
}

typedef struct walk_owner {
    int rep, cell;
} walk_owner;

/* The owner when the deal is won. */
static walk_owner owner_of(const walk_batch *batch, int lane, double day) {
    int item = walk_item(batch, lane), at = 0;
    if (!batch->has_episodes)
        return (walk_owner){.rep = batch->rep[item], .cell = batch->cell[item]};
    const recoup_episode *episode = batch->episode[item];
    while (at + 1 < batch->n_episodes[item] && episode[at + 1].start_day < day)
        at++;
    return (walk_owner){.rep = episode[at].rep, .cell = episode[at].cell};
}

/* Where the winners' bookings go: [unit][column] and [week][column] of the plan; and their amounts
 * under its levers. */
static void place_bookings(walk_batch *batch, int n_won) {
    const recoup_program *program = batch->program;
    int n_reps = program->n_reps, cells = program->n_channels * program->n_segments;
    int last_week = batch->job->n_weeks - 1;
    bool changes = batch->rules->n_amount_changes > 0 || batch->has_capped;
    for (int i = 0; i < n_won; i++) {
        int lane = batch->win_lane[i], column = batch->column[lane];
        const walk_fates *fates = walk_is_apart(batch, lane) ? batch->fate : &batch->first_fates;
        double day = fates->win_day[lane], amount = batch->booked[lane];
        walk_owner owner = owner_of(batch, lane, day);
        int unit = owner.rep >= 0 ? owner.rep : n_reps + owner.cell / cells;
        int week = (int)(day / 7) < last_week ? (int)(day / 7) : last_week;
        batch->booking[i] = (walk_booking){
            .unit = unit * RECOUP_CHUNK_PATHS + column,
            .week = week * RECOUP_CHUNK_PATHS + column,
            .column = column,
            .amount = changes ? amount * amount_factor(batch, lane, day, owner.cell) : amount,
        };
    }
}

/* Appends the winners among the lanes first .. first + n - 1; returns how many there are now. */
static int add_winners(walk_batch *batch, const walk_fates *fates, int first, int n, int n_won) {
    walk_work *work = &batch->work;
    for (int i = 0; i < n; i += WALK_BLOCK) {
        int part = n - i < WALK_BLOCK ? n - i : WALK_BLOCK;
        const uint16_t *end = fates->end + first + i;
#pragma omp simd
        for (int k = 0; k < list_padded(part); k++)
            work->keep[k] = end[k] == WALK_WON;
        for (int k = 0; k < part; k += LIST_STEP)
            n_won = list_append(batch->win_lane, n_won, NULL, first + i + k,
                                list_mask(work->keep + k) & list_inside(k, part));
    }
    return n_won;
}

static void book_winners(walk_batch *batch, int n_won) {
    enum { AHEAD = 24 }; /* so many winners ahead, rows are fetched */
    const recoup_paths *paths = batch->job->paths;
    size_t n_units = (size_t)batch->program->n_reps + (size_t)batch->program->n_cohorts;
    size_t plan = (size_t)batch->plan * RECOUP_CHUNK_PATHS;
    double *unit = paths->unit + plan * n_units, *wins = paths->wins + plan;
    double *week = paths->week + plan * (size_t)batch->job->n_weeks;
    revise_winners(batch, n_won);
    place_bookings(batch, n_won);
    for (int i = 0; i < n_won; i++) {
        const walk_booking *booking = &batch->booking[i];
        __builtin_prefetch(&unit[booking[i + AHEAD < n_won ? AHEAD : 0].unit], 1);
        unit[booking->unit] += booking->amount;
        week[booking->week] += booking->amount;
        wins[booking->column] += 1;
    }
}

/* --- flows ------------------------------------------------------------------------------------ */

/* Counts ends among the lanes first .. first + n - 1 in stages start_stage and beyond that they can
 * reach, which all have the amount. */
static void count_ends(walk_batch *batch, const walk_fates *fates, int first, int n,
                       double amount) {
    recoup_flow *flow = batch->job->paths->flow + batch->plan * batch->program->n_stages;
    const uint16_t *end = fates->end + first;
    for (int s = 0; s < batch->program->n_stages; s++) {
        uint16_t lost = walk_lost(s), open = walk_open(s), n_lost = 0, n_open = 0;
#pragma omp simd reduction(+ : n_lost, n_open)
        for (int i = 0; i < n; i++) {
            n_lost = (uint16_t)(n_lost + (end[i] == lost));
            n_open = (uint16_t)(n_open + (end[i] == open));
        }
        flow[s].lost += n_lost;
        flow[s].open += n_open;
        flow[s].advanced -= n_lost + n_open;
        flow[s].open_amount += n_open * amount;
    }
}

/* Of new deals, whose amounts differ. */
static void count_new_ends(walk_batch *batch, const walk_fates *fates) {
    walk_work *work = &batch->work;
    recoup_flow *flow = batch->job->paths->flow + batch->plan * batch->program->n_stages;
    for (int i = 0; i < batch->n_lanes; i += WALK_BLOCK) {
        int n = batch->n_lanes - i < WALK_BLOCK ? batch->n_lanes - i : WALK_BLOCK;
        count_ends(batch, fates, i, n, 0);
        const uint16_t *end = fates->end + i;
#pragma omp simd
        for (int k = 0; k < list_padded(n); k++)
            work->keep[k] = (end[k] >= WALK_LOST) & end[k];
        int n_open = list_compress(NULL, work->keep, n, work->place);
        for (int k = 0; k < n_open; k++)
            flow[(end[work->place[k]] - WALK_LOST) / 2].open_amount +=
                batch->amount[i + work->place[k]];
    }
}

/* Lanes that enter a stage leave it, or end there. */
static void add_entered(walk_batch *batch) {
    int n_stages = batch->program->n_stages;
    recoup_flow *flow = batch->job->paths->flow + batch->plan * n_stages;
    for (int s = 0; s < n_stages; s++) {
        flow[s].entered += batch->entered[batch->plan * n_stages + s];
        flow[s].advanced += batch->entered[batch->plan * n_stages + s];
    }
}

/* --- open deals ------------------------------------------------------------------------------- */

/* What does not depend on the plan: the deals, and the uniforms of their first visit. */
static void load_deals(walk_batch *batch, int first_deal) {
    const recoup_program *program = batch->program;
    int n = program->n_deals - first_deal;
    batch->first_deal = first_deal;
    batch->n_items = n < WALK_DEALS ? n : WALK_DEALS;
    batch->n_lanes = batch->n_items * RECOUP_CHUNK_PATHS;
    for (int i = 0; i < batch->n_items; i++) {
        const recoup_program_deal *deal = &program->deal[first_deal + i];
        size_t start = (size_t)i << WALK_DEAL_SHIFT;
        batch->entity_low[i] = (uint32_t)deal->key;
        batch->entity_high[i] = (uint32_t)(deal->key >> 32);
        batch->amount[i] = deal->amount;
        batch->log_size[i] = deal->log_size;
        batch->discount[i] = deal->discount;
        walk_first_uniforms(batch, deal->key, batch->leave + start, batch->dwell + start);
    }
}

static void find_owners(walk_batch *batch) {
    batch->has_episodes = false;
    for (int i = 0; i < batch->n_items; i++) {
        const int *range = &batch->rules->episode_first[batch->first_deal + i];
        const recoup_episode *episode = &batch->rules->episode[range[0]];
        batch->episode[i] = episode;
        batch->n_episodes[i] = range[1] - range[0];
        batch->cell[i] = episode->cell;
        batch->rep[i] = episode->rep;
        batch->has_episodes |= range[1] - range[0] > 1 || episode->still_until > 0;
    }
}

/* Which of the deals the plans share with the first one, from where to where. */
static void prepare_forks(walk_batch *batch) {
    const recoup_program *program = batch->program;
    for (int i = 0; i < batch->n_items; i++) {
        int deal = batch->first_deal + i, row = batch->cell[i];
        uint32_t apart = 0;
        if (batch->n_episodes[i] > 1) { /* a row of its own: wherever one of its owners does */
            row = program->n_cells + i;
            memset(batch->fork + row * program->n_stages, 0,
                   (size_t)program->n_stages * sizeof *batch->fork);
            for (int k = 0; k < batch->n_episodes[i]; k++)
                for (int s = 0; s < program->n_stages; s++)
                    batch->fork[row * program->n_stages + s] |=
                        batch->fork[batch->episode[i][k].cell * program->n_stages + s];
        }
        set_fork_row(batch, i, row);
        for (int p = 1; p < program->n_plans && p < RECOUP_WALK_SETS; p++)
            apart |= (uint32_t)!batch->tables->plan[p].shares[deal] << p;
        batch->any_forked |= apart;
        for (int c = 0; c < RECOUP_CHUNK_PATHS; c++)
            batch->forked[(i << WALK_DEAL_SHIFT) + c] = apart;
    }
}

/* Walks the batch under the plan, where it is not shared with the first one. */
static void walk_deals(walk_batch *batch, walk_columns *columns, walk_columns *next) {
    const bool *shares = &batch->laws->shares[batch->first_deal];
    take_first_fates(batch);
    for (int capped = 0; capped <= batch->has_capped; capped++) {
        set_capped(batch, capped);
        for (int i = 0; i < batch->n_items; i++)
            if (!shares[i])
                walk_first_visit(batch, columns, next, i);
        walk_visits(batch, 1, MAX_VISITS);
    }
}

/* In the order of the deals, whoever shares whose fate: sums do not depend on other plans. */
static void book_deals(walk_batch *batch) {
    const walk_fates *fates = shares_all(batch) ? &batch->first_fates : batch->fate;
    recoup_flow *flow = batch->job->paths->flow + batch->plan * batch->program->n_stages;
    int n = batch->job->paths->n, n_won = 0;
    for (int i = 0; i < batch->n_items; i++) {
        const recoup_program_deal *deal = &batch->program->deal[batch->first_deal + i];
        n_won = add_winners(batch, fates, i << WALK_DEAL_SHIFT, n, n_won);
        count_ends(batch, fates, i << WALK_DEAL_SHIFT, n, deal->amount);
        flow[deal->stage].advanced += n; /* but for those that end there */
    }
    add_entered(batch);
    book_winners(batch, n_won);
}

static void walk_open_deals(walk_batch *batch) {
    walk_columns columns[2];
    batch->is_new = false;
    batch->item_shift = WALK_DEAL_SHIFT;
    batch->cell = batch->own_cell;
    batch->rep = batch->own_rep;
    batch->visit_purpose = RECOUP_DRAW_VISIT;
    batch->booking_purpose = RECOUP_DRAW_BOOKING;
    for (int i = 0; i < WALK_ALL_ROOM; i++)
        batch->column[i] = i & (RECOUP_CHUNK_PATHS - 1);
    for (int first = 0; first < batch->program->n_deals; first += WALK_DEALS) {
        load_deals(batch, first);
        clear_batch(batch);
        for (int p = 0; p < batch->program->n_plans; p++) {
            set_plan(batch, p);
            find_owners(batch);
            find_capped(batch);
            if (p == 0)
                prepare_forks(batch);
            if (!shares_all(batch))
                walk_deals(batch, &columns[0], &columns[1]);
            book_deals(batch);
        }
    }
}

/* --- new deals -------------------------------------------------------------------------------- */

/* Which new deals the plans share with the first one, from where to where. */
static void prepare_new_forks(walk_batch *batch) {
    int stream = (int)(batch->stream - batch->program->stream);
    int n_stages = batch->program->n_stages, n_cells = batch->program->n_cells;
    set_plan(batch, 0);
    for (int row = 0; row < n_cells * n_stages; row++)
        batch->may_fork[row % n_stages] |= batch->fork[row];
    walk_admit_deals(batch, batch->rules);
    walk_find_new_owners(batch, batch->first_cell, batch->first_rep_of);
    for (int i = 0; i < batch->n_items; i++) {
        batch->fork_row[i] = batch->first_cell[i] * n_stages;
        batch->first_fates.end[i] = batch->is_admitted[i];
    }
    for (int p = 1; p < batch->program->n_plans && p < RECOUP_WALK_SETS; p++) {
        set_plan(batch, p);
        if (batch->laws->shares_stream[stream])
            continue;
        walk_admit_deals(batch, batch->rules);
        walk_find_new_owners(batch, batch->own_cell, batch->own_rep);
        for (int i = 0; i < batch->n_items; i++) {
            bool same = batch->is_admitted[i] == batch->first_fates.end[i] &&
                        (!batch->is_admitted[i] || batch->own_cell[i] == batch->first_cell[i]) &&
                        !walk_is_above(batch, 0, i) && !walk_is_above(batch, p, i);
            batch->forked[i] |= (uint32_t)!same << p;
            batch->any_forked |= (uint32_t)!same << p;
        }
    }
    memcpy(batch->own, batch->forked, (size_t)batch->n_items * sizeof *batch->own);
}

static void walk_new_batch(walk_batch *batch) {
    int stream = (int)(batch->stream - batch->program->stream);
    clear_batch(batch);
    prepare_new_forks(batch);
    for (int p = 0; p < batch->program->n_plans; p++) {
        set_plan(batch, p);
        bool is_first = p == 0 || batch->laws->shares_stream[stream];
        batch->cell = is_first ? batch->first_cell : batch->own_cell;
        batch->rep = is_first ? batch->first_rep_of : batch->own_rep;
        if (p == 0 || !is_first)
            walk_admit_deals(batch, batch->rules);
        if (!is_first)
            walk_find_new_owners(batch, batch->own_cell, batch->own_rep);
        find_capped(batch);
        if (!shares_all(batch)) {
            take_first_fates(batch);
            for (int capped = 0; capped <= batch->has_capped; capped++) {
                set_capped(batch, capped);
                if (p == 0 || !is_first)
                    walk_enter_deals(batch);
                walk_visits(batch, 0, MAX_VISITS);
            }
        }
        const walk_fates *fates = shares_all(batch) ? &batch->first_fates : batch->fate;
        book_winners(batch, add_winners(batch, fates, 0, batch->n_lanes, 0));
        count_new_ends(batch, fates);
        add_entered(batch);
    }
}

static void walk_new_deals(walk_batch *batch) {
    batch->is_new = true;
    batch->item_shift = 0;
    batch->has_episodes = false;
    batch->visit_purpose = RECOUP_DRAW_NEW_VISIT;
    batch->booking_purpose = RECOUP_DRAW_NEW_BOOKING;
    for (int i = 0; i < batch->program->n_streams; i++) {
        walk_source source = {.stream = &batch->program->stream[i]};
        batch->stream = source.stream;
        while (source.column < batch->job->paths->n) {
            walk_read_source(batch, &source);
            if (batch->n_items == 0)
                continue;
            walk_make_deals(batch);
            walk_new_batch(batch);
        }
    }
}

/* ---------------------------------------------------------------------------------------------- */

static void load_market(walk_batch *batch) {
    const recoup_job *job = batch->job;
    for (int c = 0; c < RECOUP_CHUNK_PATHS; c++) {
        double market = c < job->paths->n ? job->market[c] : 0;
        batch->arrival_market[c] = vector_exp(batch->program->market_arrivals * market);
        for (int k = 0; k < batch->tables->n_loadings; k++)
            batch->market_odds[k][c] = vector_exp(batch->tables->loading[k] * market);
    }
}

void RECOUP_KERNEL(recoup_walk)(const recoup_job *job) {
    const recoup_walk_tables *tables = job->walk_tables;
    walk_batch *batch;
    lay_out(job->program, tables->n_exits, tables->n_loadings, job->scratch, &batch);
    batch->job = job;
    batch->program = job->program;
    batch->tables = tables;
    load_market(batch);
    for (int i = 0; i < WALK_ROOM; i++) {
        batch->work.fresh.log_survival[i] = 0;
        batch->work.fresh.survival[i] = 1;
        for (int e = 0; e < tables->n_exits; e++) {
            batch->work.choice[e].stay.log_survival[i] = 0;
            batch->work.choice[e].stay.survival[i] = 1;
        }
    }
    memcpy(batch->fork, tables->forks,
           (size_t)(job->program->n_cells * job->program->n_stages) * sizeof *batch->fork);
    for (int s = 0; s < job->program->n_stages; s++)
        batch->queue[s].n = batch->entering[s].n = 0;
    walk_open_deals(batch);
    walk_new_deals(batch);
}
