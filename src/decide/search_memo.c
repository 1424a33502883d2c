#include "decide/search_memo.h"

#include "base/memory.h"
#include "base/names.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

void recoup_search_memo_clear(recoup_search_memo *memo) {
    free(memo->selection);
    free(memo->value);
    free(memo->slot);
    *memo = (recoup_search_memo){.size = memo->size};
}

const uint8_t *recoup_search_memo_selection(const recoup_search_memo *memo, int index) {
    return memo->selection + (size_t)index * memo->size;
}

/* The slot that holds the selection, or the free one where it belongs. */
static size_t find_slot(const recoup_search_memo *memo, const uint8_t *selection) {
    size_t at = (size_t)recoup_hash(RECOUP_HASH_START, selection, memo->size) & (memo->n_slots - 1);
    while (memo->slot[at] && memcmp(recoup_search_memo_selection(memo, memo->slot[at] - 1),
                                    selection, memo->size) != 0)
        at = (at + 1) & (memo->n_slots - 1);
    return at;
}

int recoup_search_memo_find(const recoup_search_memo *memo, const uint8_t *selection) {
    return memo->n_slots ? memo->slot[find_slot(memo, selection)] - 1 : -1;
}

static bool reserve_slots(recoup_search_memo *memo) {
    if (2 * ((size_t)memo->n + 1) <= memo->n_slots)
        return true;
    size_t larger = memo->n_slots ? 2 * memo->n_slots : 256;
    int *slot = RECOUP_NEW(int, larger);
    if (!slot)
        return false;
    free(memo->slot);
    memo->slot = slot;
    memo->n_slots = larger;
    for (int i = 0; i < memo->n; i++)
        memo->slot[find_slot(memo, recoup_search_memo_selection(memo, i))] = i + 1;
    return true;
}

bool recoup_search_memo_add(recoup_search_memo *memo, const uint8_t *selection) {
    size_t used = (size_t)memo->n * memo->size;
    if (!reserve_slots(memo) || !RECOUP_GROW(memo->value, memo->n, memo->value_capacity))
        return false;
    while (memo->selection_capacity < used + memo->size)
        if (!RECOUP_GROW(memo->selection, memo->selection_capacity, memo->selection_capacity))
            return false;
    size_t at = find_slot(memo, selection);
    memcpy(memo->selection + used, selection, memo->size);
    memo->value[memo->n++] = NAN;
    memo->slot[at] = memo->n;
    return true;
}
