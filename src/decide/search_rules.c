#include "decide/search.h"

#include "base/memory.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

double recoup_search_cost_of(const recoup_search_problem *problem, const uint8_t *selection) {
    double sum = 0;
    for (int i = 0; i < problem->n_candidates; i++)
        sum += selection[i] ? problem->candidate[i].cost[selection[i] - 1] : 0;
    return sum;
}

double recoup_search_hours_of(const recoup_search_problem *problem, const uint8_t *selection) {
    double sum = 0;
    for (int i = 0; i < problem->n_candidates; i++)
        sum += selection[i] ? problem->candidate[i].hours[selection[i] - 1] : 0;
    return sum;
}

bool recoup_search_is_within(double sum, double limit) {
    return sum <= limit + 1e-12 * fabs(limit);
}

bool recoup_search_is_allowed(const recoup_search_problem *problem, const uint8_t *selection) {
    for (int i = 0; i < problem->n_exclusions; i++)
        if (selection[problem->exclusion[i].candidate] && selection[problem->exclusion[i].other])
            return false;
    for (int i = 0; i < problem->n_requirements; i++)
        if (selection[problem->requirement[i].candidate] &&
            !selection[problem->requirement[i].other])
            return false;
    return true;
}

/* --- all of them ------------------------------------------------------------------------------ */

/* Partial selections to look at before giving up on counting: rules can make nearly all of them
 * lead nowhere. */
enum { MOST_STEPS = 2000000 };

typedef struct listing {
    const recoup_search_problem *problem;
    uint8_t *selection; /* being made */
    uint8_t *list;
    size_t capacity;
    int n, most, steps;
    bool failed, too_many;
} listing;

/* Whether the rules among the first n candidates hold; those with a later one are still open. */
static bool is_allowed_so_far(const recoup_search_problem *problem, const uint8_t *selection,
                              int n) {
    for (int i = 0; i < problem->n_exclusions; i++) {
        const recoup_search_rule *rule = &problem->exclusion[i];
        if (rule->candidate < n && rule->other < n && selection[rule->candidate] &&
            selection[rule->other])
            return false;
    }
    for (int i = 0; i < problem->n_requirements; i++) {
        const recoup_search_rule *rule = &problem->requirement[i];
        if (rule->candidate < n && rule->other < n && selection[rule->candidate] &&
            !selection[rule->other])
            return false;
    }
    return true;
}

static void keep(listing *l) {
    size_t size = (size_t)l->problem->n_candidates;
    l->too_many = l->n == l->most;
    if (l->too_many)
        return;
    while (!l->failed && l->capacity < ((size_t)l->n + 1) * size)
        l->failed = !RECOUP_GROW(l->list, l->capacity, l->capacity);
    if (!l->failed && l->list)
        memcpy(l->list + (size_t)l->n++ * size, l->selection, size);
}

static void list_from(listing *l, int i) {
    const recoup_search_problem *problem = l->problem;
    if (i == problem->n_candidates) {
        keep(l);
        return;
    }
    for (int level = 0; level <= problem->candidate[i].n_levels; level++) {
        l->too_many = l->too_many || ++l->steps > MOST_STEPS;
        if (l->too_many || l->failed)
            return;
        l->selection[i] = (uint8_t)level;
        if (recoup_search_is_within(recoup_search_cost_of(problem, l->selection),
                                    problem->budget) &&
            recoup_search_is_within(recoup_search_hours_of(problem, l->selection),
                                    problem->hours) &&
            is_allowed_so_far(problem, l->selection, i + 1))
            list_from(l, i + 1);
    }
    l->selection[i] = 0;
}

bool recoup_search_list(const recoup_search_problem *problem, int most, uint8_t **selection,
                        int *n) {
    listing l = {.problem = problem, .most = most};
    l.selection = RECOUP_NEW(uint8_t, problem->n_candidates);
    if (!l.selection)
        return false;
    list_from(&l, 0);
    free(l.selection);
    *n = l.too_many ? -1 : l.n;
    if (l.too_many || l.failed) {
        free(l.list);
        l.list = NULL;
    }
    *selection = l.list;
    return !l.failed;
}
