/* The estimator `sample`: each open deal is one draw from its win table, for all plans at once.
 *
 * Deals are outside, columns inside. A deal's uniform is compared with a bound on its probability
 * to be won by the end, under any plan and anywhere in the chunk's range of x; most columns end
 * there. The others are candidates: for them the polynomials say which plans win, and only for
 * winners in which slot, at what amount.
 *
 * The uniform is one for all plans, so a plan that makes a deal more likely to be won by some time
 * wins it by then on all the paths on which the other does. */
#include "engine/kernels/kernel_name.h"

#include "engine/kernels/floats.h"
#include "engine/kernels/philox.h"
#include "engine/kernels/sample_points.h"
#include "engine/kernels/vector_float.h"
#include "random/random.h"

enum { COLUMNS = RECOUP_CHUNK_PATHS, LIST = COLUMNS + LIST_STEP };

/* The columns on which a deal is won, and when. */
typedef struct wins {
    int n;
    int32_t column[LIST], slot[LIST];
    float x[LIST], u[LIST];
} wins;

/* How one plan sees the deal: with its discount limit (second) and without. */
typedef struct sight {
    int plan;
    const recoup_outlook *outlook;
    bool is_first; /* nothing differs from the first plan: its wins are the plan's */
    bool may_bind; /* a discount limit, which the deal escapes or not */
    double escapes;
    wins *wins; /* [2] */
} sight;

typedef struct workspace {
    /* Of the chunk. */
    float x[LIST];
    double high[RECOUP_TABLES_MAX_TERMS], low[RECOUP_TABLES_MAX_TERMS]; /* x^k lies between */
    double size[RECOUP_TABLES_MAX_TERMS];                               /* |x|^k is at most */
    uint32_t booking_last[LIST];
    /* Of the deal. */
    uint32_t word[LIST];
    float u[LIST];
    int n_candidates, n_winners;
    int32_t candidate[LIST], winner[LIST]; /* winner: of any plan */
    float candidate_x[LIST], candidate_u[LIST];
    uint32_t path[LIST], block[4][LIST];
    uint8_t bound_by_limit[LIST]; /* of candidates: not escaped */
    float revision[LIST];
    double amount[LIST]; /* [column] */
    points_space points; /* of new deals */
    sight *sight;        /* [plan] */
    wins *wins;          /* [plan][2] */
    float *ones;         /* [slot] */
} workspace;

static size_t aligned(size_t bytes) {
    return (bytes + 63) / 64 * 64;
}

size_t RECOUP_KERNEL(recoup_sample_scratch)(const recoup_tables *tables) {
    size_t n_plans = (size_t)tables->program->n_plans;
    return aligned(sizeof(workspace)) + aligned(n_plans * sizeof(sight)) +
           aligned(2 * n_plans * sizeof(wins)) + aligned((size_t)tables->n_slots * sizeof(float)) +
           recoup_arrival_scratch(tables);
}

/* --- the chunk -------------------------------------------------------------------------------- */

static void find_powers(workspace *space, int n_terms, float lowest, float highest) {
    double largest = fmax(fabs((double)lowest), fabs((double)highest));
    double low = 1, high = 1, size = 1;
    for (int k = 0; k < n_terms; k++) {
        bool spans_zero = k > 0 && k % 2 == 0 && lowest < 0 && highest > 0;
        space->size[k] = size;
        space->low[k] = spans_zero ? 0 : fmin(low, high);
        space->high[k] = fmax(low, high);
        low *= (double)lowest;
        high *= (double)highest;
        size *= largest;
    }
}

static workspace *prepare(const recoup_job *job, void **arrivals) {
    const recoup_tables *tables = job->tables;
    workspace *space = job->scratch;
    char *next = (char *)job->scratch + aligned(sizeof *space);
    size_t n_plans = (size_t)job->program->n_plans;
    space->sight = (sight *)(void *)next;
    next += aligned(n_plans * sizeof(sight));
    space->wins = (wins *)(void *)next;
    next += aligned(2 * n_plans * sizeof(wins));
    space->ones = (float *)(void *)next;
    *arrivals = next + aligned((size_t)tables->n_slots * sizeof(float));
    for (int s = 0; s < tables->n_slots; s++)
        space->ones[s] = 1;
    float lowest = INFINITY, highest = -INFINITY;
    for (int c = 0; c < LIST; c++) {
        space->x[c] = c < job->paths->n ? (float)recoup_tables_x(job->market[c]) : 0;
        space->booking_last[c] = philox_last(0, RECOUP_DRAW_BOOKING);
        if (c < job->paths->n) {
            lowest = fminf(lowest, space->x[c]);
            highest = fmaxf(highest, space->x[c]);
        }
    }
    find_powers(space, tables->n_terms, lowest, highest);
    return space;
}

/* --- one deal --------------------------------------------------------------------------------- */

/* Above every value that the polynomial takes in the chunk as floats_polynomial rounds it: each
 * term at its largest, and 4 n_terms units in the last place of the sum of their sizes. */
