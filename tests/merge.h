/* One chunk, counted and added: as a single worker does it. */
#ifndef RECOUP_TESTS_MERGE_H
#define RECOUP_TESTS_MERGE_H

#include "tally/tally.h"

static inline recoup_status merge_chunk(recoup_tally *tally, const recoup_chunk *chunk) {
    recoup_arena arena = {0};
    recoup_sums *sums = recoup_sums_new(&arena, &tally->shape, 1);
    recoup_status status = sums ? recoup_tally_count(tally, chunk, NULL) : RECOUP_ENOMEM;
    if (status == RECOUP_OK) {
        recoup_sums_set(sums, &tally->shape, chunk);
        recoup_tally_add(tally, sums);
    }
    recoup_arena_clear(&arena);
    return status;
}

#endif
