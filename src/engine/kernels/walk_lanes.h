/* The memory of the `walk` kernel. Deals are walked in batches, under one plan after the other:
 * some open deals on all paths of the chunk, or new deals of one stream. A *lane* is one deal on
 * one path. What the lanes of an open deal share is kept by *item*: the deal; a new deal is an item
 * of its own. */
#ifndef RECOUP_ENGINE_KERNELS_WALK_LANES_H
#define RECOUP_ENGINE_KERNELS_WALK_LANES_H

#include "engine/kernel.h"
#include "engine/kernels/philox.h"
#include "engine/kernels/walk_family.h"
#include "engine/kernels/walk_groups.h"
#include "random/random.h"

enum {
    WALK_DEALS = 64, /* open deals of a batch */
    WALK_LANES = WALK_DEALS * RECOUP_CHUNK_PATHS,
    WALK_ALL_ROOM = WALK_LANES + LIST_STEP,
    WALK_DEAL_SHIFT = 8 /* lane of an open deal = item << 8 | column */
};
_Static_assert(1 << WALK_DEAL_SHIFT == RECOUP_CHUNK_PATHS, "lanes of a deal");

/* Lanes that enter a stage, and when. */
typedef struct walk_queue {
    int n;
    int32_t *lane; /* [WALK_ALL_ROOM] */
    double *day;
} walk_queue;

/* How a lane ended: these, then for each stage lost there and open there. */
enum { WALK_ABSENT, WALK_WON, WALK_LOST };

static inline uint16_t walk_lost(int stage) {
    return (uint16_t)(WALK_LOST + 2 * stage);
}
static inline uint16_t walk_open(int stage) {
    return (uint16_t)(WALK_LOST + 2 * stage + 1);
}

/* How the lanes of a batch fared under one plan. */
typedef struct walk_fates {
    double win_day[WALK_ALL_ROOM]; /* of those that are won */
    uint16_t end[WALK_ALL_ROOM];
} walk_fates;

/* Lanes that enter a stage whose laws under some plan are not those under the first: there the
 * plan's own walk goes on. In the order of the visits. */
typedef struct walk_fork_run {
    uint32_t visit;
    int stage, start, n;
} walk_fork_run;

typedef struct walk_forks {
    int n, n_runs;
    int32_t lane[WALK_ALL_ROOM];
    double day[WALK_ALL_ROOM];
    walk_fork_run run[WALK_LANES];
} walk_forks;

/* Where an amount is added. */
typedef struct walk_booking {
    int32_t unit, week, column;
    double amount;
} walk_booking;

/* Lanes in one stage, side by side. */
typedef struct walk_block {
    int n;
    int32_t lane[WALK_ROOM], cell[WALK_ROOM], epoch[WALK_ROOM], law[WALK_ROOM], column[WALK_ROOM];
    double day[WALK_ROOM], age[WALK_ROOM], until[WALK_ROOM], speed[WALK_ROOM];
    double leave[WALK_ROOM], dwell[WALK_ROOM]; /* the visit's uniforms: which exit, how long */
} walk_block;

/* Lanes that are still in the stage when the laws change. */
typedef struct walk_survivors {
    int32_t exit[WALK_ROOM];
    double within[WALK_ROOM], level[WALK_ROOM]; /* place in the exit's cell; log of the survival */
} walk_survivors;

/* Lanes that chose the same exit. */
typedef struct walk_choice {
    int n;
    int32_t lane[WALK_ROOM];
    double day[WALK_ROOM];
    walk_stay stay; /* a stay that begins: survival 1 */
} walk_choice;