static double highest_value(const workspace *space, const float *coefficient, int n_terms) {
    double sum = 0, size = 0;
    for (int k = 0; k < n_terms; k++) {
        double c = (double)coefficient[k], a = c * space->low[k], b = c * space->high[k];
        sum += a > b ? a : b;
        size += fabs(c) * space->size[k];
    }
    return sum + 4 * n_terms * 0x1p-24 * size;
}

static const float *last_slot(const recoup_tables *tables, uint32_t win) {
    return tables->coefficient + win + (size_t)(tables->n_slots - 1) * (size_t)tables->n_terms;
}

/* The plans' sights of the deal; returns a bound on the probability of a win under any. */
static float find_sights(const recoup_job *job, workspace *space, int deal) {
    const recoup_program *program = job->program;
    const recoup_tables *tables = job->tables;
    const recoup_outlook *first = &tables->outlook[deal];
    double bound = 0;
    for (int p = 0; p < program->n_plans; p++) {
        const recoup_outlook *outlook = &tables->outlook[p * program->n_deals + deal];
        sight *at = &space->sight[p];
        const recoup_cap *cap = program->plan[p].cap;
        *at = (sight){.plan = p, .outlook = outlook, .wins = &space->wins[2 * p]};
        at->may_bind =
            outlook->win != outlook->capped_win || outlook->factor != outlook->capped_factor;
        at->escapes = cap ? cap->escapes : 1;
        at->is_first =
            p > 0 && !at->may_bind && !space->sight[0].may_bind && outlook->win == first->win;
        at->wins[0].n = at->wins[1].n = 0;
        if (at->is_first)
            continue;
        bound = fmax(bound, highest_value(space, last_slot(tables, outlook->win), tables->n_terms));
        if (outlook->capped_win != outlook->win)
            bound = fmax(bound, highest_value(space, last_slot(tables, outlook->capped_win),
                                              tables->n_terms));
    }
    return (float)bound;
}

/* The deal's uniforms, to 31 binary digits (fewer where they round), and the columns on which they
 * are below the bound. */
static void find_candidates(const recoup_job *job, workspace *space, uint64_t key, float bound) {
    int n = job->paths->n, count = 0;
    philox_words(job->seed, job->first / 4, key, philox_last(0, RECOUP_DRAW_FATE), (n + 3) / 4 * 4,
                 space->word);
    for (int c = 0; c < list_padded(n); c++)
        space->u[c] = (float)(int32_t)(space->word[c] >> 1) * 0x1p-31f;
    for (int c = 0; c < n; c += FLOATS) {
        uint32_t below = floats_below(floats_load(space->u + c), bound - (floats){0});
        below &= list_inside(c, n);
        list_append_floats(space->candidate_x, count, space->x + c, below);
        list_append_floats(space->candidate_u, count, space->u + c, below);
        count = list_append(space->candidate, count, NULL, c, below);
    }
    list_pad(space->candidate, count);
    space->n_candidates = count;
}

/* The blocks that hold the revision of the amount and the escape from a discount limit. */
static void draw_bookings(const recoup_job *job, workspace *space, uint64_t key,
                          const int32_t *column, int n) {
    uint32_t *const block[4] = {space->block[0], space->block[1], space->block[2], space->block[3]};
    for (int i = 0; i < list_padded(n); i++)
        space->path[i] = job->first + (uint32_t)column[i];
    philox_blocks(job->seed, space->path, key, space->booking_last, n, block);
}

/* Bit j: the plan's discount limit binds on candidate i + j. */
static uint32_t bound_by_limit(workspace *space, const sight *at, int i) {
    for (int j = i; j < i + FLOATS; j++)
        space->bound_by_limit[j] =
            philox_uniform(space->block[2][j], space->block[3][j]) >= at->escapes;
    return list_mask(space->bound_by_limit + i);
}

/* Those of the candidates from i on that the mask names. */
static void add_wins(const workspace *space, wins *into, int i, uint32_t mask) {
    list_append_floats(into->x, into->n, space->candidate_x + i, mask);
    list_append_floats(into->u, into->n, space->candidate_u + i, mask);
    into->n = list_append(into->column, into->n, space->candidate + i, 0, mask);
}

/* Who wins: for every plan a list of its own, and one of all. */
static void find_winners(const recoup_job *job, workspace *space) {
    const recoup_tables *tables = job->tables;
    int n = space->n_candidates, n_terms = tables->n_terms;
    space->n_winners = 0;
    for (int i = 0; i < n; i += FLOATS) {
        floats x = floats_load(space->candidate_x + i), u = floats_load(space->candidate_u + i);
        uint32_t inside = list_inside(i, n), any = 0;
        for (int p = 0; p < job->program->n_plans; p++) {
            const sight *at = &space->sight[p];
            if (at->is_first)
                continue;
            const recoup_outlook *outlook = at->outlook;
            floats p_won = floats_polynomial(last_slot(tables, outlook->win), n_terms, x);
            uint32_t won = inside & floats_below(u, p_won);
            if (at->may_bind) {
                uint32_t bound = bound_by_limit(space, at, i);
                p_won = floats_polynomial(last_slot(tables, outlook->capped_win), n_terms, x);
                uint32_t capped = inside & bound & floats_below(u, p_won);
                won &= ~bound;
                add_wins(space, &at->wins[1], i, capped);
                any |= capped;
            }
            add_wins(space, &at->wins[0], i, won);
            any |= won;
        }
        space->n_winners =
            list_append(space->winner, space->n_winners, space->candidate + i, 0, any);
    }
    list_pad(space->winner, space->n_winners);
}

