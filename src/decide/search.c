#include "decide/search.h"

#include "base/error.h"
#include "base/memory.h"
#include "decide/search_climb.h"
#include "decide/search_memo.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* How a round of proposals is made up. */
enum {
    PATIENCE = 3, /* rounds without a better selection */
    POOL = 256,
    KNOWN_STARTS = 12,
    RANDOM_STARTS = 12,
    PROPOSALS = 24,      /* for the budget itself */
    SMALLER_BUDGETS = 4, /* fifths of it */
    SMALLER_STARTS = 3,  /* known and random ones for each of these */
    SMALLER_PROPOSALS = 3
};

struct recoup_search {
    const recoup_search_problem *problem;
    recoup_search_options options;
    recoup_search_memo memo;
    int n_valued; /* of the memo's selections, those whose value is there */
    bool is_exhaustive;
    recoup_surrogate surrogate;
    double surprise; /* what a standard deviation of the surrogate is to be multiplied by */
    uint64_t random;
    int evaluation_limit;
};

void recoup_search_free(recoup_search *search) {
    if (!search)
        return;
    recoup_surrogate_clear(&search->surrogate);
    recoup_search_memo_clear(&search->memo);
    free(search);
}

/* --- what is known ---------------------------------------------------------------------------- */

bool recoup_search_is_exhaustive(const recoup_search *search) {
    return search->is_exhaustive;
}

int recoup_search_n(const recoup_search *search) {
    return search->n_valued;
}

const uint8_t *recoup_search_selection(const recoup_search *search, int index) {
    return recoup_search_memo_selection(&search->memo, index);
}

double recoup_search_value(const recoup_search *search, int index) {
    return search->memo.value[index];
}

double recoup_search_cost(const recoup_search *search, int index) {
    return recoup_search_cost_of(search->problem, recoup_search_selection(search, index));
}

double recoup_search_hours(const recoup_search *search, int index) {
    return recoup_search_hours_of(search->problem, recoup_search_selection(search, index));
}

static bool is_feasible(const recoup_search *search, int index, double budget) {
    return recoup_search_is_within(recoup_search_cost(search, index), budget) &&
           recoup_search_is_within(recoup_search_hours(search, index), search->problem->hours) &&
           recoup_search_is_allowed(search->problem, recoup_search_selection(search, index));
}

bool recoup_search_is_feasible(const recoup_search *search, int index) {
    return is_feasible(search, index, search->problem->budget);
}

/* Whether a is to be preferred to b. */
static bool is_better(const recoup_search *search, int a, int b) {
    double value[2] = {recoup_search_value(search, a), recoup_search_value(search, b)};
    double cost[2] = {recoup_search_cost(search, a), recoup_search_cost(search, b)};
    if (value[0] != value[1])
        return value[0] > value[1];
    if (cost[0] != cost[1])
        return cost[0] < cost[1];
    return recoup_search_hours(search, a) < recoup_search_hours(search, b);
}

int recoup_search_best(const recoup_search *search, double budget) {
    int best = 0;
    for (int i = 1; i < search->n_valued; i++)
        if (is_feasible(search, i, fmin(budget, search->problem->budget)) &&
            is_better(search, i, best))
            best = i;
    return best;
}

int recoup_search_cheapest(const recoup_search *search, double target) {
    int cheapest = -1;
    for (int i = 0; i < search->n_valued; i++) {
        if (!(recoup_search_value(search, i) >= target) || !recoup_search_is_feasible(search, i))
            continue;
        double cost = recoup_search_cost(search, i);
        double least = cheapest < 0 ? INFINITY : recoup_search_cost(search, cheapest);
        if (cheapest < 0 || cost < least || (cost == least && is_better(search, i, cheapest)))
            cheapest = i;
    }
    return cheapest;
}

/* --- evaluating ------------------------------------------------------------------------------- */

/* Values what the memo has taken up since the last time. */
static recoup_status evaluate_new(recoup_search *search, recoup_error *error) {
    recoup_status status = RECOUP_OK;
    while (search->n_valued < search->memo.n && status == RECOUP_OK) {
        int from = search->n_valued, n = search->memo.n - from;
        n = n < search->options.batch ? n : search->options.batch;
        status = search->problem->evaluate(search->problem->user, n,
                                           recoup_search_memo_selection(&search->memo, from),
                                           search->memo.value + from, error);
        if (status == RECOUP_OK)
            search->n_valued += n;
    }
    return status;
}

static bool is_known(const void *user, const uint8_t *selection) {
    const recoup_search *search = user;
    return recoup_search_memo_find(&search->memo, selection) >= 0;
}

