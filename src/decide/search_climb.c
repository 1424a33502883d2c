#include "decide/search_climb.h"

#include "base/memory.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- the pool --------------------------------------------------------------------------------- */

bool recoup_search_pool_init(recoup_search_pool *pool, size_t size, int most) {
    *pool = (recoup_search_pool){.size = size, .most = most};
    pool->selection = RECOUP_NEW(uint8_t, size * (size_t)most);
    pool->mean = RECOUP_NEW(double, most);
    return pool->selection && pool->mean;
}

void recoup_search_pool_clear(recoup_search_pool *pool) {
    free(pool->selection);
    free(pool->mean);
    pool->selection = NULL;
    pool->mean = NULL;
}

static bool is_in(const recoup_search_pool *pool, const uint8_t *selection, double mean) {
    for (int i = 0; i < pool->n; i++)
        if (pool->mean[i] == mean &&
            memcmp(pool->selection + (size_t)i * pool->size, selection, pool->size) == 0)
            return true;
    return false;
}

static void offer(recoup_search_pool *pool, const recoup_surrogate *surrogate,
                  const uint8_t *selection) {
    /* The mean is computed anew: sums of changes would tell equal selections apart. */
    double mean = recoup_surrogate_mean(surrogate, selection);
    bool is_full = pool->n == pool->most;
    if ((is_full && mean <= pool->mean[pool->worst]) || is_in(pool, selection, mean) ||
        pool->is_known(pool->user, selection))
        return;
    int at = is_full ? pool->worst : pool->n++;
    memcpy(pool->selection + (size_t)at * pool->size, selection, pool->size);
    pool->mean[at] = mean;
    pool->worst = 0;
    for (int i = 1; i < pool->n; i++)
        if (pool->mean[i] < pool->mean[pool->worst])
            pool->worst = i;
}

/* --- moves ------------------------------------------------------------------------------------ */

typedef struct climb {
    const recoup_surrogate *surrogate;
    const recoup_search_problem *problem;
    double budget;
    uint8_t *selection;
    double cost, hours;
    double *field; /* [candidate]: sum over the others chosen of g_ij x_j */
    recoup_search_pool *pool;
} climb;

/* One candidate's other level, and what it changes. */
typedef struct step {
    int candidate, level;
    double size, value, cost, hours;
} step;

static double size_of(const climb *c, int i, int level) {
    return level ? c->surrogate->size[c->surrogate->first[i] + level - 1] : 0;
}

static double effect_of(const climb *c, int i, int level) {
    return level ? c->surrogate->effect[c->surrogate->first[i] + level - 1] : 0;
}

static step step_to(const climb *c, int i, int level) {
    const recoup_search_candidate *candidate = &c->problem->candidate[i];
    int old = c->selection[i];
    step s = {.candidate = i, .level = level, .size = size_of(c, i, level) - size_of(c, i, old)};
    s.value = effect_of(c, i, level) - effect_of(c, i, old) + s.size * c->field[i];
    s.cost = (level ? candidate->cost[level - 1] : 0) - (old ? candidate->cost[old - 1] : 0);
    s.hours = (level ? candidate->hours[level - 1] : 0) - (old ? candidate->hours[old - 1] : 0);
    return s;
}

static bool fits(const climb *c, double cost, double hours) {
    return recoup_search_is_within(c->cost + cost, c->budget) &&
           recoup_search_is_within(c->hours + hours, c->problem->hours);
}

/* Whether the rules hold after both steps. */
static bool is_allowed(const climb *c, const step *a, const step *b) {
    uint8_t *selection = c->selection, old_a = selection[a->candidate], old_b = 0;
    selection[a->candidate] = (uint8_t)a->level;
    if (b) {
        old_b = selection[b->candidate];
        selection[b->candidate] = (uint8_t)b->level;
    }
    bool allowed = recoup_search_is_allowed(c->problem, selection);
    if (b)
        selection[b->candidate] = old_b;
    selection[a->candidate] = old_a;
    return allowed;
}

static void take(climb *c, const step *s) {
    int n = c->problem->n_candidates;
    c->selection[s->candidate] = (uint8_t)s->level;
    for (int j = 0; j < n; j++)
        c->field[j] += c->surrogate->pair[s->candidate * n + j] * s->size;
    c->cost = recoup_search_cost_of(c->problem, c->selection);
    c->hours = recoup_search_hours_of(c->problem, c->selection);
}

/* Offers the selection after the steps. */
static void offer_after(const climb *c, const step *a, const step *b) {
    uint8_t *selection = c->selection, old_a = selection[a->candidate], old_b = 0;
    selection[a->candidate] = (uint8_t)a->level;
    if (b) {
        old_b = selection[b->candidate];
        selection[b->candidate] = (uint8_t)b->level;
    }
    offer(c->pool, c->surrogate, selection);
    if (b)
        selection[b->candidate] = old_b;
    selection[a->candidate] = old_a;
}

/* What is looked for among the neighbours: the best gain, or (collecting) all that the pool might
 * take, where `here` is the value of the selection itself. */