typedef struct walk_work {
    walk_block block, next;
    walk_choice *choice;           /* [exit] */
    double (*scale_of)[WALK_ROOM]; /* [exit] of the lanes of the block */
    walk_survivors survivors;
    walk_stay stay;
    walk_family_work family;
    walk_stay fresh; /* of stays that begin: survival 1 */
    int32_t place[WALK_ROOM], chosen[WALK_ROOM], leaving[WALK_ROOM];
    double leave_day[WALK_ROOM];
    uint8_t keep[WALK_ROOM], doubt[WALK_ROOM];
    uint32_t before[WALK_ROOM], after[WALK_ROOM];
    double total[WALK_ROOM], edge[WALK_ROOM], point[WALK_ROOM], highest[WALK_ROOM];
    double end_day[WALK_ROOM], low[WALK_ROOM], scale[WALK_ROOM];
    uint32_t path[WALK_ROOM], entity_low[WALK_ROOM], entity_high[WALK_ROOM];
    double (*weight)[WALK_ROOM];       /* [exit] */
    double (*log_survival)[WALK_ROOM]; /* [exit] */
} walk_work;

typedef struct walk_batch {
    const recoup_job *job;
    const recoup_program *program;
    const recoup_walk_tables *tables;
    int plan;
    const recoup_program_plan *rules;
    const recoup_walk_plan *laws;
    const recoup_walk_epochs *epochs;        /* of the lanes that are walked now */
    uint32_t visit_purpose, booking_purpose; /* recoup_purpose */

    int n_items, n_lanes, item_shift;
    int first_deal;                      /* open deals: the first of them */
    const recoup_program_stream *stream; /* new deals */
    uint32_t entity_low[WALK_ALL_ROOM], entity_high[WALK_ALL_ROOM]; /* [item] */
    double amount[WALK_ALL_ROOM], log_size[WALK_ALL_ROOM], discount[WALK_ALL_ROOM];
    int32_t *cell, *rep;                       /* [item] under the plan, at day 0 */
    const recoup_episode *episode[WALK_DEALS]; /* open deals: owners under the plan */
    int n_episodes[WALK_DEALS];
    bool has_episodes; /* some deal changes hands */
    bool has_capped;   /* the discount limit binds some lane */
    bool is_capped;    /* lanes that it binds are walked now; others before */
    bool is_new;       /* new deals */

    int32_t column[WALK_ALL_ROOM]; /* [lane] */
    double arrival_day[WALK_ALL_ROOM], height[WALK_ALL_ROOM], rep_draw[WALK_ALL_ROOM];
    int32_t segment[WALK_ALL_ROOM], first_rep[WALK_ALL_ROOM], layer[WALK_ALL_ROOM];
    bool has_escapes; /* drawn for the batch */
    double escape[WALK_ALL_ROOM];
    uint8_t capped[WALK_ALL_ROOM];
    double leave[WALK_LANES], dwell[WALK_LANES]; /* open deals: uniforms of the first visit */
    int32_t win_lane[WALK_ALL_ROOM];             /* the lanes that win, in order */
    walk_booking booking[WALK_ALL_ROOM];
    double booked[WALK_ALL_ROOM]; /* [lane] amount of a lane that wins, with the revision */
    uint8_t is_revised[WALK_ALL_ROOM];

    /* Plans whose walk has left the first one's, and where others will. */
    uint32_t forked[WALK_ALL_ROOM]; /* [lane] */
    uint32_t any_forked;
    uint32_t own[WALK_ALL_ROOM];     /* new deals: plans that they never share with the first */
    uint32_t *fork;                  /* [(cell, or n_cells + item) * n_stages + stage] */
    uint32_t *may_fork;              /* [stage] in some item */
    int32_t fork_row[WALK_ALL_ROOM]; /* [item] into fork */
    walk_forks *forks;               /* [plan] */
    uint32_t *entered;               /* [plan][stage] lanes that enter the stage */
    double *rate_after;              /* new deals: [segment + 1], of walk_rates */
    uint8_t is_some_plans[WALK_ALL_ROOM]; /* new deals: some plan has it */
    uint8_t is_admitted[WALK_ALL_ROOM];   /* the plan has it */
    int32_t own_cell[WALK_ALL_ROOM], own_rep[WALK_ALL_ROOM];
    int32_t first_cell[WALK_ALL_ROOM], first_rep_of[WALK_ALL_ROOM]; /* under the first plan */

    double (*market_odds)[RECOUP_CHUNK_PATHS]; /* [loading][column]: e^(loading·Z) */
    double arrival_market[RECOUP_CHUNK_PATHS]; /* of Z on arrivals */
    walk_queue *queue, *entering;              /* [stage] */
    walk_fates fates, first_fates;
    walk_fates *fate; /* of the plan that is walked now */
    walk_work work;
} walk_batch;