static recoup_status evaluate_all(recoup_search *search, const uint8_t *list, int n,
                                  recoup_error *error) {
    for (int i = 0; i < n; i++)
        if (!recoup_search_memo_add(&search->memo, list + (size_t)i * search->memo.size))
            return recoup_fail_memory(error);
    search->is_exhaustive = true;
    return evaluate_new(search, error);
}

/* How many standard deviations the evaluations from `from` on are off, in root mean square. */
static double measure_surprise(recoup_search *search, int from) {
    recoup_surrogate *surrogate = &search->surrogate;
    double squares = 0;
    for (int i = from; i < search->n_valued; i++) {
        const uint8_t *selection = recoup_search_selection(search, i);
        double value = recoup_surrogate_scale(search->problem, recoup_search_value(search, i));
        double off = value - recoup_surrogate_mean(surrogate, selection);
        double sd = hypot(recoup_surrogate_sd(surrogate, selection), surrogate->noise_sd);
        squares += off * off / (sd * sd) / (search->n_valued - from);
    }
    return sqrt(squares);
}

/* Tells the surrogate of the evaluations from `from` on. */
static recoup_status learn(recoup_search *search, int from, recoup_error *error) {
    search->surprise = fmax(1, measure_surprise(search, from));
    for (int i = from; i < search->n_valued; i++)
        if (!recoup_surrogate_add(&search->surrogate, recoup_search_selection(search, i),
                                  recoup_search_value(search, i)))
            return recoup_fail_memory(error);
    recoup_surrogate_fit(&search->surrogate);
    return RECOUP_OK;
}

/* Nothing, and every level of every candidate alone. */
static recoup_status evaluate_alone(recoup_search *search, recoup_error *error) {
    const recoup_search_problem *problem = search->problem;
    recoup_status status = RECOUP_OK;
    uint8_t *selection = RECOUP_NEW(uint8_t, search->memo.size);
    bool done = selection && recoup_search_memo_add(&search->memo, selection);
    for (int i = 0; done && i < problem->n_candidates; i++) {
        for (int level = 1; done && level <= problem->candidate[i].n_levels; level++) {
            selection[i] = (uint8_t)level;
            done = recoup_search_memo_add(&search->memo, selection);
        }
        if (done)
            selection[i] = 0;
    }
    free(selection);
    status = done ? evaluate_new(search, error) : recoup_fail_memory(error);
    if (status == RECOUP_OK &&
        !recoup_surrogate_init(&search->surrogate, problem, search->memo.value[0],
                               search->memo.value + 1))
        status = recoup_fail_memory(error);
    return status == RECOUP_OK ? learn(search, 0, error) : status;
}

/* --- proposing -------------------------------------------------------------------------------- */

/* The best n known ones within a budget: of each rank one more. */
static int list_best(const recoup_search *search, double budget, int n, int *index) {
    int found = 0;
    for (int i = 0; i < search->n_valued; i++) {
        if (!is_feasible(search, i, budget))
            continue;
        int at = found < n ? found++ : n;
        while (at > 0 && is_better(search, i, index[at - 1])) {
            if (at < n)
                index[at] = index[at - 1];
            at--;
        }
        if (at < n)
            index[at] = i;
    }
    return found;
}

static bool fill_pool(recoup_search *search, double budget, int n_starts,
                      recoup_search_pool *pool) {
    const recoup_search_problem *problem = search->problem;
    int index[KNOWN_STARTS];
    int n_known = list_best(search, budget, n_starts, index);
    uint8_t *selection = RECOUP_NEW(uint8_t, search->memo.size);
    bool done = selection && recoup_search_climb(&search->surrogate, budget, selection, pool);
    for (int i = 0; i < n_known && done; i++) {
        memcpy(selection, recoup_search_selection(search, index[i]), search->memo.size);
        done = recoup_search_climb(&search->surrogate, budget, selection, pool);
    }
    for (int i = 0; i < n_starts && done; i++)
        done = recoup_search_fill(problem, budget, &search->random, selection) &&
               recoup_search_climb(&search->surrogate, budget, selection, pool);
    free(selection);
    return done;
}

/* Into the memo: half of n by the mean, the others by what is just plausible. */
static bool take_from(recoup_search *search, recoup_search_pool *pool, int n) {
    double *hope = RECOUP_NEW(double, pool->n);
    if (!hope)
        return false;
    for (int i = 0; i < pool->n; i++)
        hope[i] = pool->mean[i] + 2 * search->surprise *
                                      recoup_surrogate_sd(&search->surrogate,
                                                          pool->selection + (size_t)i * pool->size);
    bool done = true;
    for (int k = 0; k < n && k < pool->n && done; k++) {
        const double *score = k < n / 2 ? pool->mean : hope;
        int best = -1;
        for (int i = 0; i < pool->n; i++)
            if (!isnan(hope[i]) && (best < 0 || score[i] > score[best]))
                best = i;
        hope[best] = NAN; /* taken */
        done = recoup_search_memo_add(&search->memo, pool->selection + (size_t)best * pool->size);
    }
    free(hope);
    return done;
}