typedef struct look {
    bool is_collecting;
    double here, gain;
    step best[2];
    int n_best;
} look;

static void look_at(const climb *c, look *l, const step *a, const step *b, double gain) {
    if (l->is_collecting) {
        bool is_wanted = c->pool->n < c->pool->most ||
                         l->here + gain >= c->pool->mean[c->pool->worst] - 1e-9 * fabs(l->here);
        if (is_wanted && is_allowed(c, a, b))
            offer_after(c, a, b);
    } else if (gain > l->gain && is_allowed(c, a, b)) {
        l->gain = gain;
        l->n_best = b ? 2 : 1;
        l->best[0] = *a;
        l->best[1] = b ? *b : *a;
    }
}

static void look_around_pair(const climb *c, look *l, const step *a) {
    int n = c->problem->n_candidates;
    for (int j = a->candidate + 1; j < n; j++)
        for (int level = 0; level <= c->problem->candidate[j].n_levels; level++) {
            if (level == c->selection[j])
                continue;
            step b = step_to(c, j, level);
            if (fits(c, a->cost + b.cost, a->hours + b.hours))
                look_at(c, l, a, &b,
                        a->value + b.value +
                            c->surrogate->pair[a->candidate * n + j] * a->size * b.size);
        }
}

static void look_around(const climb *c, look *l, bool with_pairs) {
    for (int i = 0; i < c->problem->n_candidates; i++)
        for (int level = 0; level <= c->problem->candidate[i].n_levels; level++) {
            if (level == c->selection[i])
                continue;
            step a = step_to(c, i, level);
            if (fits(c, a.cost, a.hours))
                look_at(c, l, &a, NULL, a.value);
            if (with_pairs)
                look_around_pair(c, l, &a);
        }
}

/* One step up, of single candidates where there is one; false at the top. */
static bool step_up(climb *c) {
    double least = 1e-12 * fabs(c->surrogate->base) + 1e-300; /* rounding is no gain */
    for (int with_pairs = 0; with_pairs < 2; with_pairs++) {
        look l = {.gain = least};
        look_around(c, &l, with_pairs);
        for (int k = 0; k < l.n_best; k++)
            take(c, &l.best[k]);
        if (l.n_best)
            return true;
    }
    return false;
}

bool recoup_search_climb(const recoup_surrogate *surrogate, double budget, uint8_t *selection,
                         recoup_search_pool *pool) {
    const recoup_search_problem *problem = surrogate->problem;
    int n = problem->n_candidates;
    climb c = {.surrogate = surrogate,
               .problem = problem,
               .budget = budget,
               .selection = selection,
               .cost = recoup_search_cost_of(problem, selection),
               .hours = recoup_search_hours_of(problem, selection),
               .pool = pool};
    c.field = RECOUP_NEW(double, n);
    if (!c.field)
        return false;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            c.field[i] += surrogate->pair[i * n + j] * size_of(&c, j, selection[j]);
    /* Each step is up by more than rounding; the bound is for sums that round in a circle. */
    for (int i = 0; i < 100 * n && step_up(&c); i++)
        continue;
    offer(pool, surrogate, selection);
    look l = {.is_collecting = true, .here = recoup_surrogate_mean(surrogate, selection)};
    look_around(&c, &l, true);
    free(c.field);
    return true;
}

/* --- random starts ---------------------------------------------------------------------------- */

/* Steele, Lea & Flood 2014 (splitmix64): starts need to differ, nothing more. */
static uint64_t next_random(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Chooses the candidate at a random level, and what it requires, unless these are chosen. */
static void choose_with_required(const recoup_search_problem *problem, int i, uint64_t *state,
                                 uint8_t *selection) {
    if (selection[i])
        return;
    selection[i] = (uint8_t)(1 + next_random(state) % (uint64_t)problem->candidate[i].n_levels);
    for (int k = 0; k < problem->n_requirements; k++)
        if (problem->requirement[k].candidate == i)
            choose_with_required(problem, problem->requirement[k].other, state, selection);
}

bool recoup_search_fill(const recoup_search_problem *problem, double budget, uint64_t *state,
                        uint8_t *selection) {
    int n = problem->n_candidates;
    int *order = RECOUP_NEW(int, n);
    uint8_t *tried = RECOUP_NEW(uint8_t, n);
    memset(selection, 0, (size_t)n);
    for (int i = 0; order && tried && i < n; i++) {
        int at = (int)(next_random(state) % (uint64_t)(i + 1));
        order[i] = order[at];
        order[at] = i;
    }
    for (int i = 0; order && tried && i < n; i++) {
        memcpy(tried, selection, (size_t)n);
        choose_with_required(problem, order[i], state, tried);
        if (recoup_search_is_within(recoup_search_cost_of(problem, tried), budget) &&
            recoup_search_is_within(recoup_search_hours_of(problem, tried), problem->hours) &&
            recoup_search_is_allowed(problem, tried))
            memcpy(selection, tried, (size_t)n);
    }
    bool done = order && tried;
    free(order);
    free(tried);
    return done;
}
