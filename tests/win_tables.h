/* Programs and win tables of worlds. */
#ifndef RECOUP_TESTS_WIN_TABLES_H
#define RECOUP_TESTS_WIN_TABLES_H

#include "program/tables.h"
#include "world.h"

static inline recoup_program *make_program(const world *w) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_program *program = NULL;
    require_ok(recoup_program_create(w->scenario, w->model, w->view, &program, &error), &error);
    return program;
}

/* On a grid found (NULL) or given. */
static inline recoup_tables *make_tables(const recoup_program *program,
                                         const recoup_tables_grid *grid) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_tables *tables = NULL;
    require_ok(recoup_tables_create(program, grid, recoup_isa_find(NULL), &tables, &error), &error);
    return tables;
}

/* All three in one. */
typedef struct compiled {
    world world;
    recoup_program *program;
    recoup_tables *tables;
} compiled;

static inline compiled compile(world of) {
    compiled c = {.world = of, .program = make_program(&of)};
    c.tables = make_tables(c.program, NULL);
    return c;
}

static inline void free_compiled(compiled *c) {
    recoup_tables_free(c->tables);
    recoup_program_free(c->program);
    free_world(&c->world);
}

/* Of the win tables: P(won by the end of the slot | Z) of an open deal. */
static inline double win_of(const recoup_tables *tables, uint32_t row, int slot, double market) {
    double x = recoup_tables_x(market), sum = 0;
    const float *c = tables->coefficient + row + slot * tables->n_terms;
    for (int k = tables->n_terms - 1; k >= 0; k--)
        sum = sum * x + (double)c[k];
    return sum;
}

static inline const recoup_outlook *outlook_of(const recoup_tables *tables, int plan, int deal) {
    return &tables->outlook[plan * tables->program->n_deals + deal];
}

#endif