static inline int walk_item(const walk_batch *batch, int lane) {
    return lane >> batch->item_shift;
}

/* The plan lives the lane by itself. */
static inline bool walk_is_apart(const walk_batch *batch, int lane) {
    int p = batch->plan;
    return p == 0 || p >= RECOUP_WALK_SETS || (batch->forked[lane] >> p & 1);
}

/* The uniforms of LANES pairs of words, as philox_uniform makes them. */
static inline void walk_store(double *to, lanes high, lanes low) {
    typedef uint64_t words __attribute__((vector_size(LANES * sizeof(uint64_t))));
    typedef double units __attribute__((vector_size(LANES * sizeof(double))));
    lanes joined = lanes_join(high, low);
    words bits;
    units value;
    memcpy(&bits, &joined, sizeof bits);
    bits = bits >> 12 | UINT64_C(0x3ff0000000000000);
    memcpy(&value, &bits, sizeof value);
    value = (value - 1) + 0x1p-53;
    memcpy(to, &value, sizeof value);
}

/* The two uniforms of the counters in work: n of them, at most WALK_BLOCK. */
static inline void walk_uniforms(const walk_batch *batch, const walk_work *work, int n,
                                 uint32_t last, double *first, double *second) {
    for (int i = 0; i < philox_padded(n); i += LANES) {
        lanes word[4] = {lanes_widen(work->path + i), lanes_widen(work->entity_low + i),
                         lanes_widen(work->entity_high + i), lanes_fill(last)};
        philox_rounds(word, batch->job->seed);
        walk_store(first + i, word[0], word[1]);
        walk_store(second + i, word[2], word[3]);
    }
}

/* Those of the first visit of an open deal, on all paths of the chunk. */
static inline void walk_first_uniforms(const walk_batch *batch, uint64_t entity, double *first,
                                       double *second) {
    int n = batch->job->paths->n;
    for (int i = 0; i < philox_padded(n); i += LANES) {
        lanes word[4] = {lanes_number() + lanes_fill(batch->job->first + (uint32_t)i),
                         lanes_fill((uint32_t)entity), lanes_fill(entity >> 32),
                         lanes_fill(philox_last(0, RECOUP_DRAW_VISIT))};
        philox_rounds(word, batch->job->seed);
        walk_store(first + i, word[0], word[1]);
        walk_store(second + i, word[2], word[3]);
    }
}

/* Counters of the lanes. */
static inline void walk_counters(const walk_batch *batch, const int32_t *lane, int n,
                                 walk_work *work) {
    const uint32_t *low = batch->entity_low, *high = batch->entity_high;
    const int32_t *column = batch->column;
    uint32_t first = batch->job->first;
    int shift = batch->item_shift;
#pragma omp simd
    for (int i = 0; i < list_padded(n); i++) {
        work->path[i] = first + (uint32_t)column[lane[i]];
        work->entity_low[i] = low[lane[i] >> shift];
        work->entity_high[i] = high[lane[i] >> shift];
    }
}

static inline void walk_set_ends(walk_fates *fates, const int32_t *lane, int n, uint16_t end) {
    for (int i = 0; i < n; i++)
        fates->end[lane[i]] = end;
}

static inline void walk_set_wins(walk_fates *fates, const int32_t *lane, const double *day, int n) {
    for (int i = 0; i < n; i++) {
        fates->win_day[lane[i]] = day[i];
        fates->end[lane[i]] = WALK_WON;
    }
}

#endif
