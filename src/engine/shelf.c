#include "engine/shelf.h"

#include "base/memory.h"
#include <stdlib.h>

static const size_t most_bytes = (size_t)512 << 20;

struct recoup_shelf {
    recoup_tables **tables; /* [draw]; NULL: none */
    size_t capacity;
    int n;
    size_t bytes; /* of all that lie here */
};

recoup_shelf *recoup_shelf_create(void) {
    return RECOUP_NEW(recoup_shelf, 1);
}

void recoup_shelf_free(recoup_shelf *shelf) {
    if (!shelf)
        return;
    for (int d = 0; d < shelf->n; d++)
        recoup_tables_free(shelf->tables[d]);
    free(shelf->tables);
    free(shelf);
}

bool recoup_shelf_reserve(recoup_shelf *shelf, int n_draws) {
    while (shelf->n < n_draws) {
        if (!RECOUP_GROW(shelf->tables, shelf->n, shelf->capacity))
            return false;
        shelf->tables[shelf->n++] = NULL;
    }
    return true;
}

recoup_tables *recoup_shelf_take(recoup_shelf *shelf, int draw, recoup_isa isa,
                                 const recoup_program *program) {
    recoup_tables *tables = NULL;
#pragma omp critical(recoup_shelf)
    if (draw < shelf->n && shelf->tables[draw] && shelf->tables[draw]->isa == isa) {
        tables = shelf->tables[draw];
        shelf->tables[draw] = NULL;
        shelf->bytes -= recoup_arena_bytes(&tables->arena);
    }
    if (tables)
        tables->program = program;
    return tables;
}

void recoup_shelf_put(recoup_shelf *shelf, int draw, recoup_tables *tables) {
    size_t bytes = recoup_arena_bytes(&tables->arena);
    bool is_kept = false;
#pragma omp critical(recoup_shelf)
    if (draw < shelf->n && !shelf->tables[draw] && shelf->bytes + bytes <= most_bytes) {
        shelf->tables[draw] = tables;
        shelf->bytes += bytes;
        is_kept = true;
    }
    if (!is_kept)
        recoup_tables_free(tables);
}