static recoup_status propose(recoup_search *search, double budget, int n_starts, int n,
                             recoup_error *error) {
    recoup_search_pool pool;
    bool done = recoup_search_pool_init(&pool, search->memo.size, POOL);
    pool.is_known = is_known;
    pool.user = search;
    int left = search->evaluation_limit - search->memo.n;
    done = done && fill_pool(search, budget, n_starts, &pool) &&
           take_from(search, &pool, n < left ? n : left);
    recoup_search_pool_clear(&pool);
    return done ? RECOUP_OK : recoup_fail_memory(error);
}

/* What all candidates cost at their dearest levels. */
static double total_cost(const recoup_search_problem *problem) {
    double total = 0;
    for (int i = 0; i < problem->n_candidates; i++) {
        double most = 0;
        for (int k = 0; k < problem->candidate[i].n_levels; k++)
            most = fmax(most, problem->candidate[i].cost[k]);
        total += most;
    }
    return total;
}

/* Proposals for a budget and for smaller ones, evaluated and learnt from. */
static recoup_status do_round(recoup_search *search, double budget, recoup_error *error) {
    int from = search->n_valued;
    double largest = fmin(budget, total_cost(search->problem));
    recoup_status status = propose(search, budget, KNOWN_STARTS, PROPOSALS, error);
    for (int k = SMALLER_BUDGETS; k >= 1 && largest > 0 && status == RECOUP_OK; k--)
        status = propose(search, largest * k / (SMALLER_BUDGETS + 1), SMALLER_STARTS,
                         SMALLER_PROPOSALS, error);
    if (status == RECOUP_OK)
        status = evaluate_new(search, error);
    return status == RECOUP_OK ? learn(search, from, error) : status;
}

static recoup_status maximise(recoup_search *search, recoup_error *error) {
    recoup_status status = RECOUP_OK;
    int best = 0, n_before = 0;
    for (int idle = 0; idle < PATIENCE && status == RECOUP_OK &&
                       search->n_valued < search->evaluation_limit && search->n_valued > n_before;
         idle++) {
        n_before = search->n_valued;
        status = do_round(search, search->problem->budget, error);
        int now = recoup_search_best(search, INFINITY);
        if (now != best)
            idle = -1;
        best = now;
    }
    return status;
}

recoup_status recoup_search_create(const recoup_search_problem *problem,
                                   const recoup_search_options *options, recoup_search **search,
                                   recoup_error *error) {
    recoup_search *made = RECOUP_NEW(recoup_search, 1);
    uint8_t *list = NULL;
    int n = 0;
    if (!made)
        return recoup_fail_memory(error);
    made->problem = problem;
    made->options = *options;
    made->memo.size = (size_t)problem->n_candidates;
    made->random = options->seed;
    made->evaluation_limit = options->max_evaluations;
    recoup_status status = RECOUP_OK;
    if (!recoup_search_list(problem, options->max_exhaustive, &list, &n))
        status = recoup_fail_memory(error);
    else if (n >= 0)
        status = evaluate_all(made, list, n, error);
    else
        status = evaluate_alone(made, error);
    if (status == RECOUP_OK && !made->is_exhaustive)
        status = maximise(made, error);
    free(list);
    if (status == RECOUP_OK)
        *search = made;
    else
        recoup_search_free(made);
    return status;
}

recoup_status recoup_search_reach(recoup_search *search, double target, recoup_error *error) {
    recoup_status status = RECOUP_OK;
    int cheapest = recoup_search_cheapest(search, target), n_before = 0;
    search->evaluation_limit = search->n_valued + search->options.max_evaluations;
    for (int idle = 0;
         idle < PATIENCE && cheapest >= 0 && recoup_search_cost(search, cheapest) > 0 &&
         !search->is_exhaustive && status == RECOUP_OK &&
         search->n_valued < search->evaluation_limit && search->n_valued > n_before;
         idle++) {
        n_before = search->n_valued;
        /* Strictly cheaper: what reaches the target with less is the best within less. */
        double less = recoup_search_cost(search, cheapest) * (1 - 1e-9);
        status = do_round(search, less, error);
        int now = recoup_search_cheapest(search, target);
        if (now != cheapest)
            idle = -1;
        cheapest = now;
    }
    return status;
}
