#include "decide/tries.h"

#include <stdlib.h>
#include <string.h>

enum { AT_ONCE = 32 }; /* even; variants that share win tables where their plans agree */

void recoup_tries_clear(recoup_tries *tries) {
    recoup_arena_clear(&tries->arena);
    free(tries->variant);
    *tries = (recoup_tries){0};
}

int recoup_tries_add(recoup_tries *tries, const recoup_plan *plan, recoup_lever **lever) {
    size_t n = (size_t)plan->n_levers;
    recoup_lever *copy = recoup_arena_alloc(&tries->arena, n, sizeof *copy);
    if (!copy || !RECOUP_GROW(tries->variant, tries->n, tries->capacity))
        return -1;
    if (n > 0)
        memcpy(copy, plan->lever, n * sizeof *copy);
    if (lever)
        *lever = copy;
    tries->variant[tries->n] =
        (recoup_variant){.name = plan->name, .n_levers = plan->n_levers, .lever = copy};
    return tries->n++;
}

bool recoup_tries_change(recoup_tries *tries, int i, const recoup_change *change) {
    recoup_change *copy = recoup_arena_alloc(&tries->arena, 1, sizeof *copy);
    if (!copy)
        return false;
    *copy = *change;
    tries->variant[i].n_changes = 1;
    tries->variant[i].change = copy;
    return true;
}

/* --- evaluation ------------------------------------------------------------------------------- */

/* n rows of `width` numbers behind the `have` rows that *to holds. */
static bool append(double **to, const double *from, int have, int n, int width) {
    size_t size = (size_t)width * sizeof **to;
    double *grown = realloc(*to, (size_t)(have + n) * size);
    if (!grown)
        return false;
    *to = grown;
    memcpy(grown + (size_t)have * (size_t)width, from, (size_t)n * size);
    return true;
}

static recoup_status gather(recoup_evaluation *all, const recoup_evaluation *part,
                            recoup_error *error) {
    int have = all->n_variants, n = part->n_variants;
    all->n_draws = part->n_draws;
    all->n_replicates = part->n_replicates;
    bool done = append(&all->hit, part->hit, have, n, 1) &&
                append(&all->hit_se, part->hit_se, have, n, 1) &&
                append(&all->hit_draw, part->hit_draw, have, n, part->n_draws) &&
                append(&all->hit_replicate, part->hit_replicate, have, n, part->n_replicates) &&
                append(&all->mean, part->mean, have, n, 1) &&
                append(&all->sd, part->sd, have, n, 1) &&
                append(&all->shortfall, part->shortfall, have, n, 1);
    all->n_variants = have + n;
    return done ? RECOUP_OK : recoup_fail_memory(error);
}

recoup_status recoup_tries_evaluate(const recoup_tries *tries, const recoup_situation *situation,
                                    int n_draws, const double *market,
                                    recoup_evaluation **evaluation, recoup_error *error) {
    recoup_evaluation *all = RECOUP_NEW(recoup_evaluation, 1);
    recoup_error own = RECOUP_ERROR_INIT; /* the plans' notes were made by the run already */
    recoup_status status = all ? RECOUP_OK : recoup_fail_memory(error);
    for (int first = 0; first < tries->n && status == RECOUP_OK; first += AT_ONCE) {
        int n = tries->n - first < AT_ONCE ? tries->n - first : AT_ONCE;
        recoup_evaluation *part = NULL;
        status =
            recoup_evaluate(situation, tries->variant + first, n, n_draws, market, &part, &own);
        if (status == RECOUP_OK)
            status = gather(all, part, &own);
        recoup_evaluation_free(part);
    }
    if (status != RECOUP_OK)
        recoup_error_merge(error, &own);
    recoup_error_clear(&own);
    if (status == RECOUP_OK)
        *evaluation = all;
    else
        recoup_evaluation_free(all);
    return status;
}