/* The slot of a win: how many of the slots before the last end before it. */
static void find_slots(const recoup_tables *tables, wins *won, uint32_t win) {
    int n_terms = tables->n_terms;
    for (int i = 0; i < won->n; i += FLOATS) {
        floats x = floats_load(won->x + i), u = floats_load(won->u + i);
        const float *coefficient = tables->coefficient + win;
        floats_ints slot = {0};
        int s = 0;
        for (; s + 4 < tables->n_slots; s += 4, coefficient += 4 * n_terms) {
            floats value[4];
            floats_polynomials(coefficient, n_terms, x, value);
            slot -= (value[0] <= u) + (value[1] <= u) + (value[2] <= u) + (value[3] <= u);
        }
        for (; s < tables->n_slots - 1; s++, coefficient += n_terms)
            slot -= floats_polynomial(coefficient, n_terms, x) <= u;
        memcpy(won->slot + i, &slot, sizeof slot);
    }
}

/* What the deal brings on each of the columns, before the levers' factor: amount × revision, which
 * is lognormal with mean 1. The blocks are those of the list. */
static void revise(const recoup_job *job, workspace *space, double amount, const int32_t *column,
                   int n) {
    const float sigma = (float)job->program->revision_sigma;
    float *restrict revision = space->revision;
    for (int i = 0; i < list_padded(n); i++)
        revision[i] = float_exp(sigma * float_normal(space->block[0][i], space->block[1][i]) -
                                0.5f * sigma * sigma);
    for (int i = 0; i < n; i++)
        space->amount[column[i]] = amount * (double)revision[i];
}

static void book(const recoup_job *job, const workspace *space, const sight *at, const wins *won,
                 int32_t factor) {
    const recoup_tables *tables = job->tables;
    size_t plan = (size_t)at->plan;
    double *unit = job->paths->unit + plan * (size_t)tables->n_units * COLUMNS;
    double *week = job->paths->week + plan * (size_t)job->n_weeks * COLUMNS;
    double *count = job->paths->wins + plan * COLUMNS;
    const int *slot_unit = tables->slot_unit + at->outlook->unit;
    const float *slot_factor = factor < 0 ? space->ones : tables->factor + factor;
    for (int i = 0; i < won->n; i++) {
        int column = won->column[i], slot = won->slot[i];
        double booked = space->amount[column] * (double)slot_factor[slot];
        unit[(size_t)slot_unit[slot] * COLUMNS + (size_t)column] += booked;
        week[(size_t)tables->slot_week[slot] * COLUMNS + (size_t)column] += booked;
        count[column] += 1;
    }
}

static void play_deal(const recoup_job *job, workspace *space, int i) {
    const recoup_program_deal *deal = &job->program->deal[i];
    const recoup_tables *tables = job->tables;
    float bound = find_sights(job, space, i);
    bool may_bind = false, revised = job->program->revision_sigma > 0;
    if (bound <= 0)
        return;
    find_candidates(job, space, deal->key, bound);
    if (space->n_candidates == 0)
        return;
    for (int p = 0; p < job->program->n_plans; p++)
        may_bind |= space->sight[p].may_bind;
    if (may_bind)
        draw_bookings(job, space, deal->key, space->candidate, space->n_candidates);
    find_winners(job, space);
    if (revised && !may_bind)
        draw_bookings(job, space, deal->key, space->winner, space->n_winners);
    if (revised && may_bind)
        revise(job, space, deal->amount, space->candidate, space->n_candidates);
    else if (revised)
        revise(job, space, deal->amount, space->winner, space->n_winners);
    else
        for (int w = 0; w < space->n_winners; w++)
            space->amount[space->winner[w]] = deal->amount;
    for (int p = 0; p < job->program->n_plans; p++) {
        const sight *at = &space->sight[p];
        const recoup_outlook *outlook = at->outlook;
        if (!at->is_first) {
            find_slots(tables, &at->wins[0], outlook->win);
            find_slots(tables, &at->wins[1], outlook->capped_win);
        }
        const wins *won = at->is_first ? space->wins : at->wins;
        book(job, space, at, &won[0], outlook->factor);
        book(job, space, at, &won[1], outlook->capped_factor);
    }
}

void RECOUP_KERNEL(recoup_sample)(const recoup_job *job) {
    void *arrivals;
    workspace *space = prepare(job, &arrivals);
    for (int i = 0; i < job->program->n_deals; i++)
        play_deal(job, space, i);
    points_sample(job, &space->points, arrivals);
}
