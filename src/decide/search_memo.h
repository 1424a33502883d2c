/* What a search has evaluated, found again by its selection. */
#ifndef RECOUP_DECIDE_SEARCH_MEMO_H
#define RECOUP_DECIDE_SEARCH_MEMO_H

#include "decide/search.h"
#include <stddef.h>

typedef struct recoup_search_memo {
    size_t size; /* bytes of a selection */
    int n;
    size_t selection_capacity, value_capacity;
    uint8_t *selection;
    double *value;
    size_t n_slots; /* a power of two, at least twice n */
    int *slot;      /* index + 1 of the selection that hashes there, 0: free */
} recoup_search_memo;

/* Zeroed but for `size` it is empty. */
void recoup_search_memo_clear(recoup_search_memo *memo);
const uint8_t *recoup_search_memo_selection(const recoup_search_memo *memo, int index);
/* Index, -1: not there. */
int recoup_search_memo_find(const recoup_search_memo *memo, const uint8_t *selection);
/* Adds one that is not there; its value is NaN. False: out of memory. */
bool recoup_search_memo_add(recoup_search_memo *memo, const uint8_t *selection);

#endif
